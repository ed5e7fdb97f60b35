/* test-base-sanitise.c - what hostile text looks like once it is safe. */
#include "base/sanitise.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define FSI SANITISE_ISOLATE
#define PDI SANITISE_ISOLATE_END

typedef struct {
    const char *text, *expected;
} Row;

static void check(const Row *rows, gsize count, SanitiseMode mode)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *safe = sanitise(rows[i].text, -1, mode);
        if (strcmp(safe, rows[i].expected) != 0)
            fail_msg("row %zu: '%s' gives '%s', expected '%s'", i, rows[i].text, safe, rows[i].expected);
        g_autofree char *again = sanitise(safe, -1, mode);
        assert_string_equal(safe, again);
        assert_true(sanitise_is_safe(safe, -1, mode));
        assert_int_equal(sanitise_is_safe(rows[i].text, -1, mode), strcmp(rows[i].text, safe) == 0);
    }
}

static void test_line(void **state)
{
    (void)state;
    static const Row ROWS[] = {
        {"", ""},
        {"plain text ~", "plain text ~"},
        {"Zürich 日本語 👍🏽 ❤\uFE0F", "Zürich 日本語 👍🏽 ❤\uFE0F"},
        {"a\nb\tc", "a b c"},
        {"a\r\nb", "a b"},
        {"a\rb", "a·b"},
        {"\033[2J\033]52;c;AAAA\007", "·[2J·]52;c;AAAA·"},
        {"a\177b\xC2\x9B"
         "31m",
         "a·b·31m"},
        {"\xC2\x85", "·"},
        {"a\xFF\xFE", "a\uFFFD\uFFFD"},
        {"a\u2028b\u2029c", "a b c"},
        {"evil\u202Egpj.exe", "evilgpj.exe"},
        {"a\u200Bb\u2060c\uFEFFd\u00ADe", "abcde"},
        {"a\u2066b\u2069", "ab"},
        {"שלום", FSI "שלום" PDI},
        {FSI "שלום" PDI, FSI "שלום" PDI},
        {"a שלום\u200F b", FSI "a שלום b" PDI},
        {"می\u200Cخواهم", FSI "می\u200Cخواهم" PDI},
        {"क\u094D\u200Dष", "क\u094D\u200Dष"},
        {"👩\u200D👩\u200D👧", "👩\u200D👩\u200D👧"},
        {"🏳\uFE0F\u200D🌈", "🏳\uFE0F\u200D🌈"},
        {"a\u200D\u200D\u200Db", "a\u200Db"},
        {"a\u200D b\u200D", "a b"},
        {"\u200Da", "a"},
        {"x\uFE0F\uFE0F\uFE0Fy", "x\uFE0Fy"},
        {"\uFE0Fx", "x"},
        {"\u0301x", "\u25CC\u0301x"},
        {"Z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030A\u030B!",
         "Z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308!"},
        {"\uE000\U000F0000\U0010FFFF\uFFFF", "····"},
        {"\U000E0041\U000E0042", "··"},
        {"🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F!", "🏴!"},
        {"\u115F\u3164\u034F|", "|"},
        {"a\u00A0b\u3000c", "a\u00A0b\u3000c"},
    };
    check(ROWS, G_N_ELEMENTS(ROWS), SANITISE_LINE);
    g_autofree char *nul = sanitise("a\0b", 3, SANITISE_LINE);
    assert_string_equal(nul, "a·b");
}

static void test_text(void **state)
{
    (void)state;
    static const Row ROWS[] = {
        {"a\r\nb\nc", "a\nb\nc"},
        {"a\tb\n\tc", "a       b\n        c"},
        {"日\tb", "日      b"},
        {"12345678\tb", "12345678        b"},
        {"\t\t|", "                |"},
        {"a\n\u0301b", "a\n\u25CC\u0301b"},
        {"שלום\nx\nשלום", FSI "שלום" PDI "\nx\n" FSI "שלום" PDI},
        {"a\u2028b", "a\nb"},
    };
    static const Row OPEN[] = {{"שלום\n" FSI "x" PDI, "שלום\nx"}, {"\tא", "        א"}};
    check(ROWS, G_N_ELEMENTS(ROWS), SANITISE_TEXT);
    check(OPEN, G_N_ELEMENTS(OPEN), SANITISE_OPEN);
    assert_true(sanitise_needs_isolate("x א", 4));
    assert_false(sanitise_needs_isolate("日本", 6));
}

/* A megabyte of each trouble. */
static void test_long(void **state)
{
    (void)state;
    static const char *const UNITS[] = {"\033[31m", "\u0301",        "\u200D", "א",     "\t",
                                        "\xFF",     "e\u0301\u200D", "\r",     "\u202E"};
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++)
        for (SanitiseMode mode = SANITISE_LINE; mode <= SANITISE_OPEN; mode++) {
            GString *text = g_string_new(NULL);
            while (text->len < 1 << 20)
                g_string_append(text, UNITS[i]);
            g_autofree char *safe = sanitise(text->str, (gssize)text->len, mode);
            assert_true(sanitise_is_safe(safe, -1, mode));
            assert_true(strlen(safe) <= text->len * 8 + 16);
            g_string_free(text, TRUE);
        }
}

static void test_file_name(void **state)
{
    (void)state;
    static const Row ROWS[] = {
        {"budget.ods", "budget.ods"},
        {"Übersicht 2026.pdf", "Übersicht 2026.pdf"},
        {"../../.bashrc", "bashrc"},
        {"C:\\Windows\\evil.exe", "evil.exe"},
        {"-rf", "rf"},
        {"~/x", "x"},
        {"|sh", "_sh"},
        {"a;b`c`$d", "a_b_c__d"},
        {"O'Neill & Co.txt", "O'Neill & Co.txt"},
        {"", "attachment"},
        {"...", "attachment"},
        {"/", "attachment"},
        {"CON", "file_CON"},
        {"nul.txt", "file_nul.txt"},
        {"com1.log", "file_com1.log"},
        {"company.log", "company.log"},
        {"a\r\nb: c", "a_b_ c"},
        {"evil\u202Efdp.exe", "evilfdp.exe"},
        {"x.pdf   ", "x.pdf"},
        {"\033]0;t\007.txt", "·]0_t·.txt"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *name = sanitise_file_name(ROWS[i].text);
        g_autofree char *again = sanitise_file_name(name);
        assert_string_equal(name, ROWS[i].expected);
        assert_string_equal(again, name);
    }
    g_autofree char *long_name = g_strnfill(5000, 'a');
    g_autofree char *with_extension = g_strconcat(long_name, "ä.tar.xz", NULL);
    g_autofree char *cut = sanitise_file_name(with_extension);
    assert_int_equal(strlen(cut), 200);
    assert_true(g_str_has_suffix(cut, ".xz"));
}

/* Cut behind a joiner, or within a single grapheme that is longer than a name may be. */
static void test_file_name_of_joined_characters(void **state)
{
    (void)state;
    g_autofree char *before = g_strnfill(197, 'a');
    g_autofree char *joined = g_strconcat(before, "\u200Dbb", NULL);
    g_autofree char *cut = sanitise_file_name(joined), *again = sanitise_file_name(cut);
    assert_string_equal(cut, before);
    assert_string_equal(again, cut);

    g_autoptr(GString) family = g_string_new("😀");
    for (int i = 0; i < 60; i++)
        g_string_append(family, "\u200D😀");
    g_string_append(family, ".txt");
    g_autofree char *name = sanitise_file_name(family->str);
    assert_string_equal(name, "attachment.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_file_name),
        cmocka_unit_test(test_file_name_of_joined_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
