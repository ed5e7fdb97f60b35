/*
 * left.h - folders that a connection had open and left, and what happened in them around that; private to the
 * engine.
 *
 *      EXAMINE Lists/one      NOTIFY tells of every folder but the selected one,
 *      EXAMINE INBOX          and that one only while somebody listens to it: what came to Lists/one between
 *                             the last look and here, no one will ever tell
 *      STATUS Lists/one       does; sent when there is nothing else to do
 *
 * A folder that still is not as it was written down, after it was looked at, is asked about again, but later
 * each time: there are servers whose STATUS and SELECT never agree. On a connection's thread.
 */
#ifndef TERN_ENGINE_LEFT_H
#define TERN_ENGINE_LEFT_H

#include "imap/folder.h"

/* raw name -> when it is to be asked about. */
typedef struct Left Left;

Left *left_new(void);
void left_free(Left *left);
/* Another connection, which looks at everything anyway. */
void left_clear(Left *left);

/* It is selected no more. */
void left_note(Left *left, const char *raw_name, int64_t now_us);
/* Those whose time has come, but for `selected` (NULL: none is) and not more than `most`: ImapFolder * with
 * the raw name, for imap_status(), with a free function. They are not due any more. */
GPtrArray *left_take_due(Left *left, const char *selected, guint most, int64_t now_us);
/* What came of it. */
void left_answered(Left *left, const char *raw_name, gboolean is_changed, int64_t now_us);
/* When the first of them has to be asked about, but for `selected`; DEADLINE_NONE: none. */
int64_t left_due_us(const Left *left, const char *selected);

#endif
