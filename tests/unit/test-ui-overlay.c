/* test-ui-overlay.c - what the user changed lies over rows and counts until the store has it; and which
 * messages a selection means to the writer. */
#include "store-fixture.h"

#include "base/clock.h"
#include "base/error.h"
#include "ui/overlay.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define N 6

/* Six messages in the Inbox, the odd ones read, 1 to 3 one thread; ids by UID. */
typedef struct {
    Fixture *store;
    Wake *wake;
    Overlay *overlay;
    gint64 ids[N + 1], threads[N + 1];
} Setup;

static gboolean find_ids(Setup *setup)
{
    GError *error = NULL;
    g_autoptr(GArray) uids = store_read_uids(setup->store->reader, setup->store->inbox, 1, N, &error);

    fixture_ok(uids && uids->len == N, error);
    for (guint i = 0; i < N; i++) {
        const StoreUid *uid = &g_array_index(uids, StoreUid, i);
        StoreRowState row;
        assert_int_equal(store_read_state(setup->store->reader, uid->id, &row, &error), 1);
        setup->ids[uid->uid] = row.id;
        setup->threads[uid->uid] = row.thread;
    }
    return TRUE;
}

static int set_up(void **state)
{
    Setup *setup = g_new0(Setup, 1);
    GStringChunk *pool = g_string_chunk_new(1024);
    StoreNewMessage messages[N];
    const char *const first[] = {"m1", NULL};

    fixture_setup((void **)&setup->store);
    for (int n = 1; n <= N; n++) {
        messages[n - 1] = fixture_message(pool, (uint32_t)n, 1000000 + n, n, n == 2 || n == 3 ? first : NULL);
        messages[n - 1].flags = n % 2 ? STORE_SEEN : 0;
    }
    fixture_add(setup->store, setup->store->inbox, messages, N);
    g_string_chunk_free(pool);
    setup->wake = wake_new();
    setup->overlay = overlay_new(setup->store->store, setup->wake);
    find_ids(setup);
    *state = setup;
    return 0;
}

static int tear_down(void **state)
{
    Setup *setup = *state;

    overlay_free(setup->overlay);
    fixture_teardown((void **)&setup->store);
    wake_unref(setup->wake);
    g_free(setup);
    return 0;
}

static Selection *select_uids(const Setup *setup, const char *uids)
{
    Selection *selection = selection_new(setup->store->inbox);

    for (const char *p = uids; *p; p++)
        assert_true(selection_set(selection, setup->ids[*p - '0'], setup->threads[*p - '0'], TRUE));
    return selection;
}

