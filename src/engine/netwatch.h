/*
 * netwatch.h - noticing that the machine has another network, or that it slept; private to the engine.
 *
 * Netlink tells of addresses, links and routes; what is said again and again (router advertisements, scans)
 * is no news. News comes in bursts while a network is set up: they are one change, told when it has been
 * quiet for a moment. Sleep is seen by boot time that ran ahead of monotonic time; a timer that the kernel
 * breaks off when it wakes up makes sure that somebody looks. Nothing here wakes anybody as long as nothing
 * happens. One thread.
 */
#ifndef TERN_ENGINE_NETWATCH_H
#define TERN_ENGINE_NETWATCH_H

#include <glib.h>
#include <poll.h>
#include <stdint.h>

typedef struct NetWatch NetWatch;

/* Never NULL; where the system gives no netlink (a sandbox), only sleep is noticed. */
NetWatch *netwatch_new(void);
void netwatch_free(NetWatch *watch);

/* What to poll, -1 where there is nothing to. */
#define NETWATCH_FDS 2
void netwatch_fds(const NetWatch *watch, struct pollfd fds[NETWATCH_FDS]);
/* When to look at the latest, though no descriptor is ready; DEADLINE_NONE as long as nothing is up. */
int64_t netwatch_due_us(const NetWatch *watch);

typedef enum {
    NETWATCH_NOTHING = 0,
    NETWATCH_NETWORK = 1,
    NETWATCH_SLEPT = 2,
} NetWatchNews;
/* Reads what is there, and says what is new since the last call. To be called at each wake, whatever it was:
 * that costs two clocks. */
NetWatchNews netwatch_look(NetWatch *watch, int64_t now_us);

/* For tests: one netlink message as it came. Whether it is news. */
gboolean netwatch_take_message(NetWatch *watch, const void *message, gsize size);

#endif
