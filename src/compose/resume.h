/*
 * resume.h - drafts that are opened again: one kept here, or one that lies in a folder.
 *
 *      kept here ── draft_hold() ── what an editor left when tern was killed ── what differs from what was saved ──> Kept
 *      a row     ── kept here under another id? that one: else resume_new() (reply.h), whose row it will replace ──> Kept
 *
 * On a background thread that may parse mail; blocks on the disk.
 */
#ifndef TERN_COMPOSE_RESUME_H
#define TERN_COMPOSE_RESUME_H

#include "compose/reply.h"

typedef struct {
    Draft *draft;     /* NULL: none */
    int hold_fd;      /* draft_hold()'s; -1: none */
    char *difference; /* from what was saved before it (difference.h); NULL: nothing, or nothing is known */
    guint lines;
    gboolean is_new; /* nothing is kept of it here yet */
} Kept;
void kept_clear(Kept *kept);

/* Takes the draft's hold alone, until kept_clear(). FALSE: as below. */
gboolean kept_hold(Kept *kept, const char *data, const char *id, GError **error);
/* A draft that is kept here. FALSE: INPUT (it is open elsewhere), STORE. */
gboolean kept_open(Kept *kept, const char *data, const char *id, GError **error);

/* What is kept here of a row of that store (store_read_stamp()) in a folder for drafts; the row's text need
 * not be here. FALSE: as above; without an error nothing is. */
gboolean kept_open_row(Kept *kept, const char *data, int64_t row, int64_t store, GError **error);

/* The draft of a row in a folder for drafts, kept here or not; that row is what its next version takes the
 * place of. FALSE: as above, and as resume_new(). */
gboolean kept_resume(Kept *kept, const ReplySource *source, int64_t store, const ReplyWants *wants,
                     char **notice_out, GError **error);

#endif
