/* told.c - see told.h. */
#include "engine/told.h"

#include "base/clock.h"

#define AGAIN_US (24 * 3600 * SECOND_US)
#define MOST_REMEMBERED 200

struct Told {
    GHashTable *at; /* sentence -> int64_t *: when */
};

Told *told_new(void)
{
    Told *told = g_new0(Told, 1);

    told->at = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return told;
}

void told_free(Told *told)
{
    if (!told)
        return;
    g_hash_table_unref(told->at);
    g_free(told);
}

static void forget_oldest(Told *told)
{
    GHashTableIter iter;
    void *sentence, *oldest = NULL, *at;
    int64_t oldest_us = INT64_MAX;

    g_hash_table_iter_init(&iter, told->at);
    while (g_hash_table_iter_next(&iter, &sentence, &at))
        if (*(int64_t *)at < oldest_us) {
            oldest_us = *(int64_t *)at;
            oldest = sentence;
        }
    g_hash_table_remove(told->at, oldest);
}

gboolean told_is_due(Told *told, const char *sentence, int64_t now_us)
{
    int64_t *at = g_hash_table_lookup(told->at, sentence);

    if (at && now_us - *at < AGAIN_US)
        return FALSE;
    if (!at && g_hash_table_size(told->at) >= MOST_REMEMBERED)
        forget_oldest(told);
    g_hash_table_replace(told->at, g_strdup(sentence), g_memdup2(&now_us, sizeof now_us));
    return TRUE;
}
