/*
 * Pages: whatever the anchor, the shape and the size, a page is a piece of one list, which the test makes
 * itself from the rows by sorting, with trees built by recursion; and what a page costs does not depend on
 * the folder's size.
 */
#include "store-fixture.h"

#include "store/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    int64_t key, id, thread;
    uint32_t flags;
    int number; /* of the Message-ID "m<number>" */
    int parent; /* number of the message it answers; -1 */
} Line;

/* A mailbox for lists: some threads, some alone, every third unread, replies sometimes before what they
 * answer. */
static void fill(Fixture *fixture, guint n, uint32_t seed)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    g_autofree StoreNewMessage *messages = g_new0(StoreNewMessage, n);
    const char *(*refs)[2] = g_malloc0(sizeof *refs * n);

    for (guint i = 0; i < n; i++) {
        char text[24];
        if (i > 0 && fixture_random(&seed) % 2) {
            g_snprintf(text, sizeof text, "m%u", i - 1 - fixture_random(&seed) % MIN(i, 12));
            refs[i][0] = g_string_chunk_insert(pool, text);
        }
        /* Dates in no order, some of them equal. */
        int64_t date_s = 1000000000 + 50 * (int64_t)i + fixture_random(&seed) % 400 / 10 * 10;
        messages[i] = fixture_message(pool, i + 1, date_s, (int)i, refs[i]);
        messages[i].arrival_s = date_s + 100000;
        messages[i].flags = fixture_random(&seed) % 3 ? STORE_SEEN : 0;
    }
    for (guint i = 0; i < n; i += 1000)
        fixture_add(fixture, fixture->inbox, messages + i, MIN(1000, n - i));
    g_free(refs);
}

static GArray *read_lines(Fixture *fixture)
{
    static const char SQL[] = "SELECT m.key, m.id, m.thread, m.flags, e.message_id, e.refs FROM message m "
                              "JOIN envelope e ON e.id = m.id WHERE m.folder = 1 ORDER BY m.key";
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(Line));
    sqlite3 *handle = fixture_sqlite(fixture);
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_prepare_v2(handle, SQL, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *refs = sqlite3_column_blob(statement, 5);
        Line line = {.key = sqlite3_column_int64(statement, 0),
                     .id = sqlite3_column_int64(statement, 1),
                     .thread = sqlite3_column_int64(statement, 2),
                     .flags = (uint32_t)sqlite3_column_int(statement, 3),
                     .number = atoi((const char *)sqlite3_column_text(statement, 4) + 1),
                     .parent = refs ? atoi(refs + 1) : -1};
        g_array_append_val(lines, line);
    }
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return lines;
}

static const Line *line_of(const GArray *lines, guint i)
{
    return &g_array_index(lines, Line, i);
}

/* The replies to a message, and theirs, by date. */
static void append_replies(const GArray *lines, const Line *parent, GArray *list)
{
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = line_of(lines, i);
        if (line->parent == parent->number && line->thread == parent->thread) {
            g_array_append_val(list, *line);
            append_replies(lines, line, list);
        }
    }
}

static gboolean is_here(const GArray *lines, int number)
{
    for (guint i = 0; i < lines->len; i++) {
        if (line_of(lines, i)->number == number)
            return TRUE;
    }
    return FALSE;
}

/* A thread's messages as a tree: `fill` gives each message one parent at most, so a thread here has one root,
 * as long as no message is missing. */
static void append_thread(const GArray *lines, int64_t thread, GArray *list)
{
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = line_of(lines, i);
        if (line->thread == thread && !is_here(lines, line->parent)) {
            g_array_append_val(list, *line);
            append_replies(lines, line, list);
        }
    }
}

typedef enum { FLAT, FOLDED, UNFOLDED, SHAPES } Shape;

