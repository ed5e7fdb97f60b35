/* rescue.c - see rescue.h: the old file is opened, and its small tables are copied. */
#include "store/rescue_private.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "store/schema.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define HEADER_BYTES 100
#define BUSY_MS 10000
/* Of what is lost, so many are named. */
#define NAMED_MAX 10

void store_rescued_clear(StoreRescued *rescued)
{
    if (rescued->lost)
        g_string_free(rescued->lost, TRUE);
}

/* ---- the old file ---- */

static void put_number(unsigned char *at, guint32 value, int bytes)
{
    while (bytes-- > 0) {
        at[bytes] = value & 0xff;
        value >>= 8;
    }
}

/* The header that a file of tern's has (SQLite's file format, 1.3): all of it is known but how many pages
 * there are, which the file's size says, and counters of which only has to be true that two of them are the
 * same. */
static gboolean write_header(const char *path)
{
    unsigned char header[HEADER_BYTES] = "SQLite format 3";
    struct stat status;
    const int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) != 0 || status.st_size < PAGE_BYTES) {
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    put_number(header + 16, PAGE_BYTES, 2);
    memcpy(header + 18, "\2\2\0\100\40\40",
           6); /* WAL for writing and reading, nothing reserved, the fixed fractions */
    put_number(header + 24, 1, 4);
    put_number(header + 28, (guint32)(status.st_size / PAGE_BYTES), 4);
    put_number(header + 40, 1, 4); /* the schema's counter, and its format */
    put_number(header + 44, 4, 4);
    put_number(header + 56, 1, 4); /* UTF-8 */
    put_number(header + 60, (guint32)schema_version(), 4);
    put_number(header + 92, 1, 4);
    put_number(header + 96, SQLITE_VERSION_NUMBER, 4);
    const gboolean is_done = pwrite(fd, header, sizeof header, 0) == (ssize_t)sizeof header;
    close(fd);
    return is_done;
}

/* writable_schema: a file that is shorter than it says is read all the same. */
static sqlite3 *open_old(const char *path)
{
    sqlite3 *old = NULL;
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;

    if (sqlite3_open_v2(path, &old, flags, NULL) == SQLITE_OK &&
        sqlite3_exec(old,
                     "PRAGMA writable_schema = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA "
                     "trusted_schema = OFF;"
                     "SELECT count(*) FROM journal WHERE id = 0",
                     NULL, NULL, NULL) == SQLITE_OK)
        return old;
    sqlite3_close(old);
    return NULL;
}

gboolean rescue_each(Rescue *rescue, const char *sql, int64_t parameter, RescueFunc func, void *data)
{
    sqlite3_stmt *statement = NULL;
    int code = rescue->old ? sqlite3_prepare_v2(rescue->old, sql, -1, &statement, NULL) : SQLITE_ERROR;

    if (code == SQLITE_OK && sqlite3_bind_parameter_count(statement))
        sqlite3_bind_int64(statement, 1, parameter);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW && !rescue->failure)
            func(rescue, statement, data);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE;
}

/* How far a statement has come. */
typedef struct {
    RescueFunc func;
    void *data;
    int64_t last;
} Walk;

static void walk_row(Rescue *rescue, sqlite3_stmt *row, void *data)
{
    Walk *walk = data;

    walk->last = sqlite3_column_int64(row, 0);
    walk->func(rescue, row, walk->data);
}

