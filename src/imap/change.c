/* change.c - see change.h. */
#include "imap/change.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/utf7.h"
#include "imap/private.h"
#include "imap/select.h"

#include <string.h>

#define MOVE "UID MOVE "
#define SEARCH "UID SEARCH "

void imap_changed_clear(ImapChanged *changed)
{
    g_clear_pointer(&changed->modified, imap_uid_set_free);
    g_clear_pointer(&changed->refused, imap_uid_set_free);
    g_clear_pointer(&changed->copied, imap_copied_free);
    g_clear_pointer(&changed->absent, imap_uid_set_free);
}

/* ---- sending ---- */

/* Which MOVE an untagged COPYUID is of: the one that moves those messages. Not simply the first: Dovecot
 * 2.3.19 says it before the answers to STOREs that were sent earlier. */
static ImapPending *find_move(ImapSession *session, const char *code)
{
    g_auto(GStrv) words = g_strsplit(code, " ", 4);
    g_autoptr(ImapUidSet) moved = words[0] && words[1] && words[2] ? imap_uid_set_parse(words[2], 0) : NULL;
    guint n;

    if (!moved)
        return NULL;
    const ImapUidRange *ranges = imap_uid_set_ranges(moved, &n);
    for (GList *at = session->pending.head; at; at = at->next) {
        ImapPending *pending = at->data;
        if (pending->is_move && pending->result == IMAP_OTHER &&
            imap_uid_set_contains(pending->uids, ranges[0].first))
            return pending;
    }
    return NULL;
}

/* What a search has found is of the oldest one that has no answer yet: they are answered in order. */
static gboolean take_found(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                           GError **error)
{
    for (GList *at = session->pending.head; at; at = at->next) {
        ImapPending *pending = at->data;
        if (!pending->absent || pending->result != IMAP_OTHER)
            continue;
        g_autoptr(ImapUidSet) found = imap_found_uids(tree, response, pending->tag, error);
        guint n = 0;
        const ImapUidRange *ranges = found ? imap_uid_set_ranges(found, &n) : NULL;
        for (guint i = 0; i < n; i++)
            imap_uid_set_remove_range(pending->absent, ranges[i].first, ranges[i].last);
        return found != NULL;
    }
    return FALSE;
}

/* What comes while changes are under way: MOVE's COPYUID, which comes untagged (RFC 6851, 4.3), and what a
 * search finds; all else is news. */
static gboolean take_change(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                            void *data, GError **error)
{
    ImapPending *pending;

    (void)data;
    if (response->kind == IMAP_SEARCH || response->kind == IMAP_ESEARCH)
        return take_found(session, tree, response, error);
    if (response->kind == IMAP_OK && imap_code_is(response->code, "COPYUID") &&
        (pending = find_move(session, response->code))) {
        g_free(pending->copied);
        pending->copied = g_strdup(response->code);
    }
    return FALSE;
}

/* One command for each piece of the set: verb, piece, tail, name (may be NULL). The last one ends the
 * change. */
static gboolean send_pieces(ImapSession *session, ImapUidSet *uids, const char *verb, const char *tail,
                            const char *raw_name, GError **error)
{
    g_auto(GStrv) pieces = imap_uid_set_texts(uids, IMAP_SET_BYTES);

    if (!imap_check_alive(session, error))
        return FALSE;
    if (!session->selected || !pieces[0]) {
        tern_error_set(error, TERN_ERROR_BUG, "%sof nothing", verb);
        return FALSE;
    }
    for (char **piece = pieces; *piece; piece++) {
        ImapPending *pending = imap_begin(session, take_change, NULL, error);
        if (!pending)
            return FALSE;
        pending->uids = imap_uid_set_parse(*piece, 0);
        pending->is_move = !strcmp(verb, MOVE);
        pending->absent = g_str_has_prefix(verb, SEARCH) ? imap_uid_set_parse(*piece, 0) : NULL;
        pending->is_last = !piece[1];
        if (!imap_write(session, verb, error) || !imap_write(session, *piece, error) ||
            !imap_write(session, tail, error) ||
            (raw_name && !imap_write_string(session, pending, raw_name, FALSE, error)) ||
            !imap_send(session, error))
            return FALSE;
    }
    return imap_flush(session, error);
}

