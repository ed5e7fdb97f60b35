# src/base: no mail here; everything else stands on it.
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/error.c src/base/error.h
BASE_LIBS = src/base/libbase.a $(UNISTRING_LIBS) $(GLIB_LIBS) -lpthread
