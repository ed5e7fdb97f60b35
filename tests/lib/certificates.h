/*
 * certificates.h - for tests: certificates of every kind, made when they are needed.
 *
 * Keys are EC P-256 (quick), unless a spec wants RSA. Failing here ends the test.
 */
#ifndef TERN_TESTS_CERTIFICATES_H
#define TERN_TESTS_CERTIFICATES_H

#include <glib.h>
#include <openssl/ssl.h>

typedef struct {
    EVP_PKEY *key;
    X509 *certificate;
} TestCertificate;

typedef struct {
    const char *subject;       /* common name */
    const char *names;         /* "DNS:localhost,IP:127.0.0.1"; NULL: none */
    int from_days, until_days; /* from today; until 0: 30 */
    int rsa_bits;              /* 0: EC */
    gboolean is_authority;
    const char *usage;  /* extended key usage; NULL: serverAuth */
    const char *digest; /* NULL: SHA256 */
} TestCertificateSpec;

/* Signed by `issuer`, or by itself when that is NULL. */
TestCertificate *test_certificate_new(const TestCertificateSpec *spec, const TestCertificate *issuer);
void test_certificate_free(TestCertificate *certificate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestCertificate, test_certificate_free)

/* Writes the certificate as PEM into a new file of TMPDIR; its path, to be freed. */
char *test_certificate_write(const TestCertificate *certificate);
/* SHA-256 in lower-case hex, as openssl x509 -fingerprint would say without colons; to be freed. */
char *test_certificate_fingerprint(const TestCertificate *certificate);

#endif
