/* test-net-peer.c - whom the end of a session is about, and what else than the protocol speaks there. */
#include "net/peer.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SENTENCE "the server made a mistake"

static const struct {
    const char *label;
    uint16_t port;
    NetSpeech speech;
    const char *said; /* by the peer, before it ends */
    TernErrorKind kind;
    const char *sentence;
    const char *expected;
} ROWS[] = {
    {"named", 143, NET_SPEAKS_IMAP, "* OK hello\r\n", TERN_ERROR_PROTOCOL, SENTENCE,
     "mail.example.org:143: " SENTENCE},
    {"named already", 143, NET_SPEAKS_IMAP, "* OK hello\r\n", TERN_ERROR_NETWORK,
     "mail.example.org:143 is gone", "mail.example.org:143 is gone"},
    {"another port's name is none", 143, NET_SPEAKS_IMAP, "* OK hello\r\n", TERN_ERROR_NETWORK,
     "mail.example.org is gone", "mail.example.org:143: mail.example.org is gone"},
    {"a login names the host", 143, NET_SPEAKS_IMAP, "* OK hello\r\n", TERN_ERROR_AUTH,
     "not let in at mail.example.org", "not let in at mail.example.org"},
    {"the disk is not the server's", 143, NET_SPEAKS_IMAP, "* OK hello\r\n", TERN_ERROR_STORE, SENTENCE,
     SENTENCE},
    {"who broke it off knows", 143, NET_SPEAKS_IMAP, "* OK hello\r\n", TERN_ERROR_CANCELLED, SENTENCE,
     SENTENCE},
    {"SMTP", 25, NET_SPEAKS_IMAP, "220-mail.example.org ESMTP\r\n", TERN_ERROR_PROTOCOL, SENTENCE,
     "mail.example.org:25: " SENTENCE ": an SMTP server speaks there; check host and port in incoming = …"},
    {"POP3", 110, NET_SPEAKS_IMAP, "+OK\r\n", TERN_ERROR_PROTOCOL, SENTENCE,
     "mail.example.org:110: " SENTENCE ": a POP3 server speaks there; check host and port in incoming = …"},
    {"IMAP", 143, NET_SPEAKS_SMTP, "* OK hello\r\n", TERN_ERROR_PROTOCOL, SENTENCE,
     "mail.example.org:143: " SENTENCE ": an IMAP server speaks there; check host and port in outgoing = …"},
    {"the web", 80, NET_SPEAKS_POP3, "HTTP/1.0 400 Bad Request\r\n", TERN_ERROR_PROTOCOL, SENTENCE,
     "mail.example.org:80: " SENTENCE ": a web server speaks there; check host and port in incoming = …"},
    {"SSH", 22, NET_SPEAKS_IMAP, "SSH-2.0-OpenSSH_9.2\r\n", TERN_ERROR_PROTOCOL, SENTENCE,
     "mail.example.org:22: " SENTENCE ": an SSH server speaks there; check host and port in incoming = …"},
    {"an alert of TLS", 1143, NET_SPEAKS_POP3, "\x15\x03\x03", TERN_ERROR_PROTOCOL, SENTENCE,
     "mail.example.org:1143: " SENTENCE
     ": TLS is spoken there from the start: write pop3s:// in incoming = …"},
    {"it was closed at once", 1143, NET_SPEAKS_IMAP, "", TERN_ERROR_NETWORK, SENTENCE,
     "mail.example.org:1143: " SENTENCE},
};

/* Reads what the peer says, in pieces of a byte. */
static void hear(NetStream *stream)
{
    char byte;

    while (net_stream_read(stream, &byte, 1, NULL) > 0)
        ;
}

static void test_rows(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const NetTarget target = {.host = "mail.example.org", .port = ROWS[i].port, .security = NET_PLAIN};
        const char *said = ROWS[i].said;
        int fds[2];

        print_message("%s\n", ROWS[i].label);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
        g_autoptr(NetStream) stream = net_stream_from_fds(fds[0], fds[0], &target, NULL);
        assert_int_equal(write(fds[1], said, strlen(said)), strlen(said));
        close(fds[1]);
        hear(stream);
        g_autoptr(GError) error = g_error_new_literal(TERN_ERROR, (int)ROWS[i].kind, ROWS[i].sentence);
        net_stream_name_peer(stream, ROWS[i].speech, error);
        assert_string_equal(error->message, ROWS[i].expected);
        assert_true(tern_error_is(error, ROWS[i].kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
