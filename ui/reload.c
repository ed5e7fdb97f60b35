/*
 * reload.c - the configuration, taken over at the start and whenever it changes: options, keys and themes at
 * once.
 *
 * What is wrong in a new one keeps the old one as it is. Accounts are connected as they were at the start of
 * tern; when their sections change, one line says so.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "ui/state.h"
#include "ui/views.h"

#include <glib/gstdio.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Editors write in several steps. */
#define RELOAD_MS 60

/* "tern.conf:12: …", to be freed; NULL: there is nothing wrong. */
static char *first_problem(const Config *config)
{
    g_autoptr(GPtrArray) problems = cli_problems(config);

    if (!problems->len)
        return NULL;
    const ConfigProblem *first = problems->pdata[0];
    g_autofree char *name = g_path_get_basename(first->file);
    g_autofree char *more = problems->len > 1
                                ? g_strdup_printf(_(" (%u more: tern config check)"), problems->len - 1)
                                : g_strdup("");
    return g_strdup_printf("%s:%d: %s%s", name, first->line, first->text, more);
}

void ui_take_config(Ui *ui)
{
    g_autofree char *problem = first_problem(ui->context->config);

    keymap_configure(ui->keymap, ui->context->config, NULL);
    if (problem)
        ui_error(ui, problem);
}

/* What only a new start takes over: the accounts' sections and where the data is, as one number. Their text
 * is not kept: there may be passwords in it. */
static guint accounts_hash(const Config *config)
{
    g_autofree char *text = NULL;
    gsize size = 0;
    guint hash = g_str_hash(config_string(config, "data-dir"));
    gboolean is_account = FALSE;

    if (!g_file_get_contents(config_path(config), &text, &size, NULL) || !text)
        return hash;
    for (char *line = text, *end; line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        g_strstrip(line);
        if (*line == '[')
            is_account = g_str_has_prefix(line, "[account ");
        if (is_account && *line && *line != '#')
            hash = hash * 31 + g_str_hash(line);
    }
    explicit_bzero(text, size);
    return hash;
}

/* The first account was written while the page stood there that says how. */
static void begin(Ui *ui)
{
    while (ui->stack->len)
        ui_pop(ui);
    ui_show_first(ui);
    ui_start_engine(ui);
}

static void take_over(Ui *ui, Config *config, Keymap *keymap)
{
    guint hash = accounts_hash(config);
    gboolean is_other = hash != ui->accounts_hash;

    config_unref(ui->context->config);
    ui->context->config = config;
    keymap_free(ui->keymap);
    ui->keymap = keymap;
    ui->n_pending = 0;
    ui->accounts_hash = hash;
    ui->is_stale = TRUE;
    ui_apply_options(ui);
    if (is_other && !ui->engine && config_accounts(config)->len)
        begin(ui);
    else if (is_other)
        ui_news(ui, "%s", _("The configuration was read again. Restart tern to use the changed accounts."));
    else
        ui_news(ui, "%s", _("The configuration was read again"));
}

static void reload(void *data)
{
    Ui *ui = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(ui->context->paths->config, &error);
    g_autofree char *problem = config ? first_problem(config) : g_strdup(error->message);

    /* A file that is gone for a moment, or for good, changes nothing. */
    if (!problem && config_exists(config)) {
        Keymap *keymap = keymap_new();
        keymap_configure(keymap, config, NULL);
        take_over(ui, g_steal_pointer(&config), keymap);
    } else if (problem) {
        g_autofree char *sentence = g_strdup_printf(_("%s (as before until then)"), problem);
        ui_error(ui, sentence);
    }
}

static gboolean is_ours(const Ui *ui, const struct inotify_event *event)
{
    g_autofree char *name = g_path_get_basename(ui->context->paths->config);

    return event->wd == ui->themes_watch || (event->len && g_str_equal(event->name, name)) ||
           event->wd == ui->target_watch;
}

static void config_ready(void *data)
{
    Ui *ui = data;
    char buffer[sizeof(struct inotify_event) + NAME_MAX + 1] __attribute__((aligned(8)));
    ssize_t size;
    gboolean is_changed = FALSE;

    while ((size = read(ui->config_fd, buffer, sizeof buffer)) > 0) {
        for (char *at = buffer; at < buffer + size;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            is_changed |= is_ours(ui, event);
            at += sizeof *event + event->len;
        }
    }
    if (is_changed)
        loop_after(ui->loop, RELOAD_MS, reload);
}

static int watch(const Ui *ui, const char *path)
{
    return inotify_add_watch(ui->config_fd, path, IN_CLOSE_WRITE | IN_MOVED_TO);
}

/* The folders, since editors write a new file and rename it. A link's target is watched as a file. */
void ui_watch_config(Ui *ui)
{
    const char *path = ui->context->paths->config;
    g_autofree char *folder = g_path_get_dirname(path), *themes = g_build_filename(folder, "themes", NULL);

    ui->accounts_hash = accounts_hash(ui->context->config);
    ui->config_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (ui->config_fd < 0)
        return;
    watch(ui, folder);
    ui->themes_watch = watch(ui, themes);
    ui->target_watch = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? watch(ui, path) : -1;
    loop_watch_fd(ui->loop, ui->config_fd, config_ready);
}
