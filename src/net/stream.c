/*
 * stream.c - the public face: buffers, deadlines, the rule against deadlock. Opening and closing is in
 * open.c.
 *
 * The rule: while tern waits for the peer to take bytes, it takes what the peer sends (up to
 * LIMIT_NET_READ_AHEAD_BYTES). A server that answers a pipeline before it reads on would otherwise stand
 * still with both buffers full, and so would tern.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <string.h>

/* ---- life and death ---- */

/* Keeps the error for all later calls, and hands it on. */
static void die(NetStream *stream, GError *failure, GError **error)
{
    net_stream_explain(stream, &failure);
    net_trace_line(stream, "%s", failure->message);
    stream->dead = failure;
    if (error)
        *error = g_error_copy(failure);
}

/* What each call begins with. */
static gboolean is_usable(NetStream *stream, GError **error)
{
    GError *failure = NULL;

    if (stream->dead) {
        if (error)
            *error = g_error_copy(stream->dead);
        return FALSE;
    }
    if (cancel_check(stream->cancel, &failure)) {
        die(stream, failure, error);
        return FALSE;
    }
    return TRUE;
}

/* ---- what was read ahead ---- */

static gsize buffered(const NetStream *stream)
{
    return stream->in->len - stream->in_start;
}

/* Reads once into the stream's own buffer. As net_step_read(). */
static gssize fill(NetStream *stream, short *events_out, GError **error)
{
    guint before = stream->in->len;

    g_byte_array_set_size(stream->in, before + NET_IN_BYTES);
    gssize n = net_step_read(stream, stream->in->data + before, NET_IN_BYTES, events_out, error);
    g_byte_array_set_size(stream->in, before + (guint)MAX(n, 0));
    if (n == 0)
        stream->at_end = TRUE;
    return n;
}

/* From the buffer to the caller. */
static gsize take_buffered(NetStream *stream, void *bytes, gsize size)
{
    gsize n = MIN(size, buffered(stream));

    memcpy(bytes, stream->in->data + stream->in_start, n);
    stream->in_start += n;
    if (buffered(stream) == 0) {
        /* What was read ahead in a long pipeline is given back. */
        if (stream->in->len > 4 * NET_IN_BYTES) {
            g_byte_array_unref(stream->in);
            stream->in = g_byte_array_new();
        }
        g_byte_array_set_size(stream->in, 0);
        stream->in_start = 0;
    }
    return n;
}

/* ---- writing ---- */

/* The peer takes nothing for now: takes what it sends instead, and else waits. `events` is what writing waits
 * for. */
static gboolean give_way(NetStream *stream, short events, GError **error)
{
    /* Tried before waiting, since poll(2) does not see what OpenSSL has read already. */
    if (!stream->at_end && buffered(stream) < LIMIT_NET_READ_AHEAD_BYTES) {
        short read_events = 0;
        gssize n = fill(stream, &read_events, error);
        if (n == -1)
            return FALSE;
        if (n > 0)
            return TRUE;
        /* Not where reading itself waits for room to write (a key update's answer): it would be called in
         * vain. */
        if (n == NET_WOULD_BLOCK && read_events == POLLIN)
            events |= POLLIN;
    }
    int ready = net_wait_io(stream, events, NULL, clock_now_us() + stream->timeout_us, error);
    if (ready == 0)
        net_set_silent(stream, error);
    return ready > 0;
}

/* All of it. */
static gboolean send_all(NetStream *stream, const guint8 *bytes, gsize size, GError **error)
{
    while (size > 0) {
        short events = 0;
        gssize n = net_step_write(stream, bytes, size, &events, error);
        if (n == -1)
            return FALSE;
        if (n == NET_WOULD_BLOCK) {
            if (!give_way(stream, events, error))
                return FALSE;
            continue;
        }
        bytes += n;
        size -= (gsize)n;
    }
    return TRUE;
}

/* What has gathered, into the layers below. */
static gboolean send_out(NetStream *stream, GError **error)
{
    gsize size = stream->out_end;

    if (size == 0)
        return TRUE;
    stream->out_end = 0;
    gboolean ok = send_all(stream, stream->out, size, error);
    explicit_bzero(stream->out, size); /* a password may have been in it */
    return ok;
}

