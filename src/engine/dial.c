/* dial.c - see dial.h. */
#include "engine/dial.h"
#include "base/clock.h"
#include "base/error.h"
#include "config/url.h"
#include "engine/crowd.h"

#include <string.h>

#define CONNECT_US (30 * SECOND_US)

static NetStream *open_stream(const ConfigAccount *account, const char *protocol, Cancel *cancel,
                              GError **error)
{
    static const NetSecurity AS_NET[] = {
        [CONFIG_PLAIN] = NET_PLAIN, [CONFIG_TLS] = NET_TLS, [CONFIG_STARTTLS] = NET_STARTTLS};
    g_autofree char *label = g_strdup_printf("%s %s", protocol, account->id);
    const NetTarget target = {.host = account->incoming.host,
                              .port = account->incoming.port,
                              .security = AS_NET[account->incoming.security],
                              .ca_file = account->ca_file,
                              .pin = account->pin,
                              .client_cert = account->client_cert,
                              .client_key = account->client_key,
                              .account = account->id,
                              .label = label,
                              .tunnel = account->tunnel,
                              .proxy = {.host = account->proxy.host,
                                        .port = account->proxy.port,
                                        .user = account->proxy.user,
                                        .password = account->proxy.password}};

    return net_stream_open(&target, cancel, clock_now_us() + CONNECT_US, error);
}

/* Where a password may go without TLS. What a proxy calls localhost is not this machine. */
static gboolean may_send_cleartext(const ConfigAccount *account)
{
    return account->insecure || account->tunnel ||
           (url_is_loopback(account->incoming.host) && !account->proxy.host);
}

static const char *user_of(const ConfigAccount *account)
{
    return account->incoming.user ? account->incoming.user : account->address;
}

/* `password` NULL: not asked for yet. */
static gboolean log_in(ImapSession *session, const ConfigAccount *account, const char *password,
                       const DialTurn *turn, Cancel *cancel, GError **error)
{
    char *late = NULL;

    if (!imap_greet(session, error) || !turn->may_log_in(cancel, turn->data, error))
        return FALSE;
    if (!password && imap_session_needs_password(session)) {
        late = auth_password_get(account, cancel, error);
        if (!late)
            return FALSE;
    }
    const gboolean ok =
        imap_login(session, user_of(account), password ? password : late, may_send_cleartext(account), error);
    auth_secret_free(late);
    return ok;
}

/* Where bytes cost more than the server's and one's own processor; what a tunnel costs, or whether it compresses by
 * itself, only a person knows. */
static gboolean wants_compression(const ConfigAccount *account)
{
    if (strcmp(account->compress, "auto") != 0)
        return strcmp(account->compress, "yes") == 0;
    return !account->tunnel && (account->proxy.host || !url_is_loopback(account->incoming.host));
}

static gboolean is_crowded(const ImapSession *session, const GError *failed)
{
    return tern_error_is(failed, TERN_ERROR_NETWORK) &&
           crowd_is_refusal(imap_session_refusal(session), failed->message);
}

ImapSession *dial_imap(const ConfigAccount *account, const ImapListener *listener, AuthStrength least,
                       const DialTurn *turn, Cancel *cancel, gboolean *is_crowded_out, GError **error)
{
    const gboolean may_need_none = account->tunnel || account->client_cert;
    g_autoptr(ImapSession) session = NULL;
    GError *failed = NULL;

    *is_crowded_out = FALSE;
    char *password = may_need_none ? NULL : auth_password_get(account, cancel, error);
    if (!password && !may_need_none)
        return NULL;
    NetStream *stream = open_stream(account, "imap", cancel, &failed);
    if (stream) {
        session = imap_session_new(stream, listener);
        imap_session_expect(session, least);
        if (!log_in(session, account, password, turn, cancel, &failed))
            *is_crowded_out = is_crowded(session, failed);
        else if (wants_compression(account))
            imap_compress(session);
    }
    auth_secret_free(password);
    if (!failed)
        return g_steal_pointer(&session);
    g_propagate_error(error, failed);
    return NULL;
}

/* ---- POP3 ---- */

static gboolean log_in_pop3(Pop3Session *session, const ConfigAccount *account, const char *password,
                            Cancel *cancel, GError **error)
{
    char *late = NULL;

    if (!pop3_greet(session, error))
        return FALSE;
    if (!password && pop3_session_needs_password(session)) {
        late = auth_password_get(account, cancel, error);
        if (!late)
            return FALSE;
    }
    const gboolean ok =
        pop3_login(session, user_of(account), password ? password : late, may_send_cleartext(account), error);
    auth_secret_free(late);
    return ok;
}

Pop3Session *dial_pop3(const ConfigAccount *account, AuthStrength least, Cancel *cancel, int64_t *wait_us_out,
                       GError **error)
{
    g_autoptr(Pop3Session) session = NULL;

    *wait_us_out = 0;
    char *password = account->client_cert ? NULL : auth_password_get(account, cancel, error);
    if (!password && !account->client_cert)
        return NULL;
    NetStream *stream = open_stream(account, "pop3", cancel, error);
    gboolean ok = stream != NULL;
    if (ok) {
        session = pop3_session_new(stream);
        pop3_session_expect(session, least);
        ok = log_in_pop3(session, account, password, cancel, error);
        *wait_us_out = pop3_session_wait_s(session) * SECOND_US;
    }
    auth_secret_free(password);
    return ok ? g_steal_pointer(&session) : NULL;
}
