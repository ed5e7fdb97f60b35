/*
 * view.h - what stands on the screen: a view is a table of operations, one file for each kind.
 *
 * The main loop knows only this table. It draws views into the rectangles that the layout gives them, asks
 * the focused one for its title and status, and sends it the commands that keys stand for. A view reads the
 * store with the ui's reader and never waits: what is not here yet is drawn as coming, and `changed` is
 * called when the store or the engine says something new. What a view may ask of the rest of the screen
 * stands in ui.h.
 *
 * Ui thread only.
 */
#ifndef TERN_UI_VIEW_H
#define TERN_UI_VIEW_H

#include "engine/engine.h"

#include <glib.h>

typedef struct View View;
typedef struct Ui Ui;

typedef struct {
    int row, column, rows, columns;
} ViewRect;

/* Contexts that commands belong to; bits, since some belong to several. */
typedef enum {
    CONTEXT_FOLDERS = 1 << 0,
    CONTEXT_LIST = 1 << 1,
    CONTEXT_MESSAGE = 1 << 2,
    CONTEXT_HELP = 1 << 3, /* a text of tern's own: help, links, the first start */
    CONTEXT_COMPOSE = 1 << 4, /* a message that is being written */
    CONTEXT_OUTBOX = 1 << 5,  /* what waits to be sent */
    CONTEXT_CONTACTS = 1 << 6,
    CONTEXT_ANY = 0xff,
} ViewContext;

typedef struct {
    const char *name; /* "list" */
    ViewContext context;
    const char *hints; /* the command lines that the hint line shows, parted by commas */
    /* Draws into rect with the screen's functions (screen.h); text from outside only through
     * screen_text(). */
    void (*draw)(View *view, ViewRect rect, gboolean focused);
    /* A command of this view's context. FALSE: not for me (the next candidate is asked). `argument` may be
     * NULL. */
    gboolean (*command)(View *view, int command, const char *argument);
    /* The store changed, or an engine event came (NULL: only the store). Called before the next draw. */
    void (*changed)(View *view, const EngineEvent *event);
    /* Title line: left and right part, to be freed. */
    void (*title)(View *view, char **left_out, char **right_out);
    /* The status line: its left part where the connection has nothing to say (NULL: the connection's word all
     * the same), and its right part ("3 of 1,204 ▏█ ▕ 1%"); both to be freed, NULL: none. */
    void (*status)(View *view, char **left_out, char **right_out);
    void (*free)(View *view);
} ViewOps;

/* The beginning of each view's own struct. */
struct View {
    const ViewOps *ops;
    Ui *ui;
};

#endif
