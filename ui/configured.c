/* configured.c - see configured.h. */
#include "ui/configured.h"

#include "ui/keymap.h"

gboolean configured_theme(const Config *config, const char *name, Theme *theme_out, ConfigProblems *problems)
{
    g_autofree char *folder = g_path_get_dirname(config_path(config));
    g_autofree char *own = g_build_filename(folder, "themes", NULL);
    const char *const folders[] = {own, TERN_DATADIR "/themes", NULL};

    return theme_load(theme_out, name, folders, problems, config_line(config, "theme"));
}

void configured_check(const Config *config, ConfigProblems *problems)
{
    g_autoptr(Keymap) keymap = keymap_new();
    Theme theme;

    keymap_configure(keymap, config, problems);
    configured_theme(config, config_string(config, "theme"), &theme, problems);
}
