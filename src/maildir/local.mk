# src/maildir: mail as files.
noinst_LIBRARIES += src/maildir/libmaildir.a
src_maildir_libmaildir_a_SOURCES = \
	src/maildir/cache.c src/maildir/cache.h \
	src/maildir/shelf.c src/maildir/shelf.h
MAILDIR_LIBS = src/maildir/libmaildir.a $(BASE_LIBS)

UNIT_TESTS += tests/unit/test-maildir-cache
tests_unit_test_maildir_cache_SOURCES = tests/unit/test-maildir-cache.c
tests_unit_test_maildir_cache_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_cache_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)
