/* dial.c - see dial.h. */
#include "engine/dial.h"
#include "base/clock.h"
#include "base/error.h"
#include "config/url.h"
#include "engine/crowd.h"
#include "engine/way.h"

#include <string.h>

static gboolean login_imap(void *session, const char *user, const char *password, gboolean may_send_cleartext,
                           GError **error)
{
    return imap_login(session, user, password, may_send_cleartext, error);
}

/* `password` NULL: not asked for yet. */
static gboolean log_in(ImapSession *session, const ConfigAccount *account, const char *password,
                       const DialTurn *turn, Cancel *cancel, GError **error)
{
    return imap_greet(session, error) && turn->may_log_in(cancel, turn->data, error) &&
           way_log_in(account, &account->incoming, password, imap_session_needs_password(session), login_imap,
                      session, cancel, error);
}

/* Where bytes cost more than the server's and one's own processor; what a tunnel costs, or whether it
 * compresses by itself, only a person knows. */
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
    NetStream *stream = way_open(account, &account->incoming, "imap", cancel, &failed);
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

static gboolean login_pop3(void *session, const char *user, const char *password, gboolean may_send_cleartext,
                           GError **error)
{
    return pop3_login(session, user, password, may_send_cleartext, error);
}

Pop3Session *dial_pop3(const ConfigAccount *account, AuthStrength least, Cancel *cancel, int64_t *wait_us_out,
                       GError **error)
{
    g_autoptr(Pop3Session) session = NULL;

    *wait_us_out = 0;
    char *password = account->client_cert ? NULL : auth_password_get(account, cancel, error);
    if (!password && !account->client_cert)
        return NULL;
    NetStream *stream = way_open(account, &account->incoming, "pop3", cancel, error);
    gboolean ok = stream != NULL;
    if (ok) {
        session = pop3_session_new(stream);
        pop3_session_expect(session, least);
        ok = pop3_greet(session, error) &&
             way_log_in(account, &account->incoming, password, pop3_session_needs_password(session),
                        login_pop3, session, cancel, error);
        *wait_us_out = pop3_session_wait_s(session) * SECOND_US;
    }
    auth_secret_free(password);
    return ok ? g_steal_pointer(&session) : NULL;
}
