/*
 * contacts.h - people that mail was exchanged with, for completing addresses: read out of the store's newest
 * messages.
 *
 *      contacts_read() ── background thread: senders of inboxes, receivers of sent mail ──> Contacts
 *      contacts_find("zo") ──> "Zoë Brontë <zoe@example.com>", the best first
 *
 * Whom one wrote to counts most, then who wrote often; addresses that nobody reads (no-reply) come last. A
 * Contacts is changed by nobody once it is read; any thread, one at a time.
 */
#ifndef TERN_UI_CONTACTS_H
#define TERN_UI_CONTACTS_H

#include "store/store.h"

#include <glib.h>

typedef struct Contacts Contacts;

Contacts *contacts_new(void);
void contacts_free(Contacts *contacts);

/* Somebody once more; of several names of an address the first given counts, so the newest come first. */
void contacts_add(Contacts *contacts, const char *name, const char *address, guint weight);

/* Those that begin with the text: a word of the name, the address, or its domain. As they are typed: char *,
 * `most` at most, the best first; to be unreffed. An empty text finds nobody. */
GPtrArray *contacts_find(const Contacts *contacts, const char *text, guint most);

/* Reads them with a handle of its own. NULL and STORE. Blocks on the disk: some hundred messages for each
 * folder of use. */
Contacts *contacts_read(Store *store, GError **error);

#endif
