/* mail_move.c - commands that take messages to another folder, or away: to the Trash, the archive, the junk,
 * or one that is asked for. */
#include "ui/mail_private.h"

#include "base/i18n.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/format.h"
#include "ui/prompt.h"

#include <string.h>

static StoreFolder *find_role(MailTask *task, StoreRole role)
{
    g_autoptr(GError) error = NULL;
    StoreFolder *folder = store_read_role_folder(ui_reader(task->ui), task->folder->account, role, &error);

    /* A server that keeps all mail in one folder (Gmail) archives by taking it out of the others. */
    if (!folder && !error && role == STORE_ROLE_ARCHIVE)
        folder = store_read_role_folder(ui_reader(task->ui), task->folder->account, STORE_ROLE_ALL, &error);
    ui_read_failed(task->ui, &error);
    return folder;
}

static void submit_move(MailTask *task, MailJob *job, char *news)
{
    mail_submit(
        task, job,
        (OverlayEffect){.is_gone = TRUE, .to_folder = job->folder_id, .unread = MAX(task->n_unread, 0)},
        news);
}

/* To the account's folder of a role, as far as there is one: the writer finds or makes it. */
static void move_to_role(MailTask *task, StoreRole role, MailVerb verb, StoreChangeKind kind,
                         const char *already, char *news)
{
    g_autoptr(StoreFolder) folder = find_role(task, role);
    g_autofree char *told = news;

    if (folder && folder->id == task->folder->id) {
        ui_news(task->ui, "%s", already);
        return;
    }
    submit_move(task,
                &(MailJob){.verb = verb,
                           .kind = kind,
                           .folder_id = folder ? folder->id : 0,
                           .name = folder ? g_strdup(folder->name) : NULL},
                g_steal_pointer(&told));
}

/* ---- away ---- */

/* In the Trash there is nothing to move to: then it is for good. The server is told only after a while. */
void mail_delete(MailTask **given, G_GNUC_UNUSED const char *argument)
{
    MailTask *task = *given;
    g_autofree char *n = format_count(task->n);

    if (task->folder->role == STORE_ROLE_TRASH) {
        submit_move(task, &(MailJob){.verb = MAIL_DELETE, .kind = STORE_CHANGE_EXPUNGE},
                    g_strdup_printf(ngettext_("Deleting %s message for good in a minute",
                                              "Deleting %s messages for good in a minute", task->n),
                                    n));
        return;
    }
    move_to_role(task, STORE_ROLE_TRASH, MAIL_DELETE, STORE_CHANGE_DELETE, "",
                 g_strdup_printf(ngettext_("Deleted %s message", "Deleted %s messages", task->n), n));
}

/* Out of the Trash, to where each came from as far as that is known; elsewhere the mark that another program
 * has set goes. */
void mail_undelete(MailTask **given, G_GNUC_UNUSED const char *argument)
{
    MailTask *task = *given;
    g_autofree char *n = format_count(task->n);
    g_autofree char *news =
        g_strdup_printf(ngettext_("Undeleted %s message", "Undeleted %s messages", task->n), n);

    if (task->folder->role == STORE_ROLE_TRASH)
        submit_move(task, &(MailJob){.verb = MAIL_UNDELETE, .kind = STORE_CHANGE_UNDELETE},
                    g_steal_pointer(&news));
    else
        mail_submit(task, &(MailJob){.verb = MAIL_UNDELETE, .kind = STORE_CHANGE_UNDELETE},
                    (OverlayEffect){.clear = STORE_DELETED}, g_steal_pointer(&news));
}

/* All of the folder that is marked; how many they are is known when it is done. */
void mail_purge(MailTask **given, G_GNUC_UNUSED const char *argument)
{
    MailTask *task = *given;
    g_autoptr(GError) error = NULL;
    gint64 last_id;

    if (!store_read_last_id(ui_reader(task->ui), &last_id, &error)) {
        ui_read_failed(task->ui, &error);
        return;
    }
    selection_set_all(task->targets, last_id, task->folder->messages);
    mail_submit(task,
                &(MailJob){.verb = MAIL_EXPUNGE,
                           .kind = STORE_CHANGE_EXPUNGE,
                           .one = N_("Deleting %s message for good in a minute"),
                           .many = N_("Deleting %s messages for good in a minute")},
                (OverlayEffect){.is_gone = TRUE, .only = STORE_DELETED}, NULL);
}

void mail_archive(MailTask **given, G_GNUC_UNUSED const char *argument)
{
    MailTask *task = *given;
    g_autofree char *n = format_count(task->n);

    move_to_role(task, STORE_ROLE_ARCHIVE, MAIL_ARCHIVE, STORE_CHANGE_ARCHIVE, _("This is the archive"),
                 g_strdup_printf(ngettext_("Archived %s message", "Archived %s messages", task->n), n));
}

