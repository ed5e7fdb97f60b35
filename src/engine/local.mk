# src/engine: the connection manager.
noinst_LIBRARIES += src/engine/libengine.a
src_engine_libengine_a_SOURCES = \
	src/engine/batch.c src/engine/batch.h \
	src/engine/control.c src/engine/control.h src/engine/control_private.h \
	src/engine/control_requests.c src/engine/control_role.c \
	src/engine/dial.c src/engine/dial.h \
	src/engine/doorway.c src/engine/doorway.h \
	src/engine/engine.c src/engine/engine.h \
	src/engine/event.c src/engine/event.h \
	src/engine/feed.c src/engine/feed.h \
	src/engine/link.c src/engine/link.h \
	src/engine/peer.c src/engine/peer.h \
	src/engine/sync_imap.c src/engine/sync_imap.h \
	src/engine/tasks.c src/engine/tasks.h \
	src/engine/worker.c src/engine/worker.h src/engine/worker_private.h \
	src/engine/worker_fetch.c src/engine/worker_link.c src/engine/worker_sync.c src/engine/worker_tell.c
ENGINE_LIBS = src/engine/libengine.a $(IMAP_LIBS) $(AUTH_LIBS) $(NET_LIBS) $(STORE_LIBS) $(MIME_LIBS) $(MAILDIR_LIBS) \
	$(CONFIG_LIBS) $(BASE_LIBS)

UNIT_TESTS += tests/unit/test-engine-event
tests_unit_test_engine_event_SOURCES = tests/unit/test-engine-event.c
tests_unit_test_engine_event_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_event_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-feed
tests_unit_test_engine_feed_SOURCES = tests/unit/test-engine-feed.c
tests_unit_test_engine_feed_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_engine_feed_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test-engine-life
tests_unit_test_engine_life_SOURCES = tests/unit/test-engine-life.c $(store_fixture)
tests_unit_test_engine_life_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_engine_life_LDADD = $(ENGINE_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-engine-frame
tests_fuzz_fuzz_engine_frame_SOURCES = tests/fuzz/fuzz-engine-frame.c
tests_fuzz_fuzz_engine_frame_LDADD = $(ENGINE_LIBS)
tests_fuzz_fuzz_engine_frame_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
