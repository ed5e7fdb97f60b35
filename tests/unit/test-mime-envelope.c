/* test-mime-envelope.c - header fields as mail has them. */
#include "base/limits.h"
#include "mime/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

typedef struct {
    const char *field, *expected;
} Row;

static const Row SUBJECTS[] = {
    {"Subject: plain\r\n", "plain"},
    {"subject : odd\n", "odd"},
    {"Subject: two\r\n lines\r\n\tand tab\r\n", "two lines\tand tab"},
    {"X: y\r\nSubject: first\r\nSubject: second\r\n", "first"},
    {"Subject:\r\n", ""},
    {"From: x@y\r\n", ""},
    {"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n", "Grüße"},
    {"Subject: =?UTF-8?Q?a_b?= c =?utf-8?B?ZA==?=\r\n", "a b c d"},
    {"Subject: =?utf-8?q?one?=\r\n =?utf-8?q?two?=\r\n", "onetwo"},
    {"Subject: =?utf-8?q?=E4=B8?= =?utf-8?q?=AD=E5=9B=BD?=\r\n", "中国"},
    {"Subject: =?utf-8?b?5Lg=?= =?utf-8?q?=AD?=\r\n", "中"},
    {"Subject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\r\n", "日本"},
    {"Subject: =?iso-8859-1*de?q?=FC?=\r\n", "ü"},
    {"Subject: x=?utf-8?q?y?=z\r\n", "xyz"},
    {"Subject: =?utf-8?q?a b?=\r\n", "a b"},
    {"Subject: =?utf-8?q?what?_now?=\r\n", "what? now"},
    {"Subject: =?utf-8?q?=E4=?=\r\n", "\uFFFD="},
    {"Subject: =?utf-8?b?SGVsbG8?=\r\n", "Hello"},
    {"Subject: =?utf-8?b?SGVs*bG8=?=\r\n", "Hello"},
    {"Subject: =?utf-8?x?abc?=\r\n", "=?utf-8?x?abc?="},
    {"Subject: =?utf-8?q?open\r\n", "=?utf-8?q?open"},
    {"Subject: =?? =?a? =?= ?=\r\n", "=?? =?a? =?= ?="},
    {"Subject: =?no-such?q?caf=E9?=\r\n", "café"},
    {"Subject: caf\xC3\xA9\r\n", "café"},
    {"Subject: caf\xE9\r\n", "café"},
    {"Subject: \xCF\xF0\r\nContent-Type: text/plain; charset=windows-1251\r\n", "Пр"},
    {"Subject: \xD0\x9F\r\nContent-Type: text/plain; charset=windows-1251\r\n", "П"},
    {">From me\r\nFrom me Mon Jan 1\r\nSubject: after mbox\r\n", "after mbox"},
    {"A: b\r\nno field here\r\nSubject: body\r\n", ""},
    {"A: b\r\n\r\nSubject: body\r\n", ""},
    {"Subject: no end of line", "no end of line"},
};

static MimeEnvelope *parse(const char *text)
{
    return mime_envelope_parse(text, strlen(text));
}

static void test_subjects(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(SUBJECTS); i++) {
        g_autoptr(MimeEnvelope) envelope = parse(SUBJECTS[i].field);
        if (strcmp(envelope->subject, SUBJECTS[i].expected) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", SUBJECTS[i].field, envelope->subject, SUBJECTS[i].expected);
    }
}

