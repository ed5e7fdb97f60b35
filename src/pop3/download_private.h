/*
 * download_private.h - the inside of a download, for the files that make it up (download.h).
 *
 *      download.c          what goes out, in which order: a session from its looks to QUIT
 *      download_take.c     what comes: each message to the keeper, and whether it is what was asked for
 *      download_group.c    what is safe: groups of messages that are made durable, and may be deleted then
 *
 *      RETR, TOP, DELE ──> retrieve.h ──> take ──> group ──> preparing ──> to_delete ──> DELE
 *                                                     │ a message joins   │ the keeper's commit
 *
 * All on the worker's thread; errors as in download.h.
 */
#ifndef TERN_POP3_DOWNLOAD_PRIVATE_H
#define TERN_POP3_DOWNLOAD_PRIVATE_H

#include "pop3/download.h"
#include "pop3/early.h"
#include "pop3/retrieve.h"

typedef struct {
    Pop3Session *session;
    Pop3Plan *plan;
    Pop3Keeper keeper;
    Pop3Outcome *outcome;
    Pop3Progress progress;
    uint64_t finished_octets; /* of messages that are here whole */
    uint64_t came_octets;     /* of the one that comes, as far as that was told of */
    uint64_t untold_octets;
    Pop3Retrieval *retrieval;
    const Pop3Item *coming; /* its bytes are */
    gboolean is_looking;
    gboolean is_early; /* only what is chosen for that is asked for */
    Pop3Pace pace;     /* of headers in that time */
    int64_t paced_us;  /* when the first of them had come; 0: none has */

    guint next;           /* of the plan's items: those before it were asked for */
    GPtrArray *group;     /* Pop3Item *, closed and not committed */
    GPtrArray *preparing; /* the group before that, which is being made durable */
    uint64_t group_octets;
    int64_t group_ends_us;
    GQueue to_delete;    /* Pop3Item *, safe: DELE may go out */
    GPtrArray *deleted;  /* const char *: keys of those whose DELE was answered */
    GHashTable *came;    /* guint64 * (a header's hash) to Pop3Item *: what came whole */
    gboolean is_doubted; /* the keeper was told so, and has to commit that */
    gboolean is_undone;  /* nothing is to be deleted at QUIT after all */
    GError *failed;      /* of the disk, while a message came */
} Pop3Download;

/* ---- download_take.c ---- */

/* Whoever takes what comes for it. */
Pop3Taker pop3_download_taker(Pop3Download *download);
/* What a message counts for in the progress: of a header nobody knows how long it is. */
uint64_t pop3_download_octets(const Pop3Item *item);

/* ---- download_group.c ---- */

/* A message that the keeper has closed is one of the group. */
void pop3_download_join(Pop3Download *download, Pop3Item *item, uint64_t octets);
/* Makes durable what is being prepared, and renamed; its messages may be deleted then. FALSE and STORE. */
gboolean pop3_download_commit(Pop3Download *download, GError **error);
/* What there is to be done with groups now; `waits`: more is under way. Blocks if a group has to be waited for. */
gboolean pop3_download_settle(Pop3Download *download, gboolean waits, GError **error);
/* The same while a long message comes: those before it are not to wait for its end. Nothing is said to the server
 * here; an error is left in `failed`. */
void pop3_download_settle_meanwhile(Pop3Download *download);
/* After an error: what is whole here is not fetched again, whatever happened to the session. */
void pop3_download_save(Pop3Download *download);

#endif
