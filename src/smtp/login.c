/* login.c - from the greeting to being logged in: EHLO, STARTTLS, AUTH. */
#include "smtp/private.h"

#include "base/i18n.h"
#include "net/peer.h"

#include <string.h>

/* RFC 5321, 4.1.3: a client without a name that is known outside gives an address. This one is nobody's. */
#define OWN_NAME "[127.0.0.1]"

/* ---- greeting and STARTTLS ---- */

/* A server that knows no EHLO knows no extension either, which is fine where nothing has to be encrypted. */
static gboolean introduce(SmtpSession *session, GError **error)
{
    SmtpReply reply;

    smtp_forget_capabilities(session);
    if (!smtp_ask(session, "EHLO " OWN_NAME, &reply, error))
        return FALSE;
    if (smtp_reply_is_yes(&reply)) {
        smtp_learn_capabilities(session, reply.text);
        return TRUE;
    }
    if (!smtp_reply_may_pass(&reply) && !smtp_ask(session, "HELO " OWN_NAME, &reply, error))
        return FALSE;
    if (smtp_reply_is_yes(&reply))
        return TRUE;
    GError *failure = NULL;
    smtp_refused(&reply, NULL, &failure);
    net_stream_name_peer(session->stream, NET_SPEAKS_SMTP, failure);
    g_propagate_error(error, failure);
    return FALSE;
}

static gboolean cannot_encrypt(SmtpSession *session, const char *why, GError **error)
{
    g_autofree char *sentence = g_strdup_printf(
        _("%s does not encrypt (STARTTLS): %s; nothing was sent. Try smtps:// in the configuration"),
        net_stream_host(session->stream), why);

    return smtp_fail(session, TERN_ERROR_TLS, sentence, error);
}

/* TLS that was asked for and cannot be had is an error, whatever the server or somebody in between says
 * instead. */
static gboolean start_tls(SmtpSession *session, GError **error)
{
    GError *failure = NULL;
    SmtpReply reply;

    if (!smtp_session_can(session, SMTP_CAN_STARTTLS))
        return cannot_encrypt(session, _("it does not offer it"), error);
    if (!smtp_ask(session, "STARTTLS", &reply, error))
        return FALSE;
    if (reply.code != 220) {
        g_autofree char *words = smtp_reply_words(&reply);
        return cannot_encrypt(session, words, error);
    }
    if (session->in_at != session->in_end)
        return smtp_fail(
            session, TERN_ERROR_TLS,
            _("something was slipped in before the encryption began (STARTTLS); the connection is not safe"),
            error);
    return net_stream_start_tls(session->stream, &failure) || smtp_die(session, &failure, error);
}

gboolean smtp_greet(SmtpSession *session, GError **error)
{
    SmtpReply reply;

    if (!smtp_read(session, &reply, error))
        return FALSE;
    if (reply.code != 220) {
        GError *failure = NULL;
        smtp_refused(&reply, NULL, &failure);
        return smtp_die(session, &failure, error);
    }
    if (!introduce(session, error))
        return FALSE;
    return net_stream_security(session->stream) != NET_STARTTLS ||
           (start_tls(session, error) && introduce(session, error));
}

/* ---- logging in ---- */

gboolean smtp_session_offers_login(const SmtpSession *session)
{
    return session->mechanisms->len > 1;
}

gboolean smtp_session_needs_password(const SmtpSession *session)
{
    for (guint i = 0; i + 1 < session->mechanisms->len; i++)
        if (!g_ascii_strcasecmp(g_ptr_array_index(session->mechanisms, i), "EXTERNAL") &&
            net_stream_shows_certificate(session->stream))
            return FALSE;
    return smtp_session_offers_login(session);
}

void smtp_session_expect(SmtpSession *session, AuthStrength least)
{
    session->least = least;
}

AuthStrength smtp_session_strength(const SmtpSession *session)
{
    return session->strength;
}

static gboolean send_answer(SmtpSession *session, const char *answer, SmtpReply *reply, GError **error)
{
    return smtp_write_bytes(session, answer, strlen(answer), TRUE, error) && smtp_write(session, "", error) &&
           smtp_read(session, reply, error);
}

/* The mechanism itself says no: its exchange is ended with "*" (RFC 4954, 4), and nothing more is said
 * here. */
static gboolean give_up(SmtpSession *session, GError **reason, SmtpReply *reply, GError **error)
{
    if (reply->code == 334)
        send_answer(session, "*", reply, NULL);
    return smtp_die(session, reason, error);
}

