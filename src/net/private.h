/*
 * private.h - what the files of net share. No other folder includes it, but for tests.
 *
 *     open.c         the public face: opening and closing
 *     stream.c       the public face: buffers, deadlines, the rule against deadlock
 *       layers.c     one step through the layers
 *         deflate.c  zlib above TLS, after COMPRESS
 *       transport.c  bytes on descriptors: send, recv, counters, SIGPIPE, socket options
 *       tls.c        OpenSSL above the transport
 *         verify.c   whom to trust, and the error that says why not
 *         identity.c the certificate of tern's own
 *         tickets.c  sessions to be resumed
 *       wait.c       poll(2), the only one
 *     connect.c      racing addresses (RFC 8305)
 *       resolve.c    names, looked up on helper threads
 *       socks.c      asking a proxy (RFC 1928, 1929)
 *     tunnel.c       a command instead of a connection
 *     peer.c         whom an error of a session is about, and what else speaks there
 *     trace.c        what --trace shows
 *
 * Everything runs on the stream's own thread; only the helpers of resolve.c and tunnel.c are others.
 */
#ifndef TERN_NET_PRIVATE_H
#define TERN_NET_PRIVATE_H

#include "net/stream.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

/* Bytes that gather before they are sent: one TLS record. */
#define NET_OUT_BYTES (16 << 10)
/* A read into the stream's own buffer. */
#define NET_IN_BYTES (16 << 10)

/* Of what the peer says first: enough to tell protocols apart. */
#define NET_FIRST_BYTES 16

typedef struct NetTls NetTls;
typedef struct NetDeflate NetDeflate;
typedef struct NetTunnel NetTunnel;

struct NetStream {
    char *host;  /* as the target says it */
    char *where; /* "host:port" for sentences, made safe */
    char *label; /* for the trace */
    char *ca_file, *pin, *client_cert, *client_key;
    char *tickets; /* under which TLS sessions are kept; NULL: none are */
    uint16_t port;
    NetSecurity security;

    int read_fd, write_fd; /* the same one for a socket */
    gboolean is_socket;
    gboolean is_given;          /* the descriptors came from outside */
    gboolean is_proxied;        /* the other end of the socket is a proxy */
    NetTunnel *tunnel;          /* NULL: none */
    NetTls *tls;                /* NULL: plain, or not yet */
    gboolean shows_certificate; /* the server asked for client_cert */
    NetDeflate *deflate;        /* NULL: not compressed */
    Cancel *cancel;
    int64_t timeout_us;
    NetCounters counters;

    GByteArray *in; /* read ahead; what is before in_start was handed out */
    gsize in_start;
    gboolean at_end; /* the peer will send no more */
    guint8 *out;     /* NET_OUT_BYTES; from out_start to out_end is not sent yet */
    gsize out_start, out_end;
    gboolean mask_input;
    char first[NET_FIRST_BYTES + 1]; /* what the peer said first, as the protocol read it; for peer.c */
    gsize first_bytes;

    GError *dead; /* why every call fails from now on; NULL: alive */
};

/* ---- open.c ---- */

/* The end of a tunnel, or an error over it, is most likely its command's. Whether *error is set
 * afterwards. */
gboolean net_stream_explain(NetStream *stream, GError **error);

/* ---- mute.c: a peer that says nothing ---- */

/* How long a read waits: the stream's timeout, but less for the first word in the clear on a port where TLS
 * comes first. */
int64_t net_patience_us(const NetStream *stream);
/* The error when that has passed. */
void net_set_silent(const NetStream *stream, GError **error);
/* The peer's end, on such a port before it said anything: TRUE and an error. */
gboolean net_explain_mute_end(const NetStream *stream, GError **error);

/* ---- wait.c ---- */

/* poll(2) until `deadline_us` or a cancel: how many are ready, 0 when the deadline passed, -1 and CANCELLED.
 * `fds` has room for one more at its end. */
int net_poll(struct pollfd *fds, guint n, Cancel *cancel, int64_t deadline_us, GError **error);

/* What an I/O function returns when it would block; *events_out then says what it waits for. */
#define NET_WOULD_BLOCK (-2)

/* Waits for what `events` (POLLIN, POLLOUT) says of the stream's descriptors, and for `wake` where not NULL.
 * The poll events that are there (POLLIN also for hang-ups) with NET_WAKE_READY for `wake`, 0 past the
 * deadline, -1 and an error. */
