/*
 * contact_commands.h - contacts of one's own: added, changed, taken away, and that taken back.
 *
 *      prompt "Name <address>, …" ──> card (compose/vcard.h) ──> thread: book_put() ──> read again, told
 *
 * Who is known from mail, another program or the configuration is changed by getting a card of one's own,
 * which counts before what is known otherwise. Ui thread; nothing here waits.
 */
#ifndef TERN_UI_CONTACT_COMMANDS_H
#define TERN_UI_CONTACT_COMMANDS_H

#include "ui/contacts.h"
#include "ui/view.h"

#include <glib.h>

/* Everybody, as read last; NULL: not read yet. Stays the ui's, until *number_out (may be NULL) is another
 * one. */
const Contacts *ui_contacts(Ui *ui, guint *number_out);

/* Asks for somebody, with this text to begin with; `text` NULL: an empty line. */
void contact_add(Ui *ui, const char *text);
/* The same with whom a message came from; where one wrote it oneself, with whom it went to. */
void contact_add_from(Ui *ui, gint64 message_id);
void contact_edit(Ui *ui, const Contact *contact);
/* Takes the own card away. */
void contact_remove(Ui *ui, const Contact *contact);
/* Begins a message to them. */
void contact_write_to(Ui *ui, const Contact *contact);
/* Takes back what was done to contacts last. */
void contact_undo(Ui *ui);

/* What was done and can be taken back: a list for ui->composing. */
GPtrArray *contact_changes_new(void);

#endif
