/* locks.c - the profile's lock and the engine's: flock(2) on files in data/. See locks.h and profile_lock.h.
 * */
#include "store/locks.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "store/profile_lock.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define SHARED_WAIT_US (10 * SECOND_US)    /* a migration of a large store takes seconds */
#define EXCLUSIVE_WAIT_US (SECOND_US / 10) /* and then its caller looks whether it is still needed */

struct StoreEngineLock {
    int fd;
};

/* Those who hold a flock on the file, as "tern (1234)", from /proc/locks, whose lines are "1: FLOCK ADVISORY
 * WRITE 1234 08:01:131090 0 EOF" with the device in hexadecimal. "" where that cannot be told. */
static char *lock_holders(const char *path)
{
    g_autoptr(GString) names = g_string_new(NULL);
    g_autofree char *locks = NULL;
    struct stat status;

    if (stat(path, &status) != 0 || !g_file_get_contents("/proc/locks", &locks, NULL, NULL))
        return g_strdup("");
    g_auto(GStrv) lines = g_strsplit(locks, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        int pid;
        unsigned int major_number, minor_number;
        unsigned long inode;
        if (sscanf(lines[i], "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &major_number, &minor_number, &inode) !=
                4 ||
            pid <= 0 || inode != status.st_ino || makedev(major_number, minor_number) != status.st_dev)
            continue;
        g_autofree char *comm_path = g_strdup_printf("/proc/%d/comm", pid);
        g_autofree char *comm = NULL;
        if (g_file_get_contents(comm_path, &comm, NULL, NULL))
            g_strchomp(comm);
        g_string_append_printf(names, "%s%s (%d)", names->len ? ", " : "", comm ? comm : "?", pid);
    }
    return g_string_free(g_steal_pointer(&names), FALSE);
}

/* Asks again every 10 ms, since flock(2) itself can only wait for ever. */
static int lock_within(const char *path, gboolean exclusive, int64_t wait_us, GError **error)
{
    int64_t deadline_us = clock_now_us() + wait_us;

    for (;;) {
        GError *failure = NULL;
        int fd = file_lock(path, exclusive, FALSE, &failure);
        if (fd >= 0)
            return fd;
        if (failure) {
            g_propagate_error(error, failure);
            return -1;
        }
        if (clock_now_us() >= deadline_us)
            return -1;
        usleep(10000);
    }
}

int profile_lock_shared(const char *path, GError **error)
{
    GError *failure = NULL;
    int fd = lock_within(path, FALSE, SHARED_WAIT_US, &failure);

    if (failure) {
        g_propagate_error(error, failure);
    } else if (fd < 0) {
        g_autofree char *holders = lock_holders(path);
        tern_error_set(error, TERN_ERROR_STORE,
                       _("another program is bringing the mail store up to date, or repairs it: %s; wait "
                         "until it is done"),
                       holders);
    }
    return fd;
}

int profile_lock_exclusive(const char *path, GError **error)
{
    GError *failure = NULL;
    int fd = lock_within(path, TRUE, EXCLUSIVE_WAIT_US, &failure);

    if (failure) {
        g_propagate_error(error, failure);
    } else if (fd < 0) {
        g_autofree char *holders = lock_holders(path);
        tern_error_set(error, TERN_ERROR_STORE,
                       _("the mail store has to be brought up to date, or to be repaired, but is in use by "
                         "%s; close that first"),
                       holders);
    }
    return fd;
}

StoreEngineLock *store_engine_lock_try(const Paths *paths, GError **error)
{
    g_autofree char *path = g_build_filename(paths->data, "engine.lock", NULL);

    if (!file_make_folder(paths->data, error))
        return NULL;
    int fd = file_lock(path, TRUE, FALSE, error);
    if (fd < 0)
        return NULL;
    StoreEngineLock *lock = g_new(StoreEngineLock, 1);
    lock->fd = fd;
    return lock;
}

void store_engine_lock_free(StoreEngineLock *lock)
{
    if (!lock)
        return;
    close(lock->fd);
    g_free(lock);
}

char *store_engine_socket_path(const Paths *paths)
{
    return g_build_filename(paths->run, "engine-" STORE_ENGINE_PROTOCOL ".sock", NULL);
}