/* Whether something can be read from there on, or nothing is there. */
static gboolean can_start(Rescue *rescue, const char *sql, int64_t from)
{
    sqlite3_stmt *statement = NULL;
    int code = rescue->old ? sqlite3_prepare_v2(rescue->old, sql, -1, &statement, NULL) : SQLITE_ERROR;

    if (code == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, from);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

gboolean rescue_walk(Rescue *rescue, const char *sql, RescueFunc func, void *data)
{
    Walk walk = {func, data, -1};
    int64_t from = 0;
    gboolean is_whole = TRUE;

    while (from < RESCUE_KEYS_END && !rescue_each(rescue, sql, from, walk_row, &walk)) {
        int64_t bad = MAX(from, walk.last + 1), good = RESCUE_KEYS_END;
        is_whole = FALSE;
        while (good - bad > 1) {
            const int64_t middle = bad + (good - bad) / 2;
            *(can_start(rescue, sql, middle) ? &good : &bad) = middle;
        }
        from = good;
    }
    return is_whole;
}

/* ---- the new file ---- */

/* FALSE: the new file cannot be written, and rescue->failure says why. */
static gboolean take_code(Rescue *rescue, int code)
{
    const int primary = code & 0xff;

    if (primary == SQLITE_OK || primary == SQLITE_DONE || primary == SQLITE_CONSTRAINT ||
        primary == SQLITE_MISMATCH)
        return TRUE;
    if (!rescue->failure)
        store_db_error(rescue->txn->db, code, &rescue->failure);
    return FALSE;
}

/* The names come from the damaged file: only those that the new table has are believed. */
static gboolean has_column(Rescue *rescue, const char *table, const char *name)
{
    return name && sqlite3_table_column_metadata(rescue->txn->db->handle, NULL, table, name, NULL, NULL, NULL,
                                                 NULL, NULL) == SQLITE_OK;
}

void rescue_copy(Rescue *rescue, const char *table, sqlite3_stmt *row)
{
    g_autoptr(GString) names = g_string_new(NULL), marks = g_string_new(NULL);
    g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(int));
    sqlite3_stmt *insert = NULL;

    for (int i = 0; i < sqlite3_column_count(row); i++) {
        if (!has_column(rescue, table, sqlite3_column_name(row, i)))
            continue;
        g_string_append_printf(names, "%s\"%s\"", columns->len ? ", " : "", sqlite3_column_name(row, i));
        g_string_append(marks, columns->len ? ", ?" : "?");
        g_array_append_val(columns, i);
    }
    g_autofree char *sql =
        g_strdup_printf("INSERT OR IGNORE INTO %s (%s) VALUES (%s)", table, names->str, marks->str);
    const int code = sqlite3_prepare_v2(rescue->txn->db->handle, sql, -1, &insert, NULL);
    if (code == SQLITE_ERROR || !take_code(rescue, code)) /* no column is left, or one is there twice */
        return;
    for (guint i = 0; i < columns->len; i++)
        sqlite3_bind_value(insert, (int)i + 1, sqlite3_column_value(row, g_array_index(columns, int, i)));
    take_code(rescue, sqlite3_step(insert));
    sqlite3_finalize(insert);
}

gboolean rescue_exec(Rescue *rescue, const char *sql)
{
    return !rescue->failure && store_db_exec(rescue->txn->db, sql, &rescue->failure);
}

GArray *rescue_numbers(Rescue *rescue, const char *sql)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
    sqlite3_stmt *statement = NULL;

    if (!rescue->failure &&
        take_code(rescue, sqlite3_prepare_v2(rescue->txn->db->handle, sql, -1, &statement, NULL)))
        store_db_numbers(rescue->txn->db, statement, numbers, &rescue->failure);
    sqlite3_finalize(statement);
    return numbers;
}

/* ---- small tables ---- */

static void copy_row(Rescue *rescue, sqlite3_stmt *row, void *table)
{
    rescue_copy(rescue, table, row);
}

static void copy_entry(Rescue *rescue, sqlite3_stmt *row, void *is_whole)
{
    if (!rescue_each(rescue, "SELECT * FROM journal NOT INDEXED WHERE id = ?1 AND state < 3",
                     sqlite3_column_int64(row, 0), copy_row, (void *)"journal"))
        *(gboolean *)is_whole = FALSE;
}

/* Entries to which the table itself does not lead any more may be found by an index. */
static void copy_journal(Rescue *rescue)
{
    gboolean is_whole =
        rescue_walk(rescue, "SELECT * FROM journal NOT INDEXED WHERE id >= ?1 AND state < 3 ORDER BY id",
                    copy_row, (void *)"journal");

    if (!is_whole) {
        gboolean are_all_read = TRUE;
        is_whole = rescue_each(rescue, "SELECT id FROM journal INDEXED BY journal_account WHERE state < 3", 0,
                               copy_entry, &are_all_read) &&
                   are_all_read;
    }
    rescue->result->is_whole = is_whole;
    rescue_walk(
        rescue,
        "SELECT * FROM journal NOT INDEXED WHERE id >= ?1 AND state > 2 AND verb = 'fetch' ORDER BY id",
        copy_row, (void *)"journal");
    rescue_walk(rescue, "SELECT * FROM change_group NOT INDEXED WHERE id >= ?1 ORDER BY id", copy_row,
                (void *)"change_group");
}

