/* What is to be done with each message, as a table: what the server has, what is known, the policy, and the
 * decision. Here is where mail gets lost: each row is one way in which it could. */
#include "base/limits.h"
#include "pop3/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define DAY_S 86400
#define NOW_S (INT64_C(1000) * DAY_S)

typedef struct {
    const char *
        policy; /* no, yes, 14d, until; then " ask" (not answered), " max" (1,000 octets), " notop", " only" */
    const char *server; /* "OCTETS UIDL HEADERS, …" from number 1 on; UIDL "-": none */
    const char *known;  /* "UIDL OCTETS HEADERS [unwanted|stub|asked|doubt|nowhere|now|old|future], …" */
    /* Newest first: FETCH+ (then deleted), fetch, HEAD, DELETE, RENAME, leave, cannot; "?": after a look;
     * ":why" it stays; and "=KEY" where that is not the message's UIDL. */
    const char *expected;
} Row;

/* ---- reading a row ---- */

static Pop3List *read_server(const char *text, GArray *headers)
{
    Pop3List *list = g_new0(Pop3List, 1);
    g_auto(GStrv) parts = g_strsplit(text, ", ", -1);

    list->texts = g_string_chunk_new(100);
    list->messages = g_new0(Pop3Message, g_strv_length(parts));
    for (char **part = parts; *part && **part; part++) {
        g_auto(GStrv) words = g_strsplit(*part, " ", -1);
        Pop3Message *message = &list->messages[list->n++];
        const guint64 hash = strtoull(words[2], NULL, 10);
        message->number = list->n;
        message->octets = strtoull(words[0], NULL, 10);
        message->uidl = strcmp(words[1], "-") ? g_string_chunk_insert(list->texts, words[1]) : NULL;
        g_array_append_val(headers, hash);
    }
    return list;
}

static GArray *read_known(const char *text, GStringChunk *texts)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(Pop3Known));
    g_auto(GStrv) parts = g_strsplit(text, ", ", -1);

    for (char **part = parts; *part && **part; part++) {
        g_auto(GStrv) words = g_strsplit(*part, " ", -1);
        Pop3Known known = {.uidl = g_string_chunk_insert(texts, words[0]),
                           .octets = strtoull(words[1], NULL, 10),
                           .headers = strtoull(words[2], NULL, 10),
                           .fetched_s = NOW_S - DAY_S};
        for (char **word = words + 3; *word; word++) {
            known.is_unwanted |= !strcmp(*word, "unwanted");
            known.is_stub |= !strcmp(*word, "stub") || !strcmp(*word, "asked");
            known.is_asked_for |= !strcmp(*word, "asked");
            known.is_doubtful |= !strcmp(*word, "doubt");
            known.is_nowhere |= !strcmp(*word, "nowhere");
            known.fetched_s += !strcmp(*word, "now")      ? DAY_S - 3599
                               : !strcmp(*word, "old")    ? -13 * DAY_S
                               : !strcmp(*word, "future") ? 100 * DAY_S
                                                          : 0;
        }
        g_array_append_val(all, known);
    }
    return all;
}

static Pop3Policy read_policy(const char *text)
{
    const Pop3Policy policy = {.keep = g_str_has_prefix(text, "no")      ? POP3_KEEP_NOT
                                       : g_str_has_prefix(text, "yes")   ? POP3_KEEP_ALWAYS
                                       : g_str_has_prefix(text, "until") ? POP3_KEEP_UNTIL_DELETED
                                                                         : POP3_KEEP_FOR,
                               .age_s = 14 * DAY_S,
                               .max_octets = strstr(text, " max") ? 1000 : 0,
                               .now_s = NOW_S,
                               .may_delete = !strstr(text, " ask"),
                               .only_asked = strstr(text, " only") != NULL,
                               .can_top = !strstr(text, " notop")};

    return policy;
}

/* ---- writing what was decided ---- */

static const char *const STAYS[] = {[POP3_STAYS_NOT] = "",
                                    [POP3_STAYS_ASKED] = ":asked",
                                    [POP3_STAYS_SIZE] = ":size",
                                    [POP3_STAYS_AMBIGUOUS] = ":ambiguous",
                                    [POP3_STAYS_NAMELESS] = ":nameless",
                                    [POP3_STAYS_UNSEEN] = ":unseen",
                                    [POP3_STAYS_LARGE] = ":large",
                                    [POP3_STAYS_HUGE] = ":huge"};

