/*
 * send.h - what tern send was asked for, and whom that makes the sender and the recipients.
 *
 *     options, standard input ──> CliSend + MimeOutgoing ──> the account ──> the envelope ──> outbox
 *
 * Nothing here reads or writes a file but the configuration, which is read already. Main thread.
 */
#ifndef TERN_CLI_SEND_H
#define TERN_CLI_SEND_H

#include "cli/cli.h"
#include "compose/identity.h"
#include "maildir/outbox.h"
#include "mime/outgoing.h"

#include <glib.h>
#include <stdint.h>

typedef struct {
    CliContext *context;
    gboolean takes_recipients, ignores_dots, no_copy; /* -t, -i, --no-copy */
    gboolean is_literal;                              /* -n: no [aliases] */
    char *sender, *identity, *file, *name;            /* -f or -r, --identity, --file, -F */
    char *sendmail; /* -o…: "i" is -i, others are taken and mean nothing here */
    char *body;     /* -B…: likewise; what is 8-bit is found out */
    char *mode;     /* -b…: "m", which is what it does anyway */
    char *at;       /* --at */
    char *notify;   /* -N success,delay: when the servers are to tell; sendmail's */
    char *returns;  /* -R hdrs or full: what of the message they then return */
    gboolean requires_tls;
    guint notices;     /* OutboxNotify */
    guint returned;    /* OutboxReturn */
    int64_t at_s;      /* 0: now */
    GPtrArray *attach; /* --attach, paths */
    char **addresses;
} CliSend;

/* Who sends it: --identity (an account, an identity, or an address of one), that of -f, or the first of those
 * who speak in the message (mime_outgoing_senders()) that is one's own; else the first account that can send.
 * To be freed. NULL: INPUT (no such identity), CONFIG (it has no outgoing = …), LIMIT. */
Identity *cli_send_identity(const CliSend *send, const MimeOutgoing *message, GError **error);

/* From whom (-f, else who is one's own in the message), and for whom, short names of [aliases] replaced; to
 * be freed. NULL: INPUT (an address is none; there is none), LIMIT. */
OutboxEnvelope *cli_send_envelope(const CliSend *send, const Identity *identity, MimeOutgoing *message,
                                  GError **error);

#endif
