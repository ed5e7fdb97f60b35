/* patch.c - see patch.h. */
#include "render/patch.h"

#include <string.h>

static gboolean begins_with(const char *line, gsize bytes, const char *prefix)
{
    gsize n = strlen(prefix);

    return bytes >= n && memcmp(line, prefix, n) == 0;
}

/* "12,7" or "12" at *p: the second number, 1 when there is none. */
static gboolean read_range(const char **p, const char *end, guint *lines_out)
{
    guint numbers[2] = {0, 1};

    for (int i = 0; i < 2; i++) {
        const char *start = *p;
        for (numbers[i] = 0; *p < end && g_ascii_isdigit(**p) && *p - start < 7; ++*p)
            numbers[i] = numbers[i] * 10 + (guint)(**p - '0');
        if (*p == start)
            return FALSE;
        if (i == 0 && (*p == end || **p != ',')) {
            numbers[1] = 1;
            break;
        }
        *p += i == 0;
    }
    *lines_out = numbers[1];
    return TRUE;
}

/* "@@ -1,7 +1,8 @@ …" */
static gboolean read_hunk(const char *line, gsize bytes, PatchState *state)
{
    const char *p = line + 4, *end = line + bytes;
    guint old_lines, new_lines;

    if (!begins_with(line, bytes, "@@ -") || !read_range(&p, end, &old_lines))
        return FALSE;
    if (end - p < 2 || memcmp(p, " +", 2) != 0)
        return FALSE;
    p += 2;
    if (!read_range(&p, end, &new_lines) || end - p < 3 || memcmp(p, " @@", 3) != 0)
        return FALSE;
    state->old_lines = old_lines;
    state->new_lines = new_lines;
    return TRUE;
}

gboolean render_patch_is_inside(const PatchState *state)
{
    return state->old_lines > 0 || state->new_lines > 0;
}

static RenderStyle hunk_line(PatchState *state, const char *line, gsize bytes)
{
    char first = bytes > 0 ? line[0] : ' ';

    if (first == '+' && state->new_lines > 0) {
        state->new_lines--;
        return RENDER_DIFF_ADD;
    }
    if (first == '-' && state->old_lines > 0) {
        state->old_lines--;
        return RENDER_DIFF_DEL;
    }
    if (first == '\\') /* "\ No newline at end of file" */
        return RENDER_DIM;
    if (first == ' ') {
        state->old_lines -= state->old_lines > 0;
        state->new_lines -= state->new_lines > 0;
        return RENDER_NORMAL;
    }
    memset(state, 0, sizeof *state); /* not what the counts said: prose */
    return RENDER_NORMAL;
}

RenderStyle render_patch_line(PatchState *state, const char *line, gsize bytes, const char *next,
                              gsize next_bytes)
{
    if (render_patch_is_inside(state))
        return hunk_line(state, line, bytes);
    if (state->is_file && read_hunk(line, bytes, state))
        return RENDER_DIFF_HUNK;
    if (begins_with(line, bytes, "+++ ") && state->is_file)
        return RENDER_BOLD;
    state->is_file = begins_with(line, bytes, "--- ") && begins_with(next, next_bytes, "+++ ");
    return state->is_file || begins_with(line, bytes, "diff --git ") ? RENDER_BOLD : RENDER_NORMAL;
}
