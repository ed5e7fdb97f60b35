/* Sessions against scripted servers (the files in smtp/): see script-play.h. */
#include "tests/unit/script-play.h"
#include "tests/unit/smtp-calls.h"

static void *begin(NetStream *stream, GString *out)
{
    (void)out;
    return smtp_session_new(stream);
}

static void call(void *session, const char *line, int64_t patience_us, GString *out)
{
    if (!smtp_calls_do(session, line, patience_us, out))
        g_error("what is \"%s\"?", line);
}

static void end(void *session)
{
    smtp_session_free(session);
}

int main(void)
{
    return script_play_folder("smtp", &(ScriptClient){begin, call, smtp_calls_is_pure, end});
}
