/*
 * socks.c - asking a proxy for a connection: SOCKS5 (RFC 1928) with user and password (RFC 1929).
 *
 *     GREETING   05 n methods                   ->   05 method
 *     LOGIN      01 user password               ->   01 status            where the proxy chose method 2
 *     REQUEST    05 01 00 kind address port     ->   05 reply 00 kind address port
 *
 * Each answer is read to its last byte and not further: what follows is the server's greeting.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { GREETING, LOGIN, REQUEST };
enum { METHOD_NONE = 0, METHOD_PASSWORD = 2, METHOD_NO_WAY = 0xFF };
enum { KIND_IPV4 = 1, KIND_NAME = 3, KIND_IPV6 = 4 };

/* What a proxy's refusal means (RFC 1928, 6). */
static const char *const REPLIES[] = {
    [1] = N_("it failed, without saying why"),
    [2] = N_("its rules forbid it"),
    [3] = N_("it cannot reach that network"),
    [4] = N_("it cannot reach that host, or does not know its name"),
    [5] = N_("the server refused the connection"),
    [6] = N_("the server did not answer in time"),
    [7] = N_("it makes no connections for others"),
    [8] = N_("it cannot connect to addresses of this kind"),
};

static void say(NetSocks *socks, int step, gsize size, gsize want)
{
    socks->step = step;
    socks->out_size = size;
    socks->in_size = 0;
    socks->want = want;
}

static gsize put_word(guint8 *at, const char *word)
{
    const gsize size = strlen(word);

    at[0] = (guint8)size;
    memcpy(at + 1, word, size);
    return 1 + size;
}

static void say_login(NetSocks *socks)
{
    guint8 *at = socks->out;

    *at++ = 1;
    at += put_word(at, socks->user);
    at += put_word(at, socks->password);
    say(socks, LOGIN, (gsize)(at - socks->out), 2);
}

static void say_request(NetSocks *socks)
{
    guint8 *at = socks->out;
    const guint16 port = htons(socks->port);

    explicit_bzero(socks->out, sizeof socks->out); /* there may be a password in it */
    memcpy(at, "\5\1\0", 3);
    at += 3;
    if (inet_pton(AF_INET, socks->host, at + 1) == 1) {
        *at = KIND_IPV4;
        at += 1 + sizeof(struct in_addr);
    } else if (inet_pton(AF_INET6, socks->host, at + 1) == 1) {
        *at = KIND_IPV6;
        at += 1 + sizeof(struct in6_addr);
    } else {
        *at++ = KIND_NAME;
        at += put_word(at, socks->host);
    }
    memcpy(at, &port, sizeof port);
    at += sizeof port;
    say(socks, REQUEST, (gsize)(at - socks->out), 4);
}

gboolean net_socks_begin(NetSocks *socks, const char *host, uint16_t port, const NetProxy *proxy,
                         const char *where, GError **error)
{
    *socks = (NetSocks){
        .host = host, .port = port, .user = proxy->user, .password = proxy->password, .where = where};
    if (!*host || strlen(host) > 255 || strchr(host, '%')) {
        tern_error_set(error, TERN_ERROR_NETWORK,
                       _("the proxy %s cannot be asked for a host of that name or kind"), where);
        return FALSE;
    }
    if (!proxy->user || !proxy->password) {
        memcpy(socks->out, "\5\1\0", 3);
        say(socks, GREETING, 3, 2);
    } else if (!*proxy->user || strlen(proxy->user) > 255 || !*proxy->password ||
               strlen(proxy->password) > 255) {
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the user and password of the proxy %s must have 1 to 255 bytes each"), where);
        return FALSE;
    } else {
        memcpy(socks->out, "\5\2\0\2", 4);
        say(socks, GREETING, 4, 2);
    }
    return TRUE;
}

static gboolean nonsense(const NetSocks *socks, GError **error)
{
    tern_error_set(error, TERN_ERROR_PROTOCOL, _("%s does not answer as a SOCKS5 proxy does; is it one?"),
                   socks->where);
    return FALSE;
}

static gboolean take_method(NetSocks *socks, GError **error)
{
    if (socks->in[0] != 5)
        return nonsense(socks, error);
    switch (socks->in[1]) {
    case METHOD_NONE:
        say_request(socks);
        return TRUE;
    case METHOD_PASSWORD:
        if (!socks->user)
            return nonsense(socks, error);
        say_login(socks);
        return TRUE;
    case METHOD_NO_WAY:
        tern_error_set(error, TERN_ERROR_AUTH,
                       socks->user
                           ? _("the proxy %s takes none of the logins that tern has")
                           : _("the proxy %s wants a login; write proxy = socks5://USER:PASSWORD@HOST"),
                       socks->where);
        return FALSE;
    default:
        return nonsense(socks, error);
    }
}

