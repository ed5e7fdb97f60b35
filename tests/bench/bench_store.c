/*
 * bench_store.c - what the store costs; run by bench_store.py, which makes the tables.
 *
 *      bench_store add N PROFILE     fills a new store: rows a second, of all, of the last tenth, of CPU
 *      bench_store pages PROFILE     each question a screen asks: SQLite's VM steps and microseconds
 *      bench_store change N PROFILE  a new store with N unread messages: milliseconds for changes of all of them, for a move
 *                                    of a tenth, and for taking each back: by the clock, of CPU, and, by the clock and of
 *                                    CPU, the longest that another small job had to wait meanwhile
 *
 * Each line is "name<TAB>value<TAB>value …".
 */
#include "mailbox.h"

#include "base/clock.h"
#include "base/paths.h"
#include "store/ids.h"
#include "store/read.h"
#include "store/undo.h"
#include "store/view.h"
#include "tests/lib/change-job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define PAGE_ROWS 24
#define ROUNDS 50

static guint total, last_tenth;
static int64_t last_tenth_us;

static void note_progress(guint done)
{
    if (!last_tenth_us && done >= total - total / 10) {
        last_tenth = total - done;
        last_tenth_us = clock_now_us();
    }
}

static gboolean folders_job(StoreTxn *txn, void *data, GError **error)
{
    return mailbox_folders(txn, data, error);
}

typedef struct {
    StoreNewMessage message;
    int64_t folder, changes;
} Arrival;

static gboolean arrival_job(StoreTxn *txn, void *data, GError **error)
{
    Arrival *arrival = data;
    gboolean is_done = store_txn_add(txn, arrival->folder, &arrival->message, 1, NULL, error);

    arrival->changes = store_txn_total_changes(txn);
    return is_done;
}

/* One reply arrives in the full folder. */
static gboolean add_arrival(Store *store, Mailbox *mailbox, int64_t folder, GError **error)
{
    Arrival arrival = {.folder = folder};
    StoreNewMessage last;

    for (guint i = total; i < total + 100; i++)
        last = mailbox_message(mailbox, i);
    arrival.message = last;
    int64_t begin_us = clock_now_us();
    if (!store_run(store, STORE_LANE_USER, FALSE, arrival_job, &arrival, error))
        return FALSE;
    printf("arrival\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\n", arrival.changes,
           clock_now_us() - begin_us);
    return TRUE;
}

/* Of all threads: on a machine that others use too this says more than the clock. */
static double cpu_s(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static gboolean bench_add(Store *store, GError **error)
{
    Mailbox *mailbox = mailbox_new(total);
    int64_t inbox;

    if (!store_run(store, STORE_LANE_USER, FALSE, folders_job, &inbox, error))
        return FALSE;
    double begin_cpu_s = cpu_s();
    int64_t begin_us = clock_now_us();
    gboolean is_done = mailbox_fill(mailbox, store, inbox, note_progress, error);
    int64_t end_us = clock_now_us();
    if (is_done) {
        printf("add\t%.0f\t%.0f\t%.0f\n", total * 1e6 / (double)(end_us - begin_us),
               last_tenth ? last_tenth * 1e6 / (double)(end_us - last_tenth_us) : 0.0,
               total / (cpu_s() - begin_cpu_s));
        is_done = add_arrival(store, mailbox, inbox, error);
    }
    mailbox_free(mailbox);
    return is_done;
}

typedef struct {
    StoreView *view;
    StoreReader *reader;
    StoreAnchor anchor;
} Question;

static gboolean ask_page(Question *question, GError **error)
{
    g_autoptr(StorePage) page = store_view_page(question->view, question->reader, question->anchor,
                                                PAGE_ROWS / 2, PAGE_ROWS / 2, error);

    return page != NULL;
}

static gboolean ask_ordinal(Question *question, GError **error)
{
    int64_t of;

    return store_view_ordinal(question->view, question->reader, question->anchor, &of, error) > 0;
}

static gboolean ask_unread(Question *question, GError **error)
{
    StoreAnchor found;

    store_view_next_unread(question->view, question->reader, question->anchor, FALSE, &found, error);
    return !error || !*error;
}

static gboolean ask_nth(Question *question, GError **error)
{
    StoreAnchor found;
    int64_t of, ordinal = store_view_ordinal(question->view, question->reader, question->anchor, &of, error);

    return store_view_nth(question->view, question->reader, ordinal, &found, error);
}

static const struct {
    const char *name;
    gboolean (*ask)(Question *question, GError **error);
} QUESTIONS[] = {{"page", ask_page}, {"ordinal", ask_ordinal}, {"unread", ask_unread}, {"nth", ask_nth}};

static gboolean measure(Question *question, const char *shape, const char *place, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(QUESTIONS); i++) {
        int64_t steps = 0, best_us = INT64_MAX;
        for (int round = 0; round < ROUNDS; round++) {
            int64_t begin_us = clock_now_us();
            store_reader_steps(question->reader);
            if (!QUESTIONS[i].ask(question, error))
                return FALSE;
            best_us = MIN(best_us, clock_now_us() - begin_us);
            steps = store_reader_steps(question->reader);
        }
        printf("%s %s %s\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\n", QUESTIONS[i].name, shape, place,
               steps, best_us);
    }
    return TRUE;
}

