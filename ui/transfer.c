/* transfer.c - see transfer.h. */
#include "ui/transfer.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/paths.h"
#include "base/queue.h"
#include "base/sanitise.h"
#include "store/read.h"
#include "ui/format.h"
#include "ui/path.h"
#include "ui/prompt.h"
#include "ui/state.h"

#include <stdatomic.h>
#include <string.h>

/* Nobody reads faster. */
#define TELL_US (SECOND_US / 4)

/* A transfer: while it is asked about, and then on its thread, which changes the atomic ones, and the result
 * before it ends. */
typedef struct {
    gboolean is_import;
    char *path, *account, *folder;
    gint64 folder_id; /* of an export */
    Ui *ui;
    Config *config; /* as it is when it starts */
    EngineTransfer with;
    EngineTransferred result;
    Queue *told;       /* char *, sentences for the screen */
    gboolean has_told; /* one of them stands there */
    char *passed_over; /* the last sentence of what was; NULL */
    GError *error;
    atomic_llong done, total;
    gint64 told_us;
} Transfer;

static void transfer_free(void *data)
{
    Transfer *transfer = data;

    cancel_unref(transfer->with.cancel);
    config_unref(transfer->config);
    g_free(transfer->path);
    g_free(transfer->account);
    g_free(transfer->folder);
    queue_free(transfer->told);
    g_free(transfer->passed_over);
    g_clear_error(&transfer->error);
    g_free(transfer);
}

static Transfer *transfer_new(Ui *ui, gboolean is_import, const char *path)
{
    Transfer *transfer = g_new0(Transfer, 1);

    transfer->ui = ui;
    transfer->told = queue_new(0, g_free);
    transfer->is_import = is_import;
    transfer->path = path ? paths_whole(path) : NULL;
    return transfer;
}

/* ---- on its thread ---- */

static void on_progress(const char *folder, int64_t done, int64_t total, void *data)
{
    Transfer *transfer = data;
    const gint64 now_us = clock_now_us();

    (void)folder;
    atomic_store(&transfer->done, done);
    atomic_store(&transfer->total, total);
    if (now_us - transfer->told_us < TELL_US)
        return;
    transfer->told_us = now_us;
    wake_set(transfer->ui->background_wake);
}

static void on_tell(const char *sentence, void *data)
{
    Transfer *transfer = data;

    char *copy = g_strdup(sentence);

    if (!queue_push(transfer->told, copy))
        g_free(copy);
    wake_set(transfer->ui->background_wake);
}

static void on_passed_over(const char *sentence, void *data)
{
    Transfer *transfer = data;

    g_free(transfer->passed_over);
    transfer->passed_over = g_strdup(sentence);
}

static void work(void *data)
{
    Transfer *transfer = data;

    if (cancel_check(transfer->with.cancel, &transfer->error))
        return;
    if (transfer->is_import)
        engine_import(&transfer->with, transfer->account, transfer->folder, transfer->path, &transfer->result,
                      &transfer->error);
    else
        engine_export(&transfer->with, transfer->folder_id, transfer->path, &transfer->result,
                      &transfer->error);
}

/* ---- what came of it ---- */

/* What its thread had to say. */
static void tell_told(Ui *ui, Transfer *transfer)
{
    char *sentence;

    while ((sentence = queue_try_pop(transfer->told))) {
        ui_error(ui, sentence);
        g_free(sentence);
        transfer->has_told = TRUE;
    }
}

/* It stays until a key. */
static void tell_passed_over(Ui *ui, const Transfer *transfer, const char *new, const char *known)
{
    g_autofree char *n = format_count((int)transfer->result.passed_over);
    g_autofree char *sentence =
        g_strdup_printf(_("Imported: %s new, %s known; no messages: %s, the last: %s"), new, known, n,
                        transfer->passed_over ? transfer->passed_over : "");

    ui_error(ui, sentence);
}

static void tell_done(Ui *ui, const Transfer *transfer)
{
    g_autofree char *new = format_count((int)transfer->result.added),
                    *known = format_count((int)transfer->result.known),
                    *missing = format_count((int)transfer->result.missing);

    if (transfer->result.missing)
        ui_news(ui, _("%s written, %s known; the texts of %s are not here"), new, known, missing);
    else if (transfer->result.passed_over)
        tell_passed_over(ui, transfer, new, known);
    else
        ui_news(ui, transfer->is_import ? _("Imported: %s new, %s known") : _("Exported: %s new, %s known"),
                new, known);
}

static void ended(Ui *ui, void *data)
{
    Transfer *transfer = data;

    g_ptr_array_remove(ui->transferring, transfer);
    tell_told(ui, transfer);
    if (transfer->has_told)
        status_key(ui->status); /* it is waited for no more */
    if (tern_error_is(transfer->error, TERN_ERROR_CANCELLED))
        ui_news(ui, "%s", _("Ended; the same command goes on with it"));
    else if (transfer->error)
        ui_error(ui, transfer->error->message);
    else
        tell_done(ui, transfer);
}

