/*
 * log.h - the trace that --trace FILE asks for: the wire and what tern made of it, one line each, secrets
 * masked.
 *
 * Off unless opened; log_is_on() is cheap enough to ask before formatting. Lines begin with date and time of
 * this place, to the ms, and a source ("imap work/1"). Control bytes come out escaped (\r \n \xNN), so the file is safe to
 * read in a terminal. Any thread.
 */
#ifndef TERN_BASE_LOG_H
#define TERN_BASE_LOG_H

#include <glib.h>
#include <stddef.h>

/* Opens (appends to) the trace file, 0600. One for the process. */
gboolean log_open(const char *path, GError **error);
void log_close(void);
gboolean log_is_on(void);

/* One line of news. */
void log_line(const char *source, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Bytes that went out ('>') or came in ('<'); long ones are cut, with their length said. */
void log_bytes(const char *source, char direction, const void *data, size_t size);

#endif
