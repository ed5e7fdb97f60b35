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
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GPtrArray) found = contacts_find(contacts, ROWS[i].text, 5);
        g_ptr_array_add(found, NULL);
        g_autofree char *all = g_strjoinv(" | ", (char **)found->pdata);
        assert_string_equal(all, ROWS[i].found);
    }
    g_autoptr(GPtrArray) one = contacts_find(contacts, "example", 1);
    assert_int_equal(one->len, 1);
    contacts_free(contacts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
