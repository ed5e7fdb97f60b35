/* spawn.c - see spawn.h. */
#include "base/spawn.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/spawn_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a command that was told to end may take before it is killed. */
#define GRACE_US (2 * SECOND_US)
/* What is kept of standard error: its first line goes into the error. */
#define STDERR_BYTES 1000

/* A running command and the ends of its pipes that are tern's. */
typedef struct {
    const char *command_line; /* or its first word: for words about it */
    pid_t pid;
    int pid_fd;
    int out_fd, err_fd; /* -1: ended */
    GByteArray *out, *err;
    gsize max_bytes;
} Child;

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void spawn_reset_signals(posix_spawnattr_t *attributes, short flags)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | flags));
}

/* In a session of its own. `in` -1: nothing to read. */
static int spawn_apart(const char *const *argv, int in, int out, int err, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    posix_spawn_file_actions_init(&actions);
    if (in < 0)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    else
        posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    spawn_reset_signals(&attributes, POSIX_SPAWN_SETSID);
    int failed = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static int spawn_shell(const char *command_line, int in, int out, int err, pid_t *pid)
{
    const char *const argv[] = {"/bin/sh", "-c", command_line, NULL};

    return spawn_apart(argv, in, out, err, pid);
}

static gboolean start(Child *child, const char *const *argv, int in_fd, GError **error)
{
    int out[2], err[2];

    if (pipe2(out, O_CLOEXEC) < 0)
        goto no_pipes;
    if (pipe2(err, O_CLOEXEC) < 0) {
        close(out[0]);
        close(out[1]);
        goto no_pipes;
    }
    int failed = spawn_apart(argv, in_fd, out[1], err[1], &child->pid);
    close(out[1]);
    close(err[1]);
    child->out_fd = out[0];
    child->err_fd = err[0];
    if (failed) {
        tern_error_set_errno(error, TERN_ERROR_INPUT, failed, _("cannot run “%s”"), child->command_line);
        return FALSE;
    }
    child->pid_fd = pidfd_open(child->pid, 0);
    fcntl(child->out_fd, F_SETFL, O_NONBLOCK);
    fcntl(child->err_fd, F_SETFL, O_NONBLOCK);
    return TRUE;
no_pipes:
    tern_error_set_errno(error, TERN_ERROR_BUG, errno, _("no more descriptors"));
    return FALSE;
}

/* Takes what is there, at most one byte over `max`; closes at the end. */
static void drain(int *fd, GByteArray *into, gsize max)
{
    guint8 piece[4096];
    ssize_t n;

    while (*fd >= 0 && into->len <= max) {
        n = read(*fd, piece, MIN(sizeof piece, max + 1 - into->len));
        if (n > 0) {
            g_byte_array_append(into, piece, (guint)n);
        } else if (n == 0 || errno != EINTR) {
            if (n == 0 || errno != EAGAIN)
                close_fd(fd);
            break;
        }
    }
    explicit_bzero(piece, sizeof piece);
}

static void drain_both(Child *child)
{
    guint8 lost[1024];

    drain(&child->out_fd, child->out, child->max_bytes);
    drain(&child->err_fd, child->err, STDERR_BYTES);
    if (child->err->len > STDERR_BYTES && child->err_fd >= 0)
        while (read(child->err_fd, lost, sizeof lost) > 0)
            ; /* so that a talkative command does not stand still */
}

/* Until the command ended. A child of the command's may live on and hold the pipes (gpg-agent does): the end
 * that counts is the command's own. */
static gboolean wait_for_end(Child *child, int64_t deadline_us, Cancel *cancel, GError **error)
{
    for (;;) {
        struct pollfd fds[] = {{child->pid_fd, POLLIN, 0},
                               {child->out_fd, POLLIN, 0},
                               {child->err_fd, POLLIN, 0},
                               {cancel_fd(cancel), POLLIN, 0}};
        int n = poll(fds, G_N_ELEMENTS(fds), clock_timeout_ms(deadline_us));
        if (cancel_check(cancel, error))
            return FALSE;
        if (n == 0) {
            tern_error_set(error, TERN_ERROR_INPUT, _("“%s” did not end in time"), child->command_line);
            return FALSE;
        }
        drain_both(child);
        if (child->out->len > child->max_bytes) {
            tern_error_set(error, TERN_ERROR_LIMIT, _("“%s” wrote more than %" G_GSIZE_FORMAT " bytes"),
                           child->command_line, child->max_bytes);
            return FALSE;
        }
        if (fds[0].revents)
            return TRUE;
    }
}

static int reap(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* Ends the command and all of its group. */
static void kill_child(Child *child)
{
    struct pollfd ended = {child->pid_fd, POLLIN, 0};

    kill(-child->pid, SIGTERM);
    poll(&ended, 1, (int)(GRACE_US / 1000));
    kill(-child->pid, SIGKILL);
    reap(child->pid);
}

static gboolean check_status(Child *child, int status, GError **error)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return TRUE;
    g_byte_array_append(child->err, (const guint8 *)"", 1);
    char *first_line = (char *)child->err->data;
    first_line[strcspn(first_line, "\n")] = '\0';
    g_autofree char *why = sanitise(first_line, -1, SANITISE_LINE);
    if (WIFEXITED(status))
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” failed with status %d%s%s"), child->command_line,
                       WEXITSTATUS(status), *why ? ": " : "", why);
    else
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” was ended by signal %d"), child->command_line,
                       WTERMSIG(status));
    return FALSE;
}

