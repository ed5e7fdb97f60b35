/* list.c - the folders of all namespaces (RFC 3501 LIST and LSUB; 5258, 5819, 6154), and STATUS. */
#include "imap/private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "imap/utf7.h"

#include <string.h>

/* STATUS commands under way at once. */
#define STATUS_WINDOW 50

typedef struct {
    GPtrArray *folders;   /* ImapFolder *, in the server's order */
    GHashTable *by_name;  /* raw name -> ImapFolder *, both the array's */
    GHashTable *by_shown; /* name -> the same */
} Listing;

void imap_folder_free(ImapFolder *folder)
{
    if (!folder)
        return;
    g_free(folder->raw_name);
    g_free(folder->name);
    g_free(folder);
}

static gboolean is_inbox(const char *raw_name)
{
    return !g_ascii_strcasecmp(raw_name, "INBOX");
}

/* How a folder is called on the screen: decoded, its levels parted by '/'. A '/' that parts nothing becomes
 * U+2215. */
static char *shown_name(const char *raw_name, char delimiter)
{
    if (is_inbox(raw_name))
        return g_strdup("INBOX");

    g_autofree char *decoded = imap_utf7_show(raw_name);
    GString *name = g_string_new(NULL);
    for (const char *at = decoded; *at; at++) {
        if (delimiter && *at == delimiter)
            g_string_append_c(name, '/');
        else if (*at == '/')
            g_string_append(name, "\xe2\x88\x95");
        else
            g_string_append_c(name, *at);
    }
    if (name->len > 1 && name->str[name->len - 1] == '/') /* "folder/": some servers list parents like that */
        g_string_truncate(name, name->len - 1);
    return g_string_free(name, FALSE);
}

static ImapFolder *find(const Listing *listing, const char *raw_name)
{
    return g_hash_table_lookup(listing->by_name, is_inbox(raw_name) ? "INBOX" : raw_name);
}

/* Two raw names that look the same get told apart by the second one's raw name. */
static void give_name(Listing *listing, ImapFolder *folder)
{
    folder->name = shown_name(folder->raw_name, folder->delimiter);
    while (g_hash_table_contains(listing->by_shown, folder->name)) {
        g_autofree char *plain = g_steal_pointer(&folder->name);
        g_autofree char *raw = g_strescape(folder->raw_name, NULL);
        folder->name = g_strdup_printf("%s [%s]", plain, raw);
    }
    g_hash_table_insert(listing->by_shown, folder->name, folder);
}

static gboolean take_list(Listing *listing, const ImapTree *tree, const ImapResponse *response,
                          GError **error)
{
    ImapListed listed;

    if (!imap_response_list(tree, response, &listed, error))
        return FALSE;
    if (!*listed.raw_name)
        return TRUE; /* the root of a namespace, which is no folder */

    ImapFolder *folder = find(listing, listed.raw_name);
    if (!folder) {
        if (listing->folders->len == LIMIT_IMAP_FOLDERS) {
            tern_error_set(error, TERN_ERROR_LIMIT, _("the IMAP server has more than %d folders"),
                           LIMIT_IMAP_FOLDERS);
            return FALSE;
        }
        folder = g_new0(ImapFolder, 1);
        folder->raw_name = g_strdup(is_inbox(listed.raw_name) ? "INBOX" : listed.raw_name);
        folder->delimiter = listed.delimiter;
        g_ptr_array_add(listing->folders, folder);
        g_hash_table_insert(listing->by_name, folder->raw_name, folder);
        give_name(listing, folder);
    }
    folder->selectable = !(listed.attributes & IMAP_LIST_NOSELECT);
    folder->subscribed |= (listed.attributes & IMAP_LIST_SUBSCRIBED) != 0;
    folder->has_children |= (listed.attributes & IMAP_LIST_HAS_CHILDREN) != 0;
    if (is_inbox(folder->raw_name))
        folder->role = IMAP_ROLE_INBOX;
    else if (listed.role != IMAP_ROLE_NONE)
        folder->role = listed.role;
    return TRUE;
}

