/* disk_follow.c - see disk_follow.h. */
#include "engine/disk_follow.h"

#include "engine/disk_box.h"
#include "maildir/maildir.h"

#include <sys/stat.h>

/* One that was moved. */
typedef struct {
    const StoreFolder *from, *to;
    uint32_t uid;
    const char *name; /* borrowed */
} Moved;

typedef struct {
    Disk *disk;
    char *root;
    const StoreFolder *folder; /* that is read */
    GPtrArray *folders;        /* StoreFolder *, of the account */
    GHashTable *opened;        /* raw name -> MaildirFolder *, NULL: it cannot be */
    GHashTable *listed;        /* raw name -> a set of the bases in it, the opened one's */
    GArray *moved;             /* Moved */
} Follow;

static gboolean is_maildir(const Follow *follow, const StoreFolder *folder)
{
    return folder->selectable && !disk_is_mbox(follow->disk->account, folder->raw_name);
}

static MaildirFolder *open_folder(Follow *follow, const char *raw_name)
{
    MaildirFolder *opened = g_hash_table_lookup(follow->opened, raw_name);

    if (opened)
        return opened;
    opened = maildir_open(follow->root, raw_name, NULL);
    if (opened)
        g_hash_table_insert(follow->opened, g_strdup(raw_name), opened);
    return opened;
}

/* What has the name alone may be another message, of a program that numbers its files. */
static gboolean has_size(const Follow *follow, int64_t id, const char *path)
{
    g_autoptr(StoreMessage) message = store_read_message(follow->disk->reader, id, NULL);
    struct stat is;

    return message && stat(path, &is) == 0 && S_ISREG(is.st_mode) &&
           message->size_bytes == (int64_t)is.st_size;
}

static void add_moved(Follow *follow, const StoreFolder *from, uint32_t uid, const StoreFolder *to,
                      const char *name)
{
    const Moved moved = {from, to, uid, name};

    g_array_append_val(follow->moved, moved);
}

/* ---- gone from here ---- */

/* 1: it stands in that folder, where nobody knows of it; 0; -1. */
static int is_new_in(const Follow *follow, const StoreFolder *other, const StoreFile *row, GError **error)
{
    g_autofree char *path = disk_maildir_path(follow->root, other->raw_name, row->name, row->flags, TRUE);
    uint32_t uid;

    if (!path || !has_size(follow, row->id, path))
        return 0;
    const int is_known = store_read_file_uid(follow->disk->reader, other->id, row->name, &uid, error);
    return is_known < 0 ? -1 : !is_known;
}

static gboolean find_one_gone(Follow *follow, const StoreFile *row, const GPtrArray *others, GError **error)
{
    for (guint i = 0; i < others->len; i++) {
        const StoreFolder *other = others->pdata[i];
        const int found = is_new_in(follow, other, row, error);
        if (found < 0)
            return FALSE;
        if (found) {
            add_moved(follow, follow->folder, row->uid, other, row->name);
            return TRUE;
        }
    }
    return TRUE;
}

/* StoreFolder *: the others in which something may be new. */
static GPtrArray *changed_folders(Follow *follow)
{
    GPtrArray *changed = g_ptr_array_new();

    for (guint i = 0; i < follow->folders->len; i++) {
        StoreFolder *other = follow->folders->pdata[i];
        const gboolean is_other = other->id != follow->folder->id && is_maildir(follow, other);
        const MaildirFolder *opened = is_other ? open_folder(follow, other->raw_name) : NULL;
        const guint64 stamp = opened ? maildir_stamp(opened) : 0;
        if (opened && (!stamp || stamp != other->sync.highest_modseq))
            g_ptr_array_add(changed, other);
        else if (opened) /* an account may have more folders than a process may have open files */
            g_hash_table_remove(follow->opened, other->raw_name);
    }
    return changed;
}

