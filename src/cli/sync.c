/* sync.c - tern sync: fetches what is new, and says what each folder brought. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"
#include "cli/synced.h"
#include "cli/target.h"
#include "store/journal.h"

#include <string.h>

typedef struct {
    CliContext *context;
    CliSynced *synced;
    gboolean keep; /* waits for what is to be read offline, too */
    gboolean has_failed;
    const ConfigAccount *account; /* whose progress it is */
    Progress progress;
    GHashTable *asked;    /* ConfigAccount * of the accounts that are synced */
    GHashTable *lost;     /* char *: accounts that could not be */
    GHashTable *named;    /* char *: "ACCOUNT/FOLDER" that were asked for */
    gboolean is_settling; /* the folders were told of */
} Sync;

static void on_folder(Sync *sync, const EngineEvent *event)
{
    if (!event->request) /* somebody else asked for it */
        return;
    if (event->error)
        sync->has_failed = TRUE;
    cli_progress(NULL);
    g_autofree char *path = g_strdup_printf("%s/%s", event->account, event->folder);
    if (!sync->is_settling || event->error)
        cli_synced_folder(sync->synced, event, g_hash_table_contains(sync->named, path));
}

static void on_done(Sync *sync, const EngineEvent *event)
{
    if (tern_error_is(event->error, TERN_ERROR_CANCELLED))
        return;
    cli_synced_account(sync->synced, event->account, event->error);
    if (!event->error)
        return;
    if (event->account)
        g_hash_table_add(sync->lost, g_strdup(event->account));
    sync->has_failed = TRUE;
}

/* ", 1,200 of 10,000, 5.9 MB of 48 MB, 2.1 MB/s, 2 min left": what is known of it. */
static void add_progress(GString *line, const Progress *progress)
{
    g_autofree char *done = cli_number(progress->done), *total = cli_number(progress->total);
    g_autofree char *bytes = cli_size(progress->bytes), *all = cli_size(progress->bytes_all);
    g_autofree char *rate = cli_size(progress_rate(progress));
    const int64_t left_s = progress_left_s(progress);

    if (progress->total > 0)
        g_string_append_printf(line, _(", %s of %s"), done, total);
    if (progress->bytes_all > 0)
        g_string_append_printf(line, _(", %s of %s"), bytes, all);
    if (progress->bytes_all > 0 && progress_rate(progress) > 0)
        g_string_append_printf(line, _(", %s/s"), rate);
    if (left_s >= 90)
        g_string_append_printf(line, _(", %d min left"), (int)(left_s + 30) / 60);
    else if (left_s >= 5)
        g_string_append_printf(line, _(", %d s left"), (int)left_s);
}

static void on_state(Sync *sync, const EngineEvent *event)
{
    if (sync->context->json || !event->what || !*event->what)
        return;
    g_autoptr(GString) line = g_string_new(NULL);
    const ConfigAccount *account = config_account(sync->context->config, event->account);
    g_string_printf(line, "%s: %s", event->account, event->what);
    progress_note(&sync->progress, account != sync->account, event->done, event->total, event->bytes,
                  event->bytes_total);
    sync->account = account;
    add_progress(line, &sync->progress);
    cli_progress(line->str);
}

static void on_event(const EngineEvent *event, void *data)
{
    Sync *sync = data;

    switch (event->kind) {
    case ENGINE_EVENT_FOLDER:
        on_folder(sync, event);
        break;
    case ENGINE_EVENT_STATE:
        on_state(sync, event);
        break;
    case ENGINE_EVENT_ALERT:
        if (event->what)
            cli_note("%s: %s", event->account, event->what);
        break;
    case ENGINE_EVENT_DONE:
        on_done(sync, event);
        break;
    case ENGINE_EVENT_OUTBOX:
    case ENGINE_EVENT_FETCHED:
    case ENGINE_EVENT_ARRIVED:
    case ENGINE_EVENT_PARKED:
        break;
    }
}

static gboolean request_one(const Sync *sync, CliSession *session, const ConfigAccount *account,
                            const char *folder, GArray *requests, GError **error)
{
    const CliContext *context = sync->context;

    if (context->yes && account->incoming.protocol == CONFIG_POP3 &&
        !engine_allow_deleting(account, context->paths, error))
        return FALSE;
    guint64 request = engine_sync(session->engine, account->id, folder);
    g_array_append_val(requests, request);
    g_hash_table_add(sync->asked, (void *)account);
    if (folder)
        g_hash_table_add(sync->named, g_strdup_printf("%s/%s", account->id, folder));
    if (!sync->keep)
        return TRUE;
    request = engine_keep(session->engine, account->id);
    g_array_append_val(requests, request);
    return TRUE;
}

/* One request for each account, so that each is told of; FALSE: a word names nothing. */
static gboolean request_all(const Sync *sync, CliSession *session, char **words, GArray *requests,
                            GError **error)
{
    const GPtrArray *accounts = config_accounts(session->context->config);

    for (guint i = 0; !*words && i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        const gboolean is_offline = account->offline || sync->context->offline;
        if ((!is_offline || cli_is_on_disk(account)) &&
            !request_one(sync, session, account, NULL, requests, error))
            return FALSE;
    }
    if (!*words && !requests->len)
        cli_note(_("every account is set to offline in %s"), config_path(session->context->config));
    for (; *words; words++) {
        const ConfigAccount *account = NULL;
        g_autofree char *folder = NULL;
        if (!cli_target_parse(session->context, *words, &account, &folder, error) ||
            !request_one(sync, session, account, folder, requests, error))
            return FALSE;
    }
    return TRUE;
}

