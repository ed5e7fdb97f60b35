/*
 * renderer.h - the render thread: it turns message files into lines while the ui thread answers keys
 * (DESIGN.md: Threads).
 *
 * Jobs go in by one queue, documents come out by another one, whose flag the main loop watches. A job that a
 * newer one has overtaken is passed over. The thread is started with the first job. Ui thread.
 */
#ifndef TERN_UI_RENDERER_H
#define TERN_UI_RENDERER_H

#include "base/wake.h"
#include "render/render.h"

#include <glib.h>

typedef struct Renderer Renderer;

/* `done` is set when a document came. */
Renderer *renderer_new(Wake *done);
/* Does not wait for a message that is still being read. */
void renderer_free(Renderer *renderer);

/* Asks for a file's lines; everything is copied. Gives the number that the answer will have. */
guint64 renderer_request(Renderer *renderer, const char *path, const RenderOptions *options);

/* An answer: its number, and a document or an error. FALSE: there is none now. */
gboolean renderer_take(Renderer *renderer, guint64 *number_out, RenderDocument **document_out,
                       GError **error);

#endif
