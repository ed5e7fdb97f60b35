/* disk.c - see disk.h: the lock, the list of folders, and where a message is. */
#include "engine/disk.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "engine/disk_box.h"
#include "engine/roles.h"
#include "maildir/folders.h"
#include "maildir/name.h"

#include <poll.h>
#include <unistd.h>

/* Between two tries for the lock, which others hold for as long as they read a folder or play a few
 * changes. */
#define LOCK_POLL_MS 20

gboolean disk_is_whole(const ConfigAccount *account)
{
    return account->incoming.protocol == CONFIG_MAILDIR || account->incoming.protocol == CONFIG_MBOX;
}

gboolean disk_is_local(const ConfigAccount *account)
{
    return disk_is_whole(account) || account->incoming.protocol == CONFIG_POP3;
}

gboolean disk_is_mbox(const ConfigAccount *account, const char *raw_name)
{
    return account->incoming.protocol == CONFIG_MBOX && g_str_equal(raw_name, MAILDIR_INBOX);
}

char *disk_root(const ConfigAccount *account, const Paths *paths)
{
    return account->incoming.protocol == CONFIG_MAILDIR
               ? g_strdup(account->incoming.path)
               : g_build_filename(paths->data, "mail", account->id, NULL);
}

/* ---- the lock ---- */

static int lock_once(const Disk *disk, gboolean *failed, GError **error)
{
    g_autofree char *folder = g_build_filename(disk->paths->data, "mail", NULL);
    g_autofree char *path = g_strdup_printf("%s/%s.lock", folder, disk->account->id);
    GError *why = NULL;
    const int fd = file_make_folder(folder, &why) ? file_lock(path, TRUE, FALSE, &why) : -1;

    *failed = why != NULL;
    if (why)
        g_propagate_error(error, why);
    return fd;
}

gboolean disk_begin(Disk *disk, int64_t wait_us, GError **error)
{
    const int64_t deadline_us = wait_us == DEADLINE_NONE ? DEADLINE_NONE : clock_now_us() + wait_us;
    gboolean failed;

    if (disk->depth++ > 0)
        return TRUE;
    while ((disk->lock_fd = lock_once(disk, &failed, error)) < 0) {
        struct pollfd cancel = {cancel_fd(disk->cancel), POLLIN, 0};
        if (failed || cancel_check(disk->cancel, error) || clock_timeout_ms(deadline_us) == 0) {
            disk->depth--;
            return FALSE;
        }
        poll(&cancel, 1, LOCK_POLL_MS);
    }
    return TRUE;
}

void disk_end(Disk *disk)
{
    if (--disk->depth == 0)
        close(disk->lock_fd);
}

/* ---- folders ---- */

static gboolean is_known(const Disk *disk, gboolean *known_out, GError **error)
{
    g_autoptr(GPtrArray) folders = store_read_folders(disk->reader, disk->account->id, error);

    *known_out = folders && folders->len;
    return folders != NULL;
}

/* A Maildir is made where there is nothing, but not where one has been: that disk is only not mounted. */
gboolean disk_make_root(const Disk *disk, const char *root, GError **error)
{
    const int is_there = maildir_root_is_there(root, error);
    gboolean known;

    if (is_there)
        return is_there == 1;
    if (!is_known(disk, &known, error))
        return FALSE;
    /* What is in the profile itself is where the store is. */
    if (!known || disk->account->incoming.protocol != CONFIG_MAILDIR)
        return maildir_make_folder(root, MAILDIR_INBOX, error);
    tern_error_set(error, TERN_ERROR_STORE,
                   _("the Maildir %s is not there; is the disk mounted? What is known of it is kept"), root);
    return FALSE;
}

/* Those that every POP3 and mbox account has from the first day; of a Maildir of others only what is
 * there. */
static gboolean make_usual(const Disk *disk, const char *root, GError **error)
{
    static const struct {
        ImapRole role;
        const char *name;
    } USUAL[] = {{IMAP_ROLE_SENT, "Sent"},
                 {IMAP_ROLE_DRAFTS, "Drafts"},
                 {IMAP_ROLE_TRASH, "Trash"},
                 {IMAP_ROLE_JUNK, "Junk"},
                 {IMAP_ROLE_ARCHIVE, "Archive"}};

    for (guint i = 0; i < G_N_ELEMENTS(USUAL); i++) {
        const char *configured = role_configured(disk->account, USUAL[i].role);
        g_autofree char *raw = maildir_raw_name(configured ? configured : USUAL[i].name, error);
        if (!raw || !maildir_make_folder(root, raw, error))
            return FALSE;
    }
    return TRUE;
}

static ImapFolder *new_folder(const char *raw_name, GHashTable *unsubscribed)
{
    ImapFolder *folder = g_new0(ImapFolder, 1);
    const gboolean is_inbox = g_str_equal(raw_name, MAILDIR_INBOX);

    folder->raw_name = g_strdup(raw_name);
    folder->name = maildir_show_name(raw_name);
    folder->delimiter = '.';
    folder->role = is_inbox ? IMAP_ROLE_INBOX : IMAP_ROLE_NONE;
    folder->selectable = TRUE;
    folder->subscribed = !g_hash_table_contains(unsubscribed, raw_name);
    return folder;
}

gboolean disk_folders(Disk *disk, GError **error)
{
    g_autofree char *root = disk_root(disk->account, disk->paths);
    gboolean known;

    if (!disk_make_root(disk, root, error) || !is_known(disk, &known, error) ||
        (!known && disk->account->incoming.protocol != CONFIG_MAILDIR && !make_usual(disk, root, error)))
        return FALSE;
    maildir_finish_deletions(root);
    g_autoptr(GPtrArray) names = maildir_folders(root, error);
    g_autoptr(GHashTable) unsubscribed = names ? maildir_unsubscribed(root, error) : NULL;
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);
    if (!unsubscribed)
        return FALSE;
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(folders, new_folder(names->pdata[i], unsubscribed));
    roles_assign(folders, disk->account);
    return sync_write_folders(disk->store, disk->account, folders, disk->refused, disk->data, error);
}

/* ---- a message ---- */

char *disk_message_path(const ConfigAccount *account, const Paths *paths, const StoreMessage *message,
                        gboolean is_likely)
{
    if (!message->file_name || !disk_is_local(account) || disk_is_mbox(account, message->file_folder))
        return NULL;
    g_autofree char *root = disk_root(account, paths);
    return disk_maildir_path(root, message->file_folder, message->file_name, message->file_flags, is_likely);
}

gboolean disk_fetch(Disk *disk, const StoreMessage *message, int fd, int64_t *bytes_out, GError **error)
{
    g_autoptr(DiskBox) box = message->file_name ? disk_box_open(disk, message->file_folder, error) : NULL;
    g_auto(DiskAside) aside = {0};
    int found = message->file_name ? -1 : 0;

    if (box)
        found = box->ops->write_out(box->of, message->file_name, message->file_flags, fd, &aside, error);
    if (found == 0)
        tern_error_set(error, TERN_ERROR_REFUSED, _("the message is not in its folder any more"));
    *bytes_out = lseek(fd, 0, SEEK_CUR);
    return found == 1;
}
