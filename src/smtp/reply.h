/*
 * reply.h - what an SMTP server answers (RFC 5321, 4.2): a parser of replies, and what they mean to people.
 *
 *     "550-5.1.1 no such user\r\n"
 *     "550 5.1.1 here\r\n"          ->   code 550, status "5.1.1", text "no such user\nhere"
 *
 * The parser is fed as bytes come, in pieces of any size, and knows no socket. It takes lines that end in
 * LF alone, as some servers write them. Whatever breaks the grammar, or goes past LIMIT_SMTP_LINE_BYTES or
 * LIMIT_SMTP_REPLY_BYTES, is a PROTOCOL error: the end of the connection. Any thread, one at a time.
 */
#ifndef TERN_SMTP_REPLY_H
#define TERN_SMTP_REPLY_H

#include <glib.h>

/* One reply, the parser's until it is fed again. */
typedef struct {
    guint code;       /* 200 to 599 */
    char status[12];  /* enhanced (RFC 3463) "5.1.1"; "": none */
    const char *text; /* lines parted by '\n', without code and status; as it came, but without NUL and CR */
} SmtpReply;

typedef struct SmtpParser SmtpParser;

SmtpParser *smtp_parser_new(void);
void smtp_parser_free(SmtpParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmtpParser, smtp_parser_free)

/* Takes bytes up to the end of a reply: how many, and in *is_whole_out whether one is whole now, in
 * *reply_out. -1 and PROTOCOL when it is none. */
gssize smtp_parser_feed(SmtpParser *parser, const char *bytes, gsize size, SmtpReply *reply_out,
                        gboolean *is_whole_out, GError **error);

/* 2xx: done. (3xx, "go on", stands only where a command expects it, and is looked at there.) */
gboolean smtp_reply_is_yes(const SmtpReply *reply);
/* 4xx: the same may work later. */
gboolean smtp_reply_may_pass(const SmtpReply *reply);
/* What a 4xx or 5xx means, in words, and then the server's own, made safe and of a length to be shown:
 * "there is no such mailbox: no such user here". To be freed. */
char *smtp_reply_meaning(const SmtpReply *reply);
/* The server's words alone, likewise. */
char *smtp_reply_words(const SmtpReply *reply);

#endif