/* The answer's version is 1 (RFC 1929); some say 5. Only the status counts. */
static gboolean take_login(NetSocks *socks, GError **error)
{
    if (socks->in[1] != 0) {
        tern_error_set(error, TERN_ERROR_AUTH,
                       _("the proxy %s does not accept user and password; check them in proxy = …"),
                       socks->where);
        return FALSE;
    }
    say_request(socks);
    return TRUE;
}

static gboolean refused(const NetSocks *socks, guint8 reply, GError **error)
{
    const char *why = reply < G_N_ELEMENTS(REPLIES) ? REPLIES[reply] : NULL;

    if (why)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the proxy %s does not connect: %s"), socks->where,
                       _(why));
    else
        tern_error_set(error, TERN_ERROR_NETWORK,
                       _("the proxy %s does not connect, for a reason without a name (%u)"), socks->where,
                       reply);
    return FALSE;
}

/* The proxy's own address comes after the reply; its length only with its kind, a name's only with its first
 * byte. */
static gboolean take_reply(NetSocks *socks, GError **error)
{
    if (socks->in[0] != 5)
        return nonsense(socks, error);
    if (socks->in[1] != 0)
        return refused(socks, socks->in[1], error);
    if (socks->in_size == 4 && socks->in[3] == KIND_IPV4)
        socks->want = sizeof(struct in_addr) + 2;
    else if (socks->in_size == 4 && socks->in[3] == KIND_IPV6)
        socks->want = sizeof(struct in6_addr) + 2;
    else if (socks->in_size == 4 && socks->in[3] == KIND_NAME)
        socks->want = 1;
    else if (socks->in_size == 4)
        return nonsense(socks, error);
    else if (socks->in_size == 5 && socks->in[3] == KIND_NAME)
        socks->want = socks->in[4] + 2u;
    return TRUE;
}

gboolean net_socks_take(NetSocks *socks, const guint8 *bytes, gsize size, GError **error)
{
    static gboolean (*const TAKE[])(NetSocks *, GError **) = {
        [GREETING] = take_method, [LOGIN] = take_login, [REQUEST] = take_reply};

    g_assert(size <= socks->want);
    memcpy(socks->in + socks->in_size, bytes, size);
    socks->in_size += size;
    socks->want -= size;
    return socks->want > 0 || TAKE[socks->step](socks, error);
}

/* ---- over a socket ---- */

static gboolean wait_for(int fd, short events, const char *where, Cancel *cancel, int64_t deadline_us,
                         GError **error)
{
    struct pollfd fds[2] = {{.fd = fd, .events = events}};
    const int n = net_poll(fds, 1, cancel, deadline_us, error);

    if (n == 0)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the proxy %s does not answer"), where);
    return n > 0;
}

static gboolean failed(int saved_errno, const char *where, GError **error)
{
    if (saved_errno == 0 || saved_errno == EPIPE || saved_errno == ECONNRESET)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the proxy %s closed the connection"), where);
    else
        tern_error_set_errno(error, TERN_ERROR_NETWORK, saved_errno,
                             _("the connection to the proxy %s failed"), where);
    return FALSE;
}

static gboolean send_out(int fd, NetSocks *socks, Cancel *cancel, int64_t deadline_us, GError **error)
{
    for (gsize sent = 0; sent < socks->out_size;) {
        const ssize_t n = send(fd, socks->out + sent, socks->out_size - sent, MSG_NOSIGNAL);
        if (n > 0)
            sent += (gsize)n;
        else if (errno != EAGAIN && errno != EINTR)
            return failed(errno, socks->where, error);
        else if (!wait_for(fd, POLLOUT, socks->where, cancel, deadline_us, error))
            return FALSE;
    }
    socks->out_size = 0;
    return TRUE;
}

static gboolean receive(int fd, NetSocks *socks, Cancel *cancel, int64_t deadline_us, GError **error)
{
    guint8 bytes[sizeof socks->in];

    if (!wait_for(fd, POLLIN, socks->where, cancel, deadline_us, error))
        return FALSE;
    const ssize_t n = recv(fd, bytes, socks->want, 0);
    if (n > 0)
        return net_socks_take(socks, bytes, (gsize)n, error);
    return (n < 0 && (errno == EAGAIN || errno == EINTR)) || failed(n == 0 ? 0 : errno, socks->where, error);
}

gboolean net_socks_shake(int fd, const char *host, uint16_t port, const NetProxy *proxy, const char *where,
                         Cancel *cancel, int64_t deadline_us, GError **error)
{
    NetSocks socks;
    gboolean ok = net_socks_begin(&socks, host, port, proxy, where, error);

    while (ok && (socks.want > 0 || socks.out_size > 0))
        ok = socks.out_size > 0 ? send_out(fd, &socks, cancel, deadline_us, error)
                                : receive(fd, &socks, cancel, deadline_us, error);
    explicit_bzero(&socks, sizeof socks);
    return ok;
}