static gboolean find_gone(Follow *follow, const StoreFiles *rows, const GArray *gone, GError **error)
{
    g_autoptr(GHashTable) uids = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) others = gone->len ? changed_folders(follow) : NULL;

    for (guint i = 0; i < gone->len; i++)
        g_hash_table_add(uids, GUINT_TO_POINTER(g_array_index(gone, uint32_t, i)));
    for (guint i = 0; others && others->len && i < rows->files->len; i++) {
        const StoreFile *row = &g_array_index(rows->files, StoreFile, i);
        if (!(row->flags & STORE_STUB) && g_hash_table_contains(uids, GUINT_TO_POINTER(row->uid)) &&
            !find_one_gone(follow, row, others, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- new here ---- */

/* All that is in it; NULL: it cannot be read. */
static GHashTable *bases_in(Follow *follow, const char *raw_name)
{
    GHashTable *bases = g_hash_table_lookup(follow->listed, raw_name);
    MaildirFolder *opened = bases ? NULL : open_folder(follow, raw_name);
    const GPtrArray *files = opened ? maildir_list(opened, NULL) : NULL;

    if (!files)
        return bases;
    bases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < files->len; i++)
        g_hash_table_add(bases, g_strdup(((const MaildirFile *)files->pdata[i])->base));
    g_hash_table_insert(follow->listed, g_strdup(raw_name), bases);
    return bases;
}

static const StoreFolder *find_folder(const Follow *follow, int64_t id)
{
    for (guint i = 0; i < follow->folders->len; i++) {
        const StoreFolder *folder = follow->folders->pdata[i];
        if (folder->id == id && is_maildir(follow, folder))
            return folder;
    }
    return NULL;
}

/* Whether the message that the store has there has left it, and is the one that is new here. */
static gboolean has_come_from(Follow *follow, const StoreFolder *from, uint32_t uid, const DiskFile *file)
{
    GHashTable *bases = bases_in(follow, from->raw_name);
    g_autofree char *path =
        disk_maildir_path(follow->root, follow->folder->raw_name, file->name, file->flags, TRUE);

    if (!bases || !path || g_hash_table_contains(bases, file->name))
        return FALSE;
    g_autoptr(GArray) rows = store_read_uids(follow->disk->reader, from->id, uid, uid, NULL);
    const StoreUid *row = rows && rows->len ? &g_array_index(rows, StoreUid, 0) : NULL;
    return row && !(row->flags & STORE_STUB) && has_size(follow, row->id, path);
}

static gboolean find_added(Follow *follow, const GArray *added, GError **error)
{
    for (guint i = 0; i < added->len; i++) {
        const DiskFile *file = &g_array_index(added, DiskFile, i);
        int64_t folder_id;
        uint32_t uid;
        const int found = store_read_file_place(follow->disk->reader, follow->disk->account->id, file->name,
                                                &folder_id, &uid, error);
        const StoreFolder *from = found == 1 ? find_folder(follow, folder_id) : NULL;
        if (found < 0)
            return FALSE;
        if (from && !(file->flags & STORE_STUB) && from->id != follow->folder->id &&
            has_come_from(follow, from, uid, file))
            add_moved(follow, from, uid, follow->folder, file->name);
    }
    return TRUE;
}

/* ---- both ---- */

static gboolean bring_keywords(Follow *follow, GError **error)
{
    for (guint i = 0; i < follow->moved->len; i++) {
        const Moved *moved = &g_array_index(follow->moved, Moved, i);
        MaildirFolder *from = open_folder(follow, moved->from->raw_name),
                      *to = open_folder(follow, moved->to->raw_name);
        if (from && to && !maildir_follow(from, moved->name, to, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean move_rows(StoreTxn *txn, void *data, GError **error)
{
    const GArray *all = data;

    for (guint i = 0; i < all->len; i++) {
        const Moved *moved = &g_array_index(all, Moved, i);
        if (!store_txn_move_file(txn, moved->from->id, moved->uid, moved->to->id, moved->name, error))
            return FALSE;
    }
    return TRUE;
}

gboolean disk_follow(Disk *disk, const StoreFolder *folder, const StoreFiles *rows, const GArray *gone,
                     const GArray *added, guint *n_out, GError **error)
{
    Follow follow = {.disk = disk, .folder = folder};

    *n_out = 0;
    if ((!gone->len && !added->len) || disk_is_mbox(disk->account, folder->raw_name))
        return TRUE;
    g_autoptr(GPtrArray) folders = store_read_folders(disk->reader, disk->account->id, error);
    if (!folders)
        return FALSE;
    g_autofree char *root = disk_root(disk->account, disk->paths);
    g_autoptr(GHashTable) opened =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)maildir_close);
    g_autoptr(GHashTable) listed =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
    g_autoptr(GArray) moved = g_array_new(FALSE, FALSE, sizeof(Moved));
    follow.root = root;
    follow.folders = folders;
    follow.opened = opened;
    follow.listed = listed;
    follow.moved = moved;
    const gboolean ok =
        find_gone(&follow, rows, gone, error) && find_added(&follow, added, error) &&
        bring_keywords(&follow, error) &&
        (!moved->len || store_run(disk->store, STORE_LANE_BULK, FALSE, move_rows, moved, error));
    *n_out = ok ? moved->len : 0;
    return ok;
}
