/*
 * view_contacts.c - the contacts as a view: everybody, the most used first, fewer with each letter that is
 * typed behind "/".
 *
 *      Zoë Brontë            zoe@example.com                                     mine
 *      Board                 Pat O'Neill <pat@example.com>, zoe@example.com     khard
 *      Shop                  info@shop.example                                   mail
 */
#include "ui/views.h"

#include "base/i18n.h"
#include "ui/command.h"
#include "ui/compose.h"
#include "ui/contact_commands.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/ui.h"

#include <string.h>

/* From here on a row says where its contact is from. */
#define PLACE_FROM_COLUMNS 60
#define PLACE_COLUMNS 12

typedef struct {
    View view;
    char *filter, *before; /* before: what the filter was when it began to be typed */
    GPtrArray *rows;       /* const Contact *, of the ui's contacts as of `number`; NULL: not read yet */
    guint number;
    char *at; /* the contact under the cursor: it stays on it */
    guint cursor, top;
    int height;
} ViewContacts;

static const ViewOps CONTACTS_OPS;

/* ---- rows and cursor ---- */

static const Contact *row_at(const ViewContacts *view, guint n)
{
    return view->rows && n < view->rows->len ? view->rows->pdata[n] : NULL;
}

static void move_to(ViewContacts *view, gint64 row)
{
    const gint64 n = view->rows ? (gint64)view->rows->len : 0;

    view->cursor = n ? (guint)CLAMP(row, 0, n - 1) : 0;
    g_free(view->at);
    view->at = n ? contact_format(row_at(view, view->cursor)) : NULL;
}

/* The contact that the cursor was on; else what came into its place. */
static void find_cursor(ViewContacts *view)
{
    guint found = view->cursor;

    for (guint i = 0; view->at && view->rows && i < view->rows->len; i++) {
        g_autofree char *text = contact_format(row_at(view, i));
        if (!g_str_equal(text, view->at))
            continue;
        found = i;
        break;
    }
    move_to(view, found);
}

/* The rows are borrowed: whoever looks at them calls this first. */
static void refresh(ViewContacts *view)
{
    guint number;
    const Contacts *contacts = ui_contacts(view->view.ui, &number);

    if (!contacts || (view->rows && view->number == number))
        return;
    g_clear_pointer(&view->rows, g_ptr_array_unref);
    view->rows = contacts_list(contacts, view->filter);
    view->number = number;
    find_cursor(view);
}

static void set_filter(ViewContacts *view, const char *filter)
{
    const Contacts *contacts = ui_contacts(view->view.ui, &view->number);

    g_free(view->filter);
    view->filter = g_strdup(filter);
    g_clear_pointer(&view->rows, g_ptr_array_unref);
    view->rows = contacts ? contacts_list(contacts, filter) : NULL;
    view->top = 0;
    move_to(view, 0);
    ui_redraw(view->view.ui);
}

/* ---- searching as one types ---- */

static ViewContacts *on_top(Ui *ui)
{
    View *top = ui_top(ui);

    return top && top->ops == &CONTACTS_OPS ? (ViewContacts *)top : NULL;
}

static void filter_typed(Ui *ui, G_GNUC_UNUSED void *data, const char *line)
{
    ViewContacts *view = on_top(ui);

    if (view)
        set_filter(view, line);
}

static void filter_done(Ui *ui, G_GNUC_UNUSED void *data, const char *text)
{
    ViewContacts *view = on_top(ui);

    if (view && !g_str_equal(view->filter, text ? text : view->before))
        set_filter(view, text ? text : view->before);
}

static void ask_filter(ViewContacts *view)
{
    g_free(view->before);
    view->before = g_strdup(view->filter);
    prompt_open(
        view->view.ui,
        &(PromptWants){.label = "/", .text = view->filter, .typed = filter_typed, .done = filter_done});
}

/* ---- commands ---- */

static gboolean move_command(ViewContacts *view, int command)
{
    const gint64 page = MAX(view->height - 1, 1), half = (page + 1) / 2, cursor = view->cursor;

    switch (command) {
    case COMMAND_NEXT:
    case COMMAND_PREVIOUS:
        move_to(view, command == COMMAND_NEXT ? cursor + 1 : cursor - 1);
        return TRUE;
    case COMMAND_PAGE_DOWN:
    case COMMAND_PAGE_UP:
        move_to(view, command == COMMAND_PAGE_DOWN ? cursor + page : cursor - page);
        return TRUE;
    case COMMAND_HALF_DOWN:
    case COMMAND_HALF_UP:
        move_to(view, command == COMMAND_HALF_DOWN ? cursor + half : cursor - half);
        return TRUE;
    case COMMAND_FIRST:
    case COMMAND_LAST:
        move_to(view, command == COMMAND_FIRST ? 0 : G_MAXINT);
        return TRUE;
    default:
        return FALSE;
    }
}

/* What is done with the contact under the cursor. */
static gboolean contact_command(Ui *ui, const Contact *contact, int command)
{
    static const struct {
        int command;
        void (*run)(Ui *ui, const Contact *contact);
    } COMMANDS[] = {{COMMAND_OPEN, contact_write_to},
                    {COMMAND_COMPOSE, contact_write_to},
                    {COMMAND_CONTACT_EDIT, contact_edit},
                    {COMMAND_CONTACT_REMOVE, contact_remove}};

    for (gsize i = 0; i < G_N_ELEMENTS(COMMANDS); i++) {
        if (COMMANDS[i].command != command)
            continue;
        if (contact)
            COMMANDS[i].run(ui, contact);
        else
            ui_news(ui, "%s", _("Nobody stands here"));
        return TRUE;
    }
    return FALSE;
}

