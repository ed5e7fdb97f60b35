/*
 * verify.c - whether the peer is who it should be, and in words why not.
 *
 * OpenSSL checks chain, dates, purpose, key sizes and the host; what it finds is gathered instead of ending
 * at the first, so that the user reads all reasons at once. With a pin nothing counts but the certificate's
 * SHA-256: the user vouched for exactly this one, so neither its dates nor its names matter.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a pinned key too: 112 bits are RSA with 2048 (security level 2). */
#define MIN_SECURITY_BITS 112

/* Tern's own, beside X509_V_ERR_. */
enum { PROBLEM_PIN = -1, PROBLEM_PIN_WEAK = -2 };

typedef struct {
    int code;
    char *date; /* of the certificate that it is about; NULL: not about dates */
} Problem;

/* OpenSSL's codes in words; what means the same to the user has the same words, and is said once. %s is the
 * date, or the names for a wrong host. */
static const struct {
    int code;
    const char *text;
} WORDS[] = {
    {PROBLEM_PIN, N_("it is not the one that is pinned")},
    {PROBLEM_PIN_WEAK, N_("its key is too weak")},
    {X509_V_ERR_CERT_HAS_EXPIRED, N_("it expired on %s")},
    {X509_V_ERR_CERT_NOT_YET_VALID, N_("it is valid only from %s on (is this computer's clock right?)")},
    {X509_V_ERR_HOSTNAME_MISMATCH, N_("it is for another host: %s")},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, N_("it is for another host: %s")},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, N_("it is self-signed: no authority vouches for it")},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, N_("the authority that signed it is unknown here")},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, N_("the authority that signed it is unknown here")},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, N_("the authority that signed it is unknown here")},
    {X509_V_ERR_CERT_UNTRUSTED, N_("the authority that signed it is unknown here")},
    {X509_V_ERR_INVALID_PURPOSE, N_("it was not made for servers")},
    {X509_V_ERR_INVALID_CA, N_("what signed it is no authority")},
    {X509_V_ERR_EE_KEY_TOO_SMALL, N_("its key is too weak")},
    {X509_V_ERR_CA_KEY_TOO_SMALL, N_("the key of the authority that signed it is too weak")},
    {X509_V_ERR_CA_MD_TOO_WEAK, N_("it is signed by a broken method")},
    {X509_V_ERR_CERT_REVOKED, N_("it was revoked")},
};

char *net_pin_normalise(const char *pin)
{
    GString *text = g_string_new(NULL);

    for (; *pin; pin++)
        if (*pin != ':' && *pin != ' ')
            g_string_append_c(text, g_ascii_tolower(*pin));
    return g_string_free(text, FALSE);
}

static void clear_problem(gpointer data)
{
    g_free(((Problem *)data)->date);
}

void net_verdict_init(NetVerdict *verdict, const char *pin)
{
    verdict->pin = pin;
    verdict->leaf = NULL;
    verdict->problems = g_array_new(FALSE, FALSE, sizeof(Problem));
    g_array_set_clear_func(verdict->problems, clear_problem);
}

void net_verdict_clear(NetVerdict *verdict)
{
    g_clear_pointer(&verdict->leaf, X509_free);
    g_clear_pointer(&verdict->problems, g_array_unref);
}

static void add_problem(NetVerdict *verdict, int code, const ASN1_TIME *date)
{
    Problem problem = {.code = code, .date = date ? net_certificate_date(date) : NULL};

    g_array_append_val(verdict->problems, problem);
}

/* Each context belongs to one connection, whose verdict is its app data. */
static NetVerdict *verdict_of(X509_STORE_CTX *context)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
    return SSL_get_app_data(ssl);
}

/* OpenSSL calls this for each finding; it goes on looking, since verify() fails by what was gathered. */
static int gather(int ok, X509_STORE_CTX *context)
{
    if (ok)
        return 1;
    X509 *about = X509_STORE_CTX_get_current_cert(context);
    int code = X509_STORE_CTX_get_error(context);
    const ASN1_TIME *date = NULL;
    if (about && code == X509_V_ERR_CERT_HAS_EXPIRED)
        date = X509_get0_notAfter(about);
    else if (about && code == X509_V_ERR_CERT_NOT_YET_VALID)
        date = X509_get0_notBefore(about);
    add_problem(verdict_of(context), code, date);
    return 1;
}

static void verify_pin(NetVerdict *verdict)
{
    g_autofree char *fingerprint = net_certificate_fingerprint(verdict->leaf);
    EVP_PKEY *key = X509_get0_pubkey(verdict->leaf);

    if (strcmp(fingerprint, verdict->pin) != 0)
        add_problem(verdict, PROBLEM_PIN, NULL);
    else if (!key || EVP_PKEY_get_security_bits(key) < MIN_SECURITY_BITS)
        add_problem(verdict, PROBLEM_PIN_WEAK, NULL);
}

