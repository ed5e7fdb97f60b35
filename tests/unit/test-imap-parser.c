/* The IMAP parser: each input whole, one byte at a time, and cut in two at each place; each malformed one is
 * refused in the same way. */
#include "base/error.h"
#include "base/limits.h"
#include "imap/parser.h"
#include "tests/unit/imap-dump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* Feeds a piece; responses are dumped a line each. FALSE when it was refused. */
static gboolean feed(ImapParser *parser, const char *bytes, gsize size, GString *out)
{
    while (size > 0) {
        g_autoptr(GError) error = NULL;
        ImapTree tree;
        gsize used;
        ImapParse parse = imap_parser_feed(parser, bytes, size, &used, &tree, &error);

        assert_true(used <= size);
        if (parse == IMAP_PARSE_FAILED) {
            assert_true(tern_error_is(error, TERN_ERROR_PROTOCOL));
            g_string_append(out, "refused");
            return FALSE;
        }
        assert_null(error);
        if (parse == IMAP_PARSE_DONE) {
            dump_tree(&tree, out);
            g_string_append_c(out, '\n');
        } else if (parse == IMAP_PARSE_SKIPPED) {
            g_string_append(out, "skipped\n");
        } else {
            assert_int_equal(used, size);
        }
        bytes += used;
        size -= used;
    }
    return TRUE;
}

/* What comes out when `bytes` come in pieces: up to `cut`, then `piece` at a time. */
static char *parse(const char *bytes, gsize size, gsize cut, gsize piece)
{
    g_autoptr(ImapParser) parser = imap_parser_new();
    GString *out = g_string_new(NULL);

    if (feed(parser, bytes, cut, out))
        for (gsize at = cut; at < size; at += piece)
            if (!feed(parser, bytes + at, MIN(piece, size - at), out))
                break;
    return g_string_free(out, FALSE);
}

static void check(const char *bytes, gsize size, const char *expected)
{
    g_autofree char *whole = parse(bytes, size, 0, size);
    g_autofree char *single = parse(bytes, size, 0, 1);

    assert_string_equal(whole, expected);
    assert_string_equal(single, expected);
    for (gsize cut = 1; cut < size; cut++) {
        g_autofree char *halves = parse(bytes, size, cut, size);
        assert_string_equal(halves, expected);
    }
}

typedef struct {
    const char *bytes, *expected;
} Row;

static void check_rows(const Row *rows, gsize n)
{
    for (gsize i = 0; i < n; i++)
        check(rows[i].bytes, strlen(rows[i].bytes), rows[i].expected);
}

static void test_values(void **state)
{
    static const Row ROWS[] = {
        {"* 12 EXISTS\r\n", "* #12 EXISTS\n"},
        {"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\n"},
        {"* LIST (\\Noselect \\HasChildren) \"/\" \"a \\\"b\\\\c\"\r\n",
         "* LIST (\\Noselect \\HasChildren) \"/\" \"a \"b\\c\"\n"},
        {"* LIST () NIL nil\r\n", "* LIST () NIL:NIL NIL:nil\n"},
        {"* 1 FETCH (UID 7 FLAGS ())\r\n", "* #1 FETCH (UID #7 FLAGS ())\n"},
        {"* 1 FETCH (BODY[HEADER.FIELDS (DATE \"x]y\")]<0> {3}\r\na\r\n UID 4)\r\n",
         "* #1 FETCH (BODY[HEADER.FIELDS (DATE \"x]y\")]<0> ~a\\x0d\\x0a UID #4)\n"},
        {"* 1 FETCH (BINARY[1] ~{2}\r\nxy BODY[] {0}\r\n)\r\n", "* #1 FETCH (BINARY[1] ~xy BODY[] ~)\n"},
        {"* 1 FETCH (BODYSTRUCTURE ((\"a\" \"b\")(\"c\" \"d\") \"mixed\"))\r\n",
         "* #1 FETCH (BODYSTRUCTURE ((\"a\" \"b\") (\"c\" \"d\") \"mixed\"))\n"},
        {"* SEARCH 1 2 4294967295\r\n", "* SEARCH #1 #2 #4294967295\n"},
        {"* X 18446744073709551615 18446744073709551616 99999999999999999999 007 1a\r\n",
         "* X #18446744073709551615 18446744073709551616 99999999999999999999 #007 1a\n"},
        {"* LIST () \".\" foo[bar\r\n* LIST () \".\" b]\r\n",
         "* LIST () \".\" foo[bar\n* LIST () \".\" b]\n"},
        {"* LIST () \".\" ~x\r\n* LIST () \".\" ~\r\n", "* LIST () \".\" ~x\n* LIST () \".\" ~\n"},
        {"* LIST () \".\" \"\"\r\n", "* LIST () \".\" \"\"\n"},
    };

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
}

