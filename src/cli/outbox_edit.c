/*
 * outbox_edit.c - tern outbox edit: a message that waits becomes a draft again, in the editor.
 *
 *     outbox ── waiting_edit(), on a thread whose stack is deep enough for mail ──> Draft ──> compose.h
 */
#include "base/i18n.h"
#include "base/limits.h"
#include "base/thread.h"
#include "cli/compose.h"
#include "cli/json.h"
#include "cli/outbox.h"
#include "cli/output.h"
#include "compose/waiting.h"

typedef struct {
    Outbox *outbox;
    int64_t id;
    ReplyWants wants;
    Draft *draft;
    char *notice;
    GError *error;
} Taking;

static void take(void *data)
{
    Taking *taking = data;

    taking->draft = waiting_edit(taking->outbox, taking->id, &taking->wants, &taking->notice, &taking->error);
}

static void print_json(int64_t id, const Draft *draft)
{
    g_auto(CliJson) json = {0};

    cli_json_begin(&json, NULL);
    cli_json_int(&json, "id", id);
    cli_json_string(&json, "account", draft->account);
    cli_json_string(&json, "verb", "edit");
    cli_json_string(&json, "target", draft->fields[DRAFT_TO]);
    cli_json_string(&json, "state", "draft");
    cli_json_string(&json, "subject", draft->fields[DRAFT_SUBJECT]);
    cli_json_string(&json, "draft", draft->id);
    cli_json_end(&json);
    cli_json_print(&json);
}

gboolean cli_outbox_edit(CliContext *context, Outbox *outbox, int64_t id, GError **error)
{
    Taking taking = {
        .outbox = outbox, .id = id, .wants = {.config = context->config, .data = context->paths->data}};
    Thread *thread = thread_start("edit", STACK_RENDER_BYTES, take, &taking, error);

    if (!thread)
        return FALSE;
    thread_join(thread);
    if (!taking.draft) {
        g_propagate_error(error, taking.error);
        return FALSE;
    }
    if (taking.notice)
        cli_note("%s", taking.notice);
    g_free(taking.notice);
    if (context->json)
        print_json(id, taking.draft);
    return cli_compose_draft(context, taking.draft) == CLI_DONE;
}
