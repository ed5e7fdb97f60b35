/*
 * flags.c - flags and keywords, in two halves: what the server has, and what is shown (DESIGN.md: IMAP).
 *
 * The shown half is always the server's with the row's unsettled journal entries laid over it, so a sync in
 * between flips nothing back, and taking an entry away and computing again undoes it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "store/txn.h"

#include <string.h>

#define HALF_SERVER 1
#define HALF_SHOWN 2
#define FORWARDED "$Forwarded"

uint32_t store_flags_with_keywords(uint32_t flags, const char *const *keywords)
{
    flags &= ~(uint32_t)STORE_HAS_KEYWORDS;
    for (guint i = 0; keywords && keywords[i]; i++) {
        flags |= STORE_HAS_KEYWORDS;
        if (!g_ascii_strcasecmp(keywords[i], FORWARDED))
            flags |= STORE_FORWARDED;
    }
    return flags;
}

gboolean store_keywords_add(StoreTxn *txn, int64_t id, const char *const *keywords, GError **error)
{
    for (guint i = 0; keywords && keywords[i]; i++) {
        sqlite3_stmt *statement =
            STORE_START(txn->db, SQL_KEYWORD_ADD, error, id, 0, HALF_SERVER | HALF_SHOWN);
        g_autofree char *valid = g_utf8_make_valid(keywords[i], -1);
        if (statement)
            sqlite3_bind_text(statement, 2, valid, -1, SQLITE_TRANSIENT);
        if (!store_db_finish(txn->db, statement, error))
            return FALSE;
    }
    return TRUE;
}

/* Whether the server's half is these keywords: 1, 0, -1. */
static int keywords_equal(StoreTxn *txn, int64_t id, const char *const *keywords, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_KEYWORD_ALL, error, id);
    guint known = 0, wanted = keywords ? g_strv_length((char **)keywords) : 0;
    gboolean is_equal = TRUE;
    int row = -1;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        if (!(sqlite3_column_int(statement, 1) & HALF_SERVER))
            continue;
        known++;
        is_equal &= wanted && g_strv_contains(keywords, (const char *)sqlite3_column_text(statement, 0));
    }
    return row < 0 ? -1 : is_equal && known == wanted;
}

/* Makes both halves of a row's keywords the server's; *changed_out is set when they were not. */
static gboolean set_keywords(StoreTxn *txn, const StoreRowData *row, uint32_t flags,
                             const char *const *keywords, gboolean *changed_out, GError **error)
{
    if (!((row->flags | row->server_flags | flags) & STORE_HAS_KEYWORDS))
        return TRUE;
    int equal = keywords_equal(txn, row->id, keywords, error);
    if (equal != 0)
        return equal > 0;
    *changed_out = TRUE;
    return STORE_RUN(txn->db, SQL_KEYWORD_DELETE, error, row->id) &&
           store_keywords_add(txn, row->id, keywords, error);
}

/* The flags with what the journal still holds back. */
static gboolean lay_journal_over(StoreTxn *txn, int64_t id, uint32_t *flags, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_FLAGS, error, id);
    int row = -1;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        *flags |= (uint32_t)sqlite3_column_int64(statement, 0);
        *flags &= ~(uint32_t)sqlite3_column_int64(statement, 1);
    }
    return row == 0;
}

gboolean store_row_set_server(StoreTxn *txn, StoreRowData *row, uint32_t uid, uint32_t flags,
                              const char *const *keywords, gboolean *changed_out, GError **error)
{
    *changed_out = FALSE;
    flags = store_flags_with_keywords(flags, keywords);
    if (!set_keywords(txn, row, flags, keywords, changed_out, error))
        return FALSE;
    if (uid != row->uid && !STORE_RUN(txn->db, SQL_ROW_SET_UID, error, row->key, uid))
        return FALSE;
    if (flags != row->server_flags && !STORE_RUN(txn->db, SQL_ROW_SET_SERVER_FLAGS, error, row->key, flags))
        return FALSE;
    *changed_out |= flags != row->server_flags;
    row->uid = uid;
    row->server_flags = flags;
    if (!lay_journal_over(txn, row->id, &flags, error))
        return FALSE;
    *changed_out |= flags != row->flags;
    return store_row_show(txn, row, flags, error);
}

gboolean store_txn_flags(StoreTxn *txn, int64_t folder_id, uint32_t uid, uint32_t flags,
                         const char *const *keywords, StoreChanges *changes, GError **error)
{
    StoreRowData row;
    gboolean is_changed;
    int found = store_row_by_uid(txn, folder_id, uid, &row, error);

    if (found <= 0)
        return found == 0;
    if (!store_row_set_server(txn, &row, uid, flags, keywords, &is_changed, error))
        return FALSE;
    if (changes && is_changed)
        changes->changed++;
    return TRUE;
}

static gboolean journal_flags(StoreTxn *txn, const StoreRowData *row, uint32_t set, uint32_t clear,
                              GError **error)
{
    int64_t account;

    if (!store_folder_account(txn, key_folder(row->key), &account, error))
        return FALSE;
    /* One job, one group: what one key did is undone together. */
    if (!txn->group && store_db_get(txn->db, store_db_start(txn->db, SQL_JOURNAL_GROUP, 0, NULL, error), 1,
                                    &txn->group, error) != 1)
        return FALSE;
    return STORE_RUN(txn->db, SQL_JOURNAL_ADD, error, txn->group, txn->maker, account, row->id,
                     key_folder(row->key), set, clear, clock_wall_s());
}

gboolean store_txn_change_flags(StoreTxn *txn, int64_t message_id, uint32_t set, uint32_t clear,
                                GError **error)
{
    StoreRowData row;

    set &= ~(uint32_t)STORE_HAS_KEYWORDS;
    clear &= ~(set | STORE_HAS_KEYWORDS);
    if (!txn->is_durable) {
        tern_error_set(error, TERN_ERROR_BUG, _("a change of flags was not handed in as durable"));
        return FALSE;
    }
    int found = store_row_by_id(txn, message_id, &row, error);
    if (found <= 0)
        return found == 0;
    uint32_t flags = (row.flags & ~clear) | set;
    if (flags == row.flags)
        return TRUE;
    /* What exists only here has nobody to be told. */
    if (row.server_folder && !journal_flags(txn, &row, set, clear, error))
        return FALSE;
    return store_row_show(txn, &row, flags, error);
}
