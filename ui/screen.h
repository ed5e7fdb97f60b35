/*
 * screen.h - the terminal: the only file that includes curses, and the one place where text reaches the
 * screen.
 *
 * Drawing goes to curses' picture of the screen; screen_flush() sends what changed. Rows and columns count
 * from 0; what lies outside of the screen is not drawn, so that a view need not care how small the terminal
 * is. A style is a theme slot, with STYLE_… bits or'ed to it.
 *
 * Law 4: screen_text() and its sisters take anything and make it safe (base/sanitise.h); there is no other
 * way to put text on the screen. Ui thread only.
 */
#ifndef TERN_UI_SCREEN_H
#define TERN_UI_SCREEN_H

#include "ui/theme.h"
#include "ui/view.h"

#include <glib.h>

#define STYLE_SLOT 0xff  /* the slot's bits */
#define STYLE_BOLD 0x100 /* the slot, and bold */
#define STYLE_ITALIC 0x400
#define STYLE_UNDERLINE 0x800
#define STYLE_CURSOR 0x200 /* the cursor's row: SLOT_CURSOR in place of the slot, bold stays */

/* tern's own furniture; each is one column wide and has an ASCII twin. */
typedef enum {
    SYMBOL_NEW,
    SYMBOL_FLAGGED,
    SYMBOL_ANSWERED,
    SYMBOL_FORWARDED,
    SYMBOL_DELETED,
    SYMBOL_FOLDED,
    SYMBOL_UNFOLDED,
    SYMBOL_VERTICAL,
    SYMBOL_BRANCH,
    SYMBOL_LAST_BRANCH,
    SYMBOL_HORIZONTAL,
    SYMBOL_LIVE,
    SYMBOL_BUSY,
    SYMBOL_OFFLINE,
    SYMBOL_ATTENTION,
    SYMBOL_DOT,
    SYMBOL_DASH,
    SYMBOL_ELLIPSIS,
    SYMBOL_ATTACHMENT,
    SYMBOL_COUNT
} Symbol;

/* Takes the terminal. FALSE and INPUT, in a sentence, when it is none, or its TERM is unknown or cannot move
 * its cursor. */
gboolean screen_open(GError **error);
/* Gives it back as it was. May be called twice, and when the terminal is gone. */
void screen_close(void);
/* Ctrl-Z: leaves the terminal to others, and takes it again (everything is drawn anew). */
void screen_suspend(void);
void screen_resume(void);

/* Takes over the terminal's new size. */
void screen_resize(void);
int screen_rows(void);
int screen_columns(void);

void screen_set_theme(const Theme *theme);
/* TRUE: the twins. Outside UTF-8 it is always so. */
void screen_set_ascii(gboolean is_ascii);
gboolean screen_is_ascii(void);

const char *screen_symbol(Symbol symbol);

/* Puts at most `columns` columns of text at a place; gives the columns used. Longer text is cut without a
 * sign. */
int screen_text(int row, int column, int columns, unsigned style, const char *text);
/* The same with an ellipsis where it had to be cut. */
int screen_text_cut(int row, int column, int columns, unsigned style, const char *text);
/* The same, ending at the right edge of the columns; gives the column where the text begins. */
int screen_text_right(int row, int column, int columns, unsigned style, const char *text);
/* Empties the whole picture. */
void screen_erase(void);
/* Blanks. */
void screen_fill(int row, int column, int columns, unsigned style);
/* A horizontal and a vertical rule. */
void screen_rule(int row, int column, int columns);
void screen_rule_down(int row, int column, int rows);
/* A bar of `columns` cells (with its two ends) that is done/total full, as text to be freed. */
char *screen_bar(int columns, gint64 done, gint64 total);

/* Columns of a text as screen_text() would draw it. */
int screen_width(const char *text);

/* Where the terminal's cursor is seen; -1: nowhere. */
void screen_cursor(int row, int column);
/* Sends what changed; `whole`: everything, for a screen that others wrote to. */
void screen_flush(gboolean whole);

/* What stands before and after pasted text. Beyond curses' own codes. */
enum { SCREEN_PASTE_BEGIN = 0x3f0, SCREEN_PASTE_END };
/* The next byte, KEY_… code of curses or one of these, or -1 when there is none now; never waits longer than
 * ESCDELAY. */
int screen_read_key(void);
/* The name of a curses key code ("Up"), or NULL; and the other way round, or -1. */
const char *screen_key_name(int code);
int screen_key_code(const char *name);

#endif
