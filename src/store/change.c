/* change.c - see change.h: changes of messages. */
#include "store/change.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "store/label.h"
#include "store/pieces.h"

#include <string.h>

#define FORWARDED "$Forwarded"
#define KEYWORD_BYTES_MAX 200

gboolean store_change_begin(StoreTxn *txn, StoreChangeKind kind, const char *name, GError **error)
{
    store_change_call(txn, kind, name);
    return store_pieces_finish(txn, error);
}

void store_change_call(StoreTxn *txn, StoreChangeKind kind, const char *name)
{
    txn->change = kind;
    g_free(txn->change_name);
    txn->change_name = g_strdup(name);
}

void store_change_as_command(StoreTxn *txn)
{
    txn->is_command = TRUE;
}

void store_change_aside(StoreTxn *txn)
{
    txn->is_aside = TRUE;
}

int64_t store_change_group(const StoreTxn *txn)
{
    return txn->group;
}

/* What a row without a server's half is told to nobody is settled at once. */
static StoreEntryState state_for(const StoreRowData *row)
{
    return row->server_folder ? STORE_ENTRY_WAITING : STORE_ENTRY_DONE;
}

gboolean store_row_account(StoreTxn *txn, const StoreRowData *row, int64_t *account_out, GError **error)
{
    const int64_t folder = key_folder(row->key);

    return store_folder_account(txn, folder == STORE_NOWHERE ? row->server_folder : folder, account_out,
                                error);
}

/* Adds the entry for this row. What is shown of it is what was, with the entry laid over: it is the row's
 * last. */
static gboolean add_entry(StoreTxn *txn, const StoreRowData *row, StoreEntryData *entry, GError **error)
{
    entry->message = row->id;
    if (entry->state == STORE_ENTRY_WAITING)
        entry->state = state_for(row);
    return store_row_account(txn, row, &entry->account, error) && store_journal_add(txn, entry, error);
}

/* ---- flags and keywords ---- */

gboolean store_change_flags(StoreTxn *txn, int64_t message_id, uint32_t set, uint32_t clear, GError **error)
{
    const uint32_t settable = STORE_SEEN | STORE_FLAGGED | STORE_ANSWERED | STORE_DRAFT | STORE_DELETED;
    const uint32_t forwarded = (set | clear) & STORE_FORWARDED;
    StoreRowData row;

    if (forwarded && !store_change_keyword(txn, message_id, FORWARDED, (set & STORE_FORWARDED) != 0, error))
        return FALSE;
    const int found = store_row_by_id(txn, message_id, &row, error);
    if (found <= 0)
        return found == 0;
    /* Only what it really changes, so that the inverse is one. */
    clear &= settable & row.flags & ~set;
    set &= settable & ~row.flags;
    if (!set && !clear)
        return TRUE;
    StoreEntryData entry = {.verb = STORE_VERB_FLAGS, .set = set, .clear = clear};
    return add_entry(txn, &row, &entry, error) &&
           store_row_show(txn, &row, (row.flags | set) & ~clear, error);
}

/* An atom (RFC 3501, 9): what a server may be sent as it is. */
gboolean store_is_keyword(const char *name)
{
    gboolean is_atom = *name && strlen(name) <= KEYWORD_BYTES_MAX;

    for (const char *at = name; *at && is_atom; at++)
        is_atom = *at > ' ' && *at < 0x7f && !strchr("(){%*\"\\]", *at);
    return is_atom;
}

static gboolean check_keyword(const char *keyword, GError **error)
{
    const gboolean is_atom = store_is_keyword(keyword);

    if (!is_atom)
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("a keyword is one word of ASCII without ( ) { %% * \" \\ ], of at most %d letters"),
                       KEYWORD_BYTES_MAX);
    return is_atom;
}

int store_change_has_keyword(StoreTxn *txn, int64_t id, const char *keyword, GError **error)
{
    sqlite3_stmt *statement = STORE_START(txn->db, SQL_KEYWORD_SHOWN, error, id);
    int64_t one[1];

    if (statement)
        sqlite3_bind_text(statement, 2, keyword, -1, SQLITE_TRANSIENT);
    return store_db_get(txn->db, statement, 1, one, error);
}