#define NET_WAKE_READY 0x10000
int net_wait_io(NetStream *stream, short events, Wake *wake, int64_t deadline_us, GError **error);

/* ---- transport.c: bytes as they are on the wire ---- */

/* Descriptors made ready for a stream: non-blocking, closed on exec, socket options. */
void net_transport_prepare(int fd);
/* Bytes moved; 0 is the peer's end; -1 and errno, EAGAIN when it would block. Never raise SIGPIPE. */
gssize net_transport_read(NetStream *stream, void *bytes, gsize size);
gssize net_transport_write(NetStream *stream, const void *bytes, gsize size);
/* The error for an errno of these. */
void net_transport_error(NetStream *stream, int saved_errno, GError **error);

/* ---- tls.c ---- */

/* Shakes TLS over the stream's transport by the deadline (the stream's timeout limits each wait in it
 * too). */
gboolean net_tls_start(NetStream *stream, int64_t deadline_us, GError **error);
/* As net_transport_*, but NET_WOULD_BLOCK with *events_out, or -1 and an error. */
gssize net_tls_read(NetStream *stream, void *bytes, gsize size, short *events_out, GError **error);
gssize net_tls_write(NetStream *stream, const void *bytes, gsize size, short *events_out, GError **error);
/* Sends close_notify where the socket takes it at once, and frees. */
void net_tls_free(NetTls *tls);

/* ---- layers.c, deflate.c ---- */

/* One step of reading or writing through all layers, or through those below compression: bytes moved
 * (reading: 0 at the peer's end), NET_WOULD_BLOCK with what it waits for in *events_out, or -1 and an
 * error. */
gssize net_step_read(NetStream *stream, void *bytes, gsize size, short *events_out, GError **error);
gssize net_step_write(NetStream *stream, const void *bytes, gsize size, short *events_out, GError **error);
gssize net_wire_read(NetStream *stream, void *bytes, gsize size, short *events_out, GError **error);
gssize net_wire_write(NetStream *stream, const void *bytes, gsize size, short *events_out, GError **error);
/* What the layers hold back goes out: 0 when it has. */
gssize net_step_flush(NetStream *stream, short *events_out, GError **error);

/* `ahead`: compressed bytes that were read already; `wire_at_end`: and nothing comes after them. */
NetDeflate *net_deflate_new(GBytes *ahead, gboolean wire_at_end);
void net_deflate_free(NetDeflate *deflate);
gssize net_deflate_read(NetStream *stream, void *bytes, gsize size, short *events_out, GError **error);
gssize net_deflate_write(NetStream *stream, const void *bytes, gsize size, short *events_out, GError **error);
gssize net_deflate_flush(NetStream *stream, short *events_out, GError **error);

/* ---- verify.c ---- */

/* What was found out about the peer's certificate while OpenSSL verified it. */
typedef struct {
    const char *pin; /* normalised; NULL: the chain counts */
    X509 *leaf;      /* NULL: none was shown */
    GArray *problems;
} NetVerdict;

void net_verdict_init(NetVerdict *verdict, const char *pin);
void net_verdict_clear(NetVerdict *verdict);
/* Sets up whom `context` and `ssl` trust for the stream's host; `verdict` must outlive `ssl`. */
gboolean net_verify_prepare(NetStream *stream, SSL_CTX *context, SSL *ssl, NetVerdict *verdict,
                            GError **error);
/* Whether the certificate is what made the handshake fail; sets the error then. */
gboolean net_verify_error(NetStream *stream, const NetVerdict *verdict, GError **error);
/* The host as it stands in certificates: ASCII, no final dot, no zone; *is_ip_out tells an address. NULL: no
 * host. */
char *net_verify_name(const char *host, gboolean *is_ip_out);
/* A pin as the user wrote it, in lower case and without colons, to be freed. */
char *net_pin_normalise(const char *pin);

/* ---- tickets.c ---- */

/* Under what the target's sessions are kept, to be freed; NULL: they are not. */
char *net_tickets_key(const NetTarget *target);
/* Before the handshake: keeps what the server gives, and resumes what it gave. */
void net_tickets_prepare(NetStream *stream, SSL_CTX *context, SSL *ssl);
/* A handshake failed: the next one is a whole one. */
void net_tickets_forget(const NetStream *stream);

/* ---- identity.c ---- */

