/*
 * stream.h - one byte stream to a server: connect, TLS, read, write, wait, cancel.
 *
 *        protocol (imap, pop3, smtp)
 *            |  net_stream_read / write / flush / wait
 *        [ inflate/deflate ]      pushed by net_stream_compress()
 *        [ TLS             ]      at once, or pushed by STARTTLS
 *        [ socket          ]      raced over IPv6 and IPv4, to the host or to a proxy; or a tunnel's
 *
 * A stream belongs to one worker thread and is used in straight-line code: each call blocks until it is done,
 * until the inactivity timeout passes (TERN_ERROR_NETWORK), or until the stream's Cancel is triggered
 * (CANCELLED, within 10 ms). There is one place that waits, net_stream_wait(). After any error but LIMIT of a
 * single call the stream is dead: every later call fails in the same way, and all that is left is
 * net_stream_close().
 *
 * TLS asked for is TLS or an error: nothing here falls back (THREATS.md 1). Errors say host and port. A
 * certificate that is not trusted gives an error of several lines: the first says why, the others subject,
 * issuer, dates, SHA-256 and how to pin it; whoever has room for one line shows the first. The peer's words
 * in it are made safe.
 */
#ifndef TERN_NET_STREAM_H
#define TERN_NET_STREAM_H

#include "base/cancel.h"
#include "base/clock.h"
#include "base/wake.h"

#include <glib.h>
#include <stdint.h>

typedef struct NetStream NetStream;

typedef enum {
    NET_PLAIN,    /* no TLS, ever (loopback, or insecure = yes) */
    NET_TLS,      /* implicit TLS (RFC 8314) */
    NET_STARTTLS, /* plain until net_stream_start_tls() */
} NetSecurity;

/* A SOCKS5 proxy (RFC 1928). It looks the host's name up: nothing about it goes past the proxy. */
typedef struct {
    const char *host; /* NULL: none */
    uint16_t port;
    const char *user, *password; /* RFC 1929; NULL: none */
} NetProxy;

/* Where to connect and whom to trust. Borrowed strings; copied by net_stream_open(). */
typedef struct {
    const char *host; /* name or address literal; what the certificate is checked against */
    uint16_t port;
    NetSecurity security;
    const char *ca_file;     /* PEM with the only authorities to trust; NULL: the system's */
    const char *pin;         /* lower-case hex SHA-256 of the one certificate to trust instead; NULL: none */
    const char *client_cert; /* PEM: a certificate of one's own, with its chain; NULL: none */
    const char *client_key;  /* PEM: its key; NULL: it stands in the same file */
    const char
        *account; /* whose TLS sessions may be resumed by this connection; NULL: none, and none are kept */
    const char *label;  /* who speaks, for the trace: "imap work/1" */
    const char *tunnel; /* a command line to talk to instead of connecting (sh -c); NULL: none */
    NetProxy proxy;
} NetTarget;

/* Connects by `deadline_us`: names are looked up in a helper (an abandoned lookup does not hold anyone),
 * addresses raced as RFC 8305 says, TLS shaken where the target wants it at once. `cancel` may be NULL; it is
 * kept. Where the target has a tunnel, its command is started instead: what it says on standard error goes to
 * the trace, and its last line into the error should it end; it is ended with the stream. NULL and NETWORK
 * (unknown host, refused, timed out), TLS (with reason, subject, issuer, dates, fingerprint), AUTH (the proxy
 * does not let in), CONFIG (the tunnel's command does not exist), or CANCELLED. The caller closes the
 * stream. */
NetStream *net_stream_open(const NetTarget *target, Cancel *cancel, int64_t deadline_us, GError **error);

/* A stream over two descriptors that are already there (a tunnel's pipes, a socketpair in tests), which may
 * be the same; takes them over. Shakes no TLS: where the target wants it, net_stream_start_tls() comes
 * first. */
NetStream *net_stream_from_fds(int read_fd, int write_fd, const NetTarget *target, Cancel *cancel);

/* Says goodbye to TLS without waiting, closes, frees. NULL is allowed. */
void net_stream_close(NetStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetStream, net_stream_close)

/* Shakes TLS on a NET_STARTTLS stream after the server agreed. A byte that already waits unread was put there
 * by someone in the middle: TLS error (THREATS.md 1). */
