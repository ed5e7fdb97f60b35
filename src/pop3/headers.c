/* headers.c - see headers.h. */
#include "pop3/headers.h"

#include "base/limits.h"

#include <string.h>

struct Pop3Headers {
    GChecksum *sum;
    gboolean is_over, is_skipped; /* the header is; the field that stands here */
    gboolean is_begun;            /* the line's beginning was looked at, and is no longer in `line` */
    guint fields;
    gsize taken;
    gsize blanks; /* held back: they count only when something follows them on the line */
    gsize used;
    char line[512]; /* what was not counted yet of the line that comes just now */
};

Pop3Headers *pop3_headers_new(void)
{
    Pop3Headers *headers = g_new0(Pop3Headers, 1);

    headers->sum = g_checksum_new(G_CHECKSUM_SHA256);
    return headers;
}

void pop3_headers_free(Pop3Headers *headers)
{
    if (!headers)
        return;
    g_checksum_free(headers->sum);
    g_free(headers);
}

void pop3_headers_begin(Pop3Headers *headers)
{
    GChecksum *sum = headers->sum;

    g_checksum_reset(sum);
    *headers = (Pop3Headers){.sum = sum};
}

/* Fields that a server writes as it likes. */
static gboolean is_servers_own(const char *name, gsize bytes)
{
    static const char *const NAMES[] = {
        "Status:", "X-Status:", "X-UIDL:", "X-Keywords:", "Lines:", "Content-Length:"};

    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (bytes >= strlen(NAMES[i]) && g_ascii_strncasecmp(name, NAMES[i], strlen(NAMES[i])) == 0)
            return TRUE;
    return FALSE;
}

/* Counts what there is of the line, once its beginning says whose field it is. */
static void count_line(Pop3Headers *headers)
{
    if (!headers->is_begun && headers->line[0] != ' ') {
        headers->is_skipped = is_servers_own(headers->line, headers->used);
        headers->fields++;
    }
    headers->is_begun = TRUE;
    if (!headers->is_skipped)
        g_checksum_update(headers->sum, (const guchar *)headers->line, (gssize)headers->used);
    headers->used = 0;
}

static void take_byte(Pop3Headers *headers, char byte)
{
    headers->line[headers->used++] = byte;
    if (headers->used == sizeof headers->line)
        count_line(headers);
}

/* An empty line ends the header. One of blanks does not, but counts as none. */
static void end_line(Pop3Headers *headers)
{
    const gboolean is_empty = headers->used == 0 && !headers->is_begun;

    headers->is_over = is_empty && headers->blanks == 0;
    if (!is_empty) {
        take_byte(headers, '\n');
        count_line(headers);
    }
    headers->blanks = 0;
    headers->is_begun = FALSE;
}

void pop3_headers_take(Pop3Headers *headers, const char *bytes, gsize size)
{
    for (gsize i = 0; i < size && !headers->is_over; i++) {
        if (++headers->taken > LIMIT_HEADER_BYTES) {
            headers->is_over = TRUE;
        } else if (bytes[i] == '\n') {
            end_line(headers);
        } else if (bytes[i] == '\r' || bytes[i] == ' ' || bytes[i] == '\t') {
            headers->blanks++;
        } else {
            /* All blanks are alike, and so are several. */
            if (headers->blanks > 0)
                take_byte(headers, ' ');
            headers->blanks = 0;
            take_byte(headers, bytes[i]);
        }
    }
}

guint64 pop3_headers_end(Pop3Headers *headers)
{
    guint8 digest[32];
    gsize size = sizeof digest;
    guint64 hash = 0;

    if (!headers->is_over && (headers->used > 0 || headers->is_begun))
        end_line(headers);
    if (headers->fields == 0)
        return 0;
    g_checksum_get_digest(headers->sum, digest, &size);
    for (guint i = 0; i < 8; i++)
        hash = hash << 8 | digest[i];
    return hash ? hash : 1;
}
