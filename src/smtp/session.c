/* session.c - see session.h and private.h: a session's life, and what goes over the wire in one line. */
#include "smtp/private.h"
#include "smtp/send_private.h"

#include "base/i18n.h"
#include "net/peer.h"

#include <string.h>

SmtpSession *smtp_session_new(NetStream *stream)
{
    SmtpSession *session = g_new0(SmtpSession, 1);

    session->stream = stream;
    session->parser = smtp_parser_new();
    session->mechanisms = g_ptr_array_new_with_free_func(g_free);
    smtp_forget_capabilities(session);
    smtp_session_set_patience(session, 120 * SECOND_US, 600 * SECOND_US);
    return session;
}

void smtp_session_free(SmtpSession *session)
{
    if (!session)
        return;
    net_stream_close(session->stream);
    smtp_parser_free(session->parser);
    g_ptr_array_unref(session->mechanisms);
    g_free(session->mechanism);
    g_clear_error(&session->death);
    smtp_ahead_free(session->ahead);
    explicit_bzero(session->in, sizeof session->in);
    g_free(session);
}

void smtp_session_set_patience(SmtpSession *session, int64_t command_us, int64_t message_us)
{
    session->command_us = command_us;
    session->message_us = message_us;
    net_stream_set_timeout(session->stream, command_us);
}

NetStream *smtp_session_stream(SmtpSession *session)
{
    return session->stream;
}

const char *smtp_session_mechanism(const SmtpSession *session)
{
    return session->mechanism;
}

gboolean smtp_session_is_alive(const SmtpSession *session)
{
    return !session->death && !session->is_leaving;
}

/* ---- errors ---- */

gboolean smtp_check_alive(SmtpSession *session, GError **error)
{
    if (!session->death && session->is_leaving) {
        tern_error_set(&session->death, TERN_ERROR_NETWORK, _("the mail server has ended the conversation"));
        net_stream_name_peer(session->stream, NET_SPEAKS_SMTP, session->death);
    }
    if (!session->death)
        return TRUE;
    if (error)
        *error = g_error_copy(session->death);
    return FALSE;
}

gboolean smtp_die(SmtpSession *session, GError **failure, GError **error)
{
    if (!session->death) {
        net_stream_name_peer(session->stream, NET_SPEAKS_SMTP, *failure);
        session->death = g_error_copy(*failure);
    }
    g_propagate_error(error, g_steal_pointer(failure));
    return FALSE;
}

gboolean smtp_fail(SmtpSession *session, TernErrorKind kind, const char *sentence, GError **error)
{
    GError *failure = NULL;

    tern_error_set(&failure, kind, "%s", sentence);
    return smtp_die(session, &failure, error);
}

void smtp_refused(const SmtpReply *reply, const char *prefix, GError **error)
{
    const gboolean is_nonsense = reply->code < 400;
    const TernErrorKind kind = is_nonsense                  ? TERN_ERROR_PROTOCOL
                               : smtp_reply_may_pass(reply) ? TERN_ERROR_NETWORK
                                                            : TERN_ERROR_REFUSED;
    g_autofree char *meaning =
        is_nonsense ? g_strdup(_("the mail server answered what was not asked")) : smtp_reply_meaning(reply);

    tern_error_set(error, kind, "%s%s%s", prefix ? prefix : "", prefix ? ": " : "", meaning);
}

/* ---- the wire ---- */

gboolean smtp_write_bytes(SmtpSession *session, const void *bytes, gsize size, gboolean is_secret,
                          GError **error)
{
    GError *failure = NULL;

    if (!smtp_check_alive(session, error))
        return FALSE;
    return net_stream_write(session->stream, bytes, size, is_secret, &failure) ||
           smtp_die(session, &failure, error);
}

gboolean smtp_write(SmtpSession *session, const char *line, GError **error)
{
    return smtp_write_bytes(session, line, strlen(line), FALSE, error) &&
           smtp_write_bytes(session, "\r\n", 2, FALSE, error);
}

static gboolean fill(SmtpSession *session, GError **error)
{
    GError *failure = NULL;
    gssize got = net_stream_read(session->stream, session->in, sizeof session->in, &failure);

    if (got == 0)
        tern_error_set(&failure, TERN_ERROR_NETWORK, _("the mail server closed the connection"));
    session->in_at = 0;
    session->in_end = got > 0 ? (gsize)got : 0;
    return got > 0 || smtp_die(session, &failure, error);
}

gboolean smtp_read(SmtpSession *session, SmtpReply *reply_out, GError **error)
{
    gboolean is_whole = FALSE;

    if (!smtp_check_alive(session, error))
        return FALSE;
    while (!is_whole) {
        GError *failure = NULL;
        if (session->in_at == session->in_end && !fill(session, error))
            return FALSE;
        gssize used = smtp_parser_feed(session->parser, session->in + session->in_at,
                                       session->in_end - session->in_at, reply_out, &is_whole, &failure);
        if (used < 0)
            return smtp_die(session, &failure, error);
        session->in_at += (gsize)used;
    }
    session->is_leaving |= reply_out->code == 421;
    return TRUE;
}

gboolean smtp_ask(SmtpSession *session, const char *line, SmtpReply *reply_out, GError **error)
{
    return smtp_write(session, line, error) && smtp_read(session, reply_out, error);
}

gboolean smtp_has_said(SmtpSession *session, gboolean *has_said_out, GError **error)
{
    GError *failure = NULL;

    *has_said_out = session->in_at < session->in_end;
    if (*has_said_out)
        return TRUE;
    const int ready = net_stream_wait(session->stream, NULL, clock_now_us(), &failure);
    if (ready == NET_ERROR)
        return smtp_die(session, &failure, error);
    *has_said_out = (ready & NET_READABLE) != 0;
    return TRUE;
}

gboolean smtp_noop(SmtpSession *session, GError **error)
{
    SmtpReply reply;

    if (!smtp_ask(session, "NOOP", &reply, error))
        return FALSE;
    if (smtp_reply_is_yes(&reply))
        return TRUE;
    smtp_refused(&reply, NULL, error);
    return FALSE;
}

void smtp_quit(SmtpSession *session, int64_t deadline_us)
{
    SmtpReply reply;

    if (!smtp_session_is_alive(session))
        return;
    net_stream_set_timeout(session->stream, MAX(deadline_us - clock_now_us(), 0));
    if (!session->ahead) /* else it would be taken for that message's text */
        smtp_ask(session, "QUIT", &reply, NULL);
    session->is_leaving = TRUE;
}
