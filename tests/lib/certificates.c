/* certificates.c - see certificates.h. */
#include "tests/lib/certificates.h"

#include <glib/gstdio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define DAY_S (24L * 60 * 60)

static void must(gboolean ok, const char *what)
{
    if (ok)
        return;
    ERR_print_errors_fp(stderr);
    g_error("certificates: %s", what);
}

static void extend(X509 *certificate, const X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, (X509 *)issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL, value);
    must(X509_add_ext(certificate, extension, -1) == 1, "X509_add_ext");
    X509_EXTENSION_free(extension);
}

static void set_subject(X509 *certificate, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(certificate);

    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1,
                                    0) == 1,
         common_name);
}

TestCertificate *test_certificate_new(const TestCertificateSpec *spec, const TestCertificate *issuer)
{
    static gint serial;
    TestCertificate *made = g_new0(TestCertificate, 1);
    X509 *x = made->certificate = X509_new();

    made->key = spec->rsa_bits ? EVP_RSA_gen((unsigned)spec->rsa_bits) : EVP_EC_gen("P-256");
    must(made->key && x, "key");
    if (!issuer)
        issuer = made;
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), g_atomic_int_add(&serial, 1) + 1000);
    X509_gmtime_adj(X509_getm_notBefore(x), spec->from_days * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(x), (spec->until_days ? spec->until_days : 30) * DAY_S);
    X509_set_pubkey(x, made->key);
    set_subject(x, spec->subject);
    X509_set_issuer_name(x, X509_get_subject_name(issuer->certificate));
    extend(x, issuer->certificate, NID_basic_constraints,
           spec->is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    extend(x, issuer->certificate, NID_subject_key_identifier, "hash");
    if (!spec->is_authority)
        extend(x, issuer->certificate, NID_ext_key_usage, spec->usage ? spec->usage : "serverAuth");
    if (spec->names)
        extend(x, issuer->certificate, NID_subject_alt_name, spec->names);
    must(X509_sign(x, issuer->key, EVP_get_digestbyname(spec->digest ? spec->digest : "SHA256")) > 0,
         "X509_sign");
    return made;
}

void test_certificate_free(TestCertificate *certificate)
{
    if (!certificate)
        return;
    EVP_PKEY_free(certificate->key);
    X509_free(certificate->certificate);
    g_free(certificate);
}

char *test_certificate_write(const TestCertificate *certificate)
{
    char *path = NULL;
    int fd = g_file_open_tmp("tern-test-XXXXXX.pem", &path, NULL);
    must(fd >= 0, "temporary file");
    FILE *file = fdopen(fd, "w");
    must(PEM_write_X509(file, certificate->certificate) == 1, "PEM_write_X509");
    fclose(file);
    return path;
}

char *test_certificate_fingerprint(const TestCertificate *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    GString *text = g_string_new(NULL);

    must(X509_digest(certificate->certificate, EVP_sha256(), digest, &size) == 1, "X509_digest");
    for (unsigned i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", digest[i]);
    return g_string_free(text, FALSE);
}
