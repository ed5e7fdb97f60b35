/*
 * tls.c - TLS by OpenSSL 3, never blocking: it reads and writes through a BIO of our own over transport.c, so
 * that counters, SIGPIPE and tunnels are dealt with in one place.
 *
 * OpenSSL reads ahead (many records in one system call). So poll(2) saying "nothing there" does not mean that
 * there is nothing to read: callers always try net_tls_read() before they wait.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"

#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>

/* Of OpenSSL's own read buffer: four records. */
#define READ_AHEAD_BYTES (64 << 10)

struct NetTls {
    SSL_CTX *context;
    SSL *ssl;
    char *pin; /* normalised */
    NetVerdict verdict;
    int transport_errno; /* of the last transport call that failed for good */
    gboolean transport_ended;
    gboolean is_up;      /* the handshake is through */
    gboolean has_failed; /* nothing may be sent any more */
};

/* ---- the BIO ---- */

static BIO_METHOD *bio_method;

static int bio_settle(BIO *bio, gssize n, int retry)
{
    NetStream *stream = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (n >= 0)
        return (int)n;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    else
        stream->tls->transport_errno = errno;
    return -1;
}

static int bio_read(BIO *bio, char *bytes, int size)
{
    NetStream *stream = BIO_get_data(bio);
    gssize n;

    /* OpenSSL goes on reading as long as records come that hold no data (key updates, tickets): a server that
     * sends nothing else must not keep it there. */
    if (cancel_is_triggered(stream->cancel)) {
        errno = ECANCELED;
        n = -1;
    } else {
        n = net_transport_read(stream, bytes, (gsize)size);
    }
    if (n == 0)
        stream->tls->transport_ended = TRUE;
    return bio_settle(bio, n, BIO_FLAGS_READ);
}

static int bio_write(BIO *bio, const char *bytes, int size)
{
    return bio_settle(bio, net_transport_write(BIO_get_data(bio), bytes, (gsize)size), BIO_FLAGS_WRITE);
}

static long bio_control(BIO *bio, int command, long number G_GNUC_UNUSED, void *pointer G_GNUC_UNUSED)
{
    NetStream *stream = BIO_get_data(bio);

    if (command == BIO_CTRL_EOF)
        return stream && stream->tls && stream->tls->transport_ended;
    return command == BIO_CTRL_FLUSH; /* nothing is kept back here */
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static void initialise(void)
{
    /* No clean-up at exit: a worker or an abandoned helper may still be inside OpenSSL then. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
    bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tern stream");
    if (!bio_method)
        g_error("OpenSSL: no memory");
    BIO_meth_set_read(bio_method, bio_read);
    BIO_meth_set_write(bio_method, bio_write);
    BIO_meth_set_ctrl(bio_method, bio_control);
    BIO_meth_set_create(bio_method, bio_create);
}

/* ---- set-up ---- */

static SSL_CTX *context_new(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (!context)
        return NULL;
    if (SSL_CTX_get_min_proto_version(context) < TLS1_2_VERSION)
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    /* 2: 112 bits, no SHA-1. A system that asks for more gets more, here and above. */
    if (SSL_CTX_get_security_level(context) < 2)
        SSL_CTX_set_security_level(context, 2);
    /* Renegotiation and compression (CRIME) are for nobody. */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD_BYTES);
    return context;
}

static gboolean set_up(NetStream *stream, NetTls *tls, GError **error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, initialise);
    ERR_clear_error();
    tls->context = context_new();
    if (tls->context && !net_identity_prepare(stream, tls->context, error))
        return FALSE;
    tls->ssl = tls->context ? SSL_new(tls->context) : NULL;
    BIO *bio = tls->ssl ? BIO_new(bio_method) : NULL;
    if (!bio) {
        tern_error_set(error, TERN_ERROR_TLS,
                       _("TLS cannot be used on this computer: OpenSSL does not start"));
        return FALSE;
    }
    BIO_set_data(bio, stream);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_connect_state(tls->ssl);
    if (!net_verify_prepare(stream, tls->context, tls->ssl, &tls->verdict, error))
        return FALSE;
    net_tickets_prepare(stream, tls->context, tls->ssl);
    return TRUE;
}

