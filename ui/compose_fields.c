/* compose_fields.c - a message's header fields and attachments, as they are asked for. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/paths.h"
#include "base/sanitise.h"
#include "compose/address.h"
#include "compose/alias.h"
#include "compose/attach_output.h"
#include "ui/compose_private.h"
#include "ui/path.h"
#include "ui/prompt.h"
#include "ui/state.h"

#include <glob.h>
#include <string.h>
#include <unistd.h>

/* ---- fields ---- */

typedef struct {
    char *id; /* the draft's */
    DraftField field;
    gboolean goes_on;
} Asked;

static void asked_free(void *data)
{
    Asked *asked = data;

    g_free(asked->id);
    g_free(asked);
}

/* A wrong address is told as soon as it is typed, and stays as it was typed. */
static void tell_mistake(Ui *ui, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) list = compose_addresses_parse(text, NULL, &error);

    if (!list)
        ui_error(ui, error->message);
}

static void set_field(ViewCompose *compose, DraftField field, const char *text)
{
    if (field == DRAFT_TO) {
        compose_set_to(compose, text);
        return;
    }
    g_autofree char *whole =
        field == DRAFT_SUBJECT ? g_strdup(text) : alias_expand(compose->view.ui->context->config, text);
    draft_set(compose->draft, field, whole);
    compose_changed(compose);
    compose_fill(compose);
}

void compose_set_field(ViewCompose *compose, DraftField field, const char *text)
{
    set_field(compose, field, text);
    if (field != DRAFT_SUBJECT)
        tell_mistake(compose->view.ui, compose->draft->fields[field]);
}

static void field_typed(Ui *ui, void *data, const char *text)
{
    const Asked *asked = data;
    ViewCompose *compose = compose_find(ui, asked->id);

    if (asked->field != DRAFT_SUBJECT)
        compose_tell_people(ui);
    if (!text || !compose)
        return;
    if (!g_str_equal(text, compose->draft->fields[asked->field]))
        set_field(compose, asked->field, text);
    if (asked->goes_on && asked->field == DRAFT_TO && !*compose->draft->fields[DRAFT_SUBJECT])
        compose_ask_field(compose, DRAFT_SUBJECT, TRUE);
    else if (asked->goes_on)
        compose_edit(compose);
    if (asked->field != DRAFT_SUBJECT)
        tell_mistake(ui, compose->draft->fields[asked->field]);
}

void compose_ask_field(ViewCompose *compose, DraftField field, gboolean goes_on)
{
    g_autofree char *label = g_strconcat(draft_field_name(field), ": ", NULL);
    Asked *asked = g_new0(Asked, 1);

    *asked = (Asked){g_strdup(compose->draft->id), field, goes_on};
    prompt_open(compose->view.ui,
                &(PromptWants){.label = label,
                               .text = compose->draft->fields[field],
                               .history = field == DRAFT_SUBJECT ? NULL : "address",
                               .complete = field == DRAFT_SUBJECT ? NULL : compose_complete_address,
                               .is_whole = TRUE,
                               .done = field_typed,
                               .data = asked,
                               .free_data = asked_free});
}

/* ---- attachments ---- */

/* Looking at files may take long where a disk is far away. */
typedef struct {
    char *id, *pattern;
    char *data;     /* the profile's; for a file NULL where the draft is open */
    Cancel *cancel; /* of a command; NULL */
    Draft *found;   /* attachments only; those that were taken over are not in it any more */
    GError *error;
    gboolean is_told; /* the screen knows what became of it */
} AttachJob;

/* What was not taken over: a command's output would lie there for ever. */
static void drop_found(AttachJob *job)
{
    g_autofree char *folder =
        job->found && job->data ? draft_files_folder(job->found, job->data, FALSE, NULL) : NULL;

    while (job->found && job->found->attachments->len)
        draft_detach(job->found, 0);
    if (folder)
        rmdir(folder); /* which others may lie in */
}

