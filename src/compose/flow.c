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

void flow_wrap(GString *out, const char *text, gsize bytes, const char *prefix, int cols, const char *soft)
{
    const char *end = text + bytes;
    int room = MAX(cols - text_width_cols(prefix, -1), 10), used = 0;

    g_string_append(out, prefix);
    for (const char *at = text; at < end;) {
        const char *word = at;
        while (word < end && *word == ' ')
            word++;
        const char *word_end = word;
        while (word_end < end && *word_end != ' ')
            word_end++;
        int width = text_width_cols(at, word_end - at);
        if (used && word < word_end && word > at && used + width > room) {
            g_string_append_printf(out, "%s\n%s", soft, prefix);
            at = word;
            used = 0;
            width = text_width_cols(at, word_end - at);
        }
        g_string_append_len(out, at, word_end - at);
        used += width;
        at = word_end;
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

/* Where a paragraph was broken, a line may begin with what has to be stuffed. */
static char *stuffed(char *text)
{
    if (!strstr(text, "\nFrom "))
        return text;
    g_autoptr(GString) out = g_string_new(text);
    g_string_replace(out, "\nFrom ", "\n From ", 0);
    g_free(text);
    return g_strdup(out->str);
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
    return stuffed(g_string_free(out, FALSE));
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
