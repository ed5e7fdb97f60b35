/* way.c - see way.h. */
#include "engine/way.h"

#include "auth/auth.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "config/url.h"

#define CONNECT_US (30 * SECOND_US)

gboolean way_check(const ConfigAccount *account, const char *config_path, GError **error)
{
    if (!account->is_usable)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the account “%s” has mistakes in %s; tern config check lists them"), account->id,
                       config_path);
    else if (account->offline)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the account “%s” is set to offline"), account->id);
    else
        return TRUE;
    return FALSE;
}

static gboolean is_incoming(const ConfigAccount *account, const ConfigServer *server)
{
    return server == &account->incoming;
}

/* A pin is of one server's certificate; another host has another one. */
static const char *pin_of(const ConfigAccount *account, const ConfigServer *server)
{
    const char *reading = account->incoming.host;

    if (is_incoming(account, server))
        return account->pin;
    return reading && !g_ascii_strcasecmp(server->host, reading) ? account->pin : NULL;
}

NetStream *way_open(const ConfigAccount *account, const ConfigServer *server, const char *protocol,
                    Cancel *cancel, GError **error)
{
    static const NetSecurity AS_NET[] = {
        [CONFIG_PLAIN] = NET_PLAIN, [CONFIG_TLS] = NET_TLS, [CONFIG_STARTTLS] = NET_STARTTLS};
    g_autofree char *label = g_strdup_printf("%s %s", protocol, account->id);
    const NetTarget target = {.host = server->host,
                              .port = server->port,
                              .security = AS_NET[server->security],
                              .ca_file = account->ca_file,
                              .pin = pin_of(account, server),
                              .client_cert = account->client_cert,
                              .client_key = account->client_key,
                              .account = account->id,
                              .label = label,
                              .tunnel = is_incoming(account, server) ? account->tunnel : NULL,
                              .proxy = {.host = account->proxy.host,
                                        .port = account->proxy.port,
                                        .user = account->proxy.user,
                                        .password = account->proxy.password}};

    return net_stream_open(&target, cancel, clock_now_us() + CONNECT_US, error);
}

const char *way_user(const ConfigAccount *account, const ConfigServer *server)
{
    return server->user ? server->user : account->address;
}

/* Where a password may go without TLS. What a proxy calls localhost is not this machine. */
static gboolean may_send_cleartext(const ConfigAccount *account, const ConfigServer *server)
{
    return account->insecure || (is_incoming(account, server) && account->tunnel) ||
           (url_is_loopback(server->host) && !account->proxy.host);
}

gboolean way_log_in(const ConfigAccount *account, const ConfigServer *server, const char *password,
                    gboolean needs_password, WayLogin login, void *session, Cancel *cancel, GError **error)
{
    const char *user = way_user(account, server);
    char *late = NULL;

    if (!password && needs_password && !(late = auth_password_get(account, cancel, error)))
        return FALSE;
    const gboolean ok =
        login(session, user, password ? password : late, may_send_cleartext(account, server), error);
    auth_secret_free(late);
    return ok;
}
