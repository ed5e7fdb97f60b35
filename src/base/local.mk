# src/base: no mail here; everything else stands on it.
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/error.c src/base/error.h \
	src/base/limits.h src/base/i18n.h \
	src/base/clock.h src/base/wake.h src/base/cancel.h src/base/thread.h src/base/queue.h src/base/spawn.h \
	src/base/file.h src/base/paths.h src/base/log.h
BASE_LIBS = src/base/libbase.a $(UNISTRING_LIBS) $(GLIB_LIBS) -lpthread
