/* reply.c - see reply.h. A line is gathered whole, then taken apart; a reply is the lines up to one without
 * '-'. */
#include "smtp/reply.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <string.h>

struct SmtpParser {
    GString *line; /* the one that comes in, without its end */
    GString *text; /* of the lines before it */
    guint code;    /* of them; 0: there are none */
    char status[sizeof((SmtpReply *)NULL)->status];
    gboolean is_whole; /* `text` is of a reply that was handed out */
};

SmtpParser *smtp_parser_new(void)
{
    SmtpParser *parser = g_new0(SmtpParser, 1);

    parser->line = g_string_new(NULL);
    parser->text = g_string_new(NULL);
    return parser;
}

void smtp_parser_free(SmtpParser *parser)
{
    if (!parser)
        return;
    g_string_free(parser->line, TRUE);
    g_string_free(parser->text, TRUE);
    g_free(parser);
}

static gboolean is_nonsense(GError **error)
{
    tern_error_set(error, TERN_ERROR_PROTOCOL, _("the mail server's answer is not that of an SMTP server"));
    return FALSE;
}

static gsize digits(const char *text, gsize most)
{
    gsize n = 0;

    while (n < most && g_ascii_isdigit(text[n]))
        n++;
    return n;
}

/* The length of an enhanced status code of that class at the start of `text` (RFC 3463: class "." 1*3digit
 * "." 1*3digit), 0: there is none. */
static gsize status_length(const char *text, char class)
{
    gsize subject, detail;

    if (text[0] != class || text[1] != '.' || !(subject = digits(text + 2, 3)) || text[2 + subject] != '.' ||
        !(detail = digits(text + 3 + subject, 3)))
        return 0;
    const gsize length = 3 + subject + detail;
    return text[length] == '\0' || text[length] == ' ' ? length : 0;
}

/* "250-text": the code, and whether more lines follow. */
static gboolean take_line(SmtpParser *parser, gboolean *is_last, GError **error)
{
    const char *line = parser->line->str;
    const gboolean has_code = line[0] >= '2' && line[0] <= '5' && digits(line, 3) == 3 &&
                              (line[3] == '\0' || line[3] == ' ' || line[3] == '-');

    if (!has_code || strlen(line) != parser->line->len)
        return is_nonsense(error);
    const guint code = (guint)((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
    if (parser->code != 0 && code != parser->code)
        return is_nonsense(error);

    const char *text = line[3] ? line + 4 : line + 3;
    const gsize status = status_length(text, line[0]);
    if (parser->code != 0)
        g_string_append_c(parser->text, '\n');
    else
        g_strlcpy(parser->status, text, MIN(status + 1, sizeof parser->status));
    text += status;
    g_string_append(parser->text, status > 0 && *text == ' ' ? text + 1 : text);
    parser->code = code;
    *is_last = line[3] != '-';
    g_string_truncate(parser->line, 0);
    return TRUE;
}

/* What is left over from the reply before. */
static void begin(SmtpParser *parser)
{
    if (!parser->is_whole)
        return;
    parser->is_whole = FALSE;
    parser->code = 0;
    parser->status[0] = '\0';
    g_string_truncate(parser->text, 0);
}

static gboolean gather(SmtpParser *parser, const char *bytes, gsize size, GError **error)
{
    if (parser->line->len + size > LIMIT_SMTP_LINE_BYTES ||
        parser->text->len + parser->line->len + size > LIMIT_SMTP_REPLY_BYTES) {
        tern_error_set(error, TERN_ERROR_PROTOCOL, _("the mail server's answer does not end"));
        return FALSE;
    }
    g_string_append_len(parser->line, bytes, (gssize)size);
    return TRUE;
}

gssize smtp_parser_feed(SmtpParser *parser, const char *bytes, gsize size, SmtpReply *reply_out,
                        gboolean *is_whole_out, GError **error)
{
    gsize used = 0;

    *is_whole_out = FALSE;
    begin(parser);
    while (used < size && !parser->is_whole) {
        const char *end = memchr(bytes + used, '\n', size - used);
        const gsize piece = (end ? (gsize)(end - bytes) : size) - used;
        if (!gather(parser, bytes + used, piece, error))
            return -1;
        used += piece + (end ? 1 : 0);
        if (!end)
            break;
        if (parser->line->len > 0 && parser->line->str[parser->line->len - 1] == '\r')
            g_string_truncate(parser->line, parser->line->len - 1);
        if (!take_line(parser, &parser->is_whole, error))
            return -1;
    }
    *is_whole_out = parser->is_whole;
    if (parser->is_whole) {
        *reply_out = (SmtpReply){.code = parser->code, .text = parser->text->str};
        g_strlcpy(reply_out->status, parser->status, sizeof reply_out->status);
    }
    return (gssize)used;
}
