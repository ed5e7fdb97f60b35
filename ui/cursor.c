/* cursor.c - see cursor.h. */
#include "ui/cursor.h"

#include "base/text.h"

#include <string.h>

gsize cursor_after(const GString *text, gsize at)
{
    return at + text_next_grapheme(text->str + at, text->len - at, NULL);
}

gsize cursor_line_start(const GString *text, gsize at)
{
    while (at > 0 && text->str[at - 1] != '\n')
        at--;
    return at;
}

gsize cursor_line_end(const GString *text, gsize at)
{
    return at + strcspn(text->str + at, "\n");
}

gsize cursor_before(const GString *text, gsize at)
{
    gsize from = cursor_line_start(text, at), next;

    if (from == at)
        return at > 0 ? at - 1 : 0;
    while ((next = cursor_after(text, from)) < at)
        from = next;
    return from;
}

static gboolean begins_word(const GString *text, gsize at, CursorIsWord is_word)
{
    return is_word(g_utf8_get_char(text->str + at));
}

gsize cursor_word_before(const GString *text, gsize at, CursorIsWord is_word)
{
    while (at > 0 && !begins_word(text, cursor_before(text, at), is_word))
        at = cursor_before(text, at);
    while (at > 0 && begins_word(text, cursor_before(text, at), is_word))
        at = cursor_before(text, at);
    return at;
}

gsize cursor_word_after(const GString *text, gsize at, CursorIsWord is_word)
{
    while (at < text->len && !begins_word(text, at, is_word))
        at = cursor_after(text, at);
    while (at < text->len && begins_word(text, at, is_word))
        at = cursor_after(text, at);
    return at;
}
