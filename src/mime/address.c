/*
 * address.c - see address.h.
 *
 * One pass over the bytes. What is collected of the person one stands in is a phrase (a name, or an address
 * without brackets), a comment, and an address in angle brackets; a comma, a semicolon or the end turns them
 * into an entry.
 */
#include "mime/address.h"

#include "base/limits.h"
#include "mime/word.h"

#include <string.h>

typedef struct {
    const char *p, *end;
    const char *word_end; /* how far the end of an encoded word was looked for */
    GString *phrase, *comment, *angle, *held;
    gboolean has_angle, has_quotes;
    gboolean no_quote, no_comment; /* another one does not end: looked for once, not each time */
    guint depth, max_depth;
    const char *charset;
    GPtrArray *list;
    gboolean is_cut;
} Parser;

void mime_address_free(MimeAddress *address)
{
    if (!address)
        return;
    g_free(address->name);
    g_free(address->address);
    g_free(address);
}

static void emit(Parser *r, const char *name, gsize name_bytes, const char *address, gsize address_bytes)
{
    if (!name_bytes && !address_bytes)
        return;
    if (r->list->len >= LIMIT_ADDRESSES) {
        r->is_cut = TRUE;
        return;
    }
    MimeAddress *entry = g_new(MimeAddress, 1);
    entry->name = mime_word_decode(name, name_bytes, r->charset, LIMIT_SUBJECT_BYTES);
    entry->address = mime_word_decode(address, address_bytes, r->charset, LIMIT_SUBJECT_BYTES);
    if (*entry->name || *entry->address)
        g_ptr_array_add(r->list, entry);
    else /* nothing but a byte order mark, or an empty encoded word */
        mime_address_free(entry);
}

static void trim(GString *s)
{
    while (s->len && s->str[s->len - 1] == ' ')
        g_string_truncate(s, s->len - 1);
}

/* "ada @ example . org", as RFC 822 allowed. */
static void close_gaps(GString *s)
{
    gsize to = 0;

    for (gsize i = 0; i < s->len; i++) {
        gboolean is_gap = s->str[i] == ' ' && ((to && strchr("@.", s->str[to - 1])) ||
                                               (i + 1 < s->len && strchr("@.", s->str[i + 1])));
        if (!is_gap)
            s->str[to++] = s->str[i];
    }
    g_string_truncate(s, to);
}

/* A phrase with nothing in angle brackets: an address, a name and an address, a local user, or a mere
 * name. */
static void emit_phrase(Parser *r)
{
    GString *s = r->phrase;

    if (memchr(s->str, '@', s->len) && memchr(s->str, ' ', s->len) && *s->str != '"')
        close_gaps(s);
    const char *at = memrchr(s->str, '@', s->len);
    const char *space = memrchr(s->str, ' ', s->len);
    if (space && *s->str == '"' && memrchr(s->str, '"', s->len) > (const void *)space)
        space = NULL; /* in a quoted local part */
    if (at && space && space < at) {
        emit(r, s->str, (gsize)(space - s->str), space + 1, s->len - (gsize)(space + 1 - s->str));
    } else if (at || !space) {
        emit(r, r->comment->str, r->comment->len, s->str, s->len);
    } else {
        emit(r, s->str, s->len, "", 0);
    }
}

/* "Lovelace" of "Lovelace, Ada <ada@example.org>" waits for what comes. */
static void emit_held(Parser *r)
{
    if (!r->held->len)
        return;
    gboolean is_name = memchr(r->held->str, ' ', r->held->len) != NULL;
    emit(r, is_name ? r->held->str : "", is_name ? r->held->len : 0, is_name ? "" : r->held->str,
         is_name ? 0 : r->held->len);
    g_string_truncate(r->held, 0);
}

static void finish_entry(Parser *r, gboolean at_comma)
{
    trim(r->phrase);
    if (r->has_angle) {
        if (r->held->len && r->phrase->len && !r->has_quotes) {
            g_string_append(r->held, ", ");
            g_string_append_len(r->held, r->phrase->str, (gssize)r->phrase->len);
            g_string_assign(r->phrase, r->held->str);
            g_string_truncate(r->held, 0);
        }
        emit_held(r);
        const GString *name = r->phrase->len ? r->phrase : r->comment;
        emit(r, name->str, name->len, r->angle->str, r->angle->len);
    } else if (r->phrase->len) {
        emit_held(r);
        if (at_comma && !r->has_quotes && !r->comment->len && !memchr(r->phrase->str, '@', r->phrase->len))
            g_string_append_len(r->held, r->phrase->str, (gssize)r->phrase->len);
        else
            emit_phrase(r);
    }
    if (!at_comma)
        emit_held(r);
    g_string_truncate(r->phrase, 0);
    g_string_truncate(r->comment, 0);
    g_string_truncate(r->angle, 0);
    r->has_angle = r->has_quotes = FALSE;
}

