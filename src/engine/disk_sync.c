/*
 * disk_sync.c - see disk.h: a folder on this disk into the store.
 *
 *      names in the folder ──┐ both sorted   in both: flags and keywords compared
 *      names in the store  ──┘               only there: a new message; only here: looked for once more, then gone;
 *                                            either, and the other half in another folder: moved (disk_follow.h);
 *                                            a stub that is whole now: as a new one, under its old UID
 *
 * A folder whose stamp is the one that was noted is not read at all.
 */
#include "engine/disk_box.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/disk_follow.h"
#include "engine/intake.h"
#include "mime/message.h"
#include "store/files.h"
#include "store/ids.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    Disk *disk;
    const StoreFolder *folder;
    DiskBox *box;
    Intake *intake;
    Cancel *cancel;      /* never NULL */
    GArray *added;       /* DiskFile */
    GArray *whole;       /* Whole: what was a stub */
    GArray *gone;        /* uint32_t */
    gboolean has_passed; /* not all of it could be read */
    GError *odd;         /* of the first that is no message, or cannot be read; NULL: all are */
    guint passed;        /* which are in the folder, and no rows */
    guint odds;          /* of these, what is no message or cannot be read */
    uint32_t new_uid;    /* see SyncResult */
    int64_t known_id;
    guint moved; /* by other programs, to here or from here */
} Scan;

typedef struct {
    DiskFile file;
    uint32_t uid;
} Whole;

/* ---- side by side ---- */

/* What is in both: the server's half follows the name. Keywords are compared by the store. */
static gboolean compare_one(Scan *scan, const StoreFile *row, const DiskFile *file, GError **error)
{
    g_auto(GStrv) keywords = scan->box->ops->keywords(scan->box->of, file);
    const uint32_t known = row->flags & ~(uint32_t)(STORE_HAS_KEYWORDS | STORE_FORWARDED);
    const uint32_t flags = file->flags & ~(uint32_t)STORE_FORWARDED;

    if (row->flags & ~file->flags & STORE_STUB) {
        const Whole whole = {*file, row->uid};
        g_array_append_val(scan->whole, whole);
        return TRUE;
    }
    if (flags == known && !keywords && !(row->flags & STORE_HAS_KEYWORDS))
        return TRUE;
    return intake_local_flags(scan->intake, row->uid, flags, (const char *const *)keywords, error);
}

static gboolean compare(Scan *scan, const GArray *files, const GArray *rows, GError **error)
{
    guint i = 0, k = 0;

    g_array_set_size(scan->added, 0);
    g_array_set_size(scan->gone, 0);
    g_array_set_size(scan->whole, 0);
    while (i < files->len || k < rows->len) {
        const DiskFile *file = i < files->len ? &g_array_index(files, DiskFile, i) : NULL;
        const StoreFile *row = k < rows->len ? &g_array_index(rows, StoreFile, k) : NULL;
        const int order = !file ? 1 : !row ? -1 : strcmp(file->name, row->name);
        if (order == 0 && !compare_one(scan, row, file, error))
            return FALSE;
        if (order < 0)
            g_array_append_val(scan->added, *file);
        if (order > 0)
            g_array_append_val(scan->gone, row->uid);
        i += order <= 0;
        k += order >= 0;
    }
    return TRUE;
}

static int compare_uids(const void *a, const void *b)
{
    const uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return one < other ? -1 : one > other;
}

/* Only what was missed twice is gone: a file that is renamed while the folder is read may not be seen. */
static void keep_missing_twice(GArray *gone, const GArray *before)
{
    guint kept = 0;

    for (guint i = 0; i < gone->len; i++) {
        const uint32_t uid = g_array_index(gone, uint32_t, i);
        if (bsearch(&uid, before->data, before->len, sizeof uid, compare_uids))
            g_array_index(gone, uint32_t, kept++) = uid;
    }
    g_array_set_size(gone, kept);
}

static gboolean look(Scan *scan, const StoreFiles *rows, guint *messages_out, GError **error)
{
    const GArray *files = disk_box_list(scan->box, error);

    if (!files || !compare(scan, files, rows->files, error))
        return FALSE;
    *messages_out = files->len;
    if (!scan->gone->len)
        return TRUE;
    g_autoptr(GArray) before = g_array_copy(scan->gone);
    qsort(before->data, before->len, sizeof(uint32_t), compare_uids);
    files = disk_box_list(scan->box, error);
    if (!files || !compare(scan, files, rows->files, error))
        return FALSE;
    *messages_out = files->len;
    keep_missing_twice(scan->gone, before);
    return TRUE;
}

