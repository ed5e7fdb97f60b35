/* test-compose-address.c - addresses and mailto: links as typed, and as fields; what must be refused. */
#include "compose/address.h"
#include "compose/mailto.h"
#include "base/error.h"
#include "base/limits.h"
#include "mime/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *typed, *again; /* how it is typed by tern itself; NULL: the same */
    const char *field;         /* NULL: not looked at */
} GOOD[] = {
    {"", NULL, ""},
    {" , ,; ", "", ""},
    {"ada@example.org", NULL, "To: ada@example.org\n"},
    {"Ada Lovelace <ada@example.org>", NULL, "To: Ada Lovelace <ada@example.org>\n"},
    {"<ada@example.org>", "ada@example.org", "To: ada@example.org\n"},
    {"ada@example.org, zoe@example.com", NULL, "To: ada@example.org, zoe@example.com\n"},
    {"ada@example.org; zoe@example.com;", "ada@example.org, zoe@example.com", NULL},
    {"\"O'Neill, Pat\" <pat@example.org>", NULL, "To: \"O'Neill, Pat\" <pat@example.org>\n"},
    {"O'Neill <pat@example.org>", NULL, "To: O'Neill <pat@example.org>\n"},
    {"Dr. Who <who@example.org>", "\"Dr. Who\" <who@example.org>", "To: \"Dr. Who\" <who@example.org>\n"},
    {"ada@example.org (Ada)", "Ada <ada@example.org>", NULL},
    {"(Ada (the first)) ada@example.org", "\"Ada (the first)\" <ada@example.org>", NULL},
    {"Zoë <zoe@example.com>", NULL, "To: =?utf-8?q?Zo=C3=AB?= <zoe@example.com>\n"},
    {"田中 太郎 <t@example.jp>", NULL, "To: =?utf-8?b?55Sw5LitIOWkqumDjg==?= <t@example.jp>\n"},
    {"zoe@bücher.example", NULL, "To: zoe@xn--bcher-kva.example\n"},
    {"zoë@example.com", NULL, "To: zoë@example.com\n"},
    {"\"a b\"@example.org", NULL, "To: \"a b\"@example.org\n"},
    {"\"a,b\"@example.org", NULL, NULL},
    {"<\"a>b\"@example.org>", "\"a>b\"@example.org", NULL},
    {"ada@[192.0.2.1]", NULL, "To: ada@[192.0.2.1]\n"},
    {"ada@[IPv6:2001:db8::1]", NULL, "To: ada@[IPv6:2001:db8::1]\n"},
    {"Team: a@example.org, B <b@example.org>;", NULL, "To: Team: a@example.org, B <b@example.org>;\n"},
    {"undisclosed-recipients:;", NULL, "To: undisclosed-recipients:;\n"},
    {"A: a@x.org;, B: b@x.org;", NULL, "To: A: a@x.org;, B: b@x.org;\n"},
    {"A:;, c@x.org", NULL, "To: A:;, c@x.org\n"},
    {"=?utf-8?q?x?= <a@x.org>", NULL, "To: =?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= <a@x.org>\n"},
    {"אבג <a@x.org>", NULL, NULL},
    {"A:; A: a@x.org;", "A: a@x.org;", NULL},
    {"ada@example.org ( )", "ada@example.org", NULL},
    {"ada\n <ada@example.org>", "ada <ada@example.org>", NULL},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(GOOD); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = compose_addresses_parse(GOOD[i].typed, NULL, &error);
        if (!list)
            print_error("%s: %s\n", GOOD[i].typed, error->message);
        assert_non_null(list);
        g_autofree char *again = compose_addresses_format(list);
        assert_string_equal(again, GOOD[i].again ? GOOD[i].again : GOOD[i].typed);
        g_autoptr(GPtrArray) second = compose_addresses_parse(again, NULL, NULL);
        assert_non_null(second);
        g_autofree char *third = compose_addresses_format(second);
        assert_string_equal(third, again);
        g_autoptr(GString) field = g_string_new(NULL);
        assert_true(mime_write_addresses(field, "To", list, NULL));
        if (GOOD[i].field)
            assert_string_equal(field->str, GOOD[i].field);
    }
}