/* Names and addresses as "name <address>|…". */
static const Row ADDRESSES[] = {
    {"ada@example.org", " <ada@example.org>"},
    {"Ada Lovelace <ada@example.org>", "Ada Lovelace <ada@example.org>"},
    {"\"Lovelace, Ada\" <ada@example.org>", "Lovelace, Ada <ada@example.org>"},
    {"Lovelace, Ada <ada@example.org>", "Lovelace, Ada <ada@example.org>"},
    {"root, ada@example.org", " <root>| <ada@example.org>"},
    {"a@b.example, Ada <c@d.example>", " <a@b.example>|Ada <c@d.example>"},
    {"a@b.example; c@d.example", " <a@b.example>| <c@d.example>"},
    {"ada@example.org (Ada Lovelace)", "Ada Lovelace <ada@example.org>"},
    {"(nobody)", ""},
    {"Ada ada@example.org", "Ada <ada@example.org>"},
    {"ada @ example . org", " <ada@example.org>"},
    {"<ada@example.org>", " <ada@example.org>"},
    {"Ada <@relay.example,@b.example:ada@example.org>", "Ada <ada@example.org>"},
    {"Ada <mailto:ada@example.org>", "Ada <ada@example.org>"},
    {"\"a \\\"quoted\\\" name\" <a@b.example>", "a \"quoted\" name <a@b.example>"},
    {"\"john doe\"@example.org", " <\"john doe\"@example.org>"},
    {"<\"john, doe\"@example.org>", " <\"john, doe\"@example.org>"},
    {"=?utf-8?q?Zo=C3=AB?= <z@example.org>", "Zoë <z@example.org>"},
    {"\"=?utf-8?q?Zo=C3=AB?=\" <z@example.org>", "Zoë <z@example.org>"},
    {"=?utf-8?q?Lovelace, Ada?= <z@example.org>", "Lovelace, Ada <z@example.org>"},
    {"=?utf-8?q?a?=\r\n =?utf-8?q?b?= <z@example.org>", "ab <z@example.org>"},
    {"Zo\xC3\xAB <z@example.org>", "Zoë <z@example.org>"},
    {"Zo\xEB <z@example.org>", "Zoë <z@example.org>"},
    {"undisclosed-recipients:;", ""},
    {"Team: a@b.example, Ada <c@d.example>;, e@f.example", " <a@b.example>|Ada <c@d.example>| <e@f.example>"},
    {"Empty: ; Full: a@b.example;", " <a@b.example>"},
    {"g:g:g:g:a@b.example;;;;", " <a@b.example>"},
    {"Undisclosed recipients", "Undisclosed recipients <>"},
    {"MAILER-DAEMON", " <MAILER-DAEMON>"},
    {"\"Ada <ada@example.org>", "Ada <ada@example.org>"},
    {"Ada <ada@example.org", "Ada <ada@example.org>"},
    {"Ada <a@b.example, Bob <c@d.example>", "Ada <a@b.example>|Bob <c@d.example>"},
    {"Ada (open <ada@example.org>", "Ada open <ada@example.org>"},
    {"<>", ""},
    {"\xEF\xBB\xBF, =?utf-8?q?"
     "?=",
     ""},
    {", , ,", ""},
    {"Ada <a@b> (x) (y), c@d", "Ada <a@b>| <c@d>"},
    {"用户@例子.example", " <用户@例子.example>"},
};

static char *join(const GPtrArray *list)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < list->len; i++) {
        const MimeAddress *a = list->pdata[i];
        g_string_append_printf(out, "%s%s <%s>", i ? "|" : "", a->name, a->address);
    }
    return g_string_free(out, FALSE);
}

static void test_addresses(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ADDRESSES); i++) {
        g_autofree char *header = g_strdup_printf("To: %s\r\n", ADDRESSES[i].field);
        g_autoptr(MimeEnvelope) envelope = parse(header);
        g_autofree char *got = join(envelope->to);
        if (strcmp(got, ADDRESSES[i].expected) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", ADDRESSES[i].field, got, ADDRESSES[i].expected);
    }
}

static const Row MESSAGE_IDS[] = {
    {"Message-ID: <a@b.example>\r\n", "a@b.example"},
    {"Message-Id:\r\n <a@b.example> (comment)\r\n", "a@b.example"},
    {"Message-ID: a@b.example\r\n", "a@b.example"},
    {"Message-ID: <a b@c.example>\r\n", "a b@c.example"},
    {"Message-ID: < a@b.example >\r\n", "a@b.example"},
    {"Message-ID: <a@b.example\r\n", "a@b.example"},
    {"Message-ID: =?utf-8?q?=3Ca=40b=2Eexample=3E?=\r\n", "a@b.example"},
    {"Message-ID: \r\n", NULL},
    {"Message-ID: <>\r\n", NULL},
    {"X: y\r\n", NULL},
};