/* What other programs have moved is in the store where it is now, before anything is looked at. */
static gboolean look_and_follow(Scan *scan, guint *messages_out, GError **error)
{
    g_autoptr(StoreFiles) rows = store_read_files(scan->disk->reader, scan->folder->id, error);

    if (!rows || !look(scan, rows, messages_out, error) ||
        !disk_follow(scan->disk, scan->folder, rows, scan->gone, scan->added, &scan->moved, error))
        return FALSE;
    if (!scan->moved)
        return TRUE;
    g_autoptr(StoreFiles) rows_now = store_read_files(scan->disk->reader, scan->folder->id, error);
    return rows_now && look(scan, rows_now, messages_out, error);
}

/* ---- what is new ---- */

/* By the time that a name begins with, then as it is: in the order of arrival, as far as names tell. */
static int compare_arrivals(const void *a, const void *b)
{
    const DiskFile *one = a, *other = b;
    const gint64 first = g_ascii_strtoll(one->name, NULL, 10),
                 second = g_ascii_strtoll(other->name, NULL, 10);

    return first != second ? (first < second ? -1 : 1) : strcmp(one->name, other->name);
}

typedef struct {
    int64_t folder_id;
    uint32_t n, first;
} Uids;

static gboolean take_uids(StoreTxn *txn, void *data, GError **error)
{
    Uids *uids = data;

    return store_txn_take_uids(txn, uids->folder_id, uids->n, &uids->first, error);
}

static int count_attachments(const DiskHead *head)
{
    if ((int64_t)head->bytes->len < head->size_bytes)
        return -1;
    g_autoptr(MimeMessage) message = mime_message_parse((const char *)head->bytes->data, head->bytes->len);
    g_autoptr(GPtrArray) attachments = mime_message_attachments(message);
    return (int)attachments->len;
}

/* What is no plain file (a link that somebody put there) is no reason to show none of the others, nor to read
 * the folder again, and tell of it, before something is changed there. */
static void pass_over(Scan *scan, const GError *failed)
{
    scan->passed++;
    scan->odds += failed != NULL;
    if (failed && !scan->odd)
        scan->odd = g_error_copy(failed);
    scan->has_passed |= !tern_error_is(failed, TERN_ERROR_INPUT);
}

/* The first by its name, the others by their number. */
static void tell_odd(const Scan *scan)
{
    const guint others = scan->odds - 1;

    if (!scan->odd || !scan->disk->refused)
        return;
    g_autofree char *more = g_strdup_printf(ngettext_("; %u other file there is passed over, too",
                                                      "; %u other files there are passed over, too", others),
                                            others);
    g_autofree char *sentence = g_strconcat(scan->odd->message, others ? more : NULL, NULL);
    scan->disk->refused(sentence, scan->disk->data);
}

static gboolean add_one(Scan *scan, const DiskFile *file, uint32_t uid, DiskHead *head, GError **error)
{
    g_autoptr(GError) failed = NULL;
    const int found = scan->box->ops->read(scan->box->of, file, head, &failed);
    g_auto(GStrv) keywords = found == 1 ? scan->box->ops->keywords(scan->box->of, file) : NULL;

    if (found <= 0) { /* 0: it was renamed meanwhile; the next look finds it */
        pass_over(scan, failed);
        return TRUE;
    }
    const BatchLocal message = {.uid = uid,
                                .flags = file->flags,
                                .keywords = (const char *const *)keywords,
                                .arrival_s = head->arrival_s,
                                .size_bytes = head->size_bytes,
                                .attachments = count_attachments(head),
                                .header = (const char *)head->bytes->data,
                                .header_bytes = head->bytes->len,
                                .file = file->name};
    return intake_local(scan->intake, &message, error);
}

