/* receipt.c - see receipt.h. */
#include "ui/receipt.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "compose/receipt.h"
#include "ui/prompt.h"
#include "ui/state.h"

typedef struct {
    Config *config;
    Store *store;
    char *path, *data;
    char *asks; /* ViewMessage's `receipt`, while it is answered: nobody is asked twice */
    gint64 id;
    StoreMessage *stored; /* of what is to be answered; NULL: it is only looked at */
    gboolean is_refused;
    ReceiptAsked *asked;
    char *account; /* whose outbox has the receipt */
    GError *error;
} ReceiptJob;

static void receipt_job_free(void *data)
{
    ReceiptJob *job = data;

    config_unref(job->config);
    if (job->stored)
        store_message_free(job->stored);
    if (job->asked)
        receipt_asked_free(job->asked);
    g_free(job->path);
    g_free(job->data);
    g_free(job->asks);
    g_free(job->account);
    g_clear_error(&job->error);
    g_free(job);
}

static ReceiptJob *receipt_job(const ViewMessage *message)
{
    Ui *ui = message->view.ui;
    ReceiptJob *job = g_new0(ReceiptJob, 1);

    job->config = config_ref(ui->context->config);
    job->store = ui->store;
    job->data = g_strdup(ui->context->paths->data);
    job->path = g_strdup(message->path);
    job->id = message->id;
    return job;
}

/* The view, while it shows that message still. */
static ViewMessage *shown(Ui *ui, gint64 id)
{
    ViewMessage *message = (ViewMessage *)ui->message;

    return message && message->id == id ? message : NULL;
}

/* ---- whether one is asked for ---- */

static void work_look(void *data)
{
    ReceiptJob *job = data;

    job->asked = receipt_asked(job->path, job->config);
}

static void looked(Ui *ui, void *data)
{
    const ReceiptJob *job = data;
    ViewMessage *message = shown(ui, job->id);

    if (!message || !job->asked)
        return;
    g_autofree char *person = *job->asked->name
                                  ? g_strdup_printf("%s <%s>", job->asked->name, job->asked->address)
                                  : g_strdup(job->asked->address);
    g_autofree char *key = keymap_keys_of(ui->keymap, CONTEXT_MESSAGE, "receipt", TRUE);
    g_free(message->receipt);
    message->receipt = job->asked->is_elsewhere ? g_strdup_printf(_("%s, who is not its sender,"), person)
                                                : g_strdup(person);
    ui_news(ui, _("%s asks for a receipt. %s sends or refuses one."), message->receipt,
            key ? key : ":receipt");
}

/* Who writes junk learns nothing by it. */
static gboolean is_junk(const ViewMessage *message)
{
    g_autoptr(StoreFolder) folder =
        store_read_folder_by_id(message->view.ui->reader, message->message->folder_id, NULL);

    return folder && folder->role == STORE_ROLE_JUNK;
}

void receipt_look(ViewMessage *message)
{
    if (message->is_receipt_known || !message->message || !message->path)
        return;
    message->is_receipt_known = TRUE;
    if (!receipt_is_settled(message->message) && !is_junk(message))
        background_run(message->view.ui->background, work_look, looked, receipt_job(message),
                       receipt_job_free);
}

/* ---- answering ---- */

static void work_answer(void *data)
{
    ReceiptJob *job = data;

    if (job->is_refused)
        receipt_settle(job->store, job->id, &job->error);
    else
        receipt_send(job->store, job->stored, job->path, job->config, job->data, &job->account, &job->error);
}

static void answered(Ui *ui, void *data)
{
    ReceiptJob *job = data;
    ViewMessage *message = shown(ui, job->id);

    if (job->error) {
        if (message && !message->receipt && !tern_error_is(job->error, TERN_ERROR_INPUT))
            message->receipt = g_steal_pointer(&job->asks); /* it can be tried again */
        ui_error(ui, job->error->message);
        return;
    }
    ui_news(ui, "%s",
            job->is_refused ? _("No receipt is sent, and nobody asks again.")
                            : _("The receipt is in the outbox."));
    if (job->account && ui->engine && !ui->is_offline)
        engine_send(ui->engine, job->account);
}

/* The row is read again: another program may have answered meanwhile. */
static void answer(ViewMessage *message, gboolean is_refused)
{
    Ui *ui = message->view.ui;
    g_autoptr(GError) error = NULL;
    ReceiptJob *job = receipt_job(message);

    job->is_refused = is_refused;
    job->stored = store_read_message(ui->reader, message->id, &error);
    if (job->stored) {
        job->asks = g_steal_pointer(&message->receipt);
        background_run(ui->background, work_answer, answered, job, receipt_job_free);
        return;
    }
    ui_error(ui, error ? error->message : _("the message is no longer there"));
    receipt_job_free(job);
}

static void agreed(Ui *ui, void *data)
{
    ViewMessage *message = shown(ui, *(const gint64 *)data);

    if (message && message->receipt)
        answer(message, FALSE);
}

void receipt_command(ViewMessage *message, const char *argument)
{
    Ui *ui = message->view.ui;

    if (!message->receipt) {
        ui_news(ui, "%s", _("This message asks for no receipt, or it was answered"));
    } else if (!argument) {
        g_autofree char *sentence = g_strdup_printf(
            _("Tell %s that this message was read? “:receipt no” refuses it for good."), message->receipt);
        question_open(ui, sentence, agreed, g_memdup2(&message->id, sizeof message->id), g_free);
    } else if (g_str_equal(argument, "no")) {
        answer(message, TRUE);
    } else {
        ui_error(ui, _("receipt takes nothing, or no"));
    }
}
