/* command.c - see private.h: how commands are written and waited for. */
#include "base/error.h"
#include "base/i18n.h"
#include "net/peer.h"
#include "pop3/private.h"

#include <string.h>

/* ---- the end of a session ---- */

gboolean pop3_check_alive(Pop3Session *session, GError **error)
{
    if (!session->death)
        return TRUE;
    if (error)
        *error = g_error_copy(session->death);
    return FALSE;
}

gboolean pop3_die(Pop3Session *session, GError **failure, GError **error)
{
    if (!session->death) {
        net_stream_name_peer(session->stream, NET_SPEAKS_POP3, *failure);
        session->death = g_error_copy(*failure);
    }
    g_propagate_error(error, g_steal_pointer(failure));
    return FALSE;
}

gboolean pop3_fail(Pop3Session *session, TernErrorKind kind, const char *sentence, GError **error)
{
    GError *failure = NULL;

    tern_error_set(&failure, kind, "%s", sentence);
    return pop3_die(session, &failure, error);
}

/* ---- out ---- */

gboolean pop3_write(Pop3Session *session, const char *text, gboolean secret, GError **error)
{
    GError *failure = NULL;

    return net_stream_write(session->stream, text, strlen(text), secret, &failure) ||
           pop3_die(session, &failure, error);
}

Pop3Pending *pop3_send(Pop3Session *session, Pop3Shape shape, const char *command, GError **error)
{
    if (!pop3_check_alive(session, error))
        return NULL;
    /* What is there before anything was asked would be taken for the answer: a message that was cut short by
     * its own text shows here, or somebody who slips something in. */
    if (g_queue_is_empty(&session->pending) && session->in_at != session->in_end) {
        pop3_fail(session, TERN_ERROR_PROTOCOL, _("the POP3 server says something that nobody asked for"),
                  error);
        return NULL;
    }
    if (!pop3_write(session, command, FALSE, error) || !pop3_write(session, "\r\n", FALSE, error))
        return NULL;

    Pop3Pending *pending = g_new0(Pop3Pending, 1);
    pending->shape = shape;
    g_queue_push_tail(&session->pending, pending);
    return pending;
}

/* ---- in ---- */

static gboolean fill(Pop3Session *session, GError **error)
{
    GError *failure = NULL;
    gssize got = net_stream_read(session->stream, session->in, sizeof session->in, &failure);

    session->in_at = 0;
    session->in_end = got > 0 ? (gsize)got : 0;
    if (got > 0)
        return TRUE;
    if (got == 0)
        tern_error_set(&failure, TERN_ERROR_NETWORK, _("the POP3 server closed the connection"));
    return pop3_die(session, &failure, error);
}

/* The next event of the answer under way. */
static Pop3Parse next_event(Pop3Session *session, Pop3Event *event_out, GError **error)
{
    Pop3Parse parse = POP3_PARSE_MORE;

    while (parse == POP3_PARSE_MORE) {
        GError *failure = NULL;
        gsize used;
        if (session->in_at == session->in_end && !fill(session, error))
            return POP3_PARSE_FAILED;
        parse = pop3_parser_feed(session->parser, session->in + session->in_at,
                                 session->in_end - session->in_at, &used, event_out, &failure);
        session->in_at += used;
        if (parse == POP3_PARSE_FAILED)
            pop3_die(session, &failure, error);
    }
    return parse;
}

static gboolean take_event(Pop3Session *session, Pop3Pending *pending, Pop3Parse parse,
                           const Pop3Event *event, GError **error)
{
    GError *failure = NULL;

    switch (parse) {
    case POP3_PARSE_OK:
    case POP3_PARSE_ERR:
        pending->status = parse;
        pending->text = g_strdup(event->text);
        pending->is_done = parse == POP3_PARSE_ERR || pending->shape == POP3_LINE;
        if (!pending->is_done && pending->begin)
            pending->begin(pending);
        return TRUE;
    case POP3_PARSE_ITEM:
        return !pending->item || pending->item(event->text, event->bytes, pending->data, &failure) ||
               pop3_die(session, &failure, error);
    case POP3_PARSE_END:
        pending->is_done = TRUE;
        pending->octets = event->octets;
        return TRUE;
    default:
        return FALSE;
    }
}

/* The oldest that has no answer yet. */
static Pop3Pending *oldest_unanswered(Pop3Session *session)
{
    for (GList *at = session->pending.head; at; at = at->next)
        if (!((Pop3Pending *)at->data)->is_done)
            return at->data;
    return NULL;
}

gboolean pop3_await_challenge(Pop3Session *session, Pop3Pending *pending, char **challenge_out,
                              GError **error)
{
    *challenge_out = NULL;
    if (!pop3_check_alive(session, error))
        return FALSE;
    if (pending->is_done)
        return TRUE;
    if (pending != oldest_unanswered(session))
        return pop3_fail(session, TERN_ERROR_BUG, "answers are awaited in the order of their commands",
                         error);
    if (!pending->is_begun)
        pop3_parser_begin(session->parser, pending->shape, &pending->sink);
    pending->is_begun = TRUE;
    while (!pending->is_done) {
        Pop3Event event;
        const Pop3Parse parse = next_event(session, &event, error);
        if (parse == POP3_PARSE_CONTINUE) {
            *challenge_out = g_strdup(event.text);
            return TRUE;
        }
        if (parse == POP3_PARSE_FAILED || !take_event(session, pending, parse, &event, error))
            return FALSE;
    }
    return TRUE;
}

gboolean pop3_await(Pop3Session *session, Pop3Pending *pending, GError **error)
{
    g_autofree char *challenge = NULL;

    if (!pop3_await_challenge(session, pending, &challenge, error))
        return FALSE;
    return !challenge || pop3_fail(session, TERN_ERROR_PROTOCOL,
                                   _("the POP3 server waits for something that nobody has to say"), error);
}

void pop3_pending_free(Pop3Pending *pending)
{
    g_free(pending->text);
    g_free(pending);
}

gboolean pop3_conclude(Pop3Session *session, Pop3Pending *pending, GError **error)
{
    const gboolean is_ok = pending->status == POP3_PARSE_OK;

    if (!is_ok)
        pop3_refused(session, pending->text, error);
    g_queue_remove(&session->pending, pending);
    pop3_pending_free(pending);
    return is_ok;
}

gboolean pop3_command(Pop3Session *session, const char *command, GError **error)
{
    Pop3Pending *pending = pop3_send(session, POP3_LINE, command, error);

    return pending && pop3_await(session, pending, error) && pop3_conclude(session, pending, error);
}

gboolean pop3_noop(Pop3Session *session, GError **error)
{
    return pop3_command(session, "NOOP", error);
}

gboolean pop3_reset(Pop3Session *session, GError **error)
{
    return pop3_command(session, "RSET", error);
}

gboolean pop3_quit(Pop3Session *session, GError **error)
{
    const gboolean is_ok = pop3_command(session, "QUIT", error);

    if (!session->death)
        session->death = g_error_new_literal(TERN_ERROR, TERN_ERROR_NETWORK, _("the POP3 session has ended"));
    return is_ok;
}
