/*
 * compose_draw.c - what is seen of a message that is being written: header fields, text and attachments on
 * one screen.
 *
 *      From … Subject     as many as there is room for; with little of it the text has it
 *      ─────────────
 *      text               the buffer's rows, from `top` on
 *      ─────────────
 *      + 1  plan.pdf      if there are any
 */
#include "base/i18n.h"
#include "compose/send.h"
#include "ui/compose_private.h"
#include "ui/screen.h"
#include "ui/ui.h"

#define LABEL_COLUMNS 9
/* Rows that the text has at least, before header fields are left out. */
#define BODY_LEAST_ROWS 3
/* Likewise the attachments, with their rule. */
#define ATTACHED_LEAST_ROWS 2

static gboolean is_shown(const ViewCompose *compose, DraftField field)
{
    return *compose->draft->fields[field] || (field != DRAFT_BCC && field != DRAFT_REPLY_TO);
}

static void draw_field(const char *name, const char *value, unsigned slot, int row, ViewRect rect)
{
    int label = rect.columns < 40 ? 5 : LABEL_COLUMNS, column = rect.column + 1;

    screen_text_cut(row, column, label - 1, SLOT_HEADER_NAME, name);
    screen_text_cut(row, column + label, rect.columns - label - 1, slot, value);
}

/* Which fields there is room for: before all others whom it goes to, who must not be hidden from its writer. Gives
 * how many. */
static int choose_fields(const ViewCompose *compose, int room, gboolean drawn[DRAFT_FIELDS])
{
    static const DraftField PEOPLE[] = {DRAFT_TO, DRAFT_CC, DRAFT_BCC},
                            BY_USE[] = {DRAFT_TO, DRAFT_SUBJECT, DRAFT_FROM,
                                        DRAFT_CC, DRAFT_BCC,     DRAFT_REPLY_TO};
    int n = 0;

    for (guint i = 0; i < G_N_ELEMENTS(PEOPLE) && n < room; i++)
        n += drawn[PEOPLE[i]] = *compose->draft->fields[PEOPLE[i]] != '\0';
    for (guint i = 0; i < G_N_ELEMENTS(BY_USE) && n < room; i++) {
        if (drawn[BY_USE[i]] || !is_shown(compose, BY_USE[i]))
            continue;
        drawn[BY_USE[i]] = TRUE;
        n++;
    }
    return n;
}

/* In the fields' own order. Gives the rows used, with the rule. */
static int draw_header(const ViewCompose *compose, ViewRect rect, int room)
{
    gboolean drawn[DRAFT_FIELDS] = {FALSE};
    g_autofree char *asks = compose_asks_text(compose->draft);
    const char *copy_to = compose->draft->copy_to;
    int used = (asks && room > 1) + (copy_to && room > 2);

    used += choose_fields(compose, room - 1 - used, drawn);
    int row = rect.row;
    for (DraftField field = 0; field < DRAFT_FIELDS; field++)
        if (drawn[field])
            draw_field(draft_field_name(field), compose->draft->fields[field],
                       field == DRAFT_SUBJECT ? SLOT_SUBJECT : SLOT_HEADER_VALUE, row++, rect);
    if (asks && room > 1)
        draw_field(_("Asks for"), asks, SLOT_HEADER_VALUE, row++, rect);
    if (copy_to && room > 2)
        draw_field(_("Copy to"), copy_to, SLOT_HEADER_VALUE, row++, rect);
    if (used)
        screen_rule(row++, rect.column + 1, rect.columns - 2);
    return row - rect.row;
}

static char *size_text(int64_t bytes)
{
    return bytes < 1000      ? g_strdup_printf(_("%d bytes"), (int)bytes)
           : bytes < 1000000 ? g_strdup_printf(_("%d KB"), (int)((bytes + 500) / 1000))
                             : g_strdup_printf(_("%d MB"), (int)((bytes + 500000) / 1000000));
}

static void draw_attachment(const DraftAttachment *attachment, guint number, int row, ViewRect rect)
{
    g_autofree char *size = size_text(attachment->size_bytes);
    g_autofree char *place = g_strdup_printf("%s %u  ", screen_symbol(SYMBOL_ATTACHMENT), number);
    int at = rect.column + 1, end = rect.column + rect.columns - 1;
    int right = screen_text_right(row, at, end - at, SLOT_DIM, size);

    at += screen_text(row, at, end - at, SLOT_ATTACHMENT, place);
    at += screen_text_cut(row, at, MIN(right - at - 1, MAX((end - at) / 2, 20)), SLOT_ATTACHMENT,
                          attachment->name) +
          2;
    screen_text_cut(row, at, right - at - 1, SLOT_DIM, attachment->words);
}

