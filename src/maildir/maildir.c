/* maildir.c - see maildir.h: what is in a folder, and where. What is done to it: change.c, deliver.c. */
#include "maildir/private.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder's time moves on with the kernel's clock, some 4 ms at a time, and on some file systems with whole
 * seconds: what changed less long ago may change once more without its time showing it. */
#define SETTLED_S 2

/* So soon after it was read twice, a folder is not read again for one message that it had not: a thousand
 * that are gone would cost a thousand readings. */
#define FRESH_US SECOND_US

static const char *const PLACE_NAMES[] = {[PLACE_NEW] = "new", [PLACE_CUR] = "cur"};

gboolean maildir_fail(const MaildirFolder *folder, const char *format, GError **error)
{
    const int saved = errno;
    g_autofree char *shown = g_filename_display_name(folder->path);

    tern_error_set_errno(error, TERN_ERROR_STORE, saved, "%s %s", format, shown);
    return FALSE;
}

MaildirFolder *maildir_open(const char *root, const char *raw_name, GError **error)
{
    g_autoptr(MaildirFolder) folder = g_new0(MaildirFolder, 1);

    folder->path = g_build_filename(root, raw_name, NULL);
    folder->fds[PLACE_NEW] = folder->fds[PLACE_CUR] = -1;
    folder->names = g_string_chunk_new(4096);
    for (Place place = 0; place < PLACES; place++) {
        g_autofree char *path = g_build_filename(folder->path, PLACE_NAMES[place], NULL);
        folder->fds[place] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder->fds[place] < 0) {
            maildir_fail(folder, _("cannot open the mail folder"), error);
            return NULL;
        }
    }
    return g_steal_pointer(&folder);
}

void maildir_forget_index(MaildirFolder *folder)
{
    g_clear_pointer(&folder->index, g_hash_table_unref);
    g_clear_pointer(&folder->files, g_ptr_array_unref);
    folder->read_us = 0;
    folder->is_read_twice = FALSE;
    g_string_chunk_clear(folder->names);
}

void maildir_close(MaildirFolder *folder)
{
    if (!folder)
        return;
    maildir_forget_index(folder);
    for (Place place = 0; place < PLACES; place++)
        if (folder->fds[place] >= 0)
            close(folder->fds[place]);
    keywords_free(folder->keywords);
    g_string_chunk_free(folder->names);
    g_free(folder->path);
    g_free(folder);
}

/* ---- the stamp ---- */

static guint64 mix(guint64 stamp, guint64 number)
{
    /* FNV's prime; what matters is that any change shows. */
    for (int shift = 0; shift < 64; shift += 8)
        stamp = (stamp ^ (number >> shift & 0xff)) * G_GUINT64_CONSTANT(0x100000001b3);
    return stamp;
}

guint64 maildir_stamp(const MaildirFolder *folder)
{
    static const char *const FILES[] = {"tern-keywords", "dovecot-keywords"};
    guint64 stamp = G_GUINT64_CONSTANT(0xcbf29ce484222325);
    const int64_t now_s = clock_wall_s();
    gboolean is_settled = TRUE;

    for (guint i = 0; i < PLACES + G_N_ELEMENTS(FILES); i++) {
        struct stat is = {0};
        g_autofree char *path = i < PLACES ? NULL : g_build_filename(folder->path, FILES[i - PLACES], NULL);
        if ((path ? stat(path, &is) : fstat(folder->fds[i], &is)) < 0 && !path)
            return 0;
        stamp =
            mix(mix(mix(stamp, (guint64)is.st_ino), (guint64)is.st_mtim.tv_sec), (guint64)is.st_mtim.tv_nsec);
        /* Of a time to come (a clock that was set back) nothing can be said either. */
        is_settled &= is.st_mtim.tv_sec < now_s - SETTLED_S;
    }
    return !is_settled ? 0 : stamp ? stamp : 1;
}

/* ---- reading ---- */

static MaildirFile *new_file(MaildirFolder *folder, Place place, const char *name)
{
    const MaildirNamed named = maildir_name_parse(name);
    MaildirFile *file = g_new0(MaildirFile, 1);

    file->name = g_string_chunk_insert(folder->names, name);
    file->base = g_string_chunk_insert_len(folder->names, name, (gssize)named.base_bytes);
    file->is_new = place == PLACE_NEW;
    file->flags = named.flags;
    file->letters = named.letters;
    return file;
}

MaildirFile *maildir_remember(MaildirFolder *folder, Place place, const char *name)
{
    MaildirFile *file = new_file(folder, place, name);

    if (!folder->index)
        folder->index = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    g_clear_pointer(&folder->files, g_ptr_array_unref);
    g_hash_table_replace(folder->index, (void *)file->base, file);
    return file;
}

