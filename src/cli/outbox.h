/* outbox.h - what `tern send`, `tern outbox` and `tern sync` share: telling of messages in the outbox, and
 * having them sent. */
#ifndef TERN_CLI_OUTBOX_H
#define TERN_CLI_OUTBOX_H

#include "cli/session.h"
#include "maildir/outbox.h"

/* One row: an object with --json, else a line. */
void cli_outbox_print(const CliContext *context, const OutboxEnvelope *envelope);

/* Lines that name each message whose account is not configured, made safe; to be freed. NULL: there is
 * none; or STORE. */
char *cli_outbox_strays(const CliContext *context, GError **error);

/* What became of a message that was queued, for people: why it is kept, and nothing of one that was sent.
 * `now` is its envelope; NULL: it is no more there. `is_told`: what keeps it queued was said before. */
void cli_outbox_tell_kept(const OutboxEnvelope *now, gboolean is_told);

/* Asks for one attempt to send what is due of these accounts (char *), and waits for its end, within a
 * deadline. What goes wrong with an account's connection is told; FALSE: something did, or a signal came
 * (*error, then). */
gboolean cli_outbox_send(CliSession *session, const GPtrArray *accounts, GError **error);

/* The same for one account right after something was queued, in a session of its own: what goes wrong from
 * here on is said, and nothing more, since the message is safe. FALSE: something was. */
gboolean cli_outbox_try(CliContext *context, const char *account);

/* A message becomes a draft again, and is gone from the outbox: edited and sent anew on a terminal, else
 * kept. FALSE: INPUT or STORE, the outbox is as it was; or without an error, what went wrong later was
 * told. */
gboolean cli_outbox_edit(CliContext *context, Outbox *outbox, int64_t id, GError **error);

/* The accounts (char *) that something in the outbox is due for now; with a free function. NULL and STORE. */
GPtrArray *cli_outbox_due(const CliContext *context, GError **error);

#endif