/* One field for each recipient: what is wrong in one spoils no other; of Reply-To the first counts. */
static void test_several_fields(void **state)
{
    static const struct {
        const char *header, *to, *cc, *reply_to;
    } ROWS[] = {
        {"To: a@x\nTo: B <b@x>, c@x\nCc: d@x\nCC: e@x\n", " <a@x>|B <b@x>| <c@x>", " <d@x>| <e@x>", ""},
        {"To: A (\nTo: b@x\n", " <A>| <b@x>", "", ""},
        {"To:\nTo: b@x\n", " <b@x>", "", ""},
        {"To: team: a@x\nTo: b@x\n", " <a@x>| <b@x>", "", ""},
        {"Reply-To: a@x\nReply-To: b@x\nTo: c@x\n", " <c@x>", "", " <a@x>"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(MimeEnvelope) envelope = parse(ROWS[i].header);
        g_autofree char *to = join(envelope->to), *cc = join(envelope->cc), *reply = join(envelope->reply_to);
        assert_string_equal(to, ROWS[i].to);
        assert_string_equal(cc, ROWS[i].cc);
        assert_string_equal(reply, ROWS[i].reply_to);
    }
}

/* Groups one after the other are no deeper than one. */
static void test_groups(void **state)
{
    static const struct {
        const char *to;
        guint depth;
    } ROWS[] = {{"a@x", 0},           {"team: a@x, b@x;", 1},
                {"undisclosed:;", 1}, {"a: a@x;, b: b@x;, c: c@x;, d: d@x;, e: e@x;", 1},
                {"a: b: c@x;;", 2},   {"a: b: c: d: e: f@x", 5}};

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *header = g_strdup_printf("To: %s\n\n", ROWS[i].to);
        g_autoptr(MimeEnvelope) envelope = mime_envelope_parse(header, strlen(header));
        assert_int_equal(envelope->group_depth, ROWS[i].depth);
    }
}

static void test_message_ids(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(MESSAGE_IDS); i++) {
        g_autoptr(MimeEnvelope) envelope = parse(MESSAGE_IDS[i].field);
        if (g_strcmp0(envelope->message_id, MESSAGE_IDS[i].expected) != 0)
            fail_msg("%s: %s", MESSAGE_IDS[i].field, envelope->message_id);
    }
}

static const Row REFERENCES[] = {
    {"References: <a@x> <b@x>\r\nIn-Reply-To: <b@x>\r\n", "a@x b@x"},
    {"References: <a@x>\r\n\t<b@x>\r\nIn-Reply-To: <c@x>\r\n", "a@x b@x c@x"},
    {"References: <a@x><b@x>,<a@x>\r\n", "a@x b@x"},
    {"References: garbage <a@x> 12 <b@x\r\n", "a@x"},
    {"References: <open <b@x>\r\n", "b@x"},
    {"References: a@x b@x nothing\r\n", "a@x b@x"},
    {"In-Reply-To: Your message of \"Mon, 1 Jan\" <a@x>\r\n", "a@x"},
    {"References: \r\n", ""},
};

static void test_references(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(REFERENCES); i++) {
        g_autoptr(MimeEnvelope) envelope = parse(REFERENCES[i].field);
        g_autofree char *got = g_strjoinv(" ", envelope->references);
        if (strcmp(got, REFERENCES[i].expected) != 0)
            fail_msg("%s: \"%s\"", REFERENCES[i].field, got);
    }
}

static void test_date_and_list(void **state)
{
    (void)state;
    g_autoptr(MimeEnvelope) envelope =
        parse("Date: Tue, 24 Nov 2026 11:58:00 +0100\r\nList-Id: Dev <dev.lists.example>\r\n");
    assert_true(envelope->has_date);
    assert_int_equal(envelope->date_s, 1795517880);
    assert_int_equal(envelope->date_offset_min, 60);
    assert_string_equal(envelope->list_id, "dev.lists.example");

    g_autoptr(MimeEnvelope) none = parse("Date: soon\r\n");
    assert_false(none->has_date);
    assert_null(none->list_id);
}

