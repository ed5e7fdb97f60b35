/* test-compose-settle.c - what becomes of drafts that are kept here when what was filed of them is not there
 * any more: nothing is lost by what a server, the configuration or a new store.db does. */
#include "store-fixture.h"

#include "base/file.h"
#include "compose/upload.h"
#include "maildir/uploads.h"
#include "store/ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define MANY 8

static const char *data_of(const Fixture *fixture)
{
    return fixture->paths->data;
}

/* The folder called `drafts` has the role now. */
static gboolean set_role(StoreTxn *txn, void *data, GError **error)
{
    const char *const *drafts = data;
    StoreListed listed[] = {
        {.name = "INBOX",
         .raw_name = "INBOX",
         .delimiter = '/',
         .role = STORE_ROLE_INBOX,
         .selectable = TRUE},
        {.name = "Sent", .raw_name = "Sent", .delimiter = '/', .selectable = TRUE},
        {.name = "Archive", .raw_name = "Archive", .delimiter = '/', .selectable = TRUE},
    };
    int64_t account;

    for (guint i = 0; i < G_N_ELEMENTS(listed); i++)
        if (g_str_equal(listed[i].name, *drafts))
            listed[i].role = STORE_ROLE_DRAFTS;
    return store_txn_account(txn, "work", &account, error) &&
           store_txn_folders(txn, account, listed, G_N_ELEMENTS(listed), error);
}

static gboolean set_synced(StoreTxn *txn, void *data, GError **error)
{
    const StoreSync sync = {.uid_validity = 1, .backfill_uid = 1, .synced_s = 1700000000};

    return store_txn_set_sync(txn, *(int64_t *)data, &sync, error);
}

typedef struct {
    int64_t row, store;
    const char *folder;
} Filed;

static gboolean set_filed(Upload *upload, void *data)
{
    const Filed *filed = data;

    upload->state = UPLOAD_FILED;
    upload->row = filed->row;
    upload->store = filed->store;
    g_free(upload->folder);
    upload->folder = g_strdup(filed->folder);
    return TRUE;
}

/* A draft whose version is filed in "Archive", the folder for drafts, as the message of that UID; its id. */
static char *filed(Fixture *fixture, uint32_t uid)
{
    static const char CONFIG[] =
        "[account work]\naddress = ada@example.org\nname = Ada\nincoming = imaps://h\n";
    g_autoptr(Config) config = config_parse(CONFIG, strlen(CONFIG), "tern.conf", 0);
    g_autoptr(GStringChunk) pool = g_string_chunk_new(1024);
    g_autoptr(Draft) draft = draft_new(NULL);
    const int64_t archive = fixture_folder(fixture, "Archive");
    StoreNewMessage message = fixture_message(pool, uid, 1700000000, (int)uid, NULL);

    draft->account = g_strdup("work");
    draft_set(draft, DRAFT_SUBJECT, "Precious");
    assert_true(draft_upload(draft, config, data_of(fixture), NULL, NULL));
    fixture_add(fixture, archive, &message, 1);
    g_autoptr(GArray) found = store_read_uids(fixture->reader, archive, uid, uid, NULL);
    Filed place = {g_array_index(found, StoreUid, 0).id, store_read_stamp(fixture->reader), "Archive"};
    g_autoptr(Upload) upload = upload_read(data_of(fixture), draft->id, NULL);
    assert_true(upload_change(data_of(fixture), upload, set_filed, &place, NULL));
    return g_strdup(draft->id);
}

static int setup(void **state)
{
    const char *drafts = "Archive";

    if (fixture_setup(state) != 0)
        return -1;
    Fixture *fixture = *state;
    int64_t archive = fixture_folder(fixture, "Archive");
    fixture_run(fixture, FALSE, set_role, &drafts);
    fixture_run(fixture, FALSE, set_synced, &archive);
    return 0;
}

static void take_away(Fixture *fixture, uint32_t uid)
{
    fixture_expunge(fixture, fixture_folder(fixture, "Archive"), &uid, 1);
}

static guint kept(const Fixture *fixture)
{
    g_autoptr(GPtrArray) ids = draft_list(data_of(fixture), NULL);

    return ids->len;
}

/* It went elsewhere: out of the list, and its text is there still. */
static void test_put_aside(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *id = filed(fixture, 7);
    g_autofree char *name = g_strconcat(id, ":2,DS", NULL);
    g_autofree char *path = g_build_filename(data_of(fixture), "drafts", "aside", name, NULL), *text = NULL;

    assert_int_equal(draft_settle(data_of(fixture), fixture->reader), 0);
    assert_int_equal(kept(fixture), 1);
    take_away(fixture, 7);
    assert_true(draft_is_elsewhere(data_of(fixture), id, fixture->reader));
    assert_int_equal(draft_settle(data_of(fixture), fixture->reader), 0);
    assert_int_equal(kept(fixture), 0);
    assert_true(draft_is_aside(data_of(fixture), id));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_non_null(strstr(text, "Precious"));
    assert_null(upload_read(data_of(fixture), id, NULL));
    draft_settle(data_of(fixture), fixture->reader); /* and stays there for a while */
    assert_true(draft_is_aside(data_of(fixture), id));
}

