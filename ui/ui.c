/* ui.c - the screen's state: what is on the stack, where events go, and how it begins and ends. See ui.h. */
#include "ui/ui.h"

#include "base/error.h"
#include "base/i18n.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/folder_find.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/views.h"

#include <stdarg.h>
#include <string.h>

#define READ_AGAIN_MS 5

/* ---- what there is ---- */

const Config *ui_config(const Ui *ui)
{
    return ui->context->config;
}

StoreReader *ui_reader(const Ui *ui)
{
    return ui->reader;
}

Engine *ui_engine(const Ui *ui)
{
    return ui->engine;
}

Overlay *ui_overlay(const Ui *ui)
{
    return ui->overlay;
}

Keymap *ui_keymap(const Ui *ui)
{
    return ui->keymap;
}

Renderer *ui_renderer(const Ui *ui)
{
    return ui->renderer;
}

GPtrArray *ui_history(const Ui *ui)
{
    return ui->history;
}

View *ui_list(const Ui *ui)
{
    return ui->list;
}

char *ui_account_status(const Ui *ui, const char *account, int *slot_out)
{
    return status_account(ui->status, account, slot_out);
}

/* ---- options ---- */

const char *ui_option(const Ui *ui, const char *name)
{
    const char *set = g_hash_table_lookup(ui->options, name);

    return set ? set : config_string(ui->context->config, name);
}

gboolean ui_option_bool(const Ui *ui, const char *name)
{
    const char *set = g_hash_table_lookup(ui->options, name);

    return set ? g_str_equal(set, "yes") : config_bool(ui->context->config, name);
}

gint64 ui_option_int(const Ui *ui, const char *name)
{
    const char *set = g_hash_table_lookup(ui->options, name);

    return set ? g_ascii_strtoll(set, NULL, 10) : config_int(ui->context->config, name);
}

gboolean ui_set_option(Ui *ui, const char *name, const char *value, GError **error)
{
    g_autofree char *why = NULL;

    for (const ConfigOption *option = config_options(); option->name; option++) {
        if (!g_str_equal(option->name, name))
            continue;
        if (!config_option_check(option, value, &why)) {
            tern_error_set(error, TERN_ERROR_INPUT, "%s: %s", name, why);
            return FALSE;
        }
        g_hash_table_insert(ui->options, g_strdup(name), g_strdup(value));
        ui_apply_options(ui);
        return TRUE;
    }
    tern_error_set(error, TERN_ERROR_INPUT, _("there is no option “%s”; Tab shows them"), name);
    return FALSE;
}

/* ---- telling ---- */

void ui_redraw(Ui *ui)
{
    loop_draw(ui->loop);
}

static void read_again(void *data)
{
    Ui *ui = data;

    ui->is_stale = TRUE;
    ui_redraw(ui);
}

void ui_read_again(Ui *ui)
{
    ui->is_busy = TRUE;
    loop_after(ui->loop, READ_AGAIN_MS, read_again);
}

void ui_read_failed(Ui *ui, GError **error)
{
    if (!*error)
        return;
    if (store_is_busy(*error))
        ui_read_again(ui);
    else
        ui_error(ui, (*error)->message);
    g_clear_error(error);
}

/* News that came while older news was shown stays for its own time. */
static void news_due(void *data)
{
    Ui *ui = data;
    guint left_ms = status_news_left_ms(ui->status);

    if (left_ms)
        loop_after(ui->loop, left_ms, news_due);
    ui_redraw(ui);
}

void ui_news(Ui *ui, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    status_news(ui->status, text);
    loop_after(ui->loop, STATUS_NEWS_MS, news_due);
    ui_redraw(ui);
}

void ui_error(Ui *ui, const char *sentence)
{
    status_error(ui->status, sentence);
    ui_redraw(ui);
}

/* ---- going ---- */

View *ui_top(const Ui *ui)
{
    return ui->stack->pdata[ui->stack->len - 1];
}

unsigned ui_context(const Ui *ui)
{
    return ui_top(ui)->ops->context;
}

static gboolean is_kept(const Ui *ui, const View *view)
{
    return view == ui->folders || view == ui->list || view == ui->message;
}

static void pop(Ui *ui)
{
    View *view = ui_top(ui);

    g_ptr_array_set_size(ui->stack, (gint)ui->stack->len - 1);
    if (!is_kept(ui, view))
        view->ops->free(view);
}

