/*
 * test-render.c - messages as they are shown. tests/mail/render/NAME.eml, and what comes of it at a width in
 * NAME.WIDTH.txt: a letter for the kind of each line (H header, B body, F fold, A attachment, N note), its
 * text; then its links. TERN_WRITE_EXPECTED=1 writes these files anew; look at them before they are
 * committed.
 */
#include "tests/unit/render-check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOW INT64_C(1795521600) /* Tue 24 Nov 2026 12:00 UTC */

static RenderOptions options_for(int width)
{
    return (RenderOptions){.width_cols = width,
                           .headers = TRUE,
                           .fold_quotes = TRUE,
                           .own_address = "ada@example.org",
                           .now_s = NOW};
}

static char *sample_path(const char *name, const char *extension)
{
    const char *source = g_getenv("srcdir");

    return g_strdup_printf("%s/tests/mail/render/%s.%s", source ? source : ".", name, extension);
}

static RenderDocument *render_sample(const char *name, const RenderOptions *options)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = sample_path(name, "eml");
    RenderDocument *document = render_file(path, options, &error);

    if (!document)
        fail_msg("%s: %s", path, error->message);
    render_check(document, options);
    return document;
}

static char *dump(const RenderDocument *document)
{
    GString *text = g_string_new(NULL);
    const GPtrArray *links = render_document_links(document);

    for (guint i = 0; i < render_document_lines(document); i++) {
        const RenderLine *line = render_document_line(document, i);
        g_string_append_printf(text, "%c|%s\n", "HBFAN"[line->kind], line -> text);
    }
    g_string_append_printf(text, "%s\n", render_document_summary(document));
    for (guint i = 0; i < links->len; i++) {
        const RenderLink *link = links->pdata[i];
        g_string_append_printf(text, "[%u] %s %s%s\n", i + 1, link->text, link->url,
                               link->is_suspicious ? " !" : "");
    }
    return g_string_free(text, FALSE);
}

static void test_samples(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int width;
        gboolean is_unfolded, is_ascii, all_headers;
    } ROWS[] = {
        {"plain", 80, FALSE, FALSE, FALSE},  {"plain", 40, TRUE, FALSE, FALSE},
        {"plain", 20, TRUE, TRUE, FALSE},    {"flowed", 60, FALSE, FALSE, FALSE},
        {"patch", 80, FALSE, FALSE, FALSE},  {"html", 80, FALSE, FALSE, FALSE},
        {"html", 30, TRUE, TRUE, FALSE},     {"parts", 80, FALSE, FALSE, FALSE},
        {"parts", 30, FALSE, TRUE, FALSE},   {"hostile", 80, FALSE, FALSE, FALSE},
        {"hostile", 60, FALSE, FALSE, TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        RenderOptions options = options_for(ROWS[i].width);
        options.fold_quotes = !ROWS[i].is_unfolded;
        options.is_ascii = ROWS[i].is_ascii;
        options.all_headers = ROWS[i].all_headers;
        g_autoptr(RenderDocument) document = render_sample(ROWS[i].name, &options);
        g_autofree char *extension = g_strdup_printf("%d.txt", ROWS[i].width);
        g_autofree char *path = sample_path(ROWS[i].name, extension);
        g_autofree char *text = dump(document);
        g_autofree char *expected = NULL;
        if (g_getenv("TERN_WRITE_EXPECTED"))
            assert_true(g_file_set_contents(path, text, -1, NULL));
        assert_true(g_file_get_contents(path, &expected, NULL, NULL));
        if (strcmp(text, expected) != 0)
            fail_msg("%s: is now\n%s", path, text);
    }
}

static void test_all_widths(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"plain", "flowed", "patch", "html", "parts", "hostile"};
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        for (int width = -1; width <= 130; width++) {
            RenderOptions options = options_for(width);
            options.fold_quotes = width % 2;
            options.is_ascii = width % 3 == 0;
            options.all_headers = width % 7 == 0;
            g_autoptr(RenderDocument) document = render_sample(NAMES[i], &options);
            assert_true(render_document_lines(document) > 3);
        }
}

/* The first span of a style on a line that holds `text`; fails when there is none. */
static void assert_style(const RenderDocument *document, const char *text, RenderStyle style)
{
    for (guint i = 0; i < render_document_lines(document); i++) {
        const RenderLine *line = render_document_line(document, i);
        const char *place = strstr(line->text, text);
        for (guint k = 0; place && k < line->n_spans; k++) {
            const RenderSpan *span = &line->spans[k];
            guint at = (guint)(place - line->text);
            if (span->start <= at && at + strlen(text) <= span->start + span->length) {
                assert_int_equal(span->style, style);
                return;
            }
        }
        if (place && style == RENDER_NORMAL)
            return;
    }
    fail_msg("no '%s' in style %d", text, (int)style);
}

