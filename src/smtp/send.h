/*
 * send.h - one message to its recipients: MAIL, RCPT, DATA or BDAT (RFC 5321, 3030), what the server offers
 * used as it offers it (PIPELINING, 8BITMIME, SMTPUTF8, SIZE, DSN, REQUIRETLS).
 *
 *     MAIL RCPT RCPT [DATA] ──>        one flight, where the server takes that
 *          <── replies                 each recipient's kept apart
 *     the message ──>                  streamed from its file, never whole in memory
 *     next()                           what will be sent after it, if anything
 *     before_end()                     the caller's mark: from here on the message may be sent
 *     final dot, or the end of BDAT LAST, and the next one's MAIL RCPT RCPT [DATA] ──>
 *          <── 250                     it is
 *          <── replies                 read when the next one is sent: a round trip for each message
 *
 * Up to the mark nobody has got anything, whatever happens. After it only the server's answer tells;
 * without one (SmtpResult: is_unknown) the message must not be sent again by itself. Thread of the session;
 * blocks.
 */
#ifndef TERN_SMTP_SEND_H
#define TERN_SMTP_SEND_H

#include "smtp/session.h"

/* When to tell the sender what became of it (RFC 3461); 0: as the server does by itself. */
typedef enum {
    SMTP_NOTIFY_NEVER = 1,
    SMTP_NOTIFY_SUCCESS = 2,
    SMTP_NOTIFY_FAILURE = 4,
    SMTP_NOTIFY_DELAY = 8,
} SmtpNotify;

/* What of it comes back with that; 0: its header where they are asked to tell, else as the server does. */
typedef enum { SMTP_RETURN_HEADER = 1, SMTP_RETURN_ALL = 2 } SmtpReturn;

/* Borrowed for the call; what next() gave, until its own. */
typedef struct SmtpMessage SmtpMessage;
struct SmtpMessage {
    const char *sender;            /* "ada@example.org"; "": none (<>) */
    const char *const *recipients; /* at least one, NULL-terminated */
    int fd;       /* the message: read from its start, lines that end in LF alone go out with CRLF */
    guint notify; /* SmtpNotify; asked for where DSN is offered */
    const char *envelope_id; /* what such notices name it by; NULL: nothing */
    guint returns;           /* SmtpReturn; likewise */
    gboolean requires_tls;   /* all the way (RFC 8689) */
    /* Where the server takes more at once (PIPELINING): called once, before before_end(). The message that
     * smtp_send() will be called for next, or NULL. What the server would refuse anyway is not begun, which
     * its own smtp_send() tells of. May be NULL. */
    const SmtpMessage *(*next)(void *data);
    /* Called once, when all but the end of the message is out. FALSE and an error: the end is not sent. */
    gboolean (*before_end)(void *data, GError **error);
    /* Called from time to time; may be NULL. */
    void (*progress)(uint64_t sent_bytes, uint64_t total_bytes, void *data);
    void *data;
};

typedef enum {
    SMTP_NOT_TRIED, /* it did not come to that */
    SMTP_TAKEN,     /* the server sees to it from now on */
    SMTP_LATER,     /* 4xx */
    SMTP_REFUSED,   /* 5xx */
} SmtpFate;

typedef struct {
    SmtpFate fate;
    guint code;   /* of the reply that decided; 0: none */
    char *reason; /* LATER and REFUSED: in words, made safe */
} SmtpOutcome;

typedef struct {
    SmtpOutcome *recipients; /* as in SmtpMessage */
    guint n;
    gboolean is_unknown;  /* the mark was passed, and no answer came */
    gboolean is_notified; /* DSN was asked for and is offered */
} SmtpResult;
void smtp_result_clear(SmtpResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SmtpResult, smtp_result_clear)

/* TRUE: the server has taken it for at least one recipient; *result_out, which is to be cleared in any
 * case, tells of each. FALSE: for none, or nobody knows (is_unknown). Errors as in session.h; REFUSED
 * without a word to the server for what it would refuse anyway (size, 8-bit text or addresses that it does
 * not take, REQUIRETLS, NUL and bare CR); INPUT for an address that cannot stand in a command; STORE when
 * the file cannot be read; whatever before_end() gave; and BUG for another message than the one that
 * next() gave. */
gboolean smtp_send(SmtpSession *session, const SmtpMessage *message, SmtpResult *result_out, GError **error);

/* Whether an address can stand in MAIL and RCPT at all (RFC 5321, 4.1.2; UTF-8 as in RFC 6531). */
gboolean smtp_address_is_valid(const char *address);

#endif
