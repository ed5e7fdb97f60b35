/* test-ui-contacts.c - who is found by what is typed of an address, and in which order. */
#include "ui/contacts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *text, *found; /* parted by " | " */
} ROWS[] = {
    {"zo", "Zoë Brontë <zoe@example.com> | zora@example.org"},
    {"ZOË", "Zoë Brontë <zoe@example.com>"},
    {"bron", "Zoë Brontë <zoe@example.com>"},
    {"example.com", "Zoë Brontë <zoe@example.com>"},
    {"pat", "\"O'Neill, Pat\" <pat@example.org>"},
    {"shop", "Shop <info@shop.example> | Shop <noreply@shop.example>"},
    {"ronte", ""},
    {"", ""},
    {"evil", ""},
    /* a short name comes first; who is written down before who wrote; a list last, however often it is
     * used */
    {"team", "Bob <bob@example.org>, carl@example.org | Team lead <lead@example.org>"},
    {"board", "Zoë Brontë <zoe@example.com>, pat@example.org"},
    {"card", "Card Holder <card@example.org> | Card Holder <second@example.org> | cardiff@example.org"},
    {"holder", "Card Holder <card@example.org> | Card Holder <second@example.org>"},
    {"ace", "Card Holder <card@example.org> | Card Holder <second@example.org>"},
    {"dev", "Devon <devon@example.org> | Dev <dev@lists.example.org>"},
    {"pers", "Personal name <mailed@example.org>"},
    {"found", "Found <found@example.org>"},
    /* what another program answered, whether that stands in it or not */
    {"nick", "\"O'Neill, Pat\" <pat@example.org> | Found <found@example.org>"},
};

static char *const CARD_ADDRESSES[] = {"card@example.org", "second@example.org", NULL};
static char *const MAILED[] = {"mailed@example.org", NULL};
static char *const NOBODY[] = {NULL};

static const BookEntry ENTRIES[] = {
    {BOOK_OWN, "Card Holder", "ace", (char **)CARD_ADDRESSES, NULL, "tern", "BEGIN:VCARD\n"},
    {BOOK_FILE, "Other name", "", (char **)CARD_ADDRESSES, NULL, "khard", NULL},
    {BOOK_FILE, "Personal name", "", (char **)MAILED, NULL, "khard", NULL},
    {BOOK_FILE, "Board", "", (char **)NOBODY, "Zoë Brontë <zoe@example.com>, pat@example.org", "khard", NULL},
    {BOOK_ALIAS, "team", "team", (char **)NOBODY, "Bob <bob@example.org>, carl@example.org", "tern.conf",
     NULL},
};

static void test_find(void **state)
{
    Contacts *contacts = contacts_new();

    (void)state;
    contacts_add(contacts, "", "zora@example.org", 1);
    contacts_add(contacts, "Zoë Brontë", "zoe@example.com", 10);
    contacts_add(contacts, "Another name", "ZOE@example.com", 1);
    contacts_add(contacts, "O'Neill, Pat", "pat@example.org", 1);
    contacts_add(contacts, "Shop", "noreply@shop.example", 100);
    contacts_add(contacts, "Shop", "info@shop.example", 1);
    contacts_add(contacts, "evil", "no address", 1);
    contacts_add(contacts, "x", "evil\n@example.org", 1);
    contacts_add(contacts, "Team lead", "lead@example.org", 500);
    contacts_add(contacts, "", "cardiff@example.org", contacts_weight(FALSE, 0));
    contacts_add(contacts, "Company", "mailed@example.org", contacts_weight(FALSE, 0));
    contacts_add(contacts, "Dev", "dev@lists.example.org", 1000);
    contacts_mark_list(contacts, "DEV@lists.example.org");
    contacts_add(contacts, "Devon", "devon@example.org", contacts_weight(TRUE, INT64_C(10) * 365 * 86400));
    contacts_add_found(contacts, "nick", "Found", "found@example.org");
    contacts_add_found(contacts, "nick", "Found", "pat@example.org");
    for (gsize i = 0; i < G_N_ELEMENTS(ENTRIES); i++)
        contacts_add_entry(contacts, &ENTRIES[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GPtrArray) found = contacts_find(contacts, ROWS[i].text, 5);
        g_ptr_array_add(found, NULL);
        g_autofree char *all = g_strjoinv(" | ", (char **)found->pdata);
        assert_string_equal(all, ROWS[i].found);
    }
    assert_int_equal(contacts_get(contacts, "CARD@example.org")->source, CONTACT_OWN);
    assert_non_null(contacts_get(contacts, "card@example.org")->card);
    assert_int_equal(contacts_get(contacts, "mailed@example.org")->source, CONTACT_FILE);
    assert_null(contacts_get(contacts, "nobody@example.org"));
    g_autoptr(GPtrArray) all = contacts_list(contacts, "");
    assert_int_equal(all->len, 15);
    assert_true(((const Contact *)all->pdata[14])->is_list ||
                strstr(((const Contact *)all->pdata[14])->address, "noreply"));
    g_autoptr(GPtrArray) one = contacts_find(contacts, "example", 1);
    assert_int_equal(one->len, 1);
    contacts_free(contacts);
}

/* Sent counts most; use long ago less than use now. */
static void test_weight(void **state)
{
    const int64_t day = 86400;

    (void)state;
    assert_true(contacts_weight(TRUE, 0) > 9 * contacts_weight(FALSE, 0));
    assert_true(contacts_weight(TRUE, 300 * day) > contacts_weight(FALSE, 0));
    assert_true(contacts_weight(FALSE, 200 * day) < contacts_weight(FALSE, 10 * day));
    assert_true(contacts_weight(FALSE, -day) == contacts_weight(FALSE, 0)); /* from tomorrow */
    assert_true(contacts_weight(TRUE, INT64_MAX) >= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find), cmocka_unit_test(test_weight)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
