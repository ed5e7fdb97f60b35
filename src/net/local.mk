# src/net: one byte stream to a server; connecting, TLS, deadlines, cancelling.
noinst_LIBRARIES += src/net/libnet.a
src_net_libnet_a_SOURCES = \
	src/net/certificate.c \
	src/net/connect.c \
	src/net/deflate.c \
	src/net/identity.c \
	src/net/layers.c \
	src/net/mute.c \
	src/net/open.c \
	src/net/peer.c src/net/peer.h \
	src/net/private.h \
	src/net/resolve.c \
	src/net/socks.c \
	src/net/stream.c src/net/stream.h \
	src/net/tickets.c \
	src/net/tls.c \
	src/net/trace.c \
	src/net/transport.c \
	src/net/tunnel.c \
	src/net/verify.c \
	src/net/wait.c
src_net_libnet_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(ZLIB_CFLAGS)
NET_LIBS = src/net/libnet.a $(OPENSSL_LIBS) $(ZLIB_LIBS) $(BASE_LIBS)

# What plays the server in the tests of net and auth.
NET_TEST_PEER = \
	tests/lib/certificates.c tests/lib/certificates.h \
	tests/lib/peer.c tests/lib/peer.h
NET_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(CMOCKA_CFLAGS)
NET_TEST_LIBS = $(NET_LIBS) $(CMOCKA_LIBS)

# What asks it: for the tests of streams.
NET_TEST_STREAMS = tests/lib/streams.c tests/lib/streams.h $(NET_TEST_PEER)

UNIT_TESTS += tests/unit/test-net-stream
tests_unit_test_net_stream_SOURCES = tests/unit/test-net-stream.c $(NET_TEST_STREAMS)
tests_unit_test_net_stream_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_stream_LDADD = $(NET_TEST_LIBS)
UNIT_TESTS += tests/unit/test-net-tls
tests_unit_test_net_tls_SOURCES = tests/unit/test-net-tls.c $(NET_TEST_PEER)
tests_unit_test_net_tls_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_tls_LDADD = $(NET_TEST_LIBS)
UNIT_TESTS += tests/unit/test-net-connect
tests_unit_test_net_connect_SOURCES = tests/unit/test-net-connect.c $(NET_TEST_PEER)
tests_unit_test_net_connect_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_connect_LDADD = $(NET_TEST_LIBS)
UNIT_TESTS += tests/unit/test-net-deflate
tests_unit_test_net_deflate_SOURCES = tests/unit/test-net-deflate.c $(NET_TEST_STREAMS)
tests_unit_test_net_deflate_CPPFLAGS = $(NET_TEST_CPPFLAGS) $(ZLIB_CFLAGS)
tests_unit_test_net_deflate_LDADD = $(NET_TEST_LIBS)
UNIT_TESTS += tests/unit/test-net-socks
tests_unit_test_net_socks_SOURCES = tests/unit/test-net-socks.c $(NET_TEST_STREAMS)
tests_unit_test_net_socks_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_socks_LDADD = $(NET_TEST_LIBS)
UNIT_TESTS += tests/unit/test-net-tunnel
tests_unit_test_net_tunnel_SOURCES = tests/unit/test-net-tunnel.c $(NET_TEST_STREAMS)
tests_unit_test_net_tunnel_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_tunnel_LDADD = $(NET_TEST_LIBS)
UNIT_TESTS += tests/unit/test-net-tickets
tests_unit_test_net_tickets_SOURCES = tests/unit/test-net-tickets.c $(NET_TEST_STREAMS)
tests_unit_test_net_tickets_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_tickets_LDADD = $(NET_TEST_LIBS)
UNIT_TESTS += tests/unit/test-net-silence
tests_unit_test_net_silence_SOURCES = tests/unit/test-net-silence.c
tests_unit_test_net_silence_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_silence_LDADD = $(NET_TEST_LIBS)
UNIT_TESTS += tests/unit/test-net-peer
tests_unit_test_net_peer_SOURCES = tests/unit/test-net-peer.c
tests_unit_test_net_peer_CPPFLAGS = $(NET_TEST_CPPFLAGS)
tests_unit_test_net_peer_LDADD = $(NET_TEST_LIBS)
