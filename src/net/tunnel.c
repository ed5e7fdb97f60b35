/*
 * tunnel.c - a command instead of a connection (`ssh host imapd`): its standard input and output are the
 * stream.
 *
 * They are pipes: Dovecot's imap (2.3.19) refuses to speak where they are a socket, which it takes for
 * inetd's.
 *
 * A helper thread reads what it says on standard error, for the trace and for the error when it ends, and
 * reaps it; it outlives the stream by the moment that a command takes to end. The process stays a zombie
 * until then, so that its number, by which its group is ended, is nobody else's.
 */
#include "net/private.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/sanitise.h"
#include "base/spawn.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is taken of standard error into the trace: a command that complains without end must not fill the
 * disk. */
#define TRACED_BYTES (64 << 10)
#define LINE_BYTES 500
/* How long a command may take to end after its stream has. */
#define END_US (1 * SECOND_US)
/* How long one that was told to end may take before it is killed. */
#define GRACE_MS 2000

struct NetTunnel {
    gint references; /* the stream's and the helper's */
    pid_t pid;
    int pid_fd, err_fd;
    char *label;
    Wake *stop;  /* the stream was closed */
    Wake *ended; /* the command has ended: what it said and how it ended is known */

    pthread_mutex_t lock; /* the rest */
    char *last_line;      /* made safe; NULL: it said nothing */
    siginfo_t how;

    char line[LINE_BYTES]; /* the helper's: what came since the last line end */
    gsize line_bytes, traced_bytes;
};

static void unref(NetTunnel *tunnel)
{
    if (!g_atomic_int_dec_and_test(&tunnel->references))
        return;
    if (tunnel->pid_fd >= 0)
        close(tunnel->pid_fd);
    close(tunnel->err_fd);
    wake_unref(tunnel->stop);
    wake_unref(tunnel->ended);
    pthread_mutex_destroy(&tunnel->lock);
    g_free(tunnel->last_line);
    g_free(tunnel->label);
    g_free(tunnel);
}

/* ---- the helper ---- */

static void end_line(NetTunnel *tunnel)
{
    if (tunnel->line_bytes == 0)
        return;
    char *line = sanitise(tunnel->line, (gssize)tunnel->line_bytes, SANITISE_LINE);
    if (tunnel->traced_bytes < TRACED_BYTES)
        log_line(tunnel->label, "tunnel: %s", line);
    tunnel->traced_bytes += tunnel->line_bytes;
    tunnel->line_bytes = 0;
    pthread_mutex_lock(&tunnel->lock);
    g_free(tunnel->last_line);
    tunnel->last_line = line;
    pthread_mutex_unlock(&tunnel->lock);
}

/* Takes what is there. FALSE at its end. */
static gboolean take_complaints(NetTunnel *tunnel)
{
    char piece[4096];
    ssize_t n;

    do {
        n = read(tunnel->err_fd, piece, sizeof piece);
    } while (n < 0 && errno == EINTR);
    for (ssize_t i = 0; i < n; i++) {
        if (piece[i] == '\n' || piece[i] == '\r')
            end_line(tunnel);
        else if (tunnel->line_bytes < sizeof tunnel->line)
            tunnel->line[tunnel->line_bytes++] = piece[i];
    }
    return n > 0 || (n < 0 && errno == EAGAIN);
}

static void note_end(NetTunnel *tunnel)
{
    siginfo_t how = {0};

    /* What it said last may still be in the pipe, which children of its own may hold open. */
    for (struct pollfd more = {tunnel->err_fd, POLLIN, 0}; poll(&more, 1, 0) > 0 && take_complaints(tunnel);)
        ;
    end_line(tunnel);
    waitid(P_PID, (id_t)tunnel->pid, &how, WEXITED | WNOWAIT);
    pthread_mutex_lock(&tunnel->lock);
    tunnel->how = how;
    pthread_mutex_unlock(&tunnel->lock);
    log_line(tunnel->label, "tunnel: ended, status %d", how.si_status);
    wake_set(tunnel->ended);
}

