/* test-ui-selection.c - sets of messages: one by one, all but some, turned round, copied. */
#include "ui/selection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* The messages 1 to 10 of threads 1 to 5, two in each; steps: +n puts in, -n takes out, * all, ! inverts, 0
 * clears. */
#define N 10

static const struct {
    const char *steps, *members;
} ROWS[] = {
    {"", ""},
    {"+3 +4 +3", "3 4"},
    {"+3 -3 -3", ""},
    {"+3 +4 0 +5", "5"},
    {"*", "1 2 3 4 5 6 7 8 9 10"},
    {"* -1 -10 -1", "2 3 4 5 6 7 8 9"},
    {"* -1 -2 +1", "1 3 4 5 6 7 8 9 10"},
    {"+1 +2 !", "3 4 5 6 7 8 9 10"},
    {"+1 +2 ! !", "1 2"},
    {"* !", ""},
    {"!", "1 2 3 4 5 6 7 8 9 10"},
    {"* -5 ! +6", "5 6"},
    {"* 0", ""},
};

static gint64 thread_of(gint64 id)
{
    return (id + 1) / 2;
}

static Selection *make(const char *steps)
{
    Selection *selection = selection_new(7);
    g_auto(GStrv) words = g_strsplit(steps, " ", -1);

    for (char **word = words; *word; word++) {
        gint64 id = **word ? g_ascii_strtoll(*word + 1, NULL, 10) : 0;
        if (**word == '+' || **word == '-')
            assert_true(selection_set(selection, id, thread_of(id), **word == '+'));
        else if (**word == '*')
            selection_set_all(selection, N, N);
        else if (**word == '!')
            selection_invert(selection, N, N);
        else
            selection_clear(selection);
    }
    return selection;
}

static void test_sets(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        Selection *first = make(ROWS[i].steps), *selection = selection_copy(first);
        g_autoptr(GString) members = g_string_new(NULL);
        int n = 0, in_thread[N + 1] = {0};
        selection_free(first);
        for (gint64 id = 1; id <= N; id++) {
            if (!selection_has(selection, id))
                continue;
            g_string_append_printf(members, "%s%" G_GINT64_FORMAT, n++ ? " " : "", id);
            in_thread[thread_of(id)]++;
        }
        assert_string_equal(members->str, ROWS[i].members);
        assert_int_equal(selection_count(selection), n);
        for (gint64 thread = 1; thread <= N / 2; thread++)
            assert_int_equal(selection_count_thread(selection, thread, 2), in_thread[thread]);
        selection_free(selection);
    }
}

/* What came after "all" was said does not belong to it, and cannot be put in. */
static void test_later_ones(void **state)
{
    Selection *selection = make("*");

    (void)state;
    assert_false(selection_has(selection, N + 1));
    assert_false(selection_set(selection, N + 1, 9, TRUE));
    assert_true(selection_set(selection, N + 1, 9, FALSE));
    assert_int_equal(selection_count(selection), N);
    selection_free(selection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_later_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
