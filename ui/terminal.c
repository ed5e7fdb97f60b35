/* terminal.c - see terminal.h. Apart from screen.c, since term.h makes macros of words like columns and
 * lines. */
#include "ui/terminal.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"

#include <curses.h>
#include <term.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

gboolean terminal_check(GError **error)
{
    const char *name = getenv("TERM");
    int known = 0;
    gboolean can_move = FALSE;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("tern's screen needs a terminal; without one use its commands (see tern --help)"));
        return FALSE;
    }
    if (!name || !*name || setupterm(name, STDOUT_FILENO, &known) == ERR) {
        g_autofree char *safe = sanitise(name ? name : "", -1, SANITISE_LINE);
        tern_error_set(
            error, TERN_ERROR_INPUT,
            _("the terminal type “%s” (TERM) is not known here; set TERM=xterm-256color, TERM=vt100 or "
              "what your terminal is, or install ncurses-term"),
            safe);
        return FALSE;
    }
    can_move = cursor_address != NULL;
    del_curterm(cur_term); /* the screen reads its own */
    if (!can_move) {
        tern_error_set(
            error, TERN_ERROR_INPUT,
            _("the terminal type “%s” (TERM) cannot move its cursor, which tern's screen needs; set TERM "
              "to what your terminal is, or use tern's commands (see tern --help)"),
            name);
        return FALSE;
    }
    return TRUE;
}

gboolean terminal_knows_modes(void)
{
    return cursor_address && g_str_has_prefix(cursor_address, "\033[") && max_colors >= 8;
}

void terminal_begin_frame(void)
{
    putp("\033[?2026h");
}

void terminal_end_frame(void)
{
    putp("\033[?2026l");
    doupdate(); /* nothing is left to draw: it only sends what waits in the buffer */
}

void terminal_ring(void)
{
    beep();
}

/* Not by putp(), which takes "$<5>" for a delay. */
void terminal_notify(gboolean has_title, const char *title, const char *sentence)
{
    g_autofree char *safe_title = sanitise(title, -1, SANITISE_LINE);
    g_autofree char *safe = sanitise(sentence, -1, SANITISE_LINE);
    const gboolean is_utf8 = g_get_charset(NULL);
    g_autofree char *shown = is_utf8 ? g_strdup(safe) : g_str_to_ascii(safe, NULL);
    g_autofree char *shown_title = is_utf8 ? g_strdup(safe_title) : g_str_to_ascii(safe_title, NULL);

    if (!terminal_knows_modes())
        return;
    g_strdelimit(shown_title, ";", ','); /* which ends the title */
    if (has_title)
        fprintf(stdout, "\033]777;notify;%s;%s\a", shown_title, shown);
    else
        fprintf(stdout, "\033]9;%s\a", shown);
    fflush(stdout);
}

void terminal_mark_paste(gboolean is_marked)
{
    putp(is_marked ? "\033[?2004h" : "\033[?2004l");
    fflush(stdout);
}
