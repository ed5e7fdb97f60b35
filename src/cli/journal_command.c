/* journal_command.c - tern journal: what was changed here and is not on the server yet. */
#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/target.h"
#include "store/journal.h"
#include "store/label.h"

/* "12", "12 -> Archive", "Projects/tern": what the entry is about. */
static char *target_of(const StoreEntry *entry)
{
    const gboolean has_place = entry->verb == STORE_VERB_MOVE || entry->verb == STORE_VERB_COPY;

    if (!entry->message)
        return g_strdup(entry->folder_name ? entry->folder_name : entry->name ? entry->name : "");
    if (has_place)
        return g_strdup_printf("%" G_GINT64_FORMAT " -> %s", entry->message,
                               entry->folder_name ? entry->folder_name : "?");
    return g_strdup_printf("%" G_GINT64_FORMAT, entry->message);
}

static void print_flags(CliJson *json, const char *name, uint32_t flags)
{
    static const struct {
        StoreFlag flag;
        const char *name;
    } NAMES[] = {{STORE_SEEN, "seen"},
                 {STORE_FLAGGED, "flagged"},
                 {STORE_ANSWERED, "answered"},
                 {STORE_DRAFT, "draft"},
                 {STORE_DELETED, "deleted"}};

    if (!flags)
        return;
    cli_json_begin_array(json, name);
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (flags & NAMES[i].flag)
            cli_json_string(json, NULL, NAMES[i].name);
    cli_json_end(json);
}

static void print_json(const StoreEntry *entry)
{
    g_auto(CliJson) json = {0};
    g_autofree char *target = target_of(entry);

    cli_json_begin(&json, NULL);
    cli_json_int(&json, "id", entry->id);
    cli_json_int(&json, "group", entry->group);
    cli_json_string(&json, "account", entry->account);
    cli_json_string(&json, "verb", store_verb_name(entry->verb));
    cli_json_string(&json, "target", target);
    if (entry->message)
        cli_json_int(&json, "message", entry->message);
    cli_json_string(&json, "folder", entry->folder_name);
    if (entry->verb == STORE_VERB_FLAGS) {
        print_flags(&json, "set", entry->set);
        print_flags(&json, "clear", entry->clear);
    }
    if (entry->verb == STORE_VERB_KEYWORD)
        cli_json_string(&json, entry->set ? "tag" : "untag", label_shown(entry->name));
    cli_json_string(&json, "state", store_entry_state_name(entry->state));
    cli_json_int(&json, "tries", entry->tries);
    cli_json_string(&json, "error", entry->error);
    cli_json_end(&json);
    cli_json_print(&json);
}

static void print_line(const StoreEntry *entry)
{
    g_autofree char *target = target_of(entry);
    g_autofree char *safe = sanitise(target, -1, SANITISE_LINE);
    g_autofree char *why = entry->error ? sanitise(entry->error, -1, SANITISE_LINE) : NULL;

    cli_print("%7" G_GINT64_FORMAT "  %-8s %-10s %s  %s%s%s\n", entry->id,
              store_entry_state_name(entry->state), store_verb_name(entry->verb),
              entry->account ? entry->account : "?", safe, why ? "  " : "", why ? why : "");
}

int cli_command_journal(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    gboolean all = FALSE;
    const CliOption options[] = {{"all", '\0', CLI_FLAG, &all}, {NULL, '\0', CLI_FLAG, NULL}};
    g_autofree char **words = cli_arguments(context, options, argv, 0, 0);
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    g_autoptr(GPtrArray) entries = session ? store_read_journal(session->reader, NULL, all, &error) : NULL;
    /* What accounts left behind that are not configured any more is still there to be seen. */
    if (!entries || (!entries->len && !cli_target_any(context, &error)))
        return cli_fail(context, error);
    for (guint i = 0; i < entries->len; i++) {
        if (context->json)
            print_json(entries->pdata[i]);
        else
            print_line(entries->pdata[i]);
    }
    return CLI_DONE;
}
