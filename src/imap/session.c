/* session.c - see session.h and private.h: a session's life, and what comes back from the server. */
#include "imap/private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sanitise.h"
#include "imap/uidset.h"

#include <string.h>

/* More in one session are noise. */
#define MOST_ALERTS 100

/* ---- life ---- */

ImapSession *imap_session_new(NetStream *stream, const ImapListener *listener)
{
    ImapSession *session = g_new0(ImapSession, 1);

    session->stream = stream;
    session->listener = listener ? *listener : (ImapListener){0};
    session->parser = imap_parser_new();
    session->namespaces = g_ptr_array_new_with_free_func(g_free);
    session->flags = g_ptr_array_new();
    g_queue_init(&session->pending);
    return session;
}

void imap_pending_free(ImapPending *pending)
{
    if (!pending)
        return;
    g_free(pending->code);
    g_free(pending->text);
    g_free(pending);
}

void imap_session_free(ImapSession *session)
{
    if (!session)
        return;
    net_stream_close(session->stream);
    imap_parser_free(session->parser);
    imap_forget_capabilities(session);
    g_queue_clear_full(&session->pending, (GDestroyNotify)imap_pending_free);
    g_ptr_array_unref(session->namespaces);
    g_ptr_array_unref(session->flags);
    g_clear_error(&session->death);
    g_free(session->mechanism);
    g_free(session->server);
    g_free(session->refusal);
    g_free(session->said);
    g_free(session->ok_code);
    g_free(session->selected);
    explicit_bzero(session->in, sizeof session->in);
    g_free(session);
}

NetStream *imap_session_stream(ImapSession *session)
{
    return session->stream;
}

const char *imap_session_mechanism(const ImapSession *session)
{
    return session->mechanism;
}

const char *imap_session_server(const ImapSession *session)
{
    return session->server;
}

const char *imap_session_refusal(const ImapSession *session)
{
    return session->refusal;
}

const char *imap_session_selected(const ImapSession *session)
{
    return session->selected;
}

/* ---- errors ---- */

gboolean imap_die(ImapSession *session, GError **error)
{
    if (!session->death && error && *error)
        session->death = g_error_copy(*error);
    return FALSE;
}

gboolean imap_check_alive(ImapSession *session, GError **error)
{
    if (!session->death)
        return TRUE;
    if (error)
        *error = g_error_copy(session->death);
    return FALSE;
}

/* A server's words made fit for the end of a sentence: safe, and without its full stop. */
static char *said_by_server(const char *words)
{
    g_autofree char *text = sanitise(words, -1, SANITISE_LINE);
    gsize bytes = strlen(text);

    while (bytes > 0 && (text[bytes - 1] == '.' || text[bytes - 1] == ' '))
        bytes--;
    return bytes > 0 ? g_strndup(text, bytes) : g_strdup(_("it gave no reason"));
}

gboolean imap_say_bye(const ImapResponse *response, GError **error)
{
    g_autofree char *text = said_by_server(response->text);

    tern_error_set(error, TERN_ERROR_NETWORK, _("the IMAP server ended the connection: %s"), text);
    return FALSE;
}

void imap_refused(ImapSession *session, const ImapPending *pending, GError **error)
{
    g_autofree char *text = said_by_server(pending->text);
    gboolean is_no = pending->result == IMAP_NO;

    g_free(session->refusal);
    session->refusal = is_no ? imap_code_name(pending->code) : NULL;
    tern_error_set(error, is_no ? TERN_ERROR_REFUSED : TERN_ERROR_PROTOCOL,
                   is_no ? _("the IMAP server refused: %s") : _("the IMAP server did not understand: %s"),
                   text);
    g_free(session->said);
    session->said = g_steal_pointer(&text);
}

/* ---- reading ---- */

static gboolean fill(ImapSession *session, GError **error)
{
    gssize got = net_stream_read(session->stream, session->in, sizeof session->in, error);

    if (got == 0)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the IMAP server closed the connection"));
    session->in_at = 0;
    session->in_end = got > 0 ? (gsize)got : 0;
    return got > 0;
}

gboolean imap_read(ImapSession *session, ImapTree *tree_out, ImapResponse *response_out, GError **error)
{
    g_autoptr(GError) failure = NULL;
    ImapParse parse = IMAP_PARSE_MORE;

    if (!imap_check_alive(session, error))
        return FALSE;
    while (parse == IMAP_PARSE_MORE) {
        gsize used;
        if (session->in_at == session->in_end && !fill(session, &failure))
            break;
        parse = imap_parser_feed(session->parser, session->in + session->in_at,
                                 session->in_end - session->in_at, &used, tree_out, &failure);
        session->in_at += used;
    }
    if (parse == IMAP_PARSE_DONE && imap_response_read(tree_out, response_out, &failure))
        return TRUE;
    imap_die(session, &failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* A status with [ALERT] is for people, once they know who speaks. */
static void look_for_alert(ImapSession *session, const ImapResponse *response)
{
    if (!session->is_in || !session->listener.alert || !imap_code_is(response->code, "ALERT") ||
        session->alerts == MOST_ALERTS)
        return;
    session->alerts++;
    g_autofree char *text = sanitise(response->text, -1, SANITISE_LINE);
    session->listener.alert(text, session->listener.data);
}

static void take_capabilities(ImapSession *session, const ImapTree *tree, const ImapResponse *response)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = response->first; i < tree->n; i++)
        if (imap_tree_is_astring(tree, i))
            g_ptr_array_add(names, (gpointer)imap_tree_text(tree, i));
    g_ptr_array_add(names, NULL);
    imap_learn_capabilities(session, (char **)names->pdata);
}

