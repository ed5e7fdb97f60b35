/* list.c - the folders of all namespaces (RFC 3501 LIST and LSUB; 5258, 5819, 6154). */
#include "imap/folder.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "imap/private.h"

#include <string.h>

typedef struct {
    ImapSession *session;
    GPtrArray *folders;   /* ImapFolder *, in the server's order */
    GHashTable *by_name;  /* raw name -> ImapFolder *, both the array's */
    GHashTable *by_shown; /* name -> the same */
    ImapListGaps gaps;
} Listing;

static ImapFolder *find(const Listing *listing, const char *raw_name)
{
    return g_hash_table_lookup(listing->by_name, imap_name_key(raw_name));
}

/* Two raw names that look the same get told apart by the second one's raw name. */
static void give_name(Listing *listing, ImapFolder *folder)
{
    folder->name = imap_shown_name(listing->session, folder->raw_name, folder->delimiter);
    while (g_hash_table_contains(listing->by_shown, folder->name)) {
        g_autofree char *plain = g_steal_pointer(&folder->name);
        g_autofree char *raw = g_strescape(folder->raw_name, NULL);
        folder->name = g_strdup_printf("%s [%s]", plain, raw);
    }
    g_hash_table_insert(listing->by_shown, folder->name, folder);
}

/* Whether NOTIFY told it meanwhile: a folder that was listed already goes, or is told without what LIST knows of
 * it. What never was there but for its children, as the root of a namespace, is no news (RFC 5258, 3.4). */
static gboolean is_news_of(const Listing *listing, const ImapFolder *folder, const ImapListed *listed)
{
    const gboolean goes = (listed->attributes & IMAP_LIST_NONEXISTENT) && folder && folder->selectable;

    return listing->session->is_notified && (goes || (folder && !listed->attributes));
}

/* A folder that went before its turn in the list came, as NOTIFY tells it. */
static gboolean is_gone(const Listing *listing, const ImapFolder *folder, const ImapListed *listed)
{
    return listing->session->is_notified && !folder && listed->attributes & IMAP_LIST_NONEXISTENT &&
           !(listed->attributes & (IMAP_LIST_HAS_CHILDREN | IMAP_LIST_SUBSCRIBED));
}

/* The root of a namespace, which is no folder: nothing, or the delimiter alone. */
static gboolean is_root(const ImapListed *listed)
{
    const char *name = listed->raw_name;

    return !*name || (listed->attributes & IMAP_LIST_NOSELECT && *name == listed->delimiter && !name[1]);
}

/* One that was not listed before; NULL: there are as many already as are taken. The Inbox is in any case. */
static ImapFolder *add_folder(Listing *listing, const char *raw_name, char delimiter)
{
    if (listing->folders->len >= LIMIT_IMAP_FOLDERS && !imap_is_inbox(raw_name)) {
        listing->gaps.has_more = TRUE;
        return NULL;
    }
    ImapFolder *folder = g_new0(ImapFolder, 1);
    folder->raw_name = g_strdup(imap_name_key(raw_name));
    folder->delimiter = delimiter;
    g_ptr_array_add(listing->folders, folder);
    g_hash_table_insert(listing->by_name, folder->raw_name, folder);
    give_name(listing, folder);
    return folder;
}

/* FALSE without an error: it is no part of the list, but news. */
static gboolean take_list(Listing *listing, const ImapTree *tree, const ImapResponse *response,
                          GError **error)
{
    g_autoptr(GError) problem = NULL;
    ImapListed listed;

    if (!imap_response_list(tree, response, &listed, &problem)) {
        listing->gaps.has_odd = TRUE;
        return imap_skip_folder(listing->session, tree, response, &problem, error);
    }
    if (is_root(&listed))
        return TRUE;

    g_autofree char *made = NULL;
    const char *raw_name = imap_name_told(listing->session, listed.raw_name, &made);
    ImapFolder *folder = find(listing, raw_name);
    if (is_news_of(listing, folder, &listed))
        return FALSE;
    if (is_gone(listing, folder, &listed))
        return TRUE;
    if (!folder && !(folder = add_folder(listing, raw_name, listed.delimiter)))
        return TRUE;
    folder->selectable = !(listed.attributes & IMAP_LIST_NOSELECT);
    folder->subscribed |= (listed.attributes & IMAP_LIST_SUBSCRIBED) != 0;
    folder->can_have_children = !(listed.attributes & IMAP_LIST_NO_INFERIORS);
    folder->has_children |= (listed.attributes & IMAP_LIST_HAS_CHILDREN) != 0;
    if (imap_is_inbox(folder->raw_name))
        folder->role = IMAP_ROLE_INBOX;
    else if (listed.role != IMAP_ROLE_NONE)
        folder->role = listed.role;
    return TRUE;
}

