/* stubs.c - see stubs.h. */
#include "engine/stubs.h"

#include "maildir/folders.h"

#include <string.h>

#define SIZE_MARK ",S="

char *stubs_root(const char *account, const Paths *paths)
{
    return g_build_filename(paths->data, "stubs", account, NULL);
}

MaildirFolder *stubs_open(const char *root, gboolean makes, GError **error)
{
    if (makes && !maildir_make_folder(root, MAILDIR_INBOX, error))
        return NULL;
    /* Half made by a run that was cut off: there is nothing in it. */
    if (!makes && maildir_root_is_there(root, NULL) != 1)
        return NULL;
    return maildir_open(root, MAILDIR_INBOX, error);
}

char *stubs_base(const char *base, uint64_t octets)
{
    return g_strdup_printf("%s" SIZE_MARK "%" G_GUINT64_FORMAT, base, octets);
}

int64_t stubs_octets(const char *base)
{
    const char *mark = strstr(base, SIZE_MARK);
    gint64 octets;

    return mark && g_ascii_string_to_signed(mark + strlen(SIZE_MARK), 10, 0, G_MAXINT64, &octets, NULL)
               ? octets
               : -1;
}