/* Gives `context` the stream's own certificate, where it has one. FALSE and CONFIG. */
gboolean net_identity_prepare(NetStream *stream, SSL_CTX *context, GError **error);

/* ---- certificate.c: a certificate in words, made safe ---- */

char *net_certificate_names(X509 *certificate);
char *net_certificate_fingerprint(X509 *certificate);
/* "2026-11-24" in UTC. */
char *net_certificate_date(const ASN1_TIME *time);
/* Subject, issuer, dates and fingerprint, a line each, and how to pin it. */
char *net_certificate_describe(X509 *certificate);

/* ---- connect.c, resolve.c ---- */

typedef struct {
    struct sockaddr_storage address;
    socklen_t size;
} NetAddress;

/* A connected socket, or -1 and NETWORK or CANCELLED. */
int net_connect(const char *host, uint16_t port, const char *where, Cancel *cancel, int64_t deadline_us,
                GError **error);

/* Addresses kept of one family: a name server may send thousands. */
#define NET_MAX_ADDRESSES 16

/* A plain value, since it crosses threads: GLib's slices are not seen by ThreadSanitizer. */
typedef struct {
    NetAddress list[NET_MAX_ADDRESSES];
    guint n;
} NetAddresses;

/* getaddrinfo(3) for one family, blocking: fills *addresses_out (empty at first), returns 0 or an EAI_ code.
 * Tests put their own here. */
typedef int (*NetResolver)(const char *host, uint16_t port, int family, NetAddresses *addresses_out);
void net_set_resolver(NetResolver resolver);

typedef struct NetLookup NetLookup;
/* Looks a name up for one family on a helper thread; an address literal is done at once. */
NetLookup *net_lookup_start(const char *host, uint16_t port, int family, GError **error);
int net_lookup_fd(const NetLookup *lookup);
/* Whether it ended: then its addresses are in *addresses_out and its code in *status_out. */
gboolean net_lookup_take(NetLookup *lookup, NetAddresses *addresses_out, int *status_out);
/* Nobody waits any more; the helper goes on and frees what it holds. */
void net_lookup_abandon(NetLookup *lookup);

/* ---- socks.c ---- */

/* The client's half of SOCKS5, from greeting to being connected; knows no socket. */
typedef struct {
    const char *host, *user, *password; /* borrowed */
    const char *where;                  /* the proxy, for sentences; borrowed */
    uint16_t port;
    int step;
    guint8 out[3 + 255 + 255]; /* to be sent now: out_size bytes, 0: nothing */
    gsize out_size;
    guint8 in[5 + 255 + 2];
    gsize in_size;
    gsize want; /* bytes of the answer that are missing, as far as is known; 0: connected */
} NetSocks;

/* What to say first. FALSE and NETWORK when a proxy cannot be asked for that host. */
gboolean net_socks_begin(NetSocks *socks, const char *host, uint16_t port, const NetProxy *proxy,
                         const char *where, GError **error);
/* Takes bytes of the proxy's answer, `want` at most, after which out_size may say something new. FALSE and
 * why it does not connect: NETWORK, AUTH or PROTOCOL. */
gboolean net_socks_take(NetSocks *socks, const guint8 *bytes, gsize size, GError **error);
/* Does all that over a socket that is connected to the proxy. */
gboolean net_socks_shake(int fd, const char *host, uint16_t port, const NetProxy *proxy, const char *where,
                         Cancel *cancel, int64_t deadline_us, GError **error);

/* ---- tunnel.c ---- */

/* Runs the command; both descriptors are the stream's. NULL and an error. */
NetTunnel *net_tunnel_start(const char *command_line, const char *label, int *read_fd_out, int *write_fd_out,
                            GError **error);
/* The stream came to its end, or *error says that it failed: when the command has ended (it is given a moment
 * for that), *error becomes how it did. TRUE: *error is set. */
gboolean net_tunnel_explain(NetTunnel *tunnel, Cancel *cancel, GError **error);
/* Ends the command and its whole group, without waiting. NULL is allowed. */
void net_tunnel_close(NetTunnel *tunnel);

/* ---- trace.c ---- */

void net_trace_line(const NetStream *stream, const char *format, ...) G_GNUC_PRINTF(2, 3);
void net_trace_bytes(const NetStream *stream, char direction, const void *bytes, gsize size, gboolean secret);

#endif
