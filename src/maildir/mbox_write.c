/*
 * mbox_write.c - see mbox.h: what is done to it, in one writing.
 *
 *      JOURNAL:  "tern-mbox 1 OFFSET OLD-SIZE CONTENT-SIZE CHECK\n" and the content that is to stand from OFFSET on
 *
 * Until the journal is whole on the disk the mailbox is as it was; from then on, whatever stops the writing, the next
 * opening does it again from the start. What stands behind OLD-SIZE then was delivered meanwhile, and goes behind.
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
/* A header that is written anew with other marks. */
#define HEADER_BYTES_MAX (8 << 20)

/* ---- what is wanted ---- */

static MboxEdit *edit_of(Mbox *mbox, const char *name)
{
    MboxEdit *edit = g_hash_table_lookup(mbox->edits, name);

    if (!edit) {
        edit = g_new0(MboxEdit, 1);
        edit->add = g_ptr_array_new_with_free_func(g_free);
        edit->remove = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(mbox->edits, g_strdup(name), edit);
    }
    return edit;
}

static void note_words(GPtrArray *into, GPtrArray *other, const char *const *words)
{
    for (; words && *words; words++) {
        for (guint i = other->len; i > 0; i--)
            if (g_ascii_strcasecmp(other->pdata[i - 1], *words) == 0)
                g_ptr_array_remove_index(other, i - 1);
        g_ptr_array_add(into, g_strdup(*words));
    }
}

int mbox_change(Mbox *mbox, const char *name, uint32_t set, uint32_t clear, const char *const *add,
                const char *const *remove, GError **error)
{
    const MboxMessage *message;
    const int found = mbox_find(mbox, name, &message, error);

    if (found != 1)
        return found;
    MboxEdit *edit = edit_of(mbox, name);
    edit->set = (edit->set | set) & ~clear;
    edit->clear = (edit->clear | clear) & ~set;
    note_words(edit->add, edit->remove, add);
    note_words(edit->remove, edit->add, remove);
    return 1;
}

int mbox_remove(Mbox *mbox, const char *name, GError **error)
{
    const MboxMessage *message;
    const int found = mbox_find(mbox, name, &message, error);

    if (found == 1)
        edit_of(mbox, name)->is_removed = TRUE;
    return found;
}

/* ---- content ---- */

typedef struct {
    FILE *file;
    guint32 check;
    int64_t size;
    char last[2];
} Content;

static gboolean add_bytes(Content *content, const char *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++)
        content->check = (content->check ^ (guchar)bytes[i]) * 16777619u;
    content->size += (int64_t)size;
    if (size == 1)
        content->last[0] = content->last[1];
    else if (size > 1)
        content->last[0] = bytes[size - 2];
    if (size > 0)
        content->last[1] = bytes[size - 1];
    return fwrite(bytes, 1, size, content->file) == size;
}

static gboolean add_range(Content *content, int fd, int64_t at, int64_t end)
{
    g_autofree char *buffer = g_malloc(PIECE_BYTES);

    while (at < end) {
        const ssize_t n = pread(fd, buffer, (gsize)MIN((int64_t)PIECE_BYTES, end - at), at);
        if (n <= 0 || !add_bytes(content, buffer, (gsize)n))
            return FALSE;
        at += n;
    }
    return TRUE;
}

/* The header with other marks. Headers are small: what is larger is left as it is. */
static gboolean add_header(Content *content, int fd, const MboxMessage *message, const char *marks)
{
    const gsize size = (gsize)(message->body - message->header);
    g_autofree char *header = g_malloc(MIN(size, HEADER_BYTES_MAX) + 1);
    gboolean is_mark = FALSE, ok = TRUE, has_marks = FALSE;
    gsize done = 0;

    if (size > HEADER_BYTES_MAX)
        return add_range(content, fd, message->header, message->body);
    while (done < size) {
        const ssize_t n = pread(fd, header + done, size - done, message->header + (int64_t)done);
        if (n <= 0)
            return FALSE;
        done += (gsize)n;
    }
    for (gsize at = 0, n; at < size && ok; at += n) {
        const char *newline = memchr(header + at, '\n', size - at);
        n = newline ? (gsize)(newline + 1 - header) - at : size - at;
        const gboolean is_blank = header[at] == '\n' || (n == 2 && header[at] == '\r');
        if (header[at] != ' ' && header[at] != '\t')
            is_mark = mbox_is_mark(header + at, n);
        if (is_blank) {
            ok = add_bytes(content, marks, strlen(marks));
            has_marks = TRUE;
        }
        ok = ok && (is_mark || add_bytes(content, header + at, n));
    }
    return ok && (has_marks || add_bytes(content, marks, strlen(marks)));
}

