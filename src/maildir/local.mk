# src/maildir: mail as files.
noinst_LIBRARIES += src/maildir/libmaildir.a
src_maildir_libmaildir_a_SOURCES = \
	src/maildir/cache.c src/maildir/cache.h
MAILDIR_LIBS = src/maildir/libmaildir.a $(BASE_LIBS)
