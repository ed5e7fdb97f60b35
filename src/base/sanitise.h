/*
 * sanitise.h - the one place where text from outside becomes safe to show (law 4; THREATS.md 3).
 *
 * By allow-list: letters, marks, numbers, punctuation, symbols and spaces pass. Controls (C0, C1, DEL) become
 * '·' each, as do private use, unassigned characters and Tags; invalid UTF-8 becomes U+FFFD; line ends and
 * tabs go as asked. Bidi controls and other invisible characters are taken out, but for ZWJ and ZWNJ between
 * letters or emoji and one variation selector on a character. Of the marks on one character
 * LIMIT_COMBINING_MARKS stay, and a mark that begins a line gets a dotted circle to stand on. A line that
 * holds right-to-left letters is put between FSI and PDI, so that nothing beside it moves. Safe text comes
 * out unchanged. Any thread.
 */
#ifndef TERN_BASE_SANITISE_H
#define TERN_BASE_SANITISE_H

#include <glib.h>

typedef enum {
    SANITISE_LINE, /* one line: newlines and tabs become spaces */
    /* several: '\n' stays, tabs become spaces up to the next multiple of 8 columns, CR before LF goes */
    SANITISE_TEXT,
    /* as TEXT, without FSI and PDI: for who cuts it into other lines and isolates each of them */
    SANITISE_OPEN,
} SanitiseMode;

#define SANITISE_ISOLATE "\xE2\x81\xA8"     /* U+2068 FSI */
#define SANITISE_ISOLATE_END "\xE2\x81\xA9" /* U+2069 PDI */

/* `bytes` of anything (-1: up to the NUL) as safe UTF-8, to be freed. */
char *sanitise(const char *text, gssize bytes, SanitiseMode mode);

/* Whether sanitise() would change nothing; quick for plain text. */
gboolean sanitise_is_safe(const char *text, gssize bytes, SanitiseMode mode);

/* Whether a piece of safe text holds right-to-left letters, and so has to stand between FSI and PDI. */
gboolean sanitise_needs_isolate(const char *text, gsize bytes);

/* A file name from outside made one that can be written into a folder: what follows the last '/' or '\',
 * without a leading '.', '-' or '~', without controls, invisible characters and what shells and other systems
 * take for something else; no device names; at most 200 bytes, the extension kept; "attachment" when nothing
 * is left. To be freed. */
char *sanitise_file_name(const char *name);

#endif
