/* plain.c - see plain.h. The text is cut into lines first, since a quote's beginning is told by the lines
 * after it. */
#include "render/plain.h"

#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "render/link.h"
#include "render/patch.h"

#include <string.h>

/* Lines of the source that are looked at: folded quotes may hold more of them than a document does. */
#define MAX_SOURCE_LINES (5 * RENDER_MAX_LINES)

/* A line of the source, without its quote marks; offsets into the safe text. */
typedef struct {
    guint start, length;
    guint depth;
} PlainLine;

typedef struct {
    RenderDocument *document;
    const char *text;
    PlainFormat format;
    GArray *lines; /* PlainLine */
    RenderText paragraph;
    GString *joined; /* its text, before links are looked for */
    PatchState patch;
    gboolean is_signature;
} Plain;

static const PlainLine *line_at(const Plain *plain, guint i)
{
    static const PlainLine END = {0, 0, 0};

    return i < plain->lines->len ? &g_array_index(plain->lines, PlainLine, i) : &END;
}

static const char *line_text(const Plain *plain, const PlainLine *line)
{
    return plain->text + line->start;
}

static gboolean is_blank(const Plain *plain, const PlainLine *line)
{
    const char *text = line_text(plain, line);

    for (guint i = 0; i < line->length; i++)
        if (text[i] != ' ')
            return FALSE;
    return TRUE;
}

static gboolean is_signature_mark(const Plain *plain, const PlainLine *line)
{
    return line->length == 3 && line->depth == 0 && memcmp(line_text(plain, line), "-- ", 3) == 0;
}

/* ---- cutting into lines ---- */

/* Takes the quote marks off: ">>", "> >", and one space after them. */
static void read_quote_marks(const char *text, PlainLine *line, gboolean is_flowed)
{
    guint at = line->start, end = line->start + line->length;

    while (at < end) {
        guint mark =
            at + (!is_flowed && line->depth > 0 && text[at] == ' ' && at + 1 < end && text[at + 1] == '>');
        if (text[mark] != '>')
            break;
        line->depth++;
        at = mark + 1;
    }
    /* The space that stuffing put there, or custom. */
    if ((line->depth > 0 || is_flowed) && at < end && text[at] == ' ')
        at++;
    line->start = at;
    line->length = end - at;
}

static void read_lines(Plain *plain, gsize bytes)
{
    gsize start = 0;

    while (start < bytes && plain->lines->len < MAX_SOURCE_LINES) {
        const char *newline = memchr(plain->text + start, '\n', bytes - start);
        gsize end = newline ? (gsize)(newline - plain->text) : bytes;
        PlainLine line = {(guint)start, (guint)(end - start), 0};
        read_quote_marks(plain->text, &line, plain->format.is_flowed);
        g_array_append_val(plain->lines, line);
        start = end + 1;
    }
    if (start < bytes)
        render_document_set_cut(plain->document);
    while (plain->lines->len > 0 && is_blank(plain, line_at(plain, plain->lines->len - 1)))
        g_array_set_size(plain->lines, plain->lines->len - 1);
}

/* ---- showing them ---- */

RenderStyle render_quote_style(guint depth)
{
    return depth == 0 ? RENDER_NORMAL : (RenderStyle)(RENDER_QUOTE_1 + MIN(depth, 5) - 1);
}

char *render_quote_bars(const RenderDocument *document, guint depth)
{
    int width = render_document_width(document);
    guint most = (guint)MAX(1, (width - MIN(20, width * 2 / 3)) / 2);
    GString *bars = g_string_new(NULL);

    for (guint i = 0; i < MIN(depth, most); i++)
        g_string_append(bars, render_document_is_ascii(document) ? "| " : "│ ");
    return g_string_free(bars, FALSE);
}

void render_add_fold(RenderDocument *document, guint fold, guint lines)
{
    g_auto(RenderText) text = {0};
    g_autofree char *bars = render_quote_bars(document, 1);
    g_autofree char *label =
        g_strdup_printf(ngettext_("+ %u quoted line", "+ %u quoted lines", lines), lines);
    RenderFrame frame = {.prefix = bars,
                         .prefix_style = RENDER_QUOTE_1,
                         .kind = RENDER_LINE_FOLD,
                         .quote_depth = 1,
                         .fold = fold};

    render_text_init(&text);
    render_text_add(&text, label, -1, RENDER_DIM);
    render_document_add(document, &text, &frame);
}

/* Adds the paragraph that begins with line i, as many lines as it flows over; returns the line after it. */
static guint add_paragraph(Plain *plain, guint i, guint depth, guint fold, RenderStyle style)
{
    const PlainLine *line = line_at(plain, i);
    guint first_depth = line->depth;
    g_autofree char *bars = depth > 0 ? render_quote_bars(plain->document, depth) : NULL;
    RenderFrame frame = {.prefix = bars,
                         .prefix_style = render_quote_style(depth),
                         .kind = RENDER_LINE_BODY,
                         .quote_depth = depth,
                         .fold = fold};

    g_string_truncate(plain->joined, 0);
    for (;; line = line_at(plain, i)) {
        gboolean flows = plain->format.is_flowed && line->length > 0 &&
                         line_text(plain, line)[line->length - 1] == ' ' && !is_signature_mark(plain, line);
        guint length = line->length;
        i++;
        flows = flows && i < plain->lines->len && line_at(plain, i)->depth == first_depth &&
                !is_signature_mark(plain, line_at(plain, i));
        if (flows && plain->format.is_delsp)
            length--;
        while (!flows && length > 0 && line_text(plain, line)[length - 1] == ' ' &&
               !is_signature_mark(plain, line))
            length--;
        g_string_append_len(plain->joined, line_text(plain, line), length);
        if (!flows)
            break;
    }
    render_text_clear(&plain->paragraph);
    render_text_add_linked(&plain->paragraph, plain->document, plain->joined->str, plain->joined->len, style);
    render_document_add(plain->document, &plain->paragraph, &frame);
    return i;
}

