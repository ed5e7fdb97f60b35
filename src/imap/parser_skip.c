/* parser_skip.c - see parser_private.h. */
#include "imap/parser_private.h"

#include "base/i18n.h"

/* Whether what there is so far says "* 5 FETCH": only such a response may be missed. */
static gboolean is_fetch(const ImapParser *parser)
{
    const gboolean is_told = parser->n > 3 || (parser->n == 3 && parser->state != AT_ATOM);

    return is_told && parser->values[1].kind == IMAP_NUMBER &&
           imap_parser_is_word(parser, &parser->values[0], "*") &&
           imap_parser_is_word(parser, &parser->values[2], "FETCH");
}

const char *imap_parser_skip_literal(ImapParser *parser, const char *at, const char *problem)
{
    if (parser->literal_left > LIMIT_MESSAGE_BYTES || !is_fetch(parser))
        return imap_parser_fail(parser, NULL, problem);
    parser->state = AT_SKIP_LITERAL;
    return at + 1;
}

const char *imap_parser_read_over(ImapParser *parser)
{
    const char *at = parser->problem_at;

    if (!at || !is_fetch(parser))
        return NULL;
    parser->problem = NULL;
    parser->state = AT_SKIP;
    parser->is_streaming = FALSE;
    return at;
}

/* The state that reads over what the present one was in the midst of: a literal that was being announced is
 * one still. */
static ImapParserState skipping(const ImapParser *parser)
{
    switch (parser->state) {
    case AT_SIZE:
        return AT_SKIP_SIZE;
    case AT_SIZE_END:
        return AT_SKIP_CR;
    case AT_SIZE_LF:
        return AT_SKIP_LF;
    case AT_LITERAL:
        return AT_SKIP_LITERAL;
    case AT_END:
        return AT_SKIPPED;
    default:
        return parser->state < AT_SKIP ? AT_SKIP : parser->state;
    }
}

const char *imap_parser_skip_rest(ImapParser *parser, const char *at)
{
    if (!is_fetch(parser))
        return imap_parser_fail(parser, NULL, N_("a line that is too long"));
    parser->state = skipping(parser);
    parser->is_streaming = FALSE;
    return at;
}

static const char *take_line(ImapParser *parser, const char *at, const char *end)
{
    while (at < end && *at != '\n' && *at != '{')
        at++;
    if (at == end)
        return at;
    parser->state = *at == '\n' ? AT_SKIPPED : AT_SKIP_SIZE;
    parser->literal_left = parser->digits = 0;
    return at + 1;
}

static const char *take_size(ImapParser *parser, const char *at, const char *end)
{
    (void)end;
    if (imap_parser_take_digit(parser, *at))
        return at + 1;
    parser->state = *at == '}' && parser->digits > 0 ? AT_SKIP_CR : AT_SKIP;
    return parser->state == AT_SKIP ? at : at + 1;
}

/* A brace at the end of the line announces a literal; any other one is text. */
static const char *take_size_end(ImapParser *parser, const char *at, const char *end)
{
    (void)end;
    if (*at == '\r' && parser->state == AT_SKIP_CR) {
        parser->state = AT_SKIP_LF;
        return at + 1;
    }
    if (*at != '\n') {
        parser->state = AT_SKIP;
        return at;
    }
    if (parser->literal_left > LIMIT_MESSAGE_BYTES)
        return imap_parser_fail(parser, NULL, N_("a literal that is too large"));
    parser->state = parser->literal_left > 0 ? AT_SKIP_LITERAL : AT_SKIP;
    return at + 1;
}

const char *imap_parser_take_skip_literal(ImapParser *parser, const char *at, const char *end)
{
    gsize size = (gsize)MIN((uint64_t)(end - at), parser->literal_left);

    parser->literal_left -= size;
    if (parser->literal_left == 0)
        parser->state = AT_SKIP;
    return at + size;
}

const char *imap_parser_take_skip(ImapParser *parser, const char *at, const char *end)
{
    if (parser->state == AT_SKIP)
        return take_line(parser, at, end);
    return parser->state == AT_SKIP_SIZE ? take_size(parser, at, end) : take_size_end(parser, at, end);
}
