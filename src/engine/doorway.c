/* doorway.c - see doorway.h. */
#include "engine/doorway.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "store/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

/* A socket's path has room for 107 bytes only, a profile's may be longer: the folder is then reached by its
 * descriptor. */
typedef struct {
    struct sockaddr_un address;
    int folder_fd; /* -1: not needed; else to be kept open until the call is done */
} Address;

static Address address_of(const char *path)
{
    Address to = {.address = {.sun_family = AF_UNIX}, .folder_fd = -1};

    if (strlen(path) < sizeof to.address.sun_path) {
        g_strlcpy(to.address.sun_path, path, sizeof to.address.sun_path);
        return to;
    }
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    to.folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    snprintf(to.address.sun_path, sizeof to.address.sun_path, "/proc/self/fd/%d/%s", to.folder_fd, name);
    return to;
}

static void forget_address(const Address *address)
{
    if (address->folder_fd >= 0)
        close(address->folder_fd);
}

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int doorway_open(const Paths *paths, GError **error)
{
    g_autofree char *path = store_engine_socket_path(paths);
    g_autofree char *folder = g_path_get_dirname(path);

    if (!file_make_folder(folder, error))
        return -1;
    unlink(path); /* the lock says that nobody listens on it any more */
    const Address to = address_of(path);
    int fd = new_socket();
    if (fd < 0 || bind(fd, (const struct sockaddr *)&to.address, sizeof to.address) < 0 ||
        chmod(path, 0600) < 0 || listen(fd, BACKLOG) < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot listen on %s"), path);
        doorway_close(fd);
        fd = -1;
    }
    forget_address(&to);
    return fd;
}

void doorway_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

int doorway_accept(int fd, gboolean *is_full_out)
{
    struct ucred who;
    socklen_t size = sizeof who;
    const int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    *is_full_out = peer < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
    if (peer >= 0 && (getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 || who.uid != geteuid())) {
        close(peer);
        return -1;
    }
    return peer;
}

int doorway_connect(const Paths *paths)
{
    g_autofree char *path = store_engine_socket_path(paths);
    const Address to = address_of(path);
    int fd = new_socket();

    /* A Unix socket connects at once or not at all. */
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to.address, sizeof to.address) < 0) {
        close(fd);
        fd = -1;
    }
    forget_address(&to);
    return fd;
}

/* The state of a process as the kernel names it (proc(5)): 'T' and 't' are stopped ones. */
static char process_state(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%ld/stat", (long)pid);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    const char *after_name = strrchr(text, ')'); /* which may hold anything */
    return after_name && after_name[1] ? after_name[2] : 0;
}

pid_t doorway_stopped_holder(int fd)
{
    struct ucred who;
    socklen_t size = sizeof who;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 || who.pid <= 0)
        return 0;
    return g_ascii_toupper(process_state(who.pid)) == 'T' ? who.pid : 0;
}
