/* Replies as tables: what comes in, what is read, whole and byte by byte; what refusals mean; addresses; a
 * file as it goes out. */
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "smtp/reply.h"
#include "smtp/send.h"
#include "smtp/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

/* "CODE STATUS text|text;" for each reply; "!" for nonsense, "…" when more is to come. */
static char *read_all(const char *bytes, gsize size, gsize piece)
{
    g_autoptr(SmtpParser) parser = smtp_parser_new();
    GString *out = g_string_new(NULL);
    gboolean is_whole = TRUE;

    for (gsize at = 0; at < size;) {
        g_autoptr(GError) error = NULL;
        SmtpReply reply;
        gssize used = smtp_parser_feed(parser, bytes + at, MIN(piece, size - at), &reply, &is_whole, &error);
        if (used < 0) {
            assert_true(tern_error_is(error, TERN_ERROR_PROTOCOL));
            g_string_append_c(out, '!');
            return g_string_free(out, FALSE);
        }
        at += (gsize)used;
        if (!is_whole)
            continue;
        g_autofree char *text = g_strdelimit(g_strdup(reply.text), "\n", '|');
        g_string_append_printf(out, "%u %s %s;", reply.code, *reply.status ? reply.status : "-", text);
    }
    if (!is_whole)
        g_string_append(out, "…");
    return g_string_free(out, FALSE);
}

