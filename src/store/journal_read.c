/* journal_read.c - the journal as it is read: by whoever plays it, and for people. */
#include "store/journal.h"

#include "base/clock.h"
#include "store/reader.h"
#include "store/txn.h"

void store_entry_free(StoreEntry *entry)
{
    if (!entry)
        return;
    char *const texts[] = {entry->name,  entry->account,    entry->folder_name, entry->folder_raw,
                           entry->error, entry->server_raw, entry->message_id,  entry->old_raw};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(entry);
}

static char *text_at(sqlite3_stmt *statement, int column)
{
    return g_strdup((const char *)sqlite3_column_text(statement, column));
}

/* A raw name; "" for a folder that the server has not got yet. */
static char *raw_at(sqlite3_stmt *statement, int column)
{
    const char *raw = (const char *)sqlite3_column_text(statement, column);

    return g_strdup(raw && store_raw_name_is_new(raw) ? "" : raw);
}

/* The columns of SQL_ENTRY_WHOLE. */
enum { ENTRY_COLUMNS = 27 };

static StoreEntry *entry_at(sqlite3_stmt *statement)
{
    StoreEntry *entry = g_new0(StoreEntry, 1);
    int column = 0;

    entry->id = sqlite3_column_int64(statement, column++);
    entry->group = sqlite3_column_int64(statement, column++);
    entry->verb = store_verb_of((const char *)sqlite3_column_text(statement, column++));
    entry->state = (StoreEntryState)sqlite3_column_int(statement, column++);
    entry->tries = sqlite3_column_int(statement, column++);
    entry->not_before_s = sqlite3_column_int64(statement, column++);
    entry->message = sqlite3_column_int64(statement, column++);
    entry->folder = sqlite3_column_int64(statement, column++);
    entry->copy = sqlite3_column_int64(statement, column++);
    entry->set = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->clear = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->name = text_at(statement, column++);
    entry->account = text_at(statement, column++);
    entry->folder_name = text_at(statement, column++);
    entry->folder_raw = raw_at(statement, column++);
    entry->error = text_at(statement, column++);
    entry->server_folder = sqlite3_column_int64(statement, column++);
    entry->uid = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->server_raw = raw_at(statement, column++);
    entry->message_id = text_at(statement, column++);
    entry->size_bytes = sqlite3_column_int64(statement, column++);
    entry->old_folder = sqlite3_column_int64(statement, column++);
    entry->old_uid = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->uid_validity = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->uid_next = (uint32_t)sqlite3_column_int64(statement, column++);
    entry->old_raw = raw_at(statement, column++);
    entry->is_across = sqlite3_column_int(statement, column++) != 0;
    g_assert(column == ENTRY_COLUMNS);
    return entry;
}

static void free_entry(void *data)
{
    store_entry_free(data);
}

/* A statement that begins with the account. */
static sqlite3_stmt *start(StoreReader *reader, StoreSql which, const char *account, int64_t second,
                           GError **error)
{
    sqlite3_stmt *statement = STORE_START(reader->db, which, error, 0, second);

    if (statement)
        sqlite3_bind_text(statement, 1, account, -1, SQLITE_TRANSIENT);
    return statement;
}

GPtrArray *store_read_journal(StoreReader *reader, const char *account, gboolean all, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(free_entry);
    sqlite3_stmt *statement = start(reader, SQL_JOURNAL_READ, account, all, error);
    int row = -1;

    while (statement && (row = store_db_step(reader->db, statement, error)) == 1)
        g_ptr_array_add(entries, entry_at(statement));
    return row == 0 ? g_steal_pointer(&entries) : NULL;
}

gboolean store_read_journal_count(StoreReader *reader, int64_t *count_out, GError **error)
{
    return store_db_get(reader->db, store_db_start(reader->db, SQL_JOURNAL_COUNT, 0, NULL, error), 1,
                        count_out, error) == 1;
}

