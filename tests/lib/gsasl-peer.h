/*
 * gsasl-peer.h - for tests: the server's side of a login by libgsasl, with channel binding, in IMAP's words.
 *
 * Understands CAPABILITY, AUTHENTICATE (with an initial response), LOGIN, NOOP, LOGOUT; says BAD to the rest.
 */
#ifndef TERN_TESTS_GSASL_PEER_H
#define TERN_TESTS_GSASL_PEER_H

#include "tests/lib/peer.h"

typedef struct {
    const TestCertificate *certificate; /* TLS at once; NULL: plain */
    int tls_version;                    /* TLS1_2_VERSION …; 0: any */
    const char *mechanisms;             /* "SCRAM-SHA-256-PLUS PLAIN": what it offers */
    const char *user, *password;
    const char *bindings;      /* kinds that it takes, "tls-exporter tls-unique"; NULL: both */
    gboolean refuses_late;     /* other kinds only after the proof, as Cyrus 3.6.1 does */
    gboolean is_in_the_middle; /* the bindings are those of another connection */
    gboolean skips_proof;      /* says OK without SCRAM's last message */
    const char *rounds;        /* of SCRAM; NULL: 4096 */
    gboolean login_disabled;
} TestGsasl;

/* A TestServe for test_server_start(), with a TestGsasl as its data. */
void test_gsasl_serve(TestPeer *peer);

#endif
