# src/engine: the connection manager.
noinst_LIBRARIES += src/engine/libengine.a
src_engine_libengine_a_SOURCES = \
	src/engine/across.c src/engine/across.h \
	src/engine/across_save.c \
	src/engine/batch.c src/engine/batch.h \
	src/engine/control.c src/engine/control.h src/engine/control_private.h \
	src/engine/control_disk.c src/engine/control_requests.c src/engine/control_role.c \
	src/engine/copies.c src/engine/copies.h \
	src/engine/crowd.c src/engine/crowd.h \
	src/engine/dial.c src/engine/dial.h src/engine/dial_smtp.c src/engine/dial_smtp.h \
	src/engine/disk.c src/engine/disk.h src/engine/disk_box.c src/engine/disk_box.h src/engine/disk_maildir.c src/engine/disk_mbox.c src/engine/disk_stubs.c \
	src/engine/disk_play.c src/engine/disk_sync.c src/engine/disk_folder.c src/engine/disk_folder.h src/engine/disk_follow.c src/engine/disk_follow.h \
	src/engine/doorway.c src/engine/doorway.h \
	src/engine/engine.c src/engine/engine.h \
	src/engine/event.c src/engine/event.h \
	src/engine/feed.c src/engine/feed.h src/engine/find.c src/engine/find.h \
	src/engine/hearing.c src/engine/hearing.h \
	src/engine/housekeeper.c src/engine/housekeeper.h \
	src/engine/import.c src/engine/import.h src/engine/import_server.c src/engine/import_server.h \
	src/engine/intake.c src/engine/intake.h \
	src/engine/keep.c src/engine/keep.h src/engine/keep_fetch.c src/engine/keep_fetch.h \
	src/engine/left.c src/engine/left.h src/engine/link.c src/engine/link.h \
	src/engine/mailroom.c src/engine/mailroom.h \
	src/engine/netwatch.c src/engine/netwatch.h \
	src/engine/notify.c src/engine/notify_words.c src/engine/notify.h \
	src/engine/peer.c src/engine/peer.h \
	src/engine/pop3_keeper.c src/engine/pop3_keeper.h src/engine/pop3_keeper_private.h src/engine/pop3_recover.c src/engine/sync_pop3.c src/engine/sync_pop3_log.c src/engine/sync_pop3.h src/engine/sync_pop3_private.h \
	src/engine/stubs.c src/engine/stubs.h src/engine/sweep.c src/engine/sweep.h \
	src/engine/quirks.c src/engine/quirks.h \
	src/engine/play_imap.c src/engine/play_imap.h src/engine/play_private.h \
	src/engine/play_begin.c src/engine/play_flags.c src/engine/play_move.c src/engine/play_expunge.c src/engine/play_folder.c \
	src/engine/play_across.c src/engine/play_fetch.c src/engine/play_refused.c src/engine/play_refused.h \
	src/engine/sync_again.c src/engine/sync_compare.c src/engine/sync_first.c src/engine/sync_folders.c \
	src/engine/sync_imap.c src/engine/sync_imap.h src/engine/sync_run.c src/engine/sync_run.h src/engine/sync_structures.c \
	src/engine/sender.c src/engine/sender.h src/engine/sender_private.h src/engine/sender_after.c src/engine/sender_command.c \
	src/engine/sender_link.c src/engine/sender_lock.c src/engine/sender_mail.c src/engine/sender_note.c src/engine/sender_requests.c \
	src/engine/roles.c src/engine/roles.h src/engine/role_names.def \
	src/engine/roles_apply.c \
	src/engine/folder_guard.c src/engine/folder_guard.h \
	src/engine/mailbox.c src/engine/mailbox.h \
	src/engine/stranded.c src/engine/stranded.h src/engine/strength.c src/engine/strength.h \
	src/engine/tasks.c src/engine/tasks.h \
	src/engine/team.c src/engine/team.h \
	src/engine/told.c src/engine/told.h \
	src/engine/transfer.c src/engine/transfer.h \
	src/engine/uploads.c src/engine/uploads.h src/engine/uploads_disk.c \
	src/engine/way.c src/engine/way.h \
	src/engine/worker.c src/engine/worker.h src/engine/worker_private.h \
	src/engine/worker_access.c src/engine/worker_disk.c src/engine/worker_fetch.c src/engine/worker_imap.c \
	src/engine/worker_keep.c src/engine/worker_left.c src/engine/worker_link.c src/engine/worker_play.c \
	src/engine/worker_pop3.c src/engine/worker_pop3_disk.c src/engine/worker_pop3_mail.c src/engine/worker_pop3_private.h \
	src/engine/worker_sync.c src/engine/worker_sync_all.c \
	src/engine/worker_tell.c src/engine/worker_watch.c
