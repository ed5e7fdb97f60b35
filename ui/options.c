/* options.c - options of [tern], as the configuration or `:set` has them; themes. */
#include "base/error.h"
#include "base/i18n.h"
#include "ui/configured.h"
#include "ui/screen.h"
#include "ui/state.h"

const char *ui_option(const Ui *ui, const char *name)
{
    const char *set = g_hash_table_lookup(ui->options, name);

    return set ? set : config_string(ui->context->config, name);
}

gboolean ui_option_bool(const Ui *ui, const char *name)
{
    const char *set = g_hash_table_lookup(ui->options, name);

    return set ? g_str_equal(set, "yes") : config_bool(ui->context->config, name);
}

gint64 ui_option_int(const Ui *ui, const char *name)
{
    const char *set = g_hash_table_lookup(ui->options, name);

    return set ? g_ascii_strtoll(set, NULL, 10) : config_int(ui->context->config, name);
}

/* A theme is taken only when it is there and right. */
static gboolean check_theme(const Ui *ui, const char *name, GError **error)
{
    Theme theme;
    ConfigProblems problems;

    config_problems_init(&problems, config_path(ui->context->config));
    configured_theme(ui->context->config, name, &theme, &problems);
    gboolean is_right = problems.list->len == 0;
    if (!is_right) {
        const ConfigProblem *first = problems.list->pdata[0];
        g_autofree char *file = g_path_get_basename(first->file);
        if (g_str_equal(first->file, problems.file))
            tern_error_set(error, TERN_ERROR_INPUT, "%s", first->text);
        else
            tern_error_set(error, TERN_ERROR_INPUT, "%s:%d: %s", file, first->line, first->text);
    }
    config_problems_clear(&problems);
    return is_right;
}

gboolean ui_set_option(Ui *ui, const char *name, const char *value, GError **error)
{
    g_autofree char *why = NULL;

    for (const ConfigOption *option = config_options(); option->name; option++) {
        if (!g_str_equal(option->name, name))
            continue;
        if (!config_option_check(option, value, &why)) {
            tern_error_set(error, TERN_ERROR_INPUT, "%s: %s", name, why);
            return FALSE;
        }
        if (g_str_equal(name, "theme") && !check_theme(ui, value, error))
            return FALSE;
        g_hash_table_insert(ui->options, g_strdup(name), g_strdup(value));
        ui_apply_options(ui);
        return TRUE;
    }
    tern_error_set(error, TERN_ERROR_INPUT, _("there is no option “%s”; Tab shows them"), name);
    return FALSE;
}

/* What is wrong in a theme was told when its name was read; what is right in it counts. */
static void load_theme(Ui *ui)
{
    Theme theme;

    if (!configured_theme(ui->context->config, ui_option(ui, "theme"), &theme, NULL))
        theme_load(&theme, "dark", NULL, NULL, 0);
    screen_set_theme(&theme);
}

void ui_apply_options(Ui *ui)
{
    load_theme(ui);
    screen_set_ascii(g_str_equal(ui_option(ui, "symbols"), "ascii"));
    ui->draw_whole = TRUE;
    ui_redraw(ui);
}
