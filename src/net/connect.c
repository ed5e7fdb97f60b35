/*
 * connect.c - one connected socket out of all addresses of a host (RFC 8305, "happy eyeballs").
 *
 * Both families are looked up at once. IPv6 goes first; where IPv4 is known earlier, it waits
 * RESOLUTION_DELAY_US for IPv6. Then an address is tried every ATTEMPT_DELAY_US, or at once when the one
 * before failed, families taking turns; the first that connects wins, the others are closed.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#define RESOLUTION_DELAY_US (50 * 1000)
#define ATTEMPT_DELAY_US (250 * 1000)
#define MAX_ATTEMPTS 32

enum { V6, V4, FAMILIES };
static const int FAMILY[FAMILIES] = {[V6] = AF_INET6, [V4] = AF_INET};

/* One family: its lookup, then its addresses, `next` being the first that was not tried. */
typedef struct {
    NetLookup *lookup; /* NULL: ended */
    NetAddresses addresses;
    guint next;
    int status;
} Family;

typedef struct {
    const char *host, *where; /* for sentences, made safe */
    Family families[FAMILIES];
    int attempts[MAX_ATTEMPTS]; /* sockets that are connecting; -1: ended */
    guint n_attempts;
    int turn;                 /* the family whose turn it is */
    int64_t first_address_us; /* when the first address was known; DEADLINE_NONE: none yet */
    int64_t next_attempt_us;
    int last_errno; /* why the last attempt failed; 0: none failed */
} Race;

static void race_start(Race *race, const char *host, uint16_t port)
{
    race->first_address_us = DEADLINE_NONE;
    for (int f = 0; f < FAMILIES; f++) {
        /* Without a thread the name counts as not found for now. */
        race->families[f].lookup = net_lookup_start(host, port, FAMILY[f], NULL);
        race->families[f].status = EAI_AGAIN;
    }
}

static void race_end(Race *race)
{
    for (int f = 0; f < FAMILIES; f++)
        net_lookup_abandon(race->families[f].lookup);
    for (guint i = 0; i < race->n_attempts; i++)
        if (race->attempts[i] >= 0)
            close(race->attempts[i]);
}

static void take_lookups(Race *race)
{
    for (int f = 0; f < FAMILIES; f++) {
        Family *family = &race->families[f];
        if (!family->lookup || !net_lookup_take(family->lookup, &family->addresses, &family->status))
            continue;
        net_lookup_abandon(g_steal_pointer(&family->lookup));
        if (family->status != 0)
            family->addresses.n = 0;
        else if (race->first_address_us == DEADLINE_NONE)
            race->first_address_us = clock_now_us();
    }
}

static const NetAddress *peek_address(const Family *family)
{
    return family->next < family->addresses.n ? &family->addresses.list[family->next] : NULL;
}

static gboolean is_looking_up(const Race *race)
{
    return race->families[V6].lookup || race->families[V4].lookup;
}

static gboolean is_connecting(const Race *race)
{
    for (guint i = 0; i < race->n_attempts; i++)
        if (race->attempts[i] >= 0)
            return TRUE;
    return FALSE;
}

/* Whether there is an address left to try. */
static gboolean has_next(const Race *race)
{
    return race->n_attempts < MAX_ATTEMPTS &&
           (peek_address(&race->families[V6]) || peek_address(&race->families[V4]));
}

/* When the next attempt may start, given that there is an address; at most "now" means at once. */
static int64_t next_attempt_us(const Race *race)
{
    if (race->n_attempts == 0 && race->families[V6].lookup)
        return race->first_address_us + RESOLUTION_DELAY_US;
    return is_connecting(race) ? race->next_attempt_us : 0;
}

/* The next address need not wait for its time then. */
static void note_failure(Race *race, int saved_errno)
{
    race->last_errno = saved_errno;
    race->next_attempt_us = 0;
}

/* Starts the next address. The socket when it connected at once (the kernel may, on loopback), else -1. */
static int start_attempt(Race *race)
{
    const NetAddress *address = peek_address(&race->families[race->turn]);
    if (!address)
        race->turn = race->turn == V6 ? V4 : V6;
    Family *family = &race->families[race->turn];
    address = peek_address(family);
    family->next++;
    race->turn = race->turn == V6 ? V4 : V6;
    race->next_attempt_us = clock_now_us() + ATTEMPT_DELAY_US;

    int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        note_failure(race, errno);
        return -1;
    }
    net_transport_prepare(fd);
    if (connect(fd, (const struct sockaddr *)&address->address, address->size) == 0)
        return fd;
    if (errno != EINPROGRESS) {
        note_failure(race, errno);
        close(fd);
        return -1;
    }
    race->attempts[race->n_attempts++] = fd;
    return -1;
}

