/* test-compose-book.c - people that are written down: aliases, contact files of others and one's own, a
 * query-command. */
#include "temp-folder.h"

#include "base/error.h"
#include "base/limits.h"
#include "compose/alias.h"
#include "compose/book.h"
#include "compose/lookup.h"
#include "compose/vcard.h"
#include "mime/write.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static Config *config_of(const char *text)
{
    return config_parse(text, strlen(text), "tern.conf", 0);
}

/* ---- aliases ---- */

static const char ALIASES[] = "[aliases]\n"
                              "zoe = Zoë Brontë <zoe@example.com>\n"
                              "Straße = s@example.org\n"
                              "team = zoe, bob@example.org\n"
                              "all = team, ZOE\n"
                              "board = Board: ada@example.org, zoe;\n"
                              "loop = a@example.org, loop2\n"
                              "loop2 = loop\n"
                              "bad = nobody at all <\n"
                              "b.a,d = x@example.org\n";

static const struct {
    const char *typed, *whole;
} EXPANDED[] = {
    {"zoe", "Zoë Brontë <zoe@example.com>"},
    {" Zoe , pat@example.org", " Zoë Brontë <zoe@example.com>, pat@example.org"},
    {"STRASSE", "s@example.org"},
    {"team", "Zoë Brontë <zoe@example.com>, bob@example.org"},
    {"all", "Zoë Brontë <zoe@example.com>, bob@example.org, Zoë Brontë <zoe@example.com>"},
    {"board", "Board: ada@example.org, Zoë Brontë <zoe@example.com>;"},
    {"Friends: zoe;", "Friends: Zoë Brontë <zoe@example.com>;"},
    {"loop", "a@example.org, loop"},
    /* no alias is what is part of something */
    {"\"zoe\" <x@example.org>", "\"zoe\" <x@example.org>"},
    {"\"a, zoe, b\" <x@example.org>", "\"a, zoe, b\" <x@example.org>"},
    {"zoe@example.org, x <zoe>", "zoe@example.org, x <zoe>"},
    {"zoe zoe", "zoe zoe"},
    {"", ""},
    {", ,", ", ,"},
};

static void test_alias(void **state)
{
    g_autoptr(Config) config = config_of(ALIASES);

    (void)state;
    assert_int_equal(config_problems(config)->len, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(EXPANDED); i++) {
        g_autofree char *whole = alias_expand(config, EXPANDED[i].typed);
        assert_string_equal(whole, EXPANDED[i].whole);
    }
}

/* Each stands for ten of the next: it stops growing at the limit. */
static void test_alias_bomb(void **state)
{
    g_autoptr(GString) text = g_string_new("[aliases]\n");

    (void)state;
    for (int i = 0; i < 12; i++) {
        g_string_append_printf(text, "a%d = ", i);
        for (int k = 0; k < 10; k++)
            g_string_append_printf(text, "%sa%d", k ? "," : "", i + 1);
        g_string_append_c(text, '\n');
    }
    g_autoptr(Config) config = config_of(text->str);
    g_autofree char *whole = alias_expand(config, "a0");
    assert_true(strlen(whole) < 2 * LIMIT_ALIAS_BYTES);
}

static void test_alias_check(void **state)
{
    g_autofree char *text = g_strconcat(ALIASES, "STRASSE = x@example.org\n", NULL);
    g_autoptr(Config) config = config_of(text);
    ConfigProblems problems;

    (void)state;
    config_problems_init(&problems, "tern.conf");
    alias_check(config, &problems);
    assert_int_equal(problems.list->len, 5); /* both loops, bad, b.a,d, Straße again */
    assert_int_equal(((const ConfigProblem *)problems.list->pdata[0])->line, 7);
    assert_non_null(strstr(((const ConfigProblem *)problems.list->pdata[0])->text, "“loop” has no “@”"));
    assert_int_equal(((const ConfigProblem *)problems.list->pdata[3])->line, 10);
    assert_int_equal(((const ConfigProblem *)problems.list->pdata[4])->line, 11);
    assert_non_null(
        strstr(((const ConfigProblem *)problems.list->pdata[4])->text, "same as Straße in line 3"));
    config_problems_clear(&problems);
}

/* ---- the book ---- */

typedef struct {
    char *folder, *data, *others;
    Config *config;
} Place;