static void test_styles(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        RenderStyle style;
    } ROWS[] = {
        {"plain", "From", RENDER_HEADER_NAME},
        {"plain", "Ada Lovelace <ada@example.org>", RENDER_HEADER_VALUE},
        {"plain", "Budget für 2027", RENDER_SUBJECT},
        {"plain", "(and 4 others)", RENDER_DIM},
        {"plain", "https://example.org/figures?year=2027#sum", RENDER_LINK},
        {"plain", "│ On Mon, 23 Nov 2026, Zoë wrote:", RENDER_QUOTE_1},
        {"plain", "│ │ │ The oldest.", RENDER_QUOTE_3},
        {"plain", "-- ", RENDER_SIGNATURE},
        {"plain", "not a quote any more", RENDER_SIGNATURE},
        {"patch", "- this dash", RENDER_NORMAL},
        {"patch", "+++ b/pager.c", RENDER_BOLD},
        {"patch", "@@ -10,4 +10,5 @@", RENDER_DIFF_HUNK},
        {"patch", "-    draw_all();", RENDER_DIFF_DEL},
        {"patch", "+    if (fold)", RENDER_DIFF_ADD},
        {"patch", "-- not a signature", RENDER_DIFF_DEL},
        {"patch", "2.39.2", RENDER_SIGNATURE},
        {"html", "Winter sale", RENDER_HEADING},
        {"html", "Ada", RENDER_BOLD},
        {"html", "offers", RENDER_ITALIC},
        {"html", "[→ evil.example]", RENDER_SECURITY_WARN},
        {"html", "Article", RENDER_BOLD},
        {"parts", "Attachments", RENDER_HEADING},
        {"parts", "budget.ods", RENDER_ATTACHMENT},
        {"hostile", "The name shows another address", RENDER_SECURITY_WARN},
        {"hostile", "Signed by Boss", RENDER_NORMAL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        RenderOptions options = options_for(78);
        options.fold_quotes = FALSE;
        g_autoptr(RenderDocument) document = render_sample(ROWS[i].name, &options);
        assert_style(document, ROWS[i].text, ROWS[i].style);
    }
}

static guint count_kind(const RenderDocument *document, RenderLineKind kind)
{
    guint count = 0;

    for (guint i = 0; i < render_document_lines(document); i++)
        count += render_document_line(document, i)->kind == kind;
    return count;
}

static void test_folding(void **state)
{
    (void)state;
    static const guint FIRST[] = {1, 0};
    RenderOptions options = options_for(78);
    g_autoptr(RenderDocument) folded = render_sample("plain", &options);
    assert_int_equal(count_kind(folded, RENDER_LINE_FOLD), 1);
    options.unfolded = FIRST;
    g_autoptr(RenderDocument) unfolded = render_sample("plain", &options);
    assert_int_equal(count_kind(unfolded, RENDER_LINE_FOLD), 0);
    guint in_first = 0, in_second = 0;
    for (guint i = 0; i < render_document_lines(unfolded); i++) {
        in_first += render_document_line(unfolded, i)->fold == 1;
        in_second += render_document_line(unfolded, i)->fold == 2;
    }
    assert_true(in_first >= 7 && in_second == 2);
}

/* What a message draws is body, whatever it looks like. */
static void test_imitations(void **state)
{
    (void)state;
    RenderOptions options = options_for(78);
    g_autoptr(RenderDocument) document = render_sample("hostile", &options);
    for (guint i = 0; i < render_document_lines(document); i++) {
        const RenderLine *line = render_document_line(document, i);
        if (strstr(line->text, "Boss") || strstr(line->text, "harmless") || strstr(line->text, "Forged"))
            assert_int_equal(line->kind, RENDER_LINE_BODY);
    }
    assert_int_equal(count_kind(document, RENDER_LINE_FOLD), 0);
}

static gboolean has_line(const RenderDocument *document, const char *start)
{
    for (guint i = 0; i < render_document_lines(document); i++)
        if (g_str_has_prefix(render_document_line(document, i)->text, start))
            return TRUE;
    return FALSE;
}

