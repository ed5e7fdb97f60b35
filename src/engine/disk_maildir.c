/* disk_maildir.c - see disk_box.h: a folder of a Maildir. */
#include "engine/disk_box.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "maildir/maildir.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FORWARDED "$Forwarded"

static const struct {
    StoreFlag store;
    MaildirFlag maildir;
} FLAGS[] = {{STORE_SEEN, MAILDIR_SEEN},         {STORE_FLAGGED, MAILDIR_FLAGGED},
             {STORE_ANSWERED, MAILDIR_ANSWERED}, {STORE_DRAFT, MAILDIR_DRAFT},
             {STORE_DELETED, MAILDIR_DELETED},   {STORE_FORWARDED, MAILDIR_FORWARDED}};

static uint32_t from_maildir(uint32_t flags)
{
    uint32_t bits = 0;

    for (guint i = 0; i < G_N_ELEMENTS(FLAGS); i++)
        bits |= flags & FLAGS[i].maildir ? FLAGS[i].store : 0;
    return bits;
}

static uint32_t to_maildir(uint32_t bits)
{
    uint32_t flags = 0;

    for (guint i = 0; i < G_N_ELEMENTS(FLAGS); i++)
        flags |= bits & FLAGS[i].store ? FLAGS[i].maildir : 0;
    return flags;
}

void *disk_maildir_open(const char *root, const char *raw_name, GError **error)
{
    return maildir_open(root, raw_name, error);
}

char *disk_maildir_path(const char *root, const char *raw_name, const char *name, uint32_t like_flags,
                        gboolean is_likely)
{
    return (is_likely ? maildir_likely_path : maildir_path)(root, raw_name, name, to_maildir(like_flags));
}

static void close_box(void *of)
{
    maildir_close(of);
}

static gboolean list(void *of, GArray *files, GError **error)
{
    const GPtrArray *listed = maildir_list(of, error);

    for (guint i = 0; listed && i < listed->len; i++) {
        const MaildirFile *from = listed->pdata[i];
        const DiskFile file = {from->base, from_maildir(from->flags), from};
        g_array_append_val(files, file);
    }
    return listed != NULL;
}

static guint64 stamp(void *of)
{
    return maildir_stamp(of);
}

/* $Forwarded stands in the name as P. */
static char **keywords_of(MaildirFolder *folder, const MaildirFile *file)
{
    char **words = maildir_keywords(folder, file);
    const guint n = words ? g_strv_length(words) : 0;

    if (!(file->flags & MAILDIR_FORWARDED))
        return words;
    for (guint i = 0; i < n; i++)
        if (g_ascii_strcasecmp(words[i], FORWARDED) == 0)
            return words;
    words = g_renew(char *, words, n + 2);
    words[n] = g_strdup(FORWARDED);
    words[n + 1] = NULL;
    return words;
}

static char **keywords(void *of, const DiskFile *file)
{
    return keywords_of(of, file->own);
}

/* Up to the array's room. */
static gboolean read_all(int fd, GByteArray *into, int64_t size, GError **error)
{
    const gsize room = (gsize)MIN(size, DISK_READ_BYTES);
    gsize done = 0;
    ssize_t n = 1;

    g_byte_array_set_size(into, (guint)room);
    while (done < room && (n = read(fd, into->data + done, room - done)) != 0) {
        if (n > 0)
            done += (gsize)n;
        else if (errno != EINTR)
            break;
    }
    g_byte_array_set_size(into, (guint)done);
    if (n < 0)
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("a message of a Maildir cannot be read"));
    return n >= 0;
}

static int read_head(void *of, const DiskFile *file, DiskHead *head, GError **error)
{
    GError *failed = NULL;
    const int fd = maildir_read(of, file->own, &head->size_bytes, &head->arrival_s, &failed);

    if (fd < 0) {
        if (failed)
            g_propagate_error(error, failed);
        return failed ? -1 : 0;
    }
    const gboolean ok = read_all(fd, head->bytes, head->size_bytes, error);
    close(fd);
    return ok ? 1 : -1;
}

/* Those that the name cannot say, NULL-terminated, to be freed but for the strings; *forwarded: the one that
 * it can. */
static const char **plain_keywords(const GPtrArray *words, gboolean *forwarded)
{
    GPtrArray *plain = g_ptr_array_new();

    for (guint i = 0; words && i < words->len; i++) {
        if (g_ascii_strcasecmp(words->pdata[i], FORWARDED) == 0)
            *forwarded = TRUE;
        else
            g_ptr_array_add(plain, words->pdata[i]);
    }
    g_ptr_array_add(plain, NULL);
    return (const char **)g_ptr_array_free(plain, FALSE);
}

