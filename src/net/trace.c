/* trace.c - what --trace shows of a connection. Secrets never reach the log, nor does their length. */
#include "net/private.h"
#include "base/log.h"

#include <stdarg.h>

void net_trace_line(const NetStream *stream, const char *format, ...)
{
    va_list args;

    if (!log_is_on())
        return;
    va_start(args, format);
    g_autofree char *line = g_strdup_vprintf(format, args);
    va_end(args);
    log_line(stream->label, "%s", line);
}

void net_trace_bytes(const NetStream *stream, char direction, const void *bytes, gsize size, gboolean secret)
{
    if (!log_is_on() || size == 0)
        return;
    /* The length of a secret is one too: a password's is half of guessing it. */
    if (secret)
        log_line(stream->label, "%c (secret)", direction);
    else
        log_bytes(stream->label, direction, bytes, size);
}
