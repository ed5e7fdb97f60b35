/*
 * spawn_private.h - what the files of spawn.h share: spawn.c for children without a terminal, foreground.c
 * for those that get tern's. Any thread.
 */
#ifndef TERN_BASE_SPAWN_PRIVATE_H
#define TERN_BASE_SPAWN_PRIVATE_H

#include <spawn.h>

/* Attributes, to be destroyed, of a child that starts as from a shell: nothing blocked, nothing ignored.
 * `flags` are added to those that say so. */
void spawn_reset_signals(posix_spawnattr_t *attributes, short flags);

#endif
