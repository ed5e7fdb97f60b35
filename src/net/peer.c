/* peer.c - see peer.h. */
#include "net/peer.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "net/private.h"

#include <string.h>

/* What the client wanted to speak, and where that is written down. */
static const struct {
    const char *key; /* of the configuration */
    const char *tls_scheme;
} SPEECHES[] = {
    [NET_SPEAKS_IMAP] = {"incoming", "imaps"},
    [NET_SPEAKS_POP3] = {"incoming", "pop3s"},
    [NET_SPEAKS_SMTP] = {"outgoing", "smtps"},
};

#define NO_SPEECH (-1)

/* How what speaks somewhere begins. A web server speaks only when it has been spoken to; its "400" comes when
 * it is tired of waiting. */
static const struct {
    const char *begins;
    int speech; /* NetSpeech, or NO_SPEECH */
    const char *what;
} GREETINGS[] = {
    {"* OK", NET_SPEAKS_IMAP, N_("an IMAP server speaks there")},
    {"* PREAUTH", NET_SPEAKS_IMAP, N_("an IMAP server speaks there")},
    {"* BYE", NET_SPEAKS_IMAP, N_("an IMAP server speaks there")},
    {"+OK", NET_SPEAKS_POP3, N_("a POP3 server speaks there")},
    {"-ERR", NET_SPEAKS_POP3, N_("a POP3 server speaks there")},
    {"220", NET_SPEAKS_SMTP, N_("an SMTP server speaks there")},
    {"554", NET_SPEAKS_SMTP, N_("an SMTP server speaks there")},
    {"HTTP/", NO_SPEECH, N_("a web server speaks there")},
    {"SSH-", NO_SPEECH, N_("an SSH server speaks there")},
};

static gboolean is_servers_fault(const GError *error)
{
    return tern_error_is(error, TERN_ERROR_NETWORK) || tern_error_is(error, TERN_ERROR_PROTOCOL) ||
           tern_error_is(error, TERN_ERROR_LIMIT) || tern_error_is(error, TERN_ERROR_REFUSED) ||
           tern_error_is(error, TERN_ERROR_TLS) || tern_error_is(error, TERN_ERROR_AUTH);
}

/* Who is let in and how it is encrypted is said of a host, without its port. */
static gboolean is_named(const NetStream *stream, const GError *error)
{
    g_autofree char *host = sanitise(stream->host, -1, SANITISE_LINE);

    return strstr(error->message, stream->where) ||
           ((tern_error_is(error, TERN_ERROR_TLS) || tern_error_is(error, TERN_ERROR_AUTH)) &&
            strstr(error->message, host));
}

/* A record of TLS, an alert or a handshake: RFC 8446, 5.1. */
static gboolean is_tls_record(const NetStream *stream)
{
    return stream->first_bytes >= 2 && (stream->first[0] == '\x15' || stream->first[0] == '\x16') &&
           stream->first[1] == '\x03';
}

/* To be freed; NULL: there is none. What says nothing at all is told by mute.c. */
static char *advice(const NetStream *stream, NetSpeech speech)
{
    const char *key = SPEECHES[speech].key;

    if (!net_stream_is_tls(stream) && is_tls_record(stream))
        return g_strdup_printf(_("TLS is spoken there from the start: write %s:// in %s = …"),
                               SPEECHES[speech].tls_scheme, key);
    for (gsize i = 0; i < G_N_ELEMENTS(GREETINGS); i++)
        if (GREETINGS[i].speech != (int)speech && g_str_has_prefix(stream->first, GREETINGS[i].begins))
            return g_strdup_printf(_("%s; check host and port in %s = …"), _(GREETINGS[i].what), key);
    return NULL;
}

void net_stream_name_peer(const NetStream *stream, NetSpeech speech, GError *error)
{
    if (!is_servers_fault(error))
        return;
    const gboolean has_name = *stream->host == '\0' || is_named(stream, error);
    g_autofree char *todo = stream->tunnel ? NULL : advice(stream, speech);
    char *sentence = g_strconcat(has_name ? "" : stream->where, has_name ? "" : ": ", error->message,
                                 todo ? ": " : "", todo ? todo : "", NULL);
    g_free(error->message);
    error->message = sentence;
}