static void copy_folders(Rescue *rescue)
{
    rescue_walk(rescue, "SELECT * FROM account NOT INDEXED WHERE id >= ?1 ORDER BY id", copy_row,
                (void *)"account");
    rescue_walk(rescue, "SELECT * FROM folder NOT INDEXED WHERE id >= ?1 AND account > 0 ORDER BY id",
                copy_row, (void *)"folder");
    rescue_each(rescue, "SELECT * FROM login", 0, copy_row, (void *)"login");
    rescue_exec(
        rescue,
        "DELETE FROM folder WHERE account NOT IN (SELECT id FROM account) OR id NOT BETWEEN 1 AND 8191;"
        "UPDATE folder SET messages = 0, unread = 0, threads = 0, uid_validity = 0, uid_next = 0,"
        " backfill_uid = 0, highest_modseq = 0, synced = 0;"
        "UPDATE meta SET value = (SELECT coalesce(max(id), 0) + 1 FROM folder) WHERE name = 'next-folder'");
}

/* Numbers of entries are not given twice. */
static void raise_last_entry(Rescue *rescue, sqlite3_stmt *row, void *data)
{
    const int64_t last = sqlite3_column_int64(row, 0);

    (void)data;
    if (last > 0 && last < INT64_MAX / 2)
        rescue->result->last_entry = last;
}

static void set_last_entry(Rescue *rescue)
{
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'journal', 0 WHERE NOT EXISTS "
        "(SELECT 1 FROM sqlite_sequence WHERE name = 'journal');"
        "UPDATE sqlite_sequence SET seq = max(seq, %" G_GINT64_FORMAT ") WHERE name = 'journal'",
        rescue->result->last_entry);

    rescue_exec(rescue, sql);
}

static void raise_next_id(Rescue *rescue, sqlite3_stmt *row, void *data)
{
    const int64_t id = sqlite3_column_int64(row, 0);

    (void)data;
    if (id > 0 && id < INT64_MAX / 2)
        store_meta_set(rescue->txn, "next-id", id, &rescue->failure);
}

/* ---- what is lost ---- */

void rescue_lose(Rescue *rescue, const char *what, gboolean is_message, int64_t id)
{
    StoreRescued *result = rescue->result;

    if (!result->lost)
        result->lost = g_string_new(NULL);
    if (result->n_lost < NAMED_MAX)
        g_string_append_printf(result->lost, _("%s%s of %s %" G_GINT64_FORMAT), result->n_lost ? ", " : "",
                               what, is_message ? _("message") : _("folder"), id);
    else if (result->n_lost == NAMED_MAX)
        g_string_append(result->lost, " …");
    result->n_lost++;
}

static void lose(Rescue *rescue, int64_t id)
{
    g_auto(StoreEntryData) entry = {0};
    g_autofree char *sql = g_strdup_printf("DELETE FROM journal WHERE id = %" G_GINT64_FORMAT, id);

    if (store_entry_get(rescue->txn, id, &entry, &rescue->failure) != 1)
        return;
    rescue_lose(rescue, store_verb_name(entry.verb), entry.message != 0,
                entry.message ? entry.message : entry.folder);
    rescue_exec(rescue, sql);
}

/* 'flags', 'keyword' and so on: all that there are. */
static char *known_verbs(void)
{
    GString *verbs = g_string_new(NULL);

    for (int verb = 0; verb < STORE_VERBS; verb++)
        g_string_append_printf(verbs, "%s'%s'", verb ? ", " : "", store_verb_name((StoreVerb)verb));
    return g_string_free(verbs, FALSE);
}

/* Entries that name what is not there. */
static void lose_all(Rescue *rescue)
{
    g_autofree char *verbs = known_verbs();
    g_autofree char *sql = g_strdup_printf(
        "SELECT id FROM journal WHERE state < 3 AND (account NOT IN (SELECT id FROM account) OR "
        "(message IS NOT NULL AND message NOT IN (SELECT id FROM message)) OR "
        "(copy IS NOT NULL AND copy NOT IN (SELECT id FROM message)) OR "
        "(folder IS NOT NULL AND folder NOT IN (SELECT id FROM folder)) OR (message IS NULL AND folder IS "
        "NULL) OR "
        "verb NOT IN (%s)) ORDER BY id",
        verbs);
    g_autoptr(GArray) ids = rescue_numbers(rescue, sql);

    for (guint i = 0; i < ids->len && !rescue->failure; i++)
        lose(rescue, g_array_index(ids, int64_t, i));
}

