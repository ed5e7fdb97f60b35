/* test-ui-rows.c - folders by name, the rows of their tree, and the columns of a message's row at every
 * width. */
#include "base/error.h"
#include "store/folder_marks.h"
#include "temp-folder.h"

#include "ui/folder_find.h"
#include "ui/folder_tree.h"
#include "ui/format.h"
#include "ui/list_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static StoreFolder *folder(const char *account, const char *name, int unread)
{
    StoreFolder *made = g_new0(StoreFolder, 1);

    made->id = (gint64)g_str_hash(name) + 1;
    made->account = g_strdup(account);
    made->name = g_strdup(name);
    made->selectable = TRUE;
    made->server_unseen = (guint32)unread;
    return made;
}

static void folder_free(void *data)
{
    StoreFolder *made = data;

    g_free(made->account);
    g_free(made->name);
    g_free(made);
}

/* The tree as text: depth, mark, name, unread. */
static char *tree_as_text(const GPtrArray *folders, const FolderTreeWants *wants)
{
    g_autoptr(GPtrArray) rows = folder_tree(folders, wants);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < rows->len; i++) {
        const FolderRow *row = rows->pdata[i];
        g_string_append_printf(text, "%s%*s%s%s%s %d\n", row->path ? "" : "[", row->depth, "",
                               row->has_children ? (row->is_folded ? "+" : "-") : "", row->name,
                               row->is_hidden ? "?" : "", row->unread);
    }
    return g_string_free(text, FALSE);
}

static void test_tree(void **state)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(folder_free);
    g_autoptr(GHashTable) folded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) hidden = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    FolderTreeWants wants = {folded, hidden, FALSE, NULL};

    (void)state;
    g_ptr_array_add(folders, folder("work", "INBOX", 2));
    g_ptr_array_add(folders, folder("work", "INBOX/inner", 3));
    g_ptr_array_add(folders, folder("work", "Sent", 0));
    g_ptr_array_add(folders, folder("work", "Sent/2024", 1));
    g_ptr_array_add(folders, folder("work", "Projects/tern", 4)); /* its parent is no folder */
    g_ptr_array_add(folders, folder("work", "Zebra", 0));
    g_ptr_array_add(folders, folder("home", "INBOX", 0));
    g_autofree char *all = tree_as_text(folders, &wants);
    assert_string_equal(all, "[work 10\n-Inbox 2\n inner 3\n-Sent 0\n 2024 1\n-Projects 0\n tern 4\nZebra 0\n"
                             "[home 0\nInbox 0\n");
    g_hash_table_add(folded, g_strdup("work/INBOX"));
    g_hash_table_add(folded, g_strdup("work/Projects"));
    g_autofree char *some = tree_as_text(folders, &wants);
    assert_string_equal(some,
                        "[work 10\n+Inbox 5\n-Sent 0\n 2024 1\n+Projects 4\nZebra 0\n[home 0\nInbox 0\n");
    g_hash_table_add(hidden, g_strdup("work/Sent"));
    g_hash_table_add(hidden, g_strdup("work/Projects")); /* a level that is no folder by itself */
    g_hash_table_add(hidden, g_strdup("home"));          /* an account is none at all */
    g_autofree char *fewer = tree_as_text(folders, &wants);
    assert_string_equal(fewer, "[work 5\n+Inbox 5\nZebra 0\n[home 0\nInbox 0\n");
    char *accounts[] = {"home", "new", NULL};
    wants.accounts = accounts;
    wants.with_hidden = TRUE;
    g_autofree char *marked = tree_as_text(folders, &wants);
    assert_string_equal(
        marked, "[home 0\nInbox 0\n[new 0\n[work 5\n+Inbox 5\n-Sent? 0\n 2024? 1\n+Projects 0\nZebra 0\n");
}

