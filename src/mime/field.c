/* field.c - see field.h. */
#include "mime/field.h"

#include <string.h>

static const char *line_end(const char *line, const char *end)
{
    const char *newline = memchr(line, '\n', (gsize)(end - line));

    return newline ? newline + 1 : end;
}

static gboolean is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* The colon of a line that begins a field, or NULL. White space before it is RFC 822's (obs-optional). */
static const char *find_colon(const char *line, const char *end)
{
    const char *p = line;

    while (p<end && * p> ' ' && *p < 0x7f && *p != ':')
        p++;
    if (p == line)
        return NULL;
    while (p < end && is_space(*p))
        p++;
    return p < end && *p == ':' ? p : NULL;
}

static gboolean is_mbox_line(const char *line, const char *end)
{
    if (line < end && *line == '>')
        line++;
    return end - line >= 5 && memcmp(line, "From ", 5) == 0;
}

MimeLineKind mime_field_line(const char *line, const char *end, const char **colon_out)
{
    if (*line == '\n' || (*line == '\r' && (line + 1 == end || line[1] == '\n')))
        return MIME_LINE_EMPTY;
    if (is_space(*line))
        return MIME_LINE_CONTINUATION;
    const char *colon = find_colon(line, end);
    if (colon_out)
        *colon_out = colon;
    if (colon)
        return MIME_LINE_FIELD;
    return is_mbox_line(line, end) ? MIME_LINE_MBOX : MIME_LINE_OTHER;
}

static const char *past_continuation(const char *line, const char *end)
{
    while (line < end && is_space(*line))
        line = line_end(line, end);
    return line;
}

gboolean mime_field_next(const char **cursor, const char *end, MimeRawField *field)
{
    const char *line = *cursor;
    const char *colon = NULL;
    MimeLineKind kind = MIME_LINE_OTHER;

    while (line < end && (kind = mime_field_line(line, end, &colon)) == MIME_LINE_MBOX)
        line = past_continuation(line_end(line, end), end);
    *cursor = line < end && kind == MIME_LINE_EMPTY ? line_end(line, end) : line;
    if (line >= end || kind != MIME_LINE_FIELD)
        return FALSE;

    field->name = line;
    field->name_bytes = (gsize)(colon - line);
    while (field->name_bytes && is_space(line[field->name_bytes - 1]))
        field->name_bytes--;
    field->value = colon + 1;
    *cursor = past_continuation(line_end(colon, end), end);
    const char *last = *cursor;
    while (last > field->value && (last[-1] == '\n' || last[-1] == '\r'))
        last--;
    field->value_bytes = (gsize)(last - field->value);
    return TRUE;
}

gboolean mime_field_is(const MimeRawField *field, const char *name)
{
    return strlen(name) == field->name_bytes &&
           g_ascii_strncasecmp(name, field->name, field->name_bytes) == 0;
}

gboolean mime_field_is_private(const MimeRawField *field)
{
    static const char TERNS[] = "X-Tern-";

    return mime_field_is(field, "Bcc") || mime_field_is(field, "Resent-Bcc") ||
           (field->name_bytes >= strlen(TERNS) &&
            g_ascii_strncasecmp(field->name, TERNS, strlen(TERNS)) == 0);
}

char *mime_field_unfold(const MimeRawField *field, gsize *size_out)
{
    const char *p = field->value;
    const char *end = p + field->value_bytes;
    char *text = g_malloc(field->value_bytes + 1);
    char *to = text;

    while (p < end && (is_space(*p) || *p == '\r' || *p == '\n'))
        p++;
    while (p < end) {
        if (*p != '\r' && *p != '\n')
            *to++ = *p;
        p++;
    }
    *to = '\0';
    if (size_out)
        *size_out = (gsize)(to - text);
    return text;
}