static gboolean take_expunge(ImapSession *session, const ImapResponse *response, GError **error)
{
    if (response->number > session->exists)
        return imap_nonsense(error, "EXPUNGE");
    session->exists--;
    if (session->listener.expunge)
        session->listener.expunge(response->number, session->listener.data);
    return TRUE;
}

/* VANISHED [(EARLIER)] set (RFC 7162, 3.2.10) */
static gboolean take_vanished(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                              GError **error)
{
    gboolean earlier = imap_tree_is_kind(tree, response->first, IMAP_LIST) &&
                       imap_tree_is(tree, response->first + 1, "EARLIER");
    guint index = earlier ? imap_tree_end(tree, response->first) : response->first;
    g_autoptr(ImapUidSet) set = imap_uid_set_parse(imap_tree_text(tree, index), 0);

    if (!set)
        return imap_nonsense(error, "VANISHED");
    if (!earlier)
        session->exists -= (uint32_t)MIN(imap_uid_set_count(set), session->exists);
    if (session->listener.vanished)
        session->listener.vanished(imap_tree_text(tree, index), earlier, session->listener.data);
    return TRUE;
}

static gboolean take_flags(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                           GError **error)
{
    ImapFetchLine line;
    const ImapFetched *message = &line.message;

    if (!imap_response_fetch(tree, response, session->flags, &line, error))
        return FALSE;
    if (message->has_flags && session->listener.flags)
        session->listener.flags(message->seq, message->uid, message->flags, message->modseq,
                                session->listener.data);
    return TRUE;
}

/* What the selected folder tells. */
static gboolean take_folder_news(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                                 GError **error)
{
    switch (response->kind) {
    case IMAP_EXISTS:
        session->exists = response->number;
        if (session->listener.exists)
            session->listener.exists(response->number, session->listener.data);
        return TRUE;
    case IMAP_EXPUNGE:
        return take_expunge(session, response, error);
    case IMAP_VANISHED:
        return take_vanished(session, tree, response, error);
    case IMAP_FETCH:
        return take_flags(session, tree, response, error);
    default:
        return TRUE;
    }
}

/* What no handler took. Before login nothing but capabilities is believed (THREATS.md 1). */
static gboolean take_untagged(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                              GError **error)
{
    if (response->kind == IMAP_BYE)
        return imap_say_bye(response, error);
    if (response->kind == IMAP_CAPABILITY)
        take_capabilities(session, tree, response);
    if (!session->is_in)
        return TRUE;
    look_for_alert(session, response);
    imap_take_introduction(session, tree, response);
    return !session->selected || take_folder_news(session, tree, response, error);
}

static gboolean hand_on(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                        GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (++session->unsolicited > LIMIT_IMAP_UNSOLICITED)
        tern_error_set(&failure, TERN_ERROR_PROTOCOL, _("the IMAP server talks without end"));
    else if (session->handler && session->handler(session, tree, response, session->handler_data, &failure))
        return TRUE;
    else if (!failure && take_untagged(session, tree, response, &failure))
        return TRUE;
    imap_die(session, &failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* A tagged answer goes to its command, which need not be the oldest. */
static gboolean settle(ImapSession *session, const ImapResponse *response, GError **error)
{
    g_autoptr(GError) failure = NULL;
    uint64_t tag = 0;

    session->unsolicited = 0;
    if (*response->tag == 'A')
        imap_digits(response->tag + 1, strlen(response->tag + 1), G_MAXUINT, &tag);
    for (GList *at = session->pending.head; at; at = at->next) {
        ImapPending *pending = at->data;
        if (pending->tag != tag || pending->result != IMAP_OTHER || response->kind < IMAP_OK ||
            response->kind > IMAP_BAD)
            continue;
        pending->result = response->kind;
        pending->code = g_strdup(response->code);
        pending->text = g_strdup(response->text);
        look_for_alert(session, response);
        if (pending->is_unawaited) {
            g_queue_delete_link(&session->pending, at);
            imap_pending_free(pending);
        }
        return TRUE;
    }
    tern_error_set(&failure, TERN_ERROR_PROTOCOL, _("the IMAP server answered a command that was not sent"));
    imap_die(session, &failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean imap_wait_continue(ImapSession *session, ImapPending *pending, char **text_out, GError **error)
{
    *text_out = NULL;
    while (pending->result == IMAP_OTHER) {
        ImapTree tree;
        ImapResponse response;

        if (!imap_read(session, &tree, &response, error))
            return FALSE;
        if (response.kind == IMAP_CONTINUE) {
            *text_out = g_strdup(response.text);
            return TRUE;
        }
        if (response.tag ? !settle(session, &response, error) : !hand_on(session, &tree, &response, error))
            return FALSE;
    }
    return TRUE;
}
