/*
 * pager.h - a document of lines in a rectangle: where one is in it, and searching. The message view's inner
 * half; a plain value.
 */
#ifndef TERN_UI_PAGER_H
#define TERN_UI_PAGER_H

#include "render/render.h"
#include "ui/view.h"

#include <glib.h>

typedef struct {
    RenderDocument *document; /* NULL: none yet */
    guint top;                /* the line at the top */
    guint height;             /* as last drawn */
    char *pattern;            /* what is looked for, folded; NULL: nothing */
} Pager;

/* Shows another document (takes over the reference; NULL: none). `keep`: the place in it stays about the
 * same. */
void pager_set(Pager *pager, RenderDocument *document, gboolean keep);
void pager_clear(Pager *pager);

/* Moves by lines. FALSE: it was at that end already. */
gboolean pager_move(Pager *pager, int lines);
void pager_go(Pager *pager, guint line);
gboolean pager_is_at_end(const Pager *pager);
/* "All", "Top", "41%", "End"; to be freed. */
char *pager_place(const Pager *pager);

/* Looks for text (NULL: for the same again), from below the top line or, `backwards`, above it. FALSE: it
 * stands nowhere there. */
gboolean pager_search(Pager *pager, const char *text, gboolean backwards);

void pager_draw(Pager *pager, ViewRect rect);

#endif
