/*
 * control.h - the dispatcher: one thread that knows whether this process connects, and gives each request to whom it
 * concerns; private to the engine.
 *
 *                         ┌ holder: has the engine lock, workers, and a socket that others connect to
 *      requests ──> role ─┼ client: hands them to the holder through its socket; tries to take over when that closes
 *                         └ none:   offline or parked
 *
 * Everything but control_request() and control_post() happens on its thread.
 */
#ifndef TERN_ENGINE_CONTROL_H
#define TERN_ENGINE_CONTROL_H

#include "engine/event.h"

typedef struct Control Control;

/* Borrowed for its life. `deliver` takes over events for this process; called on the dispatcher's thread. `parked` is
 * set once a PARK is done. */
typedef struct {
    Config *config;
    Store *store;
    const Paths *paths;
    gboolean offline;
    void (*deliver)(EngineEvent *event, void *data);
    void *data;
    Wake *parked;
} ControlContext;

/* Takes its role at once, so that errors of lock and socket are known here. NULL and STORE. */
Control *control_start(const ControlContext *context, GError **error);
/* Ends workers and thread, and frees. */
void control_stop(Control *control);

/* Takes the request over. Any thread; never blocks. */
void control_request(Control *control, EngineRequest *request);

#endif
