/*
 * change_folder.c - folders made, renamed, deleted, subscribed: what is shown of them, and their entries.
 *
 * A folder that the server has not got yet has a raw name that no server spells: a control character and its
 * number. What is shown of an account's folders is the server's list with the unsettled entries laid over it,
 * in order.
 */
#include "store/change.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "store/txn.h"

#include <string.h>

#define NEW_PREFIX "\x01"

typedef struct {
    int64_t account, role, selectable, subscribed, deleted, delimiter;
    int64_t messages; /* that are known of, here or there; negative: unknown */
    char *name, *raw_name;
} Folder;

static void folder_clear(Folder *folder)
{
    g_clear_pointer(&folder->name, g_free);
    g_clear_pointer(&folder->raw_name, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Folder, folder_clear)

gboolean store_raw_name_is_new(const char *raw_name)
{
    return g_str_has_prefix(raw_name, NEW_PREFIX);
}

/* FALSE and INPUT when it is gone. */
static gboolean read_folder(StoreTxn *txn, int64_t id, Folder *folder, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_CHANGE, error, id);
    const int row = statement ? store_db_step(txn->db, statement, error) : -1;

    if (row == 0)
        tern_error_set(error, TERN_ERROR_INPUT, _("the folder is no longer there"));
    if (row != 1)
        return FALSE;
    *folder = (Folder){.account = sqlite3_column_int64(statement, 0),
                       .role = sqlite3_column_int64(statement, 1),
                       .selectable = sqlite3_column_int64(statement, 2),
                       .subscribed = sqlite3_column_int64(statement, 3),
                       .deleted = sqlite3_column_int64(statement, 4),
                       .delimiter = sqlite3_column_int64(statement, 5),
                       .messages = sqlite3_column_int64(statement, 8),
                       .name = g_strdup((const char *)sqlite3_column_text(statement, 6)),
                       .raw_name = g_strdup((const char *)sqlite3_column_text(statement, 7))};
    sqlite3_reset(statement);
    return TRUE;
}

static gboolean set_text(StoreTxn *txn, StoreSql which, int64_t id, const char *text, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, which, error, id);

    if (statement)
        sqlite3_bind_text(statement, 2, text, -1, SQLITE_TRANSIENT);
    return store_db_finish(txn->db, statement, error);
}

/* ---- names ---- */

typedef struct {
    int64_t id;
    char *name, *raw_name;
    char delimiter;
    gboolean is_going; /* deleted here, and the server does not know yet */
} Named;

static void free_named(void *data)
{
    Named *named = data;

    g_free(named->name);
    g_free(named->raw_name);
    g_free(named);
}

/* Named * of the account's folders. */
static GPtrArray *read_names(StoreTxn *txn, int64_t account, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(free_named);
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_FOLDER_NAMES, error, account);
    int row = -1;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        Named *named = g_new0(Named, 1);
        named->id = sqlite3_column_int64(statement, 0);
        named->name = g_strdup((const char *)sqlite3_column_text(statement, 1));
        named->raw_name = g_strdup((const char *)sqlite3_column_text(statement, 2));
        named->delimiter = (char)sqlite3_column_int(statement, 3);
        named->is_going = sqlite3_column_int(statement, 4) != 0;
        g_ptr_array_add(names, named);
    }
    return row == 0 ? g_steal_pointer(&names) : NULL;
}

static gboolean has_name(const GPtrArray *names, const char *name, int64_t but)
{
    for (guint i = 0; i < names->len; i++) {
        const Named *named = names->pdata[i];
        if (named->id != but && (!strcmp(named->name, name) || (!g_ascii_strcasecmp(name, "INBOX") &&
                                                                !g_ascii_strcasecmp(named->name, name))))
            return TRUE;
    }
    return FALSE;
}

/* Whether that can be a folder's name: levels that are not empty, nothing that would not be seen. */
static gboolean check_name(const GPtrArray *names, const char *name, int64_t but, GError **error)
{
    g_autofree char *safe = sanitise(name, -1, SANITISE_LINE);
    const gboolean is_name = *name && *name != '/' && !g_str_has_suffix(name, "/") && !strstr(name, "//") &&
                             g_utf8_validate(name, -1, NULL) && !strcmp(safe, name);

    if (!is_name)
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("“%s” cannot be a folder's name; its levels are parted by / and none is empty"),
                       safe);
    else if (has_name(names, name, but))
        tern_error_set(error, TERN_ERROR_INPUT, _("there is a folder “%s” already"), safe);
    else
        return TRUE;
    return FALSE;
}

