/*
 * outbox_private.h - what the files of the outbox share (outbox.h).
 *
 *      outbox.c           the folder, and a message that is put in
 *      outbox_read.c      what is there
 *      outbox_change.c    an envelope is written anew, a message goes
 *      outbox_sending.c   for who sends: what was begun before, and hearing of news
 *      outbox_envelope.c  an envelope's file
 *
 * What ends in _locked wants outbox_lock(), and is not atomic by itself.
 */
#ifndef TERN_MAILDIR_OUTBOX_PRIVATE_H
#define TERN_MAILDIR_OUTBOX_PRIVATE_H

#include "maildir/outbox.h"

struct Outbox {
    char *path;
};

/* ---- outbox.c ---- */

/* To be freed. `name`: in that folder, or NULL for the folder. */
char *outbox_path(const Outbox *outbox, const char *folder, const char *name);
char *outbox_envelope_path(const Outbox *outbox, int64_t id);
/* The outbox as it is does not change meanwhile; `exclusive`: but by the caller. To be closed; -1 and
 * STORE. */
int outbox_lock(const Outbox *outbox, gboolean exclusive, GError **error);

/* ---- outbox_read.c ---- */

/* The numbers that begin the names in one of the folders, ascending; `ending` follows them. */
GArray *outbox_ids_in(const Outbox *outbox, const char *folder, const char *ending, GError **error);
/* NULL without an error: there is none, or it is being removed. */
OutboxEnvelope *outbox_read_locked(const Outbox *outbox, int64_t id, GError **error);
/* Sent, and nothing is left to do. */
gboolean outbox_is_done(const OutboxEnvelope *envelope);
/* Whether somebody had begun to remove it (outbox_remove_locked()). */
gboolean outbox_is_removed(const Outbox *outbox, const OutboxEnvelope *envelope);

/* ---- outbox_change.c ---- */

/* `envelope`: as it is now, or NULL. */
gboolean outbox_change_locked(const Outbox *outbox, OutboxEnvelope *envelope, OutboxChange change, void *data,
                              GError **error);
/* Message and envelope; goes on where it was begun. */
gboolean outbox_remove_locked(const Outbox *outbox, OutboxEnvelope *envelope, GError **error);

/* ---- outbox_envelope.c ---- */

/* Atomically and durably. */
gboolean outbox_envelope_save(const OutboxEnvelope *envelope, const char *path, GError **error);
/* NULL: it is no envelope. */
OutboxEnvelope *outbox_envelope_parse(const char *text, gsize size, int64_t id);
/* NULL and STORE: it cannot be read at all; one that makes no sense is FAILED and says so. */
OutboxEnvelope *outbox_envelope_load(const char *path, int64_t id, GError **error);

#endif
