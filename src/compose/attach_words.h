/*
 * attach_words.h - whether a text says that something is attached, to ask its writer where nothing is.
 *
 * By words of the languages that mail is mostly written in, whatever the program's own is: one writes German
 * with an English tern. Pure.
 */
#ifndef TERN_COMPOSE_ATTACH_WORDS_H
#define TERN_COMPOSE_ATTACH_WORDS_H

#include <glib.h>

/* `text`: UTF-8, what one has written oneself (a quote's "attached" is somebody else's). */
gboolean attach_words_are_in(const char *text);

#endif
