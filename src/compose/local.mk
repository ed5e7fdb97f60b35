# src/compose: drafts, replies, identities, addresses, mailto, from a draft to a message.
noinst_LIBRARIES += src/compose/libcompose.a
src_compose_libcompose_a_SOURCES = \
	src/compose/address.c src/compose/address.h \
	src/compose/alias.c src/compose/alias.h \
	src/compose/attach_output.c src/compose/attach_output.h \
	src/compose/book.c src/compose/book.h \
	src/compose/collect.c src/compose/collect.h \
	src/compose/difference.c src/compose/difference.h \
	src/compose/attach_words.c src/compose/attach_words.h \
	src/compose/draft.c src/compose/draft.h \
	src/compose/draft_file.c src/compose/draft_private.h \
	src/compose/editor.c src/compose/editor.h \
	src/compose/flow.c src/compose/flow.h \
	src/compose/forward.c \
	src/compose/identity.c src/compose/identity.h \
	src/compose/identity_change.c src/compose/identity_change.h \
	src/compose/lookup.c src/compose/lookup.h \
	src/compose/mailto.c src/compose/mailto.h \
	src/compose/markdown.c src/compose/markdown.h \
	src/compose/message.c src/compose/message.h \
	src/compose/message_parts.c src/compose/message_parts.h \
	src/compose/people.c src/compose/people.h \
	src/compose/preview.c src/compose/preview.h \
	src/compose/quote.c src/compose/quote.h \
	src/compose/receipt.c src/compose/receipt.h \
	src/compose/reply.c src/compose/reply.h src/compose/reply_private.h \
	src/compose/resume.c src/compose/resume.h \
	src/compose/send.c src/compose/send.h \
	src/compose/template.c src/compose/template.h \
	src/compose/upload.c src/compose/upload.h \
	src/compose/vcard.c src/compose/vcard.h src/compose/vcard_private.h \
	src/compose/vcard_line.c \
	src/compose/vcard_write.c \
	src/compose/waiting.c src/compose/waiting.h \
	src/compose/waiting_edit.c \
	src/compose/when.c src/compose/when.h
src_compose_libcompose_a_CPPFLAGS = $(AM_CPPFLAGS) $(CMARK_CFLAGS)
COMPOSE_LIBS = src/compose/libcompose.a $(CMARK_LIBS) $(STORE_LIBS) $(MAILDIR_LIBS) $(RENDER_LIBS) $(CONFIG_LIBS)

UNIT_TESTS += tests/unit/test-compose-address
tests_unit_test_compose_address_SOURCES = tests/unit/test-compose-address.c
tests_unit_test_compose_address_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_address_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/compose-random
tests_unit_compose_random_SOURCES = tests/unit/compose-random.c
tests_unit_compose_random_LDADD = $(COMPOSE_LIBS) src/cli/libcli.a $(CLI_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-compose-address
tests_fuzz_fuzz_compose_address_SOURCES = tests/fuzz/fuzz-compose-address.c
tests_fuzz_fuzz_compose_address_LDADD = $(COMPOSE_LIBS)
tests_fuzz_fuzz_compose_address_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-compose-editor
tests_unit_test_compose_editor_SOURCES = tests/unit/test-compose-editor.c $(temp_folder)
tests_unit_test_compose_editor_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_editor_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-compose-send
tests_unit_test_compose_send_SOURCES = tests/unit/test-compose-send.c $(temp_folder)
tests_unit_test_compose_send_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_send_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-compose-waiting
tests_unit_test_compose_waiting_SOURCES = tests/unit/test-compose-waiting.c $(temp_folder)
tests_unit_test_compose_waiting_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_waiting_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-compose-when
tests_unit_test_compose_when_SOURCES = tests/unit/test-compose-when.c
tests_unit_test_compose_when_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_when_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-compose-draft
tests_unit_test_compose_draft_SOURCES = tests/unit/test-compose-draft.c $(temp_folder)
tests_unit_test_compose_draft_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_draft_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-compose-reply
tests_fuzz_fuzz_compose_reply_SOURCES = tests/fuzz/fuzz-compose-reply.c
tests_fuzz_fuzz_compose_reply_LDADD = $(COMPOSE_LIBS)
tests_fuzz_fuzz_compose_reply_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-compose-vcard
tests_unit_test_compose_vcard_SOURCES = tests/unit/test-compose-vcard.c
tests_unit_test_compose_vcard_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_vcard_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-compose-vcard
tests_fuzz_fuzz_compose_vcard_SOURCES = tests/fuzz/fuzz-compose-vcard.c
tests_fuzz_fuzz_compose_vcard_LDADD = $(COMPOSE_LIBS)
tests_fuzz_fuzz_compose_vcard_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-compose-book
tests_unit_test_compose_book_SOURCES = tests/unit/test-compose-book.c $(temp_folder)
tests_unit_test_compose_book_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_book_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-compose-lookup
tests_fuzz_fuzz_compose_lookup_SOURCES = tests/fuzz/fuzz-compose-lookup.c
tests_fuzz_fuzz_compose_lookup_LDADD = $(COMPOSE_LIBS)
tests_fuzz_fuzz_compose_lookup_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-compose-upload
tests_unit_test_compose_upload_SOURCES = tests/unit/test-compose-upload.c $(temp_folder)
tests_unit_test_compose_upload_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_upload_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-compose-settle
tests_unit_test_compose_settle_SOURCES = tests/unit/test-compose-settle.c $(store_fixture)
tests_unit_test_compose_settle_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_compose_settle_LDADD = $(COMPOSE_LIBS) $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-compose-identity
tests_unit_test_compose_identity_SOURCES = tests/unit/test-compose-identity.c
tests_unit_test_compose_identity_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_identity_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-compose-preview
tests_unit_test_compose_preview_SOURCES = tests/unit/test-compose-preview.c $(temp_folder)
tests_unit_test_compose_preview_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_preview_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-compose-markdown
tests_unit_test_compose_markdown_SOURCES = tests/unit/test-compose-markdown.c
tests_unit_test_compose_markdown_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_markdown_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-compose-markdown
tests_fuzz_fuzz_compose_markdown_SOURCES = tests/fuzz/fuzz-compose-markdown.c
tests_fuzz_fuzz_compose_markdown_LDADD = $(COMPOSE_LIBS)
tests_fuzz_fuzz_compose_markdown_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-compose-template
tests_unit_test_compose_template_SOURCES = tests/unit/test-compose-template.c $(temp_folder)
tests_unit_test_compose_template_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compose_template_LDADD = $(COMPOSE_LIBS) $(CMOCKA_LIBS)
