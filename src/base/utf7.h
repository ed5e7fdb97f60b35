/*
 * utf7.h - folder names on the wire and on disk (Maildir++): modified UTF-7 (RFC 3501, 5.1.3) to UTF-8 and
 * back.
 *
 * The raw name is what commands use, byte for byte as the server spelled it; what is decoded is for people. A
 * raw name counts as modified UTF-7 only when encoding its text again gives the same bytes, so that two
 * folders never decode to one name. `also`: ASCII characters that are to be written as base64 too, since they
 * mean something else where the name stands ("." in Maildir++); "" on the wire. Pure; any thread.
 */
#ifndef TERN_BASE_UTF7_H
#define TERN_BASE_UTF7_H

#include <glib.h>

/* To UTF-8, to be freed; NULL when `raw` is no modified UTF-7 in its one right form (a lone surrogate, base64
 * that is not needed or cut short, 8-bit bytes, control characters). */
char *utf7_decode(const char *raw, const char *also);

/* Valid UTF-8 to modified UTF-7, to be freed. */
char *utf7_encode(const char *name, const char *also);

/* A name for people from any raw name, to be freed; always valid UTF-8: decoded; else as it is where it is
 * UTF-8 (servers with UTF8=ACCEPT, and some without it); else with "\xNN" for each byte that is not. */
char *utf7_show(const char *raw);

#endif