static const struct {
    const char *typed;
    int where; /* the byte where the mistake is */
} BAD[] = {
    {"ada", 0},
    {"ada@", 0},
    {"@example.org", 0},
    {"ada@example.org zoe@example.com", 0},
    {"ok@x.org, ada@ex ample.org", 10},
    {"Lovelace, Ada <ada@example.org>", 0}, /* two ways: one name, or somebody called Lovelace and Ada */
    {"boss@example.org <evil@example.com>", 0},
    {"a@x.org <b@x.org> <c@x.org>", 18},
    {"<a@x.org> b@x.org", 10},
    {"<a@x.org", 0},
    {"\"Ada <a@x.org>", 0},
    {"Ada (x <a@x.org>", 4},
    {"Team: a@x.org", 13},
    {"Team: Inner: a@x.org;;", 6},
    {":;", 0},
    {"a..b@x.org", 0},
    {".a@x.org", 0},
    {"a.@x.org", 0},
    {"a@-x.org", 0},
    {"a@x..org", 0},
    {"a@x.org.", 0},
    {"a@[300.1.1.1]", 0},
    {"a@x.org\xE2\x80\xAE", 0},     /* a bidi override */
    {"A\xE2\x80\x8B <a@x.org>", 0}, /* a zero-width space */
    {"a\x01@x.org", 0},
    {"\xff@x.org", 0},
    {"\"a\nBcc: evil\" <a@x.org>", 0},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.org", 0},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(GError) error = NULL;
        gsize where = 0;
        g_autoptr(GPtrArray) list = compose_addresses_parse(BAD[i].typed, &where, &error);
        if (list || (int)where != BAD[i].where)
            print_error("%s: %s at %zu\n", BAD[i].typed, list ? "read" : error->message, (size_t)where);
        assert_null(list);
        assert_true(tern_error_is(error, TERN_ERROR_INPUT));
        assert_int_equal(where, BAD[i].where);
    }
}

static void test_equal(void **state)
{
    (void)state;
    assert_true(compose_address_equal("Ada@Example.org", "ada@example.ORG"));
    assert_true(compose_address_equal("a@bücher.example", "a@xn--bcher-kva.example"));
    assert_false(compose_address_equal("ada@example.org", "ada@example.com"));
    assert_true(compose_address_needs_utf8("zoë@example.com"));
    assert_false(compose_address_needs_utf8("zoe@bücher.example"));
    assert_int_equal(compose_address_word("a@x.org, \"b, c\" zo", 18), 9);
    assert_int_equal(compose_address_word("zo", 2), 0);
    assert_int_equal(compose_address_word("Team: zo", 8), 6);
}

static void test_many(void **state)
{
    g_autoptr(GString) typed = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    (void)state;
    for (int i = 0; i <= LIMIT_ADDRESSES; i++)
        g_string_append_printf(typed, "a%d@x.org, ", i);
    assert_null(compose_addresses_parse(typed->str, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_LIMIT));
}

static const struct {
    const char *link, *to, *cc, *subject, *body, *in_reply_to, *refused;
} LINKS[] = {
    {"mailto:ada@example.org", "ada@example.org", "", "", "", NULL, NULL},
    {"MAILTO:ada@example.org?subject=Hi%20there", "ada@example.org", "", "Hi there", "", NULL, NULL},
    {"mailto:?to=a@x.org,b@x.org&cc=c@x.org&body=one%0D%0Atwo", "a@x.org,b@x.org", "c@x.org", "", "one\ntwo",
     NULL, NULL},
    {"mailto:a@x.org?to=b@x.org", "a@x.org, b@x.org", "", "", "", NULL, NULL},
    {"mailto:a+b@x.org?subject=1+1", "a+b@x.org", "", "1+1", "", NULL, NULL},
    {"mailto:a@x.org?attach=/etc/passwd&Bcc=evil@x.org&attachment=x", "a@x.org", "", "", "", NULL,
     "attach, Bcc, attachment"},
    {"mailto:a@x.org?subject=x%0d%0aBcc:%20evil@x.org", "a@x.org", "", "x  Bcc: evil@x.org", "", NULL, NULL},
    {"mailto:a@x.org%0aBcc:evil@x.org", "a@x.org Bcc:evil@x.org", "", "", "", NULL, NULL},
    {"mailto:a@x.org?in-reply-to=%3Cid@x.org%3E", "a@x.org", "", "", "", "id@x.org", NULL},
    {"mailto:a@x.org?subject=caf%C3%A9&from=evil@x.org", "a@x.org", "", "café", "", NULL, "from"},
    {"mailto:a@x.org?subject=%ff%00x", "a@x.org", "", "\xEF\xBF\xBD\xEF\xBF\xBDx", "", NULL, NULL},
    {"mailto:a@x.org?subject=100%&&=", "a@x.org", "", "100%", "", NULL, NULL},
    {"mailto:a@x.org?body=a&body=b%1b[2J", "a@x.org", "", "", "a\nb[2J", NULL, NULL},
    {"mailto:", "", "", "", "", NULL, NULL},
};

static void test_mailto(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(LINKS); i++) {
        g_autoptr(Mailto) mailto = mailto_parse(LINKS[i].link, NULL);
        assert_non_null(mailto);
        assert_string_equal(mailto->to, LINKS[i].to);
        assert_string_equal(mailto->cc, LINKS[i].cc);
        assert_string_equal(mailto->subject, LINKS[i].subject);
        assert_string_equal(mailto->body, LINKS[i].body);
        assert_int_equal(g_strcmp0(mailto->in_reply_to, LINKS[i].in_reply_to), 0);
        assert_int_equal(g_strcmp0(mailto->refused, LINKS[i].refused), 0);
    }
    assert_null(mailto_parse("http://example.org", NULL));
    g_autofree char *much = g_strnfill(1 << 20, 'x');
    g_autofree char *link = g_strconcat("mailto:a@x.org?body=", much, NULL);
    g_autoptr(Mailto) cut = mailto_parse(link, NULL);
    assert_true(cut->is_cut);
    assert_true(strlen(cut->body) <= LIMIT_MAILTO_BYTES);
}

