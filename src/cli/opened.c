/* opened.c - see opened.h. */
#include "cli/opened.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/thread.h"
#include "cli/output.h"
#include "cli/target.h"

#include <string.h>

static void on_event(const EngineEvent *event, void *data)
{
    GError **failed = data;

    if ((event->kind == ENGINE_EVENT_DONE || (event->kind == ENGINE_EVENT_FETCHED && event->request)) &&
        event->error && !*failed)
        *failed = g_error_copy(event->error);
}

static gboolean fetch(CliSession *session, const StoreMessage *row, GError **error)
{
    const int64_t id = row->id;
    g_autoptr(GArray) requests = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GError) failed = NULL;

    if (!session->engine &&
        !cli_session_connect_for(session, row->server_account ? row->server_account : row->account, error)) {
        g_prefix_error(error, _("the text of message %" G_GINT64_FORMAT " is not here: "), id);
        return FALSE;
    }
    guint64 request = engine_fetch(session->engine, id);
    g_array_append_val(requests, request);
    if (!cli_session_wait(session, requests, on_event, &failed, error))
        return FALSE;
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    return !*error;
}

char *cli_message_file(CliSession *session, const StoreMessage *row, GError **error)
{
    const CliContext *context = session->context;
    char *path = engine_message_path(context->config, context->paths, row);

    if (path || !fetch(session, row, error))
        return path;
    path = engine_message_path(context->config, context->paths, row);
    if (!path)
        tern_error_set(error, TERN_ERROR_STORE,
                       _("message %" G_GINT64_FORMAT " was fetched, but is not in the cache"), row->id);
    return path;
}

/* What goes to the thread and comes back. */
typedef struct {
    CliOpened opened;
    CliOpenedFunc func;
    void *data;
    GError *error;
    int status;
} Job;

static void run_job(void *data)
{
    Job *job = data;

    job->status = job->func(&job->opened, job->data, &job->error);
}

static int run_deep(Job *job)
{
    Thread *thread = thread_start("render", STACK_RENDER_BYTES, run_job, job, &job->error);

    if (!thread)
        return CLI_FAILED;
    thread_join(thread);
    return job->status;
}

int cli_with_message(CliContext *context, const char *word, CliOpenedFunc func, void *data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    g_autoptr(StoreMessage) row = session ? cli_target_message(session, word, &error) : NULL;
    const gboolean was_stub = row && row->flags & STORE_STUB;
    g_autofree char *path = row ? cli_message_file(session, row, &error) : NULL;

    if (!path)
        return cli_fail(context, error);
    if (was_stub) { /* its size and attachments are known now */
        StoreMessage *whole = store_read_message(session->reader, row->id, NULL);
        if (whole) {
            store_message_free(row);
            row = whole;
        }
    }
    Job job = {.opened = {context, session->store, config_account(context->config, row->account), row, path},
               .func = func,
               .data = data};
    int status = run_deep(&job);
    if (job.error) {
        status = cli_fail(context, job.error);
        g_error_free(job.error);
    }
    return status;
}

RenderOptions cli_render_options(const CliOpened *opened, gboolean headers)
{
    const Config *config = opened->context->config;
    const char *symbols = config_string(config, "symbols");
    int width_cols = (int)config_int(config, "text-width");

    return (RenderOptions){
        .width_cols = MIN(cli_columns(width_cols), width_cols),
        .headers = headers,
        .prefer_html = config_bool(config, "prefer-html"),
        .is_ascii = strcmp(symbols, "ascii") == 0 ||
                    (strcmp(symbols, "auto") == 0 && cli_is_terminal() && !charset_locale_is_utf8()),
        .own_address = opened->account ? opened->account->address : NULL,
        .now_s = clock_wall_s(),
    };
}

void cli_each_part(const MimePart *part, void (*func)(const MimePart *part, void *data), void *data)
{
    if (!g_str_has_prefix(part->type, "multipart/"))
        func(part, data);
    for (const MimePart *const *child = part->children; child && *child; child++)
        cli_each_part(*child, func, data);
}

void cli_json_part(CliJson *json, const char *name, const MimePart *part)
{
    static const char *const DISPOSITIONS[] = {
        [MIME_NO_DISPOSITION] = NULL, [MIME_INLINE] = "inline", [MIME_ATTACHMENT] = "attachment"};

    cli_json_begin(json, name);
    cli_json_string(json, "part", part->number);
    cli_json_string(json, "type", part->type);
    cli_json_string(json, "charset", part->charset);
    cli_json_string(json, "filename", part->filename);
    cli_json_string(json, "disposition", DISPOSITIONS[part->disposition]);
    cli_json_int(json, "size", (int64_t)part->size_bytes);
    cli_json_end(json);
}
