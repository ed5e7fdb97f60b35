/*
 * sync_imap.h - bringing an account's folders from the server into the store (DESIGN.md: IMAP); private to
 * the engine.
 *
 *      UIDs of a folder
 *      1 ......... backfill_uid ................................ uid_next ......... the server's UIDNEXT
 *        not fetched yet         known: flags are compared             new arrivals
 *
 * First visit: the newest page by one FETCH, sent with the command that opens the folder where that can be,
 * then everything below it in large pipelined FETCHes from the newest to the oldest. Later visits: what came above uid_next, what changed between, and on with what is
 * missing below. Each piece is committed with the mark that makes it resumable. Between pieces the caller's
 * checkpoint runs, which may select another folder on the same session. On a worker's thread.
 */
#ifndef TERN_ENGINE_SYNC_IMAP_H
#define TERN_ENGINE_SYNC_IMAP_H

#include "engine/hearing.h"
#include "engine/team.h"
#include "config/config.h"
#include "imap/folder.h"
#include "imap/select.h"
#include "store/read.h"

/* The messages of the first FETCH of a folder: a large screen's worth. */
#define SYNC_PAGE_MESSAGES 100
/* It, however many messages there are. */
extern const ImapPage SYNC_PAGE;

/* Borrowed for each call. */
typedef struct {
    ImapSession *session;
    Store *store;
    StoreReader *reader;
    const char *account;
    const ConfigAccount *config; /* of it */
    const Config *accounts;      /* all of them */
    const Paths *paths;
    Team *team;       /* of the account's connections */
    Hearing *hearing; /* the session's */
    /* In and out, NULL: not wanted: the ear goes on hearing after the sync, as long as the folder stays
     * selected; *keep_ear NULL: something was missed, and the folder is to be synced again. */
    Ear **keep_ear;
    Cancel *cancel; /* ends waiting for the writer */
    Wake *room;     /* set by the store when the writer has room again */
    /* Called between two pieces with nothing under way on the session. FALSE and an error ends the sync. */
    gboolean (*checkpoint)(void *data, GError **error);
    /* Whether a checkpoint has something to do, so that no more is sent ahead of it. */
    gboolean (*is_wanted)(void *data);
    /* `total` 0: not known. */
    void (*progress)(const char *folder, int64_t done, int64_t total, void *data);
    void (*refused)(const char *sentence, void *data); /* for people */
    void *data;
} SyncImap;

typedef struct {
    StoreChanges changes;
    uint32_t messages;    /* on the server */
    int fetched;          /* of them the ones that came since the last visit */
    int64_t bytes;        /* on the wire, both ways */
    uint32_t new_uid;     /* the first of those that may be new; 0: nothing was asked for */
    int64_t known_id;     /* rows with a higher id were not here before */
    gboolean is_complete; /* FALSE: asked for the page only, and there is more to do */
    uint32_t unsent;      /* messages that the server counts and does not send, whatever it is asked */
} SyncResult;

/* The folder list: LIST into the store; asked for anew where another connection has brought one meanwhile.
 * ImapFolder *, with what LIST-STATUS said; NULL and an error else.
 * *is_cut_out: there are more than tern takes; the Inbox, those with a role and those subscribed to are kept
 * before others, and of others the first. */
GPtrArray *sync_imap_folders(SyncImap *sync, gboolean *is_cut_out, GError **error);

/* Writes a list of ImapFolders, whose roles are assigned (roles.h), into the store; also of folders on this
 * disk. `tell` (may be NULL): a sentence for people, where changes had to be taken back. FALSE and LIMIT:
 * more than the store takes. */
typedef void (*SyncTellFunc)(const char *sentence, void *data);
gboolean sync_write_folders(Store *store, const ConfigAccount *account, GPtrArray *folders, SyncTellFunc tell,
                            void *data, GError **error);

/* One folder. `listed` (may be NULL) can save the SELECT of an unchanged one. `page_only`: what came new and,
 * of a folder not seen before, the newest page. */
gboolean sync_imap_folder(SyncImap *sync, const StoreFolder *folder, const ImapFolder *listed,
                          gboolean page_only, SyncResult *result, GError **error);

/* Whether the store has the folder just as `told`: nothing came, went or changed. Without HIGHESTMODSEQ one
 * cannot know: FALSE. */
gboolean sync_imap_is_unchanged(const StoreFolder *folder, const ImapFolder *told);

/* What the kept ear has heard of the folder, which is selected: new messages are fetched and all is in the
 * store afterwards. */
gboolean sync_imap_live(SyncImap *sync, const StoreFolder *folder, Ear *kept, SyncResult *result,
                        GError **error);

/* Selects the folder for reading its messages by UID, unless it is. REFUSED: the UIDs mean others now. */
gboolean sync_imap_select(const SyncImap *sync, const StoreFolder *folder, GError **error);

/* The numbers of attachments that are not known yet, of the newest `limit` such messages: *done_out tells how
 * many there were. */
gboolean sync_imap_structures(SyncImap *sync, const StoreFolder *folder, int limit, int *done_out,
                              GError **error);

#endif
