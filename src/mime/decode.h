/*
 * decode.h - a part's transfer encoding undone, piece by piece. Private to src/mime/.
 */
#ifndef TERN_MIME_DECODE_H
#define TERN_MIME_DECODE_H

#include "mime/message.h"

#include <glib.h>
#include <gmime/gmime-encodings.h>

/* Hands all of it to `sink` in order. FALSE when the sink said so. Damaged encodings give what can be
 * read. */
gboolean mime_decode(const char *bytes, gsize size, GMimeContentEncoding encoding, MimeSink sink, void *data);

/* How many bytes that would be. */
gsize mime_decoded_size(const char *bytes, gsize size, GMimeContentEncoding encoding);

#endif
