/* test-base-text.c - columns, graphemes, wrapping, comparing. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void test_width(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int width, graphemes;
    } ROWS[] = {
        {"", 0, 0},
        {"plain", 5, 5},
        {"Zürich", 6, 6},
        {"Łukasz Żółć", 11, 11},
        {"田中 太郎", 9, 5},
        {"한국", 4, 2},
        {"한", 2, 1}, /* conjoining jamo */
        {"e\u0301a", 2, 2},
        {"a\u0300\u0301\u0302b", 2, 2},
        {"👩", 2, 1},
        {"👩\u200D👩\u200D👧\u200D👦", 2, 1},
        {"👍🏽!", 3, 2},
        {"🏳\uFE0F\u200D🌈", 2, 1},
        {"🇩🇪🇫🇷", 4, 2},
        {"🇩🇪🇫", 3, 2},
        {"🇩🇪🇫🇷🇮🇹🇪🇸🇵🇹", 10, 5},
        {"👍🏽\u0903\u0903\u0903", 5, 3}, /* an emoji takes no more than its two columns with it */
        {"a🏽", 3, 2},
        {"a\uFE0F", 1, 1},
        {"❤", 1, 1},
        {"❤\uFE0F", 2, 1},
        {"1\uFE0F\u20E3", 2, 1},
        {"किताब", 5, 3},
        {"กำ", 2, 1},
        {"\r\n", 2, 2},
        {"\u0301", 0, 1},
        {"x\u200B", 1, 2},
        {"…●─", 3, 3},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const char *text = ROWS[i].text;
        gsize size = strlen(text), n;
        int graphemes = 0;
        for (gsize at = 0; (n = text_next_grapheme(text + at, size - at, NULL)) > 0; at += n)
            graphemes++;
        if (text_width_cols(text, -1) != ROWS[i].width || graphemes != ROWS[i].graphemes)
            fail_msg("'%s': %d columns, %d graphemes", text, text_width_cols(text, -1), graphemes);
    }
}

static void test_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int cols;
        const char *ellipsis, *ascii, *padded;
    } ROWS[] = {
        {"Budget", 6, "Budget", "Budget", "Budget"},
        {"Budget", 8, "Budget", "Budget", "Budget  "},
        {"Budget", 5, "Budg…", "Bu...", "Budg…"},
        {"Budget", 1, "…", ".", "…"},
        {"Budget", 0, "", "", ""},
        {"Budget", -3, "", "", ""},
        {"Ada Lovelace", 5, "Ada…", "Ad...", "Ada… "},
        {"田中太郎", 5, "田中…", "田...", "田中…"},
        {"田中太郎", 4, "田…", "...", "田… "},
        {"e\u0301e\u0301e\u0301", 2, "e\u0301…", "..", "e\u0301…"},
        {"👩\u200D👩\u200D👧x", 2, "…", "..", "… "},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *ellipsis = text_ellipsize(ROWS[i].text, ROWS[i].cols, FALSE);
        g_autofree char *ascii = text_ellipsize(ROWS[i].text, ROWS[i].cols, TRUE);
        g_autofree char *padded = text_pad(ROWS[i].text, ROWS[i].cols, FALSE);
        assert_string_equal(ellipsis, ROWS[i].ellipsis);
        assert_string_equal(ascii, ROWS[i].ascii);
        assert_string_equal(padded, ROWS[i].padded);
    }
    int width;
    assert_int_equal(text_fit("a田b", -1, 2, &width), 1);
    assert_int_equal(width, 1);
}

typedef struct {
    const char *text;
    int cols;
    GString *joined;
    guint lines;
} Wrapped;

static void collect(gsize offset, gsize length, int width_cols, void *data)
{
    Wrapped *wrapped = data;

    assert_true(width_cols <= MAX(wrapped->cols, 2));
    assert_int_equal(text_width_cols(wrapped->text + offset, (gssize)length), width_cols);
    g_string_append_len(wrapped->joined, wrapped->text + offset, (gssize)length);
    g_string_append_c(wrapped->joined, '|');
    wrapped->lines++;
}

