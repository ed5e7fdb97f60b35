/* doctor.c - tern doctor: everything that tern needs, looked at one by one, each with what to do. */
#include "base/charset.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "cli/config_beyond.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"

#include <dlfcn.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DOCTOR_ROOM_BYTES (256 << 10) /* for one more message that is kept */

typedef struct {
    CliContext *context;
    int status;
} Doctor;

/* One line: what was looked at, and how it is. `is_ok` FALSE: `text` says what to do. */
static void tell(Doctor *doctor, const char *check, gboolean is_ok, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static void tell(Doctor *doctor, const char *check, gboolean is_ok, const char *format, ...)
{
    va_list args;
    g_auto(CliJson) json = {0};

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    if (!is_ok)
        doctor->status = MAX(doctor->status, CLI_FAILED);
    if (!doctor->context->json) {
        cli_print("%s %-14s %s\n", is_ok ? "ok " : "!! ", check, text);
        return;
    }
    cli_json_begin(&json, NULL);
    cli_json_string(&json, "check", check);
    cli_json_bool(&json, "ok", is_ok);
    cli_json_string(&json, "message", text);
    cli_json_end(&json);
    cli_json_print(&json);
}

static void check_config(Doctor *doctor)
{
    const Config *config = doctor->context->config;
    g_autoptr(GPtrArray) problems = cli_problems_beyond(config);

    for (guint i = 0; i < problems->len; i++) {
        const ConfigProblem *problem = problems->pdata[i];
        tell(doctor, "config", FALSE, "%s:%d: %s", problem->file, problem->line, problem->text);
    }
    if (problems->len)
        doctor->status = CLI_USAGE;
    else if (!config_exists(config))
        tell(doctor, "config", FALSE, _("%s is not there; tern.conf(5) tells how it is written"),
             config_path(config));
    else if (!config_accounts(config)->len)
        tell(doctor, "config", FALSE, _("%s has no account; tern.conf(5) tells how one is written"),
             config_path(config));
    else
        tell(doctor, "config", TRUE, "%s", config_path(config));
}

/* A folder of tern's own: nobody else may look in, and tern must be able to write. One that is not there yet
 * will be made. */
static void check_folder(Doctor *doctor, const char *check, const char *path)
{
    const char *network = NULL;
    GStatBuf status;

    if (g_stat(path, &status) != 0) {
        if (errno == ENOENT)
            tell(doctor, check, TRUE, _("%s will be made"), path);
        else
            tell(doctor, check, FALSE, "%s: %s", path, g_strerror(errno));
    } else if (status.st_mode & 077) {
        tell(doctor, check, FALSE, _("others can look into %s; run: chmod 700 %s"), path, path);
    } else if (access(path, R_OK | W_OK | X_OK) != 0) {
        tell(doctor, check, FALSE, _("tern cannot write to %s: %s"), path, g_strerror(errno));
    } else if (strcmp(check, "data") == 0 && file_is_on_network(path, &network)) {
        tell(doctor, check, FALSE,
             _("%s is on a network file system (%s); name another folder by data-dir in [tern]"), path,
             network);
    } else if (!file_leaves_reserve(path, DOCTOR_ROOM_BYTES)) {
        tell(doctor, check, FALSE, _("the disk of %s is full or nearly so; make room"), path);
    } else {
        tell(doctor, check, TRUE, "%s", path);
    }
}

static void check_locale(Doctor *doctor)
{
    if (charset_locale_is_utf8())
        tell(doctor, "locale", TRUE, "UTF-8");
    else
        tell(
            doctor, "locale", FALSE,
            _("the locale is not UTF-8, so many characters come out as \"?\"; set for example LANG=C.UTF-8"));
}

static gboolean has_description(const char *folder, const char *terminal)
{
    g_autofree char *letter = g_strdup_printf("%c", terminal[0]),
                    *number = g_strdup_printf("%02x", terminal[0]);
    g_autofree char *usual = g_build_filename(folder, letter, terminal, NULL);
    g_autofree char *other = g_build_filename(folder, number, terminal, NULL);

    return g_file_test(usual, G_FILE_TEST_EXISTS) || g_file_test(other, G_FILE_TEST_EXISTS);
}

/* Where ncurses looks in Debian 12. */
static void check_terminal(Doctor *doctor)
{
    const char *terminal = g_getenv("TERM");
    g_autofree char *own = g_build_filename(g_get_home_dir(), ".terminfo", NULL);
    const char *folders[] = {g_getenv("TERMINFO"), own, "/etc/terminfo", "/lib/terminfo",
                             "/usr/share/terminfo"};

    if (!terminal || !*terminal || strchr(terminal, '/')) {
        tell(doctor, "terminal", FALSE,
             _("TERM is not set; set it to what your terminal is (xterm-256color fits most)"));
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (!folders[i] || !has_description(folders[i], terminal))
            continue;
        if (strcmp(terminal, "dumb") == 0)
            tell(doctor, "terminal", FALSE,
                 _("TERM is dumb, and the screen needs one that can move its cursor"));
        else
            tell(doctor, "terminal", TRUE, "%s", terminal);
        return;
    }
    tell(doctor, "terminal", FALSE,
         _("nothing is known of a terminal called %s; install ncurses-term, or set TERM=xterm-256color"),
         terminal);
}

/* Asked by name, since the headers of these libraries belong to other layers. */
static void tell_versions(Doctor *doctor)
{
    typedef const char *(*VersionFunc)(int);
    static const struct {
        const char *label, *symbol; /* no label where the version begins with the name */
    } LIBRARIES[] = {{"SQLite ", "sqlite3_libversion"},
                     {"", "OpenSSL_version"},
                     {"", "curses_version"},
                     {"GNU SASL ", "gsasl_check_version"}};
    g_autoptr(GString) text = g_string_new(NULL);
    void *program = dlopen(NULL, RTLD_LAZY);

    g_string_printf(text, "tern %s, GLib %u.%u.%u", TERN_VERSION, glib_major_version, glib_minor_version,
                    glib_micro_version);
    for (gsize i = 0; i < G_N_ELEMENTS(LIBRARIES); i++) {
        void *symbol = program ? dlsym(program, LIBRARIES[i].symbol) : NULL;
        VersionFunc version = NULL;
        memcpy(&version, &symbol,
               sizeof version); /* ISO C has no cast from an object's to a function's pointer */
        if (version)
            g_string_append_printf(text, ", %s%s", LIBRARIES[i].label, version(0));
    }
    if (program)
        dlclose(program);
    tell(doctor, "versions", TRUE, "%s", text->str);
}

/* Only what needs somebody is told. */
static void check_outbox(Doctor *doctor)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *strays = cli_outbox_strays(doctor->context, &error);
    g_auto(GStrv) lines = strays ? g_strsplit(strays, "\n", -1) : NULL;

    if (error)
        tell(doctor, "outbox", FALSE, "%s", error->message);
    for (char **line = lines; line && *line; line++)
        tell(doctor, "outbox", FALSE, "%s", *line);
}

