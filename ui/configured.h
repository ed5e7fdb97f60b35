/*
 * configured.h - what of the configuration only the screen understands: [keys] and the theme.
 *
 * The configuration's reader (config/) knows neither commands nor themes; so the screen finds out what is
 * wrong there, for itself and for `tern config check`. No curses here; any thread.
 */
#ifndef TERN_UI_CONFIGURED_H
#define TERN_UI_CONFIGURED_H

#include "ui/theme.h"

/* Adds the mistakes in [keys] and in the theme that is named there. Opens the theme's file. */
void configured_check(const Config *config, ConfigProblems *problems);

/* The theme of that name; themes of one's own stand beside the configuration, in the folder themes. FALSE: it
 * cannot be had (theme_load()). `problems` may be NULL. */
gboolean configured_theme(const Config *config, const char *name, Theme *theme_out, ConfigProblems *problems);

#endif
