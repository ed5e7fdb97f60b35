/* context.c - the command line as a whole: the options that stand anywhere on it, and what they lead to. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"

#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

void cli_context_free(CliContext *context)
{
    if (!context)
        return;
    g_free(context->profile);
    g_free(context->trace);
    g_free(context->folder);
    g_strfreev(context->arguments);
    g_clear_pointer(&context->paths, paths_free);
    g_clear_pointer(&context->config, config_unref);
    log_close();
    g_free(context);
}

/* The first word that is no option; NULL: the screen. */
static const char *command_name(char **words)
{
    for (; *words; words++)
        if (**words != '-')
            return *words;
    return NULL;
}

/* Options that every command knows. *wants_help, *wants_version. FALSE: usage was told. */
static gboolean read_options(CliContext *context, char **argv, gboolean *wants_help, gboolean *wants_version)
{
    const CliOption everywhere[] = {
        {"profile", '\0', CLI_TEXT, &context->profile}, {"offline", '\0', CLI_FLAG, &context->offline},
        {"json", '\0', CLI_FLAG, &context->json},       {"yes", '\0', CLI_FLAG, &context->yes},
        {"trace", '\0', CLI_TEXT, &context->trace},     {"help", 'h', CLI_FLAG, wants_help},
        {"version", '\0', CLI_FLAG, wants_version},     {NULL, '\0', CLI_FLAG, NULL},
    };
    const CliOption screen[] = {
        {"folder", 'f', CLI_TEXT, &context->folder},
        {"only-if-unread", 'z', CLI_FLAG, &context->only_if_unread},
        {NULL, '\0', CLI_FLAG, NULL},
    };
    g_autofree char *why = NULL;
    g_autofree char **left = cli_options_take(everywhere, argv + 1, TRUE, &why);
    g_autofree char **rest = NULL;

    /* -f and -z are the screen's; a command may have letters of its own. */
    if (left && (!left[0] || left[0][0] == '-'))
        rest = cli_options_take(screen, left, FALSE, &why);
    else if (left)
        rest = g_steal_pointer(&left);
    if (rest && rest[0] && (context->folder || context->only_if_unread))
        why = g_strdup_printf(_("-f and -z are for the screen, and go with no command (“%s”)"), rest[0]);
    if (!why && context->profile &&
        !*context->profile) /* a script's unset variable: else it would be this folder */
        why = g_strdup(_("--profile needs the name of a folder"));
    if (why) {
        cli_usage(context, NULL, why);
        return FALSE;
    }
    context->arguments = g_strdupv(rest);
    return TRUE;
}

/* data-dir of the configuration takes the place of the profile's own. */
static void apply_data_dir(CliContext *context)
{
    gboolean run_is_data = strcmp(context->paths->run, context->paths->data) == 0;

    if (!config_is_set(context->config, "data-dir"))
        return;
    g_free(context->paths->data);
    context->paths->data = g_strdup(config_string(context->config, "data-dir"));
    if (run_is_data) {
        g_free(context->paths->run);
        context->paths->run = g_strdup(context->paths->data);
    }
}

/* Files that are open at once: the least that one account with a screen gets on with, and what is taken where
 * it may be had. No more than that, since programs that tern starts inherit it, and some know no more. */
#define OPEN_FILES_LEAST 64
#define OPEN_FILES_WANTED 1024

/* Running out of them later would end in whatever needs the next one. */
static gboolean check_open_files(GError **error)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return TRUE;
    if (files.rlim_cur < OPEN_FILES_WANTED && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = MIN(files.rlim_max, OPEN_FILES_WANTED);
        setrlimit(RLIMIT_NOFILE, &files);
        getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur >= OPEN_FILES_LEAST)
        return TRUE;
    tern_error_set(error, TERN_ERROR_LIMIT,
                   _("this shell lets a program open %d files at once, and tern needs %d; run: ulimit -n %d"),
                   (int)files.rlim_cur, OPEN_FILES_LEAST, OPEN_FILES_WANTED);
    return FALSE;
}

/* What is not whole would mean another place in each folder where tern is started. */
static gboolean check_places(const CliContext *context, GError **error)
{
    const Paths *paths = context->paths;

    if (context->profile && g_file_test(context->profile, G_FILE_TEST_EXISTS) &&
        !g_file_test(context->profile, G_FILE_TEST_IS_DIR)) {
        tern_error_set(error, TERN_ERROR_CONFIG, _("--profile: %s is no folder; name one"), context->profile);
        return FALSE;
    }
    if (g_path_is_absolute(paths->config) && g_path_is_absolute(paths->data) &&
        g_path_is_absolute(paths->cache))
        return TRUE;
    tern_error_set(error, TERN_ERROR_CONFIG,
                   _("it is not known where your files are: HOME (or XDG_CONFIG_HOME, XDG_DATA_HOME, "
                     "XDG_CACHE_HOME) has to be a path that begins with /; or name a folder by --profile"));
    return FALSE;
}

static gboolean load(CliContext *context, GError **error)
{
    context->paths = paths_new(context->profile);
    if (!check_open_files(error) || !check_places(context, error))
        return FALSE;
    context->config = config_load(context->paths->config, error);
    if (!context->config)
        return FALSE;
    apply_data_dir(context);
    return !context->trace || log_open(context->trace, error);
}

CliContext *cli_context_new(int argc G_GNUC_UNUSED, char **argv, int *exit_status_out)
{
    g_autoptr(CliContext) context = g_new0(CliContext, 1);
    g_autoptr(GError) error = NULL;
    gboolean wants_help = FALSE, wants_version = FALSE;

    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_IGN); /* a server or a reader that went away is an error like others */
    if (!read_options(context, argv, &wants_help, &wants_version)) {
        *exit_status_out = CLI_USAGE;
        return NULL;
    }
    const char *command = command_name(context->arguments);
    if (wants_version || wants_help) {
        if (wants_version)
            cli_version(context);
        int status = wants_help ? cli_help(context, command) : CLI_DONE;
        *exit_status_out = cli_finish(context, status);
        return NULL;
    }
    if (command && !cli_command(command)) {
        *exit_status_out = cli_unknown_command(context, command);
        return NULL;
    }
    if (!load(context, &error)) {
        *exit_status_out = cli_fail(context, error);
        return NULL;
    }
    return g_steal_pointer(&context);
}
