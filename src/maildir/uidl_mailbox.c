/* uidl_mailbox.c - see uidl.h: whose mailbox a log is of. */
#include "maildir/uidl_private.h"

#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

gboolean uidl_log_is_of(const UidlLog *log, const char *mailbox)
{
    return !log->mailbox || g_str_equal(log->mailbox, mailbox);
}

/* ---- another one's ---- */

static char *path_aside(const char *path, const char *mailbox)
{
    return g_strdup_printf("%s.was-%016" G_GINT64_MODIFIER "x", path, uidl_hash(mailbox, strlen(mailbox)));
}

gboolean uidl_log_read_aside(const UidlLog *log, const char *mailbox, UidlLog **aside_out, GError **error)
{
    g_autofree char *path = path_aside(log->path, mailbox);
    gsize size, good;

    *aside_out = NULL;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autofree char *text = file_read(path, LIMIT_UIDL_LOG_BYTES, &size, error);
    if (text)
        *aside_out = uidl_log_parse(text, size, &good);
    return text != NULL;
}

/* As it is now, for the mailbox that it is of. */
static gboolean put_aside(const UidlLog *log, GError **error)
{
    g_autofree char *path = path_aside(log->path, log->mailbox);
    g_autoptr(GString) text = uidl_log_format(log);

    return file_write_atomic(path, text->str, text->len, error);
}

/* The mailbox's own, which was put aside, or a new one, takes the place of the log, which is put aside. A kill
 * leaves one or the other in the place. */
static gboolean exchange(const UidlLog *log, const char *mailbox, GError **error)
{
    g_autofree char *other = path_aside(log->path, mailbox), *folder = g_path_get_dirname(log->path);
    g_autoptr(GString) fresh = g_string_new(UIDL_FIRST_LINE);

    uidl_write_word(fresh, '*', mailbox);
    if (!put_aside(log, error) ||
        (!g_file_test(other, G_FILE_TEST_EXISTS) && !file_write_atomic(other, fresh->str, fresh->len, error)))
        return FALSE;
    return rename(other, log->path) == 0
               ? file_sync_folder(folder, error)
               : uidl_log_fail(log, _("cannot put the log of another mailbox aside"), error);
}

static gboolean belong_to(UidlLog *log, const char *mailbox, GError **error)
{
    uidl_log_take_mailbox(log, mailbox);
    uidl_write_word(log->waiting, '=', mailbox);
    return uidl_log_sync(log, error);
}

/* What lies in its place now, under the lock that it has. */
static UidlLog *reopen(UidlLog *taken, GError **error)
{
    g_autoptr(UidlLog) log = taken;
    UidlLog *other = uidl_log_open_locked(log->path, error);

    if (!other)
        return NULL;
    other->lock_fd = log->lock_fd;
    log->lock_fd = -1;
    return other;
}

UidlLog *uidl_log_turn_to(UidlLog *taken, const char *mailbox, GError **error)
{
    g_autoptr(UidlLog) log = taken;

    if (!uidl_log_is_of(log, mailbox)) {
        if (!exchange(log, mailbox, error))
            return NULL;
        log = reopen(g_steal_pointer(&log), error);
    }
    if (!log || (!log->mailbox && !belong_to(log, mailbox, error)))
        return NULL;
    return g_steal_pointer(&log);
}

/* ---- the same one's, by another name ---- */

/* Of a stub each visit sees to what is there (engine/pop3_keeper.h). */
static void doubt(UidlLog *log, const UidlEntry *entry, GHashTable *here)
{
    UidlEntry changed = *entry;

    if (entry->is_stub)
        return;
    changed.is_doubtful = TRUE;
    if (!g_hash_table_contains(here, entry->base))
        changed.base = "";
    uidl_log_remember(log, &changed);
}

gboolean uidl_log_adopt(UidlLog *log, const char *mailbox, GHashTable *here, GError **error)
{
    g_autoptr(GPtrArray) entries = uidl_log_entries(log);

    if (!put_aside(log, error))
        return FALSE;
    for (guint i = 0; i < entries->len; i++)
        doubt(log, entries->pdata[i], here);
    g_hash_table_remove_all(log->decided);
    uidl_log_take_mailbox(log, mailbox);
    return uidl_log_rewrite(log, error);
}

/* A line end is in no account's name. */
char *uidl_log_marks(const UidlLog *log, const char *account)
{
    return log->in_marks ? g_strdup_printf("%s\n%s", account, log->in_marks) : g_strdup(account);
}
