/* The log of fetched messages: what is synced is there again, what was torn is not, and nothing else is lost
 * with it. */
#include "temp-folder.h"

#include "base/error.h"
#include "maildir/uidl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static UidlLog *open_log(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "uidl", "pop", NULL);
    g_autoptr(GError) error = NULL;
    UidlLog *log = uidl_log_open(path, &error);

    assert_null(error);
    assert_non_null(log);
    return log;
}

static void add(UidlLog *log, const char *uidl, int64_t size, guint64 hash, const char *base)
{
    uidl_log_add(
        log,
        &(UidlEntry){.uidl = uidl, .size_bytes = size, .fetched_s = 7, .header_hash = hash, .base = base});
}

static char *read_text(const char *folder, gsize *size)
{
    g_autofree char *path = g_build_filename(folder, "uidl", "pop", NULL);
    char *text = NULL;

    assert_true(g_file_get_contents(path, &text, size, NULL));
    return text;
}

static void write_text(const char *folder, const char *text, gsize size)
{
    g_autofree char *path = g_build_filename(folder, "uidl", "pop", NULL);

    assert_true(g_file_set_contents(path, text, (gssize)size, NULL));
}

static void test_what_is_synced_stays(void **state)
{
    UidlLog *log = open_log(*state);

    add(log, "one", 1000, 5, "base-1");
    add(log, "a strange\nUIDL %41", 0, 0, "");
    add(log, "three", 3, 6, "base 3");
    uidl_log_gone(log, "three");
    uidl_log_unwanted(log, "one");
    uidl_log_decide(log, "delete");
    assert_true(uidl_log_sync(log, NULL));
    add(log, "never synced", 1, 0, "");
    uidl_log_close(log);
    log = open_log(*state);
    assert_int_equal(uidl_log_count(log), 2);
    const UidlEntry *one = uidl_log_find(log, "one");
    assert_non_null(one);
    assert_true(one->size_bytes == 1000 && one->fetched_s == 7 && one->is_unwanted);
    assert_string_equal(one->base, "base-1");
    assert_ptr_equal(uidl_log_find_hash(log, 5), one);
    assert_ptr_equal(uidl_log_find_base(log, "base-1"), one);
    assert_non_null(uidl_log_find(log, "a strange\nUIDL %41"));
    assert_null(uidl_log_find_hash(log, 6));
    assert_null(uidl_log_find_hash(log, 0));
    assert_true(uidl_log_is_decided(log, "delete") && !uidl_log_is_decided(log, "keep"));
    uidl_log_close(log);
}

/* What is in doubt stays so until it is settled; a log that is written anew knows it too. */
static void test_doubts(void **state)
{
    UidlLog *log = open_log(*state);
    gsize good;

    uidl_log_add(log, &(UidlEntry){.uidl = "one", .size_bytes = 9, .base = "b1", .is_doubtful = TRUE});
    uidl_log_add(log, &(UidlEntry){.uidl = "two", .size_bytes = 9, .base = "b2", .is_doubtful = TRUE});
    add(log, "two", 9, 0, "b2");
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    log = open_log(*state);
    GString *text = uidl_log_format(log);
    g_autoptr(UidlLog) again = uidl_log_parse(text->str, text->len, &good);
    for (int i = 0; i < 2; i++) {
        const UidlLog *either = i ? again : log;
        assert_int_equal(uidl_log_count(either), 2);
        assert_true(uidl_log_find(either, "one")->is_doubtful && !uidl_log_find(either, "one")->is_stub);
        assert_false(uidl_log_find(either, "two")->is_doubtful);
    }
    assert_int_equal(good, text->len);
    g_string_free(text, TRUE);
    uidl_log_close(log);
}

/* Of a stub the line is another; the message's own replaces it. */
static void test_stubs(void **state)
{
    UidlLog *log = open_log(*state);

    uidl_log_add(log, &(UidlEntry){.uidl = "one", .size_bytes = 9000, .base = "b1", .is_stub = TRUE});
    uidl_log_add(log, &(UidlEntry){.uidl = "two", .size_bytes = 9001, .base = "b2", .is_stub = TRUE});
    add(log, "two", 9001, 0, "b2");
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    log = open_log(*state);
    assert_int_equal(uidl_log_count(log), 2);
    assert_true(uidl_log_find(log, "one")->is_stub && uidl_log_find(log, "one")->size_bytes == 9000);
    assert_false(uidl_log_find(log, "two")->is_stub);
    GString *text = uidl_log_format(log);
    assert_non_null(strstr(text->str, "~ one 9000 "));
    g_string_free(text, TRUE);
    uidl_log_close(log);
}

