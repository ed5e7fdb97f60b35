/*
 * private.h - what the files of a session share: its state, and how a command is sent and its answer awaited.
 *
 *     Pop3Pending *pending = pop3_send(session, POP3_LINES, "LIST", error);    any number of them, then, in
 *     this order:
 *     pending->item = take_item;
 *     pop3_await(session, pending, error)       reads up to the end of its answer
 *     pop3_conclude(session, pending, error)    TRUE for +OK; frees it
 *
 * After NETWORK, PROTOCOL, LIMIT or CANCELLED a session is dead: each later call fails with the same error.
 */
#ifndef TERN_POP3_PRIVATE_H
#define TERN_POP3_PRIVATE_H

#include "base/error.h"
#include "pop3/parser.h"
#include "pop3/session.h"

/* A line of a list. FALSE and an error: the session ends. */
typedef gboolean (*Pop3ItemFunc)(const char *text, gsize bytes, void *data, GError **error);

/* A command under way. Set what is to become of its answer before pop3_await(). */
typedef struct Pop3Pending Pop3Pending;
struct Pop3Pending {
    Pop3Shape shape;
    Pop3ItemFunc item; /* POP3_LINES; NULL: dropped */
    Pop3Sink sink;     /* POP3_BODY */
    void *data;        /* of item */
    /* Its body is about to come ("+OK" is there); NULL: nobody asks. Its data are the sink's. */
    void (*begin)(Pop3Pending *pending);
    guint number; /* of the message it is about */

    gboolean is_begun, is_done; /* its answer is */
    Pop3Parse status;           /* POP3_PARSE_OK or _ERR once there */
    char *text;                 /* of that */
    uint64_t octets;            /* of the body */
};

#define POP3_IN_BYTES (64 << 10)

struct Pop3Session {
    NetStream *stream;
    Pop3Parser *parser;
    char in[POP3_IN_BYTES];
    gsize in_at, in_end;
    GError *death;
    GQueue
        pending; /* Pop3Pending, oldest first; those whose answer is there are taken out by pop3_conclude() */

    gboolean knows_capa;   /* CAPA was answered */
    gboolean wants_capa;   /* to be asked again, after the login */
    uint32_t capabilities; /* a bit for each Pop3Capability */
    GStrv sasl;            /* mechanisms; NULL: none */
    int expire_days, login_delay_s;
    guint capa_lines;
    char *timestamp; /* of the greeting, for APOP; NULL: none */
    char *mechanism, *server;
    AuthStrength least, strength;
    char *refusal; /* code of the last -ERR */
    char *said;    /* its text, made safe */
};

/* ---- command.c ---- */

/* Writes a command without waiting. The session's, until it is concluded. NULL and the death's error. */
Pop3Pending *pop3_send(Pop3Session *session, Pop3Shape shape, const char *command, GError **error);
/* Reads up to the end of its answer; it has to be the oldest under way that has none. */
gboolean pop3_await(Pop3Session *session, Pop3Pending *pending, GError **error);
/* The same, but also to a "+", which leaves the text in *challenge_out, to be freed (NULL: the answer is
 * there). */
gboolean pop3_await_challenge(Pop3Session *session, Pop3Pending *pending, char **challenge_out,
                              GError **error);
/* Takes an answered command out; TRUE for +OK, else the error of its -ERR. */
gboolean pop3_conclude(Pop3Session *session, Pop3Pending *pending, GError **error);
/* All in one, for commands with a single line. */
gboolean pop3_command(Pop3Session *session, const char *command, GError **error);
/* A line, or a part of one. */
gboolean pop3_write(Pop3Session *session, const char *text, gboolean secret, GError **error);

/* Whether the session can take a command; FALSE and its death's error otherwise. */
gboolean pop3_check_alive(Pop3Session *session, GError **error);
/* Notes that the session is dead of *failure, hands it on, and returns FALSE. */
gboolean pop3_die(Pop3Session *session, GError **failure, GError **error);
gboolean pop3_fail(Pop3Session *session, TernErrorKind kind, const char *sentence, GError **error);

void pop3_pending_free(Pop3Pending *pending);

/* ---- refusal.c ---- */

/* Notes what an -ERR says, and sets the error for it. */
void pop3_refused(Pop3Session *session, const char *text, GError **error);
/* What the code of the last one means for who logs in: NETWORK (it may pass), REFUSED or AUTH; *advice_out
 * what to do. */
TernErrorKind pop3_refusal_kind(const Pop3Session *session, const char **advice_out);

/* ---- capability.c ---- */

/* Sends CAPA; what was known is forgotten once it is answered. */
Pop3Pending *pop3_send_capa(Pop3Session *session, GError **error);
/* After pop3_await(). An -ERR is a server without CAPA. */
void pop3_conclude_capa(Pop3Session *session, Pop3Pending *pending);
void pop3_forget_capa(Pop3Session *session);

#endif
