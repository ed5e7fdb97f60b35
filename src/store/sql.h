/*
 * sql.h - every statement of the store, in one table: prepared once for a handle and used again.
 *
 * The planner chooses nothing: each names its index (INDEXED BY), or NOT INDEXED for ranges of a table's own
 * key, so that no statistics and no other version of SQLite change what a page costs. An index on `folder`
 * ends with the row's key, as every index of a table with an integer key does; so (folder) stands for
 * (folder, key). No OFFSET anywhere.
 */
#ifndef TERN_STORE_SQL_H
#define TERN_STORE_SQL_H

/* A row as StoreRowData (row.h) takes it. */
#define SQL_ROW                                                                                              \
    "key, id, flags, thread, top, top_unread, size, attachments, mid, parent, server_folder, uid, "          \
    "server_flags"
/* The number that the next row gets, which an entry keeps: rows that came since are known by it. */
#define SQL_NEXT_ID "(SELECT value FROM meta WHERE name = 'next-id')"
/* An entry as StoreEntryData (txn.h) takes it. */
#define SQL_ENTRY                                                                                            \
    "id, grp, account, verb, message, folder, set_flags, clear_flags, copy, old_folder, old_uid, state, "    \
    "name, old_name"
/* Of entry `j`: whether its group is just being taken back, piece by piece (pieces.h). */
#define SQL_GROUP_GOES                                                                                       \
    "EXISTS (SELECT 1 FROM piece g INDEXED BY piece_undoes WHERE g.undoes = j.grp AND g.undoes > 0) "
/* Unsettled entries of row ?1 that are another account's than ?2, up to where it is moved again. */
#define SQL_JOURNAL_ABROAD                                                                                   \
    "SELECT j.id FROM journal j INDEXED BY journal_message WHERE j.message = ?1 AND j.state < 3 AND "        \
    "j.account <> ?2 AND NOT EXISTS (SELECT 1 FROM journal p INDEXED BY journal_message WHERE "              \
    "p.message = ?1 AND p.state < 3 AND p.verb = 'move' AND p.id < j.id) "
/* An entry as StoreEntry (journal.h) has it, of account `a`. */
#define SQL_ENTRY_WHOLE                                                                                      \
    "j.id, j.grp, j.verb, j.state, j.tries, j.not_before, j.message, j.folder, j.copy, j.set_flags, "        \
    "j.clear_flags, j.name, a.name, f.name, f.raw_name, j.error, m.server_folder, m.uid, s.raw_name, "       \
    "e.message_id, m.size, j.old_folder, j.old_uid, j.uid_validity, j.uid_next, o.raw_name, "                \
    "s.account <> j.account "
#define SQL_ENTRY_JOINS                                                                                      \
    "LEFT JOIN folder f ON f.id = j.folder AND f.account > 0 LEFT JOIN message m ON m.id = j.message "       \
    "LEFT JOIN folder s ON s.id = m.server_folder AND s.account > 0 LEFT JOIN envelope e ON "                \
    "e.id = j.message LEFT JOIN folder o ON o.id = j.old_folder AND o.account > 0 "
/* What a page shows: the row and the parts of its envelope. `people` are the recipients in Sent
 * and Drafts. */
#define SQL_PAGE_COLUMNS                                                                                     \
    "m.key, m.id, m.thread, m.flags, m.size, m.attachments, m.top, m.top_unread, e.subject, "                \
    "CASE WHEN ?4 THEN e.recipients ELSE e.sender END, coalesce(e.date, e.arrival)"
/* What the file of message `m` is called by: itself, or what all that are the same share (email.c). */
#define SQL_BODY_ID "coalesce((SELECT x.body FROM email x NOT INDEXED WHERE x.message = m.id), m.id)"
/* What StoreBody takes of a message that the server has. */
#define SQL_BODY                                                                                             \
    "SELECT m.key, m.id, m.server_folder, m.uid, m.size, e.arrival, e.message_id, e.subject, " SQL_BODY_ID " "
#define SQL_FOLDER                                                                                           \
    "SELECT f.id, f.account, a.name, f.name, f.raw_name, f.delimiter, f.role, f.selectable, f.subscribed, "  \
    "f.messages, f.unread, f.threads, f.server_messages, f.server_unseen, f.uid_validity, f.uid_next, "      \
    "f.backfill_uid, f.highest_modseq, f.synced, f.space, f.rights, f.mailbox_id FROM folder f NOT INDEXED " \
    "CROSS JOIN "                                                                                            \
    "account a NOT INDEXED "

/* Of row `m`: a copy of another message that the server was not told of, so that what comes from there is not
 * it. */
#define SQL_IS_UNSENT_COPY                                                                                   \
    "EXISTS (SELECT 1 FROM journal c INDEXED BY journal_copy WHERE c.copy = m.id AND c.copy > 0 AND "        \
    "c.state < 2)"

