/*
 * The writer thread, and several processes on one store: lanes, batches, failures, notices, locks, kills,
 * damage, a full disk. Other processes are this program again, with what to do as its arguments.
 */
#include "store-fixture.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"
#include "base/wake.h"
#include "store/locks.h"
#include "store/profile_lock.h"
#include "store/schema.h"
#include "store/txn.h"

#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

extern char **environ;

/* ---- jobs ---- */

static gboolean add_numbered(StoreTxn *txn, int64_t folder, uint32_t from, guint n, GError **error)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(1024);
    g_autofree StoreNewMessage *messages = g_new(StoreNewMessage, n);

    for (guint i = 0; i < n; i++)
        messages[i] = fixture_message(pool, from + i, 1000000 + from + i, (int)(from + i), NULL);
    return store_txn_add(txn, folder, messages, n, NULL, error);
}

/* A job that waits at the gate, notes its place in the order of running, adds a message, and may fail. */
typedef struct {
    Fixture *fixture;
    sem_t *gate;    /* NULL: none */
    sem_t *started; /* posted before waiting at the gate; NULL: none */
    uint32_t uid;
    gboolean fails;
    int *ran, *ended; /* counters that all jobs of a test share; writer thread only */
    int ran_as, ended_as;
    gboolean is_ended, has_failed;
} Step;

static gboolean run_step(StoreTxn *txn, void *data, GError **error)
{
    Step *step = data;

    if (step->started)
        sem_post(step->started);
    if (step->gate)
        sem_wait(step->gate);
    step->ran_as = ++*step->ran;
    if (!add_numbered(txn, step->fixture->inbox, step->uid, 1, error))
        return FALSE;
    if (step->fails)
        tern_error_set(error, TERN_ERROR_REFUSED, "as the test wants it");
    return !step->fails;
}

static void end_step(void *data, const GError *error)
{
    Step *step = data;

    step->ended_as = ++*step->ended;
    step->is_ended = TRUE;
    step->has_failed = error != NULL;
}

static gboolean do_nothing(StoreTxn *txn, void *data, GError **error)
{
    (void)txn;
    (void)data;
    (void)error;
    return TRUE;
}

static void settle(Fixture *fixture)
{
    GError *error = NULL;

    fixture_ok(store_run(fixture->store, STORE_LANE_BULK, FALSE, do_nothing, NULL, &error), error);
}

/* While the first bulk job runs, more bulk and a user's job come in: the user's is next. */
static void test_users_jobs_go_first(void **state)
{
    Fixture *fixture = *state;
    int ran = 0, ended = 0;
    sem_t gate, started;
    Step steps[5];

    sem_init(&gate, 0, 0);
    sem_init(&started, 0, 0);
    for (guint i = 0; i < 5; i++)
        steps[i] = (Step){.fixture = fixture, .uid = i + 1, .ran = &ran, .ended = &ended};
    steps[0].gate = &gate;
    steps[0].started = &started;
    store_submit(fixture->store, STORE_LANE_BULK, FALSE, run_step, end_step, &steps[0], NULL);
    sem_wait(&started);
    for (guint i = 1; i < 5; i++)
        store_submit(fixture->store, i == 4 ? STORE_LANE_USER : STORE_LANE_BULK, i == 4, run_step, end_step,
                     &steps[i], NULL);
    assert_int_equal(store_bulk_waiting(fixture->store), 4);
    sem_post(&gate);
    settle(fixture);
    assert_int_equal(steps[0].ran_as, 1);
    assert_int_equal(steps[4].ran_as, 2);
    assert_int_equal(steps[4].ended_as, 2);
    for (guint i = 1; i < 4; i++)
        assert_int_equal(steps[i].ran_as, i + 2);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 5);
    sem_destroy(&gate);
    sem_destroy(&started);
}