/* Out of the junk to the Inbox; elsewhere it is only marked. */
void mail_not_junk(MailTask **given, G_GNUC_UNUSED const char *argument)
{
    MailTask *task = *given;
    g_autofree char *n = format_count(task->n);
    g_autofree char *news =
        g_strdup_printf(ngettext_("%s message is not junk", "%s messages are not junk", task->n), n);

    if (task->folder->role == STORE_ROLE_INBOX)
        ui_news(task->ui, "%s", _("This is the Inbox; what is here is not junk"));
    else if (task->folder->role == STORE_ROLE_JUNK)
        move_to_role(task, STORE_ROLE_INBOX, MAIL_NOT_JUNK, STORE_CHANGE_NOT_JUNK, "",
                     g_steal_pointer(&news));
    else
        mail_submit(task, &(MailJob){.verb = MAIL_NOT_JUNK, .kind = STORE_CHANGE_NOT_JUNK},
                    (OverlayEffect){0}, g_steal_pointer(&news));
}

void mail_junk(MailTask **given, const char *argument)
{
    MailTask *task = *given;
    g_autofree char *n = format_count(task->n);

    if (task->folder->role == STORE_ROLE_JUNK)
        mail_not_junk(given, argument);
    else
        move_to_role(
            task, STORE_ROLE_JUNK, MAIL_JUNK, STORE_CHANGE_JUNK, "",
            g_strdup_printf(
                ngettext_("Moved %s message to the junk", "Moved %s messages to the junk", task->n), n));
}

/* ---- to a folder that is asked for ---- */

static void transfer(MailTask *task, gint64 folder_id)
{
    gboolean is_copy = task->command == COMMAND_COPY;
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(ui_reader(task->ui), folder_id, &error);
    g_autofree char *n = format_count(task->n);

    if (!folder) {
        ui_read_failed(task->ui, &error);
        return;
    }
    if (!mail_may(task->ui, folder, STORE_MAY_INSERT))
        return;
    g_autofree char *name = g_str_equal(folder->account, task->folder->account)
                                ? g_strdup(folder->name)
                                : g_strconcat(folder->account, "/", folder->name, NULL);
    MailJob job = {.verb = is_copy ? MAIL_COPY : MAIL_MOVE,
                   .kind = is_copy ? STORE_CHANGE_COPY : STORE_CHANGE_MOVE,
                   .folder_id = folder_id,
                   .name = g_strdup(name)};
    if (is_copy)
        mail_submit(task, &job, (OverlayEffect){.to_folder = folder_id, .unread = MAX(task->n_unread, 0)},
                    g_strdup_printf(ngettext_("Copied %s message to %s", "Copied %s messages to %s", task->n),
                                    n, name));
    else
        submit_move(task, &job,
                    g_strdup_printf(ngettext_("Moved %s message to %s", "Moved %s messages to %s", task->n),
                                    n, name));
}

static void chosen(G_GNUC_UNUSED Ui *ui, void *data, gint64 folder_id)
{
    transfer(data, folder_id);
}

static void ask_for_folder(MailTask **given, const char *label)
{
    MailTask *task = g_steal_pointer(given);

    folder_prompt_open(task->ui, &(FolderWants){.label = label,
                                                .account = task->folder->account,
                                                .with_others = TRUE,
                                                .except = task->folder->id,
                                                .history = "destination",
                                                .chosen = chosen,
                                                .data = task,
                                                .free_data = mail_task_free});
}

/* Of the account, unless the name begins with another's. */
static gint64 find_folder(const MailTask *task, const char *name)
{
    g_autofree char *first = g_strndup(name, strcspn(name, "/"));
    const gboolean names_account = config_account(ui_config(task->ui), first) != NULL;

    return ui_find_folder_of(task->ui, names_account ? NULL : task->folder->account, name);
}

static void move_or_copy(MailTask **given, const char *argument, const char *label)
{
    MailTask *task = *given;

    if (!argument) {
        ask_for_folder(given, label);
        return;
    }
    const gint64 folder_id = find_folder(task, argument);
    if (folder_id == task->folder->id)
        ui_news(task->ui, "%s", _("They are in that folder already"));
    else if (folder_id)
        transfer(task, folder_id);
    else
        ui_no_folder(task->ui, argument);
}

void mail_move(MailTask **given, const char *argument)
{
    move_or_copy(given, argument, _("Move to: "));
}

void mail_copy(MailTask **given, const char *argument)
{
    move_or_copy(given, argument, _("Copy to: "));
}