static void test_names_that_show_another_address(void **state)
{
    static const struct {
        const char *from;
        gboolean is_told;
    } ROWS[] = {
        {"ceo@bank.example <x@evil.example>", TRUE},
        {"\"a@b ceo@bank.example\" <x@evil.example>", TRUE},
        {"\"@ ceo@bank.example\" <x@evil.example>", TRUE},
        {"\"ceo\uFF20bank.example\" <x@evil.example>", TRUE},
        {"\"ceo@bank\uFF0Eexample\" <x@evil.example>", TRUE},
        {"\"ada@example.org\" <ada@mail.example.org>", FALSE},
        {"\"Ada @ home\" <ada@example.org>", FALSE},
        {"\"@ada...\" <ada@example.org>", FALSE},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        RenderOptions options = options_for(80);
        g_autofree char *bytes = g_strdup_printf("From: %s\n\nx\n", ROWS[i].from);
        g_autoptr(MimeMessage) message = mime_message_parse(bytes, strlen(bytes));
        g_autoptr(RenderDocument) document = render_message(message, &options);
        if (has_line(document, "         The name shows another address") != ROWS[i].is_told)
            fail_msg("%s", ROWS[i].from);
    }
}

/* With all fields shown, a long value cannot draw the line of another one. */
static void test_a_field_imitates_no_other(void **state)
{
    static const char bytes[] =
        "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa From: boss@bank.example\n"
        "X-Line: =?utf-8?q?a=0AFrom:_boss@bank.example?=\nFrom: x@evil.example\n\nx\n";
    RenderOptions options = options_for(60);
    g_autoptr(MimeMessage) message = mime_message_parse(bytes, sizeof bytes - 1);

    (void)state;
    options.all_headers = TRUE;
    g_autoptr(RenderDocument) document = render_message(message, &options);
    assert_true(has_line(document, "From: x@evil.example"));
    assert_true(has_line(document, "  From: boss@bank.example"));
    assert_false(has_line(document, "From: boss"));
}

/* On a low screen who wrote stands there in full, and everybody else by name. */
static void test_brief_header(void **state)
{
    static const char bytes[] = "From: Ada <ada@example.org>\nTo: Bob <bob@example.org>, c@example.org\n"
                                "Date: Tue, 24 Nov 2026 11:58:00 +0000\nSubject: plan\n\nx\n";
    RenderOptions options = options_for(60);
    g_autoptr(MimeMessage) message = mime_message_parse(bytes, sizeof bytes - 1);

    (void)state;
    g_autoptr(RenderDocument) whole = render_message(message, &options);
    assert_true(has_line(whole, "To       Bob <bob@example.org>, c@example.org"));
    assert_true(has_line(whole, "Date     Tue 24 Nov 2026, 12:58 ("));
    options.is_brief = TRUE;
    g_autoptr(RenderDocument) brief = render_message(message, &options);
    g_autofree char *text = dump(brief);
    assert_non_null(strstr(text, "From     Ada <ada@example.org>\n"));
    assert_non_null(strstr(text, "To       Bob, c@example.org\n"));
    assert_non_null(strstr(text, "Date     Tue 24 Nov 2026, 12:58\n"));
}

static RenderDocument *render_text(const char *type, const char *body, const RenderOptions *options)
{
    g_autofree char *bytes =
        g_strdup_printf("From: a@example.org\nMIME-Version: 1.0\nContent-Type: %s; charset=utf-8\n"
                        "Content-Transfer-Encoding: 8bit\n\n%s",
                        type, body);
    g_autoptr(MimeMessage) message = mime_message_parse(bytes, strlen(bytes));
    RenderDocument *document = render_message(message, options);

    render_check(document, options);
    return document;
}

