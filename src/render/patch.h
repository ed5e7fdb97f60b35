/*
 * patch.h - which lines of a text are a patch's; for src/render only.
 */
#ifndef TERN_RENDER_PATCH_H
#define TERN_RENDER_PATCH_H

#include "render/render.h"

/* Where one is within a patch; begins as zeros. */
typedef struct {
    gboolean is_file;           /* after a "+++ " line: hunks may follow */
    guint old_lines, new_lines; /* that the hunk still holds */
} PatchState;

/* The style of the next line; RENDER_NORMAL when it is not a patch's. `next` is the line after it ("" at the
 * end). */
RenderStyle render_patch_line(PatchState *state, const char *line, gsize bytes, const char *next,
                              gsize next_bytes);

/* Whether the next line belongs to a hunk, whatever it begins with. */
gboolean render_patch_is_inside(const PatchState *state);

#endif