/* The same, and nothing stays in the layers either. */
static gboolean flush_out(NetStream *stream, GError **error)
{
    if (!send_out(stream, error))
        return FALSE;
    for (;;) {
        short events = 0;
        gssize n = net_step_flush(stream, &events, error);
        if (n != NET_WOULD_BLOCK)
            return n == 0;
        if (!give_way(stream, events, error))
            return FALSE;
    }
}

gboolean net_stream_flush(NetStream *stream, GError **error)
{
    GError *failure = NULL;

    if (!is_usable(stream, error))
        return FALSE;
    if (flush_out(stream, &failure))
        return TRUE;
    die(stream, failure, error);
    return FALSE;
}

gboolean net_stream_write(NetStream *stream, const void *bytes, gsize size, gboolean secret, GError **error)
{
    GError *failure = NULL;

    if (!is_usable(stream, error))
        return FALSE;
    /* Implicit TLS over a tunnel: nothing goes out in the clear by a forgotten call. */
    if (stream->security == NET_TLS && !net_stream_is_tls(stream)) {
        tern_error_set(error, TERN_ERROR_BUG, _("%s: written to before TLS"), stream->where);
        return FALSE;
    }
    net_trace_bytes(stream, '>', bytes, size, secret);
    stream->counters.text_sent += size;
    if (size > NET_OUT_BYTES - stream->out_end && !send_out(stream, &failure))
        goto failed;
    if (size >= NET_OUT_BYTES) {
        if (!send_all(stream, bytes, size, &failure))
            goto failed;
        return TRUE;
    }
    if (size > 0)
        memcpy(stream->out + stream->out_end, bytes, size);
    stream->out_end += size;
    return TRUE;
failed:
    die(stream, failure, error);
    return FALSE;
}

/* ---- reading ---- */

/* Straight into the caller's bytes; waits for them. */
static gssize receive(NetStream *stream, void *bytes, gsize size, GError **error)
{
    int64_t until_us = clock_now_us() + net_patience_us(stream);

    for (;;) {
        short events = 0;
        gssize n = net_step_read(stream, bytes, size, &events, error);
        if (n == 0)
            stream->at_end = TRUE;
        if (n != NET_WOULD_BLOCK)
            return n;
        int ready = net_wait_io(stream, events, NULL, until_us, error);
        if (ready == 0)
            net_set_silent(stream, error);
        if (ready <= 0)
            return -1;
    }
}

/* What peer.c knows a protocol by. */
static void keep_first(NetStream *stream, const void *bytes, gsize size)
{
    const gsize n = MIN(size, NET_FIRST_BYTES - stream->first_bytes);

    memcpy(stream->first + stream->first_bytes, bytes, n);
    stream->first_bytes += n;
}

gssize net_stream_read(NetStream *stream, void *bytes, gsize size, GError **error)
{
    GError *failure = NULL;
    gssize n = -1;

    if (!is_usable(stream, error))
        return -1;
    if (flush_out(stream, &failure)) {
        if (buffered(stream) > 0)
            n = (gssize)take_buffered(stream, bytes, size);
        else if (stream->at_end)
            return 0;
        else
            n = receive(stream, bytes, size, &failure);
    }
    if (n == 0 && (net_stream_explain(stream, &failure) || net_explain_mute_end(stream, &failure)))
        n = -1;
    if (n < 0)
        die(stream, failure, error);
    else if (n == 0)
        net_trace_line(stream, "the peer's end");
    else
        net_trace_bytes(stream, '<', bytes, (gsize)n, stream->mask_input);
    keep_first(stream, bytes, (gsize)MAX(n, 0));
    stream->counters.text_received += (uint64_t)MAX(n, 0);
    return n;
}

/* ---- waiting ---- */

