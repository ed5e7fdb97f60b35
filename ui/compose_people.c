/*
 * compose_people.c - whom a message may be for, while an address is typed: contacts, and what a query-command
 * knows.
 *
 *      a letter ── compose_complete_address(): contacts, at once
 *               └─ no letter for a moment ──> thread: lookup_run() ──> contacts, and the prompt asks again
 *
 * The command of what is no longer typed is cancelled. Ui thread.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "compose/address.h"
#include "compose/lookup.h"
#include "compose/send.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

#include <string.h>

#define COMPLETIONS_MAX 20
#define CONTACTS_FRESH_US (300 * SECOND_US)
/* How long nothing is typed before another program is asked, and how much has to be. */
#define LOOKUP_MS 250
#define LOOKUP_LETTERS 2

Background *compose_people(Ui *ui)
{
    if (!ui->composing->people)
        ui->composing->people = background_new(ui->background_wake);
    return ui->composing->people;
}

Background *compose_commands(Ui *ui)
{
    if (!ui->composing->commands)
        ui->composing->commands = background_new(ui->background_wake);
    return ui->composing->commands;
}

void compose_take_people(Ui *ui)
{
    if (ui->composing->commands)
        background_take(ui->composing->commands, ui);
    if (ui->composing->people)
        background_take(ui->composing->people, ui);
}

void compose_people_clear(Composing *composing)
{
    if (composing->lookup)
        cancel_trigger(composing->lookup);
    if (composing->ending)
        cancel_trigger(composing->ending);
    background_free(composing->people);
    background_free(composing->commands);
    g_clear_pointer(&composing->ending, cancel_unref);
    g_clear_pointer(&composing->lookup, cancel_unref);
    contacts_free(composing->contacts);
    if (composing->limits)
        g_hash_table_unref(composing->limits);
    g_ptr_array_unref(composing->contact_changes);
    g_free(composing->looked_up);
    g_free(composing->typed);
    g_free(composing->people_failed);
    g_free(composing->people_error);
}

/* What does not work is told once, not with each letter; where a prompt has the line, when that is gone. */
static void fail(Ui *ui, const char *sentence)
{
    Composing *composing = ui->composing;

    if (g_strcmp0(composing->people_failed, sentence) == 0)
        return;
    g_free(composing->people_failed);
    composing->people_failed = g_strdup(sentence);
    g_free(composing->people_error);
    composing->people_error = g_strdup(sentence);
    if (!ui->modal)
        compose_tell_people(ui);
}

void compose_tell_people(Ui *ui)
{
    g_autofree char *sentence = g_steal_pointer(&ui->composing->people_error);

    if (sentence)
        ui_error(ui, sentence);
}

/* ---- contacts ---- */

typedef struct {
    Store *store;
    Config *config;
    char *data, *notice;
    Contacts *found;
    GHashTable *limits;
} ContactsJob;

static void contacts_job_free(void *data)
{
    ContactsJob *job = data;

    contacts_free(job->found);
    if (job->limits)
        g_hash_table_unref(job->limits);
    config_unref(job->config);
    g_free(job->data);
    g_free(job->notice);
    g_free(job);
}

static GHashTable *read_limits(const Config *config, const char *data)
{
    GHashTable *limits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const GPtrArray *accounts = config_accounts(config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        const int64_t limit = send_limit(data, account->id);
        g_hash_table_insert(limits, g_strdup(account->id), g_memdup2(&limit, sizeof limit));
    }
    return limits;
}

int64_t compose_limit(const ViewCompose *compose)
{
    GHashTable *limits = compose->view.ui->composing->limits;
    const char *account = compose->draft->account;
    const int64_t *limit = limits && account ? g_hash_table_lookup(limits, account) : NULL;

    return limit ? *limit : 0;
}

static void work_contacts(void *data)
{
    ContactsJob *job = data;

    job->limits = read_limits(job->config, job->data);
    job->found = contacts_read(job->store, job->config, job->data, &job->notice, NULL);
}

/* Without them nothing is completed, which is no failure to speak of; a file of contacts that is not there
 * is. */
static void contacts_came(Ui *ui, void *data)
{
    ContactsJob *job = data;

    if (ui->composing->limits)
        g_hash_table_unref(ui->composing->limits);
    ui->composing->limits = g_steal_pointer(&job->limits);
    if (!job->found)
        return;
    contacts_free(ui->composing->contacts);
    ui->composing->contacts = g_steal_pointer(&job->found);
    ui->composing->contacts_number++;
    ui_redraw(ui);
    /* Who was found goes with those that were there, and is asked for again as if it were typed now. */
    g_clear_pointer(&ui->composing->looked_up, g_free);
    g_clear_pointer(&ui->composing->typed, g_free);
    if (job->notice)
        fail(ui, job->notice);
    prompt_complete_again(ui);
}

