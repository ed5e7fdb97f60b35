/*
 * compose_from.c - whom a message is from: chosen among one's own addresses, with what belongs to each
 * (compose/identity_change.h). A signature may be a command's, so it is had in the background.
 */
#include "base/i18n.h"
#include "compose/address.h"
#include "compose/identity_change.h"
#include "store/read.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

typedef struct {
    Config *config; /* which the identities borrow from */
    char *id;       /* the draft's */
    Identity *from, *to;
    char *old_signature, *new_signature;
    GError *error;
} FromJob;

static void from_job_free(void *data)
{
    FromJob *job = data;

    identity_free(job->from);
    identity_free(job->to);
    config_unref(job->config);
    g_free(job->id);
    g_free(job->old_signature);
    g_free(job->new_signature);
    g_clear_error(&job->error);
    g_free(job);
}

static void work_from(void *data)
{
    FromJob *job = data;

    if (job->from)
        job->old_signature = identity_signature(job->from, NULL);
    job->new_signature = identity_signature(job->to, &job->error);
}

static void from_known(Ui *ui, void *data)
{
    const FromJob *job = data;
    ViewCompose *compose = compose_find(ui, job->id);

    if (!compose)
        return;
    compose_take_body(compose);
    const gboolean is_whole =
        draft_change_identity(compose->draft, job->from, job->to, job->old_signature, job->new_signature);
    compose_give_body(compose);
    compose_changed(compose);
    if (job->error)
        ui_error(ui, job->error->message);
    else if (!is_whole)
        ui_news(ui, "%s", _("The signature was changed by hand, and stays"));
}

/* Whom it is from by now; NULL: nobody that the configuration knows. */
static Identity *identity_now(const Config *config, const Draft *draft)
{
    g_autoptr(GPtrArray) list = compose_addresses_parse(draft->fields[DRAFT_FROM], NULL, NULL);

    return list && list->len ? identity_of(config, list->pdata[0]) : NULL;
}

static void change(ViewCompose *compose, const Identity *to)
{
    Ui *ui = compose->view.ui;
    FromJob *job = g_new0(FromJob, 1);

    job->config = config_ref(ui->context->config);
    job->id = g_strdup(compose->draft->id);
    job->from = identity_now(job->config, compose->draft);
    job->to = identity_copy(to);
    background_run(ui->background, work_from, from_known, job, from_job_free);
}

void compose_fit_from(ViewCompose *compose)
{
    const Draft *draft = compose->draft;
    const Config *config = compose->view.ui->context->config;
    g_autoptr(GPtrArray) list = compose_addresses_parse(draft->fields[DRAFT_TO], NULL, NULL);
    const MimeMailbox *first = list && list->len ? list->pdata[0] : NULL;

    if (!first || !first->address || draft->kind != DRAFT_NEW || compose->is_from_chosen)
        return;
    g_autoptr(Identity) now = identity_now(config, draft);
    g_autoptr(Identity) to = identity_for_recipient(config, draft->account, first->address);
    if (to && (!now || !compose_address_equal(now->address, to->address)))
        change(compose, to);
}

/* By its place among all; the configuration may be another one by now. */
static void from_chosen(Ui *ui, G_GNUC_UNUSED void *data, const PickerItem *item)
{
    ViewCompose *compose = compose_top(ui);
    g_autoptr(GPtrArray) all = identity_all(ui->context->config);

    if (compose)
        compose->is_from_chosen = TRUE;
    if (compose && item->value < all->len)
        change(compose, all->pdata[item->value]);
}

/* An address that fits a pattern, or one with another name; any other is told, and stays. */
static void from_typed(Ui *ui, G_GNUC_UNUSED void *data, const char *text)
{
    ViewCompose *compose = compose_top(ui);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) list = compose_addresses_parse(text, NULL, &error);
    g_autoptr(Identity) to = list && list->len ? identity_of(ui->context->config, list->pdata[0]) : NULL;

    if (compose)
        compose->is_from_chosen = TRUE;
    if (compose && to) {
        change(compose, to);
    } else if (compose) {
        draft_set(compose->draft, DRAFT_FROM, text);
        compose_changed(compose);
    }
    if (error)
        ui_error(ui, error->message);
}

void compose_ask_from(ViewCompose *compose)
{
    Ui *ui = compose->view.ui;
    g_autoptr(GPtrArray) all = identity_all(ui->context->config);
    GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)picker_item_free);

    for (guint i = 0; i < all->len; i++) {
        const Identity *identity = all->pdata[i];
        const MimeMailbox from = {.name = identity->name, .address = identity->address};
        g_autofree char *text = mime_mailbox_format(&from);
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