/* The whole list as it should be. */
static GArray *expected_list(const GArray *lines, Shape shape)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(Line));
    g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);

    for (guint i = lines->len; i-- > 0;) {
        const Line *line = line_of(lines, i);
        if (shape != FLAT && !g_hash_table_add(seen, (void *)&line->thread))
            continue;
        if (shape == UNFOLDED)
            append_thread(lines, line->thread, list);
        else
            g_array_append_val(list, *line);
    }
    return list;
}

static StoreView *make_view(Fixture *fixture, Shape shape)
{
    StoreView *view = store_view_new(fixture->inbox, shape != FLAT);

    store_view_fold_all(view, shape != UNFOLDED);
    return view;
}

static StoreAnchor anchor_of(const Line *line)
{
    return (StoreAnchor){line->key, line->id, line->thread};
}

/* A page around list[at] has to be that piece of the list. */
static void check_page(Fixture *fixture, StoreView *view, const GArray *list, guint at, StoreAnchor anchor,
                       int before, int after)
{
    GError *error = NULL;
    g_autoptr(StorePage) page = store_view_page(view, fixture->reader, anchor, before, after, &error);
    guint first = at > (guint)before ? at - (guint)before : 0, end = MIN(at + (guint)after + 1, list->len);

    fixture_ok(page, error);
    if (page->rows->len != end - first || page->anchor_row != at - first)
        fail_msg("row %u: %u rows with the anchor at %u, not %u at %u", at, page->rows->len, page->anchor_row,
                 end - first, at - first);
    assert_int_equal(page->at_first, first == 0);
    assert_int_equal(page->at_last, end == list->len);
    for (guint i = 0; i < page->rows->len; i++) {
        const StoreRow *row = page->rows->pdata[i];
        if (row->anchor.id != line_of(list, first + i)->id)
            fail_msg("row %u of the list is message %" G_GINT64_FORMAT ", should be %" G_GINT64_FORMAT,
                     first + i, row->anchor.id, line_of(list, first + i)->id);
        assert_int_equal(row->flags, line_of(list, first + i)->flags);
        assert_int_equal(row->date_s, key_seconds(row->anchor.key));
        assert_string_equal(row->person, "Ada Lovelace");
    }
}

static void check_all_pages(Fixture *fixture, Shape shape)
{
    g_autoptr(GArray) lines = read_lines(fixture), list = expected_list(lines, shape);
    g_autoptr(StoreView) view = make_view(fixture, shape);
    uint32_t seed = 5;

    check_page(fixture, view, list, 0, STORE_ANCHOR_NEWEST, 5, 20);
    check_page(fixture, view, list, list->len - 1, STORE_ANCHOR_OLDEST, 20, 5);
    for (guint at = 0; at < list->len; at++)
        check_page(fixture, view, list, at, anchor_of(line_of(list, at)), (int)(fixture_random(&seed) % 25),
                   (int)(fixture_random(&seed) % 25));
}

static void test_pages_are_pieces_of_the_list(void **state)
{
    Fixture *fixture = *state;

    fill(fixture, 400, 77);
    for (Shape shape = FLAT; shape < SHAPES; shape++)
        check_all_pages(fixture, shape);
}

/* As a screen scrolls: each page begins where the last one ended, down to the oldest and up again. */
static void test_paging_meets_every_row_once(void **state)
{
    Fixture *fixture = *state;

    fill(fixture, 700, 3);
    for (Shape shape = FLAT; shape < SHAPES; shape++) {
        g_autoptr(GArray) lines = read_lines(fixture), list = expected_list(lines, shape);
        g_autoptr(StoreView) view = make_view(fixture, shape);
        StoreAnchor anchor = STORE_ANCHOR_NEWEST;
        guint at = 0;
        gboolean at_last = FALSE;
        while (!at_last) {
            g_autoptr(StorePage) page = store_view_page(view, fixture->reader, anchor, 0, 22, NULL);
            for (guint i = at ? 1 : 0; i < page->rows->len; i++)
                assert_int_equal(((StoreRow *)page->rows->pdata[i])->anchor.id, line_of(list, at++)->id);
            anchor = ((StoreRow *)page->rows->pdata[page->rows->len - 1])->anchor;
            at_last = page->at_last;
        }
        assert_int_equal(at, list->len);
        for (gboolean at_first = FALSE; !at_first;) {
            g_autoptr(StorePage) page = store_view_page(view, fixture->reader, anchor, 22, 0, NULL);
            for (guint i = page->rows->len - 1; i-- > 0;)
                assert_int_equal(((StoreRow *)page->rows->pdata[i])->anchor.id, line_of(list, --at - 1)->id);
            anchor = ((StoreRow *)page->rows->pdata[0])->anchor;
            at_first = page->at_first;
        }
        assert_int_equal(at, 1);
    }
}