static void add_item(GString *out, const Pop3Item *item)
{
    static const char *const STEPS[] = {
        [POP3_LEAVE] = "leave",        [POP3_LOOK] = "LOOK",     [POP3_FETCH] = "fetch",
        [POP3_FETCH_HEADERS] = "HEAD", [POP3_DELETE] = "DELETE", [POP3_RENAME] = "RENAME"};

    g_string_append_printf(out, "%s%s%s%s", out->len ? " " : "", item->is_looked ? "?" : "",
                           item->deletes_then ? "FETCH+" : STEPS[item->step], STAYS[item->stays]);
    if (item->key && g_strcmp0(item->key, item->message->uidl) != 0)
        g_string_append_printf(out, "=%s", item->key);
    if (item->step == POP3_DELETE)
        assert_true(item->is_looked && item->known && item->known->octets == item->message->octets);
    if (item->step == POP3_FETCH || item->step == POP3_FETCH_HEADERS)
        assert_non_null(item->key);
}

/* Looks at what has to be looked at; a hash of 9 stands for a header that cannot be seen. */
static void look(Pop3Plan *plan, const GArray *headers)
{
    for (guint i = 0; i < pop3_plan_count(plan); i++) {
        Pop3Item *item = pop3_plan_item(plan, i);
        const guint64 hash = g_array_index(headers, guint64, item->message->number - 1);
        assert_ptr_equal(pop3_plan_find(plan, item->message->number), item);
        if (item->step == POP3_LOOK && hash == 9)
            pop3_plan_cannot_look(plan, item);
        else if (item->step == POP3_LOOK)
            pop3_plan_look(plan, item, hash);
    }
}

static Pop3Plan *make_plan(const Row *row, GStringChunk *texts)
{
    g_autoptr(GArray) headers = g_array_new(FALSE, FALSE, sizeof(guint64));
    Pop3List *list = read_server(row->server, headers);
    g_autoptr(GArray) known = read_known(row->known, texts);
    const Pop3Policy policy = read_policy(row->policy);
    Pop3Plan *plan = pop3_plan_new(list, (Pop3Known *)(gpointer)known->data, known->len, &policy);

    look(plan, headers);
    return plan;
}

static void check_rows(const Row *rows, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        GStringChunk *texts = g_string_chunk_new(100);
        g_autoptr(Pop3Plan) plan = make_plan(&rows[i], texts);
        g_autoptr(GString) out = g_string_new(NULL);
        for (guint at = 0; at < pop3_plan_count(plan); at++)
            add_item(out, pop3_plan_item(plan, at));
        if (strcmp(out->str, rows[i].expected) != 0)
            fail_msg("%s | %s | %s:\nexpected %s\ngot      %s", rows[i].policy, rows[i].server, rows[i].known,
                     rows[i].expected, out->str);
        g_string_chunk_free(texts);
    }
}

/* ---- the tables ---- */

static void test_policies(void **state)
{
    static const Row ROWS[] = {
        /* Nothing known. */
        {"no", "", "", ""},
        {"no", "100 a 1, 200 b 2", "", "FETCH+ FETCH+"},
        {"no ask", "100 a 1, 200 b 2", "", "fetch:asked fetch:asked"},
        {"yes", "100 a 1, 200 b 2", "", "fetch fetch"},
        {"14d", "100 a 1", "", "fetch"},
        {"until", "100 a 1", "", "fetch"},
        /* Known and still there: a session that ended before QUIT, or the policy. */
        {"no", "100 a 1, 200 b 2", "a 100 1", "FETCH+ ?DELETE"},
        {"no ask", "100 a 1, 200 b 2", "a 100 1", "fetch:asked leave:asked"},
        {"yes", "100 a 1, 200 b 2", "a 100 1", "fetch leave"},
        {"yes", "100 a 1", "a 100 1 unwanted old", "leave"},
        {"14d", "100 a 1, 100 b 2", "a 100 1 old, b 100 2", "leave ?DELETE"},
        {"14d ask", "100 a 1", "a 100 1 old", "leave:asked"},
        {"14d", "100 a 1", "a 100 1 unwanted", "leave"},
        {"14d", "100 a 1", "a 100 1 future", "leave"},
        {"until", "100 a 1, 100 b 2", "a 100 1 unwanted, b 100 2 old", "leave ?DELETE"},
        /* Only what is surely the same is deleted. */
        {"no", "100 a 7", "a 100 1", "?FETCH+"},
        {"no", "100 a 9", "a 100 1", "?leave:unseen"},
        {"no", "100 a 1", "a 100 0", "leave:unseen"},
        {"14d", "100 a 7", "a 100 1 old", "?fetch"},
        {"until", "100 a 7", "a 100 1 unwanted", "?fetch"},
        /* One that has changed its size, and another under an old UIDL. */
        {"no", "101 a 1", "a 100 1", "?leave:size"},
        {"yes", "101 a 1", "a 100 1", "?leave"},
        {"yes", "101 a 7", "a 100 1", "?fetch"},
        {"yes", "101 a 0", "a 100 1", "?fetch"},
        {"yes", "101 a 1", "a 100 0", "?fetch"},
        {"no", "101 a 7", "a 100 1", "?FETCH+"},
    };

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
}

