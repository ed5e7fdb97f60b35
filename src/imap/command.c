/* command.c - see private.h: how commands are written and waited for. */
#include "imap/private.h"
#include "imap/watch.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

/* LITERAL- (RFC 7888) lets only small literals go without asking. */
#define LITERAL_MINUS_BYTES 4096
/* Longer strings go as literals: some servers limit a quoted string to 1,024 bytes. */
#define QUOTED_BYTES 1000

/* Responses to FETCHes that were sent ahead and that nobody waits for any more. */
static gboolean drop_fetch(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                           void *data, GError **error)
{
    (void)session, (void)tree, (void)data, (void)error;
    return response->kind == IMAP_FETCH;
}

ImapPending *imap_first_awaited(ImapSession *session)
{
    for (GList *at = session->pending.head; at; at = at->next)
        if (!((ImapPending *)at->data)->is_unawaited && at->data != session->idle)
            return at->data;
    return NULL;
}

gboolean imap_drain(ImapSession *session, GError **error)
{
    ImapPending *pending;

    while ((pending = imap_first_awaited(session))) {
        /* What comes during other commands is news all the same. */
        session->handler = pending->items ? drop_fetch : NULL;
        g_autoptr(GError) failure = NULL;
        if (!imap_wait(session, pending, &failure) && session->death) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
    return TRUE;
}

ImapPending *imap_pending_new(ImapSession *session)
{
    ImapPending *pending = g_new0(ImapPending, 1);

    pending->tag = ++session->last_tag;
    g_queue_push_tail(&session->pending, pending);
    return pending;
}

/* What is under way, and is no part of the same pipeline, is read to its end. */
static gboolean end_others(ImapSession *session, ImapUntaggedFunc handler, GError **error)
{
    if (handler == session->handler && imap_first_awaited(session))
        return TRUE;
    return imap_page_drop(session, error) && imap_drain(session, error);
}

ImapPending *imap_begin(ImapSession *session, ImapUntaggedFunc handler, void *data, GError **error)
{
    char text[16];

    if (!imap_check_alive(session, error))
        return NULL;
    if (session->idle) {
        tern_error_set(error, TERN_ERROR_BUG, "a command within IDLE");
        return NULL;
    }
    if (!end_others(session, handler, error) || !imap_await_compress(session, error))
        return NULL;
    session->handler = handler;
    session->handler_data = data;

    ImapPending *pending = imap_pending_new(session);
    g_snprintf(text, sizeof text, "A%u ", pending->tag);
    return imap_write(session, text, error) ? pending : NULL;
}

static gboolean write_bytes(ImapSession *session, const char *bytes, gsize size, gboolean secret,
                            GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (net_stream_write(session->stream, bytes, size, secret, &failure))
        return TRUE;
    return imap_die(session, &failure, error);
}

/* A command that was refused in its middle (at a literal) is over: what is left of it would be a line of its
 * own. */
static gboolean is_over(ImapSession *session)
{
    const ImapPending *current = g_queue_peek_tail(&session->pending);

    return current && current->result != IMAP_OTHER;
}

gboolean imap_write_bytes(ImapSession *session, const char *bytes, gsize size, GError **error)
{
    return is_over(session) || write_bytes(session, bytes, size, FALSE, error);
}

gboolean imap_write(ImapSession *session, const char *text, GError **error)
{
    return is_over(session) || write_bytes(session, text, strlen(text), FALSE, error);
}

gboolean imap_flush(ImapSession *session, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (net_stream_flush(session->stream, &failure))
        return TRUE;
    return imap_die(session, &failure, error);
}

/* 8-bit text only where UTF-8 was agreed on (RFC 6855, 3). */
static gboolean can_be_quoted(const ImapSession *session, const char *text)
{
    const gboolean takes_utf8 = imap_speaks_utf8(session) && g_utf8_validate(text, -1, NULL);
    gsize bytes = 0;

    for (; text[bytes]; bytes++)
        if (((guchar)text[bytes] >= 0x80 && !takes_utf8) || text[bytes] == '\r' || text[bytes] == '\n')
            return FALSE;
    return bytes <= QUOTED_BYTES;
}

static gboolean write_quoted(ImapSession *session, const char *text, gboolean secret, GError **error)
{
    char quoted[QUOTED_BYTES * 2 + 2];
    gsize n = 0;

    quoted[n++] = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            quoted[n++] = '\\';
        quoted[n++] = *text;
    }
    quoted[n++] = '"';
    gboolean ok = write_bytes(session, quoted, n, secret, error);
    explicit_bzero(quoted, sizeof quoted);
    return ok;
}

