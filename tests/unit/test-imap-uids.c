/* What is done with UIDs: sets that lose members, COPYUID, and the map of sequence numbers, which is compared
 * with a plain array over thousands of random steps. */
#include "base/clock.h"
#include "imap/copied.h"
#include "imap/uid_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_set_remove(void **state)
{
    static const struct {
        const char *text;
        uint32_t first, last;
        const char *expected;
    } ROWS[] = {
        {"1:10", 3, 5, "1:2,6:10"},
        {"1:10", 1, 5, "6:10"},
        {"1:10", 5, 10, "1:4"},
        {"1:10", 1, 4294967295, ""},
        {"5,7,9", 6, 8, "5,9"},
        {"5:7,9:11", 7, 9, "5:6,10:11"},
        {"5", 1, 4, "5"},
        {"5", 6, 9, "5"},
        {"4294967295", 4294967295, 4294967295, ""},
        {"4294967290:4294967295", 4294967292, 4294967293, "4294967290:4294967291,4294967294:4294967295"},
        {"9,3:5,1", 4, 4, "1,3,5,9"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(ImapUidSet) set = imap_uid_set_parse(ROWS[i].text, 0);
        imap_uid_set_remove_range(set, ROWS[i].first, ROWS[i].last);
        g_autofree char *text = imap_uid_set_text(set);
        assert_string_equal(text, ROWS[i].expected);
    }
}

static void add_pair(uint32_t old_uid, uint32_t new_uid, void *data)
{
    g_string_append_printf(data, "%u>%u ", old_uid, new_uid);
}

static void test_copied(void **state)
{
    static const struct {
        const char *code;
        const char *expected; /* NULL: refused */
    } ROWS[] = {
        {"COPYUID 9 1 5", "1>5 "},
        {"copyuid 9 1:3 7:9", "1>7 2>8 3>9 "},
        {"COPYUID 9 304,319:320 3956:3958", "304>3956 319>3957 320>3958 "},
        {"COPYUID 9 5,1 1:2", "5>1 1>2 "},
        {"COPYUID 9 4:2 8:6", "2>6 3>7 4>8 "}, /* "4:2" is 2:4 (RFC 4315, 3) */
        {"COPYUID 9 1:2,5:6 9,3:4,1", "1>9 2>3 5>4 6>1 "},
        {"COPYUID 9 1 4294967295", "1>4294967295 "},
        {"COPYUID 9 1:3 1:2", NULL},
        {"COPYUID 9 1:2 1:3", NULL},
        {"COPYUID 9 1:11 1:11", NULL}, /* more than there can be */
        {"COPYUID 9 1:4294967295 1:4294967295", NULL},
        {"COPYUID 8 1 1", NULL}, /* another folder than before */
        {"COPYUID 9 1", NULL},
        {"COPYUID 9 1, 1", NULL},
        {"COPYUID 9 1 ,1", NULL},
        {"COPYUID 9 1,,2 1:2", NULL},
        {"COPYUID 9 * 1", NULL},
        {"COPYUID 9 x 1", NULL},
        {"COPYUID 9 0 1", NULL},
        {"COPYUID 0 1 1", NULL},
        {"COPYUID 9 1 1 1", NULL},
        {"COPYUID 9  1 1", NULL},
        {"COPYUID", NULL},
        {"APPENDUID 9 1", NULL},
        {NULL, NULL},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(ImapCopied) copied = imap_copied_new();
        g_autoptr(GString) text = g_string_new(NULL);
        assert_true(imap_copied_add_code(copied, "COPYUID 9 100 200", 1));
        assert_int_equal(imap_copied_add_code(copied, ROWS[i].code, 10), ROWS[i].expected != NULL);
        imap_copied_foreach(copied, add_pair, text);
        assert_true(g_str_has_prefix(text->str, "100>200 "));
        assert_string_equal(text->str + strlen("100>200 "), ROWS[i].expected ? ROWS[i].expected : "");
        assert_int_equal(imap_copied_uid_validity(copied), 9);
        assert_int_equal(imap_copied_find(copied, 100), 200);
        assert_int_equal(imap_copied_find(copied, 99), 0);
    }
}

/* ---- the map ---- */

static ImapUidSet *random_set(GRand *random, uint32_t from, guint most)
{
    ImapUidSet *set = imap_uid_set_new();
    const guint n = (guint)g_rand_int_range(random, 0, (gint32)most + 1);

    for (guint i = 0; i < n; i++) {
        imap_uid_set_add(set, from);
        from += g_rand_int_range(random, 0, 4) > 0 ? 1 : (guint)g_rand_int_range(random, 1, 9);
    }
    return set;
}

static GArray *plain_of(ImapUidSet *set)
{
    GArray *uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    guint n;
    const ImapUidRange *ranges = imap_uid_set_ranges(set, &n);

    for (guint i = 0; i < n; i++)
        for (uint32_t uid = ranges[i].first; uid <= ranges[i].last; uid++)
            g_array_append_val(uids, uid);
    return uids;
}

static void check_map(const ImapUidMap *map, const GArray *plain)
{
    assert_int_equal(imap_uid_map_known(map), plain->len);
    assert_int_equal(imap_uid_map_find(map, 0), 0);
    assert_int_equal(imap_uid_map_find(map, plain->len + 1), 0);
    for (guint i = 0; i < plain->len; i++)
        assert_int_equal(imap_uid_map_find(map, i + 1), g_array_index(plain, uint32_t, i));
}

/* One random thing that a server may say, to both. */
static void do_step(GRand *random, ImapUidMap *map, GArray *plain, uint32_t *next_uid)
{
    const guint len = plain->len;
    const uint32_t seq = (uint32_t)g_rand_int_range(random, 0, (gint32)len + 3);

    switch (g_rand_int_range(random, 0, 20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: { /* a new one; or one that cannot be */
        const uint32_t uid = *next_uid += (uint32_t)g_rand_int_range(random, 1, 3);
        imap_uid_map_learn(map, len + 1, uid);
        imap_uid_map_learn(map, len + 1, uid);
        imap_uid_map_learn(map, len + 3, uid + 1);
        imap_uid_map_learn(map, len + 2, 1);
        g_array_append_val(plain, uid);
        break;
    }
    default: {
        const uint32_t expected = seq >= 1 && seq <= len ? g_array_index(plain, uint32_t, seq - 1) : 0;
        assert_int_equal(imap_uid_map_expunge(map, seq), expected);
        if (expected)
            g_array_remove_index(plain, seq - 1);
    }
    }
}

static void test_map(void **state)
{
    (void)state;
    for (guint32 seed = 0; seed < 20; seed++) {
        g_autoptr(GRand) random = g_rand_new_with_seed(seed);
        g_autoptr(ImapUidSet) uids = random_set(random, 5, seed * 200);
        g_autoptr(GArray) plain = plain_of(uids);
        g_autoptr(ImapUidMap) map = imap_uid_map_new(uids);
        uint32_t next_uid = 100000;

        check_map(map, plain);
        for (int i = 0; i < 1500; i++) {
            do_step(random, map, plain, &next_uid);
            if (i % 50 == 0)
                check_map(map, plain);
        }
        check_map(map, plain);
    }
}

static void test_map_ends(void **state)
{
    g_autoptr(ImapUidSet) uids = imap_uid_set_parse("1:4294967295", 0);
    g_autoptr(ImapUidMap) map = imap_uid_map_new(uids);

    (void)state;
    assert_int_equal(imap_uid_map_known(map), 4294967295);
    assert_int_equal(imap_uid_map_find(map, 4294967295), 4294967295);
    assert_int_equal(imap_uid_map_expunge(map, 4294967294), 4294967294);
    assert_int_equal(imap_uid_map_find(map, 4294967294), 4294967295);
}

static void test_map_learns(void **state)
{
    g_autoptr(ImapUidSet) uids = imap_uid_set_parse("4294967294", 0);
    g_autoptr(ImapUidMap) map = imap_uid_map_new(uids);

    (void)state;
    imap_uid_map_learn(map, 2, 4294967295);
    assert_int_equal(imap_uid_map_find(map, 2), 4294967295);
    assert_int_equal(imap_uid_map_expunge(map, 2), 4294967295);
    assert_int_equal(imap_uid_map_expunge(map, 1), 4294967294);
    assert_int_equal(imap_uid_map_expunge(map, 1), 0);
    imap_uid_map_learn(map, 1, 4294967295); /* not given twice */
    assert_int_equal(imap_uid_map_known(map), 0);
}

/* A million messages with a gap behind each, and 20,000 of them taken from the middle: the walk over blocks
 * keeps this far from what one over all runs would take. */
static void test_map_of_a_million(void **state)
{
    g_autoptr(ImapUidSet) uids = imap_uid_set_new();
    const int64_t began_us = clock_now_us();

    (void)state;
    for (uint32_t uid = 1; uid <= 2000000; uid += 2)
        imap_uid_set_add(uids, uid);
    g_autoptr(ImapUidMap) map = imap_uid_map_new(uids);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(imap_uid_map_expunge(map, 500001), 1000001 + i * 2);
    assert_int_equal(imap_uid_map_known(map), 980000);
    assert_true(clock_now_us() - began_us < 30 * SECOND_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_remove), cmocka_unit_test(test_copied),
        cmocka_unit_test(test_map),        cmocka_unit_test(test_map_ends),
        cmocka_unit_test(test_map_learns), cmocka_unit_test(test_map_of_a_million),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
