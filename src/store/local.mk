# src/store: the profile's database; see docs/architecture.md
noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	src/store/account.c \
	src/store/across.c \
	src/store/add.c \
	src/store/bucket.c src/store/bucket.h \
	src/store/cast_off.c \
	src/store/change.c src/store/change.h src/store/change_folder.c \
	src/store/change_append.c src/store/change_folder_mail.c src/store/change_mail.c \
	src/store/damage.c src/store/damage.h \
	src/store/db.c src/store/db.h src/store/db_error.c src/store/error.h \
	src/store/email.c \
	src/store/files.c src/store/files.h \
	src/store/flags.c \
	src/store/folder.c \
	src/store/folder_marks.c src/store/folder_marks.h \
	src/store/folder_order.c src/store/folder_order.h \
	src/store/ids.c src/store/ids.h \
	src/store/journal.c src/store/journal.h src/store/journal_read.c \
	src/store/journal_gone.c src/store/journal_place.c src/store/journal_settle.c \
	src/store/key.h \
	src/store/label.c src/store/label.h \
	src/store/lane.c src/store/lane.h \
	src/store/login.c \
	src/store/mailbox.c \
	src/store/locks.c src/store/locks.h src/store/profile_lock.h \
	src/store/pieces.c src/store/pieces.h \
	src/store/notice.c src/store/notice.h \
	src/store/promise.c src/store/promise.h \
	src/store/read.c src/store/read.h \
	src/store/reader.c src/store/reader.h \
	src/store/repair.c \
	src/store/rescue.c src/store/rescue.h src/store/rescue_private.h src/store/rescue_pieces.c src/store/rescue_rows.c \
	src/store/row.c \
	src/store/sent.c \
	src/store/schema.c src/store/schema.h \
	src/store/siphash.c src/store/siphash.h \
	src/store/sql.h \
	src/store/store.c src/store/store.h src/store/store_private.h \
	src/store/text_list.c src/store/text_list.h \
	src/store/thread.c \
	src/store/tree.c src/store/tree.h \
	src/store/txn.c src/store/txn.h \
	src/store/types.c src/store/types.h \
	src/store/view.c src/store/view.h src/store/view_private.h \
	src/store/view_page.c src/store/view_unread.c \
	src/store/undo.c src/store/undo.h \
	src/store/wal.c src/store/wal.h \
	src/store/writer.c src/store/writer.h src/store/writer_thread.h src/store/writer_private.h \
	src/store/writer_behind.c src/store/writer_transaction.c
src_store_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
STORE_LIBS = src/store/libstore.a $(SQLITE_LIBS) $(BASE_LIBS)

store_fixture = tests/unit/store-fixture.c tests/unit/store-fixture.h $(temp_folder)
store_test_cppflags = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_TESTS += tests/unit/test-store-threads
tests_unit_test_store_threads_SOURCES = tests/unit/test-store-threads.c $(store_fixture)
tests_unit_test_store_threads_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_threads_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-across
tests_unit_test_store_across_SOURCES = tests/unit/test-store-across.c $(store_fixture)
tests_unit_test_store_across_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_across_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

store_mailbox = tests/bench/mailbox.c tests/bench/mailbox.h
change_job = tests/lib/change-job.c tests/lib/change-job.h
BENCHES += tests/bench/make-store tests/bench/bench_store
tests_bench_make_store_SOURCES = tests/bench/make-store.c $(store_mailbox)
tests_bench_make_store_LDADD = $(STORE_LIBS)
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c $(change_job) $(store_mailbox)
tests_bench_bench_store_LDADD = $(STORE_LIBS)

UNIT_TESTS += tests/unit/test-store-views
tests_unit_test_store_views_SOURCES = tests/unit/test-store-views.c $(store_fixture)
tests_unit_test_store_views_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_views_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-rows
tests_unit_test_store_rows_SOURCES = tests/unit/test-store-rows.c $(store_fixture)
tests_unit_test_store_rows_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_rows_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-writer
tests_unit_test_store_writer_SOURCES = tests/unit/test-store-writer.c $(store_fixture)
tests_unit_test_store_writer_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_writer_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_store_writer_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=wake_clear,--wrap=wake_set

UNIT_TESTS += tests/unit/test-store-parts
tests_unit_test_store_parts_SOURCES = tests/unit/test-store-parts.c
tests_unit_test_store_parts_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_parts_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-pieces
tests_unit_test_store_pieces_SOURCES = tests/unit/test-store-pieces.c $(store_fixture)
tests_unit_test_store_pieces_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_pieces_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-many
tests_unit_test_store_many_SOURCES = tests/unit/test-store-many.c $(change_job) $(store_fixture)
tests_unit_test_store_many_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_many_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

store_server = tests/unit/store-server.c tests/unit/store-server.h
UNIT_TESTS += tests/unit/test-store-storm
tests_unit_test_store_storm_SOURCES = tests/unit/test-store-storm.c $(store_server) $(store_fixture)
tests_unit_test_store_storm_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_storm_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-journal
tests_unit_test_store_journal_SOURCES = tests/unit/test-store-journal.c $(store_server) $(store_fixture)
tests_unit_test_store_journal_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_journal_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-changes
tests_unit_test_store_changes_SOURCES = tests/unit/test-store-changes.c $(store_server) $(store_fixture)
tests_unit_test_store_changes_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_changes_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-email
tests_unit_test_store_email_SOURCES = tests/unit/test-store-email.c $(store_fixture)
tests_unit_test_store_email_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_email_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-files
tests_unit_test_store_files_SOURCES = tests/unit/test-store-files.c $(store_fixture)
tests_unit_test_store_files_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_files_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-gone
tests_unit_test_store_gone_SOURCES = tests/unit/test-store-gone.c $(store_server) $(store_fixture)
tests_unit_test_store_gone_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_gone_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-damage
tests_unit_test_store_damage_SOURCES = tests/unit/test-store-damage.c $(store_server) $(store_fixture)
tests_unit_test_store_damage_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_damage_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-log
tests_unit_test_store_log_SOURCES = tests/unit/test-store-log.c $(store_server) $(store_fixture)
tests_unit_test_store_log_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_log_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-store-plans
tests_unit_test_store_plans_SOURCES = tests/unit/test-store-plans.c $(store_fixture)
tests_unit_test_store_plans_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_store_plans_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
