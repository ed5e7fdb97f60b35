/* start.c - how the screen begins and ends. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
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
    ui->is_beginning = TRUE;
    ui_push(ui, ui->list);
    ui_open_first(ui);
}

static gboolean release(StoreTxn *txn, G_GNUC_UNUSED void *data, GError **error)
{
    return store_change_release(txn, error);
}

/* What the user changed is all in the store before anything ends: it is handed in before this. Nobody can
 * take back any more what was held back for that. */
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

/* ---- tern -z ---- */

/* What is unread where tern would begin; -1: that cannot be told. */
static int count_unread(const CliContext *context, StoreReader *reader, GError **error)
{
    const GPtrArray *accounts = config_accounts(context->config);
    g_autoptr(GPtrArray) folders = store_read_folders(reader, NULL, error);
    const char *asked = context->folder ? context->folder : config_string(context->config, "start");
    const gboolean is_asked = asked && *asked;

    if (!folders)
        return -1;
    if (!accounts->len) {
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("%s has no account yet; tern.conf(5) tells how one is written"),
                       config_path(context->config));
        return -1;
    }
    const StoreFolder *folder =
        is_asked ? folder_find(context->config, folders, asked) : folder_find_inbox(context->config, folders);
    if (folder)
        return MAX(store_folder_unread(folder), 0);
    const char *account = ((const ConfigAccount *)accounts->pdata[0])->id;
    g_autofree char *safe = is_asked ? sanitise(asked, -1, SANITISE_LINE) : NULL;
    if (is_asked)
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no folder “%s”; tern folders lists them"), safe);
    else
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("nothing is known of the account %s yet; run: tern sync %s"), account, account);
    return -1;
}

/* CLI_DONE: there is something; CLI_FAILED: there is not, which is told; CLI_USAGE: nobody can know, and why
 * is told. */
static int ask_unread(const CliContext *context, StoreReader *reader)
{
    g_autoptr(GError) error = NULL;
    const int n_unread = count_unread(context, reader, &error);

    if (n_unread < 0)
        g_printerr("tern: %s\n", error->message);
    else if (!n_unread)
        g_printerr("%s\n", _("tern: nothing is unread"));
    return n_unread < 0 ? CLI_USAGE : n_unread ? CLI_DONE : CLI_FAILED;
}

/* ---- both ---- */

static int fail(const GError *error, int status)
{
    screen_close();
    g_printerr("tern: %s\n", error->message);
    return status;
}

int ui_run(CliContext *context)
{
    g_autoptr(GError) error = NULL;
    const int failed =
        context->only_if_unread ? CLI_USAGE : CLI_FAILED; /* 1 says of -z that nothing is unread */
    int status = CLI_DONE;

    if (context->only_if_unread && cli_tell_problems(context) != CLI_DONE)
        return CLI_USAGE;
    loop_block_signals();
    thread_set_interactive();
    Store *store = store_open(context->paths, &error);
    if (!store)
        return fail(error, failed);
    StoreReader *reader = store_reader_new(store, 0, &error);
    if (!reader)
        status = fail(error, failed);
    else if (context->only_if_unread)
        status = ask_unread(context, reader);
    if (reader && status == CLI_DONE)
        engine_apply_roles(context->config, store, reader);
    if (reader && status == CLI_DONE && !screen_open(&error))
        status = fail(error, CLI_USAGE);
    else if (reader && status == CLI_DONE)
        status = run_screen(context, store, reader);
    if (reader)
        store_reader_free(reader);
    store_close(store);
    return status;
}
