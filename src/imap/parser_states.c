/* parser_states.c - see parser_private.h. */
#include "imap/parser_private.h"

#include "base/i18n.h"

#include <string.h>

/* Classes of bytes. 8-bit bytes count as letters. */
enum { PLAIN, SPACE, BREAK /* NUL, CR, LF */, CONTROL, OPEN, CLOSE, QUOTE, BRACE, BACKSLASH };
static const guint8 CLASS[256] = {
    [0] = BREAK,           ['\r'] = BREAK,  ['\n'] = BREAK,     [1 ... 9] = CONTROL, [11 ... 12] = CONTROL,
    [14 ... 31] = CONTROL, [127] = CONTROL, [' '] = SPACE,      ['('] = OPEN,        [')'] = CLOSE,
    ['"'] = QUOTE,         ['{'] = BRACE,   ['\\'] = BACKSLASH,
};
#define CLASS_OF(at) CLASS[(guint8) * (at)]

/* ---- values and their texts ---- */

static void append(ImapParser *parser, const char *bytes, gsize size)
{
    if (size > parser->bytes_size - parser->used) {
        parser->bytes_size = MAX(MAX(parser->bytes_size * 2, parser->used + size), 1024);
        parser->bytes = g_realloc(parser->bytes, parser->bytes_size);
    }
    if (size == 1)
        parser->bytes[parser->used] = *bytes;
    else if (size > 0)
        memcpy(parser->bytes + parser->used, bytes, size);
    parser->used += size;
}

static gboolean begin_value(ImapParser *parser, const char *at, ImapValueKind kind)
{
    if (parser->n == LIMIT_IMAP_VALUES)
        return imap_parser_fail(parser, at, N_("a response of too many values")) != NULL;
    if (parser->n == parser->values_size) {
        parser->values_size = parser->values_size ? parser->values_size * 2 : 64;
        parser->values = g_renew(ImapValue, parser->values, parser->values_size);
    }
    parser->values[parser->n] =
        (ImapValue){.text = (uint32_t)parser->used, .end = parser->n + 1, .kind = kind};
    parser->n++;
    return TRUE;
}

static ImapValue *end_value(ImapParser *parser)
{
    ImapValue *value = &parser->values[parser->n - 1];

    value->bytes = (uint32_t)(parser->used - value->text);
    append(parser, "", 1);
    return value;
}

ImapTree imap_parser_tree(const ImapParser *parser)
{
    return (ImapTree){.values = parser->values, .n = parser->n, .bytes = parser->bytes};
}

gboolean imap_parser_is_word(const ImapParser *parser, const ImapValue *value, const char *word)
{
    return !g_ascii_strcasecmp(parser->bytes + value->text, word);
}

/* What an atom is when it is complete: NIL, a number, or itself. */
static ImapValueKind kind_of_atom(const ImapParser *parser, const ImapValue *value)
{
    const char *text = parser->bytes + value->text;
    uint64_t number;

    if (value->bytes == 3 && imap_parser_is_word(parser, value, "NIL"))
        return IMAP_NIL;
    return imap_digits(text, value->bytes, G_MAXUINT64, &number) ? IMAP_NUMBER : IMAP_ATOM;
}