static void test_sizes(void **state)
{
    static const Row ROWS[] = {
        {"no max", "1000 a 1, 1001 b 2", "", "HEAD FETCH+"},
        {"no max notop", "1000 a 1, 1001 b 2", "", "leave:large FETCH+"},
        {"no notop", "1001 b 2", "", "FETCH+"},
        {"yes max", "1001 b 2", "b 1001 2 stub", "leave"},
        {"no max", "1001 b 2", "b 1001 2 stub", "leave"},
        /* What becomes whole is looked at first: another message is no part of it. */
        {"no max", "1001 b 2", "b 1001 2 asked", "?FETCH+"},
        {"yes max", "1001 b 2", "b 1001 2 asked", "?fetch"},
        {"no", "1001 b 2", "b 1001 2 stub", "?FETCH+"},
        {"no", "1001 b 2", "b 1001 2 stub now", "FETCH+"},
        {"no", "1001 b 2", "b 1001 2 stub future", "?FETCH+"},
        {"no", "1002 b 2", "b 1001 2 stub now", "?FETCH+"},
        {"no max", "1001 b 2", "b 1001 2 stub now", "leave"},
        {"no max only", "1001 b 2", "b 1001 2 asked now", "?FETCH+"},
        {"no", "1001 b 2", "b 1001 0 stub", "FETCH+"},
        {"no", "1001 b 9", "b 1001 2 stub", "?leave:unseen"},
        {"no", "1001 b 7", "b 1001 2 stub", "?FETCH+"},
        {"no", "1001 b 7, 5 a 1", "b 1001 2 stub, a 5 1 old", "?DELETE ?FETCH+"},
        {"no", "1001 b 3, 1001 c 2", "b 1001 2 stub, c 1001 3 stub", "?fetch:ambiguous=b ?fetch:ambiguous=c"},
        /* What is nowhere but there is never deleted, whatever is said of it. */
        {"no max", "1001 b 2", "b 1001 2 stub unwanted", "leave"},
        {"until max", "1001 b 2", "b 1001 2 stub unwanted", "leave"},
        {"14d max", "1001 b 2", "b 1001 2 stub unwanted old", "leave"},
        {"yes max", "1001 b 2", "b 1001 2 stub unwanted", "leave"},
        {"no max", "1002 b 2", "b 1001 2 stub", "?leave"},
        {"no max", "1002 b 7", "b 1001 2 stub", "?HEAD"},
        /* Who comes for one message does nothing else. */
        {"no max only", "9 c 3, 1001 b 2, 7 a 1", "b 1001 2 asked, a 7 1, d 5 4", "leave ?FETCH+ leave"},
        {"no max only ask", "1001 b 2", "b 1001 2 asked", "?fetch:asked"},
        {"no max only", "1001 b 7", "b 1001 2 asked", "?leave"},
        {"no max only", "1001 b 9", "b 1001 2 asked", "?leave:unseen"},
        {"no max only", "1002 b 2", "b 1001 2 asked", "?FETCH+"},
        /* By its header, where it has no UIDL of its own, or another than it had. */
        {"no max only", "9 - 1, 1001 - 2, 1001 - 3",
         "=0000000000000002 1001 2 asked, =0000000000000003 1001 3 stub",
         "?leave ?FETCH+==0000000000000002 leave"},
        {"yes max only", "1001 a 2, 1001 a 3", "=0000000000000002 1001 2 asked",
         "?leave ?fetch==0000000000000002"},
        {"no max only", "1001 a 2, 1001 a 3", "=0000000000000002 1001 2 asked",
         "?leave ?fetch:ambiguous==0000000000000002"},
        {"no max only", "1001 - 2, 1001 - 2",
         "=0000000000000002 1001 2 stub, =0000000000000002.2 1001 2 asked",
         "?FETCH+==0000000000000002.2 ?leave"},
        {"no max only", "1001 x 2, 5 y 1", "b 1001 2 asked, a 5 1", "leave ?FETCH+=b"},
        {"no max only", "1001 c 2", "b 1001 2 asked, c 1001 3 stub", "?fetch:ambiguous=b"},
        /* Nothing else is fetched in its place; what cannot be compared is not taken for it. */
        {"no max only", "1002 b 7", "b 1001 2 asked", "?leave"},
        {"no max only", "1001 x 7", "b 1001 2 asked", "?leave"},
        {"no max only", "1001 - 9, 5 - 9", "b 1001 2 asked", "leave ?leave:unseen"},
        {"no max only", "1001 x 2, 5 y 1", "b 1001 0 asked", "leave leave:unseen"},
        {"no", "1073741825 a 1", "", "leave:huge"},
        {"no", "9223372036854775807 a 1", "", "leave:huge"},
        {"no max", "9223372036854775807 a 1", "", "leave:huge"},
    };

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
}

