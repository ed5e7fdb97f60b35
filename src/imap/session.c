/* session.c - see session.h and private.h: a session's life, and what a refusal means. */
#include "imap/private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "imap/folder.h"
#include "imap/select.h"
#include "net/peer.h"

#include <string.h>

/* ---- life ---- */

static void namespace_free(ImapNamespace *name_space)
{
    g_free(name_space->prefix);
    g_free(name_space);
}

ImapSession *imap_session_new(NetStream *stream, const ImapListener *listener)
{
    ImapSession *session = g_new0(ImapSession, 1);

    session->stream = stream;
    session->listener = listener ? *listener : (ImapListener){0};
    session->parser = imap_parser_new();
    session->namespaces = g_ptr_array_new_with_free_func((GDestroyNotify)namespace_free);
    session->texts = g_ptr_array_new();
    g_queue_init(&session->pending);
    return session;
}

void imap_pending_free(ImapPending *pending)
{
    if (!pending)
        return;
    g_free(pending->code);
    g_free(pending->text);
    imap_uid_set_free(pending->uids);
    imap_uid_set_free(pending->absent);
    g_free(pending->copied);
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
    g_ptr_array_unref(session->texts);
    imap_uid_map_free(session->map);
    g_strfreev(session->permanent_flags);
    g_clear_error(&session->death);
    g_free(session->greeting);
    g_free(session->mechanism);
    g_free(session->server);
    g_free(session->refusal);
    g_free(session->said);
    g_free(session->ok_code);
    g_free(session->odd_folder);
    g_clear_pointer(&session->append_limits, g_hash_table_unref);
    imap_ahead_free(session->ahead);
    g_free(session->selected);
    explicit_bzero(session->in, sizeof session->in);
    g_free(session);
}

NetStream *imap_session_stream(ImapSession *session)
{
    return session->stream;
}

