/* paths.c - see paths.h. */
#include "base/paths.h"

#include <stdlib.h>

/* A socket's path is at most 107 bytes, so a deep profile folder has its sockets where the system keeps such
 * things, in a folder named by a hash of the data folder's path. */
static char *run_folder(const char *data)
{
    const char *system = g_getenv("XDG_RUNTIME_DIR");

    if (!system || !g_path_is_absolute(system) || !g_file_test(system, G_FILE_TEST_IS_DIR))
        return g_strdup(data);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, data, -1);
    g_autofree char *name = g_strdup_printf("tern-%.16s", hash);
    return g_build_filename(system, name, NULL);
}

Paths *paths_new(const char *profile)
{
    Paths *paths = g_new0(Paths, 1);

    if (profile) {
        g_autofree char *folder = g_canonicalize_filename(profile, NULL);
        paths->config = g_build_filename(folder, "tern.conf", NULL);
        paths->data = g_build_filename(folder, "data", NULL);
        paths->cache = g_build_filename(folder, "cache", NULL);
    } else {
        paths->config = g_build_filename(g_get_user_config_dir(), "tern", "tern.conf", NULL);
        paths->data = g_build_filename(g_get_user_data_dir(), "tern", NULL);
        paths->cache = g_build_filename(g_get_user_cache_dir(), "tern", NULL);
    }
    paths->run = run_folder(paths->data);
    return paths;
}

void paths_free(Paths *paths)
{
    if (!paths)
        return;
    g_free(paths->config);
    g_free(paths->data);
    g_free(paths->cache);
    g_free(paths->run);
    g_free(paths);
}

char *paths_whole(const char *written)
{
    return g_str_has_prefix(written, "~/") ? g_build_filename(g_get_home_dir(), written + 2, NULL)
                                           : g_strdup(written);
}
