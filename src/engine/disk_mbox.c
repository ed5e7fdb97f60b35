/* disk_mbox.c - see disk_box.h: a mailbox that is one file. */
#include "engine/disk_box.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "maildir/mbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FORWARDED "$Forwarded"

static const struct {
    StoreFlag store;
    MaildirFlag maildir;
} FLAGS[] = {{STORE_SEEN, MAILDIR_SEEN},
             {STORE_FLAGGED, MAILDIR_FLAGGED},
             {STORE_ANSWERED, MAILDIR_ANSWERED},
             {STORE_DRAFT, MAILDIR_DRAFT},
             {STORE_DELETED, MAILDIR_DELETED}};

static uint32_t to_marks(uint32_t bits)
{
    uint32_t flags = 0;

    for (guint i = 0; i < G_N_ELEMENTS(FLAGS); i++)
        flags |= bits & FLAGS[i].store ? FLAGS[i].maildir : 0;
    return flags;
}

static DiskFile file_of(const MboxMessage *message)
{
    DiskFile file = {message->name, 0, message};

    for (guint i = 0; i < G_N_ELEMENTS(FLAGS); i++)
        file.flags |= message->flags & FLAGS[i].maildir ? FLAGS[i].store : 0;
    for (char **word = message->keywords; word && *word; word++)
        file.flags |= g_ascii_strcasecmp(*word, FORWARDED) == 0 ? STORE_FORWARDED : 0;
    return file;
}

void *disk_mbox_open(const Disk *disk, GError **error)
{
    g_autofree char *journal =
        g_strdup_printf("%s/mail/%s.mbox-journal", disk->paths->data, disk->account->id);
    g_autofree char *known = g_strdup_printf("%s/%s.mbox", disk->paths->cache, disk->account->id);
    const MboxOptions options = {disk->cancel, disk->refused, disk->data, known};

    return mbox_open_with(disk->account->incoming.path, journal, &options, error);
}

static void close_box(void *of)
{
    mbox_close(of);
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const DiskFile *)a)->name, ((const DiskFile *)b)->name);
}

static gboolean list(void *of, GArray *files, GError **error)
{
    const GPtrArray *messages = mbox_list(of, error);

    for (guint i = 0; messages && i < messages->len; i++) {
        const DiskFile file = file_of(messages->pdata[i]);
        g_array_append_val(files, file);
    }
    if (messages)
        g_array_sort(files, compare);
    return messages != NULL;
}

static guint64 stamp(void *of)
{
    return mbox_stamp(of);
}

static char **keywords(void *of, const DiskFile *file)
{
    (void)of;
    return g_strdupv(((const MboxMessage *)file->own)->keywords);
}

/* Through a file without a name, since it is unquoted on the way. */
static int read_head(void *of, const DiskFile *file, DiskHead *head, GError **error)
{
    const MboxMessage *message = file->own;
    FILE *out = tmpfile();
    gboolean ok = out && mbox_write(of, message, DISK_READ_BYTES, fileno(out), error);

    head->size_bytes = message->end - message->header;
    head->arrival_s = message->date_s;
    if (ok) {
        const off_t size = lseek(fileno(out), 0, SEEK_END);
        g_byte_array_set_size(head->bytes, (guint)size);
        ok = file_read_at(fileno(out), head->bytes->data, (gsize)size, 0) == size;
        if (size < DISK_READ_BYTES) /* all of it */
            head->size_bytes = size;
    }
    if (!ok && error && !*error)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message of the mailbox cannot be read"));
    if (out)
        fclose(out);
    return ok ? 1 : -1;
}

/* NULL-terminated, to be freed but for the strings; NULL: none. */
static const char **words_of(const GPtrArray *words)
{
    if (!words || !words->len)
        return NULL;
    const char **all = g_new0(const char *, words->len + 1);
    for (guint i = 0; i < words->len; i++)
        all[i] = words->pdata[i];
    return all;
}

static int change(void *of, const char *name, uint32_t like_flags, const DiskChange *wanted, GError **error)
{
    g_autofree const char **add = words_of(wanted->add), **remove = words_of(wanted->remove);

    (void)like_flags;
    return mbox_change(of, name, to_marks(wanted->set), to_marks(wanted->clear), add, remove, error);
}

static int remove_message(void *of, const char *name, uint32_t like_flags, GError **error)
{
    (void)like_flags;
    return mbox_remove(of, name, error);
}

static int write_out(void *of, const char *name, uint32_t like_flags, int fd, DiskAside *aside,
                     GError **error)
{
    const MboxMessage *message;
    const int found = mbox_find(of, name, &message, error);

    (void)like_flags;
    if (found != 1)
        return found;
    aside->flags = file_of(message).flags;
    aside->keywords = g_strdupv(message->keywords);
    aside->arrival_s = message->date_s;
    return mbox_write(of, message, -1, fd, error) ? 1 : -1;
}

static char *sender_of(const char *mark)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, mark, -1);

    return g_strdup_printf("C%.32s", sum);
}

static int took(void *of, const char *mark, char **name_out, GError **error)
{
    g_autofree char *sender = sender_of(mark);
    const GPtrArray *messages = mbox_list(of, error);

    for (guint i = 0; messages && i < messages->len; i++) {
        const MboxMessage *message = messages->pdata[i];
        if (strcmp(message->sender, sender) != 0)
            continue;
        *name_out = g_strdup(message->name);
        return 1;
    }
    return messages ? 0 : -1;
}

static gboolean take_in(void *of, int fd, const char *mark, uint32_t flags, char **words, int64_t arrival_s,
                        char **name_out, GError **error)
{
    g_autofree char *sender = sender_of(mark);

    return mbox_add(of, fd, sender, arrival_s, to_marks(flags), words, name_out, error);
}

static gboolean flush(void *of, GError **error)
{
    return mbox_flush(of, error);
}

const DiskOps DISK_MBOX = {.list = list,
                           .stamp = stamp,
                           .keywords = keywords,
                           .read = read_head,
                           .change = change,
                           .remove = remove_message,
                           .write_out = write_out,
                           .take_in = take_in,
                           .took = took,
                           .flush = flush,
                           .close = close_box};
