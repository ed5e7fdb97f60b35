/*
 * temp-folder.h - a folder of a test's own, which goes with all that is in it.
 *
 *     cmocka_unit_test_setup_teardown(test_x, temp_folder_make, temp_folder_remove)    *state is its path
 *
 * For a group of tests that share one: temp_folder_new() before and temp_folder_free() after it. Within one
 * test: g_autoptr(TempFolder).
 */
#ifndef TERN_TESTS_TEMP_FOLDER_H
#define TERN_TESTS_TEMP_FOLDER_H

#include <glib.h>

typedef char TempFolder;

/* Its path; temp_folder_free() removes it. */
char *temp_folder_new(void);
void temp_folder_free(char *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TempFolder, temp_folder_free)

/* The same as cmocka's setup and teardown: *state is the path. */
int temp_folder_make(void **state);
int temp_folder_remove(void **state);

#endif
