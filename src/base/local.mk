# src/base: no mail here; everything else stands on it.
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/cancel.c src/base/cancel.h \
	src/base/charset.h \
	src/base/clock.c src/base/clock.h \
	src/base/date.h \
	src/base/error.c src/base/error.h \
	src/base/file.c src/base/file.h \
	src/base/i18n.h src/base/limits.h \
	src/base/log.c src/base/log.h \
	src/base/paths.c src/base/paths.h \
	src/base/queue.c src/base/queue.h \
	src/base/sanitise.h \
	src/base/spawn.c src/base/spawn.h \
	src/base/text.h \
	src/base/thread.c src/base/thread.h \
	src/base/wake.c src/base/wake.h
BASE_LIBS = src/base/libbase.a $(UNISTRING_LIBS) $(GLIB_LIBS) -lpthread
