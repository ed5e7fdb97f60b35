/* test-compose-vcard.c - contacts as khard, abook, Apple, Outlook and phones write them; changed without
 * loss. */
#include "compose/vcard.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define CARD(lines) "BEGIN:VCARD\r\nVERSION:3.0\r\n" lines "END:VCARD\r\n"

/* All cards as one text: name <nickname> address,address {member,member}; parted by " | ". */
static char *told(const char *text, gsize size)
{
    g_autoptr(GPtrArray) cards = vcard_parse(text, size);
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < cards->len; i++) {
        const VCard *card = cards->pdata[i];
        g_autofree char *addresses = g_strjoinv(",", card->addresses);
        g_autofree char *members = g_strjoinv(",", card->members);
        g_string_append_printf(all, "%s%s%s%s%s %s", i ? " | " : "", card->name, *card->nickname ? " <" : "",
                               card->nickname, *card->nickname ? ">" : "", addresses);
        if (card->is_group)
            g_string_append_printf(all, " {%s}", members);
    }
    return g_string_free(all, FALSE);
}

static const struct {
    const char *text, *told;
} ROWS[] = {
    {CARD("FN:Zoë Brontë\r\nEMAIL:zoe@example.com\r\n"), "Zoë Brontë zoe@example.com"},
    {"BEGIN:VCARD\nFN:A\nEMAIL:a@b.example\nEND:VCARD\n", "A a@b.example"},
    {"\xEF\xBB\xBF" CARD("FN:A\r\nEMAIL:a@b.example\r\n"), "A a@b.example"},
    {"begin:vcard\nfn:A\nemail:a@b.example\nend:vcard", "A a@b.example"},
    /* names */
    {CARD("N:Lovelace;Ada;King;Lady;FRS\r\nEMAIL:a@b.example\r\n"), "Lady Ada King Lovelace FRS a@b.example"},
    {CARD("N:;;;;\r\nORG:Example\\, Ltd;Sales\r\nEMAIL:a@b.example\r\n"), "Example, Ltd a@b.example"},
    {CARD("FN:O'Neill\\, Pat\\nDr.\\; \\\\\r\nEMAIL:a@b.example\r\n"), "O'Neill, Pat Dr.; \\ a@b.example"},
    {CARD("FN:A\r\nNICKNAME:ace\r\nEMAIL:a@b.example\r\n"), "A <ace> a@b.example"},
    {CARD("NICKNAME:ace\r\nEMAIL:a@b.example\r\n"), "ace <ace> a@b.example"},
    {CARD("EMAIL:a@b.example\r\n"), " a@b.example"},
    /* folding */
    {CARD("FN:Zo\r\n ë Bro\r\n\tntë\r\nEMAIL;TYPE=\r\n work:zoe@ex\r\n ample.com\r\n"),
     "Zoë Brontë zoe@example.com"},
    /* the preferred address comes first, the others stay in order */
    {CARD("FN:A\r\nEMAIL:1@b.example\r\nEMAIL;TYPE=home,PREF:2@b.example\r\nEMAIL:3@b.example\r\n"),
     "A 2@b.example,1@b.example,3@b.example"},
    {CARD("FN:A\r\nEMAIL;PREF=2:1@b.example\r\nEMAIL;PREF=1:2@b.example\r\n"), "A 2@b.example,1@b.example"},
    {"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:A\r\nEMAIL;INTERNET:1@b.example\r\nEMAIL;PREF;INTERNET:2@b."
     "example\r\nEND:VCARD\r\n",
     "A 2@b.example,1@b.example"},
    {CARD("FN:A\r\nEMAIL;TYPE=\"a;b:c\":1@b.example\r\n"), "A 1@b.example"},
    {CARD("FN:A\r\nitem1.EMAIL;type=INTERNET;type=pref:1@b.example\r\nitem1.X-ABLabel:_$!<Other>!$_\r\n"),
     "A 1@b.example"},
    {CARD("FN:A\r\nEMAIL:mailto:1@b.example\r\nEMAIL:no address\r\nTEL:+49 30 1\r\n"), "A 1@b.example"},
    /* 2.1: quoted-printable over lines, and charsets */
    {"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Bront=C3=AB;Zo=\r\n=C3=AB;;;"
     "\r\n"
     "EMAIL;INTERNET:zoe@example.com\r\nEND:VCARD\r\n",
     "Zoë Brontë zoe@example.com"},
    {"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Zo=EB\r\nEMAIL:z@b.example\r\nEND:"
     "VCARD\r\n",
     "Zoë z@b.example"},
    {"BEGIN:VCARD\r\nFN:Zo\xEB\r\nEMAIL:z@b.example\r\nEND:VCARD\r\n", "Zoë z@b.example"},
    /* groups */
    {CARD("KIND:group\r\nFN:Team\r\nMEMBER:urn:uuid:1\r\nMEMBER:mailto:a@b.example\r\n"),
     "Team  {urn:uuid:1,mailto:a@b.example}"},
    {CARD("X-ADDRESSBOOKSERVER-KIND:group\r\nFN:Team\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1\r\n"),
     "Team  {urn:uuid:1}"},
    /* broken files */
    {CARD("FN:A\r\n") CARD("FN:B\r\n"), "A  | B "},
    {"BEGIN:VCARD\r\nFN:lost\r\n" CARD("FN:B\r\nEMAIL:b@b.example\r\n"), "B b@b.example"},
    {"FN:outside\r\n" CARD("FN:B\r\n") "EMAIL:c@b.example\r\nEND:VCARD\r\n", "B "},
    {"BEGIN:VCARD\r\nFN:no end\r\n", ""},
    {CARD("no property\r\n:\r\n;:\r\n=\r\n.:x\r\n \r\nFN:A\r\n"), "A "},
    {" \n \n", ""},
    {"", ""},
};

