/* test-engine-netwatch.c - which netlink messages are news, bursts, sleep; and a namespace of its own, where
 * it may. */
#include "base/clock.h"
#include "engine/netwatch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef union {
    struct nlmsghdr header;
    char bytes[512];
} Message;

static void add(Message *message, unsigned short type, const void *data, size_t size)
{
    struct rtattr *attribute =
        (struct rtattr *)(void *)(message->bytes + NLMSG_ALIGN(message->header.nlmsg_len));

    attribute->rta_type = type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(size);
    memcpy(RTA_DATA(attribute), data, size);
    message->header.nlmsg_len =
        (guint32)(NLMSG_ALIGN(message->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

static Message address(int type, guint8 last, guint32 flags, guint8 scope)
{
    const guint8 bytes[4] = {192, 0, 2, last};
    Message message = {
        .header = {.nlmsg_type = (guint16)type, .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg))}};
    *(struct ifaddrmsg *)NLMSG_DATA(&message.header) = (struct ifaddrmsg){
        .ifa_family = 2, .ifa_prefixlen = 24, .ifa_flags = (guint8)flags, .ifa_scope = scope, .ifa_index = 2};

    add(&message, IFA_ADDRESS, bytes, sizeof bytes);
    return message;
}

static Message route(int type, guint8 last, guint8 table, guint32 flags)
{
    const guint8 gateway[4] = {192, 0, 2, last};
    const guint32 out = 2;
    Message message = {
        .header = {.nlmsg_type = (guint16)type, .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg))}};
    *(struct rtmsg *)NLMSG_DATA(&message.header) =
        (struct rtmsg){.rtm_family = 2, .rtm_table = table, .rtm_type = RTN_UNICAST, .rtm_flags = flags};

    add(&message, RTA_GATEWAY, gateway, sizeof gateway);
    add(&message, RTA_OIF, &out, sizeof out);
    return message;
}

static Message wire(int type, int index, guint32 flags)
{
    Message message = {
        .header = {.nlmsg_type = (guint16)type, .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg))}};
    *(struct ifinfomsg *)NLMSG_DATA(&message.header) =
        (struct ifinfomsg){.ifi_index = index, .ifi_flags = flags};

    return message;
}

static void assert_news(NetWatch *watch, Message message, gboolean is_news, const char *what)
{
    if (netwatch_take_message(watch, &message, message.header.nlmsg_len) != is_news)
        fail_msg("%s: %s", what, is_news ? "no news" : "news");
}

static void test_what_is_news(void **state G_GNUC_UNUSED)
{
    NetWatch *watch = netwatch_new();
    enum { UNIVERSE = RT_SCOPE_UNIVERSE };

    assert_news(watch, address(RTM_NEWADDR, 1, 0, UNIVERSE), TRUE, "an address");
    assert_news(watch, address(RTM_NEWADDR, 1, 0, UNIVERSE), FALSE, "the same again");
    assert_news(watch, address(RTM_NEWADDR, 2, 0, UNIVERSE), TRUE, "another");
    assert_news(watch, address(RTM_NEWADDR, 3, IFA_F_TENTATIVE, UNIVERSE), FALSE, "one that is not sure yet");
    assert_news(watch, address(RTM_NEWADDR, 4, 0, RT_SCOPE_HOST), FALSE, "one of loopback");
    assert_news(watch, address(RTM_DELADDR, 1, 0, UNIVERSE), TRUE, "an address that goes");
    assert_news(watch, address(RTM_NEWADDR, 1, 0, UNIVERSE), TRUE, "and comes");
    assert_news(watch, route(RTM_NEWROUTE, 1, RT_TABLE_MAIN, 0), TRUE, "a route");
    assert_news(watch, route(RTM_NEWROUTE, 1, RT_TABLE_MAIN, 0), FALSE,
                "the same again (router advertisement)");
    assert_news(watch, route(RTM_NEWROUTE, 9, RT_TABLE_MAIN, 0), TRUE, "by another gateway");
    assert_news(watch, route(RTM_NEWROUTE, 3, RT_TABLE_LOCAL, 0), FALSE, "a local one");
    assert_news(watch, route(RTM_NEWROUTE, 4, RT_TABLE_MAIN, RTM_F_CLONED), FALSE, "a cached one");
    assert_news(watch, wire(RTM_NEWLINK, 7, IFF_UP | IFF_RUNNING), TRUE, "a link");
    assert_news(watch, wire(RTM_NEWLINK, 7, IFF_UP | IFF_RUNNING), FALSE, "the same again (a scan)");
    assert_news(watch, wire(RTM_NEWLINK, 7, IFF_UP), TRUE, "its carrier is gone");
    assert_news(watch, wire(RTM_NEWLINK, 1, IFF_LOOPBACK | IFF_RUNNING), FALSE, "loopback");
    netwatch_free(watch);
}

