/* outbox_commands.c - what a person says of a message in the outbox (outbox.h), and what becomes of it. */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "compose/when.h"
#include "render/render.h"
#include "ui/command.h"
#include "ui/compose_private.h"
#include "ui/outbox.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/views.h"

/* A message, and what is to be done with it: while it is asked about, and on the background thread. */
typedef struct {
    Config *config;
    char *data, *subject;
    int64_t id, at_s;
    int command;
    OutboxState state; /* as it was on the screen when the person said so */
    gboolean prefer_html;
    char *account;      /* who is to send now; NULL: nobody */
    RenderOptions look; /* of a message that is looked at */
    char *text;
    Draft *draft;
    char *notice;
    GError *error;
} Task;

static void task_free(void *data)
{
    Task *task = data;

    config_unref(task->config);
    draft_free(task->draft);
    g_free(task->data);
    g_free(task->subject);
    g_free(task->account);
    g_free(task->text);
    g_free(task->notice);
    g_clear_error(&task->error);
    g_free(task);
}

static Task *task_new(Ui *ui, const OutboxEnvelope *envelope, int command)
{
    Task *task = g_new0(Task, 1);

    task->config = config_ref(ui->context->config);
    task->data = g_strdup(ui->context->paths->data);
    task->subject = g_strdup(outbox_envelope_subject(envelope));
    task->id = envelope->id;
    task->command = command;
    task->state = envelope->state;
    task->prefer_html = ui_option_bool(ui, "prefer-html");
    return task;
}

/* ---- on the background thread ---- */

/* Of what the person did not see to be unknown nobody asked whether it shall go twice. */
static WaitingWord word_of(const Task *task)
{
    switch (task->command) {
    case COMMAND_SEND:
        return task->state == OUTBOX_UNKNOWN ? WAITING_SEND_AGAIN : WAITING_SEND;
    case COMMAND_HOLD:
        return WAITING_HOLD;
    case COMMAND_SEND_LATER:
        return WAITING_LATER;
    default:
        return WAITING_WAS_SENT;
    }
}

static void edit(Task *task, Outbox *outbox)
{
    const ReplyWants wants = {.config = task->config, .data = task->data, .prefer_html = task->prefer_html};

    task->draft = waiting_edit(outbox, task->id, &wants, &task->notice, &task->error);
}

static void look(Task *task, const Outbox *outbox)
{
    g_autofree char *path = outbox_message_path(outbox, task->id);
    g_autoptr(RenderDocument) document = render_file(path, &task->look, &task->error);

    task->text = document ? render_document_text(document) : NULL;
}

static void work(void *data)
{
    Task *task = data;
    g_autoptr(Outbox) outbox = outbox_open(task->data, &task->error);
    g_autoptr(OutboxEnvelope) now = NULL;

    if (!outbox)
        return;
    if (task->command == COMMAND_OPEN)
        look(task, outbox);
    else if (task->command == COMMAND_EDIT_AGAIN)
        edit(task, outbox);
    else if (task->command == COMMAND_CANCEL && task->state == OUTBOX_SENT)
        waiting_drop_copy(outbox, task->id, &task->error);
    else if (task->command == COMMAND_CANCEL)
        waiting_drop(outbox, task->id, &task->error);
    else
        waiting_say(outbox, task->id, word_of(task), task->at_s, &now, &task->error);
    if (now && *now->account)
        task->account = g_strdup(now->account);
}

/* ---- on the ui thread ---- */

static void tell(Ui *ui, const Task *task)
{
    g_autofree char *when = when_format(task->at_s, clock_wall_s());

    switch (task->command) {
    case COMMAND_SEND:
        if (ui->is_offline)
            ui_news(ui, _("“%s” goes out as soon as tern is online; O goes online."), task->subject);
        else
            ui_news(ui, _("“%s” is being sent."), task->subject);
        break;
    case COMMAND_HOLD:
        ui_news(ui, _("“%s” is held until you send it."), task->subject);
        break;
    case COMMAND_SEND_LATER:
        ui_news(ui, _("“%s” goes out %s, if tern runs then, or else at its next start."), task->subject,
                when);
        break;
    case COMMAND_WAS_SENT:
        ui_news(ui, _("“%s” counts as sent; its copy is filed."), task->subject);
        break;
    default:
        ui_news(ui,
                task->state == OUTBOX_SENT ? _("The copy of “%s” is not filed.") : _("“%s” was thrown away."),
                task->subject);
    }
}

static void done(Ui *ui, void *data)
{
    Task *task = data;

    if (task->error) {
        ui_error(ui, task->error->message);
        return;
    }
    if (task->command == COMMAND_OPEN) {
        if (ui_top(ui)->ops->context == CONTEXT_OUTBOX) /* else one has gone on */
            ui_push(ui, view_text_of(ui, task->subject, task->text));
        return;
    }
    if (task->draft) {
        compose_open(ui, g_steal_pointer(&task->draft), task->notice);
        return;
    }
    tell(ui, task);
    if (task->account && ui->engine && !ui->is_offline)
        engine_send(ui->engine, task->account);
}

