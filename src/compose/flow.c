/* flow.c - see flow.h. */
#include "compose/flow.h"

#include "base/text.h"

#include <string.h>

/* RFC 3676 4.2: lines of 78 at most, made 72 where tern breaks them, so that answers have room for their
 * marks. */
#define LONG_COLUMNS 78
#define FLOW_COLUMNS 72

guint flow_quote_depth(const char *line, const char **rest_out)
{
    guint depth = 0;
    const char *at = line;

    while (*at == '>') {
        depth++;
        at++;
        if (*at == ' ' && at[1] == '>')
            at++;
    }
    if (depth && *at == ' ')
        at++;
    *rest_out = at;
    return depth;
}

static const char *skip(const char *at, const char *end, gboolean blanks)
{
    while (at < end && (*at == ' ') == blanks)
        at++;
    return at;
}

static gboolean is_word(const char *from, const char *to, const char *word)
{
    return (gsize)(to - from) == strlen(word) && memcmp(from, word, strlen(word)) == 0;
}

/* Whether no line ends between two words: a line that begins with '>' is a quote for its readers, "--" alone
 * begins the signature, and "From " gets a mark in mbox files. The format would have the first and the last
 * stuffed (RFC 3676 4.4), which those who do not know it would see. */
static gboolean is_joined(const char *word, const char *word_end, const char *next, const char *next_end)
{
    return *next == '>' || is_word(next, next_end, "--") || is_word(word, word_end, "--") ||
           is_word(next, next_end, "From");
}

/* The end of the blanks and words from `at` on that stay on one line. */
static const char *piece_end(const char *at, const char *end)
{
    const char *word = skip(at, end, TRUE), *word_end = skip(word, end, FALSE);

    for (;;) {
        const char *next = skip(word_end, end, TRUE), *next_end = skip(next, end, FALSE);
        if (next == end || !is_joined(word, word_end, next, next_end))
            return word_end;
        word = next;
        word_end = next_end;
    }
}

void flow_wrap(GString *out, const char *text, gsize bytes, const char *prefix, int cols, const char *soft)
{
    const char *end = text + bytes;
    int room = MAX(cols - text_width_cols(prefix, -1), 10), used = 0;

    g_string_append(out, prefix);
    for (const char *at = text; at < end;) {
        const char *word = skip(at, end, TRUE), *next = piece_end(at, end);
        int width = text_width_cols(at, next - at);
        if (used && word < next && word > at && used + width > room) {
            /* The break stands for one blank; where it is taken away again, the others are there. */
            g_string_append_len(out, at, *soft ? word - at - 1 : 0);
            g_string_append_printf(out, "%s\n%s", soft, prefix);
            at = word;
            used = 0;
            width = text_width_cols(at, next - at);
        }
        g_string_append_len(out, at, next - at);
        used += width;
        at = next;
    }
    g_string_append_c(out, '\n');
}

/* ">> " for two; "" for none. */
static char *marks(guint depth)
{
    g_autofree char *signs = g_strnfill(depth, '>');

    return depth ? g_strconcat(signs, " ", NULL) : g_strdup("");
}

static void flow_line(GString *out, const char *line)
{
    const char *rest;
    guint depth = flow_quote_depth(line, &rest);
    g_autofree char *prefix = marks(depth);
    gsize bytes = strlen(rest);

    if (!depth && g_str_equal(line, "-- ")) {
        g_string_append(out, "-- \n");
        return;
    }
    while (bytes && rest[bytes - 1] == ' ')
        bytes--;
    if (!bytes) {
        prefix[depth] = '\0'; /* a blank at its end would make it flow */
        g_string_append_printf(out, "%s\n", prefix);
        return;
    }
    /* A line of one's own that looks like something else is stuffed (RFC 3676 4.4). */
    if (!depth && (*rest == ' ' || g_str_has_prefix(rest, "From ")))
        g_string_append_c(out, ' ');
    if (text_width_cols(rest, (gssize)bytes) + (int)strlen(prefix) <= LONG_COLUMNS)
        g_string_append_printf(out, "%s%.*s\n", prefix, (int)bytes, rest);
    else
        flow_wrap(out, rest, bytes, prefix, FLOW_COLUMNS, " ");
}

char *flow_text(const char *text)
{
    GString *out = g_string_sized_new(strlen(text) + 64);

    while (*text) {
        gsize n = strcspn(text, "\n");
        g_autofree char *line = g_strndup(text, n);
        flow_line(out, line);
        text += n + (text[n] ? 1 : 0);
    }
    return g_string_free(out, FALSE);
}

/* ---- reflowing ---- */

/* Whether a line belongs to a paragraph of that depth. */
static gboolean belongs(const char *line, guint depth)
{
    const char *rest;
    gsize n = strcspn(line, "\n");
    g_autofree char *one = g_strndup(line, n);

    return flow_quote_depth(one, &rest) == depth && rest[strspn(rest, " ")] && !g_str_equal(one, "-- ");
}

static const char *line_before(const char *text, const char *line)
{
    if (line == text)
        return NULL;
    for (line--; line > text && line[-1] != '\n';)
        line--;
    return line;
}

char *flow_reflow(const char *text, gsize at, int cols, gsize *from_out, gsize *bytes_out)
{
    const char *first = text + at, *rest, *before;
    g_autoptr(GString) words = g_string_new(NULL);
    GString *out = g_string_new(NULL);

    while (first > text && first[-1] != '\n')
        first--;
    guint depth = flow_quote_depth(first, &rest);
    if (!belongs(first, depth)) {
        *from_out = at;
        *bytes_out = 0;
        return g_string_free(out, FALSE);
    }
    while ((before = line_before(text, first)) && belongs(before, depth))
        first = before;
    const char *line = first;
    for (; *line && belongs(line, depth); line += strcspn(line, "\n"), line += *line ? 1 : 0) {
        flow_quote_depth(line, &rest);
        g_autofree char *part = g_strstrip(g_strndup(rest, strcspn(rest, "\n")));
        g_string_append_printf(words, "%s%s", words->len ? " " : "", part);
    }
    g_autofree char *prefix = marks(depth);
    flow_wrap(out, words->str, words->len, prefix, cols, "");
    *from_out = (gsize)(first - text);
    *bytes_out = (gsize)(line - first);
    if (*bytes_out && line[-1] != '\n') /* the text's last line has no end */
        g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}