/* Whatever is cut short is no reason to read beyond it. */
static void test_short_messages(void **state G_GNUC_UNUSED)
{
    NetWatch *watch = netwatch_new();
    const Message whole[] = {address(RTM_NEWADDR, 1, 0, RT_SCOPE_UNIVERSE),
                             route(RTM_NEWROUTE, 1, RT_TABLE_MAIN, 0), wire(RTM_NEWLINK, 7, IFF_RUNNING)};

    for (gsize i = 0; i < G_N_ELEMENTS(whole); i++)
        for (guint32 size = 0; size < whole[i].header.nlmsg_len; size++) {
            struct nlmsghdr *cut = g_memdup2(&whole[i], MAX(size, sizeof *cut));
            netwatch_take_message(watch, cut, size); /* its length says more than there is */
            cut->nlmsg_len = MAX(size, sizeof *cut);
            netwatch_take_message(watch, cut, MAX(size, sizeof *cut));
            g_free(cut);
        }
    netwatch_free(watch);
}

static void test_sleep(void **state G_GNUC_UNUSED)
{
    NetWatch *watch = netwatch_new();

    assert_int_equal(netwatch_look(watch, clock_now_us()) & NETWATCH_SLEPT, 0);
    clock_shift_boot_us(SECOND_US);
    assert_int_equal(netwatch_look(watch, clock_now_us()) & NETWATCH_SLEPT, 0);
    clock_shift_boot_us(3600 * SECOND_US);
    assert_int_equal(netwatch_look(watch, clock_now_us()) & NETWATCH_SLEPT, NETWATCH_SLEPT);
    assert_int_equal(netwatch_look(watch, clock_now_us()) & NETWATCH_SLEPT, 0);
    netwatch_free(watch);
}

/* ---- in a network of its own ---- */

#define REQUIRE(what)                                                                                        \
    do {                                                                                                     \
        if (!(what)) {                                                                                       \
            fprintf(stderr, "line %d: %s\n", __LINE__, #what);                                               \
            _exit(1);                                                                                        \
        }                                                                                                    \
    } while (0)

static NetWatchNews wait_for_news(NetWatch *watch, int64_t within_us)
{
    const int64_t until_us = clock_now_us() + within_us;

    while (clock_now_us() < until_us) {
        struct pollfd fds[NETWATCH_FDS];
        netwatch_fds(watch, fds);
        poll(fds, NETWATCH_FDS, clock_timeout_ms(MIN(until_us, netwatch_due_us(watch))));
        const NetWatchNews news = netwatch_look(watch, clock_now_us());
        if (news)
            return news;
    }
    return NETWATCH_NOTHING;
}

/* As root, or as root of a namespace of users, so that `ip` may do what it is told. */
static gboolean leave_network(void)
{
    g_autofree char *map = g_strdup_printf("0 %d 1", (int)geteuid());

    if (unshare(CLONE_NEWNET) == 0)
        return TRUE;
    return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 &&
           g_file_set_contents("/proc/self/uid_map", map, -1, NULL);
}

static void live_in_namespace(void)
{
    if (!leave_network())
        _exit(77);
    if (system("ip link set lo up") != 0)
        _exit(77);
    NetWatch *watch = netwatch_new();
    /* Nothing happens, and what is there is known. */
    REQUIRE(wait_for_news(watch, SECOND_US / 2) == NETWATCH_NOTHING);
    REQUIRE(netwatch_due_us(watch) == DEADLINE_NONE);
    if (system("ip link add v0 type veth peer name v1") != 0)
        _exit(77);
    /* A burst is one change. */
    REQUIRE(system("ip link set v0 up && ip link set v1 up && ip address add 192.0.2.1/24 dev v0 && "
                   "ip route add default via 192.0.2.9") == 0);
    REQUIRE(wait_for_news(watch, 5 * SECOND_US) == NETWATCH_NETWORK);
    while (wait_for_news(watch, 3 * SECOND_US)) /* IPv6 makes up its mind about its own address */
        ;
    REQUIRE(system("ip address change 192.0.2.1/24 dev v0; ip route replace default via 192.0.2.9") == 0);
    REQUIRE(wait_for_news(watch, SECOND_US) == NETWATCH_NOTHING);
    REQUIRE(system("ip link set v1 down") == 0); /* v0 loses its carrier */
    REQUIRE(wait_for_news(watch, 5 * SECOND_US) == NETWATCH_NETWORK);
    netwatch_free(watch);
    _exit(0);
}

static void test_namespace(void **state G_GNUC_UNUSED)
{
    int status;
    const pid_t pid = fork();

    if (pid == 0)
        live_in_namespace();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_news),
        cmocka_unit_test(test_short_messages),
        cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_namespace),
    };

    return cmocka_run_group_tests_name("engine-netwatch", tests, NULL, NULL);
}
