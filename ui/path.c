/* path.c - see path.h. */
#include "ui/path.h"

#include "base/paths.h"

#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *path_complete(G_GNUC_UNUSED Ui *ui, G_GNUC_UNUSED void *data, const char *line,
                         gsize *shown_from_out)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    const char *slash = strrchr(line, '/'), *beginning = slash ? slash + 1 : line;
    g_autofree char *typed = g_strndup(line, (gsize)(beginning - line));
    g_autofree char *folder = *typed ? paths_whole(typed) : g_strdup(".");
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    *shown_from_out = strlen(typed);
    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
        if (!g_str_has_prefix(name, beginning) || (*name == '.' && *beginning != '.') ||
            !g_utf8_validate(name, -1, NULL))
            continue;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        gboolean is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
        g_ptr_array_add(found, g_strconcat(typed, name, is_folder ? "/" : "", NULL));
    }
    g_ptr_array_sort(found, by_name);
    return found;
}
