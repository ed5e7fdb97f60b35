/* mbox_content.c - see mbox_private.h: bytes of a mailbox, and those that are to stand in it. */
#include "maildir/mbox_private.h"

#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES (64 << 10)

guint32 mbox_check(guint32 check, const char *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++)
        check = (check ^ (guchar)bytes[i]) * 16777619u;
    return check;
}

gboolean mbox_read_all(int fd, char *bytes, gsize size, int64_t at)
{
    const gssize n = file_read_at(fd, bytes, size, at);

    if (n >= 0 && (gsize)n < size)
        errno = EIO; /* it is shorter than it was */
    return n >= 0 && (gsize)n == size;
}

gboolean mbox_write_at(int fd, const char *bytes, gsize size, int64_t at)
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

gboolean mbox_content_add(MboxContent *content, const char *bytes, gsize size)
{
    content->check = mbox_check(content->check, bytes, size);
    content->size += (int64_t)size;
    if (size == 1)
        content->last[0] = content->last[1];
    else if (size > 1)
        content->last[0] = bytes[size - 2];
    if (size > 0)
        content->last[1] = bytes[size - 1];
    return fwrite(bytes, 1, size, content->file) == size;
}

gboolean mbox_content_add_range(MboxContent *content, int fd, int64_t at, int64_t end)
{
    g_autofree char *buffer = g_malloc(PIECE_BYTES);

    while (at < end) {
        const gsize n = (gsize)MIN((int64_t)PIECE_BYTES, end - at);
        if (!mbox_read_all(fd, buffer, n, at) || !mbox_content_add(content, buffer, n))
            return FALSE;
        at += (int64_t)n;
    }
    return TRUE;
}

gboolean mbox_content_add_gap(MboxContent *content)
{
    if (content->size == 0)
        return TRUE;
    if (content->last[1] != '\n')
        return mbox_content_add(content, "\n\n", 2);
    return (content->size > 1 && content->last[0] == '\n') || mbox_content_add(content, "\n", 1);
}
