/*
 * contacts.h - everybody whom a message may be for, ranked: people that mail was exchanged with, those that
 * are written down (compose/book.h), groups and aliases.
 *
 *      contacts_read() ── background thread: the store's newest mail, the book ──> Contacts
 *      contacts_find("zo") ──> "Zoë Brontë <zoe@example.com>", the best first
 *      contacts_list("")   ──> all, for the view
 *
 * Whom one wrote to counts most, then who wrote often, both the more the later it was; who is written down
 * without mail stands between. Mailing lists and addresses that nobody reads (no-reply) come last. What is
 * found elsewhere later (compose/lookup.h) is added. Any thread, one at a time.
 */
#ifndef TERN_UI_CONTACTS_H
#define TERN_UI_CONTACTS_H

#include "compose/book.h"
#include "store/store.h"

#include <glib.h>
#include <stdint.h>

typedef enum { CONTACT_OWN, CONTACT_FILE, CONTACT_ALIAS, CONTACT_MAIL, CONTACT_FOUND } ContactSource;

typedef struct {
    ContactSource source;
    char *name, *address; /* address "": it is a group or an alias */
    char *list;           /* what that stands for, as typed; NULL: it is a person */
    char *place;          /* where it is written down: "khard"; NULL */
    char *card;           /* the own one's text (book.h); NULL */
    char *folded;         /* all that it is found by */
    double weight;        /* of use */
    gboolean is_list;     /* a mailing list: mail came by it */
    gboolean is_nobody;   /* by its address nobody reads what comes */
} Contact;

typedef struct Contacts Contacts;

Contacts *contacts_new(void);
void contacts_free(Contacts *contacts);

/* What a message of that age counts for, sent by oneself or received. */
double contacts_weight(gboolean is_sent, int64_t age_s);

/* Somebody once more; of several names of an address the first given counts, so the newest come first. */
void contacts_add(Contacts *contacts, const char *name, const char *address, double weight);
/* The address is a mailing list's. Nothing where it is nobody's yet. */
void contacts_mark_list(Contacts *contacts, const char *address);
/* Somebody who is written down: the name there is the name, whatever mail says. */
void contacts_add_entry(Contacts *contacts, const BookEntry *entry);
/* Somebody whom another program names for what it was asked, and who is found by that from now on, whether it stands in
 * the name or not (a nickname, a department): who was not known gets on the list. */
void contacts_add_found(Contacts *contacts, const char *asked, const char *name, const char *address);

/* Those that begin with the text: a word of the name, the address, or its domain. As they are typed: char *,
 * `most` at most, the best first; to be unreffed. An empty text finds nobody. */
GPtrArray *contacts_find(const Contacts *contacts, const char *text, guint most);
/* The same as they are (const Contact *, the Contacts' own), an empty text finds all. To be unreffed. */
GPtrArray *contacts_list(const Contacts *contacts, const char *text);
/* Whoever has that address; NULL. */
const Contact *contacts_get(const Contacts *contacts, const char *address);

/* A contact as it is typed into a field, to be freed. */
char *contact_format(const Contact *contact);

/* Reads them with a handle of its own (contacts_read.c). NULL and STORE. *notice_out (may be NULL): what of
 * the book could not be read, to be freed. Blocks on the disk: some hundred messages for each folder of
 * use. */
Contacts *contacts_read(Store *store, const Config *config, const char *data, char **notice_out,
                        GError **error);

#endif
