/* play_private.h - what the files that play the journal share (play_imap.h). */
#ifndef TERN_ENGINE_PLAY_PRIVATE_H
#define TERN_ENGINE_PLAY_PRIVATE_H

#include "engine/play_imap.h"
#include "imap/copied.h"
#include "imap/select.h"

typedef struct {
    const PlayImap *with;
    char *selected; /* the folder that is open for writing; NULL: not known */
} Play;

/* A stretch of the journal that is played together; borrowed. */
typedef struct {
    StoreEntry *const *entries;
    guint n;
} PlayRun;

/* What became of entries: one durable job, waited for. */
typedef struct PlayEnd PlayEnd;
PlayEnd *play_end_new(void);
void play_end_done(PlayEnd *end, const StoreEntry *entry, uint32_t uid);
/* A move that was made by a copy: what stands where it stood is taken away by an entry of its own. */
void play_end_copied(PlayEnd *end, const StoreEntry *entry, uint32_t uid);
void play_end_done_folder(PlayEnd *end, const StoreEntry *entry, const char *raw_name, char delimiter,
                          gboolean was_there);
/* The server's refusal, taken from `failed`: for good, or for now where the session says that it may pass. */
void play_end_refused(PlayEnd *end, const Play *play, const StoreEntry *entry, const GError *failed);
void play_end_later(PlayEnd *end, const StoreEntry *entry, const char *why);
/* A sentence for people, once for each commit. Taken over. */
void play_end_tell(PlayEnd *end, char *sentence);
/* It waits again, at once. */
void play_end_again(PlayEnd *end, const StoreEntry *entry);
/* A message of another account is there, or is not known to be there, with so many bytes. */
void play_end_arrived(PlayEnd *end, const StoreEntry *entry, uint32_t uid, int64_t bytes);
/* A message that goes to another account has no bytes here: they are fetched again; after ACROSS_TRIES it
 * stays where it is. */
void play_end_unfetched(PlayEnd *end, const StoreEntry *entry);
/* It cannot be taken to another account, and stays where it is. */
void play_end_kept(PlayEnd *end, const StoreEntry *entry, const char *why);
/* The message is on the server no more: neither where it stood nor where it should go. */
void play_end_gone(PlayEnd *end, const StoreEntry *entry);
/* Its flags were to be changed, and it is not where it stood: it is looked for where it may have been moved to,
 * now or when that folder is synced; what cannot be known again is refused. */
void play_end_left(PlayEnd *end, const Play *play, const StoreEntry *entry);
/* Commits and frees. */
gboolean play_end_commit(PlayEnd *end, const Play *play, GError **error);

/* Opens a folder for writing, unless it is. FALSE and REFUSED when the server says no. Where its UIDVALIDITY
 * is another than the known one the folder is synced, *is_renewed_out set, and nothing is opened: the entries
 * are to be read again. */
gboolean play_select(Play *play, int64_t folder_id, const char *raw_name, gboolean *is_renewed_out,
                     GError **error);

/* Whether the server's folder is not the one any more whose UIDs are known here: UIDs told with that
 * UIDVALIDITY (RFC 4315, 3; 0: none was told) are not to be taken. The next sync finds the messages. */
gboolean play_is_renumbered(const Play *play, int64_t folder_id, uint32_t uid_validity);

/* The last thing before a command: whether all of the run are still to be played, and by the UIDs that they
 * were read with, in one commit with marking moves, copies and expunges as sent, from where on an undo comes
 * too late for expunges. If not, nothing is marked and *is_renewed_out set. The numbers are the
 * destination's, of moves and copies. */
gboolean play_begin(Play *play, const PlayRun *run, uint32_t uid_validity, uint32_t uid_next,
                    gboolean *is_renewed_out, GError **error);
/* That with the destination's UIDVALIDITY and UIDNEXT, which STATUS tells; *uid_next_out may be NULL. */
gboolean play_mark_sent(Play *play, const PlayRun *run, uint32_t *uid_next_out, gboolean *is_renewed_out,
                        GError **error);
/* Whether it is a move or copy whose answer was lost; an expunge is just played again. */
static inline gboolean play_is_recovered(const StoreEntry *entry)
{
    return entry->state == STORE_ENTRY_SENT && entry->verb != STORE_VERB_EXPUNGE;
}

/* FALSE only when the session or the store is lost; what is refused is settled within. *is_renewed_out: see
 * above. */
gboolean play_flags(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error);
gboolean play_transfer(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error);
/* Moves and copies from other accounts, and what was imported. */
gboolean play_append(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error);
/* For other accounts. */
gboolean play_fetch(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error);
gboolean play_expunge(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error);
/* Takes messages of the selected folder away for good. Without UIDPLUS by EXPUNGE, if nobody else has marked
 * anything there: otherwise *is_left_out, and they stay marked. */
gboolean play_take_away(Play *play, int64_t folder, ImapUidSet *uids, gboolean *is_left_out, GError **error);
/* Whether a move without MOVE can end with that: else what stands where it stood has to wait, with an entry
 * of its own. */
gboolean play_can_take_away(const Play *play);
/* What all of a run have come to; `failed` NULL: done. `copied` (may be NULL): where they are now. */
gboolean play_end_run(Play *play, const PlayRun *run, const GError *failed, const ImapCopied *copied,
                      GError **error);
/* What did not come about: every entry of the run is refused when `failed` is a refusal, else it is handed
 * on, and the entries stay as they are. Takes it over. */
gboolean play_end_run_failed(Play *play, const PlayRun *run, GError *failed, GError **error);
ImapUidSet *play_uids_of(const PlayRun *run);
/* Flags and keywords as APPEND takes them: const char *, NULL-terminated; to be freed before them. */
GPtrArray *play_flag_words(uint32_t flags, char *const *keywords);
/* One sent entry: a move or copy whose answer was lost. */
gboolean play_recover(Play *play, const StoreEntry *entry, GError **error);
/* What has become of one from another account. NULL and an error. */
PlayEnd *play_recover_across(Play *play, const StoreEntry *entry, GError **error);
gboolean play_folder(Play *play, const StoreEntry *entry, GError **error);

#endif
