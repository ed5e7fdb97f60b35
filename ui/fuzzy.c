/* fuzzy.c - see fuzzy.h. */
#include "ui/fuzzy.h"

#include <string.h>

#define SCORE_LETTER 10
#define SCORE_NEXT_TO 15
#define SCORE_WORD 20
#define SCORE_WHOLE 40
#define SCORE_MAX_LENGTH 200

static gboolean is_separator(gunichar character)
{
    return !g_unichar_isalnum(character);
}

/* A blank stands for a blank, or for whatever parts what is before it from what is after it. */
static const char *skip_blanks(const char *pattern, gunichar letter)
{
    return letter == ' ' ? pattern : pattern + strspn(pattern, " ");
}

/* One way of fitting: each letter at its first place from `start` on; -1: none. */
static int score_from(const char *pattern, const char *text, const char *start)
{
    int score = 0;
    gunichar previous = ' ';
    gboolean was_match = FALSE;

    if (start > text)
        previous = g_utf8_get_char(g_utf8_find_prev_char(text, start));
    for (const char *p = start; *p && *pattern; p = g_utf8_next_char(p)) {
        gunichar letter = g_utf8_get_char(p);
        pattern = skip_blanks(pattern, letter);
        gboolean is_match =
            *pattern && g_unichar_tolower(letter) == g_unichar_tolower(g_utf8_get_char(pattern));
        if (is_match) {
            score +=
                SCORE_LETTER + (was_match ? SCORE_NEXT_TO : 0) + (is_separator(previous) ? SCORE_WORD : 0);
            pattern = g_utf8_next_char(pattern);
        }
        was_match = is_match;
        previous = letter;
    }
    return *skip_blanks(pattern, 0) ? -1 : score;
}

int fuzzy_score(const char *pattern, const char *text)
{
    int best = -1;
    int length = (int)MIN(strlen(text), SCORE_MAX_LENGTH);

    pattern += strspn(pattern, " ");
    if (!*pattern)
        return 0;
    gunichar first = g_unichar_tolower(g_utf8_get_char(pattern));
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (g_unichar_tolower(g_utf8_get_char(p)) == first)
            best = MAX(best, score_from(pattern, text, p));
    if (best < 0)
        return -1;
    if (g_ascii_strcasecmp(pattern, text) == 0)
        best += SCORE_WHOLE;
    return MAX(best * 10 - length, 1);
}
