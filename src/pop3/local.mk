# src/pop3: the POP3 client. Syntax (parser, syntax, headers) knows no socket; the session stands on src/net and src/auth.
noinst_LIBRARIES += src/pop3/libpop3.a
src_pop3_libpop3_a_SOURCES = \
	src/pop3/capability.c src/pop3/command.c \
	src/pop3/download.c src/pop3/download.h src/pop3/download_private.h \
	src/pop3/download_group.c src/pop3/download_take.c \
	src/pop3/early.c src/pop3/early.h \
	src/pop3/headers.c src/pop3/headers.h \
	src/pop3/list.c src/pop3/login.c \
	src/pop3/parser.c src/pop3/parser.h \
	src/pop3/plan.c src/pop3/plan.h src/pop3/plan_private.h src/pop3/plan_decide.c src/pop3/plan_look.c \
	src/pop3/private.h src/pop3/refusal.c \
	src/pop3/retrieve.c src/pop3/retrieve.h \
	src/pop3/session.c src/pop3/session.h \
	src/pop3/syntax.c src/pop3/syntax.h
POP3_LIBS = src/pop3/libpop3.a $(AUTH_LIBS)

UNIT_TESTS += tests/unit/test-pop3-parser tests/unit/test-pop3-session tests/unit/test-pop3-plan \
	tests/unit/test-pop3-early tests/unit/test-pop3-download
tests_unit_test_pop3_early_SOURCES = tests/unit/test-pop3-early.c
tests_unit_test_pop3_early_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pop3_early_LDADD = $(POP3_LIBS) $(CMOCKA_LIBS)
tests_unit_test_pop3_plan_SOURCES = tests/unit/test-pop3-plan.c
tests_unit_test_pop3_plan_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pop3_plan_LDADD = $(POP3_LIBS) $(CMOCKA_LIBS)
tests_unit_test_pop3_download_SOURCES = tests/unit/test-pop3-download.c \
	tests/unit/pop3-mailbox.c tests/unit/pop3-mailbox.h $(NET_TEST_STREAMS)
tests_unit_test_pop3_download_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pop3_download_LDADD = $(POP3_LIBS) $(CMOCKA_LIBS)
tests_unit_test_pop3_parser_SOURCES = tests/unit/test-pop3-parser.c tests/unit/pop3-dump.h
tests_unit_test_pop3_parser_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pop3_parser_LDADD = src/pop3/libpop3.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_pop3_session_SOURCES = tests/unit/test-pop3-session.c \
	tests/unit/pop3-calls.c tests/unit/pop3-calls.h $(SCRIPT_PLAY)
tests_unit_test_pop3_session_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pop3_session_LDADD = $(POP3_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/unit/pop3
check_PROGRAMS += tests/lib/pop3-talk
tests_lib_pop3_talk_SOURCES = tests/lib/pop3-talk.c tests/lib/talk.c tests/lib/talk.h \
	tests/unit/pop3-calls.c tests/unit/pop3-calls.h tests/unit/script-play.h
tests_lib_pop3_talk_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_lib_pop3_talk_LDADD = $(POP3_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz-pop3-parser tests/fuzz/fuzz-pop3-session
tests_fuzz_fuzz_pop3_parser_SOURCES = tests/fuzz/fuzz-pop3-parser.c tests/unit/pop3-dump.h
tests_fuzz_fuzz_pop3_parser_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_pop3_parser_LDADD = src/pop3/libpop3.a $(BASE_LIBS)
tests_fuzz_fuzz_pop3_session_SOURCES = tests/fuzz/fuzz-pop3-session.c
tests_fuzz_fuzz_pop3_session_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_pop3_session_LDADD = $(POP3_LIBS)