static void check_ordinals(Fixture *fixture, Shape shape)
{
    g_autoptr(GArray) lines = read_lines(fixture), list = expected_list(lines, shape);
    g_autoptr(StoreView) view = make_view(fixture, shape);
    int64_t total;

    for (guint i = 0; i < list->len; i++) {
        StoreAnchor found;
        GError *error = NULL;
        assert_int_equal(store_view_ordinal(view, fixture->reader, anchor_of(line_of(list, i)), &total, NULL),
                         i + 1);
        assert_int_equal(total, list->len);
        fixture_ok(store_view_nth(view, fixture->reader, i + 1, &found, &error), error);
        assert_int_equal(found.id, line_of(list, i)->id);
    }
    StoreAnchor end;
    assert_true(store_view_nth(view, fixture->reader, 1000000, &end, NULL));
    assert_int_equal(end.id, line_of(list, list->len - 1)->id);
    assert_true(store_view_nth(view, fixture->reader, -3, &end, NULL));
    assert_int_equal(end.id, line_of(list, 0)->id);
}

static void test_ordinals(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);

    fill(fixture, 600, 21);
    /* Far apart, so that buckets of every level take part. */
    for (int i = 0; i < 12; i++) {
        StoreNewMessage far =
            fixture_message(pool, 5000 + (uint32_t)i, INT64_C(40000000) << (i % 6), 5000 + i, NULL);
        fixture_add(fixture, fixture->inbox, &far, 1);
    }
    check_ordinals(fixture, FLAT);
    check_ordinals(fixture, FOLDED);
}

static void check_unread(Fixture *fixture, Shape shape)
{
    g_autoptr(GArray) lines = read_lines(fixture),
                      list = expected_list(lines, shape == FLAT ? FLAT : UNFOLDED);
    g_autoptr(StoreView) view = make_view(fixture, shape);

    for (guint i = 0; i < list->len; i++) {
        for (int backwards = 0; backwards < 2; backwards++) {
            int step = backwards ? -1 : 1, at = (int)i + step;
            StoreAnchor found = {0, 0, 0};
            while (at >= 0 && at < (int)list->len && line_of(list, (guint)at)->flags & STORE_SEEN)
                at += step;
            gboolean is_there = at >= 0 && at < (int)list->len;
            assert_int_equal(store_view_next_unread(view, fixture->reader, anchor_of(line_of(list, i)),
                                                    backwards, &found, NULL),
                             is_there);
            if (is_there)
                assert_int_equal(found.id, line_of(list, (guint)at)->id);
        }
    }
}

static void test_next_unread(void **state)
{
    Fixture *fixture = *state;

    fill(fixture, 300, 9);
    check_unread(fixture, FLAT);
    check_unread(fixture, UNFOLDED);
}

/* With folded threads, Tab from the newest end visits every unread message once when each is read on the way.
 * */