/* Folded and hidden folders last; what somebody wrote into the file is passed over. */
static void test_marks(void **state)
{
    g_autoptr(TempFolder) data = temp_folder_new();
    g_autofree char *path = g_build_filename(data, "folders", NULL);

    (void)state;
    FolderMarks *marks = folder_marks_new(data), *other = folder_marks_new(data);
    assert_true(folder_marks_set(marks, FOLDER_FOLDED, "work/Projects", TRUE));
    assert_false(folder_marks_set(marks, FOLDER_FOLDED, "work/Projects", TRUE));
    assert_true(folder_marks_set(marks, FOLDER_HIDDEN, "work/a b", TRUE));
    assert_true(folder_marks_set(marks, FOLDER_FOLDED, "work/odd\n+hidden work/INBOX", TRUE));
    assert_true(folder_marks_set(other, FOLDER_FOLDED, "work/Old", TRUE));
    folder_marks_set(other, FOLDER_HIDDEN, "work/mine", TRUE);
    folder_marks_set(other, FOLDER_HIDDEN, "work/odd\nand mine", TRUE);
    assert_non_null(folder_marks_problem(other)); /* a name that the file cannot have */
    assert_false(folder_marks_has(other, FOLDER_HIDDEN, "work/a b"));
    folder_marks_refresh(other);
    assert_false(folder_marks_has(other, FOLDER_FOLDED, "work/Projects")); /* as of its start */
    assert_true(folder_marks_has(other, FOLDER_HIDDEN, "work/a b"));
    assert_true(folder_marks_has(other, FOLDER_HIDDEN, "work/odd\nand mine"));
    folder_marks_set(marks, FOLDER_HIDDEN, "work/mine", FALSE); /* not in this one's picture: no line */
    folder_marks_refresh(marks);
    assert_true(folder_marks_set(marks, FOLDER_HIDDEN, "work/mine", FALSE));
    assert_null(folder_marks_problem(marks));
    folder_marks_refresh(other);
    assert_int_equal(folder_marks_count(other, FOLDER_HIDDEN), 2);
    folder_marks_free(marks);
    folder_marks_free(other);
    marks = folder_marks_new(data);
    assert_true(folder_marks_has(marks, FOLDER_FOLDED, "work/Projects"));
    assert_true(folder_marks_has(marks, FOLDER_FOLDED, "work/Old"));
    assert_true(folder_marks_has(marks, FOLDER_HIDDEN, "work/a b"));
    assert_false(folder_marks_has(marks, FOLDER_HIDDEN, "work/INBOX"));
    for (int i = 0; i < 2001; i++) /* an odd number: unfolded in the end */
        folder_marks_set(marks, FOLDER_FOLDED, "work/Old", i % 2 != 0);
    folder_marks_free(marks);
    folder_marks_free(folder_marks_new(data)); /* written anew */
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_true(g_str_equal(text, "+folded work/Projects\n+hidden work/a b\n"));
    assert_true(g_file_set_contents(path, "+folded\n+folded x\n*hidden y\n+hiddeny z\n\xff\n+hidden \xff\n-",
                                    -1, NULL));
    marks = folder_marks_new(data);
    assert_int_equal(folder_marks_count(marks, FOLDER_FOLDED), 1);
    assert_int_equal(folder_marks_count(marks, FOLDER_HIDDEN), 0);
    folder_marks_set(marks, FOLDER_HIDDEN, "work/z", TRUE); /* behind a line that was cut */
    folder_marks_free(marks);
    marks = folder_marks_new(data);
    assert_true(folder_marks_has(marks, FOLDER_HIDDEN, "work/z"));
    folder_marks_free(marks);
}