/* Cut at each byte: whole lines stay, and what is appended afterwards is read. */
static void test_a_torn_end(void **state)
{
    UidlLog *log = open_log(*state);
    gsize size;

    add(log, "one", 1, 0, "b1");
    assert_true(uidl_log_sync(log, NULL));
    g_autofree char *first = read_text(*state, &size);
    const gsize first_bytes = size;
    add(log, "two", 2, 0, "b2");
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    g_autofree char *text = read_text(*state, &size);
    for (gsize cut = 0; cut <= size; cut++) {
        write_text(*state, text, cut);
        log = open_log(*state);
        assert_int_equal(uidl_log_find(log, "one") != NULL, cut >= first_bytes);
        assert_int_equal(uidl_log_find(log, "two") != NULL, cut == size);
        add(log, "three", 3, 0, "b3");
        assert_true(uidl_log_sync(log, NULL));
        uidl_log_close(log);
        log = open_log(*state);
        assert_non_null(uidl_log_find(log, "three"));
        uidl_log_close(log);
    }
}

/* A block that did not reach the disk: zeros in the middle. */
static void test_a_hole(void **state)
{
    UidlLog *log = open_log(*state);
    gsize size;

    add(log, "one", 1, 0, "b1");
    add(log, "two", 2, 0, "b2");
    add(log, "three", 3, 0, "b3");
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    g_autofree char *text = read_text(*state, &size);
    memset(strstr(text, "two"), 0, 5);
    write_text(*state, text, size);
    log = open_log(*state);
    assert_non_null(uidl_log_find(log, "one"));
    assert_null(uidl_log_find(log, "two"));
    assert_non_null(uidl_log_find(log, "three"));
    uidl_log_close(log);
}

static void test_one_at_a_time(void **state)
{
    g_autofree char *path = g_build_filename(*state, "uidl", "pop", NULL);
    g_autoptr(UidlLog) log = open_log(*state);
    g_autoptr(GError) error = NULL;

    assert_null(uidl_log_open(path, &error));
    assert_null(error);
    (void)log;
}

