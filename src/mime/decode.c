/* decode.c - see decode.h. */
#include "mime/decode.h"

#define PIECE_BYTES 16384

gboolean mime_decode(const char *bytes, gsize size, GMimeContentEncoding encoding, MimeSink sink, void *data)
{
    GMimeEncoding state;

    if (encoding < GMIME_CONTENT_ENCODING_BASE64)
        return size == 0 || sink(bytes, size, data);
    g_mime_encoding_init_decode(&state, encoding);
    g_autofree char *out = g_malloc(g_mime_encoding_outlen(&state, PIECE_BYTES) + 16);
    while (size) {
        gsize piece = MIN(size, PIECE_BYTES);
        gsize got = piece == size ? g_mime_encoding_flush(&state, bytes, piece, out)
                                  : g_mime_encoding_step(&state, bytes, piece, out);
        if (got && !sink(out, got, data))
            return FALSE;
        bytes += piece;
        size -= piece;
    }
    return TRUE;
}

static gboolean add_size(const char *bytes, gsize size, void *data)
{
    (void)bytes;
    *(gsize *)data += size;
    return TRUE;
}

gsize mime_decoded_size(const char *bytes, gsize size, GMimeContentEncoding encoding)
{
    gsize total = 0;

    mime_decode(bytes, size, encoding, add_size, &total);
    return total;
}