/* A subscription may outlive its folder: it makes none. */
static gboolean take_lsub(Listing *listing, const ImapTree *tree, const ImapResponse *response,
                          GError **error)
{
    g_autoptr(GError) problem = NULL;
    ImapListed listed;

    if (!imap_response_list(tree, response, &listed, &problem))
        return imap_skip_folder(listing->session, tree, response, &problem, error);
    ImapFolder *folder = find(listing, listed.raw_name);
    if (folder && !(listed.attributes & IMAP_LIST_NOSELECT))
        folder->subscribed = TRUE;
    return TRUE;
}

static gboolean take_status(Listing *listing, const ImapTree *tree, const ImapResponse *response,
                            GError **error)
{
    g_autoptr(GError) problem = NULL;
    const char *raw_name;

    if (!imap_response_status(tree, response, &raw_name, NULL, &problem))
        return imap_skip_folder(listing->session, tree, response, &problem, error);
    g_autofree char *made = NULL;
    ImapFolder *folder = find(listing, imap_name_told(listing->session, raw_name, &made));
    if (folder && !imap_response_status(tree, response, &raw_name, folder, &problem))
        return imap_skip_folder(listing->session, tree, response, &problem, error);
    if (folder)
        imap_learn_folders_limit(listing->session, folder);
    return TRUE;
}

static gboolean take_listing(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                             void *data, GError **error)
{
    (void)session;
    switch (response->kind) {
    case IMAP_LIST_LINE:
        return take_list(data, tree, response, error);
    case IMAP_LSUB_LINE:
        return take_lsub(data, tree, response, error);
    case IMAP_STATUS_LINE:
        return take_status(data, tree, response, error);
    default:
        return FALSE;
    }
}

/* ---- commands ---- */

/* What lies beside "*", which alone need not show other people's and shared folders (RFC 2342). */
static GPtrArray *patterns_beside(const ImapSession *session)
{
    GPtrArray *patterns = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < session->namespaces->len; i++) {
        const char *prefix = ((ImapNamespace *)g_ptr_array_index(session->namespaces, i))->prefix;
        if (*prefix && g_ascii_strncasecmp(prefix, "INBOX", 5) != 0)
            g_ptr_array_add(patterns, g_strconcat(prefix, "*", NULL));
    }
    return patterns;
}

/* Everything in one command and one answer. */
static gboolean list_extended(ImapSession *session, const GPtrArray *patterns, Listing *listing,
                              GError **error)
{
    g_autoptr(GString) options = g_string_new(" RETURN (SUBSCRIBED CHILDREN");
    g_autofree char *items = imap_status_items(session);
    ImapPending *pending = imap_begin(session, take_listing, listing, error);

    if (!pending || !imap_write(session, patterns->len > 1 ? "LIST \"\" (" : "LIST \"\" ", error))
        return FALSE;
    for (guint i = 0; i < patterns->len; i++)
        if ((i > 0 && !imap_write(session, " ", error)) ||
            !imap_write_string(session, pending, g_ptr_array_index(patterns, i), FALSE, error))
            return FALSE;
    if (imap_session_can(session, IMAP_CAN_SPECIAL_USE))
        g_string_append(options, " SPECIAL-USE");
    if (imap_session_can(session, IMAP_CAN_LIST_STATUS))
        g_string_append_printf(options, " STATUS %s", items);
    g_string_append_c(options, ')');
    return (patterns->len == 1 || imap_write(session, ")", error)) &&
           imap_write(session, options->str, error) && imap_finish(session, pending, error);
}