gboolean render_is_attribution(const char *text, gsize length)
{
    static const char *const DEEDS[] = {"wrote",   "writes",   "said",     "schrieb",   "écrit", "scrisse",
                                        "scritto", "escribió", "escreveu", "schreef",   "skrev", "pisze",
                                        "napisał", "написал",  "пишет",    "kirjoitti", "写道",  "のメール"};

    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\n'))
        length--;
    if (length == 0 || length > 300)
        return FALSE;
    if (text[length - 1] != ':' && !(length >= 3 && memcmp(text + length - 3, "：", 3) == 0))
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (text[i] == '@' || g_ascii_isdigit(text[i]))
            return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(DEEDS); i++)
        if (g_strstr_len(text, (gssize)length, DEEDS[i]))
            return TRUE;
    return FALSE;
}

/* Line i begins a quote's attribution: how many lines that is, 1 or 2 (cut where it was too long), and in
 * *quote_out where the quote begins; 0: it does not. */
static guint attribution_lines(const Plain *plain, guint i, guint *quote_out)
{
    for (guint count = 1; count <= 2; count++) {
        guint last = i + count - 1, next = last + 1;
        gboolean is_whole =
            i == 0 || is_blank(plain, line_at(plain, i - 1)) || line_at(plain, i - 1)->depth > 0;
        if (last >= plain->lines->len || line_at(plain, last)->depth > 0 ||
            is_blank(plain, line_at(plain, last)) || (count == 2 && !is_whole))
            return 0;
        next += next < plain->lines->len && line_at(plain, next)->depth == 0 &&
                is_blank(plain, line_at(plain, next));
        *quote_out = next;
        if (line_at(plain, next)->depth > 0 &&
            render_is_attribution(line_text(plain, line_at(plain, last)), line_at(plain, last)->length))
            return count;
    }
    return 0;
}

/* The quote block that begins with line i, `attribution` lines of which say whose it is, the quote itself at
 * `quote`; returns the line after it. */
static guint add_quote(Plain *plain, guint i, guint attribution, guint quote)
{
    guint end = quote;
    gboolean is_unfolded;

    while (line_at(plain, end)->depth > 0)
        end++;
    guint fold = render_document_next_fold(plain->document, &is_unfolded);
    for (guint stop = i + attribution; i < stop;)
        i = add_paragraph(plain, i, 1, fold, RENDER_QUOTE_1);
    if (!is_unfolded && end - quote > RENDER_FOLD_LINES) {
        render_add_fold(plain->document, fold, end - quote);
        return end;
    }
    for (i = quote; i < end;) {
        guint depth = line_at(plain, i)->depth;
        i = add_paragraph(plain, i, depth, fold, render_quote_style(depth));
    }
    return end;
}

static guint add_next(Plain *plain, guint i)
{
    const PlainLine *line = line_at(plain, i), *next = line_at(plain, i + 1);
    guint quote = i, attribution;

    if (line->depth > 0 && !plain->is_signature) {
        memset(&plain->patch, 0, sizeof plain->patch);
        return add_quote(plain, i, 0, i);
    }
    if (plain->is_signature)
        return add_paragraph(plain, i, line->depth, 0, RENDER_SIGNATURE);
    /* Where a hunk still wants lines to be taken out, "-- " may be one of them. */
    if (!render_patch_is_inside(&plain->patch) ||
        (is_signature_mark(plain, line) && !plain->patch.old_lines)) {
        if (is_signature_mark(plain, line)) {
            plain->is_signature = TRUE;
            return add_paragraph(plain, i, 0, 0, RENDER_SIGNATURE);
        }
        if ((attribution = attribution_lines(plain, i, &quote)) > 0)
            return add_quote(plain, i, attribution, quote);
    }
    RenderStyle style = render_patch_line(&plain->patch, line_text(plain, line), line->length,
                                          line_text(plain, next), next->length);
    return add_paragraph(plain, i, 0, 0, style);
}

void render_plain(RenderDocument *document, const char *text, gsize bytes, PlainFormat format)
{
    g_autofree char *safe = sanitise(text, (gssize)bytes, SANITISE_OPEN);
    Plain plain = {.document = document, .text = safe, .format = format};

    plain.lines = g_array_new(FALSE, FALSE, sizeof(PlainLine));
    plain.joined = g_string_new(NULL);
    render_text_init(&plain.paragraph);
    read_lines(&plain, strlen(safe));
    guint first = 0;
    while (first < plain.lines->len && line_at(&plain, first)->depth == 0 &&
           is_blank(&plain, line_at(&plain, first)))
        first++;
    for (guint i = first; i < plain.lines->len;)
        i = add_next(&plain, i);
    g_array_unref(plain.lines);
    g_string_free(plain.joined, TRUE);
    render_text_free(&plain.paragraph);
}
