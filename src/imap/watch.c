/* watch.c - see watch.h. */
#include "imap/watch.h"

#include "base/error.h"
#include "base/i18n.h"
#include "imap/private.h"

/* What one imap_listen() hands on at most: a server that never stops must not keep its caller from other
 * things. */
#define MOST_AT_ONCE 10000

/* ---- IDLE ---- */

gboolean imap_idle_start(ImapSession *session, GError **error)
{
    ImapPending *pending;

    if (!imap_check_alive(session, error) || !imap_drain(session, error) ||
        !(pending = imap_begin(session, NULL, NULL, error)) || !imap_write(session, "IDLE", error) ||
        !imap_send(session, error) || !imap_flush(session, error))
        return FALSE;
    session->idle = pending;
    session->is_idle_agreed = FALSE;
    return TRUE;
}

/* IDLE has its tagged answer though nobody ended it: it was refused, or the server had enough of it. */
static gboolean end_idle(ImapSession *session, GError **error)
{
    ImapPending *idle = g_steal_pointer(&session->idle);

    return imap_conclude(session, idle, error);
}

gboolean imap_idle_stop(ImapSession *session, GError **error)
{
    g_autofree char *said = NULL;

    if (!imap_check_alive(session, error))
        return FALSE;
    if (!session->idle)
        return TRUE;
    /* DONE before the "+" would be a command of its own. */
    if (!session->is_idle_agreed && !imap_wait_continue(session, session->idle, &said, error))
        return FALSE;
    if (session->idle->result != IMAP_OTHER) {
        end_idle(session, NULL);
        return TRUE;
    }
    session->idle->is_unawaited = TRUE;
    session->idle = NULL;
    return imap_write(session, "DONE\r\n", error);
}

/* ---- listening ---- */

/* One response. FALSE and an error: the session is dead, or IDLE was refused. */
static gboolean hear_one(ImapSession *session, GError **error)
{
    ImapTree tree;
    ImapResponse response;

    if (!imap_read(session, &tree, &response, error))
        return FALSE;
    if (response.kind == IMAP_CONTINUE && session->idle && !session->is_idle_agreed) {
        session->is_idle_agreed = TRUE;
        return TRUE;
    }
    if (response.kind == IMAP_CONTINUE)
        return imap_die_of_continuation(session, error);
    if (!response.tag)
        return imap_hand_on(session, &tree, &response, error);
    if (!imap_settle(session, &response, error))
        return FALSE;
    return !session->idle || session->idle->result == IMAP_OTHER || end_idle(session, error);
}

int imap_listen(ImapSession *session, Wake *wake, int64_t deadline_us, GError **error)
{
    int heard = 0;

    if (!imap_check_alive(session, error) || !imap_page_drop(session, error) || !imap_drain(session, error))
        return NET_ERROR;
    session->unsolicited = 0;
    for (guint n = 0; n < MOST_AT_ONCE; n++) {
        if (session->in_at == session->in_end) {
            g_autoptr(GError) failure = NULL;
            int ready = net_stream_wait(session->stream, wake, heard ? 0 : deadline_us, &failure);
            if (ready == NET_ERROR) {
                imap_die(session, &failure, error);
                return NET_ERROR;
            }
            if (!(ready & NET_READABLE)) {
                imap_tell_skipped(session);
                return heard ? heard | (ready & NET_WOKEN) : ready;
            }
            heard |= ready & NET_WOKEN;
        }
        if (!hear_one(session, error))
            return NET_ERROR;
        heard |= NET_READABLE;
    }
    imap_tell_skipped(session);
    return heard;
}

/* ---- NOTIFY ---- */

/* What tells of other folders may come before the tagged OK; after a refusal all is as it was. */
static gboolean notify(ImapSession *session, const char *command, gboolean is_wide, GError **error)
{
    const gboolean was_notified = session->is_notified;

    session->is_notified = is_wide || was_notified;
    const gboolean is_agreed = imap_command(session, command, NULL, NULL, error);
    session->is_notified = is_agreed ? is_wide : was_notified;
    return is_agreed;
}

gboolean imap_notify(ImapSession *session, guint what, GError **error)
{
    g_autoptr(GString) command = g_string_new("NOTIFY ");
    const gboolean is_wide = what & (IMAP_NOTIFY_OTHERS | IMAP_NOTIFY_FOLDERS);

    if (!(what & IMAP_NOTIFY_SELECTED) && !is_wide)
        return notify(session, "NOTIFY NONE", FALSE, error);
    g_string_append(command, "SET");
    if (what & IMAP_NOTIFY_STATUS)
        g_string_append(command, " STATUS");
    if (what & IMAP_NOTIFY_SELECTED)
        g_string_append(command, " (selected (MessageNew MessageExpunge FlagChange))");
    if (is_wide)
        g_string_append_printf(command, " (personal (%s%s%s))",
                               what & IMAP_NOTIFY_OTHERS ? "MessageNew MessageExpunge FlagChange" : "",
                               what & IMAP_NOTIFY_OTHERS && what & IMAP_NOTIFY_FOLDERS ? " " : "",
                               what & IMAP_NOTIFY_FOLDERS ? "MailboxName SubscriptionChange" : "");
    return notify(session, command->str, is_wide, error);
}
