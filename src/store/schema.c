/*
 * schema.c - the tables of store.db (DESIGN.md: Store), and migrations by user_version, forward only.
 *
 * A file of version n gets MIGRATIONS[n], [n + 1] … each in a transaction of its own, so that a kill leaves
 * it at a whole version. What is here is never edited once it was released; a change is a further entry.
 */
#include "store/schema.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "store/damage.h"
#include "store/db.h"
#include "store/profile_lock.h"
#include "store/promise.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* For another process's transaction to end. */
#define BUSY_MS 10000
/* For others that use the profile to go, or to have done what is to be done. */
#define MIGRATE_WAIT_US (2 * SECOND_US)

static const char *const MIGRATIONS[] = {
    /* Names without an integer key are few and read by whole key: WITHOUT ROWID. */
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES ('hash-key', randomblob(16)), ('next-id', 1), ('next-folder', 1), ('ref-slot', "
    "0);"
    "CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    /* Counts are as shown; they are kept here and not summed up, since a sidebar asks for all of them after
     * each commit. */
    "CREATE TABLE folder (id INTEGER PRIMARY KEY, account INTEGER NOT NULL, name TEXT NOT NULL, raw_name "
    "TEXT NOT NULL,"
    " delimiter INTEGER NOT NULL, role INTEGER NOT NULL, selectable INTEGER NOT NULL, subscribed INTEGER NOT "
    "NULL,"
    " messages INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0, threads INTEGER NOT NULL "
    "DEFAULT 0,"
    " server_messages INTEGER NOT NULL DEFAULT 0, server_unseen INTEGER NOT NULL DEFAULT 0,"
    " uid_validity INTEGER NOT NULL DEFAULT 0, uid_next INTEGER NOT NULL DEFAULT 0,"
    " backfill_uid INTEGER NOT NULL DEFAULT 0, highest_modseq INTEGER NOT NULL DEFAULT 0,"
    " synced INTEGER NOT NULL DEFAULT 0, UNIQUE (account, raw_name));"
    /* key: key.h. flags: as shown. top: how many messages the thread has in this folder, in the row of its
     * newest one, else 0; top_unread: how many of them are unread. mid, parent: hashes of Message-IDs, 0 for
     * none. The server's half: server_folder (NULL for what exists only here), uid (0: it waits for one),
     * server_flags. */
    "CREATE TABLE message (key INTEGER PRIMARY KEY, id INTEGER NOT NULL, folder INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, thread INTEGER NOT NULL, top INTEGER NOT NULL, top_unread INTEGER NOT NULL,"
    " size INTEGER NOT NULL, attachments INTEGER NOT NULL, mid INTEGER NOT NULL, parent INTEGER NOT NULL,"
    " server_folder INTEGER, uid INTEGER NOT NULL, server_flags INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX message_id ON message (id);"
    "CREATE UNIQUE INDEX message_uid ON message (server_folder, uid) WHERE uid > 0;"
    "CREATE INDEX message_waiting ON message (server_folder) WHERE uid = 0 AND server_folder > 0;"
    "CREATE INDEX message_unread ON message (folder) WHERE flags & 1 = 0;"
    "CREATE INDEX message_top ON message (folder) WHERE top > 0;"
    "CREATE INDEX message_top_unread ON message (folder) WHERE top_unread > 0;"
    "CREATE INDEX message_thread ON message (thread);"
    "CREATE INDEX message_unstructured ON message (folder) WHERE attachments < 0;"
    /* Lists of addresses and references: text_list.h. date: of the Date field, NULL without one. */
    "CREATE TABLE envelope (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, sender BLOB, recipients BLOB, cc "
    "BLOB,"
    " message_id TEXT, date INTEGER, date_offset INTEGER NOT NULL, arrival INTEGER NOT NULL, refs BLOB, "
    "list_id TEXT);"
    /* half: 1 the server's, 2 as shown. */
    "CREATE TABLE keyword (message INTEGER NOT NULL, name TEXT NOT NULL, half INTEGER NOT NULL,"
    " PRIMARY KEY (message, name)) WITHOUT ROWID;"
    "CREATE TABLE ref (hash INTEGER PRIMARY KEY, thread INTEGER NOT NULL);"
    "CREATE TABLE ref_new (hash INTEGER PRIMARY KEY, thread INTEGER NOT NULL);"
    "CREATE TABLE merged (loser INTEGER PRIMARY KEY, winner INTEGER NOT NULL);"
    "CREATE TABLE bucket (slot INTEGER PRIMARY KEY, messages INTEGER NOT NULL, unread INTEGER NOT NULL,"
    " threads INTEGER NOT NULL);"
    /* state: 0 waiting, 1 held, 2 sent, 3 done, 4 undone, 5 refused; below 3 it is not settled. */
    "CREATE TABLE journal (id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL, maker INTEGER NOT "
    "NULL,"
    " account INTEGER NOT NULL, verb TEXT NOT NULL, message INTEGER, folder INTEGER, set_flags INTEGER,"
    " clear_flags INTEGER, state INTEGER NOT NULL, tries INTEGER NOT NULL, not_before INTEGER NOT NULL,"
    " made INTEGER NOT NULL);"
    "CREATE INDEX journal_group ON journal (grp);"
    "CREATE INDEX journal_message ON journal (message) WHERE state < 3;"
    "CREATE INDEX journal_account ON journal (account) WHERE state < 3;",
    /* 2: changes of every kind. name: of a keyword or a folder, old_name: a folder's before. copy: the row
     * that a copy is. old_folder, old_uid: where the row was shown before, and, once sent, where it stood on
     * the server; (0: UIDVALIDITY took the number; NULL: the message has left); uid_validity, uid_next: the
     * destination's before it was sent. folder.deleted: its deletion waits. A change_group is what one key
     * did; state: 0 to be undone, 1 to be redone, 2 neither; undone: the order in which they were, whose last
     * one is redone first. */
    "ALTER TABLE journal ADD COLUMN name TEXT;"
    "ALTER TABLE journal ADD COLUMN old_name TEXT;"
    "ALTER TABLE journal ADD COLUMN copy INTEGER;"
    "ALTER TABLE journal ADD COLUMN old_folder INTEGER;"
    "ALTER TABLE journal ADD COLUMN old_uid INTEGER;"
    "ALTER TABLE journal ADD COLUMN uid_validity INTEGER;"
    "ALTER TABLE journal ADD COLUMN uid_next INTEGER;"
    "ALTER TABLE journal ADD COLUMN error TEXT;"
    "ALTER TABLE folder ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX journal_folder ON journal (folder) WHERE state < 3;"
    "CREATE INDEX journal_copy ON journal (copy) WHERE copy > 0;"
    "CREATE INDEX journal_old ON journal (old_folder, old_uid) WHERE state = 2;"
    "CREATE INDEX message_away ON message (server_folder) WHERE uid = 0 AND folder <> server_folder;"
    "CREATE TABLE change_group (id INTEGER PRIMARY KEY, maker INTEGER NOT NULL, kind INTEGER NOT NULL, name "
    "TEXT,"
    " made INTEGER NOT NULL, state INTEGER NOT NULL, undone INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX change_group_maker ON change_group (maker, state);"
    /* The strongest way to log in that a server (host:port) has offered to an account. */
    "CREATE TABLE login (account TEXT NOT NULL, server TEXT NOT NULL, strength INTEGER NOT NULL,"
    " PRIMARY KEY (account, server)) WITHOUT ROWID;",
    /* What a server lets one do, and where: folder.space 0 one's own, 1 another user's, 2 shared;
     * folder.rights are StoreRight, -1: not told. Quota in bytes, limit 0: none is known. role_name: what the
     * configuration calls the folder of a role, for when it has to be made; for role + 64, the raw name of the
     * folder that the server names. */
    "ALTER TABLE folder ADD COLUMN space INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE folder ADD COLUMN rights INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE account ADD COLUMN quota_used INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN quota_limit INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE role_name (account INTEGER NOT NULL, role INTEGER NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY (account, role)) WITHOUT ROWID;",
    /* 4: journal_due tells when the next entry's time comes, journal_moved where a message was moved from.
     * The folder's numbers as the server told them are -1 while it did not. */
    "CREATE INDEX journal_due ON journal (account, not_before) WHERE state < 3;"
    "CREATE INDEX journal_moved ON journal (message, folder) WHERE verb = 'move' AND old_folder > 0;"
    "DROP INDEX journal_folder;"
    "CREATE INDEX journal_folder ON journal (folder) WHERE state < 3 AND folder > 0;"
    "UPDATE folder SET server_messages = -1, server_unseen = -1 WHERE uid_validity = 0 AND server_messages = "
    "0 "
    "AND server_unseen = 0;",
    /* 5: mail that lives on this disk. name: what its folder knows a message by (files.h). */
    "CREATE TABLE mail_file (folder INTEGER NOT NULL, uid INTEGER NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY (folder, uid)) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX mail_file_name ON mail_file (folder, name);"
    "CREATE INDEX mail_file_alone ON mail_file (name);",
    /* 6: of a move or copy whose UID the server did not tell, its number among all such (meta: untold). */
    "ALTER TABLE journal ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;"
    "INSERT INTO meta VALUES ('untold', 0);",
    /* 7: what is old is found without looking at what is not; so is the last number that an undone group
     * got. */
    "CREATE INDEX journal_settled ON journal (made) WHERE state > 2;"
    "CREATE INDEX change_group_made ON change_group (made);"
    "CREATE INDEX change_group_undone ON change_group (undone) WHERE undone > 0;",
    /* 8: numbers of threads that no message's id is: of those that begin with a message of another account
     * (2^40 on). */
    "INSERT INTO meta VALUES ('next-thread', 1099511627776);",
    /* 9: of messages whose server tells which are the same wherever they stand: what their text is kept by
     * (email.c). */
    "CREATE TABLE email (message INTEGER PRIMARY KEY, body INTEGER NOT NULL);"
    "CREATE INDEX email_body ON email (body);",
    /* 10: what the server calls a folder whatever its name is (OBJECTID); NULL: it was not told. */
    "ALTER TABLE folder ADD COLUMN mailbox_id TEXT;",
    /* 11: what is left of changes of very many messages (pieces.h). what: StoreEach; ids: of messages, or of
     * entries, eight bytes each, in the order in which it is done; undoes: the group whose entries they are,
     * 0: none. */
    "CREATE TABLE piece (id INTEGER PRIMARY KEY, grp INTEGER NOT NULL, what INTEGER NOT NULL, set_flags "
    "INTEGER NOT NULL,"
    " clear_flags INTEGER NOT NULL, folder INTEGER NOT NULL, undoes INTEGER NOT NULL, keywords TEXT, ids "
    "BLOB NOT NULL);"
    "CREATE INDEX piece_undoes ON piece (undoes) WHERE undoes > 0;",
    /* 12: email.added: when the row came (wall clock). departed: rows of messages that a server took away,
     * and that may have been moved; the message is known by all of body, mid and size. */
    "ALTER TABLE email ADD COLUMN added INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE departed (body INTEGER PRIMARY KEY, mid INTEGER NOT NULL, size INTEGER NOT NULL,"
    " message INTEGER NOT NULL, at INTEGER NOT NULL);",
    /* 13: which mailbox the account's folders are of (user@host); NULL: nobody has told yet. */
    "ALTER TABLE account ADD COLUMN mailbox TEXT;",
    /* 14: whether the account's server keeps labels (label.h). */
    "ALTER TABLE account ADD COLUMN labels INTEGER NOT NULL DEFAULT 0;",
    /* 15: departed.entry: the first of the changes of flags that the row took along, 0: none (email.c).
     * journal.uid_next is, until an entry is sent, the number that the next row was to get when it was made. */
    "ALTER TABLE departed ADD COLUMN entry INTEGER NOT NULL DEFAULT 0;",
};

int schema_version(void)
{
    return G_N_ELEMENTS(MIGRATIONS);
}

static gboolean read_version(StoreDb *db, int *version_out, GError **error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *version_out = sqlite3_column_int(statement, 0);
    else
        store_db_error(db, code, error);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW;
}

static gboolean migrate_step(StoreDb *db, int version, GError **error)
{
    g_autofree char *set_version = g_strdup_printf("PRAGMA user_version = %d; COMMIT", version + 1);

    if (store_db_exec(db, "BEGIN IMMEDIATE", error) && store_db_exec(db, MIGRATIONS[version], error) &&
        store_db_exec(db, set_version, error))
        return TRUE;
    store_db_rollback(db);
    return FALSE;
}

gboolean schema_make(const char *path, GError **error)
{
    /* Made here, and not by SQLite, for its mode; the log and the index file get the same one. No handle of
     * this process is open on it, so closing it drops no locks. */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int version;

    if (fd < 0) {
        tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("the mail store %s cannot be made"), path);
        return FALSE;
    }
    close(fd);
    g_autoptr(StoreDb) db = store_db_open(path, STORE_DB_WRITE, BUSY_MS, error);
    if (!db || !read_version(db, &version, error) ||
        !store_db_exec(db, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
                       error))
        return FALSE;
    while (version < schema_version()) {
        if (!migrate_step(db, version++, error))
            return FALSE;
    }
    return TRUE;
}

