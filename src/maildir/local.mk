# src/maildir: mail as files.
noinst_LIBRARIES += src/maildir/libmaildir.a
src_maildir_libmaildir_a_SOURCES = \
	src/maildir/cache.c src/maildir/cache.h \
	src/maildir/change.c \
	src/maildir/deliver.c src/maildir/deliver_many.c src/maildir/deliver_many.h \
	src/maildir/folders.c src/maildir/folders.h \
	src/maildir/keywords.c src/maildir/keywords.h \
	src/maildir/maildir.c src/maildir/maildir.h \
	src/maildir/mbox.c src/maildir/mbox.h src/maildir/mbox_lock.c src/maildir/mbox_private.h \
	src/maildir/mbox_dotlock.c src/maildir/mbox_dotlock.h src/maildir/mbox_known.c src/maildir/mbox_known.h \
	src/maildir/mbox_scan.c src/maildir/mbox_scan.h src/maildir/mbox_add.c src/maildir/mbox_content.c \
	src/maildir/mbox_header.c src/maildir/mbox_journal.c src/maildir/mbox_lines.c src/maildir/mbox_lines.h \
	src/maildir/mbox_text.c src/maildir/mbox_write.c \
	src/maildir/name.c src/maildir/name.h \
	src/maildir/outbox.c src/maildir/outbox.h src/maildir/outbox_envelope.c src/maildir/outbox_private.h \
	src/maildir/outbox_change.c src/maildir/outbox_read.c src/maildir/outbox_sending.c \
	src/maildir/outbox_limit.c src/maildir/outbox_limit.h \
	src/maildir/private.h \
	src/maildir/shelf.c src/maildir/shelf.h \
	src/maildir/uploads.c src/maildir/uploads.h \
	src/maildir/uidl.c src/maildir/uidl_aside.c src/maildir/uidl_mailbox.c src/maildir/uidl_mark.c src/maildir/uidl.h src/maildir/uidl_private.h src/maildir/unwanted.c src/maildir/unwanted.h \
	src/maildir/watch.c \
	src/maildir/word.c src/maildir/word.h
MAILDIR_LIBS = src/maildir/libmaildir.a $(BASE_LIBS)

UNIT_TESTS += tests/unit/test-maildir-cache
tests_unit_test_maildir_cache_SOURCES = tests/unit/test-maildir-cache.c $(temp_folder)
tests_unit_test_maildir_cache_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_cache_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-maildir
tests_unit_test_maildir_SOURCES = tests/unit/test-maildir.c $(temp_folder)
tests_unit_test_maildir_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-maildir-names
tests_fuzz_fuzz_maildir_names_SOURCES = tests/fuzz/fuzz-maildir-names.c
tests_fuzz_fuzz_maildir_names_LDADD = $(MAILDIR_LIBS)
tests_fuzz_fuzz_maildir_names_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-maildir-uidl
tests_unit_test_maildir_uidl_SOURCES = tests/unit/test-maildir-uidl.c $(temp_folder)
tests_unit_test_maildir_uidl_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_uidl_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-maildir-uidl
tests_fuzz_fuzz_maildir_uidl_SOURCES = tests/fuzz/fuzz-maildir-uidl.c
tests_fuzz_fuzz_maildir_uidl_LDADD = $(MAILDIR_LIBS)
tests_fuzz_fuzz_maildir_uidl_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-maildir-outbox
tests_unit_test_maildir_outbox_SOURCES = tests/unit/test-maildir-outbox.c $(temp_folder)
tests_unit_test_maildir_outbox_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_outbox_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-maildir-outbox
tests_fuzz_fuzz_maildir_outbox_SOURCES = tests/fuzz/fuzz-maildir-outbox.c
tests_fuzz_fuzz_maildir_outbox_LDADD = $(MAILDIR_LIBS)
tests_fuzz_fuzz_maildir_outbox_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-maildir-uploads
tests_unit_test_maildir_uploads_SOURCES = tests/unit/test-maildir-uploads.c $(temp_folder)
tests_unit_test_maildir_uploads_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_uploads_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-maildir-mbox-journal
tests_unit_test_maildir_mbox_journal_SOURCES = tests/unit/test-maildir-mbox-journal.c $(temp_folder)
tests_unit_test_maildir_mbox_journal_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_mbox_journal_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-maildir-mbox
tests_unit_test_maildir_mbox_SOURCES = tests/unit/test-maildir-mbox.c $(temp_folder)
tests_unit_test_maildir_mbox_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_mbox_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-maildir-mbox-known
tests_unit_test_maildir_mbox_known_SOURCES = tests/unit/test-maildir-mbox-known.c $(temp_folder)
tests_unit_test_maildir_mbox_known_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_mbox_known_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-maildir-mbox
tests_fuzz_fuzz_maildir_mbox_SOURCES = tests/fuzz/fuzz-maildir-mbox.c
tests_fuzz_fuzz_maildir_mbox_LDADD = $(MAILDIR_LIBS)
tests_fuzz_fuzz_maildir_mbox_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-maildir-unwanted
tests_unit_test_maildir_unwanted_SOURCES = tests/unit/test-maildir-unwanted.c $(temp_folder)
tests_unit_test_maildir_unwanted_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_maildir_unwanted_LDADD = $(MAILDIR_LIBS) $(CMOCKA_LIBS)
