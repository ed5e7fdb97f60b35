/* The small parts of src/store/: the hash, lists in columns, keys. */
#include "base/limits.h"
#include "store/key.h"
#include "store/siphash.h"
#include "store/text_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* Of the reference's test vectors (key 00 01 … 0f, message 00 01 02 …). */
static void test_siphash(void **state)
{
    (void)state;
    static const struct {
        guint size;
        uint64_t hash;
    } VECTORS[] = {{0, UINT64_C(0x726fdb47dd0e0e31)},
                   {1, UINT64_C(0x74f839c593dc67fd)},
                   {7, UINT64_C(0xab0200f58b01d137)},
                   {8, UINT64_C(0x93f5f5799a932462)},
                   {15, UINT64_C(0xa129ca6149be45e5)}};
    const uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    unsigned char message[16];

    for (guint i = 0; i < sizeof message; i++)
        message[i] = (unsigned char)i;
    for (guint i = 0; i < G_N_ELEMENTS(VECTORS); i++)
        assert_true(siphash(key, message, VECTORS[i].size) == VECTORS[i].hash);
}

static void test_people(void **state)
{
    (void)state;
    static const struct {
        StoreAddress addresses[5];
        guint n;
        const char *shown;
    } ROWS[] = {
        {{{NULL, NULL}}, 0, ""},
        {{{"Ada", "a@x"}}, 1, "Ada"},
        {{{"", "a@x"}}, 1, "a@x"},
        {{{NULL, NULL}}, 1, ""},
        {{{"", ""}, {"B", "b@x"}}, 2, "B"},
        {{{"Zoë, B.", "z@x"}, {"", "b@x"}}, 2, "Zoë, B., b@x"},
        {{{"A", ""}, {"B", ""}, {"C", ""}, {"D", ""}}, 4, "A, B, C, …"},
        {{{"\xff\xfe\xff", "\xfe\xff"}}, 1, "���"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        GString *list = g_string_new(NULL);
        text_list_write_addresses(list, ROWS[i].addresses, ROWS[i].n);
        g_autofree char *shown = text_list_people(list->str, list->len);
        assert_string_equal(shown, ROWS[i].shown);
        g_autoptr(GPtrArray) back = text_list_read_addresses(list->str, list->len);
        assert_int_equal(back->len, ROWS[i].n);
        g_string_free(list, TRUE);
    }
}

static void test_too_many_addresses(void **state)
{
    (void)state;
    g_autofree StoreAddress *many = g_new0(StoreAddress, LIMIT_ADDRESSES * 2);
    GString *list = g_string_new(NULL);

    text_list_write_addresses(list, many, LIMIT_ADDRESSES * 2);
    g_autoptr(GPtrArray) back = text_list_read_addresses(list->str, list->len);
    assert_int_equal(back->len, LIMIT_ADDRESSES);
    g_string_free(list, TRUE);
}

static gboolean collect(const char *text, gsize size, void *data)
{
    GString *all = data;

    g_string_append_len(all, text, (gssize)size);
    g_string_append_c(all, ' ');
    return !(size == 4 && !memcmp(text, "stop", 4));
}

static void test_strings_backwards(void **state)
{
    (void)state;
    const char *const strings[] = {"a", "stop", "", "b", NULL};
    GString *list = g_string_new(NULL), *seen = g_string_new(NULL);

    text_list_write_strings(list, strings);
    text_list_each_back(list->str, list->len, collect, seen);
    assert_string_equal(seen->str, "b  stop ");
    g_auto(GStrv) back = text_list_read_strings(list->str, list->len);
    assert_int_equal(g_strv_length(back), 4);
    assert_string_equal(back[3], "b");
    g_auto(GStrv) none = text_list_read_strings(NULL, 0);
    assert_null(none[0]);
    /* Bytes of a damaged row: an end, and nothing read past it. */
    static const char *const BROKEN[] = {"\xff", "\xfe\xff\xff", "no end",
                                         "a\xff"
                                         "b",
                                         "\xfe"};
    for (guint i = 0; i < G_N_ELEMENTS(BROKEN); i++) {
        g_autofree char *copy = g_memdup2(BROKEN[i], strlen(BROKEN[i]));
        g_autofree char *people = text_list_people(copy, strlen(BROKEN[i]));
        g_autoptr(GPtrArray) addresses = text_list_read_addresses(copy, strlen(BROKEN[i]));
        g_auto(GStrv) items = text_list_read_strings(copy, strlen(BROKEN[i]));
        text_list_each_back(copy, strlen(BROKEN[i]), collect, seen);
        assert_non_null(people);
    }
    g_string_free(list, TRUE);
    g_string_free(seen, TRUE);
}

static void test_keys(void **state)
{
    (void)state;
    int64_t key = key_make(KEY_FOLDERS_MAX, INT64_C(0xffffffff), KEY_TIES - 1);

    assert_true(key < INT64_C(1) << 53);
    assert_int_equal(key_folder(key), KEY_FOLDERS_MAX);
    assert_int_equal(key_seconds(key), INT64_C(0xffffffff));
    assert_int_equal(key, key_folder_last(KEY_FOLDERS_MAX));
    assert_int_equal(key_folder_first(2), key_folder_last(1) + 1);
}

static void test_role_names(void **state)
{
    (void)state;
    assert_string_equal(store_role_name(STORE_ROLE_INBOX), "inbox");
    assert_string_equal(store_role_name(STORE_ROLE_FLAGGED), "flagged");
    assert_string_equal(store_role_name((StoreRole)99), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_siphash),
        cmocka_unit_test(test_people),
        cmocka_unit_test(test_too_many_addresses),
        cmocka_unit_test(test_strings_backwards),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_role_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
