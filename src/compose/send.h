/*
 * send.h - a draft becomes mail: checked, written into the outbox (maildir/outbox.h), durable, and no draft
 * any more.
 *
 * Between the outbox's commit and the draft's removal a crash leaves both: the message goes out, and the
 * draft is still there, with the same Message-ID, which tells. Blocks on the disk: on a thread of its own
 * where there is a screen.
 */
#ifndef TERN_COMPOSE_SEND_H
#define TERN_COMPOSE_SEND_H

#include "compose/draft.h"

#include <glib.h>
#include <stdint.h>

typedef struct {
    const Config *config;
    const char *data;                          /* the profile's data folder */
    int64_t delay_s;                           /* how long it can be taken back; 0: it goes at once */
    int64_t at_s;                              /* not before this time; 0: now */
    void (*progress)(gsize bytes, void *data); /* attachments' bytes read; NULL */
    void *progress_data;
} SendWants;

/* Whether what it sends can be required to stay encrypted on its way, should that be asked (REQUIRETLS).
 * FALSE and CONFIG: it sends by a command, which nobody can ask. What a server can it says itself. */
gboolean send_check_tls(const ConfigAccount *account, gboolean is_required, GError **error);

/* The account that a draft is sent by: that of its From, else the one it was begun in. NULL and CONFIG:
 * none, or one that cannot do what the draft asks for. */
const ConfigAccount *send_account(const Config *config, const Draft *draft, GError **error);

/* About how many bytes it will have when it goes out: files as base64, with their line ends. */
int64_t send_size(const Draft *draft);

/* How large a message the account's server takes, as it said last; 0: not known. */
int64_t send_limit(const char *data, const char *account);

/* Queues it. *id_out (may be NULL) is its number in the outbox. FALSE and INPUT (with what is wrong: nobody
 * to send it to, an address, an attachment), CONFIG (no account, no `outgoing`), STORE: nothing was queued,
 * the draft is as it was, but for a Message-ID that it may have got. The draft's file goes; what it has as
 * files of its own stays for taking back (send_clean()). */
gboolean send_queue(Draft *draft, const SendWants *wants, int64_t *id_out, GError **error);

/* Takes a message back that still waits, and keeps its draft again. FALSE and INPUT: it has gone, to all or
 * to some (or is on its way). */
gboolean send_take_back(const Draft *draft, int64_t id, const char *data, GError **error);

/* Nobody will take anything back any more: what is held for that (is_undoable), until `within_s` from now at
 * most, may go; what is to go later waits for its time.
 * The accounts (char *) that have something to send now; to be unreffed. NULL and STORE. */
GPtrArray *send_release(const char *data, int64_t within_s, GError **error);

/* What is in the outbox still, of all that is neither sent nor held for good: a sentence for each (char *),
 * made safe, with its subject, whom it is for, and why; to be unreffed. NULL and STORE. */
GPtrArray *send_stays(const Config *config, const char *data, GError **error);

/* Takes away the files of drafts that are no more; of those younger than a day none, since they may come
 * back. */
void send_clean(const char *data);

#endif