static void test_next_unread_goes_into_folded_threads(void **state)
{
    Fixture *fixture = *state;
    StoreAnchor anchor = STORE_ANCHOR_NEWEST;
    int visited = 0;

    fill(fixture, 300, 10);
    int64_t unread = fixture_query(fixture, "SELECT unread FROM folder WHERE id = 1");
    g_autoptr(StoreView) view = make_view(fixture, FOLDED);
    while (store_view_next_unread(view, fixture->reader, anchor, FALSE, &anchor, NULL)) {
        fixture_change_flags(fixture, anchor.id, STORE_SEEN, 0);
        visited++;
    }
    assert_int_equal(visited, unread);
    assert_int_equal(fixture_query(fixture, "SELECT unread FROM folder WHERE id = 1"), 0);
    fixture_check_counts(fixture);
}

#define YEAR_9999_S INT64_C(253394611200)

/* A row's look in a small thread; the tree's lines as they are drawn. */
static void test_tree_lines(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    /* 1 ─┬ 2 ─┬ 4 6 answers a message that is not here, but names 2 before it; 7 answers nothing that is here
     * │ └ 6 and names only the ghost of the thread. */
    const char *to_1[] = {"m1", NULL}, *to_2[] = {"m1", "m2", NULL},
               *to_ghost[] = {"m1", "m2", "ghost", NULL}, *only_ghost[] = {"ghost", NULL};
    StoreNewMessage messages[] = {
        fixture_message(pool, 1, 1000, 1, NULL),     fixture_message(pool, 2, 2000, 2, to_1),
        fixture_message(pool, 3, 5000, 3, to_1),     fixture_message(pool, 4, 4000, 4, to_2),
        fixture_message(pool, 6, 6000, 6, to_ghost), fixture_message(pool, 7, 7000, 7, only_ghost)};
    static const struct {
        int64_t date_s;
        int depth;
        uint64_t bits;
        gboolean is_last, is_repeated;
    } EXPECTED[] = {{1000, 0, 0, TRUE, FALSE}, {2000, 1, 2, FALSE, TRUE},  {4000, 2, 6, FALSE, FALSE},
                    {6000, 2, 2, TRUE, FALSE}, {5000, 1, 2, FALSE, FALSE}, {YEAR_9999_S, 1, 0, TRUE, FALSE}};
    GError *error = NULL;

    messages[0].subject = "Lunch";
    messages[1].subject = "Re: Lunch";
    messages[5].date_s = YEAR_9999_S; /* stands where its arrival puts it, and shows what it says */
    messages[5].arrival_s = 7000 - 86400;
    fixture_add(fixture, fixture->inbox, messages, G_N_ELEMENTS(messages));
    g_autoptr(StoreView) view = make_view(fixture, UNFOLDED);
    g_autoptr(StorePage) page = store_view_page(view, fixture->reader, STORE_ANCHOR_NEWEST, 0, 20, &error);
    fixture_ok(page, error);
    assert_int_equal(page->rows->len, G_N_ELEMENTS(EXPECTED));
    for (guint i = 0; i < G_N_ELEMENTS(EXPECTED); i++) {
        const StoreRow *row = page->rows->pdata[i];
        assert_int_equal(row->date_s, EXPECTED[i].date_s);
        assert_int_equal(row->depth, EXPECTED[i].depth);
        assert_int_equal(row->tree_bits, EXPECTED[i].bits);
        assert_int_equal(row->is_last_child, EXPECTED[i].is_last);
        assert_int_equal(row->is_thread_row, i == 0);
        assert_int_equal(row->is_folded, FALSE);
        assert_int_equal(row->is_subject_repeated, EXPECTED[i].is_repeated);
        assert_int_equal(row->thread_messages, 6);
        assert_int_equal(row->thread_unread, 6);
    }
}

