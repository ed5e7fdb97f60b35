/*
 * private.h - what the files of a session share: its state, and how a command is written and its reply
 * read.
 *
 *     smtp_write(session, "RCPT TO:<%s>", …)     the line goes into the stream's buffer
 *     smtp_read(session, &reply, error)          flushes, and waits for the next reply, whichever command's it is
 *
 * Who has written several commands counts their replies. After NETWORK, PROTOCOL, TLS, CANCELLED a session
 * is dead: each later call fails with the same error.
 */
#ifndef TERN_SMTP_PRIVATE_H
#define TERN_SMTP_PRIVATE_H

#include "base/error.h"
#include "smtp/reply.h"
#include "smtp/session.h"

#define SMTP_IN_BYTES (16 << 10)

struct SmtpSession {
    NetStream *stream;
    SmtpParser *parser;
    char in[SMTP_IN_BYTES];
    gsize in_at, in_end;
    GError *death;
    gboolean is_leaving; /* it said 421 */
    int64_t command_us, message_us;

    guint capabilities; /* a bit for each SmtpCapability */
    uint64_t size_limit;
    GPtrArray *mechanisms; /* char *, NULL-terminated */
    char *mechanism;
    AuthStrength least, strength;
    gboolean needs_reset;    /* a transaction was begun and not ended */
    struct SmtpAhead *ahead; /* the next message's commands, which are out already (send_private.h); NULL */
};

gboolean smtp_check_alive(SmtpSession *session, GError **error);
/* Notes that the session is dead of *failure and hands it on; returns FALSE. */
gboolean smtp_die(SmtpSession *session, GError **failure, GError **error);
/* The same with a sentence. */
gboolean smtp_fail(SmtpSession *session, TernErrorKind kind, const char *sentence, GError **error);

gboolean smtp_write_bytes(SmtpSession *session, const void *bytes, gsize size, gboolean is_secret,
                          GError **error);
/* A command, without its CRLF; the caller sees to it that nothing in it ends a line. */
gboolean smtp_write(SmtpSession *session, const char *line, GError **error);
/* The next reply, borrowed until the next call. FALSE: the session is dead. */
gboolean smtp_read(SmtpSession *session, SmtpReply *reply_out, GError **error);
/* Both. */
gboolean smtp_ask(SmtpSession *session, const char *line, SmtpReply *reply_out, GError **error);
/* Whether the server has said something that was not read, without waiting. FALSE and an error: the session
 * is dead. */
gboolean smtp_has_said(SmtpSession *session, gboolean *has_said_out, GError **error);

/* Sets the error that a 4xx (NETWORK) or 5xx (REFUSED) is: "PREFIX: meaning: words"; `prefix` may be NULL. */
void smtp_refused(const SmtpReply *reply, const char *prefix, GError **error);

/* ---- capability.c ---- */

/* From the text of EHLO's answer; replaces what was known. */
void smtp_learn_capabilities(SmtpSession *session, const char *text);
void smtp_forget_capabilities(SmtpSession *session);

#endif
