/* mbox.c - see mbox.h: what is in it. */
#include "maildir/mbox_private.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "maildir/mbox_known.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SETTLED_S 2
#define PIECE_BYTES (64 << 10)

gboolean mbox_fail(const Mbox *mbox, const char *sentence, GError **error)
{
    const int saved = errno;
    g_autofree char *shown = g_filename_display_name(mbox->path);

    tern_error_set_errno(error, TERN_ERROR_STORE, saved, "%s %s", sentence, shown);
    return FALSE;
}

static void free_edit(void *data)
{
    MboxEdit *edit = data;

    g_ptr_array_unref(edit->add);
    g_ptr_array_unref(edit->remove);
    g_free(edit);
}

Mbox *mbox_open(const char *path, const char *journal, GError **error)
{
    return mbox_open_with(path, journal, NULL, error);
}

Mbox *mbox_open_with(const char *path, const char *journal, const MboxOptions *options, GError **error)
{
    g_autoptr(Mbox) mbox = g_new0(Mbox, 1);

    mbox->path = g_strdup(path);
    mbox->journal = g_strdup(journal);
    mbox->fd = -1;
    mbox->options = options ? *options : (MboxOptions){NULL};
    mbox->known = g_strdup(mbox->options.known);
    mbox->edits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_edit);
    if (!mbox_lock(mbox, FALSE, error))
        return NULL;
    const gboolean ok = (!journal || mbox_recover(mbox, FALSE, error)) && mbox_refresh(mbox, error);
    mbox_unlock(mbox);
    return ok ? g_steal_pointer(&mbox) : NULL;
}

static void forget_index(Mbox *mbox)
{
    g_clear_pointer(&mbox->by_name, g_hash_table_unref);
    g_clear_pointer(&mbox->visible, g_ptr_array_unref);
    g_clear_pointer(&mbox->index, mbox_index_free);
}

void mbox_close(Mbox *mbox)
{
    if (!mbox)
        return;
    forget_index(mbox);
    g_hash_table_unref(mbox->edits);
    if (mbox->added)
        fclose(mbox->added);
    if (mbox->fd >= 0)
        close(mbox->fd);
    g_free(mbox->path);
    g_free(mbox->journal);
    g_free(mbox->known);
    g_free(mbox);
}

/* ---- reading ---- */

static gboolean is_same(const struct stat *one, const struct stat *other)
{
    return one->st_ino == other->st_ino && one->st_dev == other->st_dev && one->st_size == other->st_size &&
           one->st_mtim.tv_sec == other->st_mtim.tv_sec && one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

guint64 mbox_stamp(const Mbox *mbox)
{
    struct stat is = {0};

    if (stat(mbox->path, &is) < 0 && errno != ENOENT)
        return 0;
    if (is.st_mtim.tv_sec >= clock_wall_s() - SETTLED_S)
        return 0;
    const guint64 numbers[] = {(guint64)is.st_ino, (guint64)is.st_size, (guint64)is.st_mtim.tv_sec,
                               (guint64)is.st_mtim.tv_nsec};
    guint64 stamp = G_GUINT64_CONSTANT(0xcbf29ce484222325);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        stamp = (stamp ^ numbers[i]) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15) + (stamp >> 29);
    return stamp ? stamp : 1;
}

/* From its first byte on, or from where it has grown. */
static gboolean read_index(Mbox *mbox, const struct stat *is, gboolean whole, GError **error)
{
    const MboxState now = mbox_state(is);
    gboolean is_kept = FALSE;

    forget_index(mbox);
    if (mbox->known && !whole)
        mbox->index = mbox_known_recall(mbox->known, mbox->fd, &now, &is_kept);
    mbox->is_recalled = mbox->index != NULL;
    if (!mbox->index)
        mbox->index = mbox_scan(mbox_read_at, &mbox->fd, mbox->fd >= 0 ? now.size : 0);
    if (!mbox->index)
        return mbox_fail(mbox, _("cannot read the mailbox"), error);
    if (!mbox->index->is_mbox) {
        forget_index(mbox);
        tern_error_set(error, TERN_ERROR_STORE,
                       _("%s is no mailbox: it does not begin with a line \"From \""), mbox->path);
        return FALSE;
    }
    mbox->read_as = *is;
    if (mbox->known && !is_kept && !mbox->index->is_doubtful && mbox->index->messages->len)
        mbox_known_keep(mbox->known, mbox->index, &now);
    return TRUE;
}

static void list_visible(Mbox *mbox)
{
    mbox->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    mbox->visible = g_ptr_array_new();
    for (guint i = 0; i < mbox->index->messages->len; i++) {
        MboxMessage *message = mbox->index->messages->pdata[i];
        if (message->is_hidden)
            continue;
        g_hash_table_insert(mbox->by_name, message->name, message);
        g_ptr_array_add(mbox->visible, message);
    }
}

