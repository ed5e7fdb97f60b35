/*
 * modal.h - what has the keyboard for a moment: a prompt, a question, a list to choose from.
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
    /* Pasted text, as it came; NULL: it has no use for any. */
    void (*paste)(Modal *modal, const char *text);
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

#endif
