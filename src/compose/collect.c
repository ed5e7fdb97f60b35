/* collect.c - see collect.h. */
#include "compose/collect.h"

#include "base/error.h"
#include "base/i18n.h"
#include "compose/resume.h"

/* The draft that was meant, or the newest; to be freed. NULL: there is none. */
static char *choose(const char *data, const char *id, GError **error)
{
    g_autoptr(GPtrArray) ids = draft_list(data, error);

    if (!ids)
        return NULL;
    if (!ids->len) {
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("no message is unfinished that this could go into; begin one first"));
        return NULL;
    }
    const gboolean is_there = id && g_ptr_array_find_with_equal_func(ids, id, g_str_equal, NULL);
    return g_strdup(is_there ? id : ids->pdata[ids->len - 1]);
}

static gboolean add_to(Draft *draft, const ReplySource *sources, guint n, const char *data, GError **error)
{
    const guint before = draft->attachments->len;

    if (draft->kind == DRAFT_RESEND) {
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("the draft “%s” is a message that is sent on as it is; "
                         "nothing can be attached to it"),
                       draft->fields[DRAFT_SUBJECT]);
        return FALSE;
    }
    g_clear_pointer(&draft->filed, g_free);
    if (forward_add(draft, sources, n, data, error) && draft_save(draft, data, error))
        return TRUE;
    while (draft->attachments->len > before)
        draft_detach(draft, draft->attachments->len - 1);
    return FALSE;
}

char *collect_messages(const char *data, const char *id, const ReplySource *sources, guint n, GError **error)
{
    Kept kept = {.hold_fd = -1};
    g_autofree char *into = choose(data, id, error);
    g_autoptr(Draft) draft =
        into && kept_hold(&kept, data, into, error) ? draft_load(data, into, error) : NULL;
    const gboolean is_added = draft && add_to(draft, sources, n, data, error);

    kept_clear(&kept);
    return is_added ? g_strdup(draft->fields[DRAFT_SUBJECT]) : NULL;
}