/* Hidden is also what is below, by whole levels; a mark that cannot be written is told. */
static void test_hides(void **state)
{
    g_autoptr(TempFolder) data = temp_folder_new();
    g_autofree char *path = g_build_filename(data, "folders", NULL);
    FolderMarks *marks = folder_marks_new(data);

    (void)state;
    folder_marks_set(marks, FOLDER_HIDDEN, "work/Lists/C", TRUE);
    g_autoptr(GHashTable) hidden = folder_marks_copy(marks, FOLDER_HIDDEN);
    assert_true(folder_marks_hides(hidden, "work", "Lists/C"));
    assert_true(folder_marks_hides(hidden, "work", "Lists/C/tern"));
    assert_false(folder_marks_hides(hidden, "work", "Lists/C++"));
    assert_false(folder_marks_hides(hidden, "work", "Lists"));
    assert_false(folder_marks_hides(hidden, "home", "Lists/C"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* in the file's place */
    folder_marks_set(marks, FOLDER_HIDDEN, "work/b", TRUE);
    assert_true(tern_error_is(folder_marks_problem(marks), TERN_ERROR_STORE));
    folder_marks_free(marks);
}

/* Names from a server may be anything. */
static void test_odd_names(void **state)
{
    static const char *const NAMES[] = {"/", "//", "a//b", "a/", "/a", "a", "A", "inbox"};
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(folder_free);
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    FolderTreeWants wants = {none, none, FALSE, NULL};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
        g_ptr_array_add(folders, folder("x", NAMES[i], 1));
    g_autoptr(GPtrArray) rows = folder_tree(folders, &wants);
    guint n = 0;
    for (guint i = 0; i < rows->len; i++)
        n += ((FolderRow *)rows->pdata[i])->id != 0;
    assert_int_equal(n, G_N_ELEMENTS(NAMES));
}

/* Accounts come as they are configured, whichever was in the store first; one without a folder too. */
static void test_order_of_accounts(void **state)
{
    static const char *const IN_STORE[] = {"second", "first", "gone"};
    char *configured[] = {"first", "empty", "second", NULL};
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(folder_free);
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    FolderTreeWants wants = {none, none, FALSE, configured};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(IN_STORE); i++) {
        g_ptr_array_add(folders, folder(IN_STORE[i], "INBOX", 1));
        g_ptr_array_add(folders, folder(IN_STORE[i], "Archive", 2));
    }
    g_autoptr(GPtrArray) rows = folder_tree(folders, &wants);
    g_autoptr(GString) shown = g_string_new(NULL);
    for (guint i = 0; i < rows->len; i++) {
        const FolderRow *row = rows->pdata[i];
        g_string_append_printf(shown, "%s/%s ", row->account, row->path ? row->path : "");
    }
    assert_string_equal(shown->str,
                        "first/ first/INBOX first/Archive empty/ second/ second/INBOX second/Archive "
                        "gone/ gone/INBOX gone/Archive ");
}

/* A message in a folder of all mail is in others too. */
static void test_unread_is_counted_once(void **state)
{
    static const struct {
        const char *name;
        StoreRole role;
        int unread;
    } FOLDERS[] = {{"INBOX", STORE_ROLE_INBOX, 3},
                   {"work", STORE_ROLE_NONE, 2},
                   {"G", STORE_ROLE_NONE, 0},
                   {"G/All Mail", STORE_ROLE_ALL, 5},
                   {"G/Important", STORE_ROLE_NONE, 3},
                   {"G/Spam", STORE_ROLE_JUNK, 7},
                   {"G/Starred", STORE_ROLE_FLAGGED, 1},
                   {"G/Trash", STORE_ROLE_TRASH, 10}};
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(folder_free);
    g_autoptr(GHashTable) folded = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) hidden = g_hash_table_new(g_str_hash, g_str_equal);
    const FolderTreeWants wants = {folded, hidden, FALSE, NULL};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(FOLDERS); i++) {
        StoreFolder *made = folder("g", FOLDERS[i].name, FOLDERS[i].unread);
        made->role = FOLDERS[i].role;
        g_ptr_array_add(folders, made);
    }
    g_hash_table_add(folded, (char *)"g/G");
    g_autofree char *text = tree_as_text(folders, &wants);
    assert_string_equal(text, "[g 22\nInbox 3\nwork 2\n+G 22\n");
    /* Hidden, it says nothing; the others are counted then, but for what only shows others'. */
    g_hash_table_add(hidden, (char *)"g/G/All Mail");
    g_autofree char *others = tree_as_text(folders, &wants);
    assert_string_equal(others, "[g 25\nInbox 3\nwork 2\n+G 20\n");
}

/* The columns follow each other and end inside of the row, whatever its width. */
static void test_columns(void **state)
{
    (void)state;
    for (int width = 1; width < 300; width++) {
        ListColumns c = list_columns(width);
        assert_true(c.end <= width);
        if (width >= 14)
            assert_true(c.subject < c.end);
        if (c.date_columns)
            assert_true(c.date + c.date_columns < c.mark);
        if (c.person_columns)
            assert_true(c.mark < c.person && c.person_columns > 0 && c.person + c.person_columns < c.subject);
        if (c.count_columns)
            assert_true(c.count >= c.person + c.person_columns && c.count + c.count_columns < c.subject);
    }
    assert_int_equal(list_columns(80).mark, 10);
    assert_int_equal(list_columns(80).person, 12);
    assert_int_equal(list_columns(80).subject, 33);
    assert_int_equal(list_columns(40).mark, 8);
    assert_int_equal(list_columns(40).person, 10);
    assert_int_equal(list_columns(40).subject, 23);
}

