/*
 * flags.c - flags and keywords, in two halves: what the server has, and what is shown (DESIGN.md: IMAP).
 *
 * The shown half is always the server's with the row's unsettled journal entries laid over it, so a sync in
 * between flips nothing back, and taking an entry away and computing again undoes it.
 */
#include "store/journal.h"
#include "store/label.h"
#include "store/txn.h"

#include <string.h>

#define HALF_SERVER 1
#define HALF_SHOWN 2
#define FORWARDED "$Forwarded"

uint32_t store_flags_with_keywords(uint32_t flags, const char *const *keywords)
{
    flags &= ~(uint32_t)(STORE_HAS_KEYWORDS | STORE_WITH_LABELS);
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

char **store_keywords_read(StoreTxn *txn, int64_t id, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_KEYWORD_ALL, error, id);
    int row = -1;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        if (sqlite3_column_int(statement, 1) & HALF_SERVER)
            g_ptr_array_add(names, g_strdup((const char *)sqlite3_column_text(statement, 0)));
    }
    if (row < 0)
        return NULL;
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_steal(names, NULL);
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

/* Makes the server's half of a row's keywords these, and the shown one the same; *changed_out is set when the
 * server's was another. */
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

/* ---- what is shown ---- */

/* A row's entries, in order, as far as they change what is shown of it. */
typedef struct {
    uint32_t flags;
    int64_t folder;
    GPtrArray *keywords; /* char *: "+name", "-name" */
} Shown;

static void lay_entry(Shown *shown, sqlite3_stmt *statement)
{
    const char *verb = (const char *)sqlite3_column_text(statement, 0);
    const uint32_t set = (uint32_t)sqlite3_column_int64(statement, 2),
                   clear = (uint32_t)sqlite3_column_int64(statement, 3);

    switch (store_verb_of(verb)) {
    case STORE_VERB_FLAGS:
        shown->flags = (shown->flags | set) & ~clear;
        break;
    case STORE_VERB_KEYWORD:
        g_ptr_array_add(shown->keywords,
                        g_strconcat(set ? "+" : "-", sqlite3_column_text(statement, 4), NULL));
        break;
    case STORE_VERB_MOVE:
        shown->folder = sqlite3_column_int64(statement, 1);
        break;
    case STORE_VERB_EXPUNGE:
        shown->folder = STORE_NOWHERE;
        break;
    default:
        break;
    }
}

static gboolean lay_journal_over(StoreTxn *txn, int64_t id, Shown *shown, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_JOURNAL_OVER_ROW, error, id);
    int row = -1;

    while (statement && (row = store_db_step(txn->db, statement, error)) == 1)
        lay_entry(shown, statement);
    return row == 0;
}

static gboolean run_keyword(StoreTxn *txn, StoreSql which, int64_t id, const char *name, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, which, error, id);

    if (statement)
        sqlite3_bind_text(statement, 2, name, -1, SQLITE_TRANSIENT);
    return store_db_finish(txn->db, statement, error);
}

/* The shown half of the keywords from the server's and the entries; and the bits that follow from it. */
static gboolean show_keywords(StoreTxn *txn, int64_t id, Shown *shown, GError **error)
{
    if (!STORE_RUN(txn->db, SQL_KEYWORD_SHOW_SERVER, error, id))
        return FALSE;
    for (guint i = 0; i < shown->keywords->len; i++) {
        const char *entry = shown->keywords->pdata[i];
        if (!run_keyword(txn, *entry == '+' ? SQL_KEYWORD_SHOW : SQL_KEYWORD_HIDE, id, entry + 1, error))
            return FALSE;
    }
    return STORE_RUN(txn->db, SQL_KEYWORD_CLEAN, error, id) &&
           store_keyword_bits(txn, id, FALSE, &shown->flags, error);
}

gboolean store_keyword_bits(StoreTxn *txn, int64_t id, gboolean server, uint32_t *flags, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_KEYWORD_ALL, error, id);
    int row = -1;

    *flags &= ~(uint32_t)(STORE_HAS_KEYWORDS | STORE_FORWARDED);
    while (statement && (row = store_db_step(txn->db, statement, error)) == 1) {
        if (!(sqlite3_column_int(statement, 1) & (server ? HALF_SERVER : HALF_SHOWN)))
            continue;
        *flags |= STORE_HAS_KEYWORDS;
        if (!g_ascii_strcasecmp((const char *)sqlite3_column_text(statement, 0), FORWARDED))
            *flags |= STORE_FORWARDED;
    }
    return row == 0;
}

