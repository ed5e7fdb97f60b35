/* compose_turns.c - see compose_turns.h. */
#include "ui/compose_turns.h"

#include <stdatomic.h>

/* Of one draft. */
typedef struct {
    atomic_int references;
    atomic_uint last;      /* the number of the turn that was taken last */
    atomic_bool is_behind; /* the disk has not what the last finished job had */
} Turns;

struct SaveTurn {
    Turns *turns;
    guint number;
    gboolean has_news, is_lost;
};

static void turns_unref(void *data)
{
    Turns *turns = data;

    if (atomic_fetch_sub(&turns->references, 1) == 1)
        g_free(turns);
}

GHashTable *save_turns_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, turns_unref);
}

SaveTurn *save_turn_take(GHashTable *turns, const char *id, gboolean has_news)
{
    SaveTurn *turn = g_new0(SaveTurn, 1);
    Turns *shared = g_hash_table_lookup(turns, id);

    if (!shared) {
        shared = g_new0(Turns, 1);
        atomic_store(&shared->references, 1);
        g_hash_table_insert(turns, g_strdup(id), shared);
    }
    atomic_fetch_add(&shared->references, 1);
    *turn = (SaveTurn){shared, atomic_fetch_add(&shared->last, 1) + 1, has_news, FALSE};
    return turn;
}

void save_turn_free(SaveTurn *turn)
{
    if (!turn)
        return;
    turns_unref(turn->turns);
    g_free(turn);
}

void save_turn_note(SaveTurn *turn, gboolean is_saved)
{
    turn->is_lost = !is_saved && (turn->has_news || atomic_load(&turn->turns->is_behind));
    atomic_store(&turn->turns->is_behind, turn->is_lost);
}

gboolean save_turn_is_lost(const SaveTurn *turn)
{
    return turn->is_lost && atomic_load(&turn->turns->last) == turn->number;
}
