/* uploads.c - see uploads.h. */
#include "maildir/uploads.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAIN "upload"
/* Nobody writes a version for so long. */
#define WRITING_S 86400
/* Between a draft's id and what mkstemp adds. */
#define WRITING ".tmp-"

static const char *const STATES[] = {
    [UPLOAD_WAITING] = "waiting", [UPLOAD_FILED] = "filed", [UPLOAD_GONE] = "gone"};

void upload_free(Upload *upload)
{
    if (!upload)
        return;
    g_free(upload->draft);
    g_free(upload->account);
    g_free(upload->message_id);
    g_free(upload->folder);
    g_free(upload->error);
    g_free(upload);
}

/* ---- places ---- */

static char *folder_of(const char *data)
{
    return g_build_filename(data, "drafts", "upload", NULL);
}

static char *message_path(const char *data, const char *draft)
{
    g_autofree char *folder = folder_of(data);

    return g_strdup_printf("%s/%s.eml", folder, draft);
}

static char *record_path(const char *data, const char *draft, const char *account)
{
    g_autofree char *folder = folder_of(data);
    g_autofree char *escaped = g_uri_escape_string(account, NULL, FALSE);

    return g_strdup_printf("%s/%s,%s", folder, draft, escaped);
}

/* Nobody else reads or changes records meanwhile. */
static int lock(const char *data, GError **error)
{
    g_autofree char *folder = folder_of(data);
    g_autofree char *path = g_build_filename(folder, "lock", NULL);

    return file_make_folder(folder, error) ? file_lock(path, TRUE, TRUE, error) : -1;
}

/* ---- a record ---- */

static gboolean save(const char *data, const Upload *upload, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *path = record_path(data, upload->draft, upload->account);
    g_autofree char *why = upload->error ? g_utf8_make_valid(upload->error, -1) : NULL;
    gsize size;

    g_key_file_set_string(file, MAIN, "state", STATES[upload->state]);
    if (upload->message_id)
        g_key_file_set_string(file, MAIN, "message-id", upload->message_id);
    g_key_file_set_boolean(file, MAIN, "tried", upload->is_tried);
    g_key_file_set_int64(file, MAIN, "row", upload->row);
    g_key_file_set_int64(file, MAIN, "store", upload->store);
    if (upload->folder)
        g_key_file_set_string(file, MAIN, "folder", upload->folder);
    g_key_file_set_int64(file, MAIN, "not-before", upload->not_before_s);
    if (why)
        g_key_file_set_string(file, MAIN, "error", why);
    g_autofree char *text = g_key_file_to_data(file, &size, NULL);
    return file_write_atomic(path, text, size, error);
}

static gboolean parse(Upload *upload, const char *text, gsize size)
{
    g_autoptr(GKeyFile) file = g_key_file_new();

    if (!g_key_file_load_from_data(file, text, size, G_KEY_FILE_NONE, NULL))
        return FALSE;
    g_autofree char *state = g_key_file_get_string(file, MAIN, "state", NULL);
    guint n = 0;
    while (state && n < G_N_ELEMENTS(STATES) && !g_str_equal(state, STATES[n]))
        n++;
    upload->state = (UploadState)n;
    upload->message_id = g_key_file_get_string(file, MAIN, "message-id", NULL);
    upload->is_tried = g_key_file_get_boolean(file, MAIN, "tried", NULL);
    upload->row = MAX(g_key_file_get_int64(file, MAIN, "row", NULL), 0);
    upload->store = g_key_file_get_int64(file, MAIN, "store", NULL);
    upload->folder = g_key_file_get_string(file, MAIN, "folder", NULL);
    upload->not_before_s = g_key_file_get_int64(file, MAIN, "not-before", NULL);
    upload->error = g_key_file_get_string(file, MAIN, "error", NULL);
    return state && n < G_N_ELEMENTS(STATES);
}

/* Of a file's name; NULL: it is no record, or makes no sense. With the lock. */
static Upload *load(const char *data, const char *name)
{
    const char *comma = strchr(name, ',');
    g_autofree char *folder = folder_of(data);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    gsize size = 0;
    g_autofree char *text = comma ? file_read(path, LIMIT_UPLOAD_BYTES, &size, NULL) : NULL;
    g_autoptr(Upload) upload = g_new0(Upload, 1);

    if (!text || !parse(upload, text, size))
        return NULL;
    upload->draft = g_strndup(name, (gsize)(comma - name));
    upload->account = g_uri_unescape_string(comma + 1, NULL);
    return upload->account ? g_steal_pointer(&upload) : NULL;
}

