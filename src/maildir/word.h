/* word.h - any bytes as one word of a line, with %XX for what would end it; private to src/maildir/. */
#ifndef TERN_MAILDIR_WORD_H
#define TERN_MAILDIR_WORD_H

#include <glib.h>

void word_append(GString *text, const char *word);
/* In place; what is no %XX stays. Returns `word`. */
char *word_decode(char *word);

#endif
