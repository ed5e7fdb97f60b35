/*
 * across.h - a message that goes to another account: its bytes, and what is known of it beside them; private
 * to the engine.
 *
 *      a file of its own (Maildir), an mbox, or the cache ──> across_open() ──> APPEND, or a file of the target's
 *      data/imports/ACCOUNT/FILE, of a message that was imported ──┘
 *
 * What is on this disk is read where it lies. What a server has is in the cache, since the source's worker
 * has played the entry `fetch` before (store/journal.h). On the thread of the worker that plays the target's
 * journal; waits for the disk.
 */
#ifndef TERN_ENGINE_ACROSS_H
#define TERN_ENGINE_ACROSS_H

#include "base/cancel.h"
#include "base/clock.h"
#include "base/paths.h"
#include "config/config.h"
#include "store/journal.h"
#include "store/read.h"

/* For whoever reads or writes the mbox just now, where a lock is held already: two accounts may wait for
 * each other. */
#define ACROSS_LOCK_WAIT_US (2 * SECOND_US)

/* Borrows all of these; `config`: of all accounts; `lock_wait_us`: how long an account's folders are waited
 * for that somebody else has, DEADLINE_NONE where no lock is held; `cancel` ends that, NULL: nothing does.
 * */
typedef struct Across Across;
Across *across_new(const Config *config, const Paths *paths, Store *store, StoreReader *reader,
                   int64_t lock_wait_us, Cancel *cancel);
void across_free(Across *across);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Across, across_free)
/* Gives back the mbox that messages were read from, with its account's lock: to be called after a few,
 * before anything else is waited for. */
void across_release(Across *across);

typedef struct {
    int fd; /* to be read from its start; lines end as they do where it was, -1: none */
    uint32_t flags;
    char **keywords; /* NULL-terminated, $Forwarded among them */
    int64_t arrival_s;
} AcrossMessage;
void across_message_clear(AcrossMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AcrossMessage, across_message_clear)

/* The message of a move or copy, with the flags that it is to have there. 1: *out is filled in, to be
 * cleared; 0: its bytes are not here; -1: STORE, INPUT (only its header is here), or NETWORK where the mbox
 * that holds it is in use. */
int across_open(Across *across, const StoreEntry *entry, AcrossMessage *out, GError **error);

/* Any message's bytes, to be closed: from its own file, an mbox, or the cache. -1 without an error: they are
 * not here; with one: as above. */
int across_open_message(Across *across, const StoreMessage *message, GError **error);

/* The entry is done: an imported message's file goes. */
void across_end(const Across *across, const StoreEntry *entry);

/* Where the files of imported messages wait for that account's server, to be freed. */
char *across_folder(const Paths *paths, const char *account);
/* A durable copy of those bytes in such a folder, whose name is not yet: its name, which begins so and is no
 * other's, to be freed. NULL and STORE. */
char *across_write_file(const char *folder, const char *start, int from, GError **error);
/* Takes away those that nobody needs: whose entry is settled (undone, above all), and those that an import
 * left that was killed. Reads nothing of the store where no file waits. */
void across_remove_strays(const Paths *paths, StoreReader *reader, const char *account);
/* The same of all accounts. */
void across_remove_all_strays(const Config *config, const Paths *paths, StoreReader *reader);

/* Before the store hears that folders (a set of their numbers) are gone from a server (across_save.c): of
 * messages that are on their way out of them to other accounts, those whose bytes are here, put beside what
 * is imported. For store_txn_folders(): StoreSaved, whose files are freed with the array. NULL and STORE. */
GArray *across_save(Across *across, const Paths *paths, StoreReader *reader, GHashTable *gone,
                    GError **error);
/* Whether the entry is of such a one: it is nowhere else, so it waits until it can be put where it is to
 * go. */
gboolean across_is_saved(const StoreEntry *entry);

/* When something is tried again that may pass, after it was tried so often: twice as long each time, at most
 * an hour. */
int64_t across_later_s(int tries);
/* So often are a message's bytes asked for before it stays where it is. */
#define ACROSS_TRIES 5

#endif