static void test_parse(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *all = told(ROWS[i].text, strlen(ROWS[i].text));
        assert_string_equal(all, ROWS[i].told);
    }
}

/* Cut anywhere it is read without harm, and all that had ended is there. */
static void test_cut(void **state)
{
    const char *text = CARD("FN:A\r\nEMAIL:a@b.example\r\n") CARD("FN;ENCODING=QUOTED-PRINTABLE:=\r\n =\r\n");
    const gsize first = (gsize)(strstr(text, "END:VCARD") - text) + strlen("END:VCARD");

    (void)state;
    for (gsize size = 0; size <= strlen(text); size++) {
        g_autofree char *cut = g_memdup2(text, size ? size : 1);
        g_autoptr(GPtrArray) cards = vcard_parse(cut, size);
        assert_int_equal(cards->len, size < first ? 0 : size < strlen(text) - 2 ? 1 : 2);
    }
}

/* A photograph is passed over; what is too much is not taken. */
static void test_limits(void **state)
{
    g_autofree char *photo = g_strnfill(3 << 20, 'A'), *name = g_strnfill(LIMIT_VCARD_LINE_BYTES - 3, 'x');
    g_autoptr(GString) text = g_string_new("BEGIN:VCARD\nPHOTO;ENCODING=b:");

    (void)state;
    g_string_append_printf(text, "%s\n %s\nFN:%s\n", photo, photo, name);
    for (int i = 0; i < LIMIT_VCARD_VALUES + 1; i++)
        g_string_append_printf(text, "EMAIL:%d@b.example\n", i);
    g_string_append(text, "END:VCARD\n");
    g_autoptr(GPtrArray) cards = vcard_parse(text->str, text->len);
    const VCard *card = cards->pdata[0];
    assert_string_equal(card->name, name);
    assert_int_equal(g_strv_length(card->addresses), LIMIT_VCARD_VALUES);
    g_string_replace(text, "FN:", "FN:x", 1);
    g_autoptr(GPtrArray) longer = vcard_parse(text->str, text->len);
    assert_string_equal(((const VCard *)longer->pdata[0])->name, "");
}

static void test_new(void **state)
{
    const char *addresses[] = {"zoe@example.com", "\"a;b\"@example.org", NULL};
    g_autofree char *name = g_strnfill(100, 'y'), *whole = g_strconcat("Zoë, ", name, "; \\ Brontë", NULL);
    g_autofree char *card = vcard_new(whole, addresses);
    g_autoptr(GPtrArray) cards = vcard_parse(card, strlen(card));
    const VCard *read = cards->pdata[0];

    (void)state;
    assert_int_equal(cards->len, 1);
    assert_string_equal(read->name, whole);
    assert_string_equal(read->addresses[0], addresses[0]);
    assert_string_equal(read->addresses[1], addresses[1]);
    assert_true(g_str_has_prefix(read->uid, "urn:uuid:"));
    for (const char *line = card; *line; line = strchr(line, '\n') + 1)
        assert_true(strcspn(line, "\r") <= 75);
    assert_null(strstr(card, "\n\n"));
}

/* Another name, another address: what else the card holds stays byte for byte. */
static void test_change(void **state)
{
    const char *card =
        CARD("FN:Zoë\r\nN:;Zoë;;;\r\nPHOTO;ENCODING=b:AAAA\r\n BBBB\r\n"
             "item1.EMAIL;TYPE=work:zoe@example.com\r\nEMAIL:old@example.com\r\nTEL:+49 30 1\r\n");
    const char *addresses[] = {"ZOE@example.com", "new@example.org", NULL};
    g_autofree char *same = vcard_change(card, strlen(card), "Zoë", addresses);
    g_autofree char *changed = vcard_change(card, strlen(card), "Zoë Brontë", addresses);

    (void)state;
    assert_string_equal(same, CARD("FN:Zoë\r\nN:;Zoë;;;\r\nPHOTO;ENCODING=b:AAAA\r\n BBBB\r\n"
                                   "item1.EMAIL;TYPE=work:zoe@example.com\r\nTEL:+49 30 1\r\n"
                                   "EMAIL;TYPE=internet:new@example.org\r\n"));
    assert_string_equal(changed,
                        CARD("PHOTO;ENCODING=b:AAAA\r\n BBBB\r\nitem1.EMAIL;TYPE=work:zoe@example.com\r\n"
                             "TEL:+49 30 1\r\nFN:Zoë Brontë\r\nN:Brontë;Zoë;;;\r\n"
                             "EMAIL;TYPE=internet:new@example.org\r\n"));
}

/* Neither a name nor an address: still a card that can be read. */
static void test_nobody(void **state)
{
    static const char *const NONE[] = {NULL};
    g_autofree char *made = vcard_new("", NONE);
    g_autofree char *changed = vcard_change(made, strlen(made), "Zoë", NONE);
    g_autofree char *back = vcard_change(changed, strlen(changed), "", NONE);
    g_autoptr(GPtrArray) cards = vcard_parse(back, strlen(back));

    (void)state;
    assert_non_null(strstr(changed, "FN:Zoë"));
    assert_non_null(strstr(back, "FN:\r\n"));
    assert_true(cards->len <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse),  cmocka_unit_test(test_cut),
                                       cmocka_unit_test(test_limits), cmocka_unit_test(test_new),
                                       cmocka_unit_test(test_change), cmocka_unit_test(test_nobody)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
