/*
 * retrieve.h - messages by RETR and TOP, streamed to files as they arrive (CRLF made LF), and DELE, all in
 * one pipeline.
 *
 *      Pop3Retrieval *retrieval = pop3_retrieval_new(session, &taker);
 *      while (… more, and pop3_retrieval_has_room(retrieval)) pop3_retrieval_send(retrieval, …)
 *      pop3_retrieval_wait(retrieval, …)                              the oldest answer; then again
 *
 * The window is bounded: what is asked for and not answered fits into any socket's buffer, and the stream
 * reads while it writes, so neither side can wait for the other. A server without PIPELINING (RFC 2449, 6.6)
 * gets one command at a time. Worker thread; errors as in session.h.
 */
#ifndef TERN_POP3_RETRIEVE_H
#define TERN_POP3_RETRIEVE_H

#include "pop3/session.h"

typedef enum { POP3_WHOLE, POP3_HEADERS } Pop3Part;

/* How a message came. Borrowed for the call. */
typedef struct {
    guint number;
    Pop3Part part;
    uint64_t octets; /* on the wire, as LIST should count them */
    int64_t bytes;   /* written */
    guint64 headers; /* the hash of headers.h; 0: it has none */
    /* NULL: it came up to its end, and was written. Else the server does not give it, or STORE (the disk), or
     * why the session is dead. */
    const GError *failed;
    gboolean is_refused; /* `failed` is the server's -ERR: the session goes on */
} Pop3Retrieved;

/* Whoever takes the messages. */
typedef struct {
    /* One begins to come: the descriptor that its bytes are to be written to; -1: nobody wants more than the
     * hash of its header, or, with an error, it cannot be written. Not called for one that the server does
     * not give. */
    int (*open)(guint number, Pop3Part part, void *data, GError **error);
    /* Once for each that was asked for, unless the session died before it began. FALSE and an error: the
     * session is not gone on with. */
    gboolean (*close)(const Pop3Retrieved *message, void *data, GError **error);
    /* More of the one that is open has come, `octets` of it on the wire; once for each read from there. NULL:
     * nobody asks. */
    void (*came)(uint64_t octets, void *data);
    /* DELE was answered; the message is gone only after QUIT. `refused`: the server's words, or NULL. */
    void (*deleted)(guint number, const GError *refused, void *data);
    void *data;
} Pop3Taker;

typedef struct Pop3Retrieval Pop3Retrieval;

/* `taker` is copied. Between this and pop3_retrieval_free() the session does nothing else. */
Pop3Retrieval *pop3_retrieval_new(Pop3Session *session, const Pop3Taker *taker);
/* Everything that was sent has been waited for, or the session is dead, or to be freed unused. NULL is
 * allowed. */
void pop3_retrieval_free(Pop3Retrieval *retrieval);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pop3Retrieval, pop3_retrieval_free)

/* Whether one more may be sent now. */
gboolean pop3_retrieval_has_room(const Pop3Retrieval *retrieval);
guint pop3_retrieval_under_way(const Pop3Retrieval *retrieval);

/* Asks for a message, without waiting. One longer than `most_octets` ends the session (LIMIT): it may have no
 * end. */
gboolean pop3_retrieval_send(Pop3Retrieval *retrieval, guint number, Pop3Part part, uint64_t most_octets,
                             GError **error);
/* Asks for a message to be deleted at QUIT, without waiting. */
gboolean pop3_retrieval_delete(Pop3Retrieval *retrieval, guint number, GError **error);
/* Waits for the end of the oldest that was sent and not yet waited for, and tells the taker. */
gboolean pop3_retrieval_wait(Pop3Retrieval *retrieval, GError **error);

#endif