/* Circles, replies to oneself, and one Message-ID many times: each message once, and an end. */
static void test_hostile_trees(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    const char *to_1[] = {"m1", NULL}, *to_2[] = {"m2", NULL}, *to_3[] = {"m3", NULL};
    StoreNewMessage messages[] = {
        fixture_message(pool, 1, 1000, 1, to_3), fixture_message(pool, 2, 2000, 2, to_1),
        fixture_message(pool, 3, 3000, 3, to_2), fixture_message(pool, 4, 4000, 1, to_1),
        fixture_message(pool, 5, 5000, 1, to_1), fixture_message(pool, 6, 6000, 2, to_2)};
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);

    fixture_add(fixture, fixture->inbox, messages, G_N_ELEMENTS(messages));
    g_autoptr(StoreView) view = make_view(fixture, UNFOLDED);
    g_autoptr(StorePage) page = store_view_page(view, fixture->reader, STORE_ANCHOR_NEWEST, 0, 100, NULL);
    assert_non_null(page);
    for (guint i = 0; i < page->rows->len; i++)
        assert_true(g_hash_table_add(seen, g_memdup2(&((StoreRow *)page->rows->pdata[i])->anchor.id, 8)));
    assert_int_equal(page->rows->len, G_N_ELEMENTS(messages));
}

/* A reply to each reply, a thousand deep: no recursion, no quadratic surprise. */
static void test_deep_thread(void **state)
{
    Fixture *fixture = *state;
    enum { DEEP = 1000 };
    g_autoptr(GStringChunk) pool = g_string_chunk_new(4096);
    g_autofree StoreNewMessage *messages = g_new0(StoreNewMessage, DEEP);
    const char *(*refs)[2] = g_malloc0(sizeof *refs * DEEP);

    for (int i = 0; i < DEEP; i++) {
        char text[20];
        g_snprintf(text, sizeof text, "m%d", i - 1);
        refs[i][0] = i ? g_string_chunk_insert(pool, text) : NULL;
        messages[i] = fixture_message(pool, (uint32_t)i + 1, 1000 + i, i, refs[i]);
    }
    fixture_add(fixture, fixture->inbox, messages, DEEP);
    g_autoptr(StoreView) view = make_view(fixture, UNFOLDED);
    g_autoptr(StorePage) page = store_view_page(view, fixture->reader, STORE_ANCHOR_OLDEST, 10, 0, NULL);
    assert_int_equal(((StoreRow *)page->rows->pdata[10])->depth, DEEP - 1);
    assert_true(page->at_last);
    g_free(refs);
}

static void test_single_threads_fold_and_unfold(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    const char *to_1[] = {"m1", NULL};
    StoreNewMessage messages[] = {fixture_message(pool, 1, 1000, 1, NULL),
                                  fixture_message(pool, 2, 3000, 2, to_1),
                                  fixture_message(pool, 3, 2000, 3, NULL)};

    fixture_add(fixture, fixture->inbox, messages, 3);
    g_autoptr(StoreView) view = make_view(fixture, FOLDED);
    g_autoptr(StorePage) folded = store_view_page(view, fixture->reader, STORE_ANCHOR_NEWEST, 0, 9, NULL);
    assert_int_equal(folded->rows->len, 2);
    const StoreRow *row = folded->rows->pdata[0];
    assert_true(row->is_thread_row && row->is_folded);
    assert_int_equal(row->thread_messages, 2);
    assert_string_equal(row->subject, "Subject 2");
    assert_false(((StoreRow *)folded->rows->pdata[1])->is_thread_row);
    store_view_fold(view, row->anchor.thread, FALSE);
    assert_false(store_view_is_folded(view, row->anchor.thread));
    /* The same anchor now stands on the reply, in the tree's second line. */
    g_autoptr(StorePage) unfolded = store_view_page(view, fixture->reader, row->anchor, 9, 9, NULL);
    assert_int_equal(unfolded->rows->len, 3);
    assert_int_equal(unfolded->anchor_row, 1);
    StoreAnchor first = ((StoreRow *)unfolded->rows->pdata[0])->anchor;
    store_view_fold(view, first.thread, TRUE);
    g_autoptr(StorePage) again = store_view_page(view, fixture->reader, first, 9, 9, NULL);
    assert_int_equal(again->rows->len, 2);
    assert_int_equal(again->anchor_row, 0);
}