/* Names that begin with a dot are not messages (Maildir's rule), and folders none of ours. */
static gboolean is_message(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_name[0] != ':' && entry->d_type != DT_DIR;
}

static gboolean read_place(MaildirFolder *folder, Place place, GHashTable *index, GError **error)
{
    const int fd = openat(folder->fds[place], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return maildir_fail(folder, _("cannot read the mail folder"), error);
    }
    for (const struct dirent *entry; (errno = 0, entry = readdir(dir));) {
        if (!is_message(entry))
            continue;
        MaildirFile *file = new_file(folder, place, entry->d_name);
        /* The later place counts: a file goes from new/ to cur/ and not back. */
        g_hash_table_replace(index, (void *)file->base, file);
    }
    const gboolean ok = errno == 0 || maildir_fail(folder, _("cannot read the mail folder"), error);
    closedir(dir);
    return ok;
}

/* Whether the folder itself is still there: an open descriptor outlives it. */
static gboolean check_linked(const MaildirFolder *folder, GError **error)
{
    struct stat is;

    if (fstat(folder->fds[PLACE_CUR], &is) == 0 && is.st_nlink > 0)
        return TRUE;
    errno = ENOENT;
    return maildir_fail(folder, _("the mail folder has gone:"), error);
}

static gboolean read_folder(MaildirFolder *folder, GError **error)
{
    GHashTable *index = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

    maildir_forget_index(folder);
    if (read_place(folder, PLACE_NEW, index, error) && read_place(folder, PLACE_CUR, index, error) &&
        check_linked(folder, error)) {
        folder->index = index;
        folder->read_us = clock_now_us();
        return TRUE;
    }
    g_hash_table_unref(index);
    return FALSE;
}

/* What is renamed while a folder is being read may be missed: into the index goes what a second reading
 * finds. What neither has is gone. */
static gboolean read_again(MaildirFolder *folder, GError **error)
{
    g_clear_pointer(&folder->files, g_ptr_array_unref); /* they are the index's */
    if (!read_place(folder, PLACE_NEW, folder->index, error) ||
        !read_place(folder, PLACE_CUR, folder->index, error) || !check_linked(folder, error))
        return FALSE;
    folder->is_read_twice = TRUE;
    folder->read_us = clock_now_us();
    return TRUE;
}

static int compare(const void *a, const void *b)
{
    return strcmp((*(const MaildirFile *const *)a)->base, (*(const MaildirFile *const *)b)->base);
}

const GPtrArray *maildir_list(MaildirFolder *folder, GError **error)
{
    GHashTableIter iter;
    void *file;

    g_clear_pointer(&folder->keywords, keywords_free); /* others may have changed them */
    if (!read_folder(folder, error))
        return NULL;
    folder->files = g_ptr_array_sized_new(g_hash_table_size(folder->index) + 1);
    g_hash_table_iter_init(&iter, folder->index);
    while (g_hash_table_iter_next(&iter, NULL, &file))
        g_ptr_array_add(folder->files, file);
    g_ptr_array_sort(folder->files, compare);
    return folder->files;
}

/* ---- where a message is ---- */

