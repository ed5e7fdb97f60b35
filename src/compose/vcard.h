/*
 * vcard.h - contacts as files of other programs have them: vCard 2.1, 3.0 and 4.0 (RFC 2426, 6350).
 *
 *     BEGIN:VCARD
 *     FN:Zoë Brontë                     the name; else N, else ORG, else NICKNAME
 *     item1.EMAIL;TYPE=work;PREF=1:zoe@example.com
 *      (a line that begins with a blank goes on with the one above)
 *     END:VCARD
 *
 * A file is read for what mail needs; the rest of a card is no business of tern's, and stays as it is when a
 * card is changed. What is broken in a file costs that card, or that line, and nothing else. Values are
 * decoded text, not safe for the screen. Linear; pure; any thread.
 */
#ifndef TERN_COMPOSE_VCARD_H
#define TERN_COMPOSE_VCARD_H

#include <glib.h>

typedef struct {
    char *name, *nickname; /* "": none */
    char **addresses;      /* as they stand there, the preferred one first */
    char *uid;             /* "": none */
    gboolean is_group;     /* KIND:group (RFC 6350, 6.1.4), or what Apple and DAVx5 write for it */
    char **members;        /* of a group: UIDs and mailto: links, as they stand there */
    gsize from, bytes;     /* the card's place in the text, BEGIN to END with its line end */
} VCard;
void vcard_free(VCard *card);

/* All cards that end (what begins and does not is no card), at most LIMIT_VCARDS: VCard * with a free
 * function; to be unreffed. Never fails: a text without a card has none. */
GPtrArray *vcard_parse(const char *text, gsize size);

/* A new card (3.0, which every program reads) with a UID of chance; to be freed. */
char *vcard_new(const char *name, const char *const *addresses);

/* The card's text with another name and other addresses, all its other lines as they are (an address that
 * stays keeps its line); to be freed. */
char *vcard_change(const char *text, gsize bytes, const char *name, const char *const *addresses);

#endif