static void test_statuses(void **state)
{
    static const Row ROWS[] = {
        {"* OK [CAPABILITY IMAP4rev1 ID] hi (there \"you\r\n",
         "* OK [CAPABILITY IMAP4rev1 ID] |hi (there \"you\n"},
        {"A1 no [X y z]\r\n", "A1 no [X y z]\n"},
        {"A1 OK\r\n", "A1 OK\n"},
        {"A1 OK \r\n", "A1 OK\n"},
        {"A1 BAD {5} no literal\r\n", "A1 BAD |{5} no literal\n"},
        {"* BYE \xc3\xbc\r\n", "* BYE |\\xc3\\xbc\n"},
        {"* PREAUTH [ALERT]x\r\n", "* PREAUTH [ALERT] |x\n"},
        {"* OK [] x\r\n", "* OK [] |x\n"},
        {"+\r\n+ \r\n+ Zm9v\r\n+ [x] y\r\n", "+\n+\n+ |Zm9v\n+ |[x] y\n"},
        {"* 1 OK\r\n", "* #1 OK\n"},
    };

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
}

/* What parser.h says is tolerated. */
static void test_tolerance(void **state)
{
    static const Row ROWS[] = {
        {"*  12   EXISTS  \r\n", "* #12 EXISTS\n"},
        {"* FLAGS ( \\Seen  x )\r\n", "* FLAGS (\\Seen x)\n"},
        {"* FLAGS(\\Seen)(x)\r\n", "* FLAGS (\\Seen) (x)\n"},
        {"* 12 EXISTS\n* 13 EXISTS\n", "* #12 EXISTS\n* #13 EXISTS\n"},
        {"* 1 FETCH (X {2}\nab)\n", "* #1 FETCH (X ~ab)\n"},
        {"* LIST () \"\\\\\" \"C:\\temp\"\r\n", "* LIST () \"\\\" \"C:\\temp\"\n"},
        {"* LIST () \"/\" \"\xfc\" \xfc\r\n", "* LIST () \"/\" \"\\xfc\" \\xfc\n"},
        {"* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n", "* OK [PERMANENTFLAGS (\\Seen \\*)] |x\n"},
        {"* LIST () \"/\" a%b*c\r\n", "* LIST () \"/\" a%b*c\n"},
    };

    (void)state;
    check_rows(ROWS, G_N_ELEMENTS(ROWS));
}

static void test_malformed(void **state)
{
    static const char *const ROWS[] = {
        "\r\n",
        " * OK\r\n",
        "*\r\n",
        "* \r\n",
        "A1\r\n",
        "(x)\r\n",
        "* LIST (\r\n",
        "* LIST )\r\n",
        "* LIST (a))\r\n",
        "* LIST \"a\r\n",
        "* LIST \"a\\\r\n",
        "* LIST \"a\"b\r\n",
        "* LIST \"a\"\"b\"\r\n",
        "* LIST a\"b\"\r\n",
        "* LIST a{3}\r\nabc\r\n",
        "* LIST ~~{3}\r\nabc\r\n",
        "* LIST {}\r\n",
        "* LIST {x}\r\n",
        "* LIST {-1}\r\n",
        "* LIST {3+}\r\nabc\r\n",
        "* LIST {3}abc\r\n",
        "* LIST {3}\rabc\r\n",
        "* LIST {3\r\n",
        "* LIST {4294967295}\r\n",
        "* LIST {99999999999999999999}\r\n",
        "* LIST {00000000000000000003}\r\n",
        "* LIST {3}\r\nabcd\r\n",
        "* LIST a\rb\r\n",
        "* OK a\rb\r\n",
        "* OK [x\r\n",
        "* LIST a\tb\r\n",
        "* LIST \x01\r\n",
        "* 1 FETCH\"\r\n",
        "* x FETCH (\r\n",
        "A 1 FETCH (\r\n",
        "* 1 FETCH ({99999999999999999999}\r\n",
        "* 1 FETCH ({4294967295}\r\n",
        "* 1 FETCH ) {4294967295}\r\n",
        "~{1}\r\n",
        "{1}\r\nx",
    };
    static const char NULS[][24] = {"* LIST a\0b\r\n", "* LIST \"a\0b\"\r\n", "* OK a\0b\r\n",
                                    "* OK [a\0]\r\n", "\0\r\n"};
    static const gsize NUL_SIZES[] = {12, 14, 10, 12, 3};

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        check(ROWS[i], strlen(ROWS[i]), "refused");
    for (gsize i = 0; i < G_N_ELEMENTS(NULS); i++)
        check(NULS[i], NUL_SIZES[i], "refused");
    check("* X {3}\r\na\0b\r\n", 14, "* X ~a\\x00b\n");
}