/* Mail arrives above and leaves below: the anchor keeps its message; when that goes, the nearest older one.
 * */
static void test_anchor_follows_its_message(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    StoreNewMessage messages[] = {fixture_message(pool, 1, 1000, 1, NULL),
                                  fixture_message(pool, 2, 2000, 2, NULL),
                                  fixture_message(pool, 3, 3000, 3, NULL)};
    StoreNewMessage newer = fixture_message(pool, 4, 4000, 4, NULL);

    for (Shape shape = FLAT; shape < SHAPES; shape++) {
        fixture_add(fixture, fixture->inbox, messages, 3);
        g_autoptr(StoreView) view = make_view(fixture, shape);
        g_autoptr(StorePage) page = store_view_page(view, fixture->reader, STORE_ANCHOR_NEWEST, 0, 9, NULL);
        StoreAnchor anchor = ((StoreRow *)page->rows->pdata[1])->anchor;
        fixture_add(fixture, fixture->inbox, &newer, 1);
        g_autoptr(StorePage) moved = store_view_page(view, fixture->reader, anchor, 9, 9, NULL);
        assert_int_equal(moved->anchor_row, 2);
        assert_int_equal(((StoreRow *)moved->rows->pdata[2])->anchor.id, anchor.id);
        fixture_expunge(fixture, fixture->inbox, (uint32_t[]){2}, 1);
        g_autoptr(StorePage) gone = store_view_page(view, fixture->reader, anchor, 9, 9, NULL);
        assert_int_equal(gone->anchor_row, 2);
        assert_string_equal(((StoreRow *)gone->rows->pdata[2])->subject, "Subject 1");
        fixture_expunge(fixture, fixture->inbox, (uint32_t[]){1}, 1);
        g_autoptr(StorePage) last = store_view_page(view, fixture->reader, anchor, 9, 9, NULL);
        assert_int_equal(last->rows->len, 2);
        assert_int_equal(last->anchor_row, 1);
        assert_true(last->at_last);
        fixture_expunge(fixture, fixture->inbox, (uint32_t[]){3, 4}, 2);
        g_autoptr(StorePage) empty = store_view_page(view, fixture->reader, anchor, 9, 9, NULL);
        assert_int_equal(empty->rows->len, 0);
        assert_true(empty->at_first && empty->at_last);
        assert_int_equal(store_view_ordinal(view, fixture->reader, anchor, NULL, NULL), 0);
        StoreAnchor found;
        assert_false(store_view_nth(view, fixture->reader, 1, &found, NULL));
        assert_false(store_view_next_unread(view, fixture->reader, anchor, FALSE, &found, NULL));
    }
}

static void test_recipients_in_sent(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GStringChunk) pool = g_string_chunk_new(256);
    const StoreAddress to[] = {
        {"Zoë Brontë", "zoe@example.com"}, {"", "b@example.com"}, {"C", "c@x"}, {"D", "d@x"}};
    StoreNewMessage message = fixture_message(pool, 1, 1000, 1, NULL);

    message.to = to;
    message.n_to = G_N_ELEMENTS(to);
    fixture_add(fixture, fixture->sent, &message, 1);
    g_autoptr(StoreView) view = store_view_new(fixture->sent, FALSE);
    g_autoptr(StorePage) page = store_view_page(view, fixture->reader, STORE_ANCHOR_NEWEST, 0, 9, NULL);
    assert_string_equal(((StoreRow *)page->rows->pdata[0])->person, "Zoë Brontë, b@example.com, C, …");
    g_autoptr(StoreView) nowhere = store_view_new(4000, TRUE);
    g_autoptr(StorePage) none = store_view_page(nowhere, fixture->reader, STORE_ANCHOR_NEWEST, 0, 9, NULL);
    assert_int_equal(none->rows->len, 0);
}

