/* login.c - from the greeting to being logged in: STLS, UTF8, SASL, USER and PASS, APOP. */
#include "base/error.h"
#include "base/i18n.h"
#include "pop3/private.h"

#include <string.h>

/* ---- greeting and STLS ---- */

/* TLS that was asked for and cannot be had is an error, whatever the server or somebody in between says
 * instead. */
static gboolean start_tls(Pop3Session *session, GError **error)
{
    g_autoptr(GError) refusal = NULL;

    if (!pop3_command(session, "STLS", &refusal)) {
        if (session->death)
            return pop3_check_alive(session, error);
        g_autofree char *sentence = g_strdup_printf(
            _("%s does not encrypt (STLS): %s; nothing was sent. Try pop3s:// in the configuration"),
            net_stream_host(session->stream), session->said);
        return pop3_fail(session, TERN_ERROR_TLS, sentence, error);
    }
    if (session->in_at != session->in_end)
        return pop3_fail(
            session, TERN_ERROR_TLS,
            _("something was slipped in before the encryption began (STLS); the connection is not safe"),
            error);

    GError *failure = NULL;
    if (!net_stream_start_tls(session->stream, &failure))
        return pop3_die(session, &failure, error);
    pop3_forget_capa(session);
    /* It came without protection: whoever can choose it can find a password out by APOP. */
    g_clear_pointer(&session->timestamp, g_free);
    return TRUE;
}

static gboolean take_greeting(Pop3Session *session, GError **error)
{
    g_autoptr(GError) refusal = NULL;
    Pop3Pending *pending = g_new0(Pop3Pending, 1); /* the answer to a command that nobody had to send */

    g_queue_push_tail(&session->pending, pending);
    if (!pop3_await(session, pending, error))
        return FALSE;
    session->timestamp = pop3_read_timestamp(pending->text);
    if (pop3_conclude(session, pending, &refusal))
        return TRUE;
    /* Whoever is turned away at the door may come again, but for a lasting fault. */
    return pop3_fail(session,
                     tern_error_is(refusal, TERN_ERROR_REFUSED) && session->refusal ? TERN_ERROR_REFUSED
                                                                                    : TERN_ERROR_NETWORK,
                     refusal->message, error);
}

gboolean pop3_greet(Pop3Session *session, GError **error)
{
    if (!take_greeting(session, error) ||
        (net_stream_security(session->stream) == NET_STARTTLS && !start_tls(session, error)))
        return FALSE;
    Pop3Pending *capa = pop3_send_capa(session, error);
    if (!capa || !pop3_await(session, capa, error))
        return FALSE;
    pop3_conclude_capa(session, capa);
    return TRUE;
}

/* ---- logging in ---- */

static gboolean login_refused(Pop3Session *session, const AuthSasl *sasl, const char *user, GError **error)
{
    const char *advice, *hint = sasl ? auth_sasl_hint(sasl) : NULL;
    const TernErrorKind kind = pop3_refusal_kind(session, &advice);

    tern_error_set(error, kind, _("not let in as %s at %s: %s; %s%s%s"), user,
                   net_stream_host(session->stream), session->said, advice, hint ? ". " : "",
                   hint ? hint : "");
    return FALSE;
}

static gboolean send_answer(Pop3Session *session, const char *answer, GError **error)
{
    return pop3_write(session, answer, TRUE, error) && pop3_write(session, "\r\n", FALSE, error);
}

/* Challenges and answers up to the server's last word. A mechanism that fails is ended with "*". AUTH goes
 * without a first answer: not all servers with SASL take one (Exchange's, and those of RFC 1734), and a poll
 * has the time. */
static gboolean converse(Pop3Session *session, AuthSasl *sasl, Pop3Pending *pending, GError **reason_out,
                         GError **error)
{
    for (;;) {
        g_autofree char *challenge = NULL;
        char *answer = NULL;

        if (!pop3_await_challenge(session, pending, &challenge, error))
            return FALSE;
        if (!challenge)
            return TRUE;
        if (*reason_out)
            return pop3_fail(session, TERN_ERROR_PROTOCOL,
                             _("the POP3 server goes on with a login that was given up"), error);
        const gboolean is_ok = auth_sasl_step(sasl, challenge, &answer, reason_out);
        const gboolean is_sent = send_answer(session, is_ok ? answer : "*", error);
        auth_secret_free(answer);
        if (!is_sent)
            return FALSE;
    }
}

static gboolean authenticate_once(Pop3Session *session, AuthSasl *sasl, GError **error)
{
    g_autofree char *command = g_strdup_printf("AUTH %s", auth_sasl_mechanism(sasl));
    GError *reason = NULL;
    Pop3Pending *pending = pop3_send(session, POP3_LINE, command, error);

    if (!pending || !converse(session, sasl, pending, &reason, error)) {
        g_clear_error(&reason);
        return FALSE;
    }
    const gboolean is_ok = pop3_conclude(session, pending, reason ? NULL : error);
    /* The mechanism itself says no (a server that cannot prove that it knows the password): nothing more is
     * said here. */
    if (reason || (is_ok && !auth_sasl_finish(sasl, &reason)))
        return pop3_die(session, &reason, error);
    return is_ok;
}

