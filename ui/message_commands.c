/* message_commands.c - what keys do in a message: to other ones, quotes, headers, lists, searching. */
#include "ui/view_message_private.h"

#include "base/i18n.h"
#include "ui/command.h"
#include "ui/compose.h"
#include "ui/contact_commands.h"
#include "ui/mail.h"
#include "ui/prompt.h"
#include "ui/receipt.h"
#include "ui/ui.h"

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
    view_message_ask_for_lines(message, TRUE);
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

    if (compose_has_command(command)) {
        compose_command(message->view.ui, command, &message->id, message->id ? 1 : 0, NULL);
        return TRUE;
    }
    if (command == COMMAND_CONTACT_ADD) {
        if (argument)
            contact_add(message->view.ui, argument);
        else if (message->id)
            contact_add_from(message->view.ui, message->id);
        return TRUE;
    }
    if (!mail_has_command(command))
        return FALSE;
    if (!stored)
        return TRUE;
    Selection *targets = selection_new(stored->folder_id);
    selection_set(targets, stored->id, stored->thread, TRUE);
    mail_command(message->view.ui, targets, 0, command, argument);
    return TRUE;
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

gboolean view_message_command(View *view, int command, const char *argument)
{
    ViewMessage *message = (ViewMessage *)view;

    if (move_command(message, command))
        return TRUE;
    switch (command) {
    case COMMAND_HEADERS:
        message->all_headers = !message->all_headers;
        view_message_ask_for_lines(message, FALSE);
        return TRUE;
    case COMMAND_FOLD_QUOTES:
        message->are_quotes_shown = !message->are_quotes_shown;
        g_array_set_size(message->unfolded, 0);
        view_message_ask_for_lines(message, TRUE);
        return TRUE;
    case COMMAND_FOLD:
        fold_on_page(message);
        return TRUE;
    case COMMAND_LINKS:
        show_links(message);
        return TRUE;
    case COMMAND_RECEIPT:
        receipt_command(message, argument);
        return TRUE;
    case COMMAND_PARTS:
        go_to_attachments(message);
        return TRUE;
    case COMMAND_FETCH:
        view_message_fetch(message);
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