/* Small jobs share a transaction; one that fails takes only itself back. */
static void test_a_failing_job_takes_back_only_itself(void **state)
{
    Fixture *fixture = *state;
    int ran = 0, ended = 0;
    sem_t gate;
    Step steps[6];

    sem_init(&gate, 0, 0);
    for (guint i = 0; i < 6; i++)
        steps[i] = (Step){.fixture = fixture,
                          .gate = i ? NULL : &gate,
                          .uid = i + 1,
                          .fails = i == 2 || i == 3,
                          .ran = &ran,
                          .ended = &ended};
    for (guint i = 0; i < 6; i++)
        store_submit(fixture->store, STORE_LANE_USER, FALSE, run_step, end_step, &steps[i], NULL);
    sem_post(&gate);
    settle(fixture);
    for (guint i = 0; i < 6; i++) {
        assert_true(steps[i].is_ended);
        assert_int_equal(steps[i].has_failed, i == 2 || i == 3);
    }
    assert_int_equal(fixture_query(fixture, "SELECT sum(uid) FROM message"), 1 + 2 + 5 + 6);
    fixture_check_counts(fixture);
    /* Alone in its transaction, too. */
    Step alone = {.fixture = fixture, .uid = 50, .fails = TRUE, .ran = &ran, .ended = &ended};
    g_autoptr(GError) error = NULL;
    assert_false(store_run(fixture->store, STORE_LANE_USER, TRUE, run_step, &alone, &error));
    assert_true(tern_error_is(error, TERN_ERROR_REFUSED));
    fixture_check_counts(fixture);
    sem_destroy(&gate);
}

/* What a done function says is committed is so: another handle sees it. */
static void see_committed(void *data, const GError *error)
{
    Step *step = data;

    step->has_failed = error || fixture_query(step->fixture, "SELECT count(*) FROM message") != 1;
    step->is_ended = TRUE;
}

static void test_done_comes_after_commit(void **state)
{
    Fixture *fixture = *state;
    int ran = 0;
    Step step = {.fixture = fixture, .uid = 1, .ran = &ran};

    store_submit(fixture->store, STORE_LANE_USER, FALSE, run_step, see_committed, &step, NULL);
    settle(fixture);
    assert_true(step.is_ended);
    assert_false(step.has_failed);
}

static void test_closing_runs_what_was_handed_in(void **state)
{
    Fixture *fixture = *state;
    int ran = 0, ended = 0;
    Step steps[40];

    for (guint i = 0; i < 40; i++) {
        steps[i] = (Step){.fixture = fixture, .uid = i + 1, .ran = &ran, .ended = &ended};
        store_submit(fixture->store, i % 2 ? STORE_LANE_USER : STORE_LANE_BULK, i % 3 == 0, run_step,
                     end_step, &steps[i], NULL);
    }
    fixture_reopen(fixture);
    assert_int_equal(ended, 40);
    assert_int_equal(fixture_query(fixture, "SELECT messages FROM folder WHERE id = 1"), 40);
}

/* The writer's thread is held where it clears its flag, until the flag has been set once more (the linker puts
 * these in the place of wake.c's). */
static struct {
    atomic_int is_wanted;
    _Atomic(Wake *) held;
    sem_t reached, go;
} hold;

gboolean __real_wake_clear(Wake *wake);
gboolean __wrap_wake_clear(Wake *wake);
void __real_wake_set(Wake *wake);
void __wrap_wake_set(Wake *wake);

gboolean __wrap_wake_clear(Wake *wake)
{
    if (atomic_exchange(&hold.is_wanted, 0)) {
        atomic_store(&hold.held, wake);
        sem_post(&hold.reached);
        sem_wait(&hold.go);
    }
    return __real_wake_clear(wake);
}

void __wrap_wake_set(Wake *wake)
{
    Wake *held = wake;

    __real_wake_set(wake);
    if (atomic_compare_exchange_strong(&hold.held, &held, NULL))
        sem_post(&hold.go);
}

/* Closing that comes just when the thread, which has nothing to do, is about to wait: it ends all the same. */
static void test_closing_is_heard_at_any_time(void **state)
{
    Fixture *fixture = *state;

    sem_init(&hold.reached, 0, 0);
    sem_init(&hold.go, 0, 0);
    store_reader_free(g_steal_pointer(&fixture->reader));
    store_close(g_steal_pointer(&fixture->store));
    atomic_store(&hold.is_wanted, 1);
    fixture_reopen(fixture);
    sem_wait(&hold.reached);
    fixture_reopen(fixture);
    assert_int_equal(fixture_folder(fixture, "INBOX"), fixture->inbox);
}