static int by_draft(const void *a, const void *b)
{
    const Upload *x = *(Upload *const *)a, *y = *(Upload *const *)b;

    return strcmp(x->draft, y->draft);
}

/* Of a draft, of an account, or of all; with the lock. */
static GPtrArray *list_locked(const char *data, const char *draft, const char *account, GError **error)
{
    g_autofree char *folder = folder_of(data);
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &why);
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)upload_free);

    if (!dir) {
        tern_error_set(error, TERN_ERROR_STORE, _("%s cannot be read: %s"), folder, why->message);
        g_ptr_array_unref(all);
        return NULL;
    }
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        g_autoptr(Upload) upload = load(data, name);
        if (upload && (!draft || g_str_equal(draft, upload->draft)) &&
            (!account || g_str_equal(account, upload->account)))
            g_ptr_array_add(all, g_steal_pointer(&upload));
    }
    g_ptr_array_sort(all, by_draft);
    return all;
}

/* What is of no use any more goes; with the lock. */
static gboolean settle(const char *data, const Upload *upload, GError **error)
{
    g_autofree char *path = record_path(data, upload->draft, upload->account);

    if (upload->state != UPLOAD_GONE || upload->row || upload->is_tried)
        return save(data, upload, error);
    if (unlink(path) == 0 || errno == ENOENT)
        return TRUE;
    tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("%s cannot be taken away"), path);
    return FALSE;
}

/* ---- for who writes ---- */

int upload_begin(const char *data, const char *draft, char **path_out, GError **error)
{
    g_autofree char *folder = folder_of(data);
    g_autofree char *path = g_strdup_printf("%s/%s" WRITING "XXXXXX", folder, draft);

    if (!file_make_folder(folder, error))
        return -1;
    const int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make a file in %s"), folder);
    else
        *path_out = g_steal_pointer(&path);
    return fd;
}

static gboolean settle_message(const char *data, const char *draft, const char *path, GError **error)
{
    g_autofree char *to = message_path(data, draft), *folder = folder_of(data);

    if (rename(path, to) == 0)
        return file_sync_folder(folder, error);
    tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot make %s"), to);
    return FALSE;
}

/* All of a draft's but those of one account (NULL: all) are to go; with the lock. */
static gboolean drop_locked(const char *data, const char *draft, const char *but, GError **error)
{
    g_autoptr(GPtrArray) all = list_locked(data, draft, NULL, error);
    gboolean ok = all != NULL;

    for (guint i = 0; ok && i < all->len; i++) {
        Upload *upload = all->pdata[i];
        if (g_strcmp0(upload->account, but) == 0)
            continue;
        upload->state = UPLOAD_GONE;
        upload->not_before_s = 0;
        ok = settle(data, upload, error);
    }
    return ok;
}

static Upload *find_or_new(const char *data, const char *draft, const char *account)
{
    g_autofree char *path = record_path(data, draft, account);
    g_autofree char *name = g_path_get_basename(path);
    Upload *upload = load(data, name);

    if (!upload) {
        upload = g_new0(Upload, 1);
        upload->draft = g_strdup(draft);
        upload->account = g_strdup(account);
    }
    return upload;
}

gboolean upload_put(const char *data, const char *draft, const char *path, const char *account,
                    const char *message_id, GError **error)
{
    const int lock_fd = lock(data, error);
    gboolean ok = FALSE;

    if (lock_fd >= 0) {
        g_autoptr(Upload) upload = find_or_new(data, draft, account);
        upload->state = UPLOAD_WAITING;
        upload->not_before_s = 0;
        g_free(upload->message_id);
        upload->message_id = g_strdup(message_id);
        /* The record last: a version without one is nothing, the other way round it would be another's
         * text. */
        ok = settle_message(data, draft, path, error) && save(data, upload, error) &&
             drop_locked(data, draft, account, error);
        close(lock_fd);
    }
    unlink(path);
    return ok;
}

