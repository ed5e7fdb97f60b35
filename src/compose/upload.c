/* upload.c - see upload.h. */
#include "compose/upload.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "compose/message.h"
#include "maildir/uploads.h"
#include "store/ids.h"
#include "store/read.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than these are not sent or thrown away elsewhere between two looks: it is the folder that is not what
 * it was. */
#define GONE_MAX 5

/* A lock file that is younger is left. */
#define HOLD_S 86400

/* ---- a version ---- */

/* Another one each time, with the draft's id at its beginning. */
static char *version_new(const Draft *draft)
{
    return g_strdup_printf("%s.%08x%08x@tern.invalid", draft->id, g_random_int(), g_random_int());
}

static gboolean write_version(const Draft *draft, const char *data, GError **error)
{
    g_autofree char *path = NULL;
    const int fd = upload_begin(data, draft->id, &path, error);

    if (fd < 0)
        return FALSE;
    gboolean ok = compose_draft_write(draft, draft->filed, fd, error);
    if (ok && fsync(fd) != 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), path);
        ok = FALSE;
    }
    close(fd);
    if (ok)
        return upload_put(data, draft->id, path, draft->account, draft->filed, error);
    unlink(path);
    return FALSE;
}

gboolean draft_upload(Draft *draft, const Config *config, const char *data, gboolean *is_saved_out,
                      GError **error)
{
    const ConfigAccount *account = draft->account ? config_account(config, draft->account) : NULL;
    const gboolean is_wanted = account && draft->kind != DRAFT_RESEND && !draft_is_empty(draft);
    GError *failed = NULL;

    g_clear_pointer(&draft->filed, g_free);
    if (is_wanted)
        draft->filed = version_new(draft);
    if (is_wanted && !write_version(draft, data, &failed))
        g_clear_pointer(&draft->filed, g_free);
    const gboolean is_saved = draft_save(draft, data, failed ? NULL : &failed);
    if (is_saved_out)
        *is_saved_out = is_saved;
    if (failed)
        g_propagate_error(error, failed);
    return is_saved && (!is_wanted || draft->filed);
}

gboolean draft_drop(const Draft *draft, const char *data, gboolean *was_filed_out, GError **error)
{
    g_autoptr(Upload) upload = upload_read(data, draft->id, NULL);

    if (was_filed_out)
        *was_filed_out = upload != NULL;
    if (!upload_drop(data, draft->id, error)) /* first, so that it does not come back from there */
        return FALSE;
    draft_remove(draft, data);
    return TRUE;
}

void draft_forget(const Draft *draft, const char *data)
{
    draft_remove(draft, data);
    upload_forget(data, draft->id);
}

/* ---- what became of it ---- */

/* Whether the row still is in a folder for drafts of its account; what cannot be known counts as yes: the row
 * is another store's, another folder is the one for drafts now, or that was not looked at yet. */
static gboolean is_there(const Upload *upload, StoreReader *reader)
{
    g_autoptr(GError) error = NULL;
    StoreRowState state;
    g_autoptr(StoreFolder) folder =
        store_read_role_folder(reader, upload->account, STORE_ROLE_DRAFTS, &error);
    const int found = store_read_state(reader, upload->row, &state, NULL);

    if (found < 0 || !folder || !upload->row || upload->store != store_read_stamp(reader) ||
        !folder->sync.synced_s || (upload->folder && !g_str_equal(upload->folder, folder->raw_name)))
        return TRUE;
    return found == 1 && state.folder_id == folder->id;
}

gboolean draft_is_elsewhere(const char *data, const char *id, StoreReader *reader)
{
    g_autoptr(Upload) upload = upload_read(data, id, NULL);

    /* What was tried may stand there as another row already, and the old one is gone for that. */
    return upload && (upload->state == UPLOAD_FILED || !upload->is_tried) && upload->row &&
           !is_there(upload, reader);
}

char *draft_of_row(const char *data, int64_t row, int64_t store)
{
    g_autoptr(GPtrArray) all = upload_list(data, NULL, NULL);

    for (guint i = 0; all && i < all->len; i++) {
        const Upload *upload = all->pdata[i];
        if (upload->row == row && upload->store == store && upload->state != UPLOAD_GONE)
            return g_strdup(upload->draft);
    }
    return NULL;
}

