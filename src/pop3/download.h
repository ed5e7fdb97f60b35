/*
 * download.h - does what a plan says, in the order in which nothing can be lost:
 *
 *      looks (TOP)  ->  messages, newest first, into files  ->  commit of a group  ->  its DELEs  ->  QUIT  ->  gone
 *                                                 │ the next group comes while this one is made durable
 *
 * Requests for the next messages go out while a group is being written, and a group shares its fsyncs; but no
 * DELE goes out before the commit of what it is about has come back, and nothing is told gone before QUIT was
 * answered. A session that ends earlier, whatever way, leaves on the server what was not told gone, and what
 * was committed is known the next time.
 *
 * It knows neither files nor a log of its own: those are the keeper's. Worker thread; errors as in session.h.
 */
#ifndef TERN_POP3_DOWNLOAD_H
#define TERN_POP3_DOWNLOAD_H

#include "pop3/plan.h"

/* How far it is. */
typedef struct {
    guint done, all; /* messages that are or were to be fetched, headers too */
    uint64_t octets_done, octets_all;
} Pop3Progress;

/* Whoever keeps the messages. FALSE and an error (STORE …) end the session without QUIT. */
typedef struct {
    /* Which of these messages, that have no UIDL of their own and are to be fetched, a session that was
     * cut off has brought: Pop3Item, seen by their headers; they go into the set `found`, and are known
     * from now on. */
    gboolean (*find)(const GPtrArray *items, GHashTable *found, void *data, GError **error);
    /* A message begins (POP3_FETCH or POP3_FETCH_HEADERS): the descriptor of a new file. -1 and an error. */
    int (*open)(const Pop3Item *item, void *data, GError **error);
    /* It is here, `bytes` in the file, the descriptor still the keeper's; it counts from the next commit on,
     * and as item->is_doubtful says.
     * `octets` is what it is to be known by (Pop3Known). `failed`: it is to be forgotten. */
    gboolean (*close)(const Pop3Item *item, uint64_t octets, int64_t bytes, guint64 headers,
                      const GError *failed, void *data, GError **error);
    /* What was closed since the last time is a group, and begins to be made durable; returns at once. The
     * commit that follows is about this group, and what is closed meanwhile about the next one. NULL: a
     * commit is about all that was closed. */
    gboolean (*prepare)(void *data, GError **error);
    /* Whether a commit has little to wait for. NULL with `prepare`. */
    gboolean (*is_prepared)(void *data);
    /* Makes durable what was closed (a group) and renamed: files, folder, log, in this order. */
    gboolean (*commit)(void *data, GError **error);
    /* item->known is now called item->key. */
    void (*renamed)(const Pop3Item *item, void *data);
    /* What was closed or is known by this key may be another one's text, and is to be looked at by the next
     * visit (Pop3Known.is_doubtful); or was, and is that message. Of a stub: something else came for it; or its
     * header was seen just now. Durable after the commit that follows. */
    void (*doubt)(const char *key, gboolean is_doubtful, void *data);
    /* The server does not have it any more. Durable after the commit that follows. */
    void (*gone)(const char *key, void *data);
    /* What was committed is to be seen at once, whatever that costs: what comes now takes long. NULL: nobody
     * looks. */
    gboolean (*show)(void *data, GError **error);
    void (*progress)(const Pop3Progress *progress, void *data); /* NULL: nobody asks */
    void *data;
} Pop3Keeper;

/* What came of it. */
typedef struct {
    guint fetched, stubs, renamed, deleted;
    guint stays[POP3_N_STAYS]; /* of what is still there, by why */
    guint withheld;            /* would be deleted, but for the question */
    uint64_t octets;
    /* What the server said of the first that it did not give, and of the first that it did not delete, a
     * sentence each; NULL: there is none. */
    char *not_given, *not_deleted;
} Pop3Outcome;
void pop3_outcome_clear(Pop3Outcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pop3Outcome, pop3_outcome_clear)

/* The whole session from after pop3_survey() to QUIT. *outcome_out says what was done, after an error too.
 * The oldest message that was under way at an error has *stuck_out as its key (the plan's; NULL: none):
 * pop3_plan_postpone() is for the next time. *outcome_out is to be cleared in any case. */
gboolean pop3_download(Pop3Session *session, Pop3Plan *plan, const Pop3Keeper *keeper,
                       Pop3Outcome *outcome_out, const char **stuck_out, GError **error);

#endif
