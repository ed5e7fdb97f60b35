/*
 * view_outbox.c - what waits to be sent, as a view: a row for each message, and below them why the one under
 * the cursor is there and what can be done about it.
 *
 *      11:58 ! failed   bob@example.org          Budget meeting
 *      12:02 · later    team@example.org         Agenda
 *      ──────────────
 *      It was not sent: bob@example.org: there is no such mailbox
 *      e edits it, y sends it again, d throws it away.
 */
#include "ui/views.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "ui/command.h"
#include "ui/outbox.h"
#include "ui/screen.h"
#include "ui/ui.h"

#include <string.h>

/* From here on a row has its date. */
#define DATE_FROM_COLUMNS 60
#define DATE_COLUMNS 8
/* "! unknown " */
#define STATE_COLUMNS 10
/* On a small screen the list has so many rows, and what can be done is seen all the same. */
#define SMALL_ROWS 12
#define SMALL_LIST_ROWS 3
/* Of a message to a whole list so many recipients are told of. */
#define RECIPIENTS_SHOWN 50

typedef struct {
    View view;
    int64_t id; /* of the message under the cursor: it stays on it */
    guint cursor, top;
    int height;
} ViewOutbox;

static guint n_rows(const ViewOutbox *outbox)
{
    const GPtrArray *rows = outbox_rows(outbox->view.ui);

    return rows ? rows->len : 0;
}

static const OutboxEnvelope *row_at(const ViewOutbox *outbox, guint n)
{
    return n < n_rows(outbox) ? outbox_rows(outbox->view.ui)->pdata[n] : NULL;
}

/* The message that the cursor was on, wherever it is by now; else what came into its place. */
static void find_cursor(ViewOutbox *outbox)
{
    const guint n = n_rows(outbox);

    for (guint i = 0; i < n; i++)
        if (row_at(outbox, i)->id == outbox->id)
            outbox->cursor = i;
    outbox->cursor = n ? MIN(outbox->cursor, n - 1) : 0;
    outbox->id = n ? row_at(outbox, outbox->cursor)->id : 0;
}

static void move_to(ViewOutbox *outbox, gint64 row)
{
    const guint n = n_rows(outbox);

    outbox->cursor = n ? (guint)CLAMP(row, 0, (gint64)n - 1) : 0;
    outbox->id = n ? row_at(outbox, outbox->cursor)->id : 0;
}

static gboolean outbox_view_command(View *view, int command, const char *argument)
{
    ViewOutbox *outbox = (ViewOutbox *)view;
    const gint64 page = MAX(outbox->height - 1, 1);

    find_cursor(outbox);
    const gint64 cursor = outbox->cursor;
    const OutboxEnvelope *envelope = row_at(outbox, outbox->cursor);
    switch (command) {
    case COMMAND_NEXT:
    case COMMAND_PREVIOUS:
        move_to(outbox, command == COMMAND_NEXT ? cursor + 1 : cursor - 1);
        return TRUE;
    case COMMAND_PAGE_DOWN:
    case COMMAND_HALF_DOWN:
        move_to(outbox, cursor + (command == COMMAND_PAGE_DOWN ? page : (page + 1) / 2));
        return TRUE;
    case COMMAND_PAGE_UP:
    case COMMAND_HALF_UP:
        move_to(outbox, cursor - (command == COMMAND_PAGE_UP ? page : (page + 1) / 2));
        return TRUE;
    case COMMAND_FIRST:
    case COMMAND_LAST:
        move_to(outbox, command == COMMAND_FIRST ? 0 : G_MAXINT);
        return TRUE;
    default:
        return envelope && outbox_command(view->ui, envelope, command, argument);
    }
}

/* ---- what is told of the message under the cursor ---- */

typedef struct {
    const char *text;
    unsigned style;
    int row, end, column, columns;
} Telling;

static void tell_line(gsize offset, gsize length, G_GNUC_UNUSED int width_cols, void *data)
{
    Telling *telling = data;
    g_autofree char *line = g_strndup(telling->text + offset, length);

    if (telling->row < telling->end)
        screen_text(telling->row, telling->column, telling->columns, telling->style, line);
    telling->row++;
}

static void tell(Telling *telling, unsigned style, const char *text)
{
    g_autofree char *safe = sanitise(text, -1, SANITISE_LINE);

    telling->text = safe;
    telling->style = style;
    text_wrap(safe, strlen(safe), MAX(telling->columns, 4), tell_line, telling);
}

