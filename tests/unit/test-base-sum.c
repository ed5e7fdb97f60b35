/* SHA-256, in pieces of all sizes. */
#include "base/sum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* FIPS 180-4's own examples, and nothing at all. */
static void test_known(void **state)
{
    static const struct {
        const char *text, *digits;
    } ROWS[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    g_autoptr(Sum) sum = sum_new();
    char digits[SUM_DIGITS + 1];

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        sum_begin(sum);
        sum_add(sum, ROWS[i].text, strlen(ROWS[i].text));
        sum_end(sum, digits);
        assert_string_equal(digits, ROWS[i].digits);
    }
}

/* Gathered or not, from one byte to more than is gathered: as GLib's, which has another maker. */
static void test_pieces(void **state)
{
    static const gsize PIECES[] = {1, 7, 80, 4096, 8191, 8192, 8193, 50000};
    const gsize size = 50000;
    g_autofree guint8 *bytes = g_malloc(size);
    g_autoptr(Sum) sum = sum_new();
    char digits[SUM_DIGITS + 1];

    (void)state;
    for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8)(i * 31 + i / 251);
    g_autofree char *expected = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, size);
    for (gsize i = 0; i < G_N_ELEMENTS(PIECES); i++) {
        sum_begin(sum);
        sum_add(sum, "forgotten", 9);
        sum_begin(sum);
        for (gsize at = 0; at < size; at += PIECES[i]) {
            sum_add(sum, bytes + at, MIN(PIECES[i], size - at));
            sum_add(sum, bytes, 0);
        }
        sum_end(sum, digits);
        assert_string_equal(digits, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