/* The text of a message that is on its way to another account may have to be fetched once more: the entry
 * that does it stays, settled or not, as long as one of its group is open. */
static void drop_fetched(Rescue *rescue)
{
    rescue_exec(
        rescue,
        "DELETE FROM journal WHERE state > 2 AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.grp = "
        "journal.grp AND j.message = journal.message AND j.state < 3 AND j.verb IN ('move', 'copy'))");
}

/* Rows that no entry names any more come by the next sync, as all others. */
static void drop_unnamed(Rescue *rescue)
{
    g_autoptr(GArray) ids = rescue_numbers(
        rescue,
        "SELECT id FROM message WHERE id NOT IN (SELECT message FROM journal WHERE message > 0 AND state < 3 "
        "UNION SELECT copy FROM journal WHERE copy > 0 AND state < 3)");

    for (guint i = 0; i < ids->len && !rescue->failure; i++) {
        StoreRowData row;
        if (store_row_by_id(rescue->txn, g_array_index(ids, int64_t, i), &row, &rescue->failure) == 1)
            store_row_delete(rescue->txn, &row, &rescue->failure);
    }
}

static void rescue_all(Rescue *rescue)
{
    copy_folders(rescue);
    copy_journal(rescue);
    rescue_each(rescue, "SELECT value FROM meta WHERE name = 'next-id'", 0, raise_next_id, NULL);
    rescue_each(rescue, "SELECT seq FROM sqlite_sequence WHERE name = 'journal'", 0, raise_last_entry, NULL);
    set_last_entry(rescue);
    rescue_copy_pieces(rescue);
    rescue_rows(rescue);
    lose_all(rescue);
    rescue_do_pieces(rescue);
    drop_fetched(rescue);
    drop_unnamed(rescue);
    g_autoptr(GArray) ids = rescue_numbers(rescue, "SELECT id FROM message ORDER BY key");
    for (guint i = 0; i < ids->len && !rescue->failure; i++)
        store_journal_show(rescue->txn, g_array_index(ids, int64_t, i), STORE_VERB_KEYWORD, &rescue->failure);
    g_autoptr(GArray) kept = rescue_numbers(rescue, "SELECT count(*) FROM journal WHERE state < 3");
    rescue->result->n_kept = kept->len ? (int)g_array_index(kept, int64_t, 0) : 0;
    rescue_exec(rescue, "DELETE FROM change_group WHERE id NOT IN (SELECT grp FROM journal)");
    if (!rescue->failure)
        store_counts_flush(rescue->txn, &rescue->failure);
}

/* All of it in the file itself, whose log goes when it is closed: that one will not be renamed with it. */
static gboolean settle(StoreDb *db, GError **error)
{
    int frames = 0, done = 0;
    const int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, &frames, &done);

    /* TRUNCATE leaves a log of no frames, and says BUSY where it could not. */
    if (code == SQLITE_OK && frames == 0)
        return TRUE;
    store_db_error(db, code == SQLITE_OK ? SQLITE_BUSY : code, error);
    return FALSE;
}

gboolean store_rescue(const char *damaged, const char *into, StoreRescued *rescued, GError **error)
{
    g_autoptr(StoreDb) db = store_db_open(into, STORE_DB_WRITE, BUSY_MS, error);

    if (!db || !store_db_load_hash_key(db, error) || !store_db_set_full_sync(db, TRUE, error) ||
        !store_db_simple(db, SQL_BEGIN_WRITE, error))
        return FALSE;
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(int64_t)),
                      messages = g_array_new(FALSE, FALSE, sizeof(int64_t));
    Rescue rescue = {.old = open_old(damaged),
                     .txn = store_txn_new(db, 0),
                     .result = rescued,
                     .entries = entries,
                     .messages = messages};
    if (!rescue.old && write_header(damaged))
        rescue.old = open_old(damaged);
    rescue_all(&rescue);
    sqlite3_close(rescue.old);
    if (!rescue.failure)
        store_db_simple(db, SQL_COMMIT, &rescue.failure);
    if (!rescue.failure)
        settle(db, &rescue.failure);
    if (rescue.failure) {
        store_db_rollback(db);
        g_propagate_error(error, rescue.failure);
    }
    store_txn_free(rescue.txn);
    return !rescue.failure;
}
