/*
 * compose_from.c - whom a message is from: chosen among one's own addresses, with what belongs to each
 * (compose/identity_change.h).
 *
 *     chosen, typed, or by whom it goes to ── From, account, fields: at once
 *                                          └─ signature: thread ──> in the text; nothing is sent before
 */
#include "base/i18n.h"
#include "compose/address.h"
#include "compose/alias.h"
#include "compose/identity_change.h"
#include "store/read.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

typedef struct {
    Config *config; /* which the identity borrows from */
    char *id;       /* the draft's */
    guint number;   /* its place among all that are asked for: a draft that is opened anew waits for none */
    Identity *to;
    char *signature;
    GError *error;
} FromJob;

static void from_job_free(void *data)
{
    FromJob *job = data;

    identity_free(job->to);
    config_unref(job->config);
    g_free(job->id);
    g_free(job->signature);
    g_clear_error(&job->error);
    g_free(job);
}

static void work_signature(void *data)
{
    FromJob *job = data;

    job->signature = identity_signature(job->to, &job->error);
}

static void signature_known(Ui *ui, void *data)
{
    const FromJob *job = data;
    ViewCompose *compose = compose_find(ui, job->id);

    if (!compose || compose->signing != job->number) /* opened again since, or chosen again */
        return;
    compose->signing = 0;
    compose_take_body(compose);
    const gboolean is_whole = draft_change_signature(compose->draft, job->signature);
    compose_give_body(compose);
    compose_changed(compose);
    if (job->error)
        ui_error(ui, job->error->message);
    else if (!is_whole)
        ui_news(ui, "%s", _("The signature was changed by hand, and stays"));
}

/* An identity of one's own that From is; NULL: nobody that the configuration knows. */
static Identity *identity_now(const Config *config, const char *from)
{
    g_autoptr(GPtrArray) list = compose_addresses_parse(from, NULL, NULL);

    return list && list->len ? identity_of(config, list->pdata[0]) : NULL;
}

static void change(ViewCompose *compose, const Identity *to)
{
    Ui *ui = compose->view.ui;
    Config *config = ui->context->config;
    g_autoptr(Identity) from = identity_now(config, compose->draft->fields[DRAFT_FROM]);
    FromJob *job = g_new0(FromJob, 1);

    draft_change_identity(compose->draft, from, to);
    compose_changed(compose);
    *job =
        (FromJob){.config = config_ref(config), .id = g_strdup(compose->draft->id), .to = identity_copy(to)};
    job->number = compose->signing = ++ui->composing->signatures;
    background_run(compose_people(ui), work_signature, signature_known, job, from_job_free);
}

/* ---- by whom it goes to ---- */

/* Back to whom it was from before a recipient changed that, when none does any more. */
static void fit_from(ViewCompose *compose)
{
    Draft *draft = compose->draft;
    const Config *config = compose->view.ui->context->config;
    g_autofree char *first = compose_address_first(draft->fields[DRAFT_TO]);

    if (!first || draft->kind != DRAFT_NEW || draft->is_from_chosen)
        return;
    if (!draft->home)
        draft->home = g_strdup(draft->fields[DRAFT_FROM]);
    g_autoptr(Identity) now = identity_now(config, draft->fields[DRAFT_FROM]);
    g_autoptr(Identity) home = identity_now(config, draft->home);
    g_autoptr(Identity) to = identity_for_recipient(config, home ? home->account->id : draft->account, first);
    const Identity *wanted = to ? to : home;
    if (wanted && (!now || !compose_address_equal(now->address, wanted->address)))
        change(compose, wanted);
}

void compose_set_to(ViewCompose *compose, const char *text)
{
    Ui *ui = compose->view.ui;
    g_autofree char *whole = alias_expand(ui->context->config, text);

    if (!g_str_equal(whole, compose->draft->fields[DRAFT_TO])) {
        draft_set(compose->draft, DRAFT_TO, whole);
        compose_changed(compose);
    }
    compose_fit_to(compose);
}

void compose_fit_to(ViewCompose *compose)
{
    fit_from(compose);
    compose_fill(compose);
}

/* ---- by hand ---- */

/* By its place among all; the configuration may be another one by now. */
static void from_chosen(Ui *ui, G_GNUC_UNUSED void *data, const PickerItem *item)
{
    ViewCompose *compose = compose_top(ui);
    g_autoptr(GPtrArray) all = identity_all(ui->context->config);

    if (compose)
        compose->draft->is_from_chosen = TRUE;
    if (compose && item->value < all->len)
        change(compose, all->pdata[item->value]);
}

void compose_set_from(ViewCompose *compose, const char *text)
{
    Ui *ui = compose->view.ui;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) list = compose_addresses_parse(text, NULL, &error);
    g_autoptr(Identity) to = list && list->len ? identity_of(ui->context->config, list->pdata[0]) : NULL;

    compose->draft->is_from_chosen = TRUE;
    if (to) {
        change(compose, to);
        return;
    }
    draft_set(compose->draft, DRAFT_FROM, text);
    compose_changed(compose);
    g_autofree char *sentence =
        error ? g_strdup(error->message)
              : g_strdup_printf(_("%s is none of your addresses; it goes out by the account %s"), text,
                                compose->draft->account ? compose->draft->account : "");
    ui_error(ui, sentence);
}

/* An address that fits a pattern, or one with another name; any other is told, and stays. */
static void from_typed(Ui *ui, G_GNUC_UNUSED void *data, const char *text)
{
    ViewCompose *compose = compose_top(ui);

    if (compose)
        compose_set_from(compose, text);
}

void compose_ask_from(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;
    g_autoptr(GPtrArray) all = identity_all(ui->context->config);
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);

    for (guint i = 0; i < all->len; i++) {
        const Identity *identity = all->pdata[i];
        g_autofree char *text = identity_format(identity);
        g_ptr_array_add(items, picker_item_new(text, identity->account->id, NULL, i));
    }
    picker_open(ui, &(PickerWants){
                        .label = _("From: "), .items = items, .chosen = from_chosen, .unknown = from_typed});
}

/* ---- the folder of its copy ---- */

static void copy_to(ViewCompose *compose, const StoreFolder *folder)
{
    Draft *draft = compose->draft;

    g_clear_pointer(&draft->copy_to, g_free);
    if (folder && folder->role != STORE_ROLE_SENT)
        draft->copy_to = g_strdup(folder->name);
    compose_changed(compose);
}

static void folder_chosen(Ui *ui, void *data, gint64 folder_id)
{
    ViewCompose *compose = compose_find(ui, data);
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(ui->reader, folder_id, NULL);

    if (compose && folder)
        copy_to(compose, folder);
}

void compose_ask_copy_to(ViewCompose *compose, const char *name)
{
    Ui *ui = compose->view.ui;
    const char *account = compose->draft->account;
    g_autoptr(StoreFolder) folder =
        name && account ? store_read_folder(ui->reader, account, name, NULL) : NULL;

    if (folder)
        copy_to(compose, folder);
    else if (name)
        ui_error(ui, _("the account that this message goes out by has no such folder"));
    else
        folder_prompt_open(ui, &(FolderWants){.label = _("Copy to: "),
                                              .account = account,
                                              .history = "copy-to",
                                              .chosen = folder_chosen,
                                              .data = g_strdup(compose->draft->id),
                                              .free_data = g_free});
}