/* Longer ones go by themselves (RFC 4954, 4: a command line has 512 bytes). */
#define MOST_INITIAL 400

/* AUTH, with the first answer in the same line where the client speaks first. */
static gboolean begin_auth(SmtpSession *session, AuthSasl *sasl, SmtpReply *reply, GError **error)
{
    g_autofree char *command = g_strdup_printf("AUTH %s", auth_sasl_mechanism(sasl));
    GError *reason = NULL;
    char *answer = NULL;

    if (!auth_sasl_is_client_first(sasl))
        return smtp_ask(session, command, reply, error);
    if (!auth_sasl_step(sasl, "", &answer, &reason))
        return smtp_die(session, &reason, error);
    gboolean ok;
    if (strlen(answer) > MOST_INITIAL) {
        ok = smtp_ask(session, command, reply, error) &&
             (reply->code != 334 || send_answer(session, answer, reply, error));
    } else {
        ok = smtp_write_bytes(session, command, strlen(command), FALSE, error) &&
             smtp_write_bytes(session, " ", 1, FALSE, error) &&
             send_answer(session, *answer ? answer : "=", reply, error);
    }
    auth_secret_free(answer);
    return ok;
}

static gboolean auth_once(SmtpSession *session, AuthSasl *sasl, SmtpReply *reply, GError **error)
{
    GError *reason = NULL;

    if (!begin_auth(session, sasl, reply, error))
        return FALSE;
    while (reply->code == 334) {
        char *answer = NULL;
        if (!auth_sasl_step(sasl, reply->text, &answer, &reason))
            return give_up(session, &reason, reply, error);
        gboolean sent = send_answer(session, answer, reply, error);
        auth_secret_free(answer);
        if (!sent)
            return FALSE;
    }
    return reply->code != 235 || auth_sasl_finish(sasl, &reason) || give_up(session, &reason, reply, error);
}

static const char *login_advice(const SmtpReply *reply, const char *words, const char *host)
{
    if (reply->code == 538)
        return _("the server wants the connection to be encrypted: smtps:// in the configuration");
    if (reply->code == 432)
        return _("the password has to be changed first");
    if (smtp_reply_may_pass(reply))
        return _("that may pass");
    const char *advice = auth_refusal_advice(words, host);
    if (!advice && reply->code == 534)
        advice = _("the server wants another kind of password, perhaps one made for this program");
    return advice ? advice : _("check user and password");
}

static gboolean login_refused(const SmtpSession *session, const AuthSasl *sasl, const char *user,
                              const SmtpReply *reply, GError **error)
{
    g_autofree char *words = smtp_reply_words(reply);
    const char *hint = auth_sasl_hint(sasl), *host = net_stream_host(session->stream);
    const gboolean may_pass = smtp_reply_may_pass(reply) && reply->code != 432;

    tern_error_set(error, may_pass ? TERN_ERROR_NETWORK : TERN_ERROR_AUTH,
                   _("not let in as %s at %s: %s; %s%s%s"), user, host, words,
                   login_advice(reply, words, host), hint ? ". " : "", hint ? hint : "");
    return FALSE;
}

static gboolean authenticate(SmtpSession *session, AuthSasl *sasl, const char *user, GError **error)
{
    for (;;) {
        SmtpReply reply = {0};
        net_stream_mask_input(session->stream, TRUE);
        gboolean ok = auth_once(session, sasl, &reply, error);
        net_stream_mask_input(session->stream, FALSE);
        if (!ok)
            return FALSE;
        if (reply.code == 235)
            return TRUE;
        if (session->is_leaving || !auth_sasl_retry(sasl))
            return login_refused(session, sasl, user, &reply, error);
    }
}

gboolean smtp_login(SmtpSession *session, const char *user, const char *password, gboolean allow_cleartext,
                    GError **error)
{
    const AuthRequest request = {
        .offered = (const char *const *)session->mechanisms->pdata,
        .user = user,
        .password = password,
        .service = "smtp",
        .host = net_stream_host(session->stream),
        .stream = session->stream,
        .least = session->least,
        .allow_cleartext = allow_cleartext,
    };

    if (!smtp_check_alive(session, error))
        return FALSE;
    session->strength = auth_strength_of(request.offered);
    g_autoptr(AuthSasl) sasl = auth_sasl_new(&request, error);
    if (!sasl || !authenticate(session, sasl, user, error))
        return FALSE;
    g_free(session->mechanism);
    session->mechanism = g_strdup(auth_sasl_mechanism(sasl));
    return TRUE;
}