int store_journal_is_leaving(StoreReader *reader, int64_t body_id, GError **error)
{
    int64_t one[1];

    return STORE_GET(reader->db, body_id < 0 ? SQL_JOURNAL_LEAVING_BODY : SQL_JOURNAL_LEAVING, error, one,
                     body_id);
}

int store_journal_has_placed(StoreReader *reader, int64_t message, int64_t folder, GError **error)
{
    int64_t one[1];

    return STORE_GET(reader->db, SQL_JOURNAL_PLACED, error, one, message, folder);
}

/* ---- what is due ---- */

/* How many that cannot be played yet are looked at once something was found that can. */
#define PASSED_MAX 1000

/* One walk over an account's entries, in order. What one cannot play yet stops everything later about the
 * same row, folder, or copy. What the entries of a row, or of a folder that is to be deleted, wait for is
 * asked once for each, so that the walk costs what it passes. */
typedef struct {
    StoreReader *reader;
    int64_t now_s, next_s;
    int passed;
    GHashTable *rows, *folders; /* stopped: sets of int64_t */
    GHashTable *abroad;         /* row -> Abroad */
    GHashTable
        *taken_out; /* folder -> the first entry that takes a message out of it (int64_t); NULL: not asked */
} Walk;

/* The first entries of other accounts about a row, G_MAXINT64: none. What is copied to another account stops
 * only that the message is taken away. */
typedef struct {
    int64_t stops, stops_expunge;
} Abroad;

static void stop(GHashTable *set, int64_t number)
{
    if (number)
        g_hash_table_add(set, g_memdup2(&number, sizeof number));
}

static gboolean is_stopped(const Walk *walk, const StoreEntry *entry)
{
    return g_hash_table_contains(walk->rows, &entry->message) ||
           (entry->folder && g_hash_table_contains(walk->folders, &entry->folder)) ||
           (entry->server_folder && g_hash_table_contains(walk->folders, &entry->server_folder));
}

static void stop_by(const Walk *walk, const StoreEntry *entry)
{
    stop(walk->rows, entry->message);
    stop(walk->rows, entry->copy);
    if (!entry->message)
        stop(walk->folders, entry->folder);
}

static int64_t first_of(int64_t a, int64_t b)
{
    const int64_t first = a && b ? MIN(a, b) : a + b;

    return first ? first : G_MAXINT64;
}

/* Whether another account has to do something to the message first: 1, 0, -1. */
static int waits_abroad(Walk *walk, const StoreEntry *entry, int64_t account, GError **error)
{
    const Abroad *known = g_hash_table_lookup(walk->abroad, &entry->message);
    Abroad abroad;
    int64_t first[3];

    if (known)
        abroad = *known;
    else {
        if (STORE_GET(walk->reader->db, SQL_JOURNAL_ABROAD_FIRST, error, first, entry->message, account) != 1)
            return -1;
        abroad = (Abroad){first_of(first[0], first[2]), first_of(first[1], first[2])};
        g_hash_table_insert(walk->abroad, g_memdup2(&entry->message, sizeof entry->message),
                            g_memdup2(&abroad, sizeof abroad));
    }
    return (entry->verb == STORE_VERB_EXPUNGE ? abroad.stops_expunge : abroad.stops) < entry->id;
}