static void test_room_is_told(void **state)
{
    Fixture *fixture = *state;
    int ran = 0, ended = 0;
    g_autoptr(Wake) room = wake_new();
    Step step = {.fixture = fixture, .uid = 1, .ran = &ran, .ended = &ended};
    struct pollfd fd = {.fd = wake_fd(room), .events = POLLIN};

    store_set_bulk_room(fixture->store, room);
    store_submit(fixture->store, STORE_LANE_BULK, FALSE, run_step, end_step, &step, NULL);
    assert_int_equal(poll(&fd, 1, 5000), 1);
    store_unset_bulk_room(fixture->store, room);
    settle(fixture);
    assert_int_equal(store_bulk_waiting(fixture->store), 0);
}

/* ---- notices ---- */

static int wait_for(Wake *wake, int ms)
{
    struct pollfd fd = {.fd = wake_fd(wake), .events = POLLIN};
    int is_set = poll(&fd, 1, ms);

    wake_clear(wake);
    return is_set;
}

static void test_listeners_hear_of_commits(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Wake) wake = wake_new();
    int ran = 0, ended = 0;
    Step step = {.fixture = fixture, .uid = 1, .ran = &ran, .ended = &ended};
    int64_t version = store_reader_version(fixture->reader);

    settle(fixture);
    store_add_listener(fixture->store, wake);
    settle(fixture);
    /* Nothing was changed, so nothing is told. */
    assert_int_equal(wait_for(wake, 120), 0);
    assert_int_equal(store_reader_version(fixture->reader), version);
    store_submit(fixture->store, STORE_LANE_USER, FALSE, run_step, end_step, &step, NULL);
    assert_int_equal(wait_for(wake, 5000), 1);
    assert_true(store_reader_version(fixture->reader) != version);
    store_remove_listener(fixture->store, wake);
    settle(fixture);
}

/* ---- other processes ---- */

static void close_store(Fixture *fixture)
{
    store_reader_free(fixture->reader);
    store_close(fixture->store);
    fixture->reader = NULL;
    fixture->store = NULL;
}

static pid_t start_child(Fixture *fixture, const char *what)
{
    char *argv[] = {(char *)"test-store-writer", (char *)what, fixture->folder, NULL};
    pid_t pid;

    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
    return pid;
}

static int end_of(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* A file that a child makes when it is where the test wants it. */
static void wait_for_flag(Fixture *fixture)
{
    g_autofree char *path = g_build_filename(fixture->folder, "flag", NULL);
    int64_t deadline_us = clock_now_us() + 30 * SECOND_US;

    while (access(path, F_OK) != 0) {
        assert_true(clock_now_us() < deadline_us);
        usleep(2000);
    }
    unlink(path);
}

static void raise_flag(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "flag", NULL);

    g_file_set_contents(path, "", 0, NULL);
}

static gboolean child_add_job(StoreTxn *txn, void *data, GError **error)
{
    uint32_t *uid = data;

    return add_numbered(txn, 1, *uid, 3, error);
}

/* Opens, says so, waits a moment, commits: the parent measures from the commit's time, which it finds as a
 * subject. */
static int child_commit(const char *folder)
{
    g_autoptr(Paths) paths = paths_new(folder);
    g_autoptr(Store) store = store_open(paths, NULL);
    uint32_t uid = 1;

    if (!store)
        return 1;
    raise_flag(folder);
    usleep(200000);
    return !store_run(store, STORE_LANE_USER, FALSE, child_add_job, &uid, NULL);
}

static int child_write_forever(const char *folder)
{
    g_autoptr(Paths) paths = paths_new(folder);
    g_autoptr(Store) store = store_open(paths, NULL);

    for (uint32_t uid = 1000; store; uid += 3) {
        if (!store_run(store, STORE_LANE_BULK, FALSE, child_add_job, &uid, NULL))
            return 1;
        if (uid == 1030)
            raise_flag(folder);
    }
    return 1;
}