/* The newest first, so that they can be read while older ones still come. */
static gboolean add_new(Scan *scan, GError **error)
{
    Uids uids = {scan->folder->id, scan->added->len, 0};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    DiskHead head = {.bytes = bytes};

    if (!uids.n)
        return TRUE;
    if (!store_read_last_id(scan->disk->reader, &scan->known_id, error) ||
        !store_run(scan->disk->store, STORE_LANE_BULK, FALSE, take_uids, &uids, error))
        return FALSE;
    /* What is there at the first look is no news. */
    scan->new_uid = scan->folder->sync.synced_s ? uids.first : 0;
    qsort(scan->added->data, scan->added->len, sizeof(DiskFile), compare_arrivals);
    for (guint i = uids.n; i > 0; i--) {
        const DiskFile *file = &g_array_index(scan->added, DiskFile, i - 1);
        if (cancel_check(scan->cancel, error) || !add_one(scan, file, uids.first + i - 1, &head, error))
            return FALSE;
        if (scan->disk->progress && i % 64 == 0)
            scan->disk->progress(scan->folder->name, uids.n - i, uids.n, scan->disk->data);
    }
    return TRUE;
}

/* They keep their UIDs, and so their rows. */
static gboolean add_whole(Scan *scan, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    DiskHead head = {.bytes = bytes};

    for (guint i = 0; i < scan->whole->len; i++) {
        const Whole *whole = &g_array_index(scan->whole, Whole, i);
        if (!add_one(scan, &whole->file, whole->uid, &head, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- the folder ---- */

typedef struct {
    int64_t folder_id;
    guint64 stamp;
} End;

static gboolean note_end(StoreTxn *txn, void *data, GError **error)
{
    const End *end = data;
    const int64_t now_s = clock_wall_s();

    return store_txn_set_local_sync(txn, end->folder_id, (uint32_t)now_s, end->stamp, now_s, error);
}

static gboolean scan_folder(Scan *scan, SyncResult *result, GError **error)
{
    End end = {scan->folder->id,
               scan->box->ops->stamp(scan->box->of)}; /* before it is read: later changes show */

    result->messages = (uint32_t)MAX(scan->folder->messages, 0);
    if (end.stamp && end.stamp == scan->folder->sync.highest_modseq && scan->folder->sync.synced_s)
        return TRUE;
    guint messages;
    if (!look_and_follow(scan, &messages, error))
        return FALSE;
    result->messages = messages;
    for (guint i = 0; i < scan->gone->len; i++)
        if (!intake_gone_one(scan->intake, g_array_index(scan->gone, uint32_t, i), error))
            return FALSE;
    if (!add_whole(scan, error) || !add_new(scan, error) || !intake_settle(scan->intake, NULL, error))
        return FALSE;
    result->messages -= MIN(scan->passed, result->messages);
    tell_odd(scan);
    if (scan->has_passed)
        end.stamp = 0;
    return store_run(scan->disk->store, STORE_LANE_BULK, FALSE, note_end, &end, error);
}

gboolean disk_sync(Disk *disk, const StoreFolder *folder, SyncResult *result, GError **error)
{
    g_autoptr(Cancel) never = disk->cancel ? NULL : cancel_new();
    g_autoptr(Wake) room = disk->room ? NULL : wake_new();
    Cancel *cancel = disk->cancel ? disk->cancel : never;
    const IntakeContext context = {disk->store, disk->reader, cancel, disk->room ? disk->room : room};
    const gboolean is_new = store_raw_name_is_new(folder->raw_name); /* made here, and not yet on the disk */
    g_autoptr(DiskBox) box = is_new ? NULL : disk_box_open(disk, folder->raw_name, error);
    g_autoptr(GArray) added = g_array_new(FALSE, FALSE, sizeof(DiskFile));
    g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GArray) whole = g_array_new(FALSE, FALSE, sizeof(Whole));

    *result = (SyncResult){.is_complete = TRUE, .messages = (uint32_t)MAX(folder->messages, 0)};
    if (!box)
        return is_new;
    g_autoptr(Intake) intake = intake_new(&context, folder->id);
    Scan scan = {.disk = disk,
                 .folder = folder,
                 .box = box,
                 .intake = intake,
                 .cancel = cancel,
                 .added = added,
                 .whole = whole,
                 .gone = gone};
    const gboolean ok = scan_folder(&scan, result, error);
    result->changes = intake_changes(intake);
    result->fetched = result->changes.added;
    result->changes.changed += (int)scan.moved;
    result->new_uid = scan.new_uid;
    result->known_id = scan.known_id;
    g_clear_error(&scan.odd);
    return ok;
}
