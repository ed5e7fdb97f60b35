/* POP3's syntax: each answer whole, one byte at a time and cut in two at each place; lines of lists,
 * capabilities, codes; and the hash by which a message is known again. */
#include "base/error.h"
#include "base/limits.h"
#include "pop3/headers.h"
#include "pop3/syntax.h"
#include "tests/unit/pop3-dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define MOST 4096

/* ---- answers ---- */

typedef struct {
    const char *shapes, *bytes, *expected;
} Row;

static void check_rows(const Row *rows, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        const gsize size = strlen(rows[i].bytes);
        g_autofree char *single = dump_all(rows[i].shapes, MOST, rows[i].bytes, size, 0, 1, NULL);

        assert_string_equal(single, rows[i].expected);
        for (gsize cut = 0; cut <= size; cut++) {
            g_autofree char *pieces = dump_all(rows[i].shapes, MOST, rows[i].bytes, size, cut, size, NULL);
            assert_string_equal(pieces, rows[i].expected);
        }
    }
}

static void test_lines(void **state)
{
    static const Row ROWS[] = {
        {"l", "+OK 2 320\r\n", "+ 2 320\n"},
        {"l", "+ok\r\n-err no\r\n+OK  \r\n", "+ \n- no\n+ \n"},
        {"l", "+ PDEyMz4=\r\n+\r\n+OK in\r\n", "? PDEyMz4=\n? \n+ in\n"},
        {"ls", "+OK\r\n+OK 2\r\n1 120\r\n..2\r\n\r\n.\r\n+OK\r\n.\r\n",
         "+ \n+ 2\n= 1 120\n= .2\n= \n\n+ \n\n"},
        {"s", "-ERR no\r\n+OK\n1 2\n.\n", "- no\n+ \n= 1 2\n\n"},
        {"l", "+OKAY\r\n", "refused"},
        {"l", "+OK\r\n* OK IMAP4rev1\r\n", "+ \nrefused"},
        {"l", "HTTP/1.1 400 Bad Request\r\n", "refused"},
        {"l", "\r\n", "refused"},
        {"l", "+OK a\rb\r\n", "+ a\\x0db\n"},
    };

    g_autofree char *with_nul = dump_all("l", MOST, "+OK a\0b\r\n", 10, 0, 10, NULL);

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
    assert_string_equal(with_nul, "refused");
}

static void test_bodies(void **state)
{
    static const Row ROWS[] = {
        {"b", "+OK\r\na: b\r\n\r\nc\r\n.\r\n", "+ {a: b\\x0a\\x0ac\\x0a}11\n"},
        {"b", "+OK\r\n.\r\n+OK\r\n\r\n.\r\n", "+ {}0\n+ {\\x0a}2\n"},
        /* Stuffed, and not stuffed though it should be. */
        {"b", "+OK\r\n..\r\n..a\r\n...\r\n.a\r\n.\r\n", "+ {.\\x0a.a\\x0a..\\x0a.a\\x0a}15\n"},
        /* CR or LF alone stay, and end nothing. */
        {"b", "+OK\r\na\rb\nc\r\r\nd\r\n.\r\n", "+ {a\\x0db\\x0ac\\x0d\\x0ad\\x0a}11\n"},
        {"b", "+OK\r\na\n.\nb\n.\r\n+OK\r\n.\r\n", "+ {a\\x0a.\\x0ab\\x0a.\\x0a+OK\\x0a}14\n"},
        {"b", "+OK\r\n.\rb\r\n.\n.\r\n.\r\n", "+ {.\\x0db\\x0a.\\x0a.\\x0a}10\n"},
        {"b", "+OK\r\na\r.\r\n.\r\n", "+ {a\\x0d.\\x0a}5\n"},
        /* A server that ends its own lines by LF, and one message of its that has CRLF. */
        {"b", "+OK\na\n..\n.\n+OK\nb\r\n.\r\n", "+ {a\\x0a.\\x0a}4\n+ {b\\x0a}3\n"},
        {"bl", "+OK\r\na\r\n.\r\n+OK\r\n", "+ {a\\x0a}3\n+ \n"},
        {"bl", "+OK\r\na\r\n.\r\nb\r\n.\r\n", "+ {a\\x0a}3\nrefused"},
        {"b", "-ERR [SYS/TEMP] no\r\n+OK\r\na", "- [SYS/TEMP] no\n+ {a"},
        {"b", "+OK\r\n\xff\xfe\r\n.\r\n", "+ {\\xff\\xfe\\x0a}4\n"},
    };
    static const char NUL[] = "+OK\r\na\0b\r\n.\r\n";
    g_autofree char *with_nul = dump_all("b", MOST, NUL, sizeof NUL - 1, 0, 3, NULL);

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
    assert_string_equal(with_nul, "+ {a\\x00b\\x0a}5\n");
}

/* `n` times the byte, as a text to be freed. */
static char *much(const char *before, char byte, gsize n, const char *after)
{
    g_autofree char *middle = g_strnfill(n, byte);

    return g_strconcat(before, middle, after, NULL);
}

