/*
 * ui.h - the screen as a whole, as its views and commands see it.
 *
 * Views stand on a stack: the folders or a list at the bottom, a message on its list, a text (help, links) on
 * top; the topmost has the keyboard. Ui thread only; nothing here waits.
 */
#ifndef TERN_UI_UI_H
#define TERN_UI_UI_H

#include "cli/cli.h"
#include "ui/history.h"
#include "ui/folder_reader.h"
#include "ui/keymap.h"
#include "ui/modal.h"
#include "ui/overlay.h"
#include "ui/renderer.h"
#include "ui/view.h"

#include <glib.h>

/* Runs the screen until it is quit; the exit status. The terminal, the store, the engine: all are opened and
 * closed here. */
int ui_run(CliContext *context);

/* ---- what there is ---- */

const Config *ui_config(const Ui *ui);
const Paths *ui_paths(const Ui *ui);
StoreReader *ui_reader(const Ui *ui);
/* NULL until it was started, which is after the first picture. */
Engine *ui_engine(const Ui *ui);
Overlay *ui_overlay(const Ui *ui);
Keymap *ui_keymap(const Ui *ui);
Renderer *ui_renderer(const Ui *ui);
FolderReader *ui_folder_reader(const Ui *ui);
FolderMarks *ui_folder_marks(const Ui *ui);

/* An option of [tern], as the configuration or `:set` has it. */
const char *ui_option(const Ui *ui, const char *name);
gboolean ui_option_bool(const Ui *ui, const char *name);
gint64 ui_option_int(const Ui *ui, const char *name);

/* A connection's mark and words for an account's heading, to be freed; NULL: unknown. */
char *ui_account_status(const Ui *ui, const char *account, int *slot_out);

/* ---- accounts ---- */

/* Why nothing can come from an account just now, and what to do, to be freed; NULL: it can. */
char *ui_not_coming(const Ui *ui, const char *account);

/* Whether the configuration names this account. The mail of one that was renamed there, or removed, can still
 * be read; nothing that is changed in it would ever be told to its server. */
gboolean ui_has_account(const Ui *ui, const char *account);

/* ---- telling ---- */

/* The picture is to be drawn anew. */
void ui_redraw(Ui *ui);
/* The store is to be read again in 5 ms. */
void ui_read_again(Ui *ui);
/* A read of the store failed: BUSY is read again, anything else is told. Clears the error. */
void ui_read_failed(Ui *ui, GError **error);
/* Returns what ui_withdraw() knows it by: what is told before it is settled may have to be taken back. */
guint64 ui_news(Ui *ui, const char *format, ...) G_GNUC_PRINTF(2, 3);
void ui_error(Ui *ui, const char *sentence);
/* What was told did not happen, for this reason, which is told in its stead. */
void ui_withdraw(Ui *ui, guint64 news, const GError *error);

/* ---- going ---- */

View *ui_top(const Ui *ui);
unsigned ui_context(const Ui *ui);
/* A text on top; the stack owns it. */
void ui_push(Ui *ui, View *view);
/* The same, under what is on top. */
void ui_push_below(Ui *ui, View *view);
void ui_back(Ui *ui);
void ui_show_folders(Ui *ui);
void ui_open_folder(Ui *ui, gint64 folder_id);
/* A message of the list that is open. */
void ui_open_message(Ui *ui, gint64 message_id);
/* The list, or NULL when no folder was opened yet. */
View *ui_list(const Ui *ui);
void ui_open_modal(Ui *ui, Modal *modal);

/* Messages have left their folder by a change that was made here: the list goes on without them, and from one
 * of them that is being read to the next, as `after-move` says. */
void ui_messages_left(Ui *ui);

/* What was typed before. */
History *ui_history(const Ui *ui);
/* Runs a command line as a key would. */
void ui_run_line(Ui *ui, const char *line);
void ui_run_command(Ui *ui, int command, const char *argument);

/* Sets an option for this run. FALSE and INPUT when there is no such option or the value is none. */
gboolean ui_set_option(Ui *ui, const char *name, const char *value, GError **error);

/* Folders by the names that are typed ("INBOX", or "work/INBOX" with several accounts): char *; to be
 * unreffed. */
GPtrArray *ui_folder_names(Ui *ui);
/* All folders (StoreFolder *, as store_read_folders() has them), to be unreffed and not changed. They are
 * read anew only when something was committed: five thousand take 4 ms. NULL and STORE. */
GPtrArray *ui_read_folders(Ui *ui, GError **error);
/* One of these names, to be freed. */
char *ui_folder_name(const Ui *ui, const StoreFolder *folder);
/* The folder that such a name, in any case, means; 0: none. */
gint64 ui_find_folder(Ui *ui, const char *name);
/* The same among the folders of one account. */
gint64 ui_find_folder_of(Ui *ui, const char *account, const char *name);
/* Tells that there is no folder of that name. */
void ui_no_folder(Ui *ui, const char *name);

#endif
