/*
 * folder_find.h - which folder is meant, among all that the store has. Pure.
 */
#ifndef TERN_UI_FOLDER_FIND_H
#define TERN_UI_FOLDER_FIND_H

#include "config/config.h"
#include "store/types.h"

/* [ACCOUNT/]FOLDER, as written or else in any case; without an account the first one of the configuration
 * that has a folder so called. One of `folders` (StoreFolder *), or NULL. */
const StoreFolder *folder_find(const Config *config, const GPtrArray *folders, const char *name);

/* The Inbox of the configuration's first account that has one; NULL: none is in the store (yet). */
const StoreFolder *folder_find_inbox(const Config *config, const GPtrArray *folders);

/* May another folder be meant than `found` (NULL: none was found) once more is known? TRUE while an account
 * before its own in the configuration gets mail and has no folder in `folders` yet: it was never reached. */
gboolean folder_find_may_change(const Config *config, const GPtrArray *folders, const StoreFolder *found);

#endif
