/* folder_marks.c - see folder_marks.h. */
#include "store/folder_marks.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that grew past so much was not written by tern. */
#define FILE_MAX_BYTES (4 << 20)
/* Lines that say nothing any more, before the file is written anew. */
#define STALE_LINES_MAX 1000

struct FolderMarks {
    char *path;
    GHashTable *sets[FOLDER_MARKS];
    struct stat seen; /* the file as it was read last; of size 0: there was none */
    GError *problem;  /* of the last that was set; NULL: none */
};

static const char *const NAMES[FOLDER_MARKS] = {[FOLDER_FOLDED] = "folded", [FOLDER_HIDDEN] = "hidden"};

/* A name with a line's end in it is not remembered; its mark holds for this run. */
static gboolean is_line(const char *folder)
{
    return !strpbrk(folder, "\r\n") && g_utf8_validate(folder, -1, NULL);
}

static gboolean put(GHashTable *set, const char *folder, gboolean is_set)
{
    return is_set ? g_hash_table_add(set, g_strdup(folder)) : g_hash_table_remove(set, folder);
}

/* Into sets that begin with this mark's. */
static void take_line(FolderMarks *marks, FolderMark first, const char *line)
{
    for (guint i = first; i < FOLDER_MARKS; i++) {
        gsize length = strlen(NAMES[i]);
        if ((*line == '+' || *line == '-') && g_str_has_prefix(line + 1, NAMES[i]) &&
            line[length + 1] == ' ' && is_line(line))
            put(marks->sets[i], line + length + 2, *line == '+');
    }
}

static gboolean write_text(const char *path, const char *text, gsize size, int flags, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);

    if (fd < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("writing %s"), path);
        return FALSE;
    }
    gboolean ok = file_write_all(fd, text, size, error);
    close(fd);
    return ok;
}

static void write_anew(const FolderMarks *marks)
{
    g_autofree char *new_path = g_strconcat(marks->path, ".new", NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < FOLDER_MARKS; i++) {
        GHashTableIter iter;
        void *folder;
        g_hash_table_iter_init(&iter, marks->sets[i]);
        while (g_hash_table_iter_next(&iter, &folder, NULL))
            if (is_line(folder))
                g_string_append_printf(text, "+%s %s\n", NAMES[i], (const char *)folder);
    }
    if (!write_text(new_path, text->str, text->len, O_TRUNC, NULL) || rename(new_path, marks->path) != 0)
        unlink(new_path);
}

/* How many lines there were. */
static guint read_lines(FolderMarks *marks, FolderMark first)
{
    g_autofree char *text = file_read(marks->path, FILE_MAX_BYTES, NULL, NULL);
    g_auto(GStrv) lines = text ? g_strsplit(text, "\n", -1) : NULL;
    guint n = 0;

    for (; lines && lines[n]; n++)
        take_line(marks, first, lines[n]);
    return n;
}

/* Whether the file is another than the one that was read. Its state is taken before it is read: what comes
 * between is read again. */
static gboolean has_changed(FolderMarks *marks)
{
    struct stat now;

    if (stat(marks->path, &now) != 0)
        now = (struct stat){0};
    gboolean is_other = now.st_ino != marks->seen.st_ino || now.st_size != marks->seen.st_size;
    marks->seen = now;
    return is_other;
}

static void load(FolderMarks *marks)
{
    has_changed(marks);
    guint n = read_lines(marks, 0), counted = 0;

    for (guint i = 0; i < FOLDER_MARKS; i++)
        counted += g_hash_table_size(marks->sets[i]);
    if (n > counted + STALE_LINES_MAX)
        write_anew(marks);
}

FolderMarks *folder_marks_new(const char *data)
{
    FolderMarks *marks = g_new0(FolderMarks, 1);

    marks->path = g_build_filename(data, "folders", NULL);
    for (guint i = 0; i < FOLDER_MARKS; i++)
        marks->sets[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    load(marks);
    return marks;
}

void folder_marks_free(FolderMarks *marks)
{
    if (!marks)
        return;
    for (guint i = 0; i < FOLDER_MARKS; i++)
        g_hash_table_unref(marks->sets[i]);
    g_free(marks->path);
    g_clear_error(&marks->problem);
    g_free(marks);
}

gboolean folder_marks_has(const FolderMarks *marks, FolderMark mark, const char *folder)
{
    return g_hash_table_contains(marks->sets[mark], folder);
}

/* Whoever wrote the last line was ended within it, or the disk was full. */
static gboolean is_cut(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    char last = '\n';

    if (fd < 0)
        return FALSE;
    const gboolean is_read = lseek(fd, -1, SEEK_END) >= 0 && read(fd, &last, 1) == 1;
    close(fd);
    return is_read && last != '\n';
}

gboolean folder_marks_set(FolderMarks *marks, FolderMark mark, const char *folder, gboolean is_set)
{
    g_clear_error(&marks->problem);
    if (!put(marks->sets[mark], folder, is_set))
        return FALSE;
    g_autofree char *line = g_strdup_printf("%s%c%s %s\n", is_cut(marks->path) ? "\n" : "",
                                            is_set ? '+' : '-', NAMES[mark], folder);
    if (is_line(folder))
        write_text(marks->path, line, strlen(line), O_APPEND, &marks->problem);
    else
        tern_error_set(&marks->problem, TERN_ERROR_INPUT,
                       _("a name with a line's end in it, or not in UTF-8, cannot be remembered"));
    return TRUE;
}

const GError *folder_marks_problem(const FolderMarks *marks)
{
    return marks->problem;
}

static gboolean is_kept_elsewhere(void *folder, void *value, void *data)
{
    (void)value;
    (void)data;
    return is_line(folder);
}

void folder_marks_refresh(FolderMarks *marks)
{
    if (!has_changed(marks))
        return;
    g_hash_table_foreach_remove(marks->sets[FOLDER_HIDDEN], is_kept_elsewhere, NULL);
    read_lines(marks, FOLDER_HIDDEN);
}

guint folder_marks_count(const FolderMarks *marks, FolderMark mark)
{
    return g_hash_table_size(marks->sets[mark]);
}

GHashTable *folder_marks_copy(const FolderMarks *marks, FolderMark mark)
{
    GHashTable *copy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    void *folder;

    g_hash_table_iter_init(&iter, marks->sets[mark]);
    while (g_hash_table_iter_next(&iter, &folder, NULL))
        g_hash_table_add(copy, g_strdup(folder));
    return copy;
}

gboolean folder_marks_hides(GHashTable *hidden, const char *account, const char *path)
{
    if (!g_hash_table_size(hidden))
        return FALSE;
    g_autofree char *key = g_strdup_printf("%s/%s", account, path);
    for (;;) {
        if (g_hash_table_contains(hidden, key))
            return TRUE;
        char *slash = strrchr(key, '/');
        if (!slash || slash <= key + strlen(account))
            return FALSE;
        *slash = '\0';
    }
}
