/*
 * syntax.h - what stands in POP3's lines: numbers, UIDLs, capabilities, response codes, the time stamp of a
 * greeting.
 *
 * Plain functions of a line's text. Any thread.
 */
#ifndef TERN_POP3_SYNTAX_H
#define TERN_POP3_SYNTAX_H

#include <glib.h>
#include <stdint.h>

/* Two numbers, as LIST and STAT have them ("2 200 …"). What follows is passed over. FALSE: that is none. */
gboolean pop3_read_numbers(const char *text, gsize bytes, uint64_t *first_out, uint64_t *second_out);

/* A line of UIDL (RFC 1939, section 7): "2 QhdPYR:00WBw1Ph7x7". *uidl_out points into `text`; *uidl_bytes_out
 * is 0 where the message has no UIDL that can be used (none, too long, a byte that may not stand in one): it
 * is as if the server knew none. FALSE: not even a number. */
gboolean pop3_read_uidl(const char *text, gsize bytes, uint64_t *number_out, const char **uidl_out,
                        gsize *uidl_bytes_out);

/* What CAPA may say (RFC 2449) and tern knows. */
typedef enum {
    POP3_CAN_ANYWAY, /* what every server can */
    POP3_CAN_TOP,
    POP3_CAN_UIDL,
    POP3_CAN_USER,
    POP3_CAN_SASL,
    POP3_CAN_STLS,
    POP3_CAN_PIPELINING,
    POP3_CAN_RESP_CODES,
    POP3_CAN_AUTH_RESP_CODE, /* RFC 3206 */
    POP3_CAN_UTF8,           /* RFC 6856 */
    POP3_CAN_EXPIRE,
    POP3_CAN_LOGIN_DELAY,
    POP3_CAN_IMPLEMENTATION,
} Pop3Capability;

/* A line of CAPA: which, and its arguments in *arguments_out (in `text`, "" for none). POP3_CAN_ANYWAY: not
 * known. */
Pop3Capability pop3_read_capability(const char *text, const char **arguments_out);

/* How long mail stays on the server, by EXPIRE (RFC 2449, 6.7): days, or one of these. */
#define POP3_EXPIRE_NEVER (-1)
#define POP3_EXPIRE_UNKNOWN (-2)
int pop3_read_expire(const char *arguments);
/* Seconds between two logins, by LOGIN-DELAY (6.8); 0: none, or nonsense. */
int pop3_read_login_delay(const char *arguments);

/* The code of "-ERR [IN-USE] …" (RFC 2449, section 8) in upper case, to be freed; NULL: there is none.
 * *text_out is what follows it. */
char *pop3_read_code(const char *text, const char **text_out);

/* The "<…>" of a greeting, for APOP (RFC 1939, section 7), to be freed; NULL: there is none that is sound. */
char *pop3_read_timestamp(const char *greeting);

#endif
