/* store-fixture.h - a store in a temporary profile for the tests of src/store/, and mail to put into it. */
#ifndef TERN_TESTS_UNIT_STORE_FIXTURE_H
#define TERN_TESTS_UNIT_STORE_FIXTURE_H

#include "store/read.h"
#include "store/view.h"
#include "store/change.h"

#include <sqlite3.h>
#include <stdatomic.h>

typedef struct {
    char *folder;
    Paths *paths;
    Store *store;
    StoreReader *reader;
    int64_t account, inbox, sent;
} Fixture;

/* For cmocka: a fresh store with account "work" and folders INBOX, Sent and Archive. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Those folders, as the server lists them. */
extern const StoreListed FIXTURE_LISTED[3];

/* Closes the store, and opens it again. */
void fixture_reopen(Fixture *fixture);

/* Waits until nothing is left of folders that were deleted, and of changes that go in pieces. */
void fixture_tidy(Fixture *fixture);

/* The id of a folder of "work". */
int64_t fixture_folder(Fixture *fixture, const char *name);

/* Jobs that have to succeed. `changes` may be NULL. */
void fixture_run(Fixture *fixture, gboolean durable, StoreJobFunc run, void *data);
StoreChanges fixture_add(Fixture *fixture, int64_t folder, const StoreNewMessage *messages, guint n);
StoreChanges fixture_expunge(Fixture *fixture, int64_t folder, const uint32_t *uids, guint n);
StoreChanges fixture_flags(Fixture *fixture, int64_t folder, uint32_t uid, uint32_t flags,
                           const char *const *keywords);
void fixture_change_flags(Fixture *fixture, int64_t id, uint32_t set, uint32_t clear);

/* Within a job: the first column of the first row; -1: there is none. */
int fixture_count(StoreTxn *txn, const char *sql);

/* A job in the user's lane that stands in the writer's way from when it is reached until it is open. */
typedef struct {
    atomic_int is_reached, is_open;
} FixtureGate;
void fixture_gate(Fixture *fixture, FixtureGate *gate);
/* Until it is set, by the writer's thread. */
void fixture_wait(atomic_int *flag);

/* A plain message: that UID and date, "m<n>" as its Message-ID, and what it refers to (NULL-terminated or
 * NULL). The strings live as long as the fixture's pool, which the caller owns. */
StoreNewMessage fixture_message(GStringChunk *pool, uint32_t uid, int64_t date_s, int n,
                                const char *const *references);

/* A handle of the test's own on store.db, read-only; and the first column of the first row as a number. */
sqlite3 *fixture_sqlite(Fixture *fixture);
int64_t fixture_query(Fixture *fixture, const char *sql);

/* Fails the test with what is wrong when counts, tops, buckets and folder rows are not what the rows say. */
void fixture_check_counts(Fixture *fixture);

/* xorshift: the same numbers on every machine. */
uint32_t fixture_random(uint32_t *state);

#define fixture_ok(done, error)                                                                              \
    do {                                                                                                     \
        if (!(done))                                                                                         \
            fail_msg("%s: %s", #done, (error) ? (error)->message : "failed without an error");               \
    } while (0)

#endif
