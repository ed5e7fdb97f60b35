/* sasl.c - one login by libgsasl: its attempts, and the steps of each; see auth.h and choice.c. */
#include "auth/private.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sanitise.h"

#include <gsasl.h>
#include <string.h>

/* Rounds of PBKDF2 that a server may ask for: some 2 s here. The thread cannot be cancelled meanwhile. */
#define MAX_ROUNDS 2000000
/* RFC 5802, 7677: without TLS a smaller number hands out the password to whoever listens. */
#define MIN_ROUNDS_WITHOUT_TLS 4096

struct AuthSasl {
    NetStream *stream;
    GArray *attempts; /* AuthAttempt */
    guint attempt;
    char *user, *password, *host;
    char *shown_host; /* made safe */
    Gsasl *context;
    Gsasl_session *session; /* NULL: not begun, or the LOGIN command */
    guint steps;            /* of this attempt, that gave an answer */
    gboolean is_complete;
    gboolean binding_refused; /* the server said so */
    gboolean is_doubtful;     /* it made a mistake, or asked for what tern does not do */
};

static const AuthAttempt *current(const AuthSasl *sasl)
{
    return &g_array_index(sasl->attempts, AuthAttempt, sasl->attempt);
}

static void wipe_property(Gsasl_session *session, Gsasl_property property)
{
    /* libgsasl 2.2 frees secrets without wiping them; this is its own copy. */
    char *value = (char *)gsasl_property_fast(session, property);

    if (value)
        explicit_bzero(value, strlen(value));
}

static void end_attempt(AuthSasl *sasl)
{
    if (!sasl->session)
        return;
    wipe_property(sasl->session, GSASL_PASSWORD);
    wipe_property(sasl->session, GSASL_SCRAM_SALTED_PASSWORD);
    wipe_property(sasl->session, GSASL_SCRAM_SERVERKEY);
    wipe_property(sasl->session, GSASL_SCRAM_STOREDKEY);
    gsasl_finish(g_steal_pointer(&sasl->session));
}

void auth_sasl_free(AuthSasl *sasl)
{
    if (!sasl)
        return;
    end_attempt(sasl);
    if (sasl->context)
        gsasl_done(sasl->context);
    g_array_unref(sasl->attempts);
    auth_secret_free(sasl->password);
    g_free(sasl->user);
    g_free(sasl->host);
    g_free(sasl->shown_host);
    g_free(sasl);
}

/* Gives libgsasl the binding. Only to -PLUS: once it has one, libgsasl 2.2.0 refuses to begin plain SCRAM at
 * all (it should say "y": I could, you do not offer it). */
static void give_binding(AuthSasl *sasl, const char *type)
{
    g_autoptr(GBytes) binding = net_stream_channel_binding(sasl->stream, type);

    if (!binding)
        return;
    g_autofree char *text = g_base64_encode(g_bytes_get_data(binding, NULL), g_bytes_get_size(binding));
    gsasl_property_set(sasl->session,
                       strcmp(type, "tls-exporter") == 0 ? GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE, text);
}

/* libgsasl asks for what it was not given (an authorization identity …); there is nothing more to give. */
static int no_property(Gsasl *context G_GNUC_UNUSED, Gsasl_session *session G_GNUC_UNUSED,
                       Gsasl_property property G_GNUC_UNUSED)
{
    return GSASL_NO_CALLBACK;
}

static gboolean begin_attempt(AuthSasl *sasl, GError **error)
{
    const AuthAttempt *attempt = current(sasl);

    end_attempt(sasl);
    sasl->steps = 0;
    sasl->is_complete = sasl->binding_refused = sasl->is_doubtful = FALSE;
    if (auth_sasl_is_login_command(sasl))
        return TRUE;
    int status = gsasl_client_start(sasl->context, attempt->mechanism, &sasl->session);
    if (status == GSASL_OK)
        status = gsasl_property_set(sasl->session, GSASL_AUTHID, sasl->user);
    if (status == GSASL_OK)
        status = gsasl_property_set(sasl->session, GSASL_PASSWORD, sasl->password);
    if (status != GSASL_OK) {
        tern_error_set(error, TERN_ERROR_BUG, _("libgsasl cannot begin %s: %s"), attempt->mechanism,
                       gsasl_strerror(status));
        return FALSE;
    }
    if (attempt->binding)
        give_binding(sasl, attempt->binding);
    return TRUE;
}