/* Everything down to the bottom goes; the bottom is where `view` will stand. */
static void set_bottom(Ui *ui, View *view)
{
    while (ui->stack->len)
        pop(ui);
    g_ptr_array_add(ui->stack, view);
    ui_redraw(ui);
}

void ui_push(Ui *ui, View *view)
{
    g_ptr_array_add(ui->stack, view);
    ui_redraw(ui);
}

void ui_back(Ui *ui)
{
    if (ui->stack->len > 1)
        pop(ui);
    else
        loop_quit(ui->loop);
    ui_redraw(ui);
}

void ui_show_folders(Ui *ui)
{
    if (ui->list)
        view_folders_select(ui->folders, view_list_folder(ui->list));
    set_bottom(ui, ui->folders);
}

/* The list gets the folder, wherever the list stands. */
static void fill_list(Ui *ui, gint64 folder_id)
{
    if (!ui->list)
        ui->list = view_list_new(ui);
    view_list_open(ui->list, folder_id);
    view_folders_select(ui->folders, folder_id);
    if (ui->engine && !ui->is_offline)
        engine_open_folder(ui->engine, folder_id);
    ui_redraw(ui);
}

void ui_open_folder(Ui *ui, gint64 folder_id)
{
    gboolean from_folders = ui->stack->len && ui->stack->pdata[0] == ui->folders;

    fill_list(ui, folder_id);
    set_bottom(ui, from_folders ? ui->folders : ui->list);
    if (from_folders)
        ui_push(ui, ui->list);
}

void ui_open_message(Ui *ui, gint64 message_id)
{
    if (!ui->message)
        ui->message = view_message_new(ui);
    view_message_open(ui->message, message_id);
    if (ui_top(ui) != ui->message)
        ui_push(ui, ui->message);
    ui_redraw(ui);
}

void ui_open_modal(Ui *ui, Modal *modal)
{
    if (ui->modal)
        ui->modal->ops->free(ui->modal);
    ui->modal = modal;
    ui_redraw(ui);
}

/* ---- folders by name ---- */

static gboolean has_one_account(const Ui *ui)
{
    return config_accounts(ui->context->config)->len <= 1;
}

static char *folder_name(const Ui *ui, const StoreFolder *folder)
{
    return has_one_account(ui) ? g_strdup(folder->name)
                               : g_strdup_printf("%s/%s", folder->account, folder->name);
}

GPtrArray *ui_folder_names(Ui *ui)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = store_read_folders(ui->reader, NULL, &error);

    for (guint i = 0; folders && i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (folder->selectable)
            g_ptr_array_add(names, folder_name(ui, folder));
    }
    return names;
}

gint64 ui_find_folder(Ui *ui, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = store_read_folders(ui->reader, NULL, &error);
    const StoreFolder *found = folders ? folder_find(ui->context->config, folders, name) : NULL;

    return found ? found->id : 0;
}

/* ---- commands ---- */

void ui_run_command(Ui *ui, int command, const char *argument)
{
    View *top = ui_top(ui);

    if (top->ops->command(top, command, argument) || ui_action(ui, command, argument)) {
        ui_redraw(ui);
        return;
    }
    g_autofree char *sentence = g_strdup_printf(_("“%s” does nothing here"), command_get(command)->name);
    ui_error(ui, sentence);
}

void ui_run_line(Ui *ui, const char *line)
{
    g_autofree char *argument = NULL, *why = NULL;
    int command;

    if (command_parse(line, ui_context(ui), &command, &argument, &why))
        ui_run_command(ui, command, argument);
    else
        ui_error(ui, why);
}

static void take_key(Ui *ui, Key key)
{
    const char *line = NULL;

    if (ui->n_pending && (key == KEY_ESCAPE_CHAR || key == KEY_CONTROL('c') || key == KEY_CONTROL('g'))) {
        ui->n_pending = 0;
        return;
    }
    ui->pending[ui->n_pending++] = key;
    KeysMatch match = keymap_find(ui->keymap, ui_context(ui), ui->pending, ui->n_pending, &line);
    if (match == KEYS_UNFINISHED && ui->n_pending < KEYS_MAX)
        return;
    g_autofree char *keys = keys_format(ui->pending, ui->n_pending);
    ui->n_pending = 0;
    if (match == KEYS_BOUND)
        ui_run_line(ui, line);
    else if (key == KEY_CONTROL('c'))
        ui_news(ui, _("q goes back and at the top quits; :quit quits at once"));
    else if (key != KEY_ESCAPE_CHAR)
        ui_news(ui, _("%s is not bound here. ? shows the keys"), keys);
}

