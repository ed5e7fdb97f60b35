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

/* A folder that has a rank of its own; there are few. */
typedef struct {
    int64_t account_id;
    const char *name;
    gsize size;
    int rank;
} Ranked;

/* The same for comparing whatever the case. Most names are ASCII, and there are many of them. */
static void append_folded(GString *key, const char *level, gsize size)
{
    const gsize start = key->len;

    g_string_append_len(key, level, (gssize)size);
    for (gsize i = start; i < key->len; i++) {
        if ((guchar)key->str[i] < 0x80) {
            key->str[i] = g_ascii_tolower(key->str[i]);
            continue;
        }
        g_autofree char *folded = g_utf8_casefold(level, (gssize)size);
        g_autofree char *normal = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
        g_string_truncate(key, start);
        g_string_append(key, normal ? normal : folded);
        return;
    }
}

static int rank_of(const GArray *ranked, const StoreFolder *folder, gsize size)
{
    for (guint i = 0; i < ranked->len; i++) {
        const Ranked *one = &g_array_index(ranked, Ranked, i);
        if (one->size == size && one->account_id == folder->account_id &&
            memcmp(one->name, folder->name, size) == 0)
            return one->rank;
    }
    return RANKS[STORE_ROLE_NONE];
}

static void append_number(GString *key, uint64_t number, int bytes)
{
    for (int shift = (bytes - 1) * 6; shift >= 0; shift -= 6)
        g_string_append_c(key, (char)('0' + (number >> shift & 63)));
}

/* A folder's place: one string that compares by bytes. Each level is its rank, its folded name and its name,
 * ended by bytes that sort before all text, so that a parent comes before its children. Made without printf:
 * a prompt that opens waits for five thousand of them. */
static char *sort_key(const StoreFolder *folder, const GArray *ranked)
{
    GString *key = g_string_sized_new(64);
    const char *level = folder->name;

    append_number(key, (uint64_t)folder->account_id, 11);
    append_number(key, (uint64_t)folder->space, 1);
    for (;;) {
        const gsize size = strcspn(level, "/");
        append_number(key, (uint64_t)rank_of(ranked, folder, (gsize)(level + size - folder->name)), 2);
        append_folded(key, level, size);
        g_string_append_c(key, '\x02');
        g_string_append_len(key, level, (gssize)size);
        g_string_append_c(key, '\x01');
        if (!level[size])
            return g_string_free(key, FALSE);
        level += size + 1;
    }
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
    g_autoptr(GArray) ranked = g_array_new(FALSE, FALSE, sizeof(Ranked));
    g_autofree Place *places = g_new(Place, folders->len + 1);

    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (folder->role == STORE_ROLE_NONE || (guint)folder->role >= G_N_ELEMENTS(RANKS))
            continue;
        const Ranked one = {folder->account_id, folder->name, strlen(folder->name), RANKS[folder->role]};
        g_array_append_val(ranked, one);
    }
    for (guint i = 0; i < folders->len; i++)
        places[i] = (Place){sort_key(folders->pdata[i], ranked), folders->pdata[i]};
    qsort(places, folders->len, sizeof *places, compare_places);
    for (guint i = 0; i < folders->len; i++) {
        folders->pdata[i] = places[i].folder;
        g_free(places[i].key);
    }
}