static char *marks_of(const MboxMessage *message, const MboxEdit *edit)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (char **word = message->keywords; word && *word; word++)
        if (!g_ptr_array_find_with_equal_func(edit->remove, *word, (GEqualFunc)g_str_equal, NULL) &&
            !g_ptr_array_find_with_equal_func(edit->add, *word, (GEqualFunc)g_str_equal, NULL))
            g_ptr_array_add(words, *word);
    for (guint i = 0; i < edit->add->len; i++)
        g_ptr_array_add(words, edit->add->pdata[i]);
    g_ptr_array_add(words, NULL);
    return mbox_marks((message->flags | edit->set) & ~edit->clear, (char *const *)words->pdata);
}

static gboolean add_message(Content *content, const Mbox *mbox, const MboxMessage *message)
{
    const MboxEdit *edit = g_hash_table_lookup(mbox->edits, message->name);

    if (!edit)
        return add_range(content, mbox->fd, message->from, message->next);
    if (edit->is_removed)
        return TRUE;
    g_autofree char *marks = marks_of(message, edit);
    return add_range(content, mbox->fd, message->from, message->header) &&
           add_header(content, mbox->fd, message, marks) &&
           add_range(content, mbox->fd, message->body, message->next);
}

/* Where the first message stands that is to be another; the file's size: nowhere. */
static int64_t first_edit(const Mbox *mbox)
{
    const GPtrArray *messages = mbox->index->messages;

    for (guint i = 0; i < messages->len; i++) {
        const MboxMessage *message = messages->pdata[i];
        if (g_hash_table_contains(mbox->edits, message->name))
            return message->from;
    }
    return mbox->read_as.st_size;
}

/* The last two bytes of what stands in front of what is added; as many as there are. */
static gboolean last_bytes(const Content *content, const Mbox *mbox, int64_t offset, char last[2])
{
    const gsize from_file = (gsize)CLAMP(2 - content->size, 0, MIN(offset, 2));

    memcpy(last, content->last, 2);
    return from_file == 0 || pread(mbox->fd, last + 2 - MIN(2, content->size) - (int64_t)from_file, from_file,
                                   offset - (int64_t)from_file) == (ssize_t)from_file;
}

/* A separator stands after an empty line. */
static gboolean add_gap(Content *content, const Mbox *mbox, int64_t offset)
{
    char last[2];

    if (offset + content->size == 0)
        return TRUE;
    if (!last_bytes(content, mbox, offset, last))
        return FALSE;
    if (last[1] != '\n')
        return add_bytes(content, "\n\n", 2);
    return last[0] == '\n' || add_bytes(content, "\n", 1);
}

static gboolean add_all(Content *content, Mbox *mbox, int64_t offset)
{
    const GPtrArray *messages = mbox->index->messages;

    for (guint i = 0; i < messages->len; i++) {
        const MboxMessage *message = messages->pdata[i];
        if (message->from >= offset && !add_message(content, mbox, message))
            return FALSE;
    }
    return !mbox->added_bytes ||
           (add_gap(content, mbox, offset) && add_range(content, fileno(mbox->added), 0, mbox->added_bytes));
}

/* ---- the journal ---- */

typedef struct {
    int64_t offset, old_size, size;
    guint32 check;
} Head;

static void format_head(char text[HEAD_BYTES], const Head *head)
{
    memset(text, ' ', HEAD_BYTES);
    const int n = snprintf(text, HEAD_BYTES,
                           "tern-mbox 1 %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %08x",
                           head->offset, head->old_size, head->size, head->check);
    text[n] = ' ';
    text[HEAD_BYTES - 1] = '\n';
}

static gboolean read_head(FILE *file, Head *head)
{
    char text[HEAD_BYTES + 1] = "";

    return fread(text, 1, HEAD_BYTES, file) == HEAD_BYTES &&
           sscanf(text, "tern-mbox 1 %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %x",
                  &head->offset, &head->old_size, &head->size, &head->check) == 4 &&
           head->offset >= 0 && head->old_size >= head->offset && head->size >= 0;
}

/* Whether it was written whole. */
static gboolean is_whole(FILE *file, const Head *head)
{
    g_autofree char *buffer = g_malloc(PIECE_BYTES);
    guint32 check = 2166136261u;
    int64_t size = 0;
    gsize n;

    while ((n = fread(buffer, 1, PIECE_BYTES, file)) > 0) {
        for (gsize i = 0; i < n; i++)
            check = (check ^ (guchar)buffer[i]) * 16777619u;
        size += (int64_t)n;
    }
    return size == head->size && check == head->check;
}

