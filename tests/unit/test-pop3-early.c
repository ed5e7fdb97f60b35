/* Which messages' headers come first, by what there is and how fast the few came that tell. */
#include "pop3/early.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define PATIENCE_US 20000000

/* `server`: sizes in KB, the newest first; k: known, t: a stub, n: without a UIDL. */
typedef struct {
    const char *server;
    int64_t patience_us;
    guint octets_s; /* of headers, as they come */
    const char *probed, *chosen, *ended;
} Row;

static Pop3List *read_server(char *const *words, GArray *known)
{
    const guint n = g_strv_length((char **)words);
    Pop3List *list = g_new0(Pop3List, 1);

    list->messages = g_new0(Pop3Message, n);
    list->n = n;
    list->has_uidls = TRUE;
    list->texts = g_string_chunk_new(100);
    for (guint i = 0; i < n; i++) {
        const char *word = words[n - 1 - i];
        const char kind = word[strlen(word) - 1];
        const uint64_t octets = g_ascii_strtoull(word, NULL, 10) << 10;
        g_autofree char *uidl = g_strdup_printf("u%u", i + 1);
        const Pop3Known one = {.uidl = g_string_chunk_insert(list->texts, uidl),
                               .octets = octets,
                               .headers = i + 1,
                               .is_stub = kind == 't'};
        list->messages[i] = (Pop3Message){i + 1, octets, kind == 'n' ? NULL : one.uidl};
        if (kind == 'k' || kind == 't')
            g_array_append_val(known, one);
    }
    return list;
}

/* What comes now: "H" a header, "B" a whole; '.' what comes later, '-' never. */
static char *picture(Pop3Plan *plan, gboolean is_early)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < pop3_plan_count(plan); i++) {
        const Pop3Item *item = pop3_plan_item(plan, i);
        const gboolean is_fetch = item->step == POP3_FETCH || item->step == POP3_FETCH_HEADERS;
        g_string_append_c(out, !is_fetch                          ? '-'
                               : item->is_asked                   ? '+'
                               : is_early && !item->is_early      ? '.'
                               : item->step == POP3_FETCH_HEADERS ? 'H'
                                                                  : 'B');
    }
    return g_string_free(out, FALSE);
}

static void take(Pop3Plan *plan)
{
    for (guint i = 0; i < pop3_plan_count(plan); i++) {
        Pop3Item *item = pop3_plan_item(plan, i);
        item->is_asked |= item->is_early;
    }
}

static void check_picture(const Row *row, Pop3Plan *plan, gboolean is_early, const char *expected)
{
    g_autofree char *is = picture(plan, is_early);

    if (strcmp(is, expected) != 0)
        fail_msg("%s at %u/s: expected %s, got %s", row->server, row->octets_s, expected, is);
}

static guint count(const char *picture_of)
{
    guint n = 0;

    for (; *picture_of; picture_of++)
        n += *picture_of == 'H' || *picture_of == 'B';
    return n;
}

static void check_row(const Row *row)
{
    g_auto(GStrv) words = g_strsplit(row->server, " ", -1);
    g_autoptr(GArray) known = g_array_new(FALSE, FALSE, sizeof(Pop3Known));
    Pop3List *list = read_server(words, known);
    const Pop3Policy policy = {.keep = POP3_KEEP_ALWAYS, .can_top = TRUE, .patience_us = row->patience_us};
    g_autoptr(Pop3Plan) plan = pop3_plan_new(list, (Pop3Known *)(gpointer)known->data, known->len, &policy);
    const Pop3Pace pace = {3, 3 * 2000, row->octets_s ? (int64_t)6000 * 1000000 / row->octets_s : 0};

    const guint probes = pop3_early_probe(plan);
    assert_int_equal(probes, row->probed ? count(row->probed) : 0);
    if (row->probed) {
        check_picture(row, plan, TRUE, row->probed);
        take(plan);
        const guint chosen = pop3_early_choose(plan, &pace);
        assert_int_equal(chosen, row->chosen ? count(row->chosen) : 0);
        if (row->chosen)
            check_picture(row, plan, TRUE, row->chosen);
        take(plan);
        pop3_early_end(plan);
    }
    check_picture(row, plan, FALSE, row->ended);
}

static void test_choices(void **state)
{
    static const Row ROWS[] = {
        /* Fast enough: the few that told it are all. */
        {"900 900 3 900 900 900", PATIENCE_US, 1000000, "HH.HH.", NULL, "BBBBBB"},
        /* Slow: the newest of all, the small ones whole, which are not fetched again. */
        {"900 900 3 900 900 900 2 900", PATIENCE_US, 50000, "HH.HH...", "++B++HBH", "BB+BBB+B"},
        /* Nothing large, too few large ones, or nobody who has no patience. */
        {"40 40 40 40 40 40 40", PATIENCE_US, 10, NULL, NULL, "BBBBBBB"},
        {"900 900 900 3 3 3", PATIENCE_US, 10, NULL, NULL, "BBBBBB"},
        {"900 900 900 900 900", 0, 10, NULL, NULL, "BBBBB"},
        {"", PATIENCE_US, 10, NULL, NULL, ""},
        /* What is known, even by its header only, or has no UIDL, is not taken so. */
        {"900k 900n 900 900 900 900 9k", PATIENCE_US, 100, "--HHHH-", NULL, "--BBBB-"},
        /* No more than a tenth of the time that all takes: 100 KB of small ones. */
        {"64 64 64 64 8 8 8 8 8 8 8 8 8 8 8", PATIENCE_US, 5000, "HHHH...........", "++++BBBBB......",
         "BBBB+++++BBBBBB"},
        /* Nothing is known of the pace. */
        {"900 900 900 900 900", PATIENCE_US, 0, "HHHH.", NULL, "BBBBB"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        check_row(&ROWS[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_choices)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
