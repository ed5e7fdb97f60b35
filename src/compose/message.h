/*
 * message.h - from a draft to the bytes of a message (RFC 5322, 2045), streamed to a file.
 *
 *      Date Disposition-Notification-To From To Cc Reply-To Subject Message-ID In-Reply-To References, own fields
 *      text alone, or with attachments and HTML made of it: message_parts.h
 *
 * Every header field goes through mime/write.h, every body through mime/write_body.h. Bcc is not in it; whom
 * it goes to is draft_recipients()'s. Neither this machine's name nor its time zone is in it: the Message-ID
 * is made of chance and the From address's domain, the date is in UTC. Blocks on the disk; attachments are
 * read piece by piece.
 */
#ifndef TERN_COMPOSE_MESSAGE_H
#define TERN_COMPOSE_MESSAGE_H

#include "compose/draft.h"
#include "mime/field.h"

#include <glib.h>

typedef struct {
    int64_t now_s;
    gboolean is_flowed;                        /* the text flows (flow.h) */
    const char *language;                      /* RFC 5646; NULL: not said */
    gboolean may_8bit;                         /* the way is 8-bit clean; else everything is encoded */
    gboolean without_files;                    /* only to be looked at: attachments are left out */
    void (*progress)(gsize bytes, void *data); /* attachment's bytes that were read; NULL: nobody asks */
    void *progress_data;
} ComposeOptions;

/* Language tags and commas, as Content-Language takes them (RFC 3282): nothing else goes out of the configuration. */
gboolean compose_is_language(const char *text);

/* Gives the draft a Message-ID, if it has none. `from`: an address. */
void compose_message_id(Draft *draft, const char *from);

/* Writes the message to `fd`, with LF as all that is in the outbox (mime/outgoing.h). FALSE and INPUT (an
 * attachment that is not there, a field that could break out of its place: nothing may be sent), or STORE.
 * What was written until then is worth nothing. */
gboolean compose_message_write(Draft *draft, const DraftAddresses *addresses, const ComposeOptions *options,
                               int fd, GError **error);

/* Writes a draft as a message that any program can go on with, finished or not, with Bcc and its attachments;
 * no paths of this machine are in it. FALSE: as above. */
gboolean compose_draft_write(const Draft *draft, const char *message_id, int fd, GError **error);

#endif
