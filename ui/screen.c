/* screen.c - see screen.h. */
#include "ui/screen.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "ui/terminal.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

/* An escape sequence that a terminal sends comes at once; only the Esc key alone waits so long. */
#define ESCAPE_DELAY_MS 25

typedef struct {
    attr_t attributes;
    int pair;
} Pen;

static struct {
    SCREEN *terminal;
    WINDOW *input; /* a pad: reading from stdscr would draw behind our back */
    Pen pens[THEME_SLOTS];
    int colors;
    gboolean is_utf8, is_ascii, is_open, knows_modes;
    int cursor_row, cursor_column;
} screen = {.cursor_row = -1};

/* UTF-8 and its twin in ASCII. */
static const struct {
    const char *symbol, *twin;
} SYMBOLS[SYMBOL_COUNT] = {
    [SYMBOL_NEW] = {"●", "*"},         [SYMBOL_FLAGGED] = {"★", "!"},    [SYMBOL_ANSWERED] = {"↩", "r"},
    [SYMBOL_FORWARDED] = {"→", "f"},   [SYMBOL_DELETED] = {"D", "D"},    [SYMBOL_FOLDED] = {"▸", "+"},
    [SYMBOL_UNFOLDED] = {"▾", "-"},    [SYMBOL_VERTICAL] = {"│", "|"},   [SYMBOL_BRANCH] = {"├", "|"},
    [SYMBOL_LAST_BRANCH] = {"└", "`"}, [SYMBOL_HORIZONTAL] = {"─", "-"}, [SYMBOL_LIVE] = {"●", "*"},
    [SYMBOL_BUSY] = {"◐", "%"},        [SYMBOL_OFFLINE] = {"○", "-"},    [SYMBOL_ATTENTION] = {"!", "!"},
    [SYMBOL_DOT] = {"·", "|"},         [SYMBOL_DASH] = {"—", "-"},       [SYMBOL_ELLIPSIS] = {"…", "~"},
    [SYMBOL_ATTACHMENT] = {"+", "+"},
};

static const char *const EIGHTHS[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

static const struct {
    int code;
    const char *name;
} KEYS[] = {
    {KEY_UP, "Up"},      {KEY_DOWN, "Down"},    {KEY_LEFT, "Left"}, {KEY_RIGHT, "Right"}, {KEY_NPAGE, "PgDn"},
    {KEY_PPAGE, "PgUp"}, {KEY_HOME, "Home"},    {KEY_END, "End"},   {KEY_BTAB, "S-Tab"},  {KEY_DC, "Del"},
    {KEY_IC, "Ins"},     {KEY_BACKSPACE, "BS"}, {KEY_F(1), "F1"},   {KEY_F(2), "F2"},     {KEY_F(3), "F3"},
    {KEY_F(4), "F4"},    {KEY_F(5), "F5"},      {KEY_F(6), "F6"},   {KEY_F(7), "F7"},     {KEY_F(8), "F8"},
    {KEY_F(9), "F9"},    {KEY_F(10), "F10"},    {KEY_F(11), "F11"}, {KEY_F(12), "F12"},
};

/* Keys are known in both of their forms, whatever the terminal's description says: many a terminal sends the
 * other. */
static const struct {
    const char *sequence;
    int code;
} SEQUENCES[] = {
    {"\033[A", KEY_UP},
    {"\033OA", KEY_UP},
    {"\033[B", KEY_DOWN},
    {"\033OB", KEY_DOWN},
    {"\033[C", KEY_RIGHT},
    {"\033OC", KEY_RIGHT},
    {"\033[D", KEY_LEFT},
    {"\033OD", KEY_LEFT},
    {"\033[H", KEY_HOME},
    {"\033OH", KEY_HOME},
    {"\033[1~", KEY_HOME},
    {"\033[7~", KEY_HOME},
    {"\033[F", KEY_END},
    {"\033OF", KEY_END},
    {"\033[4~", KEY_END},
    {"\033[8~", KEY_END},
    {"\033[5~", KEY_PPAGE},
    {"\033[6~", KEY_NPAGE},
    {"\033[3~", KEY_DC},
    {"\033[2~", KEY_IC},
    {"\033[Z", KEY_BTAB},
    {"\033OP", KEY_F(1)},
    {"\033OQ", KEY_F(2)},
    {"\033OR", KEY_F(3)},
    {"\033OS", KEY_F(4)},
    {"\033[200~", SCREEN_PASTE_BEGIN},
    {"\033[201~", SCREEN_PASTE_END},
};

/* ---- opening and closing ---- */

static void open_colors(void)
{
    const char *no_color = getenv("NO_COLOR");

    screen.colors = 0;
    if ((no_color && *no_color) || !has_colors() || start_color() == ERR)
        return;
    use_default_colors();
    screen.colors = COLORS >= THEME_DIRECT ? THEME_DIRECT
                    : COLORS >= 256        ? 256
                    : COLORS >= 16         ? 16
                    : COLORS >= 8          ? 8
                                           : 0;
}

static void take_terminal(void)
{
    raw(); /* Ctrl-C, Ctrl-Z, Ctrl-S and the like are keys */
    noecho();
    nonl();
    curs_set(0);
    if (screen.knows_modes)
        terminal_mark_paste(TRUE);
}

static void leave_terminal(void)
{
    if (screen.knows_modes)
        terminal_mark_paste(FALSE);
    curs_set(1);
    endwin();
}

gboolean screen_open(GError **error)
{
    if (!terminal_check(error))
        return FALSE;
    screen.is_utf8 = charset_locale_is_utf8();
    screen.is_ascii = !screen.is_utf8;
    screen.terminal = newterm(NULL, stdout, stdin);
    if (!screen.terminal) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the terminal cannot be used"));
        return FALSE;
    }
    screen.knows_modes = terminal_knows_modes();
    set_escdelay(ESCAPE_DELAY_MS);
    take_terminal();
    open_colors();
    screen.input = newpad(1, 1);
    keypad(screen.input, TRUE);
    nodelay(screen.input, TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(SEQUENCES); i++)
        if (key_defined(SEQUENCES[i].sequence) == 0)
            define_key(SEQUENCES[i].sequence, SEQUENCES[i].code);
    screen.is_open = TRUE;
    return TRUE;
}