static gboolean write_at(int fd, const char *bytes, gsize size, int64_t at)
{
    while (size > 0) {
        const ssize_t n = pwrite(fd, bytes, size, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        bytes += n;
        size -= (gsize)n;
        at += n;
    }
    return TRUE;
}

/* What came behind while the writing stood still. */
static GByteArray *read_tail(const Mbox *mbox, int64_t from)
{
    GByteArray *tail = g_byte_array_new();
    struct stat is;

    if (fstat(mbox->fd, &is) == 0 && is.st_size > from && is.st_size - from < G_MAXINT32) {
        g_byte_array_set_size(tail, (guint)(is.st_size - from));
        if (pread(mbox->fd, tail->data, tail->len, from) != (ssize_t)tail->len)
            g_byte_array_set_size(tail, 0);
    }
    return tail;
}

/* The content into its place, with nothing behind it but what was delivered meanwhile. */
static gboolean apply(const Mbox *mbox, FILE *journal, const Head *head)
{
    g_autofree char *buffer = g_malloc(PIECE_BYTES);
    g_autoptr(GByteArray) tail = read_tail(mbox, MAX(head->old_size, head->offset + head->size));
    int64_t at = head->offset;
    gsize n;

    if (fseek(journal, HEAD_BYTES, SEEK_SET) < 0)
        return FALSE;
    while ((n = fread(buffer, 1, PIECE_BYTES, journal)) > 0) {
        if (!write_at(mbox->fd, buffer, n, at))
            return FALSE;
        at += (int64_t)n;
    }
    return !ferror(journal) && write_at(mbox->fd, (const char *)tail->data, tail->len, at) &&
           ftruncate(mbox->fd, at + tail->len) == 0 && fsync(mbox->fd) == 0;
}

static gboolean drop_journal(const Mbox *mbox, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(mbox->journal);

    unlink(mbox->journal);
    return file_sync_folder(folder, error);
}

gboolean mbox_recover(Mbox *mbox, GError **error)
{
    FILE *journal = fopen(mbox->journal, "re");
    Head head;
    struct stat is;

    if (!journal)
        return errno == ENOENT || mbox_fail(mbox, _("cannot look for an unfinished writing of"), error);
    /* A mailbox that is shorter than what stood before the change was changed by others since. */
    const gboolean is_due = read_head(journal, &head) && is_whole(journal, &head) && mbox->fd >= 0 &&
                            fstat(mbox->fd, &is) == 0 && is.st_size >= head.offset;
    const gboolean ok = !is_due || apply(mbox, journal, &head);
    fclose(journal);
    return ok ? drop_journal(mbox, error) : mbox_fail(mbox, _("cannot finish the writing of"), error);
}

/* ---- one writing ---- */

static gboolean write_journal(Mbox *mbox, FILE *file, GError **error)
{
    const int64_t offset = first_edit(mbox);
    Content content = {.file = file, .check = 2166136261u};
    g_autofree char *folder = g_path_get_dirname(mbox->journal);
    char text[HEAD_BYTES];

    memset(text, ' ', sizeof text); /* no head: it is not whole yet */
    if (fwrite(text, 1, sizeof text, file) != sizeof text || !add_all(&content, mbox, offset))
        return mbox_fail(mbox, _("cannot write the mailbox anew:"), error);
    format_head(text, &(Head){offset, mbox->read_as.st_size, content.size, content.check});
    if (fflush(file) != 0 || fsync(fileno(file)) < 0 || fseek(file, 0, SEEK_SET) < 0 ||
        fwrite(text, 1, sizeof text, file) != sizeof text || fflush(file) != 0 || fsync(fileno(file)) < 0)
        return mbox_fail(mbox, _("cannot write the mailbox anew:"), error);
    return file_sync_folder(folder, error);
}

static gboolean write_locked(Mbox *mbox, GError **error)
{
    const int fd = mbox_refresh(mbox, error)
                       ? open(mbox->journal, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)
                       : -1;
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

    if (!file)
        return mbox->index ? mbox_fail(mbox, _("cannot write beside the mailbox"), error) : FALSE;
    gboolean ok = write_journal(mbox, file, error);
    fclose(file);
    if (!ok) {
        unlink(mbox->journal);
        return FALSE;
    }
    return mbox_recover(mbox, error);
}

gboolean mbox_flush(Mbox *mbox, GError **error)
{
    if (!g_hash_table_size(mbox->edits) && !mbox->added_bytes)
        return TRUE;
    if (!mbox_lock(mbox, mbox->added_bytes > 0, error))
        return FALSE;
    const gboolean ok = write_locked(mbox, error);
    mbox_unlock(mbox);
    if (!ok)
        return FALSE;
    g_hash_table_remove_all(mbox->edits);
    if (mbox->added)
        fclose(mbox->added);
    mbox->added = NULL;
    mbox->added_bytes = 0;
    return TRUE;
}