gboolean upload_adopt(const char *data, const char *draft, const char *account, int64_t row, int64_t store,
                      GError **error)
{
    const int lock_fd = lock(data, error);

    if (lock_fd < 0)
        return FALSE;
    g_autoptr(Upload) upload = find_or_new(data, draft, account);
    upload->state = UPLOAD_FILED;
    upload->row = row;
    upload->store = store;
    const gboolean ok = save(data, upload, error);
    close(lock_fd);
    return ok;
}

gboolean upload_drop(const char *data, const char *draft, GError **error)
{
    g_autofree char *folder = folder_of(data), *message = message_path(data, draft);

    if (access(folder, F_OK) != 0) /* nothing was ever handed over */
        return TRUE;
    const int lock_fd = lock(data, error);
    if (lock_fd < 0)
        return FALSE;
    const gboolean ok = drop_locked(data, draft, NULL, error);
    if (ok)
        unlink(message);
    close(lock_fd);
    return ok;
}

void upload_forget(const char *data, const char *draft)
{
    g_autofree char *message = message_path(data, draft);
    const int lock_fd = lock(data, NULL);
    g_autoptr(GPtrArray) all = lock_fd >= 0 ? list_locked(data, draft, NULL, NULL) : NULL;

    for (guint i = 0; all && i < all->len; i++) {
        const Upload *upload = all->pdata[i];
        g_autofree char *path = record_path(data, draft, upload->account);
        if (upload->state != UPLOAD_GONE) /* what is to be taken away still is */
            unlink(path);
    }
    if (all)
        unlink(message);
    if (lock_fd >= 0)
        close(lock_fd);
}

Upload *upload_read(const char *data, const char *draft, GError **error)
{
    g_autofree char *folder = folder_of(data);
    const int lock_fd = access(folder, F_OK) == 0 ? lock(data, error) : -1;
    g_autoptr(GPtrArray) all = lock_fd >= 0 ? list_locked(data, draft, NULL, error) : NULL;
    Upload *found = NULL;

    if (lock_fd >= 0)
        close(lock_fd);
    for (guint i = 0; all && i < all->len && !found; i++)
        if (((Upload *)all->pdata[i])->state != UPLOAD_GONE)
            found = g_ptr_array_steal_index(all, i);
    return found;
}

void upload_clean(const char *data)
{
    g_autofree char *folder = folder_of(data);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat is;
        if (strstr(name, WRITING) && lstat(path, &is) == 0 && S_ISREG(is.st_mode) &&
            is.st_mtime < clock_wall_s() - WRITING_S)
            unlink(path);
    }
}

/* ---- for who files ---- */

GPtrArray *upload_list(const char *data, const char *account, GError **error)
{
    g_autofree char *folder = folder_of(data);
    GPtrArray *all = NULL;

    if (access(folder, F_OK) != 0)
        return g_ptr_array_new_with_free_func((GDestroyNotify)upload_free);
    const int lock_fd = lock(data, error);
    if (lock_fd >= 0) {
        all = list_locked(data, NULL, account, error);
        close(lock_fd);
    }
    return all;
}

/* As it is now; NULL: it is not there. With the lock. */
static Upload *again(const char *data, const Upload *upload)
{
    g_autofree char *path = record_path(data, upload->draft, upload->account);
    g_autofree char *name = g_path_get_basename(path);

    return load(data, name);
}

gboolean upload_open(const char *data, const Upload *upload, int *fd_out, GError **error)
{
    const int lock_fd = lock(data, error);

    *fd_out = -1;
    if (lock_fd < 0)
        return FALSE;
    g_autoptr(Upload) now = again(data, upload);
    g_autofree char *path = message_path(data, upload->draft);
    if (now && now->state == UPLOAD_WAITING && g_strcmp0(now->message_id, upload->message_id) == 0) {
        *fd_out = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (*fd_out < 0)
            tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("the draft in %s cannot be read"), path);
    }
    close(lock_fd);
    return *fd_out >= 0;
}

gboolean upload_change(const char *data, const Upload *upload, UploadChange change, void *change_data,
                       GError **error)
{
    const int lock_fd = lock(data, error);

    if (lock_fd < 0)
        return FALSE;
    g_autoptr(Upload) now = again(data, upload);
    const gboolean ok = !now || !change(now, change_data) || settle(data, now, error);
    close(lock_fd);
    return ok;
}
