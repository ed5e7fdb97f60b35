/*
 * play_imap.h - playing the journal to an IMAP server (DESIGN.md: Journal); private to the engine, on a
 * worker's thread.
 *
 *   due entries, in order ── runs of one kind ──> few commands ──> done, refused or later, a durable job each
 *
 *   play_imap.c     the loop, and what all kinds share
 *   play_flags.c    flags and keywords: each message's sum, then one STORE for all with the same
 *   play_move.c     copies and moves; and finding out what became of those whose answer was lost
 *   play_across.c   moves and copies from other accounts
 *   play_fetch.c    messages that other accounts are to get
 *   play_expunge.c  taking away for good
 *   play_folder.c   folders
 *
 * What the server refuses is computed back and told; what may pass is tried again later; a lost connection
 * leaves everything as it is, to be gone on with.
 */
#ifndef TERN_ENGINE_PLAY_IMAP_H
#define TERN_ENGINE_PLAY_IMAP_H

#include "engine/across.h"
#include "imap/session.h"
#include "store/journal.h"
#include "store/read.h"

/* Borrowed for the call. */
typedef struct {
    ImapSession *session;
    Store *store;
    StoreReader *reader;
    const char *account;
    Across *across;           /* messages of other accounts */
    const char *cache_folder; /* where they take this one's from */
    /* Between two commands, with nothing under way; may select another folder. FALSE and an error ends the
     * playing. */
    gboolean (*checkpoint)(void *data, GError **error);
    /* Brings a folder up to date, whose UIDs are not those that are known any more. */
    gboolean (*sync)(int64_t folder_id, void *data, GError **error);
    /* Messages of a folder (StoreBody), which may be selected afterwards, into the cache; what the server
     * does not give is left out. */
    gboolean (*fetch)(int64_t folder_id, const GArray *bodies, void *data, GError **error);
    /* How far something is that takes long. */
    void (*progress)(const char *what, int64_t done, int64_t total, void *data);
    /* What was refused, or has to wait, for people. */
    void (*refused)(const char *sentence, void *data);
    void *data;
} PlayImap;

/* Plays all that is due. FALSE: the connection is lost, or the store fails. */
gboolean play_imap(const PlayImap *play, GError **error);

#endif