AuthSasl *auth_sasl_new(const AuthRequest *request, GError **error)
{
    GArray *attempts = auth_choose(request, error);
    if (!attempts)
        return NULL;

    g_autoptr(AuthSasl) sasl = g_new0(AuthSasl, 1);
    sasl->stream = request->stream;
    sasl->attempts = attempts;
    sasl->user = g_strdup(request->user ? request->user : "");
    sasl->password = g_strdup(request->password ? request->password : "");
    sasl->host = g_strdup(request->host ? request->host : "");
    sasl->shown_host = sanitise(sasl->host, -1, SANITISE_LINE);
    int status = gsasl_init(&sasl->context);
    if (status != GSASL_OK) {
        sasl->context = NULL;
        tern_error_set(error, TERN_ERROR_BUG, _("libgsasl does not start: %s"), gsasl_strerror(status));
        return NULL;
    }
    gsasl_callback_set(sasl->context, no_property);
    return begin_attempt(sasl, error) ? g_steal_pointer(&sasl) : NULL;
}

const char *auth_sasl_mechanism(const AuthSasl *sasl)
{
    return current(sasl)->mechanism;
}

gboolean auth_sasl_is_login_command(const AuthSasl *sasl)
{
    return strcmp(current(sasl)->mechanism, AUTH_LOGIN_COMMAND) == 0;
}

gboolean auth_sasl_is_client_first(const AuthSasl *sasl)
{
    static const char *const OTHERS[] = {"PLAIN", AUTH_EXTERNAL, NULL};

    return auth_is_scram(current(sasl)->mechanism) || g_strv_contains(OTHERS, current(sasl)->mechanism);
}

/* ---- what the server says in SCRAM, looked at before libgsasl does ---- */

static void set_step_error(AuthSasl *sasl, int status, GError **error)
{
    if (status == GSASL_SASLPREP_ERROR)
        tern_error_set(error, TERN_ERROR_AUTH,
                       _("user name or password hold characters that %s cannot carry"),
                       current(sasl)->mechanism);
    else if (auth_is_scram(current(sasl)->mechanism) && sasl->steps > 1)
        tern_error_set(error, TERN_ERROR_AUTH,
                       _("%s did not prove that it knows the password; it may not be the right server"),
                       sasl->shown_host);
    else
        tern_error_set(error, TERN_ERROR_AUTH, _("%s made a mistake in the login by %s: %s"),
                       sasl->shown_host, current(sasl)->mechanism, gsasl_strerror(status));
}

/* "e=…" (RFC 5802, 7): the server refuses, and says why. */
static void set_scram_refusal(AuthSasl *sasl, const char *reason, GError **error)
{
    g_autofree char *safe = sanitise(reason, (gssize)strcspn(reason, ","), SANITISE_LINE);

    sasl->binding_refused = strstr(safe, "channel-binding") != NULL;
    tern_error_set(error, TERN_ERROR_AUTH, _("%s refused the login: %s"), sasl->shown_host, safe);
}

static gboolean check_rounds(AuthSasl *sasl, const char *text, GError **error)
{
    guint64 rounds = 0;

    /* The largest, should there be several: which one libgsasl takes is its business. */
    for (const char *at = strstr(text, ",i="); at; at = strstr(at + 3, ",i="))
        rounds = MAX(rounds, g_ascii_strtoull(at + 3, NULL, 10));

    if (rounds > MAX_ROUNDS) {
        tern_error_set(
            error, TERN_ERROR_AUTH,
            _("%s asks for %" G_GUINT64_FORMAT " rounds of hashing, which is more than tern does (%d)"),
            sasl->shown_host, rounds, MAX_ROUNDS);
        return FALSE;
    }
    if (rounds < MIN_ROUNDS_WITHOUT_TLS && !net_stream_is_tls(sasl->stream) &&
        !net_stream_is_local(sasl->stream)) {
        tern_error_set(error, TERN_ERROR_AUTH,
                       _("%s asks for only %" G_GUINT64_FORMAT " rounds of hashing, too few without TLS"),
                       sasl->shown_host, rounds);
        return FALSE;
    }
    return TRUE;
}

/* The challenge as libgsasl will read it, to be freed; NULL when it is no base64, or holds a NUL, where
 * libgsasl and this file might see different texts. */
static char *decode(const char *challenge)
{
    char *bytes = NULL, *text = NULL;
    size_t size = 0;

    if (gsasl_base64_from(challenge, strlen(challenge), &bytes, &size) != GSASL_OK)
        return NULL;
    if (!memchr(bytes, '\0', size))
        text = g_strndup(bytes, size);
    gsasl_free(bytes);
    return text;
}

