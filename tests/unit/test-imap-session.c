/* Sessions against scripted servers (the files in imap/): see script-play.h. */
#include "tests/unit/imap-calls.h"
#include "tests/unit/script-play.h"

static void *begin(NetStream *stream, GString *out)
{
    const ImapListener listener = calls_listener(out);

    return imap_session_new(stream, &listener);
}

static void call(void *session, const char *line, int64_t patience_us, GString *out)
{
    calls_do(session, line, patience_us, out);
}

static void end(void *session)
{
    imap_session_free(session);
}

int main(void)
{
    return script_play_folder("imap", &(ScriptClient){begin, call, calls_is_pure, end});
}