static void test_limits(void **state)
{
    g_autofree char *line = much("", '+', 0, ""), *long_line = NULL, *body = NULL, *long_body = NULL;
    g_autoptr(GError) error = NULL;

    (void)state;
    g_free(line);
    line = much("+OK ", 'x', LIMIT_POP3_LINE_BYTES - 5, "\r\n");
    long_line = much("+OK ", 'x', LIMIT_POP3_LINE_BYTES - 3, "\r\n");
    body = much("+OK\r\n", 'x', MOST - 2, "\r\n.\r\n");
    long_body = much("+OK\r\n", 'x', MOST + 1, "\r\n.\r\n");

    g_autofree char *line_out = dump_all("l", MOST, line, strlen(line), 0, 1000, NULL);
    assert_true(g_str_has_prefix(line_out, "+ xx") && g_str_has_suffix(line_out, "x\n"));
    g_autofree char *long_line_out = dump_all("l", MOST, long_line, strlen(long_line), 0, 1000, &error);
    assert_string_equal(long_line_out, "refused");
    assert_true(tern_error_is(error, TERN_ERROR_PROTOCOL));
    g_clear_error(&error);

    g_autofree char *body_out = dump_all("b", MOST, body, strlen(body), 0, 1000, NULL);
    assert_true(g_str_has_suffix(body_out, "}4096\n"));
    g_autofree char *long_body_out = dump_all("b", MOST, long_body, strlen(long_body), 0, 1000, &error);
    assert_true(g_str_has_suffix(long_body_out, "refused"));
    assert_true(tern_error_is(error, TERN_ERROR_LIMIT));
}

/* ---- lines ---- */

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        gboolean is_sound;
        uint64_t first, second;
    } ROWS[] = {
        {"2 320", TRUE, 2, 320},
        {"2  320 more", TRUE, 2, 320},
        {"1 2147483648", TRUE, 1, 2147483648},
        {"1 9223372036854775807", TRUE, 1, INT64_MAX},
        {"1 9223372036854775808", FALSE, 0, 0},
        {"1 99999999999999999999999999", FALSE, 0, 0},
        {"", FALSE, 0, 0},
        {"1", FALSE, 0, 0},
        {"1 ", FALSE, 0, 0},
        {"1 x", FALSE, 0, 0},
        {"-1 2", FALSE, 0, 0},
        {"1 -2", FALSE, 0, 0},
        {"1x 2", FALSE, 0, 0},
        {" 1 2", FALSE, 0, 0},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        uint64_t first, second;
        const gboolean is_sound = pop3_read_numbers(ROWS[i].text, strlen(ROWS[i].text), &first, &second);
        assert_int_equal(is_sound, ROWS[i].is_sound);
        if (is_sound) {
            assert_int_equal(first, ROWS[i].first);
            assert_int_equal(second, ROWS[i].second);
        }
    }
}

static void check_uidl(const char *text, gsize bytes, const char *expected)
{
    uint64_t number;
    const char *uidl;
    gsize uidl_bytes;

    if (!pop3_read_uidl(text, bytes, &number, &uidl, &uidl_bytes)) {
        assert_null(expected);
        return;
    }
    g_autofree char *out = g_strdup_printf("%d=%.*s", (int)number, (int)uidl_bytes, uidl);
    assert_string_equal(out, expected);
}

static void test_uidls(void **state)
{
    g_autofree char *most = much("1 ", 'u', LIMIT_POP3_UIDL_BYTES, ""),
                    *too_long = much("1 ", 'u', LIMIT_POP3_UIDL_BYTES + 1, ""),
                    *expected = much("1=", 'u', 255, "");

    (void)state;
    check_uidl("1 whqtswO00WBw418f9t5JxYwZ", 26, "1=whqtswO00WBw418f9t5JxYwZ");
    check_uidl("12  a!~ ", 8, "12=a!~");
    check_uidl("1 ../../x", 9, "1=../../x");
    check_uidl("1", 1, "1=");
    check_uidl("1 ", 2, "1=");
    check_uidl("1 a b", 5, "1=");
    check_uidl("1 a\0b", 5, "1=");
    check_uidl("1 \xc3\xa4", 4, "1=");
    check_uidl("1 a\x7f", 4, "1=");
    check_uidl("x a", 3, NULL);
    check_uidl("", 0, NULL);
    check_uidl(most, strlen(most), expected);
    check_uidl(too_long, strlen(too_long), "1=");
}