static gboolean read_taken_out(Walk *walk, GError **error)
{
    sqlite3_stmt *statement = store_db_start(walk->reader->db, SQL_JOURNAL_TAKEN_OUT, 0, NULL, error);
    int row = -1;

    walk->taken_out = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    while (statement && (row = store_db_step(walk->reader->db, statement, error)) == 1) {
        const int64_t pair[2] = {sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
        g_hash_table_insert(walk->taken_out, g_memdup2(&pair[0], sizeof pair[0]),
                            g_memdup2(&pair[1], sizeof pair[1]));
    }
    return row == 0;
}

/* Whether a message is still to be taken out of the folder that the entry deletes: 1, 0, -1. */
static int is_needed(Walk *walk, const StoreEntry *entry, GError **error)
{
    if (!walk->taken_out && !read_taken_out(walk, error))
        return -1;
    const int64_t *first = g_hash_table_lookup(walk->taken_out, &entry->folder);
    return first && *first < entry->id;
}

/* 1: it can be played now; 0: not yet; -1. The statement is at the entry's row. */
static int can_go(Walk *walk, const StoreEntry *entry, sqlite3_stmt *statement, GError **error)
{
    const int64_t at_s = entry->not_before_s > walk->now_s ? entry->not_before_s : 0,
                  account = sqlite3_column_int64(statement, ENTRY_COLUMNS);
    int waits = 0;

    if (at_s)
        walk->next_s = walk->next_s ? MIN(walk->next_s, at_s) : at_s;
    if (at_s || sqlite3_column_int(statement, ENTRY_COLUMNS + 1) || is_stopped(walk, entry))
        return 0;
    if (entry->message)
        waits = waits_abroad(walk, entry, account, error);
    else if (entry->verb == STORE_VERB_DELETE)
        waits = is_needed(walk, entry, error);
    return waits < 0 ? -1 : !waits;
}

/* The entry where the statement is: into `due`, or it stops what comes after it. */
static gboolean step_to(Walk *walk, sqlite3_stmt *statement, GPtrArray *due, GError **error)
{
    StoreEntry *entry = entry_at(statement);
    const int goes = can_go(walk, entry, statement, error);

    if (goes == 1) {
        g_ptr_array_add(due, entry);
        return TRUE;
    }
    stop_by(walk, entry);
    store_entry_free(entry);
    walk->passed++;
    return goes == 0;
}

static GPtrArray *walk_due(Walk *walk, const char *account, int limit, GError **error)
{
    g_autoptr(GPtrArray) due = g_ptr_array_new_with_free_func(free_entry);
    sqlite3_stmt *statement = start(walk->reader, SQL_JOURNAL_UNSETTLED, account, 0, error);
    int row = -1;

    while (statement && (int)due->len < limit && (!due->len || walk->passed < PASSED_MAX) &&
           (row = store_db_step(walk->reader->db, statement, error)) == 1) {
        if (!due->len)
            walk->passed = 0; /* those before the first */
        if (!step_to(walk, statement, due, error)) {
            row = -1;
            break;
        }
    }
    if (statement)
        sqlite3_reset(statement);
    return row < 0 ? NULL : g_steal_pointer(&due);
}

GPtrArray *store_read_journal_due(StoreReader *reader, const char *account, int limit, int64_t *next_s_out,
                                  GError **error)
{
    g_autoptr(GHashTable) rows = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                          folders = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                          abroad = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    Walk walk = {
        .reader = reader, .now_s = clock_wall_s(), .rows = rows, .folders = folders, .abroad = abroad};
    GPtrArray *due = walk_due(&walk, account, limit, error);

    g_clear_pointer(&walk.taken_out, g_hash_table_unref);
    if (next_s_out)
        *next_s_out = walk.next_s;
    return due;
}

/* The earliest time of an unsettled entry that is later than that one: 1; there is none: 0; -1. */
static int first_time(StoreReader *reader, const char *account, int64_t after_s, int64_t *time_s_out,
                      GError **error)
{
    return store_db_get(reader->db, start(reader, SQL_JOURNAL_FIRST_TIME, account, after_s, error), 1,
                        time_s_out, error);
}

int store_journal_is_due(StoreReader *reader, const char *account, int64_t *next_s_out, GError **error)
{
    const int64_t now_s = clock_wall_s();
    int64_t first_s, next_s = 0;
    const int has_one = first_time(reader, account, -1, &first_s, error),
              has_later = has_one == 1 ? first_time(reader, account, now_s, &next_s, error) : 0;

    if (next_s_out)
        *next_s_out = next_s;
    if (has_one <= 0 || has_later < 0)
        return MIN(has_one, has_later);
    if (first_s > now_s)
        return 0;
    /* What is later, or another account's, may stop what would be due. */
    g_autoptr(GPtrArray) due = store_read_journal_due(reader, account, 1, NULL, error);
    return due ? due->len > 0 : -1;
}
