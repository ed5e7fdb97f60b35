/*
 * view_message.c - one message: its envelope at once out of the store, its text as soon as it is here and
 * rendered.
 *
 *      store_read_message() ── envelope shown
 *      engine_message_path() ── here: renderer_request() ──> lines
 *                            └─ not here: engine_fetch() ── FETCHED ──> path, renderer_request()
 */
#include "ui/views.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "store/ids.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/mail.h"
#include "ui/pager.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/ui.h"

typedef struct {
    View view;
    gint64 id; /* 0: nothing was opened yet */
    StoreMessage *message;
    char *path; /* of the message's file; NULL: not here yet */
    Pager pager;
    gboolean is_rendered; /* the pager has the message, not only its envelope */
    gboolean all_headers, are_quotes_shown;
    char *note;        /* what stands instead of the text while it is not here */
    guint64 fetching;  /* the engine's number for the request; 0: none under way */
    gboolean was_down; /* no connection when it was asked for last, or since */
    gboolean is_gone;  /* not in the store any more: another client deleted it */
    GArray *unfolded;  /* guint: quotes that are shown, ended by 0 */
    guint64 rendering; /* the renderer's number for what is awaited */
    gboolean keep_place;
    int width_cols; /* for which the lines were made */
} ViewMessage;

/* ---- getting the text ---- */

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

static void show_envelope(ViewMessage *message, const char *note)
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

static void ask_for_lines(ViewMessage *message, gboolean keep_place)
{
    RenderOptions options = options_of(message);

    if (!message->path)
        return;
    message->keep_place = keep_place;
    message->rendering = renderer_request(ui_renderer(message->view.ui), message->path, &options);
}

static gboolean find_file(ViewMessage *message)
{
    g_free(message->path);
    message->path = engine_message_path(ui_paths(message->view.ui), message->message);
    return message->path != NULL;
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

/* The file, or a request for it. */
static void look_for_file(ViewMessage *message)
{
    Engine *engine = ui_engine(message->view.ui);

    if (find_file(message)) {
        show_envelope(message, "");
        ask_for_lines(message, FALSE);
    } else if (engine) {
        show_envelope(message, _("The text is being fetched."));
        message->fetching = engine_fetch(engine, message->id);
        message->was_down = is_account_down(message);
    } else
        show_envelope(message, _("The text is not here, and tern is not connected."));
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
    look_for_file(message);
}

void view_message_open(View *view, gint64 message_id)
{
    ViewMessage *message = (ViewMessage *)view;

    message->id = message_id;
    g_clear_pointer(&message->message, store_message_free);
    g_clear_pointer(&message->path, g_free);
    pager_clear(&message->pager);
    g_array_set_size(message->unfolded, 0);
    message->all_headers = message->are_quotes_shown = message->is_rendered = FALSE;
    message->rendering = message->fetching = 0;
    message->is_gone = FALSE;
    if (!message->width_cols)
        message->width_cols = MIN(screen_columns() - 2, (int)ui_option_int(view->ui, "text-width"));
    start(message);
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
        } else if (error)
            show_envelope(message, error->message);
    }
}

