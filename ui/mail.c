/* mail.c - see mail.h: which messages a command is for, how it is handed in, and what only changes marks. */
#include "ui/mail_private.h"

#include "base/i18n.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/compose.h"
#include "ui/format.h"

/* Of more messages than these nobody looks up one by one what they are. */
#define LOOKED_AT_MAX 500

/* ---- what the messages are ---- */

static void look_at(MailTask *task)
{
    GHashTableIter iter;
    void *id;

    task->n_unread = 0;
    task->common = ~0U;
    g_hash_table_iter_init(&iter, task->targets->ids);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        StoreRowState state;
        g_autoptr(GError) error = NULL;
        if (store_read_state(ui_reader(task->ui), *(gint64 *)id, &state, &error) != 1)
            continue;
        uint32_t flags = overlay_flags(ui_overlay(task->ui), state.id, state.flags);
        task->common &= flags;
        task->n_unread += !(flags & STORE_SEEN);
    }
}

MailTask *mail_task_new(Ui *ui, Selection *targets, uint32_t common, int command)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MailTask) task = g_new0(MailTask, 1);

    *task = (MailTask){.ui = ui, .targets = targets, .common = common, .command = command};
    task->folder = store_read_folder_by_id(ui_reader(ui), targets->folder_id, &error);
    if (!task->folder) {
        ui_read_failed(ui, &error);
        return NULL;
    }
    task->n = selection_count(targets);
    if (targets->is_all)
        task->n_unread = MAX(task->folder->unread + overlay_unread(ui_overlay(ui), task->folder->id), 0);
    else if (task->n <= LOOKED_AT_MAX)
        look_at(task);
    else
        task->n_unread = -1;
    return g_steal_pointer(&task);
}

void mail_task_free(void *data)
{
    MailTask *task = data;

    selection_free(task->targets);
    if (task->folder)
        store_folder_free(task->folder);
    g_free(task);
}

/* ---- doing it ---- */

guint64 mail_tell(Ui *ui, const char *what)
{
    g_autofree char *key = keymap_keys_of(ui_keymap(ui), ui_context(ui), "undo", TRUE);

    return key ? ui_news(ui, _("%s. %s undoes it."), what, key) : ui_news(ui, "%s.", what);
}

static void settled(void *data, const GError *error)
{
    const MailJob *job = data;

    if (error) {
        ui_withdraw(job->ui, job->news, error);
        return;
    }
    if (!job->one)
        return;
    if (!job->n) {
        ui_news(job->ui, "%s", _("Nothing is marked as deleted here"));
        return;
    }
    g_autofree char *n = format_count(job->n);
    /* The two forms of one sentence, each with its %s. */
    g_autofree char *what = g_strdup(ngettext_(job->one, job->many, job->n));
    g_auto(GStrv) parts = g_strsplit(what, "%s", 2);
    g_autofree char *sentence = g_strjoinv(n, parts);
    mail_tell(job->ui, sentence);
}

void mail_submit(MailTask *task, const MailJob *job, OverlayEffect effect, char *news)
{
    MailJob *given = g_memdup2(job, sizeof *job);
    g_autofree char *told = news;

    given->ui = task->ui;
    given->targets = selection_copy(task->targets);
    given->only = effect.only;
    effect.targets = g_steal_pointer(&task->targets);
    effect.messages = effect.only ? 0 : task->n;
    overlay_submit(ui_overlay(task->ui), &effect, mail_job_run, settled, given, mail_job_free);
    if (effect.is_gone)
        ui_messages_left(task->ui);
    if (told)
        given->news = mail_tell(task->ui, told); /* it comes home on this thread, and is there until then */
    ui_redraw(task->ui);
}

gboolean mail_may_in_account(Ui *ui, const char *account)
{
    if (ui_has_account(ui, account))
        return TRUE;
    g_autofree char *sentence = g_strdup_printf(
        _("the account “%s” is no longer in the configuration: its mail can be read, and exported, but "
          "not be changed"),
        account);
    ui_error(ui, sentence);
    return FALSE;
}

gboolean mail_may(Ui *ui, const StoreFolder *folder, guint needed)
{
    if (!mail_may_in_account(ui, folder->account))
        return FALSE;
    g_autofree char *problem = store_rights_problem(folder->name, folder->rights, needed);

    if (problem)
        ui_error(ui, problem);
    return !problem;
}

/* ---- marks ---- */

static void change_flag(MailTask *task, uint32_t flag, gboolean is_set, int unread, char *news)
{
    StoreChangeKind kind = flag == STORE_SEEN ? (is_set ? STORE_CHANGE_READ : STORE_CHANGE_UNREAD)
                                              : (is_set ? STORE_CHANGE_FLAG : STORE_CHANGE_UNFLAG);
    uint32_t set = is_set ? flag : 0, clear = is_set ? 0 : flag;

    mail_submit(task, &(MailJob){.verb = MAIL_FLAGS, .kind = kind, .set = set, .clear = clear},
                (OverlayEffect){.set = set, .clear = clear, .unread = unread}, news);
}

static void toggle_read(MailTask **given, G_GNUC_UNUSED const char *argument)
{
    MailTask *task = *given;
    gboolean is_read = task->n_unread < 0 ? !(task->common & STORE_SEEN) : task->n_unread > 0;
    int unread = task->n_unread < 0 ? 0 : is_read ? task->n_unread : task->n_unread - task->n;
    g_autofree char *n = format_count(task->n);

    change_flag(
        task, STORE_SEEN, is_read, unread,
        task->n == 1 ? g_strdup(is_read ? _("Marked read") : _("Marked unread"))
        : is_read
            ? g_strdup_printf(ngettext_("Marked %s message read", "Marked %s messages read", task->n), n)
            : g_strdup_printf(ngettext_("Marked %s message unread", "Marked %s messages unread", task->n),
                              n));
}

