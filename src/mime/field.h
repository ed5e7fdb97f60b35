/*
 * field.h - header fields as bytes: one after the other, and unfolded (RFC 5322 2.2).
 *
 * Nothing here copies but mime_field_unfold(); a field points into the header it came from. A header ends at
 * an empty line, or before the first line that can be no field: what comes then is body (as Python's email
 * and most mailers take it). Lines that mbox left ("From …", ">From …") are passed over. Linear; pure; any
 * thread.
 */
#ifndef TERN_MIME_FIELD_H
#define TERN_MIME_FIELD_H

#include <glib.h>

typedef struct {
    const char *name;
    gsize name_bytes;
    const char *value; /* what follows the colon, folds included, without the last line end */
    gsize value_bytes;
} MimeRawField;

typedef enum {
    MIME_LINE_FIELD,        /* begins a field */
    MIME_LINE_CONTINUATION, /* goes on with it; as the first line of a header it is no header */
    MIME_LINE_EMPTY,        /* the header's end */
    MIME_LINE_MBOX,         /* passed over */
    MIME_LINE_OTHER,        /* no header any more */
} MimeLineKind;

/* What one line (of a byte at least, up to `end`) would be in a header. *colon_out (may be NULL) for a
 * field. */
MimeLineKind mime_field_line(const char *line, const char *end, const char **colon_out);

/* The next field at *cursor, which moves on. FALSE at the header's end: *cursor is then where the body
 * begins. */
gboolean mime_field_next(const char **cursor, const char *end, MimeRawField *field);

/* Whether it has this name, in any case. */
gboolean mime_field_is(const MimeRawField *field, const char *name);
/* Whether nobody but its writer is to see it: Bcc, Resent-Bcc, and what tern notes in its drafts
 * (X-Tern-). */
gboolean mime_field_is_private(const MimeRawField *field);

/* The value on one line, to be freed: line ends taken out, white space before it dropped, the rest as it was.
 * NULs may be in it; *size_out (may be NULL) counts them. */
char *mime_field_unfold(const MimeRawField *field, gsize *size_out);

#endif
