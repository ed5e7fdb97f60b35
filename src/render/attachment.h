/*
 * attachment.h - what is attached, in words; for src/render only.
 */
#ifndef TERN_RENDER_ATTACHMENT_H
#define TERN_RENDER_ATTACHMENT_H

#include "render/document.h"

void render_attachment_free(gpointer attachment);

/* The list below the text: number, name, kind, size; nothing when nothing is attached. */
void render_attachments(RenderDocument *document, const MimeMessage *message);

/* A media type in words ("PDF document"), translated; the type itself where there are none for it. Not safe
 * to show. */
const char *render_type_name(const char *type);

/* "48 KB". To be freed. */
char *render_size_text(gsize bytes);

#endif