/* The middle of endless References goes; both ends stay. */
static void test_many_references(void **state)
{
    (void)state;
    g_autoptr(GString) header = g_string_new("References:");
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(header, "\r\n <%d@x>", i);
    g_autoptr(MimeEnvelope) envelope = mime_envelope_parse(header->str, header->len);
    assert_int_equal(g_strv_length(envelope->references), LIMIT_REFERENCES);
    assert_string_equal(envelope->references[0], "0@x");
    assert_string_equal(envelope->references[LIMIT_REFERENCES - 1], "4999@x");
}

static void test_nul_and_length(void **state)
{
    static const char nul[] = "Subject: a\0b\r\nMessage-ID: <c\0d@x>\r\n";
    g_autoptr(GString) header = g_string_new("Subject: ");

    (void)state;
    g_autoptr(MimeEnvelope) envelope = mime_envelope_parse(nul, sizeof nul - 1);
    assert_string_equal(envelope->subject, "a\uFFFD"
                                           "b");
    for (int i = 0; i < 5000; i++)
        g_string_append(header, "ü");
    g_autoptr(MimeEnvelope) large = mime_envelope_parse(header->str, header->len);
    assert_int_equal(strlen(large->subject), LIMIT_SUBJECT_BYTES);
    assert_true(g_utf8_validate(large->subject, -1, NULL));
}

/* A megabyte of what makes careless readers quadratic, each at most a second (here some 20 ms). */
static void test_hostile(void **state)
{
    static const char *const PIECES[] = {"g:",
                                         "\"",
                                         "\\\"",
                                         "(",
                                         "<",
                                         "=?u?q?",
                                         "=?u?q?a?= ",
                                         "=?u?q?xxxx",
                                         ",",
                                         "<a@b",
                                         "@ . ",
                                         "a, ",
                                         "(\\",
                                         "<a@b> ",
                                         "<<",
                                         "=?",
                                         "a@b, ",
                                         "?=",
                                         "a\r\n ",
                                         "\"a\"@",
                                         "=?u",
                                         "=?a?b?"
                                         "?=",
                                         ";:",
                                         "\xE4\xB8",
                                         "=?u?b?"};
    static const char *const FIELDS[] = {"To", "Subject", "References", "Message-ID", "Content-Type", "Date"};

    (void)state;
    for (guint f = 0; f < G_N_ELEMENTS(FIELDS); f++)
        for (guint i = 0; i < G_N_ELEMENTS(PIECES); i++) {
            g_autoptr(GString) header = g_string_new(FIELDS[f]);
            g_string_append(header, ": ");
            while (header->len < LIMIT_HEADER_BYTES + 100)
                g_string_append(header, PIECES[i]);
            clock_t start = clock();
            g_autoptr(MimeEnvelope) envelope = mime_envelope_parse(header->str, header->len);
            double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
            if (seconds > 10) /* what costs more than its length takes minutes */
                fail_msg("%s: %s…: %.1f s", FIELDS[f], PIECES[i], seconds);
            assert_true(envelope->to->len <= LIMIT_ADDRESSES);
            assert_true(strlen(envelope->subject) <= LIMIT_SUBJECT_BYTES);
            assert_true(g_strv_length(envelope->references) <= LIMIT_REFERENCES);
        }
    g_autoptr(MimeEnvelope) empty = mime_envelope_parse("", 0);
    assert_string_equal(empty->subject, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subjects),       cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_several_fields), cmocka_unit_test(test_groups),
        cmocka_unit_test(test_message_ids),    cmocka_unit_test(test_references),
        cmocka_unit_test(test_date_and_list),  cmocka_unit_test(test_many_references),
        cmocka_unit_test(test_nul_and_length), cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
