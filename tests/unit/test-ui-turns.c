/* test-ui-turns.c - several saves of one draft at once: which of them has to tell that a text is lost. */
#include "ui/compose_turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* Jobs that are all under way before the first is done, in their order: has each news, is it saved; which of
 * them are told as lost. */
static const struct {
    const char *news, *saved, *lost;
} ROWS[] = {
    {"y", "y", "-"},       {"y", "n", "y"},          {"n", "n", "-"}, /* it was on the disk before */
    {"yy", "nn", "-y"},                                               /* the later one has the newer text */
    {"yy", "ny", "--"},                        /* which is on the disk: the older must not come back */
    {"yy", "yn", "-y"},    {"yn", "nn", "-y"}, /* closed while it was saved: the same text, told once */
    {"yn", "yn", "--"},    {"yn", "ny", "--"},       {"yyn", "ynn", "--y"},
    {"yyn", "nyn", "---"}, {"ynnn", "nnnn", "---y"},
};

static void test_lost(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GHashTable) turns = save_turns_new();
        SaveTurn *taken[8], *other = save_turn_take(turns, "another draft", TRUE);
        const gsize n = strlen(ROWS[i].news);
        for (gsize k = 0; k < n; k++)
            taken[k] = save_turn_take(turns, "this draft", ROWS[i].news[k] == 'y');
        for (gsize k = 0; k < n; k++) {
            save_turn_note(taken[k], ROWS[i].saved[k] == 'y');
            assert_int_equal(save_turn_is_lost(taken[k]), ROWS[i].lost[k] == 'y');
        }
        save_turn_note(other, FALSE);
        assert_true(save_turn_is_lost(other));
        save_turn_free(other);
        for (gsize k = 0; k < n; k++)
            save_turn_free(taken[k]);
    }
}

/* The screen may end before a job does. */
static void test_outlives(void **state)
{
    GHashTable *turns = save_turns_new();
    SaveTurn *turn = save_turn_take(turns, "a draft", TRUE);

    (void)state;
    g_hash_table_unref(turns);
    save_turn_note(turn, FALSE);
    assert_true(save_turn_is_lost(turn));
    save_turn_free(turn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_outlives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