gboolean store_row_compute(StoreTxn *txn, StoreRowData *row, gboolean has_keywords, gboolean *changed_out,
                           GError **error)
{
    g_autoptr(GPtrArray) keywords = g_ptr_array_new_with_free_func(g_free);
    Shown shown = {row->server_flags, row->server_folder, keywords};
    const uint32_t before = row->flags;

    if (!lay_journal_over(txn, row->id, &shown, error))
        return FALSE;
    if ((has_keywords || keywords->len) && !show_keywords(txn, row->id, &shown, error))
        return FALSE;
    if (changed_out)
        *changed_out |= shown.flags != before || shown.folder != key_folder(row->key);
    return store_row_show(txn, row, shown.flags, error) &&
           (shown.folder == key_folder(row->key) || store_row_move(txn, row, shown.folder, error));
}

gboolean store_row_set_keyword(StoreTxn *txn, const StoreRowData *row, const char *name, gboolean set,
                               gboolean server, GError **error)
{
    static const StoreSql WAYS[2][2] = {{SQL_KEYWORD_HIDE, SQL_KEYWORD_SHOW},
                                        {SQL_KEYWORD_SERVER_REMOVE, SQL_KEYWORD_SERVER_ADD}};

    return run_keyword(txn, WAYS[!!server][!!set], row->id, name, error) &&
           STORE_RUN(txn->db, SQL_KEYWORD_CLEAN, error, row->id);
}

/* Whether the row's account keeps labels: 1, 0; -1. */
static int keeps_labels(StoreTxn *txn, const StoreRowData *row, GError **error)
{
    int64_t account;

    return store_row_account(txn, row, &account, error) ? store_account_has_labels(txn, account, error) : -1;
}

static void add_names(GPtrArray *all, const char *const *names, gboolean labels)
{
    for (; names && *names; names++)
        if (label_is(*names) == labels)
            g_ptr_array_add(all, g_strdup(*names));
}

/* What was told of keywords without a word of labels: none of them can be one, and the labels that are known stay,
 * where the account keeps any. (A row that came from such an account has them as keywords now, or not at all.) To be
 * freed; NULL and STORE. */
static char **with_known_labels(StoreTxn *txn, const StoreRowData *row, const char *const *keywords,
                                GError **error)
{
    const int keeps = keeps_labels(txn, row, error);
    g_auto(GStrv) known = keeps > 0 ? store_keywords_read(txn, row->id, error) : NULL;

    if (keeps < 0 || (keeps > 0 && !known))
        return NULL;
    GPtrArray *all = g_ptr_array_new();
    add_names(all, keywords, FALSE);
    add_names(all, (const char *const *)known, TRUE);
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

gboolean store_row_set_server(StoreTxn *txn, StoreRowData *row, uint32_t uid, uint32_t flags,
                              const char *const *keywords, gboolean *changed_out, GError **error)
{
    gboolean has_new_keywords = FALSE;
    g_auto(GStrv) all = NULL;

    *changed_out = FALSE;
    if (!(flags & STORE_WITH_LABELS) && (keywords || row->server_flags & STORE_HAS_KEYWORDS)) {
        if (!(all = with_known_labels(txn, row, keywords, error)))
            return FALSE;
        keywords = (const char *const *)all;
    }
    flags = store_flags_with_keywords(flags, keywords);
    if (!set_keywords(txn, row, flags, keywords, &has_new_keywords, error))
        return FALSE;
    if (uid != row->uid && !STORE_RUN(txn->db, SQL_ROW_SET_UID, error, row->key, uid))
        return FALSE;
    if (flags != row->server_flags && !STORE_RUN(txn->db, SQL_ROW_SET_SERVER_FLAGS, error, row->key, flags))
        return FALSE;
    *changed_out = has_new_keywords || flags != row->server_flags;
    row->uid = uid;
    row->server_flags = flags;
    return store_row_compute(txn, row, FALSE, changed_out, error);
}

gboolean store_txn_flags(StoreTxn *txn, int64_t folder_id, uint32_t uid, uint32_t flags,
                         const char *const *keywords, StoreChanges *changes, GError **error)
{
    StoreRowData row;
    gboolean is_changed = FALSE;
    int found = store_row_by_uid(txn, folder_id, uid, &row, error);

    if (found == 0)
        found = store_sent_flags(txn, folder_id, uid, flags, keywords, &is_changed, error);
    else if (found == 1 && !store_row_set_server(txn, &row, uid, flags, keywords, &is_changed, error))
        return FALSE;
    if (found <= 0)
        return found == 0;
    if (changes && is_changed)
        changes->changed++;
    return TRUE;
}
