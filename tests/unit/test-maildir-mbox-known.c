/* What is kept of an mbox that was read: one that has only grown is not read whole, and any other change is
 * seen all the same. */
#include "temp-folder.h"

#include "base/clock.h"
#include "base/error.h"
#include "maildir/mbox.h"
#include "maildir/mbox_known.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#define DATE "Mon Nov 30 10:00:00 2026"
#define LINE "this line is in the body of it, 64 bytes of it with its newline\n"

static int64_t bytes_read;

ssize_t pread(int fd, void *buffer, size_t size, off_t at)
{
    const ssize_t n = syscall(SYS_pread64, fd, buffer, size, at);

    bytes_read += MAX(n, 0);
    return n;
}

static char *path_of(const char *folder, const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* Into the same file, as who delivers does. */
static void write_box(const char *folder, const char *text, const char *mode)
{
    g_autofree char *path = path_of(folder, "box");
    FILE *file = fopen(path, mode);

    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, TRUE);
    assert_int_equal(fclose(file), 0);
}

static void put(const char *folder, const char *text)
{
    write_box(folder, text, "w");
}

static void append(const char *folder, const char *text)
{
    write_box(folder, text, "a");
}

static Mbox *open_box(const char *folder, gboolean with_known)
{
    g_autofree char *path = path_of(folder, "box"), *journal = path_of(folder, "journal"),
                    *known = path_of(folder, "cache/known");
    const MboxOptions options = {.known = with_known ? known : NULL};
    g_autoptr(GError) error = NULL;
    Mbox *mbox = mbox_open_with(path, journal, &options, &error);

    if (!mbox)
        fail_msg("%s", error ? error->message : "no error");
    return mbox;
}

/* All that is known of its messages. */
static char *listed(Mbox *mbox)
{
    const GPtrArray *messages = mbox_list(mbox, NULL);
    g_autoptr(MboxIndex) index = mbox_index_new();
    const MboxState none = {0};

    for (guint i = 0; i < messages->len; i++) {
        MboxMessage *copy = g_memdup2(messages->pdata[i], sizeof *copy);
        copy->name = g_strdup(copy->name);
        copy->sender = g_strdup(copy->sender);
        copy->keywords = g_strdupv(copy->keywords);
        mbox_index_add(index, copy);
    }
    return mbox_known_format(index, &none);
}

/* What is seen by what is kept, and by reading it whole. */
static void check_same(const char *folder)
{
    g_autoptr(Mbox) by_known = open_box(folder, TRUE), whole = open_box(folder, FALSE);
    g_autofree char *is = listed(by_known), *expected = listed(whole);

    assert_string_equal(is, expected);
}

#define MESSAGE(n, marks)                                                                                    \
    "From a" n "@b " DATE "\nSubject: " n "\n" marks "From: a@b\n\nbody " n "\n" LINE "\n"
#define ONE MESSAGE("1", "Status: RO\n")
#define TWO MESSAGE("2", "")
#define THREE MESSAGE("3", "Status: O\nX-Status: F\nX-Keywords: todo me\n")
#define FOUR MESSAGE("4", "")
#define BOX ONE TWO THREE FOUR
#define MORE MESSAGE("5", "X-Keywords: new\n") MESSAGE("2", "")

