/* import_command.c - tern import, tern export: mail from and to Maildirs and mboxes of other programs. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/opened.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/target.h"
#include "engine/import.h"
#include "store/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Rows that are read at once. */
#define BODIES_AT_ONCE 500

static void print_result(const CliContext *context, const char *account, const char *folder, const char *path,
                         const ImportResult *result)
{
    g_auto(CliJson) json = {0};

    if (!context->json) {
        g_autofree char *added = cli_number(result->added), *known = cli_number(result->known),
                        *line = cli_one_line(path), *where = cli_folder_path(account, folder);
        cli_print(_("%s, %s: %s new, %s known\n"), line, where, added, known);
        if (result->missing)
            cli_note(ngettext_("%u message could not be had", "%u messages could not be had",
                               (guint)result->missing),
                     (guint)result->missing);
        return;
    }
    cli_json_begin(&json, NULL);
    cli_json_string(&json, "account", account);
    cli_json_string(&json, "folder", folder);
    cli_json_string(&json, "path", path);
    cli_json_int(&json, "new", result->added);
    cli_json_int(&json, "known", result->known);
    cli_json_int(&json, "bytes", result->bytes);
    if (result->passed_over)
        cli_json_int(&json, "passed_over", result->passed_over);
    if (result->missing)
        cli_json_int(&json, "missing", result->missing);
    cli_json_end(&json);
    cli_json_print(&json);
}

/* ---- import ---- */

static const ConfigAccount *first_on_disk(const CliContext *context, GError **error)
{
    const GPtrArray *accounts = config_accounts(context->config);

    for (guint i = 0; i < accounts->len; i++)
        if (disk_is_local(accounts->pdata[i]))
            return accounts->pdata[i];
    tern_error_set(error, TERN_ERROR_INPUT,
                   _("mail is imported into an account on this disk; add one: incoming = maildir:~/Mail"));
    return NULL;
}

/* Called as the file is, where nobody says what the folder is to be called. */
static char *folder_for(const char *path)
{
    g_autofree char *absolute = g_canonicalize_filename(path, NULL), *base = g_path_get_basename(absolute);
    g_autofree char *shown = g_filename_display_name(base), *safe = sanitise(shown, -1, SANITISE_LINE);
    const char *name = safe + strspn(safe, "./");
    const gsize size = strlen(name);

    if (g_str_has_suffix(name, ".mbox") && size > 5)
        return g_strndup(name, size - 5);
    return g_strdup(*name ? name : _("Imported"));
}

static void progress(const char *folder, int64_t done, int64_t total, void *data)
{
    g_autofree char *at = cli_number(done), *of = cli_number(total);
    g_autofree char *line = g_strdup_printf(_("%s: %s of %s"), (const char *)data, at, of);

    (void)folder;
    cli_progress(line);
}

static void tell(const char *sentence, void *data)
{
    g_autofree char *safe = sanitise(sentence, -1, SANITISE_LINE);

    (void)data;
    cli_note("%s", safe);
}

static gboolean import_one(CliSession *session, const ConfigAccount *account, const char *folder,
                           const char *path, GError **error)
{
    g_autofree char *name = folder ? g_strdup(folder) : folder_for(path);
    g_autofree char *shown = cli_one_line(path);
    ImportResult result;
    Disk disk = {.account = account,
                 .config = session->context->config,
                 .paths = session->context->paths,
                 .store = session->store,
                 .reader = session->reader,
                 .progress = session->context->json ? NULL : progress,
                 .refused = tell,
                 .data = shown};

    const gboolean ok = import_path(&disk, path, name, &result, error);
    cli_progress(NULL);
    if (ok)
        print_result(session->context, account->id, name, path, &result);
    return ok;
}