static void toggle_flag(MailTask **given, G_GNUC_UNUSED const char *argument)
{
    MailTask *task = *given;
    gboolean is_set = !(task->common & STORE_FLAGGED);
    g_autofree char *n = format_count(task->n);

    change_flag(task, STORE_FLAGGED, is_set, 0,
                task->n == 1 ? g_strdup(is_set ? _("Flagged") : _("Flag taken away"))
                : is_set ? g_strdup_printf(ngettext_("Flagged %s message", "Flagged %s messages", task->n), n)
                         : g_strdup_printf(ngettext_("Took the flag from %s message",
                                                     "Took the flag from %s messages", task->n),
                                           n));
}

static void read_all(MailTask **given, G_GNUC_UNUSED const char *argument)
{
    mail_mark_folder_read((*given)->ui, (*given)->folder->id);
}

void mail_mark_folder_read(Ui *ui, gint64 folder_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MailTask) task = NULL;
    g_autoptr(Selection) all = selection_new(folder_id);
    gint64 last_id;

    if (!store_read_last_id(ui_reader(ui), &last_id, &error)) {
        ui_read_failed(ui, &error);
        return;
    }
    selection_set_all(all, last_id, 0);
    task = mail_task_new(ui, g_steal_pointer(&all), 0, COMMAND_MARK_ALL_READ);
    if (!task || !mail_may(ui, task->folder, STORE_MAY_MARK_SEEN))
        return;
    if (task->n_unread == 0) {
        ui_news(ui, "%s", _("Nothing is unread here"));
        return;
    }
    g_autofree char *n = format_count(task->n_unread);
    mail_submit(
        task,
        &(MailJob){
            .verb = MAIL_READ_ALL, .kind = STORE_CHANGE_READ_ALL, .name = g_strdup(task->folder->name)},
        (OverlayEffect){.set = STORE_SEEN, .unread = task->n_unread},
        g_strdup_printf(ngettext_("Marked %s message read", "Marked %s messages read", task->n_unread), n));
}

void mail_mark_seen(Ui *ui, gint64 folder_id, gint64 message_id, gint64 thread)
{
    Selection *one = selection_new(folder_id);
    g_autoptr(MailTask) task = NULL;

    selection_set(one, message_id, thread, TRUE);
    task = mail_task_new(ui, one, 0, COMMAND_TOGGLE_READ);
    if (task && task->n_unread == 1 && ui_option_bool(ui, "mark-read") &&
        ui_has_account(ui, task->folder->account) && task->folder->rights & STORE_MAY_MARK_SEEN)
        mail_submit(
            task,
            &(MailJob){.verb = MAIL_FLAGS, .kind = STORE_CHANGE_READ, .set = STORE_SEEN, .is_quiet = TRUE},
            (OverlayEffect){.set = STORE_SEEN, .unread = 1}, NULL);
}

/* ---- the table ---- */

static const struct {
    int command;
    guint needs; /* StoreRight in the folder */
    void (*run)(MailTask **task, const char *argument);
} COMMANDS[] = {
    {COMMAND_TOGGLE_READ, STORE_MAY_MARK_SEEN, toggle_read},
    {COMMAND_FLAG, STORE_MAY_FLAG, toggle_flag},
    {COMMAND_MARK_ALL_READ, STORE_MAY_MARK_SEEN, read_all},
    {COMMAND_DELETE, STORE_MAY_DELETE, mail_delete},
    {COMMAND_UNDELETE, STORE_MAY_DELETE, mail_undelete},
    {COMMAND_PURGE, STORE_MAY_DELETE, mail_purge},
    {COMMAND_ARCHIVE, STORE_MAY_DELETE, mail_archive},
    {COMMAND_JUNK, STORE_MAY_DELETE, mail_junk},
    {COMMAND_NOT_JUNK, STORE_MAY_DELETE, mail_not_junk},
    {COMMAND_MOVE, STORE_MAY_DELETE, mail_move},
    {COMMAND_COPY, STORE_MAY_READ, mail_copy},
    {COMMAND_TAG, STORE_MAY_FLAG, mail_tag},
    {COMMAND_UNTAG, STORE_MAY_FLAG, mail_untag},
};

gboolean mail_has_command(int command)
{
    for (guint i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
        if (COMMANDS[i].command == command)
            return TRUE;
    return FALSE;
}

/* What is for the folder and not for the messages one stands on. */
static gboolean is_for_folder(int command)
{
    return command == COMMAND_MARK_ALL_READ || command == COMMAND_PURGE;
}

void mail_command(Ui *ui, Selection *targets, uint32_t common, int command, const char *argument)
{
    if (!selection_count(targets) && !is_for_folder(command)) {
        ui_news(ui, "%s", _("There is no message here"));
        selection_free(targets);
        return;
    }
    compose_forget_undo(ui);
    g_autoptr(MailTask) task = mail_task_new(ui, targets, common, command);
    for (guint i = 0; task && i < G_N_ELEMENTS(COMMANDS); i++)
        if (COMMANDS[i].command == command) {
            if (mail_may(ui, task->folder, COMMANDS[i].needs))
                COMMANDS[i].run(&task, argument);
            return;
        }
}
