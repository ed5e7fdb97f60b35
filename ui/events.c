/* events.c - what comes from elsewhere: commits, the engine, lines that were rendered, signals. */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/transfer.h"
#include "ui/terminal.h"
#include "ui/views.h"

#include <poll.h>
#include <string.h>

/* A sync commits a hundred times a second, and has a hundred steps to tell of: nobody sees so many pictures,
 * and each takes the processor from what is under way. */
#define CALM_MS 50
/* The engine gives way within 2 s. */
#define PARK_US (3 * SECOND_US)

static void calm_passed(void *data)
{
    Ui *ui = data;

    ui->is_stale |= ui->is_stale_soon;
    ui->is_stale_soon = FALSE;
    ui_redraw(ui);
}

static void store_woken(void *data)
{
    Ui *ui = data;
    gint64 wait_us = ui->read_at_us + CALM_MS * 1000 - clock_now_us();

    ui->is_stale_soon = TRUE;
    if (wait_us > 0)
        loop_after(ui->loop, (guint)(wait_us / 1000) + 1, calm_passed);
    else
        calm_passed(ui);
}

void ui_settle(Ui *ui)
{
    g_autoptr(GError) error = NULL;

    if (overlay_settle(ui->overlay, &error))
        ui->is_stale = TRUE;
    if (error)
        ui_error(ui, error->message);
}

static void overlay_woken(void *data)
{
    ui_settle(data);
    ui_redraw(data);
}

static void background_woken(void *data)
{
    Ui *ui = data;

    background_take(ui->background, ui);
    transfer_take(ui);
    compose_take_people(ui);
}

static void render_woken(void *data)
{
    Ui *ui = data;

    if (ui->message)
        view_message_rendered(ui->message);
    ui_redraw(ui);
}

static void folders_woken(void *data)
{
    view_folders_taken(((Ui *)data)->folders);
    ui_redraw(data);
}

/* What is said of an account, with its name where there are several and the sentence has it not; to be
 * freed. */
static char *sentence_of(const Ui *ui, const EngineEvent *event, const char *text)
{
    g_autofree char *quoted = g_strdup_printf("“%s”", event->account ? event->account : "");
    const gboolean is_one_of_several = event->account && config_accounts(ui->context->config)->len > 1;

    return is_one_of_several && !strstr(text, quoted) ? g_strdup_printf("%s: %s", event->account, text)
                                                      : g_strdup(text);
}

/* A failure that comes again and again is told once; the connection's words go on saying that there is
 * one. */
static void tell_failure(Ui *ui, const EngineEvent *event)
{
    g_autofree char *sentence = sentence_of(ui, event, event->error->message);

    if (tern_error_is(event->error, TERN_ERROR_CANCELLED) || g_strcmp0(ui->told, sentence) == 0)
        return;
    /* Of a certificate more lines follow, which `why` shows. */
    g_autofree char *first_line = g_strndup(sentence, strcspn(sentence, "\n"));
    ui_error(ui, first_line);
    g_free(ui->told);
    ui->told = g_steal_pointer(&sentence);
}

static void tell_alert(Ui *ui, const EngineEvent *event)
{
    g_autofree char *sentence = sentence_of(ui, event, event->what);

    ui_news(ui, "%s", sentence);
}

/* A connection's failure, but for that of an account which is to stay offline; that of what the user asked
 * for; and that of the disk, whoever asked: no connection's state says it. What failed for a view is told by
 * the view. */