/* A FETCH response that is wrong is read over, and what follows it is read. */
static void test_read_over(void **state)
{
    static const char *const ROWS[] = {
        "* 1 FETCH (BODY[TEXT\r\n",
        "* 1 FETCH (BODY[\"]\r\n",
        "* 1 FETCH )\r\n",
        "* 1 FETCH (\"a\r\n",
        "* 1 FETCH (\"a\"b)\r\n",
        "* 1 FETCH (UID \x01 3)\r\n",
        "* 1 FETCH (UID 3\r\n",
        "* 1 FETCH (UID 3))\r\n",
        "* 1 FETCH (X {x}\r\n",
        "* 1 FETCH (X {3}abc)\r\n",
        "* 1 FETCH (X a\rb)\r\n",
        /* with the literals that it announces */
        "* 1 FETCH (UID 3)) {5}\r\n* OK\n x\r\n",
        "* 1 FETCH (UID 3)) {5}\n* OK\n{0}\r\n{2}\r\n* {1}\r\n* )\r\n",
        "* 1 FETCH (UID 3)) {{3}\r\n* \n)\r\n",
        "* 1 FETCH (UID 3)) {3}{4}x{} {}\r\n",
        /* and the lines that nothing starts */
        "* 1 FETCH (\"two\r\nlines\" UID 3)\r\n",
        "* 1 FETCH (\"three\r\n\r\nlines\" {3}\r\nA1 )\r\n",
    };

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *bytes = g_strconcat(ROWS[i], "* 2 FETCH (UID 4)\r\nA1 OK\r\n", NULL);
        check(bytes, strlen(bytes), "skipped\n* #2 FETCH (UID #4)\nA1 OK\n");
    }
    check("* 1 FETCH (BODY[\0]\r\n", 20, "skipped\n");
    check("* 1 FETCH )\r\n* 2 FETCH )\r\n+\r\n", 29, "skipped\nskipped\n+\n");
}

/* What is read over has an end too, the lines that nothing starts as well, and is kept nowhere. Literals,
 * since what is in them is not looked at: as many of the largest as there may be in all. */
static void test_read_over_without_end(void **state)
{
    enum { PIECE = 16 << 20 };
    static const char *const BEFORE[] = {"* 1 FETCH )", "* 1 FETCH )\r\nx"};
    g_autofree char *zeros = g_malloc0(PIECE);
    g_autofree char *size = g_strdup_printf(" {%lld}\r\n", LIMIT_MESSAGE_BYTES);

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(BEFORE); i++) {
        g_autoptr(ImapParser) parser = imap_parser_new();
        g_autoptr(GString) out = g_string_new(NULL);

        assert_true(feed(parser, BEFORE[i], strlen(BEFORE[i]), out));
        for (int64_t left = LIMIT_IMAP_SKIPPED_BYTES; left > 0; left -= PIECE) {
            if (left % LIMIT_MESSAGE_BYTES == 0)
                assert_true(feed(parser, size, strlen(size), out));
            assert_int_equal(feed(parser, zeros, PIECE, out), left > PIECE);
        }
        assert_true(g_str_has_suffix(out->str, "refused"));
        assert_in_range(imap_parser_memory_bytes(parser), 0, 64 << 10);
    }
}

