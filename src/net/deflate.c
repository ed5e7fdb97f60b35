/*
 * deflate.c - COMPRESS=DEFLATE (RFC 4978): raw deflate (RFC 1951) both ways, between the protocol and TLS.
 *
 * Nothing is unpacked that nobody asked for: inflate() writes into the reader's own bytes, so that the limits
 * of the protocols count what was unpacked, and a bomb costs whoever sends it more than it costs tern. A
 * stream of blocks that hold nothing would keep the reader busy without end; it is ended.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"

#include <string.h>
#include <zlib.h>

/* Both windows are the whole 32 KB that deflate has; what tern sends is little but for APPEND. */
#define RAW_WINDOW_BITS (-15)
#define MEMORY_LEVEL 8
/* What comes compressed and holds nothing: an honest server flushes with 5 bytes. */
#define EMPTY_BYTES (1 << 20)

struct NetDeflate {
    z_stream in, out;
    guint8 *raw;  /* NET_IN_BYTES, compressed, from the wire; in.next_in points into it */
    guint8 *pack; /* NET_OUT_BYTES, compressed; from pack_start to pack_end is not sent yet */
    gsize pack_start, pack_end;
    GBytes *ahead;         /* compressed bytes that were read before the layer stood; NULL: used up */
    gsize empty_bytes;     /* taken since the last byte that was unpacked */
    gboolean may_hold;     /* inflate() filled all it was given: it may have more without more input */
    gboolean wire_at_end;  /* the peer will send no more */
    gboolean is_unflushed; /* deflate() was given something since the last flush */
};

NetDeflate *net_deflate_new(GBytes *ahead, gboolean wire_at_end)
{
    NetDeflate *layer = g_new0(NetDeflate, 1);

    if (inflateInit2(&layer->in, RAW_WINDOW_BITS) != Z_OK ||
        deflateInit2(&layer->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        g_error("zlib: no memory");
    layer->raw = g_malloc(NET_IN_BYTES);
    layer->pack = g_malloc(NET_OUT_BYTES);
    layer->wire_at_end = wire_at_end;
    layer->ahead = g_bytes_ref(ahead);
    gsize size;
    layer->in.next_in = (guint8 *)g_bytes_get_data(ahead, &size);
    layer->in.avail_in = (uInt)size;
    return layer;
}

void net_deflate_free(NetDeflate *layer)
{
    if (!layer)
        return;
    inflateEnd(&layer->in);
    deflateEnd(&layer->out);
    g_bytes_unref(layer->ahead);
    g_free(layer->raw);
    g_free(layer->pack);
    g_free(layer);
}

/* ---- reading ---- */

/* More compressed bytes, once the last are used up. As net_wire_read(). */
static gssize refill(NetStream *stream, short *events_out, GError **error)
{
    NetDeflate *layer = stream->deflate;

    if (layer->wire_at_end)
        return 0;
    /* A server that sends nothing but empty blocks must not keep a cancelled stream here. */
    if (cancel_check(stream->cancel, error))
        return -1;
    gssize n = net_wire_read(stream, layer->raw, NET_IN_BYTES, events_out, error);
    if (n == 0)
        layer->wire_at_end = TRUE;
    if (n > 0) {
        layer->in.next_in = layer->raw;
        layer->in.avail_in = (uInt)n;
    }
    return n;
}

/* Unpacks what is there into the reader's bytes: how many, -1 and an error when it is not deflate; the end of
 * the peer's deflate stream is its end. */
static gssize unpack(NetStream *stream, void *bytes, gsize size, GError **error)
{
    NetDeflate *layer = stream->deflate;
    const uInt before = layer->in.avail_in;
    const uInt room = (uInt)MIN(size, (gsize)G_MAXINT);

    layer->in.next_out = bytes;
    layer->in.avail_out = room;
    int status = inflate(&layer->in, Z_SYNC_FLUSH);
    const gsize n = room - layer->in.avail_out;
    layer->may_hold = layer->in.avail_out == 0;
    layer->empty_bytes = n > 0 ? 0 : layer->empty_bytes + (before - layer->in.avail_in);
    if (status == Z_STREAM_END) {
        layer->wire_at_end = TRUE;
        layer->in.avail_in = 0;
        layer->may_hold = FALSE;
    } else if ((status != Z_OK && status != Z_BUF_ERROR) || layer->empty_bytes > EMPTY_BYTES) {
        tern_error_set(error, TERN_ERROR_PROTOCOL,
                       _("%s sends something compressed (COMPRESS=DEFLATE) that cannot be unpacked"),
                       stream->where);
        return -1;
    }
    return (gssize)n;
}

gssize net_deflate_read(NetStream *stream, void *bytes, gsize size, short *events_out, GError **error)
{
    NetDeflate *layer = stream->deflate;

    for (;;) {
        if (layer->in.avail_in == 0 && !layer->may_hold) {
            gssize n = refill(stream, events_out, error);
            if (n <= 0)
                return n;
        }
        gssize n = unpack(stream, bytes, size, error);
        if (n != 0)
            return n;
    }
}

/* ---- writing ---- */

/* Sends what is packed: 0 when all is gone, NET_WOULD_BLOCK, or -1 and an error. */
static gssize send_packed(NetStream *stream, short *events_out, GError **error)
{
    NetDeflate *layer = stream->deflate;

    while (layer->pack_start < layer->pack_end) {
        gssize n = net_wire_write(stream, layer->pack + layer->pack_start,
                                  layer->pack_end - layer->pack_start, events_out, error);
        if (n < 0)
            return n;
        layer->pack_start += (gsize)n;
    }
    layer->pack_start = layer->pack_end = 0;
    return 0;
}

/* Packs into the empty `pack`; whether deflate() may have more to say. */
static gboolean pack(NetDeflate *layer, int flush)
{
    layer->out.next_out = layer->pack;
    layer->out.avail_out = NET_OUT_BYTES;
    (void)deflate(&layer->out, flush); /* Z_BUF_ERROR: there was nothing to do */
    layer->pack_end = NET_OUT_BYTES - layer->out.avail_out;
    return layer->out.avail_out == 0;
}

gssize net_deflate_write(NetStream *stream, const void *bytes, gsize size, short *events_out, GError **error)
{
    NetDeflate *layer = stream->deflate;

    gssize n = send_packed(stream, events_out, error);
    if (n < 0)
        return n;
    layer->out.next_in = (guint8 *)bytes;
    layer->out.avail_in = (uInt)MIN(size, (gsize)NET_OUT_BYTES);
    const uInt given = layer->out.avail_in;
    layer->is_unflushed = TRUE;
    pack(layer, Z_NO_FLUSH);
    return (gssize)(given - layer->out.avail_in);
}

gssize net_deflate_flush(NetStream *stream, short *events_out, GError **error)
{
    NetDeflate *layer = stream->deflate;

    for (;;) {
        gssize n = send_packed(stream, events_out, error);
        if (n < 0 || !layer->is_unflushed)
            return n;
        layer->out.avail_in = 0;
        layer->is_unflushed = pack(layer, Z_SYNC_FLUSH);
    }
}
