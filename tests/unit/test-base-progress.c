/* test-base-progress.c - how far, how fast, how long still. The beginning is put back instead of waiting. */
#include "base/clock.h"
#include "base/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_rates(void **state)
{
    static const struct {
        int64_t spent_s;
        int64_t began_done, began_bytes;
        int64_t done, total, bytes, bytes_all;
        int64_t rate, left_s;
    } ROWS[] = {
        {10, 0, 0, 50, 100, 0, 0, 0, 10},             /* by steps */
        {10, 0, 0, 50, 100, 1000, 4000, 100, 30},     /* by bytes, where there are some */
        {10, 20, 2000, 50, 100, 3000, 4000, 100, 10}, /* what was there at the beginning does not count */
        {1, 0, 0, 50, 100, 1000, 4000, 0, -1},        /* too early */
        {10, 0, 0, 0, 100, 0, 4000, 0, -1},           /* nothing was done */
        {10, 0, 0, 100, 100, 4000, 4000, 400, -1},    /* it is there */
        {10, 0, 0, 0, 1, 500 << 20, 1000 << 20, 50 << 20, 10},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        Progress progress = {0};
        progress_note(&progress, TRUE, ROWS[i].began_done, ROWS[i].total, ROWS[i].began_bytes,
                      ROWS[i].bytes_all);
        progress.began_us -= ROWS[i].spent_s * SECOND_US;
        progress_note(&progress, FALSE, ROWS[i].done, ROWS[i].total, ROWS[i].bytes, ROWS[i].bytes_all);
        assert_in_range(progress_rate(&progress), ROWS[i].rate * 99 / 100, ROWS[i].rate);
        if (ROWS[i].left_s < 0)
            assert_int_equal(progress_left_s(&progress), -1);
        else
            assert_in_range(progress_left_s(&progress), ROWS[i].left_s, ROWS[i].left_s + 1);
    }
}

static void test_another_piece_begins_anew(void **state)
{
    static const struct {
        gboolean is_new;
        int64_t done, total, bytes_all;
    } ROWS[] = {{TRUE, 60, 100, 0}, {FALSE, 40, 100, 0}, {FALSE, 60, 200, 0}, {FALSE, 60, 100, 7}};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        Progress progress = {0};
        progress_note(&progress, TRUE, 50, 100, 0, 0);
        progress.began_us -= 10 * SECOND_US;
        const int64_t began_us = progress.began_us;
        progress_note(&progress, ROWS[i].is_new, ROWS[i].done, ROWS[i].total, 0, ROWS[i].bytes_all);
        assert_true(progress.began_us > began_us);
        assert_int_equal(progress_left_s(&progress), -1);
    }
    assert_int_equal(progress_left_s(&(Progress){0}), -1);
    assert_int_equal(progress_rate(&(Progress){0}), 0);
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_another_piece_begins_anew),
    };

    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