static gboolean refresh_as(Mbox *mbox, gboolean whole, GError **error)
{
    struct stat is = {0};

    if (mbox->fd >= 0 && fstat(mbox->fd, &is) < 0)
        return mbox_fail(mbox, _("cannot read the mailbox"), error);
    if (mbox->index && is_same(&is, &mbox->read_as) && !(whole && mbox->is_recalled))
        return TRUE;
    if (!read_index(mbox, &is, whole, error))
        return FALSE;
    list_visible(mbox);
    return TRUE;
}

gboolean mbox_refresh(Mbox *mbox, GError **error)
{
    return refresh_as(mbox, FALSE, error);
}

gboolean mbox_refresh_whole(Mbox *mbox, GError **error)
{
    return refresh_as(mbox, TRUE, error);
}

static gboolean refresh(Mbox *mbox, GError **error)
{
    if (!mbox_lock(mbox, FALSE, error))
        return FALSE;
    const gboolean ok = mbox_refresh(mbox, error);
    mbox_unlock(mbox);
    return ok;
}

const GPtrArray *mbox_list(Mbox *mbox, GError **error)
{
    return refresh(mbox, error) ? mbox->visible : NULL;
}

int mbox_find(Mbox *mbox, const char *name, const MboxMessage **message_out, GError **error)
{
    if (!refresh(mbox, error))
        return -1;
    *message_out = g_hash_table_lookup(mbox->by_name, name);
    return *message_out != NULL;
}

/* ---- a message by itself ---- */

typedef struct {
    const Mbox *mbox;
    int fd;
    int64_t left; /* that may still be written; -1: no end */
    gboolean in_body, is_mark, is_start;
} Out;

static gboolean put(Out *out, const char *bytes, gsize size, GError **error)
{
    const gsize n = out->left < 0 ? size : (gsize)MIN((int64_t)size, out->left);

    out->left -= out->left < 0 ? 0 : (int64_t)n;
    return file_write_all(out->fd, bytes, n, error);
}

static gboolean put_line(Out *out, const char *line, gsize size, GError **error)
{
    const gboolean is_start = out->is_start;

    out->is_start = line[size - 1] == '\n';
    if (out->in_body) {
        const gsize quoted = is_start ? mbox_quoted(out->mbox->index, line, size) : 0;
        return put(out, line + quoted, size - quoted, error);
    }
    if (is_start && *line != ' ' && *line != '\t')
        out->is_mark = mbox_is_mark(line, size);
    return out->is_mark || put(out, line, size, error);
}

static gboolean put_range(Out *out, int64_t at, int64_t end, GError **error)
{
    g_autofree char *buffer = g_malloc(PIECE_BYTES);
    const int fd = out->mbox->fd;

    out->is_start = TRUE;
    while (at < end && out->left != 0) {
        const gssize n = file_read_at(fd, buffer, (gsize)MIN((int64_t)PIECE_BYTES, end - at), at);
        if (n <= 0)
            return mbox_fail(out->mbox, _("cannot read a message of the mailbox"), error);
        gsize done = 0;
        /* The last line of a window, if it does not end in it, is read again with the next one. */
        while (done < (gsize)n) {
            const char *newline = memchr(buffer + done, '\n', (gsize)n - done);
            if (!newline && done > 0 && at + n < end)
                break;
            const gsize size = newline ? (gsize)(newline + 1 - buffer) - done : (gsize)n - done;
            if (!put_line(out, buffer + done, size, error))
                return FALSE;
            done += size;
        }
        at += (int64_t)done;
    }
    return TRUE;
}

/* Under the locks: whether it still is where it was when the file was read, also if others have written there
 * since. */
static gboolean is_in_place(const Mbox *mbox, const MboxMessage *message)
{
    struct stat is;

    if (mbox->fd < 0 || fstat(mbox->fd, &is) < 0)
        return FALSE;
    if (!mbox->is_recalled && is_same(&is, &mbox->read_as))
        return TRUE;
    return is.st_size >= message->next && mbox_stands(mbox->fd, message);
}

static gboolean put_message(Out *out, const MboxMessage *message, GError **error)
{
    if (!is_in_place(out->mbox, message)) {
        tern_error_set(error, TERN_ERROR_STORE, _("the mailbox %s has changed while it was read; try again"),
                       out->mbox->path);
        if (out->mbox->known) /* so that trying again reads it whole */
            mbox_known_forget(out->mbox->known);
        return FALSE;
    }
    if (!put_range(out, message->header, message->body, error))
        return FALSE;
    out->in_body = TRUE;
    return put_range(out, message->body, message->end, error);
}

gboolean mbox_write(Mbox *mbox, const MboxMessage *message, int64_t limit, int fd, GError **error)
{
    Out out = {.mbox = mbox, .fd = fd, .left = limit};

    if (!mbox_lock(mbox, FALSE, error))
        return FALSE;
    const gboolean ok = put_message(&out, message, error);
    mbox_unlock(mbox);
    return ok;
}