static void test_capabilities(void **state)
{
    const char *arguments;

    (void)state;
    assert_int_equal(pop3_read_capability("TOP", &arguments), POP3_CAN_TOP);
    assert_string_equal(arguments, "");
    assert_int_equal(pop3_read_capability("sasl  PLAIN SCRAM-SHA-1", &arguments), POP3_CAN_SASL);
    assert_string_equal(arguments, "PLAIN SCRAM-SHA-1");
    assert_int_equal(pop3_read_capability("AUTH-RESP-CODE", &arguments), POP3_CAN_AUTH_RESP_CODE);
    assert_int_equal(pop3_read_capability("X-GOOGLE-RICO", &arguments), POP3_CAN_ANYWAY);
    assert_int_equal(pop3_read_capability("TOPS", &arguments), POP3_CAN_ANYWAY);
    assert_int_equal(pop3_read_capability("", &arguments), POP3_CAN_ANYWAY);

    assert_int_equal(pop3_read_expire("NEVER"), POP3_EXPIRE_NEVER);
    assert_int_equal(pop3_read_expire("30 USER"), 30);
    assert_int_equal(pop3_read_expire("0"), 0);
    assert_int_equal(pop3_read_expire("NEVERMORE"), POP3_EXPIRE_UNKNOWN);
    assert_int_equal(pop3_read_expire("-3"), POP3_EXPIRE_UNKNOWN);
    assert_int_equal(pop3_read_login_delay("300"), 300);
    assert_int_equal(pop3_read_login_delay("900 USER"), 900);
    assert_int_equal(pop3_read_login_delay("99999999999"), 86400);
    assert_int_equal(pop3_read_login_delay("soon"), 0);
}

static void check_code(const char *text, const char *code, const char *rest)
{
    const char *after;
    g_autofree char *got = pop3_read_code(text, &after);

    if (code)
        assert_string_equal(got, code);
    else
        assert_null(got);
    assert_string_equal(after, rest);
}

static void check_timestamp(const char *greeting, const char *expected)
{
    g_autofree char *got = pop3_read_timestamp(greeting);

    if (expected)
        assert_string_equal(got, expected);
    else
        assert_null(got);
}

static void test_statuses(void **state)
{
    g_autofree char *too_long = much("<a@", 'x', 300, ">");

    (void)state;
    check_code("[in-use] locked", "IN-USE", "locked");
    check_code("[SYS/TEMP]", "SYS/TEMP", "");
    check_code("locked [IN-USE]", NULL, "locked [IN-USE]");
    check_code("[] x", NULL, "[] x");
    check_code("[IN-USE", NULL, "[IN-USE");
    check_code("[\x1b] x", NULL, "[\x1b] x");
    check_timestamp("POP3 ready <1896.697170952@dbc.mtview.ca.us>", "<1896.697170952@dbc.mtview.ca.us>");
    check_timestamp("ready <a@b> <c@d>", "<a@b>");
    check_timestamp("ready <nobody>", NULL);
    check_timestamp("ready <a@\xff>", NULL);
    check_timestamp("ready <a@b c>", NULL);
    check_timestamp("ready <a@b", NULL);
    check_timestamp("ready", NULL);
    check_timestamp(too_long, NULL);
}

/* ---- the hash of a header ---- */

static guint64 hash(const char *text, gsize piece)
{
    g_autoptr(Pop3Headers) headers = pop3_headers_new();

    pop3_headers_begin(headers);
    pop3_headers_take(headers, "X: of the one before\n\n", 22);
    pop3_headers_begin(headers);
    for (gsize at = 0, size = strlen(text); at < size; at += piece)
        pop3_headers_take(headers, text + at, MIN(piece, size - at));
    return pop3_headers_end(headers);
}

static void assert_alike(const char *one, const char *other, gboolean is_alike)
{
    const guint64 a = hash(one, strlen(one)), b = hash(other, 1);

    assert_true(a != 0);
    assert_int_equal(a == b, is_alike);
}

static void test_headers(void **state)
{
    g_autofree char *wide = much("Subject: ", 'x', 2000, "\nTo: b\n\nbody"),
                    *wide_top = much("Subject: ", 'x', 2000, " \nTo: b\n"),
                    *wider = much("Subject: ", 'x', 2001, "\nTo: b\n\nbody");

    (void)state;
    assert_alike("From: a\nSubject: b\n\nbody\n", "From: a\nSubject: b\n\n", TRUE);
    assert_alike("From: a\nSubject: b\n\nbody\n", "From: a\nSubject: b", TRUE);
    assert_alike("From: a\n\nbody\n", "From: a\nStatus: RO\nX-UIDL: abc\n def\n\n", TRUE);
    assert_alike("From: a\n b \n\nbody\n", "From:  a \n\tb\n\n", TRUE);
    assert_alike("From: a\nStatus: x\nTo: b\n\n", "From: a\nTo: b\n\n", TRUE);
    assert_alike("From: a\n \nTo: b\n\n", "From: a\nTo: b\n\n", TRUE);
    assert_alike(wide, wide_top, TRUE);
    assert_alike(wide, wider, FALSE);
    assert_alike("From: a\n\n", "From: b\n\n", FALSE);
    assert_alike("From: a\nTo: b\n\n", "To: b\nFrom: a\n\n", FALSE);
    assert_alike("From: a\nb\n\n", "From: ab\n\n", FALSE);
    assert_alike("From: a\nX-Statuses: x\n\n", "From: a\n\n", FALSE);
    assert_true(hash("\nbody\n", 3) == 0);
    assert_true(hash("", 1) == 0);
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_lines),    cmocka_unit_test(test_bodies),  cmocka_unit_test(test_limits),
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_uidls),   cmocka_unit_test(test_capabilities),
        cmocka_unit_test(test_statuses), cmocka_unit_test(test_headers),
    };

    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
