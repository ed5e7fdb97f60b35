/* import.c - see import.h. */
#include "engine/import.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "engine/disk_box.h"
#include "engine/import_server.h"
#include "maildir/folders.h"
#include "maildir/mbox.h"
#include "store/files.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Messages that share their fsyncs. An mbox is written as a whole each time, so more at once. */
#define GROUP 100
#define MBOX_GROUP 2000
/* How long an import has the account's folders for itself, but for a message that it has begun; an mbox, of which
 * each writing costs more, for longer. And how long it stands back then: longer than others wait between two
 * tries for the lock (disk.c). */
#define TURN_US SECOND_US
#define MBOX_TURN_US (3 * SECOND_US)
#define STAND_BACK_MS 50

/* Where messages go. */
typedef struct {
    DiskBox *box;
    Disk *disk;       /* of the account; NULL: to files of others */
    GHashTable *seen; /* hash -> how many of this run have it */
    int waiting;      /* since the last flush */
    ImportResult *result;
    ImportServer *server; /* NULL, else it takes them all, and there is no box */
    const char *raw_name; /* of the box's folder, where it is an account's */
    int64_t turn_ends_us;
} Target;

/* ---- one message ---- */

static gboolean hash_of(int fd, char **hash_out, int64_t *bytes_out, GError **error)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    guchar buffer[32768];
    ssize_t n = 0;

    *bytes_out = 0;
    while (lseek(fd, *bytes_out, SEEK_SET) >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0) {
        g_checksum_update(sum, buffer, n);
        *bytes_out += n;
    }
    if (n < 0 || lseek(fd, 0, SEEK_SET) < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be read"));
        return FALSE;
    }
    *hash_out = g_strdup(g_checksum_get_string(sum));
    return TRUE;
}

/* The same for the same message, the n-th of its kind. `first_s`: what its name begins with. */
static char *mark_of(const Target *target, const char *hash, int64_t first_s)
{
    const int n = GPOINTER_TO_INT(g_hash_table_lookup(target->seen, hash));

    g_hash_table_replace(target->seen, g_strdup(hash), GINT_TO_POINTER(n + 1));
    return g_strdup_printf("%" G_GINT64_FORMAT " import %s %d", MAX(first_s, 0), hash, n);
}

/* Whether it was taken before: into this folder, or moved to another one of the account since. 1, 0, -1. */
static int is_known(const Target *target, const char *mark, GError **error)
{
    g_autofree char *name = NULL, *elsewhere = NULL;
    const int took = target->box->ops->took(target->box->of, mark, &name, error);
    int64_t folder;
    uint32_t uid;

    if (took != 0 || !target->disk || target->box->ops == &DISK_MBOX)
        return took;
    elsewhere = disk_maildir_name(mark);
    return store_read_file_place(target->disk->reader, target->disk->account->id, elsewhere, &folder, &uid,
                                 error);
}

static gboolean flush(Target *target, GError **error)
{
    target->waiting = 0;
    if (target->server)
        return import_server_flush(target->server, error);
    return target->box->ops->flush(target->box->of, error);
}

static gboolean put(Target *target, int fd, int64_t first_s, uint32_t flags, char **keywords,
                    int64_t arrival_s, GError **error)
{
    g_autofree char *hash = NULL, *name = NULL;
    int64_t bytes;

    if (target->server)
        return import_server_put(target->server, fd, flags, keywords, arrival_s, error);
    if (!hash_of(fd, &hash, &bytes, error))
        return FALSE;
    g_autofree char *mark = mark_of(target, hash, first_s);
    const int known = is_known(target, mark, error);
    if (known != 0) {
        target->result->known++;
        return known == 1;
    }
    if (!target->box->ops->take_in(target->box->of, fd, mark, flags, keywords, arrival_s, &name, error))
        return FALSE;
    target->result->added++;
    target->result->bytes += bytes;
    return ++target->waiting < (target->box->ops == &DISK_MBOX ? MBOX_GROUP : GROUP) || flush(target, error);
}

/* ---- whole folders ---- */

static gboolean begin_turn(Target *target, GError **error)
{
    target->box = disk_box_open(target->disk, target->raw_name, error);
    if (target->box)
        target->turn_ends_us = clock_now_us() + (target->box->ops == &DISK_MBOX ? MBOX_TURN_US : TURN_US);
    return target->box != NULL;
}

/* Others have their turn: a user's change, a visit that has brought mail. What was taken in is durable by then,
 * and the folder is opened anew, as they may have changed it. An import to a server, whose lock only another
 * import waits for, keeps it. */
