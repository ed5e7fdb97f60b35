/*
 * folder_commands.h - what a person does with folders: made, renamed, moved, deleted, subscribed to, emptied.
 *
 * As with messages (mail.h) each is one job for the writer and one group for undo. What a folder's role or
 * rights forbid is refused in words, before anything is asked. Ui thread.
 */
#ifndef TERN_UI_FOLDER_COMMANDS_H
#define TERN_UI_FOLDER_COMMANDS_H

#include "ui/view.h"

#include <glib.h>

/* Does a command with a folder (0: with none, of the account `account`). FALSE: it is not one of these. */
gboolean folder_command(Ui *ui, const char *account, gint64 folder_id, int command, const char *argument);

#endif
