/* loop.c - see loop.h. */
#include "ui/loop.h"

#include "base/clock.h"

#include <glib-unix.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define FRAME_MS 8

typedef struct {
    Loop *loop;
    Wake *wake;
    void (*woken)(void *data);
} Watch; /* wake NULL: of a descriptor */

typedef struct {
    Loop *loop;
    void (*run)(void *data);
    guint source;
    gint64 due_us;
} Timer;

struct Loop {
    LoopCalls calls;
    void *data;
    GMainLoop *main;
    GPtrArray *watches; /* Watch * */
    GPtrArray *timers;  /* Timer * under way */
    GArray *sources;    /* guint */
    int signal_fd;
    guint draw_source;
    gint64 drawn_us;
};

static const int SIGNALS[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT};

static sigset_t signal_set(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (guint i = 0; i < G_N_ELEMENTS(SIGNALS); i++)
        sigaddset(&set, SIGNALS[i]);
    return set;
}

void loop_block_signals(void)
{
    sigset_t set = signal_set();

    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTTOU, SIG_IGN); /* restoring the terminal from the background must not stop tern */
}

/* ---- drawing ---- */

static void draw_now(Loop *loop)
{
    if (loop->draw_source)
        g_source_remove(loop->draw_source);
    loop->draw_source = 0;
    loop->calls.draw(loop->data);
    loop->drawn_us = clock_now_us();
}

static gboolean draw_due(void *data)
{
    Loop *loop = data;

    loop->draw_source = 0;
    draw_now(loop);
    return G_SOURCE_REMOVE;
}

void loop_draw(Loop *loop)
{
    gint64 wait_us = loop->drawn_us + FRAME_MS * 1000 - clock_now_us();

    if (loop->draw_source)
        return;
    /* After whatever else is ready now, so that several events make one picture. */
    loop->draw_source = g_timeout_add_full(
        G_PRIORITY_HIGH_IDLE, wait_us > 0 ? (guint)(wait_us / 1000) + 1 : 0, draw_due, loop, NULL);
}

/* ---- the terminal ---- */

/* Readable, but nothing to read: the end of the file. */
static gboolean is_at_end(int fd)
{
    struct pollfd poll_fd = {fd, POLLIN, 0};
    int waiting = 0;

    if (poll(&poll_fd, 1, 0) <= 0)
        return FALSE;
    if (poll_fd.revents & (POLLHUP | POLLERR | POLLNVAL))
        return TRUE;
    return ioctl(fd, FIONREAD, &waiting) < 0 || waiting == 0;
}

static gboolean terminal_ready(int fd, GIOCondition condition, void *data)
{
    Loop *loop = data;

    if (condition & (G_IO_HUP | G_IO_ERR | G_IO_NVAL)) {
        loop_quit(loop);
        return G_SOURCE_REMOVE;
    }
    loop->calls.input(loop->data);
    if (!g_main_loop_is_running(loop->main))
        return G_SOURCE_CONTINUE;
    draw_now(loop);
    if (!is_at_end(fd))
        return G_SOURCE_CONTINUE;
    loop_quit(loop);
    return G_SOURCE_REMOVE;
}

/* ---- signals ---- */

static void take_signal(Loop *loop, int number)
{
    switch (number) {
    case SIGWINCH:
        loop->calls.resized(loop->data);
        break;
    case SIGTSTP:
        loop->calls.suspend(loop->data);
        break;
    case SIGCONT:
        loop->calls.continued(loop->data);
        break;
    default:
        loop_quit(loop);
    }
}

static gboolean signal_ready(int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
    Loop *loop = data;
    struct signalfd_siginfo info;

    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        take_signal(loop, (int)info.ssi_signo);
    return G_SOURCE_CONTINUE;
}

void loop_stop_process(void)
{
    sigset_t stop;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    signal(SIGTSTP, SIG_DFL);
    /* Sent to the whole job, as the terminal would: it stops here, as soon as the signal is let in. */
    kill(0, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, NULL);
    sigprocmask(SIG_BLOCK, &stop, NULL);
}

