/*
 * intake.h - one folder's way into the store: what a connection learns of it, in batches; private to the
 * engine.
 *
 *      FETCH answers, and what the server says by itself ──> Intake ──batches──> writer
 *
 * Each batch is a transaction, in the order of what was learnt. Submitting waits while the writer has no
 * room, so what a server sends is never piled up here. Once something failed, every later call fails in the
 * same way. On a connection's thread.
 */
#ifndef TERN_ENGINE_INTAKE_H
#define TERN_ENGINE_INTAKE_H

#include "engine/batch.h"
#include "imap/uidset.h"
#include "store/read.h"

/* Borrowed for an intake's life. */
typedef struct {
    Store *store;
    StoreReader *reader;
    Cancel *cancel; /* ends waiting for the writer */
    Wake *room;     /* set by the store when the writer has room again */
} IntakeContext;

typedef struct Intake Intake;

Intake *intake_new(const IntakeContext *context, int64_t folder_id);
/* What was not submitted is forgotten. NULL is allowed. */
void intake_free(Intake *intake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Intake, intake_free)

gboolean intake_message(Intake *intake, const ImapFetched *message, GError **error);
/* Of a folder on this disk. */
gboolean intake_local(Intake *intake, const BatchLocal *message, GError **error);
/* Flags as the store has them, or as batch_told() gives them. */
gboolean intake_local_flags(Intake *intake, uint32_t uid, uint32_t flags, const char *const *keywords,
                            GError **error);
/* A FETCH of flags, with the labels if it has them. */
gboolean intake_told(Intake *intake, const ImapFetched *message, GError **error);
gboolean intake_flags(Intake *intake, uint32_t uid, const char *const *flags, GError **error);
/* UIDs that the server no longer has, however many are said to be. */
gboolean intake_gone(Intake *intake, ImapUidSet *uids, GError **error);
gboolean intake_gone_one(Intake *intake, uint32_t uid, GError **error);

/* Hands in what has gathered, and `mark` (may be NULL) as what is true once it is committed. */
gboolean intake_submit(Intake *intake, const StoreSync *mark, GError **error);
/* The same, until all that was submitted is in the store. */
gboolean intake_settle(Intake *intake, const StoreSync *mark, GError **error);

/* Whether something has gathered, or went wrong. */
gboolean intake_is_waiting(const Intake *intake);
/* What the committed batches have changed so far. */
StoreChanges intake_changes(const Intake *intake);

#endif