void screen_close(void)
{
    if (!screen.is_open)
        return;
    screen.is_open = FALSE;
    leave_terminal();
    delwin(screen.input);
    delscreen(screen.terminal);
    screen.terminal = NULL;
}

void screen_suspend(void)
{
    leave_terminal();
}

void screen_resume(void)
{
    take_terminal();
    screen_resize();
    screen_flush(TRUE);
}

void screen_resize(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
    clearok(curscr, TRUE);
}

int screen_rows(void)
{
    return LINES;
}

int screen_columns(void)
{
    return COLS;
}

/* ---- styles ---- */

static attr_t curses_attributes(unsigned attributes)
{
    attr_t result = A_NORMAL;

    result |= attributes & THEME_BOLD ? A_BOLD : 0;
    result |= attributes & THEME_DIM ? A_DIM : 0;
    result |= attributes & THEME_ITALIC ? A_ITALIC : 0;
    result |= attributes & THEME_UNDERLINE ? A_UNDERLINE : 0;
    result |= attributes & THEME_REVERSE ? A_REVERSE : 0;
    return result;
}

void screen_set_theme(const Theme *theme)
{
    for (int i = 0; i < THEME_SLOTS; i++) {
        ThemeStyle style = theme_map(theme->slots[i], screen.colors);
        int pair = screen.colors ? alloc_pair(style.foreground, style.background) : 0;
        screen.pens[i] = (Pen){curses_attributes(style.attributes), pair > 0 ? pair : 0};
    }
}

void screen_set_ascii(gboolean is_ascii)
{
    screen.is_ascii = is_ascii || !screen.is_utf8;
}

gboolean screen_is_ascii(void)
{
    return screen.is_ascii;
}

const char *screen_symbol(Symbol symbol)
{
    return screen.is_ascii ? SYMBOLS[symbol].twin : SYMBOLS[symbol].symbol;
}

static void set_pen(unsigned style)
{
    unsigned slot = style & STYLE_CURSOR ? SLOT_CURSOR : style & STYLE_SLOT;
    Pen pen = screen.pens[slot < THEME_SLOTS ? slot : SLOT_NORMAL];
    attr_t attributes = pen.attributes;

    attributes |= style & STYLE_BOLD ? A_BOLD : A_NORMAL;
    attributes |= style & STYLE_ITALIC ? A_ITALIC : A_NORMAL;
    attributes |= style & STYLE_UNDERLINE ? A_UNDERLINE : A_NORMAL;

    wattr_set(stdscr, attributes, (short)MIN(pen.pair, G_MAXSHORT), &pen.pair);
}

/* ---- text ---- */

static gboolean is_on_screen(int row, int column)
{
    return row >= 0 && row < LINES && column >= 0 && column < COLS;
}

/* A character whose columns curses and the text library count alike goes out whole. Of another (an emoji
 * joined of several, one with a variation selector) only its base and marks do, so that curses' picture and
 * the terminal's stay the same. */
static void put_grapheme(int row, int column, const char *text, gsize bytes, int width_cols)
{
    wchar_t wide[24];
    guint n = 0;
    int counted = 0;

    for (const char *p = text; p < text + bytes && n < G_N_ELEMENTS(wide) - 1; p = g_utf8_next_char(p)) {
        wide[n] = (wchar_t)g_utf8_get_char(p);
        int width = wcwidth(wide[n]);
        if (width < 0 || (n == 0 && width == 0))
            continue;
        counted += width;
        n++;
    }
    if (n > 1 && counted != width_cols) {
        guint kept = 1;
        while (kept < n && wcwidth(wide[kept]) == 0 && wide[kept] != 0xfe0f && wide[kept] != 0x200d)
            kept++;
        n = kept;
        counted = wcwidth(wide[0]);
    }
    if (n && counted <= width_cols)
        mvwaddnwstr(stdscr, row, column, wide, (int)n);
    for (int i = n && counted <= width_cols ? counted : 0; i < width_cols; i++)
        mvwaddnstr(stdscr, row, column + i, " ", 1);
}