static void test_changes_of_any_kind(void **state)
{
    static const char *const CHANGED[] = {
        BOX,
        BOX MORE,
        BOX "\n\n" MORE,
        /* marked in place, as by alpine */
        MESSAGE("1", "Status: O \n") TWO THREE FOUR MORE,
        ONE TWO MESSAGE("3", "Status: O\nX-Status: A\nX-Keywords: todo me\n") FOUR MORE,
        ONE TWO MESSAGE("3", "Status: O\nX-Status: F\nX-Keywords: todo it\n") FOUR MORE,
        ONE TWO THREE MESSAGE("4", "Status: O\n") MORE,
        /* marked, and so moved */
        ONE MESSAGE("2", "Status: RO\n") THREE FOUR MORE,
        /* one went, and one of its size came */
        ONE THREE FOUR MESSAGE("9", "") MORE,
        ONE MESSAGE("9", "") THREE FOUR MORE,
        ONE FOUR THREE TWO MORE,
        /* the first is another one, and the last */
        MESSAGE("9", "Status: RO\n") TWO THREE FOUR MORE,
        ONE TWO THREE MESSAGE("9", "") MORE,
        ONE TWO THREE FOUR LINE "\n" MORE,
        ONE TWO THREE FOUR "no separator\n" MORE,
        MORE BOX,
        /* nothing behind it that is new */
        ONE TWO MESSAGE("3", "Status: O\nX-Status: A\nX-Keywords: todo me\n") FOUR,
        ONE TWO THREE MESSAGE("4", "Status: RO\n"),
        ONE MESSAGE("2", "Status: RO\n") THREE FOUR,
        MESSAGE("1", "Status: O\n") TWO THREE FOUR,
        ONE TWO MESSAGE("3", "") FOUR,
        ONE TWO FOUR,
        ONE THREE FOUR,
        ONE TWO FOUR THREE,
        TWO THREE FOUR,
        ONE TWO THREE,
        ONE TWO "From a3@b " DATE "\nSubject: 3\n\nanother\n\n" FOUR,
        ONE TWO THREE "From a4@b " DATE "\nSubject: 4\nFrom: a@b\n\nbody z\n" LINE "\n",
        ONE "From a2@b " DATE "\nSubject: 2\nFrom: a@b\n\nbody z\n" LINE "\n" THREE FOUR,
        ONE TWO THREE "From a4@b " DATE "\nSubject: 4\nContent-Length: 40\n\nFrom x@y " DATE "\n\nend\n\n",
        /* smaller, and then larger than before */
        ONE,
        MORE MORE MORE MORE,
        "",
    };

    for (guint i = 0; i < G_N_ELEMENTS(CHANGED); i++) {
        put(*state, BOX);
        check_same(*state);
        put(*state, CHANGED[i]);
        check_same(*state);
        append(*state, TWO);
        check_same(*state);
    }
}

/* Lines like separators in a body that has a length, in a message that goes then: nothing is unquoted while it
 * is there, and something after it. */
static void test_nothing_was_quoted(void **state)
{
    put(*state, ONE "From q@b " DATE "\nSubject: q\n\n>From here\n\n" TWO "From c@d " DATE
                    "\nContent-Length: 33\n\n\nFrom x@y " DATE "\n\n" FOUR);
    check_same(*state);
    put(*state, ONE "From q@b " DATE "\nSubject: q\n\n>From here\n\n" TWO FOUR);
    check_same(*state);
    g_autofree char *out = path_of(*state, "out"), *text = NULL;
    const int fd = open(out, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    g_autoptr(Mbox) mbox = open_box(*state, TRUE);
    assert_true(mbox_write(mbox, mbox_list(mbox, NULL)->pdata[1], -1, fd, NULL));
    close(fd);
    assert_true(g_file_get_contents(out, &text, NULL, NULL));
    assert_non_null(strstr(text, "\n\nFrom here\n"));
}

/* ---- whatever others do to it ---- */

typedef struct {
    guint number, marks;
} Sketch;

static void put_sketch(const char *folder, const GArray *sketch)
{
    static const char *const MARKS[] = {"", "Status: RO\n", "Status: O\n", "X-Status: F\nX-Keywords: a b\n"};
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < sketch->len; i++) {
        const Sketch *one = &g_array_index(sketch, Sketch, i);
        g_string_append_printf(text, "From a@b " DATE "\nSubject: %u\n%sTo: x@y\n\n%*s body\n\n", one->number,
                               MARKS[one->marks], (int)(one->number * 7 % 90), "");
    }
    put(folder, text->str);
}