static gboolean is_at(int fd, const char *name)
{
    return faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The names that it most likely has: TRUE with *place_out and *name_out (to be freed). */
static gboolean guess(const int fds[PLACES], const char *base, uint32_t like_flags, Place *place_out,
                      char **name_out)
{
    const struct {
        Place place;
        uint32_t flags;
        const char *like;
    } GUESSES[] = {{PLACE_CUR, like_flags, ":2,"}, {PLACE_NEW, 0, NULL}, {PLACE_CUR, 0, NULL}};

    for (guint i = 0; i < G_N_ELEMENTS(GUESSES); i++) {
        g_autofree char *name = maildir_name_make(base, GUESSES[i].flags, 0, GUESSES[i].like);
        if (!is_at(fds[GUESSES[i].place], name))
            continue;
        *place_out = GUESSES[i].place;
        *name_out = g_steal_pointer(&name);
        return TRUE;
    }
    return FALSE;
}

/* A base is a name of the folder's and no path. */
static gboolean is_base(const char *base)
{
    return *base && *base != '.' && !strchr(base, '/');
}

gboolean maildir_is_likely(const MaildirFolder *folder, const char *base, uint32_t like_flags)
{
    g_autofree char *name = NULL;
    Place place;

    return is_base(base) && guess(folder->fds, base, like_flags, &place, &name);
}

/* Reads the folder until it has the message, or that counts as gone. NULL: gone, or an error. */
static const MaildirFile *search(MaildirFolder *folder, const char *base, gboolean is_index_old,
                                 GError **error)
{
    const MaildirFile *file = NULL;

    if (is_index_old || !folder->read_us || clock_now_us() - folder->read_us > FRESH_US) {
        if (!read_folder(folder, error))
            return NULL;
        file = g_hash_table_lookup(folder->index, base);
    }
    if (!file && !folder->is_read_twice && read_again(folder, error))
        file = g_hash_table_lookup(folder->index, base);
    return file;
}

int maildir_find(MaildirFolder *folder, const char *base, uint32_t like_flags, MaildirFile *file_out,
                 GError **error)
{
    const MaildirFile *file = folder->index ? g_hash_table_lookup(folder->index, base) : NULL;
    g_autofree char *name = NULL;
    GError *failed = NULL;
    Place place;

    if (!is_base(base))
        return 0;
    const gboolean was_there = file != NULL;
    if (file && !is_at(folder->fds[maildir_place(file)], file->name))
        file = NULL; /* somebody has changed it meanwhile */
    if (!file && guess(folder->fds, base, like_flags, &place, &name))
        file = maildir_remember(folder, place, name);
    if (!file && !(file = search(folder, base, was_there, &failed)) && failed) {
        g_propagate_error(error, failed);
        return -1;
    }
    if (file)
        *file_out = *file;
    return file != NULL;
}

/* In a folder that is read for one message only. */
static char *search_place(const char *path, const char *base)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const gsize size = strlen(base);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (strncmp(name, base, size) == 0 && (!name[size] || name[size] == ':'))
            return g_build_filename(path, name, NULL);
    return NULL;
}

static char *guess_path(const MaildirFolder *folder, const char *base, uint32_t like_flags)
{
    g_autofree char *name = NULL;
    Place place;

    return is_base(base) && guess(folder->fds, base, like_flags, &place, &name)
               ? g_build_filename(folder->path, PLACE_NAMES[place], name, NULL)
               : NULL;
}

char *maildir_likely_path(const char *root, const char *raw_name, const char *base, uint32_t like_flags)
{
    g_autoptr(MaildirFolder) folder = maildir_open(root, raw_name, NULL);

    return folder ? guess_path(folder, base, like_flags) : NULL;
}

char *maildir_path(const char *root, const char *raw_name, const char *base, uint32_t like_flags)
{
    g_autoptr(MaildirFolder) folder = maildir_open(root, raw_name, NULL);
    char *path = folder ? guess_path(folder, base, like_flags) : NULL;

    for (Place place = 0; folder && is_base(base) && place < PLACES && !path; place++) {
        g_autofree char *at = g_build_filename(folder->path, PLACE_NAMES[place], NULL);
        path = search_place(at, base);
    }
    return path;
}

/* ---- what it holds ---- */

Keywords *maildir_open_keywords(MaildirFolder *folder, GError **error)
{
    if (!folder->keywords)
        folder->keywords = keywords_read(folder->path, error);
    return folder->keywords;
}

char **maildir_keywords(MaildirFolder *folder, const MaildirFile *file)
{
    const Keywords *keywords = maildir_open_keywords(folder, NULL);

    return keywords ? keywords_of(keywords, file->base, file->letters) : NULL;
}

/* A FIFO, a link, a folder: whoever put it there, it is no mail. */
static void fail_odd(const MaildirFolder *folder, const MaildirFile *file, GError **error)
{
    g_autofree char *path =
        g_build_filename(folder->path, PLACE_NAMES[maildir_place(file)], file->name, NULL);
    g_autofree char *whole = g_canonicalize_filename(path, NULL), *shown = g_filename_display_name(whole);

    tern_error_set(error, TERN_ERROR_INPUT, _("%s is no plain file, and so no message; it is passed over"),
                   shown);
}

int maildir_read(MaildirFolder *folder, const MaildirFile *file, int64_t *size_out, int64_t *mtime_s_out,
                 GError **error)
{
    /* NONBLOCK: a FIFO would wait for ever. */
    const int fd = openat(folder->fds[maildir_place(file)], file->name,
                          O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat is;

    if (fd < 0 && errno == ENOENT)
        return -1;
    if (fd < 0 && errno == ELOOP) {
        fail_odd(folder, file, error);
    } else if (fd < 0 || fstat(fd, &is) < 0) {
        maildir_fail(folder, _("cannot open a message in"), error);
    } else if (!S_ISREG(is.st_mode)) {
        fail_odd(folder, file, error);
    } else {
        *size_out = is.st_size;
        *mtime_s_out = is.st_mtime;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}
