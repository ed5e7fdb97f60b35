/* outbox_private.h - what the files of the outbox share. */
#ifndef TERN_MAILDIR_OUTBOX_PRIVATE_H
#define TERN_MAILDIR_OUTBOX_PRIVATE_H

#include "maildir/outbox.h"

/* Atomically and durably. */
gboolean outbox_envelope_save(const OutboxEnvelope *envelope, const char *path, GError **error);
/* NULL: it is no envelope. */
OutboxEnvelope *outbox_envelope_parse(const char *text, gsize size, int64_t id);
/* NULL and STORE: it cannot be read at all; one that makes no sense is FAILED and says so. */
OutboxEnvelope *outbox_envelope_load(const char *path, int64_t id, GError **error);

#endif
