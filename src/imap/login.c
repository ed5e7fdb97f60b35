/* login.c - from the greeting to being logged in: STARTTLS, SASL or LOGIN, capabilities, ID, NAMESPACE. */
#include "imap/folder.h"
#include "imap/private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"

#include <string.h>

#define MOST_NAMESPACES 100

static gboolean fail(ImapSession *session, TernErrorKind kind, const char *sentence, GError **error)
{
    g_autoptr(GError) failure = NULL;

    tern_error_set(&failure, kind, "%s", sentence);
    return imap_die(session, &failure, error);
}

/* ---- greeting and STARTTLS ---- */

/* TLS that was asked for and cannot be had is an error, whatever the server or somebody in between says
 * instead. */
static gboolean start_tls(ImapSession *session, GError **error)
{
    g_autoptr(GError) refusal = NULL;

    if (!imap_command(session, "STARTTLS", NULL, NULL, &refusal)) {
        if (session->death) {
            g_propagate_error(error, g_steal_pointer(&refusal));
            return FALSE;
        }
        g_autofree char *sentence = g_strdup_printf(
            _("%s does not encrypt (STARTTLS): %s; nothing was sent. Try imaps:// in the configuration"),
            net_stream_host(session->stream), refusal->message);
        return fail(session, TERN_ERROR_TLS, sentence, error);
    }
    if (session->in_at != session->in_end)
        return fail(
            session, TERN_ERROR_TLS,
            _("something was slipped in before the encryption began (STARTTLS); the connection is not safe"),
            error);

    g_autoptr(GError) failure = NULL;
    if (!net_stream_start_tls(session->stream, &failure))
        return imap_die(session, &failure, error);
    imap_forget_capabilities(session);
    return TRUE;
}

static gboolean ask_capabilities(ImapSession *session, GError **error)
{
    if (!session->capability_names && !imap_command(session, "CAPABILITY", NULL, NULL, error))
        return FALSE;
    if (imap_has_capability(session, "IMAP4rev1") || imap_has_capability(session, "IMAP4rev2"))
        return TRUE;
    return fail(session, TERN_ERROR_PROTOCOL, _("the server speaks no IMAP that tern knows (IMAP4rev1)"),
                error);
}

static gboolean take_greeting(ImapSession *session, const ImapResponse *response, GError **error)
{
    switch (response->kind) {
    case IMAP_OK:
    case IMAP_PREAUTH:
        if (response->tag)
            break;
        session->is_in = response->kind == IMAP_PREAUTH;
        /* Who a connection is from, nobody but the end of a tunnel knows, or who was shown a certificate:
         * anywhere else somebody lets tern into a mailbox of his own. With STARTTLS even these could be there
         * unencrypted. */
        if (session->is_in && net_stream_security(session->stream) != NET_STARTTLS &&
            !net_stream_is_tunnel(session->stream) && !net_stream_shows_certificate(session->stream))
            return fail(session, TERN_ERROR_AUTH,
                        _("the server claims that you are logged in already (PREAUTH), which is right only "
                          "through a tunnel"),
                        error);
        imap_learn_capability_code(session, response->code);
        session->greeting = g_strdup(response->text);
        return TRUE;
    case IMAP_BYE: {
        g_autoptr(GError) failure = NULL;
        imap_say_bye(response, &failure);
        return imap_die(session, &failure, error);
    }
    default:
        break;
    }
    return fail(session, TERN_ERROR_PROTOCOL, _("the server does not greet as an IMAP server does"), error);
}

gboolean imap_greet(ImapSession *session, GError **error)
{
    ImapTree tree;
    ImapResponse response;

    if (!imap_read(session, &tree, &response, error) || !take_greeting(session, &response, error))
        return FALSE;
    if (net_stream_security(session->stream) == NET_STARTTLS) {
        if (session->is_in)
            return fail(session, TERN_ERROR_TLS,
                        _("the server claims that you are logged in already (PREAUTH), which leaves no way "
                          "to encrypt"),
                        error);
        if (!start_tls(session, error))
            return FALSE;
    }
    return ask_capabilities(session, error);
}

