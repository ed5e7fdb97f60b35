/* play_folder.c - entries about folders, one command each (play_imap.h). */
#include "engine/play_private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/folder_guard.h"
#include "engine/link.h"
#include "imap/folder.h"

#include <string.h>

/* The raw name of a folder that is to be called so: under the prefix of one's own folders where the server
 * has one ("INBOX."). */
static char *raw_name_of(const Play *play, const StoreFolder *folder, const char *name, GError **error)
{
    const ImapSession *session = play->with->session;
    const GPtrArray *namespaces = imap_session_namespaces(session);

    for (guint i = 0; namespaces && i < namespaces->len; i++) {
        const ImapNamespace *space = namespaces->pdata[i];
        if (space->kind != IMAP_PERSONAL || !*space->prefix)
            continue;
        g_autofree char *raw = imap_raw_name(session, name, space->delimiter, error);
        if (!raw)
            return NULL;
        return g_str_has_prefix(raw, space->prefix) ? g_steal_pointer(&raw)
                                                    : g_strconcat(space->prefix, raw, NULL);
    }
    return imap_raw_name(session, name, folder->delimiter, error);
}

/* It is as it should be although the server said no. */
static gboolean is_so_already(const Play *play, const GError *failed, const char *code)
{
    return tern_error_is(failed, TERN_ERROR_REFUSED) &&
           !g_strcmp0(imap_session_refusal(play->with->session), code);
}

static gboolean do_create(Play *play, const StoreEntry *entry, const char *raw, gboolean *was_there_out,
                          GError **error)
{
    ImapSession *session = play->with->session;
    GError *failed = NULL;

    if (!imap_create(session, raw, (ImapRole)entry->set, NULL, &failed)) {
        if (!is_so_already(play, failed, "ALREADYEXISTS")) {
            g_propagate_error(error, failed);
            return FALSE;
        }
        g_clear_error(&failed);
        *was_there_out = TRUE;
    }
    /* Other clients show what is subscribed to; a server that refuses has the folder all the same. */
    if (!imap_subscribe(session, raw, TRUE, &failed) && !link_survives(failed)) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    g_clear_error(&failed);
    return TRUE;
}

/* Asked just before it is deleted. INPUT: it stays. */
static gboolean check_contents(const Play *play, const StoreEntry *entry, const StoreFolder *folder,
                               GError **error)
{
    ImapSelected selected;
    GError *failed = NULL;

    if (!folder->selectable || !folder_guard_looks(entry))
        return TRUE;
    if (imap_select(play->with->session, folder->raw_name, TRUE, &selected, &failed))
        return folder_guard_passes(entry, folder->name, selected.exists, error);
    if (is_so_already(play, failed, "NONEXISTENT"))
        g_clear_error(&failed);
    else
        g_propagate_error(error, failed);
    return !failed;
}

static gboolean do_delete(Play *play, const StoreEntry *entry, const StoreFolder *folder, GError **error)
{
    ImapSession *session = play->with->session;
    GError *failed = NULL;

    g_clear_pointer(&play->selected, g_free);
    if (!check_contents(play, entry, folder, error))
        return FALSE;
    if (!g_strcmp0(imap_session_selected(session), folder->raw_name) && !imap_unselect(session, error))
        return FALSE;
    if (imap_delete(session, folder->raw_name, &failed) || is_so_already(play, failed, "NONEXISTENT")) {
        g_clear_error(&failed);
        return TRUE;
    }
    g_propagate_error(error, failed);
    return FALSE;
}

/* Whether it was done by a command whose answer was lost: there is the new name, and not the old one. FALSE
 * with an error: the server does not say. */
static gboolean is_renamed(Play *play, const char *old_raw, const char *raw, GError **error)
{
    gboolean has_old = FALSE, has_new = FALSE;
    ImapListGaps gaps;
    g_autoptr(GPtrArray) folders = imap_list(play->with->session, &gaps, error);

    for (guint i = 0; folders && i < folders->len; i++) {
        const ImapFolder *folder = folders->pdata[i];
        has_old |= !strcmp(folder->raw_name, old_raw);
        has_new |= !strcmp(folder->raw_name, raw);
    }
    return has_new && !has_old && !gaps.has_more && !gaps.has_odd;
}

static gboolean do_rename(Play *play, const StoreFolder *folder, const char *raw, GError **error)
{
    ImapSession *session = play->with->session;
    g_autoptr(GError) refused = NULL, failed = NULL;

    g_clear_pointer(&play->selected, g_free);
    /* The same: a list has told of it meanwhile. */
    if (!strcmp(folder->raw_name, raw) || imap_rename(session, folder->raw_name, raw, &refused))
        return TRUE;
    if (tern_error_is(refused, TERN_ERROR_REFUSED) && !imap_session_refusal_may_pass(session)) {
        if (is_renamed(play, folder->raw_name, raw, &failed))
            return TRUE;
        if (failed && !link_survives(failed)) {
            g_propagate_error(error, g_steal_pointer(&failed));
            return FALSE;
        }
    }
    g_propagate_error(error, g_steal_pointer(&refused));
    return FALSE;
}

/* What the entry asks for; *raw_out: the name that the folder has then, where it is another one. */
static gboolean perform(Play *play, const StoreEntry *entry, const StoreFolder *folder, char **raw_out,
                        gboolean *was_there_out, GError **error)
{
    ImapSession *session = play->with->session;

    switch (entry->verb) {
    case STORE_VERB_CREATE:
        /* The namespaces come with the answer to the first command. */
        if (!imap_session_namespaces(session)->len && !imap_noop(session, error))
            return FALSE;
        *raw_out = raw_name_of(play, folder, entry->name, error);
        return *raw_out && do_create(play, entry, *raw_out, was_there_out, error);
    case STORE_VERB_RENAME:
        *raw_out = raw_name_of(play, folder, entry->name, error);
        return *raw_out && do_rename(play, folder, *raw_out, error);
    case STORE_VERB_DELETE:
        return do_delete(play, entry, folder, error);
    case STORE_VERB_SUBSCRIBE:
        return imap_subscribe(session, folder->raw_name, entry->set != 0, error);
    default:
        tern_error_set(error, TERN_ERROR_REFUSED, _("this tern does not know how to do that"));
        return FALSE;
    }
}

static PlayEnd *try_folder(Play *play, const StoreEntry *entry, GError **error)
{
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(play->with->reader, entry->folder, error);
    g_autofree char *raw = NULL;
    gboolean was_there = FALSE;

    if (!folder && !*error)
        tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
    if (!folder || !perform(play, entry, folder, &raw, &was_there, error))
        return NULL;
    PlayEnd *end = play_end_new();
    if (raw)
        play_end_done_folder(end, entry, raw, folder->delimiter, was_there);
    else
        play_end_done(end, entry, 0);
    return end;
}

gboolean play_folder(Play *play, const StoreEntry *entry, GError **error)
{
    StoreEntry *const one = (StoreEntry *)entry;
    GError *failed = NULL;

    if (!play->with->checkpoint(play->with->data, error))
        return FALSE;
    PlayEnd *end = try_folder(play, entry, &failed);
    return end ? play_end_commit(end, play, error)
               : play_end_run_failed(play, &(PlayRun){&one, 1}, failed, error);
}
