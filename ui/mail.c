/* mail.c - see mail.h. */
#include "ui/mail_private.h"

#include "base/i18n.h"
#include "store/read.h"
#include "ui/command.h"
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

static gboolean task_begin(MailTask *task)
{
    g_autoptr(GError) error = NULL;

    task->folder = store_read_folder_by_id(ui_reader(task->ui), task->targets->folder_id, &error);
    if (!task->folder) {
        ui_read_failed(task->ui, &error);
        return FALSE;
    }
    task->n = selection_count(task->targets);
    if (task->targets->is_all)
        task->n_unread =
            MAX(task->folder->unread + overlay_unread(ui_overlay(task->ui), task->folder->id), 0);
    else if (task->n <= LOOKED_AT_MAX)
        look_at(task);
    else
        task->n_unread = -1;
    return TRUE;
}

static void task_end(MailTask *task)
{
    selection_free(task->targets);
    if (task->folder)
        store_folder_free(task->folder);
}

/* ---- doing it ---- */

static void settled(void *data, const GError *error)
{
    const MailJob *job = data;

    if (error)
        ui_error(job->ui, error->message);
    else
        ui_play(job->ui);
}

/* "Archived 3 messages. u undoes it." */
static void tell(Ui *ui, const char *what)
{
    g_autofree char *key = keymap_keys_of(ui_keymap(ui), ui_context(ui), "undo", TRUE);

    if (key)
        ui_news(ui, _("%s. %s undoes it."), what, key);
    else
        ui_news(ui, "%s.", what);
}

void mail_submit(MailTask *task, const MailJob *job, OverlayEffect effect, char *news)
{
    MailJob *given = g_memdup2(job, sizeof *job);
    g_autofree char *told = news;

    given->ui = task->ui;
    given->targets = selection_copy(task->targets);
    effect.targets = g_steal_pointer(&task->targets);
    effect.messages = task->n;
    overlay_submit(ui_overlay(task->ui), &effect, mail_job_run, settled, given, mail_job_free);
    if (effect.is_gone)
        ui_messages_left(task->ui);
    if (told)
        tell(task->ui, told);
    ui_redraw(task->ui);
}

/* ---- the commands ---- */

static char *count_of(int n)
{
    return format_count(n);
}

static void toggle_read(MailTask *task, G_GNUC_UNUSED const char *argument)
{
    gboolean is_read = task->n_unread < 0 ? !(task->common & STORE_SEEN) : task->n_unread > 0;
    int unread = is_read ? task->n_unread : task->n_unread - task->n;
    g_autofree char *n = count_of(task->n);

    mail_submit(
        task,
        &(MailJob){.verb = MAIL_FLAGS, .set = is_read ? STORE_SEEN : 0, .clear = is_read ? 0 : STORE_SEEN},
        (OverlayEffect){.set = is_read ? STORE_SEEN : 0,
                        .clear = is_read ? 0 : STORE_SEEN,
                        .unread = task->n_unread < 0 ? 0 : unread},
        task->n == 1 ? g_strdup(is_read ? _("Marked read") : _("Marked unread"))
        : is_read
            ? g_strdup_printf(ngettext_("Marked %s message read", "Marked %s messages read", task->n), n)
            : g_strdup_printf(ngettext_("Marked %s message unread", "Marked %s messages unread", task->n),
                              n));
}

static void toggle_flag(MailTask *task, G_GNUC_UNUSED const char *argument)
{
    gboolean is_set = !(task->common & STORE_FLAGGED);
    g_autofree char *n = count_of(task->n);

    mail_submit(
        task,
        &(MailJob){
            .verb = MAIL_FLAGS, .set = is_set ? STORE_FLAGGED : 0, .clear = is_set ? 0 : STORE_FLAGGED},
        (OverlayEffect){.set = is_set ? STORE_FLAGGED : 0, .clear = is_set ? 0 : STORE_FLAGGED},
        task->n == 1 ? g_strdup(is_set ? _("Flagged") : _("Flag taken away"))
        : is_set
            ? g_strdup_printf(ngettext_("Flagged %s message", "Flagged %s messages", task->n), n)
            : g_strdup_printf(
                  ngettext_("Took the flag from %s message", "Took the flag from %s messages", task->n), n));
}

static const struct {
    int command;
    void (*run)(MailTask *task, const char *argument);
} COMMANDS[] = {
    {COMMAND_TOGGLE_READ, toggle_read},
    {COMMAND_FLAG, toggle_flag},
};

gboolean mail_has_command(int command)
{
    for (guint i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
        if (COMMANDS[i].command == command)
            return TRUE;
    return FALSE;
}

void mail_command(Ui *ui, Selection *targets, uint32_t common, int command, const char *argument)
{
    MailTask task = {.ui = ui, .targets = targets, .common = common};

    if (!selection_count(targets))
        ui_news(ui, "%s", _("There is no message here"));
    else if (task_begin(&task))
        for (guint i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
            if (COMMANDS[i].command == command)
                COMMANDS[i].run(&task, argument);
    task_end(&task);
}

void mail_mark_seen(Ui *ui, gint64 folder_id, gint64 message_id, gint64 thread)
{
    MailTask task = {.ui = ui, .targets = selection_new(folder_id)};

    selection_set(task.targets, message_id, thread, TRUE);
    if (ui_option_bool(ui, "mark-read") && task_begin(&task) && task.n_unread == 1)
        mail_submit(&task, &(MailJob){.verb = MAIL_FLAGS, .set = STORE_SEEN, .is_quiet = TRUE},
                    (OverlayEffect){.set = STORE_SEEN, .unread = 1}, NULL);
    task_end(&task);
}
