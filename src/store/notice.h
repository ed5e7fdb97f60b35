/*
 * notice.h - who is told that something was committed: listeners in this process, and other processes.
 *
 * Between processes by a byte written into the file data/notice after COMMIT returned, which inotify reports
 * (an event on the log itself would come before the commit can be seen). The writer thread polls it;
 * notice_take() keeps that at one look each 50 ms.
 */
#ifndef TERN_STORE_NOTICE_H
#define TERN_STORE_NOTICE_H

#include "base/wake.h"

#include <glib.h>
#include <stdint.h>

typedef struct Notice Notice;

/* `folder`: data/. Where inotify cannot be had (its limits), other processes' commits are looked for each 500
 * ms. Of a store that is only read nobody is told anything, and the file need not be there. */
Notice *notice_new(const char *folder, gboolean is_read_only, GError **error);
void notice_free(Notice *notice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Notice, notice_free)

/* Any thread. */
void notice_add_listener(Notice *notice, Wake *wake);
void notice_remove_listener(Notice *notice, Wake *wake);
void notice_tell_listeners(Notice *notice);

/* Tells the other processes. Writer thread, as all below. */
void notice_tell_others(Notice *notice);

/* What to poll: a descriptor (or -1), and until when at most (clock.h). */
int notice_poll_fd(Notice *notice, int64_t *deadline_us_out);
/* After polling: whether it is time to look if another process has committed. */
gboolean notice_take(Notice *notice);

#endif