/* One step: marked, gone, moved, or added; numbers come again, as copies do. */
static void change_sketch(GArray *sketch, GRand *chance)
{
    const guint at = sketch->len ? (guint)g_rand_int_range(chance, 0, (gint)sketch->len) : 0;
    const Sketch added = {(guint)g_rand_int_range(chance, 1, 60), (guint)g_rand_int_range(chance, 0, 4)};

    switch (sketch->len ? g_rand_int_range(chance, 0, 6) : 0) {
    case 0:
        g_array_append_val(sketch, added);
        break;
    case 1:
        g_array_insert_val(sketch, at, added);
        break;
    case 2:
        g_array_remove_index(sketch, at);
        break;
    default:
        g_array_index(sketch, Sketch, at).marks = added.marks;
    }
}

static void test_changes_at_random(void **state)
{
    g_autoptr(GArray) sketch = g_array_new(FALSE, FALSE, sizeof(Sketch));
    g_autoptr(GRand) chance = g_rand_new_with_seed(7);

    for (guint i = 0; i < 400; i++) {
        for (int steps = g_rand_int_range(chance, 1, 4); steps > 0; steps--)
            change_sketch(sketch, chance);
        put_sketch(*state, sketch);
        check_same(*state);
    }
}

static gssize read_text(void *data, int64_t offset, char *buffer, gsize size)
{
    const char *text = data;
    const gsize n = MIN(size, strlen(text) - (gsize)offset);

    memcpy(buffer, text + offset, n);
    return (gssize)n;
}

/* What is made of a mailbox that was read up to there and gone on with: its lengths and quotes too. */
static void check_going_on(char *text, gsize at)
{
    const MboxState none = {0};
    g_autoptr(MboxIndex) some = mbox_scan(read_text, text, (int64_t)at);
    g_autoptr(MboxIndex) whole = mbox_scan(read_text, text, (int64_t)strlen(text));

    if (some->is_doubtful || !mbox_scan_more(some, read_text, text, (int64_t)strlen(text)))
        return; /* it is read whole */
    g_autofree char *is = mbox_known_format(some, &none), *expected = mbox_known_format(whole, &none);
    assert_string_equal(is, expected);
}

/* Cut at each byte, as when it is read while somebody delivers who knows no locks. */
static void test_cut_anywhere(void **state)
{
    static const char *const ALL[] = {
        ONE "From c@d " DATE "\nContent-Length: 7\n\nFrom x\n\n" THREE,
        ONE "From c@d " DATE "\nContent-Length: 0, or\n\n", /* a length for a moment */
        ONE "From c@d " DATE "\nContent-Length: 0\nContent-Length: 9\n\n",
    };

    for (guint i = 0; i < G_N_ELEMENTS(ALL); i++)
        for (gsize at = 6 + strlen(ONE) - 3; at < strlen(ALL[i]); at++) {
            g_autofree char *all = g_strdup(ALL[i]), *some = g_strndup(ALL[i], at);
            check_going_on(all, at);
            put(*state, some);
            check_same(*state);
            append(*state, ALL[i] + at);
            check_same(*state);
        }
}

/* What was there only in part, by a length, is one message when it is there. */
static void test_a_length_past_the_end(void **state)
{
    static const char HEAD[] = ONE "From c@d " DATE "\nContent-Length: 200\n\n", TAIL[] = "\n" TWO;
    g_autofree char *inner = g_strnfill(200 - strlen(TWO) - 1, 'x');
    g_autofree char *half = g_strconcat(HEAD, TWO, NULL), *rest = g_strconcat(inner, "\n", TAIL, NULL);

    put(*state, half);
    check_same(*state);
    append(*state, rest);
    check_same(*state);
    g_autoptr(Mbox) mbox = open_box(*state, TRUE);
    assert_int_equal(mbox_list(mbox, NULL)->len, 3);
}

static void test_another_file(void **state)
{
    g_autofree char *path = path_of(*state, "box");

    put(*state, BOX);
    check_same(*state);
    assert_true(g_file_set_contents(path, ONE TWO THREE FOUR MORE, -1, NULL));
    check_same(*state);
    assert_int_equal(unlink(path), 0);
    check_same(*state);
}

