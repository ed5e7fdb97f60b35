/* folder_commands.c - see folder_commands.h. */
#include "ui/folder_commands.h"

#include "base/i18n.h"
#include "base/text.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/folder_job.h"
#include "ui/format.h"
#include "ui/mail.h"
#include "ui/mail_private.h"
#include "ui/prompt.h"
#include "ui/screen.h"

#include <string.h>

/* Of a folder's name so much stands in a question. */
#define NAME_COLUMNS 40

/* A command while it waits for an answer. */
typedef struct {
    Ui *ui;
    int command;
    char *account;
    StoreFolder *folder; /* NULL: none */
} Task;

static void task_free(void *data)
{
    Task *task = data;

    g_free(task->account);
    if (task->folder)
        store_folder_free(task->folder);
    g_free(task);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Task, task_free)

static char *short_name(const char *name)
{
    return text_ellipsize(name, NAME_COLUMNS, screen_is_ascii());
}

static void refuse(Ui *ui, const char *format, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
    g_autofree char *shortened = short_name(name), *sentence = g_strjoinv(shortened, parts);

    ui_error(ui, sentence);
}

/* ---- doing it ---- */

static void settled(void *data, const GError *error)
{
    const FolderJob *job = data;

    if (error)
        ui_withdraw(job->ui, job->news, error);
}

/* What `job` points to is copied; `news` is taken over. */
static void submit(Task *task, FolderVerb verb, const char *name, char *news)
{
    FolderJob *job = g_new0(FolderJob, 1);
    g_autofree char *told = news;

    *job = (FolderJob){.verb = verb,
                       .account = g_strdup(task->account),
                       .folder_id = task->folder ? task->folder->id : 0,
                       .name = g_strdup(name),
                       .ui = task->ui};
    overlay_submit(ui_overlay(task->ui), &(OverlayEffect){0}, folder_job_run, settled, job, folder_job_free);
    job->news = mail_tell(task->ui, told); /* it comes home on this thread, and is there until then */
}

static char *about(const char *format, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
    g_autofree char *shortened = short_name(name);

    return g_strjoinv(shortened, parts);
}

/* ---- what may not be done ---- */

/* Folders that have a use stay where programs look for them. */
static gboolean has_role(const Task *task)
{
    if (task->folder->role == STORE_ROLE_INBOX)
        refuse(task->ui, _("“%s” is where new mail comes; it stays"), task->folder->name);
    else if (task->folder->role != STORE_ROLE_NONE)
        refuse(task->ui, _("“%s” has a use of its own (sent, drafts, deleted mail …); it stays"),
               task->folder->name);
    return task->folder->role != STORE_ROLE_NONE;
}

static gboolean is_taken(const Task *task, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreFolder) other = store_read_folder(ui_reader(task->ui), task->account, name, &error);

    ui_read_failed(task->ui, &error);
    if (other)
        refuse(task->ui, _("there is a folder “%s” already"), name);
    return other != NULL;
}

/* Levels are parted by "/"; one that is empty is none. */
static gboolean is_name(Ui *ui, const char *name)
{
    gboolean is_good = *name && *name != '/' && !g_str_has_suffix(name, "/") && !strstr(name, "//");

    for (const char *p = name; is_good && *p; p = g_utf8_next_char(p))
        is_good = !g_unichar_iscntrl(g_utf8_get_char(p));
    if (!is_good)
        refuse(ui, _("“%s” is no name for a folder; levels are parted by single slashes: Projects/tern"),
               name);
    return is_good;
}

/* Below the nearest of the levels above that is a folder. */
static gboolean may_make(const Task *task, const char *name)
{
    g_autofree char *above = g_strdup(name);
    char *slash;

    while ((slash = strrchr(above, '/'))) {
        g_autoptr(GError) error = NULL;
        *slash = '\0';
        g_autoptr(StoreFolder) parent = store_read_folder(ui_reader(task->ui), task->account, above, &error);
        ui_read_failed(task->ui, &error);
        if (parent)
            return mail_may(task->ui, parent, STORE_MAY_CREATE);
    }
    return TRUE;
}

static gboolean is_free_name(const Task *task, const char *name)
{
    return is_name(task->ui, name) && !is_taken(task, name) && may_make(task, name);
}

