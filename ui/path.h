/* path.h - paths as people type them, by Tab. Ui thread; completing reads the folder that is typed so far. */
#ifndef TERN_UI_PATH_H
#define TERN_UI_PATH_H

#include "ui/view.h"

/* For PromptWants.complete: the files of the folder that is typed so far; folders end in '/'. */
GPtrArray *path_complete(Ui *ui, void *data, const char *line, gsize *shown_from_out);

#endif
