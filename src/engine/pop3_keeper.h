/*
 * pop3_keeper.h - where messages from a POP3 server go: the account's Inbox and its log of UIDLs; private to
 * the engine.
 *
 *      tmp/X ── fsync ── new/X ── fsync of the folder ── a line in the log ── fsync ── (DELE may go out)
 *
 * The fsyncs of a group's files are done by short-lived threads (maildir/deliver_many.h), while the next group
 * comes.
 * A message of which only the header comes goes the same way into the folder of stubs. Messages of a group
 * stay in tmp/ until the group is committed, so that one write of the file system's journal serves them all.
 * X carries a mark made of account and UIDL, or what stands for one: a file whose line was lost by a crash
 * gets it (keeper_recover(), Pop3Keeper.find) and is not fetched again. On the thread of the connection;
 * blocks on the disk. Errors are STORE.
 */
#ifndef TERN_ENGINE_POP3_KEEPER_H
#define TERN_ENGINE_POP3_KEEPER_H

#include "maildir/uidl.h"
#include "pop3/download.h"

typedef struct Keeper Keeper;

/* Whose mail it is. FALSE and an error end the session. */
typedef struct {
    /* After each commit that brought messages. */
    gboolean (*committed)(void *data, GError **error);
    /* They are to be seen now; NULL: nobody looks. */
    gboolean (*show)(void *data, GError **error);
    /* From begin to end the account's folders are the caller's alone (disk.h): what is there is changed only
     * then, but for what is new, of which nobody knows yet. NULL, both: nobody else is there. */
    gboolean (*begin)(void *data, GError **error);
    void (*end)(void *data);
    void *data;
} KeeperOwner;

/* `account` as marks name it (uidl_log_marks()). `root` is the account's Maildir, whose Inbox is there; `stubs` where its stubs are (stubs.h). `log` is the
 * caller's. */
Keeper *keeper_new(const char *account, const char *root, const char *stubs, UidlLog *log,
                   const KeeperOwner *owner, GError **error);
/* What was not committed is thrown away. */
void keeper_free(Keeper *keeper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keeper, keeper_free)

/* For pop3_download(), which passes `progress` on with the data that were given to keeper_new(). */
Pop3Keeper keeper_as_pop3(Keeper *keeper, void (*progress)(const Pop3Progress *progress, void *data));

/* Messages on the server that the log does not know and a file in any of the account's folders is: they get
 * their lines. */
gboolean keeper_recover(Keeper *keeper, const Pop3List *list, GError **error);

/* Takes away what earlier sessions that were cut off have left in tmp/, of the stubs too. Whoever has the log
 * open is alone there. */
void keeper_sweep(const Keeper *keeper);

/* Stubs and their lines that a visit which was cut off has left without each other: a line whose message is
 * here whole says so, one whose stub is not there goes, and so does a stub without a line. FALSE and
 * STORE. */
gboolean keeper_recover_stubs(Keeper *keeper, GError **error);

/* What the log knows, for a plan: Pop3Known, whose texts are the log's until it changes. `asked_for`: the
 * base of the stub that is wanted whole; NULL: none. To be unreffed. */
GArray *keeper_known(const UidlLog *log, const char *asked_for);

#endif