void transfer_take(Ui *ui)
{
    if (!ui->transfers)
        return;
    background_take(ui->transfers, ui);
    Transfer *transfer = ui->transferring->len ? ui->transferring->pdata[0] : NULL;
    if (transfer)
        tell_told(ui, transfer);
    const gint64 total = transfer ? atomic_load(&transfer->total) : 0;
    if (!total)
        return;
    g_autofree char *done = format_count((int)atomic_load(&transfer->done)), *all = format_count((int)total);
    ui_news(ui,
            transfer->is_import ? _("Importing: %s of %s; C-g ends it")
                                : _("Exporting: %s of %s; C-g ends it"),
            done, all);
}

gboolean transfer_halt(Ui *ui)
{
    for (guint i = 0; i < ui->transferring->len; i++)
        cancel_trigger(((Transfer *)ui->transferring->pdata[i])->with.cancel);
    return ui->transferring->len > 0;
}

void transfer_close(Ui *ui)
{
    transfer_halt(ui);
    g_clear_pointer(&ui->transfers, background_free);
    g_ptr_array_set_size(ui->transferring, 0); /* they went with it, those too that nobody took */
}

static void start(Transfer *transfer)
{
    Ui *ui = transfer->ui;

    transfer->config = config_ref(ui->context->config);
    transfer->with = (EngineTransfer){.config = transfer->config,
                                      .paths = ui_paths(ui),
                                      .store = ui->store,
                                      .cancel = cancel_new(),
                                      .progress = on_progress,
                                      .tell = on_tell,
                                      .passed_over = on_passed_over,
                                      .data = transfer};
    if (!ui->transfers)
        ui->transfers = background_new(ui->background_wake);
    g_ptr_array_add(ui->transferring, transfer);
    ui_news(ui, "%s", transfer->is_import ? _("Importing …") : _("Exporting …"));
    background_run(ui->transfers, work, ended, transfer, transfer_free);
}

/* ---- which file, which folder ---- */

/* A prompt's answer belongs to nobody else: each is handed on as it is, or freed. */
typedef struct {
    Transfer *transfer; /* NULL once it has gone on */
} Asking;

static void asking_free(void *data)
{
    Asking *asking = data;

    if (asking->transfer)
        transfer_free(asking->transfer);
    g_free(asking);
}

static Asking *asking_new(Transfer *transfer)
{
    Asking *asking = g_new(Asking, 1);

    asking->transfer = transfer;
    return asking;
}

static void folder_chosen(Ui *ui, void *data, gint64 folder_id);

/* A folder that is to be made: [ACCOUNT/]FOLDER. */
static void folder_named(Ui *ui, void *data, const char *name)
{
    Asking *asking = data;
    const GPtrArray *accounts = config_accounts(ui_config(ui));
    const char *slash = strchr(name, '/');
    g_autofree char *first = g_strndup(name, strcspn(name, "/"));
    const ConfigAccount *account = slash && slash[1] ? config_account(ui_config(ui), first) : NULL;

    if (!accounts->len)
        return;
    Transfer *transfer = g_steal_pointer(&asking->transfer);
    transfer->folder = g_strdup(account ? slash + 1 : name);
    transfer->account = g_strdup(account ? account->id : ((const ConfigAccount *)accounts->pdata[0])->id);
    start(transfer);
}

static void ask_for_folder(Transfer *transfer)
{
    folder_prompt_open(transfer->ui,
                       &(FolderWants){.label = transfer->is_import ? _("Import into: ") : _("Export: "),
                                      .history = "transfer",
                                      .chosen = folder_chosen,
                                      .unknown = transfer->is_import ? folder_named : NULL,
                                      .with_unconfigured = !transfer->is_import,
                                      .data = asking_new(transfer),
                                      .free_data = asking_free});
}

static void path_typed(G_GNUC_UNUSED Ui *ui, void *data, const char *text)
{
    Asking *asking = data;

    if (!text || !*text)
        return;
    Transfer *transfer = g_steal_pointer(&asking->transfer);
    transfer->path = paths_whole(text);
    if (transfer->is_import)
        ask_for_folder(transfer);
    else
        start(transfer);
}

static void ask_for_path(Transfer *transfer)
{
    prompt_open(transfer->ui,
                &(PromptWants){.label = transfer->is_import ? _("Import (mbox or Maildir): ")
                                                            : _("To (mbox; with / at its end, Maildir): "),
                               .history = "transfer-path",
                               .complete = path_complete,
                               .is_whole = TRUE,
                               .done = path_typed,
                               .data = asking_new(transfer),
                               .free_data = asking_free});
}

static void folder_chosen(Ui *ui, void *data, gint64 folder_id)
{
    Asking *asking = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(ui_reader(ui), folder_id, &error);

    if (!folder) {
        ui_read_failed(ui, &error);
        return;
    }
    Transfer *transfer = g_steal_pointer(&asking->transfer);
    transfer->folder_id = folder_id;
    transfer->folder = g_strdup(folder->name);
    transfer->account = g_strdup(folder->account);
    if (transfer->path)
        start(transfer);
    else
        ask_for_path(transfer);
}

void transfer_import(Ui *ui, const char *path)
{
    Transfer *transfer = transfer_new(ui, TRUE, path);

    if (path)
        ask_for_folder(transfer);
    else
        ask_for_path(transfer);
}

void transfer_export(Ui *ui, const char *path)
{
    ask_for_folder(transfer_new(ui, FALSE, path));
}
