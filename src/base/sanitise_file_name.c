/* sanitise_file_name.c - names of attachments, before they become names of files (sanitise.h). */
#include "base/sanitise.h"

#include "base/text.h"

#include <string.h>

#define NAME_BYTES 200
#define EXTENSION_BYTES 20
#define NO_NAME "attachment"

/* Names that another system would take for a device, with any extension. */
static gboolean is_device(const char *name)
{
    static const char *const DEVICES[] = {"con", "prn", "aux", "nul", "com", "lpt"};
    gsize length = strcspn(name, ".");

    for (gsize i = 0; i < G_N_ELEMENTS(DEVICES); i++) {
        gboolean is_numbered = i >= 4;
        if (g_ascii_strncasecmp(name, DEVICES[i], 3) == 0 && length == (is_numbered ? 4 : 3) &&
            (!is_numbered || g_ascii_isdigit(name[3])))
            return TRUE;
    }
    return FALSE;
}

/* At most NAME_BYTES, cut before the extension, between graphemes. */
static char *shorten(const char *name)
{
    gsize size = strlen(name), length = 0, n;

    if (size <= NAME_BYTES)
        return g_strdup(name);
    const char *dot = strrchr(name, '.');
    const char *extension = dot && strlen(dot) <= EXTENSION_BYTES ? dot : "";
    gsize room = NAME_BYTES - strlen(extension);
    while ((n = text_next_grapheme(name + length, size - length, NULL)) > 0 && length + n <= room)
        length += n;
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '.'))
        length--;
    if (length == 0) /* one grapheme, of dozens of emoji */
        return g_strconcat(NO_NAME, extension, NULL);
    /* Once more: what a joiner joined may have been cut off. */
    g_autofree char *cut = g_strdup_printf("%.*s%s", (int)length, name, extension);
    return sanitise(cut, -1, SANITISE_OPEN);
}

char *sanitise_file_name(const char *name)
{
    g_autofree char *safe = sanitise(name, -1, SANITISE_OPEN);
    const char *start = safe;

    for (char *p = safe; *p; p++) {
        if (*p == '/' || *p == '\\')
            start = p + 1;
        else if (*p == '\n' || strchr(":*?\"<>|$`;", *p))
            *p = '_';
    }
    start += strspn(start, ".-~ ");
    gsize length = strlen(start);
    while (length > 0 && (start[length - 1] == '.' || start[length - 1] == ' '))
        length--;
    /* Once more: what was taken off in front may have carried a mark. */
    g_autofree char *trimmed = sanitise(start, (gssize)length, SANITISE_OPEN);
    if (length == 0)
        return g_strdup(NO_NAME);
    if (is_device(trimmed)) {
        g_autofree char *other = g_strconcat("file_", trimmed, NULL);
        return shorten(other);
    }
    return shorten(trimmed);
}
