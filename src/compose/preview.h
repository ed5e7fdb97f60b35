/*
 * preview.h - a draft as those will see it who get it: written as it would be sent, and read like mail.
 *
 * Blocks on the disk, and parses mail: on the thread for that.
 */
#ifndef TERN_COMPOSE_PREVIEW_H
#define TERN_COMPOSE_PREVIEW_H

#include "compose/draft.h"
#include "render/render.h"

/* The whole as text with LF, to be freed: the header fields, the text (of a draft that is Markdown its HTML),
 * what is attached, whose bytes are not looked at. NULL and INPUT (an address), LIMIT, STORE. */
char *preview_text(const Draft *draft, const Config *config, const char *data, const RenderOptions *options,
                   GError **error);

#endif
