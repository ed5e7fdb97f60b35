/* control_role.c - see control_private.h. */
#include "base/error.h"
#include "engine/control_private.h"
#include "engine/doorway.h"

/* Between two tries for the lock or the holder's socket. */
#define ROLE_RETRY_US (SECOND_US / 10)

static gboolean start_workers(Control *control, GError **error)
{
    const GPtrArray *accounts = config_accounts(control->context.config);
    WorkerContext context = {.store = control->context.store,
                             .paths = control->context.paths,
                             .post = control_post,
                             .data = control};

    for (guint i = 0; i < accounts->len; i++) {
        context.account = g_ptr_array_index(accounts, i);
        Worker *worker = worker_new(&context, error);
        if (!worker)
            return FALSE;
        g_ptr_array_add(control->workers, worker);
    }
    return TRUE;
}

static void stop_workers(Control *control)
{
    for (guint i = 0; i < control->workers->len; i++)
        worker_stop(g_ptr_array_index(control->workers, i));
    g_ptr_array_set_size(control->workers, 0);
    control->crew++;
}

void control_give_up_role(Control *control)
{
    const gboolean had_role = control->role != ROLE_NONE;

    stop_workers(control);
    while (control->peers->len)
        control_drop_peer(control, g_ptr_array_index(control->peers, 0));
    peer_free(control->upstream);
    control->upstream = NULL;
    doorway_close(control->door_fd);
    control->door_fd = -1;
    store_engine_lock_free(control->lock);
    control->lock = NULL;
    control->role = ROLE_NONE;
    if (had_role)
        control_tell_offline(control);
}

gboolean control_seek_role(Control *control, GError **error)
{
    GError *failed = NULL;

    control->seek_at_us = clock_now_us() + ROLE_RETRY_US;
    control->lock = store_engine_lock_try(control->context.paths, &failed);
    if (control->lock) {
        control->door_fd = doorway_open(control->context.paths, &failed);
        if (control->door_fd >= 0 && start_workers(control, &failed))
            control->role = ROLE_HOLDER;
        else
            control_give_up_role(control);
    } else if (!failed) {
        const int fd = doorway_connect(control->context.paths);
        if (fd >= 0) {
            control->upstream = peer_new(fd);
            control->role = ROLE_CLIENT;
        }
    }
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (control->role != ROLE_NONE)
        control_dispatch_all(control);
    return TRUE;
}
