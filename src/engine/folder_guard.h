/*
 * folder_guard.h - whether a folder that is to be deleted holds what nobody has seen; private to the engine.
 *
 * A deletion is played a minute or days after somebody decided it, and what came into the folder meanwhile
 * (another client, a filter) would go with it, into no Trash. So the folder is looked at just before, and stays
 * where it holds more than was known then; one whose making is undone, where it holds anything.
 */
#ifndef TERN_ENGINE_FOLDER_GUARD_H
#define TERN_ENGINE_FOLDER_GUARD_H

#include "store/journal.h"

/* Whether it has to be looked at: not where nobody knew how much it holds. */
gboolean folder_guard_looks(const StoreEntry *entry);
/* `name` as people know it; `messages` that it holds now. FALSE and INPUT: why it stays. */
gboolean folder_guard_passes(const StoreEntry *entry, const char *name, guint messages, GError **error);

#endif
