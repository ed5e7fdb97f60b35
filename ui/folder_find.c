/* folder_find.c - see folder_find.h. */
#include "ui/folder_find.h"

static gboolean is_called(const StoreFolder *folder, const char *name, gboolean with_account,
                          gboolean any_case)
{
    g_autofree char *whole =
        with_account ? g_strdup_printf("%s/%s", folder->account, folder->name) : g_strdup(folder->name);

    if (!any_case)
        return g_str_equal(name, whole);
    g_autofree char *folded = g_utf8_casefold(name, -1), *folded_whole = g_utf8_casefold(whole, -1);
    return g_str_equal(folded, folded_whole);
}

const StoreFolder *folder_find(const Config *config, const GPtrArray *folders, const char *name)
{
    static const struct {
        gboolean with_account, any_case;
    } WAYS[] = {{TRUE, FALSE}, {FALSE, FALSE}, {TRUE, TRUE}, {FALSE, TRUE}};
    const GPtrArray *accounts = config_accounts(config);

    for (guint way = 0; way < G_N_ELEMENTS(WAYS); way++) {
        for (guint a = 0; a < accounts->len; a++) {
            const ConfigAccount *account = accounts->pdata[a];
            for (guint i = 0; i < folders->len; i++) {
                const StoreFolder *folder = folders->pdata[i];
                if (g_str_equal(folder->account, account->id) &&
                    is_called(folder, name, WAYS[way].with_account, WAYS[way].any_case))
                    return folder;
            }
        }
    }
    return NULL;
}

const StoreFolder *folder_find_inbox(const Config *config, const GPtrArray *folders)
{
    const GPtrArray *accounts = config_accounts(config);

    for (guint a = 0; a < accounts->len; a++) {
        const ConfigAccount *account = accounts->pdata[a];
        for (guint i = 0; i < folders->len; i++) {
            const StoreFolder *folder = folders->pdata[i];
            if (folder->role == STORE_ROLE_INBOX && g_str_equal(folder->account, account->id))
                return folder;
        }
    }
    return NULL;
}

static gboolean has_folders(const GPtrArray *folders, const char *account)
{
    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (g_str_equal(folder->account, account))
            return TRUE;
    }
    return FALSE;
}

gboolean folder_find_may_change(const Config *config, const GPtrArray *folders, const StoreFolder *found)
{
    const GPtrArray *accounts = config_accounts(config);

    for (guint a = 0; a < accounts->len; a++) {
        const ConfigAccount *account = accounts->pdata[a];
        if (found && g_str_equal(found->account, account->id))
            return FALSE;
        if (account->incoming.protocol != CONFIG_NONE && !has_folders(folders, account->id))
            return TRUE;
    }
    return FALSE;
}
