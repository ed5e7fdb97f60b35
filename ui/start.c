/* start.c - how the screen begins and ends. */
#include "base/i18n.h"
#include "base/thread.h"
#include "store/change.h"
#include "store/read.h"
#include "ui/folder_find.h"
#include "ui/quit.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/transfer.h"
#include "ui/views.h"

#include <unistd.h>

/* Without an account there is a page that says how to make one. On a first start the Inbox comes with the
 * server's first answer; the list opens it then. */
void ui_show_first(Ui *ui)
{
    if (config_accounts(ui->context->config)->len == 0) {
        ui_push(ui, view_welcome_new(ui));
        return;
    }
    ui->list = view_list_new(ui);
    ui_push(ui, ui->list);
    ui_open_first(ui);
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
}

static int run_screen(CliContext *context, Store *store, StoreReader *reader)
{
    Ui *ui = ui_new(context, store, reader);

    ui_apply_options(ui);
    ui_take_config(ui);
    ui_watch_config(ui);
    ui->folders = view_folders_new(ui);
    ui_show_first(ui);
    ui_draw(ui);
    if (store_repaired(store))
        ui_error(ui, store_repaired(store));
    ui_start_engine(ui); /* before the keys that were typed ahead: they may ask for a message */
    compose_recover(ui);
    outbox_start(ui);
    loop_run(ui->loop);
    screen_close();
    compose_close_all(ui);
    transfer_close(ui);
    g_clear_pointer(&ui->background, background_free); /* when this returns all drafts are on the disk */
    ui_send_rest(ui);
    if (store_repaired(store)) /* whole, where the screen had a line for it */
        g_printerr("tern: %s\n", store_repaired(store));
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
    return store_folder_unread(folder) > 0;
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
