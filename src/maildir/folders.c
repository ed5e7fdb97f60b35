/* folders.c - see folders.h. */
#include "maildir/folders.h"
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

/* What is being deleted is called so first, which no folder is. */
#define DELETED_PREFIX "tern-deleted-"
#define UNSUBSCRIBED "tern-unsubscribed"
/* By this an MDA knows that a folder is no Maildir by itself (Maildir++). */
#define MARK "maildirfolder"

static gboolean fail(const char *sentence, const char *path, GError **error)
{
    const int saved = errno;
    g_autofree char *shown = g_filename_display_name(path);

    tern_error_set_errno(error, TERN_ERROR_STORE, saved, "%s %s", sentence, shown);
    return FALSE;
}

static gboolean has_folder(const char *path, const char *name)
{
    g_autofree char *at = g_build_filename(path, name, NULL);

    return g_file_test(at, G_FILE_TEST_IS_DIR);
}

static gboolean is_folder(const char *root, const char *raw_name)
{
    g_autofree char *path = g_build_filename(root, raw_name, NULL);

    return has_folder(path, "cur") && has_folder(path, "new");
}

/* Nothing is in it but the first of what makes a Maildir, and nothing in these: so does maildir_make_folder()
 * leave it when it is killed. An empty folder is one, too. */
static gboolean is_unfinished(const char *root)
{
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    gboolean is_one = dir != NULL;
    const char *name;

    while (is_one && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(root, name, NULL);
        g_autoptr(GDir) part = g_dir_open(path, 0, NULL);
        is_one = part && !g_dir_read_name(part) && (!strcmp(name, "tmp") || !strcmp(name, "new"));
    }
    return is_one;
}

int maildir_root_is_there(const char *root, GError **error)
{
    if (is_folder(root, MAILDIR_INBOX))
        return 1;
    if (!g_file_test(root, G_FILE_TEST_EXISTS) || is_unfinished(root))
        return 0;
    g_autofree char *shown = g_filename_display_name(root);
    tern_error_set(
        error, TERN_ERROR_STORE,
        _("%s is no Maildir: it has no folders cur and new; name another path in the account's incoming"),
        shown);
    return -1;
}

/* ---- the list ---- */

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *maildir_folders(const char *root, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(root, 0, &why);
    const char *name;

    if (!dir || !is_folder(root, MAILDIR_INBOX)) {
        g_autofree char *shown = g_filename_display_name(root);
        tern_error_set(error, TERN_ERROR_STORE,
                       _("the Maildir %s is not there; is the disk mounted? What is known of it is kept"),
                       shown);
        return NULL;
    }
    g_ptr_array_add(names, g_strdup(MAILDIR_INBOX));
    while ((name = g_dir_read_name(dir))) {
        if (maildir_is_raw_name(name) && is_folder(root, name))
            g_ptr_array_add(names, g_strdup(name));
    }
    g_ptr_array_sort(names, compare);
    return g_steal_pointer(&names);
}

GPtrArray *maildir_no_folders(const char *root)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (!maildir_is_raw_name(name) && is_folder(root, name))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare);
    return names;
}

/* ---- making ---- */

static gboolean make_mark(const char *path, GError **error)
{
    g_autofree char *mark = g_build_filename(path, MARK, NULL);
    const int fd = open(mark, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return fail(_("cannot make"), mark, error);
    close(fd);
    return TRUE;
}

gboolean maildir_make_folder(const char *root, const char *raw_name, GError **error)
{
    static const char *const PARTS[] = {"tmp", "new", "cur"}; /* cur last: with it the folder counts */
    g_autofree char *path = g_build_filename(root, raw_name, NULL);

    if (is_folder(root, raw_name))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(PARTS); i++) {
        g_autofree char *part = g_build_filename(path, PARTS[i], NULL);
        if (!file_make_folder(part, error))
            return FALSE;
    }
    if (strcmp(raw_name, MAILDIR_INBOX) != 0 && !make_mark(path, error))
        return FALSE;
    return file_sync_folder(path, error) && file_sync_folder(root, error);
}

/* ---- renaming ---- */

/* The raw names of a folder and of what is under it, what is deepest first. */
static GPtrArray *family(const char *root, const char *raw_name, GError **error)
{
    GPtrArray *names = maildir_folders(root, error);
    const gsize size = strlen(raw_name);

    for (guint i = names ? names->len : 0; i > 0; i--) {
        const char *name = names->pdata[i - 1];
        if (strncmp(name, raw_name, size) != 0 || (name[size] && name[size] != '.'))
            g_ptr_array_remove_index(names, i - 1);
    }
    return names;
}

