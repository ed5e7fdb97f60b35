/* render-check.h - what holds for every rendered document, whatever the message; for unit tests and the
 * fuzzer. */
#ifndef TERN_TESTS_RENDER_CHECK_H
#define TERN_TESTS_RENDER_CHECK_H

#include "render/render.h"

/* Aborts with a sentence when the document breaks its promises: a line wider than asked or with an unsafe
 * character, isolates that are not closed, spans out of order, links that are not there, a header line among
 * others. */
void render_check(const RenderDocument *document, const RenderOptions *options);

#endif