/* The rest of `name` when it is `top` or under it, else NULL; `delimiter` parts levels. */
static const char *under(const char *name, const char *top, char delimiter)
{
    const gsize size = strlen(top);

    return !strncmp(name, top, size) && (!name[size] || name[size] == delimiter) ? name + size : NULL;
}

/* Renames a folder and what is under it, as shown. */
static gboolean show_names(StoreTxn *txn, const GPtrArray *names, const char *old_name, const char *name,
                           GError **error)
{
    for (guint i = 0; i < names->len; i++) {
        Named *named = names->pdata[i];
        const char *rest = under(named->name, old_name, '/');
        if (!rest)
            continue;
        char *renamed = g_strconcat(name, rest, NULL);
        g_free(named->name);
        named->name = renamed;
        if (!set_text(txn, SQL_FOLDER_SET_NAME, named->id, renamed, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- what is shown ---- */

static gboolean is_called(const GPtrArray *names, int64_t id, const char *name)
{
    for (guint i = 0; i < names->len; i++) {
        const Named *named = names->pdata[i];
        if (named->id == id)
            return !strcmp(named->name, name);
    }
    return FALSE;
}

static gboolean lay_over(StoreTxn *txn, const GPtrArray *names, const StoreEntryData *entry, GError **error)
{
    switch (entry->verb) {
    case STORE_VERB_RENAME:
        return !is_called(names, entry->folder, entry->old_name) ||
               show_names(txn, names, entry->old_name, entry->name, error);
    case STORE_VERB_DELETE:
        return STORE_RUN(txn->db, SQL_FOLDER_SET_DELETED, error, entry->folder, 1);
    case STORE_VERB_SUBSCRIBE:
        return STORE_RUN(txn->db, SQL_FOLDER_SET_SUBSCRIBED, error, entry->folder, entry->set);
    default:
        return TRUE;
    }
}

gboolean store_folders_compute(StoreTxn *txn, int64_t account, GError **error)
{
    g_autoptr(GPtrArray) entries = store_entries_about_folders(txn, account, error);
    g_autoptr(GPtrArray) names = entries && entries->len ? read_names(txn, account, error) : NULL;

    if (!entries || (entries->len && !names))
        return FALSE;
    for (guint i = 0; i < entries->len; i++) {
        if (!lay_over(txn, names, entries->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

/* Before an entry about a folder is taken back: what it did is undone; what others do is laid over again. */
gboolean store_folder_take_back(StoreTxn *txn, const StoreEntryData *entry, GError **error)
{
    switch (entry->verb) {
    case STORE_VERB_CREATE:
        return store_folder_cast_off(txn, entry->folder, error);
    case STORE_VERB_RENAME: {
        g_autoptr(GPtrArray) names = read_names(txn, entry->account, error);
        return names && (!is_called(names, entry->folder, entry->name) ||
                         show_names(txn, names, entry->name, entry->old_name, error));
    }
    case STORE_VERB_DELETE:
        return STORE_RUN(txn->db, SQL_FOLDER_SET_DELETED, error, entry->folder, 0);
    case STORE_VERB_SUBSCRIBE:
        return STORE_RUN(txn->db, SQL_FOLDER_SET_SUBSCRIBED, error, entry->folder, !entry->set);
    default:
        return TRUE;
    }
}

/* ---- what the server made of it ---- */

/* What else was known by the name that the server has given to this folder is there no more; what is renamed with it
 * has another one. */
static gboolean cast_off_other(StoreTxn *txn, const GPtrArray *names, const char *old_raw, char delimiter,
                               const char *raw_name, GError **error)
{
    for (guint i = 0; i < names->len; i++) {
        const Named *named = names->pdata[i];
        if (!strcmp(named->raw_name, raw_name) && !under(raw_name, old_raw, delimiter))
            return store_folder_cast_off(txn, named->id, error);
    }
    return TRUE;
}

/* Renames raw names as the server has: the folder's, and those under it. */
static gboolean set_raw_names(StoreTxn *txn, int64_t account, const char *old_raw, const char *raw_name,
                              char delimiter, GError **error)
{
    g_autoptr(GPtrArray) names = read_names(txn, account, error);

    for (guint i = 0; names && i < names->len; i++) {
        const Named *named = names->pdata[i];
        const char *rest = under(named->raw_name, old_raw, delimiter);
        if (!rest)
            continue;
        g_autofree char *renamed = g_strconcat(raw_name, rest, NULL);
        if (!cast_off_other(txn, names, old_raw, delimiter, renamed, error))
            return FALSE;
        sqlite3_stmt *statement =
            STORE_START(txn->db, SQL_FOLDER_SET_RAW, error, named->id, 0, (unsigned char)delimiter);
        if (statement)
            sqlite3_bind_text(statement, 2, renamed, -1, SQLITE_TRANSIENT);
        if (!store_db_finish(txn->db, statement, error))
            return FALSE;
    }
    return names != NULL;
}

static const StoreListed *listed_as(const StoreListed *listed, guint n, const char *name)
{
    for (guint i = 0; i < n; i++)
        if (!strcmp(listed[i].name, name))
            return &listed[i];
    return NULL;
}

static gboolean is_listed(const StoreListed *listed, guint n, const char *raw_name)
{
    for (guint i = 0; i < n; i++)
        if (!strcmp(listed[i].raw_name, raw_name))
            return TRUE;
    return FALSE;
}

/* The one of that number and the one of that raw name; each NULL: there is none. */
static void find_named(const GPtrArray *names, int64_t id, const char *raw_name, const Named **by_id,
                       const Named **by_raw_name)
{
    *by_id = *by_raw_name = NULL;
    for (guint i = 0; i < names->len; i++) {
        const Named *named = names->pdata[i];
        if (named->id == id)
            *by_id = named;
        if (!strcmp(named->raw_name, raw_name))
            *by_raw_name = named;
    }
}

/* The folder has its new name on the server, and none has the old one, although nobody was told so. */
static gboolean take_renamed(StoreTxn *txn, const StoreEntryData *entry, const StoreListed *listed, guint n,
                             GError **error)
{
    const StoreListed *now = listed_as(listed, n, entry->name);
    const Named *known, *other;

    if (!now)
        return TRUE;
    g_autoptr(GPtrArray) names = read_names(txn, entry->account, error);
    if (!names)
        return FALSE;
    find_named(names, entry->folder, now->raw_name, &known, &other);
    if (!known || other || store_raw_name_is_new(known->raw_name) || is_listed(listed, n, known->raw_name))
        return TRUE;
    return set_raw_names(txn, entry->account, known->raw_name, now->raw_name, now->delimiter, error);
}

gboolean store_folders_take_renamed(StoreTxn *txn, int64_t account, const StoreListed *listed, guint n,
                                    GError **error)
{
    g_autoptr(GPtrArray) entries = store_entries_about_folders(txn, account, error);

    for (guint i = 0; entries && i < entries->len; i++) {
        const StoreEntryData *entry = entries->pdata[i];
        if (entry->verb == STORE_VERB_RENAME && !take_renamed(txn, entry, listed, n, error))
            return FALSE;
    }
    return entries != NULL;
}

gboolean store_journal_done_folder(StoreTxn *txn, int64_t id, const char *raw_name, char delimiter,
                                   GError **error)
{
    g_auto(StoreEntryData) entry = {0};
    g_auto(Folder) folder = {0};
    const int found = store_entry_get(txn, id, &entry, error);

    if (found <= 0 || entry.state > STORE_ENTRY_SENT)
        return found >= 0;
    if (!read_folder(txn, entry.folder, &folder, error) ||
        (strcmp(folder.raw_name, raw_name) != 0 &&
         !set_raw_names(txn, folder.account, folder.raw_name, raw_name, delimiter, error)))
        return FALSE;
    return store_journal_done(txn, id, 0, error);
}

gboolean store_journal_was_there(StoreTxn *txn, int64_t id, GError **error)
{
    return STORE_RUN(txn->db, SQL_JOURNAL_WAS_THERE, error, id);
}

/* ---- what a user does ---- */

/* The one of that name that was deleted here and stands on the server still; NULL: there is none. */
static const Named *find_going(const GPtrArray *names, const char *name)
{
    for (guint i = 0; i < names->len; i++) {
        const Named *named = names->pdata[i];
        if (named->is_going && !strcmp(named->name, name))
            return named;
    }
    return NULL;
}

/* Nothing is made where the server has the folder still: its deletion, which was not sent, is taken back, and
 * all that is in it stays. The entry is done as it is written, and says what was taken back. */
static gboolean keep_going(StoreTxn *txn, int64_t account, const Named *named, StoreRole role, GError **error)
{
    g_auto(StoreEntryData) deletion = {0};
    int64_t id[1];
    const int found = STORE_GET(txn->db, SQL_JOURNAL_DELETES, error, id, named->id, 0);

    if (found == 0)
        tern_error_set(error, TERN_ERROR_BUG, "a folder is shown as deleted, and no entry deletes it");
    if (found != 1 || store_entry_get(txn, id[0], &deletion, error) != 1)
        return FALSE;
    const StoreEntryData entry = {.verb = STORE_VERB_CREATE,
                                  .account = account,
                                  .folder = named->id,
                                  .name = named->name,
                                  .set = role,
                                  .clear = -id[0],
                                  .state = STORE_ENTRY_DONE};
    store_txn_forget_folders(txn);
    return store_entry_take_back(txn, &deletion, STORE_ENTRY_UNDONE, NULL, error) &&
           store_journal_add(txn, &entry, error);
}

static gboolean add_new(StoreTxn *txn, int64_t account_id, const GPtrArray *names, const char *name,
                        StoreRole role, int64_t *folder_out, GError **error)
{
    const Named *any = names->len ? names->pdata[0] : NULL;
    int64_t id;

    if (!store_folder_number(txn, &id, error))
        return FALSE;
    g_autofree char *raw = g_strdup_printf(NEW_PREFIX "%" G_GINT64_FORMAT, id);
    sqlite3_stmt *statement =
        STORE_START(txn->db, SQL_FOLDER_ADD, error, id, account_id, 0, 0,
                    any ? (unsigned char)any->delimiter : '/', role, 1, 1, 0, 0, STORE_SPACE_OWN);
    if (statement) {
        sqlite3_bind_text(statement, 3, name, -1, SQLITE_TRANSIENT);
        sqlite3_bind_text(statement, 4, raw, -1, SQLITE_TRANSIENT);
    }
    const StoreEntryData entry = {
        .verb = STORE_VERB_CREATE, .account = account_id, .folder = id, .name = (char *)name, .set = role};
    if (folder_out)
        *folder_out = id;
    return store_db_finish(txn->db, statement, error) && store_journal_add(txn, &entry, error);
}

gboolean store_change_create_folder(StoreTxn *txn, int64_t account_id, const char *name, StoreRole role,
                                    int64_t *folder_out, GError **error)
{
    g_autoptr(GPtrArray) names = read_names(txn, account_id, error);
    const Named *going = names ? find_going(names, name) : NULL;

    if (going && folder_out)
        *folder_out = going->id;
    if (going)
        return keep_going(txn, account_id, going, role, error);
    return names && check_name(names, name, 0, error) &&
           add_new(txn, account_id, names, name, role, folder_out, error);
}

gboolean store_change_rename_folder(StoreTxn *txn, int64_t folder_id, const char *name, GError **error)
{
    g_auto(Folder) folder = {0};

    if (!read_folder(txn, folder_id, &folder, error))
        return FALSE;
    g_autoptr(GPtrArray) names = read_names(txn, folder.account, error);
    if (!names || !strcmp(folder.name, name))
        return names != NULL;
    if (folder.role == STORE_ROLE_INBOX) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the Inbox cannot be renamed"));
        return FALSE;
    }
    if (!check_name(names, name, folder_id, error))
        return FALSE;
    if (under(name, folder.name, '/')) {
        tern_error_set(error, TERN_ERROR_INPUT, _("a folder cannot be moved under itself"));
        return FALSE;
    }
    const StoreEntryData entry = {.verb = STORE_VERB_RENAME,
                                  .account = folder.account,
                                  .folder = folder_id,
                                  .name = (char *)name,
                                  .old_name = folder.name};
    return store_journal_add(txn, &entry, error) && show_names(txn, names, folder.name, name, error);
}

static gboolean delete_folder(StoreTxn *txn, int64_t folder_id, gboolean only_empty, GError **error)
{
    g_auto(Folder) folder = {0};

    if (!read_folder(txn, folder_id, &folder, error))
        return FALSE;
    if (folder.role == STORE_ROLE_INBOX) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the Inbox cannot be deleted"));
        return FALSE;
    }
    const StoreEntryData entry = {.verb = STORE_VERB_DELETE,
                                  .account = folder.account,
                                  .folder = folder_id,
                                  .set = only_empty,
                                  .clear = only_empty ? 1 : folder.messages + 1,
                                  .state = STORE_ENTRY_HELD,
                                  .not_before_s = clock_wall_s() + STORE_HELD_S};
    store_txn_forget_folders(txn);
    return folder.deleted || (store_journal_add(txn, &entry, error) &&
                              STORE_RUN(txn->db, SQL_FOLDER_SET_DELETED, error, folder_id, 1));
}

gboolean store_change_delete_folder(StoreTxn *txn, int64_t folder_id, GError **error)
{
    return delete_folder(txn, folder_id, FALSE, error);
}

gboolean store_change_unmake_folder(StoreTxn *txn, const StoreEntryData *made, GError **error)
{
    if (made->clear < 0 && !STORE_RUN(txn->db, SQL_JOURNAL_DELETE_AGAIN, error, -made->clear, made->folder,
                                      clock_wall_s() + STORE_HELD_S))
        return FALSE;
    if (made->clear >= 0 || !sqlite3_changes(txn->db->handle))
        return delete_folder(txn, made->folder, TRUE, error);
    store_txn_forget_folders(txn);
    return STORE_RUN(txn->db, SQL_FOLDER_SET_DELETED, error, made->folder, 1);
}

gboolean store_change_subscribe(StoreTxn *txn, int64_t folder_id, gboolean on, GError **error)
{
    g_auto(Folder) folder = {0};

    if (!read_folder(txn, folder_id, &folder, error))
        return FALSE;
    const StoreEntryData entry = {
        .verb = STORE_VERB_SUBSCRIBE, .account = folder.account, .folder = folder_id, .set = on != 0};
    return !!folder.subscribed == !!on ||
           (store_journal_add(txn, &entry, error) &&
            STORE_RUN(txn->db, SQL_FOLDER_SET_SUBSCRIBED, error, folder_id, !!on));
}

gboolean store_change_role_folder(StoreTxn *txn, int64_t account_id, StoreRole role, int64_t *folder_out,
                                  GError **error)
{
    static const char *const NAMES[] = {
        [STORE_ROLE_SENT] = "Sent", [STORE_ROLE_DRAFTS] = "Drafts",   [STORE_ROLE_TRASH] = "Trash",
        [STORE_ROLE_JUNK] = "Junk", [STORE_ROLE_ARCHIVE] = "Archive", [STORE_ROLE_FLAGGED] = NULL};
    int64_t folder[1];
    const int found = STORE_GET(txn->db, SQL_FOLDER_FOR_ROLE, error, folder, account_id, role);

    if (found == 1)
        *folder_out = folder[0];
    if (found != 0)
        return found == 1;
    g_autofree char *given = NULL;
    if (!store_role_name_get(txn, account_id, role, &given, error))
        return FALSE;
    const char *name = given ? given : (guint)role < G_N_ELEMENTS(NAMES) ? NAMES[role] : NULL;
    if (!name) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the account has no such folder"));
        return FALSE;
    }
    /* One that is called so, and only does not say what it is for. */
    g_autoptr(GPtrArray) names = read_names(txn, account_id, error);
    for (guint i = 0; names && i < names->len; i++) {
        const Named *named = names->pdata[i];
        if (!named->is_going && !g_ascii_strcasecmp(named->name, name)) {
            *folder_out = named->id;
            return TRUE;
        }
    }
    return names && store_change_create_folder(txn, account_id, name, role, folder_out, error);
}
