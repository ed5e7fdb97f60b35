# src/mime: from bytes to decoded text, and from a message to a tree of parts.
noinst_LIBRARIES += src/mime/libmime.a
src_mime_libmime_a_SOURCES = \
	src/mime/address.c src/mime/address.h \
	src/mime/body.c \
	src/mime/decode.c src/mime/decode.h \
	src/mime/describe.c src/mime/describe.h \
	src/mime/encode.c src/mime/encode.h \
	src/mime/envelope.c src/mime/envelope.h \
	src/mime/field.c src/mime/field.h \
	src/mime/html.c src/mime/html.h \
	src/mime/html_build.c src/mime/html_build.h \
	src/mime/html_elements.c src/mime/html_elements.h \
	src/mime/html_style.c src/mime/html_style.h \
	src/mime/html_table.c src/mime/html_table.h \
	src/mime/html_wash.c src/mime/html_wash.h \
	src/mime/message.c src/mime/message.h \
	src/mime/outgoing.c src/mime/outgoing.h src/mime/outgoing_attach.c src/mime/outgoing_fields.c \
	src/mime/outgoing_header.c src/mime/outgoing_mend.c src/mime/outgoing_private.h \
	src/mime/param.c src/mime/param.h \
	src/mime/structure.c src/mime/structure.h \
	src/mime/text.c \
	src/mime/word.c src/mime/word.h \
	src/mime/write.c src/mime/write.h \
	src/mime/write_body.c src/mime/write_body.h src/mime/write_private.h \
	src/mime/write_file.c \
	src/mime/write_word.c src/mime/write_word.h
src_mime_libmime_a_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) $(GUMBO_CFLAGS)
MIME_LIBS = src/mime/libmime.a $(GMIME_LIBS) $(GUMBO_LIBS) $(BASE_LIBS)

check_PROGRAMS += tests/unit/dump-mime
tests_unit_dump_mime_SOURCES = tests/unit/dump-mime.c
tests_unit_dump_mime_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS)
tests_unit_dump_mime_LDADD = $(MIME_LIBS)

UNIT_TESTS += tests/unit/test-mime-envelope
tests_unit_test_mime_envelope_SOURCES = tests/unit/test-mime-envelope.c
tests_unit_test_mime_envelope_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_mime_envelope_LDADD = $(MIME_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-mime-message
tests_unit_test_mime_message_SOURCES = tests/unit/test-mime-message.c
tests_unit_test_mime_message_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) \
	-DMAIL_FOLDER=\"$(abs_top_srcdir)/tests/mail\"
tests_unit_test_mime_message_LDADD = $(MIME_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-mime-html
tests_unit_test_mime_html_SOURCES = tests/unit/test-mime-html.c
tests_unit_test_mime_html_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_mime_html_LDADD = $(MIME_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-mime-envelope
tests_fuzz_fuzz_mime_envelope_SOURCES = tests/fuzz/fuzz-mime-envelope.c
tests_fuzz_fuzz_mime_envelope_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS)
tests_fuzz_fuzz_mime_envelope_LDADD = $(MIME_LIBS)
tests_fuzz_fuzz_mime_envelope_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

FUZZ_TARGETS += tests/fuzz/fuzz-mime-caps
tests_fuzz_fuzz_mime_caps_SOURCES = tests/fuzz/fuzz-mime-caps.c
tests_fuzz_fuzz_mime_caps_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS)
tests_fuzz_fuzz_mime_caps_LDADD = $(MIME_LIBS)
tests_fuzz_fuzz_mime_caps_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

FUZZ_TARGETS += tests/fuzz/fuzz-mime-message
tests_fuzz_fuzz_mime_message_SOURCES = tests/fuzz/fuzz-mime-message.c
tests_fuzz_fuzz_mime_message_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS)
tests_fuzz_fuzz_mime_message_LDADD = $(MIME_LIBS)
tests_fuzz_fuzz_mime_message_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

FUZZ_TARGETS += tests/fuzz/fuzz-mime-html
tests_fuzz_fuzz_mime_html_SOURCES = tests/fuzz/fuzz-mime-html.c
tests_fuzz_fuzz_mime_html_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS)
tests_fuzz_fuzz_mime_html_LDADD = $(MIME_LIBS)
tests_fuzz_fuzz_mime_html_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-mime-outgoing
tests_unit_test_mime_outgoing_SOURCES = tests/unit/test-mime-outgoing.c
tests_unit_test_mime_outgoing_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_mime_outgoing_LDADD = $(MIME_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-mime-outgoing
tests_fuzz_fuzz_mime_outgoing_SOURCES = tests/fuzz/fuzz-mime-outgoing.c
tests_fuzz_fuzz_mime_outgoing_LDADD = $(MIME_LIBS)
tests_fuzz_fuzz_mime_outgoing_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
