/* synced.c - see synced.h. */
#include "cli/synced.h"

#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/json.h"
#include "cli/output.h"

/* Of one account. */
typedef struct {
    char *id;
    guint quiet;      /* folders that nothing was new in */
    int64_t messages; /* in them */
    char *first;      /* the line of the first of them; NULL: there is none */
    GHashTable *told; /* char *: the errors that its folders were told with */
    gboolean has_news, is_lost;
} Account;

struct CliSynced {
    const CliContext *context;
    GPtrArray *accounts; /* Account *, as they came */
};

static void print_json(const EngineEvent *event)
{
    g_auto(CliJson) json = {0};

    cli_json_begin(&json, NULL);
    cli_json_string(&json, "account", event->account);
    cli_json_string(&json, "folder", event->folder);
    cli_json_int(&json, "new", event->new_messages);
    cli_json_int(&json, "changed", event->changed);
    cli_json_int(&json, "removed", event->removed);
    cli_json_int(&json, "messages", event->messages);
    cli_json_int(&json, "bytes", event->bytes);
    cli_json_real(&json, "seconds", event->seconds);
    cli_json_error(&json, "error", event->error);
    cli_json_end(&json);
    cli_json_print(&json);
}

static void add_count(GString *line, int number, const char *what)
{
    g_autofree char *text = cli_number(number);

    if (number)
        g_string_append_printf(line, "%s%s %s", line->len ? ", " : "", text, what);
}

/* "1,204 messages", to be freed. */
static char *messages_of(int64_t number)
{
    g_autofree char *text = cli_number(number);

    return g_strdup_printf(ngettext_("%s message", "%s messages", number), text);
}

/* "work/INBOX: 12 new, 3 changed; 1,204 messages (45 KB in 1.2 s)", to be freed. */
static char *line_of(const EngineEvent *event)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_autofree char *messages = messages_of(event->messages), *size = cli_size(event->bytes);
    g_autofree char *path = cli_folder_path(event->account, event->folder);

    add_count(line, event->new_messages, _("new"));
    add_count(line, event->changed, _("changed"));
    add_count(line, event->removed, _("removed"));
    return g_strdup_printf(_("%s: %s; %s (%s in %.1f s)"), path, line->len ? line->str : _("nothing new"),
                           messages, size, event->seconds);
}

void cli_print_synced(const CliContext *context, const EngineEvent *event)
{
    if (context->json) {
        print_json(event);
    } else if (event->error) {
        g_autofree char *path = cli_folder_path(event->account, event->folder);
        g_autofree char *why = sanitise(event->error->message, -1, SANITISE_LINE);
        cli_note("tern: %s: %s", path, why);
    } else {
        g_autofree char *line = line_of(event);
        cli_print("%s\n", line);
    }
}

/* ---- all of a sync ---- */

static void account_free(void *data)
{
    Account *account = data;

    g_free(account->first);
    g_hash_table_unref(account->told);
    g_free(account->id);
    g_free(account);
}

CliSynced *cli_synced_new(const CliContext *context)
{
    CliSynced *synced = g_new0(CliSynced, 1);

    synced->context = context;
    synced->accounts = g_ptr_array_new_with_free_func(account_free);
    return synced;
}

void cli_synced_free(CliSynced *synced)
{
    if (!synced)
        return;
    g_ptr_array_unref(synced->accounts);
    g_free(synced);
}

static Account *account_of(CliSynced *synced, const char *id)
{
    for (guint i = 0; i < synced->accounts->len; i++) {
        Account *account = synced->accounts->pdata[i];
        if (g_str_equal(account->id, id))
            return account;
    }
    Account *account = g_new0(Account, 1);
    account->id = g_strdup(id);
    account->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_ptr_array_add(synced->accounts, account);
    return account;
}

void cli_synced_folder(CliSynced *synced, const EngineEvent *event, gboolean is_named)
{
    Account *account = account_of(synced, event->account);
    const gboolean has_news = event->new_messages || event->changed || event->removed;

    if (event->error)
        g_hash_table_add(account->told, g_strdup(event->error->message));
    account->has_news |= has_news || event->error;
    if (synced->context->json || event->error || has_news || is_named) {
        cli_print_synced(synced->context, event);
        return;
    }
    account->quiet++;
    account->messages += event->messages;
    if (!account->first)
        account->first = line_of(event);
}

void cli_synced_account(CliSynced *synced, const char *id, const GError *error)
{
    Account *account = id ? account_of(synced, id) : NULL;

    if (!error)
        return;
    const gboolean is_told = account && g_hash_table_contains(account->told, error->message);
    if (account && !is_told)
        account->is_lost = TRUE;
    if (is_told && !synced->context->json)
        return;
    g_autoptr(GError) named = g_error_copy(error);
    cli_name_account(id, &named);
    cli_fail(synced->context, named);
}

/* "work: nothing new in 12 folders; 3,204 messages" */
static void print_quiet(const Account *account)
{
    g_autofree char *folders = cli_number(account->quiet), *messages = messages_of(account->messages);

    if (account->quiet == 1)
        cli_print("%s\n", account->first);
    else if (account->quiet)
        cli_print(account->has_news ? _("%s: nothing new in the other %s folders; %s\n")
                                    : _("%s: nothing new in its %s folders; %s\n"),
                  account->id, folders, messages);
}

void cli_synced_end(CliSynced *synced)
{
    for (guint i = 0; i < synced->accounts->len; i++) {
        const Account *account = synced->accounts->pdata[i];
        if (!account->is_lost)
            print_quiet(account);
    }
}
