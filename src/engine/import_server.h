/*
 * import_server.h - messages of files into a folder on a server; private to the engine.
 *
 *      a message ──> known? ──> data/imports/ACCOUNT/FILE, durable ──> a row and an entry `append` of the journal, a group at a time
 *
 * From then on the journal has it (store/journal.h): it is shown, goes to the server when there is a
 * connection, and can be undone; its file goes when the server has it. What was cut off goes on: a message
 * that the account has is known by its Message-ID and size, the nth of several that are the same by their
 * number. On the caller's thread; blocks on the disk.
 */
#ifndef TERN_ENGINE_IMPORT_SERVER_H
#define TERN_ENGINE_IMPORT_SERVER_H

#include "engine/import.h"

typedef struct ImportServer ImportServer;

/* The folder (as shown) is made by the journal where the account has none of that name. Borrows all. NULL and
 * STORE or INPUT: nothing is known of the account yet. */
ImportServer *import_server_open(Disk *disk, const char *folder, ImportResult *result, GError **error);
/* A message from a descriptor to its end. */
gboolean import_server_put(ImportServer *server, int fd, uint32_t flags, char **keywords, int64_t arrival_s,
                           GError **error);
/* What was put so far is in the journal. */
gboolean import_server_flush(ImportServer *server, GError **error);
void import_server_free(ImportServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportServer, import_server_free)

#endif
