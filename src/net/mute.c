/*
 * mute.c - see private.h: a peer that was never heard, on a connection without TLS.
 *
 * A client that waits for words in the clear and a server that waits for TLS's first hello wait for each
 * other. Nothing on the wire says so; the port does, where it is one on which TLS comes first.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"

/* RFC 8314, 7.3, and IANA's list: what stands in tern.conf for a port where TLS comes first. */
static const struct {
    uint16_t port;
    const char *scheme;
} TLS_FIRST[] = {{993, "imaps://"}, {995, "pop3s://"}, {465, "smtps://"}};

/* Of the first word on such a port. Servers that speak in the clear there greet long before. */
#define FIRST_WORD_US (10 * SECOND_US)

static gboolean is_mute(const NetStream *stream)
{
    return !stream->tls && !stream->tunnel && stream->counters.text_received == 0;
}

/* What is most likely meant in place of what is configured; NULL: nothing says so. */
static const char *scheme_meant(const NetStream *stream)
{
    for (gsize i = 0; is_mute(stream) && i < G_N_ELEMENTS(TLS_FIRST); i++)
        if (stream->port == TLS_FIRST[i].port)
            return TLS_FIRST[i].scheme;
    return NULL;
}

int64_t net_patience_us(const NetStream *stream)
{
    return scheme_meant(stream) ? MIN(stream->timeout_us, FIRST_WORD_US) : stream->timeout_us;
}

void net_set_silent(const NetStream *stream, GError **error)
{
    const int waited_s = (int)(net_patience_us(stream) / SECOND_US);
    const char *scheme = scheme_meant(stream);

    if (scheme)
        tern_error_set(
            error, TERN_ERROR_NETWORK,
            ngettext_("%s says nothing (waited %d second); encryption comes first on port %u as a "
                      "rule: is %s meant?",
                      "%s says nothing (waited %d seconds); encryption comes first on port %u as a "
                      "rule: is %s meant?",
                      waited_s),
            stream->where, waited_s, stream->port, scheme);
    else if (is_mute(stream))
        tern_error_set(error, TERN_ERROR_NETWORK,
                       ngettext_("%s does not answer (waited %d second); where it waits for encryption, "
                                 "imaps://, pop3s:// or smtps:// is meant",
                                 "%s does not answer (waited %d seconds); where it waits for encryption, "
                                 "imaps://, pop3s:// or smtps:// is meant",
                                 waited_s),
                       stream->where, waited_s);
    else
        tern_error_set(error, TERN_ERROR_NETWORK,
                       ngettext_("%s does not answer any more (waited %d second)",
                                 "%s does not answer any more (waited %d seconds)", waited_s),
                       stream->where, waited_s);
}

gboolean net_explain_mute_end(const NetStream *stream, GError **error)
{
    const char *scheme = scheme_meant(stream);

    if (!scheme)
        return FALSE;
    tern_error_set(error, TERN_ERROR_NETWORK,
                   _("%s closed the connection without a word; encryption comes first on port %u as a rule: "
                     "is %s meant?"),
                   stream->where, stream->port, scheme);
    return TRUE;
}
