/*
 * disk_stubs.c - see disk_box.h: the Inbox of a POP3 account that has stubs (stubs.h).
 *
 *      the Maildir's Inbox ──┐
 *                            ├──> one folder, in which a stub has STORE_STUB
 *      the stubs           ──┘
 *
 * Whoever opens it has the account's folders for himself (disk.h), and so is the one to end what the fetching
 * of a stub has begun: its flags and keywords go to the whole message, and then the stub goes. What would
 * take a stub out of the Inbox is INPUT, which is told and taken back: there is nothing yet that could be
 * anywhere else.
 */
#include "engine/disk_box.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/stubs.h"

#include <string.h>

typedef struct {
    MaildirFolder *mail, *stubs;
} Both;

static void close_both(void *of)
{
    Both *both = of;

    maildir_close(both->mail);
    maildir_close(both->stubs);
    g_free(both);
}

/* ---- a stub whose message is here ---- */

static gboolean pass_on_marks(const Both *both, const char *base, GError **error)
{
    MaildirFile stub;
    const int found = maildir_find(both->stubs, base, 0, &stub, error);
    g_auto(GStrv) keywords = found == 1 ? maildir_keywords(both->stubs, &stub) : NULL;

    if (found < 0 ||
        (found == 1 && (stub.flags || keywords) &&
         maildir_change(both->mail, base, 0, stub.flags, 0, (const char *const *)keywords, NULL, error) < 0))
        return FALSE;
    return TRUE;
}

/* `bases`: char *, of stubs. What was passed on stays before what it was passed on from goes. */
static gboolean end_fetched(const Both *both, const GPtrArray *bases, GError **error)
{
    for (guint i = 0; i < bases->len; i++)
        if (!pass_on_marks(both, bases->pdata[i], error))
            return FALSE;
    if (bases->len && !maildir_flush(both->mail, error))
        return FALSE;
    for (guint i = 0; i < bases->len; i++)
        if (maildir_remove(both->stubs, bases->pdata[i], 0, error) < 0)
            return FALSE;
    return TRUE;
}

/* Those that are where they were delivered just now; what another program has marked meanwhile is found when
 * the folder is listed. */
static gboolean end_delivered(const Both *both, GError **error)
{
    const GPtrArray *files = maildir_list(both->stubs, error);
    g_autoptr(GPtrArray) bases = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; files && i < files->len; i++) {
        const MaildirFile *stub = files->pdata[i];
        if (maildir_is_likely(both->mail, stub->base, stub->flags))
            g_ptr_array_add(bases, g_strdup(stub->base));
    }
    return files && end_fetched(both, bases, error);
}

gboolean disk_stubs_open(const char *root, const char *stubs, void **of_out, GError **error)
{
    GError *failed = NULL;
    MaildirFolder *folder = stubs_open(stubs, FALSE, &failed);

    *of_out = NULL;
    if (!folder) {
        if (failed)
            g_propagate_error(error, failed);
        return !failed;
    }
    Both *both = g_new0(Both, 1);
    both->stubs = folder;
    both->mail = maildir_open(root, MAILDIR_INBOX, error);
    if (both->mail && end_delivered(both, error))
        *of_out = both;
    else
        close_both(both);
    return *of_out != NULL;
}

/* ---- which of the two ---- */

void *disk_stubs_mail(void *of)
{
    return ((Both *)of)->mail;
}

static gboolean is_stub(const Both *both, const char *name)
{
    MaildirFile file;

    return stubs_octets(name) >= 0 && maildir_find(both->stubs, name, 0, &file, NULL) == 1;
}

gboolean disk_stubs_may_leave(void *of, const char *name, GError **error)
{
    if (!is_stub(of, name))
        return TRUE;
    tern_error_set(
        error, TERN_ERROR_INPUT,
        _("only the header of this message is here: the rest is on the server, and is to be fetched "
          "first (w on the screen, or tern show)"));
    return FALSE;
}

