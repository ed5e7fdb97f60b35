/* shelf.c - see shelf.h. */
#include "maildir/shelf.h"
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN_DIGITS 16

static DIR *open_shelf(const char *cache_folder, guint shelf)
{
    g_autofree char *path = g_strdup_printf("%s/messages/%02x", cache_folder, shelf);

    return opendir(path);
}

/* Exactly what cache_path() writes. */
static gboolean parse_name(const char *text, guint shelf, CacheName *name)
{
    char *end;

    name->id = g_ascii_strtoll(text, &end, 10);
    if (!g_ascii_isdigit(text[*text == '-']) || *end != '-' || strlen(end + 1) != TOKEN_DIGITS ||
        end[1 + strspn(end + 1, "0123456789abcdef")])
        return FALSE;
    name->token = g_ascii_strtoull(end + 1, NULL, 16);
    return (name->id & 0xff) == shelf;
}

static gboolean is_dots(const char *name)
{
    return !strcmp(name, ".") || !strcmp(name, "..");
}

void cache_shelf_list(const char *cache_folder, guint shelf, GArray *entries)
{
    DIR *dir = open_shelf(cache_folder, shelf);
    const struct dirent *found;

    while (dir && (found = readdir(dir))) {
        CacheEntry entry;
        struct stat is;
        if (is_dots(found->d_name) || fstatat(dirfd(dir), found->d_name, &is, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (!parse_name(found->d_name, shelf, &entry.name) || !S_ISREG(is.st_mode) || is.st_size == 0) {
            unlinkat(dirfd(dir), found->d_name, 0);
            continue;
        }
        entry.size_bytes = is.st_size;
        entry.read_s = is.st_mtime;
        g_array_append_val(entries, entry);
    }
    if (dir)
        closedir(dir);
}

void cache_remove(const char *cache_folder, CacheName name)
{
    g_autofree char *path = cache_path(cache_folder, name);

    unlink(path);
}

static int by_shelf(const void *a, const void *b)
{
    const int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    const int difference = (int)(one & 0xff) - (int)(other & 0xff);

    return difference ? difference : one < other ? -1 : one > other;
}

/* The rows are of this shelf, ascending. */
static void remove_from_shelf(const char *cache_folder, guint shelf, const int64_t *ids, guint n)
{
    DIR *dir = open_shelf(cache_folder, shelf);
    const struct dirent *found;

    while (dir && (found = readdir(dir))) {
        CacheName name;
        if (parse_name(found->d_name, shelf, &name) && bsearch(&name.id, ids, n, sizeof *ids, by_shelf))
            unlinkat(dirfd(dir), found->d_name, 0);
    }
    if (dir)
        closedir(dir);
}

void cache_remove_rows(const char *cache_folder, const int64_t *ids, guint n)
{
    g_autofree int64_t *sorted = g_memdup2(ids, n * sizeof *ids);

    if (n)
        qsort(sorted, n, sizeof *sorted, by_shelf);
    for (guint from = 0, to; from < n; from = to) {
        const guint shelf = (guint)(sorted[from] & 0xff);
        for (to = from + 1; to < n && (guint)(sorted[to] & 0xff) == shelf; to++)
            ;
        remove_from_shelf(cache_folder, shelf, sorted + from, to - from);
    }
}

static int newest_first(const void *a, const void *b)
{
    const CacheEntry *one = a, *other = b;

    return one->read_s > other->read_s ? -1 : one->read_s < other->read_s;
}

void cache_trim(const char *cache_folder, int64_t max_bytes)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(CacheEntry));

    for (guint shelf = 0; shelf < CACHE_SHELVES; shelf++)
        cache_shelf_list(cache_folder, shelf, entries);
    g_array_sort(entries, newest_first);
    for (guint i = 0; i < entries->len; i++) {
        const CacheEntry *entry = &g_array_index(entries, CacheEntry, i);
        max_bytes -= entry->size_bytes;
        if (max_bytes < 0)
            cache_remove(cache_folder, entry->name);
    }
}

/* Moved aside first, so that what is filled from now on is not among them. */
void cache_remove_unfinished(const char *cache_folder)
{
    g_autofree char *new = g_strconcat(cache_folder, "/messages/new", NULL);
    g_autofree char *aside = g_strconcat(cache_folder, "/messages/unfinished", NULL);

    file_empty_folder(aside, NULL); /* whoever moved it aside was killed too */
    rmdir(aside);
    if (rename(new, aside) == 0) {
        file_empty_folder(aside, NULL);
        rmdir(aside);
    }
}