const char *imap_session_greeting(const ImapSession *session)
{
    return session->greeting ? session->greeting : "";
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

gboolean imap_session_is_read_only(const ImapSession *session)
{
    return session->selected && session->is_read_only;
}

uint32_t imap_session_uid_validity(const ImapSession *session)
{
    return session->selected ? session->uid_validity : 0;
}

gboolean imap_session_is_alive(const ImapSession *session)
{
    return !session->death;
}

guint imap_session_skipped(const ImapSession *session)
{
    return session->skipped;
}

const GPtrArray *imap_session_namespaces(const ImapSession *session)
{
    return session->namespaces;
}

/* ---- errors ---- */

gboolean imap_die(ImapSession *session, GError **failure, GError **error)
{
    if (!session->death && *failure) {
        net_stream_name_peer(session->stream, NET_SPEAKS_IMAP, *failure);
        session->death = g_error_copy(*failure);
    }
    g_propagate_error(error, g_steal_pointer(failure));
    return FALSE;
}

gboolean imap_die_of_continuation(ImapSession *session, GError **error)
{
    g_autoptr(GError) failure = NULL;

    imap_nonsense(&failure, "continuation");
    return imap_die(session, &failure, error);
}

gboolean imap_check_alive(ImapSession *session, GError **error)
{
    if (!session->death)
        return TRUE;
    if (error)
        *error = g_error_copy(session->death);
    return FALSE;
}

/* A screen's line or two of them. */
#define MOST_SAID 500

char *imap_for_people(const char *words)
{
    gsize bytes = strnlen(words, MOST_SAID + 1);

    if (bytes <= MOST_SAID)
        return sanitise(words, -1, SANITISE_LINE);
    do
        bytes--;
    while (bytes > 0 && ((guchar)words[bytes] & 0xc0) == 0x80); /* not within a character */
    g_autofree char *text = sanitise(words, (gssize)bytes, SANITISE_LINE);
    return g_strconcat(text, "…", NULL);
}

/* A server's words made fit for the end of a sentence: safe, and without its full stop. */
static char *said_by_server(const char *words)
{
    g_autofree char *text = imap_for_people(words);
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

/* What a NO says beyond its text (RFC 5530, 7889, 4315 …), for people. */
static const struct {
    const char *code;
    const char *meaning; /* the server's words follow */
    gboolean may_pass;
} REFUSALS[] = {
    {"OVERQUOTA", N_("there is no room left in your mailbox on the server (quota)"), FALSE},
    {"NOPERM", N_("you have no right to do that on the server"), FALSE},
    {"NONEXISTENT", N_("it is not there on the server"), FALSE},
    {"TRYCREATE", N_("that folder is not there on the server"), FALSE},
    {"ALREADYEXISTS", N_("it is there already on the server"), FALSE},
    {"EXPUNGEISSUED", N_("some of the messages are not on the server any more"), FALSE},
    {"READ-ONLY", N_("the folder can only be read"), FALSE},
    {"CANNOT", N_("the server can never do that"), FALSE},
    {"TOOBIG", N_("the message is too large for the server"), FALSE},
    {"UIDNOTSTICKY", N_("the folder gives no lasting numbers to its messages"), FALSE},
    {"HASCHILDREN", N_("there are folders under it"), FALSE},
    {"BADCHARSET", N_("the server does not know that character set"), FALSE},
    {"CORRUPTION", N_("the server's data are damaged; tell who runs it"), FALSE},
    {"CONTACTADMIN", N_("the server asks you to speak to who runs it"), FALSE},
    {"EXPIRED", N_("your password or account has expired"), FALSE},
    {"AUTHENTICATIONFAILED", N_("the server does not accept the user and password"), FALSE},
    {"AUTHORIZATIONFAILED", N_("the server does not let that user in"), FALSE},
    {"PRIVACYREQUIRED", N_("the server wants the connection to be encrypted"), FALSE},
    {"INUSE", N_("somebody else is using it right now"), TRUE},
    {"UNAVAILABLE", N_("the server cannot do that just now"), TRUE},
    {"SERVERBUG", N_("the server has an error of its own"), TRUE},
    {"LIMIT", N_("the server's limit is reached"), TRUE},
};

static gssize find_refusal(const char *code)
{
    for (gsize i = 0; code && i < G_N_ELEMENTS(REFUSALS); i++)
        if (!strcmp(code, REFUSALS[i].code))
            return (gssize)i;
    return -1;
}

gboolean imap_session_refusal_may_pass(const ImapSession *session)
{
    const gssize found = find_refusal(session->refusal);

    return found >= 0 && REFUSALS[found].may_pass;
}

/* Exchange and Microsoft 365 answer so to all that comes after a login that they took (node-imap 523, MailKit
 * 1494). */
static gboolean is_shut_out(const char *text)
{
    return strstr(text, "authenticated but not connected") != NULL;
}

void imap_refused(ImapSession *session, const ImapPending *pending, GError **error)
{
    g_autofree char *text = said_by_server(pending->text);
    gboolean is_no = pending->result == IMAP_NO;
    const char *meaning = is_no ? _("the IMAP server refused") : _("the IMAP server did not understand");

    g_free(session->refusal);
    session->refusal = is_no ? imap_code_name(pending->code) : NULL;
    const gssize found = find_refusal(session->refusal);
    if (is_shut_out(text))
        tern_error_set(error, TERN_ERROR_NETWORK,
                       _("the server let you in, but not into the mailbox (%s): IMAP may be switched off for "
                         "it, the user may not be its own, or there were too many logins, which passes"),
                       text);
    else
        tern_error_set(error, is_no ? TERN_ERROR_REFUSED : TERN_ERROR_PROTOCOL, "%s: %s",
                       found >= 0 ? _(REFUSALS[found].meaning) : meaning, text);
    g_free(session->said);
    session->said = g_steal_pointer(&text);
}

void imap_keep_error(const ImapSession *session, GError **first, GError **failed)
{
    if (session->death)
        g_clear_error(first);
    if (*first)
        g_clear_error(failed);
    else
        *first = g_steal_pointer(failed);
}
