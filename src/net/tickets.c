/*
 * tickets.c - TLS sessions that a later connection may resume: no certificates on the wire, nothing to be
 * verified anew, and under TLS 1.2 a round trip less. In memory only.
 *
 * Resuming skips verification, so a session is kept under all that it was verified by: whose account, which
 * host and port, which authorities (the file as it was then) or which pin. A connection that shows a
 * certificate of its own is never resumed: the server would not ask for it, and whether it still goes by it
 * nobody can know.
 *
 * A ticket of TLS 1.3 is used once (RFC 8446, C.4: used twice, two connections can be linked); servers send
 * two with each handshake. A session of TLS 1.2 is used again and again.
 */
#include "net/private.h"

#include <pthread.h>
#include <sys/stat.h>

/* Kept of one server, and servers: what is older goes. */
#define TICKETS 4
#define SERVERS 64
/* However long a server would take it: authorities lose trust, certificates are revoked. */
#define OLDEST_S (12 * 60 * 60)

/* Key to GPtrArray of SSL_SESSION, the newest last. */
static GHashTable *servers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

char *net_tickets_key(const NetTarget *target)
{
    struct stat file = {0};

    if (!target->account || target->client_cert)
        return NULL;
    if (target->ca_file && stat(target->ca_file, &file) < 0)
        return NULL;
    return g_strdup_printf(
        "%s\n%s\n%u\n%s %ld %ld %ld.%ld %ld\n%s", target->account, target->host ? target->host : "",
        target->port, target->ca_file ? target->ca_file : "", (long)file.st_dev, (long)file.st_ino,
        (long)file.st_mtim.tv_sec, file.st_mtim.tv_nsec, (long)file.st_size, target->pin ? target->pin : "");
}

static void free_session(gpointer session)
{
    SSL_SESSION_free(session);
}

static void free_sessions(gpointer sessions)
{
    g_ptr_array_unref(sessions);
}

static void keep(const char *key, SSL_SESSION *session)
{
    pthread_mutex_lock(&lock);
    if (!servers)
        servers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_sessions);
    GPtrArray *sessions = g_hash_table_lookup(servers, key);
    if (!sessions) {
        if (g_hash_table_size(servers) >= SERVERS)
            g_hash_table_remove_all(servers);
        sessions = g_ptr_array_new_with_free_func(free_session);
        g_hash_table_insert(servers, g_strdup(key), sessions);
    }
    if (sessions->len >= TICKETS)
        g_ptr_array_remove_index(sessions, 0);
    g_ptr_array_add(sessions, session);
    pthread_mutex_unlock(&lock);
}

/* Neither too old, nor from somebody whose certificate has expired meanwhile. */
static gboolean is_fresh(const SSL_SESSION *session)
{
    const long age_s = (long)(clock_wall_s() - SSL_SESSION_get_time(session));
    X509 *peer = SSL_SESSION_get0_peer((SSL_SESSION *)session);

    return SSL_SESSION_is_resumable(session) && age_s >= 0 &&
           age_s < MIN(SSL_SESSION_get_timeout(session), OLDEST_S) && peer &&
           X509_cmp_current_time(X509_get0_notAfter(peer)) > 0;
}

/* The newest, of which the caller gets a reference; NULL: none. */
static SSL_SESSION *take(const char *key)
{
    SSL_SESSION *found = NULL;

    pthread_mutex_lock(&lock);
    GPtrArray *sessions = servers ? g_hash_table_lookup(servers, key) : NULL;
    while (sessions && sessions->len && !found) {
        SSL_SESSION *last = g_ptr_array_index(sessions, sessions->len - 1);
        const gboolean is_fresh_one = is_fresh(last);
        if (is_fresh_one) {
            SSL_SESSION_up_ref(last);
            found = last;
        }
        if (!is_fresh_one || SSL_SESSION_get_protocol_version(last) >= TLS1_3_VERSION)
            g_ptr_array_remove_index(sessions, sessions->len - 1);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

/* OpenSSL has got a session: under TLS 1.3 while it reads, after the handshake. A copy, since the original is
 * spoilt when its connection is cut, which is when it is wanted most. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
    const NetStream *stream = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    SSL_SESSION *copy = SSL_SESSION_dup(session);

    if (copy)
        keep(stream->tickets, copy);
    return 0;
}

void net_tickets_prepare(NetStream *stream, SSL_CTX *context, SSL *ssl)
{
    if (!stream->tickets) {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        return;
    }
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context, stream);
    SSL_CTX_sess_set_new_cb(context, on_session);
    SSL_SESSION *session = take(stream->tickets);
    if (session)
        SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
}

void net_tickets_forget(const NetStream *stream)
{
    if (!stream->tickets)
        return;
    pthread_mutex_lock(&lock);
    if (servers)
        g_hash_table_remove(servers, stream->tickets);
    pthread_mutex_unlock(&lock);
}
