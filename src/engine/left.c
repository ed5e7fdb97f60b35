/* left.c - see left.h. */
#include "engine/left.h"
#include "base/clock.h"

/* How long to wait with the second question, and doubled with each further one; beyond the longest, the next
 * poll is soon enough. */
#define FIRST_WAIT_US (SECOND_US / 2)
#define LONGEST_WAIT_US (2 * 60 * SECOND_US)
/* Folders that are remembered: more are left only by the first sync of an account, whose end is another look
 * at all. */
#define MOST_LEFT 10000

typedef struct {
    gboolean is_left; /* since it was asked about last */
    int64_t due_us, wait_us;
} Place;

struct Left {
    GHashTable *places; /* raw name -> Place */
};

Left *left_new(void)
{
    Left *left = g_new0(Left, 1);

    left->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return left;
}

void left_free(Left *left)
{
    if (!left)
        return;
    g_hash_table_unref(left->places);
    g_free(left);
}

void left_clear(Left *left)
{
    g_hash_table_remove_all(left->places);
}

void left_note(Left *left, const char *raw_name, int64_t now_us)
{
    Place *place = g_hash_table_lookup(left->places, raw_name);

    if (!place && g_hash_table_size(left->places) >= MOST_LEFT)
        return;
    if (!place) {
        place = g_new0(Place, 1);
        g_hash_table_insert(left->places, g_strdup(raw_name), place);
    }
    if (!place->is_left)
        place->due_us = now_us + place->wait_us;
    place->is_left = TRUE;
}

GPtrArray *left_take_due(Left *left, const char *selected, guint most, int64_t now_us)
{
    GPtrArray *due = g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);
    GHashTableIter iter;
    void *raw_name, *value;

    g_hash_table_iter_init(&iter, left->places);
    while (due->len < most && g_hash_table_iter_next(&iter, &raw_name, &value)) {
        Place *place = value;
        if (!place->is_left || place->due_us > now_us || g_strcmp0(raw_name, selected) == 0)
            continue;
        ImapFolder *folder = g_new0(ImapFolder, 1);
        folder->raw_name = g_strdup(raw_name);
        place->is_left = FALSE;
        g_ptr_array_add(due, folder);
    }
    return due;
}

void left_answered(Left *left, const char *raw_name, gboolean is_changed, int64_t now_us)
{
    Place *place = g_hash_table_lookup(left->places, raw_name);

    if (!place)
        return;
    place->wait_us = place->wait_us ? place->wait_us * 2 : FIRST_WAIT_US;
    if (!is_changed || place->wait_us > LONGEST_WAIT_US)
        g_hash_table_remove(left->places, raw_name);
    else if (place->is_left)
        place->due_us = now_us + place->wait_us;
}

int64_t left_due_us(const Left *left, const char *selected)
{
    int64_t due_us = DEADLINE_NONE;
    GHashTableIter iter;
    void *raw_name, *value;

    g_hash_table_iter_init(&iter, left->places);
    while (g_hash_table_iter_next(&iter, &raw_name, &value)) {
        const Place *place = value;
        if (place->is_left && g_strcmp0(raw_name, selected) != 0)
            due_us = MIN(due_us, place->due_us);
    }
    return due_us;
}
