/*
 * attention.c - what an account waits for a person to do: its password, asked for on the screen or by its own
 * command on the terminal; and telling why a connection is as it is. See state.h.
 *
 *      P ── has a password-command that was not run here yet ──> on the terminal ── its answer ──┐
 *       └─ else, or when it fails ──> a prompt ──────────────────────────── what is typed ───────┴─> the engine tries it
 *                                       ^                                                               │
 *                                       └────────── refused, and nobody pressed a key meanwhile ────────┘
 */
#include "base/error.h"
#include "base/i18n.h"
#include "ui/compose.h"
#include "ui/format.h"
#include "ui/prompt.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/views.h"

#include <string.h>

/* "C-g", or ":halt" where no key is bound to it; to be freed. */
static char *key_of(const Ui *ui, const char *command)
{
    char *bound = keymap_keys_of(ui->keymap, ui_context(ui), command, TRUE);

    return bound ? bound : g_strconcat(":", command, NULL);
}

/* ---- the password ---- */

static void give(Ui *ui, const char *account, const char *password)
{
    g_free(ui->trying);
    ui->trying = g_strdup(account);
    ui->is_tried = FALSE;
    /* A second wrong one is to be told as the first was. */
    g_clear_pointer(&ui->told, g_free);
    engine_give_password(ui->engine, account, password);
    ui_news(ui, _("Trying the password of %s"), account);
}

static void typed(Ui *ui, void *data, const char *text)
{
    if (text && *text)
        give(ui, data, text);
}

/* `before`: what went wrong until now, or NULL. */
static void open_prompt(Ui *ui, const char *account, const char *before)
{
    g_autofree char *label = before ? g_strdup_printf(_("%s. Password of %s: "), before, account)
                                    : g_strdup_printf(_("Password of %s: "), account);

    prompt_open(ui, &(PromptWants){.label = label,
                                   .is_secret = TRUE,
                                   .done = typed,
                                   .data = g_strdup(account),
                                   .free_data = g_free});
}

/* Whatever the command asks or says, it does so on the terminal as it is outside of tern. */
static void run_command(Ui *ui, const ConfigAccount *account)
{
    g_autoptr(GError) error = NULL;

    g_free(ui->commanded);
    ui->commanded = g_strdup(account->id);
    screen_suspend();
    char *password = engine_password_ask(account, &error);
    screen_resume();
    ui->is_stale = ui->draw_whole = TRUE;
    if (password)
        give(ui, account->id, password);
    else
        open_prompt(ui, account->id, _("The password-command failed"));
    engine_password_free(password);
}

/* The account to ask for; NULL, and told: none. */
static const ConfigAccount *find_account(Ui *ui, const char *name)
{
    const GPtrArray *accounts = config_accounts(ui->context->config);
    const ConfigAccount *account = name ? config_account(ui->context->config, name) : NULL;

    for (guint i = 0; !name && !account && i < accounts->len; i++)
        if (status_needs_password(ui->status, ((ConfigAccount *)accounts->pdata[i])->id))
            account = accounts->pdata[i];
    if (account)
        return account;
    g_autofree char *sentence =
        name ? g_strdup_printf(_("there is no account “%s”"), name)
             : g_strdup(_("no account waits for a password; :password NAME gives one all the same"));
    ui_error(ui, sentence);
    return NULL;
}

void ui_ask_password(Ui *ui, const char *name)
{
    const ConfigAccount *account = find_account(ui, name);

    if (!account)
        return;
    if (!ui->engine || ui->is_offline)
        ui_error(ui, _("tern is offline; O goes online"));
    else if (account->password_command && g_strcmp0(ui->commanded, account->id) != 0)
        run_command(ui, account);
    else
        open_prompt(ui, account->id, NULL);
}

void ui_password_key(Ui *ui)
{
    g_clear_pointer(&ui->trying, g_free);
}

void ui_password_event(Ui *ui, const EngineEvent *event)
{
    const gboolean is_well = event->state == ENGINE_IDLE || event->state == ENGINE_WORKING;

    if (event->kind != ENGINE_EVENT_STATE || !event->account)
        return;
    if (is_well && g_strcmp0(ui->commanded, event->account) == 0)
        g_clear_pointer(&ui->commanded, g_free);
    if (g_strcmp0(ui->trying, event->account) != 0)
        return;
    ui->is_tried |= event->state == ENGINE_CONNECTING;
    if (is_well) {
        g_clear_pointer(&ui->trying, g_free);
    } else if (ui->is_tried && status_needs_password(ui->status, event->account) && !ui->modal) {
        g_clear_pointer(&ui->trying, g_free);
        open_prompt(ui, event->account, _("That was refused"));
    }
}

/* ---- the first visit's question, and the end of a download ---- */

static void may_delete(Ui *ui, void *data)
{
    if (!ui->engine || ui->is_offline) {
        ui_error(ui, _("tern is offline; O goes online"));
        return;
    }
    engine_sync_deleting(ui->engine, data);
    ui_news(ui, _("What is safe here is deleted on the server of %s, now and from now on"), (char *)data);
}