static void test_another_format_is_left_alone(void **state)
{
    g_autofree char *path = g_build_filename(*state, "uidl", "pop", NULL);
    g_autoptr(GError) error = NULL;
    gsize size;

    uidl_log_close(open_log(*state));
    write_text(*state, "tern-uidl 2\nsomething", 21);
    assert_null(uidl_log_open(path, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    g_autofree char *text = read_text(*state, &size);
    assert_string_equal(text, "tern-uidl 2\nsomething");
}

static void test_what_is_gone_takes_no_room(void **state)
{
    UidlLog *log = open_log(*state);
    gsize before, after;

    for (int i = 0; i < 5000; i++) {
        g_autofree char *uidl = g_strdup_printf("u%d", i);
        add(log, uidl, i, 0, "base");
        if (i)
            uidl_log_gone(log, uidl);
        assert_true(i % 100 || uidl_log_sync(log, NULL));
    }
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    g_free(read_text(*state, &before));
    log = open_log(*state);
    assert_int_equal(uidl_log_count(log), 1);
    g_free(read_text(*state, &after));
    assert_true(after < 200 && before > 100000);
    add(log, "later", 1, 0, "");
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    log = open_log(*state);
    assert_int_equal(uidl_log_count(log), 2);
    uidl_log_close(log);
}

static UidlLog *open_of(const char *folder, const char *mailbox)
{
    UidlLog *log = uidl_log_turn_to(open_log(folder), mailbox, NULL);

    assert_non_null(log);
    return log;
}

static char *marks_of(const char *folder, const char *mailbox)
{
    g_autoptr(UidlLog) log = open_of(folder, mailbox);

    return uidl_log_marks(log, "pop");
}

/* Nobody's log is the first one's; another one begins with nothing, and is not what the first one was. */
static void test_each_mailbox_has_its_own(void **state)
{
    UidlLog *log = open_log(*state);

    add(log, "one", 1000, 5, "base-1");
    uidl_log_decide(log, "delete");
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    for (int i = 0; i < 3; i++) {
        log = open_of(*state, "ada lovelace@example.org");
        assert_int_equal(uidl_log_count(log), 1);
        assert_true(uidl_log_is_decided(log, "delete"));
        uidl_log_close(log);
        log = open_of(*state, "bob@example.org");
        assert_int_equal(uidl_log_count(log), i);
        assert_false(uidl_log_is_decided(log, "delete"));
        g_autofree char *uidl = g_strdup_printf("%d", i);
        add(log, uidl, 7, 0, "");
        assert_true(uidl_log_sync(log, NULL));
        uidl_log_close(log);
    }
    g_autofree char *ada = marks_of(*state, "ada lovelace@example.org"),
                    *bob = marks_of(*state, "bob@example.org");
    assert_string_equal(ada, "pop"); /* as before anybody told */
    assert_string_not_equal(bob, ada);
}

/* The same one's by another name: nothing in it is sure, and nothing decided; its marks stay what they were. */
static void test_a_mailbox_of_another_name(void **state)
{
    g_autoptr(GHashTable) here = g_hash_table_new(g_str_hash, g_str_equal);
    UidlLog *log = open_of(*state, "ada@example.org");

    uidl_log_close(log);
    for (int i = 0; i < 2;
         i++) { /* the log of the first mailbox, and of another one, whose name is in its marks */
        g_autofree char *was = g_strdup_printf("ada%d@example.org", i),
                        *is = g_strdup_printf("ada%d@example.net", i);
        log = open_of(*state, was);
        add(log, "one", 1000, 5, "base-1");
        add(log, "two", 2000, 6, "base-2");
        uidl_log_add(log, &(UidlEntry){.uidl = "large", .size_bytes = 9000, .base = "b3", .is_stub = TRUE});
        uidl_log_unwanted(log, "one");
        uidl_log_decide(log, "delete");
        assert_true(uidl_log_sync(log, NULL));
        g_autofree char *marks = uidl_log_marks(log, "pop");
        UidlLog *none;
        assert_true(!uidl_log_is_of(log, is) && uidl_log_read_aside(log, is, &none, NULL) && !none);
        g_hash_table_add(here, (gpointer) "base-1");
        assert_true(uidl_log_adopt(log, is, here, NULL));
        for (int again = 0; again < 2; again++) {
            g_autofree char *now = uidl_log_marks(log, "pop");
            assert_string_equal(now, marks);
            assert_true(uidl_log_is_of(log, is) && !uidl_log_is_of(log, was) && uidl_log_count(log) == 3);
            assert_false(uidl_log_is_decided(log, "delete"));
            const UidlEntry *one = uidl_log_find(log, "one"), *two = uidl_log_find(log, "two"),
                            *large = uidl_log_find(log, "large");
            assert_true(one->is_doubtful && one->is_unwanted && two->is_doubtful && !two->is_unwanted);
            assert_true(large->is_stub && !large->is_doubtful);
            assert_string_equal(one->base, "base-1");
            assert_string_equal(two->base, "");
            assert_string_equal(large->base, "b3");
            g_autoptr(UidlLog) aside = NULL;
            assert_true(uidl_log_read_aside(log, was, &aside, NULL));
            assert_true(uidl_log_is_decided(aside, "delete") && !uidl_log_find(aside, "one")->is_doubtful);
            uidl_log_close(log);
            log = open_log(*state);
        }
        uidl_log_close(log);
    }
}

static void test_marks(void **state)
{
    g_autofree char *mark = uidl_mark("pop", "u1"), *same = uidl_mark("pop", "u1"),
                    *other = uidl_mark("popu", "1");
    g_autofree char *base = uidl_new_base(mark), *found = uidl_mark_of(base), *another = uidl_new_base(mark),
                    *none = uidl_mark_of("1.M2P3.host");
    (void)state;

    assert_string_equal(mark, same);
    assert_string_not_equal(mark, other);
    assert_string_equal(found, mark);
    assert_string_not_equal(another, base); /* a message fetched once more takes no file's place */
    assert_null(none);
    assert_null(uidl_mark_of("1.U12"));
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, temp_folder_make, temp_folder_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_what_is_synced_stays),
        IN_FOLDER(test_stubs),
        IN_FOLDER(test_doubts),
        IN_FOLDER(test_a_torn_end),
        IN_FOLDER(test_a_hole),
        IN_FOLDER(test_one_at_a_time),
        IN_FOLDER(test_another_format_is_left_alone),
        IN_FOLDER(test_what_is_gone_takes_no_room),
        IN_FOLDER(test_each_mailbox_has_its_own),
        IN_FOLDER(test_a_mailbox_of_another_name),
        cmocka_unit_test(test_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