/* What would end the line and begin a command of its own. */
static gboolean check_line(const char *text, GError **error)
{
    if (!strpbrk(text, "\r\n"))
        return TRUE;
    tern_error_set(error, TERN_ERROR_AUTH, _("user name or password hold characters that POP3 cannot carry"));
    return FALSE;
}

/* Not in one flight with USER: some servers lose what comes behind a line while they look a user up. */
static gboolean user_and_pass(Pop3Session *session, const char *user, const char *password, GError **error)
{
    g_autofree char *command = g_strdup_printf("USER %s", user);

    if (!check_line(user, error) || !check_line(password, error) || !pop3_command(session, command, error))
        return FALSE;
    /* The command itself is what must not be seen, so it is not sent by pop3_command(). */
    if (!pop3_write(session, "PASS ", FALSE, error) || !pop3_write(session, password, TRUE, error))
        return FALSE;
    Pop3Pending *pending = pop3_send(session, POP3_LINE, "", error);
    return pending && pop3_await(session, pending, error) && pop3_conclude(session, pending, error);
}

/* RFC 1939, section 7. MD5 is no protection; TLS is. */
static gboolean apop(Pop3Session *session, const char *user, const char *password, GError **error)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_MD5);

    g_checksum_update(sum, (const guchar *)session->timestamp, -1);
    g_checksum_update(sum, (const guchar *)password, -1);
    g_autofree char *command = g_strdup_printf("APOP %s ", user);
    const gboolean is_written = check_line(user, error) && pop3_write(session, command, FALSE, error) &&
                                pop3_write(session, g_checksum_get_string(sum), TRUE, error);
    g_checksum_free(sum);
    Pop3Pending *pending = is_written ? pop3_send(session, POP3_LINE, "", error) : NULL;
    return pending && pop3_await(session, pending, error) && pop3_conclude(session, pending, error);
}

static gboolean authenticate(Pop3Session *session, AuthSasl *sasl, const char *user, const char *password,
                             GError **error)
{
    for (;;) {
        g_autoptr(GError) refusal = NULL;

        g_clear_pointer(&session->refusal, g_free);
        net_stream_mask_input(session->stream, TRUE);
        const gboolean is_ok = auth_sasl_is_login_command(sasl)
                                   ? user_and_pass(session, user, password, &refusal)
                                   : authenticate_once(session, sasl, &refusal);
        net_stream_mask_input(session->stream, FALSE);
        if (is_ok)
            return TRUE;
        if (session->death || !session->said) {
            g_propagate_error(error, g_steal_pointer(&refusal));
            return FALSE;
        }
        if (!auth_sasl_retry(sasl))
            return login_refused(session, sasl, user, error);
    }
}

/* Only where there is nothing else, and TLS, and the server never had anything better. */
static gboolean may_apop(const Pop3Session *session, const char *password)
{
    return session->timestamp && password && net_stream_is_tls(session->stream) &&
           session->least <= AUTH_SHOWS_PASSWORD && !pop3_session_can(session, POP3_CAN_USER);
}

/* RFC 6856, 2: before the login, so that what comes after it may be UTF-8. A refusal changes nothing. */
static gboolean say_utf8(Pop3Session *session, GError **error)
{
    if (!pop3_session_can(session, POP3_CAN_UTF8))
        return TRUE;
    return pop3_command(session, "UTF8", NULL) || pop3_check_alive(session, error);
}

static gboolean log_in(Pop3Session *session, const AuthRequest *request, GError **error)
{
    g_autoptr(GError) none = NULL;
    g_autoptr(AuthSasl) sasl = auth_sasl_new(request, &none);

    if (sasl) {
        if (!authenticate(session, sasl, request->user, request->password, error))
            return FALSE;
        session->mechanism =
            g_strdup(auth_sasl_is_login_command(sasl) ? "USER command" : auth_sasl_mechanism(sasl));
        return TRUE;
    }
    if (!may_apop(session, request->password)) {
        g_propagate_error(error, g_steal_pointer(&none));
        return FALSE;
    }
    if (!apop(session, request->user, request->password, &none)) {
        if (!session->death && session->said)
            return login_refused(session, NULL, request->user, error);
        g_propagate_error(error, g_steal_pointer(&none));
        return FALSE;
    }
    session->mechanism = g_strdup("APOP");
    return TRUE;
}

gboolean pop3_login(Pop3Session *session, const char *user, const char *password, gboolean allow_cleartext,
                    GError **error)
{
    const AuthRequest request = {
        .offered = (const char *const *)session->sasl,
        .login_offered = pop3_session_can(session, POP3_CAN_USER),
        .user = user,
        .password = password,
        .service = "pop",
        .host = net_stream_host(session->stream),
        .stream = session->stream,
        .least = session->least,
        .allow_cleartext = allow_cleartext,
    };

    if (!pop3_check_alive(session, error) || !say_utf8(session, error))
        return FALSE;
    g_clear_pointer(&session->said, g_free);
    session->strength = auth_strength_of(request.offered);
    if (!log_in(session, &request, error))
        return FALSE;
    session->wants_capa = session->knows_capa;
    return TRUE;
}
