/* search.c - see search.h; and the map of sequence numbers, which a search makes. */
#include "imap/search.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "imap/private.h"
#include "imap/select.h"

#include <string.h>

/* Messages that may come and go while a search runs. */
#define SEARCH_SLACK 1000
/* A SEARCH that comes in more pieces than that, with other things between them, is none of a map. */
#define MOST_MAPS 100

typedef struct {
    ImapUidSet *uids;
    guint tag;
    uint32_t exists;  /* when it began */
    uint64_t told;    /* numbers and ranges so far */
    gboolean is_told; /* an answer came, be it an empty one */
    gboolean makes_map;
    gboolean is_new; /* the map does not have all that was found */
    guint n_maps;    /* made so far */
} Search;

/* ---- answers ---- */

/* SEARCH 2 84 882 (MODSEQ 5) */
static gboolean take_search(const ImapTree *tree, const ImapResponse *response, Search *search,
                            GError **error)
{
    for (guint i = response->first; i < tree->n; i = imap_tree_end(tree, i)) {
        uint64_t uid;
        if (imap_tree_is_kind(tree, i, IMAP_LIST))
            continue;
        if (!imap_tree_number(tree, i, UINT32_MAX, &uid) || uid == 0)
            return imap_nonsense(error, "SEARCH");
        imap_uid_set_add(search->uids, (uint32_t)uid);
        search->told++;
    }
    return TRUE;
}

static gboolean add_set(const ImapTree *tree, guint index, Search *search)
{
    g_autoptr(ImapUidSet) set = imap_uid_set_parse(imap_tree_text(tree, index), 0);

    guint n;

    if (!set)
        return FALSE;
    imap_uid_set_ranges(set, &n);
    search->told += n;
    imap_uid_set_add_all(search->uids, set);
    return TRUE;
}

/* One name and its value: ALL 1:3,5; others were not asked for. FALSE: nonsense. */
static gboolean take_item(const ImapTree *tree, guint name, Search *search)
{
    return !imap_tree_is(tree, name, "ALL") || add_set(tree, name + 1, search);
}

/* ESEARCH (TAG "A5") UID ALL 1:3,5 COUNT 4 */
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
    for (; i < tree->n; i = imap_tree_end(tree, i + 1))
        if (i + 1 >= tree->n || !take_item(tree, i, search))
            return imap_nonsense(error, "ESEARCH");
    return TRUE;
}

/* A folder cannot have more matches than messages: looked at as they come, so that memory has an end too. */
static uint64_t most_found(const ImapSession *session, const Search *search)
{
    return MIN((uint64_t)MAX(search->exists, session->exists) + SEARCH_SLACK, LIMIT_IMAP_SEARCH);
}

static gboolean too_many(GError **error)
{
    tern_error_set(error, TERN_ERROR_PROTOCOL, _("the IMAP server found more messages than the folder has"));
    return FALSE;
}

/* The map of what has been found so far, before an EXPUNGE that counts from there (RFC 3501, 7.4.1 allows it
 * to UID commands). FALSE: that has no end. */
static gboolean make_map(ImapSession *session, Search *search, GError **error)
{
    if (!search->is_new)
        return TRUE;
    if (++search->n_maps > MOST_MAPS)
        return imap_nonsense(error, "SEARCH");
    search->is_new = FALSE;
    imap_uid_map_free(session->map);
    session->map = imap_uid_map_new(search->uids);
    return TRUE;
}

static gboolean take_found(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                           void *data, GError **error)
{
    Search *search = data;

    if (response->kind != IMAP_SEARCH && response->kind != IMAP_ESEARCH) {
        if (search->makes_map)
            make_map(session, search, error);
        return FALSE;
    }
    if (response->kind == IMAP_SEARCH ? !take_search(tree, response, search, error)
                                      : !take_esearch(tree, response, search, error))
        return FALSE;
    search->is_new = search->is_told = TRUE;
    return search->told <= most_found(session, search) || too_many(error);
}

ImapUidSet *imap_found_uids(const ImapTree *tree, const ImapResponse *response, guint tag, GError **error)
{
    g_autoptr(ImapUidSet) uids = imap_uid_set_new();
    Search search = {.uids = uids, .tag = tag};
    const gboolean ok = response->kind == IMAP_SEARCH ? take_search(tree, response, &search, error)
                                                      : take_esearch(tree, response, &search, error);

    return ok ? g_steal_pointer(&uids) : NULL;
}

/* ---- commands ---- */

static gboolean is_possible(const ImapSession *session, const Search *search, GError **error)
{
    return imap_uid_set_count(search->uids) <= most_found(session, search) || too_many(error);
}

static ImapPending *begin_search(ImapSession *session, Search *search, const char *options, GError **error)
{
    ImapPending *pending = imap_begin(session, take_found, search, error);

    if (!pending)
        return NULL;
    search->tag = pending->tag;
    search->exists = session->exists;
    return imap_write(session, "UID SEARCH ", error) && imap_write(session, options, error) ? pending : NULL;
}

/* The search's UIDs, which become the caller's; NULL and an error. */
static ImapUidSet *run_search(ImapSession *session, const char *options, const char *criteria, Search *search,
                              GError **error)
{
    search->uids = imap_uid_set_new();
    ImapPending *pending = begin_search(session, search, options, error);

    if (pending && imap_write(session, criteria, error) && imap_finish(session, pending, error) &&
        is_possible(session, search, error))
        return search->uids;
    imap_uid_set_free(search->uids);
    return NULL;
}

static const char *all_of(const ImapSession *session)
{
    return imap_session_can(session, IMAP_CAN_ESEARCH) ? "RETURN (ALL) " : "";
}

static void tell(const Search *search, gboolean *is_told_out)
{
    if (is_told_out)
        *is_told_out = search->is_told;
}

ImapUidSet *imap_search(ImapSession *session, const char *criteria, gboolean *is_told_out, GError **error)
{
    Search search = {0};
    ImapUidSet *uids = run_search(session, all_of(session), criteria, &search, error);

    tell(&search, is_told_out);
    return uids;
}

ImapUidSet *imap_search_message_id(ImapSession *session, uint32_t from_uid, const char *message_id,
                                   gboolean *is_told_out, GError **error)
{
    g_autofree char *criteria = g_strdup_printf("UID %u:* HEADER Message-ID ", from_uid);
    g_autoptr(ImapUidSet) uids = imap_uid_set_new();
    Search search = {.uids = uids};
    ImapPending *pending = begin_search(session, &search, all_of(session), error);

    if (!pending || !imap_write(session, criteria, error) ||
        !imap_write_string(session, pending, message_id, FALSE, error) ||
        !imap_finish(session, pending, error) || !is_possible(session, &search, error))
        return NULL;
    tell(&search, is_told_out);
    /* "n:*" means the last one even where it is older. */
    if (from_uid > 1)
        imap_uid_set_remove_range(uids, 1, from_uid - 1);
    return g_steal_pointer(&uids);
}

/* ---- the map ---- */

gboolean imap_map(ImapSession *session, GError **error)
{
    Search search = {.makes_map = TRUE};

    g_clear_pointer(&session->map, imap_uid_map_free);
    g_autoptr(ImapUidSet) uids = run_search(session, all_of(session), "ALL", &search, error);
    if (!uids) {
        g_clear_pointer(&session->map, imap_uid_map_free);
        return FALSE;
    }
    search.uids = uids;
    search.is_new |= !session->map; /* a server may leave out a SEARCH that found nothing */
    return make_map(session, &search, error);
}