/* ---- create, rename ---- */

static void create(Task *task, const char *name)
{
    if (is_free_name(task, name))
        submit(task, FOLDER_CREATE, name, about(_("Made the folder %s"), name));
}

static void rename_to(Task *task, const char *name)
{
    if (g_str_equal(task->folder->name, name))
        return;
    g_autofree char *below = g_strconcat(task->folder->name, "/", NULL);
    if (g_str_has_prefix(name, below))
        refuse(task->ui, _("“%s” cannot be moved into itself"), task->folder->name);
    else if (is_free_name(task, name))
        submit(task, FOLDER_RENAME, name, about(_("Renamed to %s"), name));
}

static void named(G_GNUC_UNUSED Ui *ui, void *data, const char *text)
{
    Task *task = data;

    if (!text || !*text)
        return;
    if (task->command == COMMAND_FOLDER_CREATE)
        create(task, text);
    else
        rename_to(task, text);
}

static void ask_for_name(Task *task, const char *label, const char *text)
{
    prompt_open(
        task->ui,
        &(PromptWants){.label = label, .text = text, .done = named, .data = task, .free_data = task_free});
}

static void do_create(Task **task, const char *argument)
{
    if (argument)
        create(*task, argument);
    else
        ask_for_name(g_steal_pointer(task), _("New folder: "), NULL);
}

static void do_rename(Task **given, const char *argument)
{
    Task *task = *given;

    if (has_role(task))
        return;
    if (argument)
        rename_to(task, argument);
    else
        ask_for_name(g_steal_pointer(given), _("New name: "), task->folder->name);
}

/* ---- under another ---- */

static void move_under(Task *task, const char *parent)
{
    g_autofree char *last = g_path_get_basename(task->folder->name);
    g_autofree char *name = *parent ? g_strdup_printf("%s/%s", parent, last) : g_strdup(last);

    rename_to(task, name);
}

static void parent_chosen(Ui *ui, void *data, gint64 folder_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreFolder) parent =
        folder_id ? store_read_folder_by_id(ui_reader(ui), folder_id, &error) : NULL;

    ui_read_failed(ui, &error);
    if (!folder_id || parent)
        move_under(data, parent ? parent->name : "");
}

static void do_move(Task **given, const char *argument)
{
    Task *task = *given;

    if (has_role(task))
        return;
    if (argument) {
        move_under(task, g_str_equal(argument, "/") ? "" : argument);
        return;
    }
    folder_prompt_open(task->ui, &(FolderWants){.label = _("Move below: "),
                                                .account = task->account,
                                                .except = task->folder->id,
                                                .none = _("(the top level)"),
                                                .with_unselectable = TRUE,
                                                .chosen = parent_chosen,
                                                .data = g_steal_pointer(given),
                                                .free_data = task_free});
}

/* ---- delete, empty ---- */

static void delete_it(G_GNUC_UNUSED Ui *ui, void *data)
{
    Task *task = data;

    submit(task, FOLDER_DELETE, task->folder->name,
           about(_("Deleting the folder %s in a minute"), task->folder->name));
}

static void do_delete(Task **given, G_GNUC_UNUSED const char *argument)
{
    Task *task = *given;
    int n = MAX(store_folder_messages(task->folder), 0);
    g_autofree char *name = short_name(task->folder->name), *count = format_count(n);

    if (has_role(task))
        return;
    g_autofree char *sentence =
        n ? g_strdup_printf(ngettext_("Delete the folder “%s” and its %s message?",
                                      "Delete the folder “%s” and its %s messages?", n),
                            name, count)
          : g_strdup_printf(_("Delete the folder “%s”? It is empty."), name);
    question_open(task->ui, sentence, delete_it, g_steal_pointer(given), task_free);
}

static void empty_it(Ui *ui, void *data)
{
    Task *task = data;
    g_autofree char *name = short_name(task->folder->name);

    submit(task, FOLDER_EMPTY, task->folder->name,
           g_strdup_printf(_("Emptying %s for good in a minute"), name));
    ui_redraw(ui);
}