static gboolean bench_shape(StoreReader *reader, int64_t inbox, int shape, GError **error)
{
    static const char *const SHAPES[] = {"flat", "threaded", "unfolded"};
    static const char *const PLACES[] = {"start", "middle", "end"};
    g_autoptr(StoreView) view = store_view_new(inbox, shape > 0);
    Question question = {view, reader, STORE_ANCHOR_NEWEST};
    int64_t of = 0;

    store_view_fold_all(view, shape < 2);
    store_view_ordinal(view, reader, STORE_ANCHOR_NEWEST, &of, error);
    for (int place = 0; place < 3; place++) {
        int64_t ordinal = place == 0 ? 1 : place == 1 ? of / 2 : of;
        if (!store_view_nth(view, reader, ordinal, &question.anchor, error) ||
            !measure(&question, SHAPES[shape], PLACES[place], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean bench_pages(Store *store, GError **error)
{
    int64_t begin_us = clock_now_us();
    g_autoptr(StoreReader) reader = store_reader_new(store, 1000, error);
    g_autoptr(StoreFolder) inbox = reader ? store_read_folder(reader, "work", "INBOX", error) : NULL;

    if (!inbox)
        return FALSE;
    for (int shape = 0; shape < 3; shape++) {
        if (!bench_shape(reader, inbox->id, shape, error))
            return FALSE;
        if (shape == 0)
            printf("reader\t%" G_GINT64_FORMAT "\n", clock_now_us() - begin_us);
    }
    return TRUE;
}

/* ---- changes ---- */

static gboolean unread_job(StoreTxn *txn, void *data, GError **error)
{
    guint *next = data;

    for (guint end = MIN(*next + 1000, total); *next < end; ++*next) {
        if (!store_txn_flags(txn, 1, *next + 1, 0, NULL, NULL, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_all_job(StoreTxn *txn, void *data, GError **error)
{
    if (!store_change_begin(txn, STORE_CHANGE_READ_ALL, "INBOX", error))
        return FALSE;
    return store_change_read_all(txn, *(int64_t *)data, error);
}

static gboolean empty_job(StoreTxn *txn, void *data, GError **error)
{
    if (!store_change_begin(txn, STORE_CHANGE_EMPTY, "INBOX", error))
        return FALSE;
    return store_change_empty(txn, *(int64_t *)data, error);
}

/* Every tenth, as if selected. */
static gboolean move_job(StoreTxn *txn, void *data, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    const StoreEachChange change = {.what = STORE_EACH_MOVE, .folder = 4};

    if (!store_txn_folder_ids(txn, *(int64_t *)data, INT64_MAX, 0, ids, error))
        return FALSE;
    for (guint i = 0; i < ids->len / 10; i++)
        g_array_index(ids, int64_t, i) = g_array_index(ids, int64_t, 10 * i);
    if (!store_change_begin(txn, STORE_CHANGE_MOVE, "Projects/tern", error))
        return FALSE;
    return store_change_each(txn, &change, (int64_t *)(void *)ids->data, ids->len / 10, error);
}

static gboolean undo_job(StoreTxn *txn, void *data, GError **error)
{
    g_autoptr(StoreGroup) group = store_undo(txn, error);

    (void)data;
    return group != NULL;
}

static const struct {
    const char *name;
    StoreJobFunc run;
} CHANGES[] = {{"mark all read", read_all_job}, {"empty", empty_job}, {"move a tenth", move_job}};

static gboolean no_job(StoreTxn *txn, void *data, GError **error)
{
    (void)txn, (void)data, (void)error;
    return TRUE;
}

/* Somebody else has something small to do all the while. */
static gboolean time_change(Store *store, const char *name, StoreJobFunc run, int64_t inbox, GError **error)
{
    const int64_t begin_us = clock_now_us();
    const double begin_cpu_s = cpu_s();
    double longest_s = 0, longest_cpu_s = 0;
    ChangeJob timed = {.run = run, .folder = inbox};

    change_job_submit(store, &timed);
    while (!atomic_load(&timed.is_done)) {
        const int64_t asked_us = clock_now_us();
        const double asked_cpu_s = cpu_s();
        if (!store_run(store, STORE_LANE_USER, FALSE, no_job, NULL, error))
            return FALSE;
        longest_s = MAX(longest_s, (double)(clock_now_us() - asked_us) / 1e6);
        longest_cpu_s = MAX(longest_cpu_s, cpu_s() - asked_cpu_s);
        g_usleep(1000);
    }
    printf("%s\t%.1f\t%.1f\t%.1f\t%.1f\n", name, (double)(clock_now_us() - begin_us) / 1000,
           (cpu_s() - begin_cpu_s) * 1000, longest_s * 1000, longest_cpu_s * 1000);
    if (timed.error)
        g_propagate_error(error, timed.error);
    return !timed.error;
}

static gboolean bench_changes(Store *store, GError **error)
{
    Mailbox *mailbox = mailbox_new(total);
    int64_t inbox;
    guint next = 0;
    gboolean is_done = store_run(store, STORE_LANE_USER, FALSE, folders_job, &inbox, error) &&
                       mailbox_fill(mailbox, store, inbox, NULL, error);

    mailbox_free(mailbox);
    while (is_done && next < total)
        is_done = store_run(store, STORE_LANE_BULK, FALSE, unread_job, &next, error);
    for (guint i = 0; is_done && i < G_N_ELEMENTS(CHANGES); i++) {
        g_autofree char *undo = g_strdup_printf("undo: %s", CHANGES[i].name);
        is_done = time_change(store, CHANGES[i].name, CHANGES[i].run, inbox, error) &&
                  time_change(store, undo, undo_job, inbox, error);
    }
    return is_done;
}

static const struct {
    const char *name;
    gboolean has_number;
    gboolean (*run)(Store *store, GError **error);
} BENCHES[] = {{"add", TRUE, bench_add}, {"pages", FALSE, bench_pages}, {"change", TRUE, bench_changes}};

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    gboolean is_done;
    struct rusage usage;
    guint which = 0;

    while (which < G_N_ELEMENTS(BENCHES) &&
           (argc != 3 + BENCHES[which].has_number || strcmp(argv[1], BENCHES[which].name)))
        which++;
    if (which == G_N_ELEMENTS(BENCHES)) {
        fprintf(stderr, "usage: bench_store add|change N PROFILE | bench_store pages PROFILE\n");
        return 2;
    }
    g_autoptr(Paths) paths = paths_new(argv[argc - 1]);
    int64_t begin_us = clock_now_us();
    g_autoptr(Store) store = store_open(paths, &error);
    printf("open\t%" G_GINT64_FORMAT "\n", clock_now_us() - begin_us);
    total = BENCHES[which].has_number ? (guint)strtoul(argv[2], NULL, 10) : 0;
    is_done = store && BENCHES[which].run(store, &error);
    getrusage(RUSAGE_SELF, &usage);
    printf("rss\t%ld\n", usage.ru_maxrss);
    if (!is_done)
        fprintf(stderr, "bench_store: %s\n", error ? error->message : "a question had no answer");
    return is_done ? 0 : 1;
}
