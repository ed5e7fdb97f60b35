/*
 * The journal in any order: a user, another client, syncs, and a player whose commands are done, refused,
 * lost and repeated, all by chance, with fixed seeds.
 *
 * In calm weather nobody else changes anything: what is shown is at each moment what the user made of it,
 * whatever syncs and plays meanwhile. In a storm it is at each moment the server's half with the unsettled
 * changes laid over. In the end the store has what the server has.
 */
#include "store-server.h"

#include "base/error.h"
#include "store/undo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A message as the user means it to be. */
typedef struct {
    int64_t id; /* 0: a copy */
    int64_t folder;
    int n;
    uint32_t flags, keywords;
} Item;

typedef struct {
    Fixture *fixture;
    Server server;
    sqlite3 *db;
    uint32_t seed, first_seed;
    int step, next_n;
    gboolean is_storm;
    int depth; /* of things that happen within others */
    /* Calm weather's model: what is meant, what it was before each group, what it was after each that was
     * undone. */
    GArray *items;
    GPtrArray *before, *undone;
    GHashTable *dead; /* ids that were expunged */
} Weather;

static uint32_t chance(Weather *weather, uint32_t n)
{
    return fixture_random(&weather->seed) % n;
}

static const char *when(const Weather *weather, char text[80])
{
    g_snprintf(text, 80, "seed %u, step %d", weather->first_seed, weather->step);
    return text;
}

/* With TERN_TEST_SEED set: what happens. */
static void tell(const Weather *weather, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void tell(const Weather *weather, const char *format, ...)
{
    va_list arguments;

    if (!g_getenv("TERN_TEST_SEED"))
        return;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    print_message("%d%s: %s\n", weather->step, weather->depth ? " meanwhile" : "", text);
}

/* ---- the model ---- */

static Item *item_at(const GArray *items, guint i)
{
    return &g_array_index(items, Item, i);
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *sorted_text(GPtrArray *lines)
{
    g_ptr_array_sort(lines, compare_text);
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("\n", (char **)lines->pdata);
}

static char *line(int n, int64_t folder, uint32_t flags, uint32_t keywords)
{
    return g_strdup_printf("m%d in %d flags %x keywords %x", n, (int)folder, flags, keywords);
}

static char *meant(const Weather *weather)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < weather->items->len; i++) {
        const Item *item = item_at(weather->items, i);
        if (item->folder && !g_hash_table_contains(weather->dead, &item->id))
            g_ptr_array_add(lines, line(item->n, item->folder, item->flags, item->keywords));
    }
    return sorted_text(lines);
}

static char *shown(const Weather *weather)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(weather->db,
                           "SELECT size - 1000, folder, flags & 31, (SELECT "
                           "coalesce(sum(CASE name WHEN '$Forwarded' THEN 1 WHEN 'Todo' THEN 2 WHEN "
                           "'$Junk' THEN 4 ELSE 8 END), 0) FROM keyword k "
                           "WHERE k.message = m.id AND half & 2) FROM message m WHERE folder > 0",
                           -1, &statement, NULL),
        SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        g_ptr_array_add(lines, line(sqlite3_column_int(statement, 0), sqlite3_column_int64(statement, 1),
                                    (uint32_t)sqlite3_column_int(statement, 2),
                                    (uint32_t)sqlite3_column_int(statement, 3)));
    sqlite3_finalize(statement);
    return sorted_text(lines);
}

static void check_meant(Weather *weather)
{
    g_autofree char *is = shown(weather), *ought = meant(weather);
    char text[80];

    if (!strcmp(is, ought))
        return;
    g_auto(GStrv) is_lines = g_strsplit(is, "\n", -1), ought_lines = g_strsplit(ought, "\n", -1);
    for (char **one = is_lines; *one; one++) {
        if (!g_strv_contains((const char *const *)ought_lines, *one))
            print_error("shown and not meant: %s\n", *one);
    }
    for (char **one = ought_lines; *one; one++) {
        if (!g_strv_contains((const char *const *)is_lines, *one))
            print_error("meant and not shown: %s\n", *one);
    }
    fail_msg("%s: what is shown is not what was meant", when(weather, text));
}

/* No message has got another number than the one it had. */
static void check_ids(Weather *weather)
{
    char text[80];

    for (guint i = 0; i < weather->items->len; i++) {
        const Item *item = item_at(weather->items, i);
        if (!item->id || g_hash_table_contains(weather->dead, &item->id))
            continue;
        g_autofree char *sql =
            g_strdup_printf("SELECT size - 1000 FROM message WHERE id = %" G_GINT64_FORMAT, item->id);
        const int64_t n = server_query(weather->db, sql);
        if (n != item->n)
            fail_msg("%s: id %" G_GINT64_FORMAT " was message %d and is %" G_GINT64_FORMAT,
                     when(weather, text), item->id, item->n, n);
    }
}

