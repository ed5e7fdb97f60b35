# src/smtp: the SMTP client. Replies and messages know no socket; the session stands on src/net and src/auth.
noinst_LIBRARIES += src/smtp/libsmtp.a
src_smtp_libsmtp_a_SOURCES = \
	src/smtp/ahead.c src/smtp/body.c src/smtp/capability.c src/smtp/envelope.c src/smtp/login.c src/smtp/meaning.c \
	src/smtp/private.h src/smtp/send_private.h \
	src/smtp/reply.c src/smtp/reply.h \
	src/smtp/send.c src/smtp/send.h \
	src/smtp/session.c src/smtp/session.h \
	src/smtp/source.c src/smtp/source.h
SMTP_LIBS = src/smtp/libsmtp.a $(AUTH_LIBS)

UNIT_TESTS += tests/unit/test-smtp-reply tests/unit/test-smtp-session tests/unit/test-smtp-late
tests_unit_test_smtp_reply_SOURCES = tests/unit/test-smtp-reply.c
tests_unit_test_smtp_reply_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_smtp_reply_LDADD = $(SMTP_LIBS) $(CMOCKA_LIBS)
tests_unit_test_smtp_session_SOURCES = tests/unit/test-smtp-session.c \
	tests/unit/smtp-calls.c tests/unit/smtp-calls.h $(SCRIPT_PLAY)
tests_unit_test_smtp_session_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_smtp_session_LDADD = $(SMTP_LIBS) $(CMOCKA_LIBS)
tests_unit_test_smtp_late_SOURCES = tests/unit/test-smtp-late.c $(NET_TEST_STREAMS)
tests_unit_test_smtp_late_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_smtp_late_LDADD = $(SMTP_LIBS) $(NET_TEST_LIBS)
EXTRA_DIST += tests/unit/smtp

FUZZ_TARGETS += tests/fuzz/fuzz-smtp-reply tests/fuzz/fuzz-smtp-session
tests_fuzz_fuzz_smtp_reply_SOURCES = tests/fuzz/fuzz-smtp-reply.c
tests_fuzz_fuzz_smtp_reply_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_smtp_reply_LDADD = $(SMTP_LIBS)
tests_fuzz_fuzz_smtp_session_SOURCES = tests/fuzz/fuzz-smtp-session.c \
	tests/unit/smtp-calls.c tests/unit/smtp-calls.h
tests_fuzz_fuzz_smtp_session_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_fuzz_fuzz_smtp_session_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_smtp_session_LDADD = $(SMTP_LIBS)
