/*
 * resolve.c - names to addresses on helper threads, one for each address family.
 *
 * getaddrinfo(3) cannot be cancelled and may take half a minute, so it runs on a detached thread. What it
 * finds is in a struct that both sides hold by reference: whoever asked may leave at any time.
 */
#include "net/private.h"
#include "base/thread.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* NSS modules (LDAP, systemd-resolved) run on this stack. */
#define HELPER_STACK_BYTES (512 << 10)

struct NetLookup {
    atomic_int references;
    char *host;
    uint16_t port;
    int family;
    Wake *done;
    pthread_mutex_t lock; /* for the next three */
    gboolean has_ended;
    NetAddresses addresses;
    int status;
};

/* RFC 6761, 6.3: localhost is this machine, whatever a hosts file (a bare chroot has none) or a name server
 * says; a password may go to it without TLS, so nobody else's answer may count. */
static gboolean is_this_machine(const char *host)
{
    return g_ascii_strcasecmp(host, "localhost") == 0 || g_ascii_strcasecmp(host, "localhost.") == 0;
}

static int resolve_by_system(const char *host, uint16_t port, int family, NetAddresses *addresses_out)
{
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];

    g_snprintf(service, sizeof service, "%u", port);
    int status = getaddrinfo(is_this_machine(host) ? NULL : host, service, &hints, &found);
    if (status != 0)
        return status;
    for (struct addrinfo *a = found; a && addresses_out->n < NET_MAX_ADDRESSES; a = a->ai_next) {
        NetAddress *address = &addresses_out->list[addresses_out->n];
        if (a->ai_addrlen > sizeof address->address)
            continue;
        memcpy(&address->address, a->ai_addr, a->ai_addrlen);
        address->size = a->ai_addrlen;
        addresses_out->n++;
    }
    freeaddrinfo(found);
    return 0;
}

static gboolean is_literal(const char *host)
{
    guint8 address[sizeof(struct in6_addr)];

    /* A zone ("fe80::1%eth0") comes only with literals. */
    return strchr(host, '%') || inet_pton(AF_INET6, host, address) == 1 ||
           inet_pton(AF_INET, host, address) == 1;
}

static _Atomic(NetResolver) resolver = resolve_by_system;

void net_set_resolver(NetResolver replacement)
{
    atomic_store(&resolver, replacement ? replacement : resolve_by_system);
}

static void unref(NetLookup *lookup)
{
    if (atomic_fetch_sub(&lookup->references, 1) != 1)
        return;
    g_free(lookup->host);
    wake_unref(lookup->done);
    pthread_mutex_destroy(&lookup->lock);
    g_free(lookup);
}

static void run(void *data)
{
    NetLookup *lookup = data;
    NetAddresses addresses = {.n = 0};
    NetResolver resolve = is_literal(lookup->host) ? resolve_by_system : atomic_load(&resolver);
    int status = resolve(lookup->host, lookup->port, lookup->family, &addresses);

    if (status == 0 && addresses.n == 0)
        status = EAI_NONAME;
    pthread_mutex_lock(&lookup->lock);
    lookup->addresses = addresses;
    lookup->status = status;
    lookup->has_ended = TRUE;
    pthread_mutex_unlock(&lookup->lock);
    wake_set(lookup->done);
    unref(lookup);
}

NetLookup *net_lookup_start(const char *host, uint16_t port, int family, GError **error)
{
    NetLookup *lookup = g_new0(NetLookup, 1);

    atomic_init(&lookup->references, 2);
    lookup->host = g_strdup(host);
    lookup->port = port;
    lookup->family = family;
    lookup->done = wake_new();
    pthread_mutex_init(&lookup->lock, NULL);
    if (is_literal(host)) {
        run(lookup);
        return lookup;
    }
    if (!thread_start_detached("resolve", HELPER_STACK_BYTES, run, lookup, error)) {
        unref(lookup);
        unref(lookup);
        return NULL;
    }
    return lookup;
}

int net_lookup_fd(const NetLookup *lookup)
{
    return wake_fd(lookup->done);
}

gboolean net_lookup_take(NetLookup *lookup, NetAddresses *addresses_out, int *status_out)
{
    pthread_mutex_lock(&lookup->lock);
    gboolean has_ended = lookup->has_ended;
    if (has_ended) {
        *addresses_out = lookup->addresses;
        *status_out = lookup->status;
    }
    pthread_mutex_unlock(&lookup->lock);
    return has_ended;
}

void net_lookup_abandon(NetLookup *lookup)
{
    if (lookup)
        unref(lookup);
}
