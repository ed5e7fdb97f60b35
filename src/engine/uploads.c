/* uploads.c - see uploads.h; uploads_disk.c has what is different on this disk. */
#include "engine/uploads.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/find.h"
#include "imap/append.h"
#include "imap/select.h"
#include "store/change.h"
#include "store/ids.h"

#include <unistd.h>

/* What the server refused is tried again after that, or with the next version. */
#define RETRY_S (60 * 60)

/* ---- what became of one ---- */

typedef struct {
    const Upload *was;
    int64_t row, store;
    const char *folder;
    const char *error;
    gboolean is_noted;
} Note;

/* FALSE: it was sent, thrown away or changed meanwhile. */
static gboolean is_as_it_was(const Upload *upload, const Note *note)
{
    return upload->state == note->was->state && g_strcmp0(upload->message_id, note->was->message_id) == 0;
}

static gboolean set_tried(Upload *upload, void *data)
{
    Note *note = data;

    note->is_noted = is_as_it_was(upload, note);
    upload->is_tried |= note->is_noted;
    return note->is_noted;
}

/* A newer version may have come meanwhile: it still waits then. */
static gboolean set_filed(Upload *upload, void *data)
{
    const Note *note = data;

    upload->row = note->row;
    upload->store = note->store;
    g_free(upload->folder);
    upload->folder = g_strdup(note->folder);
    upload->is_tried = note->row == 0;
    g_clear_pointer(&upload->error, g_free);
    if (upload->state == UPLOAD_WAITING && g_strcmp0(upload->message_id, note->was->message_id) == 0)
        upload->state = UPLOAD_FILED;
    return TRUE;
}

static gboolean set_gone(Upload *upload, void *data)
{
    (void)data;
    if (upload->state != UPLOAD_GONE) /* the draft came back */
        return FALSE;
    upload->row = 0;
    upload->is_tried = FALSE;
    return TRUE;
}

static gboolean set_refused(Upload *upload, void *data)
{
    const Note *note = data;

    if (!is_as_it_was(upload, note)) /* the next version is not held up */
        return FALSE;
    g_free(upload->error);
    upload->error = g_strdup(note->error);
    upload->not_before_s = clock_wall_s() + RETRY_S;
    return TRUE;
}

gboolean uploads_note_tried(const Paths *paths, const Upload *upload, GError **error)
{
    Note note = {.was = upload};

    return upload_change(paths->data, upload, set_tried, &note, error) && note.is_noted;
}

gboolean uploads_note_filed(const Paths *paths, StoreReader *reader, const Upload *upload,
                            const StoreFolder *folder, int64_t row, GError **error)
{
    Note note = {.was = upload, .row = row, .store = store_read_stamp(reader), .folder = folder->raw_name};

    return upload_change(paths->data, upload, set_filed, &note, error);
}

gboolean uploads_note_gone(const Paths *paths, const Upload *upload, GError **error)
{
    return upload_change(paths->data, upload, set_gone, NULL, error);
}

gboolean uploads_note_refused(const Paths *paths, const Upload *upload, const char *folder, const GError *why,
                              char **tell_out, GError **error)
{
    g_autofree char *sentence = g_strdup_printf(
        upload->state == UPLOAD_GONE
            ? _("a draft that was sent or thrown away could not be taken out of “%s”: %s")
        : upload->state == UPLOAD_FILED ? _("the draft is kept here, but could not be looked for in “%s”: %s")
                                        : _("the draft is kept here, but could not be put into “%s”: %s"),
        folder, why->message);
    Note note = {.was = upload, .error = sentence};
    const gboolean ok = upload_change(paths->data, upload, set_refused, &note, error);

    *tell_out = g_strcmp0(upload->error, sentence) != 0 ? g_steal_pointer(&sentence) : NULL;
    return ok;
}

/* A clock that was set back makes nothing wait longer than it was to. */
static gboolean has_waited(const Upload *upload)
{
    const int64_t left_s = upload->not_before_s - clock_wall_s();

    return left_s <= 0 || left_s > RETRY_S;
}

gboolean uploads_is_due(const Upload *upload)
{
    return upload->state != UPLOAD_FILED && has_waited(upload);
}

/* ---- rows ---- */

void uploads_fit_store(Upload *upload, const StoreReader *reader)
{
    if (!upload->row || upload->store == store_read_stamp(reader))
        return;
    upload->row = 0;
    upload->is_tried = TRUE;
}

typedef struct {
    int64_t folder_id;
    const GArray *rows;
} TakeAway;