static int verify(X509_STORE_CTX *context, void *unused G_GNUC_UNUSED)
{
    NetVerdict *verdict = verdict_of(context);
    X509 *leaf = X509_STORE_CTX_get0_cert(context);

    if (!leaf)
        return 0;
    X509_up_ref(leaf);
    g_clear_pointer(&verdict->leaf, X509_free);
    verdict->leaf = leaf;
    g_array_set_size(verdict->problems, 0);
    if (verdict->pin) {
        verify_pin(verdict);
    } else {
        X509_STORE_CTX_set_verify_cb(context, gather);
        if (X509_verify_cert(context) != 1 && verdict->problems->len == 0)
            add_problem(verdict, X509_STORE_CTX_get_error(context), NULL);
    }
    if (verdict->problems->len == 0) {
        X509_STORE_CTX_set_error(context, X509_V_OK);
        return 1;
    }
    int code = g_array_index(verdict->problems, Problem, 0).code;
    X509_STORE_CTX_set_error(context, code > 0 ? code : X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

char *net_verify_name(const char *host, gboolean *is_ip_out)
{
    guint8 address[sizeof(struct in6_addr)];
    g_autofree char *bare = g_strndup(host, strcspn(host, "%"));

    *is_ip_out = inet_pton(AF_INET, bare, address) == 1 || inet_pton(AF_INET6, bare, address) == 1;
    if (*is_ip_out)
        return g_steal_pointer(&bare);
    char *name = g_hostname_to_ascii(host);
    if (name && g_str_has_suffix(name, "."))
        name[strlen(name) - 1] = '\0';
    return name;
}

static gboolean trust_authorities(NetStream *stream, SSL_CTX *context, GError **error)
{
    struct stat file;

    if (!stream->ca_file)
        return SSL_CTX_set_default_verify_paths(context) == 1;
    if (stat(stream->ca_file, &file) == 0 &&
        !S_ISREG(file.st_mode)) { /* opening a FIFO would wait for ever */
        tern_error_set(error, TERN_ERROR_CONFIG, _("ca-file %s is no plain file"), stream->ca_file);
        return FALSE;
    }
    if (SSL_CTX_load_verify_file(context, stream->ca_file) == 1)
        return TRUE;
    int saved_errno = access(stream->ca_file, R_OK) < 0 ? errno : 0;
    ERR_clear_error();
    if (saved_errno)
        tern_error_set_errno(error, TERN_ERROR_CONFIG, saved_errno, _("cannot read ca-file %s"),
                             stream->ca_file);
    else
        tern_error_set(error, TERN_ERROR_CONFIG, _("ca-file %s holds no certificate in PEM"),
                       stream->ca_file);
    return FALSE;
}

/* The host that the certificate must name. Its common name does not count, nor a wildcard that is not a whole
 * label (RFC 9525). */
static gboolean expect_host(NetStream *stream, SSL *ssl)
{
    gboolean is_ip;
    g_autofree char *name = net_verify_name(stream->host, &is_ip);

    if (!name || !*name)
        return FALSE;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (is_ip)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

gboolean net_verify_prepare(NetStream *stream, SSL_CTX *context, SSL *ssl, NetVerdict *verdict,
                            GError **error)
{
    SSL_set_app_data(ssl, verdict);
    SSL_CTX_set_cert_verify_callback(context, verify, NULL);
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (!verdict->pin && !trust_authorities(stream, context, error)) {
        if (error && !*error)
            tern_error_set(error, TERN_ERROR_TLS,
                           _("this computer's certificate authorities cannot be used"));
        return FALSE;
    }
    if (!expect_host(stream, ssl)) {
        tern_error_set(error, TERN_ERROR_TLS, _("%s cannot be the name of a host"), stream->where);
        return FALSE;
    }
    return TRUE;
}

static const char *words_for(int code)
{
    for (gsize i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (WORDS[i].code == code)
            return _(WORDS[i].text);
    return X509_verify_cert_error_string(code);
}

/* "it expired on 2026-01-02, and it is self-signed …" */
static char *reasons(const NetVerdict *verdict)
{
    g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *names = net_certificate_names(verdict->leaf);

    for (guint i = 0; i < verdict->problems->len; i++) {
        const Problem *problem = &g_array_index(verdict->problems, Problem, i);
        /* "The first certificate could not be verified" only repeats what came before it. */
        if (problem->code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE && said->len > 0)
            continue;
        g_auto(GStrv) parts = g_strsplit(words_for(problem->code), "%s", 2);
        char *text = g_strjoinv(problem->date ? problem->date : names, parts);
        if (g_ptr_array_find_with_equal_func(said, text, g_str_equal, NULL))
            g_free(text);
        else
            g_ptr_array_add(said, text);
    }
    g_ptr_array_add(said, NULL);
    return g_strjoinv(_(", and "), (char **)said->pdata);
}

gboolean net_verify_error(NetStream *stream, const NetVerdict *verdict, GError **error)
{
    if (!verdict->leaf || verdict->problems->len == 0)
        return FALSE;
    g_autofree char *why = reasons(verdict);
    g_autofree char *description = net_certificate_describe(verdict->leaf);
    tern_error_set(error, TERN_ERROR_TLS, _("the certificate of %s is not trusted: %s\n%s"), stream->where,
                   why, description);
    return TRUE;
}