gboolean net_stream_start_tls(NetStream *stream, GError **error);
gboolean net_stream_is_tls(const NetStream *stream);
/* "TLSv1.3", or NULL without TLS. */
const char *net_stream_tls_version(const NetStream *stream);
/* Whether the TLS session of an earlier connection was resumed. */
gboolean net_stream_is_resumed(const NetStream *stream);
/* Whether the peer was known by its pinned certificate: then nobody can stand in the middle, whatever
 * authorities do. */
gboolean net_stream_is_pinned(const NetStream *stream);
/* Whether the server asked who tern is, and was shown client_cert. */
gboolean net_stream_shows_certificate(const NetStream *stream);
/* Whether the peer is on this machine: a loopback address, not a proxy's, or descriptors that are no network
 * socket. */
gboolean net_stream_is_local(const NetStream *stream);
/* Whether a command stands between: the only place where a server may say that one is logged in already
 * (PREAUTH). Descriptors handed over count as one. */
gboolean net_stream_is_tunnel(const NetStream *stream);

/* What the target said, for protocols: how it is to be secured, and the host's name (service name of
 * SASL). */
NetSecurity net_stream_security(const NetStream *stream);
const char *net_stream_host(const NetStream *stream);

/* How long one wait for the peer may take without any progress; NET_TIMEOUT_US by default. A peer's first
 * word in the clear on a port where TLS comes first (993, 995, 465) is not waited for longer than 10 s: the
 * error names the scheme that is most likely meant. */
#define NET_TIMEOUT_US (60 * SECOND_US)
void net_stream_set_timeout(NetStream *stream, int64_t timeout_us);
int64_t net_stream_timeout(const NetStream *stream);

/* At least one and at most `size` bytes: how many, 0 at the peer's end of the stream, -1 and an error.
 * Flushes first what was written. The end of a TLS connection without its goodbye counts as an end too
 * (servers do that); protocols here know by themselves whether an answer was whole. */
gssize net_stream_read(NetStream *stream, void *bytes, gsize size, GError **error);

/* Queues bytes; sends when some 16 KB have gathered. `secret` bytes are masked in the trace. While the peer
 * takes nothing, what it sends is read ahead (LIMIT_NET_READ_AHEAD_BYTES), so that pipelining cannot
 * deadlock. */
gboolean net_stream_write(NetStream *stream, const void *bytes, gsize size, gboolean secret, GError **error);
gboolean net_stream_flush(NetStream *stream, GError **error);

/* While on, what comes in is masked in the trace (SASL challenges). */
void net_stream_mask_input(NetStream *stream, gboolean on);

typedef enum {
    NET_ERROR = 0,
    NET_READABLE = 1, /* net_stream_read() would not block (bytes, or the peer's end) */
    NET_WOKEN = 2,    /* `wake` is set; still set, the caller clears it */
    NET_TIMED_OUT = 4 /* the deadline passed */
} NetReady;

/* Waits for bytes from the peer, for `wake` (may be NULL), or for the deadline, whichever is first (a set of
 * NetReady). Flushes first what was written. NET_ERROR and an error when the stream died or was cancelled.
 * This is how a worker idles; the inactivity timeout does not count here. */
int net_stream_wait(NetStream *stream, Wake *wake, int64_t deadline_us, GError **error);

/* Compresses both ways from here on (RFC 4978), once the server has agreed to it; `ahead` are the bytes that
 * the protocol has read after that answer, which are compressed already. What comes is unpacked only into
 * what a reader asks for, so the protocol's own limits hold for it; what is no deflate is a PROTOCOL error.
 * The trace goes on showing the text. To be begun after TLS and login: a password compressed with other text
 * could be guessed from the length, so TLS cannot be started any more. BUG when it is compressed already, or
 * TLS is still to come. */
gboolean net_stream_compress(NetStream *stream, const void *ahead, gsize size, GError **error);
gboolean net_stream_is_compressed(const NetStream *stream);

/* Bytes so far: on the wire, TLS included, and as the protocol read and wrote them. */
typedef struct {
    uint64_t received, sent;
    uint64_t text_received, text_sent;
} NetCounters;
NetCounters net_stream_counters(const NetStream *stream);

/* Channel binding of the TLS connection for SASL -PLUS: "tls-exporter" (RFC 9266, TLS 1.3) or "tls-unique"
 * (RFC 5929; under TLS 1.2 only with the extended master secret, and under TLS 1.3 as servers like Cyrus 3.6
 * have it); newly allocated, or NULL where this connection has no such binding. */
GBytes *net_stream_channel_binding(NetStream *stream, const char *type);

#endif
