/*
 * theme.h - which colours and attributes each place of the screen has.
 *
 * A theme is an INI file: `slot = foreground background attributes`, each of them optional from the right,
 * and `inherit = NAME` to begin with another theme. Colours are names (red, bright-red, grey …), 0 to 255,
 * #rrggbb, or `default`; attributes are bold, dim, italic, underline, reverse. A theme says what it would
 * like; theme_map() makes of it what the terminal can do. No curses here: plain values, any thread.
 */
#ifndef TERN_UI_THEME_H
#define TERN_UI_THEME_H

#include "config/problem.h"

#include <glib.h>

typedef enum {
#define SLOT(symbol, name) SLOT_##symbol,
#include "ui/slot.def"
#undef SLOT
    THEME_SLOTS
} ThemeSlot;

typedef enum {
    THEME_BOLD = 1 << 0,
    THEME_DIM = 1 << 1,
    THEME_ITALIC = 1 << 2,
    THEME_UNDERLINE = 1 << 3,
    THEME_REVERSE = 1 << 4,
} ThemeAttribute;

#define THEME_DEFAULT (-1)
#define THEME_RGB 0x1000000 /* or'ed with 0xrrggbb; without it a number of the 256-colour palette */

/* Terminals that take 0xrrggbb as a colour's number, but for the first eight. */
#define THEME_DIRECT 0x1000000

typedef struct {
    int foreground, background;
    unsigned attributes;
} ThemeStyle;

typedef struct {
    ThemeStyle slots[THEME_SLOTS];
} Theme;

/* A theme that is compiled in, so that tern has its colours wherever it runs. Ended by a NULL name. */
typedef struct {
    const char *name, *text;
} ThemeBuiltin;
extern const ThemeBuiltin THEME_BUILTINS[];

/* Everything in the terminal's own colours, without attributes. */
void theme_init(Theme *theme);

/* Loads a theme by name: `NAME.theme` in one of the folders (NULL-terminated, the first one wins), or a
 * compiled-in one; or by path when the name holds a '/' (~/ is the home, others begin in the first folder).
 * What is wrong in its file, and in those that it inherits from, goes to `problems` (NULL: nobody asks) with
 * file and line, and what is right counts all the same. FALSE when there is no such theme, or it cannot be
 * read: that is a mistake of the line of problems->file that names it, and *theme is as theme_init() makes
 * it. */
gboolean theme_load(Theme *theme, const char *name, const char *const *folders, ConfigProblems *problems,
                    int line);

/* The same from text, which stands in problems->file. */
void theme_parse(Theme *theme, const char *text, const char *const *folders, ConfigProblems *problems);

/* The slot of that name, or -1. */
int theme_slot(const char *name);

/* The nearest a terminal with `colors` colours (0, 8, 16, 256, THEME_DIRECT) comes to a style: colours of its
 * palette only, or with THEME_DIRECT numbers as it takes them. Where two colours would fall together or a
 * grey is lacking, the terminal's own colour with an attribute takes its place. */
ThemeStyle theme_map(ThemeStyle style, int colors);

#endif