static gboolean give_way(Target *target, GError **error)
{
    Disk *disk = target->disk;

    if (target->server || clock_now_us() < target->turn_ends_us)
        return TRUE;
    if (target->waiting && !flush(target, error))
        return FALSE;
    g_clear_pointer(&target->box, disk_box_free);
    disk_end(disk);
    poll(NULL, 0, STAND_BACK_MS);
    return disk_begin(disk, DEADLINE_NONE, error) && begin_turn(target, error);
}

static void tell_passed_over(const Disk *disk, const char *sentence, ImportResult *result)
{
    result->passed_over++;
    if (disk->passed_over)
        disk->passed_over(sentence, disk->data);
    else if (disk->refused)
        disk->refused(sentence, disk->data);
}

/* What is no message stops no other. */
static gboolean pass_over(const Target *target, GError **failed)
{
    if (!tern_error_is(*failed, TERN_ERROR_INPUT))
        return FALSE;
    tell_passed_over(target->disk, (*failed)->message, target->result);
    g_clear_error(failed);
    return TRUE;
}

static gboolean pour_one(DiskBox *from, const char *name, uint32_t flags, Target *target, GError **error)
{
    FILE *between = tmpfile();
    g_auto(DiskAside) aside = {0};
    GError *failed = NULL;

    if (!between) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno,
                             _("a file for the copy of a message cannot be made"));
        return FALSE;
    }
    const int found = from->ops->write_out(from->of, name, flags, fileno(between), &aside, &failed);
    gboolean ok = found >= 0 || pass_over(target, &failed); /* 0: it went meanwhile */
    if (failed)
        g_propagate_error(error, failed);
    if (found == 1)
        ok = put(target, fileno(between), g_ascii_strtoll(name, NULL, 10), aside.flags, aside.keywords,
                 aside.arrival_s, error);
    fclose(between);
    return ok;
}

/* The names first: writing one out may read the folder anew. */
static gboolean pour(DiskBox *from, Target *target, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    const GArray *files = disk_box_list(from, error);

    for (guint i = 0; files && i < files->len; i++) {
        const DiskFile *file = &g_array_index(files, DiskFile, i);
        g_ptr_array_add(names, g_strdup(file->name));
        g_array_append_val(flags, file->flags);
    }
    for (guint i = 0; files && i < names->len; i++) {
        if ((target->disk->cancel && cancel_check(target->disk->cancel, error)) || !give_way(target, error) ||
            !pour_one(from, names->pdata[i], g_array_index(flags, uint32_t, i), target, error))
            return FALSE;
        if (target->disk->progress && i % 64 == 0)
            target->disk->progress("", i, names->len, target->disk->data);
    }
    return files && flush(target, error);
}

static gboolean make_folder(Disk *disk, const char *raw, GError **error)
{
    g_autofree char *root = disk_root(disk->account, disk->paths);

    return disk_make_root(disk, root, error) &&
           (disk_is_mbox(disk->account, raw) || maildir_make_folder(root, raw, error));
}

/* What others have changed meanwhile is played before (disk.h), and what they change while it is read, after. */
static gboolean read_in(Disk *disk, const char *folder_name, GError **error)
{
    SyncResult result;

    if (!disk_play(disk, error) || !disk_folders(disk, error))
        return FALSE;
    g_autoptr(StoreFolder) folder = store_read_folder(disk->reader, disk->account->id, folder_name, error);
    return folder && disk_sync(disk, folder, &result, error) && disk_play(disk, error);
}

static gboolean import_to_server(Disk *disk, DiskBox *from, const char *folder, ImportResult *result,
                                 GError **error)
{
    g_autoptr(ImportServer) server = import_server_open(disk, folder, result, error);
    Target target = {.disk = disk, .result = result, .server = server};

    return server && pour(from, &target, error);
}

static gboolean import_box(Disk *disk, DiskBox *from, const char *folder, ImportResult *result,
                           GError **error)
{
    if (!disk_is_local(disk->account))
        return import_to_server(disk, from, folder, result, error);
    g_autofree char *raw = maildir_raw_name(folder, error);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *shown = raw ? maildir_show_name(raw) : NULL;
    Target target = {.disk = disk, .seen = seen, .result = result, .raw_name = raw};

    const gboolean ok =
        raw && make_folder(disk, raw, error) && begin_turn(&target, error) && pour(from, &target, error);
    disk_box_free(target.box);
    return ok && read_in(disk, shown, error);
}

/* A folder of a Maildir at a path, or an mbox. */
static DiskBox *open_source(const char *path, const char *raw_name, GError **error)
{
    return raw_name ? disk_box_at(disk_maildir_open(path, raw_name, error), &DISK_MAILDIR)
                    : disk_box_at(mbox_open(path, NULL, error), &DISK_MBOX);
}