static void test_wrap(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int cols;
        const char *expected;
    } ROWS[] = {
        {"", 10, "|"},
        {"   ", 10, "|"},
        {"one two three", 20, "one two three|"},
        {"one two three", 7, "one two|three|"},
        {"one two   three", 8, "one two|three|"},
        {"one\ntwo\n", 8, "one|two||"},
        {"  indented text", 10, "  indented|text|"},
        {"    toolongtofit", 8, "toolongt|ofit|"},
        {"abcdefghij", 4, "abcd|efgh|ij|"},
        {"see abcdefghij", 6, "see|abcdef|ghij|"},
        {"a well-known fact", 8, "a well-|known|fact|"},
        {"日本語のテキスト", 6, "日本語|のテキ|スト|"},
        {"日本語。です", 6, "日本|語。で|す|"}, /* no line begins with a full stop */
        {"ab 日本語", 5, "ab 日|本語|"},
        {"go to https://example.org/a-b/c now", 24, "go to|https://example.org/a-b/|c now|"},
        {"x http://a.example/b-c", 20, "x|http://a.example/b-c|"},
        {"👩\u200D👩\u200D👧👩\u200D👩\u200D👧", 2, "👩\u200D👩\u200D👧|👩\u200D👩\u200D👧|"},
        {"日本", 1, "日|本|"},
        {"                \u0670", 14, "\u0670|"},
        {"naïve-café", 7, "naïve-|café|"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        Wrapped wrapped = {ROWS[i].text, ROWS[i].cols, g_string_new(NULL), 0};
        text_wrap(ROWS[i].text, strlen(ROWS[i].text), ROWS[i].cols, collect, &wrapped);
        assert_string_equal(wrapped.joined->str, ROWS[i].expected);
        g_string_free(wrapped.joined, TRUE);
    }
}

static void count(gsize offset, gsize length, int width_cols, void *data)
{
    (void)offset, (void)length, (void)width_cols;
    ++*(guint *)data;
}

/* A megabyte in one word, of each kind; what is quadratic would not come back. */
static void test_wrap_long(void **state)
{
    (void)state;
    static const char *const UNITS[] = {"a",       "é",      "日", "a-", "https://",
                                        "👩\u200D", "\u0301", "🇩",  " ",  "a "};
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++) {
        GString *text = g_string_new(NULL);
        while (text->len < 1 << 20)
            g_string_append(text, UNITS[i]);
        guint lines = 0;
        text_wrap(text->str, text->len, 72, count, &lines);
        assert_true(lines >= 1);
        g_string_free(text, TRUE);
    }
}

static void test_fold(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"Budget", "budget"},
        {"STRASSE", "strasse"},
        {"Straße", "strasse"},
        {"ﬁn", "fin"},
        {"Ｆｕｌｌ", "full"},
        {"E\u0301", "é"},
        {"", ""},
        {"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *folded = text_fold(ROWS[i][0]);
        assert_string_equal(folded, ROWS[i][1]);
    }
}

static void test_subject(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"Re: a", "a"},
        {"RE: Fwd: a", "a"},
        {"Re[2]: a", "a"},
        {"Re(3): a", "a"},
        {"AW: WG: a", "a"},
        {"Re:a", "a"},
        {"re : a", "a"},
        {"回复：会议", "会议"},
        {"Отв: да", "да"},
        {"Ответ: да", "да"},
        {"Re: [dev] a", "[dev] a"},
        {"[dev] Re: a", "[dev] Re: a"},
        {"Report: a", "Report: a"},
        {"re a", "re a"},
        {"Re:", ""},
        {"", ""},
        {"  Re: a", "a"},
        {"To: all", "To: all"},
        {"Re: Re: Re: Re: x", "x"},
        {"Кот: да", "Кот: да"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        assert_string_equal(text_subject_base(ROWS[i][0]), ROWS[i][1]);
}

/* A name that shows an address of another domain is not shown. */
static void test_person(void **state)
{
    static const struct {
        const char *name, *address, *shown;
    } ROWS[] = {
        {"Ada", "ada@example.org", "Ada"},
        {"", "ada@example.org", "ada@example.org"},
        {NULL, "ada@example.org", "ada@example.org"},
        {"Ada", NULL, "Ada"},
        {NULL, NULL, ""},
        {"ada@example.org", "ada@example.org", "ada@example.org"},
        {"Ada (ada@Example.ORG.)", "ada@example.org", "Ada (ada@Example.ORG.)"},
        {"shop@mail.example.org", "x@example.org", "shop@mail.example.org"},
        {"shop@example.org", "x@mail.example.org", "shop@example.org"},
        {"s@bank.org", "evil@x.org", "evil@x.org"},
        {"Äda <evil@x.y>", "s@x.org", "s@x.org"},
        {"s＠bank.org", "evil@x.org", "evil@x.org"},
        {"x@x.org, s@bank.org", "evil@x.org", "evil@x.org"},
        {"s@xample.org", "x@example.org", "x@example.org"},
        {"me @ home", "x@example.org", "me @ home"},
        {"C@fé", "x@example.org", "C@fé"},
        {"s@bank.org", "nowhere", "nowhere"},
        {"s@bank.org", "", "s@bank.org"}, /* there is nothing else */
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        assert_string_equal(text_person(ROWS[i].name, ROWS[i].address), ROWS[i].shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width),     cmocka_unit_test(test_fit),  cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_wrap_long), cmocka_unit_test(test_fold), cmocka_unit_test(test_subject),
        cmocka_unit_test(test_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
