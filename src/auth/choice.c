/*
 * choice.c - which mechanism to use: the strongest that both sides have and that is safe here.
 *
 * Channel binding: a -PLUS mechanism needs a kind of binding that the server takes, and no server says which.
 * RFC 9266 servers and libgsasl 2.2 know tls-exporter; Cyrus 3.6.1 knows only tls-unique, under TLS 1.3 too.
 * libgsasl refuses a kind that it does not know right after the client's first message, Cyrus only after the
 * last, in the same way as a wrong password. So the kinds are tried in turn, tls-exporter first, and what
 * worked is remembered for the host. Each binds the login to this TLS connection, so none is weaker against
 * somebody in the middle; the price is that a wrong password may be tried twice.
 *
 * When all are refused, SCRAM without binding would be what somebody in the middle wants: he cannot forge the
 * binding, but he can refuse it. It is tried only where nobody can be there, since the certificate is pinned,
 * and only when the refusal came before the proof of the password; otherwise the login fails and
 * auth_sasl_hint() says what to do. (A loopback address proves nothing: it may be the near end of a tunnel.)
 */
#include "auth/private.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"

#include <pthread.h>
#include <string.h>

/* Names of mechanisms that a sentence lists. */
#define SHOWN_OFFERS 12

/* From the strongest to the weakest. A certificate that was shown says who one is without a password. */
static const struct {
    const char *name;
    gboolean is_plus, is_cleartext;
} MECHANISMS[] = {
    {AUTH_EXTERNAL, FALSE, FALSE},   {"SCRAM-SHA-256-PLUS", TRUE, FALSE}, {"SCRAM-SHA-1-PLUS", TRUE, FALSE},
    {"SCRAM-SHA-256", FALSE, FALSE}, {"SCRAM-SHA-1", FALSE, FALSE},       {"PLAIN", FALSE, TRUE},
    {"LOGIN", FALSE, TRUE},          {AUTH_LOGIN_COMMAND, FALSE, TRUE},
};

/* Their numbers, from 1, are kept on disk. */
static const char *const BINDINGS[] = {"tls-exporter", "tls-unique"};

/* Host to the kind of binding of its last login. */
static GHashTable *worked;
static pthread_mutex_t worked_lock = PTHREAD_MUTEX_INITIALIZER;

static void remember(const char *host, const char *binding, gboolean is_newer)
{
    pthread_mutex_lock(&worked_lock);
    if (!worked)
        worked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (is_newer || !g_hash_table_contains(worked, host))
        g_hash_table_replace(worked, g_strdup(host), (gpointer)binding);
    pthread_mutex_unlock(&worked_lock);
}

void auth_remember_binding(const char *host, const char *binding)
{
    remember(host, binding, TRUE);
}

void auth_expect_binding(const char *host, int kind)
{
    if (kind >= 1 && kind <= (int)G_N_ELEMENTS(BINDINGS))
        remember(host, BINDINGS[kind - 1], FALSE);
}

static const char *remembered_binding(const char *host)
{
    pthread_mutex_lock(&worked_lock);
    const char *binding = worked && host ? g_hash_table_lookup(worked, host) : NULL;
    pthread_mutex_unlock(&worked_lock);
    return binding;
}

int auth_binding(const char *host)
{
    const char *binding = remembered_binding(host);

    for (int i = 0; binding && i < (int)G_N_ELEMENTS(BINDINGS); i++)
        if (strcmp(binding, BINDINGS[i]) == 0)
            return i + 1;
    return 0;
}

gboolean auth_is_scram(const char *mechanism)
{
    return g_str_has_prefix(mechanism, "SCRAM-");
}

static gboolean is_offered(const AuthRequest *request, const char *name)
{
    if (strcmp(name, AUTH_LOGIN_COMMAND) == 0 && !request->login_offered)
        return FALSE;
    if (strcmp(name, AUTH_EXTERNAL) == 0) {
        if (!net_stream_shows_certificate(request->stream))
            return FALSE;
    } else if (!request->password) {
        return FALSE;
    }
    if (strcmp(name, AUTH_LOGIN_COMMAND) == 0)
        return TRUE;
    for (const char *const *offer = request->offered; offer && *offer; offer++)
        if (g_ascii_strcasecmp(*offer, name) == 0)
            return TRUE;
    return FALSE;
}

static gboolean may_send_cleartext(const AuthRequest *request)
{
    return request->allow_cleartext || net_stream_is_tls(request->stream);
}

static void add_attempt(GArray *attempts, const char *mechanism, const char *binding)
{
    AuthAttempt attempt = {.mechanism = mechanism, .binding = binding};

    g_array_append_val(attempts, attempt);
}

/* One attempt for each kind of binding that this connection has. */
static void add_bound(const AuthRequest *request, const char *mechanism, GArray *attempts)
{
    const char *first = remembered_binding(request->host);

    for (gsize i = 0; i < G_N_ELEMENTS(BINDINGS); i++) {
        g_autoptr(GBytes) binding = net_stream_channel_binding(request->stream, BINDINGS[i]);
        AuthAttempt attempt = {.mechanism = mechanism, .binding = BINDINGS[i]};
        if (binding && g_strcmp0(BINDINGS[i], first) == 0)
            g_array_prepend_val(attempts, attempt);
        else if (binding)
            g_array_append_val(attempts, attempt);
    }
}

