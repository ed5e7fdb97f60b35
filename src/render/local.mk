# src/render: from a message to styled lines, with no terminal.
noinst_LIBRARIES += src/render/librender.a
src_render_librender_a_SOURCES = \
	src/render/attachment.c src/render/attachment.h \
	src/render/document.c src/render/document.h \
	src/render/header.c src/render/header.h \
	src/render/host.c src/render/host.h \
	src/render/html.c src/render/html.h \
	src/render/html_table.c \
	src/render/link.c src/render/link.h \
	src/render/message.c \
	src/render/paragraph.c \
	src/render/patch.c src/render/patch.h \
	src/render/plain.c src/render/plain.h \
	src/render/render.h
RENDER_LIBS = src/render/librender.a $(MIME_LIBS)

UNIT_TESTS += tests/unit/test-render
tests_unit_test_render_SOURCES = tests/unit/test-render.c tests/unit/render-check.c tests/unit/render-check.h
tests_unit_test_render_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_render_LDADD = $(RENDER_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-render-link
tests_unit_test_render_link_SOURCES = tests/unit/test-render-link.c
tests_unit_test_render_link_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_render_link_LDADD = $(RENDER_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-render
tests_fuzz_fuzz_render_SOURCES = tests/fuzz/fuzz-render.c tests/unit/render-check.c tests/unit/render-check.h
tests_fuzz_fuzz_render_LDADD = $(RENDER_LIBS)
tests_fuzz_fuzz_render_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
