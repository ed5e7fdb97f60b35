/* Which folders that were left are asked about, and when: left.h. */
#include "engine/left.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static guint take(Left *left, const char *selected, guint most, int64_t now_us)
{
    g_autoptr(GPtrArray) due = left_take_due(left, selected, most, now_us);

    return due->len;
}

static void test_asked_about_once(void **state)
{
    Left *left = left_new();

    (void)state;
    assert_true(left_due_us(left, NULL) == DEADLINE_NONE);
    left_note(left, "Lists/one", 1000);
    left_note(left, "Lists/one", 2000);
    assert_true(left_due_us(left, NULL) == 1000);
    g_autoptr(GPtrArray) due = left_take_due(left, "INBOX", 10, 3000);
    assert_int_equal(due->len, 1);
    assert_string_equal(((ImapFolder *)g_ptr_array_index(due, 0))->raw_name, "Lists/one");
    assert_true(left_due_us(left, NULL) == DEADLINE_NONE);
    left_answered(left, "Lists/one", FALSE, 3000);
    assert_int_equal(take(left, NULL, 10, 4000), 0);
    left_free(left);
}

/* A STATUS of the selected folder says what is known already (RFC 3501, 6.3.10). */
static void test_not_while_it_is_selected(void **state)
{
    Left *left = left_new();

    (void)state;
    left_note(left, "INBOX", 1000);
    assert_true(left_due_us(left, "INBOX") == DEADLINE_NONE);
    assert_int_equal(take(left, "INBOX", 10, 2000), 0);
    assert_int_equal(take(left, "Lists", 10, 2000), 1);
    left_free(left);
}

static void test_not_more_than_asked_for(void **state)
{
    Left *left = left_new();

    (void)state;
    left_note(left, "one", 1000);
    left_note(left, "two", 1000);
    left_note(left, "three", 1000);
    assert_int_equal(take(left, NULL, 2, 2000), 2);
    assert_int_equal(take(left, NULL, 2, 2000), 1);
    left_free(left);
}

/* A server whose numbers never agree: each visit makes a question, and each answer a visit, for a while. */
static void test_ends_where_the_numbers_never_agree(void **state)
{
    Left *left = left_new();
    int64_t now_us = SECOND_US;
    guint visits = 0;

    (void)state;
    for (;;) {
        left_note(left, "odd", now_us);
        const int64_t due_us = left_due_us(left, NULL);
        assert_true(due_us != DEADLINE_NONE);
        now_us = due_us;
        assert_int_equal(take(left, NULL, 10, now_us), 1);
        left_answered(left, "odd", TRUE, now_us);
        if (++visits > 1 && now_us > 100 * SECOND_US)
            break;
    }
    assert_in_range(visits, 5, 12);
    left_free(left);
}

/* Mail comes in a burst: each visit finds more, and the last one nothing. The next burst is asked about at
 * once again. */
static void test_at_once_again_after_it_was_quiet(void **state)
{
    Left *left = left_new();

    (void)state;
    left_note(left, "Lists", 1000);
    assert_int_equal(take(left, NULL, 10, 1000), 1);
    left_answered(left, "Lists", TRUE, 1000);
    left_note(left, "Lists", 2000);
    assert_int_equal(take(left, NULL, 10, 2000), 0);
    assert_true(left_due_us(left, NULL) > 2000);
    assert_int_equal(take(left, NULL, 10, 2000 + SECOND_US), 1);
    left_answered(left, "Lists", FALSE, 2000 + SECOND_US);
    left_note(left, "Lists", 5000 + SECOND_US);
    assert_true(left_due_us(left, NULL) == 5000 + SECOND_US);
    left_clear(left);
    assert_true(left_due_us(left, NULL) == DEADLINE_NONE);
    left_free(left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_about_once),
        cmocka_unit_test(test_not_while_it_is_selected),
        cmocka_unit_test(test_not_more_than_asked_for),
        cmocka_unit_test(test_ends_where_the_numbers_never_agree),
        cmocka_unit_test(test_at_once_again_after_it_was_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