static gboolean contacts_command(View *base, int command, const char *argument)
{
    ViewContacts *view = (ViewContacts *)base;

    refresh(view);
    switch (command) {
    case COMMAND_SEARCH:
        if (argument)
            set_filter(view, argument);
        else
            ask_filter(view);
        return TRUE;
    case COMMAND_CONTACT_ADD:
        contact_add(base->ui, argument);
        return TRUE;
    case COMMAND_UNDO: /* first a message that can be taken back, as everywhere */
        if (!compose_undo(base->ui))
            contact_undo(base->ui);
        return TRUE;
    case COMMAND_BACK: /* first out of the search */
        if (!*view->filter)
            return FALSE;
        set_filter(view, "");
        return TRUE;
    case COMMAND_COMPOSE:
        if (argument)
            return FALSE;
        return contact_command(base->ui, row_at(view, view->cursor), command);
    default:
        return move_command(view, command) || contact_command(base->ui, row_at(view, view->cursor), command);
    }
}

/* ---- drawing ---- */

static const char *place_of(const Contact *contact)
{
    return contact->source == CONTACT_OWN     ? _("mine")
           : contact->source == CONTACT_ALIAS ? _("alias")
           : contact->source == CONTACT_FILE  ? contact->place
           : contact->source == CONTACT_FOUND ? _("found")
                                              : _("mail");
}

static void draw_row(const Contact *contact, ViewRect rect, gboolean has_cursor)
{
    const unsigned cursor = has_cursor ? STYLE_CURSOR : 0;
    const unsigned bold = contact->source == CONTACT_OWN ? STYLE_BOLD : 0;
    const int name = CLAMP(rect.columns / 3, 6, 30);
    int column = rect.column + 1, end = rect.column + rect.columns - 1;

    if (has_cursor)
        screen_fill(rect.row, rect.column, rect.columns, SLOT_NORMAL | cursor);
    if (rect.columns >= PLACE_FROM_COLUMNS) {
        end = screen_text_right(rect.row, end - PLACE_COLUMNS, PLACE_COLUMNS, SLOT_DIM | cursor,
                                place_of(contact)) -
              2;
    }
    screen_text_cut(rect.row, column, MIN(name, end - column), SLOT_PERSON | cursor | bold, contact->name);
    column += name + 2;
    if (column < end)
        screen_text_cut(rect.row, column, end - column, SLOT_NORMAL | cursor,
                        contact->list ? contact->list : contact->address);
}

static void scroll(ViewContacts *view, int rows)
{
    const guint height = (guint)MAX(rows, 1);

    view->height = rows;
    if (view->cursor < view->top)
        view->top = view->cursor;
    if (view->cursor >= view->top + height)
        view->top = view->cursor - height + 1;
    if (view->top + height > view->rows->len)
        view->top = view->rows->len > height ? view->rows->len - height : 0;
}

static void contacts_draw(View *base, ViewRect rect, gboolean focused)
{
    ViewContacts *view = (ViewContacts *)base;

    refresh(view);
    if (!view->rows || !view->rows->len) {
        screen_text_cut(rect.row, rect.column + 1, rect.columns - 1, SLOT_DIM,
                        !view->rows     ? _("The contacts are being read.")
                        : *view->filter ? _("Nobody fits.")
                                        : _("Nobody is known yet."));
        return;
    }
    scroll(view, rect.rows);
    for (int i = 0; i < rect.rows && row_at(view, view->top + (guint)i); i++)
        draw_row(row_at(view, view->top + (guint)i), (ViewRect){rect.row + i, rect.column, 1, rect.columns},
                 focused && view->top + (guint)i == view->cursor);
}

static void contacts_title(View *base, char **left_out, char **right_out)
{
    ViewContacts *view = (ViewContacts *)base;

    refresh(view);
    const guint n = view->rows ? view->rows->len : 0;
    *left_out = *view->filter ? g_strdup_printf(_("Contacts · %s"), view->filter) : g_strdup(_("Contacts"));
    *right_out = g_strdup_printf(ngettext_("%u contact", "%u contacts", n), n);
}

static void contacts_status(View *base, char **left_out, char **right_out)
{
    const ViewContacts *view = (const ViewContacts *)base;
    const guint n = view->rows ? view->rows->len : 0;

    *left_out = NULL;
    *right_out = n ? g_strdup_printf(_("%u of %u"), view->cursor + 1, n) : NULL;
}

static void contacts_changed(G_GNUC_UNUSED View *view, G_GNUC_UNUSED const EngineEvent *event)
{
}

static void contacts_free_view(View *base)
{
    ViewContacts *view = (ViewContacts *)base;

    g_free(view->filter);
    g_free(view->before);
    g_free(view->at);
    g_clear_pointer(&view->rows, g_ptr_array_unref);
    g_free(view);
}

static const ViewOps CONTACTS_OPS = {
    .name = "contacts",
    .context = CONTEXT_CONTACTS,
    .hints = "open,search,contact-add,contact-edit,contact-remove,back,help",
    .draw = contacts_draw,
    .command = contacts_command,
    .changed = contacts_changed,
    .title = contacts_title,
    .status = contacts_status,
    .free = contacts_free_view,
};

View *view_contacts_new(Ui *ui, const char *filter)
{
    ViewContacts *view = g_new0(ViewContacts, 1);

    view->view = (View){&CONTACTS_OPS, ui};
    view->filter = g_strdup(filter ? filter : "");
    refresh(view);
    return &view->view;
}