/* The flags that the folder keeps, with spaces between them; "" for none. */
static char *kept_flags(const ImapSession *session, const char *const *flags)
{
    GString *text = g_string_new(NULL);

    for (; *flags; flags++)
        if (imap_session_keeps_flag(session, *flags))
            g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", *flags);
    return g_string_free(text, FALSE);
}

/* An atom, or a backslash and an atom (RFC 3501, 9: flag-keyword, flag-extension). */
static gboolean is_flag(const char *flag)
{
    const char *at = *flag == '\\' ? flag + 1 : flag;

    for (const char *c = at; *c; c++)
        if ((guchar)*c <= ' ' || (guchar)*c >= 0x7f || strchr("(){%*\"\\]", *c))
            return FALSE;
    return *at != '\0';
}

gboolean imap_store_send(ImapSession *session, ImapUidSet *uids, ImapStore how, const char *const *flags,
                         uint64_t unchanged_since, GError **error)
{
    g_autofree char *kept = kept_flags(session, flags);
    g_autoptr(GString) tail = g_string_new(NULL);

    for (const char *const *flag = flags; *flag; flag++) {
        if (is_flag(*flag))
            continue;
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” cannot be a keyword"), *flag);
        return FALSE;
    }
    if (!*kept) {
        tern_error_set(error, TERN_ERROR_REFUSED, _("the folder does not keep “%s” for good"),
                       *flags ? *flags : "");
        return FALSE;
    }
    if (unchanged_since > 0 && session->highest_modseq > 0)
        g_string_printf(tail, " (UNCHANGEDSINCE %" G_GUINT64_FORMAT ")", unchanged_since);
    g_string_append_printf(tail, " %sFLAGS.SILENT (%s)", how == IMAP_STORE_ADD ? "+" : "-", kept);
    return send_pieces(session, uids, "UID STORE ", tail->str, NULL, error);
}

gboolean imap_labels_send(ImapSession *session, ImapUidSet *uids, ImapStore how, const char *const *labels,
                          GError **error)
{
    g_autoptr(GString) tail = g_string_new(how == IMAP_STORE_ADD ? " +X-GM-LABELS (" : " -X-GM-LABELS (");

    if (!imap_check_alive(session, error))
        return FALSE;
    if (!imap_session_can(session, IMAP_CAN_GMAIL)) {
        tern_error_set(error, TERN_ERROR_REFUSED, _("the server keeps no labels"));
        return FALSE;
    }
    for (const char *const *label = labels; *label; label++) {
        g_autofree char *raw = imap_speaks_utf8(session) ? g_strdup(*label) : utf7_encode(*label, "");
        g_string_append_c(tail, '"');
        for (const char *at = raw; *at; at++) {
            if (*at == '"' || *at == '\\')
                g_string_append_c(tail, '\\');
            g_string_append_c(tail, *at);
        }
        g_string_append(tail, label[1] ? "\" " : "\"");
    }
    g_string_append_c(tail, ')');
    return send_pieces(session, uids, "UID STORE ", tail->str, NULL, error);
}

gboolean imap_copy_send(ImapSession *session, ImapUidSet *uids, const char *raw_name, GError **error)
{
    return send_pieces(session, uids, "UID COPY ", " ", raw_name, error);
}

gboolean imap_move_send(ImapSession *session, ImapUidSet *uids, const char *raw_name, GError **error)
{
    return send_pieces(session, uids, MOVE, " ", raw_name, error);
}

gboolean imap_expunge_send(ImapSession *session, ImapUidSet *uids, GError **error)
{
    if (!imap_check_alive(session, error))
        return FALSE;
    if (!imap_session_can(session, IMAP_CAN_UIDPLUS)) {
        tern_error_set(error, TERN_ERROR_REFUSED,
                       _("the server cannot delete single messages for good (it has no UIDPLUS)"));
        return FALSE;
    }
    return send_pieces(session, uids, "UID EXPUNGE ", "", NULL, error);
}

