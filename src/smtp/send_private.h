/*
 * send_private.h - what the files of smtp_send() share: one message under way.
 *
 *      send.c       a transaction, and what became of each recipient
 *      envelope.c   the commands that say from whom and for whom
 *      body.c       the message itself
 *      ahead.c      the next message's commands, in the flight that ends this one
 */
#ifndef TERN_SMTP_SEND_PRIVATE_H
#define TERN_SMTP_SEND_PRIVATE_H

#include "smtp/private.h"
#include "smtp/send.h"
#include "smtp/source.h"

typedef struct {
    SmtpSession *session;
    const SmtpMessage *message;
    SmtpMeasure measure;
    SmtpResult *result;
    GPtrArray *commands; /* char *: all up to the message itself */
    gboolean is_begun;   /* they are out, in the flight of the message before */
    gboolean is_marked;  /* before_end() was called and agreed */
    char *refusal;       /* a refusal's text that later answers came after; NULL */
} Sending;

/* envelope.c: what the server would refuse anyway is not asked. */
gboolean smtp_check_message(const Sending *sending, GError **error);
/* "MAIL FROM:<…> SIZE=…", "RCPT TO:<…> …"; to be freed. */
char *smtp_mail_command(const Sending *sending);
char *smtp_rcpt_command(const Sending *sending, const char *address);

/* send.c: RSET where a transaction was left, MAIL, a RCPT for each, and DATA where it may go with them. */
GPtrArray *smtp_commands(const Sending *sending);

/* ahead.c (RFC 2920, 3.1). A message that was begun goes on, or the connection ends: once DATA was agreed to
 * nothing else takes it back. */
typedef struct SmtpAhead SmtpAhead;
void smtp_ahead_free(SmtpAhead *ahead);
/* Asks for the next message, and makes its commands: before the mark, since it may read a long file. */
void smtp_ahead_look(const Sending *sending);
/* Writes them: after the message's end. */
gboolean smtp_ahead_write(SmtpSession *session, GError **error);
/* The message whose commands are out is the one to be sent now; FALSE and BUG: it is another. */
gboolean smtp_ahead_take(Sending *sending, GError **error);

/* body.c: the message itself, after the recipients were taken. FALSE: the session is dead, or *reply_out is
 * the refusal of a piece (then its code is not 0, and its text may be sending->refusal, to be freed). TRUE:
 * *reply_out is the last answer. */
gboolean smtp_send_body(Sending *sending, SmtpReply *reply_out, GError **error);

#endif