static void run(Ui *ui, Task *task)
{
    compose_forget_undo(ui); /* what u would take back may be another thing now */
    background_run(ui->background, work, done, task, task_free);
}

/* As those see it who get it; nothing about it changes. */
static void open_message(Ui *ui, const OutboxEnvelope *envelope)
{
    Task *task = task_new(ui, envelope, COMMAND_OPEN);

    task->look =
        (RenderOptions){.width_cols = MIN(screen_columns() - 4, (int)ui_option_int(ui, "text-width")),
                        .headers = TRUE,
                        .is_brief = screen_rows() < VIEW_MESSAGE_LOW_ROWS,
                        .prefer_html = task->prefer_html,
                        .is_ascii = screen_is_ascii(),
                        .now_s = clock_wall_s()};
    background_run(ui->background, work, done, task, task_free);
}

static void agreed(Ui *ui, void *data)
{
    const Task *asked = data;
    const OutboxEnvelope envelope = {.id = asked->id, .subject = asked->subject, .state = asked->state};

    run(ui, task_new(ui, &envelope, asked->command));
}

/* Asks "… “subject” …" first; the task is taken over. */
static void ask(Ui *ui, Task *task, const char *before, const char *after)
{
    g_autofree char *sentence = g_strdup_printf("%s “%s”%s", before, task->subject, after);

    question_open(ui, sentence, agreed, task, task_free);
}

static void time_chosen(Ui *ui, void *data, gint64 at_s)
{
    const Task *asked = data;
    const OutboxEnvelope envelope = {.id = asked->id, .subject = asked->subject, .state = asked->state};
    Task *task = task_new(ui, &envelope, COMMAND_SEND_LATER);

    task->at_s = at_s;
    run(ui, task);
}

static void send_later(Ui *ui, Task *task, const char *argument)
{
    g_autoptr(GError) error = NULL;

    if (!argument) {
        outbox_ask_time(ui, time_chosen, task, task_free);
        return;
    }
    if (when_parse(argument, clock_wall_s(), &task->at_s, &error)) {
        run(ui, task);
        return;
    }
    ui_error(ui, error->message);
    task_free(task);
}

static const char *after_cancel(const OutboxEnvelope *envelope)
{
    if (envelope->state == OUTBOX_SENT)
        return _("? It was sent; its copy is not filed then.");
    return outbox_envelope_count(envelope, OUTBOX_TAKEN)
               ? _("? Some have got it; it is not sent to the others.")
               : _("? It is not sent.");
}

gboolean outbox_command(Ui *ui, const OutboxEnvelope *envelope, int command, const char *argument)
{
    const gboolean is_held = envelope->state == OUTBOX_HELD;

    switch (command) {
    case COMMAND_OPEN:
        open_message(ui, envelope);
        return TRUE;
    case COMMAND_SEND:
        if (envelope->state == OUTBOX_UNKNOWN)
            ask(ui, task_new(ui, envelope, command), _("It may have arrived already. Send"),
                _(" once more?"));
        else
            run(ui, task_new(ui, envelope, command));
        return TRUE;
    case COMMAND_HOLD:
        run(ui, task_new(ui, envelope, is_held && !envelope->not_before_s ? COMMAND_SEND : COMMAND_HOLD));
        return TRUE;
    case COMMAND_SEND_LATER:
        send_later(ui, task_new(ui, envelope, command), argument);
        return TRUE;
    case COMMAND_WAS_SENT:
        ask(ui, task_new(ui, envelope, command), _("Has"),
            _(" arrived? Then its copy is filed, and it is not sent again."));
        return TRUE;
    case COMMAND_CANCEL:
        ask(ui, task_new(ui, envelope, command), _("Throw away"), after_cancel(envelope));
        return TRUE;
    case COMMAND_EDIT_AGAIN:
        run(ui, task_new(ui, envelope, command));
        return TRUE;
    default:
        return FALSE;
    }
}

/* ---- a time ---- */

typedef struct {
    void (*chosen)(Ui *ui, void *data, gint64 at_s);
    void *data;
    GDestroyNotify free_data;
} Asking;

static void asking_free(void *data)
{
    Asking *asking = data;

    if (asking->free_data)
        asking->free_data(asking->data);
    g_free(asking);
}

static void time_typed(Ui *ui, void *data, const char *text)
{
    const Asking *asking = data;
    g_autoptr(GError) error = NULL;
    int64_t at_s;

    if (!text || !*text)
        return;
    if (when_parse(text, clock_wall_s(), &at_s, &error))
        asking->chosen(ui, asking->data, at_s);
    else
        ui_error(ui, error->message);
}

void outbox_ask_time(Ui *ui, void (*chosen)(Ui *ui, void *data, gint64 at_s), void *data,
                     GDestroyNotify free_data)
{
    Asking *asking = g_new0(Asking, 1);

    *asking = (Asking){chosen, data, free_data};
    prompt_open(ui, &(PromptWants){.label = _("Send when (tomorrow 9:00, 2h): "),
                                   .history = "when",
                                   .done = time_typed,
                                   .data = asking,
                                   .free_data = asking_free});
}