static void test_names(void **state)
{
    static const Row ROWS[] = {
        /* One UIDL on two messages: known by their headers, never deleted. */
        {"no", "100 a 1, 200 a 2", "",
         "?fetch:ambiguous==0000000000000002 ?fetch:ambiguous==0000000000000001"},
        {"no", "100 a 1, 200 a 2", "a 100 1", "?fetch:ambiguous==0000000000000002 ?leave:ambiguous"},
        {"no", "100 a 1, 200 a 2, 5 b 3", "=0000000000000001 100 1, =0000000000000002 200 2",
         "FETCH+ ?leave:ambiguous==0000000000000002 ?leave:ambiguous==0000000000000001"},
        {"no", "1 a 1, 1 a 1, 1 a 1", "",
         "?fetch:ambiguous==0000000000000001 ?fetch:ambiguous==0000000000000001.2 "
         "?fetch:ambiguous==0000000000000001.3"},
        /* No UIDLs: what is fetched whole in this session may go, nothing else. */
        {"no", "100 - 1, 200 - 2", "", "?FETCH+==0000000000000002 ?FETCH+==0000000000000001"},
        {"no", "100 - 1, 200 - 2", "=0000000000000001 100 1",
         "?FETCH+==0000000000000002 ?leave:nameless==0000000000000001"},
        {"yes", "100 - 1, 100 - 1", "=0000000000000001 100 1",
         "?leave==0000000000000001 ?fetch==0000000000000001.2"},
        {"yes", "100 - 1, 100 - 1", "=0000000000000001 100 1, =0000000000000001.2 100 1",
         "?leave==0000000000000001 ?leave==0000000000000001.2"},
        {"yes", "100 - 0, 100 - 0", "", "?fetch==100 ?fetch==100.2"},
        {"yes", "100 - 9", "", "?leave:unseen"},
        /* A server that had UIDLs and has none any more. */
        {"no", "100 - 1, 200 - 2", "a 100 1", "?FETCH+==0000000000000002 ?leave:nameless=a"},
        /* All UIDLs are new: what has a known header is known. */
        {"yes", "100 x 1, 200 y 2, 300 z 3", "a 100 1, b 200 2", "?fetch ?RENAME ?RENAME"},
        {"no", "100 x 1, 300 z 3", "a 100 1", "?FETCH+ ?RENAME"},
        {"yes", "101 x 1", "a 100 1", "?RENAME"},
        {"yes", "100 x 1, 100 y 1", "a 100 1", "?RENAME ?fetch"},
        {"yes", "100 x 1, 100 y 1", "a 100 1, b 100 1", "?RENAME ?RENAME"},
        {"yes", "100 x 0", "a 100 0", "?fetch"},
        {"yes", "100 x 9", "a 100 1", "?leave:unseen"},
        /* One known is left, and the other one's size is there: it may be that by another name. */
        {"yes", "100 x 1, 200 b 2", "a 100 1, b 200 2", "leave ?RENAME"},
        /* Only made-up names are known: that says nothing of UIDLs. */
        {"yes", "100 x 1", "=0000000000000001 100 1", "fetch"},
    };

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
}

