/*
 * receipt.h - the receipt that the message which is read asks for (compose/receipt.h): told when it is
 * opened, sent or refused by a command, after a question.
 *
 *      rendered ── background thread reads the header ──> “… asks for a receipt” in news and status line
 *      receipt ── question ── y ──> background thread: $MDNSent, outbox ──> the engine sends
 *
 * Ui thread.
 */
#ifndef TERN_UI_RECEIPT_H
#define TERN_UI_RECEIPT_H

#include "ui/view_message_private.h"

/* Once for each message that is opened: whether it asks for one. */
void receipt_look(ViewMessage *message);
/* The command; `argument` "no" refuses it for good. */
void receipt_command(ViewMessage *message, const char *argument);

#endif
