/* A writing of an mbox that was cut off anywhere, with and without mail that was delivered before the next
 * opening; others that wrote the file since; a full disk. */
#include "temp-folder.h"

#include "base/error.h"
#include "maildir/mbox.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#define DATE "Mon Nov 30 10:00:00 2026"
#define STEP 5

static const char OLD[] = "From a " DATE "\nSubject: 1\n\none, one, one\n\n"
                          "From b " DATE "\nSubject: 2\n\ntwo\n\n"
                          "From c " DATE "\nSubject: 3\n\nthree\n\n";
/* Another mark, and two that were added: what grows begins within the third. */
static const char GROWN[] = "From a " DATE "\nSubject: 1\nStatus: RO\n\none, one, one\n\n"
                            "From b " DATE "\nSubject: 2\n\ntwo\n\n"
                            "From c " DATE "\nSubject: 3\n\nthree\n\n"
                            "From n " DATE "\nSubject: 4\n\nfour\n\n"
                            "From m " DATE "\nSubject: 5\n\nfive\n\n";
static const char SHRUNK[] = "From a " DATE "\nSubject: 1\n\none, one, one\n\n"
                             "From c " DATE "\nSubject: 3\n\nthree\n\n";
/* Nothing; shorter and longer than what is cut off. */
static const char *const DELIVERED[] = {"", "From d " DATE "\nSubject: 6\n\nsix\n\n",
                                        "From d " DATE "\nSubject: 6\n\nsix\n\nFrom e " DATE
                                        "\nSubject: 7\n\nseven, which is a long message\n\n"};

static void put(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *get(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "box", NULL);
    char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static gboolean has_journal(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "journal", NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static Mbox *open_box(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "box", NULL);
    g_autofree char *journal = g_build_filename(folder, "journal", NULL);
    g_autoptr(GError) error = NULL;
    Mbox *mbox = mbox_open(path, journal, &error);

    if (!mbox)
        fail_msg("%s", error ? error->message : "no error");
    return mbox;
}

/* The journal of a writing that makes the one text of the other, as from `offset` on. */
static void put_journal(const char *folder, int offset, const char *old, const char *new)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *bytes = g_strconcat(new + offset, old + offset, NULL);
    guint32 check = 2166136261u;

    for (const char *at = bytes; *at; at++)
        check = (check ^ (guchar)*at) * 16777619u;
    g_string_printf(text, "tern-mbox 2 %d %d %d %08x", offset, (int)strlen(old), (int)strlen(new + offset),
                    check);
    while (text->len < 127)
        g_string_append_c(text, ' ');
    g_string_append_printf(text, "\n%s", bytes);
    put(folder, "journal", text->str);
}

/* The file as the kill left it, and what was delivered to it then. */
static void check_going_on(const char *folder, const char *new, const char *left, const char *delivered)
{
    g_autofree char *file = g_strconcat(left, delivered, NULL);
    g_autofree char *expected = g_strconcat(new, delivered, NULL);

    put_journal(folder, 0, OLD, new);
    put(folder, "box", file);
    mbox_close(open_box(folder));
    g_autofree char *is = get(folder);
    assert_string_equal(is, expected);
    assert_false(has_journal(folder));
}

static void test_cut_while_growing(void **state)
{
    for (guint d = 0; d < G_N_ELEMENTS(DELIVERED); d++) {
        for (gsize n = strlen(OLD); n <= strlen(GROWN); n++) {
            g_autofree char *left =
                g_strdup_printf("%s%.*s", OLD, (int)(n - strlen(OLD)), GROWN + strlen(OLD));
            check_going_on(*state, GROWN, left, DELIVERED[d]);
        }
        for (gsize n = 0; n <= strlen(OLD); n += STEP) {
            g_autofree char *left = g_strdup_printf("%.*s%s%s", (int)n, GROWN, OLD + n, GROWN + strlen(OLD));
            check_going_on(*state, GROWN, left, DELIVERED[d]);
        }
    }
}

static void test_cut_while_shrinking(void **state)
{
    for (guint d = 0; d < G_N_ELEMENTS(DELIVERED); d++) {
        for (gsize n = 0; n <= strlen(SHRUNK); n += STEP) {
            g_autofree char *left = g_strdup_printf("%.*s%s", (int)n, SHRUNK, OLD + n);
            check_going_on(*state, SHRUNK, left, DELIVERED[d]);
        }
        /* Cut off, but the journal still there. */
        check_going_on(*state, SHRUNK, SHRUNK, DELIVERED[d]);
    }
}

