/*
 * collect.h - messages that go into a draft which was begun before.
 *
 *      a folder's messages ── copies as the draft's own files ──> Collected ── whoever has the draft takes them over
 *
 * On a deep thread, since mail is parsed; blocks on the disk.
 */
#ifndef TERN_COMPOSE_COLLECT_H
#define TERN_COMPOSE_COLLECT_H

#include "compose/reply.h"

typedef struct {
    Draft *found;  /* that draft's id, and the new attachments alone; NULL: none */
    char *subject; /* the draft's; "": it has none */
} Collected;
void collected_clear(Collected *collected);

/* Attaches messages to the draft `id`, where it is still there, or else to the newest: as far as files go, the draft
 * itself is not changed. FALSE: INPUT (there is no draft; some tern has it open, which would not know of this), STORE, LIMIT;
 * with `found` set some files may be there. */
gboolean collect_messages(Collected *collected, const char *data, const char *id, const ReplySource *sources,
                          guint n, GError **error);

#endif