static int wait_readable(NetStream *stream, Wake *wake, int64_t deadline_us, GError **error)
{
    for (;;) {
        short events = POLLIN;
        gboolean readable = stream->at_end || buffered(stream) > 0;
        if (!readable) {
            gssize n = fill(stream, &events, error);
            if (n == -1)
                return NET_ERROR;
            readable = n != NET_WOULD_BLOCK;
        }
        int ready = net_wait_io(stream, readable ? 0 : events, wake, readable ? 0 : deadline_us, error);
        if (ready < 0)
            return NET_ERROR;
        int result = (readable ? NET_READABLE : 0) | ((ready & NET_WAKE_READY) ? NET_WOKEN : 0);
        if (result)
            return result;
        if (ready == 0)
            return NET_TIMED_OUT;
    }
}

int net_stream_wait(NetStream *stream, Wake *wake, int64_t deadline_us, GError **error)
{
    GError *failure = NULL;
    int result = NET_ERROR;

    if (!is_usable(stream, error))
        return NET_ERROR;
    if (flush_out(stream, &failure))
        result = wait_readable(stream, wake, deadline_us, &failure);
    if (result == NET_ERROR)
        die(stream, failure, error);
    return result;
}

/* ---- STARTTLS ---- */

/* Whatever came before the handshake was sent in the clear, after the server's OK: it is not the server's. */
static gboolean is_clean(NetStream *stream, GError **error)
{
    short events = 0;

    if (buffered(stream) == 0 && !stream->at_end && fill(stream, &events, error) == -1)
        return FALSE;
    if (buffered(stream) == 0)
        return TRUE;
    tern_error_set(
        error, TERN_ERROR_TLS,
        _("%s sent something between agreeing to TLS and starting it; somebody may be in the middle"),
        stream->where);
    return FALSE;
}

gboolean net_stream_start_tls(NetStream *stream, GError **error)
{
    GError *failure = NULL;

    if (!is_usable(stream, error))
        return FALSE;
    if (stream->tls || stream->deflate || stream->security == NET_PLAIN) {
        tern_error_set(error, TERN_ERROR_BUG, _("%s: TLS is not to be started here"), stream->where);
        return FALSE;
    }
    if (flush_out(stream, &failure) && is_clean(stream, &failure) &&
        net_tls_start(stream, clock_now_us() + stream->timeout_us, &failure))
        return TRUE;
    die(stream, failure, error);
    return FALSE;
}

/* ---- COMPRESS ---- */

/* What was read since the server's OK, by the protocol and then here: it is compressed already. */
static GBytes *take_ahead(NetStream *stream, const void *ahead, gsize size)
{
    GByteArray *all = g_byte_array_new();

    g_byte_array_append(all, ahead, (guint)size);
    g_byte_array_append(all, stream->in->data + stream->in_start, (guint)buffered(stream));
    g_byte_array_set_size(stream->in, 0);
    stream->in_start = 0;
    return g_byte_array_free_to_bytes(all);
}

gboolean net_stream_compress(NetStream *stream, const void *ahead, gsize size, GError **error)
{
    GError *failure = NULL;

    if (!is_usable(stream, error))
        return FALSE;
    if (stream->deflate || (stream->security != NET_PLAIN && !net_stream_is_tls(stream))) {
        tern_error_set(error, TERN_ERROR_BUG, _("%s: compression is not to be started here"), stream->where);
        return FALSE;
    }
    if (!flush_out(stream, &failure)) {
        die(stream, failure, error);
        return FALSE;
    }
    g_autoptr(GBytes) bytes = take_ahead(stream, ahead, size);
    stream->deflate = net_deflate_new(bytes, stream->at_end);
    stream->at_end = FALSE;
    stream->counters.text_received -= size;
    net_trace_line(stream, "compressed from here on");
    return TRUE;
}

gboolean net_stream_is_compressed(const NetStream *stream)
{
    return stream->deflate != NULL;
}

/* ---- the rest ---- */

NetSecurity net_stream_security(const NetStream *stream)
{
    return stream->security;
}

const char *net_stream_host(const NetStream *stream)
{
    return stream->host;
}

void net_stream_set_timeout(NetStream *stream, int64_t timeout_us)
{
    stream->timeout_us = timeout_us;
}

int64_t net_stream_timeout(const NetStream *stream)
{
    return stream->timeout_us;
}

void net_stream_mask_input(NetStream *stream, gboolean on)
{
    stream->mask_input = on;
}

NetCounters net_stream_counters(const NetStream *stream)
{
    return stream->counters;
}
