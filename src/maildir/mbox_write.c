/* mbox_write.c - see mbox.h: what is done to it, in one writing by the journal (mbox_journal.c). */
#include "maildir/mbox_private.h"

#include <string.h>

/* Of what stands in front of a change: a mailbox that has other bytes there is another one by now. */
#define BEFORE_BYTES 4096
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

/* The header with other marks. Headers are small: what is larger is left as it is. */
static gboolean add_header(MboxContent *content, int fd, const MboxMessage *message, const char *marks)
{
    const gsize size = (gsize)(message->body - message->header);
    g_autofree char *header = g_malloc(MIN(size, HEADER_BYTES_MAX) + 1);
    gboolean is_mark = FALSE, ok = TRUE, has_marks = FALSE;

    if (size > HEADER_BYTES_MAX)
        return mbox_content_add_range(content, fd, message->header, message->body);
    if (!mbox_read_all(fd, header, size, message->header))
        return FALSE;
    for (gsize at = 0, n; at < size && ok; at += n) {
        const char *newline = memchr(header + at, '\n', size - at);
        n = newline ? (gsize)(newline + 1 - header) - at : size - at;
        const gboolean is_blank = header[at] == '\n' || (n == 2 && header[at] == '\r');
        if (header[at] != ' ' && header[at] != '\t')
            is_mark = mbox_is_mark(header + at, n);
        if (is_blank) {
            ok = mbox_content_add(content, marks, strlen(marks));
            has_marks = TRUE;
        }
        ok = ok && (is_mark || mbox_content_add(content, header + at, n));
    }
    return ok && (has_marks || mbox_content_add(content, marks, strlen(marks)));
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

static gboolean add_message(MboxContent *content, const Mbox *mbox, const MboxMessage *message)
{
    const MboxEdit *edit = g_hash_table_lookup(mbox->edits, message->name);

    if (!edit)
        return mbox_content_add_range(content, mbox->fd, message->from, message->next);
    if (edit->is_removed)
        return TRUE;
    g_autofree char *marks = marks_of(message, edit);
    return mbox_content_add_range(content, mbox->fd, message->from, message->header) &&
           add_header(content, mbox->fd, message, marks) &&
           mbox_content_add_range(content, mbox->fd, message->body, message->next);
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

/* Where the journal begins: so far in front that it is known again where it belongs. */
static int64_t first_byte(const Mbox *mbox)
{
    return MAX(first_edit(mbox) - BEFORE_BYTES, 0);
}

static gboolean add_all(MboxContent *content, void *data)
{
    const Mbox *mbox = data;
    const GPtrArray *messages = mbox->index->messages;
    const int64_t first = first_edit(mbox);

    if (!mbox_content_add_range(content, mbox->fd, first_byte(mbox), first))
        return FALSE;
    for (guint i = 0; i < messages->len; i++) {
        const MboxMessage *message = messages->pdata[i];
        if (message->from >= first && !add_message(content, mbox, message))
            return FALSE;
    }
    return !mbox->added_bytes || (mbox_content_add_gap(content) &&
                                  mbox_content_add_range(content, fileno(mbox->added), 0, mbox->added_bytes));
}

/* ---- one writing ---- */

/* *is_journalled: it failed, but will be done. */
static gboolean write_locked(Mbox *mbox, gboolean *is_journalled, GError **error)
{
    const gboolean has_edits = g_hash_table_size(mbox->edits) > 0;

    if (!mbox_recover(mbox, FALSE, error) ||
        !(has_edits ? mbox_refresh_whole(mbox, error) : mbox_refresh(mbox, error)) ||
        !mbox_journal_write(mbox, first_byte(mbox), add_all, mbox, error))
        return FALSE;
    const gboolean ok = mbox_recover(mbox, TRUE, error);
    *is_journalled = !ok && access(mbox->journal, F_OK) == 0;
    memset(&mbox->read_as, 0, sizeof mbox->read_as); /* whatever its size and time are */
    return ok;
}

static void forget_wanted(Mbox *mbox)
{
    g_hash_table_remove_all(mbox->edits);
    if (mbox->added)
        fclose(mbox->added);
    mbox->added = NULL;
    mbox->added_bytes = 0;
}

gboolean mbox_flush(Mbox *mbox, GError **error)
{
    if (!g_hash_table_size(mbox->edits) && !mbox->added_bytes)
        return TRUE;
    if (!mbox_lock(mbox, mbox->added_bytes > 0, error))
        return FALSE;
    gboolean is_journalled = FALSE;
    const gboolean ok = write_locked(mbox, &is_journalled, error);
    mbox_unlock(mbox);
    /* What the journal has is done by who opens the mailbox next: not a second time from here. */
    if (ok || is_journalled)
        forget_wanted(mbox);
    return ok;
}
