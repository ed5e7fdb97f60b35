/*
 * progress.h - how far long work is, how fast it goes, and how long it still takes.
 *
 *      began ─────────── done ──────────────── total         steps, and bytes where they are counted
 *            at this rate      is left
 *
 * Reckoned from the first that was heard of this piece of work. Any thread; no I/O.
 */
#ifndef TERN_BASE_PROGRESS_H
#define TERN_BASE_PROGRESS_H

#include <glib.h>
#include <stdint.h>

/* A plain value; all zero: nothing was heard yet. */
typedef struct {
    int64_t done, total;      /* total 0: not known */
    int64_t bytes, bytes_all; /* bytes_all 0: they are not counted */
    int64_t began_us, began_done, began_bytes;
} Progress;

/* `is_new`: this is about another piece of work than before. What goes backwards, or has another end, is one,
 * too. */
void progress_note(Progress *progress, gboolean is_new, int64_t done, int64_t total, int64_t bytes,
                   int64_t bytes_all);
/* Bytes in a second; 0: not known yet. */
int64_t progress_rate(const Progress *progress);
/* Seconds until its end; -1: it is too early to say, or it is there. */
int64_t progress_left_s(const Progress *progress);

#endif
