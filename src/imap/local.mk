# src/imap: the IMAP client. Syntax (parser, tree, response, uidset, bodystructure) knows no socket; the session
# stands on src/net and src/auth.
noinst_LIBRARIES += src/imap/libimap.a
src_imap_libimap_a_SOURCES = \
	src/imap/access.c src/imap/access.h \
	src/imap/append.c src/imap/append.h \
	src/imap/body.c src/imap/body.h \
	src/imap/bodystructure.c src/imap/bodystructure.h \
	src/imap/capability.c src/imap/command.c src/imap/compress.c \
	src/imap/change.c src/imap/change.h \
	src/imap/copied.c src/imap/copied.h \
	src/imap/fetch.c src/imap/fetch.h src/imap/fetched.c \
	src/imap/folder.c src/imap/folder.h src/imap/list.c src/imap/status.c \
	src/imap/login.c src/imap/news.c src/imap/read.c \
	src/imap/page.c \
	src/imap/parser.c src/imap/parser.h src/imap/parser_private.h \
	src/imap/parser_skip.c src/imap/parser_states.c src/imap/tree.c \
	src/imap/private.h \
	src/imap/response.c src/imap/response.h \
	src/imap/search.c src/imap/search.h \
	src/imap/select.c src/imap/select.h \
	src/imap/session.c src/imap/session.h \
	src/imap/uid_map.c src/imap/uid_map.h \
	src/imap/uidset.c src/imap/uidset.h \
	src/imap/watch.c src/imap/watch.h
src_imap_libimap_a_CPPFLAGS = $(AM_CPPFLAGS) -DTERN_VERSION=\"$(PACKAGE_VERSION)\"
IMAP_LIBS = src/imap/libimap.a $(AUTH_LIBS)

# Conversations as data files; of the other protocols too.
SCRIPT_PLAY = tests/unit/imap-script.c tests/unit/imap-script.h tests/unit/script-play.c tests/unit/script-play.h
UNIT_TESTS += tests/unit/test-imap-parser tests/unit/test-imap-syntax tests/unit/test-imap-session \
	tests/unit/test-imap-uids tests/unit/test-imap-pace
IMAP_TEST_LIBS = src/imap/libimap.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_imap_parser_SOURCES = tests/unit/test-imap-parser.c tests/unit/imap-dump.h
tests_unit_test_imap_parser_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_imap_parser_LDADD = $(IMAP_TEST_LIBS)
tests_unit_test_imap_syntax_SOURCES = tests/unit/test-imap-syntax.c tests/unit/imap-dump.h
tests_unit_test_imap_syntax_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_imap_syntax_LDADD = $(IMAP_TEST_LIBS)
tests_unit_test_imap_uids_SOURCES = tests/unit/test-imap-uids.c
tests_unit_test_imap_uids_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_imap_uids_LDADD = $(IMAP_TEST_LIBS)
tests_unit_test_imap_pace_SOURCES = tests/unit/test-imap-pace.c
tests_unit_test_imap_pace_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_imap_pace_LDADD = $(IMAP_LIBS) $(CMOCKA_LIBS)
tests_unit_test_imap_session_SOURCES = tests/unit/test-imap-session.c \
	tests/unit/imap-calls.c tests/unit/imap-calls.h $(SCRIPT_PLAY)
tests_unit_test_imap_session_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_imap_session_LDADD = $(IMAP_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/unit/imap
check_PROGRAMS += tests/lib/imap-talk
tests_lib_imap_talk_SOURCES = tests/lib/imap-talk.c tests/lib/talk.c tests/lib/talk.h \
	tests/unit/imap-calls.c tests/unit/imap-calls.h tests/unit/script-play.h
tests_lib_imap_talk_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_lib_imap_talk_LDADD = $(IMAP_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-imap-parser tests/fuzz/fuzz-imap-response tests/fuzz/fuzz-imap-syntax \
	tests/fuzz/fuzz-imap-session
tests_fuzz_fuzz_imap_parser_SOURCES = tests/fuzz/fuzz-imap-parser.c tests/unit/imap-dump.h
tests_fuzz_fuzz_imap_parser_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_imap_parser_LDADD = src/imap/libimap.a $(BASE_LIBS)
tests_fuzz_fuzz_imap_response_SOURCES = tests/fuzz/fuzz-imap-response.c
tests_fuzz_fuzz_imap_response_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_imap_response_LDADD = src/imap/libimap.a $(BASE_LIBS)
tests_fuzz_fuzz_imap_syntax_SOURCES = tests/fuzz/fuzz-imap-syntax.c
tests_fuzz_fuzz_imap_syntax_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_imap_syntax_LDADD = src/imap/libimap.a $(BASE_LIBS)
tests_fuzz_fuzz_imap_session_SOURCES = tests/fuzz/fuzz-imap-session.c
tests_fuzz_fuzz_imap_session_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_imap_session_LDADD = $(IMAP_LIBS)
