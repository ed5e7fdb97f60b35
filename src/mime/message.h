/*
 * message.h - a whole message as a tree of decoded parts.
 *
 * The bytes are checked against the caps of THREATS.md 3 before any parser sees them (structure.h): what is
 * over them becomes a message of one text part, raw, with `problem` saying why. Parts are numbered as IMAP
 * numbers them (RFC 9051 6.4.5: "1", "1.2"; inside message/rfc822 too). Everything is decoded, nothing is
 * safe to show yet.
 *
 * What counts as an attachment (imap/bodystructure.h counts the same from BODYSTRUCTURE): a leaf whose
 * disposition is attachment or one that nobody knows; and a leaf with a file name, unless it is text with
 * disposition inline, or an image with a Content-ID somewhere inside multipart/related. A message within the
 * message counts, unless it is inline and has no file name; only in that case what is attached to it counts.
 *
 * Lives on the thread that parsed it (render, or a command's only one).
 */
#ifndef TERN_MIME_MESSAGE_H
#define TERN_MIME_MESSAGE_H

#include "mime/envelope.h"

#include <glib.h>

typedef struct MimeMessage MimeMessage;
typedef struct MimePart MimePart;

typedef enum { MIME_NO_DISPOSITION, MIME_INLINE, MIME_ATTACHMENT } MimeDisposition;

/* Plain description of a part; the strings are the message's. */
struct MimePart {
    const char *number;  /* "1.2"; "" for a multipart that is the root of a message */
    const char *type;    /* "text/plain", lower case; "application/octet-stream" when unreadable */
    const char *charset; /* as declared, NULL: none */
    const char
        *filename; /* decoded (RFC 2231, 2047), as sent: for a file system through sanitise_file_name() only;
                             NULL: none */
    const char *description;
    const char *content_id; /* without brackets, NULL: none */
    MimeDisposition disposition;
    gboolean is_flowed, is_delsp; /* RFC 3676 */
    gsize size_bytes;             /* decoded; of a multipart or a message all its bytes */
    const MimePart *const
        *children; /* NULL-terminated, NULL for a leaf; a message/rfc822 part has its message's root
                                        as its one child */
    const MimePart *parent;
};

/* From a file, or from bytes (copied). NULL only when the file cannot be read (STORE) or is larger than
 * LIMIT_MESSAGE_BYTES (LIMIT). */
MimeMessage *mime_message_read(const char *path, GError **error);
MimeMessage *mime_message_parse(const char *bytes, gsize size);
void mime_message_free(MimeMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimeMessage, mime_message_free)

const MimePart *mime_message_root(const MimeMessage *message);
const MimeEnvelope *mime_message_envelope(const MimeMessage *message);
/* Why it is shown raw, translated: "it has too many parts"; NULL when all is well. */
const char *mime_message_problem(const MimeMessage *message);

/* The header fields in order, decoded to UTF-8 (unsafe for a terminal still), LIMIT_MIME_HEADER_FIELDS at
 * most. */
typedef struct {
    char *name, *value;
} MimeField;
const GPtrArray *mime_message_fields(const MimeMessage *message);
/* The value of the first of that name, in any case, or NULL. */
const char *mime_message_field(const MimeMessage *message, const char *name);
/* The values of all of that name, with ", " between them, to be freed; NULL: there is none. */
char *mime_message_field_all(const MimeMessage *message, const char *name);

/* The part with that number, or NULL. */
const MimePart *mime_message_part(const MimeMessage *message, const char *number);

/* The envelope of a message/rfc822 part's message, to be freed; NULL when it is no such part. */
MimeEnvelope *mime_part_envelope(const MimeMessage *message, const MimePart *part);

/* All parts in the order of the bytes, the root first: MimePart *. The caller unrefs the array. */
GPtrArray *mime_message_parts(const MimeMessage *message);

/* The parts a person would call attachments (see above), in order: MimePart *. The caller unrefs the
 * array. */
GPtrArray *mime_message_attachments(const MimeMessage *message);

/* What a new message that is made of this one's text would lose: those attachments, and whatever else is not
 * read: the pictures of HTML, an invitation beside the text. Not another form of the same text, no signature,
 * nothing of what is encrypted. In order: MimePart *. The caller unrefs the array. */
GPtrArray *mime_message_beside_text(const MimeMessage *message);

/* Whether all or a part of what is to be read is encrypted (RFC 1847). */
gboolean mime_message_is_encrypted(const MimeMessage *message);

/* Whether it is a message of a multipart/digest (RFC 2046 5.1.5) that is an attachment, or stands in one. */
gboolean mime_part_is_in_digest(const MimePart *part);

/* The parts that a reader wants, in the order to be shown: the best of multipart/alternative (`prefer_html`
 * as the user likes), the root of related, the texts of mixed, the signed part of multipart/signed, messages
 * that are inline or in a digest. Empty when there is nothing to read (an attachment alone; encrypted).
 * MimePart *; the caller unrefs the array. */
GPtrArray *mime_message_body_parts(const MimeMessage *message, gboolean prefer_html);

/* A text part as UTF-8 with LF, transfer encoding and charset undone (unknown or wrong ones by the best
 * guess; `charset` overrides when not NULL), NULs as U+FFFD, at most LIMIT_MIME_TEXT_BYTES (*cut_out tells;
 * it and size_out may be NULL). Never NULL; to be freed. */
char *mime_part_text(const MimeMessage *message, const MimePart *part, const char *charset, gsize *size_out,
                     gboolean *cut_out);

/* Takes decoded bytes; FALSE ends the decoding. */
typedef gboolean (*MimeSink)(const char *bytes, gsize size, void *data);

/* Hands a part's decoded bytes to `sink` in order; a multipart's or a message's come as they are. FALSE when
 * the sink said so. */
gboolean mime_part_decode(const MimeMessage *message, const MimePart *part, MimeSink sink, void *data);
/* A part's decoded bytes to a descriptor; of a message/rfc822 part or a multipart its bytes as they came.
 * FALSE and STORE when they cannot be written. */
gboolean mime_part_write(const MimeMessage *message, const MimePart *part, int fd, GError **error);

#endif
