/*
 * message.h - a whole message as a tree of decoded parts.
 *
 * The bytes are checked against the caps of THREATS.md 3 before any parser sees them: what is over them becomes a message of one text part, raw,
 * with `problem` saying why. Parts are numbered as IMAP numbers them (RFC 9051 6.4.5: "1", "1.2"; inside message/rfc822 too).
 * Lives on the thread that parsed it (render, or a command's only one), whose stack is STACK_RENDER_BYTES.
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
    const char *number;   /* "1.2"; "" for the root of a multipart */
    const char *type;     /* "text/plain", lower case; "application/octet-stream" when unreadable */
    const char *charset;  /* as declared, NULL: none */
    const char *filename; /* decoded (RFC 2231, 2047), as sent: not safe for a file system (see base/filename.h); NULL: none */
    const char *description;
    const char *content_id; /* without brackets, NULL: none */
    MimeDisposition disposition;
    gboolean is_flowed, is_delsp;  /* RFC 3676 */
    gsize size_bytes;              /* decoded */
    const MimePart *const *children; /* NULL-terminated, NULL for a leaf; a message/rfc822 part has its message's root as its one child */
    const MimePart *parent;
};

/* From a file, or from bytes (copied). NULL only when the file cannot be read (STORE) or is larger than LIMIT_MESSAGE_BYTES (LIMIT). */
MimeMessage *mime_message_read(const char *path, GError **error);
MimeMessage *mime_message_parse(const char *bytes, gsize size);
void mime_message_free(MimeMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimeMessage, mime_message_free)

const MimePart *mime_message_root(const MimeMessage *message);
const MimeEnvelope *mime_message_envelope(const MimeMessage *message);
/* Why it is shown raw, a sentence; NULL when all is well. */
const char *mime_message_problem(const MimeMessage *message);

/* The header fields in order, decoded to UTF-8 (unsafe for a terminal still). */
typedef struct {
    char *name, *value;
} MimeField;
const GPtrArray *mime_message_fields(const MimeMessage *message);

/* The part with that number, or NULL. */
const MimePart *mime_message_part(const MimeMessage *message, const char *number);

/* The parts a person would call attachments, in order: MimePart * (GPtrArray without free function; the caller unrefs the array). */
GPtrArray *mime_message_attachments(const MimeMessage *message);

/* The part that a reader wants: the best of multipart/alternative (`prefer_html` as the user likes), the root of related, the first text of mixed and what follows inline:
 * MimePart * in the order to be shown. The caller unrefs the array. */
GPtrArray *mime_message_body_parts(const MimeMessage *message, gboolean prefer_html);

/* A text part as UTF-8 with LF, transfer encoding and charset undone (unknown or wrong ones by the best guess; `charset` overrides when not NULL), NULs as U+FFFD, at
 * most LIMIT_MIME_TEXT_BYTES (*cut_out tells). Never NULL. */
char *mime_part_text(const MimeMessage *message, const MimePart *part, const char *charset, gsize *size_out, gboolean *cut_out);

/* A part's decoded bytes to a descriptor. */
gboolean mime_part_write(const MimeMessage *message, const MimePart *part, int fd, GError **error);

#endif
