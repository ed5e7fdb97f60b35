/*
 * outbox.h - the outbox as the screen knows it: what is there, kept up to date, and what a person says about
 * it.
 *
 *      data/outbox ── inotify, the engine's events ──> background thread reads it ──> outbox_rows()
 *      view_outbox.c ── outbox_command() ──> background thread: compose/waiting.h ──> the engine sends
 *
 * The ui thread never reads it itself, since it is on the disk. Whatever happens there is seen, also what
 * another program puts in. Ui thread.
 */
#ifndef TERN_UI_OUTBOX_H
#define TERN_UI_OUTBOX_H

#include "compose/waiting.h"
#include "ui/view.h"

#include <glib.h>

/* What ui->outbox is: the rows and who is told of changes. */
typedef struct OutboxRows OutboxRows;
OutboxRows *outbox_rows_new(void);
void outbox_rows_free(OutboxRows *rows);

/* Reads it for the first time and watches it from then on: after the first picture. */
void outbox_start(Ui *ui);
/* An engine's event: it may have changed. */
void outbox_event(Ui *ui, const EngineEvent *event);

/* OutboxEnvelope *, in the order in which they go out; NULL: not read yet. Valid until the loop goes on. */
const GPtrArray *outbox_rows(const Ui *ui);
/* "sending 12 MB of 200 MB", of a message that takes its time; to be freed; NULL: none does. */
char *outbox_progress(const Ui *ui);
/* Why it could not be read the last time; the rows' as long as they are; NULL: it could. */
const char *outbox_problem(const Ui *ui);
/* "1 not sent", where somebody has to look at it; to be freed; NULL: all is well. `account` NULL: of any. */
char *outbox_trouble(const Ui *ui, const char *account);
/* How many messages are to be sent as soon as they can be. */
guint outbox_to_send(const Ui *ui);

/* What is said of a message of the outbox: asks first where it has to. FALSE: no command for the outbox.
 * `argument`: a time (send-later); NULL: it is asked for. */
gboolean outbox_command(Ui *ui, const OutboxEnvelope *envelope, int command, const char *argument);

/* Asks for a time to come; `chosen` gets it, or nobody does. */
void outbox_ask_time(Ui *ui, void (*chosen)(Ui *ui, void *data, gint64 at_s), void *data,
                     GDestroyNotify free_data);

#endif