gboolean imap_look_send(ImapSession *session, ImapUidSet *uids, GError **error)
{
    const gboolean is_short = imap_session_can(session, IMAP_CAN_ESEARCH);

    return send_pieces(session, uids, is_short ? SEARCH "RETURN (ALL) UID " : SEARCH "UID ", "", NULL, error);
}

gboolean imap_expunge_all(ImapSession *session, GError **error)
{
    if (!session->selected) {
        tern_error_set(error, TERN_ERROR_BUG, "EXPUNGE of nothing");
        return FALSE;
    }
    return imap_command(session, "EXPUNGE", NULL, NULL, error);
}

/* ---- waiting ---- */

/* MODIFIED 7,9 (RFC 7162, 3.1.3) */
static void take_modified(const char *code, ImapChanged *out)
{
    if (!imap_code_is(code, "MODIFIED"))
        return;
    g_autofree char *text = g_strstrip(g_strdup(code + strlen("MODIFIED")));
    g_autoptr(ImapUidSet) uids = imap_uid_set_parse(text, 0);
    if (uids)
        imap_uid_set_add_all(out->modified, uids);
}

/* One command's answer. */
static gboolean wait_one(ImapSession *session, ImapPending *pending, ImapChanged *out, GError **error)
{
    const uint64_t most = imap_uid_set_count(pending->uids);

    if (!imap_await(session, pending, error))
        return FALSE;
    g_autoptr(ImapUidSet) uids = g_steal_pointer(&pending->uids);
    if (pending->absent)
        imap_uid_set_add_all(out->absent, pending->absent);
    if (!imap_copied_add_code(out->copied, pending->code, most))
        imap_copied_add_code(out->copied, pending->copied, most);
    take_modified(pending->code, out);
    if (imap_conclude(session, pending, error))
        return TRUE;
    imap_uid_set_add_all(out->refused, uids);
    return FALSE;
}

gboolean imap_change_wait(ImapSession *session, ImapChanged *out, GError **error)
{
    g_autoptr(GError) first = NULL;
    gboolean is_last = FALSE;

    *out = (ImapChanged){imap_uid_set_new(), imap_uid_set_new(), imap_copied_new(), imap_uid_set_new()};
    if (!imap_check_alive(session, error))
        return FALSE;
    while (!is_last) {
        ImapPending *pending = imap_first_awaited(session);
        g_autoptr(GError) failed = NULL;

        if (!pending || !pending->uids) {
            tern_error_set(error, TERN_ERROR_BUG, "no change is under way");
            return FALSE;
        }
        is_last = pending->is_last;
        if (!wait_one(session, pending, out, &failed))
            imap_keep_error(session, &first, &failed);
        if (session->death)
            break;
    }
    const gboolean ok = !first;
    if (first)
        g_propagate_error(error, g_steal_pointer(&first));
    return ok;
}

/* ---- one at a time ---- */

static gboolean wait_if(ImapSession *session, gboolean is_sent, ImapChanged *out, GError **error)
{
    *out = (ImapChanged){0};
    return is_sent && imap_change_wait(session, out, error);
}

gboolean imap_store(ImapSession *session, ImapUidSet *uids, ImapStore how, const char *const *flags,
                    uint64_t unchanged_since, ImapChanged *out, GError **error)
{
    return wait_if(session,
                   imap_drain(session, error) &&
                       imap_store_send(session, uids, how, flags, unchanged_since, error),
                   out, error);
}

gboolean imap_copy(ImapSession *session, ImapUidSet *uids, const char *raw_name, ImapChanged *out,
                   GError **error)
{
    return wait_if(session, imap_drain(session, error) && imap_copy_send(session, uids, raw_name, error), out,
                   error);
}

gboolean imap_move(ImapSession *session, ImapUidSet *uids, const char *raw_name, ImapChanged *out,
                   GError **error)
{
    return wait_if(session, imap_drain(session, error) && imap_move_send(session, uids, raw_name, error), out,
                   error);
}

gboolean imap_expunge(ImapSession *session, ImapUidSet *uids, ImapChanged *out, GError **error)
{
    return wait_if(session, imap_drain(session, error) && imap_expunge_send(session, uids, error), out,
                   error);
}
