/* temp-folder.c - see temp-folder.h. */
#include "temp-folder.h"

#include "base/file.h"

#include <unistd.h>

char *temp_folder_new(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("tern-test-XXXXXX", &error);

    if (!folder)
        g_error("no folder for the test: %s", error->message);
    return folder;
}

void temp_folder_free(char *folder)
{
    file_empty_folder(folder, NULL);
    rmdir(folder);
    g_free(folder);
}

int temp_folder_make(void **state)
{
    *state = temp_folder_new();
    return 0;
}

int temp_folder_remove(void **state)
{
    temp_folder_free(*state);
    return 0;
}
