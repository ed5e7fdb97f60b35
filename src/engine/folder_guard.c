/* folder_guard.c - see folder_guard.h. The entry's `clear` is one more than what was known, 0: unknown. */
#include "engine/folder_guard.h"

#include "base/error.h"
#include "base/i18n.h"

gboolean folder_guard_looks(const StoreEntry *entry)
{
    return entry->set || entry->clear;
}

static char *why_it_stays(const StoreEntry *entry, const char *name, guint messages)
{
    if (entry->set)
        return g_strdup_printf(
            ngettext_("the folder “%s” was to go since its making was undone, but holds %u "
                      "message by now; it is kept, delete it if that is meant",
                      "the folder “%s” was to go since its making was undone, but holds %u "
                      "messages by now; it is kept, delete it if that is meant",
                      messages),
            name, messages);
    return g_strdup_printf(
        ngettext_("the folder “%s” holds %u message, more than when it was deleted here; it "
                  "is kept, delete it again if that is meant",
                  "the folder “%s” holds %u messages, more than when it was deleted here; "
                  "it is kept, delete it again if that is meant",
                  messages),
        name, messages);
}

gboolean folder_guard_passes(const StoreEntry *entry, const char *name, guint messages, GError **error)
{
    const guint known = entry->set || !entry->clear ? 0 : entry->clear - 1;

    if (messages <= known)
        return TRUE;
    g_autofree char *why = why_it_stays(entry, name, messages);
    tern_error_set(error, TERN_ERROR_INPUT, "%s", why);
    return FALSE;
}