/* The quote that ends the string after p, or NULL. */
static const char *quote_end(Parser *r, const char *p)
{
    for (; !r->no_quote && p < r->end; p++) {
        if (*p == '"')
            return p;
        if (*p == '\\' && p + 1 < r->end)
            p++;
    }
    r->no_quote = TRUE;
    return NULL;
}

static void read_quoted(Parser *r)
{
    const char *start = r->p++;
    const char *close = quote_end(r, r->p);

    if (!close)
        return;
    r->has_quotes = TRUE;
    if (close + 1 < r->end &&
        (close[1] == '@' || close[1] == '.')) { /* a quoted local part keeps its quotes */
        g_string_append_len(r->phrase, start, close + 1 - start);
    } else {
        for (const char *p = r->p; p < close; p++) {
            if (*p == '\\' && p + 1 < close)
                p++;
            g_string_append_c(r->phrase, *p);
        }
    }
    r->p = close + 1;
}

static void read_comment(Parser *r)
{
    const char *p = ++r->p;
    guint depth = 1;

    for (; !r->no_comment && p < r->end; p++) {
        if (*p == '(')
            depth++;
        else if (*p == ')' && --depth == 0)
            break;
        else if (*p == '\\' && p + 1 < r->end)
            p++;
    }
    if (r->no_comment || p >= r->end) {
        r->no_comment = TRUE;
        return;
    }
    g_string_truncate(r->comment, 0);
    g_string_append_len(r->comment, r->p, p - r->p);
    r->p = p + 1;
}

/* "<addr-spec>", a source route or "mailto:" before it left out; a bracket that is missing ends at the
 * comma. */
static void read_angle(Parser *r)
{
    const char *p = ++r->p;
    gboolean is_route = p < r->end && *p == '@';

    g_string_truncate(r->angle, 0);
    for (; p < r->end && *p != '>' && *p != '<'; p++) {
        if (*p == '"') {
            const char *close = quote_end(r, p + 1);
            if (close) {
                g_string_append_len(r->angle, p, close + 1 - p);
                p = close;
            }
        } else if (*p == ':' && is_route) {
            is_route = FALSE;
            g_string_truncate(r->angle, 0);
        } else if (*p == ',' && !is_route) {
            break;
        } else if (*p != ' ' && *p != '\t') {
            g_string_append_c(r->angle, *p);
        }
    }
    if (g_ascii_strncasecmp(r->angle->str, "mailto:", 7) == 0)
        g_string_erase(r->angle, 0, 7);
    r->has_angle = TRUE;
    r->p = p < r->end && *p == '>' ? p + 1 : p;
}

static void open_group(Parser *r)
{
    r->p++;
    if (r->has_angle)
        return;
    emit_held(r);
    g_string_truncate(r->phrase, 0);
    g_string_truncate(r->comment, 0);
    r->has_quotes = FALSE;
    r->depth++; /* not within MAX(), which would count it twice */
    r->max_depth = MAX(r->max_depth, r->depth);
}

static void read_text(Parser *r)
{
    gsize word = *r->p == '=' ? mime_word_length(r->p, r->end, &r->word_end) : 0;

    if (*r->p == ' ' || *r->p == '\t') {
        if (r->phrase->len && r->phrase->str[r->phrase->len - 1] != ' ')
            g_string_append_c(r->phrase, ' ');
        word = 1;
    } else if (!r->has_angle || word) {
        g_string_append_len(r->phrase, r->p, (gssize)MAX(word, 1));
    }
    r->p += MAX(word, 1);
}

static void read_token(Parser *r)
{
    switch (*r->p) {
    case '"':
        read_quoted(r);
        break;
    case '(':
        read_comment(r);
        break;
    case '<':
        read_angle(r);
        break;
    case ':':
        open_group(r);
        break;
    case ',':
        r->p++;
        finish_entry(r, TRUE);
        break;
    case ';':
        r->p++;
        finish_entry(r, FALSE);
        r->depth -= r->depth ? 1 : 0;
        break;
    default:
        read_text(r);
    }
}

guint mime_address_parse(const char *value, gsize size, const char *charset, GPtrArray *list,
                         gboolean *is_cut_out)
{
    Parser r = {.p = value,
                .end = value + size,
                .word_end = value,
                .charset = charset,
                .list = list,
                .phrase = g_string_sized_new(64),
                .comment = g_string_sized_new(16),
                .angle = g_string_sized_new(64),
                .held = g_string_sized_new(16)};

    while (r.p < r.end)
        read_token(&r);
    finish_entry(&r, FALSE);

    if (is_cut_out)
        *is_cut_out = r.is_cut;
    g_string_free(r.phrase, TRUE);
    g_string_free(r.comment, TRUE);
    g_string_free(r.angle, TRUE);
    g_string_free(r.held, TRUE);
    return r.max_depth;
}
