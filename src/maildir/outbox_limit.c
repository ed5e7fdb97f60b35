/* outbox_limit.c - see outbox_limit.h. */
#include "maildir/outbox_limit.h"

#include "base/file.h"

#include <string.h>

/* A number and its line end. */
#define MOST_BYTES 32

static char *path_of(const char *data, const char *account)
{
    g_autofree char *name = g_uri_escape_string(account, NULL, FALSE);

    return g_build_filename(data, "outbox", "limits", *name == '.' ? "%2E" : name, NULL);
}

int64_t outbox_limit(const char *data, const char *account)
{
    g_autofree char *path = path_of(data, account);
    g_autofree char *text =
        g_file_test(path, G_FILE_TEST_EXISTS) ? file_read(path, MOST_BYTES, NULL, NULL) : NULL;

    return text ? MAX(g_ascii_strtoll(text, NULL, 10), 0) : 0;
}

void outbox_limit_remember(const char *data, const char *account, int64_t bytes)
{
    g_autofree char *path = path_of(data, account), *folder = g_path_get_dirname(path);
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "\n", bytes);

    if (outbox_limit(data, account) != bytes && file_make_folder(folder, NULL))
        file_write_atomic(path, text, strlen(text), NULL);
}
