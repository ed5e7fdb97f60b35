/* uidl_aside.c - see uidl.h: the logs of an account's other mailboxes, which were put aside. Whoever has the
 * account's log open has these, too. */
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "maildir/uidl.h"

#include <string.h>

#define HASH_DIGITS 16

/* "ACCOUNT.was-HASH" of that account. */
static gboolean is_aside(const char *name, const char *account)
{
    static const char WAS[] = ".was-";
    const gsize length = strlen(account);

    if (strncmp(name, account, length) != 0 || !g_str_has_prefix(name + length, WAS))
        return FALSE;
    const char *hash = name + length + strlen(WAS);
    return strlen(hash) == HASH_DIGITS && strspn(hash, "0123456789abcdef") == HASH_DIGITS;
}

static guint mark_all(UidlLog *log, const GPtrArray *bases)
{
    guint marked = 0;

    for (guint i = 0; i < bases->len; i++)
        marked += uidl_log_unwanted_base(log, bases->pdata[i]);
    return marked;
}

/* Written anew, as it was when it was put aside, and only where it has one of them. */
static gboolean mark_in(const char *path, const GPtrArray *bases, GError **error)
{
    gsize size, good;
    g_autofree char *text = file_read(path, LIMIT_UIDL_LOG_BYTES, &size, error);
    g_autoptr(UidlLog) log = text ? uidl_log_parse(text, size, &good) : NULL;

    if (!log || !mark_all(log, bases))
        return log != NULL;
    g_autoptr(GString) marked = uidl_log_format(log);
    return file_write_atomic(path, marked->str, marked->len, error);
}

gboolean uidl_aside_unwanted(const char *path, const GPtrArray *bases, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path), *account = g_path_get_basename(path);
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = bases->len ? g_dir_open(folder, 0, &failed) : NULL;
    const char *name;

    if (failed) {
        tern_error_set(error, TERN_ERROR_STORE, "%s", failed->message);
        return FALSE;
    }
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *aside = g_build_filename(folder, name, NULL);
        if (is_aside(name, account) && !mark_in(aside, bases, error))
            return FALSE;
    }
    return TRUE;
}
