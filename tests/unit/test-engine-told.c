/* What was told of an account lately is not told again, for a day. */
#include "base/clock.h"
#include "engine/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define DAY_US (24 * 3600 * SECOND_US)

static void test_once_a_day(void **state)
{
    Told *told = told_new();

    (void)state;
    assert_true(told_is_due(told, "nearly full", 0));
    assert_true(told_is_due(told, "closes at noon", 1));
    assert_false(told_is_due(told, "nearly full", DAY_US - 1));
    assert_true(
        told_is_due(told, "nearly full", DAY_US)); /* a day after it was told, not after it was said */
    assert_false(told_is_due(told, "nearly full", DAY_US + 1));
    told_free(told);
    told_free(NULL);
}

/* A server that says another sentence each time. */
static void test_many(void **state)
{
    Told *told = told_new();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        g_autofree char *sentence = g_strdup_printf("sentence %d", i);
        assert_true(told_is_due(told, sentence, i));
    }
    assert_false(told_is_due(told, "sentence 999", 1000));
    assert_false(told_is_due(told, "sentence 801", 1001));
    assert_true(told_is_due(told, "sentence 0", 1002)); /* forgotten long ago */
    told_free(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_a_day),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