/* The handle when the file is there and of this version: the usual case, which costs no second opening. NULL
 * without an error when there is work to do. */
static StoreDb *open_current(const char *path, GError **error)
{
    int version;

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return NULL;
    g_autoptr(StoreDb) db = store_db_open(path, STORE_DB_WRITE, BUSY_MS, error);
    if (!db || !read_version(db, &version, error))
        return NULL;
    if (version == 0 && store_damage_was_used(path))
        store_damage_note(path);
    if (version > schema_version())
        tern_error_set(
            error, TERN_ERROR_STORE,
            _("the mail store %s was made by a newer tern (version %d, this one knows %d); use that one"),
            path, version, schema_version());
    return version == schema_version() && store_db_load_hash_key(db, error) ? g_steal_pointer(&db) : NULL;
}

/* With the profile's lock held exclusively. */
static gboolean make_current(const char *path, char **told_out, GError **error)
{
    GError *failure = NULL;
    const StorePromise nothing = {0};

    /* Somebody has taken it away, and wants a new one. */
    if (access(path, F_OK) != 0 && errno == ENOENT)
        store_promise_write(path, &nothing);
    if (store_damage_is_seen(path) && !store_damage_repair(path, told_out, error))
        return FALSE;
    if (schema_make(path, &failure))
        return TRUE;
    if (*told_out || !store_damage_is_seen(path)) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    /* It was found to be so only now. */
    g_clear_error(&failure);
    return store_damage_repair(path, told_out, error) && schema_make(path, error);
}

