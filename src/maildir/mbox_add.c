/* mbox_add.c - see mbox.h: what is added, as it will stand in the file; kept aside until it is flushed. */
#include "maildir/mbox_private.h"

#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES (64 << 10)
#define LENGTH "Content-Length:"

/* ---- lines, whatever bytes are in them ---- */

/* A window of the file; a line longer than it comes in pieces, any other one whole. */
typedef struct {
    int fd;
    int64_t at; /* where the window begins */
    gsize held, used;
    char *buffer;
    gboolean failed;
} Source;

static void fill(Source *source)
{
    source->at += (int64_t)source->used;
    source->used = 0;
    const gssize n = file_read_at(source->fd, source->buffer, PIECE_BYTES, source->at);
    source->held = (gsize)MAX(n, 0);
    source->failed |= n < 0;
}

/* FALSE: the end, or `failed`. */
static gboolean next_piece(Source *source, const char **text_out, gsize *size_out)
{
    const char *newline = memchr(source->buffer + source->used, '\n', source->held - source->used);

    if (!newline && (source->used > 0 || source->held == 0)) {
        fill(source);
        newline = memchr(source->buffer, '\n', source->held);
    }
    *text_out = source->buffer + source->used;
    *size_out = newline ? (gsize)(newline + 1 - *text_out) : source->held - source->used;
    source->used += *size_out;
    return *size_out > 0 && !source->failed;
}

static gboolean is_blank(const char *line, gsize size)
{
    return *line == '\n' || (size == 2 && memcmp(line, "\r\n", 2) == 0);
}

/* ---- one message ---- */

/* What is copied of a message that is added. */
typedef struct {
    FILE *to;
    gboolean quotes, in_body, is_mark, is_start;
    int64_t body_bytes; /* for Content-Length; -1: none */
} Copy;

static gboolean copy_header_end(Copy *copy)
{
    copy->in_body = TRUE;
    return copy->body_bytes < 0 || fprintf(copy->to, LENGTH " %" G_GINT64_FORMAT "\n", copy->body_bytes) > 0;
}

static gboolean copy_line(Copy *copy, const char *line, gsize size)
{
    const gboolean is_start = copy->is_start;

    copy->is_start = line[size - 1] == '\n';
    if (copy->in_body && is_start && copy->quotes && mbox_needs_quote(line, size) &&
        fputc('>', copy->to) == EOF)
        return FALSE;
    if (!copy->in_body && is_start && is_blank(line, size) && !copy_header_end(copy))
        return FALSE;
    if (!copy->in_body && is_start && *line != ' ' && *line != '\t')
        copy->is_mark = mbox_is_mark(line, size) ||
                        (size > strlen(LENGTH) && !g_ascii_strncasecmp(line, LENGTH, strlen(LENGTH)));
    return (!copy->in_body && copy->is_mark) || fwrite(line, 1, size, copy->to) == size;
}

/* How many bytes its body will have, the newline at its end included. */
static int64_t measure_body(Source source)
{
    gboolean is_start = TRUE, in_body = FALSE;
    int64_t bytes = 0;
    const char *line;
    gsize size;

    while (next_piece(&source, &line, &size)) {
        if (in_body)
            bytes += (int64_t)size;
        in_body |= is_start && is_blank(line, size);
        is_start = line[size - 1] == '\n';
    }
    return in_body && !is_start ? bytes + 1 : bytes;
}

static gboolean copy_message(int fd, FILE *to, gboolean quotes)
{
    g_autofree char *buffer = g_malloc0(PIECE_BYTES);
    Source source = {.fd = fd, .buffer = buffer};
    Copy copy = {
        .to = to, .quotes = quotes, .is_start = TRUE, .body_bytes = quotes ? -1 : measure_body(source)};
    const char *line;
    gsize size;
    gboolean ok = TRUE;

    while (ok && next_piece(&source, &line, &size))
        ok = copy_line(&copy, line, size);
    if (ok && !copy.is_start)
        ok = fputc('\n', to) != EOF;
    if (ok && !copy.in_body)
        ok = copy_header_end(&copy) && fputc('\n', to) != EOF;
    return ok && !source.failed && fputc('\n', to) != EOF;
}

/* ---- what is kept ---- */

typedef struct {
    int fd;
    int64_t from;
} Added;

static gssize read_added(void *data, int64_t offset, char *buffer, gsize size)
{
    const Added *added = data;

    return file_read_at(added->fd, buffer, size, added->from + offset);
}

/* The message that is already in the file with that sender, or NULL. */
static const MboxMessage *find_sender(const Mbox *mbox, const char *sender)
{
    for (guint i = 0; i < mbox->index->messages->len; i++) {
        const MboxMessage *message = mbox->index->messages->pdata[i];
        if (strcmp(message->sender, sender) == 0)
            return message;
    }
    return NULL;
}

/* The name of the one message that stands in that file behind what is kept, which ends there; NULL and
 * errno. */
static char *name_added(const Mbox *mbox, int64_t end)
{
    Added added = {fileno(mbox->added), mbox->added_bytes};
    g_autoptr(MboxIndex) index = mbox_scan(read_added, &added, end - added.from);

    if (index && index->messages->len == 1)
        return g_strdup(((MboxMessage *)index->messages->pdata[0])->name);
    errno = index ? EBADMSG : errno;
    return NULL;
}

/* Only what is whole counts in added_bytes: what a failure leaves behind it is written over. */
static gboolean add_copy(Mbox *mbox, int fd, const char *separator, const char *marks, char **name_out)
{
    FILE *to = mbox->added;

    if (fseeko(to, mbox->added_bytes, SEEK_SET) < 0 || fputs(separator, to) == EOF ||
        fputs(marks, to) == EOF || !copy_message(fd, to, !mbox->index->is_unquoted) || fflush(to) != 0)
        return FALSE;
    const int64_t end = ftello(to);
    *name_out = name_added(mbox, end);
    if (*name_out)
        mbox->added_bytes = end;
    return *name_out != NULL;
}

gboolean mbox_add(Mbox *mbox, int fd, const char *sender, int64_t date_s, uint32_t flags,
                  char *const *keywords, char **name_out, GError **error)
{
    const MboxMessage *message;

    if (mbox_find(mbox, "", &message, error) < 0)
        return FALSE;
    if ((message = find_sender(mbox, sender))) {
        *name_out = g_strdup(message->name);
        return TRUE;
    }
    g_autofree char *separator = mbox_from_line(sender, date_s), *marks = mbox_marks(flags, keywords);
    if (!mbox->added)
        mbox->added = tmpfile();
    if (mbox->added && add_copy(mbox, fd, separator, marks, name_out))
        return TRUE;
    mbox_fail(mbox, _("cannot add a message to the mailbox"), error);
    if (mbox->added) {
        __fpurge(mbox->added); /* what could not be written would come with the next one */
        clearerr(mbox->added);
    }
    return FALSE;
}