/* Whether what follows is text for people rather than values. */
static gboolean is_status_word(const ImapParser *parser, const ImapValue *value)
{
    static const char *const WORDS[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};

    for (guint i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (imap_parser_is_word(parser, value, WORDS[i]))
            return TRUE;
    return FALSE;
}

static const char *open_list(ImapParser *parser, const char *at)
{
    if (parser->depth == LIMIT_IMAP_DEPTH)
        return imap_parser_fail(parser, at, N_("parentheses nested too deep"));
    if (!begin_value(parser, at, IMAP_LIST))
        return NULL;
    parser->open[parser->depth++] = parser->n - 1;
    parser->state = AT_GAP;
    return at + 1;
}

static const char *close_list(ImapParser *parser, const char *at)
{
    if (parser->depth == 0)
        return imap_parser_fail(parser, at, N_("a closing parenthesis too many"));
    parser->values[parser->open[--parser->depth]].end = parser->n;
    parser->state = AT_AFTER;
    return at + 1;
}

/* At CR or LF; NUL stands nowhere but in literals. */
static const char *end_line(ImapParser *parser, const char *at)
{
    if (*at == '\0')
        return imap_parser_fail(parser, at, N_("a NUL outside of a literal"));
    if (parser->depth > 0)
        return imap_parser_fail(parser, at, N_("a line that ends within parentheses"));
    parser->state = *at == '\n' ? AT_END : AT_LF;
    return at + 1;
}

/* ---- the states; `at` is before `end` ---- */

static const char *take_start(ImapParser *parser, const char *at, const char *end)
{
    (void)end;
    parser->line_bytes = 0;
    /* What a server sends broken most often is a quoted string with a line's end in it. */
    if (parser->is_after_skip && !strchr("*+A", *at)) {
        parser->state = AT_SKIP;
        return at;
    }
    parser->is_after_skip = FALSE;
    parser->skipped_bytes = 0;
    if (CLASS_OF(at) != PLAIN)
        return imap_parser_fail(parser, NULL, N_("a line that starts with neither tag nor \"*\""));
    if (!begin_value(parser, at, IMAP_ATOM))
        return NULL;
    parser->state = AT_ATOM;
    return at;
}

static const char *take_gap(ImapParser *parser, const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    if (at == end)
        return at;
    switch (CLASS_OF(at)) {
    case OPEN:
        return open_list(parser, at);
    case CLOSE:
        return close_list(parser, at);
    case BREAK:
        return end_line(parser, at);
    case QUOTE:
        parser->state = AT_QUOTED;
        return begin_value(parser, at, IMAP_QUOTED) ? at + 1 : NULL;
    case BRACE:
        parser->state = AT_SIZE;
        parser->literal_left = parser->digits = 0;
        return at + 1;
    case CONTROL:
        return imap_parser_fail(parser, at, N_("a control character where a value should start"));
    default:
        parser->state = AT_ATOM;
        return begin_value(parser, at, IMAP_ATOM) ? at : NULL;
    }
}

static const char *take_after(ImapParser *parser, const char *at, const char *end)
{
    (void)end;
    switch (CLASS_OF(at)) {
    case SPACE:
        parser->state = AT_GAP;
        return at + 1;
    case OPEN:
        return open_list(parser, at);
    case CLOSE:
        return close_list(parser, at);
    case BREAK:
        return end_line(parser, at);
    default:
        return imap_parser_fail(parser, at, N_("two values with nothing between them"));
    }
}

/* "BODY[" and its like open a section, in which spaces and parentheses belong to the atom. */
static gboolean opens_section(ImapParser *parser)
{
    static const char *const NAMES[] = {"BODY", "BINARY", "BINARY.SIZE"};
    const ImapValue *value = &parser->values[parser->n - 1];
    gsize bytes = parser->used - value->text;

    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (bytes == strlen(NAMES[i]) && !g_ascii_strncasecmp(parser->bytes + value->text, NAMES[i], bytes))
            return TRUE;
    return FALSE;
}

static const char *end_atom(ImapParser *parser, const char *at)
{
    ImapValue *value = end_value(parser);

    parser->state = AT_AFTER;
    if (parser->n == 1 && !strcmp(parser->bytes, "+"))
        parser->state = AT_STATUS;
    else if (parser->n == 2 && parser->depth == 0 && is_status_word(parser, value))
        parser->state = AT_STATUS;
    else if (parser->n > 1)
        value->kind = kind_of_atom(parser, value);
    return at;
}

static const char *take_atom(ImapParser *parser, const char *at, const char *end)
{
    const char *from = at;

    while (at < end && (CLASS_OF(at) == PLAIN || CLASS_OF(at) == BACKSLASH) && *at != '[')
        at++;
    append(parser, from, (gsize)(at - from));
    if (at == end)
        return at;
    switch (CLASS_OF(at)) {
    case PLAIN: /* "[" */
        if (opens_section(parser)) {
            parser->state = AT_SECTION;
            parser->in_quotes = FALSE;
        }
        append(parser, at, 1);
        return at + 1;
    case BRACE:
        if (parser->n == 1 || parser->used - parser->values[parser->n - 1].text != 1 ||
            parser->bytes[parser->used - 1] != '~')
            return imap_parser_fail(parser, at, N_("a brace within an atom"));
        parser->used--;
        parser->n--;
        parser->state = AT_SIZE;
        parser->literal_left = parser->digits = 0;
        return at + 1;
    case QUOTE:
        return imap_parser_fail(parser, at, N_("a quote within an atom"));
    case CONTROL:
        return imap_parser_fail(parser, at, N_("a control character within an atom"));
    default:
        return end_atom(parser, at);
    }
}

static const char *take_section(ImapParser *parser, const char *at, const char *end)
{
    const char *from = at;

    while (at < end && CLASS_OF(at) != BREAK && (parser->in_quotes || *at != ']')) {
        if (*at == '"')
            parser->in_quotes = !parser->in_quotes;
        at++;
    }
    append(parser, from, (gsize)(at - from));
    if (at == end)
        return at;
    if (*at != ']')
        return imap_parser_fail(parser, at, N_("a section that is not closed"));
    parser->state = AT_ATOM;
    append(parser, at, 1);
    return at + 1;
}

static const char *take_quoted(ImapParser *parser, const char *at, const char *end)
{
    const char *from = at;

    while (at < end && CLASS_OF(at) != QUOTE && CLASS_OF(at) != BACKSLASH && CLASS_OF(at) != BREAK)
        at++;
    append(parser, from, (gsize)(at - from));
    if (at == end)
        return at;
    if (CLASS_OF(at) == BREAK)
        return imap_parser_fail(parser, at, N_("a quoted string that is not closed, or holds a NUL"));
    parser->state = AT_ESCAPE;
    if (*at == '"') {
        end_value(parser);
        parser->state = AT_AFTER;
    }
    return at + 1;
}

static const char *take_escape(ImapParser *parser, const char *at, const char *end)
{
    (void)end;
    parser->state = AT_QUOTED;
    if (*at != '"' && *at != '\\') {
        append(parser, "\\", 1); /* Windows paths in names, sent as they are */
        return at;
    }
    append(parser, at, 1);
    return at + 1;
}

gboolean imap_parser_take_digit(ImapParser *parser, char c)
{
    if (!g_ascii_isdigit(c) || ++parser->digits > IMAP_MOST_DIGITS)
        return FALSE;
    parser->literal_left = parser->literal_left * 10 + (uint64_t)(c - '0');
    return TRUE;
}

static const char *take_size(ImapParser *parser, const char *at, const char *end)
{
    (void)end;
    if (imap_parser_take_digit(parser, *at))
        return at + 1;
    if (*at != '}' || parser->digits == 0)
        return imap_parser_fail(parser, parser->digits > IMAP_MOST_DIGITS ? NULL : at,
                                N_("a literal of no sensible size"));
    parser->state = AT_SIZE_END;
    return at + 1;
}

static const char *begin_literal(ImapParser *parser, const char *at)
{
    ImapTree so_far = imap_parser_tree(parser);
    uint64_t size = parser->literal_left;

    parser->is_streaming = parser->sink.wants && parser->sink.wants(&so_far, size, parser->sink.data);
    if (parser->is_streaming && size > LIMIT_MESSAGE_BYTES) {
        imap_parser_fail(parser, NULL, N_("a message larger than tern takes"));
        parser->kind = TERN_ERROR_LIMIT;
        return NULL;
    }
    if (!parser->is_streaming && size > LIMIT_IMAP_RESPONSE_BYTES - parser->literal_bytes)
        return imap_parser_skip_literal(parser, at, N_("a literal that is too large"));
    if (!parser->is_streaming)
        parser->literal_bytes += size;
    if (!begin_value(parser, at, parser->is_streaming ? IMAP_STREAMED : IMAP_LITERAL))
        return NULL;
    parser->state = AT_LITERAL;
    if (size == 0) {
        end_value(parser);
        parser->state = AT_AFTER;
    }
    return at + 1;
}

static const char *take_size_end(ImapParser *parser, const char *at, const char *end)
{
    (void)end;
    if (*at == '\n')
        return begin_literal(parser, at);
    if (*at != '\r' || parser->state == AT_SIZE_LF)
        return imap_parser_fail(parser, at, N_("a literal that does not start on a line of its own"));
    parser->state = AT_SIZE_LF;
    return at + 1;
}

const char *imap_parser_take_literal(ImapParser *parser, const char *at, const char *end)
{
    gsize size = (gsize)MIN((uint64_t)(end - at), parser->literal_left);

    if (parser->is_streaming)
        parser->sink.take(at, size, parser->sink.data);
    else
        append(parser, at, size);
    parser->literal_left -= size;
    if (parser->literal_left == 0) {
        end_value(parser);
        parser->state = AT_AFTER;
    }
    return at + size;
}

/* Behind a code, or where there is none: the text, or the end of the line. */
static const char *take_code_end(ImapParser *parser, const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    if (at == end)
        return at;
    if (CLASS_OF(at) == BREAK)
        return end_line(parser, at);
    parser->state = AT_TEXT;
    return begin_value(parser, at, IMAP_TEXT) ? at : NULL;
}

static const char *take_status(ImapParser *parser, const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    if (at < end && parser->n == 2 && *at == '[') {
        parser->state = AT_CODE;
        return begin_value(parser, at, IMAP_CODE) ? at + 1 : NULL;
    }
    return take_code_end(parser, at, end);
}

static const char *take_code(ImapParser *parser, const char *at, const char *end)
{
    const char *from = at;

    while (at < end && *at != ']' && CLASS_OF(at) != BREAK)
        at++;
    append(parser, from, (gsize)(at - from));
    if (at == end)
        return at;
    if (*at != ']')
        return imap_parser_fail(parser, at, N_("a response code that is not closed"));
    end_value(parser);
    parser->state = AT_CODE_END;
    return at + 1;
}

static const char *take_text(ImapParser *parser, const char *at, const char *end)
{
    const char *from = at;

    while (at < end && CLASS_OF(at) != BREAK)
        at++;
    append(parser, from, (gsize)(at - from));
    if (at == end)
        return at;
    end_value(parser);
    return end_line(parser, at);
}

static const char *take_lf(ImapParser *parser, const char *at, const char *end)
{
    (void)end;
    if (*at != '\n')
        return imap_parser_fail(parser, at, N_("a CR without LF"));
    parser->state = AT_END;
    return at + 1;
}

const ImapTakeFunc IMAP_PARSER_STATES[AT_END + 1] = {
    [AT_START] = take_start,       [AT_GAP] = take_gap,         [AT_AFTER] = take_after,
    [AT_ATOM] = take_atom,         [AT_SECTION] = take_section, [AT_QUOTED] = take_quoted,
    [AT_ESCAPE] = take_escape,     [AT_SIZE] = take_size,       [AT_SIZE_END] = take_size_end,
    [AT_SIZE_LF] = take_size_end,  [AT_STATUS] = take_status,   [AT_CODE] = take_code,
    [AT_CODE_END] = take_code_end, [AT_TEXT] = take_text,       [AT_LF] = take_lf,
};
