/* make-store.c - make-store N PROFILE [FOLDERS]: a profile's store with N made-up messages in work/INBOX, for
 * the benches; with so many more folders that are empty, ten below each. */
#include "mailbox.h"

#include "base/paths.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    guint64 n;
    int64_t inbox;
} Wanted;

static gboolean folders_job(StoreTxn *txn, void *data, GError **error)
{
    return mailbox_folders(txn, &((Wanted *)data)->inbox, error);
}

static gboolean many_folders_job(StoreTxn *txn, void *data, GError **error)
{
    Wanted *wanted = data;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) listed = g_array_new(FALSE, TRUE, sizeof(StoreListed));
    int64_t account;

    g_ptr_array_add(names, g_strdup("INBOX"));
    for (guint64 i = 0; i < wanted->n; i++)
        g_ptr_array_add(names, i % 11 == 0
                                   ? g_strdup_printf("Project %" G_GUINT64_FORMAT, i / 11)
                                   : g_strdup_printf("Project %" G_GUINT64_FORMAT "/Part %" G_GUINT64_FORMAT,
                                                     i / 11, i % 11));
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        StoreListed one = {.name = name,
                           .raw_name = name,
                           .delimiter = '/',
                           .role = i ? STORE_ROLE_NONE : STORE_ROLE_INBOX,
                           .selectable = TRUE,
                           .subscribed = TRUE,
                           .has_status = TRUE,
                           .messages = i,
                           .unseen = i % 7};
        g_array_append_val(listed, one);
    }
    wanted->inbox = 1; /* folders are numbered from 1 in a new store */
    return store_txn_account(txn, "work", &account, error) &&
           store_txn_folders(txn, account, (const StoreListed *)(void *)listed->data, listed->len, error);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint64 n;
    Wanted wanted = {0};

    if (argc < 3 || argc > 4 || !g_ascii_string_to_unsigned(argv[1], 10, 1, UINT32_MAX - 1, &n, NULL) ||
        (argc == 4 && !g_ascii_string_to_unsigned(argv[3], 10, 1, 8000, &wanted.n, NULL))) {
        fprintf(stderr, "usage: make-store N PROFILE [FOLDERS]\n");
        return 2;
    }
    g_autoptr(Paths) paths = paths_new(argv[2]);
    g_autoptr(Store) store = store_open(paths, &error);
    Mailbox *mailbox = mailbox_new((guint)n);
    gboolean is_done = store &&
                       store_run(store, STORE_LANE_USER, FALSE, wanted.n ? many_folders_job : folders_job,
                                 &wanted, &error) &&
                       mailbox_fill(mailbox, store, wanted.inbox, NULL, &error);
    mailbox_free(mailbox);
    if (!is_done)
        fprintf(stderr, "make-store: %s\n", error->message);
    return is_done ? 0 : 1;
}