static void tell_no_folders(const Disk *disk, const char *path, ImportResult *result)
{
    g_autoptr(GPtrArray) names = maildir_no_folders(path);

    for (guint i = 0; i < names->len; i++) {
        g_autofree char *at = g_build_filename(path, names->pdata[i], NULL);
        g_autofree char *shown = g_filename_display_name(at);
        g_autofree char *sentence =
            g_strdup_printf(_("%s is called as no folder of a Maildir; import it by its own path"), shown);
        tell_passed_over(disk, sentence, result);
    }
}

/* What a folder is called here: nothing in it that would not be seen. */
static char *name_in(const char *raw_name)
{
    g_autofree char *shown = maildir_show_name(raw_name);
    char *name = sanitise(shown, -1, SANITISE_OPEN);

    return g_strdelimit(name, "\n\t", ' ');
}

/* One that cannot be called so here, for its length, stops no other. */
static gboolean import_folder(Disk *disk, const char *path, const char *raw_name, const char *folder,
                              ImportResult *result, GError **error)
{
    g_autofree char *shown = name_in(raw_name);
    g_autofree char *under = g_strconcat(folder, "/", shown, NULL);
    const char *name = g_str_equal(raw_name, MAILDIR_INBOX) ? folder : under;
    g_autofree char *here = disk_is_local(disk->account) ? maildir_raw_name(name, NULL) : g_strdup(name);

    if (!here) {
        g_autofree char *at = g_build_filename(path, raw_name, NULL), *at_shown = g_filename_display_name(at);
        g_autofree char *sentence = g_strdup_printf(
            _("a folder cannot be called “%s” here; import %s by its own path"), name, at_shown);
        tell_passed_over(disk, sentence, result);
        return TRUE;
    }
    g_autoptr(DiskBox) from = open_source(path, raw_name, error);
    return from && import_box(disk, from, name, result, error);
}

static gboolean import_maildir(Disk *disk, const char *path, const char *folder, ImportResult *result,
                               GError **error)
{
    g_autoptr(GPtrArray) names = maildir_folders(path, error);

    if (names)
        tell_no_folders(disk, path, result);
    for (guint i = 0; names && i < names->len; i++)
        if (!import_folder(disk, path, names->pdata[i], folder, result, error))
            return FALSE;
    return names != NULL;
}

static gboolean import_locked(Disk *disk, const char *path, const char *folder, ImportResult *result,
                              GError **error)
{
    if (disk_is_local(disk->account) && (!disk_play(disk, error) || !disk_folders(disk, error)))
        return FALSE;
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return import_maildir(disk, path, folder, result, error);
    g_autoptr(DiskBox) from = open_source(path, NULL, error);
    return from && import_box(disk, from, folder, result, error);
}

gboolean import_path(Disk *disk, const char *path, const char *folder, ImportResult *result, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);

    *result = (ImportResult){0};
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no file %s"), shown);
        return FALSE;
    }
    if (!disk_begin(disk, DEADLINE_NONE, error))
        return FALSE;
    const gboolean ok = import_locked(disk, path, folder, result, error);
    if (disk->depth > 0) /* it may have been cancelled while it stood back */
        disk_end(disk);
    return ok;
}

/* ---- out ---- */

struct Export {
    DiskBox *box;
    GHashTable *seen;
    ImportResult result;
    Target target;
};

static DiskBox *open_target(const char *path, gboolean is_mbox, GError **error)
{
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);

    if (is_mbox) {
        g_autofree char *journal = g_strconcat(absolute, ".tern-journal", NULL);
        return disk_box_at(mbox_open(absolute, journal, error), &DISK_MBOX);
    }
    const int is_there = maildir_root_is_there(absolute, error);
    if (is_there < 0 || (is_there == 0 && !maildir_make_folder(absolute, MAILDIR_INBOX, error)))
        return NULL;
    return disk_box_at(disk_maildir_open(absolute, MAILDIR_INBOX, error), &DISK_MAILDIR);
}

Export *export_open(const char *path, gboolean is_mbox, GError **error)
{
    DiskBox *box = open_target(path, is_mbox, error);

    if (!box)
        return NULL;
    Export *out = g_new0(Export, 1);
    out->box = box;
    out->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    out->target = (Target){.box = box, .seen = out->seen, .result = &out->result};
    return out;
}

gboolean export_message(Export *out, int fd, uint32_t flags, char **keywords, int64_t arrival_s,
                        GError **error)
{
    return put(&out->target, fd, arrival_s, flags, keywords, arrival_s, error);
}

gboolean export_close(Export *out, ImportResult *result, GError **error)
{
    const gboolean ok = flush(&out->target, error);

    *result = out->result;
    disk_box_free(out->box);
    g_hash_table_unref(out->seen);
    g_free(out);
    return ok;
}
