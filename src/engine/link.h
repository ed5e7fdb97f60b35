/*
 * link.h - what an error means for a connection; private to the engine.
 */
#ifndef TERN_ENGINE_LINK_H
#define TERN_ENGINE_LINK_H

#include <glib.h>

/* Whether after this error the connection is still good: the server, or our own disk, only refused one thing,
 * or what was asked for does not exist. */
gboolean link_survives(const GError *error);

#endif
