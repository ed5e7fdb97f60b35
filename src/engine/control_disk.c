/*
 * control_disk.c - see control_private.h. The workers of accounts whose mail is on this disk.
 *
 * Every process has its own, whoever holds the engine lock, and offline too: the account's lock (disk.h),
 * which nobody holds for longer than it takes to read or change files, keeps them apart.
 */
#include "engine/control_private.h"
#include "engine/disk.h"

static void start_one(Control *control, const ConfigAccount *account)
{
    const TeamContext team = {control_post, control, CONTROL_DISK_CREW};
    WorkerContext context = {.account = account,
                             .config = control->context.config,
                             .store = control->context.store,
                             .paths = control->context.paths,
                             .post = control_post,
                             .data = control,
                             .crew = CONTROL_DISK_CREW,
                             .ended = control->worker_ended,
                             .arrived = control_post_arrival,
                             .is_silent = !disk_is_whole(account),
                             .ops = &WORKER_DISK};

    context.team = team_new(account, &team);
    Worker *worker = worker_new(&context, NULL);
    team_unref(context.team);
    if (!worker)
        return; /* no thread: what is asked of it is refused */
    if (control->is_live)
        worker_set_live(worker);
    g_ptr_array_add(control->disks, worker);
}

void control_start_disks(Control *control)
{
    const GPtrArray *accounts = config_accounts(control->context.config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        if (disk_is_local(account) && account->is_usable && !control_disk_of(control, account->id))
            start_one(control, account);
    }
}

void control_stop_disks(Control *control)
{
    g_ptr_array_extend_and_steal(control->leaving, control->disks);
    control->disks = g_ptr_array_new_with_free_func((GDestroyNotify)worker_free);
}

Worker *control_disk_of(const Control *control, const char *account)
{
    for (guint i = 0; account && i < control->disks->len; i++) {
        Worker *worker = g_ptr_array_index(control->disks, i);
        if (g_str_equal(worker_account(worker), account))
            return worker;
    }
    return NULL;
}

/* A stub (stubs.h), whose message only a connection can bring. */
static gboolean is_on_server(const Control *control, const EngineRequest *request)
{
    g_autoptr(StoreMessage) message =
        control->reader ? store_read_message(control->reader, request->number, NULL) : NULL;

    return message && message->flags & STORE_STUB;
}

gboolean control_is_for_disk(const Control *control, const EngineRequest *request, const char *account)
{
    const ConfigAccount *of = account ? config_account(control->context.config, account) : NULL;

    return of && disk_is_local(of) &&
           (disk_is_whole(of) || request->verb == ENGINE_VERB_OPEN_FOLDER ||
            (request->verb == ENGINE_VERB_FETCH && !is_on_server(control, request)) ||
            request->verb == ENGINE_VERB_KEEP);
}