/* ---- flags and timers ---- */

static gboolean watch_ready(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
    Watch *watch = data;

    if (watch->wake)
        wake_clear(watch->wake);
    watch->woken(watch->loop->data);
    return G_SOURCE_CONTINUE;
}

static void watch_free(void *data)
{
    Watch *watch = data;

    g_clear_pointer(&watch->wake, wake_unref);
    g_free(watch);
}

static void watch_fd(Loop *loop, int fd, Wake *wake, void (*woken)(void *data))
{
    Watch *watch = g_new0(Watch, 1);

    *watch = (Watch){loop, wake, woken};
    g_ptr_array_add(loop->watches, watch);
    guint source = g_unix_fd_add(fd, G_IO_IN, watch_ready, watch);
    g_array_append_val(loop->sources, source);
}

void loop_watch(Loop *loop, Wake *wake, void (*woken)(void *data))
{
    watch_fd(loop, wake_fd(wake), wake_ref(wake), woken);
}

void loop_watch_fd(Loop *loop, int fd, void (*ready)(void *data))
{
    watch_fd(loop, fd, NULL, ready);
}

static gboolean timer_due(void *data)
{
    Timer *timer = data;
    Loop *loop = timer->loop;
    void (*run)(void *) = timer->run;

    g_ptr_array_remove_fast(loop->timers, timer);
    run(loop->data);
    return G_SOURCE_REMOVE;
}

static Timer *find_timer(const Loop *loop, void (*run)(void *data))
{
    for (guint i = 0; i < loop->timers->len; i++)
        if (((Timer *)loop->timers->pdata[i])->run == run)
            return loop->timers->pdata[i];
    return NULL;
}

void loop_after(Loop *loop, guint delay_ms, void (*run)(void *data))
{
    gint64 due_us = clock_now_us() + delay_ms * 1000;
    Timer *timer = find_timer(loop, run);

    if (timer && timer->due_us <= due_us)
        return;
    if (timer)
        g_source_remove(timer->source);
    else {
        timer = g_new0(Timer, 1);
        g_ptr_array_add(loop->timers, timer);
    }
    *timer = (Timer){loop, run, g_timeout_add(delay_ms, timer_due, timer), due_us};
}

/* ---- the loop ---- */

Loop *loop_new(const LoopCalls *calls, void *data)
{
    Loop *loop = g_new0(Loop, 1);
    sigset_t set = signal_set();

    loop->calls = *calls;
    loop->data = data;
    loop->main = g_main_loop_new(NULL, FALSE);
    loop->watches = g_ptr_array_new_with_free_func(watch_free);
    loop->timers = g_ptr_array_new_with_free_func(g_free);
    loop->sources = g_array_new(FALSE, FALSE, sizeof(guint));
    loop->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    guint sources[] = {
        g_unix_fd_add(loop->signal_fd, G_IO_IN, signal_ready, loop),
        g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, terminal_ready, loop),
    };
    g_array_append_vals(loop->sources, sources, G_N_ELEMENTS(sources));
    return loop;
}

/* Sources that ended by themselves (the terminal's) are gone already. */
static void remove_source(guint source)
{
    GSource *found = g_main_context_find_source_by_id(NULL, source);

    if (found)
        g_source_destroy(found);
}

void loop_free(Loop *loop)
{
    if (!loop)
        return;
    for (guint i = 0; i < loop->sources->len; i++)
        remove_source(g_array_index(loop->sources, guint, i));
    for (guint i = 0; i < loop->timers->len; i++)
        remove_source(((Timer *)loop->timers->pdata[i])->source);
    if (loop->draw_source)
        remove_source(loop->draw_source);
    g_array_unref(loop->sources);
    g_ptr_array_unref(loop->watches);
    g_ptr_array_unref(loop->timers);
    g_main_loop_unref(loop->main);
    close(loop->signal_fd);
    g_free(loop);
}

void loop_run(Loop *loop)
{
    g_main_loop_run(loop->main);
}

void loop_quit(Loop *loop)
{
    g_main_loop_quit(loop->main);
}