static void test_replies(void **state)
{
    static const struct {
        const char *bytes, *expected;
    } ROWS[] = {
        {"250 OK\r\n", "250 - OK;"},
        {"250\r\n", "250 - ;"},
        {"250 \r\n", "250 - ;"},
        {"250 OK\n", "250 - OK;"},
        {"250-a\r\n250-b\r\n250 c\r\n", "250 - a|b|c;"},
        {"250-\r\n250\r\n", "250 - |;"},
        {"550 5.1.1 no such user\r\n", "550 5.1.1 no such user;"},
        {"550-5.1.1 no\r\n550 5.1.1 user\r\n", "550 5.1.1 no|user;"},
        {"550-5.1.1 no\r\n550 user\r\n", "550 5.1.1 no|user;"},
        {"550 5.1.1\r\n", "550 5.1.1 ;"},
        {"550 4.1.1 another class is text\r\n", "550 - 4.1.1 another class is text;"},
        {"550 5.1.1234 x\r\n", "550 - 5.1.1234 x;"},
        {"550 5.123.456 x\r\n", "550 5.123.456 x;"},
        {"550 5.1 x\r\n", "550 - 5.1 x;"},
        {"550 5.1.1.1 x\r\n", "550 - 5.1.1.1 x;"},
        {"220 a\r\n250 b\r\n", "220 - a;250 - b;"},
        {"250-a\r\n", "…"},
        {"250 a", "…"},
        {"250 a\r", "…"},
        {"250 a\rb\r\n", "250 - a\rb;"},
        {"250-a\r\n251 b\r\n", "!"},
        {"250-a\r\nb\r\n", "!"},
        {"25\r\n", "!"},
        {"2500 x\r\n", "!"},
        {"250x\r\n", "!"},
        {"650 x\r\n", "!"},
        {"150 x\r\n", "!"},
        {"+OK POP3\r\n", "!"},
        {"* OK IMAP\r\n", "!"},
        {"\r\n", "!"},
        {"550 caf\xe9\r\n", "550 - caf\xe9;"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const gsize size = strlen(ROWS[i].bytes);
        for (gsize piece = 1; piece <= size; piece++) {
            g_autofree char *read = read_all(ROWS[i].bytes, size, piece);
            assert_string_equal(read, ROWS[i].expected);
        }
    }
    g_autofree char *nul = read_all("250 a\0b\r\n", 9, 9);
    assert_string_equal(nul, "!");
}

static void test_limits(void **state)
{
    static const struct {
        gsize line, lines;
        gboolean is_read;
    } ROWS[] = {
        {LIMIT_SMTP_LINE_BYTES - 10, 1, TRUE},
        {LIMIT_SMTP_LINE_BYTES + 10, 1, FALSE},
        {1000, LIMIT_SMTP_REPLY_BYTES / 1000 - 1, TRUE},
        {1000, LIMIT_SMTP_REPLY_BYTES / 1000 + 1, FALSE},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *line = g_strnfill(ROWS[i].line, 'x');
        g_autoptr(GString) bytes = g_string_new(NULL);
        for (gsize n = 1; n <= ROWS[i].lines; n++)
            g_string_append_printf(bytes, "250%c%s\r\n", n < ROWS[i].lines ? '-' : ' ', line);
        g_autofree char *read = read_all(bytes->str, bytes->len, 700);
        assert_int_equal(!g_str_has_suffix(read, "!"), ROWS[i].is_read);
    }
}

static void test_meanings(void **state)
{
    static const struct {
        SmtpReply reply;
        const char *expected;
    } ROWS[] = {
        {{550, "5.1.1", "Sorry."}, "there is no such mailbox: Sorry"},
        {{452, "4.2.2", "full"}, "the mailbox is full: full"},
        {{552, "", ""}, "the message or the mailbox is too large: it gave no reason"},
        {{599, "5.9.9", "odd"}, "the mail server refused: odd"},
        {{499, "", "odd"}, "the mail server cannot do that just now: odd"},
        {{550, "", "a\nb"}, "the mail server refused: a b"},
        {{550, "", "\x1b]52;c;x\x07"}, "the mail server refused: \xc2\xb7]52;c;x\xc2\xb7"},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *meaning = smtp_reply_meaning(&ROWS[i].reply);
        assert_string_equal(meaning, ROWS[i].expected);
    }
    g_autofree char *text = g_strnfill(3000, 'x');
    g_autofree char *words = smtp_reply_words(&(SmtpReply){.code = 550, .text = text});
    assert_true(strlen(words) < 600 && g_str_has_suffix(words, "…"));
}

static void test_addresses(void **state)
{
    static const struct {
        const char *address;
        gboolean is_valid;
    } ROWS[] = {
        {"ada@example.org", TRUE},
        {"a.b+c=d'e@x", TRUE},
        {"\"a b\"@example.org", TRUE},
        {"\"a\\\"> b\"@example.org", TRUE},
        {"jürgen@bücher.example", TRUE},
        {"ada@[127.0.0.1]", TRUE},
        {"ada@[IPv6:::1]", TRUE},
        {"", FALSE},
        {"ada", FALSE},
        {"@example.org", FALSE},
        {"ada@", FALSE},
        {"ada@a..b", FALSE},
        {"ada@.a", FALSE},
        {"ada@a.", FALSE},
        {"ada@b c", FALSE},
        {"a b@example.org", FALSE},
        {"a@b@c", FALSE},
        {"ada@example.org>", FALSE},
        {"ada@example.org> SIZE=1", FALSE},
        {"ada@example.org\r\nRCPT TO:<eve@x>", FALSE},
        {"\"a\r\nb\"@x", FALSE},
        {"\"a@x", FALSE},
        {"<ada@x>", FALSE},
        {"ada@[1.2.3.4", FALSE},
        {"ada@[x> y]", FALSE},
        {"ad\xff@x", FALSE},
        {"ada@x?y", FALSE},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        if (smtp_address_is_valid(ROWS[i].address) != ROWS[i].is_valid)
            fail_msg("%s", ROWS[i].address);
}

static void test_source(void **state)
{
    static const struct {
        const char *file, *dots, *plain;
    } ROWS[] = {
        {"a: b\n\nx\n", "a: b\r\n\r\nx\r\n", "a: b\r\n\r\nx\r\n"},
        {"a: b\r\n\r\nx\r\n", "a: b\r\n\r\nx\r\n", "a: b\r\n\r\nx\r\n"},
        {".\n..\nx.\n", "..\r\n...\r\nx.\r\n", ".\r\n..\r\nx.\r\n"},
        {"no end", "no end\r\n", "no end\r\n"},
        {".", "..\r\n", ".\r\n"},
        {"x\r", "x\r\n", "x\r\n"},
        {"", "", ""},
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const int fd = memfd_create("m", MFD_CLOEXEC);
        SmtpMeasure measure;
        file_write_all(fd, ROWS[i].file, strlen(ROWS[i].file), NULL);
        for (int dots = 0; dots < 2; dots++) {
            g_autofree SmtpSource *source = smtp_source_new(fd, dots);
            g_autoptr(GString) out = g_string_new(NULL);
            gssize size;
            while ((size = smtp_source_next(source, NULL)) > 0)
                g_string_append_len(out, source->out, size);
            assert_int_equal(size, 0);
            assert_string_equal(out->str, dots ? ROWS[i].dots : ROWS[i].plain);
        }
        assert_true(smtp_measure(fd, &measure, NULL));
        assert_int_equal(measure.size_bytes, strlen(ROWS[i].plain));
        close(fd);
    }
}

/* Across the pieces that a file is read in. */
static void test_measure(void **state)
{
    (void)state;
    for (gsize fill = SOURCE_PIECE_BYTES - 3; fill < SOURCE_PIECE_BYTES + 3; fill++) {
        g_autoptr(GString) text = g_string_new("a: b\n\n");
        const int fd = memfd_create("m", MFD_CLOEXEC);
        SmtpMeasure measure;

        while (text->len < fill)
            g_string_append_c(text, 'x');
        g_string_append(text, "\r\n.\xc3\xa9\r\n");
        file_write_all(fd, text->str, text->len, NULL);
        assert_true(smtp_measure(fd, &measure, NULL));
        assert_int_equal(measure.size_bytes, text->len + 2);
        assert_true(measure.has_8bit && !measure.has_8bit_header && !measure.has_bare_cr && !measure.has_nul);
        file_write_all(fd, "\rx\0", 3, NULL);
        assert_true(smtp_measure(fd, &measure, NULL));
        assert_true(measure.has_bare_cr && measure.has_nul);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),   cmocka_unit_test(test_limits), cmocka_unit_test(test_meanings),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_source), cmocka_unit_test(test_measure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
