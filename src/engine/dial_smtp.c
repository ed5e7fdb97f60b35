/* dial_smtp.c - see dial_smtp.h. */
#include "engine/dial_smtp.h"
#include "engine/way.h"

static gboolean login_smtp(void *session, const char *user, const char *password, gboolean may_send_cleartext,
                           GError **error)
{
    return smtp_login(session, user, password, may_send_cleartext, error);
}

static gboolean log_in(SmtpSession *session, const ConfigAccount *account, Cancel *cancel, GError **error)
{
    return !smtp_session_offers_login(session) ||
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
