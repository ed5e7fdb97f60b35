/* select.c - SELECT and EXAMINE (RFC 3501, 6.3.1; 7162, 3.1.8 and 3.2.5; 8474), UNSELECT (RFC 3691). */
#include "imap/select.h"

#include "base/error.h"
#include "base/i18n.h"
#include "imap/private.h"

#include <string.h>

/* What is kept of a resync's known UIDs in one command line: servers refuse long ones. */
#define KNOWN_BYTES 7000
#define OBJECT_ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

typedef struct {
    ImapSelected selected;
    GStrv permanent_flags;
    gboolean is_begun; /* what comes is about the new folder, and no more about the one before */
    uint64_t told;     /* changed messages so far */
} Selecting;

static void take_permanent_flags(const char *code, Selecting *selecting)
{
    const char *from = strchr(code, '('), *to = strrchr(code, ')');

    if (!from || !to || to < from)
        return;
    g_autofree char *inside = g_strndup(from + 1, (gsize)(to - from - 1));
    g_strfreev(selecting->permanent_flags);
    selecting->permanent_flags = g_strsplit(inside, " ", -1);
}

/* MAILBOXID (F2212ea87) (RFC 8474, 4.1) */
static void take_mailbox_id(const char *code, ImapSelected *selected)
{
    const char *from = strchr(code, '(');
    gsize bytes = from ? strspn(from + 1, OBJECT_ID_CHARACTERS) : 0;

    if (bytes > 0 && bytes < sizeof selected->mailbox_id && from[1 + bytes] == ')')
        g_strlcpy(selected->mailbox_id, from + 1, bytes + 1);
}

static void take_code(const ImapSession *session, const char *code, Selecting *selecting)
{
    ImapSelected *selected = &selecting->selected;
    uint64_t number;

    if (imap_code_is(code, "CLOSED")) {
        *selected = (ImapSelected){0};
        selecting->is_begun = TRUE;
    } else if (imap_code_number(code, "UIDVALIDITY", UINT32_MAX, &number)) {
        selected->uid_validity = (uint32_t)number;
        selecting->is_begun = TRUE; /* also of a server that forgets CLOSED */
    } else if (imap_code_number(code, "UIDNEXT", UINT32_MAX, &number)) {
        selected->uid_next = (uint32_t)number;
    } else if (imap_code_number(code, "HIGHESTMODSEQ", INT64_MAX, &number)) {
        /* Yahoo tells one without CONDSTORE, of its own making (XYMHIGHESTMODSEQ): what it covers, nobody
         * knows. */
        selected->highest_modseq = imap_session_can(session, IMAP_CAN_CONDSTORE) ? number : 0;
    } else if (imap_code_is(code, "PERMANENTFLAGS")) {
        take_permanent_flags(code, selecting);
    } else if (imap_code_is(code, "MAILBOXID")) {
        take_mailbox_id(code, selected);
    }
}

/* What changed since a resync's MODSEQ, for the listener. Of the folder before nothing is told any more. */
static gboolean take_change(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                            Selecting *selecting, GError **error)
{
    if (!selecting->is_begun || response->kind == IMAP_EXPUNGE)
        return TRUE;
    session->exists = selecting->selected.exists;
    if (selecting->told++ < session->exists)
        session->unsolicited = 0;
    gboolean ok = imap_take_folder_news(session, tree, response, error);
    selecting->selected.exists = session->exists;
    return ok;
}

static gboolean take_selected(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                              void *data, GError **error)
{
    Selecting *selecting = data;

    switch (response->kind) {
    case IMAP_EXISTS:
        selecting->selected.exists = response->number;
        return TRUE;
    case IMAP_OK:
        take_code(session, response->code, selecting);
        return FALSE; /* it may be an alert too */
    case IMAP_EXPUNGE:
    case IMAP_VANISHED:
    case IMAP_FETCH:
        return take_change(session, tree, response, selecting, error);
    default:
        return FALSE;
    }
}

/* ---- an EXAMINE in the flight of other commands ---- */

struct ImapAhead {
    char *raw_name;
    Selecting selecting;
    ImapPending *pending; /* NULL: answered */
    gboolean is_stale;    /* something was said of the folder since */
    gboolean wants_page;  /* the page is still to be asked for */
    ImapPage page;
};

void imap_ahead_free(ImapAhead *ahead)
{
    if (!ahead)
        return;
    g_strfreev(ahead->selecting.permanent_flags);
    g_free(ahead->raw_name);
    g_free(ahead);
}

