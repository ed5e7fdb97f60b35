/* suggest.c - see suggest.h. */
#include "config/suggest.h"

#include <string.h>

#define LONGEST 64

guint suggest_distance(const char *a, const char *b)
{
    gsize a_len = strlen(a), b_len = strlen(b);
    guint rows[3][LONGEST + 1]; /* this row, the one before, and the one before that, for swaps */

    if (a_len > LONGEST || b_len > LONGEST)
        return G_MAXUINT;
    for (gsize j = 0; j <= b_len; j++)
        rows[0][j] = (guint)j;
    for (gsize i = 1; i <= a_len; i++) {
        guint *now = rows[i % 3], *last = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        now[0] = (guint)i;
        for (gsize j = 1; j <= b_len; j++) {
            char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);
            now[j] = MIN(MIN(now[j - 1], last[j]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && y == g_ascii_tolower(a[i - 2]))
                now[j] = MIN(now[j], second[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

const char *suggest_nearest(const char *word, const char *const *known)
{
    gsize length = strlen(word);
    guint best = MAX(1, (guint)length / 3) + 1;
    const char *found = NULL;

    for (; *known; known++) {
        guint distance = suggest_distance(word, *known);
        if (length >= 3 && g_ascii_strncasecmp(word, *known, length) == 0)
            distance = MIN(distance, 1);
        if (distance < best) {
            best = distance;
            found = *known;
        }
    }
    return found;
}
