/* news.c - what comes though nobody asked: of the selected folder (RFC 3501, 7.3 and 7.4; 7162, 3.2.10), and
 * by NOTIFY of the others (RFC 5465). */
#include "imap/private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "imap/folder.h"

/* ---- the selected folder ---- */

static void tell_gone(ImapSession *session, ImapUidSet *uids, gboolean is_earlier)
{
    if (session->listener.gone)
        session->listener.gone(uids, is_earlier, session->listener.data);
}

static gboolean take_exists(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                            GError **error)
{
    (void)tree, (void)error;
    session->exists = response->number;
    if (session->listener.exists)
        session->listener.exists(response->number, session->listener.data);
    return TRUE;
}

static gboolean take_expunge(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                             GError **error)
{
    g_autoptr(ImapUidSet) uids = NULL;
    uint32_t uid;

    (void)tree;
    if (response->number > session->exists)
        return imap_nonsense(error, "EXPUNGE");
    session->exists--;
    if (session->map && (uid = imap_uid_map_expunge(session->map, response->number)) > 0) {
        uids = imap_uid_set_new();
        imap_uid_set_add(uids, uid);
    }
    tell_gone(session, uids, FALSE);
    return TRUE;
}

/* VANISHED [(EARLIER)] set */
static gboolean take_vanished(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                              GError **error)
{
    gboolean is_earlier = imap_tree_is_kind(tree, response->first, IMAP_LIST) &&
                          imap_tree_is(tree, response->first + 1, "EARLIER");
    guint index = is_earlier ? imap_tree_end(tree, response->first) : response->first;
    const char *text = imap_tree_text(tree, index);
    /* Dovecot of early 2021 says "0:3" where UIDs 1 to 3 went (its pull request 162). */
    g_autofree char *from_one = g_str_has_prefix(text, "0:") ? g_strconcat("1", text + 1, NULL) : NULL;
    g_autoptr(ImapUidSet) uids = imap_uid_set_parse(from_one ? from_one : text, 0);

    if (!uids)
        return imap_nonsense(error, "VANISHED");
    if (!is_earlier) {
        session->exists -= (uint32_t)MIN(imap_uid_set_count(uids), session->exists);
        g_clear_pointer(&session->map, imap_uid_map_free); /* a server that says this says no EXPUNGE */
    }
    tell_gone(session, uids, is_earlier);
    return TRUE;
}

static gboolean take_flags(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                           GError **error)
{
    g_autoptr(GError) problem = NULL;
    ImapFetchLine line;
    ImapFetched *message = &line.message;

    if (!imap_response_fetch(tree, response, session->texts, &line, &problem))
        return imap_skip(session, &problem, error);
    if (session->map && message->uid)
        imap_uid_map_learn(session->map, message->seq, message->uid);
    if (session->map && !message->uid)
        message->uid = imap_uid_map_find(session->map, message->seq);
    if (message->has_flags && session->listener.flags)
        session->listener.flags(message->seq, message->uid, message->flags, message->modseq,
                                session->listener.data);
    return TRUE;
}

typedef gboolean (*TakeFunc)(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                             GError **error);

gboolean imap_take_folder_news(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                               GError **error)
{
    static const struct {
        ImapResponseKind kind;
        TakeFunc take;
    } NEWS[] = {{IMAP_EXISTS, take_exists},
                {IMAP_EXPUNGE, take_expunge},
                {IMAP_VANISHED, take_vanished},
                {IMAP_FETCH, take_flags}};

    for (gsize i = 0; i < G_N_ELEMENTS(NEWS); i++)
        if (NEWS[i].kind == response->kind) {
            imap_ahead_is_stale(session);
            return NEWS[i].take(session, tree, response, error);
        }
    return TRUE;
}

gboolean imap_check_validity(ImapSession *session, const ImapResponse *response, GError **error)
{
    uint64_t number;

    if (response->kind != IMAP_OK || !session->uid_validity ||
        !imap_code_number(response->code, "UIDVALIDITY", UINT32_MAX, &number) || !number ||
        number == session->uid_validity)
        return TRUE;
    tern_error_set(error, TERN_ERROR_NETWORK,
                   _("the folder was replaced on the server while it was open; it is opened anew"));
    return FALSE;
}

/* ---- the others ---- */

static gboolean take_status(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                            GError **error)
{
    g_autoptr(GError) problem = NULL;
    ImapFolder folder = {0};
    g_autofree char *made = NULL;
    const char *raw_name;

    if (!imap_response_status(tree, response, &raw_name, &folder, &problem))
        return imap_skip_folder(session, tree, response, &problem, error);
    folder.raw_name = (char *)imap_name_told(session, raw_name, &made); /* borrowed for the call */
    session->listener.status(&folder, session->listener.data);
    return TRUE;
}

static gboolean take_listed(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                            GError **error)
{
    g_autoptr(GError) problem = NULL;
    ImapListed listed;

    if (!imap_response_list(tree, response, &listed, &problem))
        return imap_skip_folder(session, tree, response, &problem, error);
    if (!*listed.raw_name)
        return TRUE;

    g_autofree char *made = NULL, *old_made = NULL;
    const char *raw_name = imap_name_told(session, listed.raw_name, &made),
               *old_raw_name = imap_name_told(session, listed.old_raw_name, &old_made);
    g_autofree char *name = imap_shown_name(session, raw_name, listed.delimiter);
    const ImapFolder folder = {
        .raw_name = (char *)raw_name, /* borrowed for the call */
        .name = name,
        .delimiter = listed.delimiter,
        .role = listed.role,
        .selectable = !(listed.attributes & IMAP_LIST_NOSELECT),
        .subscribed = (listed.attributes & IMAP_LIST_SUBSCRIBED) != 0,
        .has_children = (listed.attributes & IMAP_LIST_HAS_CHILDREN) != 0,
        .can_have_children = !(listed.attributes & IMAP_LIST_NO_INFERIORS),
    };
    session->listener.listed(&folder, old_raw_name, (listed.attributes & IMAP_LIST_NONEXISTENT) != 0,
                             session->listener.data);
    return TRUE;
}

gboolean imap_take_account_news(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                                GError **error)
{
    if (response->kind == IMAP_STATUS_LINE && session->listener.status)
        return take_status(session, tree, response, error);
    if (response->kind == IMAP_LIST_LINE && session->listener.listed)
        return take_listed(session, tree, response, error);
    if (imap_code_is(response->code, "NOTIFICATIONOVERFLOW") && session->listener.overflow)
        session->listener.overflow(session->listener.data);
    return TRUE;
}