static void tell_recipient(Telling *telling, const OutboxRecipient *recipient)
{
    static const char *const FATES[] = {
        [OUTBOX_WAITING] = N_("waits"), [OUTBOX_TAKEN] = N_("sent"), [OUTBOX_REFUSED] = N_("refused")};
    g_autofree char *text =
        g_strdup_printf("%s  %s%s%s", recipient->address, _(FATES[recipient->fate]),
                        recipient->reason ? ": " : "", recipient->reason ? recipient->reason : "");

    tell(telling, recipient->fate == OUTBOX_REFUSED ? SLOT_SECURITY_BAD : SLOT_NORMAL, text);
}

static void add_key(GString *text, const View *view, const char *command, const char *words)
{
    g_autofree char *key = keymap_keys_of(ui_keymap(view->ui), CONTEXT_OUTBOX, command, TRUE);

    if (key)
        g_string_append_printf(text, "%s%s %s", text->len ? ", " : "", key, words);
}

/* "e edits it, y sends it again, d throws it away." */
static char *what_to_do(const View *view, const OutboxEnvelope *envelope)
{
    GString *text = g_string_new(NULL);
    const gboolean is_failed = envelope->state == OUTBOX_FAILED;

    if (envelope->state == OUTBOX_UNKNOWN) {
        g_string_append(text, _("Ask whom it is for. "));
        add_key(text, view, "was-sent", _("says that it has arrived"));
        add_key(text, view, "send", _("sends it once more"));
        add_key(text, view, "cancel", _("throws it away"));
    } else if (envelope->state != OUTBOX_SENDING && envelope->state != OUTBOX_SENT) {
        add_key(text, view, "edit-again", _("edits it"));
        add_key(text, view, "send", is_failed ? _("sends it again") : _("sends it now"));
        if (envelope->state == OUTBOX_QUEUED || envelope->not_before_s > 0)
            add_key(text, view, "hold", _("holds it"));
        add_key(text, view, "send-later", _("sends it later"));
        add_key(text, view, "cancel", _("throws it away"));
    }
    g_string_replace(text, ". , ", ". ", 1);
    return g_string_free(g_string_append(text, text->len ? "." : ""), FALSE);
}

static Symbol mark_of(const View *view, const OutboxEnvelope *envelope)
{
    g_autofree char *stray = waiting_stray(envelope, ui_config(view->ui));

    return stray || envelope->state == OUTBOX_FAILED || envelope->state == OUTBOX_UNKNOWN ? SYMBOL_ATTENTION
           : envelope->state == OUTBOX_SENDING                                            ? SYMBOL_BUSY
                                                                                          : SYMBOL_DOT;
}

/* Gives the rows that it takes; nothing is drawn below `rows`. */
static int tell_all(const View *view, const OutboxEnvelope *envelope, ViewRect rect)
{
    Telling telling = {
        .row = rect.row, .end = rect.row + rect.rows, .column = rect.column + 1, .columns = rect.columns - 2};
    g_autofree char *stray = waiting_stray(envelope, ui_config(view->ui)), *what = what_to_do(view, envelope);
    g_autofree char *why = stray ? g_steal_pointer(&stray) : waiting_why(envelope, clock_wall_s());
    const gboolean is_bad = mark_of(view, envelope) == SYMBOL_ATTENTION;
    const guint n = envelope->recipients->len;

    g_autofree char *progress = envelope->state == OUTBOX_SENDING ? outbox_progress(view->ui) : NULL;

    tell(&telling, is_bad ? SLOT_SECURITY_BAD : SLOT_NORMAL, why);
    if (progress)
        tell(&telling, SLOT_PROGRESS, progress);
    if (*what)
        tell(&telling, SLOT_DIM, what);
    for (guint i = 0; n > 1 && i < MIN(n, RECIPIENTS_SHOWN); i++)
        tell_recipient(&telling, envelope->recipients->pdata[i]);
    return telling.row - rect.row;
}

/* ---- drawing ---- */

static void draw_row(const View *view, const OutboxEnvelope *envelope, ViewRect rect, gboolean has_cursor)
{
    const unsigned cursor = has_cursor ? STYLE_CURSOR : 0;
    const gboolean is_bad = mark_of(view, envelope) == SYMBOL_ATTENTION;
    const unsigned slot = is_bad ? SLOT_SECURITY_BAD : SLOT_NORMAL, bold = is_bad ? STYLE_BOLD : 0;
    g_autofree char *target = waiting_for(envelope);
    const int end = rect.column + rect.columns, person = CLAMP(rect.columns / 3, 8, 30);
    int column = rect.column + 1;

    if (has_cursor)
        screen_fill(rect.row, rect.column, rect.columns, SLOT_NORMAL | cursor);
    if (rect.columns >= DATE_FROM_COLUMNS) {
        g_autofree char *date = date_short(envelope->queued_s, clock_wall_s());
        screen_text(rect.row, column, DATE_COLUMNS - 1, SLOT_DATE | cursor, date);
        column += DATE_COLUMNS;
    }
    screen_text(rect.row, column, 1, slot | cursor | bold, screen_symbol(mark_of(view, envelope)));
    screen_text_cut(rect.row, column + 2, STATE_COLUMNS - 2, slot | cursor | bold, waiting_state(envelope));
    column += STATE_COLUMNS;
    screen_text_cut(rect.row, column, MIN(person, end - column), SLOT_PERSON | cursor | bold, target);
    column += person + 1;
    if (column < end)
        screen_text_cut(rect.row, column, end - column, SLOT_SUBJECT | cursor | bold,
                        outbox_envelope_subject(envelope));
}