/* A socket that poll(2) says is done: the winner, or -1 when it failed. */
static int settle_attempt(Race *race, guint i)
{
    int fd = race->attempts[i], failure = 0;
    socklen_t size = sizeof failure;

    race->attempts[i] = -1;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0)
        return fd;
    note_failure(race, failure ? failure : errno);
    close(fd);
    return -1;
}

/* Waits for lookups, attempts, or the time of the next attempt. The winner, -1 when there is none yet, -2 and
 * an error when cancelled. */
static int race_wait(Race *race, int64_t until_us, Cancel *cancel, GError **error)
{
    struct pollfd fds[FAMILIES + MAX_ATTEMPTS + 1];

    for (int f = 0; f < FAMILIES; f++) {
        const NetLookup *lookup = race->families[f].lookup;
        fds[f] = (struct pollfd){.fd = lookup ? net_lookup_fd(lookup) : -1, .events = POLLIN};
    }
    for (guint i = 0; i < race->n_attempts; i++)
        fds[FAMILIES + i] = (struct pollfd){.fd = race->attempts[i], .events = POLLOUT};
    if (net_poll(fds, FAMILIES + race->n_attempts, cancel, until_us, error) < 0)
        return -2;
    for (guint i = 0; i < race->n_attempts; i++) {
        int winner = fds[FAMILIES + i].revents ? settle_attempt(race, i) : -1;
        if (winner >= 0)
            return winner;
    }
    return -1;
}

static void set_lookup_error(const Race *race, GError **error)
{
    int status = race->families[V4].status;

    /* "No address of this family" is no news when the other family had another trouble. */
    if (status == EAI_NODATA || status == EAI_ADDRFAMILY || status == EAI_NONAME)
        status = race->families[V6].status;
    if (status == EAI_AGAIN)
        tern_error_set(error, TERN_ERROR_NETWORK,
                       _("cannot look up %s: no name server answers; is the network up?"), race->host);
    else if (status == EAI_NONAME || status == EAI_NODATA || status == EAI_ADDRFAMILY)
        tern_error_set(error, TERN_ERROR_NETWORK, _("there is no host %s; is the name spelled right?"),
                       race->host);
    else
        tern_error_set(error, TERN_ERROR_NETWORK, _("cannot look up %s: %s"), race->host,
                       gai_strerror(status));
}

static void set_failure(const Race *race, GError **error)
{
    if (race->last_errno == 0)
        set_lookup_error(race, error);
    else if (race->last_errno == ECONNREFUSED)
        tern_error_set(error, TERN_ERROR_NETWORK,
                       _("%s refused the connection: nothing listens there, or a firewall says no"),
                       race->where);
    else
        tern_error_set_errno(error, TERN_ERROR_NETWORK, race->last_errno, _("cannot connect to %s"),
                             race->where);
}

static void set_timeout(const Race *race, GError **error)
{
    if (race->n_attempts == 0)
        tern_error_set(error, TERN_ERROR_NETWORK, _("looking up %s took too long; is the network up?"),
                       race->host);
    else
        tern_error_set(error, TERN_ERROR_NETWORK, _("%s does not answer"), race->where);
}

/* The socket, or -1 and an error. */
static int race_run(Race *race, Cancel *cancel, int64_t deadline_us, GError **error)
{
    for (;;) {
        take_lookups(race);
        int64_t start_us = has_next(race) ? next_attempt_us(race) : DEADLINE_NONE;
        if (start_us <= clock_now_us()) {
            int winner = start_attempt(race);
            if (winner >= 0)
                return winner;
            continue;
        }
        if (start_us == DEADLINE_NONE && !is_looking_up(race) && !is_connecting(race)) {
            set_failure(race, error);
            return -1;
        }
        int winner = race_wait(race, MIN(start_us, deadline_us), cancel, error);
        if (winner != -1)
            return winner;
        if (clock_now_us() >= deadline_us) {
            set_timeout(race, error);
            return -1;
        }
    }
}

int net_connect(const char *host, uint16_t port, const char *where, Cancel *cancel, int64_t deadline_us,
                GError **error)
{
    g_autofree char *ascii = g_hostname_to_ascii(host);
    g_autofree char *shown = sanitise(host, -1, SANITISE_LINE);
    Race race = {.host = shown, .where = where};

    if (cancel_check(cancel, error))
        return -1;
    if (!ascii) {
        tern_error_set(error, TERN_ERROR_NETWORK, _("%s cannot be the name of a host"), where);
        return -1;
    }
    race_start(&race, ascii, port);
    int fd = race_run(&race, cancel, deadline_us, error);
    race_end(&race);
    return fd < 0 ? -1 : fd;
}
