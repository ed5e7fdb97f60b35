/*
 * compose.h - messages that are written on the screen: begun, edited, kept, sent, taken back.
 *
 *      compose_command() ── file here: compose_begin.c, on the background thread ──> Draft ──> view_compose.c
 *                        └─ not here: engine_fetch() ── compose_event() ──> again
 *      view_compose.c ── e: compose_edit.c (the built-in editor, or another program on the terminal)
 *                     ── y: compose_send.c ──> outbox, and for a while u takes it back
 *
 * A draft is saved each 5 s while it changes, when one leaves it, and when the screen ends; after a rest, and
 * when it is closed, it goes to the account's folder for drafts, too (compose_upload.c). compose_drafts.c
 * opens them again. Ui thread.
 */
#ifndef TERN_UI_COMPOSE_H
#define TERN_UI_COMPOSE_H

#include "compose/draft.h"
#include "ui/view.h"

#include <glib.h>

/* So many messages one may begin with: each is read, and copied or quoted, and one whose text is not here is
 * fetched first, before the composer opens; more nobody answers or passes on by one message. */
#define COMPOSE_SOURCES_MAX 100
/* Says that `n` are more than that. */
void compose_too_many(Ui *ui, guint n);

/* Whether a command begins a message (compose, reply …), and so wants messages to begin with. */
gboolean compose_has_command(int command);
/* Begins one with these messages (n may be 0 for those that need none). `argument`: recipients; NULL. */
void compose_command(Ui *ui, int command, const gint64 *ids, guint n, const char *argument);

/* An engine's event: a message that was waited for has come. */
void compose_event(Ui *ui, const EngineEvent *event);

/* Tells that drafts are there, and cleans up behind those that are gone: after the first picture. */
void compose_recover(Ui *ui);
/* Lists the drafts to choose from. */
void compose_pick_draft(Ui *ui);

/* Takes back what was sent last, if it still can be. FALSE: there is nothing, or something was done since. */
gboolean compose_undo(Ui *ui);
/* Something else was done: u is for that now. */
void compose_forget_undo(Ui *ui);

/* Hands what was changed of drafts to the background thread, to be saved. */
void compose_save_all(Ui *ui);
/* The same, and to be put into folders for drafts: the screen ends. */
void compose_close_all(Ui *ui);

/* Begins one with a template, or lets one be chosen. */
void compose_template(Ui *ui, const char *name);

/* Whether a message lies in its account's folder for drafts: opening it means to go on with it
 * (COMMAND_DRAFTS). */
gboolean compose_is_draft(Ui *ui, gint64 message_id);

/* Has the contacts read, unless that was done a little while ago (`now`: all the same). */
void compose_read_contacts(Ui *ui, gboolean now);
/* "“pdftotext x.pdf -” runs", of a command whose output is to be attached; to be freed. NULL: none does. */
char *compose_running(const Ui *ui);
/* Ends them. FALSE: none runs. */
gboolean compose_halt(Ui *ui);
/* Takes what was found of people in the background. */
void compose_take_people(Ui *ui);

/* What ui->composing is: what goes on between views. */
typedef struct Composing Composing;
Composing *composing_new(void);
void composing_free(Composing *composing);

#endif