/* The store has them in the order in which they were first synced, which need not be the configuration's. */
static void test_find(void **state)
{
    static const char TEXT[] =
        "[account work]\naddress = a@example.org\nincoming = imaps://a@one.example.org\n"
        "password-command = true\n[account home]\naddress = b@example.org\n"
        "incoming = imaps://b@two.example.org\npassword-command = true\n";
    static const struct {
        const char *name, *account, *folder; /* NULL: there is none */
    } ROWS[] = {{"INBOX", "work", "INBOX"},        {"inbox", "work", "INBOX"},
                {"home/INBOX", "home", "INBOX"},   {"HOME/sent", "home", "Sent"},
                {"Sent", "home", "Sent"},          {"home/x", "home", "x"},
                {"work/home/x", "work", "home/x"}, {"nothing", NULL, NULL}};
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(folder_free);
    Config *config = config_parse(TEXT, strlen(TEXT), "tern.conf", 0600);

    (void)state;
    g_ptr_array_add(folders, folder("home", "INBOX", 0));
    g_ptr_array_add(folders, folder("home", "Sent", 0));
    g_ptr_array_add(folders, folder("home", "x", 0));
    g_ptr_array_add(folders, folder("work", "home/x", 0));
    g_ptr_array_add(folders, folder("work", "INBOX", 0));
    for (guint i = 0; i < folders->len; i++)
        if (g_str_has_suffix(((StoreFolder *)folders->pdata[i])->name, "INBOX"))
            ((StoreFolder *)folders->pdata[i])->role = STORE_ROLE_INBOX;
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const StoreFolder *found = folder_find(config, folders, ROWS[i].name);
        assert_int_equal(found != NULL, ROWS[i].account != NULL);
        if (found) {
            assert_string_equal(found->account, ROWS[i].account);
            assert_string_equal(found->name, ROWS[i].folder);
        }
    }
    assert_string_equal(folder_find_inbox(config, folders)->account, "work");
    config_unref(config);
}

/* Others' folders stand under a heading of their own, whose words stand for the first level. */
static void test_spaces(void **state)
{
    static const struct {
        const char *name;
        StoreSpace space;
        gboolean is_selectable;
    } FOLDERS[] = {{"INBOX", STORE_SPACE_OWN, TRUE},
                   {"users", STORE_SPACE_OTHERS, FALSE},
                   {"users/bob/Plans", STORE_SPACE_OTHERS, TRUE},
                   {"users/eve", STORE_SPACE_OTHERS, TRUE},
                   {"shared/Team", STORE_SPACE_SHARED, TRUE},
                   {"shared/Team/deep", STORE_SPACE_SHARED, TRUE}};
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(folder_free);
    g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
    FolderTreeWants wants = {none, none, FALSE, NULL};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(FOLDERS); i++) {
        StoreFolder *one = folder("work", FOLDERS[i].name, 1);
        one->space = FOLDERS[i].space;
        one->selectable = FOLDERS[i].is_selectable;
        g_ptr_array_add(folders, one);
    }
    g_autofree char *text = tree_as_text(folders, &wants);
    assert_string_equal(
        text, "[work 5\nInbox 1\n[Other users 0\n-bob 0\n Plans 1\neve 1\n[Shared 0\n-Team 1\n deep 1\n");
}

static void test_sizes(void **state)
{
    static const struct {
        gint64 bytes;
        const char *text;
    } CASES[] = {{0, "0 bytes"},        {999, "999 bytes"},  {1000, "1 KB"},
                 {1536, "1.5 KB"},      {10 << 10, "10 KB"}, {1000 << 10, "1 MB"},
                 {15LL << 30, "15 GB"}, {1LL << 40, "1 TB"}, {G_MAXINT64, "8388608 TB"}};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *text = format_size(CASES[i].bytes);
        assert_string_equal(text, CASES[i].text);
    }
}

static void test_rights(void **state)
{
    (void)state;
    assert_null(store_rights_problem("x", STORE_MAY_ALL, STORE_MAY_ALL));
    assert_null(store_rights_problem("x", 0, 0));
    g_autofree char *problem =
        store_rights_problem("a\033[2Jb%s", STORE_MAY_READ, STORE_MAY_READ | STORE_MAY_DELETE);
    assert_string_equal(problem, "you may not remove mail from “a·[2Jb%s”; the server gives no right to");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_spaces),
                                       cmocka_unit_test(test_sizes),
                                       cmocka_unit_test(test_rights),
                                       cmocka_unit_test(test_unread_is_counted_once),
                                       cmocka_unit_test(test_tree),
                                       cmocka_unit_test(test_marks),
                                       cmocka_unit_test(test_hides),
                                       cmocka_unit_test(test_odd_names),
                                       cmocka_unit_test(test_order_of_accounts),
                                       cmocka_unit_test(test_columns),
                                       cmocka_unit_test(test_find)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
