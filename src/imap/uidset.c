/* uidset.c - see uidset.h. */
#include "imap/uidset.h"

#include "imap/parser.h"

#include <string.h>

struct ImapUidSet {
    GArray *ranges; /* ImapUidRange */
    gboolean is_sorted;
};

ImapUidSet *imap_uid_set_new(void)
{
    ImapUidSet *set = g_new(ImapUidSet, 1);

    set->ranges = g_array_new(FALSE, FALSE, sizeof(ImapUidRange));
    set->is_sorted = TRUE;
    return set;
}

void imap_uid_set_free(ImapUidSet *set)
{
    if (!set)
        return;
    g_array_unref(set->ranges);
    g_free(set);
}

void imap_uid_set_add(ImapUidSet *set, uint32_t uid)
{
    imap_uid_set_add_range(set, uid, uid);
}

void imap_uid_set_add_range(ImapUidSet *set, uint32_t first, uint32_t last)
{
    ImapUidRange range = {MAX(MIN(first, last), 1), MAX(first, last)};

    if (range.last == 0)
        return;
    if (set->ranges->len > 0) {
        ImapUidRange *newest = &g_array_index(set->ranges, ImapUidRange, set->ranges->len - 1);
        /* Numbers mostly come one after the other, up or down: one range grows then. */
        if (range.first == (uint64_t)newest->last + 1) {
            newest->last = range.last;
            return;
        }
        if ((uint64_t)range.last + 1 == newest->first && set->ranges->len == 1) {
            newest->first = range.first;
            return;
        }
        if (range.first <= newest->last)
            set->is_sorted = FALSE;
    }
    g_array_append_val(set->ranges, range);
}

/* One number, or "*". */
static gboolean read_number(const char *text, gsize bytes, uint32_t star, uint32_t *number_out)
{
    uint64_t number;

    if (bytes == 1 && *text == '*')
        number = star;
    else if (!imap_digits(text, bytes, UINT32_MAX, &number))
        return FALSE;
    *number_out = (uint32_t)number;
    return number > 0;
}

ImapUidSet *imap_uid_set_parse(const char *text, uint32_t star)
{
    g_autoptr(ImapUidSet) set = imap_uid_set_new();

    for (const char *at = text;; at++) {
        gsize bytes = strcspn(at, ",");
        const char *colon = memchr(at, ':', bytes);
        gsize left = colon ? (gsize)(colon - at) : bytes;
        uint32_t first, last;

        if (!read_number(at, left, star, &first))
            return NULL;
        last = first;
        if (colon && !read_number(colon + 1, bytes - left - 1, star, &last))
            return NULL;
        imap_uid_set_add_range(set, first, last);
        at += bytes;
        if (!*at)
            return g_steal_pointer(&set);
    }
}

static gint compare_ranges(gconstpointer a, gconstpointer b)
{
    const ImapUidRange *left = a, *right = b;

    return left->first < right->first ? -1 : left->first > right->first;
}

const ImapUidRange *imap_uid_set_ranges(ImapUidSet *set, guint *n_out)
{
    ImapUidRange *ranges = (ImapUidRange *)(void *)set->ranges->data;
    guint n = 0;

    if (!set->is_sorted) {
        g_array_sort(set->ranges, compare_ranges);
        for (guint i = 0; i < set->ranges->len; i++) {
            if (n > 0 && ranges[i].first <= (uint64_t)ranges[n - 1].last + 1)
                ranges[n - 1].last = MAX(ranges[n - 1].last, ranges[i].last);
            else
                ranges[n++] = ranges[i];
        }
        g_array_set_size(set->ranges, n);
        set->is_sorted = TRUE;
    }
    *n_out = set->ranges->len;
    return ranges;
}

uint64_t imap_uid_set_count(ImapUidSet *set)
{
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(set, &n);
    uint64_t count = 0;

    for (guint i = 0; i < n; i++)
        count += (uint64_t)ranges[i].last - ranges[i].first + 1;
    return count;
}

void imap_uid_set_add_all(ImapUidSet *set, ImapUidSet *other)
{
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(other, &n);

    for (guint i = 0; i < n; i++)
        imap_uid_set_add_range(set, ranges[i].first, ranges[i].last);
}

void imap_uid_set_remove_range(ImapUidSet *set, uint32_t first, uint32_t last)
{
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(set, &n);
    GArray *left = g_array_sized_new(FALSE, FALSE, sizeof(ImapUidRange), n);

    for (guint i = 0; i < n; i++) {
        const ImapUidRange below = {ranges[i].first, MIN(ranges[i].last, first - 1)};
        const ImapUidRange above = {MAX(ranges[i].first, last + 1), ranges[i].last};
        if (first > 0 && below.first <= below.last)
            g_array_append_val(left, below);
        if (last < UINT32_MAX && above.first <= above.last)
            g_array_append_val(left, above);
    }
    g_array_unref(set->ranges);
    set->ranges = left;
}

gboolean imap_uid_set_contains(ImapUidSet *set, uint32_t uid)
{
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(set, &n);
    guint low = 0, high = n;

    while (low < high) { /* the first range that ends at or behind uid */
        guint middle = low + (high - low) / 2;
        if (ranges[middle].last < uid)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && ranges[low].first <= uid;
}

char **imap_uid_set_texts(ImapUidSet *set, gsize most_bytes)
{
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(set, &n);
    GPtrArray *texts = g_ptr_array_new();
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < n; i++) {
        char piece[32];
        gsize bytes =
            (gsize)(ranges[i].first == ranges[i].last
                        ? g_snprintf(piece, sizeof piece, "%u", ranges[i].first)
                        : g_snprintf(piece, sizeof piece, "%u:%u", ranges[i].first, ranges[i].last));
        if (text->len > 0 && text->len + 1 + bytes > most_bytes) {
            g_ptr_array_add(texts, g_strdup(text->str));
            g_string_truncate(text, 0);
        }
        if (text->len > 0)
            g_string_append_c(text, ',');
        g_string_append_len(text, piece, (gssize)bytes);
    }
    if (text->len > 0)
        g_ptr_array_add(texts, g_strdup(text->str));
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_free(texts, FALSE);
}

char *imap_uid_set_text(ImapUidSet *set)
{
    g_auto(GStrv) texts = imap_uid_set_texts(set, G_MAXSIZE);

    return g_strdup(texts[0] ? texts[0] : "");
}