/* clang-format off */
#define STORE_SQL(X) \
    X(BEGIN_READ, "BEGIN") \
    X(BEGIN_WRITE, "BEGIN IMMEDIATE") \
    X(COMMIT, "COMMIT") \
    X(SAVEPOINT, "SAVEPOINT job") \
    X(RELEASE, "RELEASE job") \
    X(DATA_VERSION, "PRAGMA data_version") \
    X(META_GET, "SELECT value FROM meta WHERE name = ?1") \
    X(META_SET, "UPDATE meta SET value = ?2 WHERE name = ?1 AND value <> ?2") \
    /* accounts and folders */ \
    X(ACCOUNT_GET, "SELECT id FROM account WHERE name = ?1") \
    X(ACCOUNT_ADD, "INSERT INTO account (name) VALUES (?1)") \
    X(MAILBOX_GET, "SELECT mailbox FROM account WHERE name = ?1 AND mailbox IS NOT NULL") \
    X(MAILBOX_SET, "UPDATE account SET mailbox = ?2 WHERE id = ?1") \
    /* no server's UIDVALIDITY is likely to be that: nothing that is known by UID is believed any more */ \
    X(MAILBOX_OTHER, "UPDATE folder NOT INDEXED SET uid_validity = 4294967295, highest_modseq = 0, synced = 0, mailbox_id = NULL, " \
                     "rights = -1 WHERE account = ?1 AND uid_validity > 0") \
    /* what was meant for messages and folders of the mailbox; not what brings its own */ \
    X(MAILBOX_CHANGES, "SELECT id FROM journal INDEXED BY journal_account WHERE account = ?1 AND state < 3 AND " \
                       "verb NOT IN ('append', 'create') ORDER BY id DESC") \
    X(MAILBOX_GROUPS, "UPDATE change_group NOT INDEXED SET state = 2 WHERE state < 2 AND EXISTS (SELECT 1 FROM journal INDEXED BY " \
                      "journal_group WHERE grp = change_group.id AND account = ?1)") \
    X(LOGIN_GET, "SELECT strength FROM login WHERE account = ?1 AND server = ?2") \
    X(LOGIN_SET, "INSERT INTO login (account, server, strength) VALUES (?1, ?2, ?3) " \
                 "ON CONFLICT (account, server) DO UPDATE SET strength = ?3") \
    X(ROLE_NAME_GET, "SELECT name FROM role_name WHERE account = ?1 AND role = ?2") \
    X(ROLE_NAME_SET, "INSERT INTO role_name (account, role, name) VALUES (?1, ?2, ?3) " \
                     "ON CONFLICT (account, role) DO UPDATE SET name = ?3 WHERE name <> ?3") \
    X(ROLE_NAME_DELETE, "DELETE FROM role_name WHERE account = ?1 AND role = ?2") \
    X(ROLE_NAMES, "SELECT r.role, r.name FROM account a CROSS JOIN role_name r NOT INDEXED WHERE a.name = ?1 AND r.account = a.id") \
    X(FOLDER_SET_ROLE, "UPDATE folder SET role = ?2 WHERE id = ?1 AND role <> ?2") \
    X(LABELS_GET, "SELECT labels FROM account WHERE id = ?1") \
    X(LABELS_SET, "UPDATE account SET labels = ?2 WHERE id = ?1") \
    /* the labels of what is here are not known yet: all flags are asked for */ \
    X(LABELS_NEW, "UPDATE folder NOT INDEXED SET highest_modseq = 0 WHERE account = ?1") \
    X(QUOTA_GET, "SELECT quota_used, quota_limit FROM account WHERE name = ?1") \
    X(QUOTA_SET, "UPDATE account SET quota_used = ?2, quota_limit = ?3 " \
                 "WHERE id = ?1 AND (quota_used <> ?2 OR quota_limit <> ?3)") \
    X(FOLDER_RIGHTS_GET, "SELECT name, rights FROM folder NOT INDEXED WHERE id = ?1") \
    X(FOLDER_RIGHTS, "UPDATE folder SET rights = ?2 WHERE id = ?1 AND rights <> ?2") \
    X(FOLDER_ALL, SQL_FOLDER "WHERE a.id = f.account AND f.deleted = 0 AND (?1 IS NULL OR a.name = ?1)") \
    X(FOLDER_BY_ID, SQL_FOLDER "WHERE f.id = ?1 AND a.id = f.account") \
    X(FOLDER_RAW_NAMES, "SELECT id, raw_name FROM folder NOT INDEXED WHERE account = ?1") \
    X(FOLDER_IDS, "SELECT id FROM folder NOT INDEXED ORDER BY id") \
    X(FOLDER_OTHERS, "SELECT count(*) FROM folder NOT INDEXED WHERE account IS NOT " \
                     "(SELECT id FROM account WHERE name = ?1)") \
    X(FOLDER_ACCOUNT, "SELECT account FROM folder NOT INDEXED WHERE id = ?1 AND account > 0") \
    X(FOLDER_ROLE, "SELECT role FROM folder NOT INDEXED WHERE id = ?1") \
    X(FOLDER_COUNTS, "SELECT messages, unread, threads FROM folder NOT INDEXED WHERE id = ?1") \
    X(FOLDER_ADD, "INSERT INTO folder (id, account, name, raw_name, delimiter, role, selectable, subscribed, " \
                  "server_messages, server_unseen, space) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)") \
    X(FOLDER_UPDATE, "UPDATE folder SET name = ?2, delimiter = ?3, role = ?4, selectable = ?5, subscribed = ?6, " \
                     "space = ?7 WHERE id = ?1 AND (name <> ?2 OR delimiter <> ?3 OR role <> ?4 OR selectable <> ?5 " \
                     "OR subscribed <> ?6 OR space <> ?7)") \
    X(FOLDER_STATUS, "UPDATE folder SET server_messages = ?2, server_unseen = ?3 " \
                     "WHERE id = ?1 AND (server_messages <> ?2 OR server_unseen <> ?3)") \
    X(FOLDER_SYNC, "UPDATE folder SET uid_validity = ?2, uid_next = ?3, backfill_uid = ?4, highest_modseq = ?5, " \
                   "synced = ?6 WHERE id = ?1") \
    X(FOLDER_COUNT, "UPDATE folder SET messages = messages + ?2, unread = unread + ?3, threads = threads + ?4 " \
                    "WHERE id = ?1") \
    X(FOLDER_DELETE, "DELETE FROM folder WHERE id = ?1") \
    X(FOLDER_CAST_OFF, "UPDATE folder SET account = 0, raw_name = id WHERE id = ?1") \
    X(FOLDER_CAST_OFF_ANY, "SELECT id FROM folder INDEXED BY sqlite_autoindex_folder_1 WHERE account = 0 LIMIT 1") \
    X(FOLDER_ROWS, "SELECT key, id FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT ?3") \
    X(FOLDER_DELETE_ENVELOPES, "DELETE FROM envelope WHERE id IN (SELECT id FROM message NOT INDEXED " \
                               "WHERE key BETWEEN ?1 AND ?2)") \
    X(FOLDER_DELETE_KEYWORDS, "DELETE FROM keyword WHERE message IN (SELECT id FROM message NOT INDEXED " \
                              "WHERE key BETWEEN ?1 AND ?2)") \
    X(FOLDER_DELETE_EMAILS, "DELETE FROM email WHERE message IN (SELECT id FROM message NOT INDEXED " \
                            "WHERE key BETWEEN ?1 AND ?2)") \
    X(FOLDER_DELETE_MESSAGES, "DELETE FROM message WHERE key BETWEEN ?1 AND ?2") \
    X(BUCKET_DELETE_RANGE, "DELETE FROM bucket WHERE slot BETWEEN ?1 AND ?2") \
    /* rows */ \
    X(ROW_BY_KEY, "SELECT " SQL_ROW " FROM message NOT INDEXED WHERE key = ?1") \
    X(ROW_BY_ID, "SELECT " SQL_ROW " FROM message INDEXED BY message_id WHERE id = ?1") \
    X(ROW_BY_UID, "SELECT " SQL_ROW " FROM message INDEXED BY message_uid " \
                  "WHERE server_folder = ?1 AND uid = ?2 AND uid > 0") \
    X(UID_ANY, "SELECT 1 FROM message INDEXED BY message_uid " \
               "WHERE server_folder = ?1 AND uid BETWEEN ?2 AND ?3 AND uid > 0 LIMIT 1") \
    X(UID_RANGE, "SELECT uid, server_flags, id FROM message INDEXED BY message_uid " \
                 "WHERE server_folder = ?1 AND uid BETWEEN ?2 AND ?3 AND uid > 0 ORDER BY uid") \
    X(UNREAD_FROM, "SELECT uid, flags, id FROM message INDEXED BY message_uid WHERE server_folder = ?1 AND uid >= ?2 " \
                   "AND uid > 0 AND id > ?3 AND folder = ?1 AND flags & 17 = 0 ORDER BY uid") \
    X(UID_COUNT, "SELECT count(*) FROM message INDEXED BY message_uid WHERE server_folder = ?1 AND uid > 0") \
    X(UID_FORGET, "UPDATE message NOT INDEXED SET uid = 0 WHERE key IN (SELECT key FROM message " \
                  "INDEXED BY message_uid WHERE server_folder = ?1 AND uid > 0 LIMIT ?2)") \
    X(WAITING_ANY, "SELECT 1 FROM message INDEXED BY message_waiting " \
                   "WHERE server_folder = ?1 AND uid = 0 AND server_folder > 0 LIMIT 1") \
    /* those that no move or copy on its way has put there */ \
    X(WAITING_KEYS, "SELECT key FROM message m INDEXED BY message_waiting " \
                    "WHERE server_folder = ?1 AND uid = 0 AND server_folder > 0 AND NOT EXISTS " \
                    "(SELECT 1 FROM journal j INDEXED BY journal_message WHERE j.message = m.id AND j.state < 3 AND j.state = 2 " \
                    "AND j.verb <> 'expunge') " \
                    "AND NOT EXISTS (SELECT 1 FROM journal j INDEXED BY journal_moved WHERE j.message = m.id AND " \
                    "j.folder = ?1 AND j.verb = 'move' AND j.old_folder > 0 AND j.settled > ?3) " \
                    "AND NOT EXISTS (SELECT 1 FROM journal j INDEXED BY journal_copy WHERE j.copy = m.id AND j.copy > 0 " \
                    "AND (j.state < 3 OR j.settled > ?3)) LIMIT ?2") \
    /* last of all one that may be where it was, since nobody knows what became of its move */ \
    X(WAITING_IN_THREAD, "SELECT m.key FROM message m INDEXED BY message_thread CROSS JOIN envelope e NOT INDEXED " \
                         "WHERE m.thread = ?1 AND m.mid = ?2 AND m.size = ?3 AND m.uid = 0 " \
                         "AND m.server_folder = ?4 AND e.id = m.id AND e.date IS ?5 AND NOT " SQL_IS_UNSENT_COPY \
                         " ORDER BY EXISTS (SELECT 1 FROM journal j INDEXED BY journal_message WHERE j.message = m.id AND " \
                         "j.state < 3 AND j.state = 2), m.key LIMIT 1") \
    X(WAITING_IN_SECOND, "SELECT m.key FROM message m NOT INDEXED WHERE m.key BETWEEN ?1 AND ?2 AND m.mid = 0 " \
                         "AND m.size = ?3 AND m.uid = 0 AND m.server_folder = ?4 AND NOT " SQL_IS_UNSENT_COPY \
                         " ORDER BY m.key LIMIT 1") \
    /* of those that are on their way to another account, whose threads theirs are */ \
    X(WAITING_ABROAD, "SELECT m.key FROM message m INDEXED BY message_away CROSS JOIN envelope e NOT INDEXED " \
                      "CROSS JOIN folder f NOT INDEXED WHERE m.server_folder = ?1 AND m.uid = 0 AND " \
                      "m.folder <> m.server_folder AND f.id = m.folder AND f.account <> ?2 AND m.size = ?3 AND " \
                      "e.id = m.id AND e.message_id = ?4 AND e.date IS ?5 AND NOT " SQL_IS_UNSENT_COPY " LIMIT 1") \
    /* those that are the same as one that comes, whatever the server has of them; in Trash and Junk only if it goes there */ \
    X(ALIKE_IN_THREAD, "SELECT count(*) FROM message INDEXED BY message_thread WHERE thread = ?1 AND mid = ?2 AND size = ?3 " \
                       "AND folder > 0 AND NOT EXISTS (SELECT 1 FROM folder f NOT INDEXED WHERE f.id = message.folder " \
                       "AND f.role IN (?4, ?5) AND f.id <> ?6)") \
    X(ALIKE_IN_SECOND, "SELECT count(*) FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2 AND mid = 0 AND size = ?3") \
    /* the same, of those that are shown elsewhere */ \
    X(WAITING_AWAY, "SELECT m.key FROM message m INDEXED BY message_away WHERE m.server_folder = ?1 AND m.uid = 0 " \
                    "AND m.folder <> m.server_folder AND m.mid = 0 AND m.size = ?2 " \
                    "AND (m.key >> 8 & 4294967295) = ?3 AND NOT " SQL_IS_UNSENT_COPY " LIMIT 1") \
    X(KEY_NEWEST, "SELECT key, uid FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2 ORDER BY key DESC LIMIT 1") \
    X(KEY_OLDEST, "SELECT key, uid FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT 1") \
    X(ROW_ADD, "INSERT INTO message (key, id, folder, flags, thread, top, top_unread, size, attachments, mid, " \
               "parent, server_folder, uid, server_flags) " \
               "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)") \
    X(ROW_DELETE, "DELETE FROM message WHERE key = ?1") \
    X(ROW_SET_KEY, "UPDATE message NOT INDEXED SET key = ?2, folder = ?3, top = ?4, top_unread = ?5 WHERE key = ?1") \
    X(ROW_SET_FLAGS, "UPDATE message NOT INDEXED SET flags = ?2 WHERE key = ?1") \
    X(ROW_SET_THREAD, "UPDATE message NOT INDEXED SET thread = ?2, mid = ?3, parent = ?4 WHERE key = ?1") \
    X(MESSAGE_SET_SIZE, "UPDATE message INDEXED BY message_id SET size = ?2 WHERE id = ?1 AND size <> ?2") \
    /* of a thread's top, whose own flags count in it */ \
    X(TOP_SET_FLAGS, "UPDATE message NOT INDEXED SET flags = ?2, top_unread = top_unread + ?3 WHERE key = ?1") \
    X(ROW_SET_UID, "UPDATE message NOT INDEXED SET uid = ?2 WHERE key = ?1") \
    X(ROW_SET_SERVER_FLAGS, "UPDATE message NOT INDEXED SET server_flags = ?2 WHERE key = ?1") \
    X(ROW_SET_SIZE, "UPDATE message NOT INDEXED SET size = ?2 WHERE key = ?1") \
    X(ROW_SET_ATTACHMENTS, "UPDATE message NOT INDEXED SET attachments = ?2 WHERE key = ?1") \
    X(ENVELOPE_ADD, "INSERT INTO envelope (id, subject, sender, recipients, cc, message_id, date, date_offset, " \
                    "arrival, refs, list_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)") \
    X(ENVELOPE_DELETE, "DELETE FROM envelope WHERE id = ?1") \
    /* what is the same wherever it stands */ \
    X(EMAIL_SET, "INSERT INTO email (message, body, added) VALUES (?1, ?2, ?3) ON CONFLICT (message) DO UPDATE SET body = ?2 " \
                 "WHERE body <> ?2") \
    X(EMAIL_GET, "SELECT body FROM email NOT INDEXED WHERE message = ?1") \
    X(EMAIL_DELETE, "DELETE FROM email WHERE message = ?1") \
    X(EMAIL_ANY, "SELECT message FROM email INDEXED BY email_body WHERE body = ?1 ORDER BY message LIMIT 1") \
    /* the youngest row that came since ?5, stands elsewhere than in ?4 and is shown there */ \
    X(EMAIL_MOVED, "SELECT m.server_folder, m.uid FROM email x INDEXED BY email_body CROSS JOIN message m INDEXED BY message_id " \
                   "WHERE x.body = ?1 AND x.message > ?2 AND m.id = x.message AND m.mid = ?3 AND m.uid > 0 AND " \
                   "m.server_folder <> ?4 AND m.folder = m.server_folder AND x.added > ?5 ORDER BY x.message DESC LIMIT 1") \
    X(DEPARTED_SET, "INSERT OR REPLACE INTO departed (body, mid, size, message, at, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6)") \
    X(DEPARTED_GET, "SELECT message, entry FROM departed WHERE body = ?1 AND mid = ?2 AND size = ?3") \
    X(DEPARTED_ANY, "SELECT 1 FROM departed NOT INDEXED LIMIT 1") \
    X(DEPARTED_DELETE, "DELETE FROM departed WHERE body = ?1") \
    X(DEPARTED_OLD, "DELETE FROM departed WHERE at < ?1 OR at > ?2") \
    X(EMAIL_COPY, "INSERT INTO email (message, body, added) SELECT ?2, body, added FROM email NOT INDEXED WHERE message = ?1") \
    X(ENVELOPE_REFS, "SELECT refs FROM envelope NOT INDEXED WHERE id = ?1") \
    X(ENVELOPE_NAMES, "SELECT message_id, refs FROM envelope NOT INDEXED WHERE id = ?1") \
    X(ENVELOPE_SUBJECT, "SELECT subject FROM envelope NOT INDEXED WHERE id = ?1") \
    X(ENVELOPE_SHOWN, "SELECT subject, CASE WHEN ?2 THEN recipients ELSE sender END, coalesce(date, arrival) " \
                      "FROM envelope NOT INDEXED WHERE id = ?1") \
    X(MESSAGE_WHOLE, "SELECT m.key, m.id, m.thread, m.flags, m.uid, m.size, m.attachments, e.subject, e.sender, " \
                     "e.recipients, e.cc, e.message_id, e.date, e.date_offset, e.arrival, e.refs, f.name, a.name, " \
                     "f.id, e.list_id, m.server_folder, b.name, " SQL_BODY_ID " FROM message m INDEXED BY message_id CROSS JOIN envelope e NOT INDEXED " \
                     "CROSS JOIN folder f NOT INDEXED CROSS JOIN account a NOT INDEXED " \
                     "LEFT JOIN folder s ON s.id = m.server_folder LEFT JOIN account b ON b.id = s.account " \
                     "WHERE m.id = ?1 AND e.id = m.id AND f.id = m.folder AND a.id = f.account") \
    X(UNSTRUCTURED, "SELECT uid, server_flags, id FROM message INDEXED BY message_unstructured " \
                    "WHERE folder = ?1 AND attachments < 0 AND attachments <> ?3 AND uid > 0 ORDER BY key DESC LIMIT ?2") \
    X(BODIES, SQL_BODY "FROM message m NOT INDEXED CROSS JOIN envelope e NOT INDEXED " \
              "WHERE m.key BETWEEN ?1 AND ?2 AND m.uid > 0 AND m.server_folder > 0 AND e.id = m.id " \
              "ORDER BY m.key DESC LIMIT ?3") \
    X(BODIES_AFTER, SQL_BODY "FROM message m INDEXED BY message_id CROSS JOIN envelope e NOT INDEXED " \
                    "WHERE m.id > ?1 AND m.uid > 0 AND m.server_folder > 0 AND e.id = m.id ORDER BY m.id LIMIT ?2") \
    X(LAST_ID, "SELECT coalesce(max(id), 0) FROM message INDEXED BY message_id") \
    X(KEYWORD_ALL, "SELECT name, half FROM keyword WHERE message = ?1 ORDER BY name") \
    X(KEYWORD_ADD, "INSERT INTO keyword (message, name, half) VALUES (?1, ?2, ?3) " \
                   "ON CONFLICT (message, name) DO UPDATE SET half = half | excluded.half") \
    X(KEYWORD_DELETE, "DELETE FROM keyword WHERE message = ?1") \
    X(KEYWORD_SHOW_SERVER, "UPDATE keyword SET half = (half & 1) * 3 WHERE message = ?1") \
    X(KEYWORD_SHOW, "INSERT INTO keyword (message, name, half) VALUES (?1, ?2, 2) " \
                    "ON CONFLICT (message, name) DO UPDATE SET half = half | 2") \
    X(KEYWORD_HIDE, "UPDATE keyword SET half = half & 1 WHERE message = ?1 AND name = ?2 COLLATE NOCASE") \
    X(KEYWORD_SERVER_ADD, "INSERT INTO keyword (message, name, half) VALUES (?1, ?2, 1) " \
                          "ON CONFLICT (message, name) DO UPDATE SET half = half | 1") \
    X(KEYWORD_SERVER_REMOVE, "UPDATE keyword SET half = half & 2 WHERE message = ?1 AND name = ?2 COLLATE NOCASE") \
    X(KEYWORD_CLEAN, "DELETE FROM keyword WHERE message = ?1 AND half = 0") \
    X(KEYWORD_COPY, "INSERT INTO keyword (message, name, half) SELECT ?2, name, 3 FROM keyword " \
                    "WHERE message = ?1 AND half & 2") \
    X(KEYWORD_SHOWN, "SELECT 1 FROM keyword WHERE message = ?1 AND name = ?2 COLLATE NOCASE AND half & 2") \
    /* the journal; states as in journal.h, below 3 an entry is unsettled */ \
    X(JOURNAL_ADD, "INSERT INTO journal (grp, maker, account, verb, message, folder, set_flags, clear_flags, name, " \
                   "old_name, copy, old_folder, state, tries, not_before, made, uid_next) VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), " \
                   "nullif(?6, 0), ?7, ?8, ?9, ?10, nullif(?11, 0), nullif(?12, 0), ?13, 0, ?14, ?15, " SQL_NEXT_ID ")") \
    X(JOURNAL_OVER_ROW, "SELECT verb, folder, set_flags, clear_flags, name FROM journal INDEXED BY journal_message " \
                        "WHERE message = ?1 AND state < 3 ORDER BY id") \
    X(JOURNAL_TO_FOLDER, "SELECT id FROM journal INDEXED BY journal_folder WHERE folder = ?1 AND folder > 0 AND " \
                         "state < 3 ORDER BY id DESC") \
    X(JOURNAL_DELETES, "SELECT id FROM journal INDEXED BY journal_folder WHERE folder = ?1 AND folder > 0 AND " \
                       "state < 3 AND state < 2 AND verb = 'delete' AND id > ?2 ORDER BY id DESC") \
    /* copies of what stands in a folder, as long as they were not sent */ \
    X(JOURNAL_COPIES_FROM, "SELECT j.id FROM journal j INDEXED BY journal_account CROSS JOIN message m INDEXED BY message_id " \
                           "WHERE j.state < 3 AND j.state < 2 AND j.verb = 'copy' AND m.id = j.message AND " \
                           "m.server_folder = ?1 ORDER BY j.id DESC") \
    X(JOURNAL_AWAY_FROM, "SELECT DISTINCT j.message FROM journal j INDEXED BY journal_account CROSS JOIN message m " \
                         "INDEXED BY message_id WHERE j.state < 3 AND m.id = j.message AND " \
                         "m.server_folder = ?1 AND m.folder <> ?1") \
    /* what was done to a row in another account than that one, before it is moved again */ \
    X(JOURNAL_REHOME, "UPDATE journal SET account = ?2 WHERE id IN (" SQL_JOURNAL_ABROAD \
                      "AND j.verb IN ('flags', 'keyword'))") \
    X(JOURNAL_HOMELESS, "UPDATE journal SET state = 5, error = ?3 WHERE id IN (" SQL_JOURNAL_ABROAD \
                        "AND j.verb = 'expunge')") \
    /* of a transfer whose bytes are not here any more */ \
    X(JOURNAL_FETCH_AGAIN, "UPDATE journal SET state = 0, not_before = ?3, account = ?4 WHERE id = (SELECT max(j.id) FROM " \
                           "journal j INDEXED BY journal_group CROSS JOIN journal t NOT INDEXED WHERE t.id = ?2 AND " \
                           "j.grp = t.grp AND j.verb = 'fetch' AND j.message = ?1 AND j.id < ?2)") \
    /* a transfer that goes on as an append of row ?3; and what brought its bytes here */ \
    X(JOURNAL_SAVE, "UPDATE journal SET grp = ?2, verb = 'append', message = ?3, copy = ?3, old_folder = NULL, " \
                    "old_uid = NULL, name = ?4 WHERE id = ?1") \
    X(JOURNAL_SAVED_INTO, "SELECT id FROM journal INDEXED BY journal_folder WHERE folder = ?1 AND folder > 0 AND state < 3 AND " \
                          "verb = 'append' AND name LIKE 'saved-%' ORDER BY id") /* STORE_SAVED */ \
    X(JOURNAL_SAVED_TO, "UPDATE journal SET folder = ?2, state = 0, tries = 0, not_before = 0, uid_validity = NULL, " \
                        "uid_next = NULL WHERE id = ?1") \
    X(JOURNAL_SAVE_FETCH, "DELETE FROM journal WHERE id IN (SELECT id FROM journal INDEXED BY journal_group WHERE " \
                          "grp = ?1 AND verb = 'fetch' AND message = ?2)") \
    X(JOURNAL_WAITS_FOR, "SELECT id FROM journal INDEXED BY journal_message WHERE message = ?1 AND state < 3 AND id > ?2 " \
                         "AND account <> ?3 AND verb IN ('move', 'copy') ORDER BY id DESC") \
    X(JOURNAL_SENT_ACROSS, "UPDATE journal SET state = 2, uid_validity = ?2, uid_next = ?3 WHERE id = ?1") \
    /* whether a row has got its place in a folder by a move or copy that is settled */ \
    X(JOURNAL_PLACED, "SELECT 1 WHERE EXISTS (SELECT 1 FROM journal INDEXED BY journal_moved WHERE message = ?1 AND " \
                      "folder = ?2 AND verb = 'move' AND old_folder > 0 AND state = 3) OR EXISTS (SELECT 1 FROM journal " \
                      "INDEXED BY journal_copy WHERE copy = ?1 AND copy > 0 AND folder = ?2 AND state = 3)") \
    X(JOURNAL_LEAVING, "SELECT 1 FROM journal INDEXED BY journal_message WHERE message = ?1 AND state < 3 AND " \
                       "verb IN ('move', 'copy') LIMIT 1") \
    X(JOURNAL_LEAVING_BODY, "SELECT 1 FROM email x INDEXED BY email_body CROSS JOIN journal j INDEXED BY journal_message " \
                            "WHERE x.body = ?1 AND j.message = x.message AND j.state < 3 AND j.verb IN ('move', 'copy') " \
                            "LIMIT 1") \
    X(JOURNAL_GET, "SELECT " SQL_ENTRY " FROM journal NOT INDEXED WHERE id = ?1") \
    X(JOURNAL_OF_GROUP, "SELECT " SQL_ENTRY " FROM journal INDEXED BY journal_group WHERE grp = ?1 ORDER BY id") \
    X(JOURNAL_ABOUT_FOLDERS, "SELECT " SQL_ENTRY " FROM journal INDEXED BY journal_account WHERE account = ?1 AND " \
                             "state < 3 AND message IS NULL ORDER BY id") \
    X(JOURNAL_SETTLE, "UPDATE journal SET state = ?2, error = ?3 WHERE id = ?1") \
    /* of a folder that was to be made, and was there already */ \
    X(JOURNAL_WAS_THERE, "UPDATE journal SET clear_flags = 1 WHERE id = ?1") \
    /* a deletion that was taken back since its folder was made once more; not where its own undo was that */ \
    X(JOURNAL_DELETE_AGAIN, "UPDATE journal SET state = 1, set_flags = 1, clear_flags = 1, not_before = ?3 WHERE id = ?1 AND " \
                            "folder = ?2 AND verb = 'delete' AND state = 4 AND NOT EXISTS (SELECT 1 FROM change_group g " \
                            "NOT INDEXED WHERE g.id = journal.grp AND g.state = 1)") \
    X(JOURNAL_SET_UNTOLD, "UPDATE journal SET settled = ?2 WHERE id = ?1") \
    /* a group's entries about rows that the server has, as long as they were not sent; but for copies */ \
    X(JOURNAL_TAKE_BACK, "UPDATE journal INDEXED BY journal_group SET state = 4 WHERE grp = ?1 AND state < 2 AND message > 0 " \
                         "AND copy IS NULL AND NOT EXISTS (SELECT 1 FROM message m INDEXED BY message_id WHERE " \
                         "m.id = journal.message AND m.server_folder IS NULL)") \
    X(JOURNAL_TAKE_BACK_ONE, "UPDATE journal SET state = 4 WHERE id = ?1 AND state < 2 AND message > 0 AND copy IS NULL AND " \
                             "NOT EXISTS (SELECT 1 FROM message m INDEXED BY message_id WHERE m.id = journal.message AND " \
                             "m.server_folder IS NULL)") \
    X(JOURNAL_IDS_OF_GROUP, "SELECT id FROM journal INDEXED BY journal_group WHERE grp = ?1 ORDER BY id") \
    X(JOURNAL_IDS_BACK, "SELECT id FROM journal INDEXED BY journal_group WHERE grp = ?1 ORDER BY id DESC") \
    /* how many entries, and how many of them have become final */ \
    X(JOURNAL_FOR_GOOD, "SELECT count(*), count(*) FILTER (WHERE (verb = 'expunge' AND state IN (2, 3)) OR " \
                        "(verb = 'delete' AND state = 3)), count(*) FILTER (WHERE state = 5) " \
                        "FROM journal INDEXED BY journal_group WHERE grp = ?1") \
    X(JOURNAL_GOES, "SELECT 1 FROM journal j NOT INDEXED WHERE j.id = ?1 AND " SQL_GROUP_GOES) \
    /* what is left of changes of very many messages (pieces.h) */ \
    X(PIECE_ADD, "INSERT INTO piece (grp, what, set_flags, clear_flags, folder, undoes, keywords, ids) " \
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") \
    X(PIECE_FIRST, "SELECT id, grp, what, set_flags, clear_flags, folder, keywords, ids FROM piece NOT INDEXED ORDER BY id LIMIT 1") \
    X(PIECE_ANY, "SELECT 1 FROM piece NOT INDEXED WHERE ?1 = 0 OR grp = ?1 LIMIT 1") \
    X(PIECE_DONE, "DELETE FROM piece WHERE id = ?1") \
    X(PIECE_GIVE_UP, "DELETE FROM piece WHERE grp = ?1") \
    X(GROUP_MAKER, "SELECT maker FROM change_group NOT INDEXED WHERE id = ?1") \
    X(GROUP_DROP_EMPTY, "DELETE FROM change_group WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM piece NOT INDEXED WHERE " \
                        "grp = ?1) AND NOT EXISTS (SELECT 1 FROM journal INDEXED BY journal_group WHERE grp = ?1)") \
    X(JOURNAL_SENT, "UPDATE journal SET state = 2, old_folder = nullif(?2, 0), old_uid = ?3, uid_validity = ?4, " \
                    "uid_next = ?5 WHERE id = ?1") \
    X(JOURNAL_LATER, "UPDATE journal SET state = 0, tries = tries + 1, not_before = ?2, error = ?3 " \
                     "WHERE id = ?1 AND state < 3") \
    X(JOURNAL_RELEASE, "UPDATE journal SET not_before = 0, state = 0 WHERE id IN (SELECT id FROM journal INDEXED BY " \
                       "journal_account WHERE state < 3 AND state = 1 AND maker = ?1)") \
    X(JOURNAL_ROW_GONE, "UPDATE journal SET state = CASE verb WHEN 'expunge' THEN 3 ELSE 5 END, error = ?2 WHERE id IN " \
                        "(SELECT id FROM journal INDEXED BY journal_message WHERE message = ?1 AND state < 3)") \
    X(FILE_ANY, "SELECT 1 FROM mail_file NOT INDEXED WHERE folder = ?1 AND uid = ?2") \
    /* what is to be done to the flags of a message that goes from its folder: the first entry, and the number that the next
     * row was to get when it was made */ \
    X(JOURNAL_CHANGES, "SELECT id, coalesce(uid_next, 0) FROM journal INDEXED BY journal_message WHERE message = ?1 AND state < 3 " \
                       "AND state < 2 AND verb IN ('flags', 'keyword') ORDER BY id LIMIT 1") \
    /* the same message in another folder: what came last of those that came since, and not from here */ \
    X(MOVED_SINCE, "SELECT server_folder, uid FROM message INDEXED BY message_thread WHERE thread = ?1 AND mid = ?2 AND " \
                   "size = ?3 AND id >= ?4 AND id > ?5 AND uid > 0 AND server_folder <> ?6 AND folder = server_folder " \
                   "AND NOT EXISTS (SELECT 1 FROM journal c INDEXED BY journal_copy WHERE c.copy = message.id AND c.copy > 0) " \
                   "AND NOT EXISTS (SELECT 1 FROM journal j INDEXED BY journal_message WHERE j.message = message.id AND " \
                   "j.state < 3 AND j.state = 2) ORDER BY id DESC LIMIT 1") \
    /* it has come again in another folder */ \
    X(JOURNAL_REVIVE, "UPDATE journal SET state = 0, error = NULL, not_before = 0 WHERE id >= ?2 AND message = ?1 AND state = 5 AND " \
                      "verb IN ('flags', 'keyword') AND error = ?3") \
    X(JOURNAL_COPY_GONE, "UPDATE journal SET state = 3 WHERE id IN (SELECT id FROM journal INDEXED BY journal_copy " \
                         "WHERE copy = ?1 AND copy > 0 AND state < 3)") \
    X(JOURNAL_JOIN, "UPDATE journal SET message = ?2 WHERE id IN (SELECT id FROM journal INDEXED BY journal_message " \
                    "WHERE message = ?1 AND state < 3)") \
    /* moves that are on their way: where their messages stood, and may stand still */ \
    X(SENT_AT, "SELECT id, message FROM journal INDEXED BY journal_old WHERE old_folder = ?1 AND old_uid = ?2 " \
               "AND state = 2 AND verb = 'move' LIMIT 1") \
    X(SENT_ANY, "SELECT 1 FROM journal INDEXED BY journal_old WHERE old_folder = ?1 AND state = 2 AND verb = 'move' LIMIT 1") \
    X(SENT_MATCH, "SELECT j.id, j.message FROM journal j INDEXED BY journal_old CROSS JOIN message m INDEXED BY message_id " \
                  "CROSS JOIN envelope e NOT INDEXED WHERE j.old_folder = ?1 AND j.old_uid = 0 AND j.state = 2 AND " \
                  "j.verb = 'move' AND m.id = j.message AND m.mid = ?2 AND m.size = ?3 AND e.id = m.id AND " \
                  "e.date IS ?4 AND (m.mid <> 0 OR e.arrival = ?5) ORDER BY j.id LIMIT 1") \
    X(SENT_SET_UID, "UPDATE journal SET old_uid = ?2 WHERE id = ?1") \
    X(SENT_GONE, "UPDATE journal SET old_uid = NULL WHERE id = ?1") \
    X(SENT_FORGET, "UPDATE journal SET old_uid = 0 WHERE id IN (SELECT id FROM journal INDEXED BY journal_old WHERE " \
                   "old_folder = ?1 AND old_uid > 0 AND state = 2 AND verb = 'move')") \
    X(SENT_LOST, "UPDATE journal SET old_uid = NULL WHERE id IN (SELECT id FROM journal INDEXED BY journal_old WHERE " \
                 "old_folder = ?1 AND old_uid = 0 AND state = 2 AND verb = 'move')") \
    /* whether a row is itself on its way into that folder */ \
    X(SENT_INTO, "SELECT 1 FROM journal INDEXED BY journal_message WHERE message = ?1 AND state < 3 AND state = 2 AND verb = 'move' " \
                 "AND folder = ?2") \
    X(JOURNAL_COPIES_OF, "SELECT copy FROM journal INDEXED BY journal_message WHERE message = ?1 AND state < 3 AND copy > 0") \
    X(JOURNAL_COPY_ENTRY, "SELECT id FROM journal INDEXED BY journal_copy WHERE copy = ?1 AND copy > 0 AND state < 3") \
    X(JOURNAL_OLD, "DELETE FROM journal WHERE id IN (SELECT id FROM journal INDEXED BY journal_settled WHERE " \
                   "state > 2 AND made < ?1 LIMIT ?2)") \
    X(JOURNAL_READ, "SELECT " SQL_ENTRY_WHOLE "FROM journal j LEFT JOIN account a ON a.id = j.account " \
                    SQL_ENTRY_JOINS "WHERE (?1 IS NULL OR a.name = ?1) AND (?2 OR j.state < 3) ORDER BY j.id") \
    X(JOURNAL_UNSETTLED, "SELECT " SQL_ENTRY_WHOLE ", j.account, " SQL_GROUP_GOES "FROM account a CROSS JOIN journal j INDEXED BY journal_account " \
                         SQL_ENTRY_JOINS "WHERE a.name = ?1 AND j.account = a.id AND j.state < 3 ORDER BY j.id") \
    /* what other accounts have to do to a row first: the first that is no copy, the first of all, and the one that makes it */ \
    X(JOURNAL_ABROAD_FIRST, "SELECT min(CASE WHEN verb <> 'copy' THEN id END), min(id), (SELECT min(id) FROM journal INDEXED BY " \
                            "journal_copy WHERE copy = ?1 AND copy > 0 AND state < 3 AND account <> ?2) FROM journal INDEXED BY " \
                            "journal_message WHERE message = ?1 AND state < 3 AND account <> ?2") \
    /* folders that messages are still to be taken out of, by whichever account, or to come into, since they may go on from
     * there, and the first entry that does it: one that was put off is no less needed than one that waits for its turn */ \
    X(JOURNAL_TAKEN_OUT, "SELECT place, min(id) FROM (SELECT q.server_folder AS place, p.id FROM journal p " \
                         "INDEXED BY journal_account CROSS JOIN message q INDEXED BY message_id WHERE p.state < 3 AND " \
                         "p.verb IN ('move', 'copy') AND q.id = p.message AND q.server_folder > 0 UNION ALL " \
                         "SELECT p.folder, p.id FROM journal p INDEXED BY journal_account WHERE p.state < 3 AND " \
                         "p.verb IN ('move', 'copy') AND p.folder > 0) GROUP BY place") \
    X(JOURNAL_LAST, "SELECT seq FROM sqlite_sequence WHERE name = 'journal'") \
    X(JOURNAL_COUNT, "SELECT count(*) FROM journal INDEXED BY journal_account WHERE state < 3") \
    X(JOURNAL_FIRST_TIME, "SELECT not_before FROM account a CROSS JOIN journal j INDEXED BY journal_due WHERE a.name = ?1 " \
                          "AND j.account = a.id AND j.state < 3 AND j.not_before > ?2 ORDER BY j.not_before LIMIT 1") \
    X(JOURNAL_CAME_FROM, "SELECT old_folder FROM journal INDEXED BY journal_moved WHERE message = ?1 AND folder = ?2 AND " \
                         "verb = 'move' AND old_folder > 0 AND state < 4 ORDER BY id DESC LIMIT 1") \
    X(GROUP_ADD, "INSERT INTO change_group (id, maker, kind, name, made, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)") \
    X(GROUP_NEXT, "SELECT max(coalesce((SELECT max(grp) FROM journal INDEXED BY journal_group), 0), " \
                  "coalesce((SELECT max(id) FROM change_group NOT INDEXED), 0)) + 1") \
    X(GROUP_NEWEST, "SELECT id, kind, name FROM change_group INDEXED BY change_group_maker " \
                    "WHERE maker = ?1 AND state = ?2 ORDER BY id DESC LIMIT 1") \
    X(GROUP_UNDONE_LAST, "SELECT id, kind, name FROM change_group INDEXED BY change_group_maker " \
                         "WHERE maker = ?1 AND state = ?2 ORDER BY undone DESC LIMIT 1") \
    X(GROUP_SET_UNDONE, "UPDATE change_group SET state = 1, undone = 1 + coalesce((SELECT max(undone) FROM change_group " \
                        "INDEXED BY change_group_undone WHERE undone > 0), 0) WHERE id = ?1") \
    X(GROUP_GET, "SELECT id, kind, name FROM change_group NOT INDEXED WHERE id = ?1") \
    X(GROUP_SIZE, "SELECT count(DISTINCT message), max(state = 1) FROM journal INDEXED BY journal_group WHERE grp = ?1") \
    X(GROUP_SET, "UPDATE change_group SET state = ?2 WHERE id = ?1") \
    X(GROUP_END_REDO, "UPDATE change_group SET state = 2 WHERE maker = ?1 AND state = 1") \
    X(GROUP_OLD, "DELETE FROM change_group WHERE id IN (SELECT g.id FROM change_group g INDEXED BY change_group_made WHERE " \
                 "g.made < ?1 AND NOT EXISTS (SELECT 1 FROM journal INDEXED BY journal_group WHERE grp = g.id))") \
    /* all unread rows of a folder at once (change_folder_mail.c) */ \
    X(UNREAD_KEYS, "SELECT key FROM message INDEXED BY message_unread WHERE folder = ?1 AND flags & 1 = 0") \
    X(UNREAD_IDS, "SELECT id FROM message INDEXED BY message_unread WHERE folder = ?1 AND flags & 1 = 0") \
    X(UNREAD_JOURNAL, "INSERT INTO journal (grp, maker, account, verb, message, set_flags, clear_flags, state, tries, " \
                      "not_before, made, uid_next) SELECT ?2, ?3, ?4, 'flags', id, 1, 0, iif(server_folder > 0, 0, 3), 0, 0, ?5, " SQL_NEXT_ID " " \
                      "FROM message INDEXED BY message_unread WHERE folder = ?1 AND flags & 1 = 0") \
    X(UNREAD_SHOW, "UPDATE message INDEXED BY message_unread SET flags = flags | 1, top_unread = 0 WHERE folder = ?1 AND " \
                   "flags & 1 = 0") \
    X(UNREAD_TOPS, "UPDATE message INDEXED BY message_top_unread SET top_unread = 0 WHERE folder = ?1 AND top_unread > 0") \
    /* all rows of a folder at once, to where they are not shown: the same keys without the folder */ \
    X(KEYS_ANY, "SELECT 1 FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2 LIMIT 1") \
    X(EMPTY_COUNTS, "SELECT key, flags & 1, top > 0 FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2") \
    X(EMPTY_JOURNAL, "INSERT INTO journal (grp, maker, account, verb, message, set_flags, clear_flags, old_folder, state, " \
                     "tries, not_before, made) SELECT ?3, ?4, ?5, 'expunge', id, 0, 0, folder, 1, 0, ?6, ?7 FROM message " \
                     "NOT INDEXED WHERE key BETWEEN ?1 AND ?2") \
    X(EMPTY_HIDE, "UPDATE message NOT INDEXED SET key = key - ?1, folder = 0 WHERE key BETWEEN ?1 AND ?2") \
    X(ROW_SET_SERVER, "UPDATE message NOT INDEXED SET server_folder = ?2, uid = ?3 WHERE key = ?1") \
    X(ENVELOPE_COPY, "INSERT INTO envelope SELECT ?2, subject, sender, recipients, cc, message_id, date, date_offset, " \
                     "arrival, refs, list_id FROM envelope WHERE id = ?1") \
    X(FOLDER_CHANGE, "SELECT account, role, selectable, subscribed, deleted, delimiter, name, raw_name, " \
                     "CASE WHEN uid_validity = 0 THEN server_messages WHEN backfill_uid = 1 THEN messages " \
                     "ELSE max(messages, server_messages) END FROM folder " \
                     "NOT INDEXED WHERE id = ?1 AND account > 0") \
    X(FOLDER_NEW, "SELECT id FROM folder NOT INDEXED WHERE account = ?1 AND name = ?2 AND raw_name < ' ' LIMIT 1") \
    X(FOLDER_NAMES, "SELECT id, name, raw_name, delimiter, deleted FROM folder NOT INDEXED WHERE account = ?1") \
    X(FOLDER_FOR_ROLE, "SELECT id FROM folder NOT INDEXED WHERE account = ?1 AND role = ?2 AND deleted = 0 AND selectable " \
                      "LIMIT 1") \
    X(FOLDER_SET_NAME, "UPDATE folder SET name = ?2 WHERE id = ?1") \
    X(FOLDER_SET_RAW, "UPDATE folder SET raw_name = ?2, delimiter = ?3 WHERE id = ?1") \
    X(FOLDER_SET_MAILBOX_ID, "UPDATE folder SET mailbox_id = ?2 WHERE id = ?1") \
    X(FOLDER_BY_MAILBOX_ID, "SELECT id, raw_name FROM folder NOT INDEXED WHERE account = ?1 AND mailbox_id = ?2 ORDER BY id") \
    X(FOLDER_SET_DELETED, "UPDATE folder SET deleted = ?2 WHERE id = ?1") \
    X(FOLDER_SET_SUBSCRIBED, "UPDATE folder SET subscribed = ?2 WHERE id = ?1") \
    /* files of local accounts */ \
    X(UID_NEXT, "SELECT uid_next FROM folder NOT INDEXED WHERE id = ?1") \
    X(UID_NEXT_SET, "UPDATE folder SET uid_next = ?2 WHERE id = ?1") \
    X(FOLDER_LOCAL_SYNC, "UPDATE folder SET uid_validity = CASE uid_validity WHEN 0 THEN ?2 ELSE uid_validity END, " \
                         "backfill_uid = 1, highest_modseq = ?3, synced = ?4 WHERE id = ?1") \
    X(FILE_SET, "INSERT OR REPLACE INTO mail_file (folder, uid, name) VALUES (?1, ?2, ?3)") \
    X(FILE_DROP, "DELETE FROM mail_file WHERE folder = ?1 AND uid = ?2") \
    X(FILE_DROP_FOLDER, "DELETE FROM mail_file WHERE folder = ?1") \
    X(FILES, "SELECT f.uid, m.server_flags, m.id, f.name FROM mail_file f INDEXED BY mail_file_name " \
             "CROSS JOIN message m INDEXED BY message_uid WHERE f.folder = ?1 AND m.server_folder = f.folder " \
             "AND m.uid = f.uid AND m.uid > 0 ORDER BY f.name") \
    X(FILE_NAME, "SELECT name FROM mail_file NOT INDEXED WHERE folder = ?1 AND uid = ?2") \
    X(FILE_UID, "SELECT uid FROM mail_file INDEXED BY mail_file_name WHERE folder = ?1 AND name = ?2") \
    X(FILE_PLACE, "SELECT m.folder, m.uid FROM account a CROSS JOIN mail_file m INDEXED BY mail_file_alone " \
                  "CROSS JOIN folder f NOT INDEXED WHERE a.name = ?1 AND m.name = ?2 AND f.id = m.folder " \
                  "AND f.account = a.id LIMIT 1") \
    X(FILE_OF_MESSAGE, "SELECT s.raw_name, f.name, m.server_flags FROM message m INDEXED BY message_id " \
                       "CROSS JOIN mail_file f NOT INDEXED CROSS JOIN folder s NOT INDEXED WHERE m.id = ?1 " \
                       "AND f.folder = m.server_folder AND f.uid = m.uid AND s.id = m.server_folder") \
    X(FILE_IMPORTED, "SELECT a.name, j.name FROM journal j INDEXED BY journal_copy CROSS JOIN account a NOT INDEXED WHERE " \
                     "j.copy = ?1 AND j.copy > 0 AND j.state < 3 AND j.verb = 'append' AND a.id = j.account LIMIT 1") \
    /* threads */ \
    X(REF_NEW_GET, "SELECT thread FROM ref_new WHERE hash = ?1") \
    X(REF_GET, "SELECT thread FROM ref WHERE hash = ?1") \
    X(REF_NEW_ADD, "INSERT OR REPLACE INTO ref_new (hash, thread) VALUES (?1, ?2)") \
    X(REF_MOVE, "INSERT OR REPLACE INTO ref (hash, thread) SELECT hash, thread FROM ref_new NOT INDEXED " \
                "WHERE hash BETWEEN ?1 AND ?2 ORDER BY hash") \
    X(REF_MOVED, "DELETE FROM ref_new WHERE hash BETWEEN ?1 AND ?2") \
    X(MERGED_GET, "SELECT winner FROM merged WHERE loser = ?1") \
    X(MERGED_SET, "INSERT OR REPLACE INTO merged (loser, winner) VALUES (?1, ?2)") \
    X(THREAD_SIZE, "SELECT count(*) FROM message INDEXED BY message_thread WHERE thread = ?1") \
    X(THREAD_TOP, "SELECT key, top, top_unread FROM message INDEXED BY message_thread " \
                  "WHERE thread = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key DESC LIMIT 1") \
    X(THREAD_ROWS, "SELECT key, top, top_unread FROM message INDEXED BY message_thread WHERE thread = ?1") \
    X(THREAD_TREE, "SELECT key, id, flags, size, attachments, mid, parent FROM message INDEXED BY message_thread " \
                   "WHERE thread = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key") \
    /* which messages (ids.c) */ \
    X(ROW_STATE, "SELECT id, thread, folder, flags FROM message INDEXED BY message_id WHERE id = ?1") \
    X(THREAD_STATES, "SELECT id, thread, folder, flags FROM message INDEXED BY message_thread " \
                     "WHERE thread = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key") \
    X(THREAD_MESSAGE, "SELECT id FROM message INDEXED BY message_thread WHERE thread = ?1 AND mid = ?2 " \
                      "ORDER BY key DESC LIMIT 1") \
    X(ACCOUNTS_FROM, "SELECT id FROM account NOT INDEXED ORDER BY name <> ?1, id") \
    X(FOLDER_BY_ROLE, "SELECT f.id FROM account a CROSS JOIN folder f NOT INDEXED WHERE a.name = ?1 " \
                      "AND f.account = a.id AND f.role = ?2 AND f.deleted = 0 AND f.selectable ORDER BY f.id LIMIT 1") \
    X(FOLDER_MESSAGE_IDS, "SELECT id FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2 AND id <= ?3 " \
                          "AND flags & ?4 = ?4") \
    X(ROW_PLACE, "SELECT key, folder, thread FROM message INDEXED BY message_id WHERE id = ?1") \
    X(THREAD_SET, "UPDATE message INDEXED BY message_thread SET thread = ?2 WHERE thread = ?1") \
    X(TOP_MORE_UNREAD, "UPDATE message NOT INDEXED SET top_unread = top_unread + ?4 WHERE key = (SELECT key FROM message " \
                       "INDEXED BY message_thread WHERE thread = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key DESC LIMIT 1)") \
    X(TOP_ONE_LESS, "UPDATE message NOT INDEXED SET top = top - 1, top_unread = top_unread - ?4 WHERE key = (SELECT key FROM " \
                    "message INDEXED BY message_thread WHERE thread = ?1 AND key BETWEEN ?2 AND ?3 ORDER BY key DESC LIMIT 1)") \
    X(TOP_SET, "UPDATE message NOT INDEXED SET top = ?2, top_unread = ?3 WHERE key = ?1") \
    /* counts */ \
    X(BUCKET_ADD, "INSERT INTO bucket (slot, messages, unread, threads) VALUES (?1, ?2, ?3, ?4) " \
                  "ON CONFLICT (slot) DO UPDATE SET messages = messages + excluded.messages, " \
                  "unread = unread + excluded.unread, threads = threads + excluded.threads") \
    X(BUCKET_EMPTY, "DELETE FROM bucket WHERE slot = ?1 AND messages = 0") \
    X(BUCKET_SUM, "SELECT sum(messages), sum(threads) FROM bucket NOT INDEXED WHERE slot BETWEEN ?1 AND ?2") \
    X(BUCKET_DOWN, "SELECT slot, messages, threads FROM bucket NOT INDEXED WHERE slot BETWEEN ?1 AND ?2 " \
                   "ORDER BY slot DESC") \
    X(COUNT_FLAT, "SELECT count(*) FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2") \
    X(COUNT_TOPS, "SELECT count(*) FROM message INDEXED BY message_top " \
                  "WHERE folder = ?3 AND key BETWEEN ?1 AND ?2 AND top > 0") \
    X(KEYS_FLAT, "SELECT key, id, thread FROM message NOT INDEXED WHERE key BETWEEN ?1 AND ?2 ORDER BY key DESC") \
    X(KEYS_TOPS, "SELECT key, id, thread FROM message INDEXED BY message_top " \
                 "WHERE folder = ?3 AND key BETWEEN ?1 AND ?2 AND top > 0 ORDER BY key DESC") \
    /* pages */ \
    X(FLAT_DOWN, "SELECT " SQL_PAGE_COLUMNS " FROM message m NOT INDEXED CROSS JOIN envelope e NOT INDEXED " \
                 "WHERE m.key BETWEEN ?1 AND ?2 AND e.id = m.id ORDER BY m.key DESC LIMIT ?3") \
    X(FLAT_UP, "SELECT " SQL_PAGE_COLUMNS " FROM message m NOT INDEXED CROSS JOIN envelope e NOT INDEXED " \
               "WHERE m.key BETWEEN ?1 AND ?2 AND e.id = m.id ORDER BY m.key LIMIT ?3") \
    X(TOPS_DOWN, "SELECT " SQL_PAGE_COLUMNS " FROM message m INDEXED BY message_top CROSS JOIN envelope e " \
                 "NOT INDEXED WHERE m.folder = ?5 AND m.key BETWEEN ?1 AND ?2 AND m.top > 0 AND e.id = m.id " \
                 "ORDER BY m.key DESC LIMIT ?3") \
    X(TOPS_UP, "SELECT " SQL_PAGE_COLUMNS " FROM message m INDEXED BY message_top CROSS JOIN envelope e " \
               "NOT INDEXED WHERE m.folder = ?5 AND m.key BETWEEN ?1 AND ?2 AND m.top > 0 AND e.id = m.id " \
               "ORDER BY m.key LIMIT ?3") \
    X(UNREAD_DOWN, "SELECT key, id, thread FROM message INDEXED BY message_unread " \
                   "WHERE folder = ?1 AND key < ?2 AND flags & 1 = 0 ORDER BY key DESC LIMIT 1") \
    X(UNREAD_UP, "SELECT key, id, thread FROM message INDEXED BY message_unread " \
                 "WHERE folder = ?1 AND key > ?2 AND flags & 1 = 0 ORDER BY key LIMIT 1") \
    X(UNREAD_TOP_DOWN, "SELECT key, id, thread FROM message INDEXED BY message_top_unread " \
                       "WHERE folder = ?1 AND key < ?2 AND top_unread > 0 ORDER BY key DESC LIMIT 1") \
    X(UNREAD_TOP_UP, "SELECT key, id, thread FROM message INDEXED BY message_top_unread " \
                     "WHERE folder = ?1 AND key > ?2 AND top_unread > 0 ORDER BY key LIMIT 1")
/* clang-format on */

typedef enum {
#define X(name, text) SQL_##name,
    STORE_SQL(X)
#undef X
        SQL_COUNT
} StoreSql;

#endif
