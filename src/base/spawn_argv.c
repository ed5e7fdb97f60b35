/* spawn_argv.c - see spawn.h: a program by its words, without a shell, that says nothing to tern. */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/spawn.h"
#include "base/spawn_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a program that was told to end may take before it is killed. */
#define GRACE_MS 2000

static int start(const char *const *argv, const char *const *environment, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    spawn_reset_signals(&attributes, POSIX_SPAWN_SETSID);
    const int failed =
        posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, (char *const *)environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static int reap(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* FALSE and an error: it was not waited for, and is no more. */
static gboolean wait_for_end(pid_t pid, const char *name, int64_t deadline_us, Cancel *cancel, GError **error)
{
    const int pid_fd = pidfd_open(pid, 0);
    struct pollfd fds[] = {{pid_fd, POLLIN, 0}, {cancel_fd(cancel), POLLIN, 0}};

    while (poll(fds, G_N_ELEMENTS(fds), clock_timeout_ms(deadline_us)) < 0 && errno == EINTR)
        ;
    const gboolean has_ended = fds[0].revents != 0;
    if (!has_ended) {
        if (!cancel_check(cancel, error))
            tern_error_set(error, TERN_ERROR_INPUT, _("“%s” did not end in time"), name);
        kill(-pid, SIGTERM);
        poll(fds, 1, GRACE_MS);
        kill(-pid, SIGKILL);
        reap(pid);
    }
    if (pid_fd >= 0)
        close(pid_fd);
    return has_ended;
}

gboolean spawn_argv(const char *const *argv, const char *const *environment, int64_t deadline_us,
                    Cancel *cancel, GError **error)
{
    pid_t pid;
    const int failed = start(argv, environment, &pid);

    if (failed) {
        tern_error_set_errno(error, TERN_ERROR_INPUT, failed, _("cannot run “%s”"), argv[0]);
        return FALSE;
    }
    if (!wait_for_end(pid, argv[0], deadline_us, cancel, error))
        return FALSE;
    const int status = reap(pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return TRUE;
    if (WIFEXITED(status))
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” failed with status %d"), argv[0],
                       WEXITSTATUS(status));
    else
        tern_error_set(error, TERN_ERROR_INPUT, _("“%s” was ended by signal %d"), argv[0], WTERMSIG(status));
    return FALSE;
}
