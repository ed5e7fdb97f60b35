/* deliver.c - see maildir.h: a new message, whole and durable before it has a name in new/ or cur/. */
#include "maildir/private.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct MaildirDelivery {
    MaildirFolder *folder;
    char *base, *temporary; /* its path in tmp/ */
    int fd;
    gboolean is_synced;
};

static void free_delivery(MaildirDelivery *delivery)
{
    if (delivery->fd >= 0)
        close(delivery->fd);
    g_free(delivery->base);
    g_free(delivery->temporary);
    g_free(delivery);
}

MaildirDelivery *maildir_deliver(MaildirFolder *folder, const char *base, GError **error)
{
    MaildirDelivery *delivery = g_new0(MaildirDelivery, 1);

    delivery->folder = folder;
    delivery->base = base ? g_strdup(base) : maildir_new_base();
    delivery->temporary = g_build_filename(folder->path, "tmp", delivery->base, NULL);
    /* One of that name was left by a run that was cut off: a given base is one message's. */
    delivery->fd = open(delivery->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (delivery->fd >= 0)
        return delivery;
    maildir_fail(folder, _("cannot make a file for a new message in"), error);
    free_delivery(delivery);
    return NULL;
}

int maildir_delivery_fd(const MaildirDelivery *delivery)
{
    return delivery->fd;
}

void maildir_delivery_discard(MaildirDelivery *delivery)
{
    if (!delivery)
        return;
    unlink(delivery->temporary);
    free_delivery(delivery);
}

static gboolean add_keywords(const MaildirDelivery *delivery, const char *const *words, uint32_t *letters,
                             GError **error)
{
    if (!words || !*words)
        return TRUE;
    Keywords *keywords = maildir_open_keywords(delivery->folder, error);
    for (; keywords && *words; words++)
        keywords_set(keywords, delivery->base, *words, TRUE, letters);
    return keywords && keywords_write(keywords, error);
}

static gboolean sync_file(MaildirDelivery *delivery, int64_t arrival_s, GError **error)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = (time_t)arrival_s}};

    if (arrival_s) {
        if (delivery->fd < 0)
            delivery->fd = open(delivery->temporary, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
        futimens(delivery->fd, times);
        delivery->is_synced = FALSE;
    }
    return delivery->is_synced || maildir_delivery_sync(delivery, error);
}

gboolean maildir_delivery_sync(MaildirDelivery *delivery, GError **error)
{
    delivery->is_synced = fsync(delivery->fd) == 0;
    if (delivery->is_synced) {
        close(delivery->fd);
        delivery->fd = -1;
    }
    return delivery->is_synced || maildir_fail(delivery->folder, _("cannot write a new message in"), error);
}

static gboolean place_file(const MaildirDelivery *delivery, uint32_t flags, uint32_t letters, GError **error)
{
    MaildirFolder *folder = delivery->folder;
    const Place place = flags || letters ? PLACE_CUR : PLACE_NEW;
    g_autofree char *name =
        maildir_name_make(delivery->base, flags, letters, place == PLACE_CUR ? ":2," : NULL);

    if (renameat(AT_FDCWD, delivery->temporary, folder->fds[place], name) < 0)
        return maildir_fail(folder, _("cannot deliver a new message into"), error);
    folder->is_dirty[place] = TRUE;
    if (folder->index)
        maildir_remember(folder, place, name);
    return TRUE;
}

gboolean maildir_delivery_commit(MaildirDelivery *delivery, uint32_t flags, const char *const *keywords,
                                 int64_t arrival_s, char **base_out, GError **error)
{
    uint32_t letters = 0;

    if (!sync_file(delivery, arrival_s, error) || !add_keywords(delivery, keywords, &letters, error) ||
        !place_file(delivery, flags, letters, error)) {
        maildir_delivery_discard(delivery);
        return FALSE;
    }
    if (base_out)
        *base_out = g_strdup(delivery->base);
    free_delivery(delivery);
    return TRUE;
}

gboolean maildir_deliver_file(MaildirFolder *folder, const char *base, int fd, uint32_t flags,
                              const char *const *keywords, int64_t arrival_s, GError **error)
{
    MaildirDelivery *delivery = maildir_deliver(folder, base, error);

    if (!delivery)
        return FALSE;
    if (!file_copy_rest(fd, delivery->fd, _("a message cannot be read"), error)) {
        maildir_delivery_discard(delivery);
        return FALSE;
    }
    return maildir_delivery_commit(delivery, flags, keywords, arrival_s, NULL, error);
}
