/* error.c - see error.h. */
#include "base/error.h"

#include <stdarg.h>

static const char *const KIND_NAMES[] = {
    [TERN_ERROR_CANCELLED] = "cancelled",
    [TERN_ERROR_NETWORK] = "network",
    [TERN_ERROR_TLS] = "tls",
    [TERN_ERROR_AUTH] = "auth",
    [TERN_ERROR_REFUSED] = "refused",
    [TERN_ERROR_PROTOCOL] = "protocol",
    [TERN_ERROR_LIMIT] = "limit",
    [TERN_ERROR_STORE] = "store",
    [TERN_ERROR_CRYPTO] = "crypto",
    [TERN_ERROR_CONFIG] = "config",
    [TERN_ERROR_INPUT] = "input",
    [TERN_ERROR_BUG] = "bug",
};

G_DEFINE_QUARK(tern - error - quark, tern_error)

TernErrorKind tern_error_kind(const GError *error)
{
    if (!error || error->domain != TERN_ERROR)
        return TERN_ERROR_BUG;
    return (TernErrorKind)error->code;
}

const char *tern_error_kind_name(TernErrorKind kind)
{
    return (guint)kind < G_N_ELEMENTS(KIND_NAMES) ? KIND_NAMES[kind] : "bug";
}

gboolean tern_error_is(const GError *error, TernErrorKind kind)
{
    return error && error->domain == TERN_ERROR && error->code == (int)kind;
}

void tern_error_set(GError **error, TernErrorKind kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *sentence = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, TERN_ERROR, (int)kind, sentence);
}

void tern_error_set_errno(GError **error, TernErrorKind kind, int saved_errno, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *sentence = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, TERN_ERROR, (int)kind, "%s: %s", sentence, g_strerror(saved_errno));
}
