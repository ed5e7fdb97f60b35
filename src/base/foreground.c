/*
 * foreground.c - children that get tern's terminal; see spawn.h.
 *
 * A thread waits for the child, so that the caller hears meanwhile that tern is to end: SIGTERM and SIGHUP,
 * where they are blocked for the main loop. They stay pending for it; the child gets SIGHUP and some time to
 * save what it has.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/spawn.h"
#include "base/spawn_private.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child has to end in when tern is to. */
#define GRACE_US (2 * SECOND_US)

/* Gives the terminal to a process group. tern is then in the background, where tcsetpgrp() would stop it with
 * SIGTTOU. */
static void give_terminal(pid_t group)
{
    sigset_t ttou, before;

    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &ttou, &before);
    tcsetpgrp(STDIN_FILENO, group);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- waiting ---- */

typedef struct {
    pid_t pid;
    int status, ended_fd;
} Waiter;

/* Until it ended, or was stopped. */
static void await(void *data)
{
    Waiter *waiter = data;
    const uint64_t one = 1;

    while (waitpid(waiter->pid, &waiter->status, WUNTRACED) < 0 && errno == EINTR)
        ;
    while (write(waiter->ended_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

/* The child and all of its group are to end, whatever they do now. */
static void end_child(const Waiter *waiter)
{
    struct pollfd ended = {waiter->ended_fd, POLLIN, 0};
    const int64_t deadline_us = clock_now_us() + GRACE_US;
    int n;

    kill(-waiter->pid, SIGHUP);
    kill(-waiter->pid, SIGCONT);
    while ((n = poll(&ended, 1, clock_timeout_ms(deadline_us))) < 0 && errno == EINTR)
        ;
    if (n == 0)
        kill(-waiter->pid, SIGKILL);
}

static void wait_or_end(const Waiter *waiter)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    const int signal_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    struct pollfd fds[] = {{waiter->ended_fd, POLLIN, 0}, {signal_fd, POLLIN, 0}};
    while (poll(fds, G_N_ELEMENTS(fds), -1) < 0 && errno == EINTR)
        ;
    if (!fds[0].revents && fds[1].revents)
        end_child(waiter);
    if (signal_fd >= 0)
        close(signal_fd);
}

/* Its wait status when it ended, or was stopped. */
static int wait_for(pid_t pid)
{
    Waiter waiter = {pid, -1, eventfd(0, EFD_CLOEXEC)};
    Thread *thread =
        waiter.ended_fd >= 0 ? thread_start("waiter", STACK_WORKER_BYTES, await, &waiter, NULL) : NULL;

    if (thread) {
        wait_or_end(&waiter);
        thread_join(thread);
    } else {
        await(&waiter);
    }
    if (waiter.ended_fd >= 0)
        close(waiter.ended_fd);
    return waiter.status;
}

/* ---- running ---- */

/* Ctrl-Z in the editor: the whole of tern stops, as a shell's user expects, and both go on together. */
static void stop_too(pid_t pid, const SpawnStop *stop)
{
    give_terminal(getpgrp());
    if (stop)
        stop->stops(stop->data);
    kill(0, SIGSTOP);
    if (stop)
        stop->goes_on(stop->data);
    give_terminal(pid);
    kill(-pid, SIGCONT);
}

/* `out_fd` -1: its output is the terminal's. */
static int run(const char *const *argv, int out_fd, const SpawnStop *stop, GError **error)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    if (out_fd >= 0)
        posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    spawn_reset_signals(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    int failed = posix_spawnp(&pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) {
        tern_error_set_errno(error, TERN_ERROR_INPUT, failed, _("cannot run “%s”"), argv[0]);
        return -1;
    }
    give_terminal(pid);
    /* The child may have asked for the terminal before it had it. */
    kill(-pid, SIGCONT);
    int status = wait_for(pid);
    while (WIFSTOPPED(status)) {
        stop_too(pid, stop);
        status = wait_for(pid);
    }
    give_terminal(getpgrp());
    return status;
}

int spawn_foreground(const char *const *argv, const SpawnStop *stop, GError **error)
{
    return run(argv, -1, stop, error);
}

static gboolean check_status(int status, const char *command_line, GError **error)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return TRUE;
    if (WIFEXITED(status))
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” failed with status %d"), command_line,
                       WEXITSTATUS(status));
    else
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” was ended by signal %d"), command_line,
                       WTERMSIG(status));
    return FALSE;
}

/* What waits in the pipe, which does not block; of more than `max_bytes` nothing. */
static char *take_output(int fd, gsize max_bytes, const char *command_line, GError **error)
{
    char *text = g_malloc(max_bytes + 1);
    gsize length = 0;
    ssize_t n;

    while (length <= max_bytes && (n = read(fd, text + length, max_bytes + 1 - length)) > 0)
        length += (gsize)n;
    if (length <= max_bytes) {
        text[length] = '\0';
        return text;
    }
    explicit_bzero(text, length);
    g_free(text);
    tern_error_set(error, TERN_ERROR_LIMIT, _("“%s” wrote more than %" G_GSIZE_FORMAT " bytes"), command_line,
                   max_bytes);
    return NULL;
}

/* Nobody reads while the command has the terminal: one that writes more than a pipe holds waits for
 * Ctrl-C. */
char *spawn_foreground_capture(const char *command_line, gsize max_bytes, GError **error)
{
    const char *const argv[] = {"/bin/sh", "-c", command_line, NULL};
    char *text = NULL;
    int out[2];

    if (pipe2(out, O_CLOEXEC | O_NONBLOCK) < 0) {
        tern_error_set_errno(error, TERN_ERROR_BUG, errno, _("no more descriptors"));
        return NULL;
    }
    fcntl(out[1], F_SETFL, 0);
    const int status = run(argv, out[1], NULL, error);
    close(out[1]);
    if (status != -1 && check_status(status, command_line, error))
        text = take_output(out[0], max_bytes, command_line, error);
    close(out[0]);
    return text;
}
