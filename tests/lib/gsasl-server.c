/*
 * gsasl-server.c - a small IMAP-like server whose logins are libgsasl's, with channel binding.
 *
 *     gsasl-server [--user U] [--password P] [--mechanisms "M …"] [--bindings "tls-exporter tls-unique"]
 *                  [--refuse-late] [--tls 1.2|1.3|none] [--in-the-middle] [--skip-proof] [--rounds N] [--login-disabled]
 *
 * Listens on 127.0.0.1 with TLS from the first byte, under a certificate for localhost and 127.0.0.1 made for this run.
 * Prints one line of JSON: {"port":N,"ca_file":"…","fingerprint":"…"}; ends when its standard input does.
 */
#include "tests/lib/gsasl-peer.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static TestGsasl options = {
    .mechanisms = "SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN",
    .user = "ada",
    .password = "ada-secret",
};
static char *tls;

static GOptionEntry entries[] = {
    {"user", 0, 0, G_OPTION_ARG_STRING, &options.user, NULL, NULL},
    {"password", 0, 0, G_OPTION_ARG_STRING, &options.password, NULL, NULL},
    {"mechanisms", 0, 0, G_OPTION_ARG_STRING, &options.mechanisms, NULL, NULL},
    {"bindings", 0, 0, G_OPTION_ARG_STRING, &options.bindings, NULL, NULL},
    {"refuse-late", 0, 0, G_OPTION_ARG_NONE, &options.refuses_late, NULL, NULL},
    {"tls", 0, 0, G_OPTION_ARG_STRING, &tls, NULL, NULL},
    {"in-the-middle", 0, 0, G_OPTION_ARG_NONE, &options.is_in_the_middle, NULL, NULL},
    {"skip-proof", 0, 0, G_OPTION_ARG_NONE, &options.skips_proof, NULL, NULL},
    {"rounds", 0, 0, G_OPTION_ARG_STRING, &options.rounds, NULL, NULL},
    {"login-disabled", 0, 0, G_OPTION_ARG_NONE, &options.login_disabled, NULL, NULL},
    {0},
};

int main(int argc, char **argv)
{
    static const TestCertificateSpec ca = {.subject = "Test Authority", .is_authority = TRUE};
    static const TestCertificateSpec leaf = {.subject = "server", .names = "DNS:localhost,IP:127.0.0.1"};
    GOptionContext *context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    char byte;

    g_option_context_add_main_entries(context, entries, NULL);
    gboolean ok = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    if (!ok) {
        fprintf(stderr, "gsasl-server: %s\n", error->message);
        return 2;
    }
    g_autoptr(TestCertificate) authority = test_certificate_new(&ca, NULL);
    g_autoptr(TestCertificate) certificate = test_certificate_new(&leaf, authority);
    g_autofree char *ca_file = test_certificate_write(authority);
    g_autofree char *fingerprint = test_certificate_fingerprint(certificate);
    if (!tls || strcmp(tls, "none") != 0)
        options.certificate = certificate;
    if (tls)
        options.tls_version = strcmp(tls, "1.2") == 0   ? TLS1_2_VERSION
                              : strcmp(tls, "1.3") == 0 ? TLS1_3_VERSION
                                                        : 0;

    TestServer *server = test_server_start("127.0.0.1", test_gsasl_serve, &options);
    printf("{\"port\":%u,\"ca_file\":\"%s\",\"fingerprint\":\"%s\"}\n", test_server_port(server), ca_file,
           fingerprint);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    g_free(test_server_stop(server));
    g_unlink(ca_file);
    return 0;
}
