/* gsasl-peer.c - see gsasl-peer.h. */
#include "tests/lib/gsasl-peer.h"

#include <gsasl.h>
#include <string.h>

typedef struct {
    TestPeer *peer;
    const TestGsasl *options;
    Gsasl *context;
    gboolean is_done; /* LOGOUT, or the client left */
} Login;

static void say(Login *login, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(Login *login, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *line = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *whole = g_strconcat(line, "\r\n", NULL);
    if (!test_peer_say(login->peer, whole))
        login->is_done = TRUE;
}

/* ---- channel binding, as a server computes it ---- */

static gboolean set_binding(Login *login, Gsasl_session *session, Gsasl_property property)
{
    const char *kind = property == GSASL_CB_TLS_EXPORTER ? "tls-exporter" : "tls-unique";
    static const char label[] = "EXPORTER-Channel-Binding";
    guint8 bytes[EVP_MAX_MD_SIZE];
    gsize size = 32;
    SSL *ssl = login->peer->ssl;

    gboolean is_taken = !login->options->bindings || strstr(login->options->bindings, kind);

    if (!ssl || (!is_taken && !login->options->refuses_late))
        return FALSE;
    if (property == GSASL_CB_TLS_UNIQUE)
        size = SSL_get_peer_finished(ssl, bytes, sizeof bytes);
    else if (SSL_export_keying_material(ssl, bytes, size, label, sizeof label - 1, NULL, 0, 0) != 1)
        return FALSE;
    if (login->options->is_in_the_middle || !is_taken)
        bytes[0] ^= 1;
    g_autofree char *text = g_base64_encode(bytes, size);
    gsasl_property_set(session, property, text);
    return TRUE;
}

static int give_property(Gsasl *context, Gsasl_session *session, Gsasl_property property)
{
    Login *login = gsasl_callback_hook_get(context);
    const char *user = gsasl_property_fast(session, GSASL_AUTHID);

    switch (property) {
    case GSASL_PASSWORD:
        if (!user || strcmp(user, login->options->user) != 0)
            return GSASL_AUTHENTICATION_ERROR;
        gsasl_property_set(session, property, login->options->password);
        return GSASL_OK;
    case GSASL_SCRAM_ITER:
        if (!login->options->rounds)
            return GSASL_NO_CALLBACK;
        gsasl_property_set(session, property, login->options->rounds);
        return GSASL_OK;
    case GSASL_CB_TLS_EXPORTER:
    case GSASL_CB_TLS_UNIQUE:
        return set_binding(login, session, property) ? GSASL_OK : GSASL_NO_CALLBACK;
    default:
        return GSASL_NO_CALLBACK;
    }
}

/* ---- AUTHENTICATE ---- */

/* Whether the mechanism came to its end well. */
static gboolean exchange(Login *login, Gsasl_session *session, const char *initial, gboolean client_first)
{
    g_autofree char *line = g_strdup(initial ? initial : "");
    gboolean speaks_first = initial == NULL && client_first;

    for (int round = 0; round < 10; round++) {
        char *challenge = NULL;
        int status = GSASL_NEEDS_MORE;
        if (!speaks_first) {
            status = gsasl_step64(session, line, &challenge);
            if (status != GSASL_OK && status != GSASL_NEEDS_MORE)
                return FALSE;
        }
        speaks_first = FALSE;
        if (status == GSASL_OK && (login->options->skips_proof || !challenge || !*challenge)) {
            gsasl_free(challenge);
            return TRUE;
        }
        say(login, "+ %s", challenge ? challenge : "");
        gsasl_free(challenge);
        g_free(line);
        line = test_peer_read_line(login->peer);
        if (!line || strcmp(line, "*") == 0)
            return FALSE;
        if (status == GSASL_OK) /* the client's nod to the proof */
            return *line == '\0';
    }
    return FALSE;
}

static void authenticate(Login *login, const char *tag, const char *mechanism, const char *initial)
{
    g_auto(GStrv) offered = g_strsplit(login->options->mechanisms, " ", -1);
    Gsasl_session *session = NULL;

    if (!g_strv_contains((const char *const *)offered, mechanism) ||
        gsasl_server_start(login->context, mechanism, &session) != GSASL_OK) {
        say(login, "%s NO no such mechanism", tag);
        return;
    }
    gboolean ok = exchange(login, session, initial, strcmp(mechanism, "LOGIN") != 0);
    gsasl_finish(session);
    say(login, ok ? "%s OK logged in" : "%s NO [AUTHENTICATIONFAILED] refused", tag);
}

/* ---- the conversation ---- */

static char *capabilities(Login *login)
{
    g_auto(GStrv) offered = g_strsplit(login->options->mechanisms, " ", -1);
    GString *text = g_string_new("CAPABILITY IMAP4rev1 SASL-IR");

    for (char **name = offered; *name; name++)
        if (**name)
            g_string_append_printf(text, " AUTH=%s", *name);
    if (login->options->login_disabled)
        g_string_append(text, " LOGINDISABLED");
    return g_string_free(text, FALSE);
}

static void obey(Login *login, char **words)
{
    const char *tag = words[0] ? words[0] : "*", *verb = words[0] && words[1] ? words[1] : "";
    g_autofree char *announced = capabilities(login);

    if (g_ascii_strcasecmp(verb, "AUTHENTICATE") == 0 && words[2]) {
        authenticate(login, tag, words[2], words[3]);
    } else if (g_ascii_strcasecmp(verb, "LOGIN") == 0 && words[2] && words[3]) {
        g_autofree char *user = g_strdup_printf("\"%s\"", login->options->user);
        g_autofree char *password = g_strdup_printf("\"%s\"", login->options->password);
        gboolean ok = !login->options->login_disabled &&
                      (strcmp(words[2], user) == 0 || strcmp(words[2], login->options->user) == 0) &&
                      (strcmp(words[3], password) == 0 || strcmp(words[3], login->options->password) == 0);
        say(login, ok ? "%s OK logged in" : "%s NO [AUTHENTICATIONFAILED] refused", tag);
    } else if (g_ascii_strcasecmp(verb, "CAPABILITY") == 0) {
        say(login, "* %s", announced);
        say(login, "%s OK done", tag);
    } else if (g_ascii_strcasecmp(verb, "LOGOUT") == 0) {
        say(login, "* BYE");
        say(login, "%s OK done", tag);
        login->is_done = TRUE;
    } else {
        say(login, g_ascii_strcasecmp(verb, "NOOP") == 0 ? "%s OK done" : "%s BAD not here", tag);
    }
}

void test_gsasl_serve(TestPeer *peer)
{
    Login login = {.peer = peer, .options = peer->data};
    int version = login.options->tls_version;

    if (login.options->certificate && !test_peer_tls(peer, login.options->certificate, version, version))
        return;
    if (gsasl_init(&login.context) != GSASL_OK)
        g_error("libgsasl does not start");
    gsasl_callback_set(login.context, give_property);
    gsasl_callback_hook_set(login.context, &login);
    g_autofree char *announced = capabilities(&login);
    say(&login, "* OK [%s] ready", announced);
    while (!login.is_done) {
        g_autofree char *line = test_peer_read_line(peer);
        if (!line)
            break;
        g_auto(GStrv) words = g_strsplit(line, " ", 4);
        obey(&login, words);
    }
    gsasl_done(login.context);
}
