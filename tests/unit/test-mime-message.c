/* test-mime-message.c - parts of the messages in tests/mail/mime-*.eml, and of hostile ones. */
#include "base/limits.h"
#include "mime/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

typedef struct {
    const char *file;
    const char *leaves;      /* "number type size name", '|' between */
    const char *body;        /* numbers */
    const char *attachments; /* numbers */
    gboolean prefer_html;
} Row;

static const Row ROWS[] = {
    {"newsletter",
     "1.1.1 text/plain 39 -|1.1.2 text/html 38 -|1.2 image/png 8 logo.png|2 application/pdf 5 Rechnung für "
     "Ada.pdf",
     "1.1.2", "2", FALSE},
    {"forward",
     "1 text/plain 5 -|2.1 text/plain 10 -|2.2 text/plain 4 note.txt|3.1 text/plain 10 -|4 text/x-patch 15 "
     "fix.patch",
     "1 3.1 4", "2", FALSE},
    {"flowed", "1 text/plain 19 -", "1", "", FALSE},
    {"digest", "1.1 text/plain 8 -|2.1 text/plain 8 -", "1.1 2.1", "1 2", FALSE},
    {"signed", "1 text/plain 11 -|2 application/pgp-signature 29 -", "1", "", FALSE},
    {"encrypted", "1 application/pgp-encrypted 10 -|2 application/octet-stream 27 -", "", "", FALSE},
    {"invitation", "1 text/plain 12 -|2 text/html 15 -|3 text/calendar 15 -", "1", "", FALSE},
    {"invitation", "1 text/plain 12 -|2 text/html 15 -|3 text/calendar 15 -", "2", "", TRUE},
    {"related-start", "1 image/gif 6 -|2 text/html 7 -", "2", "", FALSE},
    {"bounce", "1 text/plain 26 -|2 message/delivery-status 13 -|3.1 text/plain 4 -", "1 2", "3", FALSE},
    {"no-boundary", "1 text/plain 22 -", "1", "", FALSE},
    {"truncated", "1 text/plain 23 -|2 application/zip 3 prüfen.zip", "1", "2", FALSE},
    {"attachment-only", "1 image/jpeg 3 C:\\tmp\\x.jpg", "", "1", FALSE},
};

static char *numbers(GPtrArray *parts)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < parts->len; i++)
        g_string_append_printf(out, "%s%s", i ? " " : "", ((const MimePart *)parts->pdata[i])->number);
    g_ptr_array_unref(parts);
    return g_string_free(out, FALSE);
}

static char *leaves(const MimeMessage *message)
{
    g_autoptr(GPtrArray) parts = mime_message_parts(message);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i];
        if (!part->children)
            g_string_append_printf(out, "%s%s %s %zu %s", out->len ? "|" : "", part->number, part->type,
                                   part->size_bytes, part->filename ? part->filename : "-");
    }
    return g_string_free(out, FALSE);
}

static void check(const Row *row, const char *what, const char *got, const char *expected)
{
    if (strcmp(got, expected) != 0)
        fail_msg("%s: %s: \"%s\", not \"%s\"", row->file, what, got, expected);
}

static void check_message(const Row *row, const MimeMessage *message, gboolean with_sizes)
{
    g_autofree char *got = leaves(message);
    g_autofree char *attachments = numbers(mime_message_attachments(message));
    g_autofree char *body = numbers(mime_message_body_parts(message, row->prefer_html));

    assert_null(mime_message_problem(message));
    if (with_sizes)
        check(row, "leaves", got, row->leaves);
    check(row, "attachments", attachments, row->attachments);
    check(row, "body", body, row->body);
}

static MimeMessage *read_sample(const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/mime-%s.eml", MAIL_FOLDER, name);
    g_autoptr(GError) error = NULL;
    MimeMessage *message = mime_message_read(path, &error);

    assert_null(error);
    return message;
}

