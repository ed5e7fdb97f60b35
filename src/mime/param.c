/* param.c - see param.h. */
#include "mime/param.h"

#include "base/charset.h"
#include "base/limits.h"
#include "mime/word.h"

#include <string.h>

#define MAX_PIECES 1000

typedef struct {
    const char *name, *name_end;
    char *value;
} Param;

typedef struct {
    guint number;
    gboolean is_encoded;
    char *value;
} Piece;

static const char *skip_space(const char *p)
{
    while (g_ascii_isspace(*p))
        p++;
    return p;
}

/* Past white space and comments. A comment that does not end is white space to the end of the value. */
static const char *skip_comments(const char *p)
{
    p = skip_space(p);
    while (*p == '(') {
        guint depth = 0;
        for (; *p; p++) {
            if (*p == '(')
                depth++;
            else if (*p == ')' && --depth == 0)
                break;
            else if (*p == '\\' && p[1])
                p++;
        }
        p = skip_space(*p ? p + 1 : p);
    }
    return p;
}

char *mime_param_main(const char *value)
{
    GString *out = g_string_new(NULL);
    const char *p = skip_comments(value);

    while (*p && *p != ';') {
        g_string_append_c(out, g_ascii_tolower(*p));
        p = skip_comments(p + 1);
    }
    return g_string_free(out, FALSE);
}

/* In quotes only \" and \\ are escapes: Windows paths are sent with single ones. */
static const char *read_quoted(const char *p, GString *out)
{
    for (; *p && *p != '"'; p++) {
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        g_string_append_c(out, *p);
    }
    return *p ? p + 1 : p;
}

static const char *read_value(const char *p, gboolean is_text, GString *out)
{
    p = skip_comments(p);
    if (*p == '"')
        return read_quoted(p + 1, out);
    const char *start = p;
    while (*p && *p != ';' && (is_text || !g_ascii_isspace(*p)))
        p++;
    const char *end = p;
    while (end > start && g_ascii_isspace(end[-1]))
        end--;
    g_string_append_len(out, start, end - start);
    return p;
}

/* The next parameter; its value is the caller's. FALSE at the end. */
static gboolean next_param(const char **cursor, gboolean is_text, Param *param)
{
    const char *p = *cursor;

    while (*p && *p != ';') /* what is left of the one before */
        p = skip_comments(p + 1);
    while (*p == ';' || g_ascii_isspace(*p) || *p == '(')
        p = *p == ';' ? p + 1 : skip_comments(p);
    param->name = p;
    while (*p && *p != '=' && *p != ';' && *p != '(' && !g_ascii_isspace(*p))
        p++;
    param->name_end = p;
    if (param->name == p && !*p) {
        *cursor = p;
        return FALSE;
    }
    GString *value = g_string_new(NULL);
    p = skip_comments(p);
    if (*p == '=')
        p = read_value(p + 1, is_text, value);
    *cursor = p;
    param->value = g_string_free(value, FALSE);
    return TRUE;
}

static void piece_clear(Piece *piece)
{
    g_free(piece->value);
}

static int piece_compare(const Piece *a, const Piece *b)
{
    return a->number < b->number ? -1 : a->number > b->number;
}

/* "*", "*3", "*3*" after the name; FALSE for anything else. */
static gboolean parse_suffix(const char *p, const char *end, Piece *piece)
{
    piece->number = 0;
    piece->is_encoded = FALSE;
    if (p >= end || *p++ != '*')
        return FALSE;
    if (p == end) {
        piece->is_encoded = TRUE;
        return TRUE;
    }
    for (; p < end && g_ascii_isdigit(*p) && piece->number < MAX_PIECES; p++)
        piece->number = piece->number * 10 + (guint)(*p - '0');
    piece->is_encoded = p < end && *p == '*';
    return piece->number < MAX_PIECES && p + (piece->is_encoded ? 1 : 0) == end;
}

static void append_percent(GString *out, const char *p)
{
    for (; *p; p++) {
        if (*p == '%' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2])));
            p += 2;
        } else {
            g_string_append_c(out, *p);
        }
    }
}

/* The pieces in order, up to the first that is missing; the charset stands before the first:
 * charset'language'text. */
static char *join_pieces(GArray *pieces)
{
    g_autofree char *charset = NULL;
    g_autoptr(GString) bytes = g_string_new(NULL);
    guint want = 0;

    g_array_sort(pieces, (GCompareFunc)piece_compare);
    for (guint i = 0; i < pieces->len; i++) {
        const Piece *piece = &g_array_index(pieces, Piece, i);
        const char *text = piece->value;
        if (want && piece->number < want)
            continue; /* there twice */
        if (piece->number > want)
            break;
        const char *quote = piece->is_encoded && !want ? strchr(text, '\'') : NULL;
        const char *second = quote ? strchr(quote + 1, '\'') : NULL;
        if (second) {
            charset = g_strndup(text, (gsize)(quote - text));
            text = second + 1;
        }
        if (piece->is_encoded)
            append_percent(bytes, text);
        else
            g_string_append(bytes, text);
        want++;
    }
    return charset_to_utf8(bytes->str, bytes->len, charset, LIMIT_SUBJECT_BYTES, NULL);
}

char *mime_param_get(const char *value, const char *name, gboolean is_text)
{
    gsize length = strlen(name);
    const char *p = strchr(value, ';');
    g_autofree char *plain = NULL;
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    Param param;

    g_array_set_clear_func(pieces, (GDestroyNotify)piece_clear);
    while (p && next_param(&p, is_text, &param)) {
        g_autofree char *text = param.value;
        Piece piece;
        if ((gsize)(param.name_end - param.name) < length ||
            g_ascii_strncasecmp(param.name, name, length) != 0)
            continue;
        if (param.name + length == param.name_end) {
            if (!plain && *text)
                plain = g_steal_pointer(&text);
        } else if (pieces->len < MAX_PIECES && parse_suffix(param.name + length, param.name_end, &piece)) {
            piece.value = g_steal_pointer(&text);
            g_array_append_val(pieces, piece);
        }
    }
    g_autofree char *joined = pieces->len ? join_pieces(pieces) : NULL;
    if (joined && *joined)
        return g_steal_pointer(&joined);
    if (plain && is_text)
        return mime_word_decode(plain, strlen(plain), NULL, LIMIT_SUBJECT_BYTES);
    return g_steal_pointer(&plain);
}
