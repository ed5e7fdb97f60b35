/* parser.c - see parser.h. */
#include "pop3/parser.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <string.h>

/* Where in an answer the next byte stands. */
typedef enum {
    AT_STATUS,       /* in the status line */
    AT_ITEM,         /* in a line of a list */
    AT_BODY_START,   /* of a body's line */
    AT_BODY_DOT,     /* behind a "." that began it */
    AT_BODY_DOT_CR,  /* behind ".\r" */
    AT_BODY_LINE,    /* further on in it */
    AT_BODY_LINE_CR, /* behind a CR in it */
    AT_END,          /* the answer is over */
} Place;

struct Pop3Parser {
    Pop3Shape shape;
    Place place;
    gboolean is_dead;
    gboolean ends_by_lf; /* the server ends its lines by LF alone */
    Pop3Sink sink;
    uint64_t octets;
    gsize used;
    char line[LIMIT_POP3_LINE_BYTES + 1];
};

Pop3Parser *pop3_parser_new(void)
{
    return g_new0(Pop3Parser, 1);
}

void pop3_parser_free(Pop3Parser *parser)
{
    if (!parser)
        return;
    explicit_bzero(parser->line, sizeof parser->line);
    g_free(parser);
}

void pop3_parser_begin(Pop3Parser *parser, Pop3Shape shape, const Pop3Sink *sink)
{
    parser->shape = shape;
    parser->place = AT_STATUS;
    parser->sink = sink ? *sink : (Pop3Sink){0};
    parser->octets = 0;
    parser->used = 0;
}

static Pop3Parse fail(Pop3Parser *parser, TernErrorKind kind, const char *sentence, GError **error)
{
    parser->is_dead = TRUE;
    tern_error_set(error, kind, "%s", sentence);
    return POP3_PARSE_FAILED;
}

/* ---- lines ---- */

/* Adds to the line; TRUE when it is whole: without its line end, ended by a NUL. */
static gboolean take_line(Pop3Parser *parser, const char *bytes, gsize size, gsize *used_out, GError **error)
{
    const char *end = memchr(bytes, '\n', size);
    const gsize piece = end ? (gsize)(end - bytes) : size;

    *used_out = piece + (end ? 1 : 0);
    if (piece > LIMIT_POP3_LINE_BYTES - parser->used) {
        fail(parser, TERN_ERROR_PROTOCOL, _("the POP3 server sends a line without end"), error);
        return FALSE;
    }
    memcpy(parser->line + parser->used, bytes, piece);
    parser->used += piece;
    if (!end)
        return FALSE;
    parser->ends_by_lf = parser->used == 0 || parser->line[parser->used - 1] != '\r';
    if (!parser->ends_by_lf)
        parser->used--;
    parser->line[parser->used] = '\0';
    return TRUE;
}

static Pop3Parse take_status(Pop3Parser *parser, Pop3Event *event_out, GError **error)
{
    static const struct {
        const char *word;
        Pop3Parse parse;
    } STATUSES[] = {{"+OK", POP3_PARSE_OK}, {"-ERR", POP3_PARSE_ERR}, {"+", POP3_PARSE_CONTINUE}};
    const char *line = parser->line;

    if (strlen(line) == parser->used)
        for (gsize i = 0; i < G_N_ELEMENTS(STATUSES); i++) {
            const gsize bytes = strlen(STATUSES[i].word);
            if (g_ascii_strncasecmp(line, STATUSES[i].word, bytes) != 0 ||
                (line[bytes] && line[bytes] != ' '))
                continue;
            event_out->text = line + bytes + strspn(line + bytes, " ");
            event_out->bytes = strlen(event_out->text);
            const gboolean goes_on = STATUSES[i].parse == POP3_PARSE_OK && parser->shape != POP3_LINE;
            parser->place = !goes_on ? AT_END : parser->shape == POP3_BODY ? AT_BODY_START : AT_ITEM;
            if (STATUSES[i].parse == POP3_PARSE_CONTINUE)
                parser->place = AT_STATUS;
            parser->used = 0;
            return STATUSES[i].parse;
        }
    return fail(parser, TERN_ERROR_PROTOCOL, _("the POP3 server sends something that is no answer"), error);
}

static Pop3Parse take_item(Pop3Parser *parser, Pop3Event *event_out)
{
    const gsize is_stuffed = *parser->line == '.' && parser->used > 0;

    event_out->text = parser->line + is_stuffed;
    event_out->bytes = parser->used - is_stuffed;
    if (is_stuffed && parser->used == 1)
        parser->place = AT_END;
    parser->used = 0;
    return parser->place == AT_END ? POP3_PARSE_END : POP3_PARSE_ITEM;
}

