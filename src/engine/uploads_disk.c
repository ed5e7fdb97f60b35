/*
 * uploads_disk.c - see uploads.h: drafts of an account whose folders are on this disk.
 *
 * A version's file is called by its Message-ID, so that filing it twice makes one; older ones of the same
 * draft are known by the beginning of their names.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "engine/disk_box.h"
#include "engine/roles.h"
#include "engine/uploads.h"
#include "maildir/folders.h"
#include "maildir/maildir.h"
#include "store/files.h"
#include "store/ids.h"

#include <string.h>
#include <unistd.h>

/* "ID.CHANCE": the Message-ID without its domain; to be freed. */
static char *base_of(const Upload *upload)
{
    return g_strndup(upload->message_id, strcspn(upload->message_id, "@/:"));
}

/* The folder for drafts as the store knows it, else as the configuration calls it, to be freed; and its name
 * for people, on failure too. */
static char *raw_folder(const Disk *disk, char **name_out, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(StoreFolder) folder =
        store_read_role_folder(disk->reader, disk->account->id, STORE_ROLE_DRAFTS, &failed);
    const char *configured = role_configured(disk->account, IMAP_ROLE_DRAFTS);

    *name_out = g_strdup(folder ? folder->name : configured ? configured : "Drafts");
    if (folder)
        return g_strdup(folder->raw_name);
    if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return NULL;
    }
    return maildir_raw_name(*name_out, error);
}

/* What else of this draft is there; `but`: the newest one's base, NULL: all of it. */
static gboolean remove_older(MaildirFolder *folder, const Upload *upload, const char *but, GError **error)
{
    g_autofree char *beginning = g_strconcat(upload->draft, ".", NULL);
    const GPtrArray *files = maildir_list(folder, error);
    g_autoptr(GPtrArray) bases = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; files && i < files->len; i++) {
        const MaildirFile *file = files->pdata[i];
        if (g_str_has_prefix(file->base, beginning) && g_strcmp0(file->base, but) != 0)
            g_ptr_array_add(bases, g_strdup(file->base));
    }
    for (guint i = 0; i < bases->len; i++)
        if (maildir_remove(folder, bases->pdata[i], MAILDIR_DRAFT | MAILDIR_SEEN, error) < 0)
            return FALSE;
    return files && maildir_flush(folder, error);
}

static gboolean deliver_once(MaildirFolder *folder, const Upload *upload, const char *base, int fd,
                             GError **error)
{
    MaildirFile file;
    const int found = maildir_find(folder, base, MAILDIR_DRAFT | MAILDIR_SEEN, &file, error);

    /* Older ones also where it stands there already: a kill came in between. */
    return found >= 0 &&
           (found > 0 ||
            (maildir_deliver_file(folder, base, fd, MAILDIR_DRAFT | MAILDIR_SEEN, NULL, 0, error) &&
             maildir_flush(folder, error))) &&
           remove_older(folder, upload, base, error);
}

/* The folder into the store, and the row of that file there; the row that the draft was begun with goes. */
static gboolean note(Disk *disk, const char *raw_name, const Upload *upload, const char *base, GError **error)
{
    g_autoptr(StoreFolder) folder = NULL;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(int64_t));
    SyncResult result;
    int64_t folder_id = 0, row = 0;
    uint32_t uid = 0;

    if (!disk_folders(disk, error))
        return FALSE;
    g_autoptr(GPtrArray) folders = store_read_folders(disk->reader, disk->account->id, error);
    for (guint i = 0; folders && i < folders->len && !folder; i++)
        if (g_str_equal(((StoreFolder *)folders->pdata[i])->raw_name, raw_name))
            folder = g_ptr_array_steal_index(folders, i);
    if (folders && !folder)
        tern_error_set(error, TERN_ERROR_STORE, _("it is not among the account's folders"));
    if (!folder || !disk_sync(disk, folder, &result, error))
        return FALSE;
    const int found =
        base ? store_read_file_place(disk->reader, disk->account->id, base, &folder_id, &uid, error) : 0;
    if (found < 0 || (found > 0 && !uploads_row_of(disk->reader, folder_id, uid, &row, error)))
        return FALSE;
    if (upload->row && upload->row != row)
        g_array_append_val(rows, upload->row);
    return uploads_take_away(disk->store, folder->id, rows, error) &&
           (base ? uploads_note_filed(disk->paths, disk->reader, upload, folder, row, error)
                 : uploads_note_gone(disk->paths, upload, error));
}

/* FALSE without an error: it is another one by now. */
static gboolean file_one(Disk *disk, const char *root, const char *raw_name, const Upload *upload,
                         GError **error)
{
    g_autofree char *base = upload->state == UPLOAD_WAITING ? base_of(upload) : NULL;
    g_autoptr(MaildirFolder) folder = maildir_open(root, raw_name, error);
    int fd = -1;

    if (!folder)
        return FALSE;
    if (!base)
        return remove_older(folder, upload, NULL, error) && note(disk, raw_name, upload, NULL, error);
    const gboolean ok = upload_open(disk->paths->data, upload, &fd, error) &&
                        uploads_note_tried(disk->paths, upload, error) &&
                        deliver_once(folder, upload, base, fd, error) &&
                        note(disk, raw_name, upload, base, error);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* One that cannot be filed holds up neither the others nor the account. FALSE: CANCELLED, or it cannot be
 * noted. */
static gboolean file_or_refuse(Disk *disk, const char *root, const Upload *upload, GError **error)
{
    GError *failed = NULL;
    g_autofree char *name = NULL, *tell = NULL;
    g_autofree char *base = upload->message_id ? base_of(upload) : NULL;
    g_autofree char *raw_name = raw_folder(disk, &name, &failed);

    if (raw_name && upload->state == UPLOAD_FILED) /* and its row is looked for, in a new store */
        note(disk, raw_name, upload, base, &failed);
    else if (raw_name && disk_make_root(disk, root, &failed) && maildir_make_folder(root, raw_name, &failed))
        file_one(disk, root, raw_name, upload, &failed);
    if (!failed) /* done, or another one by now */
        return TRUE;
    if (tern_error_is(failed, TERN_ERROR_CANCELLED)) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    const gboolean ok = uploads_note_refused(disk->paths, upload, name, failed, &tell, error);
    g_error_free(failed);
    if (tell && disk->refused)
        disk->refused(tell, disk->data);
    return ok;
}

gboolean uploads_file_here(Disk *disk, GError **error)
{
    g_autoptr(GPtrArray) all = upload_list(disk->paths->data, disk->account->id, error);
    g_autofree char *root = disk_root(disk->account, disk->paths);
    gboolean ok = all != NULL, has_filed = FALSE;

    for (guint i = 0; ok && i < all->len; i++) {
        Upload *upload = all->pdata[i];
        if (!uploads_is_due(upload) && !uploads_is_strange(upload, disk->reader))
            continue;
        uploads_fit_store(upload, disk->reader);
        ok = file_or_refuse(disk, root, upload, error);
        has_filed = TRUE;
    }
    return ok && (!has_filed || disk_play(disk, error));
}