static MaildirFolder *folder_of(const Both *both, const DiskFile *file)
{
    return file->flags & STORE_STUB ? both->stubs : both->mail;
}

/* ---- what is there ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const DiskFile *)a)->name, ((const DiskFile *)b)->name);
}

static gboolean list_both(const Both *both, GArray *files, GError **error)
{
    g_array_set_size(files, 0);
    if (!DISK_MAILDIR.list(both->stubs, files, error))
        return FALSE;
    for (guint i = 0; i < files->len; i++)
        g_array_index(files, DiskFile, i).flags |= STORE_STUB;
    if (!DISK_MAILDIR.list(both->mail, files, error))
        return FALSE;
    g_array_sort(files, compare_names);
    return TRUE;
}

static gboolean list(void *of, GArray *files, GError **error)
{
    g_autoptr(GPtrArray) twice = g_ptr_array_new_with_free_func(g_free);

    if (!list_both(of, files, error))
        return FALSE;
    for (guint i = 1; i < files->len; i++) {
        const char *name = g_array_index(files, DiskFile, i).name;
        if (g_str_equal(name, g_array_index(files, DiskFile, i - 1).name))
            g_ptr_array_add(twice, g_strdup(name));
    }
    return !twice->len || (end_fetched(of, twice, error) && list_both(of, files, error));
}

static guint64 stamp(void *of)
{
    const Both *both = of;
    const guint64 mail = maildir_stamp(both->mail), stubs = maildir_stamp(both->stubs);

    /* The stubs' turned, so that what is in both the same does not cancel out. */
    return mail && stubs ? mail ^ (stubs << 1 | stubs >> 63) : 0;
}

static char **keywords(void *of, const DiskFile *file)
{
    return DISK_MAILDIR.keywords(folder_of(of, file), file);
}

/* With the size that the message has on the server. */
static int read_head(void *of, const DiskFile *file, DiskHead *head, GError **error)
{
    const int found = DISK_MAILDIR.read(folder_of(of, file), file, head, error);

    if (found == 1 && file->flags & STORE_STUB)
        head->size_bytes = MAX(stubs_octets(file->name), (int64_t)head->bytes->len + 1);
    return found;
}

/* ---- what is done ---- */

static int change(void *of, const char *name, uint32_t like_flags, const DiskChange *wanted, GError **error)
{
    const Both *both = of;

    return DISK_MAILDIR.change(is_stub(both, name) ? both->stubs : both->mail, name, like_flags, wanted,
                               error);
}

static int remove_file(void *of, const char *name, uint32_t like_flags, GError **error)
{
    return disk_stubs_may_leave(of, name, error)
               ? DISK_MAILDIR.remove(((Both *)of)->mail, name, like_flags, error)
               : -1;
}

static int write_out(void *of, const char *name, uint32_t like_flags, int fd, DiskAside *aside,
                     GError **error)
{
    return disk_stubs_may_leave(of, name, error)
               ? DISK_MAILDIR.write_out(((Both *)of)->mail, name, like_flags, fd, aside, error)
               : -1;
}

static gboolean take_in(void *of, int fd, const char *mark, uint32_t flags, char **words, int64_t arrival_s,
                        char **name_out, GError **error)
{
    return DISK_MAILDIR.take_in(((Both *)of)->mail, fd, mark, flags, words, arrival_s, name_out, error);
}

static int took(void *of, const char *mark, char **name_out, GError **error)
{
    return DISK_MAILDIR.took(((Both *)of)->mail, mark, name_out, error);
}

static gboolean flush(void *of, GError **error)
{
    const Both *both = of;

    return maildir_flush(both->mail, error) && maildir_flush(both->stubs, error);
}

const DiskOps DISK_STUBS = {.list = list,
                            .stamp = stamp,
                            .keywords = keywords,
                            .read = read_head,
                            .change = change,
                            .remove = remove_file,
                            .write_out = write_out,
                            .take_in = take_in,
                            .took = took,
                            .flush = flush,
                            .close = close_both};
