/* start.c - how the screen begins and ends. */
#include "base/i18n.h"
#include "base/thread.h"
#include "store/change.h"
#include "store/read.h"
#include "ui/folder_find.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/views.h"

#include <unistd.h>

/* Without an account there is a page that says how to make one. On a first start the Inbox comes with the
 * server's first answer; the list opens it then. */
static void show_first(Ui *ui)
{
    if (config_accounts(ui->context->config)->len == 0) {
        ui_push(ui, view_welcome_new(ui));
        return;
    }
    ui->list = view_list_new(ui);
    ui_push(ui, ui->list);
    ui_open_first(ui);
}

static void tell_problems(Ui *ui)
{
    const GPtrArray *problems = config_problems(ui->context->config);
    g_autoptr(GError) error = NULL;

    keymap_configure(ui->keymap, ui->context->config, &error);
    if (problems->len) {
        const ConfigProblem *first = problems->pdata[0];
        g_autofree char *name = g_path_get_basename(first->file);
        g_autofree char *more = problems->len > 1
                                    ? g_strdup_printf(_(" (%u more: tern config check)"), problems->len - 1)
                                    : g_strdup("");
        g_autofree char *sentence = g_strdup_printf("%s:%d: %s%s", name, first->line, first->text, more);
        ui_error(ui, sentence);
    } else if (error)
        ui_error(ui, error->message);
}

static gboolean release(StoreTxn *txn, G_GNUC_UNUSED void *data, GError **error)
{
    return store_change_release(txn, error);
}

/* What the user changed is all in the store before anything ends: it is handed in before this. Nobody can take back any
 * more what was held back for that. */
static void save_changes(Ui *ui)
{
    g_autoptr(GError) error = NULL;

    if (!store_run(ui->store, STORE_LANE_USER, TRUE, release, NULL, &error))
        g_printerr("tern: %s\n", error->message);
    ui_play(ui);
}

static int run_screen(CliContext *context, Store *store, StoreReader *reader)
{
    Ui *ui = ui_new(context, store, reader);

    ui_apply_options(ui);
    tell_problems(ui);
    ui->folders = view_folders_new(ui);
    show_first(ui);
    ui_draw(ui);
    ui_start_engine(ui); /* before the keys that were typed ahead: they may ask for a message */
    loop_run(ui->loop);
    screen_close();
    save_changes(ui);
    if (!engine_stop(ui->engine))
        _exit(0); /* a thread stands in the store, which cannot be closed under it */
    ui_free(ui);
    return 0;
}

/* -z: whether there is something unread where tern would begin. */
static gboolean has_unread(CliContext *context, StoreReader *reader)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = store_read_folders(reader, NULL, &error);
    const char *asked = context->folder ? context->folder : config_string(context->config, "start");

    if (!folders)
        return FALSE;
    const StoreFolder *folder = asked && *asked ? folder_find(context->config, folders, asked)
                                                : folder_find_inbox(context->config, folders);
    if (!folder)
        return FALSE;
    return folder->sync.uid_validity ? folder->unread > 0 : folder->server_unseen > 0;
}

static int fail(const GError *error, int status)
{
    screen_close();
    g_printerr("tern: %s\n", error->message);
    return status;
}

int ui_run(CliContext *context)
{
    g_autoptr(GError) error = NULL;
    int status = 1;

    loop_block_signals();
    thread_set_interactive();
    Store *store = store_open(context->paths, &error);
    if (!store)
        return fail(error, 1);
    StoreReader *reader = store_reader_new(store, 0, &error);
    if (!reader)
        fail(error, 1);
    else if (context->only_if_unread && !has_unread(context, reader))
        g_printerr("%s\n", _("tern: nothing is unread"));
    else if (!screen_open(&error))
        status = fail(error, 2);
    else
        status = run_screen(context, store, reader);
    if (reader)
        store_reader_free(reader);
    store_close(store);
    return status;
}
