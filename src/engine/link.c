/* link.c - see link.h. */
#include "engine/link.h"
#include "base/error.h"
#include "base/i18n.h"

#include <arpa/inet.h>
#include <string.h>

#define CONNECT_US (30 * SECOND_US)

static gboolean is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return g_ascii_strcasecmp(host, "localhost") == 0;
}

static NetSecurity security_of(const ConfigServer *server)
{
    static const NetSecurity AS_NET[] = {
        [CONFIG_PLAIN] = NET_PLAIN, [CONFIG_TLS] = NET_TLS, [CONFIG_STARTTLS] = NET_STARTTLS};

    return AS_NET[server->security];
}

static ImapSession *log_in(NetStream *stream, const ConfigAccount *account, const ImapListener *listener,
                           const char *password, GError **error)
{
    const ConfigServer *server = &account->incoming;
    g_autoptr(ImapSession) session = imap_session_new(stream, listener);

    if (!imap_greet(session, error) ||
        !imap_login(session, server->user ? server->user : account->address, password,
                    account->insecure || is_loopback(server->host), error))
        return NULL;
    return g_steal_pointer(&session);
}

ImapSession *link_open_imap(const ConfigAccount *account, const ImapListener *listener, Cancel *cancel,
                            GError **error)
{
    g_autofree char *label = g_strdup_printf("imap %s", account->id);
    const NetTarget target = {.host = account->incoming.host,
                              .port = account->incoming.port,
                              .security = security_of(&account->incoming),
                              .ca_file = account->ca_file,
                              .pin = account->pin,
                              .label = label};

    char *password = auth_password_get(account, cancel, error);
    if (!password)
        return NULL;
    ImapSession *session = NULL;
    NetStream *stream = net_stream_open(&target, cancel, clock_now_us() + CONNECT_US, error);
    if (stream)
        session = log_in(stream, account, listener, password, error);
    auth_secret_free(password);
    return session;
}

gboolean link_survives(const GError *error)
{
    return tern_error_is(error, TERN_ERROR_REFUSED) || tern_error_is(error, TERN_ERROR_STORE) ||
           tern_error_is(error, TERN_ERROR_INPUT);
}
