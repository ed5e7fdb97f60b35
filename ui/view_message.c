/* view_message.c - one message: what is drawn of it. How it comes, and what keys do, stand in files of their
 * own. */
#include "ui/view_message_private.h"

#include "base/i18n.h"
#include "ui/screen.h"
#include "ui/ui.h"

gboolean view_message_has_left(View *view)
{
    const StoreMessage *stored = ((ViewMessage *)view)->message;

    return stored &&
           overlay_is_gone(ui_overlay(view->ui), stored->folder_id, stored->id, stored->flags, FALSE);
}

/* ---- drawing ---- */

static void message_draw(View *view, ViewRect rect, G_GNUC_UNUSED gboolean focused)
{
    ViewMessage *message = (ViewMessage *)view;
    int width = MIN(rect.columns - (rect.columns > 24 ? 2 : 0), (int)ui_option_int(view->ui, "text-width"));
    const gboolean is_brief = screen_rows() < VIEW_MESSAGE_LOW_ROWS;

    if (width != message->width_cols || is_brief != message->is_brief) {
        message->width_cols = width;
        message->is_brief = is_brief;
        if (message->path)
            view_message_ask_for_lines(message, TRUE);
        else
            view_message_show_envelope(message, message->note);
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
    const char *summary = render_document_summary(message->pager.document);
    *left_out = message->receipt
                    ? g_strdup_printf(_("%s %s asks for a receipt"), summary, screen_symbol(SYMBOL_DOT))
                    : g_strdup(summary);
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
    g_free(message->receipt);
    g_free(message);
}

static const ViewOps MESSAGE_OPS = {
    .name = "message",
    .context = CONTEXT_MESSAGE,
    .hints = "back,delete,archive,next-unread,links,fold-quotes,headers,help",
    .draw = message_draw,
    .command = view_message_command,
    .changed = view_message_changed,
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
