/* cancel.c - see cancel.h. */
#include "base/cancel.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/wake.h"

#include <stdatomic.h>
#include <stdbool.h>

struct Cancel {
    atomic_int references;
    atomic_bool triggered;
    Wake *wake;
};

Cancel *cancel_new(void)
{
    Cancel *cancel = g_new(Cancel, 1);

    atomic_init(&cancel->references, 1);
    atomic_init(&cancel->triggered, false);
    cancel->wake = wake_new();
    return cancel;
}

Cancel *cancel_ref(Cancel *cancel)
{
    atomic_fetch_add(&cancel->references, 1);
    return cancel;
}

void cancel_unref(Cancel *cancel)
{
    if (!cancel || atomic_fetch_sub(&cancel->references, 1) != 1)
        return;
    wake_unref(cancel->wake);
    g_free(cancel);
}

void cancel_trigger(Cancel *cancel)
{
    atomic_store(&cancel->triggered, true);
    wake_set(cancel->wake);
}

gboolean cancel_is_triggered(const Cancel *cancel)
{
    return cancel && atomic_load(&cancel->triggered);
}

gboolean cancel_check(const Cancel *cancel, GError **error)
{
    if (!cancel_is_triggered(cancel))
        return FALSE;
    tern_error_set(error, TERN_ERROR_CANCELLED, _("cancelled"));
    return TRUE;
}

int cancel_fd(const Cancel *cancel)
{
    return cancel ? wake_fd(cancel->wake) : -1;
}