static void check(Weather *weather)
{
    char text[80];

    server_check_shown(&weather->server, weather->db, when(weather, text));
    if (!weather->is_storm) {
        check_meant(weather);
        check_ids(weather);
    }
}

/* ---- the user ---- */

typedef enum { DO_FLAGS, DO_KEYWORD, DO_MOVE, DO_JUNK, DO_COPY, DO_EXPUNGE, DO_READ_ALL, DO_KINDS } What;

typedef struct {
    Weather *weather;
    What what;
    int64_t ids[5], folder;
    guint n;
    uint32_t set, clear, keyword;
    gboolean is_command, is_changed;
    int64_t copies[5];
} Deed;

static gboolean do_one(StoreTxn *txn, Deed *deed, guint i, GError **error)
{
    const int64_t id = deed->ids[i];

    switch (deed->what) {
    case DO_FLAGS:
        return store_change_flags(txn, id, deed->set, deed->clear, error);
    case DO_KEYWORD:
        return store_change_keyword(txn, id, SERVER_KEYWORD[deed->keyword], deed->set & 1, error);
    case DO_MOVE:
        return store_change_move(txn, id, deed->folder, error);
    case DO_JUNK:
        return store_change_keyword(txn, id, "$NotJunk", FALSE, error) &&
               store_change_keyword(txn, id, "$Junk", TRUE, error) &&
               store_change_move(txn, id, deed->folder, error);
    case DO_COPY:
        return store_change_copy(txn, id, deed->folder, &deed->copies[i], error);
    case DO_EXPUNGE:
        return store_change_expunge(txn, id, error);
    default:
        return store_change_read_all(txn, deed->folder, error);
    }
}

static gboolean do_job(StoreTxn *txn, void *data, GError **error)
{
    static const StoreChangeKind KINDS[DO_KINDS] = {
        STORE_CHANGE_FLAGS, STORE_CHANGE_TAG,     STORE_CHANGE_MOVE,    STORE_CHANGE_JUNK,
        STORE_CHANGE_COPY,  STORE_CHANGE_EXPUNGE, STORE_CHANGE_READ_ALL};
    Deed *deed = data;

    if (!store_change_begin(txn, KINDS[deed->what], "a name", error))
        return FALSE;
    if (deed->is_command)
        store_change_as_command(txn);
    for (guint i = 0; i < deed->n; i++) {
        if (!do_one(txn, deed, i, error))
            return FALSE;
    }
    deed->is_changed = store_change_group(txn) != 0;
    return TRUE;
}

static uint32_t with_flags(uint32_t flags, const Deed *deed)
{
    return (flags | deed->set) & ~deed->clear;
}

/* The same in the model. */
static void mean_one(GArray *items, guint i, const Deed *deed)
{
    Item *item = item_at(items, i), copy = *item;

    switch (deed->what) {
    case DO_FLAGS:
        item->flags = with_flags(item->flags, deed);
        break;
    case DO_KEYWORD:
        item->keywords =
            deed->set & 1 ? item->keywords | 1u << deed->keyword : item->keywords & ~(1u << deed->keyword);
        break;
    case DO_JUNK:
        item->keywords = (item->keywords | 4u) & ~8u;
        item->folder = deed->folder;
        break;
    case DO_MOVE:
        item->folder = deed->folder;
        break;
    case DO_COPY:
        copy.id = 0;
        copy.folder = deed->folder;
        g_array_append_val(items, copy);
        break;
    case DO_EXPUNGE:
        item->folder = 0;
        break;
    default:
        break;
    }
}

static void mean(Weather *weather, const Deed *deed)
{
    GArray *items = weather->items;

    if (deed->what == DO_READ_ALL) {
        for (guint i = 0; i < items->len; i++) {
            Item *item = item_at(items, i);
            if (item->folder == deed->folder)
                item->flags |= STORE_SEEN;
        }
        return;
    }
    for (guint d = 0; d < deed->n; d++) {
        for (guint i = 0; i < items->len; i++) {
            if (item_at(items, i)->id == deed->ids[d] && item_at(items, i)->id) {
                mean_one(items, i, deed);
                break;
            }
        }
    }
}

static gboolean has_copy_in(const Weather *weather, int64_t folder)
{
    for (guint i = 0; i < weather->items->len; i++) {
        const Item *item = item_at(weather->items, i);
        if (!item->id && item->folder == folder)
            return TRUE;
    }
    return FALSE;
}

