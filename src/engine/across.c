/* across.c - see across.h. */
#include "engine/across.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/disk.h"
#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* For whoever reads or writes the mbox just now. Not for ever: two accounts may wait for each other. */
#define LOCK_WAIT_US (2 * SECOND_US)
#define LATER_S 5
#define LATER_MOST_S 3600

int64_t across_later_s(int tries)
{
    return clock_wall_s() + MIN((int64_t)LATER_S << MIN(tries, 16), LATER_MOST_S);
}

void across_message_clear(AcrossMessage *message)
{
    if (message->fd >= 0)
        close(message->fd);
    message->fd = -1;
    g_clear_pointer(&message->keywords, g_strfreev);
}

/* Out of an mbox, whose messages are in no file of their own, to one that has no name. */
static int open_between(const AcrossWith *with, const ConfigAccount *account, const StoreMessage *message,
                        GError **error)
{
    Disk disk = {.account = account, .paths = with->paths, .store = with->store, .reader = with->reader};
    FILE *between = tmpfile();
    GError *failed = NULL;
    int64_t bytes;
    int fd = -1;

    if (!between) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno,
                             _("a file for the copy of a message cannot be made"));
        return -1;
    }
    if (disk_begin(&disk, LOCK_WAIT_US, &failed)) {
        if (disk_fetch(&disk, message, fileno(between), &bytes, &failed) &&
            lseek(fileno(between), 0, SEEK_SET) == 0)
            fd = fcntl(fileno(between), F_DUPFD_CLOEXEC, 0);
        disk_end(&disk);
    } else if (!failed) {
        tern_error_set(&failed, TERN_ERROR_NETWORK, _("the folders of the account “%s” are in use"),
                       account->id);
    }
    fclose(between);
    if (failed)
        g_propagate_error(error, failed);
    return fd;
}

/* Its bytes; -1 without an error: they are not here. */
static int open_bytes(const AcrossWith *with, const StoreMessage *message, GError **error)
{
    const ConfigAccount *account =
        message->server_account ? config_account(with->config, message->server_account) : NULL;
    g_autofree char *path = engine_message_path(with->config, with->paths, message);
    g_autoptr(GError) failed = NULL;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (path && fd < 0 && errno != ENOENT)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message cannot be read"));
    if (path || !message->file_name || !account)
        return fd;
    fd = open_between(with, account, message, &failed);
    if (fd < 0 && failed && !tern_error_is(failed, TERN_ERROR_REFUSED))
        g_propagate_error(error, g_steal_pointer(&failed));
    return fd;
}

int across_open(const AcrossWith *with, const StoreEntry *entry, AcrossMessage *out, GError **error)
{
    GError *failed = NULL;

    *out = (AcrossMessage){.fd = -1};
    g_autoptr(StoreMessage) from = store_read_message(with->reader, entry->message, &failed);
    g_autoptr(StoreMessage) copy =
        from && entry->copy ? store_read_message(with->reader, entry->copy, &failed) : NULL;
    const StoreMessage *to = entry->copy ? copy : from;
    if (from && to)
        out->fd = open_bytes(with, from, &failed);
    if (failed) {
        g_propagate_error(error, failed);
        return -1;
    }
    if (out->fd < 0)
        return 0;
    out->flags = to->flags;
    out->keywords = g_strdupv(to->keywords);
    out->arrival_s = to->arrival_s;
    return 1;
}
