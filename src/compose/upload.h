/*
 * upload.h - a draft handed over to be put into the account's folder for drafts (maildir/uploads.h), where
 * other devices find it; and what became of it there.
 *
 *     a minute's rest, or closing ── draft_upload() ──> data/drafts/upload ── the engine ──> "Drafts" ──> its row
 *     sent or thrown away         ── draft_drop() ──>                                             ──> gone
 *
 * The draft's own file stays here as long as what was filed does: it knows more (which message is answered,
 * where the cursor stood, where the attachments lie). When the row goes elsewhere (sent or thrown away by
 * another device) and nothing was changed here since, the file here is put aside: draft_settle(). A row that
 * is not there may also be a server's accident, so the text is not taken away with it.
 *
 * On a background thread with a reader of its own; blocks on the disk.
 */
#ifndef TERN_COMPOSE_UPLOAD_H
#define TERN_COMPOSE_UPLOAD_H

#include "compose/draft.h"
#include "store/store.h"

/* Saves the draft and hands over what it is now as its next version; draft->filed says which. A message that
 * is sent on as it is, is empty, or belongs to no account is only saved. FALSE: STORE, or INPUT where an
 * attachment cannot be read: what was filed before stays. *is_saved_out (may be NULL): it is saved all the
 * same; FALSE: what is in memory is nowhere else. */
gboolean draft_upload(Draft *draft, const Config *config, const char *data, gboolean *is_saved_out,
                      GError **error);

/* Takes the draft and its files away, here and out of the folder. *was_filed_out (may be NULL): something is
 * to be taken out there. FALSE and STORE: it is all there still. */
gboolean draft_drop(const Draft *draft, const char *data, gboolean *was_filed_out, GError **error);
/* Takes it away here alone: it was only looked at. */
void draft_forget(const Draft *draft, const char *data);

/* Whether what was filed of it last is not in its folder any more though nobody here took it away: it was
 * sent, changed or thrown away elsewhere. */
gboolean draft_is_elsewhere(const char *data, const char *id, StoreReader *reader);

/* The draft (its id, to be freed) that is kept here of a row of that store in a folder for drafts; NULL: none
 * is. */
char *draft_of_row(const char *data, int64_t row, int64_t store);

/* All such rows of that store: a set of int64_t *, to be unreffed. */
GHashTable *draft_rows(const char *data, int64_t store);

/* Puts aside (draft_put_aside()) what is kept here of drafts that have gone elsewhere, unless they were
 * changed here since, or so many have gone at once that nobody can have meant it; takes away what nobody
 * needs any more. Gives how many are here and nowhere else as they are. */
guint draft_settle(const char *data, StoreReader *reader);

/* Says to other terns that this draft is open: a descriptor, to be closed with it. -1: another one has it
 * open, or (with an error) STORE. */
int draft_hold(const char *data, const char *id, GError **error);

#endif