/* The last message had no empty line behind it: one comes between it and what was delivered. */
static void test_a_gap_is_made(void **state)
{
    static const char NEW[] = "From a " DATE "\nSubject: 1\nStatus: RO\n\none";

    put_journal(*state, 0, "From a " DATE "\nSubject: 1\n\none", NEW);
    put(*state, "box", "From a " DATE "\nSubject: 1\n\none\n\nFrom d " DATE "\n\nx\n");
    mbox_close(open_box(*state));
    g_autofree char *is = get(*state), *expected = g_strconcat(NEW, "\n\nFrom d " DATE "\n\nx\n", NULL);
    assert_string_equal(is, expected);
}

static void check_left_alone(const char *folder, const char *text)
{
    put(folder, "box", text);
    mbox_close(open_box(folder));
    g_autofree char *is = get(folder);
    assert_string_equal(is, text);
    assert_false(has_journal(folder));
}

/* Another program took a message away, or put another file there: the writing is not gone on with. */
static void test_others_wrote_it(void **state)
{
    static const char *const FILES[] = {
        "", "From b " DATE "\nSubject: 2\n\ntwo\n\nFrom c " DATE "\nSubject: 3\n\nthree\n\n",
        "From x " DATE
        "\nSubject: another\n\nmailbox that is a good deal longer than what was there before, so that "
        "none of its bytes is behind the end of it, whatever is done to it then\n\nFrom y " DATE
        "\n\nand so on\n\n"};

    for (guint i = 0; i < G_N_ELEMENTS(FILES); i++) {
        put_journal(*state, 0, OLD, GROWN);
        check_left_alone(*state, FILES[i]);
        put_journal(*state, 0, OLD, SHRUNK);
        check_left_alone(*state, FILES[i]);
        put_journal(*state, (int)strlen(OLD) - 60, OLD, OLD); /* only the end is known */
        check_left_alone(*state, FILES[i]);
    }
}

static void test_no_whole_journal(void **state)
{
    static const char *const JOURNALS[] = {"", "tern-mbox 2 0 10 10 00000000 ",
                                           "tern-mbox 2 9 1 -1 00000000 "};

    for (guint i = 0; i < G_N_ELEMENTS(JOURNALS); i++) {
        g_autofree char *padded = g_strdup_printf("%-127s\nFrom x", JOURNALS[i]);
        put(*state, "journal", JOURNALS[i]);
        check_left_alone(*state, OLD);
        put(*state, "journal", padded);
        check_left_alone(*state, OLD);
    }
}

/* Killed before the journal had its name: nothing of it stays. */
static void test_a_journal_that_was_cut(void **state)
{
    g_autofree char *path = g_build_filename(*state, "journal.new", NULL);

    put(*state, "journal.new", "    ");
    check_left_alone(*state, OLD);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

/* No room for what is added: the file is as it was, and the message is added once when there is. */
static void test_full_disk(void **state)
{
    g_autofree char *fill = g_strnfill(40000, 'x'), *name = NULL;
    g_autofree char *old = g_strconcat(OLD, "From f " DATE "\n\n", fill, "\n\n", NULL);
    struct rlimit limit;
    g_autoptr(GError) error = NULL;

    put(*state, "box", old);
    put(*state, "in", "Subject: n\n\nsome lines of text\n");
    g_autofree char *in = g_build_filename(*state, "in", NULL);
    g_autoptr(Mbox) mbox = open_box(*state);
    const int fd = open(in, O_RDONLY | O_CLOEXEC);
    assert_true(mbox_add(mbox, fd, "n", 1796032800, 0, NULL, &name, NULL));
    close(fd);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit small = {strlen(old) + 10, limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const gboolean ok = mbox_flush(mbox, &error);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_false(ok);
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    g_autofree char *same = get(*state);
    assert_string_equal(same, old);
    assert_false(has_journal(*state));
    assert_true(mbox_flush(mbox, NULL));
    g_autofree char *is = get(*state);
    g_autofree char *expected =
        g_strconcat(old, "From n " DATE "\nSubject: n\n\nsome lines of text\n\n", NULL);
    assert_string_equal(is, expected);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, temp_folder_make, temp_folder_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_cut_while_growing), IN_FOLDER(test_cut_while_shrinking),
        IN_FOLDER(test_a_gap_is_made),     IN_FOLDER(test_others_wrote_it),
        IN_FOLDER(test_no_whole_journal),  IN_FOLDER(test_a_journal_that_was_cut),
        IN_FOLDER(test_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