/* A message that is shown; in calm weather no copy, since those have other ids when they are made again. */
static int64_t any_id(Weather *weather)
{
    if (!weather->is_storm) {
        for (int i = 0; i < 20; i++) {
            const Item *item = item_at(weather->items, chance(weather, weather->items->len));
            if (item->id && item->folder && !g_hash_table_contains(weather->dead, &item->id))
                return item->id;
        }
        return 0;
    }
    g_autofree char *sql = g_strdup_printf(
        "SELECT id FROM message ORDER BY id LIMIT 1 OFFSET %u %% max((SELECT count(*) FROM message), 1)",
        chance(weather, 1000000));
    return MAX(server_query(weather->db, sql), 0);
}

static gboolean is_in(const Deed *deed, int64_t id)
{
    for (guint i = 0; i < deed->n; i++) {
        if (deed->ids[i] == id)
            return TRUE;
    }
    return FALSE;
}

static void user_does(Weather *weather)
{
    static const What OFTEN[] = {DO_FLAGS, DO_FLAGS, DO_KEYWORD, DO_MOVE,    DO_MOVE,
                                 DO_MOVE,  DO_JUNK,  DO_COPY,    DO_EXPUNGE, DO_READ_ALL};
    Deed deed = {.weather = weather, .what = OFTEN[chance(weather, G_N_ELEMENTS(OFTEN))]};
    const guint n = deed.what == DO_READ_ALL ? 1 : 1 + chance(weather, 4);

    deed.folder = weather->server.folders[chance(weather, SERVER_FOLDERS)].id;
    deed.set = chance(weather, 32);
    deed.clear = chance(weather, 32) & ~deed.set;
    deed.keyword = chance(weather, 3);
    deed.is_command = weather->is_storm && chance(weather, 4) == 0;
    for (guint i = 0; i < n; i++) {
        const int64_t id = any_id(weather);
        if (!is_in(&deed, id))
            deed.ids[deed.n++] = id;
    }
    if (!weather->is_storm && deed.what == DO_READ_ALL && has_copy_in(weather, deed.folder))
        return;
    fixture_run(weather->fixture, TRUE, do_job, &deed);
    tell(weather, "user %d: ids %d %d %d %d, folder %d, set %x, clear %x, keyword %u%s%s", deed.what,
         (int)deed.ids[0], (int)deed.ids[1], (int)deed.ids[2], (int)deed.ids[3], (int)deed.folder, deed.set,
         deed.clear, deed.keyword, deed.is_command ? ", a command" : "",
         deed.is_changed ? "" : ": nothing to do");
    if (weather->is_storm || !deed.is_changed)
        return;
    g_ptr_array_add(weather->before, g_array_copy(weather->items));
    g_ptr_array_set_size(weather->undone, 0);
    mean(weather, &deed);
}

/* ---- undo and redo ---- */

typedef struct {
    gboolean is_redo, is_command, is_found, is_too_late, is_changed;
} Back;

static gboolean back_job(StoreTxn *txn, void *data, GError **error)
{
    Back *back = data;
    GError *failure = NULL;

    if (back->is_command)
        store_change_as_command(txn);
    g_autoptr(StoreGroup) group = back->is_redo ? store_redo(txn, &failure) : store_undo(txn, &failure);
    back->is_found = group != NULL;
    back->is_too_late = group && group->is_too_late;
    back->is_changed = store_change_group(txn) != 0;
    if (failure)
        g_propagate_error(error, failure);
    return !failure;
}

static void take_meant(Weather *weather, GPtrArray *from, GPtrArray *to)
{
    if (to)
        g_ptr_array_add(to, g_steal_pointer(&weather->items));
    else
        g_clear_pointer(&weather->items, g_array_unref);
    weather->items = g_ptr_array_steal_index(from, from->len - 1);
}

static void user_goes_back(Weather *weather)
{
    Back back = {.is_redo = chance(weather, 3) == 0,
                 .is_command = weather->is_storm && chance(weather, 4) == 0};
    char text[80];

    fixture_run(weather->fixture, TRUE, back_job, &back);
    tell(weather, "%s%s: %s%s", back.is_redo ? "redo" : "undo", back.is_command ? " of a command" : "",
         back.is_found ? "found" : "nothing", back.is_too_late ? ", too late" : "");
    if (weather->is_storm)
        return;
    GPtrArray *from = back.is_redo ? weather->undone : weather->before;
    if (back.is_found != (from->len > 0))
        fail_msg("%s: %s finds %s", when(weather, text), back.is_redo ? "redo" : "undo",
                 back.is_found ? "something" : "nothing");
    if (!back.is_found)
        return;
    if (back.is_redo)
        take_meant(weather, from, back.is_changed ? weather->before : NULL);
    else
        take_meant(weather, from, back.is_too_late ? NULL : weather->undone);
}