/* The Trash or the junk one stands on, or else the Trash of the account. */
static void do_empty(Task **given, G_GNUC_UNUSED const char *argument)
{
    Task *task = *given;
    g_autoptr(GError) error = NULL;
    gboolean is_here =
        task->folder && (task->folder->role == STORE_ROLE_TRASH || task->folder->role == STORE_ROLE_JUNK);

    if (!is_here) {
        g_clear_pointer(&task->folder, store_folder_free);
        task->folder = store_read_role_folder(ui_reader(task->ui), task->account, STORE_ROLE_TRASH, &error);
        ui_read_failed(task->ui, &error);
    }
    if (!task->folder || !task->folder->messages) {
        ui_news(task->ui, "%s", task->folder ? _("The Trash is empty") : _("There is no Trash"));
        return;
    }
    g_autofree char *name = short_name(task->folder->name), *count = format_count(task->folder->messages);
    g_autofree char *sentence =
        g_strdup_printf(ngettext_("Delete the %s message in “%s” for good?",
                                  "Delete all %s messages in “%s” for good?", task->folder->messages),
                        count, name);
    question_open(task->ui, sentence, empty_it, g_steal_pointer(given), task_free);
}

/* ---- the rest ---- */

static void set_subscribed(Task *task, gboolean is_on)
{
    if (!task->folder->subscribed == !is_on)
        ui_news(task->ui, "%s", is_on ? _("It is subscribed to already") : _("It is not subscribed to"));
    else
        submit(task, is_on ? FOLDER_SUBSCRIBE : FOLDER_UNSUBSCRIBE, task->folder->name,
               about(is_on ? _("Subscribed to %s") : _("Unsubscribed from %s"), task->folder->name));
}

/* On the key it is the other way round each time. */
static void do_subscribe(Task **task, G_GNUC_UNUSED const char *argument)
{
    set_subscribed(*task, !(*task)->folder->subscribed);
}

static void do_unsubscribe(Task **task, G_GNUC_UNUSED const char *argument)
{
    set_subscribed(*task, FALSE);
}

static void do_mark_read(Task **task, G_GNUC_UNUSED const char *argument)
{
    mail_mark_folder_read((*task)->ui, (*task)->folder->id);
}

static const struct {
    int command;
    gboolean needs_folder;
    guint needs; /* StoreRight in it */
    void (*run)(Task **task, const char *argument);
} COMMANDS[] = {
    {COMMAND_FOLDER_CREATE, FALSE, 0, do_create},
    {COMMAND_FOLDER_RENAME, TRUE, STORE_MAY_REMOVE, do_rename},
    {COMMAND_FOLDER_MOVE, TRUE, STORE_MAY_REMOVE, do_move},
    {COMMAND_FOLDER_DELETE, TRUE, STORE_MAY_REMOVE, do_delete},
    {COMMAND_SUBSCRIBE, TRUE, 0, do_subscribe},
    {COMMAND_UNSUBSCRIBE, TRUE, 0, do_unsubscribe},
    {COMMAND_MARK_ALL_READ, TRUE, STORE_MAY_MARK_SEEN, do_mark_read},
    {COMMAND_EMPTY_TRASH, FALSE, STORE_MAY_DELETE, do_empty},
};

static gboolean read_folder(Task *task, gint64 folder_id, gboolean needs_folder)
{
    g_autoptr(GError) error = NULL;

    if (folder_id)
        task->folder = store_read_folder_by_id(ui_reader(task->ui), folder_id, &error);
    ui_read_failed(task->ui, &error);
    if (needs_folder && !task->folder)
        ui_news(task->ui, "%s", _("This is no folder by itself"));
    return task->folder || !needs_folder;
}

gboolean folder_command(Ui *ui, const char *account, gint64 folder_id, int command, const char *argument)
{
    for (guint i = 0; i < G_N_ELEMENTS(COMMANDS); i++) {
        if (COMMANDS[i].command != command)
            continue;
        g_autoptr(Task) task = g_new0(Task, 1);
        *task = (Task){.ui = ui, .command = command, .account = g_strdup(account)};
        if (mail_may_in_account(ui, account) && read_folder(task, folder_id, COMMANDS[i].needs_folder) &&
            (!task->folder || mail_may(ui, task->folder, COMMANDS[i].needs)))
            COMMANDS[i].run(&task, argument);
        return TRUE;
    }
    return FALSE;
}
