/*
 * locks.h - who may do what in a profile with several tern processes (DESIGN.md: Processes on one store).
 *
 * The profile lock is taken by store_open() (shared). The engine lock says which process connects.
 */
#ifndef TERN_STORE_LOCKS_H
#define TERN_STORE_LOCKS_H

#include "base/paths.h"

#include <glib.h>

typedef struct StoreEngineLock StoreEngineLock;

/* Tries to become the profile's engine; NULL with no error when another process is. Never waits. */
StoreEngineLock *store_engine_lock_try(const Paths *paths, GError **error);
void store_engine_lock_free(StoreEngineLock *lock);

/* What terns say to each other there (engine/event.h): to be raised with each change of it, so that those of
 * different builds do not misread each other; they do not meet then. */
#define STORE_ENGINE_PROTOCOL "2"
/* The path of the engine's control socket; to be freed. */
char *store_engine_socket_path(const Paths *paths);

#endif