/* ---- logging in ---- */

gboolean imap_session_needs_password(const ImapSession *session)
{
    return !session->is_in &&
           !(imap_has_capability(session, "AUTH=EXTERNAL") && net_stream_shows_certificate(session->stream));
}

/* What to do about a refused login, by its code (RFC 5530). */
static const char *login_advice(const ImapSession *session, gboolean is_full)
{
    static const struct {
        const char *code;
        const char *advice;
    } ADVICE[] = {
        {"EXPIRED", N_("the password or the account has expired")},
        {"AUTHORIZATIONFAILED", N_("the password is right, but this user may not use the mailbox")},
        {"PRIVACYREQUIRED",
         N_("the server wants the connection to be encrypted: imaps:// in the configuration")},
        {"CONTACTADMIN", N_("ask who runs the server")},
    };

    if (is_full)
        return _("too many programs or devices are logged in as this user; that passes");
    if (imap_session_refusal_may_pass(session))
        return _("that may pass");
    for (gsize i = 0; session->refusal && i < G_N_ELEMENTS(ADVICE); i++)
        if (!strcmp(session->refusal, ADVICE[i].code))
            return _(ADVICE[i].advice);
    const char *advice = auth_refusal_advice(session->said, net_stream_host(session->stream));
    return advice ? advice : _("check user and password");
}

/* Gmail lets in no more connections than 15, and says so of the login ("NO [ALERT] Too many simultaneous
 * connections") without a code that tells it from a wrong password, which has one. */
static gboolean is_crowded(const ImapSession *session)
{
    return (!session->refusal || !strcmp(session->refusal, "ALERT")) &&
           auth_refusal_is_crowded(session->said);
}

/* A refusal of the server's as what it means for a login. Not the end of the session. */
static gboolean login_refused(ImapSession *session, const AuthSasl *sasl, const char *user,
                              const GError *refusal, GError **error)
{
    const char *hint = auth_sasl_hint(sasl);

    if (session->death) {
        g_propagate_error(error, g_error_copy(refusal));
        return FALSE;
    }
    /* What may pass is no reason to doubt the password. */
    const gboolean is_full = is_crowded(session);
    tern_error_set(error,
                   is_full || imap_session_refusal_may_pass(session) ? TERN_ERROR_NETWORK : TERN_ERROR_AUTH,
                   _("not let in as %s at %s: %s; %s%s%s"), user, net_stream_host(session->stream),
                   session->said, login_advice(session, is_full), hint ? ". " : "", hint ? hint : "");
    return FALSE;
}

static gboolean send_answer(ImapSession *session, const char *answer, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (net_stream_write(session->stream, answer, strlen(answer), TRUE, &failure) &&
        net_stream_write(session->stream, "\r\n", 2, FALSE, &failure))
        return TRUE;
    return imap_die(session, &failure, error);
}

/* AUTHENTICATE (RFC 3501, 6.2.2), with the first answer in the same line where the server can (RFC 4959). */
static ImapPending *begin_authenticate(ImapSession *session, AuthSasl *sasl, GError **error)
{
    g_autofree char *command = g_strdup_printf("AUTHENTICATE %s", auth_sasl_mechanism(sasl));
    g_autoptr(GError) reason = NULL;
    char *answer = NULL;

    if (!auth_sasl_is_client_first(sasl) || !imap_session_can(session, IMAP_CAN_SASL_IR)) {
        ImapPending *pending = imap_begin(session, NULL, NULL, error);
        return pending && imap_write(session, command, error) && imap_send(session, error) ? pending : NULL;
    }
    if (!auth_sasl_step(sasl, "", &answer, &reason)) {
        imap_die(session, &reason, error);
        return NULL;
    }

    ImapPending *pending = imap_begin(session, NULL, NULL, error);
    gboolean sent = pending && imap_write(session, command, error) && imap_write(session, " ", error) &&
                    send_answer(session, *answer ? answer : "=", error);
    auth_secret_free(answer);
    return sent ? pending : NULL;
}

