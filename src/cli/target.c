/* target.c - see target.h. */
#include "cli/target.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "config/suggest.h"

#include <string.h>

#define INBOX "INBOX"

/* "inbox/x" and "Inbox" as IMAP has it. */
static char *folder_name(const char *text)
{
    gsize first = strcspn(text, "/");

    if (first == strlen(INBOX) && g_ascii_strncasecmp(text, INBOX, first) == 0)
        return g_strconcat(INBOX, text + first, NULL);
    return g_strdup(text);
}

gboolean cli_target_any(const CliContext *context, GError **error)
{
    if (config_accounts(context->config)->len)
        return TRUE;
    tern_error_set(error, TERN_ERROR_CONFIG,
                   _("%s has no account yet; tern.conf(5) tells how one is written"),
                   config_path(context->config));
    return FALSE;
}

gboolean cli_target_parse(const CliContext *context, const char *word, const ConfigAccount **account_out,
                          char **folder_out, GError **error)
{
    const GPtrArray *accounts = config_accounts(context->config);
    const char *slash = strchr(word, '/');
    g_autofree char *first = slash ? g_strndup(word, (gsize)(slash - word)) : g_strdup(word);

    if (!cli_target_any(context, error))
        return FALSE;
    *account_out = config_account(context->config, first);
    if (*account_out) {
        *folder_out = slash && slash[1] ? folder_name(slash + 1) : NULL;
        return TRUE;
    }
    *account_out = accounts->pdata[0];
    *folder_out = folder_name(word);
    return TRUE;
}

/* Says that there is no such folder, and the nearest of those that are there. */
static void no_folder(CliSession *session, const char *account, const char *name, GError **error)
{
    g_autoptr(GPtrArray) folders = store_read_folders(session->reader, account, NULL);
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *safe = sanitise(name, -1, SANITISE_LINE);

    for (guint i = 0; folders && i < folders->len; i++)
        g_ptr_array_add(known, ((StoreFolder *)folders->pdata[i])->name);
    g_ptr_array_add(known, NULL);
    const char *near = suggest_nearest(name, (const char *const *)known->pdata);
    g_autofree char *safe_near = near ? sanitise(near, -1, SANITISE_LINE) : NULL;
    if (known->len == 1)
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("nothing is known of the account %s yet; run: tern sync %s"), account, account);
    else if (near)
        tern_error_set(error, TERN_ERROR_INPUT, _("%s has no folder “%s”; did you mean “%s”?"), account, safe,
                       safe_near);
    else
        tern_error_set(error, TERN_ERROR_INPUT, _("%s has no folder “%s”; tern folders lists them"), account,
                       safe);
}

/* Whether the word's first component is an account's name. */
static gboolean names_account(const CliContext *context, const char *word)
{
    g_autofree char *first = g_strndup(word, strcspn(word, "/"));

    return config_account(context->config, first) != NULL;
}

StoreFolder *cli_target_folder_of(CliSession *session, const char *account, const char *word, GError **error)
{
    const ConfigAccount *named = NULL;
    g_autofree char *name = NULL;
    GError *failed = NULL;

    if (!cli_target_parse(session->context, word, &named, &name, error))
        return NULL;
    const char *where = account && !names_account(session->context, word) ? account : named->id;
    const char *wanted = name ? name : INBOX;
    StoreFolder *folder = store_read_folder(session->reader, where, wanted, &failed);
    if (folder)
        return folder;
    if (failed)
        g_propagate_error(error, failed);
    else
        no_folder(session, where, wanted, error);
    return NULL;
}

StoreFolder *cli_target_folder(CliSession *session, const char *word, GError **error)
{
    return cli_target_folder_of(session, NULL, word ? word : INBOX, error);
}

gboolean cli_target_id(const char *word, int64_t *id_out, GError **error)
{
    guint64 id;

    if (g_ascii_string_to_unsigned(word, 10, 1, G_MAXINT64, &id, NULL)) {
        *id_out = (int64_t)id;
        return TRUE;
    }
    g_autofree char *safe = sanitise(word, -1, SANITISE_LINE);
    tern_error_set(error, TERN_ERROR_INPUT, _("“%s” is no message's id; tern list shows them"), safe);
    return FALSE;
}

StoreMessage *cli_target_message(CliSession *session, const char *word, GError **error)
{
    int64_t id;
    GError *failed = NULL;

    if (!cli_target_id(word, &id, error))
        return NULL;
    StoreMessage *message = store_read_message(session->reader, id, &failed);
    if (message)
        return message;
    if (failed)
        g_propagate_error(error, failed);
    else
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no message %s; tern list shows their ids"), word);
    return NULL;
}
