/* compose_begin.c - how a message begins: with another one's file, which may have to be fetched first. */
#include "base/error.h"
#include "base/i18n.h"
#include "compose/alias.h"
#include "compose/address.h"
#include "compose/collect.h"
#include "compose/reply.h"
#include "compose/template.h"
#include "store/ids.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/compose_private.h"
#include "ui/state.h"
#include "ui/views.h"

#define DAY_S (24 * 60 * 60)

typedef struct {
    int command;
    Config *config;
    const Paths *paths_of; /* borrowed */
    gint64 store;          /* whose rows the sources are (store_read_stamp()) */
    gint64 missing;        /* a source whose text is not here; 0: all are */
    char *data, *attribution, *argument, *account, *folder, *templates;
    char *into;         /* attach-to-draft: the one that was open last; NULL */
    char *subject;      /* of the one that it was */
    GPtrArray *sources; /* StoreMessage * */
    GPtrArray *paths;   /* char * */
    gboolean quotes, prefer_html;
    Draft *draft;
    Kept kept; /* of a draft that is gone on with */
    char *notice;
    GError *error;
} BeginJob;

static void begin_job_free(void *data)
{
    BeginJob *job = data;

    config_unref(job->config);
    g_free(job->data);
    g_free(job->attribution);
    g_free(job->argument);
    g_free(job->account);
    g_free(job->folder);
    g_free(job->templates);
    g_free(job->into);
    g_free(job->subject);
    g_ptr_array_unref(job->sources);
    g_ptr_array_unref(job->paths);
    draft_free(job->draft);
    kept_clear(&job->kept);
    g_free(job->notice);
    g_clear_error(&job->error);
    g_free(job);
}

/* ---- on the background thread ---- */

static ReplySource source_of(const BeginJob *job, guint n)
{
    const StoreMessage *message = job->sources->pdata[n];

    return (ReplySource){job->paths->pdata[n], message->id, message->account, message->folder};
}

/* To be freed. */
static ReplySource *all_sources(const BeginJob *job)
{
    ReplySource *sources = g_new0(ReplySource, job->sources->len);

    for (guint i = 0; i < job->sources->len; i++)
        sources[i] = source_of(job, i);
    return sources;
}

static Draft *answer(BeginJob *job, PeopleWho who, const ReplyWants *wants)
{
    g_autofree ReplySource *sources = all_sources(job);

    return reply_new(sources, job->sources->len, who, wants, &job->notice, &job->error);
}

static Draft *forward_all(BeginJob *job, const ReplyWants *wants)
{
    g_autofree ReplySource *sources = all_sources(job);

    return (job->command == COMMAND_FORWARD ? forward_digest : forward_attached)(
        sources, job->sources->len, wants, &job->notice, &job->error);
}

static void collect(BeginJob *job)
{
    g_autofree ReplySource *sources = all_sources(job);

    job->subject = collect_messages(job->data, job->into, sources, job->sources->len, &job->error);
}

static Draft *begin_new(BeginJob *job, const ReplyWants *wants)
{
    g_autofree char *first =
        job->argument && job->command == COMMAND_COMPOSE ? compose_address_first(job->argument) : NULL;
    const IdentityHints hints = {.account = job->account, .folder = job->folder, .recipient = first},
                        anywhere = {.account = job->account, .folder = job->folder};
    g_autoptr(Identity) home = identity_choose(job->config, &anywhere);
    Draft *draft = compose_new(&hints, wants, &job->notice, &job->error);

    if (draft)
        draft->home = home ? identity_format(home) : NULL;
    if (draft && job->command == COMMAND_TEMPLATE) {
        if (template_apply(draft, job->templates, job->argument, &job->error))
            return draft;
        draft_free(draft);
        return NULL;
    }
    if (draft && job->argument)
        draft_set(draft, DRAFT_TO, job->argument);
    return draft;
}

/* FALSE: one of them is not here. */
static gboolean find_sources(BeginJob *job)
{
    for (guint i = 0; i < job->sources->len; i++) {
        const StoreMessage *source = job->sources->pdata[i];
        char *path = engine_message_path(job->config, job->paths_of, source);
        if (!path) {
            job->missing = source->id;
            return FALSE;
        }
        g_ptr_array_add(job->paths, path);
    }
    return TRUE;
}

/* A draft that is kept here is gone on with from here, whether or not its row's text is. */
static gboolean is_kept_here(BeginJob *job)
{
    const StoreMessage *row = job->command == COMMAND_DRAFTS ? job->sources->pdata[0] : NULL;

    return row && (kept_open_row(&job->kept, job->data, row->id, job->store, &job->error) || job->error);
}