static void draw_list(ViewOutbox *outbox, ViewRect rect, gboolean focused)
{
    const guint height = (guint)MAX(rect.rows, 1), n = n_rows(outbox);

    outbox->height = rect.rows;
    if (outbox->cursor < outbox->top)
        outbox->top = outbox->cursor;
    if (outbox->cursor >= outbox->top + height)
        outbox->top = outbox->cursor - height + 1;
    if (outbox->top + height > n)
        outbox->top = n > height ? n - height : 0;
    for (int i = 0; i < rect.rows && outbox->top + (guint)i < n; i++)
        draw_row(&outbox->view, row_at(outbox, outbox->top + (guint)i),
                 (ViewRect){rect.row + i, rect.column, 1, rect.columns},
                 focused && outbox->top + (guint)i == outbox->cursor);
}

static void outbox_draw(View *view, ViewRect rect, gboolean focused)
{
    ViewOutbox *outbox = (ViewOutbox *)view;

    find_cursor(outbox);
    const OutboxEnvelope *envelope = row_at(outbox, outbox->cursor);
    if (!envelope && outbox_problem(view->ui)) { /* what waits there is not known */
        Telling telling = {.row = rect.row,
                           .end = rect.row + rect.rows,
                           .column = rect.column + 1,
                           .columns = rect.columns - 2};
        tell(&telling, SLOT_SECURITY_BAD, outbox_problem(view->ui));
        return;
    }
    if (!envelope) {
        screen_text_cut(rect.row, rect.column + 1, rect.columns - 1, SLOT_DIM,
                        outbox_rows(view->ui) ? _("Nothing waits to be sent.")
                                              : _("The outbox is being read."));
        return;
    }
    /* First how much there is to tell: what is not needed the list has, and half of the place if it needs
     * that. */
    const int half = rect.rows < SMALL_ROWS ? rect.rows - SMALL_LIST_ROWS : rect.rows / 2;
    const int most = MAX(rect.rows - (int)n_rows(outbox), half);
    const int needed = tell_all(view, envelope, (ViewRect){rect.row, rect.column, 0, rect.columns}) + 1;
    const int told = most < 2 ? 0 : MIN(needed, most);
    draw_list(outbox, (ViewRect){rect.row, rect.column, rect.rows - told, rect.columns}, focused);
    if (!told)
        return;
    screen_rule(rect.row + rect.rows - told, rect.column + 1, rect.columns - 2);
    tell_all(view, envelope,
             (ViewRect){rect.row + rect.rows - told + 1, rect.column, told - 1, rect.columns});
}

static void outbox_title(View *view, char **left_out, char **right_out)
{
    const GPtrArray *rows = outbox_rows(view->ui);
    const guint n = rows ? rows->len : 0;
    g_autofree char *trouble = outbox_trouble(view->ui, NULL);

    g_autofree char *count = g_strdup_printf(ngettext_("%u message", "%u messages", n), n);

    *left_out = g_strdup(_("Outbox"));
    *right_out = trouble ? g_strdup_printf("%s %s %s", count, screen_symbol(SYMBOL_DOT), trouble)
                         : g_steal_pointer(&count);
}

static void outbox_changed(G_GNUC_UNUSED View *view, G_GNUC_UNUSED const EngineEvent *event)
{
}

static void outbox_free_view(View *view)
{
    g_free(view);
}

static const ViewOps OUTBOX_OPS = {
    .name = "outbox",
    .context = CONTEXT_OUTBOX,
    .hints = "open,send,edit-again,hold,send-later,was-sent,cancel,back,help",
    .draw = outbox_draw,
    .command = outbox_view_command,
    .changed = outbox_changed,
    .title = outbox_title,
    .free = outbox_free_view,
};

View *view_outbox_new(Ui *ui)
{
    ViewOutbox *outbox = g_new0(ViewOutbox, 1);

    outbox->view = (View){&OUTBOX_OPS, ui};
    return &outbox->view;
}
