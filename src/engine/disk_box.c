/* disk_box.c - see disk_box.h. */
#include "engine/disk_box.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/stubs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

DiskBox *disk_box_open(const Disk *disk, const char *raw_name, GError **error)
{
    g_autofree char *root = disk_root(disk->account, disk->paths);
    const gboolean is_mbox = disk_is_mbox(disk->account, raw_name);
    const gboolean may_have_stubs =
        disk->account->incoming.protocol == CONFIG_POP3 && g_str_equal(raw_name, MAILDIR_INBOX);
    g_autofree char *stubs = stubs_root(disk->account->id, disk->paths);
    void *with_stubs = NULL;

    if (may_have_stubs && !disk_stubs_open(root, stubs, &with_stubs, error))
        return NULL;
    if (with_stubs)
        return disk_box_at(with_stubs, &DISK_STUBS);
    void *of = is_mbox ? disk_mbox_open(disk, error) : disk_maildir_open(root, raw_name, error);

    return disk_box_at(of, is_mbox ? &DISK_MBOX : &DISK_MAILDIR);
}

DiskBox *disk_box_at(void *of, const DiskOps *ops)
{
    if (!of)
        return NULL;
    DiskBox *box = g_new0(DiskBox, 1);
    box->ops = ops;
    box->of = of;
    box->files = g_array_new(FALSE, FALSE, sizeof(DiskFile));
    return box;
}

void disk_box_free(DiskBox *box)
{
    if (!box)
        return;
    box->ops->close(box->of);
    g_array_unref(box->files);
    g_free(box);
}

void disk_aside_clear(DiskAside *aside)
{
    g_clear_pointer(&aside->keywords, g_strfreev);
}

const GArray *disk_box_list(DiskBox *box, GError **error)
{
    g_array_set_size(box->files, 0);
    return box->ops->list(box->of, box->files, error) ? box->files : NULL;
}

/* Its folder of a Maildir; NULL: it is in none. */
static void *maildir_of(const DiskBox *box)
{
    return box->ops == &DISK_STUBS ? disk_stubs_mail(box->of) : box->ops == &DISK_MAILDIR ? box->of : NULL;
}

static gboolean may_leave(const DiskBox *box, const char *name, GError **error)
{
    return box->ops != &DISK_STUBS || disk_stubs_may_leave(box->of, name, error);
}

/* Between folders of different kinds, through a file that has no name. */
static int pass_on(DiskBox *from, const char *name, uint32_t like_flags, DiskBox *to, const char *mark,
                   char **name_out, GError **error)
{
    FILE *between = tmpfile();
    g_auto(DiskAside) aside = {0};

    if (!between) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno,
                             _("a file for the copy of a message cannot be made"));
        return -1;
    }
    int done = from->ops->write_out(from->of, name, like_flags, fileno(between), &aside, error);
    if (done == 1) {
        const gboolean ok = lseek(fileno(between), 0, SEEK_SET) == 0 &&
                            to->ops->take_in(to->of, fileno(between), mark, aside.flags, aside.keywords,
                                             aside.arrival_s, name_out, error);
        done = ok ? 1 : -1;
    }
    fclose(between);
    return done;
}

int disk_box_copy(DiskBox *from, const char *name, uint32_t like_flags, DiskBox *to, const char *mark,
                  char **name_out, GError **error)
{
    void *of = maildir_of(from), *into = maildir_of(to);

    *name_out = NULL;
    if (!may_leave(from, name, error))
        return -1;
    if (of && into)
        return disk_maildir_copy(of, name, like_flags, into, mark, name_out, error);
    return pass_on(from, name, like_flags, to, mark, name_out, error);
}

int disk_box_move(DiskBox *from, const char *name, uint32_t like_flags, DiskBox *to, const char *mark,
                  char **name_out, GError **error)
{
    void *of = maildir_of(from), *into = maildir_of(to);

    *name_out = NULL;
    if (!may_leave(from, name, error))
        return -1;
    if (of && into)
        return disk_maildir_move(of, name, like_flags, into, name_out, error);
    /* It is there, and safe, before it goes here. */
    int done = pass_on(from, name, like_flags, to, mark, name_out, error);
    if (done == 0) /* a run that was cut off may have moved it before */
        return to->ops->took(to->of, mark, name_out, error);
    if (done == 1 && !to->ops->flush(to->of, error))
        done = -1;
    return done == 1 && from->ops->remove(from->of, name, like_flags, error) < 0 ? -1 : done;
}
