/*
 * mailroom.h - the senders of a process, one for each account that can send; private to the engine, on the
 * dispatcher's thread.
 */
#ifndef TERN_ENGINE_MAILROOM_H
#define TERN_ENGINE_MAILROOM_H

#include "engine/sender.h"

typedef struct Mailroom Mailroom;

/* `like`: what is the same for all senders (account and lock are left out). NULL and BUG: no thread. */
Mailroom *mailroom_start(const Config *config, const SenderContext *like, GError **error);

/* Takes a copy of the request to the account's sender; FALSE: there is none of that name. */
gboolean mailroom_submit(Mailroom *mailroom, const EngineRequest *request);
void mailroom_cancel(Mailroom *mailroom, const EngineRequest *request);
void mailroom_set_live(Mailroom *mailroom);
/* `account` NULL: all. */
void mailroom_nudge(Mailroom *mailroom, const char *account, LinkNudge why);

/* As sender_stop() and sender_break(). */
void mailroom_stop(Mailroom *mailroom);
void mailroom_break(Mailroom *mailroom);
gboolean mailroom_has_ended(Mailroom *mailroom);
/* Waits for their end. */
void mailroom_free(Mailroom *mailroom);

#endif
