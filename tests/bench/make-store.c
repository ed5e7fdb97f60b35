/* make-store.c - make-store N PROFILE: a profile's store with N made-up messages in work/INBOX, for the benches. */
#include "mailbox.h"

#include "base/paths.h"

#include <stdio.h>
#include <stdlib.h>

static gboolean folders_job(StoreTxn *txn, void *data, GError **error)
{
    return mailbox_folders(txn, data, error);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint64 n;
    int64_t inbox;

    if (argc != 3 || !g_ascii_string_to_unsigned(argv[1], 10, 1, UINT32_MAX - 1, &n, NULL)) {
        fprintf(stderr, "usage: make-store N PROFILE\n");
        return 2;
    }
    g_autoptr(Paths) paths = paths_new(argv[2]);
    g_autoptr(Store) store = store_open(paths, &error);
    Mailbox *mailbox = mailbox_new((guint)n);
    gboolean is_done = store && store_run(store, STORE_LANE_USER, FALSE, folders_job, &inbox, &error) &&
                       mailbox_fill(mailbox, store, inbox, NULL, &error);
    mailbox_free(mailbox);
    if (!is_done)
        fprintf(stderr, "make-store: %s\n", error->message);
    return is_done ? 0 : 1;
}
