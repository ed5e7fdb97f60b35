/*
 * source.h - a message's file as it goes over the wire: read in pieces from its start, LF made CRLF, an end
 * of line at its end; with dots doubled for DATA (RFC 5321, 4.5.2). Private to smtp. Blocks on the disk.
 *
 * It is read twice: once to know its size and what is in it, then to be sent. Whoever writes into it
 * meanwhile gets an error, not a message of both.
 */
#ifndef TERN_SMTP_SOURCE_H
#define TERN_SMTP_SOURCE_H

#include <glib.h>
#include <stdint.h>

#define SOURCE_PIECE_BYTES (32 << 10)

typedef struct {
    int fd;
    gint64 at;
    gboolean doubles_dots, is_line_start, is_done;
    char last; /* byte that was read */
    char in[SOURCE_PIECE_BYTES];
    char out[SOURCE_PIECE_BYTES * 2 + 2];
} SmtpSource;

SmtpSource *smtp_source_new(int fd, gboolean doubles_dots);
/* The next piece in source->out: its size, 0 at the end, -1 and STORE. */
gssize smtp_source_next(SmtpSource *source, GError **error);

/* What has to be known before the first byte goes out. */
typedef struct {
    uint64_t size_bytes; /* without doubled dots: what SIZE and BDAT count */
    gboolean has_8bit, has_8bit_header;
    gboolean has_nul;
    gboolean
        has_bare_cr; /* some server may take it for the end of a line, and what follows for more than text */
} SmtpMeasure;

gboolean smtp_measure(int fd, SmtpMeasure *out, GError **error);

#endif
