/* test-ui-keys.c - keys as text and back, and which binding counts. */
#include "base/error.h"
#include "ui/command.h"
#include "ui/keymap.h"

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
    {"<C-x>", 1, "C-x"},
    {"<C-x><C-s>", 2, "C-x C-s"},
    {"g<Enter>", 2, "g Enter"},
    {"<M-n>j", 2, "M-n j"},
    {"<F5>", 1, "F5"},
    {"<", 1, "<"},
    {">", 1, ">"},
    {"< a", 2, "< a"},
    {"<<>", 1, "<"},
    {"<>>", 1, ">"},
    {"<C-x", 0, NULL},
    {"<F1", 0, NULL},
    {"a<Enter", 0, NULL},
    {"<Entr>", 0, NULL},
    {"<>", 0, NULL},
    {"<a><b><c><d><e>", 0, NULL},
};

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(KEYS_AS_TEXT); i++) {
        Key keys[KEYS_MAX];
        g_autofree char *why = NULL;
        guint n = keys_parse(KEYS_AS_TEXT[i].text, keys, &why);
        if (n != KEYS_AS_TEXT[i].n)
            fail_msg("“%s” is %u keys", KEYS_AS_TEXT[i].text, n);
        assert_int_equal(why != NULL, n == 0);
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
    guint n = keys_parse(text, keys, NULL);

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
    guint n = keys_parse(",", prefix, NULL);
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
    ConfigProblems problems;
    g_autoptr(Keymap) keymap = keymap_new();

    (void)state;
    config_problems_init(&problems, "tern.conf");
    keymap_configure(keymap, config, &problems);
    assert_int_equal(problems.list->len, 1);
    assert_int_equal(((ConfigProblem *)problems.list->pdata[0])->line, 4);
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "x", KEYS_BOUND), "quit");
    assert_string_equal(line_of(keymap, CONTEXT_MESSAGE, "j", KEYS_BOUND), "line-down");
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "j", KEYS_BOUND), "next");
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "C-x C-c", KEYS_BOUND), "quit");
    assert_string_equal(line_of(keymap, CONTEXT_LIST, "y", KEYS_BOUND), "folders");
    config_problems_clear(&problems);
}

static const struct {
    const char *lines; /* of [keys] */
    int line;          /* of the one mistake; 0: there is none */
    const char *says;
} CONFIGURED[] = {
    {"J = next\n<C-k> = folder Archive\nlist:<Enter> = open", 0, NULL},
    {"Z = fodler Archive", 2, "did you mean folder?"},
    {"Z = wobble", 2, "there is no command “wobble”"},
    {"Z =", 2, "none"},
    {"Z = set", 2, "needs an argument"},
    {"<C-x = quit", 2, "“<C-x” lacks its “>”"},
    {"a<Ent = quit", 2, "lacks its “>”"},
    {"Entery = quit", 2, "is no key"},
    {"abcde = quit", 2, "is no key"},
    {"a b c d e = quit", 2, "4 keys at most"},
    {"lsit:Z = quit", 2, "there is no view “lsit”; did you mean list?"},
    {"wobble:Z = quit", 2, "views are folders, list"},
    {"list:headers = quit", 2, "is no key"},
    {"list:Z = headers", 2, "“headers” does nothing in list; it belongs to message"},
    /* The same keys, spelt in two ways. */
    {"C-i = quit\nTab = help", 3, "“Tab” is the same as “C-i” in line 2"},
    {"Z Y = quit\nZY = help", 3, "in line 2"},
    {"list:<F5> = quit\nlist:F5 = help", 3, "in line 2"},
    {"list:<F5> = quit\nmessage:F5 = help\nF5 = help", 0, NULL},
    {"C-i = quit\nTab = none", 3, "in line 2"},
    /* The beginning is bound: what is longer can never be typed. */
    {"Z = quit\nZY = help", 3, "“Z” alone is “quit”"},
    {"ZY = help\nZ = quit", 2, "“Z” alone is “quit”"},
    {"jx = quit", 2, "“j” alone is “next”; choose other keys, or add “j = none”"},
    {"jx = quit\nj = none", 0, NULL},
    {"list:Z = quit\nZY = help", 0, NULL},
    {"list:Z = quit\nlist:ZY = help", 3, "alone is"},
};

static void test_configured_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(CONFIGURED); i++) {
        g_autofree char *text = g_strdup_printf("[keys]\n%s\n", CONFIGURED[i].lines);
        g_autoptr(Config) config = config_parse(text, strlen(text), "tern.conf", 0);
        g_autoptr(Keymap) keymap = keymap_new();
        ConfigProblems problems;
        assert_int_equal(config_problems(config)->len, 0);
        config_problems_init(&problems, "tern.conf");
        keymap_configure(keymap, config, &problems);
        const ConfigProblem *first = problems.list->len ? problems.list->pdata[0] : NULL;
        if (problems.list->len != (CONFIGURED[i].line ? 1 : 0) ||
            (first && (first->line != CONFIGURED[i].line || !strstr(first->text, CONFIGURED[i].says))))
            fail_msg("%s\n%u mistakes: %d %s", CONFIGURED[i].lines, problems.list->len,
                     first ? first->line : 0, first ? first->text : "");
        config_problems_clear(&problems);
    }
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
        cmocka_unit_test(test_configured_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
