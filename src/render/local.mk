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
	src/render/patch.c src/render/patch.h \
	src/render/plain.c src/render/plain.h \
	src/render/render.h
RENDER_LIBS = src/render/librender.a $(MIME_LIBS)
