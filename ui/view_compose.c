/* view_compose.c - a message that is being written, as a view: what its keys do. compose_draw.c draws it. */
#include "ui/views.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/i18n.h"
#include "ui/command.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

#include <string.h>
#include <unistd.h>

#define AUTOSAVE_MS 5000

/* ---- the draft and its buffer ---- */

static void save_due(void *data)
{
    compose_save_all(data);
}

void compose_changed(ViewCompose *compose)
{
    compose->is_changed = TRUE;
    compose_rests(compose);
    if (!compose->is_dirty)
        loop_after(compose->view.ui->loop, AUTOSAVE_MS, save_due);
    compose->is_dirty = TRUE;
    ui_redraw(compose->view.ui);
}

void compose_take_body(ViewCompose *compose)
{
    const char *text = buffer_text(compose->buffer);

    if (!g_str_equal(text, compose->draft->body)) {
        g_free(compose->draft->body);
        compose->draft->body = g_strdup(text);
    }
    compose->draft->cursor = buffer_cursor(compose->buffer);
}

void compose_give_body(ViewCompose *compose)
{
    buffer_free(compose->buffer);
    compose->buffer = buffer_new(compose->draft->body, compose->draft->cursor);
}

ViewCompose *compose_find(Ui *ui, const char *id)
{
    for (guint i = 0; i < ui->stack->len; i++) {
        View *view = ui->stack->pdata[i];
        if (view->ops->context == CONTEXT_COMPOSE && g_str_equal(((ViewCompose *)view)->draft->id, id))
            return (ViewCompose *)view;
    }
    return NULL;
}

ViewCompose *compose_top(Ui *ui)
{
    View *top = ui->stack->len ? ui_top(ui) : NULL;

    return top && top->ops->context == CONTEXT_COMPOSE ? (ViewCompose *)top : NULL;
}

/* ---- leaving ---- */

static void throw_away(Ui *ui, void *data)
{
    ViewCompose *compose = compose_find(ui, data);

    if (!compose || compose != compose_top(ui))
        return;
    compose_drop(ui, compose->draft);
    compose->is_dirty = compose->is_unfiled = FALSE;
    ui_back(ui);
    ui_news(ui, "%s", _("The message was thrown away"));
}

static void quit(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;
    g_autofree char *id = g_strdup(compose->draft->id);

    compose_take_body(compose);
    if (!compose->is_changed && compose->is_new) { /* nobody typed anything */
        if (compose->is_resumed)
            compose_forget(ui, compose->draft);
        else
            compose_drop(ui, compose->draft);
        ui_back(ui);
    } else if (!compose->is_changed) { /* one that was kept, or taken back from the outbox */
        ui_back(ui);
        ui_news(ui, "%s", _("Kept for later. :drafts opens it."));
    } else if (draft_is_empty(compose->draft)) {
        throw_away(ui, id);
    } else {
        question_open(ui, _("Throw this message away? P keeps it for later."), throw_away,
                      g_steal_pointer(&id), g_free);
    }
}

static void postpone(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;

    if (compose_is_attaching(compose)) { /* so that it goes to the folder for drafts with the file */
        ui_error(ui, _("a file is still being attached; keep it when it stands there"));
        return;
    }
    if (compose->signing) {
        ui_error(ui, _("the signature is not there yet; keep it when it stands in the text"));
        return;
    }
    compose_save(compose);
    ui_back(ui); /* which hands it over for the folder of drafts */
    ui_news(ui, "%s", _("Kept for later. :drafts opens it."));
}

/* ---- commands ---- */

static void detach_chosen(Ui *ui, G_GNUC_UNUSED void *data, const PickerItem *item)
{
    ViewCompose *compose = compose_top(ui);

    if (!compose || item->value >= compose->draft->attachments->len)
        return;
    draft_detach(compose->draft, (guint)item->value);
    compose_changed(compose);
}

static void detach(ViewCompose *compose)
{
    const GPtrArray *all = compose->draft->attachments;

    if (all->len <= 1) {
        if (all->len)
            draft_detach(compose->draft, 0);
        else
            ui_news(compose->view.ui, "%s", _("Nothing is attached"));
        compose_changed(compose);
        return;
    }
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);
    for (guint i = 0; i < all->len; i++) {
        const DraftAttachment *one = all->pdata[i];
        g_ptr_array_add(items, picker_item_new(one->name, one->type, NULL, i));
    }
    picker_open(compose->view.ui,
                &(PickerWants){.label = _("Detach: "), .items = items, .chosen = detach_chosen});
}

static void set_field(ViewCompose *compose, DraftField field, const char *argument)
{
    if (!argument) {
        compose_ask_field(compose, field, FALSE);
        return;
    }
    compose_set_field(compose, field, argument);
}

static int page_rows(const ViewCompose *compose)
{
    return MAX((int)buffer_rows(compose->buffer) / 2, 1);
}

static void scroll(ViewCompose *compose, int by)
{
    int rows = (int)buffer_rows(compose->buffer);

    compose->top = (guint)CLAMP((int)compose->top + by, 0, MAX(rows - 1, 0));
}

