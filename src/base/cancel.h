/*
 * cancel.h - telling an operation on another thread to end now.
 *
 * A Cancel is given to what may take long (connecting, reading, a helper) and triggered by whoever no longer
 * wants it; the operation then returns TERN_ERROR_CANCELLED within 10 ms. It stays triggered. Shared by
 * reference count.
 */
#ifndef TERN_BASE_CANCEL_H
#define TERN_BASE_CANCEL_H

#include <glib.h>

typedef struct Cancel Cancel;

Cancel *cancel_new(void);
Cancel *cancel_ref(Cancel *cancel);
void cancel_unref(Cancel *cancel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cancel, cancel_unref)

/* Any thread, also a signal handler's. */
void cancel_trigger(Cancel *cancel);

/* False for NULL, which stands for "cannot be cancelled". */
gboolean cancel_is_triggered(const Cancel *cancel);

/* Sets TERN_ERROR_CANCELLED and returns TRUE when triggered. */
gboolean cancel_check(const Cancel *cancel, GError **error);

/* Readable once triggered; -1 for NULL, which poll(2) passes over. */
int cancel_fd(const Cancel *cancel);

#endif
