/* key_list.h - every command with its keys, as text: what `tern keys` prints. */
#ifndef TERN_UI_KEY_LIST_H
#define TERN_UI_KEY_LIST_H

#include "config/config.h"

/* By group, one line a command, the configuration's [keys] heeded; to be freed. */
char *key_list(const Config *config);

#endif
