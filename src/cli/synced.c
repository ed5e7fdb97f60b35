/* synced.c - see synced.h. */
#include "cli/synced.h"

#include "base/i18n.h"
#include "cli/json.h"
#include "cli/output.h"

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

/* "work/INBOX: 12 new, 3 changed; 1,204 messages (45 KB in 1.2 s)" */
static void print_line(const EngineEvent *event)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_autofree char *messages = cli_number(event->messages), *size = cli_size(event->bytes);

    add_count(line, event->new_messages, _("new"));
    add_count(line, event->changed, _("changed"));
    add_count(line, event->removed, _("removed"));
    cli_print(_("%s/%s: %s; %s messages (%s in %.1f s)\n"), event->account, event->folder,
              line->len ? line->str : _("nothing new"), messages, size, event->seconds);
}

void cli_print_synced(const CliContext *context, const EngineEvent *event)
{
    if (context->json)
        print_json(event);
    else if (event->error)
        cli_note("tern: %s/%s: %s", event->account, event->folder, event->error->message);
    else
        print_line(event);
}
