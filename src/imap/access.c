/* access.c - see access.h. */
#include "imap/access.h"

#include "base/error.h"
#include "base/limits.h"
#include "imap/private.h"

#include <string.h>

/* Entries of one answer; more are no list that anybody keeps. */
#define MOST_ENTRIES 10000

/* ---- rights ---- */

static guint read_rights(const char *letters)
{
    static const struct {
        char letter;
        guint rights;
    } RIGHTS[] = {
        {'l', IMAP_MAY_SEE},
        {'r', IMAP_MAY_READ},
        {'s', IMAP_MAY_KEEP_SEEN},
        {'w', IMAP_MAY_SET_FLAGS},
        {'i', IMAP_MAY_INSERT},
        {'p', IMAP_MAY_POST},
        {'k', IMAP_MAY_CREATE},
        {'x', IMAP_MAY_DELETE_FOLDER},
        {'t', IMAP_MAY_DELETE},
        {'e', IMAP_MAY_EXPUNGE},
        {'a', IMAP_MAY_ADMINISTER},
        /* RFC 2086's, which RFC 4314, 2.1.1 splits up. */
        {'c', IMAP_MAY_CREATE},
        {'d', IMAP_MAY_DELETE | IMAP_MAY_EXPUNGE},
    };
    guint rights = 0;

    for (; *letters; letters++)
        for (gsize i = 0; i < G_N_ELEMENTS(RIGHTS); i++)
            if (RIGHTS[i].letter == *letters)
                rights |= RIGHTS[i].rights;
    return rights;
}

/* MYRIGHTS INBOX lrswipkxte; `data` is a table from name to the place for its rights. */
static gboolean take_my_rights(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                               void *data, GError **error)
{
    guint *rights;

    (void)session;
    if (response->kind != IMAP_MY_RIGHTS)
        return FALSE;
    if (!imap_tree_is_astring(tree, response->first) || !imap_tree_is_astring(tree, response->first + 1))
        return imap_nonsense(error, "MYRIGHTS");
    rights = g_hash_table_lookup(data, imap_name_key(imap_tree_text(tree, response->first)));
    if (rights)
        *rights = read_rights(imap_tree_text(tree, response->first + 1));
    return TRUE;
}

static ImapPending *ask_of(ImapSession *session, const char *verb, const char *raw_name,
                           ImapUntaggedFunc handler, void *data, GError **error)
{
    ImapPending *pending = imap_begin(session, handler, data, error);

    return pending && imap_write(session, verb, error) &&
                   imap_write_string(session, pending, raw_name, FALSE, error) && imap_send(session, error)
               ? pending
               : NULL;
}

gboolean imap_my_rights(ImapSession *session, const char *raw_name, guint *rights_out, GError **error)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    guint rights = G_MAXUINT;

    g_hash_table_insert(by_name, (gpointer)imap_name_key(raw_name), &rights);
    ImapPending *pending = ask_of(session, "MYRIGHTS ", raw_name, take_my_rights, by_name, error);
    if (!pending || !imap_wait(session, pending, error))
        return FALSE;
    if (rights == G_MAXUINT)
        return imap_nonsense(error, "MYRIGHTS");
    *rights_out = rights;
    return TRUE;
}

gboolean imap_my_rights_of(ImapSession *session, const char *const *raw_names, guint n, guint *rights_out,
                           GError **error)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    ImapPending *sent[IMAP_WINDOW];

    for (guint i = 0; i < n; i++)
        g_hash_table_insert(by_name, (gpointer)imap_name_key(raw_names[i]), &rights_out[i]);
    for (guint from = 0; from < n; from += IMAP_WINDOW) {
        guint size = MIN(IMAP_WINDOW, n - from);
        for (guint i = 0; i < size; i++)
            if (!(sent[i] =
                      ask_of(session, "MYRIGHTS ", raw_names[from + i], take_my_rights, by_name, error)))
                return FALSE;
        for (guint i = 0; i < size; i++)
            if (!imap_wait(session, sent[i], NULL) && session->death)
                return imap_check_alive(session, error);
    }
    return TRUE;
}

