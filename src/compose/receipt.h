/*
 * receipt.h - receipts (RFC 8098): whether a message asks for one, and the one that its reader sends.
 *
 *      message's header ── receipt_asked() ──> whom it would go to, or nobody
 *                       ── a person says yes ──> receipt_send(): $MDNSent, then the outbox
 *                       ── a person says no  ──> receipt_settle(): $MDNSent, and nobody asks again
 *
 * None is ever sent by itself. To lists, to programs, to oneself, and where a receipt asks for a receipt
 * there is none; nor to more than one address, since that is what a sender of spam wants to count by. Who
 * asks is not who sent it, perhaps: is_elsewhere. The keyword comes first: after a crash in between no
 * receipt is sent, and never two. Any thread; blocks on the disk.
 */
#ifndef TERN_COMPOSE_RECEIPT_H
#define TERN_COMPOSE_RECEIPT_H

#include "config/config.h"
#include "store/read.h"
#include "store/writer.h"

/* The keyword of a message whose receipt was sent or refused (RFC 3503). */
#define RECEIPT_KEYWORD "$MDNSent"

typedef struct {
    char *name, *address;  /* whom it would go to; not made safe */
    gboolean is_elsewhere; /* that is not who the message is from */
} ReceiptAsked;
void receipt_asked_free(ReceiptAsked *asked);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReceiptAsked, receipt_asked_free)

/* NULL: the message in that file asks for none that may be sent, or cannot be read. Reads its header only. */
ReceiptAsked *receipt_asked(const char *path, const Config *config);
/* Whether its receipt was sent or refused before. */
gboolean receipt_is_settled(const StoreMessage *message);

/* Nobody is to be asked about this message any more. FALSE and STORE. */
gboolean receipt_settle(Store *store, int64_t message_id, GError **error);
/* Settles it and puts the receipt into the outbox; *account_out (may be NULL) is whose, to be freed. FALSE
 * and INPUT (it asks for none, or was settled), CONFIG (no account to send it by), STORE: nothing was
 * sent. */
gboolean receipt_send(Store *store, const StoreMessage *message, const char *path, const Config *config,
                      const char *data, char **account_out, GError **error);

#endif
