/*
 * identity.h - who one is when one writes: the addresses of an account, and what goes with them.
 *
 *     [account …] address, addresses, use-address ──> the From of a message
 *                 signature, reply-to, headers …   ──> what ends it and what is added
 *     [identity …] a further address, with what is its own instead of the account's
 *
 * An address of the configuration may be a pattern ("*@example.net"); the address that a message was sent to
 * then stands for itself. Identities borrow from the Config. Pure but for compose_signature(); any thread.
 */
#ifndef TERN_COMPOSE_IDENTITY_H
#define TERN_COMPOSE_IDENTITY_H

#include "config/config.h"
#include "mime/envelope.h"
#include "mime/write.h"

#include <glib.h>

typedef struct {
    const ConfigAccount *account;
    const ConfigIdentity *own; /* its section; NULL: it has none */
    char *name, *address;      /* name "": none */
} Identity;
Identity *identity_copy(const Identity *identity);
void identity_free(Identity *identity);
/* "Ada <ada@example.org>": as it is typed into From; to be freed. */
char *identity_format(const Identity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Identity, identity_free)

/* All of the configuration, an account's main address first; patterns are left out. Identity * with a free
 * function; to be unreffed. */
GPtrArray *identity_all(const Config *config);

/* Whether an address is one's own: of any account, by pattern, with a plus part or without. */
gboolean identity_is_own(const Config *config, const char *address);

/* What is known of a message that is to be written. NULL: nothing. */
typedef struct {
    const char *account;          /* the account of the folder one is in */
    const char *folder;           /* its name */
    const GPtrArray *received_by; /* MimeAddress *: whom the answered message was sent to */
    const char *recipient;        /* the first one of the new message */
    const GPtrArray *delivered;   /* MimeAddress *: where the way says that the answered one went */
} IdentityHints;

/* Whom it is written by: the own address that received the answered one, else what use-for and use-address
 * say, else an own one that it was delivered to (nearly everything is delivered to the main address, so that
 * this decides last), else the account's main address, else the first account's. Among several it is rather
 * one of the account. NULL when there is no account. To be freed. */
Identity *identity_choose(const Config *config, const IdentityHints *hints);

/* Who writes to that recipient, from whichever folder, as the configuration says; NULL: it does not. To be
 * freed. */
Identity *identity_for_recipient(const Config *config, const char *account, const char *recipient);

/* The identity that writes from this address (Name <address>), its name taken over; NULL: it is nobody's. */
Identity *identity_of(const Config *config, const MimeMailbox *from);

/* The identity that is meant by an account's id (its main address), an [identity]'s name, or an address; NULL:
 * none is. To be freed. */
Identity *identity_named(const Config *config, const char *word);

/* The signature's text with LF, without the "-- " line, to be freed; "" when there is none. NULL and INPUT
 * when the file cannot be read or the command fails. Blocks: the command, for 5 s at most. */
char *identity_signature(const Identity *identity, GError **error);

/* The folder where the copy of a message goes that was begun in this folder of the account: as copy-to says,
 * or (`is_beside`) that folder itself. To be freed; NULL: that for sent mail. */
char *identity_copy_to(const ConfigAccount *account, const char *folder, gboolean is_beside);

/* Whether a field is free for one's own hands: tern does not write it itself, and it makes one. */
gboolean identity_field_is_free(const char *name);

/* Where answers shall go; NULL: to its address. Whether it gets a blind copy of what it sends. */
const char *identity_reply_to(const Identity *identity);
gboolean identity_bcc_self(const Identity *identity);

/* Its own header fields: MimeField * (names and values as in the file) with a free function. Those
 * that tern writes itself or that make no field are left out. */
GPtrArray *identity_fields(const Identity *identity);

#endif