static int child_hold_write_lock(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "data", "store.db", NULL);
    sqlite3 *handle;

    if (sqlite3_open(path, &handle) != SQLITE_OK ||
        sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return 1;
    raise_flag(folder);
    usleep(300000);
    sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL);
    return sqlite3_close(handle) != SQLITE_OK;
}

/* The lock that SQLite takes for a moment before any other on the file. */
static int child_hold_pending_byte(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "data", "store.db", NULL);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000000, .l_len = 1};
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0)
        return 1;
    raise_flag(folder);
    pause();
    return 0;
}

static int child_hold_profile_lock(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "data", "lock", NULL);

    if (profile_lock_shared(path, NULL) < 0)
        return 1;
    raise_flag(folder);
    pause();
    return 0;
}

static int child_fill_the_disk(const char *folder)
{
    g_autoptr(Paths) paths = paths_new(folder);
    g_autoptr(Store) store = store_open(paths, NULL);
    const struct rlimit little = {200000, 200000 * 50};
    struct rlimit more = {200000 * 50, 200000 * 50};
    g_autoptr(GError) error = NULL;
    uint32_t uid = 5000;
    gboolean is_done = TRUE;

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &little);
    while (is_done && uid < 90000) {
        is_done = store_run(store, STORE_LANE_BULK, FALSE, child_add_job, &uid, &error);
        uid += 3;
    }
    if (is_done || !tern_error_is(error, TERN_ERROR_STORE))
        return 1;
    setrlimit(RLIMIT_FSIZE, &more);
    /* There is room again: the same job goes through. */
    uid -= 3;
    return !store_run(store, STORE_LANE_BULK, FALSE, child_add_job, &uid, NULL);
}

static void test_another_process_is_heard_of(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Wake) wake = wake_new();

    store_add_listener(fixture->store, wake);
    pid_t pid = start_child(fixture, "commit");
    wait_for_flag(fixture);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 0);
    wake_clear(wake);
    assert_int_equal(wait_for(wake, 10000), 1);
    /* The commit can be seen at once, here and by the reader's own view of it. */
    g_autoptr(StoreFolder) inbox = store_read_folder(fixture->reader, "work", "INBOX", NULL);
    assert_int_equal(inbox->messages, 3);
    assert_int_equal(end_of(pid), 0);
    store_remove_listener(fixture->store, wake);
}

/* From the other's COMMIT to this one's Wake; 300 ms is six times what the design says, for a busy machine.
 * */
static void test_notice_is_quick(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(Wake) wake = wake_new();
    sqlite3 *handle;
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    g_autofree char *notice_path = g_build_filename(fixture->paths->data, "notice", NULL);
    int64_t quickest_us = INT64_MAX;

    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    int notice = open(notice_path, O_WRONLY | O_CLOEXEC);
    store_add_listener(fixture->store, wake);
    for (int i = 0; i < 5; i++) {
        usleep(60000);
        wake_clear(wake);
        /* What another tern does, by its own means. */
        assert_int_equal(sqlite3_exec(handle, "UPDATE folder SET synced = synced + 1", NULL, NULL, NULL),
                         SQLITE_OK);
        int64_t begin_us = clock_now_us();
        assert_int_equal(pwrite(notice, "!", 1, 0), 1);
        assert_int_equal(wait_for(wake, 5000), 1);
        quickest_us = MIN(quickest_us, clock_now_us() - begin_us);
    }
    assert_true(quickest_us < 300000);
    /* A notice without a commit is nothing. */
    usleep(60000);
    assert_int_equal(pwrite(notice, "!", 1, 0), 1);
    assert_int_equal(wait_for(wake, 150), 0);
    store_remove_listener(fixture->store, wake);
    close(notice);
    sqlite3_close(handle);
}

static void test_a_short_lock_is_waited_for(void **state)
{
    Fixture *fixture = *state;
    pid_t pid = start_child(fixture, "hold-write-lock");
    uint32_t uid = 1;

    wait_for_flag(fixture);
    int64_t begin_us = clock_now_us();
    /* Readers are not in the way of writers, nor they of readers. */
    g_autoptr(StoreFolder) inbox = store_read_folder(fixture->reader, "work", "INBOX", NULL);
    assert_non_null(inbox);
    fixture_run(fixture, FALSE, child_add_job, &uid);
    assert_true(clock_now_us() - begin_us > 50000);
    assert_int_equal(end_of(pid), 0);
}