/* Likewise. */
static void check_stranded(Doctor *doctor)
{
    const CliContext *context = doctor->context;
    const GPtrArray *accounts = config_accounts(context->config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        g_autofree char *notice = engine_stranded_mail(context->config, account, context->paths);
        if (notice)
            tell(doctor, account->id, FALSE, "%s", notice);
    }
}

static void check_way_out(Doctor *doctor, CliSession *session, const ConfigAccount *account, GError **error)
{
    g_autoptr(GError) failed = NULL;

    if (cli_check_sending(session, account, &failed))
        tell(doctor, account->id, TRUE, _("mail goes out by %s"), cli_way_out(account));
    else
        tell(doctor, account->id, FALSE, _("mail cannot be sent: %s"), failed->message);
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
}

static void check_accounts(Doctor *doctor, CliSession *session)
{
    const GPtrArray *accounts = config_accounts(doctor->context->config);
    g_autoptr(GError) error = NULL;

    if (doctor->context->offline || !accounts->len || config_problems(doctor->context->config)->len)
        return;
    if (!cli_session_connect(session, &error)) {
        tell(doctor, "connections", FALSE, "%s", error->message);
        return;
    }
    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        g_autoptr(GError) failed = NULL;
        if (account->offline)
            tell(doctor, account->id, TRUE, _("offline, as the configuration wants it"));
        else if (!cli_check_account(session, account, &failed))
            tell(doctor, account->id, FALSE, "%s", failed->message);
        else if (cli_is_on_disk(account))
            tell(doctor, account->id, TRUE, _("its folders are at %s"), account->incoming.path);
        else
            tell(doctor, account->id, TRUE, _("connected and logged in at %s"), account->incoming.host);
        if (!failed && !account->offline && cli_way_out(account))
            check_way_out(doctor, session, account, &failed);
        if (tern_error_is(failed, TERN_ERROR_CANCELLED))
            return;
    }
}

int cli_command_doctor(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 0, 0);
    g_autoptr(GError) error = NULL;
    Doctor doctor = {context, CLI_DONE};

    if (!words)
        return CLI_USAGE;
    tell_versions(&doctor);
    check_locale(&doctor);
    check_terminal(&doctor);
    check_config(&doctor);
    check_folder(&doctor, "data", context->paths->data);
    check_folder(&doctor, "cache", context->paths->cache);
    check_outbox(&doctor);
    check_stranded(&doctor);
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    if (!session) {
        tell(&doctor, "store", FALSE, "%s", error->message);
        return doctor.status;
    }
    tell(&doctor, "store", TRUE, _("opens"));
    check_accounts(&doctor, session);
    return doctor.status;
}