/* A megabyte of each trouble: lines, quotes, links. What is quadratic would not come back. */
static void test_long(void **state)
{
    (void)state;
    static const struct {
        const char *type, *unit;
    } ROWS[] = {
        {"text/plain", "a"},
        {"text/plain", "word "},
        {"text/plain", "日"},
        {"text/plain", "\n"},
        {"text/plain", ">"},
        {"text/plain", "> "},
        {"text/plain", "> x\n"},
        {"text/plain", "x 1:\n"},
        {"text/plain", "http://a.example/ "},
        {"text/plain", "http://a("},
        {"text/plain", "www.a.b("},
        {"text/plain", "@@ -1 +1 @@\n"},
        {"text/plain", "\033[1m"},
        {"text/plain", "e\u0301"},
        {"text/plain", "\u05D0 "},
        {"text/html", "<p>"},
        {"text/html", "<blockquote>x"},
        {"text/html", "<li>x"},
        {"text/html", "<a href=http://x.example/>y</a> "},
        {"text/html", "<tr><td>x<td>y"},
        {"text/html", "<b>x</b>"},
        {"text/html", "<table><tr><td>"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        GString *body = g_string_new(NULL);
        while (body->len < 1 << 20)
            g_string_append(body, ROWS[i].unit);
        RenderOptions options = options_for(i % 2 ? 80 : 7);
        g_autoptr(RenderDocument) document = render_text(ROWS[i].type, body->str, &options);
        assert_true(render_document_lines(document) > 0);
        g_string_free(body, TRUE);
    }
}

static void test_deep_quotes(void **state)
{
    (void)state;
    GString *body = g_string_new(NULL);
    for (guint depth = 1; depth <= 1200; depth++) {
        for (guint i = 0; i < depth; i++)
            g_string_append_c(body, '>');
        g_string_append(body, " text\n");
    }
    RenderOptions options = options_for(80);
    options.fold_quotes = FALSE;
    g_autoptr(RenderDocument) document = render_text("text/plain", body->str, &options);
    const RenderLine *last = render_document_line(document, render_document_lines(document) - 1);
    assert_int_equal(last->quote_depth, 255);
    assert_true(g_str_has_suffix(last->text, "│ text"));
    g_string_free(body, TRUE);
}

static void test_too_many_lines(void **state)
{
    (void)state;
    GString *body = g_string_new(NULL);
    for (guint i = 0; i < 450000; i++)
        g_string_append(body, "x\n");
    RenderOptions options = options_for(80);
    g_autoptr(RenderDocument) document = render_text("text/plain", body->str, &options);
    guint lines = render_document_lines(document);
    assert_true(lines < 400001);
    assert_int_equal(render_document_line(document, lines - 1)->kind, RENDER_LINE_NOTE);
    g_string_free(body, TRUE);
}

static void test_envelope(void **state)
{
    (void)state;
    RenderOptions options = options_for(40);
    RenderEnvelope envelope = {"Zoë\033[31m <zoe@example.com>", "ada@example.org", "", TRUE, NOW - 7200, 60};
    g_autoptr(RenderDocument) document = render_envelope(&envelope, "The text is being fetched.", &options);
    render_check(document, &options);
    g_autofree char *text = render_document_text(document);
    assert_string_equal(text, "From     Zoë·[31m <zoe@example.com>\n"
                              "To       ada@example.org\n"
                              "Date     Tue 24 Nov 2026, 11:00 (two\n"
                              "         hours ago)\n"
                              "Subject  (no subject)\n"
                              "────────────────────────────────────────\n"
                              "\n"
                              "The text is being fetched.\n");
}

/* Of those beyond the limit nobody knows how many they are. */
static void test_very_many_people(void **state)
{
    RenderOptions options = options_for(80);
    g_autoptr(GString) mail =
        g_string_new("From: a@example.org\nTo: ada@example.org, c@x.org, d@x.org\nCc: ");

    (void)state;
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(mail, "%sp%d@example.org", i ? ",\n " : "", i);
    g_string_append(mail, "\n\nHi\n");
    g_autoptr(MimeMessage) message = mime_message_parse(mail->str, mail->len);
    g_autoptr(RenderDocument) document = render_message(message, &options);
    g_autofree char *text = render_document_text(document);
    assert_non_null(strstr(text, "p0@example.org (and more than 1999 others)"));
    assert_non_null(strstr(text, "c@x.org (you and 1 other)"));
}

static void test_no_text(void **state)
{
    (void)state;
    RenderOptions options = options_for(80);
    options.headers = FALSE;
    g_autoptr(RenderDocument) document = render_text("text/plain", "\n \n\n", &options);
    g_autofree char *text = render_document_text(document);
    assert_string_equal(text, "There is no text in this message.\n");
    g_autoptr(GError) error = NULL;
    assert_null(render_file("/nonexistent/mail", &options, &error));
    assert_non_null(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_all_widths),
        cmocka_unit_test(test_brief_header),
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_folding),
        cmocka_unit_test(test_imitations),
        cmocka_unit_test(test_names_that_show_another_address),
        cmocka_unit_test(test_a_field_imitates_no_other),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_deep_quotes),
        cmocka_unit_test(test_too_many_lines),
        cmocka_unit_test(test_envelope),
        cmocka_unit_test(test_very_many_people),
        cmocka_unit_test(test_no_text),
    };
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