/* As it is, and with CRLF, where only the sizes differ. */
static void test_samples(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(MimeMessage) message = read_sample(ROWS[i].file);
        g_autofree char *path = g_strdup_printf("%s/mime-%s.eml", MAIL_FOLDER, ROWS[i].file);
        g_autofree char *bytes = NULL;
        assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
        g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);
        g_autofree char *crlf = g_strjoinv("\r\n", lines);
        g_autoptr(MimeMessage) same = mime_message_parse(crlf, strlen(crlf));
        check_message(&ROWS[i], message, TRUE);
        check_message(&ROWS[i], same, FALSE);
    }
}

static void test_details(void **state)
{
    (void)state;
    g_autoptr(MimeMessage) flowed = read_sample("flowed");
    assert_true(mime_message_root(flowed)->is_flowed && mime_message_root(flowed)->is_delsp);

    g_autoptr(MimeMessage) newsletter = read_sample("newsletter");
    const MimePart *html = mime_message_part(newsletter, "1.1.2");
    g_autofree char *text = mime_part_text(newsletter, html, NULL, NULL, NULL);
    assert_string_equal(text, "<p>Grüße <img src=\"cid:logo@shop\"></p>");
    assert_string_equal(mime_message_part(newsletter, "1.2")->content_id, "logo@shop");
    assert_null(mime_message_part(newsletter, "3"));
    assert_null(mime_message_part(newsletter, ""));
    assert_string_equal(mime_message_envelope(newsletter)->subject, "Grüße aus dem Laden");
    const MimeField *field = mime_message_fields(newsletter)->pdata[2];
    assert_string_equal(field->name, "Subject");
    assert_string_equal(field->value, "Grüße aus dem Laden");

    g_autoptr(MimeMessage) forward = read_sample("forward");
    g_autoptr(MimeEnvelope) inner = mime_part_envelope(forward, mime_message_part(forward, "2"));
    assert_string_equal(inner->subject, "attached");
    assert_null(mime_part_envelope(forward, mime_message_part(forward, "1")));

    g_autoptr(GError) error = NULL;
    assert_null(mime_message_read("/nonexistent/message", &error));
    assert_non_null(error);
}

typedef struct {
    const char *header, *body, *override, *expected;
} TextRow;

static const TextRow TEXTS[] = {
    {"text/plain; charset=koi8-r", "\xF0\xD2", NULL, "Пр"},
    {"text/plain", "caf\xE9", NULL, "café"},
    {"text/plain; charset=no-such", "caf\xC3\xA9", NULL, "café"},
    {"text/plain; charset=us-ascii", "\xCF\xF0", "windows-1251", "Пр"},
    {"text/html", "<meta charset=\"koi8-r\">\xF0\xD2", NULL, "<meta charset=\"koi8-r\">Пр"},
    {"text/html; charset=us-ascii", "<META content='text/html; charset=koi8-r'>\xF0", NULL,
     "<META content='text/html; charset=koi8-r'>П"},
    {"text/html; charset=utf-8", "<meta charset=koi8-r>\xC3\xA9", NULL, "<meta charset=koi8-r>é"},
    {"text/plain", "a\r\nb\r\r\nc\rd", NULL, "a\nb\nc\rd"},
    {"text/plain\r\nContent-Transfer-Encoding: quoted-printable", "a=\r\nb=3D=ZZ =4x", NULL, "ab==ZZ =4x"},
    {"text/plain\r\nContent-Transfer-Encoding: base64", "SGVs\r\nbG8*=", NULL, "Hello"},
    {"text/plain\r\nContent-Transfer-Encoding: nonsense", "as is", NULL, "as is"},
    {"text", "as is", NULL, "as is"},
    {"text/plain (a; comment) ; (another) charset (x) = (y) koi8-r (z)", "\xF0", NULL, "П"},
    {"text/plain; charset*=us-ascii'en'koi8-r", "\xF0", NULL, "П"},
};

