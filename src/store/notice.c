/* notice.c - see notice.h. */
#include "store/notice.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#define LOOK_EVERY_US (50 * 1000)
#define LOOK_WITHOUT_INOTIFY_US (500 * 1000)

struct Notice {
    int file, inotify;
    int64_t looked_us; /* when notice_take() last said yes */
    WakeList *listeners;
};

Notice *notice_new(const char *folder, gboolean is_read_only, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "notice", NULL);
    int file = is_read_only ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (file < 0 && !is_read_only) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot open %s"), path);
        return NULL;
    }
    Notice *notice = g_new0(Notice, 1);
    notice->file = file;
    notice->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (notice->inotify >= 0 && inotify_add_watch(notice->inotify, path, IN_MODIFY) < 0) {
        close(notice->inotify);
        notice->inotify = -1;
    }
    notice->listeners = wake_list_new();
    return notice;
}

void notice_free(Notice *notice)
{
    if (!notice)
        return;
    wake_list_free(notice->listeners);
    if (notice->inotify >= 0)
        close(notice->inotify);
    if (notice->file >= 0)
        close(notice->file);
    g_free(notice);
}

void notice_add_listener(Notice *notice, Wake *wake)
{
    wake_list_add(notice->listeners, wake);
}

void notice_remove_listener(Notice *notice, Wake *wake)
{
    wake_list_remove(notice->listeners, wake);
}

void notice_tell_listeners(Notice *notice)
{
    wake_list_set(notice->listeners);
}

void notice_tell_others(Notice *notice)
{
    /* Always the same byte: it is the writing that counts. A full disk stops nobody here, the block is there.
     * */
    if (pwrite(notice->file, "!", 1, 0) < 0)
        return;
}

int notice_poll_fd(Notice *notice, int64_t *deadline_us_out)
{
    int64_t next_us = notice->looked_us + (notice->inotify < 0 ? LOOK_WITHOUT_INOTIFY_US : LOOK_EVERY_US);
    gboolean is_resting = notice->inotify < 0 || clock_now_us() < next_us;

    *deadline_us_out = is_resting ? next_us : DEADLINE_NONE;
    return is_resting ? -1 : notice->inotify;
}

gboolean notice_take(Notice *notice)
{
    char events[4096];
    gboolean is_due = FALSE;
    int64_t now_us = clock_now_us();

    if (notice->inotify < 0)
        is_due = now_us >= notice->looked_us + LOOK_WITHOUT_INOTIFY_US;
    else if (now_us >= notice->looked_us + LOOK_EVERY_US) {
        while (read(notice->inotify, events, sizeof events) > 0)
            is_due = TRUE;
    }
    if (is_due)
        notice->looked_us = now_us;
    return is_due;
}
