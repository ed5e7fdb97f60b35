/*
 * waiting.h - the outbox as people see it: why a message is still there, and what they say about it.
 *
 *      waiting_say():    SEND ──> QUEUED        HOLD ──> HELD        LATER ──> HELD until then
 *                        SEND_AGAIN: UNKNOWN, too ──> QUEUED
 *                        WAS_SENT: UNKNOWN ──> SENT, its copy is filed
 *      waiting_drop()    it goes; of one that some have got, the rest is given up
 *      waiting_edit()    a draft again, and nothing of it in the outbox
 *
 * The states are maildir/outbox.h's, which says what is true; here is what a person may change of it, the
 * same for screen and command line. A message of which nobody knows whether it was sent is neither held,
 * edited nor sent again but by a word that says so (SEND_AGAIN). Any thread; blocks on the disk.
 */
#ifndef TERN_COMPOSE_WAITING_H
#define TERN_COMPOSE_WAITING_H

#include "compose/reply.h"
#include "maildir/outbox.h"

typedef enum {
    WAITING_SEND,       /* now, whatever it waits for; what was refused is tried again */
    WAITING_SEND_AGAIN, /* likewise, though it may have arrived: said by a person who knows that */
    WAITING_HOLD,       /* until somebody says so */
    WAITING_LATER,      /* not before at_s */
    WAITING_WAS_SENT,   /* of one that is unknown: it has arrived */
} WaitingWord;

/* The envelope of that number, to be freed. NULL: INPUT (there is none), STORE. */
OutboxEnvelope *waiting_read(Outbox *outbox, int64_t id, GError **error);

/* *now_out (may be NULL) is the envelope as it is then; whoever sends is still to be asked. FALSE and INPUT
 * (it is gone, or being sent just now, or its state has no place for that word) or STORE. */
gboolean waiting_say(Outbox *outbox, int64_t id, WaitingWord word, int64_t at_s, OutboxEnvelope **now_out,
                     GError **error);

/* Throws it away. FALSE and INPUT: it is gone already, or being sent, or was sent to all. */
gboolean waiting_drop(Outbox *outbox, int64_t id, GError **error);
/* Of one that was sent: what is still to be done is given up, its copy and the mark of the answered
 * message. FALSE and INPUT: it is none, or gone already. */
gboolean waiting_drop_copy(Outbox *outbox, int64_t id, GError **error);

/* Takes it out of the outbox into a draft, which is saved. Where some have got it, the draft is for the
 * others alone. Until the draft is on the disk the message stays, held. NULL and INPUT (it may have been
 * sent; it is one that is sent on as it is), CONFIG, STORE, LIMIT: the outbox is as it was. Parses mail: on
 * a deep stack. */
Draft *waiting_edit(Outbox *outbox, int64_t id, const ReplyWants *wants, char **notice_out, GError **error);

/* How many there are of which kind, in a list of outbox_list()'s. */
typedef struct {
    guint waiting; /* queued, being sent, or to be sent soon */
    guint held;    /* until somebody says so, or later than in a minute */
    guint failed, unknown;
    guint stray; /* of an account that is not configured: waiting_stray() */
} WaitingCount;
WaitingCount waiting_count(const GPtrArray *envelopes, const Config *config, const char *account,
                           int64_t now_s);

/* The accounts (char *) that something is due for now: queued, held until a time that has come, left behind by
 * a tern that is no more, or sent and not yet filed; with a free function. */
GPtrArray *waiting_due(const GPtrArray *envelopes, int64_t now_s);

/* One word for its state, translated; static. */
const char *waiting_state(const OutboxEnvelope *envelope);
/* Why it is there and what can be done, a sentence or two, to be freed. Made of what servers say too: to be
 * made safe. */
char *waiting_why(const OutboxEnvelope *envelope, int64_t now_s);
/* Why nothing goes on with it by itself, though it waits: its account was renamed in the configuration, or taken
 * out of it. A sentence, to be freed and made safe; NULL: that is not so. Goes before waiting_why(). */
char *waiting_stray(const OutboxEnvelope *envelope, const Config *config);
/* Whom it is still for, or all of them where all have got it: "bob@example.org, eve@example.org"; to be
 * freed. */
char *waiting_for(const OutboxEnvelope *envelope);

#endif