gboolean imap_begin_literal(ImapSession *session, ImapPending *pending, const char *prefix, uint64_t bytes,
                            GError **error)
{
    const gboolean waits =
        !imap_session_can(session, IMAP_CAN_LITERAL_PLUS) &&
        (!imap_session_can(session, IMAP_CAN_LITERAL_MINUS) || bytes > LITERAL_MINUS_BYTES);
    g_autofree char *size =
        g_strdup_printf("%s{%" G_GUINT64_FORMAT "%s}\r\n", prefix, bytes, waits ? "" : "+");
    g_autofree char *said = NULL;

    return imap_write(session, size, error) &&
           (!waits || is_over(session) || imap_wait_continue(session, pending, &said, error));
}

gboolean imap_write_string(ImapSession *session, ImapPending *pending, const char *text, gboolean secret,
                           GError **error)
{
    if (is_over(session))
        return TRUE;
    if (can_be_quoted(session, text))
        return write_quoted(session, text, secret, error);

    return imap_begin_literal(session, pending, "", strlen(text), error) &&
           (is_over(session) || write_bytes(session, text, strlen(text), secret, error));
}

gboolean imap_send(ImapSession *session, GError **error)
{
    return imap_write(session, "\r\n", error);
}

gboolean imap_conclude(ImapSession *session, ImapPending *pending, GError **error)
{
    gboolean is_ok = pending->result == IMAP_OK;

    session->refuses_pages |= pending->is_page && pending->result == IMAP_BAD;
    if (!is_ok) {
        imap_refused(session, pending, error);
    } else {
        g_free(session->ok_code);
        session->ok_code = g_steal_pointer(&pending->code);
    }
    g_queue_remove(&session->pending, pending);
    imap_pending_free(pending);
    if (!imap_first_awaited(session))
        session->handler = NULL;
    imap_tell_skipped(session);
    return is_ok;
}

gboolean imap_await(ImapSession *session, ImapPending *pending, GError **error)
{
    if (pending->result == IMAP_OTHER &&
        (!imap_ahead_send_page(session, error) || !imap_send_compress(session, error)))
        return FALSE;
    while (pending->result == IMAP_OTHER) {
        g_autofree char *text = NULL;

        if (!imap_wait_continue(session, pending, &text, error))
            return FALSE;
        if (text)
            return imap_die_of_continuation(session, error);
    }
    return TRUE;
}

gboolean imap_wait(ImapSession *session, ImapPending *pending, GError **error)
{
    return imap_await(session, pending, error) && imap_conclude(session, pending, error);
}

gboolean imap_send_unawaited(ImapSession *session, const char *command, GError **error)
{
    ImapPending *pending = imap_begin(session, NULL, NULL, error);

    if (!pending || !imap_write(session, command, error) || !imap_send(session, error))
        return FALSE;
    pending->is_unawaited = TRUE;
    return TRUE;
}

gboolean imap_catch_up(ImapSession *session, GError **error)
{
    ImapPending *pending;

    while ((pending = g_queue_peek_head(&session->pending)) && pending != session->page) {
        pending->is_unawaited = FALSE;
        if (!imap_wait(session, pending, NULL) && session->death)
            return imap_check_alive(session, error);
    }
    return TRUE;
}

gboolean imap_finish(ImapSession *session, ImapPending *pending, GError **error)
{
    return imap_send(session, error) && imap_wait(session, pending, error);
}

gboolean imap_command(ImapSession *session, const char *command, ImapUntaggedFunc handler, void *data,
                      GError **error)
{
    ImapPending *pending = imap_begin(session, handler, data, error);

    return pending && imap_write(session, command, error) && imap_finish(session, pending, error);
}

gboolean imap_noop(ImapSession *session, GError **error)
{
    return imap_command(session, "NOOP", NULL, NULL, error);
}

/* Whatever is still under way is not waited for. */
void imap_logout(ImapSession *session, int64_t deadline_us)
{
    g_autofree char *line = NULL;
    ImapTree tree;
    ImapResponse response;

    int64_t left_us = deadline_us - clock_now_us(); /* asked once: MAX() would look at the clock twice */
    net_stream_set_timeout(session->stream, MAX(left_us, 1));
    if (session->death || !imap_await_compress(session, NULL) || !imap_idle_stop(session, NULL))
        return;
    line = g_strdup_printf("A%u LOGOUT\r\n", ++session->last_tag);
    gsize tag_bytes = strcspn(line, " ");
    if (!write_bytes(session, line, strlen(line), FALSE, NULL))
        return;
    while (clock_now_us() < deadline_us && imap_read(session, &tree, &response, NULL))
        if (response.tag && strlen(response.tag) == tag_bytes && !strncmp(response.tag, line, tag_bytes))
            break;
    if (!session->death)
        session->death = g_error_new_literal(TERN_ERROR, TERN_ERROR_NETWORK, _("logged out"));
}