/* ---- the encoder ---- */

static const struct {
    const char *text, *field;
} TEXTS[] = {
    {"", "Subject: \n"},
    {"Lunch", "Subject: Lunch\n"},
    {"Grüße an alle", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= an alle\n"},
    {"a ü b ö c", "Subject: a =?utf-8?q?=C3=BC?= b =?utf-8?q?=C3=B6?= c\n"},
    {"ü ö", "Subject: =?utf-8?b?w7wgw7Y=?=\n"},
    {"x =?utf-8?q?y?= z", "Subject: x =?utf-8?q?=3D=3Futf-8=3Fq=3Fy=3F=3D?= z\n"},
    {"  trimmed  ", "Subject: trimmed\n"},
};

static void test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autoptr(GString) field = g_string_new(NULL);
        assert_true(mime_write_text(field, "Subject", TEXTS[i].text, NULL));
        assert_string_equal(field->str, TEXTS[i].field);
    }
}

/* Nothing that is handed in begins a line, or a field. */
static void test_injection(void **state)
{
    static const char *const HOSTILE[] = {"x\nBcc: evil@x.org", "x\r\nBcc: evil@x.org", "x\rBcc: y", "x\x7f",
                                          "x\xC2\x85y",         "x\xE2\x80\xA8y",       "\xff",      NULL};
    (void)state;
    for (int i = 0; HOSTILE[i]; i++) {
        g_autoptr(GString) out = g_string_new("A: b\n");
        const char *parameters[] = {"filename", HOSTILE[i], NULL};
        const char *ids[] = {HOSTILE[i], NULL};
        g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
        g_autoptr(GPtrArray) group = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
        g_autofree char *address = g_strconcat("a@", HOSTILE[i], NULL);
        g_autoptr(GPtrArray) bad = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
        g_ptr_array_add(list, mime_mailbox_new(NULL, HOSTILE[i], "a@x.org"));
        g_ptr_array_add(group, mime_mailbox_new(HOSTILE[i], "A", "a@x.org"));
        g_ptr_array_add(bad, mime_mailbox_new(NULL, "A", address));
        assert_false(mime_write_text(out, "Subject", HOSTILE[i], NULL));
        assert_false(mime_write_value(out, "Content-Disposition", "attachment", parameters, NULL));
        mime_write_ids(out, "References", ids); /* others' words: left out */
        assert_false(mime_write_value(out, "Content-Type", HOSTILE[i], NULL, NULL));
        assert_false(mime_write_addresses(out, "To", list, NULL));
        assert_false(mime_write_addresses(out, "To", group, NULL));
        assert_false(mime_write_addresses(out, "To", bad, NULL));
        assert_string_equal(out->str, "A: b\n");
    }
}

static void test_value(void **state)
{
    const char *plain[] = {"filename", "plan.pdf", NULL}, *quotes[] = {"filename", "my \"plan\".pdf", NULL},
               *other[] = {"filename", "Überblick.pdf", NULL}, *none[] = {"filename", "", NULL};
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    assert_true(mime_write_value(out, "D", "attachment", plain, NULL));
    assert_true(mime_write_value(out, "D", "attachment", quotes, NULL));
    assert_true(mime_write_value(out, "D", "attachment", other, NULL));
    assert_true(mime_write_value(out, "D", "attachment", none, NULL));
    assert_string_equal(out->str,
                        "D: attachment; filename=plan.pdf\nD: attachment; filename=\"my \\\"plan\\\".pdf\"\n"
                        "D: attachment; filename*=utf-8''%C3%9Cberblick.pdf\nD: attachment; filename=\"\"\n");
}

static void test_long(void **state)
{
    g_autofree char *word = g_strnfill(3000, 'x');
    g_autofree char *hearts = g_strdup("");
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    for (int i = 0; i < 8; i++) {
        char *more = g_strconcat(hearts, *hearts ? hearts : "❤️🏳️‍🌈", NULL);
        g_free(hearts);
        hearts = more;
    }
    const char *parameters[] = {"filename", hearts, NULL};
    assert_true(mime_write_text(out, "Subject", word, NULL));
    assert_true(mime_write_text(out, "Subject", hearts, NULL));
    assert_true(mime_write_value(out, "D", "attachment", parameters, NULL));
    g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);
    for (int i = 0; lines[i]; i++)
        assert_true(strlen(lines[i]) <= 80);
    g_string_truncate(out, 0);
    mime_write_date(out, "Date", 1795608000, 60);
    mime_write_date(out, "Date", 1795608000, -210);
    assert_string_equal(out->str,
                        "Date: Wed, 25 Nov 2026 13:00:00 +0100\nDate: Wed, 25 Nov 2026 08:30:00 -0330\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),  cmocka_unit_test(test_bad),       cmocka_unit_test(test_equal),
        cmocka_unit_test(test_many),  cmocka_unit_test(test_mailto),    cmocka_unit_test(test_text),
        cmocka_unit_test(test_value), cmocka_unit_test(test_injection), cmocka_unit_test(test_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
