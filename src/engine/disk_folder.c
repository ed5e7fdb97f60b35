/* disk_folder.c - see disk_folder.h. */
#include "engine/disk_folder.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/disk_box.h"
#include "engine/folder_guard.h"
#include "maildir/folders.h"
#include "maildir/maildir.h"

static gboolean is_there(const char *root, const char *raw_name)
{
    g_autofree char *path = g_build_filename(root, raw_name, "cur", NULL);

    return g_file_test(path, G_FILE_TEST_IS_DIR);
}

static gboolean make(Disk *disk, const char *root, const StoreEntry *entry, char **raw_out,
                     gboolean *was_there_out, GError **error)
{
    *raw_out = maildir_raw_name(entry->name, error);
    *was_there_out = *raw_out && is_there(root, *raw_out);
    return *raw_out && disk_make_root(disk, root, error) && maildir_make_folder(root, *raw_out, error);
}

/* Read just before it is deleted. INPUT: it stays. */
static gboolean check_contents(const char *root, const StoreEntry *entry, GError **error)
{
    if (!folder_guard_looks(entry) || !is_there(root, entry->folder_raw))
        return TRUE;
    g_autoptr(MaildirFolder) folder = maildir_open(root, entry->folder_raw, error);
    const GPtrArray *files = folder ? maildir_list(folder, error) : NULL;

    return files && folder_guard_passes(entry, entry->folder_name, files->len, TERN_ERROR_INPUT, error);
}

gboolean disk_change_folder(Disk *disk, const StoreEntry *entry, char **raw_out, gboolean *was_there_out,
                            GError **error)
{
    g_autofree char *root = disk_root(disk->account, disk->paths);

    switch (entry->verb) {
    case STORE_VERB_CREATE:
        return make(disk, root, entry, raw_out, was_there_out, error);
    case STORE_VERB_RENAME:
        *raw_out = maildir_raw_name(entry->name, error);
        return *raw_out && maildir_rename_folder(root, entry->folder_raw, *raw_out, error);
    case STORE_VERB_DELETE:
        return check_contents(root, entry, error) && maildir_delete_folder(root, entry->folder_raw, error);
    case STORE_VERB_SUBSCRIBE:
        return maildir_subscribe(root, entry->folder_raw, entry->set != 0, error);
    default:
        tern_error_set(error, TERN_ERROR_INPUT, _("this tern does not know how to do that"));
        return FALSE;
    }
}
