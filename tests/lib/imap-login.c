/*
 * imap-login.c - logs in to an IMAP server as tern does, and says how: for tests of mechanisms against real servers.
 *
 *     imap-login tls|starttls|plain HOST PORT USER PASSWORD CA-FILE|- [PIN]
 *
 * Prints one line of JSON: {"mechanism":"SCRAM-SHA-256-PLUS","tls":"TLSv1.3"}, or {"kind":"auth","error":"…"} with
 * status 1.
 */
#include "base/clock.h"
#include "base/error.h"
#include "imap/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const GError *error)
{
    char high[129] = ""; /* UTF-8 stays as it is: JSON knows no octal */

    for (int i = 0; i < 128; i++)
        high[i] = (char)(128 + i);
    g_autofree char *text = g_strescape(error->message, high);

    printf("{\"kind\":\"%s\",\"error\":\"%s\"}\n", tern_error_kind_name(tern_error_kind(error)), text);
    return 1;
}

int main(int argc, char **argv)
{
    static const ImapListener listener;
    g_autoptr(GError) error = NULL;

    if (argc < 7 || argc > 8) {
        fputs("usage: imap-login tls|starttls|plain HOST PORT USER PASSWORD CA-FILE|- [PIN]\n", stderr);
        return 2;
    }
    NetTarget target = {.host = argv[2],
                        .port = (uint16_t)atoi(argv[3]),
                        .security = strcmp(argv[1], "tls") == 0        ? NET_TLS
                                    : strcmp(argv[1], "starttls") == 0 ? NET_STARTTLS
                                                                       : NET_PLAIN,
                        .ca_file = strcmp(argv[6], "-") == 0 ? NULL : argv[6],
                        .pin = argc == 8 ? argv[7] : NULL};
    NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + 10 * SECOND_US, &error);
    if (!stream)
        return fail(error);
    g_autoptr(ImapSession) session = imap_session_new(stream, &listener);
    if (!imap_greet(session, &error) || !imap_login(session, argv[4], argv[5], FALSE, &error))
        return fail(error);
    const char *version = net_stream_tls_version(stream);
    printf("{\"mechanism\":\"%s\",\"tls\":\"%s\"}\n", imap_session_mechanism(session),
           version ? version : "none");
    imap_logout(session, clock_now_us() + 2 * SECOND_US);
    return 0;
}
