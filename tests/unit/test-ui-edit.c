/* test-ui-edit.c - typing a line, finding names by letters, numbers for people. */
#include "ui/edit.h"
#include "ui/format.h"
#include "ui/fuzzy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *keys, *text; /* keys: names parted by blanks */
} TYPED[] = {
    {"a b c", "abc"},
    {"a b c BS", "ab"},
    {"a b Left x", "axb"},
    {"a b C-a x", "xab"},
    {"a b c C-a Right Del", "ac"},
    {"a b C-a C-d C-e z", "bz"},
    {"a Space b Space c C-w", "a b "},
    {"a Space b C-u", ""},
    {"a b c C-a C-k", ""},
    {"ż ó Left BS", "ó"},
    {"ż ó C-b C-b x", "xżó"},
    {"a Space b M-b x", "a xb"},
    {"a Space b C-a M-f x", "ax b"},
    {"Left Left a", "a"},
    {"a Right Right b", "ab"},
    {"a C-a BS b", "ba"}, /* nothing stands before the cursor */
    {"a F1 C-l b", "ab"}, /* other keys do nothing */
    {"a Space b C-w C-a C-y", "ba "},
    {"a b C-a C-k C-y C-y", "abab"},
    {"a Space b M-BS c", "a c"},
    {"a Space b C-a M-d C-e C-y", " ba"},
    {"C-y a", "a"}, /* nothing was taken away yet */
    {"a b C-t", "ba"},
    {"a b ż Left C-t x", "ażbx"},
    {"a C-t", "a"},
    {"C-t", ""},
};

static void test_typing(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(TYPED); i++) {
        g_auto(GStrv) keys = g_strsplit(TYPED[i].keys, " ", -1);
        Edit edit;
        edit_init(&edit, "");
        for (int k = 0; keys[k]; k++) {
            Key key[KEYS_MAX];
            assert_int_equal(keys_parse(keys[k], key, NULL), 1);
            EditResult result = edit_key(&edit, key[0]);
            assert_true(result != EDIT_ACCEPTED && result != EDIT_CANCELLED);
            assert_true(edit.cursor <= edit.text->len);
        }
        assert_string_equal(edit.text->str, TYPED[i].text);
        edit_clear(&edit);
    }
}

static void test_ends(void **state)
{
    Edit edit;

    (void)state;
    edit_init(&edit, "a");
    assert_int_equal(edit_key(&edit, key_named("Enter")), EDIT_ACCEPTED);
    assert_int_equal(edit_key(&edit, key_named("Esc")), EDIT_CANCELLED);
    assert_int_equal(edit_key(&edit, KEY_CONTROL('c')), EDIT_CANCELLED);
    assert_int_equal(edit_key(&edit, key_named("BS")), EDIT_CHANGED);
    assert_int_equal(edit_key(&edit, key_named("BS")), EDIT_CANCELLED);
    edit_clear(&edit);
}

/* A cluster goes as a whole, and a line has an end. */
static void test_clusters_and_limit(void **state)
{
    Edit edit;

    (void)state;
    edit_init(&edit, "e\xcc\x81");
    assert_int_equal(edit_key(&edit, key_named("BS")), EDIT_CHANGED);
    assert_string_equal(edit.text->str, "");
    for (int i = 0; i < 10000; i++)
        edit_key(&edit, 'x');
    assert_int_equal(edit.text->len, 4096);
    edit_clear(&edit);
}

static void test_paste(void **state)
{
    static const struct {
        const char *pasted, *text;
    } ROWS[] = {
        {"word", "a word b"},
        {"", "a  b"},
        {"line\n", "a line b"},
        {"two\nlines\r\n", "a two lines b"},
        {"\x1b]52;c;ZXZpbA==\x07", "a ·]52;c;ZXZpbA==· b"},
        {"\xff\xfe", "a \xef\xbf\xbd\xef\xbf\xbd b"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        Edit edit;
        edit_init(&edit, "a  b");
        edit.cursor = 2;
        edit_paste(&edit, ROWS[i].pasted);
        assert_string_equal(edit.text->str, ROWS[i].text);
        edit_clear(&edit);
    }
    /* What is too long is cut between characters. */
    g_autofree char *many = g_strnfill(4095, 'x'), *longer = g_strconcat(many, "żż", NULL);
    Edit edit;
    edit_init(&edit, "");
    edit_paste(&edit, longer);
    assert_int_equal(edit.text->len, 4095);
    edit_clear(&edit);
    /* A secret is taken as it is, up to its line's end. */
    edit_init(&edit, "");
    edit.is_secret = TRUE;
    edit_paste(&edit, " p\xe2\x80\xae\x01w \nnext");
    assert_string_equal(edit.text->str, " p\xe2\x80\xae\x01w ");
    edit_clear(&edit);
}

static const struct {
    const char *pattern, *better, *worse; /* worse NULL: does not fit */
} FUZZY[] = {
    {"tern", "tern", "lantern"},
    {"pt", "Projects/tern", "receipts"},
    {"arch", "Archive", "search"},
    {"inb", "INBOX", "main-banner"},
    {"nu", "next-unread", "menu"},
    {"żó", "Żółć", NULL},
    {"zz", "jazz", NULL},
    {"häu", "Projects/Häuser", NULL},
    {"sync", "sync", "sync-all"},
    {"bob inb", "bob/INBOX", NULL},
    {" arch ", "Archive", "search"},
    {"sent i", "Sent items", "Presents, in all"},
};

static void test_fuzzy(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(FUZZY); i++) {
        int better = fuzzy_score(FUZZY[i].pattern, FUZZY[i].better);
        int worse = fuzzy_score(FUZZY[i].pattern, FUZZY[i].worse ? FUZZY[i].worse : "nothing of it");
        if (better <= worse || (!FUZZY[i].worse && worse != -1))
            fail_msg("“%s”: %d, %d", FUZZY[i].pattern, better, worse);
    }
    assert_int_equal(fuzzy_score("", "anything"), 0);
    assert_int_equal(fuzzy_score("a", ""), -1);
}

static void test_count(void **state)
{
    static const struct {
        gint64 number;
        const char *text;
    } ROWS[] = {{0, "0"},          {999, "999"},           {1000, "1,000"},
                {98113, "98,113"}, {1000000, "1,000,000"}, {-1234, "-1,234"}};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *text = format_count(ROWS[i].number);
        assert_string_equal(text, ROWS[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typing),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_clusters_and_limit),
        cmocka_unit_test(test_paste),
        cmocka_unit_test(test_fuzzy),
        cmocka_unit_test(test_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