static void write_in(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static int place_new(void **state)
{
    Place *place = g_new0(Place, 1);

    place->folder = temp_folder_new();
    place->data = g_build_filename(place->folder, "data", NULL);
    place->others = g_build_filename(place->folder, "khard", NULL);
    g_autofree char *deep = g_build_filename(place->others, "work", NULL);
    assert_int_equal(g_mkdir_with_parents(deep, 0700), 0);
    g_autofree char *text = g_strdup_printf(
        "[tern]\ncontacts = %s; %s/none.vcf\n[aliases]\nteam = a@example.org, b@example.org\n", place->others,
        place->folder);
    place->config = config_of(text);
    write_in(deep, "1.vcf",
             "BEGIN:VCARD\nUID:1\nFN:Pat O'Neill\nNICKNAME:pat\nEMAIL:bad "
             "address\nEMAIL:pat@example.com\nEND:VCARD\n");
    write_in(place->others, "2.vcf",
             "BEGIN:VCARD\nKIND:group\nFN:Both\nMEMBER:urn:uuid:1\nMEMBER:mailto:zoe@example.com\nMEMBER:urn:"
             "uuid:9\n"
             "END:VCARD\nBEGIN:VCARD\nFN:No mail\nEND:VCARD\n");
    write_in(place->others, "ignored.txt", "BEGIN:VCARD\nFN:X\nEMAIL:x@example.com\nEND:VCARD\n");
    *state = place;
    return 0;
}

static int place_free(void **state)
{
    Place *place = *state;

    temp_folder_free(place->folder);
    config_unref(place->config);
    g_free(place->data);
    g_free(place->others);
    g_free(place);
    return 0;
}

/* "source name addresses|list @place" of each, parted by " / ". */
static char *told(const Place *place, char **notice_out)
{
    g_autoptr(GPtrArray) entries = book_read(place->config, place->data, notice_out);
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < entries->len; i++) {
        const BookEntry *entry = entries->pdata[i];
        g_autofree char *addresses = g_strjoinv(",", entry->addresses);
        g_string_append_printf(all, "%s%d %s %s @%s", i ? " / " : "", (int)entry->source, entry->name,
                               entry->list ? entry->list : addresses, entry->place);
    }
    return g_string_free(all, FALSE);
}

#define OTHERS                                                                                               \
    "1 Pat O'Neill pat@example.com @khard / 1 Both Pat O'Neill <pat@example.com>, zoe@example.com @khard / " \
    "2 team a@example.org, b@example.org @tern.conf"

static void test_read(void **state)
{
    const Place *place = *state;
    g_autofree char *notice = NULL, *all = told(place, &notice);

    assert_string_equal(all, OTHERS);
    assert_non_null(strstr(notice, "none.vcf"));
}

static void test_put(void **state)
{
    const Place *place = *state;
    g_autoptr(GError) error = NULL;
    const char *zoe[] = {"zoe@example.com", NULL}, *bob[] = {"bob@example.org", NULL};
    g_autofree char *first = vcard_new("Zoë", zoe), *second = vcard_new("Bob", bob);
    g_autofree char *changed = vcard_change(first, strlen(first), "Zoë Brontë", zoe);

    assert_true(book_put(place->data, NULL, first, NULL));
    assert_true(book_put(place->data, NULL, second, NULL));
    g_autofree char *both = told(place, NULL);
    assert_string_equal(both, "0 Zoë zoe@example.com @tern / 0 Bob bob@example.org @tern / " OTHERS);
    assert_true(book_put(place->data, first, changed, NULL));
    assert_false(book_put(place->data, first, NULL, &error)); /* another one by now */
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    assert_true(book_put(place->data, second, NULL, NULL));
    g_autofree char *one = told(place, NULL);
    assert_string_equal(one, "0 Zoë Brontë zoe@example.com @tern / " OTHERS);
    assert_true(book_put(place->data, changed, NULL, NULL));
    g_autofree char *none = told(place, NULL);
    assert_string_equal(none, OTHERS);
}

/* A file that another program has left without a line end, with a card that tern cannot use. */
static void test_put_beside(void **state)
{
    const Place *place = *state;
    const char *zoe[] = {"zoe@example.com", NULL};
    g_autofree char *card = vcard_new("Zoë", zoe),
                    *path = g_build_filename(place->data, "contacts.vcf", NULL);
    g_autofree char *text = NULL;
    GStatBuf is;

    assert_int_equal(g_mkdir_with_parents(place->data, 0700), 0);
    write_in(place->data, "contacts.vcf", "BEGIN:VCARD\nFN:No mail\nEND:VCARD");
    assert_true(book_put(place->data, NULL, card, NULL));
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_true(g_str_has_prefix(text, "BEGIN:VCARD\nFN:No mail\nEND:VCARD\r\nBEGIN:VCARD\r\n"));
    assert_int_equal(g_stat(path, &is), 0);
    assert_int_equal(is.st_mode & 0777, 0600);
}