/* What came for it may be another one's text: whatever the policy, its header is looked at. */
static void test_in_doubt(void **state)
{
    static const Row ROWS[] = {
        {"yes", "500 a 1", "a 500 1 doubt", "?leave"},
        {"yes", "500 a 2", "a 500 1 doubt", "?fetch"},
        {"yes", "500 a 9", "a 500 1 doubt", "?leave:unseen"},
        {"yes", "500 a 1", "a 500 0 doubt", "?fetch"},
        {"yes", "500 a 1, 500 b 2", "a 500 1 doubt, b 500 1 doubt", "?fetch ?leave"},
        {"yes", "500 a 2, 500 b 1", "a 500 1 doubt, b 500 1", "leave ?fetch"},
        {"14d", "500 a 2", "a 500 1 doubt old", "?fetch"},
        {"14d", "500 a 1", "a 500 1 doubt old", "?DELETE"},
        {"until", "500 a 2", "a 500 1 doubt", "?fetch"},
        {"no ask", "500 a 2", "a 500 1 doubt", "?fetch:asked"},
        {"no ask", "500 a 1", "a 500 1 doubt", "?leave:asked"},
        {"no", "500 a 2", "a 500 1 doubt", "?FETCH+"},
        {"no", "500 a 1", "a 500 1 doubt", "?DELETE"},
        {"no", "500 a 1", "a 400 1 doubt", "?leave:size"},
        {"no", "500 a 1", "a 500 1 doubt nowhere", "?leave:unseen"},
        {"no", "500 a 1", "a 500 1 nowhere", "leave:unseen"},
        {"yes", "500 a 1", "a 500 1 doubt nowhere", "?leave"},
        {"until", "500 a 1", "a 500 1 nowhere unwanted", "leave:unseen"},
    };

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
}

/* UIDLs that are numbers: the first message was deleted, and each of the others has the name of the one
 * before. */
static void test_shifted(void **state)
{
    static const Row ROWS[] = {
        {"yes", "102 a 2, 103 b 3", "a 101 1, b 102 2, c 103 3", "?leave=c ?leave=b"},
        {"no", "102 a 2, 103 b 3", "a 101 1, b 102 2, c 103 3", "?leave:ambiguous=c ?leave:ambiguous=b"},
        {"no ask", "102 a 2", "a 101 1, b 102 2", "?leave:asked=b"},
        /* Of one size: seen only when they are looked at, in either direction. */
        {"no", "100 a 2, 100 b 3", "a 100 1, b 100 2, c 100 3", "?leave:ambiguous=c ?leave:ambiguous=b"},
        {"no", "100 b 1, 100 c 2", "a 100 1, b 100 2, c 100 3", "?leave:ambiguous=b ?leave:ambiguous=a"},
        {"no", "100 a 2, 100 b 1", "a 100 1, b 100 2", "?leave:ambiguous=a ?leave:ambiguous=b"},
        /* A new one has the name of one that is still there: it gets another, whichever is looked at
         * first. */
        {"yes", "102 a 2, 103 b 3, 104 c 4", "a 101 1, b 102 2, c 103 3",
         "?fetch==0000000000000004 ?leave=c ?leave=b"},
        {"no", "104 b 4, 102 a 2", "a 101 1, b 102 2", "?leave:ambiguous=b ?FETCH+==0000000000000004"},
        {"yes", "102 a 2, 103 b 3, 104 c 4", "a 101 1, b 102 2, c 103 3, =0000000000000004 104 4",
         "?leave==0000000000000004 ?leave=c ?leave=b"},
        /* Moved on by one: the newest has a name that nobody knows, and is known all the same. */
        {"yes", "100 b 1, 100 c 2, 100 d 3", "a 100 1, b 100 2, c 100 3", "?leave leave leave"},
        {"yes", "101 b 1, 102 c 2, 103 d 3", "a 101 1, b 102 2, c 103 3", "?RENAME ?leave=b ?leave=a"},
        {"no", "100 b 1, 100 c 2", "a 100 1, b 100 2", "?leave:ambiguous ?leave:ambiguous=a"},
        /* One that is only of the same size is new; without anything amiss it costs no look. */
        {"yes", "100 b 2, 100 d 4", "a 100 1, b 100 2", "?fetch leave"},
        {"yes", "100 a 1, 100 b 2, 100 d 4", "a 100 1, b 100 2", "fetch leave leave"},
        /* The header alone, without the size, makes no known message of it. */
        {"yes", "109 a 2, 5 c 3", "a 101 1, b 102 2, c 5 3", "leave ?fetch"},
    };

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
}

