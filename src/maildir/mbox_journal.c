/*
 * mbox_journal.c - see mbox.h: a change of the file that is done whole, whatever stops it.
 *
 *      JOURNAL:  "tern-mbox 2 OFFSET OLD-SIZE SIZE CHECK\n", what is to stand from OFFSET on (SIZE bytes), what stood there
 *
 *      growing    1. what comes behind OLD-SIZE, fsync    2. the rest, ascending, fsync
 *      shrinking  1. all, ascending, fsync                2. cut off, fsync
 *
 * JOURNAL comes by a rename, so it is whole or not there. Who opens the mailbox after a kill tells from the
 * bytes how far the writing came, and so where that begins which others have delivered since:
 *
 *      growing    behind as much of the new bytes as stand behind OLD-SIZE (where a message begins)
 *      shrinking  at OLD-SIZE if what was to be cut off still stands there, else at the new end
 *
 * What was delivered goes into the journal first, if it has to move. A mailbox that is made of neither the
 * old nor the new bytes was written by another program since: it is left as it is, and what the journal was
 * for is done anew.
 */
#include "maildir/mbox_private.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES (64 << 10)
#define HEAD_BYTES 128
/* "\n\nFrom ": what tells that a message begins. */
#define BEGIN_BYTES 7

typedef struct {
    int64_t offset, old_size, size;
    guint32 check;
} Head;

/* What is found when a writing is gone on with. */
typedef struct {
    int journal, fd;
    Head head;
    int64_t new_end, is_size; /* where the mailbox is to end without what was delivered; where it ends */
    int64_t tail;             /* where what was delivered begins; is_size: nothing was */
    gboolean is_old, is_new;  /* all that stands in front of both ends */
} Found;

/* ---- the journal is written ---- */

static void format_head(char text[HEAD_BYTES], const Head *head)
{
    memset(text, ' ', HEAD_BYTES);
    const int n = snprintf(text, HEAD_BYTES,
                           "tern-mbox 2 %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %08x",
                           head->offset, head->old_size, head->size, head->check);
    text[n] = ' ';
    text[HEAD_BYTES - 1] = '\n';
}

static gboolean write_content(const Mbox *mbox, FILE *file, int64_t offset, MboxProduce produce, void *data)
{
    MboxContent content = {.file = file, .check = MBOX_CHECK_START};
    char text[HEAD_BYTES];
    struct stat is;

    if (fstat(mbox->fd, &is) < 0 || fseek(file, HEAD_BYTES, SEEK_SET) < 0 || !produce(&content, data))
        return FALSE;
    Head head = {.offset = offset, .old_size = is.st_size, .size = content.size};
    if (!mbox_content_add_range(&content, mbox->fd, offset, is.st_size))
        return FALSE;
    head.check = content.check;
    format_head(text, &head);
    return fseek(file, 0, SEEK_SET) == 0 && fwrite(text, 1, sizeof text, file) == sizeof text &&
           fflush(file) == 0 && fsync(fileno(file)) == 0;
}

static char *new_path(const Mbox *mbox)
{
    return g_strconcat(mbox->journal, ".new", NULL);
}

