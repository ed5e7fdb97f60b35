/* fuzz-base-sanitise.c - safe text is valid, holds no control byte and no bidi control but its own, is not
 * changed when it is made safe again, and fits where text.h says that it fits. */
#include "base/limits.h"
#include "base/sanitise.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

static void check_characters(const char *safe, SanitiseMode mode)
{
    int marks = 0;

    for (const char *p = safe; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        gboolean is_isolate = c == 0x2068 || c == 0x2069;
        REQUIRE(c >= 0x20 || (c == '\n' && mode != SANITISE_LINE));
        REQUIRE(c < 0x7F || c > 0x9F);
        REQUIRE(!(c >= 0x202A && c <= 0x202E) && !(c == 0x2066 || c == 0x2067));
        REQUIRE(!is_isolate || mode != SANITISE_OPEN);
        marks = g_unichar_ismark(c) ? marks + 1 : c == 0x200D || c == 0x200C ? marks : 0;
        REQUIRE(marks <= LIMIT_COMBINING_MARKS + 1); /* and a variation selector */
    }
}

typedef struct {
    const char *text;
    int cols;
    gsize end;
} Wrapped;

static void check_line(gsize offset, gsize length, int width_cols, void *data)
{
    Wrapped *wrapped = data;

    REQUIRE(offset >= wrapped->end && width_cols <= MAX(wrapped->cols, 2));
    REQUIRE(text_width_cols(wrapped->text + offset, (gssize)length) <= width_cols);
    for (gsize i = wrapped->end; i < offset; i++)
        REQUIRE(wrapped->text[i] == ' ' || wrapped->text[i] == '\n');
    wrapped->end = offset + length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    SanitiseMode mode = data[0] % 3;
    int cols = data[1] % 40;
    g_autofree char *safe = sanitise((const char *)data + 2, (gssize)size - 2, mode);
    gsize safe_size = strlen(safe);
    REQUIRE(g_utf8_validate(safe, (gssize)safe_size, NULL));
    REQUIRE(safe_size <= 9 * size + 16);
    check_characters(safe, mode);
    g_autofree char *again = sanitise(safe, -1, mode);
    REQUIRE(strcmp(safe, again) == 0);

    Wrapped wrapped = {safe, cols, 0};
    text_wrap(safe, safe_size, cols, check_line, &wrapped);
    for (gsize i = wrapped.end; i < safe_size; i++)
        REQUIRE(safe[i] == ' ' || safe[i] == '\n');

    g_autofree char *padded = text_pad(safe, cols, data[1] & 1);
    REQUIRE(text_width_cols(padded, -1) == cols);
    g_autofree char *name = sanitise_file_name(safe);
    g_autofree char *name_again = sanitise_file_name(name);
    REQUIRE(strlen(name) <= 200 && !strchr(name, '/') && name[0] != '.' && strcmp(name, name_again) == 0);
    g_autofree char *folded = text_fold(safe);
    REQUIRE(g_utf8_validate(folded, -1, NULL));
    return 0;
}
