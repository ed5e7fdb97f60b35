/* outgoing_private.h - what the files of an outgoing message share. */
#ifndef TERN_MIME_OUTGOING_PRIVATE_H
#define TERN_MIME_OUTGOING_PRIVATE_H

#include "mime/outgoing.h"
#include "mime/write_body.h"

/* RFC 5322, 2.1.1. */
#define MOST_LINE_BYTES 998

#define PIECE_BYTES (64 << 10)

struct MimeOutgoing {
    int fd;
    gboolean dot_ends, is_ended;
    gboolean is_line_start, has_cr; /* a CR was read that may belong to a line end; a '.' likewise */
    gboolean has_dot;
    char in[PIECE_BYTES];
    GString *header; /* with LF line ends, without the empty line */
    GString *rest;   /* of the body, read with the header */
    guint cut_line;  /* that ends the header though it is not empty, and no field; 0: an empty one does */
    MimeEnvelope *envelope;
    char *message_id;
};

/* Reads on what is in the body, up to an empty line, or as much as a header may have. STORE. */
gboolean outgoing_read_on(MimeOutgoing *message, GError **error);

/* What a body is like. */
typedef struct {
    gboolean has_8bit, has_bad_byte; /* NUL, CR without LF */
    gboolean has_long_line;
    gsize line_bytes; /* of the line that goes on */
} BodyScan;
void body_scan(BodyScan *scan, const char *bytes, gsize size);

/* A header as it goes out, of a header with LF line ends: without Bcc, all ASCII but addresses. Appends it.
 * FALSE: a list of addresses that had to be encoded is over LIMIT_ADDRESSES, and cut. */
gboolean outgoing_header(GString *into, const char *header, gsize size);
/* LIMIT: that; nobody is left out silently. */
void outgoing_fail_addresses(GError **error);

/* Makes a header one of a multipart/mixed with that boundary; what it said of the body is appended to `part`,
 * the header of its first part. Then the other parts, and the end. INPUT (a file cannot be read), STORE. */
void outgoing_wrap_header(GString *header, GString *part, const char *boundary, const MimeFileWants *files,
                          guint n);
gboolean outgoing_write_files(int fd, const char *boundary, const MimeFileWants *files, guint n,
                              GError **error);

/* Makes the bodies in a file fit to be sent, those that are not: writes it anew. `seven_bit`: 8-bit ones
 * are not. STORE. */
gboolean outgoing_mend(int fd, gboolean seven_bit, GError **error);

#endif
