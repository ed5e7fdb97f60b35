/*
 * markdown.h - from what was typed as Markdown (CommonMark, by cmark) to the HTML that goes beside it.
 *
 *     *Hi*                      <p><em>Hi</em></p>
 *     ![plan](plan.png)   ──>   <img src="cid:…" alt="plan" />      where plan.png is attached
 *     > quoted                  <blockquote> …
 *     -- / Ada                  the signature, line by line
 *
 * Quoted text, and all below a line that says "Forwarded message", is somebody else's: HTML in it is shown as
 * it was typed and means nothing, pictures that are not attached become links (so that nobody's reader
 * fetches them), links that run something lead nowhere, and a link's definition ("[1]: http://…") defines
 * nothing, since the first one would count in the writer's own lines too. Pure; any thread.
 */
#ifndef TERN_COMPOSE_MARKDOWN_H
#define TERN_COMPOSE_MARKDOWN_H

#include <glib.h>

/* What stands for a picture of that name ("cid:…", to be freed); NULL: there is none. */
typedef char *(*MarkdownPicture)(const char *name, void *data);

/* A whole HTML document, UTF-8, to be freed. NULL and LIMIT: the text is longer than LIMIT_MARKDOWN_BYTES. */
char *markdown_to_html(const char *text, MarkdownPicture picture, void *data, GError **error);

#endif
