/* test-ui-keys.c - keys as text and back, and which binding counts. */
#include "base/error.h"
#include "ui/command.h"
#include "ui/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *text;
    guint n; /* 0: no keys */
    const char *back;
} KEYS_AS_TEXT[] = {
    {"j", 1, "j"},
    {"ot", 2, "o t"},
    {"o t", 2, "o t"},
    {"C-d", 1, "C-d"},
    {"C-D", 1, "C-d"},
    {"M-n", 1, "M-n"},
    {"Esc-v", 1, "M-v"},
    {"Esc-V", 1, "M-V"},
    {"F1", 1, "F1"},
    {"F12", 1, "F12"},
    {"PgDn", 1, "PgDn"},
    {"Space", 1, "Space"},
    {"S-Tab", 1, "S-Tab"},
    {"C-i", 1, "Tab"},
    {"C-m", 1, "Enter"},
    {"M-Enter", 1, "M-Enter"},
    {"C-x C-s", 2, "C-x C-s"},
    {"-", 1, "-"},
    {"=", 1, "="},
    {"Equal", 1, "="},
    {"ż", 1, "ż"},
    {"żó", 2, "ż ó"},
    {"abcd", 4, "a b c d"},
    {"", 0, NULL},
    {"abcde", 0, NULL},
    {"a b c d e", 0, NULL},
    {"C-", 0, NULL},
    {"C-ż", 0, NULL},
    {"M-", 0, NULL},
    {"F99", 3, "F 9 9"},
    {"NoSuchKey", 0, NULL},
    {"C-xx", 0, NULL},
};

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(KEYS_AS_TEXT); i++) {
        Key keys[KEYS_MAX];
        guint n = keys_parse(KEYS_AS_TEXT[i].text, keys);
        if (n != KEYS_AS_TEXT[i].n)
            fail_msg("“%s” is %u keys", KEYS_AS_TEXT[i].text, n);
        if (!n)
            continue;
        g_autofree char *back = keys_format(keys, n);
        assert_string_equal(back, KEYS_AS_TEXT[i].back);
    }
}

static const char *line_of(const Keymap *keymap, unsigned context, const char *text, KeysMatch expected)
{
    Key keys[KEYS_MAX];
    const char *line = NULL;
    guint n = keys_parse(text, keys);

    assert_int_equal(keymap_find(keymap, context, keys, n, &line), expected);
    return line;
}

static void test_defaults(void **state)
{
    static const struct {
        unsigned context;
        const char *keys, *line;
    } ROWS[] = {
        {CONTEXT_LIST, "j", "next"},
        {CONTEXT_LIST, "Down", "next"},
        {CONTEXT_MESSAGE, "Down", "line-down"},
        {CONTEXT_MESSAGE, "j", "next"},
        {CONTEXT_LIST, "Enter", "open"},
        {CONTEXT_MESSAGE, "Enter", "line-down"},
        {CONTEXT_LIST, "Left", "folders"},
        {CONTEXT_MESSAGE, "Left", "back"},
        {CONTEXT_HELP, "q", "back"},
        {CONTEXT_LIST, "Tab", "next-unread"},
        {CONTEXT_LIST, "ot", "sort"},
        {CONTEXT_LIST, "M-v", "fold"},
        {CONTEXT_FOLDERS, "C-p", "palette"},
        {CONTEXT_MESSAGE, "T", "fold-quotes"},
        {CONTEXT_LIST, "$", "sync"},
    };
    Keymap *keymap = keymap_new();

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++)
        assert_string_equal(line_of(keymap, ROWS[i].context, ROWS[i].keys, KEYS_BOUND), ROWS[i].line);
    line_of(keymap, CONTEXT_LIST, "o", KEYS_UNFINISHED);
    line_of(keymap, CONTEXT_MESSAGE, "o", KEYS_UNBOUND);
    line_of(keymap, CONTEXT_FOLDERS, "N", KEYS_UNBOUND);
    keymap_free(keymap);
}

