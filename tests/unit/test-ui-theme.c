/* test-ui-theme.c - themes: what is read, what is refused with its line, and what becomes of colours that a
 * terminal lacks. */
#include "base/error.h"
#include "ui/theme.h"

#include <glib/gstdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *value;
    ThemeStyle style;
} RIGHT[] = {
    {"red", {1, THEME_DEFAULT, 0}},
    {"red blue", {1, 4, 0}},
    {"default 236 bold", {THEME_DEFAULT, 236, THEME_BOLD}},
    {"bold", {THEME_DEFAULT, THEME_DEFAULT, THEME_BOLD}},
    {"grey  default   dim italic underline reverse",
     {8, THEME_DEFAULT, THEME_DIM | THEME_ITALIC | THEME_UNDERLINE | THEME_REVERSE}},
    {"#ff8000", {THEME_RGB | 0xff8000, THEME_DEFAULT, 0}},
    {"0 255", {0, 255, 0}},
    {"bright-red -", {9, THEME_DEFAULT, 0}},
    {"", {THEME_DEFAULT, THEME_DEFAULT, 0}},
};

static void test_styles(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(RIGHT); i++) {
        g_autofree char *text = g_strdup_printf("# a theme\n[theme]\nunread = %s\n", RIGHT[i].value);
        g_autoptr(GError) error = NULL;
        Theme theme;
        if (!theme_parse(&theme, text, "x.theme", NULL, &error))
            fail_msg("%s", error->message);
        assert_memory_equal(&theme.slots[SLOT_UNREAD], &RIGHT[i].style, sizeof(ThemeStyle));
    }
}

static const char *const WRONG[] = {"unread = reddish", "unread = 256",      "unread = red blue green",
                                    "unread = #12345",  "unread = bold red", "nosuch = red",
                                    "unread",           "inherit = nosuch",  "unread = -1",
                                    "inherit = a/b",    "unread = #12345g"};

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autofree char *text = g_strdup_printf("title = red\n%s\nhint = blue\n", WRONG[i]);
        g_autoptr(GError) error = NULL;
        Theme theme;
        assert_false(theme_parse(&theme, text, "x.theme", NULL, &error));
        assert_true(tern_error_is(error, TERN_ERROR_CONFIG));
        if (!g_str_has_prefix(error->message, "x.theme:2: "))
            fail_msg("%s", error->message);
        /* What is right around a mistake counts. */
        assert_int_equal(theme.slots[SLOT_HINT].foreground, 4);
    }
}

static void test_inherit(void **state)
{
    g_autofree char *folder = g_dir_make_tmp("tern-theme-XXXXXX", NULL);
    g_autofree char *mine = g_build_filename(folder, "mine.theme", NULL);
    g_autofree char *circle = g_build_filename(folder, "circle.theme", NULL);
    const char *const folders[] = {folder, NULL};
    g_autoptr(GError) error = NULL;
    Theme theme, dark;

    (void)state;
    assert_true(g_file_set_contents(mine, "inherit = dark\nunread = red\n", -1, NULL));
    assert_true(g_file_set_contents(circle, "inherit = circle\n", -1, NULL));
    assert_true(theme_load(&dark, "dark", NULL, NULL));
    assert_true(theme_load(&theme, "mine", folders, NULL));
    assert_int_equal(theme.slots[SLOT_UNREAD].foreground, 1);
    assert_memory_equal(&theme.slots[SLOT_TITLE], &dark.slots[SLOT_TITLE], sizeof(ThemeStyle));
    assert_true(theme_load(&theme, mine, NULL, NULL));
    assert_false(theme_load(&theme, "circle", folders, &error));
    assert_non_null(strstr(error->message, "itself"));
    g_unlink(mine);
    g_unlink(circle);
    g_rmdir(folder);
}

/* In every built-in theme, with any number of colours: no two colours fall together, and all of them
 * exist. */
static void test_builtin_everywhere(void **state)
{
    static const int COLORS[] = {0, 8, 16, 256, THEME_DIRECT};

    (void)state;
    for (const ThemeBuiltin *builtin = THEME_BUILTINS; builtin->name; builtin++) {
        Theme theme;
        assert_true(theme_load(&theme, builtin->name, NULL, NULL));
        for (size_t c = 0; c < G_N_ELEMENTS(COLORS); c++) {
            for (int slot = 0; slot < THEME_SLOTS; slot++) {
                ThemeStyle style = theme_map(theme.slots[slot], COLORS[c]);
                assert_in_range(style.foreground + 1, 0, MAX(COLORS[c], 0));
                assert_in_range(style.background + 1, 0, MAX(COLORS[c], 0));
                assert_true(style.foreground == THEME_DEFAULT || style.foreground != style.background);
            }
        }
        /* Without colours the cursor and new mail still stand out. */
        assert_true(theme_map(theme.slots[SLOT_CURSOR], 0).attributes & THEME_REVERSE);
        assert_true(theme_map(theme.slots[SLOT_UNREAD], 0).attributes & THEME_BOLD);
    }
}

static const struct {
    ThemeStyle style;
    int colors;
    ThemeStyle mapped;
} MAPPED[] = {
    {{THEME_RGB | 0xff0000, -1, 0}, 256, {196, -1, 0}},
    {{THEME_RGB | 0xff0000, -1, 0}, 16, {9, -1, 0}},
    {{THEME_RGB | 0xcc0000, -1, 0}, 8, {1, -1, 0}},
    {{12, -1, 0}, 8, {4, -1, 0}},
    {{196, -1, 0}, 0, {-1, -1, 0}},
    {{244, -1, 0}, 8, {-1, -1, THEME_DIM}}, /* a grey is dim text, not black on black */
    {{244, -1, 0}, 0, {-1, -1, THEME_DIM}},
    {{8, -1, 0}, 8, {-1, -1, THEME_DIM}},
    {{8, -1, 0}, 16, {8, -1, 0}},
    {{THEME_RGB | 0x123456, 244, 0}, THEME_DIRECT, {0x123456, 0x808080, 0}},
    {{1, -1, 0}, THEME_DIRECT, {1, -1, 0}},
    {{-1, -1, THEME_REVERSE}, 8, {-1, -1, THEME_REVERSE}},
    {{16, 232, 0}, 8, {7, 0, 0}},
};

static void test_map(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(MAPPED); i++) {
        ThemeStyle mapped = theme_map(MAPPED[i].style, MAPPED[i].colors);
        if (memcmp(&mapped, &MAPPED[i].mapped, sizeof mapped) != 0)
            fail_msg("row %zu: %d %d %u", i, mapped.foreground, mapped.background, mapped.attributes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_styles),  cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_inherit), cmocka_unit_test(test_builtin_everywhere),
        cmocka_unit_test(test_map),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
