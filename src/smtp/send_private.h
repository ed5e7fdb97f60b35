/* send_private.h - what the files of smtp_send() share: one message under way. */
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
    gboolean is_marked; /* before_end() was called and agreed */
    char *refusal;      /* a refusal's text that later answers came after; NULL */
} Sending;

/* envelope.c: what the server would refuse anyway is not asked. */
gboolean smtp_check_message(const Sending *sending, GError **error);
/* "MAIL FROM:<…> SIZE=…", "RCPT TO:<…> …"; to be freed. */
char *smtp_mail_command(const Sending *sending);
char *smtp_rcpt_command(const Sending *sending, const char *address);

/* body.c: the message itself, after the recipients were taken. FALSE: the session is dead, or *reply_out is
 * the refusal of a piece (then its code is not 0, and its text may be sending->refusal, to be freed). TRUE:
 * *reply_out is the last answer. */
gboolean smtp_send_body(Sending *sending, SmtpReply *reply_out, GError **error);

#endif
