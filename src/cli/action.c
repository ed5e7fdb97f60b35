/*
 * action.c - tern flag, unflag, read, unread, tag, untag, move, copy, archive, delete, undelete, junk,
 * notjunk: what is done to messages, by their ids.
 *
 * Each is one group of the journal, done as a whole or not at all; whoever holds the connection plays it.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "cli/change.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/target.h"
#include "store/change.h"
#include "store/ids.h"

#include <string.h>

typedef struct Action Action;

typedef gboolean (*ActionFunc)(StoreTxn *txn, const Action *action, int64_t id, GError **error);

struct Action {
    const char *name;
    StoreChangeKind kind;
    ActionFunc run;
    uint32_t set, clear;
    guint needs; /* StoreRight, in the folder where the messages are */
    enum { NO_DEST, FOLDER_DEST, KEYWORD_DEST } dest;

    /* What the command line says. */
    GArray *ids; /* int64_t */
    int64_t folder_id;
    char *keyword;
};

static gboolean change_flags(StoreTxn *txn, const Action *action, int64_t id, GError **error)
{
    return store_change_flags(txn, id, action->set, action->clear, error);
}

static gboolean change_keyword(StoreTxn *txn, const Action *action, int64_t id, GError **error)
{
    return store_change_keyword(txn, id, action->keyword, action->kind == STORE_CHANGE_TAG, error);
}

static gboolean move(StoreTxn *txn, const Action *action, int64_t id, GError **error)
{
    return store_change_move(txn, id, action->folder_id, error);
}

static gboolean copy(StoreTxn *txn, const Action *action, int64_t id, GError **error)
{
    return store_change_copy(txn, id, action->folder_id, NULL, error);
}

static gboolean archive(StoreTxn *txn, const Action *action G_GNUC_UNUSED, int64_t id, GError **error)
{
    return store_change_archive(txn, id, error);
}

static gboolean delete (StoreTxn *txn, const Action *action G_GNUC_UNUSED, int64_t id, GError **error)
{
    return store_change_delete(txn, id, error);
}

static gboolean undelete(StoreTxn *txn, const Action *action G_GNUC_UNUSED, int64_t id, GError **error)
{
    return store_change_undelete(txn, id, error);
}

static gboolean junk(StoreTxn *txn, const Action *action, int64_t id, GError **error)
{
    return store_change_junk(txn, id, action->kind == STORE_CHANGE_JUNK, error);
}

static const Action ACTIONS[] = {
    {.name = "flag",
     .kind = STORE_CHANGE_FLAG,
     .run = change_flags,
     .needs = STORE_MAY_FLAG,
     .set = STORE_FLAGGED},
    {.name = "unflag",
     .kind = STORE_CHANGE_UNFLAG,
     .run = change_flags,
     .needs = STORE_MAY_FLAG,
     .clear = STORE_FLAGGED},
    {.name = "read",
     .kind = STORE_CHANGE_READ,
     .run = change_flags,
     .needs = STORE_MAY_MARK_SEEN,
     .set = STORE_SEEN},
    {.name = "unread",
     .kind = STORE_CHANGE_UNREAD,
     .run = change_flags,
     .needs = STORE_MAY_MARK_SEEN,
     .clear = STORE_SEEN},
    {.name = "tag",
     .kind = STORE_CHANGE_TAG,
     .run = change_keyword,
     .needs = STORE_MAY_FLAG,
     .dest = KEYWORD_DEST},
    {.name = "untag",
     .kind = STORE_CHANGE_UNTAG,
     .run = change_keyword,
     .needs = STORE_MAY_FLAG,
     .dest = KEYWORD_DEST},
    {.name = "move", .kind = STORE_CHANGE_MOVE, .run = move, .needs = STORE_MAY_DELETE, .dest = FOLDER_DEST},
    {.name = "copy", .kind = STORE_CHANGE_COPY, .run = copy, .needs = STORE_MAY_READ, .dest = FOLDER_DEST},
    {.name = "archive", .kind = STORE_CHANGE_ARCHIVE, .run = archive, .needs = STORE_MAY_DELETE},
    {.name = "delete", .kind = STORE_CHANGE_DELETE, .run = delete, .needs = STORE_MAY_DELETE},
    {.name = "undelete", .kind = STORE_CHANGE_UNDELETE, .run = undelete, .needs = STORE_MAY_DELETE},
    {.name = "junk", .kind = STORE_CHANGE_JUNK, .run = junk, .needs = STORE_MAY_DELETE},
    {.name = "notjunk", .kind = STORE_CHANGE_NOT_JUNK, .run = junk, .needs = STORE_MAY_DELETE},
};

