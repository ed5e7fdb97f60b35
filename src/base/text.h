/*
 * text.h - UTF-8 as people see it: characters (grapheme clusters), columns, words.
 *
 * All functions take valid UTF-8 (charset_to_utf8() makes it); libunistring knows Unicode. A column is a cell
 * of a terminal: wide East Asian characters and emoji take two, combining marks none, and an emoji that is
 * put together (a family, a flag, a skin tone) two as a whole. Pure; any thread. ASCII is fast, and nothing
 * takes more than linear time.
 */
#ifndef TERN_BASE_TEXT_H
#define TERN_BASE_TEXT_H

#include <glib.h>

/* Columns of `bytes` bytes of text (-1: up to the NUL). Control characters count 1 (sanitise() shows them as
 * one). */
int text_width_cols(const char *text, gssize bytes);

/* Bytes of the next grapheme cluster, 0 at the end; *width_out (may be NULL) its columns, 0 to 2. CR LF are
 * two; a cluster of spacing marks that would be wider than 2 is given in pieces. */
gsize text_next_grapheme(const char *text, gsize bytes, int *width_out);

/* How many bytes (of -1: up to the NUL) fit into `cols` columns, whole graphemes; *width_out (may be NULL)
 * the columns that they take. */
gsize text_fit(const char *text, gssize bytes, int cols, int *width_out);

/* Cut to `cols` columns with an ellipsis ("…", or "..." when `ascii`), to be freed. */
char *text_ellipsize(const char *text, int cols, gboolean ascii);
/* The same, then padded with spaces to exactly `cols`. */
char *text_pad(const char *text, int cols, gboolean ascii);

/* One line of wrapped text, by its place in it. */
typedef void (*TextLineFunc)(gsize offset, gsize length, int width_cols, void *data);

/* Wraps by words into lines of at most `cols` columns (2 at least) and calls `line` for each: once for empty
 * text. A newline ends a line. Breaks are those of UAX #14 (CJK between characters), but URLs are broken only
 * where they must. The space at a break belongs to neither line; the space that a paragraph begins with is
 * kept. A word longer than a line is broken between graphemes. */
void text_wrap(const char *text, gsize bytes, int cols, TextLineFunc line, void *data);

/* The same text for comparing by people's eyes: NFKC, case-folded; to be freed. */
char *text_fold(const char *text);

/* What a row shows of a person: the name; the address where there is none, or where the name shows an address
 * of another domain, by which many a mail passes for somebody else's. One of the two ("" for NULL). */
const char *text_person(const char *name, const char *address);

/* A subject without its leading "Re:", "Fwd:", "AW:" (a leading "[list]" stays): a pointer into it. */
const char *text_subject_base(const char *subject);

#endif
