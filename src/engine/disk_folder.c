/* disk_folder.c - see disk_folder.h. */
#include "engine/disk_folder.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/disk_box.h"
#include "engine/folder_guard.h"
#include "maildir/folders.h"
#include "maildir/maildir.h"

#include <sys/stat.h>
#include <unistd.h>

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

/* Of what is listed: a link or a pipe that somebody put there is no message, and nobody was told of it as
 * one. */
static guint count_messages(const char *root, const char *raw_name, const GPtrArray *files)
{
    guint n = 0;

    for (guint i = 0; i < files->len; i++) {
        const MaildirFile *file = files->pdata[i];
        g_autofree char *path =
            g_build_filename(root, raw_name, file->is_new ? "new" : "cur", file->name, NULL);
        struct stat about;
        n += lstat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, R_OK) == 0;
    }
    return n;
}

/* Read just before it is deleted. INPUT: it stays. */
static gboolean check_contents(const char *root, const StoreEntry *entry, GError **error)
{
    if (!folder_guard_looks(entry) || !is_there(root, entry->folder_raw))
        return TRUE;
    g_autoptr(MaildirFolder) folder = maildir_open(root, entry->folder_raw, error);
    const GPtrArray *files = folder ? maildir_list(folder, error) : NULL;

    return files && folder_guard_passes(entry, entry->folder_name,
                                        count_messages(root, entry->folder_raw, files), error);
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