/* Whether a name of the new family is taken, or too long. */
static gboolean check_new_names(const char *root, const GPtrArray *names, const char *raw_name,
                                const char *new_raw_name, GError **error)
{
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *renamed =
            g_strconcat(new_raw_name, (char *)names->pdata[i] + strlen(raw_name), NULL);
        g_autofree char *shown = maildir_show_name(renamed);
        if (is_folder(root, renamed))
            tern_error_set(error, TERN_ERROR_INPUT, _("there is a folder “%s” already"), shown);
        else if (strlen(renamed) > NAME_MAX)
            tern_error_set(error, TERN_ERROR_INPUT, _("the name “%s” is too long for the file system"),
                           shown);
        else
            continue;
        return FALSE;
    }
    return TRUE;
}

gboolean maildir_rename_folder(const char *root, const char *raw_name, const char *new_raw_name,
                               GError **error)
{
    g_autoptr(GPtrArray) names = family(root, raw_name, error);

    if (!names || !check_new_names(root, names, raw_name, new_raw_name, error))
        return FALSE;
    if (!names->len && !is_folder(root, new_raw_name)) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
        return FALSE;
    }
    /* From the end: what is under it before itself, so that a run that was cut off goes on. */
    for (guint i = names->len; i > 0; i--) {
        const char *name = names->pdata[i - 1];
        g_autofree char *renamed = g_strconcat(new_raw_name, name + strlen(raw_name), NULL);
        g_autofree char *from = g_build_filename(root, name, NULL),
                        *to = g_build_filename(root, renamed, NULL);
        if (rename(from, to) < 0)
            return fail(_("cannot rename the folder"), from, error);
    }
    return file_sync_folder(root, error);
}

/* ---- deleting ---- */

/* Of a link only the link: what it leads to is somebody else's. Neither folder nor link: tern made no such
 * thing. */
static gboolean delete_tree(const char *path, GError **error)
{
    struct stat is;
    int failed = lstat(path, &is);

    if (failed == 0 && S_ISDIR(is.st_mode)) {
        if (!file_empty_folder(path, error))
            return FALSE;
        failed = rmdir(path);
    } else if (failed == 0 && S_ISLNK(is.st_mode)) {
        failed = unlink(path);
    }
    return failed == 0 || errno == ENOENT || fail(_("cannot delete the folder"), path, error);
}

void maildir_finish_deletions(const char *root)
{
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(root, name, NULL);
        if (g_str_has_prefix(name, DELETED_PREFIX))
            delete_tree(path, NULL);
    }
}

gboolean maildir_delete_folder(const char *root, const char *raw_name, GError **error)
{
    g_autofree char *path = g_build_filename(root, raw_name, NULL), *name = maildir_new_base();
    g_autofree char *deleted = g_strconcat(root, "/", DELETED_PREFIX, name, NULL);

    if (!maildir_is_raw_name(raw_name)) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the Inbox cannot be deleted"));
        return FALSE;
    }
    if (rename(path, deleted) < 0)
        return errno == ENOENT || fail(_("cannot delete the folder"), path, error);
    return file_sync_folder(root, error) && delete_tree(deleted, error);
}

/* ---- subscriptions ---- */

GHashTable *maildir_unsubscribed(const char *root, GError **error)
{
    g_autofree char *path = g_build_filename(root, UNSUBSCRIBED, NULL);
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&names);
    g_autofree char *text = file_read(path, LIMIT_KEYWORDS_BYTES, NULL, error);
    if (!text)
        return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        if (maildir_is_raw_name(*line))
            g_hash_table_add(names, g_strdup(*line));
    return g_steal_pointer(&names);
}

gboolean maildir_subscribe(const char *root, const char *raw_name, gboolean on, GError **error)
{
    g_autofree char *path = g_build_filename(root, UNSUBSCRIBED, NULL);
    g_autoptr(GHashTable) names = maildir_unsubscribed(root, error);
    g_autoptr(GString) text = g_string_new(NULL);
    guint n;

    if (!names)
        return FALSE;
    const gboolean is_changed =
        on ? g_hash_table_remove(names, raw_name) : g_hash_table_add(names, g_strdup(raw_name));
    if (!is_changed)
        return TRUE;
    g_autofree const char **sorted = (const char **)g_hash_table_get_keys_as_array(names, &n);
    qsort(sorted, n, sizeof *sorted, compare);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(text, "%s\n", sorted[i]);
    return file_write_atomic(path, text->str, text->len, error);
}
