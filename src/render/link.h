/*
 * link.h - finding links in text, and telling where they lead; for src/render only.
 */
#ifndef TERN_RENDER_LINK_H
#define TERN_RENDER_LINK_H

#include "render/document.h"

/* A link of that text to that target, both from outside: made safe, its host judged. */
RenderLink *render_link_new(const char *text, const char *url);
void render_link_free(gpointer link);

/* The host that the url leads to as it is to be shown, "" for none; to be freed. */
char *render_link_host(const char *url);

/* The first link in safe text: its place in *start_out and *length_out. FALSE: none. Punctuation that ends
 * the sentence is left out. */
gboolean render_link_find(const char *text, gsize bytes, gsize *start_out, gsize *length_out);

/* Appends safe text in that style, with the links in it marked and listed. */
void render_text_add_linked(RenderText *text, RenderDocument *document, const char *safe, gsize bytes,
                            RenderStyle style);

/* Where a link leads to another host than it looks like: appends where, as a warning. */
void render_text_add_link_warning(RenderText *text, const RenderDocument *document, int link);

#endif