static void attend(NetTunnel *tunnel)
{
    gboolean has_ended = FALSE, has_complaints = TRUE;

    for (;;) {
        struct pollfd fds[] = {{wake_fd(tunnel->stop), POLLIN, 0},
                               {has_ended ? -1 : tunnel->pid_fd, POLLIN, 0},
                               {has_complaints ? tunnel->err_fd : -1, POLLIN, 0}};
        poll(fds, G_N_ELEMENTS(fds), -1);
        if (fds[0].revents)
            return;
        if (fds[2].revents)
            has_complaints = take_complaints(tunnel);
        if (fds[1].revents) {
            has_ended = TRUE;
            note_end(tunnel);
        }
    }
}

static void run(void *data)
{
    NetTunnel *tunnel = data;
    struct pollfd end = {tunnel->pid_fd, POLLIN, 0};

    attend(tunnel);
    poll(&end, 1, GRACE_MS);
    kill(-tunnel->pid, SIGKILL);
    while (waitpid(tunnel->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    unref(tunnel);
}

/* ---- the stream's side ---- */

NetTunnel *net_tunnel_start(const char *command_line, const char *label, int *read_fd_out, int *write_fd_out,
                            GError **error)
{
    int write_fd, read_fd, err_fd;
    const pid_t pid = spawn_piped(command_line, &write_fd, &read_fd, &err_fd, error);

    if (pid < 0)
        return NULL;
    NetTunnel *tunnel = g_new0(NetTunnel, 1);
    tunnel->references = 2;
    tunnel->pid = pid;
    tunnel->pid_fd = pidfd_open(pid, 0);
    tunnel->err_fd = err_fd;
    tunnel->label = g_strdup(label);
    tunnel->stop = wake_new();
    tunnel->ended = wake_new();
    pthread_mutex_init(&tunnel->lock, NULL);
    fcntl(err_fd, F_SETFL, O_NONBLOCK);
    if (tunnel->pid_fd >= 0 && thread_start_detached("tunnel", 0, run, tunnel, error)) {
        *read_fd_out = read_fd;
        *write_fd_out = write_fd;
        return tunnel;
    }
    if (error && !*error)
        tern_error_set_errno(error, TERN_ERROR_BUG, errno, _("no more descriptors"));
    close(read_fd);
    close(write_fd);
    kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    unref(tunnel);
    unref(tunnel);
    return NULL;
}

/* What a shell says of a command that it cannot run. */
static gboolean is_no_command(const siginfo_t *how)
{
    return how->si_code == CLD_EXITED && (how->si_status == 126 || how->si_status == 127);
}

gboolean net_tunnel_explain(NetTunnel *tunnel, Cancel *cancel, GError **error)
{
    struct pollfd fds[2] = {{wake_fd(tunnel->ended), POLLIN, 0}};

    if (tern_error_is(*error, TERN_ERROR_CANCELLED))
        return TRUE;
    if (net_poll(fds, 1, cancel, clock_now_us() + END_US, NULL) <= 0)
        return *error != NULL;
    pthread_mutex_lock(&tunnel->lock);
    const siginfo_t how = tunnel->how;
    g_autofree char *line = g_strdup(tunnel->last_line);
    pthread_mutex_unlock(&tunnel->lock);
    if (how.si_code == CLD_EXITED && how.si_status == 0 && !line)
        return *error != NULL;
    g_clear_error(error);
    tern_error_set(error, is_no_command(&how) ? TERN_ERROR_CONFIG : TERN_ERROR_NETWORK,
                   how.si_code == CLD_EXITED ? _("the tunnel's command ended with status %d%s%s")
                                             : _("the tunnel's command was ended by signal %d%s%s"),
                   how.si_status, line ? ": " : "", line ? line : "");
    return TRUE;
}

void net_tunnel_close(NetTunnel *tunnel)
{
    if (!tunnel)
        return;
    kill(-tunnel->pid, SIGTERM);
    wake_set(tunnel->stop);
    unref(tunnel);
}
