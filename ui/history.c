/* history.c - see history.h. */
#include "ui/history.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A file that grew past so much was not written by tern. */
#define FILE_MAX_BYTES (1 << 20)

struct History {
    char *folder;
    GHashTable *kinds; /* char * -> GPtrArray of char *, oldest first */
};

History *history_new(const char *data)
{
    History *history = g_new0(History, 1);

    history->folder = g_build_filename(data, "history", NULL);
    history->kinds =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    return history;
}

void history_free(History *history)
{
    if (!history)
        return;
    g_hash_table_unref(history->kinds);
    g_free(history->folder);
    g_free(history);
}

static int find(const GPtrArray *lines, const char *line)
{
    for (guint i = 0; i < lines->len; i++)
        if (g_str_equal(lines->pdata[i], line))
            return (int)i;
    return -1;
}

static gboolean is_line(const char *line)
{
    return *line && !strpbrk(line, "\r\n") && g_utf8_validate(line, -1, NULL);
}

static void put(GPtrArray *lines, const char *line)
{
    int at = find(lines, line);

    if (at >= 0)
        g_ptr_array_remove_index(lines, (guint)at);
    g_ptr_array_add(lines, g_strdup(line));
    if (lines->len > HISTORY_MAX)
        g_ptr_array_remove_index(lines, 0);
}

static void append(const char *path, const char *text, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);

    if (fd < 0)
        return;
    file_write_all(fd, text, strlen(text), NULL);
    close(fd);
}

/* The file as it would be if each line had been written once. */
static void write_anew(const char *path, const GPtrArray *lines)
{
    g_autofree char *new_path = g_strconcat(path, ".new", NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(text, "%s\n", (const char *)lines->pdata[i]);
    append(new_path, text->str, O_TRUNC);
    if (rename(new_path, path) != 0)
        unlink(new_path);
}

static void load(const char *path, GPtrArray *lines)
{
    g_autofree char *text = file_read(path, FILE_MAX_BYTES, NULL, NULL);
    g_auto(GStrv) read = text ? g_strsplit(text, "\n", -1) : NULL;
    guint n = 0;

    for (; read && read[n]; n++)
        if (is_line(read[n]))
            put(lines, read[n]);
    if (n > 2 * HISTORY_MAX)
        write_anew(path, lines);
}

static GPtrArray *lines_of(History *history, const char *kind)
{
    GPtrArray *lines = g_hash_table_lookup(history->kinds, kind);

    if (lines)
        return lines;
    g_autofree char *path = g_build_filename(history->folder, kind, NULL);
    lines = g_ptr_array_new_with_free_func(g_free);
    load(path, lines);
    g_hash_table_insert(history->kinds, g_strdup(kind), lines);
    return lines;
}

const GPtrArray *history_lines(History *history, const char *kind)
{
    return lines_of(history, kind);
}

void history_add(History *history, const char *kind, const char *line)
{
    GPtrArray *lines = lines_of(history, kind);
    g_autofree char *path = g_build_filename(history->folder, kind, NULL),
                    *ended = g_strconcat(line, "\n", NULL);

    if (!is_line(line) || (lines->len && g_str_equal(lines->pdata[lines->len - 1], line)))
        return;
    put(lines, line);
    if (file_make_folder(history->folder, NULL))
        append(path, ended, O_APPEND);
}
