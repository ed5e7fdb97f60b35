/* pop3-dump.h - what a parser makes of bytes, as one text for comparing: "+ text", "- text", "= item", "."
 * and what went to the sink between "{" and "}"; then "refused" where it gave up. */
#ifndef TERN_TESTS_POP3_DUMP_H
#define TERN_TESTS_POP3_DUMP_H

#include "pop3/parser.h"

#include <string.h>

static inline void dump_bytes(GString *out, const char *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (g_ascii_isprint(bytes[i]))
            g_string_append_c(out, bytes[i]);
        else
            g_string_append_printf(out, "\\x%02x", (guchar)bytes[i]);
    }
}

typedef struct {
    Pop3Parser *parser;
    const char *shape; /* of the answers, in turn: (l)ine, line(s), (b)ody; the last is for all that follow */
    uint64_t most_octets;
    gboolean is_over; /* nothing more can be fed */
    uint64_t sunk, came;
    GString *out;
} Pop3Dump;

static inline void dump_sink(const char *bytes, gsize size, void *data)
{
    Pop3Dump *dump = data;

    dump->sunk += size;
    dump_bytes(dump->out, bytes, size);
}

static inline void dump_came(uint64_t octets, void *data)
{
    ((Pop3Dump *)data)->came += octets;
}

static inline void dump_begin(Pop3Dump *dump)
{
    const Pop3Shape shape = *dump->shape == 'l' ? POP3_LINE : *dump->shape == 's' ? POP3_LINES : POP3_BODY;

    pop3_parser_begin(dump->parser, shape, &(Pop3Sink){dump_sink, dump_came, dump, dump->most_octets});
}

static inline void dump_end_answer(Pop3Dump *dump)
{
    if (dump->shape[1])
        dump->shape++;
    dump->sunk = dump->came = 0;
    dump_begin(dump);
}

static inline void dump_event(Pop3Dump *dump, Pop3Parse parse, const Pop3Event *event)
{
    static const char *const BEFORE[] = {[POP3_PARSE_OK] = "+ ",
                                         [POP3_PARSE_ERR] = "- ",
                                         [POP3_PARSE_CONTINUE] = "? ",
                                         [POP3_PARSE_ITEM] = "= ",
                                         [POP3_PARSE_END] = ""};
    const char shape = *dump->shape;

    g_string_append(dump->out, BEFORE[parse]);
    dump_bytes(dump->out, event->text, event->bytes);
    if (parse == POP3_PARSE_END && shape == 'b')
        g_string_append_printf(dump->out, "}%d", (int)event->octets);
    if (parse == POP3_PARSE_END && shape == 'b' && dump->sunk > event->octets)
        g_error("%d bytes of %d octets", (int)dump->sunk, (int)event->octets);
    if (parse == POP3_PARSE_END && shape == 'b' && dump->came != event->octets)
        g_error("told of %d octets, not of %d", (int)dump->came, (int)event->octets);
    g_string_append(dump->out, parse == POP3_PARSE_OK && shape == 'b' ? "{" : "\n");
    if (parse == POP3_PARSE_END || parse == POP3_PARSE_ERR || (parse == POP3_PARSE_OK && shape == 'l'))
        dump_end_answer(dump);
}

static inline void dump_feed(Pop3Dump *dump, const char *bytes, gsize size, GError **error)
{
    while (size > 0 && !dump->is_over) {
        gsize used;
        Pop3Event event;
        const Pop3Parse parse = pop3_parser_feed(dump->parser, bytes, size, &used, &event, error);

        if (used > size)
            g_error("%d of %d bytes", (int)used, (int)size);
        bytes += used;
        size -= used;
        if (parse == POP3_PARSE_FAILED) {
            dump->is_over = TRUE;
            g_string_append(dump->out, "refused");
        } else if (parse != POP3_PARSE_MORE) {
            dump_event(dump, parse, &event);
        } else if (size > 0) {
            g_error("it wants more, and leaves %d bytes", (int)size);
        }
    }
}

/* What comes out when `bytes` come in pieces: up to `cut`, then `piece` at a time. To be freed. */
static inline char *dump_all(const char *shapes, uint64_t most_octets, const char *bytes, gsize size,
                             gsize cut, gsize piece, GError **error)
{
    g_autoptr(Pop3Parser) parser = pop3_parser_new();
    Pop3Dump dump = {.parser = parser, .shape = shapes, .most_octets = most_octets};

    dump.out = g_string_new(NULL);
    dump_begin(&dump);
    dump_feed(&dump, bytes, cut, error);
    for (gsize at = cut; at < size; at += piece)
        dump_feed(&dump, bytes + at, MIN(piece, size - at), error);
    return g_string_free(dump.out, FALSE);
}

#endif
