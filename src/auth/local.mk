# src/auth: passwords, and SASL by libgsasl.
noinst_LIBRARIES += src/auth/libauth.a
src_auth_libauth_a_SOURCES = \
	src/auth/auth.h \
	src/auth/choice.c \
	src/auth/password.c \
	src/auth/private.h \
	src/auth/refusal.c \
	src/auth/sasl.c
src_auth_libauth_a_CPPFLAGS = $(AM_CPPFLAGS) $(GSASL_CFLAGS)
AUTH_LIBS = src/auth/libauth.a $(GSASL_LIBS) $(NET_LIBS)

UNIT_TESTS += tests/unit/test-auth-refusal
tests_unit_test_auth_refusal_SOURCES = tests/unit/test-auth-refusal.c
tests_unit_test_auth_refusal_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_auth_refusal_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-auth-password
tests_unit_test_auth_password_SOURCES = tests/unit/test-auth-password.c
tests_unit_test_auth_password_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_auth_password_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test-auth-sasl
tests_unit_test_auth_sasl_SOURCES = tests/unit/test-auth-sasl.c \
	tests/lib/gsasl-peer.c tests/lib/gsasl-peer.h $(NET_TEST_PEER)
tests_unit_test_auth_sasl_CPPFLAGS = $(NET_TEST_CPPFLAGS) $(GSASL_CFLAGS)
tests_unit_test_auth_sasl_LDADD = $(AUTH_LIBS) $(CMOCKA_LIBS)

# A server whose logins are libgsasl's, for tests of whole programs.
check_PROGRAMS += tests/lib/gsasl-server
tests_lib_gsasl_server_SOURCES = tests/lib/gsasl-server.c \
	tests/lib/gsasl-peer.c tests/lib/gsasl-peer.h $(NET_TEST_PEER)
tests_lib_gsasl_server_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(GSASL_CFLAGS)
tests_lib_gsasl_server_LDADD = $(AUTH_LIBS)

# Logs in as tern does and says how; for tests/server/test_sasl.py.
check_PROGRAMS += tests/lib/imap-login
tests_lib_imap_login_SOURCES = tests/lib/imap-login.c
tests_lib_imap_login_LDADD = $(IMAP_LIBS)
