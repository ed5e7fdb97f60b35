/* fuzzy.h - finding a name by a few of its letters. Pure; any thread. */
#ifndef TERN_UI_FUZZY_H
#define TERN_UI_FUZZY_H

#include <glib.h>

/* How well the letters of `pattern`, in their order, fit into `text`; higher is better, -1: they do not. Case
 * does not count. Letters at the beginnings of words and next to each other count more, short texts before
 * long ones; an empty pattern fits everything equally. A blank also stands for anything between what is
 * before and what is after it ("bob inb" fits "bob/INBOX"). */
int fuzzy_score(const char *pattern, const char *text);

#endif
