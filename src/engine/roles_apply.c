/*
 * roles_apply.c - see engine.h: the configuration has been changed since the server's folders were listed.
 *
 * The list that comes next would bring it about; whoever is offline, or quicker, would archive into the folder
 * of before. So the roles are assigned anew from what the store has kept of the last list.
 */
#include "engine/engine.h"
#include "engine/roles.h"
#include "store/read.h"
#include "store/writer.h"

typedef struct {
    const ConfigAccount *account;
    const GPtrArray *folders; /* StoreFolder * */
    const GPtrArray *listed;  /* ImapFolder *, the same ones in that order */
} Applying;

static gboolean is_as_before(const ConfigAccount *account, const StoreRoleNames *names)
{
    for (ImapRole role = IMAP_ROLE_SENT; role <= IMAP_ROLE_FLAGGED; role++)
        if (g_strcmp0(names->configured[role_in_store(role)], role_configured(account, role)) != 0)
            return FALSE;
    return TRUE;
}

static ImapRole told_of(const StoreFolder *folder, const StoreRoleNames *names)
{
    if (folder->role == STORE_ROLE_INBOX)
        return IMAP_ROLE_INBOX;
    for (ImapRole role = IMAP_ROLE_SENT; role <= IMAP_ROLE_FLAGGED; role++)
        if (g_strcmp0(names->told[role_in_store(role)], folder->raw_name) == 0)
            return role;
    return IMAP_ROLE_NONE;
}

/* As the server has listed them. */
static GPtrArray *list_again(const GPtrArray *folders, const StoreRoleNames *names)
{
    static const ImapNamespaceKind SPACES[] = {[STORE_SPACE_OWN] = IMAP_PERSONAL,
                                               [STORE_SPACE_OTHERS] = IMAP_OTHER_USERS,
                                               [STORE_SPACE_SHARED] = IMAP_SHARED};
    GPtrArray *listed = g_ptr_array_new_with_free_func((GDestroyNotify)imap_folder_free);

    for (guint i = 0; i < folders->len; i++) {
        const StoreFolder *folder = folders->pdata[i];
        ImapFolder *one = g_new0(ImapFolder, 1);
        one->name = g_strdup(folder->name);
        one->raw_name = g_strdup(folder->raw_name);
        one->selectable = folder->selectable;
        one->space = SPACES[folder->space];
        one->role = told_of(folder, names);
        g_ptr_array_add(listed, one);
    }
    return listed;
}

static gboolean apply(StoreTxn *txn, void *data, GError **error)
{
    const Applying *applying = data;
    int64_t account_id;

    if (!store_txn_account(txn, applying->account->id, &account_id, error))
        return FALSE;
    for (ImapRole role = IMAP_ROLE_SENT; role <= IMAP_ROLE_FLAGGED; role++)
        if (!store_txn_set_role_name(txn, account_id, role_in_store(role),
                                     role_configured(applying->account, role), error))
            return FALSE;
    for (guint i = 0; i < applying->folders->len; i++) {
        const StoreFolder *folder = applying->folders->pdata[i];
        const ImapFolder *listed = applying->listed->pdata[i];
        if (!store_txn_set_role(txn, folder->id, role_in_store(listed->role), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean apply_to(const ConfigAccount *account, Store *store, StoreReader *reader, GError **error)
{
    g_auto(StoreRoleNames) names = {0};

    if (!store_read_role_names(reader, account->id, &names, error))
        return FALSE;
    if (!names.told[STORE_ROLE_NONE] || is_as_before(account, &names))
        return TRUE;
    g_autoptr(GPtrArray) folders = store_read_folders(reader, account->id, error);
    if (!folders)
        return FALSE;
    g_autoptr(GPtrArray) listed = list_again(folders, &names);
    roles_assign(listed, account);
    Applying applying = {account, folders, listed};
    return store_run(store, STORE_LANE_USER, FALSE, apply, &applying, error);
}

void engine_apply_roles(const Config *config, Store *store, StoreReader *reader)
{
    const GPtrArray *accounts = config_accounts(config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        if (account->incoming.protocol == CONFIG_IMAP && !apply_to(account, store, reader, NULL))
            return;
    }
}