void compose_read_contacts(Ui *ui, gboolean now)
{
    gint64 now_us = clock_now_us();
    ContactsJob *job;

    if (!now && ui->composing->contacts_us && now_us - ui->composing->contacts_us < CONTACTS_FRESH_US)
        return;
    ui->composing->contacts_us = now_us;
    job = g_new0(ContactsJob, 1);
    *job = (ContactsJob){.store = ui->store,
                         .config = config_ref(ui->context->config),
                         .data = g_strdup(ui->context->paths->data)};
    background_run(compose_people(ui), work_contacts, contacts_came, job, contacts_job_free);
}

/* ---- another program ---- */

typedef struct {
    char *command, *typed;
    Cancel *cancel;
    GPtrArray *found; /* MimeMailbox * */
    GError *error;
} LookupJob;

static void lookup_job_free(void *data)
{
    LookupJob *job = data;

    g_free(job->command);
    g_free(job->typed);
    cancel_unref(job->cancel);
    if (job->found)
        g_ptr_array_unref(job->found);
    g_clear_error(&job->error);
    g_free(job);
}

static void work_lookup(void *data)
{
    LookupJob *job = data;

    job->found = lookup_run(job->command, job->typed, job->cancel, &job->error);
}

static void tell_failure(Ui *ui, const GError *error)
{
    g_autofree char *sentence = g_strdup_printf(_("query-command: %s"), error->message);

    if (!tern_error_is(error, TERN_ERROR_CANCELLED))
        fail(ui, sentence);
}

static void looked_up(Ui *ui, void *data)
{
    LookupJob *job = data;
    Composing *composing = ui->composing;

    if (composing->lookup == job->cancel)
        g_clear_pointer(&composing->lookup, cancel_unref);
    if (job->error)
        tell_failure(ui, job->error);
    if (!job->found)
        return;
    if (!composing->contacts)
        composing->contacts = contacts_new();
    for (guint i = 0; i < job->found->len; i++) {
        const MimeMailbox *mailbox = job->found->pdata[i];
        contacts_add_found(composing->contacts, job->typed, mailbox->name, mailbox->address);
    }
    composing->contacts_number++;
    prompt_complete_again(ui);
}

/* Nothing was typed for a moment. */
static void look_up(void *data)
{
    Ui *ui = data;
    Composing *composing = ui->composing;

    if (!ui->modal || !composing->typed || g_strcmp0(composing->typed, composing->looked_up) == 0)
        return;
    const gint64 rest_ms = LOOKUP_MS - (clock_now_us() - composing->typed_us) / 1000;
    if (rest_ms > 0) {
        loop_after(ui->loop, (guint)rest_ms, look_up);
        return;
    }
    if (composing->lookup) {
        cancel_trigger(composing->lookup);
        cancel_unref(composing->lookup);
    }
    composing->lookup = cancel_new();
    g_free(composing->looked_up);
    composing->looked_up = g_strdup(composing->typed);
    LookupJob *job = g_new0(LookupJob, 1);
    *job = (LookupJob){.command = g_strdup(ui_option(ui, "query-command")),
                       .typed = g_strdup(composing->typed),
                       .cancel = cancel_ref(composing->lookup)};
    background_run(compose_people(ui), work_lookup, looked_up, job, lookup_job_free);
}

static void want_lookup(Ui *ui, const char *word)
{
    Composing *composing = ui->composing;

    if (!*ui_option(ui, "query-command") || g_strcmp0(word, composing->typed) == 0)
        return;
    g_free(composing->typed);
    composing->typed = g_utf8_strlen(word, -1) >= LOOKUP_LETTERS ? g_strdup(word) : NULL;
    composing->typed_us = clock_now_us();
    if (composing->typed)
        loop_after(ui->loop, LOOKUP_MS, look_up);
}

/* ---- completing ---- */

GPtrArray *compose_complete_address(Ui *ui, G_GNUC_UNUSED void *data, const char *line, gsize *shown_from_out)
{
    gsize word = compose_address_word(line, strlen(line));
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    *shown_from_out = word;
    want_lookup(ui, line + word);
    if (!ui->composing->contacts)
        return lines;
    g_autoptr(GPtrArray) found = contacts_find(ui->composing->contacts, line + word, COMPLETIONS_MAX);
    g_autofree char *before = g_strndup(line, word);
    for (guint i = 0; i < found->len; i++)
        g_ptr_array_add(lines, g_strconcat(before, found->pdata[i], NULL));
    return lines;
}