static gboolean do_nothing(G_GNUC_UNUSED StoreTxn *txn, G_GNUC_UNUSED void *data,
                           G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static gboolean refuse(G_GNUC_UNUSED StoreTxn *txn, G_GNUC_UNUSED void *data, GError **error)
{
    tern_error_set(error, TERN_ERROR_INPUT, "it cannot be");
    return FALSE;
}

static void settle(Setup *setup, GError **error)
{
    struct pollfd fd = {wake_fd(setup->wake), POLLIN, 0};

    assert_int_equal(poll(&fd, 1, 10000), 1);
    wake_clear(setup->wake);
    assert_true(overlay_settle(setup->overlay, error));
}

static StoreRow row_of(const Setup *setup, int uid, int n, int unread)
{
    return (StoreRow){.anchor = {0, setup->ids[uid], setup->threads[uid]},
                      .flags = uid % 2 ? STORE_SEEN : 0,
                      .thread_messages = n,
                      .thread_unread = unread};
}

static void check_counts(const Setup *setup, gint64 folder, int messages, int unread)
{
    int more, more_unread;

    overlay_counts(setup->overlay, folder, &more, &more_unread);
    assert_int_equal(more, messages);
    assert_int_equal(more_unread, unread);
}

static void test_flags(void **state)
{
    Setup *setup = *state;
    GError *error = NULL;
    char **keywords;

    overlay_submit(setup->overlay,
                   &(OverlayEffect){.targets = select_uids(setup, "24"), .set = STORE_SEEN, .unread = 2},
                   do_nothing, NULL, NULL, NULL);
    assert_int_equal(overlay_flags(setup->overlay, setup->ids[2], 0), STORE_SEEN);
    assert_int_equal(overlay_flags(setup->overlay, setup->ids[6], 0), 0);
    check_counts(setup, setup->store->inbox, 0, -2);
    check_counts(setup, setup->store->sent, 0, 0);
    /* One of a folded thread's three: the row that shows it counts one less. */
    StoreRow row = row_of(setup, 2, 3, 1);
    overlay_row(setup->overlay, &row, &keywords);
    assert_int_equal(row.flags, STORE_SEEN);
    assert_int_equal(row.thread_unread, 0);
    assert_null(keywords);
    /* The same lies there once it is settled, until the page was read again. */
    settle(setup, &error);
    assert_null(error);
    check_counts(setup, setup->store->inbox, 0, -2);
    overlay_drop(setup->overlay);
    check_counts(setup, setup->store->inbox, 0, 0);
    assert_int_equal(overlay_flags(setup->overlay, setup->ids[2], 0), 0);
}

static void test_thread(void **state)
{
    Setup *setup = *state;
    char **keywords;

    overlay_submit(setup->overlay,
                   &(OverlayEffect){.targets = select_uids(setup, "123"), .clear = STORE_SEEN, .unread = -2},
                   do_nothing, NULL, NULL, NULL);
    StoreRow row = row_of(setup, 3, 3, 1);
    overlay_row(setup->overlay, &row, &keywords);
    assert_int_equal(row.flags, 0);
    assert_int_equal(row.thread_unread, 3);
    check_counts(setup, setup->store->inbox, 0, 2);
    settle(setup, NULL);
}

static void test_gone(void **state)
{
    Setup *setup = *state;
    gint64 inbox = setup->store->inbox;

    overlay_submit(setup->overlay,
                   &(OverlayEffect){.targets = select_uids(setup, "12"),
                                    .is_gone = TRUE,
                                    .to_folder = setup->store->sent,
                                    .messages = 2,
                                    .unread = 1},
                   do_nothing, NULL, NULL, NULL);
    assert_true(overlay_is_gone(setup->overlay, inbox, setup->ids[1], 0, FALSE));
    assert_false(overlay_is_gone(setup->overlay, inbox, setup->ids[3], 0, FALSE));
    assert_false(overlay_is_gone(setup->overlay, setup->store->sent, setup->ids[1], 0, FALSE));
    check_counts(setup, inbox, -2, -1);
    check_counts(setup, setup->store->sent, 2, 1);
    assert_true(overlay_is_gone(setup->overlay, inbox, setup->ids[1], 0, TRUE));
    settle(setup, NULL);
    /* A page that is read now and has it shows what came after that: the change was taken back. */
    assert_true(overlay_is_gone(setup->overlay, inbox, setup->ids[1], 0, FALSE));
    assert_false(overlay_is_gone(setup->overlay, inbox, setup->ids[1], 0, TRUE));
    overlay_drop(setup->overlay);
    /* Only those with a mark, also one that was set a moment ago. */
    Selection *all = selection_new(inbox);
    selection_set_all(all, setup->ids[N], N);
    overlay_submit(setup->overlay, &(OverlayEffect){.targets = select_uids(setup, "5"), .set = STORE_DELETED},
                   do_nothing, NULL, NULL, NULL);
    overlay_submit(setup->overlay, &(OverlayEffect){.targets = all, .only = STORE_DELETED, .is_gone = TRUE},
                   do_nothing, NULL, NULL, NULL);
    assert_true(overlay_is_gone(setup->overlay, inbox, setup->ids[4], STORE_DELETED | STORE_SEEN, FALSE));
    assert_true(overlay_is_gone(setup->overlay, inbox, setup->ids[5], 0, FALSE));
    assert_false(overlay_is_gone(setup->overlay, inbox, setup->ids[6], 0, FALSE));
}

static void test_copied_counts_there_only(void **state)
{
    Setup *setup = *state;

    overlay_submit(
        setup->overlay,
        &(OverlayEffect){
            .targets = select_uids(setup, "2"), .to_folder = setup->store->sent, .messages = 1, .unread = 1},
        do_nothing, NULL, NULL, NULL);
    check_counts(setup, setup->store->inbox, 0, 0);
    check_counts(setup, setup->store->sent, 1, 1);
}

static void test_tags(void **state)
{
    Setup *setup = *state;
    char *before[] = {"dev", "todo", NULL};
    char *tags[] = {"dev", "work", NULL}, *untags[] = {"todo", NULL};
    char **keywords;

    overlay_submit(setup->overlay,
                   &(OverlayEffect){.targets = select_uids(setup, "1"),
                                    .tags = g_strdupv(tags),
                                    .untags = g_strdupv(untags)},
                   do_nothing, NULL, NULL, NULL);
    overlay_submit(setup->overlay,
                   &(OverlayEffect){.targets = select_uids(setup, "1"), .untags = g_strdupv(tags + 1)},
                   do_nothing, NULL, NULL, NULL);
    StoreRow row = row_of(setup, 1, 1, 0);
    row.keywords = before;
    overlay_row(setup->overlay, &row, &keywords);
    assert_int_equal(g_strv_length(row.keywords), 1);
    assert_string_equal(row.keywords[0], "dev");
    g_strfreev(keywords);
    row = row_of(setup, 2, 1, 0);
    row.keywords = before;
    overlay_row(setup->overlay, &row, &keywords);
    assert_ptr_equal(row.keywords, before);
    assert_null(keywords);
}

static void note(void *data, const GError *error)
{
    *(char **)data = g_strdup(error ? error->message : "done");
}

static void test_failures(void **state)
{
    Setup *setup = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *noted = NULL, *noted_failure = NULL;

    overlay_submit(setup->overlay, &(OverlayEffect){0}, refuse, NULL, NULL, NULL);
    settle(setup, &error);
    assert_non_null(error);
    assert_string_equal(error->message, "it cannot be");
    /* Who is told by `done` is told there. */
    g_clear_error(&error);
    overlay_submit(setup->overlay, &(OverlayEffect){0}, refuse, note, &noted_failure, NULL);
    settle(setup, &error);
    assert_null(error);
    assert_string_equal(noted_failure, "it cannot be");
    overlay_submit(setup->overlay, &(OverlayEffect){0}, do_nothing, note, &noted, NULL);
    settle(setup, &error);
    assert_string_equal(noted, "done");
}

/* Ended while the writer still has jobs: nothing is lost, nothing is used after it was freed. */
static void test_ended_early(void **state)
{
    Setup *setup = *state;

    for (int i = 0; i < 100; i++)
        overlay_submit(setup->overlay, &(OverlayEffect){.targets = select_uids(setup, "1")}, do_nothing, note,
                       g_strdup("data"), g_free);
    overlay_free(setup->overlay);
    setup->overlay = overlay_new(setup->store->store, setup->wake);
}

/* ---- what the writer makes of a selection ---- */

typedef struct {
    const Selection *selection;
    uint32_t flags;
    GArray *ids;
} Resolve;

static gboolean resolve(StoreTxn *txn, void *data, GError **error)
{
    Resolve *job = data;

    job->ids = selection_resolve(job->selection, txn, job->flags, error);
    return job->ids != NULL;
}

static void check_resolved(Setup *setup, const Selection *selection, uint32_t flags, const char *wanted)
{
    Resolve job = {selection, flags, NULL};
    g_autoptr(GString) uids = g_string_new(NULL);

    fixture_run(setup->store, FALSE, resolve, &job);
    for (int uid = 1; uid <= N; uid++)
        for (guint i = 0; i < job.ids->len; i++)
            if (g_array_index(job.ids, gint64, i) == setup->ids[uid])
                g_string_append_printf(uids, "%d", uid);
    assert_int_equal(job.ids->len, uids->len);
    assert_string_equal(uids->str, wanted);
    g_array_unref(job.ids);
}

static void test_resolve(void **state)
{
    Setup *setup = *state;
    g_autoptr(Selection) some = select_uids(setup, "153"), all = selection_new(setup->store->inbox);
    gint64 last_id;

    check_resolved(setup, some, 0, "135");
    check_resolved(setup, some, STORE_SEEN, "135");
    check_resolved(setup, some, STORE_FLAGGED, "");
    assert_true(store_read_last_id(setup->store->reader, &last_id, NULL));
    assert_int_equal(last_id, setup->ids[N]);
    selection_set_all(all, last_id, N);
    assert_true(selection_set(all, setup->ids[4], setup->threads[4], FALSE));
    check_resolved(setup, all, 0, "12356");
    check_resolved(setup, all, STORE_SEEN, "135");
    /* Up to a message only. */
    selection_set_all(all, setup->ids[3], 3);
    check_resolved(setup, all, 0, "123");
}

static void test_thread_states(void **state)
{
    Setup *setup = *state;
    g_autoptr(GArray) rows =
        store_read_thread(setup->store->reader, setup->store->inbox, setup->threads[2], NULL);
    StoreRowState row;

    assert_int_equal(rows->len, 3);
    for (guint i = 0; i < 3; i++)
        assert_int_equal(g_array_index(rows, StoreRowState, i).id, setup->ids[i + 1]);
    assert_int_equal(store_read_state(setup->store->reader, 999999, &row, NULL), 0);
    g_autoptr(StoreFolder) sent = store_read_role_folder(setup->store->reader, "work", STORE_ROLE_SENT, NULL);
    assert_int_equal(sent->id, setup->store->sent);
    assert_null(store_read_role_folder(setup->store->reader, "work", STORE_ROLE_TRASH, NULL));
    assert_null(store_read_role_folder(setup->store->reader, "nobody", STORE_ROLE_SENT, NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_flags),         TEST(test_thread),
        TEST(test_gone),          TEST(test_copied_counts_there_only),
        TEST(test_tags),          TEST(test_failures),
        TEST(test_ended_early),   TEST(test_resolve),
        TEST(test_thread_states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
