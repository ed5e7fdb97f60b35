/* select.c - SELECT and EXAMINE (RFC 3501, 6.3.1; 7162, 3.1.8), and UID SEARCH (RFC 3501, 6.4.8; 4731). */
#include "imap/private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "imap/uidset.h"

#include <string.h>

/* ---- SELECT ---- */

static void take_code(const char *code, ImapSelected *selected)
{
    uint64_t number;

    if (imap_code_number(code, "UIDVALIDITY", UINT32_MAX, &number))
        selected->uid_validity = (uint32_t)number;
    else if (imap_code_number(code, "UIDNEXT", UINT32_MAX, &number))
        selected->uid_next = (uint32_t)number;
    else if (imap_code_number(code, "HIGHESTMODSEQ", INT64_MAX, &number))
        selected->highest_modseq = number;
}

/* From here to the tagged OK everything is about the new folder. */
static gboolean take_selected(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                              void *data, GError **error)
{
    ImapSelected *selected = data;

    (void)session, (void)tree, (void)error;
    switch (response->kind) {
    case IMAP_EXISTS:
        selected->exists = response->number;
        return TRUE;
    case IMAP_OK:
        take_code(response->code, selected);
        return !imap_code_is(response->code, "ALERT");
    default:
        return FALSE;
    }
}

gboolean imap_select(ImapSession *session, const char *raw_name, gboolean read_only, ImapSelected *out,
                     GError **error)
{
    ImapSelected selected = {0};
    ImapPending *pending = imap_begin(session, take_selected, &selected, error);
    const char *tail = imap_session_can(session, IMAP_CAN_CONDSTORE) ? " (CONDSTORE)" : "";
    g_autofree char *name = g_strdup(raw_name); /* may be the selected one's */

    /* A SELECT that fails leaves none selected (RFC 3501, 6.3.1). */
    g_clear_pointer(&session->selected, g_free);
    session->exists = 0;
    session->highest_modseq = 0;
    if (!pending || !imap_write(session, read_only ? "EXAMINE " : "SELECT ", error) ||
        !imap_write_string(session, pending, name, FALSE, error) || !imap_write(session, tail, error) ||
        !imap_finish(session, pending, error))
        return FALSE;
    selected.is_read_only = read_only || imap_code_is(session->ok_code, "READ-ONLY");
    session->selected = g_steal_pointer(&name);
    session->exists = selected.exists;
    session->highest_modseq = selected.highest_modseq;
    *out = selected;
    return TRUE;
}

/* ---- SEARCH ---- */

/* Messages that may come and go while a search runs. */
#define SEARCH_SLACK 1000

typedef struct {
    ImapUidSet *found;
    guint tag;
    uint32_t exists; /* when it began */
} Search;

static gboolean take_search(const ImapTree *tree, const ImapResponse *response, Search *search,
                            GError **error)
{
    for (guint i = response->first; i < tree->n; i = imap_tree_end(tree, i)) {
        uint64_t uid;
        if (imap_tree_is_kind(tree, i, IMAP_LIST))
            continue; /* (MODSEQ 5) */
        if (!imap_tree_number(tree, i, UINT32_MAX, &uid) || uid == 0)
            return imap_nonsense(error, "SEARCH");
        imap_uid_set_add(search->found, (uint32_t)uid);
    }
    return TRUE;
}

/* ESEARCH (TAG "A5") UID ALL 1:3,5 */
static gboolean take_esearch(const ImapTree *tree, const ImapResponse *response, Search *search,
                             GError **error)
{
    guint i = response->first;

    if (imap_tree_is_kind(tree, i, IMAP_LIST)) {
        g_autofree char *tag = g_strdup_printf("A%u", search->tag);
        if (imap_tree_is(tree, i + 1, "TAG") && strcmp(imap_tree_text(tree, i + 2), tag) != 0)
            return TRUE;
        i = imap_tree_end(tree, i);
    }
    if (imap_tree_is(tree, i, "UID"))
        i++;
    for (; i + 1 < tree->n; i = imap_tree_end(tree, i + 1)) {
        if (!imap_tree_is(tree, i, "ALL"))
            continue;
        g_autoptr(ImapUidSet) all = imap_uid_set_parse(imap_tree_text(tree, i + 1), 0);
        guint n;
        if (!all)
            return imap_nonsense(error, "ESEARCH");
        const ImapUidRange *ranges = imap_uid_set_ranges(all, &n);
        for (guint j = 0; j < n; j++)
            imap_uid_set_add_range(search->found, ranges[j].first, ranges[j].last);
    }
    return TRUE;
}

static gboolean take_found(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                           void *data, GError **error)
{
    (void)session;
    if (response->kind == IMAP_SEARCH)
        return take_search(tree, response, data, error);
    if (response->kind == IMAP_ESEARCH)
        return take_esearch(tree, response, data, error);
    return FALSE;
}

/* The set as numbers; a folder cannot have more matches than messages, so a range that a server makes up
 * costs nothing. */
static GArray *numbers_of(ImapUidSet *found, uint32_t exists, GError **error)
{
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(found, &n);
    GArray *uids;

    if (imap_uid_set_count(found) > MIN((uint64_t)exists + SEARCH_SLACK, LIMIT_IMAP_SEARCH)) {
        tern_error_set(error, TERN_ERROR_PROTOCOL,
                       _("the IMAP server found more messages than the folder has"));
        return NULL;
    }
    uids = g_array_sized_new(FALSE, FALSE, sizeof(guint32), (guint)imap_uid_set_count(found));
    for (guint i = 0; i < n; i++) {
        for (guint64 uid = ranges[i].first; uid <= ranges[i].last; uid++) {
            guint32 number = (guint32)uid;
            g_array_append_val(uids, number);
        }
    }
    return uids;
}

GArray *imap_search(ImapSession *session, const char *criteria, GError **error)
{
    g_autoptr(ImapUidSet) found = imap_uid_set_new();
    Search search = {.found = found, .exists = session->exists};
    gboolean extended = imap_session_can(session, IMAP_CAN_ESEARCH);
    ImapPending *pending = imap_begin(session, take_found, &search, error);

    if (!pending)
        return NULL;
    search.tag = pending->tag;
    if (!imap_write(session, extended ? "UID SEARCH RETURN (ALL) " : "UID SEARCH ", error) ||
        !imap_write(session, criteria, error) || !imap_finish(session, pending, error))
        return NULL;
    return numbers_of(found, MAX(search.exists, session->exists), error);
}