/* Every default key stands for one command in a context: two of them on one key would hide each other. */
static void test_no_default_hides_another(void **state)
{
    static const unsigned CONTEXTS[] = {CONTEXT_FOLDERS, CONTEXT_LIST, CONTEXT_MESSAGE, CONTEXT_HELP};
    Keymap *keymap = keymap_new();

    (void)state;
    for (size_t c = 0; c < G_N_ELEMENTS(CONTEXTS); c++) {
        for (int i = 0; i < COMMAND_COUNT; i++) {
            const Command *command = command_get(i);
            if (!(command->contexts & CONTEXTS[c]) || !*command->keys)
                continue;
            g_autofree char *keys = keymap_keys_of(keymap, CONTEXTS[c], command->name, FALSE);
            if (!keys)
                fail_msg("“%s” has no key left in context %u", command->name, CONTEXTS[c]);
        }
    }
    keymap_free(keymap);
}

static void test_users_bindings(void **state)
{
    Keymap *keymap = keymap_new();

    (void)state;
    assert_true(keymap_bind(keymap, CONTEXT_ANY, "j", "page-down", NULL));
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "j", KEYS_BOUND), "page-down");
    /* A command that a message knows takes the key there only. */
    assert_true(keymap_bind(keymap, CONTEXT_ANY, "Down", "headers", NULL));
    assert_string_equal(line_of(keymap, CONTEXT_MESSAGE, "Down", KEYS_BOUND), "headers");
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "Down", KEYS_BOUND), "next");
    assert_true(keymap_bind(keymap, CONTEXT_LIST, "N", "none", NULL));
    line_of(keymap, CONTEXT_LIST, "N", KEYS_UNBOUND);
    assert_string_equal(line_of(keymap, CONTEXT_MESSAGE, "N", KEYS_BOUND), "toggle-read");
    assert_true(keymap_bind(keymap, CONTEXT_ANY, ",i", "folder INBOX", NULL));
    line_of(keymap, CONTEXT_LIST, ",", KEYS_UNFINISHED);
    assert_string_equal(line_of(keymap, CONTEXT_LIST, ",i", KEYS_BOUND), "folder INBOX");
    Key prefix[KEYS_MAX];
    guint n = keys_parse(",", prefix);
    g_auto(GStrv) next = keymap_next(keymap, CONTEXT_LIST, prefix, n);
    assert_string_equal(next[0], "i");
    assert_string_equal(next[1], "folder INBOX");
    assert_null(next[2]);
    keymap_free(keymap);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *keys, *line;
    } ROWS[] = {{"NoSuchKey", "next"}, {"j", "nosuch"}, {"j", ""},
                {"j", "next 3"},       {"j", "set"},    {"abcde", "next"}};
    Keymap *keymap = keymap_new();

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(keymap_bind(keymap, CONTEXT_ANY, ROWS[i].keys, ROWS[i].line, &error));
        assert_true(tern_error_is(error, TERN_ERROR_CONFIG));
    }
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "j", KEYS_BOUND), "next");
    keymap_free(keymap);
}

static void test_configuration(void **state)
{
    static const char TEXT[] = "[keys]\n"
                               "x = quit\n"
                               "message:j = line-down\n"
                               "y = nosuch\n"
                               "C-x C-c = quit\n";
    g_autoptr(Config) config = config_parse(TEXT, strlen(TEXT), "tern.conf", 0);
    g_autoptr(GError) error = NULL;
    Keymap *keymap = keymap_new();

    (void)state;
    assert_false(keymap_configure(keymap, config, &error));
    assert_true(g_str_has_prefix(error->message, "tern.conf:4: "));
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "x", KEYS_BOUND), "quit");
    assert_string_equal(line_of(keymap, CONTEXT_MESSAGE, "j", KEYS_BOUND), "line-down");
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "j", KEYS_BOUND), "next");
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "C-x C-c", KEYS_BOUND), "quit");
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "y", KEYS_BOUND), "folders");
    keymap_free(keymap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_no_default_hides_another),
        cmocka_unit_test(test_users_bindings),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
