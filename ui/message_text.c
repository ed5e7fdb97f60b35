/*
 * message_text.c - how a message comes to the screen: its envelope at once out of the store, its text as soon
 * as it is here and rendered.
 *
 *      store_read_message() ── envelope shown
 *      its file (message_file.c) ── here: renderer_request() ──> lines
 *                                └─ not here: engine_fetch() ── FETCHED ──> path, renderer_request()
 */
#include "ui/view_message_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "ui/command.h"
#include "ui/format.h"
#include "ui/mail.h"
#include "ui/receipt.h"
#include "ui/screen.h"
#include "ui/state.h"

#include <unistd.h>

static const char *own_address(const ViewMessage *message)
{
    const ConfigAccount *account =
        message->message ? config_account(ui_config(message->view.ui), message->message->account) : NULL;

    return account ? account->address : NULL;
}

static RenderOptions options_of(const ViewMessage *message)
{
    return (RenderOptions){
        .width_cols = MAX(message->width_cols, 8),
        .headers = TRUE,
        .all_headers = message->all_headers,
        .is_brief = message->is_brief,
        .fold_quotes = !message->are_quotes_shown,
        .unfolded = message->unfolded->len ? &g_array_index(message->unfolded, guint, 0) : NULL,
        .prefer_html = ui_option_bool(message->view.ui, "prefer-html"),
        .is_ascii = screen_is_ascii(),
        .own_address = own_address(message),
        .now_s = clock_wall_s(),
    };
}

static char *join_addresses(const GPtrArray *addresses)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < addresses->len; i++) {
        const StoreAddress *address = addresses->pdata[i];
        g_string_append(text, i ? ", " : "");
        if (address->name && *address->name)
            g_string_append_printf(text, "%s <%s>", address->name, address->address);
        else
            g_string_append(text, address->address);
    }
    return g_string_free(text, FALSE);
}

void view_message_show_envelope(ViewMessage *message, const char *note)
{
    RenderOptions options = options_of(message);
    const StoreMessage *stored = message->message;

    message->is_rendered = FALSE;
    if (note != message->note) {
        g_free(message->note);
        message->note = g_strdup(note);
    }
    if (!stored)
        return;
    g_autofree char *from = join_addresses(stored->from), *to = join_addresses(stored->to);
    RenderEnvelope envelope = {from,
                               to,
                               stored->subject,
                               stored->has_date,
                               stored->has_date ? stored->date_s : stored->arrival_s,
                               stored->date_offset_min};
    pager_set(&message->pager, render_envelope(&envelope, note, &options), FALSE);
}

void view_message_ask_for_lines(ViewMessage *message, gboolean keep_place)
{
    RenderOptions options = options_of(message);

    if (!message->path)
        return;
    message->keep_place = keep_place;
    message->rendering = renderer_request(ui_renderer(message->view.ui), message->path, &options);
}

static gboolean is_down(EngineState state)
{
    return state != ENGINE_WORKING && state != ENGINE_IDLE;
}

static gboolean is_account_down(const ViewMessage *message)
{
    g_autoptr(EngineEvent) state =
        engine_account_state(ui_engine(message->view.ui), message->message->account);

    return !state || is_down(state->state);
}

/* Of a message that is fetched only when somebody wants it. */
static void show_stub(ViewMessage *message)
{
    Ui *ui = message->view.ui;
    g_autofree char *size = format_size(message->message->size_bytes);
    g_autofree char *bound = keymap_keys_of(ui_keymap(ui), CONTEXT_MESSAGE, "fetch", TRUE);
    g_autofree char *note = g_strdup_printf(_("%s, on the server only. %s fetches it."), size,
                                            bound ? bound : _("The command fetch"));

    view_message_show_envelope(message, note);
}

static void ask_engine(ViewMessage *message)
{
    Engine *engine = ui_engine(message->view.ui);

    if (engine) {
        view_message_show_envelope(message, _("The text is being fetched."));
        message->fetching = engine_fetch(engine, message->id);
        message->was_down = is_account_down(message);
    } else
        view_message_show_envelope(message, _("The text is not here, and tern is not connected."));
}

static void searched_first(ViewMessage *message)
{
    if (message->path)
        view_message_ask_for_lines(message, FALSE);
    else
        ask_engine(message);
}

/* The file, or a request for it. */
static void look_for_file(ViewMessage *message, gboolean is_asked_for)
{
    if (view_message_find_file(message)) {
        view_message_show_envelope(message, "");
        view_message_ask_for_lines(message, FALSE);
    } else if (message->message->flags & STORE_STUB) {
        if (is_asked_for)
            ask_engine(message);
        else
            show_stub(message);
    } else if (view_message_search_file(message, searched_first))
        view_message_show_envelope(message, "");
    else
        ask_engine(message);
}

/* BUSY: the store is asked again when the view's `changed` is called. */
static gboolean read_message(ViewMessage *message)
{
    g_autoptr(GError) error = NULL;
    StoreMessage *stored = store_read_message(ui_reader(message->view.ui), message->id, &error);

    ui_read_failed(message->view.ui, &error);
    if (!stored)
        return FALSE;
    if (message->message)
        store_message_free(message->message);
    message->message = stored;
    return TRUE;
}

static void start(ViewMessage *message)
{
    if (!read_message(message))
        return;
    const StoreMessage *stored = message->message;
    mail_mark_seen(message->view.ui, stored->folder_id, stored->id, stored->thread);
    look_for_file(message, FALSE);
}