gboolean mbox_journal_write(const Mbox *mbox, int64_t offset, MboxProduce produce, void *data, GError **error)
{
    g_autofree char *path = new_path(mbox);
    g_autofree char *folder = g_path_get_dirname(mbox->journal);
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

    if (!file) {
        mbox_fail(mbox, _("cannot write beside the mailbox"), error);
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    const gboolean ok = write_content(mbox, file, offset, produce, data) && rename(path, mbox->journal) == 0;
    if (!ok)
        mbox_fail(mbox, _("cannot write the mailbox anew:"), error);
    fclose(file);
    if (!ok)
        unlink(path);
    return ok && file_sync_folder(folder, error);
}

/* ---- what is found ---- */

/* Whether it is one, and was written whole. */
static gboolean read_head(int journal, Head *head)
{
    g_autofree char *buffer = g_malloc(PIECE_BYTES);
    char text[HEAD_BYTES + 1] = "";
    guint32 check = MBOX_CHECK_START;
    int64_t size = 0;
    gssize n;

    if (!mbox_read_all(journal, text, HEAD_BYTES, 0) ||
        sscanf(text, "tern-mbox 2 %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %x",
               &head->offset, &head->old_size, &head->size, &head->check) != 4 ||
        head->offset < 0 || head->old_size < head->offset || head->size < 0)
        return FALSE;
    while ((n = file_read_at(journal, buffer, PIECE_BYTES, HEAD_BYTES + size)) > 0) {
        check = mbox_check(check, buffer, (gsize)n);
        size += n;
    }
    return n == 0 && size - head->size == head->old_size - head->offset && check == head->check;
}

/* Where bytes of the journal are that are to stand, or stood, at an offset of the mailbox. */
static int64_t new_at(const Head *head, int64_t at)
{
    return HEAD_BYTES + at - head->offset;
}

static int64_t old_at(const Head *head, int64_t at)
{
    return HEAD_BYTES + head->size + at - head->offset;
}

/* Whether each byte up to there is the old or the new one: is_old, is_new. FALSE: it could not be read. */
static gboolean compare_front(Found *found, int64_t end, gboolean *is_either)
{
    g_autofree char *is = g_malloc(PIECE_BYTES), *new = g_malloc(PIECE_BYTES), *old = g_malloc(PIECE_BYTES);
    gsize n;

    *is_either = found->is_old = found->is_new = TRUE;
    for (int64_t at = found->head.offset; at < end; at += (int64_t)n) {
        n = (gsize)MIN((int64_t)PIECE_BYTES, end - at);
        if (!mbox_read_all(found->fd, is, n, at) ||
            !mbox_read_all(found->journal, new, n, new_at(&found->head, at)) ||
            !mbox_read_all(found->journal, old, n, old_at(&found->head, at)))
            return FALSE;
        for (gsize i = 0; i < n; i++) {
            found->is_old &= is[i] == old[i];
            found->is_new &= is[i] == new[i];
            *is_either &= is[i] == old[i] || is[i] == new[i];
        }
    }
    return TRUE;
}

/* How many bytes of the mailbox from there on are those of the journal; -1: it could not be read. */
static int64_t count_same(const Found *found, int64_t at, int64_t in_journal, int64_t size)
{
    g_autofree char *is = g_malloc(PIECE_BYTES), *expected = g_malloc(PIECE_BYTES);
    int64_t same = 0;

    while (same < size) {
        const gsize n = (gsize)MIN((int64_t)PIECE_BYTES, size - same);
        if (!mbox_read_all(found->fd, is, n, at + same) ||
            !mbox_read_all(found->journal, expected, n, in_journal + same))
            return -1;
        for (gsize i = 0; i < n; i++)
            if (is[i] != expected[i])
                return same + (int64_t)i;
        same += (int64_t)n;
    }
    return same;
}

static gboolean begins_message(const char *text, gsize size)
{
    gsize at = 0;

    while (at < size && at < 2 && text[at] == '\n')
        at++;
    return size == 0 || (size - at >= 5 && memcmp(text + at, "From ", 5) == 0);
}

/* The last place up to `end` where a message begins, or nothing is: what was delivered may begin with some of
 * the bytes that were to stand there. */
static gboolean find_tail(Found *found, int64_t end)
{
    g_autofree char *buffer = g_malloc(PIECE_BYTES);
    int64_t last = end, first;

    for (; last >= found->head.old_size; last = first - 1) {
        first = MAX(found->head.old_size, last - (PIECE_BYTES - BEGIN_BYTES));
        const gsize n = (gsize)(MIN(found->is_size, last + BEGIN_BYTES) - first);
        if (!mbox_read_all(found->fd, buffer, n, first))
            return FALSE;
        for (found->tail = last; found->tail >= first; found->tail--)
            if (begins_message(buffer + (found->tail - first), n - (gsize)(found->tail - first)))
                return TRUE;
    }
    found->tail = end;
    return TRUE;
}

static gboolean find_grown(Found *found)
{
    const int64_t old_size = found->head.old_size;
    const int64_t same = count_same(found, old_size, new_at(&found->head, old_size),
                                    MIN(found->is_size, found->new_end) - old_size);

    return same >= 0 && find_tail(found, old_size + same);
}

/* *is_due FALSE: it is neither as it was nor as it is to be. */
static gboolean find_shrunk(Found *found, gboolean *is_due)
{
    const int64_t cut = found->head.old_size - found->new_end;
    const int64_t same = found->is_size < found->head.old_size
                             ? 0
                             : count_same(found, found->new_end, old_at(&found->head, found->new_end), cut);

    found->tail = same == cut ? found->head.old_size : found->new_end;
    *is_due = same == cut || found->is_new;
    return same >= 0;
}

/* FALSE: it could not be read. */
static gboolean find_state(Found *found, gboolean *is_due)
{
    const int64_t front = MIN(found->new_end, found->head.old_size);
    struct stat is;

    *is_due = FALSE;
    if (fstat(found->fd, &is) < 0)
        return FALSE;
    found->is_size = is.st_size;
    if (found->is_size < front)
        return TRUE;
    if (!compare_front(found, front, is_due))
        return FALSE;
    if (!*is_due)
        return TRUE;
    return found->new_end >= found->head.old_size ? find_grown(found) : find_shrunk(found, is_due);
}

/* ---- going on ---- */

/* From the journal into its place. */
static gboolean put_range(const Found *found, int64_t at, int64_t end)
{
    g_autofree char *buffer = g_malloc(PIECE_BYTES);
    const gboolean has_any = at < end;

    while (at < end) {
        const gsize n = (gsize)MIN((int64_t)PIECE_BYTES, end - at);
        if (!mbox_read_all(found->journal, buffer, n, new_at(&found->head, at)) ||
            !mbox_write_at(found->fd, buffer, n, at))
            return FALSE;
        at += (int64_t)n;
    }
    return !has_any || fsync(found->fd) == 0;
}

/* The content, with what was delivered behind it. */
static gboolean produce_with_tail(MboxContent *content, void *data)
{
    const Found *found = data;
    char first = 0;

    return mbox_content_add_range(content, found->journal, HEAD_BYTES, HEAD_BYTES + found->head.size) &&
           mbox_read_all(found->fd, &first, 1, found->tail) &&
           (first == '\n' || mbox_content_add_gap(content)) &&
           mbox_content_add_range(content, found->fd, found->tail, found->is_size);
}

/* Nothing has to move any more. `may_undo`: what finds no room is taken back, and so is the journal. */
static gboolean apply(const Mbox *mbox, const Found *found, gboolean may_undo)
{
    const int64_t old_size = found->head.old_size;

    if (!put_range(found, old_size, found->new_end)) {
        const int saved = errno;
        if (may_undo && found->is_old && found->is_size == old_size && ftruncate(found->fd, old_size) == 0)
            unlink(mbox->journal);
        errno = saved;
        return FALSE;
    }
    if (!put_range(found, found->head.offset, MIN(old_size, found->new_end)))
        return FALSE;
    return found->tail == found->new_end || found->is_size <= found->new_end ||
           (ftruncate(found->fd, found->new_end) == 0 && fsync(found->fd) == 0);
}

/* 1: done, or nothing to do; 0: the journal has what was delivered now, and is to be gone on with; -1. */
static int go_on(const Mbox *mbox, Found *found, gboolean may_undo, GError **error)
{
    const char *unfinished = _("cannot finish the writing of");
    gboolean is_due = FALSE;

    if (!read_head(found->journal, &found->head) || found->fd < 0)
        return 1;
    found->new_end = found->head.offset + found->head.size;
    if (!find_state(found, &is_due)) {
        mbox_fail(mbox, unfinished, error);
        return -1;
    }
    if (!is_due)
        return 1;
    if (found->tail < found->is_size && found->tail != found->new_end)
        return mbox_journal_write(mbox, found->head.offset, produce_with_tail, found, error) ? 0 : -1;
    if (apply(mbox, found, may_undo))
        return 1;
    mbox_fail(mbox, unfinished, error);
    return -1;
}

/* For good, also after a power cut: others may undo what it did. That it cannot be made sure fails nothing:
 * it is done. */
static void drop_journal(const Mbox *mbox)
{
    g_autofree char *folder = g_path_get_dirname(mbox->journal);

    unlink(mbox->journal);
    (void)file_sync_folder(folder, NULL);
}

gboolean mbox_recover(Mbox *mbox, gboolean may_undo, GError **error)
{
    g_autofree char *begun = new_path(mbox);
    int done = 0;

    unlink(begun); /* of a journal that was cut off itself: a copy of mail that nobody asks for */
    while (done == 0) {
        Found found = {.journal = open(mbox->journal, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), .fd = mbox->fd};
        if (found.journal < 0)
            return errno == ENOENT || mbox_fail(mbox, _("cannot look for an unfinished writing of"), error);
        done = go_on(mbox, &found, may_undo, error);
        close(found.journal);
    }
    if (done > 0)
        drop_journal(mbox);
    return done > 0;
}
