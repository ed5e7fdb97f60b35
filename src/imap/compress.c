/*
 * compress.c - see session.h. COMPRESS=DEFLATE (RFC 4978) without a round trip of its own.
 *
 *      "A3 NAMESPACE" "A4 LIST …" "A5 COMPRESS DEFLATE"   in one flight
 *      "A3 OK" … "A4 OK" "A5 OK" and compressed from here on
 *
 * It goes last in the flight of a command that is waited for, since nothing may be sent behind it before its
 * answer is there; that comes together with the answer that is waited for.
 */
#include "imap/private.h"

void imap_compress(ImapSession *session)
{
    session->wants_compress = imap_session_can(session, IMAP_CAN_COMPRESS);
}

gboolean imap_send_compress(ImapSession *session, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *line = NULL;

    if (!session->wants_compress || session->idle)
        return TRUE;
    session->wants_compress = FALSE;
    ImapPending *pending = imap_pending_new(session);
    pending->is_unawaited = TRUE;
    session->compressing = pending;
    line = g_strdup_printf("A%u COMPRESS DEFLATE\r\n", pending->tag);
    if (net_stream_write(session->stream, line, strlen(line), FALSE, &failure))
        return TRUE;
    return imap_die(session, &failure, error);
}

gboolean imap_take_compress(ImapSession *session, const ImapPending *pending, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (pending != session->compressing)
        return TRUE;
    session->compressing = NULL;
    if (pending->result != IMAP_OK)
        return TRUE;
    /* What was read behind the OK is compressed already. */
    const gsize ahead = session->in_end - session->in_at;
    const gboolean ok = net_stream_compress(session->stream, session->in + session->in_at, ahead, &failure);
    session->in_at = session->in_end = 0;
    if (ok)
        return TRUE;
    return imap_die(session, &failure, error);
}

gboolean imap_await_compress(ImapSession *session, GError **error)
{
    while (session->compressing) {
        ImapTree tree;
        ImapResponse response;

        if (!imap_read(session, &tree, &response, error))
            return FALSE;
        if (response.kind == IMAP_CONTINUE)
            return imap_die_of_continuation(session, error);
        if (response.tag ? !imap_settle(session, &response, error)
                         : !imap_hand_on(session, &tree, &response, error))
            return FALSE;
    }
    return TRUE;
}
