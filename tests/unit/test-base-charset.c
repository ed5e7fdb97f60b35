/* test-base-charset.c - charsets as mail names and misuses them. */
#include "base/charset.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

#define BYTES(literal) literal, sizeof(literal) - 1

typedef struct {
    const char *charset;
    const char *bytes;
    gsize size;
    const char *expected;
} Row;

static const Row ROWS[] = {
    {"utf-8", BYTES("Z\xC3\xBCrich"), "Zürich"},
    {"UTF-8", BYTES("\xEF\xBB\xBFhi"), "hi"},
    {"\"utf8\"", BYTES("\xE4\xBD\xA0"), "你"},
    {"utf-8", BYTES("a\xFF\x62"),
     "a\uFFFD"
     "b"},
    {"utf-8", BYTES("a\xE4\xBD"), "a\uFFFD"},
    {"utf-8",
     BYTES("\xE4\xBD"
           "a"),
     "\uFFFD"
     "a"},
    {"utf-8", BYTES("\xC0\xAF"), "\uFFFD\uFFFD"},
    {"utf-8", BYTES("\xED\xA0\x80"), "\uFFFD"},
    {"utf-8", BYTES("a\0b"),
     "a\uFFFD"
     "b"},
    {NULL, BYTES("plain"), "plain"},
    {NULL, BYTES("caf\xC3\xA9"), "café"},
    {NULL, BYTES("caf\xC3\xA9\0\xC3\xA9"), "café\uFFFDé"},
    {NULL, BYTES("caf\xE9"), "café"},
    {NULL, BYTES("\xFF\xFEh\0i\0"), "hi"},
    {NULL, BYTES("\xFE\xFF\0h\0i"), "hi"},
    {"iso-8859-1", BYTES("\xFF\xFEi"), "ÿþi"},
    {"", BYTES("caf\xC3\xA9 \xC3"), "café \uFFFD"}, /* cut within a character: still UTF-8 */
    {"us-ascii", BYTES("\x93quoted\x94"), "“quoted”"},
    {"no-such-charset", BYTES("na\xEFve"), "naïve"},
    {"x-no-such-utf-8", BYTES("na\xC3\xAFve"), "naïve"},
    {"../../etc/passwd", BYTES("x\xE9"), "xé"},
    {"UTF-8//IGNORE", BYTES("x\xE9"), "xé"},
    {"iso-8859-1", BYTES("\xE9t\xE9"), "été"},
    {"ISO-8859-1", BYTES("5 \x80"), "5 €"}, /* a control in Latin-1 is windows-1252 in truth */
    {"iso-8859-15", BYTES("\xA4"), "€"},
    {"windows-1252", BYTES("\x81"), "\uFFFD"},
    {"iso-8859-2", BYTES("\xA3\xF3\xBC"), "Łóź"},
    {"windows-1251", BYTES("\xCF\xF0"), "Пр"},
    {"koi8-r", BYTES("\xF0\xD2"), "Пр"},
    {"x-mac-roman", BYTES("\x8A"), "ä"},
    {"ISO-8859-8-I", BYTES("\xF9\xEC"), "של"},
    {"windows-1256", BYTES("\xE3\xD1"), "مر"},
    {"tis-620", BYTES("\xA1\xD2"), "กา"},
    {"gb2312", BYTES("\xC4\xE3\xBA\xC3"), "你好"},
    {"gb2312", BYTES("\x96\x7C"), "東"}, /* GBK in truth */
    {"gb18030", BYTES("\x81\x30\x81\x30"), "\xC2\x80"},
    {"hz-gb-2312", BYTES("~{<:Ky2;NpJ)~}. ~~ ok"), "己所不勿施. ~ ok"},
    {"big5", BYTES("\xA7\x41\xA6\x6E"), "你好"},
    {"shift_jis", BYTES("\x93\xFA\x96\x7B\x5C~"), "日本\\~"},
    {"x-sjis", BYTES("\x87\x40"), "①"},
    {"euc-jp", BYTES("\xC6\xFC\xCB\xDC"), "日本"},
    {"iso-2022-jp", BYTES("a \x1b$BF|K\\\x1b(B b"), "a 日本 b"},
    {"ISO-2022-JP", BYTES("\x1b$B-!\x1b(B"), "①"}, /* NEC's row 13 */
    {"iso-2022-jp", BYTES("\x1b(I1\x1b(B"), "ｱ"},
    {"iso-2022-jp", BYTES("\x1b$BF"), "\uFFFD"},
    {"ks_c_5601-1987", BYTES("\xC7\xD1"), "한"},
    {"euc-kr", BYTES("\xC7\xD1\x8C\x63"), "한똠"},
    {"utf-7", BYTES("caf+AOk-"), "café"},
    {"utf-16", BYTES("\xFF\xFEh\0i\0"), "hi"},
    {"utf-16", BYTES("\xFE\xFF\0h\0i"), "hi"},
    {"utf-16", BYTES("\xFF\xFEh\0i\0"), "hi"}, /* the order of the text before it counts for nothing */
    {"utf-16", BYTES("\0h\0i"), "hi"},
    {"utf-16", BYTES("h\0i\0"), "hi"},
    {"utf-16le", BYTES("h\0\0\0i\0"), "h\uFFFDi"},
    {"utf-16le", BYTES("\x00\xD8i\0"), "\uFFFDi"},
    {"cp1258", BYTES("e\xEC"), "é"}, /* a converter that holds a character back until the end */
};

