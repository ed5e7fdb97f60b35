/* folder_order.c - see folder_order.h. */
#include "store/folder_order.h"

#include "store/types.h"

#include <string.h>

/* Where siblings with a role stand; those without one come last, by name. */
static const int RANKS[] = {
    [STORE_ROLE_NONE] = 99,   [STORE_ROLE_INBOX] = 0,   [STORE_ROLE_DRAFTS] = 1,
    [STORE_ROLE_SENT] = 2,    [STORE_ROLE_ARCHIVE] = 3, [STORE_ROLE_ALL] = 4,
    [STORE_ROLE_FLAGGED] = 5, [STORE_ROLE_JUNK] = 6,    [STORE_ROLE_TRASH] = 7,
};

/* The same for comparing whatever the case. Most names are ASCII, and there are many of them. */
static char *fold(const char *name)
{
    if (g_str_is_ascii(name))
        return g_ascii_strdown(name, -1);
    g_autofree char *folded = g_utf8_casefold(name, -1);
    char *normal = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
    /* cppcheck-suppress memleak ; it is what is returned */
    return normal ? normal : g_steal_pointer(&folded);
}

/* A folder's place: one string that compares by bytes. Each level is its rank, its folded name and its name,
 * ended by bytes that sort before all text, so that a parent comes before its children. */
static char *sort_key(const StoreFolder *folder, GHashTable *roles)
{
    GString *key = g_string_new(NULL), *path = g_string_new(NULL);
    g_auto(GStrv) levels = g_strsplit(folder->name, "/", -1);

    g_string_append_printf(key, "%020" G_GINT64_FORMAT "\x01%d\x01", folder->account_id, (int)folder->space);
    g_string_append_printf(path, "%" G_GINT64_FORMAT, folder->account_id);
    for (guint i = 0; levels[i]; i++) {
        g_string_append_printf(path, "/%s", levels[i]);
        int rank = GPOINTER_TO_INT(g_hash_table_lookup(roles, path->str));
        g_autofree char *folded = fold(levels[i]);
        g_string_append_printf(key, "%02d%s\x02%s\x01", rank ? rank - 1 : RANKS[STORE_ROLE_NONE], folded,
                               levels[i]);
    }
    g_string_free(path, TRUE);
    return g_string_free(key, FALSE);
}

typedef struct {
    char *key;
    StoreFolder *folder;
} Place;

static int compare_places(const void *a, const void *b)
{
    const Place *one = a, *other = b;
    int order = strcmp(one->key, other->key);

    return order ? order : one->folder->id < other->folder->id ? -1 : 1;
}

void folder_order_sort(GPtrArray *folders)
{
    g_autoptr(GHashTable) roles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree Place *places = g_new(Place, folders->len + 1);

    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (folder->role == STORE_ROLE_NONE || (guint)folder->role >= G_N_ELEMENTS(RANKS))
            continue;
        char *path = g_strdup_printf("%" G_GINT64_FORMAT "/%s", folder->account_id, folder->name);
        g_hash_table_replace(roles, path, GINT_TO_POINTER(RANKS[folder->role] + 1));
    }
    for (guint i = 0; i < folders->len; i++)
        places[i] = (Place){sort_key(folders->pdata[i], roles), folders->pdata[i]};
    qsort(places, folders->len, sizeof *places, compare_places);
    for (guint i = 0; i < folders->len; i++) {
        folders->pdata[i] = places[i].folder;
        g_free(places[i].key);
    }
}