/* Challenges and answers up to the tagged answer. A mechanism that fails is ended with "*"; the server's
 * answer to that is waited for, so that it does not look like a cut connection in its log. */
static gboolean converse(ImapSession *session, AuthSasl *sasl, ImapPending *pending, GError **reason_out,
                         GError **error)
{
    while (pending->result == IMAP_OTHER) {
        g_autofree char *challenge = NULL;
        char *answer = NULL;

        if (!imap_wait_continue(session, pending, &challenge, error))
            return FALSE;
        if (!challenge)
            break;
        if (!auth_sasl_step(sasl, challenge, &answer, reason_out))
            return send_answer(session, "*", error);
        gboolean sent = send_answer(session, answer, error);
        auth_secret_free(answer);
        if (!sent)
            return FALSE;
    }
    return TRUE;
}

static gboolean authenticate_once(ImapSession *session, AuthSasl *sasl, GError **error)
{
    g_autoptr(GError) reason = NULL, refusal = NULL;
    ImapPending *pending = begin_authenticate(session, sasl, error);

    if (!pending || !converse(session, sasl, pending, &reason, error))
        return FALSE;

    gboolean is_ok = imap_wait(session, pending, &refusal);
    if (reason)
        return imap_die(session, &reason, error);
    if (!is_ok) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        return FALSE;
    }
    return auth_sasl_finish(sasl, &reason) || imap_die(session, &reason, error);
}

static gboolean login_command(ImapSession *session, const char *user, const char *password, GError **error)
{
    ImapPending *pending = imap_begin(session, NULL, NULL, error);

    return pending && imap_write(session, "LOGIN ", error) &&
           imap_write_string(session, pending, user, FALSE, error) && imap_write(session, " ", error) &&
           imap_write_string(session, pending, password, TRUE, error) && imap_finish(session, pending, error);
}

static gboolean authenticate(ImapSession *session, AuthSasl *sasl, const char *user, const char *password,
                             GError **error)
{
    for (;;) {
        g_autoptr(GError) refusal = NULL;

        g_clear_pointer(&session->refusal, g_free);
        net_stream_mask_input(session->stream, TRUE);
        gboolean is_ok = auth_sasl_is_login_command(sasl) ? login_command(session, user, password, &refusal)
                                                          : authenticate_once(session, sasl, &refusal);
        net_stream_mask_input(session->stream, FALSE);
        if (is_ok)
            return TRUE;
        if (session->death || !auth_sasl_retry(sasl))
            return login_refused(session, sasl, user, refusal, error);
    }
}

/* ---- once in: who the server is, and where its folders are ---- */

/* ID (RFC 2971): "name", "version" of a list of names and values. */
static void take_id(ImapSession *session, const ImapTree *tree, const ImapResponse *response)
{
    const char *name = NULL, *version = NULL;
    guint end = imap_tree_end(tree, response->first);

    if (!imap_tree_is_kind(tree, response->first, IMAP_LIST))
        return;
    for (guint i = response->first + 1; i + 1 < end; i = imap_tree_end(tree, i + 1)) {
        if (!g_ascii_strcasecmp(imap_tree_text(tree, i), "name"))
            name = imap_tree_text(tree, i + 1);
        if (!g_ascii_strcasecmp(imap_tree_text(tree, i), "version") &&
            !imap_tree_is_kind(tree, i + 1, IMAP_NIL))
            version = imap_tree_text(tree, i + 1);
    }
    if (!name || !*name)
        return;
    g_autofree char *both = g_strdup_printf(version && *version ? "%s %s" : "%s", name, version);
    g_free(session->server);
    session->server = sanitise(both, -1, SANITISE_LINE);
}

