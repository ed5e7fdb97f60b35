/*
 * message_parts.h - the body of a message that is written: text, what is made of it, and what is attached.
 *
 *      multipart/mixed                     where something is attached
 *        multipart/alternative             where the text is Markdown
 *          text/plain                      as it was typed
 *          multipart/related               where pictures stand in it
 *            text/html, image/png …
 *        multipart/digest                  where messages are passed on as one
 *          message/rfc822 …
 *        attachment …
 *
 * For message.c only. Blocks on the disk.
 */
#ifndef TERN_COMPOSE_MESSAGE_PARTS_H
#define TERN_COMPOSE_MESSAGE_PARTS_H

#include "compose/message.h"
#include "mime/write_body.h"

/* What is known before the first byte is written. */
typedef struct {
    char *html; /* of a draft that is Markdown; NULL */
    char **ids; /* Content-ID of each attachment that stands in the text, without brackets; NULL: beside it */
    guint n_beside;
} MessageParts;

/* `as_markdown`: HTML is made of the text. FALSE and LIMIT: it is too long for that. To be cleared all the
 * same. */
gboolean message_parts_plan(MessageParts *parts, const Draft *draft, gboolean as_markdown, GError **error);
void message_parts_clear(MessageParts *parts, const Draft *draft);
/* The fields Content-…, an empty line, the body. What fails is the writer's. */
void message_parts_write(MimeWriter *writer, const MessageParts *parts, const Draft *draft,
                         const ComposeOptions *options);

#endif
