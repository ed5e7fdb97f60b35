/*
 * collect.h - messages that go into a draft which was begun before.
 *
 *      a folder's messages ── copies as the draft's own files ──> the draft, held meanwhile
 *
 * On a deep thread, since mail is parsed; blocks on the disk.
 */
#ifndef TERN_COMPOSE_COLLECT_H
#define TERN_COMPOSE_COLLECT_H

#include "compose/reply.h"

/* Attaches messages to the draft `id`, where it is still there, or else to the newest. Its subject ("": it
 * has none), to be freed. NULL: INPUT (there is no draft; some tern has it open, which would not know of
 * this; nothing can be attached to it), STORE, LIMIT: it is as it was. */
char *collect_messages(const char *data, const char *id, const ReplySource *sources, guint n, GError **error);

#endif