static void take_input(void *data)
{
    Ui *ui = data;
    Key key;

    while ((key = keys_read())) {
        status_key(ui->status);
        if (!ui->modal) {
            take_key(ui, key);
            continue;
        }
        if (key == KEY_CONTROL('z')) { /* no prompt has a use for it, and it is expected to work everywhere */
            ui_suspend(ui);
            continue;
        }
        if (ui->modal->ops->key(ui->modal, key))
            continue;
        Modal *modal = g_steal_pointer(&ui->modal);
        modal->ops->finish(modal);
        modal->ops->free(modal);
    }
}

/* ---- events ---- */

static void store_woken(void *data)
{
    Ui *ui = data;

    ui->is_stale = TRUE;
    ui_redraw(ui);
}

static void overlay_woken(void *data)
{
    Ui *ui = data;
    g_autoptr(GError) error = NULL;

    if (overlay_settle(ui->overlay, &error))
        store_woken(ui);
    if (error)
        ui_error(ui, error->message);
}

static void render_woken(void *data)
{
    Ui *ui = data;

    if (ui->message)
        view_message_rendered(ui->message);
    ui_redraw(ui);
}

/* A failure that comes again and again is told once; the connection's words go on saying that there is
 * one. */
static void tell_failure(Ui *ui, const GError *error)
{
    if (tern_error_is(error, TERN_ERROR_CANCELLED) || g_strcmp0(ui->told, error->message) == 0)
        return;
    g_free(ui->told);
    ui->told = g_strdup(error->message);
    ui_error(ui, error->message);
}

/* A connection's failure, but for that of an account which is to stay offline; and that of what the user asked for. What
 * failed for a view is told by the view. */
static gboolean is_to_be_told(const Ui *ui, const EngineEvent *event)
{
    const ConfigAccount *account =
        event->account ? config_account(ui->context->config, event->account) : NULL;

    if (event->kind == ENGINE_EVENT_STATE)
        return !account || !account->offline;
    return event->kind == ENGINE_EVENT_DONE && event->request && event->request == ui->sync_request;
}

static void sync_done(Ui *ui, const EngineEvent *event)
{
    ui->sync_request = 0;
    if (event->error)
        return;
    if (ui->sync_new)
        ui_news(ui, ngettext_("%d new message", "%d new messages", ui->sync_new), ui->sync_new);
    else
        ui_news(ui, _("Nothing new"));
}

static void take_event(Ui *ui, const EngineEvent *event)
{
    View *views[] = {ui->folders, ui->list, ui->message};

    status_event(ui->status, event);
    if (event->kind == ENGINE_EVENT_STATE && event->state == ENGINE_IDLE)
        g_clear_pointer(&ui->told, g_free);
    if (event->error && is_to_be_told(ui, event))
        tell_failure(ui, event->error);
    if (event->kind == ENGINE_EVENT_ALERT && event->what)
        ui_news(ui, "%s", event->what);
    if (event->kind == ENGINE_EVENT_FOLDER)
        ui->sync_new += event->new_messages;
    if (event->kind == ENGINE_EVENT_DONE && event->request && event->request == ui->sync_request)
        sync_done(ui, event);
    for (guint i = 0; i < G_N_ELEMENTS(views); i++)
        if (views[i])
            views[i]->ops->changed(views[i], event);
}

static void engine_woken(void *data)
{
    Ui *ui = data;
    EngineEvent *event;

    while ((event = queue_try_pop(engine_events(ui->engine)))) {
        take_event(ui, event);
        engine_event_free(event);
    }
    ui_redraw(ui);
}

static void resized(void *data)
{
    screen_resize();
    ui_redraw(data);
}

/* What is shown first, then all that is new. */
static void look_at_servers(Ui *ui)
{
    if (!ui->engine || ui->is_offline)
        return;
    if (ui->list && view_list_folder(ui->list))
        engine_open_folder(ui->engine, view_list_folder(ui->list));
    engine_sync(ui->engine, NULL, NULL);
}

void ui_suspend(Ui *ui)
{
    if (ui->engine)
        engine_park(ui->engine);
    screen_suspend();
    loop_stop_process();
    screen_resume();
    if (ui->engine)
        engine_resume(ui->engine);
    look_at_servers(ui);
    ui->is_stale = ui->draw_whole = TRUE;
    ui_redraw(ui);
}

static void suspend_asked(void *data)
{
    ui_suspend(data);
}