/* The same questions of a folder of 1,000 and of 200,000 over the same time, in VM steps. */
enum { SMALL = 1000, LARGE = 200000 };

static void fill_evenly(Fixture *fixture, guint n)
{
    enum { BATCH = 1000 };
    StoreNewMessage *messages = g_new0(StoreNewMessage, BATCH);

    for (guint i = 0; i < n; i += BATCH) {
        g_autoptr(GStringChunk) pool = g_string_chunk_new(65536);
        const char *(*refs)[2] = g_malloc0(sizeof *refs * BATCH);
        for (guint j = 0; j < BATCH; j++) {
            char text[20];
            /* Threads of four. */
            g_snprintf(text, sizeof text, "m%u", i + j / 4 * 4);
            refs[j][0] = j % 4 ? g_string_chunk_insert(pool, text) : NULL;
            messages[j] = fixture_message(pool, i + j + 1, 1300000000 + INT64_C(200000000) * (i + j) / n,
                                          (int)(i + j), refs[j]);
            messages[j].flags = j % 5 ? STORE_SEEN : 0;
        }
        fixture_add(fixture, fixture->inbox, messages, BATCH);
        g_free(refs);
    }
    g_free(messages);
}

enum { ASK_PAGE, ASK_UNREAD, ASK_ORDINAL, ASKS };

static int64_t ask(Fixture *fixture, Shape shape, int place, int what)
{
    g_autoptr(StoreView) view = make_view(fixture, shape);
    StoreAnchor anchor, found;
    int64_t total;

    store_view_ordinal(view, fixture->reader, STORE_ANCHOR_NEWEST, &total, NULL);
    assert_true(store_view_nth(view, fixture->reader,
                               place == 0   ? 1
                               : place == 1 ? total / 2
                                            : total,
                               &anchor, NULL));
    store_reader_steps(fixture->reader);
    if (what == ASK_UNREAD)
        store_view_next_unread(view, fixture->reader, anchor, place == 2, &found, NULL);
    else if (what == ASK_ORDINAL)
        assert_true(store_view_ordinal(view, fixture->reader, anchor, &total, NULL) > 0);
    else
        store_page_free(store_view_page(view, fixture->reader, anchor, 12, 12, NULL));
    return store_reader_steps(fixture->reader);
}

static void test_steps_do_not_grow_with_the_folder(void **state)
{
    (void)state;
    void *small, *large;
    assert_int_equal(fixture_setup(&small), 0);
    assert_int_equal(fixture_setup(&large), 0);
    fill_evenly(small, SMALL);
    fill_evenly(large, LARGE);
    for (Shape shape = FLAT; shape < SHAPES; shape++) {
        for (int place = 0; place < 3; place++) {
            for (int what = 0; what < ASKS; what++) {
                int64_t few = ask(small, shape, place, what), many = ask(large, shape, place, what);
                /* An ordinal counts what its time slots hold: 31 of each level and the rows of 4.5 hours at
                 * most. In a small folder most slots are not there, so the bound is a number. */
                int64_t limit = what == ASK_ORDINAL ? 1000 : few + few / 5;
                if (many > limit)
                    fail_msg("question %d, shape %d, place %d: %" G_GINT64_FORMAT
                             " steps of 1,000, %" G_GINT64_FORMAT " of 200,000",
                             what, (int)shape, place, few, many);
            }
        }
    }
    fixture_teardown(&small);
    fixture_teardown(&large);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pages_are_pieces_of_the_list),
        TEST(test_paging_meets_every_row_once),
        TEST(test_ordinals),
        TEST(test_next_unread),
        TEST(test_next_unread_goes_into_folded_threads),
        TEST(test_tree_lines),
        TEST(test_hostile_trees),
        TEST(test_deep_thread),
        TEST(test_single_threads_fold_and_unfold),
        TEST(test_anchor_follows_its_message),
        TEST(test_recipients_in_sent),
        cmocka_unit_test(test_steps_do_not_grow_with_the_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
