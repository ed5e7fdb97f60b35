/* compose_edit.c - the text of a message: by the built-in editor, or by another program on the terminal. */
#include "base/i18n.h"
#include "base/spawn.h"
#include "compose/alias.h"
#include "compose/editor.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/state.h"

#include <string.h>
#include <unistd.h>

/* The kind of history that remembers the choice of an editor. */
#define EDITOR_HISTORY "editor"

/* ---- the built-in editor ---- */

/* It stays with its message, also when another view came on top of it. */
typedef struct {
    Modal modal;
    char *id; /* the draft's */
} EditorModal;

static ViewCompose *edited(Modal *modal)
{
    return compose_find(modal->ui, ((EditorModal *)modal)->id);
}

static gboolean editor_key(Modal *modal, Key key)
{
    ViewCompose *compose = edited(modal);
    BufferResult result = compose ? buffer_key(compose->buffer, key) : BUFFER_LEFT;

    if (result == BUFFER_CHANGED)
        compose_changed(compose);
    ui_redraw(modal->ui);
    return result != BUFFER_LEFT;
}

static void editor_paste(Modal *modal, const char *text)
{
    ViewCompose *compose = edited(modal);

    if (!compose)
        return;
    if (buffer_paste(compose->buffer, text) == BUFFER_CHANGED)
        compose_changed(compose);
    else if (*text)
        ui_error(
            modal->ui,
            _("That does not fit into this message any more, so none of it was taken; attach it as a file"));
}

static void editor_finish(Modal *modal)
{
    ViewCompose *compose = edited(modal);

    if (!compose)
        return;
    compose->is_editing = FALSE;
    if (compose->is_dirty)
        compose_save(compose);
}

/* What went wrong is seen, with all its rows, where the keys are told; so is news. */
static gboolean draw_said(const Modal *modal, const ViewRect *bottom)
{
    const Status *status = modal->ui->status;
    const int rows = CLAMP(status_error_rows(status, bottom->columns), 1, MAX(bottom->row / 2, 1));
    const ViewRect rect = {bottom->row + bottom->rows - rows, bottom->column, rows, bottom->columns};

    return status_draw_news(status, rect);
}

static void editor_draw(Modal *modal, const Layout *layout)
{
    const ViewRect rect = layout->bottom;

    if (rect.rows < 1 || draw_said(modal, &rect) || !ui_option_bool(modal->ui, "hints"))
        return;
    screen_fill(rect.row, rect.column, rect.columns, SLOT_NORMAL);
    screen_text_cut(rect.row, rect.column + 1, rect.columns - 1, SLOT_HINT,
                    _("Esc done  C-k cut  C-y bring back  M-u undo  M-q wrap the paragraph"));
}

static void editor_free(Modal *modal)
{
    ViewCompose *compose = edited(modal);

    if (compose)
        compose->is_editing = FALSE;
    g_free(((EditorModal *)modal)->id);
    g_free(modal);
}

static const ModalOps EDITOR_OPS = {editor_key, editor_paste, editor_finish, editor_draw, editor_free};

static void edit_here(ViewCompose *compose)
{
    if (strlen(buffer_text(compose->buffer)) >= BUFFER_MAX_BYTES) {
        ui_error(compose->view.ui,
                 _("this text is too long for the built-in editor; :set editor=external takes another"));
        return;
    }
    EditorModal *modal = g_new0(EditorModal, 1);
    *modal = (EditorModal){{&EDITOR_OPS, compose->view.ui}, g_strdup(compose->draft->id)};
    ui_open_modal(compose->view.ui, &modal->modal); /* frees the one before, which may be another editor's */
    compose->is_editing = TRUE;
}

/* ---- another program ---- */