/* ---- lists ---- */

static void entry_free(ImapAclEntry *entry)
{
    g_free(entry->who);
    g_free(entry->letters);
    g_free(entry);
}

/* ACL INBOX ada lrswipkxtea anyone lr */
static gboolean take_acl(ImapSession *session, const ImapTree *tree, const ImapResponse *response, void *data,
                         GError **error)
{
    GPtrArray *entries = data;

    (void)session;
    if (response->kind != IMAP_ACL_LINE)
        return FALSE;
    for (guint i = response->first + 1; i < tree->n && entries->len < MOST_ENTRIES; i += 2) {
        if (!imap_tree_is_astring(tree, i) || !imap_tree_is_astring(tree, i + 1))
            return imap_nonsense(error, "ACL");
        ImapAclEntry *entry = g_new0(ImapAclEntry, 1);
        entry->who = g_strdup(imap_tree_text(tree, i));
        entry->letters = g_strdup(imap_tree_text(tree, i + 1));
        g_strcanon(entry->letters, "abcdefghijklmnopqrstuvwxyz0123456789", '?');
        entry->rights = read_rights(entry->letters);
        g_ptr_array_add(entries, entry);
    }
    return TRUE;
}

GPtrArray *imap_acl(ImapSession *session, const char *raw_name, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
    ImapPending *pending = ask_of(session, "GETACL ", raw_name, take_acl, entries, error);

    return pending && imap_wait(session, pending, error) ? g_steal_pointer(&entries) : NULL;
}

static void quota_free(ImapQuota *quota)
{
    g_free(quota->root);
    g_free(quota->resource);
    g_free(quota);
}

/* QUOTA "User quota" (STORAGE 10 512 MESSAGE 3 100) */
static gboolean take_quota(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                           void *data, GError **error)
{
    GPtrArray *quotas = data;
    guint list = response->first + 1, end = imap_tree_end(tree, list);

    (void)session;
    if (response->kind != IMAP_QUOTA_LINE)
        return response->kind == IMAP_QUOTA_ROOT;
    if (!imap_tree_is_astring(tree, response->first) || !imap_tree_is_kind(tree, list, IMAP_LIST))
        return imap_nonsense(error, "QUOTA");
    /* It is kept with each of its resources. */
    if (strlen(imap_tree_text(tree, response->first)) > LIMIT_IMAP_NAME_BYTES)
        return TRUE;
    for (guint i = list + 1; i < end && quotas->len < MOST_ENTRIES; i += 3) {
        uint64_t used, limit;
        if (i + 2 >= end || !imap_tree_is_kind(tree, i, IMAP_ATOM) ||
            !imap_tree_number(tree, i + 1, INT64_MAX, &used) ||
            !imap_tree_number(tree, i + 2, INT64_MAX, &limit))
            return imap_nonsense(error, "QUOTA");
        const gboolean is_kib = imap_tree_is(tree, i, "STORAGE");
        ImapQuota *quota = g_new0(ImapQuota, 1);
        quota->root = g_strdup(imap_tree_text(tree, response->first));
        quota->resource = g_ascii_strup(imap_tree_text(tree, i), -1);
        quota->used = is_kib ? MIN(used, INT64_MAX >> 10) << 10 : used;
        quota->limit = is_kib ? MIN(limit, INT64_MAX >> 10) << 10 : limit;
        g_ptr_array_add(quotas, quota);
    }
    return TRUE;
}

GPtrArray *imap_quota(ImapSession *session, const char *raw_name, GError **error)
{
    g_autoptr(GPtrArray) quotas = g_ptr_array_new_with_free_func((GDestroyNotify)quota_free);
    ImapPending *pending = ask_of(session, "GETQUOTAROOT ", raw_name, take_quota, quotas, error);

    return pending && imap_wait(session, pending, error) ? g_steal_pointer(&quotas) : NULL;
}