StoreDb *schema_open(const char *path, const char *lock_path, int *lock_fd, char **told_out, GError **error)
{
    const int64_t deadline_us = clock_now_us() + MIGRATE_WAIT_US;

    for (;;) {
        GError *failure = NULL;
        StoreDb *db = store_damage_is_seen(path) ? NULL : open_current(path, &failure);
        if (failure && store_damage_is_seen(path))
            g_clear_error(&failure);
        if (failure)
            g_propagate_error(error, failure);
        if (db || failure)
            return db;
        close(*lock_fd);
        *lock_fd = profile_lock_exclusive(lock_path, &failure);
        if (*lock_fd >= 0) {
            const gboolean is_done = make_current(path, told_out, error);
            close(*lock_fd);
            *lock_fd = -1;
            if (!is_done)
                return NULL;
        } else if (clock_now_us() >= deadline_us) {
            g_propagate_error(error, failure);
            return NULL;
        }
        g_clear_error(&failure);
        *lock_fd = profile_lock_shared(lock_path, error);
        if (*lock_fd < 0)
            return NULL;
        /* Whoever was in the way may have done it (two terns that meet a new profile), or a newer tern took
         * its turn between the two locks: look again. */
    }
}

static StoreDb *open_as(const char *path, StoreDbMode mode, GError **error)
{
    g_autoptr(StoreDb) db = store_db_open(path, mode, BUSY_MS, error);
    int version;

    if (!db || !read_version(db, &version, error))
        return NULL;
    if (version != schema_version()) {
        tern_error_set(
            error, TERN_ERROR_STORE,
            _("the mail store %s is of another version (%d; this tern's is %d), and cannot be changed "
              "where it is; copy its folder to a disk that can be written"),
            path, version, schema_version());
        return NULL;
    }
    return store_db_load_hash_key(db, error) ? g_steal_pointer(&db) : NULL;
}

StoreDb *schema_open_to_read(const char *path, GError **error)
{
    g_autofree char *log = g_strconcat(path, "-wal", NULL);
    GError *failure = NULL;
    StoreDb *db = open_as(path, STORE_DB_READ, &failure);
    struct stat status;

    /* What is in a log is not seen by a still one. */
    if (!db && (stat(log, &status) != 0 || status.st_size == 0)) {
        g_clear_error(&failure);
        db = open_as(path, STORE_DB_STILL, &failure);
    }
    if (failure)
        g_propagate_error(error, failure);
    return db;
}
