/*
 * mail.h - what a person does with messages: read, flagged, moved, deleted, tagged, taken back.
 *
 * Each command is one job for the writer with its effect laid over what is drawn (overlay.h), one group for
 * undo, and a sentence on the bottom line that says how to take it back. Views say which messages are meant;
 * everything else is the same for all of them. Ui thread; nothing here waits.
 */
#ifndef TERN_UI_MAIL_H
#define TERN_UI_MAIL_H

#include "ui/selection.h"
#include "ui/view.h"

#include <glib.h>

/* Whether a command is one of those below. */
gboolean mail_has_command(int command);

/* Whether anything may be changed in that account, which the configuration may no longer name; if not, says
 * so. */
gboolean mail_may_in_account(Ui *ui, const char *account);
/* That, and whether the server lets one do in that folder what needs these rights (StoreRight). */
gboolean mail_may(Ui *ui, const StoreFolder *folder, guint needed);

/* Does it with these messages (taken over). `common`: flags that all of them have, as far as that is known;
 * of messages that are named one by one it is looked up. */
void mail_command(Ui *ui, Selection *targets, uint32_t common, int command, const char *argument);

/* A message was opened: it is read now, if the option `mark-read` says so. Not for undo, which is for what
 * one did. */
void mail_mark_seen(Ui *ui, gint64 folder_id, gint64 message_id, gint64 thread);

/* Marks all of a folder read. */
void mail_mark_folder_read(Ui *ui, gint64 folder_id);

/* Takes the screen's newest change back, or does it again. */
void mail_undo(Ui *ui, gboolean is_redo);

#endif