static void put_utf8(int row, int column, const char *text, gsize bytes)
{
    while (bytes) {
        gsize run = 0;
        int width = 0;
        while (run < bytes && (guchar)text[run] < 0x80 && (run + 1 == bytes || (guchar)text[run + 1] < 0x80))
            run++;
        if (run) {
            mvwaddnstr(stdscr, row, column, text, (int)run);
            width = (int)run;
        } else {
            run = text_next_grapheme(text, bytes, &width);
            if (!run)
                return;
            put_grapheme(row, column, text, run, width);
        }
        column += width;
        text += run;
        bytes -= run;
    }
}

static void put(int row, int column, const char *text, gsize bytes)
{
    if (screen.is_utf8) {
        put_utf8(row, column, text, bytes);
        return;
    }
    g_autofree char *part = g_strndup(text, bytes);
    g_autofree char *local = charset_to_locale(part);
    mvwaddnstr(stdscr, row, column, local, COLS - column);
}

/* Text made safe; `*made` holds it where it had to be made. */
static const char *safe(const char *text, char **made)
{
    if (sanitise_is_safe(text, -1, SANITISE_LINE))
        return text;
    return *made = sanitise(text, -1, SANITISE_LINE);
}

int screen_width(const char *text)
{
    g_autofree char *made = NULL;

    return text_width_cols(safe(text, &made), -1);
}

int screen_text(int row, int column, int columns, unsigned style, const char *text)
{
    g_autofree char *made = NULL;
    int width = 0;

    if (!is_on_screen(row, column))
        return 0;
    const char *shown = safe(text, &made);
    gsize bytes = text_fit(shown, -1, MAX(MIN(columns, COLS - column), 0), &width);
    set_pen(style);
    put(row, column, shown, bytes);
    return width;
}

int screen_text_cut(int row, int column, int columns, unsigned style, const char *text)
{
    g_autofree char *made = NULL, *cut = NULL;
    const char *shown = safe(text, &made);

    columns = MIN(columns, COLS - column);
    if (columns > 0 && text_width_cols(shown, -1) > columns)
        cut = text_ellipsize(shown, columns, screen.is_ascii);
    return screen_text(row, column, columns, style, cut ? cut : shown);
}

int screen_text_right(int row, int column, int columns, unsigned style, const char *text)
{
    int start = column + MAX(columns - screen_width(text), 0);

    screen_text_cut(row, start, column + columns - start, style, text);
    return start;
}

void screen_erase(void)
{
    werase(stdscr);
}

void screen_fill(int row, int column, int columns, unsigned style)
{
    if (!is_on_screen(row, column))
        return;
    set_pen(style);
    for (int i = column; i < MIN(column + columns, COLS); i++)
        mvwaddnstr(stdscr, row, i, " ", 1);
}

void screen_rule(int row, int column, int columns)
{
    for (int i = 0; i < columns; i++)
        screen_text(row, column + i, 1, SLOT_RULE, screen_symbol(SYMBOL_HORIZONTAL));
}

void screen_rule_down(int row, int column, int rows)
{
    for (int i = 0; i < rows; i++)
        screen_text(row + i, column, 1, SLOT_RULE, screen_symbol(SYMBOL_VERTICAL));
}

char *screen_bar(int columns, gint64 done, gint64 total)
{
    int cells = MAX(columns - 2, 0);
    double eighths = total > 0 ? (double)done * cells * 8 / (double)total : 0;
    GString *bar = g_string_new(screen.is_ascii ? "[" : "▏");

    for (int i = 0; i < cells; i++) {
        int filled = CLAMP((int)eighths - i * 8, 0, 8);
        g_string_append(bar, screen.is_ascii ? (filled > 4 ? "#" : " ") : EIGHTHS[filled]);
    }
    g_string_append(bar, screen.is_ascii ? "]" : "▕");
    return g_string_free(bar, FALSE);
}

/* ---- out and in ---- */

void screen_cursor(int row, int column)
{
    screen.cursor_row = row;
    screen.cursor_column = column;
}

void screen_flush(gboolean whole)
{
    gboolean is_seen = is_on_screen(screen.cursor_row, screen.cursor_column);

    if (whole)
        clearok(curscr, TRUE);
    if (screen.knows_modes)
        terminal_begin_frame();
    curs_set(is_seen ? 1 : 0);
    if (is_seen)
        wmove(stdscr, screen.cursor_row, screen.cursor_column);
    wrefresh(stdscr);
    if (screen.knows_modes)
        terminal_end_frame();
}

int screen_read_key(void)
{
    int key = wgetch(screen.input);

    return key == ERR ? -1 : key;
}

const char *screen_key_name(int code)
{
    for (guint i = 0; i < G_N_ELEMENTS(KEYS); i++)
        if (KEYS[i].code == code)
            return KEYS[i].name;
    return NULL;
}

int screen_key_code(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(KEYS); i++)
        if (g_str_equal(KEYS[i].name, name))
            return KEYS[i].code;
    return -1;
}