ENGINE_LIBS = src/engine/libengine.a $(IMAP_LIBS) src/pop3/libpop3.a $(SMTP_LIBS) $(AUTH_LIBS) $(NET_LIBS) $(STORE_LIBS) $(MIME_LIBS) $(MAILDIR_LIBS) \
	$(CONFIG_LIBS) $(BASE_LIBS)

UNIT_TESTS += tests/unit/test-engine-event
tests_unit_test_engine_event_SOURCES = tests/unit/test-engine-event.c $(temp_folder)
tests_unit_test_engine_event_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_event_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-feed
tests_unit_test_engine_feed_SOURCES = tests/unit/test-engine-feed.c
tests_unit_test_engine_feed_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_feed_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-left
tests_unit_test_engine_left_SOURCES = tests/unit/test-engine-left.c
tests_unit_test_engine_left_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_left_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-told
tests_unit_test_engine_told_SOURCES = tests/unit/test-engine-told.c
tests_unit_test_engine_told_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_told_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-hearing
tests_unit_test_engine_hearing_SOURCES = tests/unit/test-engine-hearing.c
tests_unit_test_engine_hearing_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_hearing_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-life
tests_unit_test_engine_life_SOURCES = tests/unit/test-engine-life.c $(store_fixture)
tests_unit_test_engine_life_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_engine_life_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-link
tests_unit_test_engine_link_SOURCES = tests/unit/test-engine-link.c
tests_unit_test_engine_link_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_link_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-engine-team
tests_unit_test_engine_team_SOURCES = tests/unit/test-engine-team.c
tests_unit_test_engine_team_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_team_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-engine-netwatch
tests_unit_test_engine_netwatch_SOURCES = tests/unit/test-engine-netwatch.c
tests_unit_test_engine_netwatch_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_netwatch_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-notify
tests_unit_test_engine_notify_SOURCES = tests/unit/test-engine-notify.c $(store_fixture)
tests_unit_test_engine_notify_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_engine_notify_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-uploads
tests_unit_test_engine_uploads_SOURCES = tests/unit/test-engine-uploads.c $(temp_folder)
tests_unit_test_engine_uploads_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_uploads_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-roles
tests_unit_test_engine_roles_SOURCES = tests/unit/test-engine-roles.c
tests_unit_test_engine_roles_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_roles_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-engine-frame
tests_fuzz_fuzz_engine_frame_SOURCES = tests/fuzz/fuzz-engine-frame.c
tests_fuzz_fuzz_engine_frame_LDADD = $(ENGINE_LIBS)
tests_fuzz_fuzz_engine_frame_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

UNIT_TESTS += tests/unit/test-engine-housekeeper
tests_unit_test_engine_housekeeper_SOURCES = tests/unit/test-engine-housekeeper.c $(store_fixture)
tests_unit_test_engine_housekeeper_CPPFLAGS = $(store_test_cppflags)
tests_unit_test_engine_housekeeper_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-pop3
tests_unit_test_engine_pop3_SOURCES = tests/unit/test-engine-pop3.c $(temp_folder) \
	tests/unit/pop3-mailbox.c tests/unit/pop3-mailbox.h $(NET_TEST_STREAMS)
tests_unit_test_engine_pop3_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_pop3_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)
