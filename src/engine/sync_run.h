/*
 * sync_run.h - one folder's sync under way: what the files of a sync share; private to the engine.
 *
 *      sync_imap.c     the order of a folder's sync, and what came of it
 *      sync_first.c    a folder not seen before: the newest page, then the rest downwards
 *      sync_again.c    what came, changed and went since the last time
 *      sync_compare.c  the same where the server cannot tell: both lists side by side
 *      sync_run.c      selecting, checkpoints, FETCH answers on their way to the intake
 *
 * On a connection's thread.
 */
#ifndef TERN_ENGINE_SYNC_RUN_H
#define TERN_ENGINE_SYNC_RUN_H

#include "engine/sync_imap.h"
#include "imap/fetch.h"

/* What is asked for of messages that have no row yet. */
#define RUN_NEW_ITEMS (IMAP_FETCH_FLAGS | IMAP_FETCH_LABELS | IMAP_FETCH_ENVELOPE | IMAP_FETCH_IDS)
/* Messages in one FETCH of such. */
#define RUN_WINDOW_MESSAGES 1000

typedef struct {
    SyncImap *sync;
    const StoreFolder *folder;
    Ear *ear; /* with the way into the store, also for what the server says by itself meanwhile */
    ImapSelected selected;
    uint64_t
        modseq;     /* of the first SELECT: all changes up to it are told or asked for in this run; 0: none */
    guint skipped;  /* imap_session_skipped() when it began */
    int64_t untold; /* store_read_untold() before it was selected */
    StoreSync mark; /* what is true once all that was submitted so far is committed */
    uint32_t min_uid, max_uid; /* of what the current FETCH gave; 0: nothing */
    uint32_t only_from;  /* UIDs below are passed over: "n:*" gives the last one even where it is older */
    int64_t done, total; /* for the progress */
    uint32_t new_uid;    /* see SyncResult */
    int64_t known_id;
    int fetched;          /* messages that came in fetch_new() */
    gboolean has_orphans; /* rows may wait for a UID that will not come: it was begun from nothing */
    gboolean was_away; /* another folder was selected meanwhile, and nobody heard what changed in this one */
} Run;

/* ---- sync_run.c ---- */

/* Selects the folder, where QRESYNC can be with what changed since the mark, and one not seen before with its
 * newest page on its way, where that can be: run->selected. */
gboolean run_select(Run *run, GError **error);
/* Tells progress, lets others in, and selects the folder again where they selected another one. */
gboolean run_checkpoint(Run *run, GError **error);
/* One message of a FETCH, for imap_fetch(): into the intake. */
gboolean run_take_message(const ImapFetched *message, void *run, GError **error);
/* Messages that have no row yet, with their structure; a page that is on its way is what is asked for. Where an answer made no sense, those that it did not
 * bring are asked for again without: a structure may be too deep or too long, and whoever writes a message
 * makes it so. */
gboolean run_fetch_rows(Run *run, gboolean by_uid, const char *set, GError **error);
/* How many UIDs hold about `messages` messages, when all below `uid` hold `left`. */
uint32_t run_span(uint32_t messages, uint32_t uid, int64_t left);
/* The lower end of a window of `span` UIDs that ends below `uid`. */
uint32_t run_below(uint32_t uid, uint32_t span);
/* Lets the mark's HIGHESTMODSEQ follow, now that everything up to the first SELECT's is on its way. */
void run_cover(Run *run);

/* ---- sync_first.c ---- */

gboolean run_first_page(Run *run, GError **error);
/* Everything below backfill_uid, newest first. */
gboolean run_backfill(Run *run, GError **error);

/* ---- sync_again.c ---- */

/* What is above uid_next; `server_next` 0: not known, whatever there is. */
gboolean run_fetch_new(Run *run, uint32_t server_next, GError **error);
/* Whether the server tells what changed since the last time: not where its HIGHESTMODSEQ went down. */
gboolean run_has_modseqs(const Run *run);
/* Everything that changed since the last time, but for what is below backfill_uid. `is_quick`: what costs no
 * more than a few round trips. */
gboolean run_again(Run *run, gboolean is_quick, GError **error);

/* ---- sync_compare.c ---- */

/* Flags and expunges of what is known, from the newest down; and messages that should have a row and have
 * none. */
gboolean run_compare_flags(Run *run, GError **error);
/* The same without flags: by the UIDs alone. */
gboolean run_compare_uids(Run *run, GError **error);

#endif
