# src/net: one byte stream to a server; connecting, TLS, deadlines, cancelling.
noinst_LIBRARIES += src/net/libnet.a
src_net_libnet_a_SOURCES = \
	src/net/certificate.c \
	src/net/connect.c \
	src/net/private.h \
	src/net/resolve.c \
	src/net/stream.c src/net/stream.h \
	src/net/tls.c \
	src/net/trace.c \
	src/net/transport.c \
	src/net/verify.c \
	src/net/wait.c
src_net_libnet_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
NET_LIBS = src/net/libnet.a $(OPENSSL_LIBS) $(BASE_LIBS)