static gboolean take_away(StoreTxn *txn, void *data, GError **error)
{
    const TakeAway *job = data;

    if (!store_change_begin(txn, STORE_CHANGE_EXPUNGE, NULL, error))
        return FALSE;
    store_change_aside(txn);
    for (guint i = 0; i < job->rows->len; i++) {
        const int64_t id = g_array_index(job->rows, int64_t, i);
        StoreRowState state;
        const int found = store_txn_state(txn, id, &state, error);
        if (found < 0)
            return FALSE;
        /* What somebody has moved elsewhere is no copy of ours any more. */
        if (found && state.folder_id == job->folder_id && !store_change_replaced(txn, id, error))
            return FALSE;
    }
    return TRUE;
}

gboolean uploads_is_strange(const Upload *upload, const StoreReader *reader)
{
    return upload->state == UPLOAD_FILED && upload->message_id && upload->store != store_read_stamp(reader) &&
           has_waited(upload);
}

gboolean uploads_take_away(Store *store, int64_t folder_id, const GArray *rows, GError **error)
{
    TakeAway job = {folder_id, rows};

    return rows->len == 0 || store_run(store, STORE_LANE_USER, TRUE, take_away, &job, error);
}

gboolean uploads_row_of(StoreReader *reader, int64_t folder_id, uint32_t uid, int64_t *row_out,
                        GError **error)
{
    g_autoptr(GArray) found = store_read_uids(reader, folder_id, uid, uid, error);

    *row_out = found && found->len ? g_array_index(found, StoreUid, 0).id : 0;
    return found != NULL;
}

/* ---- on a server ---- */

/* Of the selected folder, the messages whose Message-ID holds this text; to be freed. NULL: failed. */
static ImapUidSet *find(const Copies *with, const char *text, GError **error)
{
    return find_message_id(with->session, 1, text, error);
}

static gboolean select_folder(const Copies *with, const StoreFolder *folder, GError **error)
{
    ImapSelected selected;

    return imap_select(with->session, folder->raw_name, TRUE, &selected, error);
}

/* The UID of this version, where it stands there; 0: it does not. */
static gboolean find_version(const Copies *with, const Upload *upload, const StoreFolder *folder,
                             uint32_t *uid_out, GError **error)
{
    g_autofree char *id = g_strdup_printf("<%s>", upload->message_id);

    *uid_out = 0;
    if (!select_folder(with, folder, error))
        return FALSE;
    g_autoptr(ImapUidSet) found = find(with, id, error);
    guint n = 0;
    const ImapUidRange *ranges = found ? imap_uid_set_ranges(found, &n) : NULL;
    if (n > 0)
        *uid_out = ranges[n - 1].last;
    return found != NULL;
}

static gboolean append(const Copies *with, const Upload *upload, const StoreFolder *folder, int fd,
                       uint32_t *uid_out, GError **error)
{
    static const char *const FLAGS[] = {"\\Draft", "\\Seen", NULL};
    const ImapAppend message = {.fd = fd, .flags = FLAGS};
    ImapAppended appended = {0};
    uint32_t uid_validity;

    if (!uploads_note_tried(with->paths, upload, error) ||
        !imap_append(with->session, folder->raw_name, &message, 1, &appended, &uid_validity, error))
        return FALSE;
    *uid_out = appended.uid;
    return appended.uid || find_version(with, upload, folder, uid_out, error);
}

/* What else of this draft stands there: versions that were replaced before anybody knew that they were
 * filed. */
static gboolean add_strays(const Copies *with, const Upload *upload, const StoreFolder *folder,
                           uint32_t but_uid, GArray *rows, GError **error)
{
    g_autofree char *beginning = g_strdup_printf("<%s.", upload->draft);

    if (!select_folder(with, folder, error))
        return FALSE;
    g_autoptr(ImapUidSet) found = find(with, beginning, error);
    if (!found || !with->sync(folder->id, with->data, error))
        return FALSE;
    g_autoptr(GArray) there = store_read_uids(with->reader, folder->id, 1, UINT32_MAX, error);
    for (guint i = 0; there && i < there->len; i++) {
        const StoreUid *one = &g_array_index(there, StoreUid, i);
        if (one->uid != but_uid && imap_uid_set_contains(found, one->uid))
            g_array_append_val(rows, one->id);
    }
    return there != NULL;
}

/* What stood there before. Where nobody knows which message the new one is (no UIDPLUS, and no search that
 * finds it), it is not told from strays: they go with the next version. */
