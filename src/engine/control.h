/*
 * control.h - the dispatcher: one thread that knows whether this process connects, and gives each request to
 * whom it concerns; private to the engine.
 *
 *                         ┌ holder: has the engine lock, workers, and a socket that others connect to
 *      requests ──> role ─┼ client: hands them to the holder through its socket; takes over when that closes
 *                         └ none:   offline or parked
 *
 * Everything but control_request() and control_is_elsewhere() happens on its thread, so what may wait (the
 * store, the lock, workers that end) holds up nobody else.
 */
#ifndef TERN_ENGINE_CONTROL_H
#define TERN_ENGINE_CONTROL_H

#include "base/clock.h"
#include "engine/event.h"

typedef struct Control Control;

/* What its end may take, and that of workers at any other time. */
#define CONTROL_STOP_US (2 * SECOND_US)

/* Borrowed for its life. `deliver` takes over events for this process; called on the dispatcher's thread. */
typedef struct {
    Config *config;
    Store *store;
    const Paths *paths;
    gboolean offline;
    void (*deliver)(EngineEvent *event, void *data);
    void *data;
} ControlContext;

/* NULL and BUG: no thread. */
Control *control_start(const ControlContext *context, GError **error);
/* Ends workers and thread, and frees. FALSE: it could not within CONTROL_STOP_US, and freed nothing. */
gboolean control_stop(Control *control);

/* Takes the request over. Any thread; never blocks. */
void control_request(Control *control, EngineRequest *request);

/* Whether another process holds the engine. Any thread; never blocks. */
gboolean control_is_elsewhere(Control *control);

#endif
