/* render-check.c - see render-check.h. */
#include "tests/unit/render-check.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition, line)                                                                             \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s: '%s'\n", __FILE__, __LINE__, #condition, (line));                    \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static void check_text(const char *text)
{
    int isolates = 0, marks = 0;

    REQUIRE(g_utf8_validate(text, -1, NULL), "");
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        REQUIRE(c >= 0x20 && (c < 0x7F || c > 0x9F), text);
        REQUIRE(!(c >= 0x202A && c <= 0x202E) && c != 0x2066 && c != 0x2067, text);
        REQUIRE(c != 0x200E && c != 0x200F && c != 0x200B && c != 0xFEFF && c != 0xAD, text);
        isolates += c == 0x2068 ? 1 : c == 0x2069 ? -1 : 0;
        REQUIRE(isolates >= 0, text);
        marks = g_unichar_ismark(c) ? marks + 1 : 0;
        REQUIRE(marks <= LIMIT_COMBINING_MARKS + 1, text); /* and a variation selector */
    }
    REQUIRE(isolates == 0, text);
}

static void check_spans(const RenderLine *line)
{
    guint end = 0;

    for (guint i = 0; i < line->n_spans; i++) {
        const RenderSpan *span = &line->spans[i];
        REQUIRE(span->start >= end && span->length > 0 && span->style < RENDER_STYLES, line->text);
        end = span->start + span->length;
        REQUIRE(end <= line->bytes, line->text);
        REQUIRE((line->text[span->start] & 0xC0) != 0x80 && (line->text[end] & 0xC0) != 0x80, line->text);
    }
}

static void check_shown(const char *text)
{
    REQUIRE(!strchr(text, '\n'), text);
    check_text(text);
}

void render_check(const RenderDocument *document, const RenderOptions *options)
{
    guint width = (guint)MAX(options->width_cols, 5);
    const GPtrArray *links = render_document_links(document);
    const GPtrArray *attachments = render_document_attachments(document);
    gboolean is_header = TRUE;

    for (guint i = 0; i < render_document_lines(document); i++) {
        const RenderLine *line = render_document_line(document, i);
        REQUIRE(strlen(line->text) == line->bytes, line->text);
        check_text(line->text);
        REQUIRE(line->width_cols <= width, line->text);
        REQUIRE((guint)text_width_cols(line->text, -1) <= line->width_cols, line->text);
        check_spans(line);
        REQUIRE(line->link >= -1 && line->link < (int)links->len, line->text);
        REQUIRE(line->kind != RENDER_LINE_HEADER || is_header, line->text);
        REQUIRE(line->kind != RENDER_LINE_FOLD || line->fold > 0, line->text);
        is_header = line->kind == RENDER_LINE_HEADER;
    }
    for (guint i = 0; i < links->len; i++) {
        const RenderLink *link = links->pdata[i];
        check_shown(link->text);
        check_shown(link->url);
    }
    for (guint i = 0; i < attachments->len; i++) {
        const RenderAttachment *attachment = attachments->pdata[i];
        check_shown(attachment->filename);
        check_shown(attachment->type);
    }
    check_shown(render_document_summary(document));
}