static gboolean release_job(StoreTxn *txn, void *data, GError **error)
{
    const gboolean *is_command = data;

    if (*is_command)
        store_change_as_command(txn);
    return store_change_release(txn, error);
}

static void release(Weather *weather)
{
    for (gboolean is_command = FALSE; is_command <= weather->is_storm; is_command++)
        fixture_run(weather->fixture, TRUE, release_job, &is_command);
}

/* ---- everybody else ---- */

static void other_client(Weather *weather)
{
    ServerFolder *folders = weather->server.folders, *folder = &folders[chance(weather, SERVER_FOLDERS)];
    const guint n = folder->mails->len;

    if (n == 0 || chance(weather, 4) == 0) {
        server_add(folder, weather->next_n++, chance(weather, 32), chance(weather, 16));
        return;
    }
    ServerMail *mail = &g_array_index(folder->mails, ServerMail, chance(weather, n));
    const uint32_t what = chance(weather, 8);
    ServerFolder *to = &folders[chance(weather, SERVER_FOLDERS)];
    const uint32_t uid = mail->uid;

    tell(weather, "another client %u: m%d (folder %d, UID %u) and folder %d", what, mail->n, (int)folder->id,
         uid, (int)to->id);
    switch (what) {
    case 0:
        server_remove(folder, uid);
        break;
    case 1:
        server_copy(folder, uid, to);
        break;
    case 2:
        server_copy(folder, uid, to);
        server_remove(folder, uid);
        break;
    case 3:
        if (chance(weather, 6) == 0)
            server_renumber(folder);
        break;
    default:
        server_touch(folder, mail, chance(weather, 32), chance(weather, 16));
        break;
    }
}

/* Whether the user has made copies of that message: what comes from the server may be either then. */
static gboolean is_copied(const Weather *weather, int n)
{
    int found = 0;

    for (guint i = 0; i < weather->items->len; i++)
        found += item_at(weather->items, i)->n == n;
    return found > 1;
}

static Answer any_answer(const StoreEntry *entry, void *data)
{
    static const Answer CALM[] = {ANSWER_DONE,      ANSWER_DONE, ANSWER_DONE, ANSWER_UNTOLD,
                                  ANSWER_LOST_DONE, ANSWER_LOST, ANSWER_LATER};
    Weather *weather = data;

    if (weather->is_storm && chance(weather, 8) == 0)
        return ANSWER_REFUSED;
    const Answer answer = CALM[chance(weather, G_N_ELEMENTS(CALM))];
    /* Calm is where one knows which message is which, and when one that is deleted for good is gone. */
    const gboolean is_unsure =
        entry->verb == STORE_VERB_EXPUNGE || entry->verb == STORE_VERB_COPY ||
        (entry->verb == STORE_VERB_MOVE && is_copied(weather, (int)entry->size_bytes - 1000));
    if (!weather->is_storm && is_unsure)
        return answer == ANSWER_LATER ? ANSWER_LATER : ANSWER_DONE;
    return answer;
}

static void sync_any(Weather *weather)
{
    ServerFolder *folder = &weather->server.folders[chance(weather, SERVER_FOLDERS)];

    tell(weather, "sync of folder %d%s", (int)folder->id,
         folder->uid_validity == folder->seen_validity ? "" : " with another UIDVALIDITY");
    server_sync(&weather->server, folder);
}

/* Between the parts of a sync, or between a command and its answer. */
static void meanwhile(void *data)
{
    Weather *weather = data;

    if (weather->depth || chance(weather, 4))
        return;
    weather->depth++;
    switch (chance(weather, 4)) {
    case 0:
        user_goes_back(weather);
        break;
    case 1:
        if (weather->is_storm)
            other_client(weather);
        break;
    default:
        user_does(weather);
        break;
    }
    check(weather);
    weather->depth--;
}

static void note_expunged(int64_t id, void *data)
{
    Weather *weather = data;

    g_hash_table_add(weather->dead, g_memdup2(&id, sizeof id));
}

static void reopen(Weather *weather)
{
    release(weather);
    sqlite3_close(weather->db);
    fixture_reopen(weather->fixture);
    weather->db = fixture_sqlite(weather->fixture);
    /* Another opening has nothing to undo. */
    g_ptr_array_set_size(weather->before, 0);
    g_ptr_array_set_size(weather->undone, 0);
}

