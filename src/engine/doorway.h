/*
 * doorway.h - the Unix socket beside the engine lock, through which terns of one profile meet; private to the
 * engine.
 *
 * The socket is 0600 in a 0700 folder, and only processes of the same user are let in. Descriptors are
 * non-blocking.
 */
#ifndef TERN_ENGINE_DOORWAY_H
#define TERN_ENGINE_DOORWAY_H

#include "base/paths.h"

#include <glib.h>
#include <sys/types.h>

/* For the holder of the lock: removes what an earlier one left, binds, listens. -1 and STORE. */
int doorway_open(const Paths *paths, GError **error);
/* -1 is allowed. */
void doorway_close(int fd);

/* The next who knocks; -1: nobody, or another user. *is_full_out: somebody does, and this process has no
 * descriptor for him; he goes on knocking. */
int doorway_accept(int fd, gboolean *is_full_out);

/* To the holder's socket; -1: nobody is there (yet). */
int doorway_connect(const Paths *paths);
/* Who listens at the other end of such a connection, where that process is stopped (SIGSTOP, a debugger) and
 * answers nobody; 0: it runs, or nobody can tell. */
pid_t doorway_stopped_holder(int fd);

#endif
