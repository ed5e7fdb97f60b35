/*
 * store-server.h - a server in memory, a sync and a player of the journal, as far as the tests of the store's
 * journal need them: every answer of the server can be another one, and every step can have something else
 * happen between its parts.
 *
 * A message is a number: its Message-ID, size, date and references follow from it (server_mail_n()). Syncs
 * are as cheap as QRESYNC makes them: what the store has been told once is not told again.
 */
#ifndef TERN_TESTS_UNIT_STORE_SERVER_H
#define TERN_TESTS_UNIT_STORE_SERVER_H

#include "store-fixture.h"

#include "store/journal.h"

/* INBOX, Sent, Archive. */
#define SERVER_FOLDERS 3
/* Bits for the keywords that occur. */
#define SERVER_KEYWORDS 4
extern const char *const SERVER_KEYWORD[SERVER_KEYWORDS];

typedef struct {
    uint32_t uid, flags, keywords;
    int n;
    uint64_t modseq;
} ServerMail;

typedef struct {
    int64_t id; /* in the store */
    uint32_t uid_validity, uid_next;
    uint64_t modseq;
    GArray *mails, *gone; /* ServerMail; of those gone only uid and modseq count */
    /* As far as the store has heard. */
    uint32_t seen_validity, seen_next;
    uint64_t seen_modseq;
} ServerFolder;

/* What becomes of a command. UNTOLD: it is done, but not where to (no UIDPLUS). LOST: the connection ends
 * before the answer comes, with the command done or not. */
typedef enum {
    ANSWER_DONE,
    ANSWER_UNTOLD,
    ANSWER_LOST_DONE,
    ANSWER_LOST,
    ANSWER_LATER,
    ANSWER_REFUSED
} Answer;

typedef struct {
    Fixture *fixture;
    ServerFolder folders[SERVER_FOLDERS];
    /* Called between the parts of a sync, and after a command was announced; may be NULL. */
    void (*between)(void *data);
    /* Called for each message that was expunged by the journal; may be NULL. */
    void (*expunged)(int64_t id, void *data);
    void *data;
} Server;

void server_init(Server *server, Fixture *fixture);
void server_clear(Server *server);

/* ---- what happens there without tern ---- */

ServerMail *server_add(ServerFolder *folder, int n, uint32_t flags, uint32_t keywords);
ServerMail *server_find(ServerFolder *folder, uint32_t uid);
void server_touch(ServerFolder *folder, ServerMail *mail, uint32_t flags, uint32_t keywords);
void server_remove(ServerFolder *folder, uint32_t uid);
/* The UID in the destination. */
uint32_t server_copy(ServerFolder *from, uint32_t uid, ServerFolder *to);
/* A new UIDVALIDITY, and UIDs in another order. */
void server_renumber(ServerFolder *folder);

/* ---- tern's half ---- */

void server_sync(Server *server, ServerFolder *folder);
/* Plays at most `limit` entries that are due, each with an answer of `answer`. How many were settled. */
typedef Answer (*ServerAnswer)(const StoreEntry *entry, void *data);
int server_play(Server *server, int limit, ServerAnswer answer, void *data);
/* Plays and syncs until nothing is unsettled, and fails the test if that does not come. */
void server_settle(Server *server);

/* ---- what has to be so ---- */

/* What is shown of each row is the server's half with its unsettled entries laid over. */
void server_check_shown(Server *server, sqlite3 *db, const char *when);
/* The store has what the server has, and nothing else. After server_settle(). */
void server_check_same(Server *server, sqlite3 *db, const char *when);

int64_t server_query(sqlite3 *db, const char *sql);

#endif
