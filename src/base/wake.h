/*
 * wake.h - a flag that poll(2) can wait for: an eventfd that any thread sets and its owner clears.
 *
 * Setting it twice is setting it once. The owner clears it first and looks at what it stands for afterwards,
 * so that nothing set in between is missed. A Wake is shared by reference count.
 */
#ifndef TERN_BASE_WAKE_H
#define TERN_BASE_WAKE_H

#include <glib.h>

typedef struct Wake Wake;

/* A new, unset flag with one reference. Never NULL: a process without descriptors cannot go on. */
Wake *wake_new(void);
Wake *wake_ref(Wake *wake);
void wake_unref(Wake *wake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Wake, wake_unref)

/* Any thread; never blocks. */
void wake_set(Wake *wake);

/* Unsets the flag; tells whether it was set. */
gboolean wake_clear(Wake *wake);

/* The descriptor: readable while set. Stays the Wake's. */
int wake_fd(const Wake *wake);

/* Those of all who wait for the same thing. Any thread. */
typedef struct WakeList WakeList;
WakeList *wake_list_new(void);
void wake_list_free(WakeList *list);
/* Takes a reference. */
void wake_list_add(WakeList *list, Wake *wake);
/* Once; it is not set by the list any more when this returns. */
void wake_list_remove(WakeList *list, Wake *wake);
/* Sets all of them. */
void wake_list_set(WakeList *list);

#endif
