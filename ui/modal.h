/*
 * modal.h - what has the keyboard for a moment: a prompt, the command line, a list to choose from.
 *
 * While there is a modal, it gets every key, and draws over the screen's lower lines. Ui thread.
 */
#ifndef TERN_UI_MODAL_H
#define TERN_UI_MODAL_H

#include "ui/keys.h"
#include "ui/layout.h"
#include "ui/view.h"

#include <glib.h>

typedef struct Modal Modal;

typedef struct {
    /* FALSE: it is over, and `finish` will be called. */
    gboolean (*key)(Modal *modal, Key key);
    /* Called when it no longer has the keyboard; does what was chosen, which may open another modal. */
    void (*finish)(Modal *modal);
    void (*draw)(Modal *modal, const Layout *layout);
    void (*free)(Modal *modal);
} ModalOps;

/* The beginning of each modal's own struct. */
struct Modal {
    const ModalOps *ops;
    Ui *ui;
};

/* Asks for a line of text; `done` gets it, or NULL when it was given up. */
void prompt_open(Ui *ui, const char *label, void (*done)(void *data, const char *text), void *data);

/* The `:` line, beginning with `text`. */
void command_line_open(Ui *ui, const char *text);

/* Something to choose: found by `text`; `detail` and `right` are shown beside it. */
typedef struct {
    char *text, *detail, *right;
    gint64 value;
} PickerItem;
PickerItem *picker_item_new(const char *text, const char *detail, const char *right, gint64 value);
void picker_item_free(PickerItem *item);

/* Lets the user choose from items (PickerItem * with a free function; the picker takes over the reference) by
 * typing a few letters. */
void picker_open(Ui *ui, const char *label, GPtrArray *items, void (*chosen)(Ui *ui, const PickerItem *item));

#endif