/* A SELECT that fails leaves none selected (RFC 3501, 6.3.1). */
static void forget_selected(ImapSession *session)
{
    if (session->selected && session->listener.left)
        session->listener.left(session->selected, session->listener.data);
    g_clear_pointer(&session->ahead, imap_ahead_free);
    g_clear_pointer(&session->selected, g_free);
    g_clear_pointer(&session->map, imap_uid_map_free);
    g_clear_pointer(&session->permanent_flags, g_strfreev);
    session->exists = 0;
    session->highest_modseq = 0;
}

/* " (QRESYNC (UIDVALIDITY MODSEQ known (seqs uids)))"; too many known ones are not said. To be freed. */
static char *resync_argument(const ImapResync *resync)
{
    g_autofree char *known = resync->known ? imap_uid_set_text(resync->known) : NULL;
    GString *text = g_string_new(NULL);

    g_string_printf(text, " (QRESYNC (%u %" G_GUINT64_FORMAT, resync->uid_validity, resync->modseq);
    if (known && *known && strlen(known) <= KNOWN_BYTES)
        g_string_append_printf(text, " %s", known);
    if (resync->match_seqs && resync->match_uids)
        g_string_append_printf(text, " (%s %s)", resync->match_seqs, resync->match_uids);
    g_string_append(text, "))");
    return g_string_free(text, FALSE);
}

static void note_selected(ImapSession *session, const char *raw_name, Selecting *selecting)
{
    session->selected = g_strdup(raw_name);
    session->permanent_flags = g_steal_pointer(&selecting->permanent_flags);
    session->exists = selecting->selected.exists;
    session->uid_validity = selecting->selected.uid_validity;
    session->is_read_only = selecting->selected.is_read_only;
    session->highest_modseq = selecting->selected.highest_modseq;
}

static const char *select_tail(const ImapSession *session)
{
    return imap_session_can(session, IMAP_CAN_CONDSTORE) ? " (CONDSTORE)" : "";
}

gboolean imap_examine_ahead(ImapSession *session, const char *raw_name, const ImapPage *page, GError **error)
{
    if (session->selected)
        return TRUE;
    ImapPending *pending = imap_begin(session, NULL, NULL, error);
    if (!pending || !imap_write(session, "EXAMINE ", error) ||
        !imap_write_string(session, pending, raw_name, FALSE, error) ||
        !imap_write(session, select_tail(session), error) || !imap_send(session, error))
        return FALSE;
    pending->is_unawaited = TRUE;
    session->ahead = g_new0(ImapAhead, 1);
    *session->ahead =
        (ImapAhead){.raw_name = g_strdup(raw_name), .selecting.is_begun = TRUE, .pending = pending};
    if (page) {
        session->ahead->wants_page = TRUE;
        session->ahead->page = *page;
    }
    return TRUE;
}

gboolean imap_ahead_send_page(ImapSession *session, GError **error)
{
    ImapAhead *ahead = session->ahead;

    if (!ahead || !ahead->wants_page)
        return TRUE;
    ahead->wants_page = FALSE;
    return imap_page_send(session, &ahead->page, error);
}

gboolean imap_ahead_takes(ImapSession *session, const ImapResponse *response)
{
    ImapAhead *ahead = session->ahead;

    if (!ahead || !ahead->pending)
        return FALSE;
    /* Not yet selected, for this session: nobody is told of it, and so it has to be read again. */
    if (response->kind == IMAP_EXPUNGE || response->kind == IMAP_VANISHED || response->kind == IMAP_FETCH)
        ahead->is_stale = TRUE;
    if (response->kind == IMAP_OK)
        take_code(session, response->code, &ahead->selecting);
    else if (response->kind == IMAP_EXISTS)
        ahead->selecting.selected.exists = response->number;
    return response->kind == IMAP_EXISTS;
}

void imap_ahead_answered(ImapSession *session, const ImapPending *pending)
{
    ImapAhead *ahead = session->ahead;

    if (!ahead || ahead->pending != pending)
        return;
    ahead->pending = NULL;
    ahead->selecting.selected.is_read_only = TRUE;
    if (pending->result == IMAP_OK)
        note_selected(session, ahead->raw_name, &ahead->selecting);
    else
        g_clear_pointer(&session->ahead, imap_ahead_free);
}

void imap_ahead_is_stale(ImapSession *session)
{
    if (session->ahead)
        session->ahead->is_stale = TRUE;
}

/* What an EXAMINE that went ahead said, if it is of this folder and still true; it is used up in any case. */
static gboolean use_ahead(ImapSession *session, const char *raw_name, gboolean read_only, ImapSelected *out)
{
    ImapAhead *ahead = session->ahead;
    const gboolean is_it =
        ahead && !ahead->pending && !ahead->is_stale && read_only && strcmp(ahead->raw_name, raw_name) == 0;

    if (is_it) {
        *out = ahead->selecting.selected;
        g_clear_pointer(&session->ahead, imap_ahead_free);
    }
    return is_it;
}

