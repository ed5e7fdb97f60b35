/* write_private.h - what write_body.c and write_file.c share: the inside of a MimeWriter. */
#ifndef TERN_MIME_WRITE_PRIVATE_H
#define TERN_MIME_WRITE_PRIVATE_H

#include "mime/write_body.h"

/* RFC 5322 2.1.1, without the line's end. */
#define LINE_BYTES 998

struct MimeWriter {
    int fd;
    GString *buffer;
    GError *error;
};

/* A piece of base64, in lines; `state` and `save` are 0 at first. Then what is left of it. */
void mime_writer_add_base64(MimeWriter *writer, const guchar *bytes, gsize size, int *state, int *save);
void mime_writer_end_base64(MimeWriter *writer, int *state, int *save);

/* A field as mime_write_value() has it; what it refuses is the writer's error. */
void mime_writer_add_value(MimeWriter *writer, const char *field, const char *value,
                           const char *const *parameters);

#endif