void net_tls_free(NetTls *tls)
{
    if (!tls)
        return;
    ERR_clear_error();
    if (tls->is_up && !tls->has_failed)
        SSL_shutdown(tls->ssl); /* one try: the peer's own goodbye is not waited for */
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->context);
    net_verdict_clear(&tls->verdict);
    g_free(tls->pin);
    g_free(tls);
}

/* ---- errors ---- */

/* What OpenSSL complains about, in words where it is a common case. */
static const struct {
    int reason;
    const char *text;
} REASONS[] = {
    {SSL_R_WRONG_VERSION_NUMBER, N_("it does not speak TLS on this port (or not yet: is STARTTLS meant?)")},
    {SSL_R_UNSUPPORTED_PROTOCOL, N_("it speaks only old versions of TLS; 1.2 is the least")},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, N_("it speaks only old versions of TLS; 1.2 is the least")},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, N_("no method of encryption is both safe and known to it")},
    {SSL_R_DH_KEY_TOO_SMALL, N_("its Diffie-Hellman key is too weak")},
    {SSL_R_WRONG_SIGNATURE_TYPE, N_("it signs by a broken method")},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, N_("it does not know this host name")},
};

static void set_reason(NetStream *stream, unsigned long code, GError **error)
{
    const char *text = ERR_reason_error_string(code);

    for (gsize i = 0; i < G_N_ELEMENTS(REASONS); i++)
        if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == REASONS[i].reason)
            text = _(REASONS[i].text);
    tern_error_set(error, TERN_ERROR_TLS, _("TLS with %s failed: %s"), stream->where,
                   text ? text : _("it broke the rules"));
}

static gboolean is_cut_short(unsigned long code)
{
    return ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

/* What an OpenSSL call that returned `result` means: NET_WOULD_BLOCK, 0 for the peer's end, -1 and an
 * error. */
static gssize settle(NetStream *stream, int result, short *events_out, GError **error)
{
    NetTls *tls = stream->tls;
    int kind = SSL_get_error(tls->ssl, result);
    unsigned long code = ERR_peek_error();

    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
        *events_out = kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
        return NET_WOULD_BLOCK;
    }
    if (kind == SSL_ERROR_ZERO_RETURN)
        return 0;
    tls->has_failed = TRUE;
    if (kind == SSL_ERROR_SSL && !is_cut_short(code)) {
        if (tls->is_up || !net_verify_error(stream, &tls->verdict, error))
            set_reason(stream, code, error);
    } else if (tls->transport_errno == ECANCELED) {
        cancel_check(stream->cancel, error);
    } else if (tls->transport_errno) {
        net_transport_error(stream, tls->transport_errno, error);
    } else if (tls->is_up) {
        return 0;
    } else {
        tern_error_set(error, TERN_ERROR_NETWORK, _("%s closed the connection while TLS was being set up"),
                       stream->where);
    }
    ERR_clear_error();
    return -1;
}

/* ---- handshake, reading, writing ---- */

static gboolean shake(NetStream *stream, int64_t deadline_us, GError **error)
{
    for (;;) {
        short events = 0;
        ERR_clear_error();
        int result = SSL_do_handshake(stream->tls->ssl);
        if (result == 1)
            return TRUE;
        if (settle(stream, result, &events, error) != NET_WOULD_BLOCK) {
            /* A polite goodbye before the first hello's answer. */
            if (error && !*error)
                tern_error_set(error, TERN_ERROR_NETWORK,
                               _("%s closed the connection while TLS was being set up"), stream->where);
            return FALSE;
        }
        int64_t until_us = MIN(deadline_us, clock_now_us() + stream->timeout_us);
        int ready = net_wait_io(stream, events, NULL, until_us, error);
        if (ready < 0)
            return FALSE;
        if (ready == 0) {
            tern_error_set(error, TERN_ERROR_NETWORK, _("%s does not answer while TLS is being set up"),
                           stream->where);
            return FALSE;
        }
    }
}

