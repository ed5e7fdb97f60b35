/* source.c - see source.h. */
#include "smtp/source.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <string.h>

SmtpSource *smtp_source_new(int fd, gboolean doubles_dots)
{
    SmtpSource *source = g_new0(SmtpSource, 1);

    source->fd = fd;
    source->doubles_dots = doubles_dots;
    source->is_line_start = TRUE;
    return source;
}

static gsize convert(SmtpSource *source, gsize got)
{
    gsize used = 0;

    for (gsize i = 0; i < got; i++) {
        const char c = source->in[i];
        if (c == '.' && source->is_line_start && source->doubles_dots)
            source->out[used++] = '.';
        if (c == '\n' && source->last != '\r')
            source->out[used++] = '\r';
        source->out[used++] = c;
        source->is_line_start = c == '\n';
        source->last = c;
    }
    return used;
}

/* What a file without an end to its last line lacks. */
static gsize end_line(SmtpSource *source)
{
    const char *rest = source->is_line_start ? "" : source->last == '\r' ? "\n" : "\r\n";

    source->is_done = TRUE;
    memcpy(source->out, rest, strlen(rest));
    return strlen(rest);
}

gssize smtp_source_next(SmtpSource *source, GError **error)
{
    if (source->is_done)
        return 0;
    const gssize got = file_read_at(source->fd, source->in, sizeof source->in, source->at);
    if (got < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be read"));
        return -1;
    }
    source->at += got;
    return (gssize)(got > 0 ? convert(source, (gsize)got) : end_line(source));
}

/* Goes from piece to piece. */
typedef struct {
    gboolean is_header, is_after_lf, is_after_cr;
} Scan;

static void scan(Scan *state, const char *bytes, gsize size, SmtpMeasure *out)
{
    for (gsize i = 0; i < size; i++) {
        const char c = bytes[i];
        out->has_bare_cr |= state->is_after_cr && c != '\n';
        out->has_nul |= c == '\0';
        if ((guchar)c >= 0x80) {
            out->has_8bit = TRUE;
            out->has_8bit_header |= state->is_header;
        }
        if (c == '\n' && state->is_after_lf)
            state->is_header = FALSE;
        state->is_after_lf = c == '\n' || (c == '\r' && state->is_after_lf);
        state->is_after_cr = c == '\r';
    }
}

gboolean smtp_measure(int fd, SmtpMeasure *out, GError **error)
{
    g_autofree SmtpSource *source = smtp_source_new(fd, FALSE);
    Scan state = {.is_header = TRUE, .is_after_lf = TRUE};
    gssize size;

    *out = (SmtpMeasure){0};
    while ((size = smtp_source_next(source, error)) > 0) {
        out->size_bytes += (uint64_t)size;
        scan(&state, source->out, (gsize)size, out);
    }
    return size == 0;
}