void ui_ask_deleting(Ui *ui)
{
    const char *account;
    const gint64 withheld = status_withheld(ui->status, &account);
    g_autofree char *count = format_count(withheld);

    if (!withheld) {
        ui_news(ui, "%s", _("No server is known to hold mail that is here and may not be deleted there yet"));
        return;
    }
    g_autofree char *sentence = g_strdup_printf(
        ngettext_("Delete on the server of “%s” what is safe here: %s message, and so from now on? (y/n)",
                  "Delete on the server of “%s” what is safe here: %s messages, and so from now on? (y/n)",
                  (gulong)withheld),
        account, count);
    question_open(ui, sentence, may_delete, g_strdup(account), g_free);
}

void ui_halt(Ui *ui)
{
    if (!ui->engine || !status_is_downloading(ui->status)) {
        ui_news(ui, "%s", _("Nothing is being downloaded"));
        return;
    }
    g_autofree char *key = key_of(ui, "sync");
    engine_halt(ui->engine);
    ui_news(ui, _("Ended. What is here stays; %s goes on with the rest."), key);
}

/* ---- why ---- */

/* Of what nobody waits for, but may be asked, or wants to end. */
static char *quiet_hint(const Ui *ui)
{
    const char *account;
    g_autofree char *running = compose_running(ui), *halt = key_of(ui, "halt");
    const gint64 withheld = status_withheld(ui->status, &account);
    const gboolean is_downloading = status_is_downloading(ui->status);
    g_autofree char *key = key_of(ui, is_downloading ? "halt" : "delete-there");
    g_autofree char *count = format_count(withheld);

    if (running)
        return g_strdup_printf(_("%s; %s ends it"), running, halt);
    if (is_downloading)
        return g_strdup_printf(_("%s ends it"), key);
    return withheld ? g_strdup_printf(_("%s also on the server: %s"), count, key) : NULL;
}

char *ui_attention_hint(const Ui *ui)
{
    const char *account;
    const StatusNeed need = status_need(ui->status, &account);
    const char *command = need == STATUS_NEEDS_PASSWORD ? "password" : "why";

    if (need == STATUS_NEEDS_NOTHING)
        return quiet_hint(ui);
    g_autofree char *key = key_of(ui, command);
    return g_strdup_printf(need == STATUS_NEEDS_PASSWORD ? _("%s enters it") : _("%s tells why"), key);
}

/* "Nothing can be fetched: " and why, in one sentence. */
static char *not_fetched(const char *why, const char *format, const char *key)
{
    g_autofree char *line = g_strndup(why ? why : "", why ? strcspn(why, "\n") : 0);
    g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
    g_autofree char *advice = g_strjoinv(key, parts);

    return *line ? g_strdup_printf(_("Nothing can be fetched: %s. %s"), line, advice)
                 : g_strdup_printf(_("Nothing can be fetched. %s"), advice);
}

char *ui_not_coming(const Ui *ui, const char *name)
{
    const ConfigAccount *account = config_account(ui->context->config, name);
    const char *why = status_why(ui->status, name);
    g_autofree char *offline = key_of(ui, "offline"), *password = key_of(ui, "password");
    g_autofree char *tell = key_of(ui, "why");
    EngineState state;

    if (ui->is_offline)
        return not_fetched(NULL, _("tern is offline; %s goes online."), offline);
    if (!status_state(ui->status, name, &state))
        return NULL;
    if (state == ENGINE_OFFLINE)
        return not_fetched(NULL,
                           account && account->offline
                               ? _("The account stays offline, as the configuration says; %s tells more.")
                               : _("The account is offline; %s tells more."),
                           tell);
    if (state == ENGINE_WAITING)
        return not_fetched(why, _("It is tried again by itself; %s tells more."), tell);
    if (state != ENGINE_ATTENTION)
        return NULL;
    return status_needs_password(ui->status, name) ? not_fetched(why, _("%s enters the password."), password)
                                                   : not_fetched(why, _("%s tells more."), tell);
}

static void add_account(const Ui *ui, const ConfigAccount *account, GPtrArray *lines)
{
    g_autofree char *heading = g_strdup_printf("%s %s %s", account->id, screen_symbol(SYMBOL_DASH),
                                               account->address ? account->address : "");
    int slot;
    g_autofree char *state = status_account(ui->status, account->id, &slot);
    const char *why = status_why(ui->status, account->id);
    g_auto(GStrv) parts = g_strsplit(why ? why : "", "\n", -1);

    g_ptr_array_add(lines, text_line_new(TRUE, NULL, NULL, heading));
    g_ptr_array_add(lines, text_line_new(FALSE, NULL, NULL, state ? state : _("nothing was tried yet")));
    for (char **part = parts; *part; part++)
        g_ptr_array_add(lines, text_line_new(FALSE, NULL, NULL, *part));
    g_ptr_array_add(lines, text_line_new(FALSE, NULL, NULL, ""));
}

void ui_tell_why(Ui *ui)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)text_line_free);
    const GPtrArray *accounts = config_accounts(ui->context->config);

    for (guint i = 0; i < accounts->len; i++)
        add_account(ui, accounts->pdata[i], lines);
    ui_push(ui, view_text_new(ui, _("Connections"), lines));
}
