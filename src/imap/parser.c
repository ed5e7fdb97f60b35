/* parser.c - see parser.h and parser_private.h: a parser's life, and feeding it. A table of states, each of
 * which takes as many bytes as it can. */
#include "imap/parser_private.h"

#include "base/i18n.h"

#include <string.h>

/* What is kept for the next response; what a large one needed beyond is given back. */
#define KEEP_VALUES 8192
#define KEEP_BYTES ((gsize)256 << 10)

ImapParser *imap_parser_new(void)
{
    return g_new0(ImapParser, 1);
}

void imap_parser_free(ImapParser *parser)
{
    if (!parser)
        return;
    g_free(parser->values);
    g_free(parser->bytes);
    g_free(parser);
}

void imap_parser_set_sink(ImapParser *parser, const ImapSink *sink)
{
    parser->sink = sink ? *sink : (ImapSink){0};
}

gsize imap_parser_memory_bytes(const ImapParser *parser)
{
    return sizeof *parser + parser->values_size * sizeof *parser->values + parser->bytes_size;
}

const char *imap_parser_fail(ImapParser *parser, const char *at, const char *problem)
{
    parser->kind = TERN_ERROR_PROTOCOL;
    parser->problem = problem;
    parser->problem_at = at;
    return NULL;
}

/* ---- feeding ---- */

static void start_over(ImapParser *parser)
{
    if (parser->values_size > KEEP_VALUES) {
        g_clear_pointer(&parser->values, g_free);
        parser->values_size = 0;
    }
    if (parser->bytes_size > KEEP_BYTES) {
        g_clear_pointer(&parser->bytes, g_free);
        parser->bytes_size = 0;
    }
    parser->state = AT_START;
    parser->n = parser->depth = 0;
    parser->used = parser->literal_bytes = 0;
}

/* The turn of a state that reads over. */
static const char *step_over(ImapParser *parser, const char *at, const char *end)
{
    ImapTakeFunc take =
        parser->state == AT_SKIP_LITERAL ? imap_parser_take_skip_literal : imap_parser_take_skip;
    const char *next = take(parser, at, end);

    if (!next)
        return NULL;
    parser->skipped_bytes += next - at;
    if (parser->skipped_bytes > LIMIT_IMAP_SKIPPED_BYTES)
        return imap_parser_fail(parser, NULL, N_("a response that is too long"));
    return next;
}

/* One state's turn. A line is looked at no further than one byte past its limit, however much arrived at
 * once. */
static const char *step(ImapParser *parser, const char *at, const char *end)
{
    if (parser->state == AT_LITERAL)
        return imap_parser_take_literal(parser, at, end);
    if (parser->state > AT_END)
        return step_over(parser, at, end);

    gsize room = LIMIT_IMAP_LINE_BYTES - parser->line_bytes + 1;
    const char *next = IMAP_PARSER_STATES[parser->state](parser, at, at + MIN((gsize)(end - at), room));
    if (!next)
        return NULL;
    parser->line_bytes += (gsize)(next - at);
    return parser->line_bytes > LIMIT_IMAP_LINE_BYTES ? imap_parser_skip_rest(parser, next) : next;
}

ImapParse imap_parser_feed(ImapParser *parser, const char *bytes, gsize size, gsize *used_out,
                           ImapTree *tree_out, GError **error)
{
    const char *at = bytes, *end = bytes + size;

    if (parser->state == AT_END || parser->state == AT_SKIPPED) {
        parser->is_after_skip = parser->state == AT_SKIPPED;
        start_over(parser);
    }
    while (!parser->problem && at < end && parser->state != AT_END && parser->state != AT_SKIPPED) {
        const char *next = step(parser, at, end);
        if (!next)
            next = imap_parser_read_over(parser);
        at = next ? next : at;
        if (parser->state == AT_SKIPPED && parser->is_after_skip)
            start_over(parser);
    }
    if (parser->state == AT_END && parser->n == 1 && strcmp(parser->bytes, "+") != 0)
        imap_parser_fail(parser, NULL, N_("a response that says nothing"));
    *used_out = (gsize)(at - bytes);
    if (parser->problem) {
        tern_error_set(error, parser->kind, _("the IMAP server sent %s"), _(parser->problem));
        return IMAP_PARSE_FAILED;
    }
    if (parser->state == AT_SKIPPED)
        return IMAP_PARSE_SKIPPED;
    if (parser->state != AT_END)
        return IMAP_PARSE_MORE;
    *tree_out = imap_parser_tree(parser);
    return IMAP_PARSE_DONE;
}