/* The file is here, or what kept it from coming. */
static void fetched(ViewMessage *message, const GError *error)
{
    message->fetching = 0;
    if (find_file(message))
        ask_for_lines(message, FALSE);
    else if (error && !tern_error_is(error, TERN_ERROR_CANCELLED)) {
        message->was_down |= is_account_down(message);
        show_envelope(message, error->message);
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
    if (!message->path && !message->fetching && find_file(message))
        ask_for_lines(message, FALSE);
}

/* What could not be had while there was no connection is asked for once more when there is one. */
static void connection_changed(ViewMessage *message, const EngineEvent *event)
{
    if (g_strcmp0(event->account, message->message->account) != 0)
        return;
    if (is_down(event->state))
        message->was_down = TRUE;
    else if (message->was_down && !message->path && !message->fetching)
        look_for_file(message);
    else
        message->was_down = FALSE;
}

static void message_changed(View *view, const EngineEvent *event)
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

/* ---- other messages ---- */

static void step(ViewMessage *message, int by, gboolean unread)
{
    Ui *ui = message->view.ui;
    StoreRow row;

    if (ui_list(ui) && view_list_step(ui_list(ui), by, unread) && view_list_current(ui_list(ui), &row)) {
        ui_open_message(ui, row.anchor.id);
        return;
    }
    ui_news(ui, "%s",
            unread ? (by > 0 ? _("No unread message follows") : _("No unread message before this"))
                   : (by > 0 ? _("This is the last message") : _("This is the first message")));
}

/* ---- quotes, headers, lists ---- */

static void render_again(ViewMessage *message)
{
    ask_for_lines(message, TRUE);
}

/* Takes the number of a quote out of the list, or puts it in. */
static void toggle_number(GArray *numbers, guint number)
{
    guint end = 0;

    if (numbers->len)
        g_array_set_size(numbers, numbers->len - 1);
    for (guint i = 0; i < numbers->len; i++) {
        if (g_array_index(numbers, guint, i) == number) {
            g_array_remove_index(numbers, i);
            number = 0;
            break;
        }
    }
    if (number)
        g_array_append_val(numbers, number);
    if (numbers->len)
        g_array_append_val(numbers, end);
}

/* The first quote on the page that is folded, or else was unfolded. */
static void fold_on_page(ViewMessage *message)
{
    const Pager *pager = &message->pager;
    guint end = pager->document ? MIN(pager->top + pager->height, render_document_lines(pager->document)) : 0;
    guint found = 0;

    for (guint i = pager->top; i < end; i++) {
        const RenderLine *line = render_document_line(pager->document, i);
        if (line->kind == RENDER_LINE_FOLD) {
            found = line->fold;
            break;
        }
        if (!found)
            found = line->fold;
    }
    if (!found || message->are_quotes_shown) {
        ui_news(message->view.ui, "%s",
                found ? _("All quotes are shown; T folds them") : _("No long quote on this page"));
        return;
    }
    toggle_number(message->unfolded, found);
    render_again(message);
}

static void go_to_attachments(ViewMessage *message)
{
    Pager *pager = &message->pager;
    guint lines = pager->document ? render_document_lines(pager->document) : 0;

    for (guint i = 0; i < lines; i++) {
        if (render_document_line(pager->document, i)->kind == RENDER_LINE_ATTACHMENT) {
            pager_go(pager, i ? i - 1 : 0);
            return;
        }
    }
    ui_news(message->view.ui, "%s", _("This message has no attachments"));
}

static void show_links(ViewMessage *message)
{
    const GPtrArray *links = message->pager.document ? render_document_links(message->pager.document) : NULL;

    if (links && links->len)
        ui_push(message->view.ui, view_links_new(message->view.ui, message->pager.document));
    else
        ui_news(message->view.ui, "%s", _("This message has no links"));
}

/* A command for messages: for the one that is read. */
static gboolean mail(ViewMessage *message, int command, const char *argument)
{
    const StoreMessage *stored = message->message;

    if (!mail_has_command(command))
        return FALSE;
    if (!stored)
        return TRUE;
    Selection *targets = selection_new(stored->folder_id);
    selection_set(targets, stored->id, stored->thread, TRUE);
    mail_command(message->view.ui, targets, 0, command, argument);
    return TRUE;
}

gboolean view_message_has_left(View *view)
{
    const StoreMessage *stored = ((ViewMessage *)view)->message;

    return stored && overlay_is_gone(ui_overlay(view->ui), stored->folder_id, stored->id, stored->flags);
}

/* ---- searching ---- */

static void search(ViewMessage *message, const char *text, gboolean backwards)
{
    if (!text && !message->pager.pattern)
        ui_news(message->view.ui, "%s", _("Nothing was looked for yet; / does"));
    else if (!pager_search(&message->pager, text, backwards))
        ui_news(message->view.ui, "%s", backwards ? _("Not found above") : _("Not found below"));
}

static void search_asked(G_GNUC_UNUSED Ui *ui, void *data, const char *text)
{
    if (text && *text)
        search(data, text, FALSE);
}

static void start_search(ViewMessage *message, const char *text)
{
    if (text)
        search(message, text, FALSE);
    else
        prompt_open(message->view.ui,
                    &(PromptWants){.label = "/", .history = "search", .done = search_asked, .data = message});
}

/* ---- commands ---- */

static void page_down(ViewMessage *message, int page)
{
    if (pager_is_at_end(&message->pager) && message->is_rendered)
        step(message, 1, TRUE);
    else
        pager_move(&message->pager, page);
}

static gboolean move_command(ViewMessage *message, int command)
{
    int page = MAX((int)message->pager.height - 1, 1), half = (page + 1) / 2;

    switch (command) {
    case COMMAND_LINE_DOWN:
        pager_move(&message->pager, 1);
        return TRUE;
    case COMMAND_LINE_UP:
        pager_move(&message->pager, -1);
        return TRUE;
    case COMMAND_PAGE_DOWN:
        page_down(message, page);
        return TRUE;
    case COMMAND_PAGE_UP:
        pager_move(&message->pager, -page);
        return TRUE;
    case COMMAND_HALF_DOWN:
        pager_move(&message->pager, half);
        return TRUE;
    case COMMAND_HALF_UP:
        pager_move(&message->pager, -half);
        return TRUE;
    case COMMAND_FIRST:
        pager_go(&message->pager, 0);
        return TRUE;
    case COMMAND_LAST:
        pager_go(&message->pager, G_MAXUINT);
        return TRUE;
    case COMMAND_NEXT:
    case COMMAND_PREVIOUS:
        step(message, command == COMMAND_NEXT ? 1 : -1, FALSE);
        return TRUE;
    case COMMAND_NEXT_UNREAD:
    case COMMAND_PREVIOUS_UNREAD:
        step(message, command == COMMAND_NEXT_UNREAD ? 1 : -1, TRUE);
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean message_command(View *view, int command, const char *argument)
{
    ViewMessage *message = (ViewMessage *)view;

    if (move_command(message, command))
        return TRUE;
    switch (command) {
    case COMMAND_HEADERS:
        message->all_headers = !message->all_headers;
        ask_for_lines(message, FALSE);
        return TRUE;
    case COMMAND_FOLD_QUOTES:
        message->are_quotes_shown = !message->are_quotes_shown;
        g_array_set_size(message->unfolded, 0);
        render_again(message);
        return TRUE;
    case COMMAND_FOLD:
        fold_on_page(message);
        return TRUE;
    case COMMAND_LINKS:
        show_links(message);
        return TRUE;
    case COMMAND_PARTS:
        go_to_attachments(message);
        return TRUE;
    case COMMAND_SEARCH:
        start_search(message, argument);
        return TRUE;
    case COMMAND_NEXT_MATCH:
    case COMMAND_PREVIOUS_MATCH:
        search(message, NULL, command == COMMAND_PREVIOUS_MATCH);
        return TRUE;
    default:
        return mail(message, command, argument);
    }
}

/* ---- drawing ---- */

static void message_draw(View *view, ViewRect rect, G_GNUC_UNUSED gboolean focused)
{
    ViewMessage *message = (ViewMessage *)view;
    int width = MIN(rect.columns - (rect.columns > 24 ? 2 : 0), (int)ui_option_int(view->ui, "text-width"));

    if (width != message->width_cols) {
        message->width_cols = width;
        if (message->path)
            render_again(message);
        else
            show_envelope(message, message->note);
    }
    pager_draw(&message->pager, rect);
}

/* The marks of its row, more than one where they are so. */
static char *marks_of(const ViewMessage *message)
{
    const StoreMessage *stored = message->message;
    GString *marks = g_string_new(NULL);

    if (!stored)
        return g_string_free(marks, FALSE);
    uint32_t flags = overlay_flags(ui_overlay(message->view.ui), stored->id, stored->flags);
    const struct {
        gboolean is_set;
        Symbol symbol;
    } marked[] = {{!(flags & STORE_SEEN), SYMBOL_NEW},
                  {flags & STORE_FLAGGED, SYMBOL_FLAGGED},
                  {flags & STORE_ANSWERED, SYMBOL_ANSWERED},
                  {flags & STORE_FORWARDED, SYMBOL_FORWARDED},
                  {message->is_gone || flags & STORE_DELETED, SYMBOL_DELETED}};
    for (guint i = 0; i < G_N_ELEMENTS(marked); i++)
        if (marked[i].is_set)
            g_string_append(marks, screen_symbol(marked[i].symbol));
    return g_string_free(marks, FALSE);
}

static void message_title(View *view, char **left_out, char **right_out)
{
    ViewMessage *message = (ViewMessage *)view;
    View *list = ui_list(view->ui);
    const char *subject = message->message ? message->message->subject : "";
    g_autofree char *name = list ? view_list_name(list) : NULL, *place = list ? view_list_place(list) : NULL;
    g_autofree char *marks = marks_of(message);

    *left_out = g_strdup_printf("%s %s %s", name ? name : "", screen_symbol(SYMBOL_DOT),
                                subject && *subject ? subject : _("(no subject)"));
    *right_out = g_strdup_printf("%s%s%s", marks, *marks && place ? "  " : "", place ? place : "");
}

static void message_status(View *view, char **left_out, char **right_out)
{
    ViewMessage *message = (ViewMessage *)view;

    if (!message->is_rendered)
        return;
    *left_out = g_strdup(render_document_summary(message->pager.document));
    *right_out = pager_place(&message->pager);
}

static void message_free(View *view)
{
    ViewMessage *message = (ViewMessage *)view;

    pager_clear(&message->pager);
    g_clear_pointer(&message->message, store_message_free);
    g_array_unref(message->unfolded);
    g_free(message->path);
    g_free(message->note);
    g_free(message);
}

static const ViewOps MESSAGE_OPS = {
    .name = "message",
    .context = CONTEXT_MESSAGE,
    .hints = "back,delete,archive,next-unread,links,fold-quotes,headers,help",
    .draw = message_draw,
    .command = message_command,
    .changed = message_changed,
    .title = message_title,
    .status = message_status,
    .free = message_free,
};

View *view_message_new(Ui *ui)
{
    ViewMessage *message = g_new0(ViewMessage, 1);

    message->view = (View){&MESSAGE_OPS, ui};
    message->unfolded = g_array_new(FALSE, FALSE, sizeof(guint));
    return &message->view;
}
