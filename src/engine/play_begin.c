/*
 * play_begin.c - the last look before a command is sent (play_private.h).
 *
 * Entries are read in thousands, and folders are opened and synced before each is played: meanwhile a
 * person may have undone some, and what was confirmed as undone must not be done; and a sync may have
 * learnt that UIDs are others now, under which other messages stand.
 */
#include "engine/play_private.h"

typedef struct {
    const PlayRun *run;
    uint32_t uid_validity, uid_next;
    gboolean stand;
} Beginning;

static gboolean begin(StoreTxn *txn, void *data, GError **error)
{
    Beginning *beginning = data;
    const PlayRun *run = beginning->run;

    for (guint i = 0; i < run->n; i++) {
        const int stands = store_journal_stands(txn, run->entries[i], error);
        if (stands <= 0) /* nothing is marked then */
            return stands == 0;
    }
    beginning->stand = TRUE;
    for (guint i = 0; i < run->n; i++) {
        const StoreVerb verb = run->entries[i]->verb;
        if ((verb == STORE_VERB_MOVE || verb == STORE_VERB_COPY || verb == STORE_VERB_APPEND ||
             verb == STORE_VERB_EXPUNGE) &&
            !store_journal_sent(txn, run->entries[i]->id, beginning->uid_validity, beginning->uid_next,
                                error))
            return FALSE;
    }
    return TRUE;
}

gboolean play_begin(Play *play, const PlayRun *run, uint32_t uid_validity, uint32_t uid_next,
                    gboolean *is_renewed_out, GError **error)
{
    Beginning beginning = {run, uid_validity, uid_next, FALSE};
    const StoreVerb verb = run->entries[0]->verb;
    const gboolean is_durable = verb != STORE_VERB_FLAGS && verb != STORE_VERB_KEYWORD;

    if (!store_run(play->with->store, STORE_LANE_USER, is_durable, begin, &beginning, error))
        return FALSE;
    if (!beginning.stand)
        *is_renewed_out = TRUE;
    return TRUE;
}

gboolean play_is_renumbered(const Play *play, int64_t folder_id, uint32_t uid_validity)
{
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(play->with->reader, folder_id, NULL);
    const uint32_t known = folder ? folder->sync.uid_validity : 0;

    return uid_validity && known && uid_validity != known;
}
