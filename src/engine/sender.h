/*
 * sender.h - who sends an account's mail: a thread that takes from the outbox (maildir/outbox.h) what is
 * due, in order, over one connection for as many messages as there are; private to the engine.
 *
 *      outbox: QUEUED ── due ──> connect ──> SENDING ── mark ── end ──> SENT ──> flags of the original ──> gone,
 *                                                                              or kept until its copy is filed
 *
 * It works when it is asked (a request: one attempt of what is due), and by itself when it is live. Only
 * one process sends: the engine's holder, under the outbox's own lock. The functions here are the
 * dispatcher's.
 */
#ifndef TERN_ENGINE_SENDER_H
#define TERN_ENGINE_SENDER_H

#include "engine/event.h"
#include "engine/link.h"

/* The outbox's lock, which a process's senders share; taken at the first use. Shared by reference, any
 * thread. */
typedef struct SendLock SendLock;
SendLock *send_lock_new(void);
SendLock *send_lock_ref(SendLock *lock);
void send_lock_unref(SendLock *lock);

typedef struct Sender Sender;

/* What a sender needs; borrowed for its life. `post` takes an event over, with the sender's `crew`;
 * `filed_later` is told that a copy waits to be filed; both on any thread. `ended` is set at the thread's
 * end. */
typedef struct {
    const ConfigAccount *account;
    Store *store;
    const Paths *paths;
    SendLock *lock;
    void (*post)(EngineEvent *event, guint crew, void *data);
    void (*copy_waits)(const char *account, void *data);
    void *data;
    guint crew;
    Wake *ended;
} SenderContext;

/* NULL and BUG: no thread. */
Sender *sender_new(const SenderContext *context, GError **error);
const char *sender_account(const Sender *sender);

/* From now on it sends by itself what becomes due. */
void sender_set_live(Sender *sender);
/* Takes the request over: its ENGINE_EVENT_DONE comes when nothing is due any more, or it cannot go on
 * (error); of CHECK_SENDING when it is connected and logged in, or cannot be. */
void sender_submit(Sender *sender, EngineRequest *request);
/* That request ends with CANCELLED, and with it the message under way unless its end may have gone out. */
void sender_cancel(Sender *sender, guint64 request);
/* Waiting ends: something in the outbox changed, or there is another network or password. */
void sender_nudge(Sender *sender, LinkNudge why);

/* It ends; a message whose end may have gone out is waited for. */
void sender_stop(Sender *sender);
/* Nothing is waited for any more. */
void sender_break(Sender *sender);
gboolean sender_has_ended(Sender *sender);
void sender_free(Sender *sender);

#endif
