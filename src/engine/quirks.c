/* quirks.c - see quirks.h. */
#include "engine/quirks.h"

/* A row fits by one of the two. */
static const struct {
    const char *id;         /* how the server's ID begins; NULL: whatever it is */
    const char *capability; /* NULL: whatever it has */
    guint quirks;
} TABLE[] = {
    /* iCloud: VANISHED with what did not vanish, and no ENABLED (as of 2026; other clients switched it off too). */
    {NULL, "XAPPLELITERAL", QUIRK_NO_QRESYNC},
};

static gboolean fits(guint row, const char *id, const char *const *capabilities)
{
    if (TABLE[row].id && id && g_str_has_prefix(id, TABLE[row].id))
        return TRUE;
    for (; TABLE[row].capability && capabilities && *capabilities; capabilities++)
        if (g_ascii_strcasecmp(*capabilities, TABLE[row].capability) == 0)
            return TRUE;
    return FALSE;
}

guint quirks_of_server(const char *id, const char *const *capabilities)
{
    guint quirks = 0;

    for (guint i = 0; i < G_N_ELEMENTS(TABLE); i++)
        if (fits(i, id, capabilities))
            quirks |= TABLE[i].quirks;
    return quirks;
}

guint quirks_of(const ImapSession *session)
{
    return quirks_of_server(imap_session_server(session), imap_session_capabilities(session));
}
