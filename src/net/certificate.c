/* certificate.c - a certificate in words. Everything in it was written by whoever we do not trust yet. */
#include "net/private.h"
#include "base/i18n.h"
#include "base/sanitise.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <string.h>

/* Nobody reads more of a name, and a certificate may hold 64 KB of it. */
#define SHOWN_BYTES 300
/* Names of a certificate that are listed. */
#define SHOWN_NAMES 5

static char *safe(const char *text, gssize bytes)
{
    if (bytes < 0)
        bytes = (gssize)strlen(text);
    g_autofree char *clean = sanitise(text, MIN(bytes, SHOWN_BYTES), SANITISE_LINE);
    return bytes > SHOWN_BYTES ? g_strconcat(clean, "…", NULL) : g_steal_pointer(&clean);
}

static char *name_text(const X509_NAME *name)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *bytes = NULL;

    if (!memory)
        return g_strdup("");
    X509_NAME_print_ex(memory, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    long size = BIO_get_mem_data(memory, &bytes);
    char *text = size > 0 ? safe(bytes, size) : g_strdup(_("(empty)"));
    BIO_free(memory);
    return text;
}

/* NULL for kinds of names that are no host's. */
static char *alternative_text(const GENERAL_NAME *name)
{
    char address[INET6_ADDRSTRLEN];
    int type;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);

    if (type == GEN_DNS)
        return safe((const char *)ASN1_STRING_get0_data(value), ASN1_STRING_length(value));
    if (type != GEN_IPADD)
        return NULL;
    int size = ASN1_STRING_length(value);
    if (size != 4 && size != 16)
        return NULL;
    inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(value), address, sizeof address);
    return g_strdup(address);
}

char *net_certificate_names(X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    int shown = 0, more = 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        g_autofree char *name = alternative_text(sk_GENERAL_NAME_value(names, i));
        if (!name)
            continue;
        if (shown++ < SHOWN_NAMES)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", name);
        else
            more++;
    }
    GENERAL_NAMES_free(names);
    if (more > 0)
        g_string_append_printf(text, ngettext_(" and %d more", " and %d more", more), more);
    if (text->len == 0)
        g_string_append(text, _("no host at all"));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *net_certificate_fingerprint(X509 *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    GString *text = g_string_new(NULL);

    if (X509_digest(certificate, EVP_sha256(), digest, &size))
        for (unsigned i = 0; i < size; i++)
            g_string_append_printf(text, "%02x", digest[i]);
    return g_string_free(text, FALSE);
}

char *net_certificate_date(const ASN1_TIME *time)
{
    struct tm tm;

    if (!time || !ASN1_TIME_to_tm(time, &tm))
        return g_strdup(_("(no date)"));
    return g_strdup_printf("%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

char *net_certificate_describe(X509 *certificate)
{
    g_autofree char *subject = name_text(X509_get_subject_name(certificate));
    g_autofree char *issuer = name_text(X509_get_issuer_name(certificate));
    g_autofree char *from = net_certificate_date(X509_get0_notBefore(certificate));
    g_autofree char *until = net_certificate_date(X509_get0_notAfter(certificate));
    g_autofree char *fingerprint = net_certificate_fingerprint(certificate);

    return g_strdup_printf(
        _("subject: %s\nissuer: %s\nvalid: %s to %s\nSHA-256: %s\n"
          "If you know from elsewhere that this certificate is the right one, trust it by this "
          "line in the account's section:\npin = %s"),
        subject, issuer, from, until, fingerprint, fingerprint);
}