/* What waits in the outbox goes first, of the accounts that are synced; what it leaves in the journal is
 * played then. */
static gboolean send_outbox(Sync *sync, CliSession *session, char **words, GError **error)
{
    g_autoptr(GPtrArray) due = cli_outbox_due(session->context, error);
    g_autofree char *strays = *words || !due ? NULL : cli_outbox_strays(session->context, NULL);
    GError *failed = NULL;

    if (strays)
        cli_note("%s", strays);

    for (guint i = due ? due->len : 0; i > 0; i--) {
        const char *account = due->pdata[i - 1];
        gboolean is_meant = !*words;
        for (char **word = words; *word; word++)
            is_meant |= g_str_has_prefix(*word, account) && strchr("/", (*word)[strlen(account)]);
        if (!is_meant || config_account(session->context->config, account)->offline)
            g_ptr_array_remove_index(due, i - 1);
    }
    if (!due || due->len == 0)
        return due != NULL;
    if (!cli_outbox_send(session, due, &failed))
        sync->has_failed = TRUE;
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}

/* --offline forbids the network, not this disk: only accounts on it can be named then. */
static gboolean connect(CliSession *session, char **words, GError **error)
{
    const CliContext *context = session->context;
    const GPtrArray *accounts = config_accounts(context->config);
    const ConfigAccount *account = NULL;

    for (guint i = 0; !*words && i < accounts->len && !account; i++)
        account = cli_is_on_disk(accounts->pdata[i]) ? accounts->pdata[i] : NULL;
    for (; context->offline && *words; words++) {
        g_autofree char *folder = NULL;
        if (!cli_target_parse(context, *words, &account, &folder, error))
            return FALSE;
        if (!account || !cli_is_on_disk(account))
            return cli_session_connect(session, error);
    }
    return cli_session_connect_for(session, account ? account->id : NULL, error);
}

/* Of what is due at once, and of times that it is asked for. */
#define DUE_MOST 5000
#define ROUNDS_MOST 1000

/* Asks those accounts once more that have something to play; its numbers in *due_out. */
static gboolean request_due(const Sync *sync, CliSession *session, GArray *requests, GString *due_out,
                            GError **error)
{
    GHashTableIter iter;
    void *key;

    g_array_set_size(requests, 0);
    g_hash_table_iter_init(&iter, sync->asked);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const ConfigAccount *account = key;
        if (g_hash_table_contains(sync->lost, account->id))
            continue;
        g_autoptr(GPtrArray) due =
            store_read_journal_due(session->reader, account->id, DUE_MOST, NULL, error);
        if (!due)
            return FALSE;
        for (guint i = 0; i < due->len; i++)
            g_string_append_printf(due_out, "%" G_GINT64_FORMAT " ", ((StoreEntry *)due->pdata[i])->id);
        if (due->len) {
            guint64 request = engine_sync(session->engine, account->id, "INBOX");
            g_array_append_val(requests, request);
        }
    }
    return TRUE;
}

/* Messages that go from account to account are played by one after the other, and so made due by it: until
 * nothing is due, or a round has changed nothing. The number of entries tells neither: what is done makes
 * another one due. */
static gboolean settle(Sync *sync, CliSession *session, GArray *requests, GError **error)
{
    g_autoptr(GString) before = g_string_new(NULL), now = g_string_new(NULL);

    sync->is_settling = TRUE;
    for (int round = 0; round < ROUNDS_MOST; round++) {
        g_string_truncate(now, 0);
        if (!request_due(sync, session, requests, now, error))
            return FALSE;
        if (!requests->len)
            return TRUE;
        const gboolean is_same = g_string_equal(before, now);
        g_string_assign(before, now->str);
        if (!cli_session_wait(session, requests, on_event, sync, error))
            return FALSE;
        if (is_same)
            return TRUE;
    }
    return TRUE;
}

int cli_command_sync(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autoptr(GHashTable) asked = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) lost = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(CliSynced) synced = cli_synced_new(context);
    Sync sync = {.context = context, .synced = synced, .asked = asked, .lost = lost, .named = named};
    const CliOption options[] = {{"keep", '\0', CLI_FLAG, &sync.keep}, {NULL, '\0', CLI_FLAG, NULL}};
    g_autofree char **words = cli_arguments(context, options, argv, 0, -1);
    g_autoptr(GArray) requests = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    if (!cli_target_any(context, &error))
        return cli_fail(context, error);
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if (!session || !connect(session, words, &error) ||
        (!context->offline && !send_outbox(&sync, session, words, &error)) ||
        !request_all(&sync, session, words, requests, &error) ||
        !cli_session_wait(session, requests, on_event, &sync, &error) ||
        !settle(&sync, session, requests, &error))
        return cli_fail(context, error);
    cli_synced_end(synced);
    return sync.has_failed ? CLI_FAILED : CLI_DONE;
}
