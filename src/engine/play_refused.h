/*
 * play_refused.h - what a server refused, in words: which change of what it was that is taken back; private to
 * the engine.
 *
 *      MOVE of row 7 to Archive, "[OVERQUOTA] …"  ──> the move of “Invoice” to Archive was taken back, since …
 *      and of 13 more, in the same commit         ──> the move of 14 messages to Archive was …
 *
 * On a connection's thread.
 */
#ifndef TERN_ENGINE_PLAY_REFUSED_H
#define TERN_ENGINE_PLAY_REFUSED_H

#include "store/journal.h"
#include "store/read.h"

typedef struct PlayRefused PlayRefused;

/* PlayRefused *, with a free function. */
GPtrArray *play_refused_new(void);
/* An entry was, for that reason: it is counted with others of its kind, or stands alone. */
void play_refused_note(GPtrArray *all, StoreReader *reader, const StoreEntry *entry, const char *why);
/* To be freed. */
char *play_refused_sentence(const PlayRefused *refused);

#endif