static gboolean scroll_command(ViewCompose *compose, int command)
{
    switch (command) {
    case COMMAND_NEXT:
        scroll(compose, 1);
        return TRUE;
    case COMMAND_PREVIOUS:
        scroll(compose, -1);
        return TRUE;
    case COMMAND_PAGE_DOWN:
    case COMMAND_HALF_DOWN:
        scroll(compose, MIN(page_rows(compose), 10));
        return TRUE;
    case COMMAND_PAGE_UP:
    case COMMAND_HALF_UP:
        scroll(compose, -MIN(page_rows(compose), 10));
        return TRUE;
    case COMMAND_FIRST:
        compose->top = 0;
        return TRUE;
    case COMMAND_LAST:
        scroll(compose, G_MAXINT / 2);
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean field_command(ViewCompose *compose, int command, const char *argument)
{
    static const struct {
        int command;
        DraftField field;
    } FIELDS[] = {{COMMAND_TO, DRAFT_TO},
                  {COMMAND_CC, DRAFT_CC},
                  {COMMAND_BCC, DRAFT_BCC},
                  {COMMAND_REPLY_TO, DRAFT_REPLY_TO},
                  {COMMAND_SUBJECT, DRAFT_SUBJECT}};

    for (guint i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
        if (FIELDS[i].command != command)
            continue;
        const DraftField field = FIELDS[i].field;
        if ((field != DRAFT_SUBJECT && field != DRAFT_REPLY_TO) || !compose_stays(compose))
            set_field(compose, field, argument);
        return TRUE;
    }
    return FALSE;
}

static gboolean compose_view_command(View *view, int command, const char *argument)
{
    ViewCompose *compose = (ViewCompose *)view;

    switch (command) {
    case COMMAND_SEND:
        compose_send(compose);
        return TRUE;
    case COMMAND_SEND_LATER:
        compose_send_later(compose, argument);
        return TRUE;
    case COMMAND_EDIT:
        compose_edit(compose);
        return TRUE;
    case COMMAND_FROM:
        compose_ask_from(compose);
        return TRUE;
    case COMMAND_ATTACH:
        if (!compose_stays(compose))
            compose_ask_attachment(compose, argument);
        return TRUE;
    case COMMAND_ASK_FOR:
        if (!compose_stays(compose))
            compose_ask_for(compose, argument);
        return TRUE;
    case COMMAND_MARKDOWN:
        if (!compose_stays(compose))
            compose_toggle_markdown(compose);
        return TRUE;
    case COMMAND_PREVIEW:
        compose_preview(compose);
        return TRUE;
    case COMMAND_DETACH:
        detach(compose);
        return TRUE;
    case COMMAND_POSTPONE:
        postpone(compose);
        return TRUE;
    case COMMAND_COPY_TO:
        compose_ask_copy_to(compose, argument);
        return TRUE;
    case COMMAND_DIFFERENCE:
        compose_show_difference(compose);
        return TRUE;
    case COMMAND_BACK:
        quit(compose);
        return TRUE;
    default:
        return field_command(compose, command, argument) || scroll_command(compose, command);
    }
}

/* ---- as a view ---- */

static void compose_title(View *view, char **left_out, char **right_out)
{
    static const char *const KINDS[] = {N_("New message"), N_("Reply"), N_("Forward"), N_("Send on")};
    const ViewCompose *compose = (const ViewCompose *)view;
    const char *account = compose->draft->account ? compose->draft->account : "";

    *left_out =
        g_strconcat(compose->draft->is_markdown ? "Markdown · " : "", _(KINDS[compose->draft->kind]), NULL);
    if (compose->unsaved) {
        *right_out = g_strdup_printf(_("%s · draft not saved!"), account);
    } else if (compose->saved_s) {
        g_autofree char *when = date_short(compose->saved_s, clock_wall_s());
        *right_out = g_strdup_printf(_("%s · draft saved %s"), account, when);
    } else {
        *right_out = g_strdup(account);
    }
}

static void compose_view_changed(G_GNUC_UNUSED View *view, G_GNUC_UNUSED const EngineEvent *event)
{
}

static void compose_free(View *view)
{
    ViewCompose *compose = (ViewCompose *)view;

    if (view->ui->background && !compose_upload(compose) && compose->is_dirty)
        compose_save(compose); /* another folder was opened, say */
    if (compose->hold_fd >= 0)
        close(compose->hold_fd);
    g_free(compose->difference);
    draft_free(compose->draft);
    buffer_free(compose->buffer);
    g_free(compose->unsaved);
    g_free(compose);
}

static const ViewOps COMPOSE_OPS = {
    .name = "compose",
    .context = CONTEXT_COMPOSE,
    .hints = "send,edit,to,cc,subject,attach,postpone,back,help",
    .draw = compose_draw,
    .command = compose_view_command,
    .changed = compose_view_changed,
    .title = compose_title,
    .free = compose_free,
};

View *view_compose_new(Ui *ui, Draft *draft)
{
    ViewCompose *compose = g_new0(ViewCompose, 1);

    compose->view = (View){&COMPOSE_OPS, ui};
    compose->draft = draft;
    compose->hold_fd = -1;
    compose->buffer = buffer_new(draft->body, draft->cursor);
    return &compose->view;
}
