# src/auth: passwords, and SASL by libgsasl.
noinst_LIBRARIES += src/auth/libauth.a
src_auth_libauth_a_SOURCES = \
	src/auth/auth.h \
	src/auth/choice.c \
	src/auth/password.c \
	src/auth/private.h \
	src/auth/sasl.c
src_auth_libauth_a_CPPFLAGS = $(AM_CPPFLAGS) $(GSASL_CFLAGS)
AUTH_LIBS = src/auth/libauth.a $(GSASL_LIBS) $(NET_LIBS)