/* NAMESPACE (RFC 2342): three lists (or NIL), of personal ones, other users' and shared ones, of lists of a
 * prefix and a delimiter. */
static void take_namespaces(ImapSession *session, const ImapTree *tree, const ImapResponse *response)
{
    guint group = response->first;

    g_ptr_array_set_size(session->namespaces, 0);
    for (ImapNamespaceKind kind = IMAP_PERSONAL; kind <= IMAP_SHARED && group < tree->n; kind++) {
        guint end = imap_tree_end(tree, group);
        for (guint i = group + 1; i < end && session->namespaces->len < MOST_NAMESPACES;
             i = imap_tree_end(tree, i)) {
            const char *delimiter = imap_tree_text(tree, i + 2);
            if (!imap_tree_is_kind(tree, i, IMAP_LIST) || !imap_tree_is_astring(tree, i + 1))
                continue;
            ImapNamespace *name_space = g_new0(ImapNamespace, 1);
            name_space->kind = kind;
            name_space->prefix = g_strdup(imap_tree_text(tree, i + 1));
            if (imap_tree_is_kind(tree, i + 2, IMAP_QUOTED) && !delimiter[1] && (guchar)*delimiter < 0x80)
                name_space->delimiter = *delimiter;
            g_ptr_array_add(session->namespaces, name_space);
        }
        group = end;
    }
}

void imap_take_introduction(ImapSession *session, const ImapTree *tree, const ImapResponse *response)
{
    if (response->kind == IMAP_ID)
        take_id(session, tree, response);
    else if (response->kind == IMAP_NAMESPACE)
        take_namespaces(session, tree, response);
    else if (response->kind == IMAP_ENABLED)
        imap_learn_enabled(session, tree, response);
}

/* A server that refuses these is a server without them. All go with the next command, most likely LIST: a
 * round trip less before the first page. */
static gboolean introduce(ImapSession *session, GError **error)
{
    static const struct {
        ImapCapability capability;
        const char *command;
    } COMMANDS[] = {
        {IMAP_CAN_ID, "ID (\"name\" \"tern\" \"version\" \"" TERN_VERSION "\")"},
        {IMAP_CAN_NAMESPACE, "NAMESPACE"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
        if (imap_session_can(session, COMMANDS[i].capability) &&
            !imap_send_unawaited(session, COMMANDS[i].command, error))
            return FALSE;
    g_autofree char *enable = imap_enable_command(session);
    return !enable || imap_send_unawaited(session, enable, error);
}

void imap_session_expect(ImapSession *session, AuthStrength least)
{
    session->least = least;
}

AuthStrength imap_session_strength(const ImapSession *session)
{
    return session->strength;
}

gboolean imap_login(ImapSession *session, const char *user, const char *password, gboolean allow_cleartext,
                    GError **error)
{
    g_autofree const char **offered = imap_sasl_mechanisms(session);
    const AuthRequest request = {
        .offered = offered,
        .login_offered = !imap_has_capability(session, "LOGINDISABLED"),
        .user = user,
        .password = password,
        .service = "imap",
        .host = net_stream_host(session->stream),
        .stream = session->stream,
        .least = session->least,
        .allow_cleartext = allow_cleartext,
    };

    if (!imap_check_alive(session, error))
        return FALSE;
    if (session->is_in) { /* PREAUTH */
        session->mechanism = g_strdup("PREAUTH");
        return introduce(session, error);
    }

    session->strength = auth_strength_of(offered);
    g_autoptr(AuthSasl) sasl = auth_sasl_new(&request, error);
    session->capabilities_are_new = FALSE;
    if (!sasl || !authenticate(session, sasl, user, password, error))
        return FALSE;
    session->is_in = TRUE;
    g_free(session->mechanism);
    session->mechanism = g_strdup(auth_sasl_mechanism(sasl));
    imap_learn_capability_code(session, session->ok_code);
    if (!session->capabilities_are_new)
        imap_forget_capabilities(session);
    return ask_capabilities(session, error) && introduce(session, error);
}
