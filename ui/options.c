/* options.c - options of [tern], as the configuration or `:set` has them; themes. */
#include "base/error.h"
#include "base/i18n.h"
#include "ui/screen.h"
#include "ui/state.h"
#include "ui/theme.h"

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
        g_hash_table_insert(ui->options, g_strdup(name), g_strdup(value));
        ui_apply_options(ui);
        return TRUE;
    }
    tern_error_set(error, TERN_ERROR_INPUT, _("there is no option “%s”; Tab shows them"), name);
    return FALSE;
}

/* Themes of one's own stand beside the configuration, those to copy where tern was installed. */
static void load_theme(Ui *ui)
{
    g_autofree char *folder = g_path_get_dirname(ui->context->paths->config);
    g_autofree char *own = g_build_filename(folder, "themes", NULL);
    const char *const folders[] = {own, TERN_DATADIR "/themes", NULL};
    g_autoptr(GError) error = NULL;
    Theme theme;

    if (!theme_load(&theme, ui_option(ui, "theme"), folders, &error)) {
        ui_error(ui, error->message);
        theme_load(&theme, "dark", NULL, NULL);
    }
    screen_set_theme(&theme);
}

void ui_apply_options(Ui *ui)
{
    load_theme(ui);
    screen_set_ascii(g_str_equal(ui_option(ui, "symbols"), "ascii"));
    ui->draw_whole = TRUE;
    ui_redraw(ui);
}
