/* key_list.h - every command with its keys: what `tern keys` prints. */
#ifndef TERN_UI_KEY_LIST_H
#define TERN_UI_KEY_LIST_H

#include "cli/cli.h"

/* Each command by group, the configuration's [keys] heeded, to `func`. */
void key_list(const Config *config, CliKeyFunc func, void *data);

#endif