static void renumber(Weather *weather)
{
    ServerFolder *folder = &weather->server.folders[chance(weather, SERVER_FOLDERS)];

    for (guint i = 0; i < folder->mails->len; i++) {
        if (is_copied(weather, g_array_index(folder->mails, ServerMail, i).n))
            return;
    }
    server_renumber(folder);
}

static void step(Weather *weather)
{
    const uint32_t what = chance(weather, 100);

    if (what < 40)
        user_does(weather);
    else if (what < 55)
        user_goes_back(weather);
    else if (what < 70)
        server_play(&weather->server, 1 + (int)chance(weather, 6), any_answer, weather);
    else if (what < 82)
        sync_any(weather);
    else if (what < 84)
        release(weather);
    else if (what < 85)
        reopen(weather);
    else if (weather->is_storm)
        other_client(weather);
    else if (what < 88)
        renumber(weather);
}

/* ---- the tests ---- */

static void free_items(void *data)
{
    g_array_unref(data);
}

static void weather_init(Weather *weather, Fixture *fixture, uint32_t seed, gboolean is_storm)
{
    *weather = (Weather){.fixture = fixture,
                         .db = fixture_sqlite(fixture),
                         .seed = seed,
                         .first_seed = seed,
                         .is_storm = is_storm,
                         .next_n = 1,
                         .items = g_array_new(FALSE, FALSE, sizeof(Item)),
                         .before = g_ptr_array_new_with_free_func(free_items),
                         .undone = g_ptr_array_new_with_free_func(free_items),
                         .dead = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL)};
    server_init(&weather->server, fixture);
    weather->server.between = meanwhile;
    weather->server.expunged = note_expunged;
    weather->server.data = weather;
    weather->depth = 1; /* the first sync is not disturbed */
    for (int i = 0; i < 30; i++)
        server_add(&weather->server.folders[i % 5 ? 0 : i % 3], weather->next_n++, chance(weather, 32),
                   chance(weather, 16));
    for (int i = 0; i < SERVER_FOLDERS; i++)
        server_sync(&weather->server, &weather->server.folders[i]);
    weather->depth = 0;
}

static void read_items(Weather *weather)
{
    for (int f = 0; f < SERVER_FOLDERS; f++) {
        const ServerFolder *folder = &weather->server.folders[f];
        for (guint i = 0; i < folder->mails->len; i++) {
            const ServerMail *mail = &g_array_index(folder->mails, ServerMail, i);
            g_autofree char *sql = g_strdup_printf("SELECT id FROM message WHERE size = %d", 1000 + mail->n);
            const Item item = {server_query(weather->db, sql), folder->id, mail->n, mail->flags,
                               mail->keywords};
            g_array_append_val(weather->items, item);
        }
    }
}

static void weather_clear(Weather *weather)
{
    server_clear(&weather->server);
    sqlite3_close(weather->db);
    g_array_unref(weather->items);
    g_ptr_array_unref(weather->before);
    g_ptr_array_unref(weather->undone);
    g_hash_table_unref(weather->dead);
}

static void live_through(uint32_t seed, int steps, gboolean is_storm)
{
    Weather weather;
    void *inner;
    char text[80];

    assert_int_equal(fixture_setup(&inner), 0);
    weather_init(&weather, inner, seed, is_storm);
    read_items(&weather);
    check(&weather);
    for (weather.step = 1; weather.step <= steps; weather.step++) {
        step(&weather);
        check(&weather);
        if (weather.step % 16 == 0 || g_getenv("TERN_TEST_SEED"))
            fixture_check_counts(inner);
    }
    release(&weather);
    server_settle(&weather.server);
    check(&weather);
    server_check_same(&weather.server, weather.db, when(&weather, text));
    fixture_check_counts(inner);
    weather_clear(&weather);
    fixture_teardown(&inner);
}

/* TERN_TEST_SEED=N: that one instead, to look at what went wrong. */
static void live_through_all(gboolean is_storm)
{
    static const uint32_t SEEDS[] = {2, 77, 4711};
    const char *one = g_getenv("TERN_TEST_SEED");

    if (one) {
        live_through((uint32_t)strtoul(one, NULL, 10), 300, is_storm);
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(SEEDS); i++)
        live_through(SEEDS[i], 300, is_storm);
}

static void test_calm_weather(void **state)
{
    (void)state;
    live_through_all(FALSE);
}

static void test_storm(void **state)
{
    (void)state;
    live_through_all(TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calm_weather),
        cmocka_unit_test(test_storm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