/* One pattern after the other; FALSE when one is refused, or the session is dead. */
static gboolean list_plain(ImapSession *session, const GPtrArray *patterns, const char *verb,
                           Listing *listing, GError **error)
{
    for (guint i = 0; i < patterns->len; i++) {
        ImapPending *pending = imap_begin(session, take_listing, listing, error);

        if (!pending || !imap_write(session, verb, error) ||
            !imap_write_string(session, pending, g_ptr_array_index(patterns, i), FALSE, error) ||
            !imap_finish(session, pending, error))
            return FALSE;
    }
    return TRUE;
}

/* The old way also where the extended one is announced and then refused. */
static gboolean list_patterns(ImapSession *session, const GPtrArray *patterns, Listing *listing,
                              GError **error)
{
    if (imap_session_can(session, IMAP_CAN_LIST_EXTENDED)) {
        if (list_extended(session, patterns, listing, NULL))
            return TRUE;
        if (session->death)
            return imap_check_alive(session, error);
    }
    return list_plain(session, patterns, "LIST \"\" ", listing, error) &&
           list_plain(session, patterns, "LSUB \"\" ", listing, error);
}

/* First "*", in the flight of NAMESPACE's question; then what that told of. A namespace that cannot be listed
 * is passed over. */
static gboolean list_all(ImapSession *session, Listing *listing, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    g_ptr_array_add(all, (char *)"*");
    if (!list_patterns(session, all, listing, error) || !imap_catch_up(session, error))
        return FALSE;
    g_autoptr(GPtrArray) beside = patterns_beside(session);
    if (beside->len && !list_patterns(session, beside, listing, NULL) && session->death)
        return imap_check_alive(session, error);
    return TRUE;
}

/* Servers do not all say \HasChildren. */
static void find_parents(const Listing *listing)
{
    for (guint i = 0; i < listing->folders->len; i++) {
        const ImapFolder *folder = g_ptr_array_index(listing->folders, i);
        g_autofree char *parent = g_strdup(folder->raw_name);
        char *last = folder->delimiter ? strrchr(parent, folder->delimiter) : NULL;
        if (!last || !last[1])
            continue;
        *last = '\0';
        ImapFolder *found = find(listing, parent);
        if (found)
            found->has_children = TRUE;
    }
}

/* By the longest prefix that fits; what fits none is one's own. The root of a namespace ("shared") belongs to
 * it. */
static ImapNamespaceKind space_of(const ImapSession *session, const char *raw_name)
{
    ImapNamespaceKind kind = IMAP_PERSONAL;
    gsize best = 0;

    for (guint i = 0; i < session->namespaces->len; i++) {
        const ImapNamespace *space = g_ptr_array_index(session->namespaces, i);
        const gsize size = strlen(space->prefix);
        const gsize root =
            size && space->delimiter && space->prefix[size - 1] == space->delimiter ? size - 1 : size;
        if (size > best && strncmp(raw_name, space->prefix, root) == 0 &&
            (!raw_name[root] || root == size || raw_name[root] == space->delimiter)) {
            best = size;
            kind = space->kind;
        }
    }
    return kind;
}

static void find_spaces(const Listing *listing)
{
    for (guint i = 0; i < listing->folders->len; i++) {
        ImapFolder *folder = g_ptr_array_index(listing->folders, i);
        if (!imap_is_inbox(folder->raw_name))
            folder->space = space_of(listing->session, folder->raw_name);
    }
}

GPtrArray *imap_list(ImapSession *session, ImapListGaps *gaps_out, GError **error)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) by_shown = g_hash_table_new(g_str_hash, g_str_equal);
    Listing listing = {session, folders, by_name, by_shown, {FALSE, FALSE}};

    *gaps_out = listing.gaps;
    if (!list_all(session, &listing, error))
        return NULL;
    find_parents(&listing);
    find_spaces(&listing);
    *gaps_out = listing.gaps;
    return g_steal_pointer(&folders);
}
