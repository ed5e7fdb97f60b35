/* identity.c - the certificate of tern's own that a server may ask for, for SASL EXTERNAL. */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <openssl/err.h>
#include <unistd.h>

/* Keys with a passphrase: nobody is there to be asked by a connection. */
static int no_passphrase(char *bytes G_GNUC_UNUSED, int size G_GNUC_UNUSED, int writing G_GNUC_UNUSED,
                         void *was_asked)
{
    *(gboolean *)was_asked = TRUE;
    return -1;
}

/* OpenSSL calls this when the server asks for a certificate; it then shows the one that the context has. */
static int on_asked(SSL *ssl G_GNUC_UNUSED, void *stream)
{
    ((NetStream *)stream)->shows_certificate = TRUE;
    return 1;
}

static gboolean failed(const char *path, gboolean has_passphrase, const char *what, GError **error)
{
    const int saved_errno = access(path, R_OK) < 0 ? errno : 0;

    ERR_clear_error();
    if (saved_errno)
        tern_error_set_errno(error, TERN_ERROR_CONFIG, saved_errno, _("cannot read %s"), path);
    else if (has_passphrase)
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the key in %s has a passphrase, which tern cannot ask for; store it without one "
                         "(openssl pkey)"),
                       path);
    else
        tern_error_set(error, TERN_ERROR_CONFIG, "%s %s", path, what);
    return FALSE;
}

gboolean net_identity_prepare(NetStream *stream, SSL_CTX *context, GError **error)
{
    const char *cert = stream->client_cert, *key = stream->client_key ? stream->client_key : cert;
    gboolean has_passphrase = FALSE;

    if (!cert)
        return TRUE;
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &has_passphrase);
    SSL_CTX_set_cert_cb(context, on_asked, stream);
    if (SSL_CTX_use_certificate_chain_file(context, cert) != 1)
        return failed(cert, has_passphrase, _("holds no certificate in PEM (client-cert)"), error);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        return failed(key, has_passphrase,
                      _("holds no private key in PEM that fits the certificate (client-key)"), error);
    SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
    SSL_CTX_set_default_passwd_cb(context, NULL);
    return TRUE;
}

gboolean net_stream_shows_certificate(const NetStream *stream)
{
    return net_stream_is_tls(stream) && stream->shows_certificate;
}