static void init_child(Child *child, const char *command_line, gsize max_bytes)
{
    *child = (Child){
        .command_line = command_line, .out_fd = -1, .err_fd = -1, .pid_fd = -1, .max_bytes = max_bytes};
    child->out = g_byte_array_sized_new(
        (guint)MIN(max_bytes + 2, 4096)); /* so that a secret is not left behind by growing */
    child->err = g_byte_array_new();
}

static void clear_child(Child *child)
{
    close_fd(&child->out_fd);
    close_fd(&child->err_fd);
    close_fd(&child->pid_fd);
    if (child->out->len)
        explicit_bzero(child->out->data, child->out->len);
    g_byte_array_unref(child->out);
    g_byte_array_unref(child->err);
}

static gboolean is_done(Child *child, int status, gboolean may_find_nothing, GError **error)
{
    return (may_find_nothing && WIFEXITED(status) && child->err->len == 0) ||
           check_status(child, status, error);
}

static char *capture(const char *const *argv, const char *name, gboolean may_find_nothing, gsize max_bytes,
                     int64_t deadline_us, Cancel *cancel, GError **error)
{
    Child child;
    char *text = NULL;

    init_child(&child, name, max_bytes);
    if (start(&child, argv, -1, error)) {
        if (!wait_for_end(&child, deadline_us, cancel, error)) {
            kill_child(&child);
        } else {
            drain_both(&child);
            if (is_done(&child, reap(child.pid), may_find_nothing, error))
                text = g_strndup((const char *)child.out->data, child.out->len);
        }
    }
    clear_child(&child);
    return text;
}

char *spawn_capture(const char *command_line, gsize max_bytes, int64_t deadline_us, Cancel *cancel,
                    GError **error)
{
    const char *const argv[] = {"/bin/sh", "-c", command_line, NULL};

    return capture(argv, command_line, FALSE, max_bytes, deadline_us, cancel, error);
}

char *spawn_search_argv(const char *const *argv, gsize max_bytes, int64_t deadline_us, Cancel *cancel,
                        GError **error)
{
    return capture(argv, argv[0], TRUE, max_bytes, deadline_us, cancel, error);
}

/* What a command that talks does not stand still for. */
#define MOST_SAID_BYTES (1 << 20)

gboolean spawn_fed(const char *const *argv, int in_fd, int64_t deadline_us, Cancel *cancel, int *status_out,
                   GError **error)
{
    Child child;
    gboolean ok = FALSE;

    *status_out = -1;
    init_child(&child, argv[0], MOST_SAID_BYTES);
    if (start(&child, argv, in_fd, error)) {
        if (!wait_for_end(&child, deadline_us, cancel, error)) {
            kill_child(&child);
        } else {
            drain_both(&child);
            const int status = reap(child.pid);
            *status_out = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            ok = check_status(&child, status, error);
        }
    } else {
        *status_out = SPAWN_NOT_STARTED;
    }
    clear_child(&child);
    return ok;
}

static void close_pipes(int pipes[3][2])
{
    for (int i = 0; i < 3; i++)
        for (int end = 0; end < 2; end++)
            close_fd(&pipes[i][end]);
}

pid_t spawn_piped(const char *command_line, int *in_fd_out, int *out_fd_out, int *err_fd_out, GError **error)
{
    enum { IN, OUT, ERR };
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    pid_t pid = -1;

    for (int i = 0; i < 3; i++)
        if (pipe2(pipes[i], O_CLOEXEC) < 0) {
            tern_error_set_errno(error, TERN_ERROR_BUG, errno, _("no more descriptors"));
            close_pipes(pipes);
            return -1;
        }
    int failed = spawn_shell(command_line, pipes[IN][0], pipes[OUT][1], pipes[ERR][1], &pid);
    if (failed) {
        tern_error_set_errno(error, TERN_ERROR_INPUT, failed, _("cannot run “%s”"), command_line);
        close_pipes(pipes);
        return -1;
    }
    *in_fd_out = pipes[IN][1];
    *out_fd_out = pipes[OUT][0];
    *err_fd_out = pipes[ERR][0];
    pipes[IN][1] = pipes[OUT][0] = pipes[ERR][0] = -1;
    close_pipes(pipes);
    return pid;
}