static gboolean is_to_be_told(const Ui *ui, const EngineEvent *event)
{
    const ConfigAccount *account =
        event->account ? config_account(ui->context->config, event->account) : NULL;

    if (event->kind == ENGINE_EVENT_STATE)
        return !account || !account->offline;
    if (event->kind == ENGINE_EVENT_FOLDER || event->kind == ENGINE_EVENT_DONE)
        if (tern_error_is(event->error, TERN_ERROR_STORE))
            return TRUE;
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

/* What is shown first, then all that is new. */
void ui_look_at_servers(Ui *ui)
{
    if (!ui->engine || ui->is_offline)
        return;
    if (ui->list && view_list_folder(ui->list))
        engine_open_folder(ui->engine, view_list_folder(ui->list));
    engine_sync(ui->engine, NULL, NULL);
}

static void stop_process(Ui *ui)
{
    ui->is_parking = FALSE;
    screen_suspend();
    loop_stop_process();
    screen_resume();
    if (ui->engine)
        engine_resume(ui->engine);
    ui_look_at_servers(ui);
    ui->is_stale = ui->draw_whole = TRUE;
    ui_redraw(ui);
}

/* For somebody who looks elsewhere, as the configuration says. */
static void tell_arrival(Ui *ui, const EngineEvent *event)
{
    const char *osc = ui_option(ui, "notify-osc");
    g_autofree char *title = g_strdup_printf("%s/%s", event->account, event->folder);

    if (ui_option_bool(ui, "notify-bell"))
        terminal_ring();
    if (!g_str_equal(osc, "no") && event->what)
        terminal_notify(g_str_equal(osc, "777"), title, event->what);
}

/* FALSE: it can be drawn with the next picture. */
static gboolean take_event(Ui *ui, const EngineEvent *event)
{
    View *views[] = {ui->folders, ui->list, ui->message};
    gboolean is_news = status_event(ui->status, event);

    if (event->kind == ENGINE_EVENT_STATE && event->state == ENGINE_IDLE)
        g_clear_pointer(&ui->told, g_free);
    if (event->error && is_to_be_told(ui, event))
        tell_failure(ui, event);
    ui_password_event(ui, event);
    compose_event(ui, event);
    outbox_event(ui, event);
    if (event->kind == ENGINE_EVENT_ALERT && event->what)
        tell_alert(ui, event);
    if (event->kind == ENGINE_EVENT_ARRIVED)
        tell_arrival(ui, event);
    if (event->kind == ENGINE_EVENT_PARKED && ui->is_parking)
        stop_process(ui);
    if (event->kind == ENGINE_EVENT_FOLDER)
        ui->sync_new += event->new_messages;
    if (event->kind == ENGINE_EVENT_DONE && event->request && event->request == ui->sync_request)
        sync_done(ui, event);
    for (guint i = 0; i < G_N_ELEMENTS(views); i++)
        if (views[i])
            views[i]->ops->changed(views[i], event);
    return is_news;
}

static EngineEvent *next_event(Ui *ui)
{
    EngineEvent *event = g_queue_pop_head(&ui->unheard);

    return event ? event : engine_next_event(ui->engine);
}

static void engine_woken(void *data)
{
    Ui *ui = data;
    EngineEvent *event;
    gboolean is_news = FALSE;

    while ((event = next_event(ui))) {
        is_news |= take_event(ui, event);
        engine_event_free(event);
    }
    if (is_news)
        ui_redraw(ui);
    else
        loop_after(ui->loop, CALM_MS, calm_passed);
}

static void resized(void *data)
{
    screen_resize();
    ui_redraw(data);
}

void ui_suspend(Ui *ui)
{
    /* The engine takes a moment to give way to other terns; whoever asks again does not want to wait for
     * that. */
    if (!ui->engine || ui->is_parking) {
        stop_process(ui);
        return;
    }
    ui->is_parking = TRUE;
    engine_park(ui->engine);
}

/* The others wait until the screen is back: views are in the middle of something. */
static gboolean hears_parked(Ui *ui)
{
    gboolean is_parked = FALSE;
    EngineEvent *event;

    wake_clear(engine_wake(ui->engine));
    while ((event = engine_next_event(ui->engine))) {
        is_parked |= event->kind == ENGINE_EVENT_PARKED;
        g_queue_push_tail(&ui->unheard, event);
    }
    loop_after(ui->loop, 0, engine_woken);
    return is_parked;
}

void ui_stops(void *data)
{
    Ui *ui = data;
    const int64_t deadline_us = clock_now_us() + PARK_US;
    struct pollfd news = {ui->engine ? wake_fd(engine_wake(ui->engine)) : -1, POLLIN, 0};

    if (!ui->engine)
        return;
    engine_park(ui->engine);
    while (!hears_parked(ui) && clock_now_us() < deadline_us)
        poll(&news, 1, clock_timeout_ms(deadline_us));
}

void ui_goes_on(void *data)
{
    Ui *ui = data;

    if (ui->engine)
        engine_resume(ui->engine);
    ui_look_at_servers(ui);
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

const LoopCalls UI_CALLS = {ui_take_input, resized, suspend_asked, continued, draw};

void ui_watch_events(Ui *ui)
{
    loop_watch(ui->loop, ui->store_wake, store_woken);
    loop_watch(ui->loop, ui->settled_wake, overlay_woken);
    loop_watch(ui->loop, ui->render_wake, render_woken);
    loop_watch(ui->loop, ui->folders_wake, folders_woken);
    loop_watch(ui->loop, ui->background_wake, background_woken);
}

void ui_start_engine(Ui *ui)
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
    loop_watch(ui->loop, engine_wake(ui->engine), engine_woken);
    for (guint i = 0; i < accounts->len; i++) {
        g_autoptr(EngineEvent) state =
            engine_account_state(ui->engine, ((ConfigAccount *)accounts->pdata[i])->id);
        if (state)
            status_event(ui->status, state);
    }
    ui_redraw(ui);
    ui_look_at_servers(ui); /* before all connect: a wrong password is tried once */
    engine_set_live(ui->engine, TRUE);
}
