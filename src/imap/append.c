/* append.c - see append.h. Each file is read twice: a literal's size is said before its bytes. */
#include "imap/append.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "imap/private.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define PIECE_BYTES (32 << 10)
/* APPENDs under way at once. */
#define WINDOW 20

/* ---- a file as it goes out ---- */

/* Reads a file from its start, LF made CRLF. */
typedef struct {
    int fd;
    off_t at;
    char in[PIECE_BYTES];
    char out[PIECE_BYTES * 2];
    gsize used; /* of out */
    char last;  /* byte of the file */
} Source;

/* The next piece in source->out: its size, 0 at the end, -1 and an error. */
static gssize read_piece(Source *source, GError **error)
{
    const gssize got = file_read_at(source->fd, source->in, sizeof source->in, source->at);

    if (got < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be read"));
        return -1;
    }
    source->at += got;
    source->used = 0;
    for (gssize i = 0; i < got; i++) {
        if (source->in[i] == '\n' && source->last != '\r')
            source->out[source->used++] = '\r';
        source->last = source->out[source->used++] = source->in[i];
    }
    return (gssize)source->used;
}

/* What has to be known before the first byte goes out. */
typedef struct {
    uint64_t bytes; /* on the wire */
    gboolean has_nul;
    gboolean has_8bit_header;
} Measure;

/* Whether 8-bit bytes stand before the empty line; *after_lf and *is_header go from piece to piece. */
static gboolean has_8bit_header(const Source *source, gboolean *after_lf, gboolean *is_header)
{
    for (gsize i = 0; i < source->used && *is_header; i++) {
        const char c = source->out[i];
        if ((guchar)c >= 0x80)
            return TRUE;
        if (c == '\n' && *after_lf)
            *is_header = FALSE;
        *after_lf = c == '\n' || (c == '\r' && *after_lf);
    }
    return FALSE;
}

static gboolean measure(int fd, Measure *out, GError **error)
{
    g_autofree Source *source = g_new0(Source, 1);
    gboolean after_lf = TRUE, is_header = TRUE;
    gssize size;

    *out = (Measure){0};
    source->fd = fd;
    while ((size = read_piece(source, error)) > 0) {
        out->bytes += (uint64_t)size;
        out->has_nul |= memchr(source->out, '\0', source->used) != NULL;
        out->has_8bit_header |= has_8bit_header(source, &after_lf, &is_header);
    }
    return size == 0;
}

gboolean imap_append_size(int fd, uint64_t *bytes_out, GError **error)
{
    Measure measured;
    const gboolean ok = measure(fd, &measured, error);

    *bytes_out = measured.bytes;
    return ok;
}

/* Sends exactly what was announced. A file that became shorter leaves the server waiting for the rest of a
 * literal: the session cannot go on. */
static gboolean send_file(ImapSession *session, int fd, uint64_t bytes, GError **error)
{
    g_autofree Source *source = g_new0(Source, 1);
    g_autoptr(GError) failure = NULL;
    gssize size = 0;

    source->fd = fd;
    while (bytes > 0 && (size = read_piece(source, &failure)) > 0) {
        gsize piece = (gsize)MIN((uint64_t)size, bytes);
        if (!imap_write_bytes(session, source->out, piece, error))
            return FALSE;
        bytes -= piece;
    }
    if (bytes == 0)
        return TRUE;
    if (!failure)
        tern_error_set(&failure, TERN_ERROR_STORE, _("a message became shorter while it was sent"));
    return imap_die(session, &failure, error);
}

/* ---- commands ---- */

static gboolean refuse(ImapSession *session, const char *code, const char *sentence, GError **error)
{
    g_free(session->refusal);
    session->refusal = g_strdup(code);
    tern_error_set(error, TERN_ERROR_REFUSED, "%s", sentence);
    return FALSE;
}

void imap_learn_folders_limit(ImapSession *session, const ImapFolder *folder)
{
    const uint64_t limit = folder->told & IMAP_TOLD_APPEND_LIMIT ? (uint64_t)folder->append_limit : 0;

    if (limit && !session->append_limits)
        session->append_limits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (limit)
        g_hash_table_insert(session->append_limits, g_strdup(folder->raw_name),
                            g_memdup2(&limit, sizeof limit));
    else if (session->append_limits)
        g_hash_table_remove(session->append_limits, folder->raw_name);
}

static uint64_t limit_of(const ImapSession *session, const char *raw_name)
{
    const uint64_t *own =
        session->append_limits ? g_hash_table_lookup(session->append_limits, raw_name) : NULL;

    return own ? *own : session->append_limit;
}

/* What the server would refuse anyway, after all its bytes. */
static gboolean is_acceptable(ImapSession *session, const char *raw_name, const Measure *measured,
                              GError **error)
{
    const uint64_t limit = limit_of(session, raw_name);

    if (limit > 0 && measured->bytes > limit)
        return refuse(session, "TOOBIG", _("the message is larger than the server takes"), error);
    if (measured->has_nul && !imap_session_can(session, IMAP_CAN_BINARY))
        return refuse(session, "UNKNOWN-CTE",
                      _("the message holds bytes that the server does not take (NUL)"), error);
    return TRUE;
}