/* A link stays one, and what it leads to is written. */
static void test_own_file_is_a_link(void **state)
{
    const Place *place = *state;
    g_autofree char *link = g_build_filename(place->data, "contacts.vcf", NULL), *text = NULL;
    g_autofree char *target = g_build_filename(place->folder, "mine.vcf", NULL);
    const char *const addresses[] = {"zoe@example.com", NULL};
    g_autofree char *card = vcard_new("Zoe", addresses);
    g_autoptr(GError) error = NULL;

    g_mkdir_with_parents(place->data, 0700);
    unlink(link);
    assert_int_equal(symlink(target, link), 0);
    assert_false(book_put(place->data, NULL, card, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    assert_false(g_file_test(target, G_FILE_TEST_EXISTS));
    assert_true(g_file_set_contents(target, "", -1, NULL));
    assert_true(book_put(place->data, NULL, card, NULL));
    assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    assert_true(g_file_get_contents(target, &text, NULL, NULL));
    assert_string_equal(text, card);
}

/* ---- looking up ---- */

static const struct {
    const char *output, *found;
} OUTPUTS[] = {
    {"Searching … 2 found\nzoe@example.com\tZoë Brontë\tfriend\npat@example.org\tO'Neill, Pat\n",
     "Zoë Brontë <zoe@example.com> / \"O'Neill, Pat\" <pat@example.org>"},
    {"zoe@example.com\tZoë\n", "Zoë <zoe@example.com>"},
    {"\nzoe@example.com\t\t\n", "zoe@example.com"},
    {"x\n zoe@example.com \t Zoë \r\n", "Zoë <zoe@example.com>"},
    {"x\nzoe@example.com\tZo\xEB\n", "Zoë <zoe@example.com>"},
    {"x\nzoe@example.com\tZ\x1b[31m\n", "\"Z·[31m\" <zoe@example.com>"},
    {"zoe@example.com found nobody\nno address\tX\na@b@c\tX\n", ""},
    {"", ""},
};

static void test_lookup_parse(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(OUTPUTS); i++) {
        g_autoptr(GPtrArray) found = lookup_parse(OUTPUTS[i].output);
        g_autoptr(GString) all = g_string_new(NULL);
        for (guint k = 0; k < found->len; k++) {
            g_autofree char *one = mime_mailbox_format(found->pdata[k]);
            g_string_append_printf(all, "%s%s", k ? " / " : "", one);
        }
        assert_string_equal(all->str, OUTPUTS[i].found);
    }
}

static const struct {
    const char *command, *typed, *words; /* parted by '|' */
} WORDS[] = {
    {"khard email %s", "zo", "khard|email|zo"},
    {"lbdbq", "zoe b", "lbdbq|zoe b"},
    {"abook --mutt-query '%s'", "$(touch x); `y`", "abook|--mutt-query|$(touch x); `y`"},
    {"a --query=%s %s", "z", "a|--query=z|z"},
    {"a %s", "--exec=x", "a|exec=x"},
    {"%s", "z", "%s|z"},
    {"a %s", "%s", "a|%s"},
};

static void test_lookup_words(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        g_auto(GStrv) words = lookup_words(WORDS[i].command, WORDS[i].typed, NULL);
        g_autofree char *all = g_strjoinv("|", words);
        assert_string_equal(all, WORDS[i].words);
    }
    assert_null(lookup_words("a 'b", "z", &error));
    assert_true(tern_error_is(error, TERN_ERROR_CONFIG));
}

static void test_lookup_run(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found =
        lookup_run("sh -c 'printf \"x\\n$1@example.org\\tfound\\n\"' x %s", "zoe", NULL, &error);

    (void)state;
    assert_null(error);
    assert_int_equal(found->len, 1);
    /* one that knows nobody says so by its status; what it prints is looked at all the same */
    g_autoptr(GPtrArray) nobody = lookup_run("false", "zoe", NULL, &error);
    assert_null(error);
    assert_int_equal(nobody->len, 0);
    g_autoptr(GPtrArray) some =
        lookup_run("sh -c 'printf \"zoe@x.org\tZoe\n\"; exit 1'", "zoe", NULL, &error);
    assert_int_equal(some->len, 1);
    assert_null(lookup_run("sh -c 'echo broken >&2; exit 1'", "zoe", NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    assert_non_null(strstr(error->message, "broken"));
    g_clear_error(&error);
    assert_null(lookup_run("sh -c 'kill -9 $$'", "zoe", NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    g_clear_error(&error);
    assert_null(lookup_run("/no/such/program", "zoe", NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alias),
        cmocka_unit_test(test_alias_bomb),
        cmocka_unit_test(test_alias_check),
        cmocka_unit_test_setup_teardown(test_read, place_new, place_free),
        cmocka_unit_test_setup_teardown(test_put, place_new, place_free),
        cmocka_unit_test_setup_teardown(test_put_beside, place_new, place_free),
        cmocka_unit_test_setup_teardown(test_own_file_is_a_link, place_new, place_free),
        cmocka_unit_test(test_lookup_parse),
        cmocka_unit_test(test_lookup_words),
        cmocka_unit_test(test_lookup_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