/* What looks as it was until it is read: then it is found out, and seen right the next time. */
static void test_a_body_that_is_another(void **state)
{
    g_autofree char *changed = g_strdup(BOX MORE), *out = path_of(*state, "out");
    g_autoptr(GError) error = NULL;
    const int fd = open(out, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    put(*state, BOX);
    check_same(*state);
    strstr(changed, "body 2")[5] = 'z';
    put(*state, changed);
    g_autoptr(Mbox) mbox = open_box(*state, TRUE);
    assert_false(mbox_write(mbox, mbox_list(mbox, NULL)->pdata[1], -1, fd, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    assert_true(mbox_write(mbox, mbox_list(mbox, NULL)->pdata[2], -1, fd, NULL));
    close(fd);
    check_same(*state);
}

/* Nor is it written by what is only believed. */
static void test_it_is_marked(void **state)
{
    g_autofree char *path = path_of(*state, "box"), *text = NULL, *changed = g_strdup(BOX MORE);

    put(*state, BOX);
    check_same(*state);
    strstr(changed, "body 2")[5] = 'z';
    put(*state, changed);
    g_autoptr(Mbox) mbox = open_box(*state, TRUE);
    g_autofree char *two = g_strdup(((MboxMessage *)mbox_list(mbox, NULL)->pdata[1])->name),
                    *three = g_strdup(((MboxMessage *)mbox_list(mbox, NULL)->pdata[2])->name);
    assert_int_equal(mbox_change(mbox, two, MAILDIR_FLAGGED, 0, NULL, NULL, NULL), 1);
    assert_int_equal(mbox_change(mbox, three, MAILDIR_SEEN, MAILDIR_FLAGGED, NULL, NULL, NULL), 1);
    assert_true(mbox_flush(mbox, NULL));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_non_null(strstr(text, "From a2@b " DATE "\nSubject: 2\nFrom: a@b\n\nbody z\n"));
    assert_non_null(strstr(text, "Subject: 3\nFrom: a@b\nStatus: RO\nX-Keywords: todo me\n"));
    check_same(*state);
}

/* ---- how much is read ---- */

#define MESSAGES 5000

static void put_large(const char *folder)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < MESSAGES; i++) {
        g_string_append_printf(text, "From a%u@b " DATE "\nSubject: %u\n%s\n", i, i,
                               i % 2 ? "Status: RO\nX-Keywords: todo\n" : "");
        for (guint k = 0; k < 170; k++)
            g_string_append(text, LINE);
        g_string_append_c(text, '\n');
    }
    assert_true(text->len > 50 << 20);
    put(folder, text->str);
}

static int64_t bytes_to_open(const char *folder, guint messages)
{
    bytes_read = 0;
    g_autoptr(Mbox) mbox = open_box(folder, TRUE);

    assert_int_equal(mbox_list(mbox, NULL)->len, messages);
    return bytes_read;
}

/* After seconds that nobody has changed it, it is not looked into at all. */
static void test_what_has_grown_is_not_read_whole(void **state)
{
    g_autofree char *path = path_of(*state, "box");
    struct stat is;

    put_large(*state);
    assert_true(bytes_to_open(*state, MESSAGES) > 50 << 20);
    append(*state, MORE);
    assert_true(bytes_to_open(*state, MESSAGES + 2) < 2 << 20);
    check_same(*state);
    assert_int_equal(stat(path, &is), 0);
    while (!mbox_state(&is).is_settled)
        g_usleep(100000);
    bytes_to_open(*state, MESSAGES + 2);
    assert_int_equal(bytes_to_open(*state, MESSAGES + 2), 0);
    append(*state, ONE);
    assert_true(bytes_to_open(*state, MESSAGES + 3) < 2 << 20);
}

/* ---- as text ---- */

#define NAME "5.0123456789012345678901234567890123456789"
#define STATE "tern-mbox 1 18446744073709551615 2 400 4 5 1 0 0\n"

static void test_text(void **state)
{
    static const struct {
        const char *text;
        gboolean is_right;
    } CASES[] = {
        {STATE, TRUE},
        {STATE "0 10 20 30 40 5 0 0 0 7 0 " NAME " \"\"\n", TRUE},
        {STATE "0 10 20 30 40 5 1 12 18 7 0 " NAME "-3 \"a\\tb\" one two\n", TRUE},
        {STATE "0 10 20 30 40 5 0 0 0 7 0 " NAME " \"\"\n40 50 60 70 400 5 0 0 0 7 1 " NAME "-1 \"\"\n",
         TRUE},
        {"", FALSE},
        {"tern-mbox 1 ", FALSE},
        {"tern-mbox 1 1 2 400 4 5 1 0\n", FALSE},
        {"tern-mbox 2 1 2 400 4 5 1 0 0\n", FALSE},
        {"tern-mbox 1 1 2 99999999999999999999 4 5 1 0 0\n", FALSE},
        {STATE "0 10 20 30 40 5 0 0 0 7 0 " NAME " \"\"", FALSE},        /* cut off */
        {STATE "0 10 20 30 40 5 0 0 0 7 0 " NAME "\n", FALSE},           /* no sender */
        {STATE "0 10 20 30 40 5 0 0 0 7 0 " NAME " \"\n", FALSE},        /* half of one */
        {STATE "0 10 20 30 40 5 0 0 0 7 0 5.01 \"\"\n", FALSE},          /* no name */
        {STATE "0 10 20 30 40 5 0 0 0 7 0 " NAME "-x \"\"\n", FALSE},    /* nor this */
        {STATE "0 10 20 30 40 5 0 0 0 7 0\n" NAME " \"\"\n", FALSE},     /* two lines */
        {STATE "0 10 20 30 401 5 0 0 0 7 0 " NAME " \"\"\n", FALSE},     /* behind the end */
        {STATE "10 10 20 30 40 5 0 0 0 7 0 " NAME " \"\"\n", FALSE},     /* no separator */
        {STATE "-1 10 20 30 40 5 0 0 0 7 0 " NAME " \"\"\n", FALSE},     /* before the beginning */
        {STATE "0 10 20 30 40 5 0 8 18 7 0 " NAME " \"\"\n", FALSE},     /* marks in front of it */
        {STATE "0 10 20 30 40 5 0 12 28 7 0 " NAME " \"\"\n", FALSE},    /* and in its body */
        {STATE "0 10 20 30 40 5 0 0 18 7 0 " NAME " \"\"\n", FALSE},     /* and nowhere */
        {STATE "0 10 20 30 40 5 0 0 0 7 0 " NAME " \"\" \xff\n", FALSE}, /* no UTF-8 */
        {STATE "0 10 20 30 40 5 0 0 0 7 0 " NAME " \"\"\n39 50 60 70 80 5 0 0 0 7 0 " NAME " \"\"\n", FALSE},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        MboxState as;
        g_autoptr(MboxIndex) index = mbox_known_parse(CASES[i].text, &as);
        g_autofree char *again = index ? mbox_known_format(index, &as) : NULL;
        if ((index != NULL) != CASES[i].is_right)
            fail_msg("case %u", i);
        if (index)
            assert_string_equal(again, CASES[i].text);
    }
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, temp_folder_make, temp_folder_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_changes_of_any_kind),
        IN_FOLDER(test_nothing_was_quoted),
        IN_FOLDER(test_changes_at_random),
        IN_FOLDER(test_cut_anywhere),
        IN_FOLDER(test_a_length_past_the_end),
        IN_FOLDER(test_another_file),
        IN_FOLDER(test_a_body_that_is_another),
        IN_FOLDER(test_it_is_marked),
        IN_FOLDER(test_what_has_grown_is_not_read_whole),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
