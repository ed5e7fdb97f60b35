/* sum.c - see sum.h. */
#include "base/sum.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

/* A call of OpenSSL costs as much as some hundred bytes. */
#define GATHERED_BYTES 8192

struct Sum {
    EVP_MD_CTX *context;
    GChecksum *instead; /* where OpenSSL gives none: a configuration of it without its usual algorithms */
    gsize held;
    guint8 gathered[GATHERED_BYTES];
};

static EVP_MD *method; /* NULL: there is none */

/* Fetched once, for the life of the program: a fetch takes locks and looks through all providers. Without
 * OpenSSL's own end at exit, when threads may still use it (as net/tls.c). */
static void fetch(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    method = EVP_MD_fetch(NULL, "SHA256", NULL);
    ERR_clear_error();
}

Sum *sum_new(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    Sum *sum = g_new(Sum, 1);

    pthread_once(&once, fetch);
    sum->held = 0;
    sum->instead = NULL;
    sum->context = method ? EVP_MD_CTX_new() : NULL;
    sum_begin(sum);
    return sum;
}

void sum_free(Sum *sum)
{
    if (!sum)
        return;
    EVP_MD_CTX_free(sum->context);
    if (sum->instead)
        g_checksum_free(sum->instead);
    g_free(sum);
}

void sum_begin(Sum *sum)
{
    sum->held = 0;
    if (sum->context && EVP_DigestInit_ex2(sum->context, method, NULL) == 1)
        return;
    EVP_MD_CTX_free(sum->context);
    sum->context = NULL;
    if (sum->instead)
        g_checksum_reset(sum->instead);
    else
        sum->instead = g_checksum_new(G_CHECKSUM_SHA256);
}

/* OpenSSL's SHA-256 fails only where it was not begun. */
static void take(Sum *sum, const void *bytes, gsize size)
{
    if (sum->instead)
        g_checksum_update(sum->instead, bytes, (gssize)size);
    else if (EVP_DigestUpdate(sum->context, bytes, size) != 1)
        g_error("OpenSSL does not go on with a SHA-256 that it has begun");
}

static void take_gathered(Sum *sum)
{
    if (sum->held > 0)
        take(sum, sum->gathered, sum->held);
    sum->held = 0;
}

void sum_add(Sum *sum, const void *bytes, gsize size)
{
    if (size > GATHERED_BYTES - sum->held)
        take_gathered(sum);
    if (size > GATHERED_BYTES) {
        take(sum, bytes, size);
        return;
    }
    memcpy(sum->gathered + sum->held, bytes, size);
    sum->held += size;
}

void sum_end(Sum *sum, char digits_out[SUM_DIGITS + 1])
{
    guint8 digest[SUM_DIGITS / 2];
    gsize size = sizeof digest;

    take_gathered(sum);
    if (sum->instead)
        g_checksum_get_digest(sum->instead, digest, &size);
    else if (EVP_DigestFinal_ex(sum->context, digest, NULL) != 1)
        g_error("OpenSSL does not end a SHA-256 that it has begun");
    for (gsize i = 0; i < sizeof digest; i++)
        g_snprintf(digits_out + 2 * i, 3, "%02x", digest[i]);
}