int cli_command_import(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char *into = NULL;
    const CliOption options[] = {{"into", '\0', CLI_TEXT, &into}, {NULL, '\0', CLI_FLAG, NULL}};
    g_autofree char **words = cli_arguments(context, options, argv, 1, -1);
    const ConfigAccount *account = NULL;
    g_autofree char *folder = NULL;
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    if (into ? !cli_target_parse(context, into, &account, &folder, &error)
             : !(account = first_on_disk(context, &error)))
        return cli_fail(context, error);
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    for (char **path = words; session && *path && !error; path++)
        import_one(session, account, folder, *path, &error);
    return error ? cli_fail(context, error) : CLI_DONE;
}

/* ---- export ---- */

typedef struct {
    CliSession *session;
    Export *out;
    int64_t missing; /* that could not be had, each named */
} Run;

/* -1 and an error. */
static int open_message(CliSession *session, const StoreMessage *row, GError **error)
{
    g_autofree char *path = cli_message_file(session, row, error);
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (path && fd < 0)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("message %" G_GINT64_FORMAT " cannot be read"),
                             row->id);
    return fd;
}

/* Whether it is this message that cannot be had, and not the server: then the others can. */
static gboolean is_of_one(const CliSession *session, const GError *failed)
{
    if (tern_error_is(failed, TERN_ERROR_NETWORK))
        return session->context->offline;
    return !tern_error_is(failed, TERN_ERROR_CANCELLED) && !tern_error_is(failed, TERN_ERROR_AUTH) &&
           !tern_error_is(failed, TERN_ERROR_TLS);
}

static void name_missing(Run *run, const StoreMessage *row, const GError *failed)
{
    g_autofree char *subject = cli_one_line(row->subject ? row->subject : ""),
                    *why = cli_one_line(failed->message);

    run->missing++;
    cli_note(_("message %" G_GINT64_FORMAT " (%s) is not written: %s"), row->id, subject, why);
}

static gboolean export_one(Run *run, int64_t id, GError **error)
{
    g_autoptr(StoreMessage) row = store_read_message(run->session->reader, id, error);
    GError *failed = NULL;

    if (!row)
        return !error || !*error; /* it went meanwhile */
    const int fd = open_message(run->session, row, &failed);
    if (failed && !is_of_one(run->session, failed)) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (failed)
        name_missing(run, row, failed);
    g_clear_error(&failed);
    const gboolean ok =
        fd < 0 || export_message(run->out, fd, row->flags, row->keywords, row->arrival_s, error);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The oldest last, in pieces. */
static gboolean export_all(Run *run, int64_t folder_id, GError **error)
{
    int64_t below = INT64_MAX;

    for (;;) {
        g_autoptr(GArray) bodies =
            store_read_bodies(run->session->reader, folder_id, below, BODIES_AT_ONCE, error);
        if (!bodies)
            return FALSE;
        for (guint i = 0; i < bodies->len; i++) {
            const StoreBody *body = &g_array_index(bodies, StoreBody, i);
            if (!export_one(run, body->id, error))
                return FALSE;
            below = body->key;
        }
        if (bodies->len < BODIES_AT_ONCE)
            return TRUE;
    }
}

/* What is there says what it is; else a name that ends in / is a Maildir's. */
static gboolean is_mbox(const char *path)
{
    return !g_str_has_suffix(path, "/") && !g_file_test(path, G_FILE_TEST_IS_DIR);
}

int cli_command_export(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 2, 2);
    ImportResult result;
    GError *late = NULL;
    g_autoptr(GError) error = NULL;

    if (!words)
        return CLI_USAGE;
    g_autoptr(CliSession) session = cli_session_open(context, &error);
    g_autoptr(StoreFolder) folder = session ? cli_target_folder(session, words[0], &error) : NULL;
    Export *out = folder ? export_open(words[1], is_mbox(words[1]), &error) : NULL;
    if (!out)
        return cli_fail(context, error);
    Run run = {session, out, 0};
    export_all(&run, folder->id, &error);
    if (!export_close(out, &result, error ? &late : &error))
        g_clear_error(&late);
    if (error)
        return cli_fail(context, error);
    result.missing = run.missing;
    print_result(context, folder->account, folder->name, words[1], &result);
    return run.missing ? CLI_FAILED : CLI_DONE;
}
