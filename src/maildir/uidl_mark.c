/* uidl_mark.c - see uidl.h: the marks that the names of fetched files carry. */
#include "maildir/name.h"
#include "maildir/uidl.h"

#include <string.h>

#define MARK_DIGITS 32

char *uidl_mark(const char *account, const char *uidl)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    g_checksum_update(sum, (const guchar *)account, (gssize)strlen(account) + 1);
    g_checksum_update(sum, (const guchar *)uidl, (gssize)strlen(uidl));
    return g_strdup_printf("U%.*s", MARK_DIGITS, g_checksum_get_string(sum));
}

char *uidl_new_base(const char *mark)
{
    g_autofree char *base = maildir_new_base();
    const char *chance_and_host = strchr(base, 'R');

    return g_strdup_printf("%.*s.%s.%s", (int)strcspn(base, "."), base, mark, chance_and_host);
}

char *uidl_mark_of(const char *base)
{
    const char *mark = strchr(base, '.');

    if (!mark || mark[1] != 'U')
        return NULL;
    mark++;
    for (int i = 1; i <= MARK_DIGITS; i++)
        if (!g_ascii_isxdigit(mark[i]))
            return NULL;
    return mark[MARK_DIGITS + 1] == '.' || !mark[MARK_DIGITS + 1] ? g_strndup(mark, MARK_DIGITS + 1) : NULL;
}

guint64 uidl_hash(const void *data, gsize size)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize length = sizeof digest;
    guint64 hash;

    g_checksum_update(sum, data, (gssize)size);
    g_checksum_get_digest(sum, digest, &length);
    memcpy(&hash, digest, sizeof hash);
    return hash ? hash : 1;
}