/* A parser that refused something goes on refusing. */
static void test_dead(void **state)
{
    g_autoptr(ImapParser) parser = imap_parser_new();
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    assert_false(feed(parser, "* (\r\n", 5, out));
    g_string_truncate(out, 0);
    assert_false(feed(parser, "* OK\r\n", 6, out));
    assert_string_equal(out->str, "refused");
}

static char *repeat(const char *before, const char *unit, gsize times, const char *after, gsize *size_out)
{
    GString *text = g_string_new(before);

    for (gsize i = 0; i < times; i++)
        g_string_append(text, unit);
    g_string_append(text, after);
    *size_out = text->len;
    return g_string_free(text, FALSE);
}

static void check_refused(char *bytes, gsize size, gsize most_memory)
{
    static const gsize PIECES[] = {1, 4096, G_MAXSIZE};

    for (gsize i = 0; i < G_N_ELEMENTS(PIECES); i++) {
        g_autoptr(ImapParser) parser = imap_parser_new();
        g_autoptr(GString) out = g_string_new(NULL);
        gsize piece = MIN(PIECES[i], size);

        for (gsize at = 0; at < size; at += piece)
            if (!feed(parser, bytes + at, MIN(piece, size - at), out))
                break;
        assert_true(g_str_has_suffix(out->str, "refused"));
        assert_in_range(imap_parser_memory_bytes(parser), 0, most_memory);
    }
    g_free(bytes);
}

static void test_limits(void **state)
{
    gsize size;
    char *bytes;

    (void)state;
    bytes = repeat("* X ", "(", LIMIT_IMAP_DEPTH + 1, "", &size);
    check_refused(bytes, size, 64 << 10);
    bytes = repeat("* X ", "a", LIMIT_IMAP_LINE_BYTES + 10, "\r\n", &size);
    check_refused(bytes, size, 4 << 20);
    bytes = repeat("* OK ", "a", LIMIT_IMAP_LINE_BYTES + 10, "\r\n", &size);
    check_refused(bytes, size, 4 << 20);
    bytes = repeat("", "a", LIMIT_IMAP_LINE_BYTES + 10, "\r\n", &size);
    check_refused(bytes, size, 4 << 20);
    bytes = repeat("* X \"", "a", LIMIT_IMAP_LINE_BYTES + 10, "\"\r\n", &size);
    check_refused(bytes, size, 4 << 20);
    bytes = repeat("*", " ", LIMIT_IMAP_LINE_BYTES + 10, "X\r\n", &size);
    check_refused(bytes, size, 4 << 20);
    bytes = repeat("* 1 EXISTS ", "a", LIMIT_IMAP_LINE_BYTES + 10, "\r\n", &size);
    check_refused(bytes, size, 4 << 20);
    bytes = repeat("* X ", "()", LIMIT_IMAP_LINE_BYTES, "\r\n", &size);
    check_refused(bytes, size, 64 << 20);
    bytes = repeat("* X ", "{4194304}\r\n", 1, "", &size);
    bytes = g_realloc(bytes, size + (4 << 20) + 100);
    memset(bytes + size, 'x', 4 << 20);
    g_strlcpy(bytes + size + (4 << 20), " {4194305}\r\n", 100);
    size += (4 << 20) + 12;
    check_refused(bytes, size, 16 << 20);
}

/* Whatever the first response is, those behind it are there, and nothing else. */
static void check_long_fetch(const char *bytes, gsize size, gsize cut, gsize piece, const char *expected)
{
    g_autofree char *out = parse(bytes, size, cut, piece);
    const char *second = strchr(out, '\n') + 1;

    assert_string_equal(second, expected);
}

/* What a message makes too long ends with its response, wherever the limit falls: also while a literal is
 * announced. */
