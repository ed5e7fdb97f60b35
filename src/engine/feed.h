/*
 * feed.h - events on their way from the dispatcher to whoever started the engine; private to the engine.
 *
 * What it holds is bounded, however long nobody reads: a newer STATE takes the place of the one that waits
 * for that account, a FOLDER is added to the one of that folder and request, alerts are the newest few, and
 * the rest are answers, as many as requests. Any thread.
 */
#ifndef TERN_ENGINE_FEED_H
#define TERN_ENGINE_FEED_H

#include "engine/engine.h"

/* Alerts that wait at most. Who wants people to read more wants to annoy. */
#define FEED_ALERTS 20

typedef struct Feed Feed;

Feed *feed_new(void);
void feed_free(Feed *feed);

/* Takes the event over. */
void feed_push(Feed *feed, EngineEvent *event);
/* The oldest, now the caller's, or NULL. */
EngineEvent *feed_pop(Feed *feed);
/* Set when something was pushed. The feed's. */
Wake *feed_wake(Feed *feed);

#endif
