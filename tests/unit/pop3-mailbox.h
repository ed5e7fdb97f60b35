/*
 * pop3-mailbox.h - a POP3 server for tests, on a thread: a mailbox that outlives its sessions, deletes only
 * at QUIT, and can be told to end, or to lie, at any line that it says.
 */
#ifndef TERN_TESTS_POP3_MAILBOX_H
#define TERN_TESTS_POP3_MAILBOX_H

#include "tests/lib/streams.h"

typedef struct {
    const char *uidl;    /* NULL: none */
    const char *text;    /* as it lies there, LF at line ends */
    int octets_off;      /* what LIST says more than is true */
    gboolean refuses;    /* RETR is refused */
    gboolean refuses_top;
    const char *instead; /* what RETR gives in its place; NULL: it */
    gboolean is_gone;    /* deleted, and QUIT was answered */
    gboolean is_marked;
    guint retrieved; /* how often, in all sessions */
} MailboxMessage;

typedef struct Mailbox Mailbox;

/* `messages` (ended by one without text) are the mailbox's, numbered from 1. `can` is what CAPA says beside
 * TOP ("PIPELINING\r\n"); NULL: there is no CAPA. Before a DELE is answered `hear_delete` is called, on the server's thread. */
Mailbox *mailbox_start(MailboxMessage *messages, const char *can,
                       void (*hear_delete)(const MailboxMessage *message, void *data), void *data);
/* Nothing may have gone wrong in it. */
void mailbox_end(Mailbox *mailbox);
/* The next sessions end after so many lines; G_MAXUINT: they do not. */
void mailbox_cut_after(Mailbox *mailbox, guint lines);
/* Whether the last session came to its cut. */
gboolean mailbox_was_cut(Mailbox *mailbox);
NetStream *mailbox_connect(Mailbox *mailbox);

#endif