/* What the server would refuse is refused here. */
static gboolean check_rights(StoreTxn *txn, int64_t folder_id, guint needs, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *problem = store_txn_rights_problem(txn, folder_id, needs, &failed);

    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    else if (problem)
        tern_error_set(error, TERN_ERROR_INPUT, "%s", problem);
    else
        return TRUE;
    return FALSE;
}

/* All messages have to be there: a mistyped id changes nothing. */
static gboolean check_ids(StoreTxn *txn, const Action *action, GError **error)
{
    StoreRowState state;

    for (guint i = 0; i < action->ids->len; i++) {
        const int64_t id = g_array_index(action->ids, int64_t, i);
        const int found = store_txn_state(txn, id, &state, error);
        if (found == 0)
            tern_error_set(error, TERN_ERROR_INPUT,
                           _("there is no message %" G_GINT64_FORMAT "; tern list shows their ids"), id);
        if (found <= 0 || !check_rights(txn, state.folder_id, action->needs, error))
            return FALSE;
    }
    return !action->folder_id || check_rights(txn, action->folder_id, STORE_MAY_INSERT, error);
}

static gboolean run_action(StoreTxn *txn, void *data, GError **error)
{
    const Action *action = data;

    if (!check_ids(txn, action, error))
        return FALSE;
    for (guint i = 0; i < action->ids->len; i++) {
        if (!action->run(txn, action, g_array_index(action->ids, int64_t, i), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_ids(Action *action, char **words, guint n, GError **error)
{
    for (guint i = 0; i < n; i++) {
        int64_t id;
        if (!cli_target_id(words[i], &id, error))
            return FALSE;
        g_array_append_val(action->ids, id);
    }
    return TRUE;
}

/* Where it is to go: in the account of the first message, unless it names one. */
static gboolean read_folder(CliSession *session, Action *action, const char *word, char **name_out,
                            GError **error)
{
    g_autoptr(StoreMessage) first =
        store_read_message(session->reader, g_array_index(action->ids, int64_t, 0), error);
    g_autoptr(StoreFolder) folder = NULL;

    if (!first && error && *error)
        return FALSE;
    folder = cli_target_folder_of(session, first ? first->account : NULL, word, error);
    if (!folder)
        return FALSE;
    action->folder_id = folder->id;
    *name_out = !first || g_str_equal(first->account, folder->account)
                    ? g_strdup(folder->name)
                    : g_strdup_printf("%s/%s", folder->account, folder->name);
    return TRUE;
}

static int act(CliContext *context, Action *action, char **words)
{
    const guint n = g_strv_length(words), n_ids = action->dest == NO_DEST ? n : n - 1;
    g_autofree char *name = NULL;
    g_autoptr(GError) error = NULL;

    if (!read_ids(action, words, n_ids, &error))
        return cli_fail(context, error);
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if (!session)
        return cli_fail(context, error);
    if (action->dest == KEYWORD_DEST)
        action->keyword = name = g_strdup(words[n_ids]);
    if (action->dest == FOLDER_DEST && !read_folder(session, action, words[n_ids], &name, &error))
        return cli_fail(context, error);
    return cli_change(session, action->kind, name, run_action, action);
}

int cli_command_action(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    Action action = {0};

    for (guint i = 0; i < G_N_ELEMENTS(ACTIONS); i++)
        if (strcmp(ACTIONS[i].name, argv[0]) == 0)
            action = ACTIONS[i];
    g_autofree char **words = cli_arguments(context, NULL, argv, action.dest == NO_DEST ? 1 : 2, -1);
    if (!words)
        return CLI_USAGE;
    action.ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    const int status = act(context, &action, words);
    g_array_unref(action.ids);
    return status;
}