static int change(void *of, const char *name, uint32_t like_flags, const DiskChange *wanted, GError **error)
{
    gboolean sets = FALSE, clears = FALSE;
    g_autofree const char **add = plain_keywords(wanted->add, &sets),
                          **remove = plain_keywords(wanted->remove, &clears);
    const uint32_t set = to_maildir(wanted->set) | (sets ? MAILDIR_FORWARDED : 0);
    const uint32_t clear = to_maildir(wanted->clear) | (clears ? MAILDIR_FORWARDED : 0);
    g_autoptr(GPtrArray) removed = g_ptr_array_new();

    for (const char **word = remove; *word; word++)
        g_ptr_array_add(removed, (void *)*word);
    if (clears) /* where Dovecot has a letter for it */
        g_ptr_array_add(removed, (void *)FORWARDED);
    g_ptr_array_add(removed, NULL);
    return maildir_change(of, name, to_maildir(like_flags), set, clear, *add ? add : NULL,
                          removed->len > 1 ? (const char *const *)removed->pdata : NULL, error);
}

static int remove_file(void *of, const char *name, uint32_t like_flags, GError **error)
{
    return maildir_remove(of, name, to_maildir(like_flags), error);
}

int disk_maildir_move(void *from, const char *name, uint32_t like_flags, void *to, char **name_out,
                      GError **error)
{
    return maildir_move(from, name, to_maildir(like_flags), to, name_out, error);
}

/* A name of its own, the same when it is made again. */
char *disk_maildir_name(const char *mark)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, mark, -1);

    const int digits = (int)MIN(strspn(mark, "0123456789"), 10); /* the time of what it is made of */
    return g_strdup_printf("%.*s.C%.32s", MAX(digits, 1), digits ? mark : "0", sum);
}

int disk_maildir_copy(void *from, const char *name, uint32_t like_flags, void *to, const char *mark,
                      char **name_out, GError **error)
{
    *name_out = disk_maildir_name(mark);
    return maildir_copy(from, name, to_maildir(like_flags), to, *name_out, error);
}

/* ---- from and to folders of another kind ---- */

static int write_out(void *of, const char *name, uint32_t like_flags, int fd, DiskAside *aside,
                     GError **error)
{
    MaildirFile file;
    GError *failed = NULL;
    int64_t size;
    const int found = maildir_find(of, name, to_maildir(like_flags), &file, error);
    const int from = found == 1 ? maildir_read(of, &file, &size, &aside->arrival_s, &failed) : -1;

    if (failed)
        g_propagate_error(error, failed);
    if (from < 0)
        return found < 0 || failed ? -1 : 0;
    aside->flags = from_maildir(file.flags);
    aside->keywords = keywords_of(of, &file);
    const gboolean ok = file_copy_rest(from, fd, _("a message cannot be read"), error);
    close(from);
    return ok ? 1 : -1;
}

static gboolean take_in(void *of, int fd, const char *mark, uint32_t flags, char **words, int64_t arrival_s,
                        char **name_out, GError **error)
{
    g_autofree char *base = disk_maildir_name(mark);
    MaildirFile there;
    const int found = maildir_find(of, base, to_maildir(flags), &there, error);
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    gboolean is_forwarded = FALSE;

    for (char **word = words; word && *word; word++)
        g_ptr_array_add(all, *word);
    g_autofree const char **plain = plain_keywords(all, &is_forwarded);
    *name_out = g_strdup(base);
    if (found != 0)
        return found == 1; /* it was taken in before */
    return maildir_deliver_file(of, base, fd, to_maildir(flags) | (is_forwarded ? MAILDIR_FORWARDED : 0),
                                plain, arrival_s, error);
}

static int took(void *of, const char *mark, char **name_out, GError **error)
{
    g_autofree char *base = disk_maildir_name(mark);
    MaildirFile there;
    const int found = maildir_find(of, base, 0, &there, error);

    if (found == 1)
        *name_out = g_steal_pointer(&base);
    return found;
}

static gboolean flush(void *of, GError **error)
{
    return maildir_flush(of, error);
}

const DiskOps DISK_MAILDIR = {.list = list,
                              .stamp = stamp,
                              .keywords = keywords,
                              .read = read_head,
                              .change = change,
                              .remove = remove_file,
                              .write_out = write_out,
                              .take_in = take_in,
                              .took = took,
                              .flush = flush,
                              .close = close_box};