static gboolean change_local_keyword(StoreTxn *txn, StoreRowData *row, const char *keyword, gboolean set,
                                     GError **error)
{
    uint32_t flags = row->flags;

    return store_row_set_keyword(txn, row, keyword, set, TRUE, error) &&
           store_row_set_keyword(txn, row, keyword, set, FALSE, error) &&
           store_keyword_bits(txn, row->id, FALSE, &flags, error) && store_row_show(txn, row, flags, error);
}

static gboolean change_name(StoreTxn *txn, StoreRowData *row, const char *name, gboolean set, GError **error)
{
    const int has = store_change_has_keyword(txn, row->id, name, error);

    if (has < 0 || has == !!set)
        return has >= 0;
    StoreEntryData entry = {.verb = STORE_VERB_KEYWORD, .set = set, .name = (char *)name};
    return add_entry(txn, row, &entry, error) &&
           (row->server_folder ? store_row_compute(txn, row, FALSE, NULL, error)
                               : change_local_keyword(txn, row, name, set, error));
}

/* Whether a person's tags of the row are labels: 1, 0; -1 and STORE. */
static int row_has_labels(StoreTxn *txn, const StoreRowData *row, GError **error)
{
    int64_t account;

    return store_row_account(txn, row, &account, error) ? store_account_has_labels(txn, account, error) : -1;
}

/* A label and a keyword of one name look the same, so both go. */
static gboolean change_label(StoreTxn *txn, StoreRowData *row, const char *tag, gboolean set, GError **error)
{
    g_autofree char *name = label_keyword(tag);

    if (!name) {
        tern_error_set(
            error, TERN_ERROR_INPUT,
            _("a label is a short text that does not begin with \\ and has no control characters"));
        return FALSE;
    }
    return change_name(txn, row, name, set, error) && (set || change_name(txn, row, tag, FALSE, error));
}

gboolean store_change_keyword(StoreTxn *txn, int64_t message_id, const char *keyword, gboolean set,
                              GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, message_id, &row, error);
    const int has_labels = found == 1 ? row_has_labels(txn, &row, error) : 0;

    if (found < 0 || has_labels < 0)
        return FALSE;
    /* What begins with $ is for programs, and for other clients as well. */
    if (has_labels && (*keyword != '$' || !set))
        return change_label(txn, &row, keyword, set, error);
    return check_keyword(keyword, error) && (!found || change_name(txn, &row, keyword, set, error));
}

gboolean store_change_name(StoreTxn *txn, int64_t message_id, const char *name, gboolean set, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, message_id, &row, error);

    return found == 0 || (found == 1 && change_name(txn, &row, name, set, error));
}

/* ---- from folder to folder ---- */

/* Whether messages can be put there, and whose folder it is. */
static gboolean check_folder(StoreTxn *txn, int64_t folder, int64_t *account_out, GError **error)
{
    int64_t about[5];

    if (folder && folder == txn->target.folder) {
        *account_out = txn->target.account;
        return TRUE;
    }
    const int found = STORE_GET(txn->db, SQL_FOLDER_CHANGE, error, about, folder);
    if (found < 0)
        return FALSE;
    if (found == 0 || about[4])
        tern_error_set(error, TERN_ERROR_INPUT, _("the folder is no longer there"));
    else if (!about[2])
        tern_error_set(error, TERN_ERROR_INPUT, _("this folder only holds folders, no messages"));
    else {
        txn->target.folder = folder;
        *account_out = txn->target.account = about[0];
        return TRUE;
    }
    return FALSE;
}

/* The entry of a move or copy is of the account that the message goes to. To another one its bytes have to be
 * here first. */
static gboolean add_transfer(StoreTxn *txn, const StoreRowData *row, StoreEntryData *entry, GError **error)
{
    int64_t own;

    if (!store_row_account(txn, row, &own, error) ||
        !check_folder(txn, entry->folder, &entry->account, error))
        return FALSE;
    if (entry->account != own && !store_across_fetch(txn, row, error))
        return FALSE;
    entry->message = row->id;
    entry->state = state_for(row);
    return store_journal_add(txn, entry, error);
}

