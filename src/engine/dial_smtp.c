/* dial_smtp.c - see dial_smtp.h. */
#include "engine/dial_smtp.h"
#include "config/url.h"
#include "engine/way.h"

static gboolean login_smtp(void *session, const char *user, const char *password, gboolean may_send_cleartext,
                           GError **error)
{
    return smtp_login(session, user, password, may_send_cleartext, error);
}

/* A mail server of one's own machine or house offers a login, and takes mail without: where neither user nor
 * password are configured, that is tried, and it says so if it wants one. Not where the password is one that
 * is typed: the account reads from a server, and sends by another one. */
static gboolean goes_without(const ConfigAccount *account, SmtpSession *session)
{
    const ConfigProtocol reading = account->incoming.protocol;
    const gboolean has_typed =
        (reading == CONFIG_IMAP || reading == CONFIG_POP3) && !url_is_loopback(account->outgoing.host);

    return smtp_session_needs_password(session) && !account->outgoing.user && !has_typed &&
           !auth_password_is_set(account);
}

static gboolean log_in(SmtpSession *session, const ConfigAccount *account, Cancel *cancel, GError **error)
{
    return !smtp_session_offers_login(session) || goes_without(account, session) ||
           way_log_in(account, &account->outgoing, NULL, smtp_session_needs_password(session), login_smtp,
                      session, cancel, error);
}

SmtpSession *dial_smtp(const ConfigAccount *account, AuthStrength least, Cancel *cancel, GError **error)
{
    NetStream *stream = way_open(account, &account->outgoing, "smtp", cancel, error);
    g_autoptr(SmtpSession) session = stream ? smtp_session_new(stream) : NULL;

    if (!session)
        return NULL;
    smtp_session_expect(session, least);
    return smtp_greet(session, error) && log_in(session, account, cancel, error) ? g_steal_pointer(&session)
                                                                                 : NULL;
}
