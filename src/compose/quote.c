/* quote.c - see quote.h. */
#include "compose/quote.h"

#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "compose/flow.h"
#include "render/render.h"

#include <string.h>

/* Wider than any line that somebody typed: lines keep their ends. */
#define UNWRAPPED_COLS 998
/* A line of that width is a paragraph, whatever its sender says. */
#define PARAGRAPH_COLS 120

/* Whether the text comes in paragraphs, which have to be wrapped, and not in lines. */
static gboolean is_in_paragraphs(const MimeMessage *message, gboolean prefer_html)
{
    g_autoptr(GPtrArray) parts = mime_message_body_parts(message, prefer_html);

    for (guint i = 0; i < parts->len; i++) {
        const MimePart *part = parts->pdata[i];
        if (part->is_flowed || g_str_equal(part->type, "text/html"))
            return TRUE;
    }
    return FALSE;
}

/* A line without the bars of its quotes and the marks that isolate its direction; to be freed. */
static char *bare_text(const RenderLine *line)
{
    g_autoptr(GString) text = g_string_new_len(line->text, line->bytes);

    g_string_replace(text, SANITISE_ISOLATE, "", 0);
    g_string_replace(text, SANITISE_ISOLATE_END, "", 0);
    for (guint i = 0; i < line->quote_depth && g_str_has_prefix(text->str, "|"); i++)
        g_string_erase(text, 0, text->str[1] == ' ' ? 2 : 1);
    while (text->len && text->str[text->len - 1] == ' ')
        g_string_truncate(text, text->len - 1);
    return g_strdup(text->str);
}

static gboolean is_signature(const RenderLine *line)
{
    return line->n_spans > 0 && line->spans[0].style == RENDER_SIGNATURE && line->quote_depth == 0;
}

static void add_line(GString *out, const RenderLine *line, int cols)
{
    g_autofree char *text = bare_text(line);
    g_autofree char *signs = g_strnfill(line->quote_depth, '>');
    g_autofree char *prefix = *signs && *text ? g_strconcat(signs, " ", NULL) : g_strdup(signs);

    if (line->width_cols > PARAGRAPH_COLS)
        flow_wrap(out, text, strlen(text), prefix, cols, "");
    else
        g_string_append_printf(out, "%s%s\n", prefix, text);
}

static char *quote(const MimeMessage *message, gboolean prefer_html, gboolean is_whole, int cols)
{
    const RenderOptions options = {.width_cols =
                                       is_in_paragraphs(message, prefer_html) ? cols : UNWRAPPED_COLS,
                                   .prefer_html = prefer_html,
                                   .without_digest = is_whole,
                                   .is_ascii = TRUE};
    g_autoptr(RenderDocument) document = render_message(message, &options);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < render_document_lines(document); i++) {
        const RenderLine *line = render_document_line(document, i);
        if (line->kind != RENDER_LINE_BODY)
            continue;
        if (!is_whole && is_signature(line))
            break;
        add_line(out, line, cols);
    }
    return g_string_free(out, FALSE);
}

char *quote_visible_text(const MimeMessage *message, gboolean prefer_html, int cols)
{
    return quote(message, prefer_html, FALSE, cols);
}

char *quote_own_text(const MimeMessage *message, gboolean prefer_html, int cols)
{
    return quote(message, prefer_html, TRUE, cols);
}

char *quote_marked(const char *text)
{
    g_autofree char *stripped = g_strchomp(g_strdup(text + strspn(text, "\n")));
    g_auto(GStrv) lines = g_strsplit(stripped, "\n", -1);
    GString *out = g_string_new(NULL);

    for (int i = 0; lines[i]; i++)
        g_string_append_printf(out, "%s%s\n", lines[i][0] == '>' || !lines[i][0] ? ">" : "> ", lines[i]);
    return g_string_free(out, FALSE);
}

/* What stands for a letter of the format; to be freed. */
static char *piece(char letter, const MimeEnvelope *envelope)
{
    const MimeAddress *from = envelope->from->len ? envelope->from->pdata[0] : NULL;

    switch (letter) {
    case 'd': {
        g_autoptr(GTimeZone) zone = g_time_zone_new_offset(envelope->date_offset_min * 60);
        g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(envelope->date_s);
        g_autoptr(GDateTime) there = utc && envelope->has_date ? g_date_time_to_timezone(utc, zone) : NULL;
        /* Translators: the date in "On Tue 24 Nov 2026 at 11:58, Ada wrote:" */
        return there ? g_date_time_format(there, _("%a %-d %b %Y at %H:%M")) : g_strdup(_("an unknown day"));
    }
    case 'n':
        return g_strdup(from ? text_person(from->name, from->address) : _("somebody"));
    case 'a':
        return g_strdup(from ? from->address : "");
    case 's':
        return g_strdup(envelope->subject);
    case '%':
        return g_strdup("%");
    default:
        return g_strdup_printf("%%%c", letter);
    }
}

char *quote_attribution(const char *format, const MimeEnvelope *envelope)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (; *format; format++) {
        if (*format != '%' || !format[1]) {
            g_string_append_c(out, *format);
            continue;
        }
        g_autofree char *text = piece(*++format, envelope);
        g_string_append(out, text ? text : "");
    }
    g_autofree char *safe = sanitise(out->str, (gssize)out->len, SANITISE_OPEN);
    return g_strdelimit(g_steal_pointer(&safe), "\n", ' ');
}
