/*
 * compose_drafts.c - drafts that are there: told at the start, listed, and opened again.
 *
 *      :drafts ── those kept here, and what lies in the accounts' folders for drafts
 *      chosen  ── kept here: held, so that no other tern opens it too, with what differs from what was saved before
 *              └─ a message: compose_begin.c goes on with it
 */
#include "base/clock.h"
#include "base/date.h"
#include "base/i18n.h"
#include "compose/difference.h"
#include "compose/editor.h"
#include "compose/resume.h"
#include "compose/send.h"
#include "compose/upload.h"
#include "store/ids.h"
#include "store/read.h"
#include "store/view.h"
#include "ui/command.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"
#include "ui/views.h"

#include <unistd.h>

#define DRAFTS_SHOWN 200
#define BUSY_MS 2000

/* One that can be chosen: kept here, or a row. */
typedef struct {
    char *id;
    gint64 row, when_s;
    char *subject, *to;
} Found;

static void found_free(void *data)
{
    Found *found = data;

    g_free(found->id);
    g_free(found->subject);
    g_free(found->to);
    g_free(found);
}

typedef struct {
    char *data, *id;
    Store *store;
    GPtrArray *found; /* Found * */
    guint n;
    Kept kept;
    GError *error;
} DraftsJob;

static void drafts_job_free(void *data)
{
    DraftsJob *job = data;

    g_free(job->data);
    g_free(job->id);
    if (job->found)
        g_ptr_array_unref(job->found);
    kept_clear(&job->kept);
    g_clear_error(&job->error);
    g_free(job);
}

static DraftsJob *drafts_job(Ui *ui, const char *id)
{
    DraftsJob *job = g_new0(DraftsJob, 1);

    job->data = g_strdup(ui->context->paths->data);
    job->id = g_strdup(id);
    job->store = ui->store;
    job->kept.hold_fd = -1;
    return job;
}

/* ---- at the start ---- */

static void work_count(void *data)
{
    DraftsJob *job = data;
    StoreReader *reader = store_reader_new(job->store, BUSY_MS, NULL);

    if (reader) {
        job->n = draft_settle(job->data, reader);
        store_reader_free(reader);
    }
    send_clean(job->data);
    editor_clean(job->data);
}

static void counted(Ui *ui, void *data)
{
    const DraftsJob *job = data;

    if (job->n)
        ui_news(ui,
                ngettext_("%u message is not finished; :drafts shows it",
                          "%u messages are not finished; :drafts shows them", job->n),
                job->n);
}

void compose_recover(Ui *ui)
{
    g_autofree char *folder = g_build_filename(ui->context->paths->data, "drafts", NULL);

    if (g_file_test(folder, G_FILE_TEST_IS_DIR)) /* most have none: no thread for that */
        background_run(ui->background, work_count, counted, drafts_job(ui, NULL), drafts_job_free);
}

/* ---- the list ---- */

static void add_found(DraftsJob *job, const char *id, gint64 row, const char *subject, const char *to,
                      gint64 when_s)
{
    Found *found = g_new0(Found, 1);

    *found = (Found){g_strdup(id), row, when_s, g_strdup(subject), g_strdup(to)};
    g_ptr_array_add(job->found, found);
}

static void add_kept(DraftsJob *job)
{
    g_autoptr(GPtrArray) ids = draft_list(job->data, &job->error);

    for (guint i = ids ? ids->len : 0; i > 0 && job->found->len < DRAFTS_SHOWN; i--) {
        g_autoptr(Draft) draft = draft_load(job->data, ids->pdata[i - 1], NULL);
        if (draft)
            add_found(job, draft->id, 0, draft->fields[DRAFT_SUBJECT], draft->fields[DRAFT_TO],
                      g_ascii_strtoll(draft->id, NULL, 10));
    }
}

/* Those of a folder that nothing is kept of here. */
static void add_rows(DraftsJob *job, StoreReader *reader, gint64 folder_id)
{
    g_autoptr(StoreView) view = store_view_new(folder_id, FALSE);
    g_autoptr(StorePage) page = store_view_page(view, reader, STORE_ANCHOR_NEWEST, 0, DRAFTS_SHOWN, NULL);

    g_autoptr(GHashTable) kept = draft_rows(job->data, store_read_stamp(reader));

    for (guint i = 0; page && i < page->rows->len && job->found->len < DRAFTS_SHOWN; i++) {
        const StoreRow *row = page->rows->pdata[i];
        if (!g_hash_table_contains(kept, &row->anchor.id))
            add_found(job, NULL, row->anchor.id, row->subject, row->person, row->date_s);
    }
}

