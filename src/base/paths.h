/*
 * paths.h - where a profile's files are (XDG Base Directory, or everything under --profile DIR).
 *
 * A plain value; any thread. Nothing is created here.
 */
#ifndef TERN_BASE_PATHS_H
#define TERN_BASE_PATHS_H

#include <glib.h>

typedef struct {
    char *config; /* tern.conf */
    char *data;   /* folder: what exists only here (store.db, mail, outbox) */
    char *cache;  /* folder: what can be had again (message files, words.db) */
    char *run;    /* folder for sockets: $XDG_RUNTIME_DIR/tern-HASH, or `data` where that is not set */
} Paths;

/* `profile`: the DIR of --profile, or NULL for the XDG places. Relative ones are made absolute. */
Paths *paths_new(const char *profile);
void paths_free(Paths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Paths, paths_free)

/* A path as people write it: "~/x" is one in the home folder, any other stays as it is. To be freed. */
char *paths_whole(const char *written);

#endif
