/* What IMAP writes into strings: folder names (modified UTF-7), sets of UIDs, body structures. */
#include "imap/bodystructure.h"
#include "imap/uidset.h"
#include "base/utf7.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_utf7(void **state)
{
    static const struct {
        const char *raw, *name;
    } ROWS[] = {
        {"", ""},
        {"INBOX", "INBOX"},
        {"a&-b", "a&b"},
        {"&-", "&"},
        {"Entw&APw-rfe", "Entwürfe"},
        {"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"},
        {"&2D3eAA-", "😀"},
        {"x&2D3eAACp-y", "x😀©y"},
        {"&IKw-1&-", "€1&"},
        {"a~b!", "a~b!"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *name = utf7_decode(ROWS[i].raw, ""), *raw = utf7_encode(ROWS[i].name, "");
        g_autofree char *shown = utf7_show(ROWS[i].raw);
        assert_string_equal(name, ROWS[i].name);
        assert_string_equal(raw, ROWS[i].raw);
        assert_string_equal(shown, ROWS[i].name);
    }
}

/* No modified UTF-7: shown as it is, or with its bytes spelled out. */
static void test_utf7_malformed(void **state)
{
    static const struct {
        const char *raw, *shown;
    } ROWS[] = {
        {"&", "&"},
        {"a&b", "a&b"},
        {"&AAA-", "&AAA-"},           /* NUL */
        {"&AAo-", "&AAo-"},           /* a line end */
        {"&AC8-", "&AC8-"},           /* '/', which needs no base64 */
        {"&2D0-", "&2D0-"},           /* half a surrogate pair */
        {"&3gA-", "&3gA-"},           /* the other half */
        {"&2D0AQQ-", "&2D0AQQ-"},     /* followed by something else */
        {"&APx-", "&APx-"},           /* bits left over that are not 0 */
        {"&APwA-", "&APwA-"},         /* digits too many */
        {"&APw", "&APw"},             /* not closed */
        {"&AP/-", "&AP/-"},           /* '/' instead of ',' */
        {"&APw-&APw-", "&APw-&APw-"}, /* two runs where one would do */
        {"\xc3\xbc", "ü"},            /* UTF-8 as it is */
        {"a\xff\x80z", "a\\xFF\\x80z"},
        {"\xc3", "\\xC3"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *name = utf7_decode(ROWS[i].raw, ""), *shown = utf7_show(ROWS[i].raw);
        assert_null(name);
        assert_string_equal(shown, ROWS[i].shown);
    }
}

static void test_uid_set_parse(void **state)
{
    static const struct {
        const char *text;
        guint32 star;
        const char *expected; /* NULL: refused */
        guint64 count;
    } ROWS[] = {
        {"1", 0, "1", 1},
        {"1:5,7", 0, "1:5,7", 6},
        {"5:1", 0, "1:5", 5},
        {"7,1:5,6", 0, "1:7", 7},
        {"9,1,5,3,1", 0, "1,3,5,9", 4},
        {"1:4294967295", 0, "1:4294967295", 4294967295},
        {"4294967295,1,4294967294", 0, "1,4294967294:4294967295", 3},
        {"1:4294967295,1:4294967295", 0, "1:4294967295", 4294967295},
        {"3:*", 10, "3:10", 8},
        {"*", 10, "10", 1},
        {"*:3", 2, "2:3", 2},
        {"1:*", 0, NULL, 0},
        {"", 0, NULL, 0},
        {",", 0, NULL, 0},
        {"1,", 0, NULL, 0},
        {"1,,2", 0, NULL, 0},
        {"0", 0, NULL, 0},
        {"0:5", 0, NULL, 0},
        {"1:", 0, NULL, 0},
        {":1", 0, NULL, 0},
        {"1:2:3", 0, NULL, 0},
        {"4294967296", 0, NULL, 0},
        {"99999999999999999999999", 0, NULL, 0},
        {"-1", 0, NULL, 0},
        {"1 ", 0, NULL, 0},
        {"a", 0, NULL, 0},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(ImapUidSet) set = imap_uid_set_parse(ROWS[i].text, ROWS[i].star);
        if (!ROWS[i].expected) {
            assert_null(set);
            continue;
        }
        g_autofree char *text = imap_uid_set_text(set);
        assert_string_equal(text, ROWS[i].expected);
        assert_true(imap_uid_set_count(set) == ROWS[i].count);
    }
}

static void test_uid_set_build(void **state)
{
    g_autoptr(ImapUidSet) set = imap_uid_set_new();
    g_autofree char *empty = imap_uid_set_text(set);

    (void)state;
    assert_string_equal(empty, "");
    for (guint32 uid = 100; uid > 90; uid--)
        imap_uid_set_add(set, uid);
    imap_uid_set_add(set, 0);
    imap_uid_set_add(set, 5);
    imap_uid_set_add_range(set, 200, 300);
    imap_uid_set_add(set, UINT32_MAX);

    g_autofree char *text = imap_uid_set_text(set);
    assert_string_equal(text, "5,91:100,200:300,4294967295");
    assert_true(imap_uid_set_contains(set, 5));
    assert_true(imap_uid_set_contains(set, 91));
    assert_true(imap_uid_set_contains(set, 250));
    assert_true(imap_uid_set_contains(set, UINT32_MAX));
    assert_false(imap_uid_set_contains(set, 0));
    assert_false(imap_uid_set_contains(set, 6));
    assert_false(imap_uid_set_contains(set, 301));

    g_auto(GStrv) texts = imap_uid_set_texts(set, 21);
    assert_int_equal(g_strv_length(texts), 2);
    assert_string_equal(texts[0], "5,91:100,200:300");
    assert_string_equal(texts[1], "4294967295");
}

static int attachments_of(const char *structure)
{
    g_autoptr(ImapParser) parser = imap_parser_new();
    g_autofree char *line = g_strdup_printf("* %s\r\n", structure);
    g_autoptr(GError) error = NULL;
    ImapTree tree;
    gsize used;

    assert_int_equal(imap_parser_feed(parser, line, strlen(line), &used, &tree, &error), IMAP_PARSE_DONE);
    return imap_bodystructure_attachments(&tree, 1);
}

#define TEXT "(\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"8bit\" 9 1 NIL NIL NIL NIL)"
#define PDF_ATTACHED                                                                                         \
    "(\"application\" \"pdf\" NIL NIL NIL \"base64\" 9 NIL (\"attachment\" (\"filename\" \"a.pdf\")) NIL "   \
    "NIL)"
#define IMAGE(disposition)                                                                                   \
    "(\"image\" \"png\" (\"name\" \"x.png\") \"<a@b>\" NIL \"base64\" 9 NIL " disposition " NIL NIL)"
#define MESSAGE(disposition, body)                                                                           \
    "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 99 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) " body      \
    " 9 NIL " disposition " NIL NIL)"

static void test_bodystructure(void **state)
{
    static const struct {
        const char *structure;
        int attachments;
    } ROWS[] = {
        {TEXT, 0},
        {"(" TEXT PDF_ATTACHED " \"mixed\" (\"boundary\" \"x\") NIL NIL)", 1},
        {"(" TEXT PDF_ATTACHED PDF_ATTACHED " \"mixed\")", 2},
        {"(\"text\" \"plain\" (\"name\" \"a.txt\") NIL NIL \"7bit\" 9 1 NIL NIL NIL)", 1},
        {"(\"text\" \"plain\" (\"name\" \"a.txt\") NIL NIL \"7bit\" 9 1 NIL (\"INLINE\" NIL) NIL)", 0},
        {"(\"text\" \"plain\" NIL NIL NIL \"7bit\" 9 1 NIL (\"ATTACHMENT\" NIL) NIL)", 1},
        {"(\"text\" \"plain\" NIL NIL NIL \"7bit\" 9 1 NIL \"attachment\" NIL)", 1},
        {"(\"application\" \"pgp-signature\" NIL NIL NIL \"7bit\" 9)", 0},
        {"(\"application\" \"x\" (\"name*0*\" \"utf-8''a\") NIL NIL \"7bit\" 9)", 1},
        {"(\"application\" \"x\" NIL NIL NIL \"7bit\" 9 NIL (\"inline\" (\"filename*\" \"utf-8''a\")))", 1},
        {"(\"application\" \"x\" (\"names\" \"a\" \"x\" \"name\") NIL NIL \"7bit\" 9)", 0},
        {"((\"text\" \"html\" NIL NIL NIL \"7bit\" 9 1)" IMAGE(
             "(\"inline\" (\"filename\" \"x\"))") " \"related\")",
         0},
        {"((\"text\" \"html\" NIL NIL NIL \"7bit\" 9 1)" IMAGE("NIL") " \"RELATED\" NIL NIL NIL)", 0},
        {"((\"text\" \"html\" NIL NIL NIL \"7bit\" 9 1)" IMAGE("(\"attachment\" NIL)") " \"related\")", 1},
        {"((\"text\" \"html\" NIL NIL NIL \"7bit\" 9 1)" IMAGE("NIL") " \"mixed\")", 1},
        {"(((" TEXT TEXT " \"alternative\")" IMAGE("NIL") " \"related\")" PDF_ATTACHED " \"mixed\")", 1},
        {"(" TEXT MESSAGE("NIL", "(" TEXT PDF_ATTACHED " \"mixed\")") " \"mixed\")", 1},
        {"(" TEXT MESSAGE("(\"attachment\" NIL)", TEXT) " \"mixed\")", 1},
        {"(" TEXT MESSAGE("(\"inline\" NIL)", TEXT) " \"mixed\")", 0},
        {"(" TEXT MESSAGE("(\"inline\" NIL)", "(" TEXT PDF_ATTACHED PDF_ATTACHED " \"mixed\")") " \"mixed\")",
         2},
        {"(" TEXT MESSAGE("(\"inline\" (\"filename\" \"m.eml\"))", TEXT) " \"mixed\")", 1},
        {"(\"message\" \"delivery-status\" NIL NIL NIL \"7bit\" 9)", 0},
        /* nonsense */
        {"NIL", -1},
        {"()", -1},
        {"x", -1},
        {"(())", 0},
        {"(a)", 0},
        {"(NIL NIL NIL NIL NIL NIL NIL NIL NIL)", 0},
        {"((a b) (c d))", 0},
        {"(\"message\" \"rfc822\" NIL NIL NIL NIL NIL NIL NIL NIL)", 0},
        {"(\"text\" \"plain\" (\"name\") NIL NIL NIL 0 0 NIL ())", 1},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        if (attachments_of(ROWS[i].structure) != ROWS[i].attachments)
            fail_msg("%s: %d", ROWS[i].structure, attachments_of(ROWS[i].structure));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf7),          cmocka_unit_test(test_utf7_malformed),
        cmocka_unit_test(test_uid_set_parse), cmocka_unit_test(test_uid_set_build),
        cmocka_unit_test(test_bodystructure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
