/* netwatch.c - see netwatch.h. */
#include "engine/netwatch.h"
#include "base/clock.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* A network is set up when nothing more was said for so long; but nobody waits for longer than the other. */
#define QUIET_US (300 * 1000)
#define LONGEST_US (2 * SECOND_US)
/* By how much boot time has to run ahead; the two clocks are not read at the same instant. */
#define SLEPT_US (2 * SECOND_US)
/* Things that are remembered; a router has more routes, and then all is news. */
#define REMEMBERED 2000

struct NetWatch {
    int netlink_fd, timer_fd;
    GHashTable *known;         /* GBytes: addresses, routes, links that are there */
    int64_t first_us, last_us; /* of the news that were not told yet; 0: none */
    int64_t slept_us;          /* boot time beyond monotonic time */
};

/* ---- what is said ---- */

/* What tells one address, route or link from another, without lifetimes and counters. */
typedef struct {
    guint16 kind; /* RTM_NEWADDR … */
    guint8 family, length, state;
    guint32 index;
    guint8 address[16], gateway[16];
} Identity;

static void copy_attribute(guint8 into[16], const struct rtattr *attribute)
{
    memcpy(into, RTA_DATA(attribute), MIN(RTA_PAYLOAD(attribute), 16));
}

/* The attributes behind a message's own header of `header` bytes; `on` is called for each. */
static void each_attribute(const struct nlmsghdr *message, gsize header,
                           void (*on)(const struct rtattr *attribute, Identity *identity), Identity *identity)
{
    int left = (int)NLMSG_PAYLOAD(message, header);
    const struct rtattr *attribute =
        (const struct rtattr *)(const void *)((const char *)NLMSG_DATA(message) + NLMSG_ALIGN(header));

    for (; left > 0 && RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        on(attribute, identity);
}

static void on_address(const struct rtattr *attribute, Identity *identity)
{
    if (attribute->rta_type == IFA_ADDRESS)
        copy_attribute(identity->address, attribute);
    else if (attribute->rta_type == IFA_LOCAL)
        copy_attribute(identity->gateway, attribute);
}

static gboolean identify_address(const struct nlmsghdr *message, Identity *identity)
{
    const struct ifaddrmsg *address = NLMSG_DATA(message);

    if (NLMSG_PAYLOAD(message, 0) < sizeof *address || address->ifa_scope == RT_SCOPE_HOST ||
        (address->ifa_flags & IFA_F_TENTATIVE))
        return FALSE;
    *identity = (Identity){.kind = RTM_NEWADDR,
                           .family = address->ifa_family,
                           .length = address->ifa_prefixlen,
                           .index = address->ifa_index};
    each_attribute(message, sizeof *address, on_address, identity);
    return TRUE;
}

static void on_route(const struct rtattr *attribute, Identity *identity)
{
    if (attribute->rta_type == RTA_DST)
        copy_attribute(identity->address, attribute);
    else if (attribute->rta_type == RTA_GATEWAY)
        copy_attribute(identity->gateway, attribute);
    else if (attribute->rta_type == RTA_OIF && RTA_PAYLOAD(attribute) >= sizeof identity->index)
        memcpy(&identity->index, RTA_DATA(attribute), sizeof identity->index);
}

static gboolean identify_route(const struct nlmsghdr *message, Identity *identity)
{
    const struct rtmsg *route = NLMSG_DATA(message);

    if (NLMSG_PAYLOAD(message, 0) < sizeof *route || route->rtm_type != RTN_UNICAST ||
        route->rtm_table == RT_TABLE_LOCAL || (route->rtm_flags & RTM_F_CLONED))
        return FALSE;
    *identity = (Identity){.kind = RTM_NEWROUTE, .family = route->rtm_family, .length = route->rtm_dst_len};
    each_attribute(message, sizeof *route, on_route, identity);
    return TRUE;
}

/* A link is there while it runs: carrier, association. */
static gboolean identify_link(const struct nlmsghdr *message, Identity *identity, gboolean *is_there)
{
    const struct ifinfomsg *link = NLMSG_DATA(message);

    if (NLMSG_PAYLOAD(message, 0) < sizeof *link || (link->ifi_flags & IFF_LOOPBACK))
        return FALSE;
    *identity = (Identity){.kind = RTM_NEWLINK, .index = (guint32)link->ifi_index};
    *is_there = *is_there && (link->ifi_flags & IFF_RUNNING);
    return TRUE;
}

static gboolean identify(const struct nlmsghdr *message, Identity *identity, gboolean *is_there)
{
    *is_there = message->nlmsg_type == RTM_NEWADDR || message->nlmsg_type == RTM_NEWROUTE ||
                message->nlmsg_type == RTM_NEWLINK;
    switch (message->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return identify_address(message, identity);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return identify_route(message, identity);
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return identify_link(message, identity, is_there);
    default:
        return FALSE;
    }
}

static gboolean take_one(NetWatch *watch, const struct nlmsghdr *message)
{
    Identity identity;
    gboolean is_there;

    if (!identify(message, &identity, &is_there))
        return FALSE;
    GBytes *key = g_bytes_new(&identity, sizeof identity);
    if (g_hash_table_size(watch->known) > REMEMBERED)
        g_hash_table_remove_all(watch->known);
    if (is_there)
        return g_hash_table_add(watch->known, key);
    g_hash_table_remove(watch->known, key);
    g_bytes_unref(key);
    return TRUE;
}

/* NLMSG_OK() without its comparison of different signs. */
static gboolean is_whole(const struct nlmsghdr *message, int left)
{
    return left >= (int)sizeof *message && message->nlmsg_len >= sizeof *message &&
           message->nlmsg_len <= (unsigned)left;
}

gboolean netwatch_take_message(NetWatch *watch, const void *bytes, gsize size)
{
    gboolean is_news = FALSE;
    int left = (int)size; /* below 0 after a last message whose end is not aligned */

    for (const struct nlmsghdr *message = bytes; is_whole(message, left); message = NLMSG_NEXT(message, left))
        is_news = take_one(watch, message) || is_news;
    return is_news;
}

/* ---- reading ---- */

static gboolean read_netlink(NetWatch *watch)
{
    /* As the kernel wants it: a message that is cut would be lost. */
    union {
        struct nlmsghdr header;
        char bytes[16 << 10];
    } buffer;
    gboolean is_news = FALSE;

    while (watch->netlink_fd >= 0) {
        const ssize_t n = recv(watch->netlink_fd, &buffer, sizeof buffer, MSG_DONTWAIT);
        if (n > 0)
            is_news = netwatch_take_message(watch, &buffer, (gsize)n) || is_news;
        else if (n < 0 && errno == ENOBUFS) /* so much happened that some of it was lost */
            is_news = TRUE;
        else if (n == 0 || errno != EINTR)
            break;
    }
    return is_news;
}

static gboolean has_slept(NetWatch *watch)
{
    const int64_t slept_us = clock_boot_us() - clock_now_us();
    const gboolean has = slept_us - watch->slept_us > SLEPT_US;

    watch->slept_us = slept_us;
    return has;
}

/* To be broken off when the time is set, which waking up does; it never ends by itself. */
static void arm_timer(NetWatch *watch)
{
    const struct itimerspec never = {.it_value = {.tv_sec = (time_t)G_MAXINT32 * 16}};
    guint64 count;

    if (watch->timer_fd < 0)
        return;
    (void)!read(watch->timer_fd, &count, sizeof count);
    timerfd_settime(watch->timer_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

NetWatchNews netwatch_look(NetWatch *watch, int64_t now_us)
{
    NetWatchNews news = NETWATCH_NOTHING;
    struct pollfd timer = {watch->timer_fd, POLLIN, 0};

    if (poll(&timer, 1, 0) > 0)
        arm_timer(watch);
    if (has_slept(watch))
        news |= NETWATCH_SLEPT;
    if (read_netlink(watch)) {
        watch->last_us = now_us;
        watch->first_us = watch->first_us ? watch->first_us : now_us;
    }
    if (now_us >= netwatch_due_us(watch)) {
        watch->first_us = watch->last_us = 0;
        news |= NETWATCH_NETWORK;
    }
    return news;
}

int64_t netwatch_due_us(const NetWatch *watch)
{
    return watch->first_us ? MIN(watch->last_us + QUIET_US, watch->first_us + LONGEST_US) : DEADLINE_NONE;
}

void netwatch_fds(const NetWatch *watch, struct pollfd fds[NETWATCH_FDS])
{
    fds[0] = (struct pollfd){.fd = watch->netlink_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = watch->timer_fd, .events = POLLIN};
}

/* ---- beginning and end ---- */

static int open_netlink(void)
{
    const struct sockaddr_nl groups = {.nl_family = AF_NETLINK,
                                       .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                                                    RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&groups, sizeof groups) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Asks for all that is there, so that it is known when it is said again. The answer comes like news and is
 * taken as such by nobody: it is read before the first look. */
static void learn(NetWatch *watch)
{
    static const guint16 KINDS[] = {RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE};

    for (gsize i = 0; watch->netlink_fd >= 0 && i < G_N_ELEMENTS(KINDS); i++) {
        struct {
            struct nlmsghdr header;
            struct rtgenmsg any;
        } request = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
                                .nlmsg_type = KINDS[i],
                                .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                                .nlmsg_seq = (guint32)i + 1}};
        if (send(watch->netlink_fd, &request, request.header.nlmsg_len, 0) < 0)
            return;
        read_netlink(watch);
    }
}

NetWatch *netwatch_new(void)
{
    NetWatch *watch = g_new0(NetWatch, 1);

    watch->known = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    watch->netlink_fd = open_netlink();
    watch->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    watch->slept_us = clock_boot_us() - clock_now_us();
    learn(watch);
    arm_timer(watch);
    return watch;
}

void netwatch_free(NetWatch *watch)
{
    if (!watch)
        return;
    if (watch->netlink_fd >= 0)
        close(watch->netlink_fd);
    if (watch->timer_fd >= 0)
        close(watch->timer_fd);
    g_hash_table_unref(watch->known);
    g_free(watch);
}