static void work_begin(void *data)
{
    BeginJob *job = data;

    if (is_kept_here(job) || !find_sources(job))
        return;
    const ReplyWants wants = {job->config, job->data, job->attribution, job->quotes, FALSE, job->prefer_html};
    const ReplySource first = job->sources->len ? source_of(job, 0) : (ReplySource){0};

    switch (job->command) {
    case COMMAND_REPLY:
        job->draft = answer(job, PEOPLE_SENDER, &wants);
        break;
    case COMMAND_REPLY_ALL:
        job->draft = answer(job, PEOPLE_ALL, &wants);
        break;
    case COMMAND_REPLY_LIST:
        job->draft = answer(job, PEOPLE_LIST, &wants);
        break;
    case COMMAND_FORWARD:
        job->draft = job->sources->len > 1 ? forward_all(job, &wants)
                                           : forward_inline(&first, &wants, &job->notice, &job->error);
        break;
    case COMMAND_FORWARD_ATTACHED:
        job->draft = forward_all(job, &wants);
        break;
    case COMMAND_ATTACH_TO_DRAFT:
        collect(job);
        break;
    case COMMAND_EDIT_AS_NEW:
        job->draft = edit_as_new(&first, &wants, &job->notice, &job->error);
        break;
    case COMMAND_RESEND:
        job->draft = resend_new(&first, &wants, &job->notice, &job->error);
        break;
    case COMMAND_DRAFTS:
        kept_resume(&job->kept, &first, job->store, &wants, &job->notice, &job->error);
        break;
    default:
        job->draft = begin_new(job, &wants);
    }
}

/* ---- on the ui thread ---- */

static void resumed(Ui *ui, BeginJob *job)
{
    if (job->error) {
        ui_error(ui, job->error->message);
        return;
    }
    const gboolean is_new = job->kept.is_new;
    g_autofree char *id = g_strdup(job->kept.draft->id);
    compose_open_kept(ui, &job->kept);
    ViewCompose *compose = compose_find(ui, id);
    if (compose && is_new) {
        compose->is_new = compose->is_resumed = TRUE;
        compose->is_unfiled = FALSE;
    }
    if (job->notice)
        ui_error(ui, job->notice);
}

/* Asks for the file, and goes on when it is here. */
static void wait_for(Ui *ui, const BeginJob *job)
{
    Composing *composing = ui->composing;

    if (!ui->engine || ui->is_offline) {
        ui_error(ui, _("the message's text is not here, and tern is offline"));
        return;
    }
    if (composing->tries++ > job->sources->len) { /* each was asked for, and one is not here all the same */
        ui_error(ui, _("the message's text cannot be had"));
        return;
    }
    composing->command = job->command;
    g_array_set_size(composing->ids, 0);
    for (guint i = 0; i < job->sources->len; i++)
        g_array_append_val(composing->ids, ((const StoreMessage *)job->sources->pdata[i])->id);
    composing->fetching = engine_fetch(ui->engine, job->missing);
    ui_news(ui, "%s", _("The text is being fetched."));
}

static void collected(Ui *ui, const BeginJob *job)
{
    const guint n = job->sources->len;

    if (job->error)
        ui_error(ui, job->error->message);
    else
        ui_news(ui,
                ngettext_("%u message is attached to “%s”; R opens it",
                          "%u messages are attached to “%s”; R opens it", n),
                n, *job->subject ? job->subject : _("(no subject)"));
}

static void begun(Ui *ui, void *data)
{
    BeginJob *job = data;

    if (job->missing) {
        wait_for(ui, job);
        return;
    }
    if (job->command == COMMAND_DRAFTS) {
        resumed(ui, job);
        return;
    }
    if (job->command == COMMAND_ATTACH_TO_DRAFT) {
        collected(ui, job);
        return;
    }
    if (!job->draft) {
        ui_error(ui, job->error ? job->error->message : _("the message cannot be written"));
        return;
    }
    gboolean is_addressed = *job->draft->fields[DRAFT_TO] != '\0';
    g_autofree char *id = g_strdup(job->draft->id);
    compose_open(ui, g_steal_pointer(&job->draft), job->notice);
    ViewCompose *compose = compose_find(ui, id);
    if (compose) {
        compose->is_new = TRUE;
        if (is_addressed && job->command == COMMAND_TEMPLATE) /* by the template itself */
            compose_fit_to(compose);
    }
    if (!compose || ui->modal) /* something else is being typed: it stays as it is */
        return;
    if (!is_addressed)
        compose_ask_field(compose, DRAFT_TO, job->command != COMMAND_RESEND);
    else if (job->command != COMMAND_RESEND)
        compose_edit(compose);
}

