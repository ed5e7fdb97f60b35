/*
 * imap-talk.c - an IMAP session told what to do on standard input: for tests of each command against real servers.
 *
 *     imap-talk tls|starttls|plain HOST PORT CA-FILE|-
 *
 * Each line is a call of tests/unit/imap-calls.c ("greet", "login-safely ada secret", "select INBOX" …); what came of it is
 * printed, "ok" or "error …" last. "bytes" prints what went over the wire so far.
 */
#include "base/clock.h"
#include "base/error.h"
#include "tests/unit/imap-calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_US (20 * SECOND_US)

static void talk(ImapSession *session, GString *out)
{
    char line[64 << 10];

    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        g_string_truncate(out, 0);
        if (!strcmp(line, "bytes")) {
            const NetCounters counters = net_stream_counters(imap_session_stream(session));
            g_string_printf(out, "%" G_GUINT64_FORMAT "\nok\n", counters.received + counters.sent);
        } else {
            calls_do(session, line, PATIENCE_US, out);
        }
        fputs(out->str, stdout);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    const ImapListener listener = calls_listener(out);

    if (argc != 5) {
        fputs("usage: imap-talk tls|starttls|plain HOST PORT CA-FILE|-\n", stderr);
        return 2;
    }
    const NetTarget target = {.host = argv[2],
                              .port = (uint16_t)atoi(argv[3]),
                              .security = !strcmp(argv[1], "tls")        ? NET_TLS
                                          : !strcmp(argv[1], "starttls") ? NET_STARTTLS
                                                                         : NET_PLAIN,
                              .ca_file = !strcmp(argv[4], "-") ? NULL : argv[4],
                              .label = "imap talk"};
    NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + PATIENCE_US, &error);
    if (!stream) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    g_autoptr(ImapSession) session = imap_session_new(stream, &listener);
    talk(session, out);
    return 0;
}
