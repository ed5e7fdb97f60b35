/*
 * write_body.h - the bodies of a message that is made: text in the smallest charset and encoding, files
 * streamed.
 *
 *      header fields (write.h) ──> MimeWriter ──> descriptor, with LF at every line end
 *      text, files, messages   ──/
 *
 * No line is longer than 998 bytes, nothing but LF ends one, and what is not ASCII is encoded unless
 * a part may be 8bit: so a relay has nothing to rewrite, and a signature over it holds. A file never stands
 * in memory. After the first error a writer drops what comes; mime_writer_close() tells it. Blocks on the
 * disk.
 */
#ifndef TERN_MIME_WRITE_BODY_H
#define TERN_MIME_WRITE_BODY_H

#include <glib.h>

typedef struct MimeWriter MimeWriter;

/* Writes to `fd`, which stays the caller's. `text` handed in has LF. */
MimeWriter *mime_writer_new(int fd);
void mime_writer_add(MimeWriter *writer, const char *text, gssize bytes);
/* The writer's end: all is written, or FALSE and the first error (STORE, INPUT). */
gboolean mime_writer_close(MimeWriter *writer, GError **error);

/* A boundary that nobody can guess; to be freed. */
char *mime_boundary_new(void);

typedef struct {
    const char *subtype; /* "plain", "html" */
    gboolean is_flowed;  /* it is in the form of RFC 3676 already: says so */
    gboolean may_8bit;   /* the way is known to be 8-bit clean */
} MimeTextWants;

/* A text part: its fields, an empty line, the text (UTF-8 with LF, a last line end added where it is
 * missing). The smallest charset of us-ascii, iso-8859-1 and utf-8; 7bit where that is enough, else what is
 * smaller of quoted-printable and base64. */
void mime_write_text_part(MimeWriter *writer, const char *text, MimeTextWants wants);

typedef struct {
    const char *path;
    const char *name;        /* "" or NULL: none */
    const char *type;        /* "application/pdf"; text and message types get what they need beside it */
    const char *description; /* NULL: none */
    const char *content_id;  /* without brackets; NULL: none */
    gboolean is_inline;
    void (*progress)(gsize bytes, void *data); /* NULL: nobody asks; after each piece */
    void *progress_data;
} MimeFileWants;

/* A file as a part. A message stays a readable one (message/rfc822) unless it could not travel as it is.
 * FALSE: the file could not be opened or read (INPUT, with its name), or its name has no place in a header;
 * remembered, too. */
gboolean mime_write_file_part(MimeWriter *writer, const MimeFileWants *wants);

/* A file's bytes, line ends made LF, from byte `offset` on. */
gboolean mime_write_file(MimeWriter *writer, const char *path, gsize offset);

/* Part of a text as base64 or quoted-printable, for tests; to be freed. */
char *mime_quoted_printable(const char *bytes, gsize size);

#endif