/* Somebody stopped tern behind its back; the terminal may look like anything. */
static void continued(void *data)
{
    Ui *ui = data;

    screen_resume();
    ui->is_stale = ui->draw_whole = TRUE;
    if (ui->engine)
        engine_retry(ui->engine);
    ui_redraw(ui);
}

static void draw(void *data)
{
    ui_draw(data);
}

/* ---- beginning and end ---- */

static void start_engine(Ui *ui)
{
    g_autoptr(GError) error = NULL;
    const GPtrArray *accounts = config_accounts(ui->context->config);

    if (accounts->len == 0)
        return;
    ui->engine =
        engine_start(ui->context->config, ui->store, ui->context->paths, ui->context->offline, &error);
    if (!ui->engine) {
        ui_error(ui, error->message);
        return;
    }
    ui->is_offline = ui->context->offline;
    loop_watch(ui->loop, queue_wake(engine_events(ui->engine)), engine_woken);
    for (guint i = 0; i < accounts->len; i++) {
        g_autoptr(EngineEvent) state =
            engine_account_state(ui->engine, ((ConfigAccount *)accounts->pdata[i])->id);
        if (state)
            status_event(ui->status, state);
    }
    ui_redraw(ui);
    look_at_servers(ui);
}

void ui_open_first(Ui *ui)
{
    const char *asked = ui->context->folder ? ui->context->folder : ui_option(ui, "start");
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) folders = store_read_folders(ui->reader, NULL, &error);

    ui_read_failed(ui, &error);
    if (!folders || !folders->len)
        return;
    const StoreFolder *found = asked && *asked ? folder_find(ui->context->config, folders, asked) : NULL;
    if (asked && *asked && !found) {
        g_autofree char *sentence =
            g_strdup_printf(_("there is no folder “%s”; c finds one by a few letters"), asked);
        ui_error(ui, sentence);
    }
    found = found ? found : folder_find_inbox(ui->context->config, folders);
    /* The list is on the stack already; whoever reads help or types meanwhile is not disturbed. */
    if (found)
        fill_list(ui, found->id);
}

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

static Ui *ui_new(CliContext *context, Store *store, StoreReader *reader)
{
    static const LoopCalls CALLS = {take_input, resized, suspend_asked, continued, draw};
    Ui *ui = g_new0(Ui, 1);

    ui->context = context;
    ui->store = store;
    ui->reader = reader;
    ui->is_offline = context->offline;
    ui->options = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    ui->history = g_ptr_array_new_with_free_func(g_free);
    ui->stack = g_ptr_array_new();
    ui->status = status_new();
    ui->keymap = keymap_new();
    ui->loop = loop_new(&CALLS, ui);
    ui->store_wake = wake_new();
    ui->settled_wake = wake_new();
    ui->render_wake = wake_new();
    ui->overlay = overlay_new(store, ui->settled_wake);
    ui->renderer = renderer_new(ui->render_wake);
    store_add_listener(store, ui->store_wake);
    loop_watch(ui->loop, ui->store_wake, store_woken);
    loop_watch(ui->loop, ui->settled_wake, overlay_woken);
    loop_watch(ui->loop, ui->render_wake, render_woken);
    return ui;
}

static void ui_free(Ui *ui)
{
    View *views[] = {ui->folders, ui->list, ui->message};

    while (ui->stack->len)
        pop(ui);
    for (guint i = 0; i < G_N_ELEMENTS(views); i++)
        if (views[i])
            views[i]->ops->free(views[i]);
    if (ui->modal)
        ui->modal->ops->free(ui->modal);
    store_remove_listener(ui->store, ui->store_wake);
    overlay_free(ui->overlay);
    renderer_free(ui->renderer);
    loop_free(ui->loop);
    wake_unref(ui->store_wake);
    wake_unref(ui->settled_wake);
    wake_unref(ui->render_wake);
    keymap_free(ui->keymap);
    status_free(ui->status);
    g_ptr_array_unref(ui->stack);
    g_ptr_array_unref(ui->history);
    g_hash_table_unref(ui->options);
    g_free(ui->told);
    g_free(ui);
}

static int run_screen(CliContext *context, Store *store, StoreReader *reader)
{
    Ui *ui = ui_new(context, store, reader);

    ui_apply_options(ui);
    tell_problems(ui);
    ui->folders = view_folders_new(ui);
    show_first(ui);
    ui_draw(ui);
    start_engine(ui); /* before the keys that were typed ahead: they may ask for a message */
    loop_run(ui->loop);
    screen_close();
    if (ui->engine)
        engine_stop(ui->engine);
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
