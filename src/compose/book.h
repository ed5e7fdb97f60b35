/*
 * book.h - the people that are written down, wherever they are.
 *
 *     data/contacts.vcf                      tern's own; changed here   ──┐
 *     [tern] contacts = ~/.contacts; ~/a.vcf other programs'; only read ──┼──> book_read() ──> BookEntry …
 *     [aliases] team = …                     the configuration's        ──┘
 *
 * Own contacts are one vCard file, so that any program can have them, and are replaced as a whole (a crash
 * leaves the old file or the new one) under a lock, since other terns change it too. A card is named by its
 * text: one that somebody else has changed meanwhile is another card, and is not overwritten. Blocks on the
 * disk; any thread.
 */
#ifndef TERN_COMPOSE_BOOK_H
#define TERN_COMPOSE_BOOK_H

#include "config/config.h"

#include <glib.h>

typedef enum { BOOK_OWN, BOOK_FILE, BOOK_ALIAS } BookSource;

typedef struct {
    BookSource source;
    char *name, *nickname; /* an alias's nickname is what one types; "": none */
    char **addresses;      /* of a person, the preferred one first; each is one that can be sent to */
    char *list;            /* of a group or an alias: what it stands for, as typed; NULL: it is a person */
    char *place;           /* where it was found, in a word: the file's or folder's name */
    char *card;            /* the own one's text, NUL-terminated; NULL */
} BookEntry;
void book_entry_free(BookEntry *entry);

/* All of them: BookEntry * with a free function; own ones first, in their files' order. Who has no address is
 * not among them. What cannot be read is left out, and *notice_out (may be NULL) says why, to be freed. */
GPtrArray *book_read(const Config *config, const char *data, char **notice_out);

/* Puts `card` in the place of the own card `old`: old NULL adds, card NULL takes away. FALSE and INPUT: there
 * is no such card any more; STORE. */
gboolean book_put(const char *data, const char *old, const char *card, GError **error);

#endif