static void test_table(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        gsize size;
        g_autofree char *text = charset_to_utf8(ROWS[i].bytes, ROWS[i].size, ROWS[i].charset, 1000, &size);
        if (strcmp(text, ROWS[i].expected) != 0)
            fail_msg("row %zu (%s): got '%s', expected '%s'", i, ROWS[i].charset, text, ROWS[i].expected);
        assert_int_equal(size, strlen(text));
    }
}

static void test_limit_cuts_at_a_character(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"ααααααα", "aαaαaα", "日本語", "\xFF\xFF\xFF", "plain ascii"};
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        for (gsize limit = 0; limit < 14; limit++) {
            gsize size;
            g_autofree char *text = charset_to_utf8(TEXTS[i], strlen(TEXTS[i]), "utf-8", limit, &size);
            assert_true(size <= limit && g_utf8_validate(text, (gssize)size, NULL));
            assert_true(size + 3 >= MIN(limit, strlen(TEXTS[i])));
        }
    g_autofree char *bytes = g_malloc(1 << 20);
    memset(bytes, 0xE9, 1 << 20);
    gsize size;
    g_autofree char *text = charset_to_utf8(bytes, 1 << 20, "iso-8859-2", 1001, &size);
    assert_int_equal(size, 1000);
}

static void test_known(void **state)
{
    (void)state;
    static const char *const KNOWN[] = {"utf-8", "US-ASCII", "iso-8859-16", "x-sjis", "hz-gb-2312", "cp437"};
    static const char *const UNKNOWN[] = {"", "x-no-such", "unknown-8bit", "UTF-8//TRANSLIT", "a/b", "\xFF"};
    for (gsize i = 0; i < G_N_ELEMENTS(KNOWN); i++)
        assert_true(charset_is_known(KNOWN[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(UNKNOWN); i++)
        assert_false(charset_is_known(UNKNOWN[i]));
}

/* More charsets than converters are kept for a thread, in turns. */
static void test_many_converters(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5",
                                        "iso-8859-7", "cp1250",     "koi8-u",     "iso-8859-13"};
    for (int round = 0; round < 3; round++)
        for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++) {
            g_autofree char *text = charset_to_utf8("\xC1z", 2, NAMES[i], 100, NULL);
            assert_true(g_utf8_strlen(text, -1) == 2 && g_str_has_suffix(text, "z"));
        }
}

/* A hostile header can name another charset for each letter; opening a converter costs some 0.4 ms. */
static void test_ever_other_charsets(void **state)
{
    clock_t start = clock();

    (void)state;
    for (int i = 0; i < 15000; i++) {
        char name[20];
        g_snprintf(name, sizeof name, i % 3 ? "cp%d" : "iso-8859-%d",
                   i % 3 == 0 ? 2 + i % 15 : (i % 3 == 1 ? 1250 + i % 9 : 850 + i % 20));
        g_autofree char *text = charset_to_utf8("\xC1z", 2, name, 100, NULL);
        assert_non_null(text);
    }
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 1);
}

static void test_locale(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_ALL, "C"));
    assert_false(charset_locale_is_utf8());
    g_autofree char *ascii = charset_to_locale("Łukasz 日 e\u0301 ok");
    assert_string_equal(ascii, "?ukasz ?? e ok");
    assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
    assert_true(charset_locale_is_utf8());
    g_autofree char *same = charset_to_locale("Łukasz 日");
    assert_string_equal(same, "Łukasz 日");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_limit_cuts_at_a_character),
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_many_converters),
        cmocka_unit_test(test_ever_other_charsets),
        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