static void check_absent_by(const char *policy, const char *server, const char *known, const char *expected)
{
    const Row row = {policy, server, known, NULL};
    GStringChunk *texts = g_string_chunk_new(100);
    g_autoptr(Pop3Plan) plan = make_plan(&row, texts);
    g_autoptr(GPtrArray) absent = pop3_plan_absent(plan);

    g_ptr_array_add(absent, NULL);
    g_autofree char *joined = g_strjoinv(" ", (char **)absent->pdata);
    assert_string_equal(joined, expected);
    g_string_chunk_free(texts);
}

static void check_absent(const char *server, const char *known, const char *expected)
{
    check_absent_by("yes", server, known, expected);
}

/* Another message stands where the one was that somebody asked for: that is gone, and this one new the next
 * time. */
static void test_absent_of_what_is_asked_for(void **state)
{
    static const struct {
        const char *server, *known, *expected;
    } CASES[] = {
        {"1001 b 7, 5 a 1", "b 1001 2 asked, a 5 1, c 6 3", "b"},
        {"1001 b 7", "b 1001 2 asked", "b"},
        {"1001 b 2, 5 a 1", "b 1001 2 asked, a 5 1, c 6 3", ""},
        {"1001 b 9, 5 a 1", "b 1001 2 asked, a 5 1", ""},
        {"5 a 1", "b 1001 2 asked, a 5 1", ""},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++)
        check_absent_by("no max only", CASES[i].server, CASES[i].known, CASES[i].expected);
}

/* A mailbox that is suddenly empty, or full of strangers, may be its old self again tomorrow. */
static void test_absent(void **state)
{
    (void)state;
    check_absent("100 a 1, 200 c 3", "a 100 1, b 100 2, c 200 3, d 1 4", "b d");
    check_absent("100 a 1", "a 100 1", "");
    check_absent("", "a 100 1, b 100 2", "");
    check_absent("100 x 5, 100 y 6", "a 100 1, b 100 2", "");
    check_absent("100 x 1", "a 100 1, b 100 2", "b");
    check_absent("100 a 7", "a 90 1, b 100 2", "b");
    check_absent("100 a 9", "a 90 1, b 100 2", "b");
    check_absent("100 a 9, 5 c 3", "a 90 1, c 5 3", "");
    check_absent("102 a 2, 103 b 3", "a 101 1, b 102 2, c 103 3", "");
    check_absent("102 a 2, 103 b 3", "a 101 1, b 102 2, c 103 3, d 1 4", "d");
}

static void test_order(void **state)
{
    const Row row = {"no ask", "1 a 1, 2 b 2, 3 c 3, 4 d 4", "", NULL};
    GStringChunk *texts = g_string_chunk_new(100);
    g_autoptr(Pop3Plan) plan = make_plan(&row, texts);
    const char *order = "dbac";

    (void)state;
    assert_int_equal(pop3_plan_withheld(plan), 4);
    pop3_plan_postpone(plan, "c");
    pop3_plan_postpone(plan, "nobody");
    for (guint i = 0; i < 4; i++) {
        Pop3Item *item = pop3_plan_item(plan, i);
        assert_int_equal(*item->key, order[i]);
        assert_ptr_equal(pop3_plan_find(plan, item->message->number), item);
    }
    g_string_chunk_free(texts);
}

/* A server that turns out to have no TOP: larger ones stay there, and are told. */
static void test_without_top(void **state)
{
    const Row row = {"no max", "100 a 1, 2000 b 2", "", NULL};
    GStringChunk *texts = g_string_chunk_new(100);
    g_autoptr(Pop3Plan) plan = make_plan(&row, texts);

    (void)state;
    assert_int_equal(pop3_plan_item(plan, 0)->step, POP3_FETCH_HEADERS);
    pop3_plan_without_top(plan);
    assert_int_equal(pop3_plan_item(plan, 0)->step, POP3_LEAVE);
    assert_int_equal(pop3_plan_item(plan, 0)->stays, POP3_STAYS_LARGE);
    assert_int_equal(pop3_plan_item(plan, 1)->step, POP3_FETCH);
    g_string_chunk_free(texts);
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_in_doubt),
        cmocka_unit_test(test_shifted),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_absent_of_what_is_asked_for),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_without_top),
    };

    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