static gboolean check_scram(AuthSasl *sasl, const char *challenge, GError **error)
{
    g_autofree char *text = decode(challenge);

    if (!text) {
        set_step_error(sasl, GSASL_MECHANISM_PARSE_ERROR, error);
        return FALSE;
    }
    if (g_str_has_prefix(text, "e=")) {
        set_scram_refusal(sasl, text + 2, error);
        return FALSE;
    }
    return sasl->steps != 1 || check_rounds(sasl, text, error);
}

static gboolean check_challenge(AuthSasl *sasl, const char *challenge, GError **error)
{
    if (!sasl->session || sasl->is_complete) {
        tern_error_set(error, TERN_ERROR_AUTH, _("%s goes on asking after the login was complete"),
                       sasl->shown_host);
        return FALSE;
    }
    if (strlen(challenge) > LIMIT_SECRET_BYTES) {
        tern_error_set(error, TERN_ERROR_AUTH, _("%s asks for more than tern answers in a login"),
                       sasl->shown_host);
        return FALSE;
    }
    return !auth_is_scram(current(sasl)->mechanism) || sasl->steps == 0 ||
           check_scram(sasl, challenge, error);
}

gboolean auth_sasl_step(AuthSasl *sasl, const char *challenge, char **answer_out, GError **error)
{
    char *answer = NULL;

    *answer_out = NULL;
    sasl->is_doubtful = TRUE;
    if (!check_challenge(sasl, challenge, error))
        return FALSE;
    /* Words before the client has spoken, and prompts of LOGIN, mean nothing; servers put anything there. */
    if (!auth_is_scram(current(sasl)->mechanism) || sasl->steps == 0)
        challenge = "";
    int status = gsasl_step64(sasl->session, challenge, &answer);
    if (status != GSASL_OK && status != GSASL_NEEDS_MORE) {
        set_step_error(sasl, status, error);
        return FALSE;
    }
    sasl->is_doubtful = FALSE;
    sasl->steps++;
    sasl->is_complete = status == GSASL_OK;
    *answer_out = g_strdup(answer ? answer : "");
    if (answer)
        explicit_bzero(answer, strlen(answer));
    gsasl_free(answer);
    return TRUE;
}

gboolean auth_sasl_finish(AuthSasl *sasl, GError **error)
{
    if (sasl->is_complete || auth_sasl_is_login_command(sasl)) {
        /* Where there was a choice: TLS 1.2 has one kind only. */
        if (current(sasl)->binding && sasl->attempts->len > 1)
            auth_remember_binding(sasl->host, current(sasl)->binding);
        return TRUE;
    }
    sasl->is_doubtful = TRUE;
    if (auth_is_scram(current(sasl)->mechanism))
        tern_error_set(error, TERN_ERROR_AUTH,
                       _("%s did not prove that it knows the password; it may not be the right server"),
                       sasl->shown_host);
    else
        tern_error_set(error, TERN_ERROR_AUTH, _("%s said yes before the login was complete"),
                       sasl->shown_host);
    return FALSE;
}

/* Certainly: before the server has sent a salt, or with words for it. */
static gboolean is_binding_refused(const AuthSasl *sasl)
{
    return current(sasl)->binding && (sasl->binding_refused || sasl->steps <= 1);
}

gboolean auth_sasl_retry(AuthSasl *sasl)
{
    if (!current(sasl)->binding || sasl->attempt + 1 >= sasl->attempts->len)
        return FALSE;
    const AuthAttempt *next = &g_array_index(sasl->attempts, AuthAttempt, sasl->attempt + 1);
    /* Another binding is as safe as this one; none is only where this was surely what was refused. */
    if (!is_binding_refused(sasl) && (!next->binding || sasl->is_doubtful))
        return FALSE;
    sasl->attempt++;
    return begin_attempt(sasl, NULL);
}

const char *auth_sasl_hint(const AuthSasl *sasl)
{
    if (strcmp(current(sasl)->mechanism, AUTH_EXTERNAL) == 0)
        return _("It was shown the certificate in client-cert (EXTERNAL); it may not know it");
    if (!is_binding_refused(sasl))
        return NULL;
    return _("The server refused before it asked for a proof of the password: it does not know this user, "
             "or takes no channel binding that tern has. In that case, if you trust its certificate, pin it "
             "(pin = …): then tern logs in without binding");
}
