/*
 * history.h - lines that were typed or chosen before, by kind: "command", "search", "folder" …
 *
 * Each kind is a file of the profile (data/history/KIND, mode 0600), read when it is first asked for and
 * added to as lines come; the newest HISTORY_MAX are kept, each once. It is a comfort, not mail: a disk that
 * is full or slow loses lines and says nothing, and nothing is fsynced. Ui thread only.
 */
#ifndef TERN_UI_HISTORY_H
#define TERN_UI_HISTORY_H

#include <glib.h>

#define HISTORY_MAX 200

typedef struct History History;

/* `data` is the profile's data folder; nothing is read or made yet. */
History *history_new(const char *data);
void history_free(History *history);

/* The lines of a kind, oldest first: char *; the history's own, as it is until the next line is added. */
const GPtrArray *history_lines(History *history, const char *kind);

/* Adds a line as the newest; one that was there moves. A line of several lines, or of nothing, is none. */
void history_add(History *history, const char *kind, const char *line);

#endif
