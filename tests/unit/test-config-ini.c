/* test-config-ini.c - the line reader: what is read, on which line, and which mistakes are told. */
#include "config/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* `read`: "section:key=value@line" of everything, `told`: "line" of each mistake, both parted by spaces. */
typedef struct {
    const char *name, *text;
    gsize size; /* 0: strlen() */
    const char *read, *told;
} Row;

static const Row ROWS[] = {
    {"empty", "", 0, "", ""},
    {"plain", "[a]\nk=v\n", 0, "a:k=v@2", ""},
    {"no newline at the end", "[a]\nk=v", 0, "a:k=v@2", ""},
    {"spaces", "  [a]  \n\t k  =  v w \t\n", 0, "a:k=v w@2", ""},
    {"comments", "# c\n[a]\n  # [b]\nk=v # c\n", 0, "a:k=v # c@4", ""},
    {"CRLF", "[a]\r\nk=v\r\n\r\nl=w\r\n", 0, "a:k=v@2 a:l=w@4", ""},
    {"byte order mark", "\xEF\xBB\xBF[a]\nk=v\n", 0, "a:k=v@2", ""},
    {"equals in a value", "[a]\nk=a=b\n", 0, "a:k=a=b@2", ""},
    {"empty value", "[a]\nk=\n", 0, "a:k=@2", ""},
    {"names with spaces", "[account my work]\nk=v\n", 0, "account my work:k=v@2", ""},
    {"before any section", "k=v\n[a]\n", 0, "", "1"},
    {"no equals", "[a]\nword\nk=v\n", 0, "a:k=v@3", "2"},
    {"no key", "[a]\n=v\n", 0, "", "2"},
    {"equal keys: the first counts", "[a]\nk=1\nk=2\n", 0, "a:k=1@2", "3"},
    {"equal keys in two sections", "[a]\nk=1\n[b]\nk=2\n", 0, "a:k=1@2 b:k=2@4", ""},
    {"equal sections become one", "[a]\nk=1\n[a]\nl=2\nk=3\n", 0, "a:k=1@2 a:l=2@4", "3 5"},
    {"open header", "[a\nk=v\n[b]\nk=v\n", 0, "b:k=v@4", "1"},
    {"text after a header", "[a] b\nk=v\n", 0, "", "1"},
    {"empty header", "[]\nk=v\n", 0, "", "1"},
    {"brackets in a header", "[a[b]\n", 0, "", "1"},
    {"NUL", "[a]\nk=\0v\nl=w\n", 13, "a:l=w@3", "2"},
    {"not UTF-8", "[a]\nk=\xFF\nl=\xC3\xA9\n", 0, "a:l=\xC3\xA9@3", "2"},
    {"a byte order mark in the middle is no comment", "[a]\n\xEF\xBB\xBFk=v\n", 0, "a:\xEF\xBB\xBFk=v@2", ""},
};

static void test_read(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const Row *row = &ROWS[i];
        ConfigProblems problems;
        config_problems_init(&problems, "f");
        g_autoptr(GPtrArray) sections =
            ini_parse(row->text, row->size ? row->size : strlen(row->text), &problems);
        g_autoptr(GString) read = g_string_new(NULL), told = g_string_new(NULL);
        for (guint s = 0; s < sections->len; s++) {
            const IniSection *section = sections->pdata[s];
            for (guint e = 0; e < section->entries->len; e++) {
                const IniEntry *entry = section->entries->pdata[e];
                g_string_append_printf(read, "%s%s:%s=%s@%d", read->len ? " " : "", section->name, entry->key,
                                       entry->value, entry->line);
            }
        }
        for (guint p = 0; p < problems.list->len; p++)
            g_string_append_printf(told, "%s%d", told->len ? " " : "",
                                   ((const ConfigProblem *)problems.list->pdata[p])->line);
        if (strcmp(read->str, row->read) != 0 || strcmp(told->str, row->told) != 0)
            fail_msg("%s: read <%s>, told <%s>", row->name, read->str, told->str);
        config_problems_clear(&problems);
    }
}

/* A cut file, at every byte: no crash, and never more than what is there. */
static void test_cut(void **state G_GNUC_UNUSED)
{
    static const char TEXT[] =
        "\xEF\xBB\xBF# c\r\n[a]\r\nk = v\\n\r\n[b\r\n[c]\r\nk\xC3\xA9 = \xF0\x9F\x90\xA6\r\nk=\r\n";

    for (gsize size = 0; size < sizeof TEXT; size++) {
        g_autofree char *copy = g_memdup2(TEXT, MAX(size, 1)); /* so that ASan sees a byte too far */
        ConfigProblems problems;
        config_problems_init(&problems, "f");
        g_autoptr(GPtrArray) sections = ini_parse(copy, size, &problems);
        assert_true(sections->len <= 2);
        config_problems_clear(&problems);
    }
}

typedef struct {
    const char *value, *plain; /* NULL: refused */
} Escape;

static const Escape ESCAPES[] = {
    {"", ""},           {"plain", "plain"}, {"\\s x\\s", "  x "}, {"a\\tb\\nc\\rd", "a\tb\nc\rd"},
    {"a\\\\b", "a\\b"}, {"a\\", NULL},      {"a\\d", NULL},       {"a\\;b", NULL},
    {"a;b", "a;b"},     {"\\\\\\", NULL},   {"\\\\n", "\\n"},
};

static void test_escapes(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ESCAPES); i++) {
        g_autofree char *why = NULL, *plain = ini_unescape(ESCAPES[i].value, &why);
        if (g_strcmp0(plain, ESCAPES[i].plain) != 0)
            fail_msg("%s: <%s>", ESCAPES[i].value, plain);
        assert_true((plain == NULL) == (why != NULL));
    }
}

/* `items` parted by '|'. */
static const Escape LISTS[] = {
    {"INBOX", "INBOX"}, {"a;b", "a|b"},       {" a ; b ;", "a|b"},
    {";;", ""},         {"a\\;b;c", "a;b|c"}, {"a\\\\;b", "a\\|b"},
    {"a;\\x", NULL},    {"a\\", NULL},        {"Projects/tern", "Projects/tern"},
};

static void test_lists(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(LISTS); i++) {
        g_autofree char *why = NULL;
        g_auto(GStrv) list = ini_unescape_list(LISTS[i].value, &why);
        g_autofree char *joined = list ? g_strjoinv("|", list) : NULL;
        if (g_strcmp0(joined, LISTS[i].plain) != 0)
            fail_msg("%s: <%s>", LISTS[i].value, joined);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