/* ---- a body ---- */

/* Hands on what `octets` of the wire have become. */
static void put(Pop3Parser *parser, const char *bytes, gsize size, gsize octets)
{
    parser->octets += octets;
    if (parser->sink.take && size > 0)
        parser->sink.take(bytes, size, parser->sink.data);
}

/* From within a line up to what may be its end: how many were taken. */
static gsize take_run(Pop3Parser *parser, const char *bytes, gsize size)
{
    const char *cr = memchr(bytes, '\r', size);
    const char *lf = parser->ends_by_lf ? memchr(bytes, '\n', cr ? (gsize)(cr - bytes) : size) : NULL;

    if (lf) {
        const gsize run = (gsize)(lf - bytes) + 1;
        put(parser, bytes, run, run);
        parser->place = AT_BODY_START;
        return run;
    }
    const gsize run = cr ? (gsize)(cr - bytes) : size;
    /* Most lines: this one's LF goes with the next, which needs no look at its beginning. */
    if (run + 2 < size && cr[1] == '\n' && cr[2] != '.') {
        put(parser, bytes, run, run + 1);
        return run + 1;
    }
    put(parser, bytes, run, run);
    parser->place = cr ? AT_BODY_LINE_CR : AT_BODY_LINE;
    return run + (cr ? 1 : 0);
}

/* One step from where a single byte decides; how many were taken (0 or 1). */
static gsize take_byte(Pop3Parser *parser, char byte)
{
    const gboolean is_line_end = byte == '\n';

    switch (parser->place) {
    case AT_BODY_START:
        parser->place = byte == '.' ? AT_BODY_DOT : AT_BODY_LINE;
        return byte == '.' ? 1 : 0;
    case AT_BODY_DOT:
        if (byte == '\r') {
            parser->place = AT_BODY_DOT_CR;
            return 1;
        }
        if (is_line_end && parser->ends_by_lf) {
            parser->place = AT_END;
            return 1;
        }
        parser->place = AT_BODY_LINE;
        if (byte != '.')
            put(parser, ".", 1, 1);
        return 0;
    case AT_BODY_DOT_CR:
        parser->place = is_line_end ? AT_END : AT_BODY_LINE_CR;
        if (!is_line_end)
            put(parser, ".", 1, 1);
        return is_line_end ? 1 : 0;
    default: /* AT_BODY_LINE_CR */
        put(parser, is_line_end ? "\n" : "\r", 1, is_line_end ? 2 : 1);
        parser->place = is_line_end ? AT_BODY_START : AT_BODY_LINE;
        return is_line_end ? 1 : 0;
    }
}

static Pop3Parse take_body(Pop3Parser *parser, const char *bytes, gsize size, gsize *used_out,
                           Pop3Event *event_out, GError **error)
{
    const uint64_t before = parser->octets;
    gsize at = 0;

    while (at < size && parser->place != AT_END && parser->octets <= parser->sink.most_octets)
        at += parser->place == AT_BODY_LINE ? take_run(parser, bytes + at, size - at)
                                            : take_byte(parser, bytes[at]);
    *used_out = at;
    if (parser->sink.came && parser->octets > before)
        parser->sink.came(parser->octets - before, parser->sink.data);
    if (parser->octets > parser->sink.most_octets)
        return fail(parser, TERN_ERROR_LIMIT, _("the POP3 server sends a message without end"), error);
    event_out->octets = parser->octets;
    return parser->place == AT_END ? POP3_PARSE_END : POP3_PARSE_MORE;
}

Pop3Parse pop3_parser_feed(Pop3Parser *parser, const char *bytes, gsize size, gsize *used_out,
                           Pop3Event *event_out, GError **error)
{
    *used_out = 0;
    *event_out = (Pop3Event){.text = ""};
    if (parser->is_dead || parser->place == AT_END)
        return fail(parser, TERN_ERROR_PROTOCOL, _("the POP3 server says something that nobody asked for"),
                    error);
    if (parser->place >= AT_BODY_START)
        return take_body(parser, bytes, size, used_out, event_out, error);
    if (!take_line(parser, bytes, size, used_out, error))
        return parser->is_dead ? POP3_PARSE_FAILED : POP3_PARSE_MORE;
    return parser->place == AT_STATUS ? take_status(parser, event_out, error) : take_item(parser, event_out);
}