static void test_long_fetch(void **state)
{
    static const char *const REST[] = {"\") {7}\r\nA1 OK\r\n)\r\n", "\"\r\n", "\")\n"};
    static const char NEXT[] = "* 2 FETCH (UID 4)\r\nA2 OK\r\n", EXPECTED[] = "* #2 FETCH (UID #4)\nA2 OK\n";
    static const gsize PIECES[] = {1, 4096, G_MAXSIZE};
    static const char BEFORE[] = "* 1 FETCH (UID 3 BODYSTRUCTURE (\"";

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(REST) * G_N_ELEMENTS(PIECES) * 24; i++) {
        const gsize piece = PIECES[i / G_N_ELEMENTS(REST) % G_N_ELEMENTS(PIECES)];
        const gsize beyond = i / G_N_ELEMENTS(REST) / G_N_ELEMENTS(PIECES);
        gsize size;
        g_autofree char *all = repeat(BEFORE, "n", LIMIT_IMAP_LINE_BYTES - 20 - (sizeof BEFORE - 1) + beyond,
                                      REST[i % G_N_ELEMENTS(REST)], &size);
        g_autofree char *bytes = g_strconcat(all, NEXT, NULL);

        size += sizeof NEXT - 1;
        if (piece == 1) /* the interesting ones alone, for these take long */
            check_long_fetch(bytes, size, LIMIT_IMAP_LINE_BYTES - 64, 1, EXPECTED);
        else
            check_long_fetch(bytes, size, 0, MIN(piece, size), EXPECTED);
    }
}

/* As deep as allowed is allowed, and memory is given back for the next response. */
static void test_reuse(void **state)
{
    g_autoptr(ImapParser) parser = imap_parser_new();
    g_autoptr(GString) out = g_string_new(NULL);
    GString *deep = g_string_new("* X ");
    gsize size;
    g_autofree char *wide = repeat("* X ", "() ", 200000, "\r\n", &size);

    (void)state;
    for (int i = 0; i < LIMIT_IMAP_DEPTH; i++)
        g_string_append_c(deep, '(');
    for (int i = 0; i < LIMIT_IMAP_DEPTH; i++)
        g_string_append_c(deep, ')');
    g_string_append(deep, "\r\n");
    assert_true(feed(parser, deep->str, deep->len, out));
    assert_true(feed(parser, wide, size, out));
    assert_true(imap_parser_memory_bytes(parser) > 2 << 20);
    assert_true(feed(parser, "* X", 3, out));
    assert_in_range(imap_parser_memory_bytes(parser), 0, 16 << 10);
    assert_true(feed(parser, "\r\n", 2, out));
    g_string_free(deep, TRUE);
}

/* ---- the sink ---- */

static gboolean sink_wants(const ImapTree *so_far, uint64_t size_bytes, void *data)
{
    (void)size_bytes;
    (void)data;
    return imap_tree_is(so_far, so_far->n - 1, "BODY[]");
}

static void sink_take(const char *bytes, gsize size, void *data)
{
    g_string_append_len(data, bytes, (gssize)size);
}

static void test_sink(void **state)
{
    static const char BYTES[] = "* 1 FETCH (BODY[HEADER] {2}\r\nab BODY[] {5}\r\nx\0\r\ny UID 3)\r\n";
    const gsize size = sizeof BYTES - 1;

    (void)state;
    for (gsize cut = 0; cut < size; cut++) {
        g_autoptr(GString) taken = g_string_new(NULL), out = g_string_new(NULL);
        g_autoptr(ImapParser) parser = imap_parser_new();

        imap_parser_set_sink(parser, &(ImapSink){sink_wants, sink_take, taken});
        assert_true(feed(parser, BYTES, cut, out));
        assert_true(feed(parser, BYTES + cut, size - cut, out));
        assert_string_equal(out->str, "* #1 FETCH (BODY[HEADER] ~ab BODY[] ^ UID #3)\n");
        assert_int_equal(taken->len, 5);
        assert_memory_equal(taken->str, "x\0\r\ny", 5);
    }
}

static void test_sink_limit(void **state)
{
    static const char BYTES[] = "* 1 FETCH (BODY[] {4294967295}\r\n";
    g_autoptr(GString) taken = g_string_new(NULL);
    g_autoptr(ImapParser) parser = imap_parser_new();
    g_autoptr(GError) error = NULL;
    ImapTree tree;
    gsize used;

    (void)state;
    imap_parser_set_sink(parser, &(ImapSink){sink_wants, sink_take, taken});
    assert_int_equal(imap_parser_feed(parser, BYTES, sizeof BYTES - 1, &used, &tree, &error),
                     IMAP_PARSE_FAILED);
    assert_true(tern_error_is(error, TERN_ERROR_LIMIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_tolerance),  cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_read_over),  cmocka_unit_test(test_read_over_without_end),
        cmocka_unit_test(test_dead),       cmocka_unit_test(test_limits),
        cmocka_unit_test(test_long_fetch), cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_sink),       cmocka_unit_test(test_sink_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
