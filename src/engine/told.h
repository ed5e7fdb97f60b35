/*
 * told.h - what was told of an account lately, so that nobody hears the same again and again; private to the
 * engine.
 *
 * A server says "[ALERT] your mailbox is nearly full" in answer to each command, on each connection; what tern
 * finds odd about a list of folders, it finds at each poll. One sentence is told once a day. Not locked: team.h
 * does that.
 */
#ifndef TERN_ENGINE_TOLD_H
#define TERN_ENGINE_TOLD_H

#include <glib.h>
#include <stdint.h>

typedef struct Told Told;

Told *told_new(void);
void told_free(Told *told);

/* Whether `sentence` is to be told now; it counts as told then. Of those that are remembered, the one told
 * longest ago makes room when there are too many. */
gboolean told_is_due(Told *told, const char *sentence, int64_t now_us);

#endif
