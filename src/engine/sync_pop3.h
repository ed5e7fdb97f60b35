/*
 * sync_pop3.h - one visit to an account's POP3 mailbox: what is new comes into its Inbox; private to the
 * engine.
 *
 *      survey ── recover ── plan ── download (pop3/download.h) ── rows of the Inbox, group by group ── QUIT
 *
 * The log of UIDLs (maildir/uidl.h) is this call's alone meanwhile, among all processes: two terns never
 * fetch at once. On the thread of the connection.
 */
#ifndef TERN_ENGINE_SYNC_POP3_H
#define TERN_ENGINE_SYNC_POP3_H

#include "base/paths.h"
#include "config/config.h"
#include "pop3/download.h"

typedef struct {
    const ConfigAccount *account;
    const Paths *paths;
    const char *root;      /* its Maildir, which is there */
    const char *raw_trash; /* the folder there whose mail counts as deleted (maildir/name.h); NULL: none */
    /* New messages are in the Inbox. FALSE and an error end the session. */
    gboolean (*arrived)(void *data, GError **error);
    /* The same, and they are to be seen before more comes; NULL: nobody looks. */
    gboolean (*show)(void *data, GError **error);
    /* The account's folders are this caller's alone from one to the other (disk.h); NULL, both: nobody else
     * is there. */
    gboolean (*begin)(void *data, GError **error);
    void (*end)(void *data);
    void (*progress)(const Pop3Progress *progress, void *data);
    void *data;
    const char *stuck_uidl; /* which ended the last session; NULL: none */
    const char *asked_for;  /* only this is to be fetched: the base of a stub (stubs.h); NULL: what is new */
} SyncPop3;

typedef struct {
    Pop3Outcome outcome;
    char *stuck_uidl; /* for the next time; NULL: none */
    int expire_days;  /* how long the server itself keeps mail (RFC 2449, 6.7), or POP3_EXPIRE_… */
    gboolean is_done_elsewhere; /* another process is fetching just now: nothing was done */
} SyncPop3Result;
void sync_pop3_result_clear(SyncPop3Result *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SyncPop3Result, sync_pop3_result_clear)

/* Where the list of what was deleted here for good is (maildir/unwanted.h), to be freed. */
char *sync_pop3_unwanted_path(const ConfigAccount *account, const Paths *paths);

/* With a session that is logged in, up to QUIT. FALSE and an error as of pop3_download(), or STORE.
 * *result_out is to be cleared in any case. */
gboolean sync_pop3(const SyncPop3 *sync, Pop3Session *session, SyncPop3Result *result_out, GError **error);

/* What a person should know of it, a sentence or more, to be freed; NULL: nothing. Without what went wrong. */
char *sync_pop3_notice(const ConfigAccount *account, const SyncPop3Result *result);
/* Whether the server gave and deleted all that was asked of it. FALSE and REFUSED: how many it did not, and
 * why; the next visit tries again. */
gboolean sync_pop3_check(const SyncPop3Result *result, GError **error);

/* The answer to the question of the first visit: what is safe here may be deleted there, as keep-on-server
 * says; also for a mailbox that the account has become and that was not visited yet. Waits while another process
 * is fetching. FALSE and STORE. */
gboolean sync_pop3_allow_deleting(const ConfigAccount *account, const Paths *paths, GError **error);

#endif
