/* test-ui-theme.c - themes: what is read, what is refused with its line, and what becomes of colours that a
 * terminal lacks. */
#include "temp-folder.h"

#include "base/limits.h"
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
        ConfigProblems problems;
        Theme theme;
        config_problems_init(&problems, "x.theme");
        theme_parse(&theme, text, NULL, &problems);
        if (problems.list->len)
            fail_msg("%s", ((ConfigProblem *)problems.list->pdata[0])->text);
        config_problems_clear(&problems);
        assert_memory_equal(&theme.slots[SLOT_UNREAD], &RIGHT[i].style, sizeof(ThemeStyle));
    }
}

static const struct {
    const char *line;
    const char *says;
} WRONG[] = {
    {"unread = reddish", "unread: “reddish” is not right here"},
    {"unread = 256", "0 to 255"},
    {"unread = red blue green", "“green” is not right here"},
    {"unread = #12345", "#rrggbb"},
    {"unread = bold red", "then attributes"},
    {"unread = -1", "“-1”"},
    {"unread = #12345g", "“#12345g”"},
    {"unraed = red", "did you mean unread?"},
    {"nosuch = red", "there is no slot “nosuch”"},
    {"title = blue", "“title” stands here a second time (first in line 1)"},
    {"unread", "slot = foreground background attributes"},
    {"unread = \xff", "UTF-8"},
    {"inherit = drak", "did you mean dark?"},
    {"inherit = nosuch", "there are dark and light"},
    {"inherit = a/b", "cannot be read"},
};

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autofree char *text = g_strdup_printf("title = red\n%s\nhint = blue\nrule = no\n", WRONG[i].line);
        ConfigProblems problems;
        Theme theme;
        config_problems_init(&problems, "x.theme");
        theme_parse(&theme, text, NULL, &problems);
        const ConfigProblem *first = problems.list->pdata[0], *second = problems.list->pdata[1];
        if (problems.list->len != 2 || first->line != 2 || !strstr(first->text, WRONG[i].says))
            fail_msg("%s: %d: %s", WRONG[i].line, first->line, first->text);
        assert_int_equal(second->line, 4); /* all are told, not only the first */
        assert_string_equal(first->file, "x.theme");
        /* What is right around a mistake counts. */
        assert_int_equal(theme.slots[SLOT_HINT].foreground, 4);
        config_problems_clear(&problems);
    }
}

static void write_theme(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void test_inherit(void **state)
{
    g_autoptr(TempFolder) folder = temp_folder_new();
    g_autofree char *mine = g_build_filename(folder, "mine.theme", NULL);
    const char *const folders[] = {folder, NULL};
    Theme theme, dark;

    (void)state;
    write_theme(folder, "mine.theme", "inherit = dark\nunread = red\n");
    assert_true(theme_load(&dark, "dark", NULL, NULL, 0));
    assert_true(theme_load(&theme, "mine", folders, NULL, 0));
    assert_int_equal(theme.slots[SLOT_UNREAD].foreground, 1);
    assert_memory_equal(&theme.slots[SLOT_TITLE], &dark.slots[SLOT_TITLE], sizeof(ThemeStyle));
    assert_true(theme_load(&theme, mine, NULL, NULL, 0));
    assert_true(theme_load(&theme, "./mine.theme", folders, NULL, 0));
    assert_int_equal(theme.slots[SLOT_UNREAD].foreground, 1);
}

/* Where a mistake is told: in the file that has it, or in the line that names what cannot be had. */
static void test_places(void **state)
{
    static const struct {
        const char *name, *file; /* NULL: the configuration */
        int line;
        const char *says;
    } ROWS[] = {
        {"child", "parent.theme", 2, "“no” is not right"},
        {"circle", "circle.theme", 1, "inherits from itself"},
        {"nothing", NULL, 7, "there is no theme “nothing”"},
        {"folder", NULL, 7, "cannot be read"},
        {"large", NULL, 7, "cannot be read"},
    };
    g_autoptr(TempFolder) folder = temp_folder_new();
    g_autofree char *sub = g_build_filename(folder, "folder.theme", NULL);
    g_autofree char *large = g_strnfill(LIMIT_CONFIG_BYTES + 1, '#');
    const char *const folders[] = {folder, NULL};

    (void)state;
    write_theme(folder, "child.theme", "unread = red\ninherit = parent\n");
    write_theme(folder, "parent.theme", "title = red\nhint = no\n");
    write_theme(folder, "circle.theme", "inherit = circle\n");
    write_theme(folder, "large.theme", large);
    assert_int_equal(g_mkdir(sub, 0700), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        ConfigProblems problems;
        Theme theme;
        config_problems_init(&problems, "tern.conf");
        assert_int_equal(theme_load(&theme, ROWS[i].name, folders, &problems, 7), ROWS[i].file != NULL);
        assert_int_equal(problems.list->len, 1);
        const ConfigProblem *problem = problems.list->pdata[0];
        g_autofree char *file = g_path_get_basename(problem->file);
        if (!g_str_equal(file, ROWS[i].file ? ROWS[i].file : "tern.conf") || problem->line != ROWS[i].line ||
            !strstr(problem->text, ROWS[i].says))
            fail_msg("%s: %s:%d: %s", ROWS[i].name, file, problem->line, problem->text);
        config_problems_clear(&problems);
    }
}

/* In every built-in theme, with any number of colours: no two colours fall together, and all of them
 * exist. */
static void test_builtin_everywhere(void **state)
{
    static const int COLORS[] = {0, 8, 16, 256, THEME_DIRECT};

    (void)state;
    for (const ThemeBuiltin *builtin = THEME_BUILTINS; builtin->name; builtin++) {
        Theme theme;
        assert_true(theme_load(&theme, builtin->name, NULL, NULL, 0));
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
        cmocka_unit_test(test_map),     cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