static void attach_job_free(void *data)
{
    AttachJob *job = data;

    if (!job->is_told && job->found && job->found->attachments->len) /* the screen has ended before */
        g_printerr(_("tern: %s was not attached to the draft %s\n"), job->pattern, job->id);
    drop_found(job);
    g_free(job->id);
    g_free(job->pattern);
    g_free(job->data);
    cancel_unref(job->cancel);
    draft_free(job->found);
    g_clear_error(&job->error);
    g_free(job);
}

/* So many of those that were not attached are told by name. */
#define NOT_ATTACHED_SHOWN 3

/* Those that can be are attached; the others are told. */
static void attach_each(AttachJob *job, char *const *paths, gsize n)
{
    g_autoptr(GString) others = g_string_new(NULL);
    gsize n_others = 0;

    for (gsize i = 0; i < n; i++) {
        g_autoptr(GError) error = NULL;
        if (draft_attach(job->found, paths[i], NULL, NULL, &error))
            continue;
        g_autofree char *base = g_path_get_basename(paths[i]), *name = g_filename_display_name(base);
        const char *why = draft_attach_problem(paths[i]);
        if (n_others++ < NOT_ATTACHED_SHOWN)
            g_string_append_printf(others, "%s%s (%s)", others->len ? ", " : "", name,
                                   why ? why : error->message);
    }
    if (!n_others)
        return;
    if (n_others > NOT_ATTACHED_SHOWN)
        g_string_append_printf(others, _(" and %" G_GSIZE_FORMAT " others"), n_others - NOT_ATTACHED_SHOWN);
    tern_error_set(&job->error, TERN_ERROR_INPUT,
                   _("%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " attached; not attached: %s"), n - n_others,
                   n, others->str);
}

/* A file of exactly that name, or else those that the pattern stands for. */
static void work_attach(void *data)
{
    AttachJob *job = data;
    glob_t files = {0};
    gboolean is_pattern = strpbrk(job->pattern, "*?[") && !g_file_test(job->pattern, G_FILE_TEST_EXISTS) &&
                          glob(job->pattern, 0, NULL, &files) == 0;

    job->found = draft_new(NULL);
    if (is_pattern)
        attach_each(job, files.gl_pathv, files.gl_pathc);
    else
        draft_attach(job->found, job->pattern, NULL, NULL, &job->error);
    globfree(&files);
}

/* What a command prints. Its file lies where the draft's own do. */
static void work_output(void *data)
{
    AttachJob *job = data;

    job->found = draft_new(NULL);
    g_free(job->found->id);
    job->found->id = g_strdup(job->id);
    attach_output(job->found, job->data, job->pattern + 1, job->cancel, &job->error);
}

static void take_attachments(Draft *draft, const Draft *found)
{
    while (found->attachments->len)
        g_ptr_array_add(draft->attachments, g_ptr_array_steal_index(found->attachments, 0));
}

/* Where it stands among those that are not done. */
static gboolean find_attaching(const Ui *ui, const char *id, guint *at_out)
{
    return g_ptr_array_find_with_equal_func(ui->composing->attaching, id, g_str_equal, at_out);
}

gboolean compose_is_attaching(const ViewCompose *compose)
{
    return find_attaching(compose->view.ui, compose->draft->id, NULL);
}

/* Of a draft that was closed meanwhile: into what is kept of it. */
static void work_add(void *data)
{
    AttachJob *job = data;
    g_autoptr(Draft) draft = draft_load(job->data, job->id, &job->error);

    if (!draft)
        return;
    g_clear_pointer(&draft->filed, g_free);
    take_attachments(draft, job->found);
    draft_save(draft, job->data, &job->error);
}

static void added(Ui *ui, void *data)
{
    AttachJob *job = data;

    job->is_told = TRUE;
    if (job->error)
        ui_error(ui, job->error->message);
}

static void add_to_kept(Ui *ui, AttachJob *job)
{
    AttachJob *next = g_new0(AttachJob, 1);

    *next = (AttachJob){.id = g_strdup(job->id),
                        .pattern = g_strdup(job->pattern),
                        .data = g_strdup(ui->context->paths->data),
                        .found = g_steal_pointer(&job->found)};
    background_run(ui->background, work_add, added, next, attach_job_free);
}

static void take_found(Ui *ui, AttachJob *job)
{
    ViewCompose *compose = compose_find(ui, job->id);

    job->is_told = TRUE;
    ui_redraw(ui);
    if (!job->found->attachments->len)
        return;
    if (compose) {
        take_attachments(compose->draft, job->found);
        compose_changed(compose);
    } else if (!g_hash_table_contains(ui->composing->gone, job->id)) {
        add_to_kept(ui, job);
    }
}

/* ---- commands ---- */

/* So much of a command line is told. */
#define RUNNING_CHARACTERS 24

char *compose_running(const Ui *ui)
{
    if (!ui->composing->running)
        return NULL;
    g_autofree char *safe = sanitise(ui->composing->running, -1, SANITISE_LINE);
    const gboolean is_long = g_utf8_strlen(safe, -1) > RUNNING_CHARACTERS;
    g_autofree char *shown = g_utf8_substring(safe, 0, MIN(g_utf8_strlen(safe, -1), RUNNING_CHARACTERS));
    return g_strdup_printf(_("“%s%s” runs"), shown, is_long ? "…" : "");
}

gboolean compose_halt(Ui *ui)
{
    if (!ui->composing->n_running || !ui->composing->ending)
        return FALSE;
    cancel_trigger(ui->composing->ending);
    g_clear_pointer(&ui->composing->ending, cancel_unref); /* the next one has its own */
    return TRUE;
}

static void started(Ui *ui, const char *command)
{
    ui->composing->n_running++;
    g_free(ui->composing->running);
    ui->composing->running = g_strstrip(g_strdup(command));
}

static void stopped(Ui *ui)
{
    if (--ui->composing->n_running == 0)
        g_clear_pointer(&ui->composing->running, g_free);
    ui_redraw(ui);
}

static void attached(Ui *ui, void *data)
{
    AttachJob *job = data;
    guint at;

    if (job->cancel)
        stopped(ui);
    if (tern_error_is(job->error, TERN_ERROR_CANCELLED))
        ui_news(ui, "%s", _("Ended; nothing was attached"));
    if (find_attaching(ui, job->id, &at))
        g_ptr_array_remove_index_fast(ui->composing->attaching, at);
    if (job->error && !tern_error_is(job->error, TERN_ERROR_CANCELLED))
        ui_error(ui, job->error->message);
    take_found(ui, job);
}

static void path_typed(Ui *ui, void *data, const char *text)
{
    ViewCompose *compose = compose_find(ui, data);

    if (text && *text && compose)
        compose_ask_attachment(compose, text);
}

void compose_ask_attachment(ViewCompose *compose, const char *path)
{
    Ui *ui = compose->view.ui;

    if (!path) {
        prompt_open(ui, &(PromptWants){.label = _("Attach: "),
                                       .history = "attach",
                                       .complete = path_complete,
                                       .is_whole = TRUE,
                                       .done = path_typed,
                                       .data = g_strdup(compose->draft->id),
                                       .free_data = g_free});
        return;
    }
    AttachJob *job = g_new0(AttachJob, 1);
    *job = (AttachJob){.id = g_strdup(compose->draft->id), .pattern = paths_whole(path)};
    g_ptr_array_add(ui->composing->attaching, g_strdup(job->id));
    if (*path != '|') {
        background_run(ui->background, work_attach, attached, job, attach_job_free);
        return;
    }
    if (!ui->composing->ending)
        ui->composing->ending = cancel_new();
    job->cancel = cancel_ref(ui->composing->ending);
    job->data = g_strdup(ui->context->paths->data);
    started(ui, path + 1);
    background_run(compose_commands(ui), work_output, attached, job, attach_job_free);
}
