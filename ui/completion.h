/* completion.h - what may follow on the command line: commands, folders, options and their values. Ui
 * thread. */
#ifndef TERN_UI_COMPLETION_H
#define TERN_UI_COMPLETION_H

#include "ui/view.h"

#include <glib.h>

/* The ways to complete a line that is typed so far, each as the whole line would be: char *; to be unreffed.
 * *shown_from_out is where in these lines the part begins that is worth showing. */
GPtrArray *completion_find(Ui *ui, const char *line, gsize *shown_from_out);

/* Commands only, without anything of the screen. */
GPtrArray *completion_commands(const char *line, unsigned contexts);

#endif