static GArray *attempts_for(const AuthRequest *request)
{
    GArray *attempts = g_array_new(FALSE, FALSE, sizeof(AuthAttempt));

    for (gsize i = 0; i < G_N_ELEMENTS(MECHANISMS); i++) {
        const char *name = MECHANISMS[i].name;
        if (!is_offered(request, name))
            continue;
        if (MECHANISMS[i].is_cleartext && (attempts->len > 0 || !may_send_cleartext(request)))
            continue;
        if (MECHANISMS[i].is_plus) {
            if (attempts->len == 0)
                add_bound(request, name, attempts);
        } else if (attempts->len == 0 || net_stream_is_pinned(request->stream)) {
            add_attempt(attempts, name, NULL);
            break;
        }
    }
    return attempts;
}

/* What the protocol itself calls its login, and the way to it that is encrypted from the first byte. */
static const char *login_command(const AuthRequest *request)
{
    return g_strcmp0(request->service, "pop") == 0 ? "USER command" : AUTH_LOGIN_COMMAND;
}

static const char *secure_scheme(const AuthRequest *request)
{
    return g_strcmp0(request->service, "pop") == 0    ? "pop3s"
           : g_strcmp0(request->service, "smtp") == 0 ? "smtps"
                                                      : "imaps";
}

/* "PLAIN, LOGIN" as the server spelled them, made safe. */
static char *offers_text(const AuthRequest *request)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int n = 0;

    for (const char *const *offer = request->offered; offer && *offer && n < SHOWN_OFFERS; offer++, n++) {
        g_autofree char *name = sanitise(*offer, (gssize)strnlen(*offer, 40), SANITISE_LINE);
        g_string_append_printf(text, "%s%s", n ? ", " : "", name);
    }
    if (request->login_offered)
        g_string_append_printf(text, "%s%s", n ? ", " : "", login_command(request));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void set_none(const AuthRequest *request, GError **error)
{
    g_autofree char *offers = offers_text(request);
    g_autofree char *host = sanitise(request->host ? request->host : "", -1, SANITISE_LINE);
    gboolean is_cleartext_only =
        request->login_offered || is_offered(request, "PLAIN") || is_offered(request, "LOGIN");

    if (is_cleartext_only)
        tern_error_set(
            error, TERN_ERROR_AUTH,
            _("%s offers only logins that would show the password to everybody on the way (%s): use TLS "
              "(%s, +starttls) in the account, or insecure = yes"),
            host, offers, secure_scheme(request));
    else if (*offers)
        tern_error_set(error, TERN_ERROR_AUTH,
                       _("%s offers no login that tern knows with a password; it offers %s"), host, offers);
    else if (!net_stream_is_tls(request->stream))
        tern_error_set(error, TERN_ERROR_AUTH,
                       _("%s offers no login without TLS: use %s or +starttls in the account"), host,
                       secure_scheme(request));
    else
        tern_error_set(error, TERN_ERROR_AUTH, _("%s offers no login with a password"), host);
}

AuthStrength auth_strength_of(const char *const *offered)
{
    AuthStrength strength = AUTH_SHOWS_PASSWORD;

    for (const char *const *name = offered; name && *name; name++)
        for (gsize i = 0; i < G_N_ELEMENTS(MECHANISMS); i++)
            if (auth_is_scram(MECHANISMS[i].name) && g_ascii_strcasecmp(*name, MECHANISMS[i].name) == 0)
                strength = MAX(strength, MECHANISMS[i].is_plus ? AUTH_BINDS : AUTH_PROVES);
    return strength;
}

/* A certificate of one's own is as strong as TLS itself, whatever else is offered. */
static gboolean check_strength(const AuthRequest *request, const GArray *attempts, GError **error)
{
    const gboolean is_external =
        strcmp(g_array_index(attempts, AuthAttempt, 0).mechanism, AUTH_EXTERNAL) == 0;

    if (is_external || auth_strength_of(request->offered) >= request->least)
        return TRUE;
    g_autofree char *offers = offers_text(request);
    g_autofree char *host = sanitise(request->host ? request->host : "", -1, SANITISE_LINE);
    tern_error_set(
        error, TERN_ERROR_AUTH,
        _("%s offered a stronger login before (%s), and now only %s: somebody may be in the middle; no "
          "password was sent. If the server was really changed, write weaker-login = yes in the account"),
        host, request->least == AUTH_BINDS ? "SCRAM-…-PLUS" : "SCRAM", offers);
    return FALSE;
}

GArray *auth_choose(const AuthRequest *request, GError **error)
{
    GArray *attempts = attempts_for(request);

    if (attempts->len > 0 && check_strength(request, attempts, error))
        return attempts;
    if (attempts->len == 0)
        set_none(request, error);
    g_array_unref(attempts);
    return NULL;
}