/* What From and To bring with them, where they are others than before the editor. */
static void take_people(ViewCompose *compose, const Draft *before)
{
    Draft *draft = compose->draft;

    alias_expand_draft(compose->view.ui->context->config, before, draft);
    if (!g_str_equal(draft->fields[DRAFT_FROM], before->fields[DRAFT_FROM])) {
        g_autofree char *typed = g_strdup(draft->fields[DRAFT_FROM]);
        draft_set(draft, DRAFT_FROM, before->fields[DRAFT_FROM]); /* whose fields go */
        compose_set_from(compose, typed);
    }
    if (!g_str_equal(draft->fields[DRAFT_TO], before->fields[DRAFT_TO]))
        compose_fit_to(compose);
}

/* The terminal is the editor's; tern's connections go on meanwhile. */
static gboolean run_editor(ViewCompose *compose, const char *option, gboolean with_headers, GError **error)
{
    Ui *ui = compose->view.ui;
    g_autofree char *path = editor_write(compose->draft, ui->context->paths->data, with_headers, error);
    g_auto(GStrv) argv = path ? editor_argv(option, path) : NULL;

    if (!argv)
        return FALSE;
    g_autoptr(Draft) before = draft_copy(compose->draft);
    int hold = editor_hold(path);
    screen_suspend();
    const SpawnStop stop = {ui_stops, ui_goes_on, ui};
    int status = spawn_foreground((const char *const *)argv, &stop, error);
    screen_resume();
    if (hold >= 0)
        close(hold);
    ui->is_stale = ui->draw_whole = TRUE;
    if (status < 0 || !editor_read(compose->draft, path, with_headers, status, error))
        return FALSE;
    compose_give_body(compose);
    if (with_headers)
        take_people(compose, before);
    return TRUE;
}

static void edit_outside(ViewCompose *compose, const char *option)
{
    g_autoptr(GError) error = NULL;

    compose_save(compose); /* while the editor runs; what it saves is found by the draft */
    if (!run_editor(compose, option, ui_option_bool(compose->view.ui, "edit-headers"), &error)) {
        ui_error(compose->view.ui, error->message);
        return;
    }
    compose_changed(compose);
    compose_save(compose);
}

/* ---- which one ---- */

static void start_editor(ViewCompose *compose, const char *option)
{
    if (g_str_equal(option, "builtin"))
        edit_here(compose);
    else
        edit_outside(compose, option);
}

static void editor_chosen(Ui *ui, void *data, const PickerItem *item)
{
    ViewCompose *compose = compose_find(ui, data);
    const char *option = item->value ? "external" : "builtin";

    history_add(ui->history, EDITOR_HISTORY, option);
    ui_set_option(ui, "editor", option, NULL);
    if (compose)
        start_editor(compose, option);
}

static void ask_editor(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;
    const char *visual = g_getenv("VISUAL"), *editor = g_getenv("EDITOR");
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);

    g_ptr_array_add(items, picker_item_new("builtin", _("here, in the message"), NULL, 0));
    g_ptr_array_add(items, picker_item_new("external",
                                           visual && *visual   ? visual
                                           : editor && *editor ? editor
                                                               : "vi",
                                           NULL, 1));
    picker_open(ui, &(PickerWants){.label = _("Write messages with (editor in tern.conf): "),
                                   .items = items,
                                   .chosen = editor_chosen,
                                   .data = g_strdup(compose->draft->id),
                                   .free_data = g_free});
}

gboolean compose_stays(ViewCompose *compose)
{
    if (compose->draft->kind != DRAFT_RESEND)
        return FALSE;
    ui_error(compose->view.ui,
             _("a message that is sent on stays as it is; e in the list edits it as a new one"));
    return TRUE;
}

void compose_edit(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;
    const char *option = ui_option(ui, "editor");
    const GPtrArray *before = *option ? NULL : history_lines(ui->history, EDITOR_HISTORY);

    if (compose_stays(compose))
        return;
    if (*option)
        start_editor(compose, option);
    else if (before->len)
        start_editor(compose, before->pdata[before->len - 1]);
    else
        ask_editor(compose);
}
