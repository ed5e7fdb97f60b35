/* dial_smtp.c - see dial_smtp.h. */
#include "engine/dial_smtp.h"
#include "base/clock.h"
#include "config/url.h"

#include <string.h>

#define CONNECT_US (30 * SECOND_US)

/* A pin is of one server's certificate; another host has another one. The tunnel is to where mail is read. */
static NetStream *open_stream(const ConfigAccount *account, Cancel *cancel, GError **error)
{
    static const NetSecurity AS_NET[] = {
        [CONFIG_PLAIN] = NET_PLAIN, [CONFIG_TLS] = NET_TLS, [CONFIG_STARTTLS] = NET_STARTTLS};
    const ConfigServer *server = &account->outgoing;
    const gboolean is_pinned =
        account->incoming.host && !g_ascii_strcasecmp(server->host, account->incoming.host);
    g_autofree char *label = g_strdup_printf("smtp %s", account->id);
    const NetTarget target = {.host = server->host,
                              .port = server->port,
                              .security = AS_NET[server->security],
                              .ca_file = account->ca_file,
                              .pin = is_pinned ? account->pin : NULL,
                              .client_cert = account->client_cert,
                              .client_key = account->client_key,
                              .account = account->id,
                              .label = label,
                              .proxy = {.host = account->proxy.host,
                                        .port = account->proxy.port,
                                        .user = account->proxy.user,
                                        .password = account->proxy.password}};

    return net_stream_open(&target, cancel, clock_now_us() + CONNECT_US, error);
}

/* What a proxy calls localhost is not this machine. */
static gboolean may_send_cleartext(const ConfigAccount *account)
{
    return account->insecure || (url_is_loopback(account->outgoing.host) && !account->proxy.host);
}

static gboolean log_in(SmtpSession *session, const ConfigAccount *account, Cancel *cancel, GError **error)
{
    const char *user = account->outgoing.user ? account->outgoing.user : account->address;
    char *password = NULL;

    if (!smtp_session_offers_login(session))
        return TRUE;
    if (smtp_session_needs_password(session) && !(password = auth_password_get(account, cancel, error)))
        return FALSE;
    const gboolean ok = smtp_login(session, user, password, may_send_cleartext(account), error);
    auth_secret_free(password);
    return ok;
}

SmtpSession *dial_smtp(const ConfigAccount *account, AuthStrength least, Cancel *cancel, GError **error)
{
    NetStream *stream = open_stream(account, cancel, error);
    g_autoptr(SmtpSession) session = stream ? smtp_session_new(stream) : NULL;

    if (!session)
        return NULL;
    smtp_session_expect(session, least);
    return smtp_greet(session, error) && log_in(session, account, cancel, error) ? g_steal_pointer(&session)
                                                                                 : NULL;
}