void view_message_fetch(ViewMessage *message)
{
    if (message->message && !message->path && !message->fetching && !message->searching)
        look_for_file(message, TRUE);
    else if (message->path)
        ui_news(message->view.ui, "%s", _("All of this message is here"));
}

void view_message_open(View *view, gint64 message_id)
{
    ViewMessage *message = (ViewMessage *)view;

    message->id = message_id;
    g_clear_pointer(&message->message, store_message_free);
    g_clear_pointer(&message->path, g_free);
    g_clear_pointer(&message->receipt, g_free);
    message->is_receipt_known = FALSE;
    pager_clear(&message->pager);
    g_array_set_size(message->unfolded, 0);
    message->all_headers = message->are_quotes_shown = message->is_rendered = FALSE;
    message->rendering = message->fetching = message->searching = 0;
    message->is_gone = FALSE;
    if (!message->width_cols) {
        message->width_cols = MIN(screen_columns() - 2, (int)ui_option_int(view->ui, "text-width"));
        message->is_brief = screen_rows() < VIEW_MESSAGE_LOW_ROWS;
    }
    start(message);
}

/* It was here a moment ago, or the engine says that it is. */
static void searched_last(ViewMessage *message)
{
    if (message->path)
        view_message_ask_for_lines(message, FALSE);
    else
        view_message_show_envelope(message, _("The message is not in its folder any more."));
}

/* Between the look for the file and the reading of it, its name may have changed with its flags: opening a
 * message marks it read. FALSE: it is where it was, and cannot be read. */
static gboolean follow_file(ViewMessage *message)
{
    if (!message->path || !message->message || access(message->path, F_OK) == 0)
        return FALSE;
    if (view_message_find_file(message)) {
        view_message_ask_for_lines(message, message->keep_place);
        return TRUE;
    }
    return view_message_search_file(message, searched_last);
}

void view_message_rendered(View *view)
{
    ViewMessage *message = (ViewMessage *)view;
    guint64 number;

    for (;;) {
        g_autoptr(RenderDocument) document = NULL;
        g_autoptr(GError) error = NULL;
        if (!renderer_take(ui_renderer(view->ui), &number, &document, &error))
            return;
        if (number != message->rendering)
            continue;
        if (document) {
            pager_set(&message->pager, g_steal_pointer(&document), message->keep_place);
            message->is_rendered = TRUE;
            receipt_look(message);
        } else if (error && !follow_file(message))
            view_message_show_envelope(message, error->message);
    }
}

/* Why its text is not here. Where the user has gone offline, a key makes up for it. */
static void show_failure(ViewMessage *message, const GError *error)
{
    Ui *ui = message->view.ui;

    if (!tern_error_is(error, TERN_ERROR_NETWORK) || !ui->is_offline) {
        view_message_show_envelope(message, error->message);
        return;
    }
    g_autofree char *bound = keymap_keys_of(ui_keymap(ui), CONTEXT_MESSAGE, "offline", TRUE);
    g_autofree char *note =
        g_strdup_printf(_("The text is not here, and tern is offline. %s goes online and fetches it."),
                        bound ? bound : _("The command offline"));
    view_message_show_envelope(message, note);
}

/* The file is here, or what kept it from coming. */
static void fetched(ViewMessage *message, const GError *error)
{
    message->fetching = 0;
    if (view_message_find_file(message))
        view_message_ask_for_lines(message, FALSE);
    else if (!error && view_message_search_file(message, searched_last))
        view_message_show_envelope(message, "");
    else if (error && !tern_error_is(error, TERN_ERROR_CANCELLED)) {
        message->was_down |= is_account_down(message);
        show_failure(message, error);
    }
}

/* What another client did to it, and whether its text came on another way. */
static void read_again(ViewMessage *message)
{
    g_autoptr(GError) error = NULL;
    StoreRowState state;
    int found = store_read_state(ui_reader(message->view.ui), message->id, &state, &error);

    if (found == 1) {
        message->message->flags = state.flags;
        message->message->folder_id = state.folder_id;
    }
    message->is_gone = found == 0;
    ui_read_failed(message->view.ui, &error);
    if (!message->path && !message->fetching && !message->searching && view_message_find_file(message))
        view_message_ask_for_lines(message, FALSE);
}

/* What could not be had while there was no connection is asked for once more when there is one. */
static void connection_changed(ViewMessage *message, const EngineEvent *event)
{
    if (g_strcmp0(event->account, message->message->account) != 0)
        return;
    if (is_down(event->state))
        message->was_down = TRUE;
    else if (message->was_down && !message->path && !message->fetching && !message->searching)
        look_for_file(message, FALSE);
    else
        message->was_down = FALSE;
}

void view_message_changed(View *view, const EngineEvent *event)
{
    ViewMessage *message = (ViewMessage *)view;

    if (!message->id)
        return;
    if (!message->message) {
        if (!event)
            start(message);
        return;
    }
    if (!event)
        read_again(message);
    else if (event->kind == ENGINE_EVENT_STATE)
        connection_changed(message, event);
    else if (message->fetching &&
             ((event->kind == ENGINE_EVENT_FETCHED && event->message_id == message->id) ||
              (event->kind == ENGINE_EVENT_DONE && event->request == message->fetching)))
        fetched(message, event->error);
}