gboolean store_change_move(StoreTxn *txn, int64_t message_id, int64_t folder_id, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, message_id, &row, error);

    if (found <= 0)
        return found == 0;
    const int64_t now = key_folder(row.key);
    if (now == folder_id)
        return TRUE;
    StoreEntryData entry = {.verb = STORE_VERB_MOVE, .folder = folder_id, .old_folder = now};
    return add_transfer(txn, &row, &entry, error) && store_row_move(txn, &row, folder_id, error);
}

gboolean store_row_copy(StoreTxn *txn, const StoreRowData *row, int64_t folder, int64_t server_folder,
                        uint32_t uid, int64_t *id_out, GError **error)
{
    StoreRowData copy = *row;
    gboolean is_new_thread = FALSE;
    int64_t account;

    if (!store_meta_get(txn, "next-id", &copy.id, error) ||
        !store_meta_set(txn, "next-id", copy.id + 1, error) ||
        !store_row_key(txn, folder, key_seconds(row->key), uid, FALSE, &copy.key, error) ||
        !store_across_account(txn, row, folder == STORE_NOWHERE ? server_folder : folder, &account, error) ||
        (account && !store_across_join(txn, account, row->id, &copy, &is_new_thread, error)))
        return FALSE;
    copy.server_folder = server_folder;
    copy.server_flags = copy.flags;
    copy.uid = uid;
    *id_out = copy.id;
    g_hash_table_remove(txn->thread_sizes, &row->thread);
    return store_row_add(txn, &copy, is_new_thread, error) &&
           STORE_RUN(txn->db, SQL_ENVELOPE_COPY, error, row->id, copy.id) &&
           (account || store_email_copy(txn, row->id, copy.id, error)) &&
           STORE_RUN(txn->db, SQL_KEYWORD_COPY, error, row->id, copy.id);
}

gboolean store_change_copy(StoreTxn *txn, int64_t message_id, int64_t folder_id, int64_t *copy_out,
                           GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, message_id, &row, error);
    int64_t account;

    if (copy_out)
        *copy_out = 0;
    if (found <= 0)
        return found == 0;
    StoreEntryData entry = {.verb = STORE_VERB_COPY, .folder = folder_id};
    if (!check_folder(txn, folder_id, &account, error) ||
        !store_row_copy(txn, &row, folder_id, row.server_folder ? folder_id : 0, 0, &entry.copy, error))
        return FALSE;
    if (copy_out)
        *copy_out = entry.copy;
    return add_transfer(txn, &row, &entry, error);
}

/* Until `not_before_s` it can be undone; 0: it is played at once. */
static gboolean expunge(StoreTxn *txn, int64_t message_id, int64_t not_before_s, GError **error)
{
    StoreRowData row;
    const int found = store_row_by_id(txn, message_id, &row, error);

    if (found <= 0 || key_folder(row.key) == STORE_NOWHERE)
        return found >= 0;
    StoreEntryData entry = {.verb = STORE_VERB_EXPUNGE,
                            .old_folder = key_folder(row.key),
                            .state = not_before_s ? STORE_ENTRY_HELD : STORE_ENTRY_WAITING,
                            .not_before_s = not_before_s};
    return add_entry(txn, &row, &entry, error) && store_row_move(txn, &row, STORE_NOWHERE, error);
}

gboolean store_change_expunge(StoreTxn *txn, int64_t message_id, GError **error)
{
    return expunge(txn, message_id, clock_wall_s() + STORE_HELD_S, error);
}

gboolean store_change_replaced(StoreTxn *txn, int64_t message_id, GError **error)
{
    return expunge(txn, message_id, 0, error);
}

gboolean store_change_release(StoreTxn *txn, GError **error)
{
    return store_pieces_finish(txn, error) &&
           STORE_RUN(txn->db, SQL_JOURNAL_RELEASE, error, store_txn_maker(txn));
}