/* A subscription may outlive its folder: it makes none. */
static gboolean take_lsub(Listing *listing, const ImapTree *tree, const ImapResponse *response,
                          GError **error)
{
    ImapListed listed;

    if (!imap_response_list(tree, response, &listed, error))
        return FALSE;
    ImapFolder *folder = find(listing, listed.raw_name);
    if (folder && !(listed.attributes & IMAP_LIST_NOSELECT))
        folder->subscribed = TRUE;
    return TRUE;
}

static gboolean take_status(Listing *listing, const ImapTree *tree, const ImapResponse *response,
                            GError **error)
{
    const char *raw_name;

    if (!imap_response_status(tree, response, &raw_name, NULL, error))
        return FALSE;
    ImapFolder *folder = find(listing, raw_name);
    return !folder || imap_response_status(tree, response, &raw_name, folder, error);
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

static const char *status_items(const ImapSession *session)
{
    return imap_session_can(session, IMAP_CAN_CONDSTORE)
               ? "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
               : "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)";
}

/* What lies beside "*", which alone need not show other people's and shared folders (RFC 2342). */
static GPtrArray *patterns_beside(const ImapSession *session)
{
    GPtrArray *patterns = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < session->namespaces->len; i++) {
        const char *prefix = g_ptr_array_index(session->namespaces, i);
        if (g_ascii_strncasecmp(prefix, "INBOX", 5) != 0)
            g_ptr_array_add(patterns, g_strconcat(prefix, "*", NULL));
    }
    return patterns;
}

/* Everything in one command and one answer. */
static gboolean list_extended(ImapSession *session, const GPtrArray *patterns, Listing *listing,
                              GError **error)
{
    g_autoptr(GString) options = g_string_new(" RETURN (SUBSCRIBED CHILDREN");
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
        g_string_append_printf(options, " STATUS %s", status_items(session));
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

/* First "*", in the flight of NAMESPACE's question; then what that told of. A namespace that cannot be listed is
 * passed over. */
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

GPtrArray *imap_list(ImapSession *session, GError **error)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) by_shown = g_hash_table_new(g_str_hash, g_str_equal);
    Listing listing = {folders, by_name, by_shown};

    if (!list_all(session, &listing, error))
        return NULL;
    find_parents(&listing);
    return g_steal_pointer(&folders);
}

/* ---- STATUS ---- */

typedef struct {
    ImapFolder *const *folders;
    guint n, next; /* the one whose answer comes next */
} Statuses;

static gboolean is_same(const ImapFolder *folder, const char *raw_name)
{
    return !strcmp(folder->raw_name, raw_name) || (is_inbox(folder->raw_name) && is_inbox(raw_name));
}

/* Answers come in the order of the commands, but for those that were refused. */
static gboolean take_one_status(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                                void *data, GError **error)
{
    Statuses *statuses = data;
    const char *raw_name;

    (void)session;
    if (response->kind != IMAP_STATUS_LINE)
        return FALSE;
    if (!imap_response_status(tree, response, &raw_name, NULL, error))
        return FALSE;
    for (guint i = 0; i < statuses->n; i++) {
        guint at = (statuses->next + i) % statuses->n;
        if (!is_same(statuses->folders[at], raw_name))
            continue;
        statuses->next = at + 1;
        return imap_response_status(tree, response, &raw_name, statuses->folders[at], error);
    }
    return TRUE;
}

gboolean imap_status(ImapSession *session, ImapFolder *const *folders, guint n, GError **error)
{
    Statuses statuses = {folders, n, 0};
    ImapPending *sent[STATUS_WINDOW];

    for (guint from = 0; from < n; from += STATUS_WINDOW) {
        guint size = MIN(STATUS_WINDOW, n - from);
        for (guint i = 0; i < size; i++) {
            sent[i] = imap_begin(session, take_one_status, &statuses, error);
            if (!sent[i] || !imap_write(session, "STATUS ", error) ||
                !imap_write_string(session, sent[i], folders[from + i]->raw_name, FALSE, error) ||
                !imap_write(session, " ", error) || !imap_write(session, status_items(session), error) ||
                !imap_send(session, error))
                return FALSE;
        }
        for (guint i = 0; i < size; i++)
            if (!imap_wait(session, sent[i], NULL) && session->death)
                return imap_check_alive(session, error);
    }
    return TRUE;
}
