/*
 * header.h - the block on top of a message; for src/render only.
 */
#ifndef TERN_RENDER_HEADER_H
#define TERN_RENDER_HEADER_H

#include "render/document.h"

/* From, To, Cc, Date, Subject, and a rule below; with warnings where the sender's name or address
 * deceives. */
void render_header_block(RenderDocument *document, const MimeEnvelope *envelope,
                         const RenderOptions *options);
/* All fields as they are. */
void render_header_fields(RenderDocument *document, const GPtrArray *fields);
/* The same block from what the store knows. */
void render_header_from_store(RenderDocument *document, const RenderEnvelope *envelope,
                              const RenderOptions *options);
/* A smaller one, for a message within the message: body lines, since they are not about this one. */
void render_inner_header(RenderDocument *document, const MimeEnvelope *envelope,
                         const RenderOptions *options);

#endif