/* Handles of one process share their locks, so this one has to have none open. */
static void test_busy_is_told_from_failed(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    g_autoptr(GError) error = NULL;

    close_store(fixture);
    pid_t pid = start_child(fixture, "hold-pending-byte");
    wait_for_flag(fixture);
    assert_null(store_db_open(path, STORE_DB_READ, 0, &error));
    assert_true(store_is_busy(error));
    kill(pid, SIGKILL);
    end_of(pid);
    g_autoptr(StoreDb) free_again = store_db_open(path, STORE_DB_READ, 0, NULL);
    assert_true(free_again && store_db_load_hash_key(free_again, NULL));
    g_autoptr(GError) other = g_error_new_literal(TERN_ERROR, TERN_ERROR_STORE, "the disk failed");
    assert_false(store_is_busy(other));
    assert_false(store_is_busy(NULL));
}

static void test_killed_writer_leaves_whole_jobs(void **state)
{
    Fixture *fixture = *state;

    for (int i = 0; i < 8; i++) {
        pid_t pid = start_child(fixture, "write-forever");
        wait_for_flag(fixture);
        usleep(1000 * (useconds_t)(i * 7 % 30));
        kill(pid, SIGKILL);
        end_of(pid);
        assert_int_equal(fixture_query(fixture, "SELECT count(*) % 3 FROM message"), 0);
        fixture_check_counts(fixture);
    }
    fixture_reopen(fixture);
    assert_int_equal(
        fixture_query(fixture, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
        1);
    uint32_t uid = 1;
    fixture_run(fixture, FALSE, child_add_job, &uid);
    fixture_check_counts(fixture);
}

static void test_a_full_disk_changes_nothing(void **state)
{
    Fixture *fixture = *state;

    assert_int_equal(end_of(start_child(fixture, "fill-the-disk")), 0);
    assert_int_equal(fixture_query(fixture, "SELECT count(*) % 3 FROM message"), 0);
    fixture_check_counts(fixture);
}

/* SQLite's own "full", in the middle of a shared transaction: all of it is gone, every job is told. */
static gboolean no_more_pages(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    return store_db_exec(txn->db, "PRAGMA max_page_count = 1", error); /* means: as many as there are */
}

static gboolean add_many(StoreTxn *txn, void *data, GError **error)
{
    (void)data;
    return add_numbered(txn, 1, 100, 2000, error);
}

static void test_full_in_the_middle_fails_all(void **state)
{
    Fixture *fixture = *state;
    int ran = 0, ended = 0;
    sem_t gate;
    Step first = {.fixture = fixture, .gate = &gate, .uid = 1, .ran = &ran, .ended = &ended};
    g_autoptr(GError) error = NULL;

    sem_init(&gate, 0, 0);
    fixture_run(fixture, FALSE, no_more_pages, NULL);
    store_submit(fixture->store, STORE_LANE_USER, FALSE, run_step, end_step, &first, NULL);
    sem_post(&gate);
    assert_false(store_run(fixture->store, STORE_LANE_USER, FALSE, add_many, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    assert_non_null(strstr(error->message, "disk is full"));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), first.has_failed ? 0 : 1);
    fixture_check_counts(fixture);
    fixture_reopen(fixture);
    fixture_run(fixture, FALSE, add_many, NULL);
    fixture_check_counts(fixture);
    sem_destroy(&gate);
}

/* ---- opening ---- */

static guint mode_of(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

static void test_files_are_private(void **state)
{
    (void)state;
    mode_t before = umask(0);
    void *inner;
    assert_int_equal(fixture_setup(&inner), 0);
    Fixture *fixture = inner;
    static const char *const FILES[] = {"store.db", "store.db-wal", "store.db-shm", "notice", "lock"};

    for (guint i = 0; i < G_N_ELEMENTS(FILES); i++)
        assert_int_equal(mode_of(fixture->paths->data, FILES[i]), 0600);
    assert_int_equal(mode_of(fixture->folder, "data"), 0700);
    fixture_teardown(&inner);
    umask(before);
}

static void expect_refusal(Fixture *fixture, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = store_open(fixture->paths, &error);

    assert_null(store);
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    if (!strstr(error->message, words))
        fail_msg("\"%s\" does not say \"%s\"", error->message, words);
}

static void set_version(Fixture *fixture, int version)
{
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    g_autofree char *sql = g_strdup_printf("PRAGMA user_version = %d", version);
    sqlite3 *handle;

    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

static void test_newer_schema_is_left_alone(void **state)
{
    Fixture *fixture = *state;

    close_store(fixture);
    set_version(fixture, schema_version() + 1);
    expect_refusal(fixture, "newer tern");
}

/* An older schema needs the profile alone; who is in the way is named. */
static void test_migration_names_who_is_in_the_way(void **state)
{
    Fixture *fixture = *state;
    pid_t pid = start_child(fixture, "hold-profile-lock");
    char name[40];

    wait_for_flag(fixture);
    close_store(fixture);
    set_version(fixture, 0);
    g_snprintf(name, sizeof name, "(%d)", (int)pid);
    expect_refusal(fixture, name);
    kill(pid, SIGKILL);
    end_of(pid);
}

/* Garbage in its place: it is set aside, and there is an empty one. */
static void test_damage_is_set_aside(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    g_autofree char *garbage = g_malloc(100000);
    GError *error = NULL;

    close_store(fixture);
    memset(garbage, 'x', 100000);
    assert_true(g_file_set_contents(path, garbage, 100000, NULL));
    fixture->store = store_open(fixture->paths, &error);
    fixture_ok(fixture->store, error);
    assert_non_null(strstr(store_repaired(fixture->store), "store.db.damaged-"));
    fixture->reader = store_reader_new(fixture->store, 100, &error);
    fixture_ok(fixture->reader, error);
    fixture_reopen(fixture);
    assert_null(store_repaired(fixture->store));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 0);
}

/* Damage in the middle is noticed when that place is read, and is an error, not a crash or an empty folder;
 * the next opening sets the file aside. */
static void test_damage_inside_is_told(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *garbage = g_malloc0(4096);

    fixture_run(fixture, FALSE, add_many, NULL);
    close_store(fixture);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    memset(garbage, 0xa5, 4096);
    for (off_t at = 4096 * 50; at + 4096 <= status.st_size; at += 4096)
        assert_int_equal(pwrite(fd, garbage, 4096, at), 4096);
    close(fd);
    fixture->store = store_open(fixture->paths, &error);
    fixture_ok(fixture->store, error);
    assert_null(store_repaired(fixture->store));
    fixture->reader = store_reader_new(fixture->store, 100, &error);
    fixture_ok(fixture->reader, error);
    g_autoptr(StoreView) view = store_view_new(1, FALSE);
    g_autoptr(StorePage) page = store_view_page(view, fixture->reader, STORE_ANCHOR_NEWEST, 0, 2000, &error);
    assert_null(page);
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    assert_non_null(strstr(error->message, "damaged"));
    fixture_reopen(fixture);
    assert_non_null(store_repaired(fixture->store));
    assert_int_equal(fixture_query(fixture, "SELECT count(*) FROM message"), 0);
}

static void test_engine_lock_is_one(void **state)
{
    Fixture *fixture = *state;
    StoreEngineLock *lock = store_engine_lock_try(fixture->paths, NULL);
    g_autoptr(GError) error = NULL;

    assert_non_null(lock);
    assert_null(store_engine_lock_try(fixture->paths, &error));
    assert_null(error);
    store_engine_lock_free(lock);
    lock = store_engine_lock_try(fixture->paths, &error);
    assert_non_null(lock);
    store_engine_lock_free(lock);
    g_autofree char *socket = store_engine_socket_path(fixture->paths);
    assert_true(g_str_has_prefix(socket, fixture->paths->run));
}

/* Every statement, with the index it names, is one that this schema can run. */
static void test_all_statements_prepare(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *path = g_build_filename(fixture->paths->data, "store.db", NULL);
    GError *error = NULL;
    g_autoptr(StoreDb) db = store_db_open(path, STORE_DB_WRITE, 100, &error);

    fixture_ok(db, error);
    for (StoreSql which = 0; which < SQL_COUNT; which++)
        fixture_ok(store_db_start(db, which, 0, NULL, &error), error);
}

/* ---- many threads ---- */

typedef struct {
    Fixture *fixture;
    uint32_t uid;
    StoreLane lane;
    int failures;
} Hammer;

static gboolean hammer_job(StoreTxn *txn, void *data, GError **error)
{
    Hammer *hammer = data;

    return add_numbered(txn, hammer->fixture->inbox, hammer->uid, 2, error);
}

static void hammer_main(void *data)
{
    Hammer *hammer = data;

    for (int i = 0; i < 40; i++) {
        hammer->uid += 2;
        hammer->failures +=
            !store_run(hammer->fixture->store, hammer->lane, i % 8 == 0, hammer_job, hammer, NULL);
    }
}

static void reading_main(void *data)
{
    Hammer *hammer = data;
    g_autoptr(StoreReader) reader = store_reader_new(hammer->fixture->store, 2000, NULL);
    g_autoptr(StoreView) view = store_view_new(hammer->fixture->inbox, TRUE);
    g_autoptr(Wake) wake = wake_new();

    store_add_listener(hammer->fixture->store, wake);
    for (int i = 0; i < 60; i++) {
        StorePage *page = store_view_page(view, reader, STORE_ANCHOR_NEWEST, 0, 20, NULL);
        hammer->failures += !page;
        store_page_free(page);
        hammer->failures += store_reader_version(reader) == 0;
        wait_for(wake, 5);
    }
    store_remove_listener(hammer->fixture->store, wake);
}

static void test_many_threads(void **state)
{
    Fixture *fixture = *state;
    Hammer hammers[5];
    Thread *threads[5];

    for (guint i = 0; i < 5; i++) {
        hammers[i] = (Hammer){fixture, 1000 * (i + 1), i % 2 ? STORE_LANE_USER : STORE_LANE_BULK, 0};
        threads[i] = thread_start("hammer", 0, i < 3 ? hammer_main : reading_main, &hammers[i], NULL);
        assert_non_null(threads[i]);
    }
    for (guint i = 0; i < 5; i++) {
        thread_join(threads[i]);
        assert_int_equal(hammers[i].failures, 0);
    }
    assert_int_equal(fixture_query(fixture, "SELECT messages FROM folder WHERE id = 1"), 3 * 40 * 2);
    fixture_check_counts(fixture);
}

static const struct {
    const char *name;
    int (*run)(const char *folder);
} CHILDREN[] = {
    {"commit", child_commit},
    {"write-forever", child_write_forever},
    {"hold-write-lock", child_hold_write_lock},
    {"hold-pending-byte", child_hold_pending_byte},
    {"hold-profile-lock", child_hold_profile_lock},
    {"fill-the-disk", child_fill_the_disk},
};

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_users_jobs_go_first),
        TEST(test_a_failing_job_takes_back_only_itself),
        TEST(test_done_comes_after_commit),
        TEST(test_closing_runs_what_was_handed_in),
        TEST(test_closing_is_heard_at_any_time),
        TEST(test_room_is_told),
        TEST(test_listeners_hear_of_commits),
        TEST(test_another_process_is_heard_of),
        TEST(test_notice_is_quick),
        TEST(test_a_short_lock_is_waited_for),
        TEST(test_busy_is_told_from_failed),
        TEST(test_killed_writer_leaves_whole_jobs),
        TEST(test_a_full_disk_changes_nothing),
        TEST(test_full_in_the_middle_fails_all),
        cmocka_unit_test(test_files_are_private),
        TEST(test_newer_schema_is_left_alone),
        TEST(test_migration_names_who_is_in_the_way),
        TEST(test_damage_is_set_aside),
        TEST(test_damage_inside_is_told),
        TEST(test_engine_lock_is_one),
        TEST(test_all_statements_prepare),
        TEST(test_many_threads),
    };

    for (guint i = 0; argc == 3 && i < G_N_ELEMENTS(CHILDREN); i++) {
        if (!strcmp(argv[1], CHILDREN[i].name)) {
            prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves no child behind */
            return CHILDREN[i].run(argv[2]);
        }
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