static void test_texts(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autofree char *bytes =
            g_strdup_printf("Content-Type: %s\r\n\r\n%s", TEXTS[i].header, TEXTS[i].body);
        g_autoptr(MimeMessage) message = mime_message_parse(bytes, strlen(bytes));
        g_autofree char *text =
            mime_part_text(message, mime_message_root(message), TEXTS[i].override, NULL, NULL);
        if (strcmp(text, TEXTS[i].expected) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", TEXTS[i].header, text, TEXTS[i].expected);
    }
}

static void test_long_text_is_cut(void **state)
{
    gsize size = LIMIT_MIME_TEXT_BYTES + 10, got = 0;
    g_autofree char *bytes = g_malloc(size + 1);
    gboolean is_cut = FALSE;

    (void)state;
    memset(bytes, 'x', size);
    bytes[0] = '\n';
    g_autoptr(MimeMessage) message = mime_message_parse(bytes, size);
    g_autofree char *text = mime_part_text(message, mime_message_root(message), NULL, &got, &is_cut);
    assert_true(is_cut);
    assert_int_equal(got, LIMIT_MIME_TEXT_BYTES);
}

/* ---- hostile ---- */

typedef struct {
    const char *name, *start, *piece; /* %d in the piece: its number */
    int times;
    const char *problem; /* a word of it; NULL: none */
} HostileRow;

