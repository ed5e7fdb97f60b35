/*
 * mbox_lines.h - an mbox line by line, and what a line by itself says; private to the scan (mbox_scan.h).
 *
 *      file    From bob …\n  Subject: x\n  …             any size
 *      window       └──────────── 64 KB ───────────┘     read where it is asked for
 *      pieces            └─────┘└───────────────────     a line, or as much of it as the window has
 *
 * Pure syntax over a window of the file. Any thread.
 */
#ifndef TERN_MAILDIR_MBOX_LINES_H
#define TERN_MAILDIR_MBOX_LINES_H

#include "maildir/mbox_scan.h"

#define MBOX_BUFFER_BYTES (64 << 10)

/* A window of the file; a line longer than it comes in pieces. */
typedef struct {
    MboxRead read;
    void *data;
    int64_t size, start;
    gsize held;
    char *buffer;
    gboolean failed;
} MboxSource;

typedef struct {
    const char *text;
    gsize size; /* with its newline */
    gboolean is_start;
} MboxLine;

/* The piece at that offset, up to the end of its line as far as the window goes, and good until the next
 * one. FALSE: the end, or it cannot be read (`failed`). */
gboolean mbox_piece_at(MboxSource *source, int64_t at, MboxLine *line);

gboolean mbox_is_blank(const MboxLine *line);
/* "From ", somebody, and a time of day: a sentence that begins so has none. */
gboolean mbox_is_separator(const char *text, gsize size);

/* ---- mbox_header.c: what a header says ---- */

typedef struct {
    int64_t length; /* Content-Length; -1: none */
    gboolean has_subject_of_data, has_base;
} MboxHeader;

/* What stands behind "NAME:" where the line begins so; else NULL. */
const char *mbox_field(const char *line, gsize size, const char *name);
/* One line, which begins a field. */
void mbox_take_field(MboxMessage *message, MboxHeader *header, const MboxLine *line);
/* The separator line: sender and date. */
void mbox_take_from_line(MboxMessage *message, const MboxLine *line);

#endif
