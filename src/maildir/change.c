/* change.c - see maildir.h: what is done to a message of an open folder. */
#include "maildir/private.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How often a message is looked for that another program renames all the time. */
#define TRIES 20

/* rename(2) that takes no other file's place. */
static int rename_to(int from, const char *name, int to, const char *new_name)
{
    if (renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* A file system that cannot. */
    if (faccessat(to, new_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(from, name, to, new_name);
}

int maildir_rename_file(MaildirFolder *folder, MaildirFile *file, Place place, const char *name,
                        GError **error)
{
    const Place from = maildir_place(file);

    if (from == place && strcmp(file->name, name) == 0)
        return 1;
    if (rename_to(folder->fds[from], file->name, folder->fds[place], name) < 0) {
        if (errno == ENOENT)
            return 0;
        maildir_fail(folder, _("cannot rename a message in"), error);
        return -1;
    }
    folder->is_dirty[from] = folder->is_dirty[place] = TRUE;
    *file = *maildir_remember(folder, place, name);
    return 1;
}

/* ---- flags and keywords ---- */

static gboolean set_keywords(MaildirFolder *folder, const MaildirFile *file, const char *const *add,
                             const char *const *remove, uint32_t *letters, GError **error)
{
    if (!add && !remove)
        return TRUE;
    Keywords *keywords = maildir_open_keywords(folder, error);
    for (; keywords && add && *add; add++)
        keywords_set(keywords, file->base, *add, TRUE, letters);
    for (; keywords && remove && *remove; remove++)
        keywords_set(keywords, file->base, *remove, FALSE, letters);
    return keywords != NULL;
}

int maildir_change(MaildirFolder *folder, const char *base, uint32_t like_flags, uint32_t set, uint32_t clear,
                   const char *const *add, const char *const *remove, GError **error)
{
    for (int tries = 0; tries < TRIES; tries++) {
        MaildirFile file;
        int done = maildir_find(folder, base, like_flags, &file, error);
        if (done <= 0)
            return done;
        uint32_t letters = file.letters;
        const uint32_t flags = (file.flags | set) & ~clear;
        if (!set_keywords(folder, &file, add, remove, &letters, error))
            return -1;
        if (flags == file.flags && letters == file.letters)
            return 1;
        g_autofree char *name = maildir_name_make(base, flags, letters, file.is_new ? ":2," : file.name);
        done = maildir_rename_file(folder, &file, PLACE_CUR, name, error);
        if (done)
            return done;
        maildir_forget_index(folder);
    }
    return 0;
}

/* ---- from folder to folder ---- */

/* The keywords go first: they must not be lost when the message has moved and the machine stops. */
static gboolean bring_keywords(MaildirFolder *from, const MaildirFile *file, MaildirFolder *to,
                               const char *base, uint32_t *letters_out, GError **error)
{
    g_auto(GStrv) words = maildir_keywords(from, file);

    *letters_out = 0;
    if (!words)
        return TRUE;
    Keywords *keywords = maildir_open_keywords(to, error);
    for (char **word = words; keywords && *word; word++)
        keywords_set(keywords, base, *word, TRUE, letters_out);
    return keywords && keywords_write(keywords, error);
}

static void forget_here(MaildirFolder *folder, const char *base)
{
    Keywords *keywords = maildir_open_keywords(folder, NULL);

    if (keywords)
        keywords_forget(keywords, base);
}

gboolean maildir_follow(MaildirFolder *folder, const char *base, MaildirFolder *to, GError **error)
{
    const Keywords *keywords = maildir_open_keywords(folder, error);
    g_auto(GStrv) words = keywords ? keywords_of(keywords, base, 0) : NULL;

    if (!words)
        return keywords != NULL;
    /* There before they go from here. */
    const int is_there = maildir_change(to, base, 0, 0, 0, (const char *const *)words, NULL, error);
    if (is_there <= 0) /* it has moved on: they stay, for whoever finds it */
        return is_there == 0;
    if (!maildir_flush(to, error))
        return FALSE;
    forget_here(folder, base);
    return maildir_flush(folder, error);
}

/* A base that the other folder has not got. NULL and an error. */
static char *free_base(MaildirFolder *to, const char *base, GError **error)
{
    MaildirFile other;
    const int taken = maildir_find(to, base, 0, &other, error);

    return taken < 0 ? NULL : taken ? maildir_new_base() : g_strdup(base);
}

static int move_file(MaildirFolder *folder, const MaildirFile *file, MaildirFolder *to, char **base_out,
                     GError **error)
{
    g_autofree char *base = free_base(to, file->base, error);
    const Place from = maildir_place(file);
    uint32_t letters;

    if (!base || !bring_keywords(folder, file, to, base, &letters, error))
        return -1;
    const gboolean is_new = file->is_new && !letters;
    g_autofree char *name =
        is_new ? g_strdup(base)
               : maildir_name_make(base, file->flags, letters, file->is_new ? ":2," : file->name);
    const Place place = is_new ? PLACE_NEW : PLACE_CUR;
    if (rename_to(folder->fds[from], file->name, to->fds[place], name) < 0) {
        if (errno == ENOENT)
            return 0;
        maildir_fail(to, _("cannot move a message into"), error);
        return -1;
    }
    folder->is_dirty[from] = to->is_dirty[place] = TRUE;
    maildir_remember(to, place, name);
    forget_here(folder, file->base);
    if (folder->index)
        g_hash_table_remove(folder->index, base);
    g_clear_pointer(&folder->files, g_ptr_array_unref);
    *base_out = g_steal_pointer(&base);
    return 1;
}

/* It is not here: whether a run that was cut off has moved it before. */
static int was_moved(MaildirFolder *to, const char *base, uint32_t like_flags, char **base_out,
                     GError **error)
{
    MaildirFile there;
    const int found = maildir_find(to, base, like_flags, &there, error);

    if (found == 1)
        *base_out = g_strdup(base);
    return found;
}

int maildir_move(MaildirFolder *folder, const char *base, uint32_t like_flags, MaildirFolder *to,
                 char **base_out, GError **error)
{
    g_autofree char *kept = g_strdup(base); /* it may be the folder's own, which moving forgets */

    *base_out = NULL;
    for (int tries = 0; tries < TRIES; tries++) {
        MaildirFile file;
        int done = maildir_find(folder, kept, like_flags, &file, error);
        if (done == 0)
            return was_moved(to, kept, like_flags, base_out, error);
        if (done < 0 || (done = move_file(folder, &file, to, base_out, error)))
            return done;
        maildir_forget_index(folder);
    }
    return 0;
}

/* The copy is discarded on failure. */
static gboolean pour(MaildirFolder *folder, int fd, MaildirDelivery *copy, GError **error)
{
    char buffer[32768];
    ssize_t n;

    while ((n = read(fd, buffer, sizeof buffer)) != 0) {
        if (n > 0 && file_write_all(maildir_delivery_fd(copy), buffer, (gsize)n, error))
            continue;
        if (n < 0)
            maildir_fail(folder, _("cannot read a message in"), error);
        maildir_delivery_discard(copy);
        return FALSE;
    }
    return TRUE;
}

/* Where links cannot be had (across file systems, some network ones), the bytes. 1; it is gone: 0; -1. */
static int copy_bytes(MaildirFolder *folder, const MaildirFile *file, MaildirFolder *to, const char *base,
                      GError **error)
{
    g_auto(GStrv) words = maildir_keywords(folder, file); /* their letters there are other ones */
    GError *failed = NULL;
    int64_t size, mtime_s;
    const int fd = maildir_read(folder, file, &size, &mtime_s, &failed);

    if (fd < 0) {
        if (failed)
            g_propagate_error(error, failed);
        return failed ? -1 : 0;
    }
    MaildirDelivery *copy = maildir_deliver(to, base, error);
    const gboolean ok = copy && pour(folder, fd, copy, error);
    close(fd);
    return ok && maildir_delivery_commit(copy, file->flags, (const char *const *)words, mtime_s, NULL, error)
               ? 1
               : -1;
}

static int copy_file(MaildirFolder *folder, const MaildirFile *file, MaildirFolder *to, const char *base,
                     GError **error)
{
    uint32_t letters;

    if (!bring_keywords(folder, file, to, base, &letters, error))
        return -1;
    g_autofree char *name = maildir_name_make(base, file->flags, letters, ":2,");
    if (linkat(folder->fds[maildir_place(file)], file->name, to->fds[PLACE_CUR], name, 0) == 0) {
        to->is_dirty[PLACE_CUR] = TRUE;
        maildir_remember(to, PLACE_CUR, name);
        return 1;
    }
    if (errno == ENOENT)
        return 0;
    return copy_bytes(folder, file, to, base, error);
}

int maildir_copy(MaildirFolder *folder, const char *base, uint32_t like_flags, MaildirFolder *to,
                 const char *new_base, GError **error)
{
    for (int tries = 0; tries < TRIES; tries++) {
        MaildirFile file;
        int done = maildir_find(to, new_base, like_flags, &file, error);
        if (done)
            return done;
        done = maildir_find(folder, base, like_flags, &file, error);
        if (done <= 0 || (done = copy_file(folder, &file, to, new_base, error)))
            return done;
        maildir_forget_index(folder);
    }
    return 0;
}

int maildir_remove(MaildirFolder *folder, const char *base, uint32_t like_flags, GError **error)
{
    for (int tries = 0; tries < TRIES; tries++) {
        MaildirFile file;
        const int found = maildir_find(folder, base, like_flags, &file, error);
        if (found <= 0)
            return found;
        if (unlinkat(folder->fds[maildir_place(&file)], file.name, 0) == 0) {
            folder->is_dirty[maildir_place(&file)] = TRUE;
            forget_here(folder, base);
            g_clear_pointer(&folder->files, g_ptr_array_unref);
            if (folder->index)
                g_hash_table_remove(folder->index, base);
            return 1;
        }
        if (errno != ENOENT) {
            maildir_fail(folder, _("cannot delete a message in"), error);
            return -1;
        }
        maildir_forget_index(folder);
    }
    return 0;
}

/* ---- durable ---- */

gboolean maildir_flush(MaildirFolder *folder, GError **error)
{
    if (folder->keywords && !keywords_write(folder->keywords, error))
        return FALSE;
    for (Place place = 0; place < PLACES; place++) {
        /* EINVAL: a file system that has no such thing (some FUSE ones) promises nothing anyway. */
        if (folder->is_dirty[place] && fsync(folder->fds[place]) < 0 && errno != EINVAL)
            return maildir_fail(folder, _("cannot sync the mail folder"), error);
        folder->is_dirty[place] = FALSE;
    }
    return TRUE;
}