/* `page` (NULL: none) goes behind it. That of a folder that cannot be opened is refused too, and nobody waits
 * for that. */
static gboolean select_with(ImapSession *session, const char *raw_name, gboolean read_only, const char *tail,
                            const ImapPage *page, ImapSelected *out, GError **error)
{
    Selecting selecting = {.is_begun = !session->selected};
    ImapPending *pending = imap_begin(session, take_selected, &selecting, error);

    if (!pending) {
        if (session->death)
            forget_selected(session);
        return FALSE;
    }
    forget_selected(session);
    gboolean ok = imap_write(session, read_only ? "EXAMINE " : "SELECT ", error) &&
                  imap_write_string(session, pending, raw_name, FALSE, error) &&
                  imap_write(session, tail, error) && imap_send(session, error) &&
                  (!page || pending->result != IMAP_OTHER || imap_page_send(session, page, error)) &&
                  imap_wait(session, pending, error);
    if (!ok) {
        forget_selected(session);
        g_strfreev(selecting.permanent_flags);
        return FALSE;
    }
    selecting.selected.is_read_only = read_only || imap_code_is(session->ok_code, "READ-ONLY");
    note_selected(session, raw_name, &selecting);
    *out = selecting.selected;
    return TRUE;
}

static gboolean select_or_use_ahead(ImapSession *session, const char *raw_name, gboolean read_only,
                                    const ImapPage *page, ImapSelected *out, GError **error)
{
    g_autofree char *name = g_strdup(raw_name); /* may be the selected one's */

    if (session->ahead && !imap_catch_up(session, error)) {
        forget_selected(session);
        return FALSE;
    }
    return use_ahead(session, name, read_only, out) ||
           select_with(session, name, read_only, select_tail(session), page, out, error);
}

gboolean imap_select(ImapSession *session, const char *raw_name, gboolean read_only, ImapSelected *out,
                     GError **error)
{
    return select_or_use_ahead(session, raw_name, read_only, NULL, out, error);
}

gboolean imap_examine_page(ImapSession *session, const char *raw_name, const ImapPage *page,
                           ImapSelected *out, GError **error)
{
    if (!select_or_use_ahead(session, raw_name, TRUE, page, out, error) ||
        (!imap_page_fits(session, page, out->exists) && !imap_page_drop(session, error)))
        return FALSE;
    out->has_page = imap_page_claim(session);
    return TRUE;
}

gboolean imap_select_resync(ImapSession *session, const char *raw_name, gboolean read_only,
                            const ImapResync *resync, ImapSelected *out, GError **error)
{
    g_autofree char *name = g_strdup(raw_name);
    g_autofree char *tail = resync_argument(resync);
    g_autoptr(GError) refusal = NULL;

    /* ENABLED may be on its way; QRESYNC before it is a BAD (RFC 7162, 3.2.5). */
    if (!imap_check_alive(session, error) || !imap_catch_up(session, error))
        return FALSE;
    if (!imap_session_is_enabled(session, IMAP_CAN_QRESYNC) || !resync->uid_validity || !resync->modseq)
        return imap_select(session, name, read_only, out, error);
    if (select_with(session, name, read_only, tail, NULL, out, &refusal)) {
        out->is_resynced = out->uid_validity == resync->uid_validity && out->highest_modseq > 0;
        return TRUE;
    }
    if (session->death || !tern_error_is(refusal, TERN_ERROR_PROTOCOL)) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        return FALSE;
    }
    /* BAD, though it was announced and enabled: not asked for again on this connection. */
    imap_forget_enabled(session, IMAP_CAN_QRESYNC);
    return imap_select(session, name, read_only, out, error);
}

gboolean imap_unselect(ImapSession *session, GError **error)
{
    if (!imap_check_alive(session, error))
        return FALSE;
    if (!session->selected)
        return TRUE;
    if (!imap_session_can(session, IMAP_CAN_UNSELECT)) {
        if (!imap_drain(session, error))
            return FALSE;
        forget_selected(session);
        return TRUE;
    }
    if (!imap_command(session, "UNSELECT", NULL, NULL, error))
        return FALSE;
    forget_selected(session);
    return TRUE;
}

gboolean imap_session_keeps_flag(const ImapSession *session, const char *flag)
{
    const gboolean is_keyword = *flag != '\\';

    if (!session->permanent_flags)
        return TRUE;
    for (char **at = session->permanent_flags; *at; at++)
        if (!g_ascii_strcasecmp(*at, flag) || (is_keyword && !strcmp(*at, "\\*")))
            return TRUE;
    return FALSE;
}
