/* test-ui-layout.c - what stands where, at the sizes of SCREENS and at every other one. */
#include "ui/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define AUTO LAYOUT_SIDEBAR_COLUMNS

static const struct {
    int rows, columns;
    LayoutWants wants;
    ViewRect title, sidebar, main, message, status, bottom;
} SIZES[] = {
    {24, 80, {AUTO, FALSE, 0}, {0, 0, 1, 80}, {0}, {1, 0, 21, 80}, {0}, {22, 0, 1, 80}, {23, 0, 1, 80}},
    {24, 80, {AUTO, TRUE, 0}, {0, 0, 1, 80}, {0}, {1, 0, 21, 80}, {0}, {22, 0, 1, 80}, {23, 0, 1, 80}},
    {12, 40, {AUTO, FALSE, 0}, {0, 0, 1, 40}, {0}, {1, 0, 9, 40}, {0}, {10, 0, 1, 40}, {11, 0, 1, 40}},
    {5, 20, {AUTO, FALSE, 0}, {0, 0, 1, 20}, {0}, {1, 0, 2, 20}, {0}, {3, 0, 1, 20}, {4, 0, 1, 20}},
    {40,
     120,
     {AUTO, FALSE, 0},
     {0, 25, 1, 95},
     {0, 0, 38, 24},
     {1, 25, 37, 95},
     {0},
     {38, 0, 1, 120},
     {39, 0, 1, 120}},
    {40,
     120,
     {AUTO, TRUE, 0},
     {0, 25, 1, 95},
     {0, 0, 38, 24},
     {1, 25, 12, 95},
     {14, 25, 24, 95},
     {38, 0, 1, 120},
     {39, 0, 1, 120}},
    {30,
     160,
     {AUTO, TRUE, 0},
     {0, 33, 1, 127},
     {0, 0, 28, 32},
     {1, 33, 27, 57},
     {1, 91, 27, 69},
     {28, 0, 1, 160},
     {29, 0, 1, 160}},
    {40,
     120,
     {G_MAXINT, FALSE, 0},
     {0, 0, 1, 120},
     {0},
     {1, 0, 37, 120},
     {0},
     {38, 0, 1, 120},
     {39, 0, 1, 120}},
    {4, 20, {AUTO, FALSE, 0}, {0, 0, 1, 20}, {0}, {1, 0, 2, 20}, {0}, {0}, {3, 0, 1, 20}},
    {24, 80, {AUTO, FALSE, 3}, {0, 0, 1, 80}, {0}, {1, 0, 19, 80}, {0}, {20, 0, 1, 80}, {21, 0, 3, 80}},
    {9, 80, {AUTO, FALSE, 99}, {0, 0, 1, 80}, {0}, {1, 0, 4, 80}, {0}, {5, 0, 1, 80}, {6, 0, 3, 80}},
    {5, 20, {AUTO, FALSE, 99}, {0, 0, 1, 20}, {0}, {1, 0, 1, 20}, {0}, {2, 0, 1, 20}, {3, 0, 2, 20}},
    {7, 20, {AUTO, FALSE, 99}, {0, 0, 1, 20}, {0}, {1, 0, 2, 20}, {0}, {3, 0, 1, 20}, {4, 0, 3, 20}},
    {2, 20, {AUTO, FALSE, 0}, {0}, {0}, {0, 0, 1, 20}, {0}, {0}, {1, 0, 1, 20}},
    {1, 1, {AUTO, TRUE, 0}, {0}, {0}, {0, 0, 1, 1}, {0}, {0}, {0}},
};

static void check(const char *what, size_t row, ViewRect is, ViewRect expected)
{
    if (memcmp(&is, &expected, sizeof is) != 0)
        fail_msg("row %zu: %s is at %d,%d with %dx%d", row, what, is.row, is.column, is.rows, is.columns);
}

static void test_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        Layout layout = layout_compute(SIZES[i].rows, SIZES[i].columns, SIZES[i].wants);
        check("title", i, layout.title, SIZES[i].title);
        check("sidebar", i, layout.sidebar, SIZES[i].sidebar);
        check("main", i, layout.main, SIZES[i].main);
        check("message", i, layout.message, SIZES[i].message);
        check("status", i, layout.status, SIZES[i].status);
        check("bottom", i, layout.bottom, SIZES[i].bottom);
    }
}

/* Every part inside of the screen, no cell twice, and all of them covered. */
static void test_every_size(void **state)
{
    static const int FROM[] = {LAYOUT_SIDEBAR_COLUMNS, 64, G_MAXINT};

    (void)state;
    for (int rows = 1; rows <= 60; rows += 1 + rows / 12) {
        for (int columns = 1; columns <= 220; columns += 1 + columns / 12) {
            for (int wants = 0; wants < 6; wants++) {
                Layout l = layout_compute(rows, columns, (LayoutWants){FROM[wants / 2], wants % 2, rows % 4});
                ViewRect parts[] = {l.title, l.sidebar, l.sidebar_rule, l.main,
                                    l.rule,  l.message, l.status,       l.bottom};
                int cells = 0;
                for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
                    assert_true(parts[i].rows >= 0 && parts[i].columns >= 0);
                    assert_true(parts[i].row >= 0 && parts[i].row + parts[i].rows <= rows);
                    assert_true(parts[i].column >= 0 && parts[i].column + parts[i].columns <= columns);
                    cells += parts[i].rows * parts[i].columns;
                }
                assert_int_equal(cells, rows * columns);
                assert_true(l.main.rows > 0 && l.main.columns > 0);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sizes), cmocka_unit_test(test_every_size)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
