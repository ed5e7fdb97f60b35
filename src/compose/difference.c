/* difference.c - see difference.h. */
#include "compose/difference.h"

#include <string.h>

/* Lines of both that are compared each with each: beyond, what differs counts as one piece. */
#define TABLE_MAX (4 << 20)
/* Unchanged lines that are shown around a change. */
#define NEAR 2

typedef struct {
    GString *out;
    guint came, went;
} Difference;

static void add(Difference *difference, char sign, const char *name, const char *text)
{
    difference->came += sign == '+';
    difference->went += sign == '-';
    g_string_append_printf(difference->out, "%c %s%s\n", sign, name, text);
}

/* ---- fields and attachments ---- */

static void compare_fields(Difference *difference, const Draft *before, const Draft *after)
{
    for (DraftField field = 0; field < DRAFT_FIELDS; field++) {
        g_autofree char *name = g_strconcat(draft_field_name(field), ": ", NULL);
        if (g_str_equal(before->fields[field], after->fields[field]))
            continue;
        if (*before->fields[field])
            add(difference, '-', name, before->fields[field]);
        if (*after->fields[field])
            add(difference, '+', name, after->fields[field]);
    }
}

static gboolean has_attachment(const Draft *draft, const DraftAttachment *wanted)
{
    for (guint i = 0; i < draft->attachments->len; i++) {
        const DraftAttachment *one = draft->attachments->pdata[i];
        if (g_str_equal(one->name, wanted->name))
            return TRUE;
    }
    return FALSE;
}

static void compare_attachments(Difference *difference, char sign, const Draft *of, const Draft *with)
{
    for (guint i = 0; i < of->attachments->len; i++) {
        const DraftAttachment *one = of->attachments->pdata[i];
        if (!has_attachment(with, one))
            add(difference, sign, "+ ", one->name);
    }
}

/* ---- the text ---- */

typedef struct {
    char **before, **after;
    guint n_before, n_after;
    guint16 *table; /* the longest common part of what follows both lines */
} Lines;

static guint16 *cell(const Lines *lines, guint i, guint k)
{
    return &lines->table[(gsize)i * (lines->n_after + 1) + k];
}

static void fill_table(Lines *lines)
{
    for (guint i = lines->n_before; i-- > 0;)
        for (guint k = lines->n_after; k-- > 0;)
            *cell(lines, i, k) = g_str_equal(lines->before[i], lines->after[k])
                                     ? (guint16)(*cell(lines, i + 1, k + 1) + 1)
                                     : MAX(*cell(lines, i + 1, k), *cell(lines, i, k + 1));
}

/* What differs in the middle, after what is the same at both ends was left out. */
static void walk(Difference *difference, const Lines *lines)
{
    guint i = 0, k = 0;

    while (i < lines->n_before || k < lines->n_after) {
        if (lines->table && i < lines->n_before && k < lines->n_after &&
            g_str_equal(lines->before[i], lines->after[k])) {
            add(difference, ' ', "", lines->before[i++]);
            k++;
        } else if (i < lines->n_before && (!lines->table || k >= lines->n_after ||
                                           *cell(lines, i + 1, k) >= *cell(lines, i, k + 1))) {
            add(difference, '-', "", lines->before[i++]);
        } else {
            add(difference, '+', "", lines->after[k++]);
        }
    }
}

static void compare_text(Difference *difference, const char *before, const char *after)
{
    g_auto(GStrv) old = g_strsplit(before, "\n", -1), new_ = g_strsplit(after, "\n", -1);
    guint n_old = g_strv_length(old), n_new = g_strv_length(new_), same = 0, end = 0;

    while (same < n_old && same < n_new && g_str_equal(old[same], new_[same]))
        same++;
    while (end < n_old - same && end < n_new - same &&
           g_str_equal(old[n_old - end - 1], new_[n_new - end - 1]))
        end++;
    Lines lines = {old + same, new_ + same, n_old - same - end, n_new - same - end, NULL};
    if (lines.n_before == 0 && lines.n_after == 0)
        return;
    const guint64 cells = (guint64)(lines.n_before + 1) * (lines.n_after + 1);
    if (cells <= TABLE_MAX && lines.n_before < G_MAXUINT16 && lines.n_after < G_MAXUINT16) {
        lines.table = g_new0(guint16, cells);
        fill_table(&lines);
    }
    for (guint i = same > NEAR ? same - NEAR : 0; i < same; i++)
        add(difference, ' ', "", old[i]);
    walk(difference, &lines);
    for (guint i = n_old - end; i < n_old && i < n_old - end + NEAR; i++)
        add(difference, ' ', "", old[i]);
    g_free(lines.table);
}

char *draft_difference(const Draft *before, const Draft *after, guint *lines_out)
{
    g_autoptr(GString) out = g_string_new(NULL);
    Difference difference = {.out = out};

    compare_fields(&difference, before, after);
    compare_attachments(&difference, '-', before, after);
    compare_attachments(&difference, '+', after, before);
    compare_text(&difference, before->body, after->body);
    *lines_out = MAX(difference.came, difference.went);
    return *lines_out ? g_strdup(out->str) : NULL;
}