static gboolean replace(const Copies *with, const Upload *upload, const StoreFolder *folder, uint32_t uid,
                        int64_t row, GError **error)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (upload->row && upload->row != row)
        g_array_append_val(rows, upload->row);
    const gboolean has_strays = upload->is_tried && (uid || upload->state == UPLOAD_GONE);
    return (!has_strays || add_strays(with, upload, folder, uid, rows, error)) &&
           uploads_take_away(with->store, folder->id, rows, error);
}

static gboolean file_version(const Copies *with, const Upload *upload, const StoreFolder *folder, int fd,
                             GError **error)
{
    uint32_t uid = 0;
    int64_t row = 0;

    if (upload->is_tried && !find_version(with, upload, folder, &uid, error))
        return FALSE;
    if (!uid && !append(with, upload, folder, fd, &uid, error))
        return FALSE;
    return with->sync(folder->id, with->data, error) &&
           uploads_row_of(with->reader, folder->id, uid, &row, error) &&
           replace(with, upload, folder, uid, row, error) &&
           uploads_note_filed(with->paths, with->reader, upload, folder, row, error);
}

static gboolean refuse(const Copies *with, const Upload *upload, const StoreFolder *folder,
                       const GError *failed, GError **error)
{
    g_autofree char *tell = NULL;
    const gboolean ok = uploads_note_refused(with->paths, upload, folder->name, failed, &tell, error);

    if (tell)
        with->refused(tell, with->data);
    return ok;
}

static gboolean file_one(const Copies *with, const Upload *upload, const StoreFolder *folder, GError **error)
{
    GError *failed = NULL;
    gboolean is_unreadable = FALSE;
    int fd = -1;

    if (upload->state == UPLOAD_GONE) {
        if (replace(with, upload, folder, 0, 0, &failed))
            uploads_note_gone(with->paths, upload, &failed);
    } else if (upload_open(with->paths->data, upload, &fd, &failed)) {
        file_version(with, upload, folder, fd, &failed);
        close(fd);
    } else {
        is_unreadable = failed != NULL;
    }
    if (!failed) /* done, or another one by now */
        return TRUE;
    if (!is_unreadable && !tern_error_is(failed, TERN_ERROR_REFUSED)) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    const gboolean ok = refuse(with, upload, folder, failed, error);
    g_error_free(failed);
    return ok;
}

/* Where a version that was filed stands by now, for the new store. One that is not there any more is kept
 * here: nobody knows whether it was sent. */
static gboolean find_again(const Copies *with, const Upload *upload, GError **error)
{
    GError *failed = NULL;
    uint32_t uid = 0;
    int64_t row = 0;
    g_autoptr(StoreFolder) folder =
        store_read_role_folder(with->reader, with->account->id, STORE_ROLE_DRAFTS, &failed);

    if (folder && with->checkpoint(with->data, &failed) &&
        find_version(with, upload, folder, &uid, &failed) && with->sync(folder->id, with->data, &failed) &&
        uploads_row_of(with->reader, folder->id, uid, &row, &failed))
        uploads_note_filed(with->paths, with->reader, upload, folder, row, &failed);
    if (!failed)
        return TRUE;
    if (!folder || !tern_error_is(failed, TERN_ERROR_REFUSED)) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    const gboolean ok = refuse(with, upload, folder, failed, error);
    g_error_free(failed);
    return ok;
}

gboolean uploads_file(const Copies *with, GError **error)
{
    g_autoptr(GPtrArray) all = upload_list(with->paths->data, with->account->id, error);
    g_autoptr(GPtrArray) folders = NULL;
    gboolean ok = all != NULL, has_filed = FALSE;

    for (guint i = 0; ok && i < all->len; i++) {
        Upload *upload = all->pdata[i];
        g_autoptr(GError) failed = NULL;
        if (uploads_is_strange(upload, with->reader))
            ok = find_again(with, upload, error);
        if (!ok || !uploads_is_due(upload))
            continue;
        uploads_fit_store(upload, with->reader);
        if (!folders && !(folders = store_read_folders(with->reader, with->account->id, error)))
            return FALSE;
        if (folders->len == 0) /* nobody knows yet which there are */
            return TRUE;
        const StoreFolder *folder = copies_role_folder(with, &folders, STORE_ROLE_DRAFTS, &failed);
        if (failed) {
            g_propagate_error(error, g_steal_pointer(&failed));
            return FALSE;
        }
        ok = !folder || (with->checkpoint(with->data, error) && file_one(with, upload, folder, error));
        has_filed = TRUE;
    }
    return ok && (!has_filed || with->play(with->data, error));
}
