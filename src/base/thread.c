/* thread.c - see thread.h. */
#include "base/thread.h"
#include "base/error.h"
#include "base/i18n.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* Of a processor that all want, some tenth. */
#define NICE_BEHIND 10

struct Thread {
    pthread_t id;
};

typedef struct {
    void (*run)(void *data);
    void *data;
    char name[16];
} Start;

static void *begin(void *data)
{
    g_autofree Start *start = data;

    pthread_setname_np(pthread_self(), start->name);
    start->run(start->data);
    return NULL;
}

/* The mask is inherited, so it is closed around the creation: no signal reaches the new thread even at
 * once. */
static int create(pthread_t *id, const pthread_attr_t *attributes, Start *start)
{
    sigset_t all, before;

    sigfillset(&all);
    /* What a thread does to itself must kill it, or a crash would become a hang. */
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(id, attributes, begin, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

/* GLib makes the lock of its error domains at the first error, and ThreadSanitizer does not see how: two
 * threads that fail at the same time looked like a race. */
static void make_first_error(void)
{
    g_error_free(g_error_new_literal(TERN_ERROR, TERN_ERROR_CANCELLED, ""));
}

static gboolean start_thread(pthread_t *id, const char *name, size_t stack_bytes, gboolean detached,
                             void (*run)(void *data), void *data, GError **error)
{
    pthread_attr_t attributes;
    static pthread_once_t first = PTHREAD_ONCE_INIT;
    Start *start = g_new0(Start, 1);

    pthread_once(&first, make_first_error);
    start->run = run;
    start->data = data;
    g_strlcpy(start->name, name, sizeof start->name);
    pthread_attr_init(&attributes);
    if (stack_bytes)
        pthread_attr_setstacksize(&attributes, stack_bytes);
    if (detached)
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = create(id, &attributes, start);
    pthread_attr_destroy(&attributes);
    if (failed) {
        g_free(start);
        tern_error_set_errno(error, TERN_ERROR_BUG, failed, _("cannot start the thread “%s”"), name);
        return FALSE;
    }
    return TRUE;
}

Thread *thread_start(const char *name, size_t stack_bytes, void (*run)(void *data), void *data,
                     GError **error)
{
    g_autofree Thread *thread = g_new0(Thread, 1);

    if (!start_thread(&thread->id, name, stack_bytes, FALSE, run, data, error))
        return NULL;
    return g_steal_pointer(&thread);
}

void thread_join(Thread *thread)
{
    if (!thread)
        return;
    pthread_join(thread->id, NULL);
    g_free(thread);
}

gboolean thread_start_detached(const char *name, size_t stack_bytes, void (*run)(void *data), void *data,
                               GError **error)
{
    pthread_t id;

    return start_thread(&id, name, stack_bytes, TRUE, run, data, error);
}

static gint is_interactive;

void thread_set_interactive(void)
{
    g_atomic_int_set(&is_interactive, TRUE);
}

/* On Linux the priority is each thread's own. It can only be lowered: there is no way back for an ordinary
 * user. */
void thread_stand_back(void)
{
    if (g_atomic_int_get(&is_interactive))
        setpriority(PRIO_PROCESS, (id_t)gettid(), NICE_BEHIND);
}
