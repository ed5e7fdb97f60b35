/* talk.c - see talk.h. */
#include "tests/lib/talk.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_US (20 * SECOND_US)

static void talk(const ScriptClient *client, NetStream *stream, GString *out)
{
    void *session = client->begin(stream, out);
    char line[64 << 10];

    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        g_string_truncate(out, 0);
        if (!strcmp(line, "bytes")) {
            const NetCounters counters = net_stream_counters(stream);
            g_string_printf(out, "%" G_GUINT64_FORMAT "\nok\n", counters.received + counters.sent);
        } else {
            client->call(session, line, PATIENCE_US, out);
        }
        fputs(out->str, stdout);
        fflush(stdout);
    }
    client->end(session);
}

int talk_main(int argc, char **argv, const ScriptClient *client)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);

    if (argc != 5) {
        fprintf(stderr, "usage: %s tls|starttls|plain HOST PORT CA-FILE|-\n", argv[0]);
        return 2;
    }
    const NetTarget target = {.host = argv[2],
                              .port = (uint16_t)atoi(argv[3]),
                              .security = !strcmp(argv[1], "tls")        ? NET_TLS
                                          : !strcmp(argv[1], "starttls") ? NET_STARTTLS
                                                                         : NET_PLAIN,
                              .ca_file = !strcmp(argv[4], "-") ? NULL : argv[4],
                              .label = "talk"};
    NetStream *stream = net_stream_open(&target, NULL, clock_now_us() + PATIENCE_US, &error);
    if (!stream) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    talk(client, stream, out);
    return 0;
}
