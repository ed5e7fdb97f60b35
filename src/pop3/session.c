/* session.c - see session.h: a session's life, and what it says about itself. */
#include "pop3/private.h"

#include <string.h>

Pop3Session *pop3_session_new(NetStream *stream)
{
    Pop3Session *session = g_new0(Pop3Session, 1);

    session->stream = stream;
    session->parser = pop3_parser_new();
    session->expire_days = POP3_EXPIRE_UNKNOWN;
    g_queue_init(&session->pending);
    return session;
}

void pop3_session_free(Pop3Session *session)
{
    if (!session)
        return;
    net_stream_close(session->stream);
    pop3_parser_free(session->parser);
    g_queue_clear_full(&session->pending, (GDestroyNotify)pop3_pending_free);
    g_clear_error(&session->death);
    g_strfreev(session->sasl);
    g_free(session->timestamp);
    g_free(session->mechanism);
    g_free(session->server);
    g_free(session->refusal);
    g_free(session->said);
    explicit_bzero(session->in, sizeof session->in);
    g_free(session);
}

NetStream *pop3_session_stream(Pop3Session *session)
{
    return session->stream;
}

const char *pop3_session_mechanism(const Pop3Session *session)
{
    return session->mechanism;
}

gboolean pop3_session_is_alive(const Pop3Session *session)
{
    return !session->death;
}

void pop3_session_expect(Pop3Session *session, AuthStrength least)
{
    session->least = least;
}

AuthStrength pop3_session_strength(const Pop3Session *session)
{
    return session->strength;
}

gboolean pop3_session_needs_password(const Pop3Session *session)
{
    const char *const *sasl = (const char *const *)session->sasl;

    return !(sasl && g_strv_contains(sasl, "EXTERNAL") && net_stream_shows_certificate(session->stream));
}
