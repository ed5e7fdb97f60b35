/*
 * outgoing.h - a message as a program hands it over (sendmail's standard input), made fit to be sent.
 *
 *     mime_outgoing_read()     its header: from whom, for whom, what is missing
 *     mime_outgoing_write()    all of it into a file, with LF line ends, in pieces
 *
 * What is well-formed stays as it is byte for byte, but for Bcc, which goes, and so
 * does what tern notes in its drafts (X-Tern-). Missing From, Date and
 * Message-ID are added, 8-bit text in header fields is encoded, and so are lines over 998 bytes, NULs and
 * CRs in bodies; 8-bit text without a word about it is declared as what it is. Parts that are signed are
 * left alone. One thread; blocks on what is read.
 */
#ifndef TERN_MIME_OUTGOING_H
#define TERN_MIME_OUTGOING_H

#include "mime/envelope.h"
#include "mime/write_body.h"

typedef struct MimeOutgoing MimeOutgoing;

/* Reads up to the end of the header. `dot_ends`: a line of a dot alone ends the message (sendmail without
 * -i). NULL and INPUT: there is nothing; LIMIT; STORE. */
MimeOutgoing *mime_outgoing_read(int fd, gboolean dot_ends, GError **error);
void mime_outgoing_free(MimeOutgoing *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimeOutgoing, mime_outgoing_free)

/* What its header says; the message's. */
const MimeEnvelope *mime_outgoing_envelope(const MimeOutgoing *message);
/* Its recipients as they stand in SMTP: of the newest Resent-To, -Cc and -Bcc where there are any, else of To, Cc and
 * Bcc. char *, NULL-terminated, to be freed. NULL and LIMIT: a field has more than LIMIT_ADDRESSES. */
char **mime_outgoing_recipients(const MimeOutgoing *message, GError **error);

/* Whether the recipients in its header are all: a line that is no field ends the header, and where others that
 * name recipients come after it (`only_hidden`: Bcc), these would be text, for all to read. FALSE: INPUT, which names that
 * line; STORE. */
gboolean mime_outgoing_check(MimeOutgoing *message, gboolean only_hidden, GError **error);

/* Whether it was written before and is sent on as it is: it has a Resent- field (RFC 5322, 3.6.6). */
gboolean mime_outgoing_is_resent(const MimeOutgoing *message);
/* Who speaks in it, as they stand in SMTP, the one who sends it first: those of Resent-Sender, Resent-From,
 * Sender and From. char *, NULL-terminated, to be freed. NULL and LIMIT, as above. */
char **mime_outgoing_senders(const MimeOutgoing *message, GError **error);

/* Adds what is missing: "From: name <address>" (name may be NULL), Date (UTC, so that no zone is told),
 * Message-ID (with that address's domain); of one that is sent on the same with Resent-, before the Resent-
 * fields that are there. */
void mime_outgoing_complete(MimeOutgoing *message, const char *name, const char *address, int64_t now_s);
/* As it is after that, without brackets. The message's. */
const char *mime_outgoing_message_id(const MimeOutgoing *message);

/* All of it into `fd`, a new file that can be read too. STORE, or LIMIT past LIMIT_MESSAGE_BYTES, and where
 * its parts are to be mended and are more, or deeper, than LIMIT_MIME_… says; or addresses to be encoded
 * more than LIMIT_ADDRESSES. */
gboolean mime_outgoing_write(MimeOutgoing *message, int fd, GError **error);

/* The same with these files attached: what was handed over becomes the first part of a multipart/mixed, byte
 * for byte. INPUT too: a file cannot be read. */
gboolean mime_outgoing_write_with(MimeOutgoing *message, const MimeFileWants *files, guint n, int fd,
                                  GError **error);

/* For a server that takes 7-bit text only: whether a message's file has other bytes, and the same message
 * without them (quoted-printable, base64), but in signed parts. The file is written anew. STORE, LIMIT. */
gboolean mime_outgoing_has_8bit(int fd);
gboolean mime_outgoing_to_7bit(int fd, GError **error);

#endif
