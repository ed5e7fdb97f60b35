/* collect.c - see collect.h. */
#include "compose/collect.h"

#include "base/error.h"
#include "base/i18n.h"
#include "compose/resume.h"

void collected_clear(Collected *collected)
{
    g_clear_pointer(&collected->found, draft_free);
    g_clear_pointer(&collected->subject, g_free);
}

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

static gboolean read_subject(Collected *collected, const char *data, const char *id, GError **error)
{
    Kept kept = {.hold_fd = -1};
    g_autoptr(Draft) draft = kept_hold(&kept, data, id, error) ? draft_load(data, id, error) : NULL;

    if (draft)
        collected->subject = g_strdup(draft->fields[DRAFT_SUBJECT]);
    kept_clear(&kept);
    return draft != NULL;
}

gboolean collect_messages(Collected *collected, const char *data, const char *id, const ReplySource *sources,
                          guint n, GError **error)
{
    g_autofree char *into = choose(data, id, error);

    if (!into || !read_subject(collected, data, into, error))
        return FALSE;
    collected->found = draft_new(NULL);
    g_free(collected->found->id);
    collected->found->id = g_steal_pointer(&into);
    return forward_add(collected->found, sources, n, data, error);
}