GHashTable *draft_rows(const char *data, int64_t store)
{
    GHashTable *rows = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GPtrArray) all = upload_list(data, NULL, NULL);

    for (guint i = 0; all && i < all->len; i++) {
        const Upload *upload = all->pdata[i];
        if (upload->row && upload->store == store && upload->state != UPLOAD_GONE)
            g_hash_table_add(rows, g_memdup2(&upload->row, sizeof upload->row));
    }
    return rows;
}

/* ---- cleaning up ---- */

/* TRUE: it is here alone, or newer here. Its id is added to `gone` when it has gone elsewhere. */
static gboolean settle_one(const char *data, const char *id, StoreReader *reader, GPtrArray *gone)
{
    const int hold = draft_hold(data, id, NULL);
    g_autoptr(Draft) draft = hold >= 0 ? draft_load(data, id, NULL) : NULL;
    g_autoptr(Upload) upload = draft ? upload_read(data, id, NULL) : NULL;
    const gboolean is_same = upload && upload->state == UPLOAD_FILED && draft->filed &&
                             g_strcmp0(draft->filed, upload->message_id) == 0;

    if (is_same && !is_there(upload, reader))
        g_ptr_array_add(gone, g_strdup(id));
    if (hold >= 0)
        close(hold);
    return hold >= 0 && !is_same; /* one that is open elsewhere is not unfinished */
}

static void put_aside(const char *data, const GPtrArray *gone)
{
    for (guint i = 0; i < gone->len && gone->len <= GONE_MAX; i++) {
        const int hold = draft_hold(data, gone->pdata[i], NULL);
        if (hold < 0)
            continue;
        if (draft_put_aside(data, gone->pdata[i]))
            upload_forget(data, gone->pdata[i]);
        close(hold);
    }
}

/* Rows that a draft was only looked at of: nothing of it is kept here. */
static void forget_unkept(const char *data, const GPtrArray *ids)
{
    g_autoptr(GPtrArray) all = upload_list(data, NULL, NULL);

    for (guint i = 0; all && i < all->len; i++) {
        const Upload *upload = all->pdata[i];
        if (upload->state != UPLOAD_FILED ||
            g_ptr_array_find_with_equal_func((GPtrArray *)ids, upload->draft, g_str_equal, NULL))
            continue;
        const int hold = draft_hold(data, upload->draft, NULL);
        if (hold >= 0) {
            upload_forget(data, upload->draft);
            close(hold);
        }
    }
}

/* Lock files of drafts that are not here any more: nobody opens those. One that is new may be of a draft that
 * is not saved yet. */
static void clean_holds(const char *data, const GPtrArray *ids)
{
    g_autofree char *folder = g_build_filename(data, "drafts", "open", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat is;
        if (g_ptr_array_find_with_equal_func((GPtrArray *)ids, name, g_str_equal, NULL) ||
            lstat(path, &is) != 0 || is.st_mtime > clock_wall_s() - HOLD_S)
            continue;
        const int hold = draft_hold(data, name, NULL);
        if (hold >= 0) {
            unlink(path);
            close(hold);
        }
    }
}

guint draft_settle(const char *data, StoreReader *reader)
{
    g_autoptr(GPtrArray) ids = draft_list(data, NULL), gone = g_ptr_array_new_with_free_func(g_free);
    guint n = 0;

    for (guint i = 0; ids && i < ids->len; i++)
        n += settle_one(data, ids->pdata[i], reader, gone);
    put_aside(data, gone);
    draft_clean_aside(data);
    upload_clean(data);
    if (ids) {
        forget_unkept(data, ids);
        clean_holds(data, ids);
    }
    return n;
}

/* ---- who has it open ---- */

int draft_hold(const char *data, const char *id, GError **error)
{
    g_autofree char *folder = g_build_filename(data, "drafts", "open", NULL);
    g_autofree char *path = g_build_filename(folder, id, NULL);

    return file_make_folder(folder, error) ? file_lock(path, TRUE, FALSE, error) : -1;
}