static void add_place(Ui *ui, BeginJob *job)
{
    g_autoptr(GError) error = NULL;
    gint64 folder_id = ui->list ? view_list_folder(ui->list) : 0;
    g_autoptr(StoreFolder) folder = folder_id ? store_read_folder_by_id(ui->reader, folder_id, &error) : NULL;

    if (folder) {
        job->account = g_strdup(folder->account);
        job->folder = g_strdup(folder->name);
    }
}

static BeginJob *job_new(Ui *ui, int command, const char *argument)
{
    BeginJob *job = g_new0(BeginJob, 1);

    job->command = command;
    job->kept.hold_fd = -1;
    job->config = config_ref(ui->context->config);
    job->paths_of = ui->context->paths;
    job->store = store_read_stamp(ui->reader);
    job->data = g_strdup(ui->context->paths->data);
    job->templates = template_folder(ui->context->paths->config);
    job->attribution = g_strdup(ui_option(ui, "attribution"));
    job->into = command == COMMAND_ATTACH_TO_DRAFT ? g_strdup(ui->composing->last_draft) : NULL;
    job->argument = argument && command == COMMAND_COMPOSE ? alias_expand(ui->context->config, argument)
                                                           : g_strdup(argument);
    job->quotes = ui_option_bool(ui, "reply-quote");
    job->prefer_html = ui_option_bool(ui, "prefer-html");
    job->sources = g_ptr_array_new_with_free_func((GDestroyNotify)store_message_free);
    job->paths = g_ptr_array_new_with_free_func(g_free);
    add_place(ui, job);
    return job;
}

/* When it stands in its folder: a Date that is yet to come is not believed. */
static int64_t when_s(const StoreMessage *message)
{
    return message->has_date ? MIN(message->date_s, message->arrival_s + DAY_S) : message->arrival_s;
}

/* The oldest first, as they are read; by their ids they stand as they came here, the newest page first. */
static int by_date(const void *a, const void *b)
{
    const StoreMessage *first = *(StoreMessage *const *)a, *second = *(StoreMessage *const *)b;
    const int64_t first_s = when_s(first), second_s = when_s(second);

    if (first_s != second_s)
        return first_s < second_s ? -1 : 1;
    return first->id < second->id ? -1 : first->id > second->id;
}

/* FALSE: told. */
static gboolean add_sources(Ui *ui, BeginJob *job, const gint64 *ids, guint n)
{
    for (guint i = 0; i < n; i++) {
        g_autoptr(GError) error = NULL;
        StoreMessage *message = store_read_message(ui->reader, ids[i], &error);
        if (!message) {
            ui_error(ui, error ? error->message : _("the message is no longer there"));
            return FALSE;
        }
        g_ptr_array_add(job->sources, message);
    }
    g_ptr_array_sort(job->sources, by_date);
    return TRUE;
}

void compose_too_many(Ui *ui, guint n)
{
    g_autofree char *sentence =
        g_strdup_printf(_("%u messages are selected, and one message takes %d at most; select fewer"), n,
                        COMPOSE_SOURCES_MAX);

    ui_error(ui, sentence);
}

void compose_begin(Ui *ui, int command, const gint64 *ids, guint n, const char *argument)
{
    BeginJob *job = job_new(ui, command, argument);

    if (n > COMPOSE_SOURCES_MAX)
        compose_too_many(ui, n);
    else if (add_sources(ui, job, ids, n)) {
        background_run(ui->background, work_begin, begun, job, begin_job_free);
        return;
    }
    begin_job_free(job);
}

void compose_command(Ui *ui, int command, const gint64 *ids, guint n, const char *argument)
{
    gboolean takes_many =
        command != COMMAND_EDIT_AS_NEW && command != COMMAND_RESEND && command != COMMAND_DRAFTS;

    ui->composing->fetching = 0;
    ui->composing->tries = 0;
    if (n > 1 && !takes_many)
        ui_error(ui, _("this takes one message; f forwards several, r answers them"));
    else if (n > 0 || command == COMMAND_COMPOSE || command == COMMAND_TEMPLATE)
        compose_begin(ui, command, ids, n, argument);
}

void compose_event(Ui *ui, const EngineEvent *event)
{
    Composing *composing = ui->composing;

    if (event->kind == ENGINE_EVENT_OUTBOX && composing->last_id && event->message_id == composing->last_id &&
        g_strcmp0(event->what, "sent") == 0) {
        composing->last_id = 0;
        ui_news(ui, _("“%s” was sent"), composing->last_subject);
    }
    if (!composing->fetching || event->kind != ENGINE_EVENT_DONE || event->request != composing->fetching)
        return;
    composing->fetching = 0;
    if (event->error) {
        ui_error(ui, event->error->message);
        return;
    }
    guint n = composing->ids->len;
    g_autofree gint64 *ids = g_memdup2(composing->ids->data, n * sizeof(gint64));
    compose_begin(ui, composing->command, ids, n, NULL);
}