static void work_list(void *data)
{
    DraftsJob *job = data;
    StoreReader *reader = store_reader_new(job->store, BUSY_MS, NULL);
    g_autoptr(GPtrArray) folders = reader ? store_read_folders(reader, NULL, NULL) : NULL;

    if (reader)
        draft_settle(job->data, reader);
    job->found = g_ptr_array_new_with_free_func(found_free);
    add_kept(job);
    for (guint i = 0; folders && i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (folder->role == STORE_ROLE_DRAFTS)
            add_rows(job, reader, folder->id);
    }
    if (reader)
        store_reader_free(reader);
}

static void open_kept(Ui *ui, const char *id);

static void chosen(Ui *ui, void *data, const PickerItem *item)
{
    const GPtrArray *all = data;
    const Found *found = all->pdata[item->value];

    if (found->id)
        open_kept(ui, found->id);
    else
        compose_command(ui, COMMAND_DRAFTS, &found->row, 1, NULL);
}

static void unref_found(void *data)
{
    g_ptr_array_unref(data);
}

static void listed(Ui *ui, void *data)
{
    const DraftsJob *job = data;

    if (job->error) {
        ui_error(ui, job->error->message);
        return;
    }
    if (!job->found->len) {
        ui_news(ui, "%s", _("No message is unfinished"));
        return;
    }
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);
    for (guint i = 0; i < job->found->len; i++) {
        const Found *found = job->found->pdata[i];
        g_autofree char *when = date_short(found->when_s, clock_wall_s());
        g_ptr_array_add(
            items, picker_item_new(*found->subject ? found->subject : _("(no subject)"), found->to, when, i));
    }
    picker_open(ui, &(PickerWants){.label = _("Draft: "),
                                   .items = items,
                                   .chosen = chosen,
                                   .data = g_ptr_array_ref(job->found),
                                   .free_data = unref_found});
}

void compose_pick_draft(Ui *ui)
{
    background_run(ui->background, work_list, listed, drafts_job(ui, NULL), drafts_job_free);
}

/* ---- one of them ---- */

static void work_open(void *data)
{
    DraftsJob *job = data;

    kept_open(&job->kept, job->data, job->id, &job->error);
}

static void opened(Ui *ui, void *data)
{
    DraftsJob *job = data;

    if (job->error)
        ui_error(ui, job->error->message);
    else
        compose_open_kept(ui, &job->kept);
}

static void open_kept(Ui *ui, const char *id)
{
    background_run(ui->background, work_open, opened, drafts_job(ui, id), drafts_job_free);
}

void compose_open_kept(Ui *ui, Kept *kept)
{
    g_autofree char *id = g_strdup(kept->draft->id);
    g_autofree char *notice =
        kept->lines ? g_strdup_printf(ngettext_("%u line differs from what was saved before; D shows it",
                                                "%u lines differ from what was saved before; D shows them",
                                                kept->lines),
                                      kept->lines)
                    : NULL;

    compose_open(ui, g_steal_pointer(&kept->draft), notice);
    ViewCompose *compose = compose_find(ui, id);
    if (!compose)
        return;
    compose->hold_fd = kept->hold_fd;
    kept->hold_fd = -1;
    compose->difference = g_steal_pointer(&kept->difference);
    compose->is_unfiled = !compose->draft->filed;
}

gboolean compose_is_draft(Ui *ui, gint64 message_id)
{
    g_autoptr(StoreMessage) message = store_read_message(ui->reader, message_id, NULL);
    g_autoptr(StoreFolder) folder =
        message ? store_read_role_folder(ui->reader, message->account, STORE_ROLE_DRAFTS, NULL) : NULL;

    return folder && folder->id == message->folder_id;
}

/* ---- what differs ---- */

void compose_show_difference(ViewCompose *compose)
{
    g_auto(GStrv) lines = compose->difference ? g_strsplit(compose->difference, "\n", -1) : NULL;
    GPtrArray *shown = g_ptr_array_new_with_free_func((GDestroyNotify)text_line_free);

    if (!lines) {
        g_ptr_array_unref(shown);
        ui_news(compose->view.ui, "%s", _("Nothing differs from what was saved before"));
        return;
    }
    g_ptr_array_add(shown, text_line_new(TRUE, NULL, NULL, _("- saved before   + as it is here")));
    for (int i = 0; lines[i]; i++)
        if (*lines[i])
            g_ptr_array_add(shown, text_line_new(FALSE, NULL, NULL, lines[i]));
    ui_push(compose->view.ui, view_text_new(compose->view.ui, _("What differs"), shown));
}