/* All at once are no doing of a person. */
static void test_all_at_once(void **state)
{
    Fixture *fixture = *state;

    for (uint32_t uid = 1; uid <= MANY; uid++)
        g_free(filed(fixture, uid));
    for (uint32_t uid = 1; uid <= MANY; uid++)
        take_away(fixture, uid);
    draft_settle(data_of(fixture), fixture->reader);
    assert_int_equal(kept(fixture), MANY);
}

/* Another folder is that for drafts, and then the old one again. */
static void test_another_folder(void **state)
{
    Fixture *fixture = *state;
    const char *drafts = "Sent";
    g_autofree char *id = filed(fixture, 7);

    fixture_run(fixture, FALSE, set_role, &drafts);
    fixture_run(fixture, FALSE, set_synced, &fixture->sent);
    assert_false(draft_is_elsewhere(data_of(fixture), id, fixture->reader));
    draft_settle(data_of(fixture), fixture->reader);
    assert_int_equal(kept(fixture), 1);
}

/* The number of a row in a store.db that was made anew is another message's, or nobody's yet. */
static void test_another_store(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *id = filed(fixture, 7);
    g_autoptr(Upload) upload = upload_read(data_of(fixture), id, NULL);
    g_autofree char *same = draft_of_row(data_of(fixture), upload->row, upload->store);
    Filed place = {upload->row, upload->store + 1, "Archive"};

    assert_string_equal(same, id);
    assert_true(upload_change(data_of(fixture), upload, set_filed, &place, NULL));
    assert_null(draft_of_row(data_of(fixture), upload->row, upload->store));
    take_away(fixture, 7);
    assert_false(draft_is_elsewhere(data_of(fixture), id, fixture->reader));
    draft_settle(data_of(fixture), fixture->reader);
    assert_int_equal(kept(fixture), 1);
}

static gboolean set_waiting(Upload *upload, void *data)
{
    (void)data;
    upload->state = UPLOAD_WAITING;
    return TRUE;
}

/* Changed here offline, and sent elsewhere meanwhile: told, and kept. */
static void test_changed_here(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *id = filed(fixture, 7);
    g_autoptr(Upload) upload = upload_read(data_of(fixture), id, NULL);

    assert_true(upload_change(data_of(fixture), upload, set_waiting, NULL, NULL));
    assert_false(draft_is_elsewhere(data_of(fixture), id, fixture->reader));
    take_away(fixture, 7);
    assert_true(draft_is_elsewhere(data_of(fixture), id, fixture->reader));
    assert_int_equal(draft_settle(data_of(fixture), fixture->reader), 1);
    assert_int_equal(kept(fixture), 1);
}

/* An empty file in data/drafts, so old; its path, to be freed. */
static char *old_file(const Fixture *fixture, const char *folder, const char *name, int64_t age_s)
{
    g_autofree char *in = g_build_filename(data_of(fixture), "drafts", folder, NULL);
    char *path = g_build_filename(in, name, NULL);
    const time_t when = (time_t)(g_get_real_time() / G_USEC_PER_SEC - age_s);
    const struct timespec times[] = {{.tv_sec = when}, {.tv_sec = when}};

    assert_true(file_make_folder(in, NULL));
    assert_true(g_file_set_contents(path, "", 0, NULL));
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    return path;
}

/* What kills leave goes after a while; what is young, or belongs to a draft, or is held, does not. */
static void test_swept(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *id = filed(fixture, 7);
    const struct {
        const char *folder, *name;
        int64_t age_s;
        gboolean goes;
    } ROWS[] = {
        {"upload", "1.a.tmp-ABCDEF", 2 * 86400, TRUE},
        {"upload", "1.b.tmp-ABCDEF", 60, FALSE},
        {"open", "1.a", 2 * 86400, TRUE},
        {"open", "1.b", 60, FALSE},
        {"open", "1.c", 2 * 86400, FALSE},
        {"open", id, 2 * 86400, FALSE},
        {"aside", "1.a:2,DS", 31 * 86400, TRUE},
        {"aside", "1.b:2,DS", 29 * 86400, FALSE},
    };
    char *paths[G_N_ELEMENTS(ROWS)];

    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++)
        paths[i] = old_file(fixture, ROWS[i].folder, ROWS[i].name, ROWS[i].age_s);
    const int hold = draft_hold(data_of(fixture), "1.c", NULL);
    assert_true(hold >= 0);
    draft_settle(data_of(fixture), fixture->reader);
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        if (g_file_test(paths[i], G_FILE_TEST_EXISTS) == ROWS[i].goes)
            fail_msg("%s/%s", ROWS[i].folder, ROWS[i].name);
        g_free(paths[i]);
    }
    close(hold);
}

static void test_rows(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *id = filed(fixture, 7);
    g_autoptr(Upload) upload = upload_read(data_of(fixture), id, NULL);
    g_autoptr(GHashTable) rows = draft_rows(data_of(fixture), upload->store);
    g_autoptr(GHashTable) others = draft_rows(data_of(fixture), upload->store + 1);

    assert_int_equal(g_hash_table_size(rows), 1);
    assert_true(g_hash_table_contains(rows, &upload->row));
    assert_int_equal(g_hash_table_size(others), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put_aside, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_all_at_once, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_another_folder, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_another_store, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_changed_here, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_swept, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_rows, setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
