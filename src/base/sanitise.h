/*
 * sanitise.h - the one place where text from outside becomes safe to show (law 4; THREATS.md 3).
 *
 * By allow-list: whatever is a letter, mark, number, punctuation, symbol or space passes; C0, C1 and DEL become '·' each (U+FFFD for invalid UTF-8), line ends and tabs as asked;
 * bidi embeddings and overrides are taken out and the text is closed in isolates where it holds right-to-left letters; zero-width and other format characters but ZWJ/ZWNJ between letters or emoji are taken out; more than
 * LIMIT_COMBINING_MARKS on one character are dropped; private use, unassigned, noncharacters and Tags become '·'. Any thread.
 */
#ifndef TERN_BASE_SANITISE_H
#define TERN_BASE_SANITISE_H

#include <glib.h>

typedef enum {
    SANITISE_LINE, /* one line: newlines and tabs become spaces */
    SANITISE_TEXT, /* several: '\n' stays, tabs become spaces up to the next multiple of 8 columns, CR before LF goes */
} SanitiseMode;

/* `bytes` of anything (-1: up to the NUL) as safe UTF-8, to be freed. Safe text comes out unchanged (idempotent). */
char *sanitise(const char *text, gssize bytes, SanitiseMode mode);

/* Whether sanitise() would change nothing; quick for plain text. */
gboolean sanitise_is_safe(const char *text, gssize bytes, SanitiseMode mode);

/* A file name from outside made one that can be written into a folder: no '/', no leading '.' or '-', no control, format or bidi characters, no device names, at most 200 bytes with its extension kept; "attachment" when nothing is left. To be freed. */
char *sanitise_file_name(const char *name);

#endif