gboolean net_tls_start(NetStream *stream, int64_t deadline_us, GError **error)
{
    NetTls *tls = stream->tls = g_new0(NetTls, 1);

    tls->pin = stream->pin ? net_pin_normalise(stream->pin) : NULL;
    net_verdict_init(&tls->verdict, tls->pin);
    if (!set_up(stream, tls, error) || !shake(stream, deadline_us, error)) {
        tls->has_failed = TRUE;
        net_tickets_forget(stream);
        return FALSE;
    }
    tls->is_up = TRUE;
    net_trace_line(stream, "%s %s%s", SSL_get_version(tls->ssl), SSL_get_cipher_name(tls->ssl),
                   SSL_session_reused(tls->ssl) ? ", resumed" : "");
    return TRUE;
}

gssize net_tls_read(NetStream *stream, void *bytes, gsize size, short *events_out, GError **error)
{
    size_t n = 0;

    ERR_clear_error();
    int result = SSL_read_ex(stream->tls->ssl, bytes, size, &n);
    return result == 1 ? (gssize)n : settle(stream, result, events_out, error);
}

gssize net_tls_write(NetStream *stream, const void *bytes, gsize size, short *events_out, GError **error)
{
    size_t n = 0;

    if (stream->tls->has_failed) {
        net_transport_error(stream, EPIPE, error);
        return -1;
    }
    ERR_clear_error();
    int result = SSL_write_ex(stream->tls->ssl, bytes, size, &n);
    if (result == 1)
        return (gssize)n;
    gssize settled = settle(stream, result, events_out, error);
    if (settled != 0)
        return settled;
    net_transport_error(stream, EPIPE, error);
    return -1;
}

/* ---- what others ask about the connection ---- */

gboolean net_stream_is_tls(const NetStream *stream)
{
    return stream->tls && stream->tls->is_up;
}

const char *net_stream_tls_version(const NetStream *stream)
{
    return net_stream_is_tls(stream) ? SSL_get_version(stream->tls->ssl) : NULL;
}

gboolean net_stream_is_resumed(const NetStream *stream)
{
    return net_stream_is_tls(stream) && SSL_session_reused(stream->tls->ssl);
}

gboolean net_stream_is_pinned(const NetStream *stream)
{
    return net_stream_is_tls(stream) && stream->tls->pin;
}

/* RFC 9266. Only under TLS 1.3: for 1.2 servers disagree on whether an empty context is one. */
static GBytes *exporter_binding(SSL *ssl)
{
    static const char label[] = "EXPORTER-Channel-Binding";
    guint8 bytes[32];

    if (SSL_version(ssl) != TLS1_3_VERSION ||
        SSL_export_keying_material(ssl, bytes, sizeof bytes, label, sizeof label - 1, NULL, 0, 0) != 1)
        return NULL;
    return g_bytes_new(bytes, sizeof bytes);
}

/* RFC 5929: the first Finished message, the client's unless the session was resumed. Under TLS 1.2 it binds
 * nothing without the extended master secret (triple handshake). */
static GBytes *unique_binding(SSL *ssl)
{
    guint8 bytes[EVP_MAX_MD_SIZE];

    if (SSL_version(ssl) != TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1)
        return NULL;
    size_t size = SSL_session_reused(ssl) ? SSL_get_peer_finished(ssl, bytes, sizeof bytes)
                                          : SSL_get_finished(ssl, bytes, sizeof bytes);
    return size > 0 && size <= sizeof bytes ? g_bytes_new(bytes, size) : NULL;
}

GBytes *net_stream_channel_binding(NetStream *stream, const char *type)
{
    if (!net_stream_is_tls(stream))
        return NULL;
    if (strcmp(type, "tls-exporter") == 0)
        return exporter_binding(stream->tls->ssl);
    if (strcmp(type, "tls-unique") == 0)
        return unique_binding(stream->tls->ssl);
    return NULL;
}
