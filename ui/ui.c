/* ui.c - what the screen is made of, how it tells something, and how it comes and goes. See ui.h. */
#include "ui/ui.h"

#include "ui/state.h"
#include "ui/transfer.h"

#include <stdarg.h>
#include <unistd.h>

#define READ_AGAIN_MS 5

/* ---- what there is ---- */

const Config *ui_config(const Ui *ui)
{
    return ui->context->config;
}

const Paths *ui_paths(const Ui *ui)
{
    return ui->context->paths;
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

FolderReader *ui_folder_reader(const Ui *ui)
{
    return ui->folder_reader;
}

FolderMarks *ui_folder_marks(const Ui *ui)
{
    return ui->folder_marks;
}

History *ui_history(const Ui *ui)
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

gboolean ui_has_account(const Ui *ui, const char *account)
{
    return config_account(ui->context->config, account) != NULL;
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

guint64 ui_news(Ui *ui, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    const guint64 news = status_news(ui->status, text);
    loop_after(ui->loop, STATUS_NEWS_MS, news_due);
    ui_redraw(ui);
    return news;
}

void ui_error(Ui *ui, const char *sentence)
{
    status_error(ui->status, sentence);
    ui_redraw(ui);
}

void ui_withdraw(Ui *ui, guint64 news, const GError *error)
{
    status_withdraw(ui->status, news);
    ui_error(ui, error->message);
}

/* ---- making ---- */

Ui *ui_new(CliContext *context, Store *store, StoreReader *reader)
{
    Ui *ui = g_new0(Ui, 1);

    ui->context = context;
    ui->store = store;
    ui->reader = reader;
    ui->is_offline = context->offline;
    ui->config_fd = -1;
    ui->options = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    ui->history = history_new(context->paths->data);
    g_queue_init(&ui->unheard);
    ui->stack = g_ptr_array_new();
    ui->came_from = g_array_new(FALSE, FALSE, sizeof(gint64));
    ui->status = status_new();
    ui->keymap = keymap_new();
    ui->loop = loop_new(&UI_CALLS, ui);
    ui->store_wake = wake_new();
    ui->settled_wake = wake_new();
    ui->render_wake = wake_new();
    ui->overlay = overlay_new(store, ui->settled_wake);
    ui->renderer = renderer_new(ui->render_wake);
    ui->folders_wake = wake_new();
    ui->folder_reader = folder_reader_new(store, reader, ui->folders_wake);
    ui->folder_marks = folder_marks_new(context->paths->data);
    ui->background_wake = wake_new();
    ui->background = background_new(ui->background_wake);
    ui->transferring = g_ptr_array_new();
    ui->composing = composing_new();
    ui->outbox = outbox_rows_new();
    store_add_listener(store, ui->store_wake);
    ui_watch_events(ui);
    return ui;
}

void ui_free(Ui *ui)
{
    View *views[] = {ui->folders, ui->list, ui->message};

    while (ui->stack->len)
        ui_pop(ui);
    for (guint i = 0; i < G_N_ELEMENTS(views); i++)
        if (views[i])
            views[i]->ops->free(views[i]);
    if (ui->modal)
        ui->modal->ops->free(ui->modal);
    store_remove_listener(ui->store, ui->store_wake);
    overlay_free(ui->overlay);
    renderer_free(ui->renderer);
    background_free(ui->background);
    transfer_close(ui);
    g_ptr_array_unref(ui->transferring);
    composing_free(ui->composing);
    folder_reader_free(ui->folder_reader);
    folder_marks_free(ui->folder_marks);
    g_clear_pointer(&ui->known_folders, g_ptr_array_unref);
    loop_free(ui->loop);
    outbox_rows_free(ui->outbox);
    if (ui->config_fd >= 0)
        close(ui->config_fd);
    wake_unref(ui->store_wake);
    wake_unref(ui->settled_wake);
    wake_unref(ui->render_wake);
    wake_unref(ui->folders_wake);
    wake_unref(ui->background_wake);
    keymap_free(ui->keymap);
    status_free(ui->status);
    g_queue_clear_full(&ui->unheard, (GDestroyNotify)engine_event_free);
    g_ptr_array_unref(ui->stack);
    g_array_unref(ui->came_from);
    history_free(ui->history);
    g_hash_table_unref(ui->options);
    g_free(ui->told);
    g_free(ui->trying);
    g_free(ui->commanded);
    g_free(ui);
}