static const HostileRow HOSTILE[] = {
    {"empty parts", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n", 1000000, "many parts"},
    {"part after part", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n", 1000000, "many parts"},
    {"deep multiparts", "", "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", 10000, "deep"},
    {"prefix boundaries", "", "Content-Type: multipart/mixed; boundary=\"b%0*d\"\n\n--b%0*d\n", 300, "deep"},
    {"the same boundary", "", "Content-Type: multipart/mixed; boundary=b\n\n--b\n", 10000, "deep"},
    {"deep messages", "", "Content-Type: message/rfc822\n\n", 10000, "deep"},
    {"messages without empty lines", "", "Content-Type: message/rfc822\njunk\n", 10000, NULL},
    {"deep digests", "", "Content-Type: multipart/digest; boundary=b%d\n\n--b%d\n\n", 10000, "deep"},
    {"header fields", "", "X: y\n", 1000000, "header fields"},
    {"continuations", "X: y\n", " z\n", 30000000, "header is too long"},
    {"one line", "X: ", "zzzzzzzzzzzzzzzz", 4000000, "header is too long"},
    {"address groups", "To: ", "g:", 100000, "groups"},
    {"a header in a part", "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "X: y\n", 3000,
     "header fields"},
    {"parameters", "Content-Type: multipart/mixed", "; a=b", 150000, NULL},
    {"pieces of a parameter", "Content-Type: text/plain; name*1=z", "; name*%d=x", 50000, NULL},
    {"pieces of a boundary", "Content-Type: multipart/mixed", "; boundary*%d=b", 50000, NULL},
    {"comments", "Content-Type: multipart/mixed; ", "(", 500000, NULL},
    {"quotes", "Content-Disposition: attachment; filename=", "\"\\", 250000, NULL},
    {"dashes", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n", "--\n", 3000000, NULL},
    {"alternatives in alternatives", "", "Content-Type: multipart/alternative; boundary=b%d\n\n--b%d\n", 95,
     NULL},
    {"closed again and again", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n", "--b--\n", 1000000,
     NULL},
};

static char *build(const HostileRow *row, gsize *size_out)
{
    GString *bytes = g_string_new(row->start);
    gboolean has_star = strstr(row->piece, "*d") != NULL;

    if (!strchr(row->piece, '%')) {
        gsize length = strlen(row->piece), start = bytes->len;
        g_string_set_size(bytes, start + length * (gsize)row->times);
        for (int i = 0; i < row->times; i++)
            memcpy(bytes->str + start + length * (gsize)i, row->piece, length);
    } else {
        for (int i = 0; i < row->times; i++) {
            const char *p = row->piece;
            for (const char *mark; (mark = strchr(p, '%')); p = mark + (has_star ? 4 : 2)) {
                g_string_append_len(bytes, p, mark - p);
                if (has_star)
                    g_string_append_printf(bytes, "%0*d", i + 1, 0);
                else
                    g_string_append_printf(bytes, "%d", i);
            }
            g_string_append(bytes, p);
        }
    }
    *size_out = bytes->len;
    return g_string_free(bytes, FALSE);
}

static void test_hostile(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(HOSTILE); i++) {
        const HostileRow *row = &HOSTILE[i];
        gsize size = 0;
        g_autofree char *bytes = build(row, &size);
        clock_t start = clock();
        g_autoptr(MimeMessage) message = mime_message_parse(bytes, size);
        g_ptr_array_unref(mime_message_body_parts(message, FALSE));
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        const char *problem = mime_message_problem(message);
        g_autoptr(GPtrArray) parts = mime_message_parts(message);

        if (!problem != !row->problem || (problem && !strstr(problem, row->problem)))
            fail_msg("%s: %s", row->name, problem ? problem : "no problem");
        if (seconds > 2)
            fail_msg("%s: %.1f s", row->name, seconds);
        assert_true(parts->len <= LIMIT_MIME_PARTS);
        if (problem) { /* all of it is there to be read */
            assert_int_equal(parts->len, 1);
            assert_string_equal(mime_message_root(message)->number, "1");
            assert_int_equal(mime_message_root(message)->size_bytes, size);
            g_autofree char *body = numbers(mime_message_body_parts(message, FALSE));
            assert_string_equal(body, "1");
        }
    }
}

/* Just under each cap all is well. */
static void test_caps_are_not_too_tight(void **state)
{
    static const HostileRow rows[] = {
        {"parts", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n", LIMIT_MIME_PARTS - 1, NULL},
        {"depth", "", "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", LIMIT_MIME_DEPTH, NULL},
        {"fields", "", "X: y\n", LIMIT_MIME_HEADER_FIELDS, NULL},
        {"a dump", "Content-Type: text/plain\n\n", "-- comment\n", 100000, NULL},
        {"a mailbox as text", "Content-Type: text/plain\n\n",
         "Content-Type: multipart/x; boundary=y\n\n--y\n", 20000, NULL},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gsize size = 0;
        g_autofree char *bytes = build(&rows[i], &size);
        g_autoptr(MimeMessage) message = mime_message_parse(bytes, size);
        if (mime_message_problem(message))
            fail_msg("%s: %s", rows[i].name, mime_message_problem(message));
    }
}

static void test_nothing(void **state)
{
    static const char *const inputs[] = {
        "",
        "\n",
        "\r\n",
        "\r",
        "x",
        ":",
        "--",
        "--\n",
        "Content-Type: message/rfc822",
        "Content-Type: multipart/mixed; boundary=b",
        "Content-Type: multipart/mixed; boundary=b\n\n--b",
        "Content-Type: multipart/mixed; boundary=b\n\n--b--",
        "Content-Type: multipart/mixed; boundary=b\n--b\nContent-Type: message/rfc822\n--b--"};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(inputs); i++) {
        g_autoptr(MimeMessage) message = mime_message_parse(inputs[i], strlen(inputs[i]));
        g_autoptr(GPtrArray) parts = mime_message_parts(message);
        for (guint k = 0; k < parts->len; k++)
            assert_non_null(((const MimePart *)parts->pdata[k])->type);
        g_ptr_array_unref(mime_message_attachments(message));
        g_ptr_array_unref(mime_message_body_parts(message, FALSE));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples), cmocka_unit_test(test_details),
        cmocka_unit_test(test_texts),   cmocka_unit_test(test_long_text_is_cut),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_caps_are_not_too_tight),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
