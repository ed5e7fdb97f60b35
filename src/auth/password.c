/* password.c - where a password comes from; see auth.h. */
#include "auth/auth.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/spawn.h"

#include <pthread.h>
#include <string.h>

#define COMMAND_TIMEOUT_US (30 * SECOND_US)

/* Account id to the password for this run. */
static GHashTable *given;
static guint given_version;
static pthread_mutex_t given_lock = PTHREAD_MUTEX_INITIALIZER;

void auth_secret_free(char *secret)
{
    if (!secret)
        return;
    explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

static void wipe_and_free(gpointer secret)
{
    auth_secret_free(secret);
}

void auth_password_set(const char *account_id, const char *password)
{
    pthread_mutex_lock(&given_lock);
    if (!given)
        given = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, wipe_and_free);
    if (password)
        g_hash_table_replace(given, g_strdup(account_id), g_strdup(password));
    else
        g_hash_table_remove(given, account_id);
    given_version++;
    pthread_mutex_unlock(&given_lock);
}

guint auth_password_version(void)
{
    pthread_mutex_lock(&given_lock);
    const guint version = given_version;
    pthread_mutex_unlock(&given_lock);
    return version;
}

static char *password_given(const char *account_id)
{
    pthread_mutex_lock(&given_lock);
    char *password = given ? g_strdup(g_hash_table_lookup(given, account_id)) : NULL;
    pthread_mutex_unlock(&given_lock);
    return password;
}

/* What spawn says, without the command line that it quotes: people write secrets into those too. What
 * fails without a terminal may do on one, where it can ask for a passphrase. */
static void set_command_error(const ConfigAccount *account, const char *message, gboolean has_terminal,
                              GError **error)
{
    g_autofree char *quoted = g_strdup_printf("“%s”", account->password_command);
    g_autofree char *name = g_strdup_printf(_("the password-command of the account “%s”"), account->id);
    g_autoptr(GString) text = g_string_new(message);

    g_string_replace(text, quoted, name, 0);
    g_string_replace(text, account->password_command, "password-command", 0);
    tern_error_set(error, TERN_ERROR_AUTH, "%s%s", text->str,
                   has_terminal ? "" : _("; run it in a terminal, which it does not have here"));
}

/* The first line of what the command printed: `pass show` has more lines. What follows is wiped with the
 * rest. Takes `output` (NULL: it failed) and `failure` over. */
static char *first_line(const ConfigAccount *account, char *output, gboolean has_terminal, GError *failure,
                        GError **error)
{
    if (!output) {
        if (tern_error_is(failure, TERN_ERROR_CANCELLED)) {
            g_propagate_error(error, failure);
            return NULL;
        }
        set_command_error(account, failure->message, has_terminal, error);
        g_error_free(failure);
        return NULL;
    }
    char *password = g_strndup(output, strcspn(output, "\r\n"));
    auth_secret_free(output);
    if (*password)
        return password;
    auth_secret_free(password);
    tern_error_set(
        error, TERN_ERROR_AUTH,
        _("the password-command of the account “%s” printed no password; its first line has to be one"),
        account->id);
    return NULL;
}

static char *password_of_command(const ConfigAccount *account, Cancel *cancel, GError **error)
{
    GError *failure = NULL;
    char *output = spawn_capture(account->password_command, LIMIT_SECRET_BYTES,
                                 clock_now_us() + COMMAND_TIMEOUT_US, cancel, &failure);

    return first_line(account, output, FALSE, failure, error);
}

char *auth_password_ask(const ConfigAccount *account, GError **error)
{
    GError *failure = NULL;
    char *output = spawn_foreground_capture(account->password_command, LIMIT_SECRET_BYTES, &failure);

    return first_line(account, output, TRUE, failure, error);
}

gboolean auth_password_is_set(const ConfigAccount *account)
{
    char *password = password_given(account->id);
    const gboolean is_given = password != NULL;

    auth_secret_free(password);
    return is_given || account->password || account->password_command;
}

char *auth_password_get(const ConfigAccount *account, Cancel *cancel, GError **error)
{
    char *password = password_given(account->id);

    if (password)
        return password;
    if (account->password)
        return g_strdup(account->password);
    if (account->password_command)
        return password_of_command(account, cancel, error);
    tern_error_set(error, TERN_ERROR_AUTH,
                   _("the account “%s” has no password; set password-command (or password)"), account->id);
    return NULL;
}