/* ` (\Seen) "17-Jul-1996 02:44:25 +0000" `, which stands before a message; to be freed. */
static char *options_of(const ImapAppend *message)
{
    static const char MONTHS[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    GString *text = g_string_new(" ");
    time_t seconds = (time_t)message->date_s;
    struct tm date;

    if (message->flags && message->flags[0]) {
        g_autofree char *flags = g_strjoinv(" ", (char **)message->flags);
        g_string_append_printf(text, "(%s) ", flags);
    }
    if (message->date_s != 0 && gmtime_r(&seconds, &date) && date.tm_year >= 0 && date.tm_year < 8100)
        g_string_append_printf(text, "\"%2d-%s-%04d %02d:%02d:%02d +0000\" ", date.tm_mday,
                               MONTHS[date.tm_mon], date.tm_year + 1900, date.tm_hour, date.tm_min,
                               date.tm_sec);
    return g_string_free(text, FALSE);
}

/* One message of a command. With UTF8=ACCEPT a header in UTF-8 has to be announced (RFC 6855, 4). */
static gboolean write_message(ImapSession *session, ImapPending *pending, const ImapAppend *message,
                              const Measure *measured, GError **error)
{
    g_autofree char *options = options_of(message);
    const gboolean is_utf8 =
        measured->has_8bit_header && imap_session_is_enabled(session, IMAP_CAN_UTF8_ACCEPT);
    const char *prefix = is_utf8 ? "UTF8 (~" : measured->has_nul ? "~" : "";

    return imap_write(session, options, error) &&
           imap_begin_literal(session, pending, prefix, measured->bytes, error) &&
           send_file(session, message->fd, measured->bytes, error) &&
           (!is_utf8 || imap_write(session, ")", error));
}

/* One APPEND with n messages, sent and not waited for. */
static ImapPending *send_append(ImapSession *session, const char *raw_name, const ImapAppend *messages,
                                const Measure *measured, guint n, GError **error)
{
    ImapPending *pending = imap_begin(session, NULL, NULL, error);

    if (!pending || !imap_write(session, "APPEND ", error) ||
        !imap_write_string(session, pending, raw_name, FALSE, error))
        return NULL;
    for (guint i = 0; i < n; i++)
        if (!write_message(session, pending, &messages[i], &measured[i], error))
            return NULL;
    return imap_send(session, error) ? pending : NULL;
}

/* APPENDUID 38505 3955:3957 (RFC 4315): UIDs in the order of the messages. */
static void take_uids(const char *code, ImapAppended *out, guint n, uint32_t *uid_validity_out)
{
    uint64_t validity;
    guint n_ranges, at = 0;

    if (!imap_code_number(code, "APPENDUID", UINT32_MAX, &validity))
        return;
    const char *text = strrchr(code, ' ');
    g_autoptr(ImapUidSet) uids = text ? imap_uid_set_parse(text + 1, 0) : NULL;
    if (!validity || !uids || imap_uid_set_count(uids) != n)
        return;
    *uid_validity_out = (uint32_t)validity;
    const ImapUidRange *ranges = imap_uid_set_ranges(uids, &n_ranges);
    for (guint i = 0; i < n_ranges; i++)
        for (uint64_t uid = ranges[i].first; uid <= ranges[i].last; uid++)
            out[at++].uid = (uint32_t)uid;
}

static gboolean wait_append(ImapSession *session, ImapPending *pending, ImapAppended *out, guint n,
                            uint32_t *uid_validity_out, GError **error)
{
    if (!imap_wait(session, pending, error))
        return FALSE;
    for (guint i = 0; i < n; i++)
        out[i].is_there = TRUE;
    take_uids(session->ok_code, out, n, uid_validity_out);
    return TRUE;
}

/* A command for each message, `n` at most WINDOW. */
static gboolean append_each(ImapSession *session, const char *raw_name, const ImapAppend *messages,
                            const Measure *measured, guint n, ImapAppended *out, uint32_t *uid_validity_out,
                            GError **error)
{
    ImapPending *sent[WINDOW];
    g_autoptr(GError) first = NULL;

    for (guint i = 0; i < n; i++)
        if (!(sent[i] = send_append(session, raw_name, &messages[i], &measured[i], 1, error)))
            return FALSE;
    for (guint i = 0; i < n; i++) {
        g_autoptr(GError) failed = NULL;
        if (!wait_append(session, sent[i], &out[i], 1, uid_validity_out, &failed))
            imap_keep_error(session, &first, &failed);
        if (session->death)
            break;
    }
    const gboolean ok = !first;
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&first));
    return ok;
}

gboolean imap_append(ImapSession *session, const char *raw_name, const ImapAppend *messages, guint n,
                     ImapAppended *out, uint32_t *uid_validity_out, GError **error)
{
    g_autofree Measure *measured = g_new0(Measure, n);
    g_autoptr(GError) first = NULL;

    *uid_validity_out = 0;
    memset(out, 0, n * sizeof *out);
    if (!imap_check_alive(session, error) || !imap_drain(session, error))
        return FALSE;
    for (guint i = 0; i < n; i++)
        if (!measure(messages[i].fd, &measured[i], error) ||
            !is_acceptable(session, raw_name, &measured[i], error))
            return FALSE;
    if (n > 1 && imap_session_can(session, IMAP_CAN_MULTIAPPEND)) {
        ImapPending *pending = send_append(session, raw_name, messages, measured, n, error);
        return pending && wait_append(session, pending, out, n, uid_validity_out, error);
    }
    for (guint from = 0; from < n && !session->death; from += WINDOW) {
        g_autoptr(GError) failed = NULL;
        if (!append_each(session, raw_name, messages + from, measured + from, MIN(WINDOW, n - from),
                         out + from, uid_validity_out, &failed))
            imap_keep_error(session, &first, &failed);
    }
    const gboolean ok = !first;
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&first));
    return ok;
}