/* "2 MB of 25 MB", on the rule: what will go out, and what the server takes. */
static void draw_total(const ViewCompose *compose, int row, ViewRect rect)
{
    const int64_t total = send_size(compose->draft), limit = compose_limit(compose);
    g_autofree char *size = size_text(total), *most = size_text(limit);
    g_autofree char *text = limit ? g_strdup_printf(_(" %s of %s "), size, most) : NULL;

    if (text)
        screen_text_right(row, rect.column + 1, rect.columns - 2,
                          total > limit ? SLOT_SECURITY_BAD | STYLE_BOLD : SLOT_DIM, text);
}

/* At the bottom of the rectangle; gives the rows used. */
static int draw_attachments(const ViewCompose *compose, ViewRect rect, int room)
{
    const GPtrArray *all = compose->draft->attachments;
    int n = MIN((int)all->len, room - 1);

    if (n < 1)
        return 0;
    int row = rect.row + rect.rows - n - 1;
    screen_rule(row, rect.column + 1, rect.columns - 2);
    draw_total(compose, row++, rect);
    for (int i = 0; i < n; i++) {
        if (i == n - 1 && (int)all->len > n) {
            g_autofree char *more = g_strdup_printf(i ? _("and %d more") : _("%d files"), (int)all->len - i);
            screen_text(row + i, rect.column + 1, rect.columns - 2, SLOT_DIM, more);
        } else {
            draw_attachment(all->pdata[i], (guint)i + 1, row + i, rect);
        }
    }
    return n + 1;
}

static unsigned quote_style(const char *line, gsize bytes)
{
    guint depth = 0;

    for (gsize i = 0; i < bytes && (line[i] == '>' || line[i] == ' '); i++)
        depth += line[i] == '>';
    return depth == 0 ? SLOT_NORMAL : SLOT_QUOTE_1 + (MIN(depth, 5) - 1);
}

static void draw_body(ViewCompose *compose, ViewRect rect)
{
    int column, columns = MIN(rect.columns - 1, (int)ui_option_int(compose->view.ui, "text-width"));

    if (rect.rows < 1)
        return;
    buffer_layout(compose->buffer, columns, rect.rows - 1);
    guint cursor = buffer_cursor_row(compose->buffer, &column);
    if (compose->is_editing)
        compose->top =
            CLAMP(compose->top, cursor >= (guint)rect.rows ? cursor - (guint)rect.rows + 1 : 0, cursor);
    /* No row stays empty below the text while there is some above, such as when the screen has grown. */
    const guint rows = buffer_rows(compose->buffer), height = (guint)rect.rows;
    compose->top = MIN(compose->top, rows > height ? rows - height : 0);
    for (guint i = 0; i < (guint)rect.rows && compose->top + i < buffer_rows(compose->buffer); i++) {
        const BufferRow row = buffer_row(compose->buffer, compose->top + i);
        g_autofree char *text = g_strndup(buffer_text(compose->buffer) + row.offset, row.length);
        screen_text(rect.row + (int)i, rect.column + 1, rect.columns - 1, quote_style(text, row.length),
                    text);
    }
    if (compose->is_editing)
        screen_cursor(rect.row + (int)(cursor - compose->top), rect.column + 1 + column);
}

void compose_draw(View *view, ViewRect rect, G_GNUC_UNUSED gboolean focused)
{
    ViewCompose *compose = (ViewCompose *)view;
    compose->columns = rect.columns;
    /* Somebody who does not see what is attached does not know what is sent. */
    const int attached = compose->draft->attachments->len ? ATTACHED_LEAST_ROWS : 0;
    int header = draw_header(compose, rect, rect.rows - BODY_LEAST_ROWS - attached);

    rect.row += header;
    rect.rows -= header;
    rect.rows -= draw_attachments(compose, rect, MIN(rect.rows - BODY_LEAST_ROWS, rect.rows / 2));
    draw_body(compose, rect);
}
