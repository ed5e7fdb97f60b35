/* store-server.c - see store-server.h. */
#include "store-server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

const char *const SERVER_KEYWORD[SERVER_KEYWORDS] = {"$Forwarded", "Todo", "$Junk", "$NotJunk"};

#define PLAIN_FLAGS (STORE_SEEN | STORE_FLAGGED | STORE_ANSWERED | STORE_DRAFT | STORE_DELETED)

/* ---- the server ---- */

void server_init(Server *server, Fixture *fixture)
{
    static const char *const NAMES[SERVER_FOLDERS] = {"INBOX", "Sent", "Archive"};

    *server = (Server){.fixture = fixture};
    for (int i = 0; i < SERVER_FOLDERS; i++)
        server->folders[i] = (ServerFolder){.id = fixture_folder(fixture, NAMES[i]),
                                            .uid_validity = 1,
                                            .seen_validity = 1,
                                            .uid_next = 1,
                                            .seen_next = 1,
                                            .mails = g_array_new(FALSE, FALSE, sizeof(ServerMail)),
                                            .gone = g_array_new(FALSE, FALSE, sizeof(ServerMail))};
}

void server_clear(Server *server)
{
    for (int i = 0; i < SERVER_FOLDERS; i++) {
        g_array_unref(server->folders[i].mails);
        g_array_unref(server->folders[i].gone);
    }
}

static ServerMail *mail_at(const GArray *mails, guint i)
{
    return &g_array_index(mails, ServerMail, i);
}

static ServerFolder *folder_of(Server *server, int64_t id)
{
    for (int i = 0; i < SERVER_FOLDERS; i++) {
        if (server->folders[i].id == id)
            return &server->folders[i];
    }
    fail_msg("there is no folder %" G_GINT64_FORMAT, id);
    return NULL;
}

ServerMail *server_add(ServerFolder *folder, int n, uint32_t flags, uint32_t keywords)
{
    const ServerMail mail = {
        .uid = folder->uid_next++, .flags = flags, .keywords = keywords, .n = n, .modseq = ++folder->modseq};

    g_array_append_val(folder->mails, mail);
    return mail_at(folder->mails, folder->mails->len - 1);
}

ServerMail *server_find(ServerFolder *folder, uint32_t uid)
{
    for (guint i = 0; i < folder->mails->len; i++) {
        if (mail_at(folder->mails, i)->uid == uid)
            return mail_at(folder->mails, i);
    }
    return NULL;
}

void server_touch(ServerFolder *folder, ServerMail *mail, uint32_t flags, uint32_t keywords)
{
    if (mail->flags == flags && mail->keywords == keywords)
        return;
    mail->flags = flags;
    mail->keywords = keywords;
    mail->modseq = ++folder->modseq;
}

void server_remove(ServerFolder *folder, uint32_t uid)
{
    for (guint i = 0; i < folder->mails->len; i++) {
        if (mail_at(folder->mails, i)->uid != uid)
            continue;
        const ServerMail gone = {.uid = uid, .modseq = ++folder->modseq};
        g_array_remove_index(folder->mails, i);
        g_array_append_val(folder->gone, gone);
        return;
    }
}

uint32_t server_copy(ServerFolder *from, uint32_t uid, ServerFolder *to)
{
    const ServerMail mail = *server_find(from, uid);

    return server_add(to, mail.n, mail.flags, mail.keywords)->uid;
}

void server_renumber(ServerFolder *folder)
{
    folder->uid_validity++;
    for (guint i = 0; i < folder->mails->len; i++) {
        mail_at(folder->mails, i)->uid = folder->uid_next++;
        mail_at(folder->mails, i)->modseq = ++folder->modseq;
    }
    g_array_set_size(folder->gone, 0);
}

/* ---- a sync ---- */

static void between(Server *server)
{
    if (server->between)
        server->between(server->data);
}

static const char *const *keyword_names(uint32_t keywords, const char *names[SERVER_KEYWORDS + 1])
{
    int n = 0;

    for (int i = 0; i < SERVER_KEYWORDS; i++) {
        if (keywords & 1u << i)
            names[n++] = SERVER_KEYWORD[i];
    }
    names[n] = NULL;
    return names;
}

/* A third of them in threads, some without a Message-ID or a Date. */
static StoreNewMessage new_message(GStringChunk *pool, const ServerMail *mail, const char *refs[2],
                                   const char *names[SERVER_KEYWORDS + 1])
{
    char parent[20];

    g_snprintf(parent, sizeof parent, "m%d", mail->n - 1);
    refs[0] = mail->n % 3 == 0 ? g_string_chunk_insert(pool, parent) : NULL;
    refs[1] = NULL;
    StoreNewMessage message = fixture_message(pool, mail->uid, 1000000 + mail->n * 5000, mail->n, refs);
    if (mail->n % 7 == 0)
        message.message_id = NULL;
    if (mail->n % 5 == 0)
        message.has_date = FALSE;
    message.flags = mail->flags;
    message.keywords = keyword_names(mail->keywords, names);
    return message;
}

static void add_mails(Server *server, const ServerFolder *folder, const ServerMail *mails, guint n)
{
    g_autoptr(GStringChunk) pool = g_string_chunk_new(1024);
    g_autofree StoreNewMessage *messages = g_new(StoreNewMessage, n);
    g_autofree const char **refs = g_new(const char *, 2 * n),
                          **names = g_new(const char *, (SERVER_KEYWORDS + 1) * n);

    for (guint i = 0; i < n; i++)
        messages[i] = new_message(pool, &mails[i], refs + 2 * i, names + (SERVER_KEYWORDS + 1) * i);
    fixture_add(server->fixture, folder->id, messages, n);
}

typedef struct {
    int64_t folder, untold;
    gboolean drop, is_done;
} Validity;

static gboolean validity_job(StoreTxn *txn, void *data, GError **error)
{
    Validity *validity = data;

    return validity->drop ? store_txn_drop_orphans(txn, validity->folder, validity->untold, NULL,
                                                   &validity->is_done, error)
                          : store_txn_forget_uids(txn, validity->folder, &validity->is_done, error);
}

/* `untold` < 0: the UIDs are forgotten; else what waits is dropped. */
static void run_validity(Server *server, const ServerFolder *folder, int64_t untold)
{
    Validity validity = {.folder = folder->id, .drop = untold >= 0, .untold = untold};

    while (!validity.is_done)
        fixture_run(server->fixture, FALSE, validity_job, &validity);
}

static void sync_known(Server *server, const ServerFolder *folder, const GArray *mails)
{
    for (guint i = 0; i < folder->gone->len; i++) {
        if (mail_at(folder->gone, i)->modseq > folder->seen_modseq)
            fixture_expunge(server->fixture, folder->id, &mail_at(folder->gone, i)->uid, 1);
    }
    between(server);
    for (guint i = 0; i < mails->len; i++) {
        const ServerMail *mail = mail_at(mails, i);
        const char *names[SERVER_KEYWORDS + 1];
        if (mail->modseq > folder->seen_modseq && mail->uid < folder->seen_next)
            fixture_flags(server->fixture, folder->id, mail->uid, mail->flags,
                          keyword_names(mail->keywords, names));
    }
}

void server_sync(Server *server, ServerFolder *folder)
{
    g_autoptr(GArray) mails = g_array_copy(folder->mails);
    const ServerFolder now = *folder;
    guint first = 0;
    int64_t untold;

    assert_true(store_read_untold(server->fixture->reader, &untold, NULL));

    if (folder->uid_validity != folder->seen_validity)
        run_validity(server, folder, -1);
    else
        sync_known(server, folder, mails);
    while (folder->uid_validity == folder->seen_validity && first < mails->len &&
           mail_at(mails, first)->uid < folder->seen_next)
        first++;
    between(server);
    for (guint half = first + (mails->len - first) / 2; first < mails->len; half = mails->len) {
        add_mails(server, folder, mail_at(mails, first), half - first);
        first = half;
        between(server);
    }
    run_validity(server, folder, untold);
    folder->seen_validity = now.uid_validity;
    folder->seen_next = now.uid_next;
    folder->seen_modseq = now.modseq;
}

/* ---- the player ---- */

typedef struct {
    int64_t entry;
    uint32_t uid_validity, uid; /* uid: of done, or UIDNEXT */
    enum { SETTLE_SENT, SETTLE_DONE, SETTLE_LATER, SETTLE_REFUSED } how;
} Settle;

static gboolean settle_job(StoreTxn *txn, void *data, GError **error)
{
    const Settle *settle = data;

    switch (settle->how) {
    case SETTLE_SENT:
        return store_journal_sent(txn, settle->entry, settle->uid_validity, settle->uid, error);
    case SETTLE_DONE:
        return store_journal_done(txn, settle->entry, settle->uid, error);
    case SETTLE_LATER:
        return store_journal_later(txn, settle->entry, "the link is slow", 1, error);
    default:
        return store_journal_refused(txn, settle->entry, "as the test wants it", error);
    }
}

static void settle(Server *server, int64_t entry, int how, uint32_t uid_validity, uint32_t uid)
{
    static const char *const HOW[] = {"sent", "done", "later", "refused"};
    Settle job = {.entry = entry, .how = how, .uid_validity = uid_validity, .uid = uid};

    if (g_getenv("TERN_TEST_SEED"))
        print_message("entry %d is %s, UID %u\n", (int)entry, HOW[how], uid);
    fixture_run(server->fixture, TRUE, settle_job, &job);
}

/* No command ever hits another message than the one that was meant. */
static void check_meant(const StoreEntry *entry, const ServerMail *mail)
{
    if (mail->n + 1000 != entry->size_bytes)
        fail_msg("entry %" G_GINT64_FORMAT " (%s) is about message %" G_GINT64_FORMAT " and hits %d",
                 entry->id, store_verb_name(entry->verb), entry->size_bytes - 1000, mail->n);
}

static uint32_t with_keyword(uint32_t keywords, const StoreEntry *entry)
{
    for (int i = 0; i < SERVER_KEYWORDS; i++) {
        if (!g_ascii_strcasecmp(SERVER_KEYWORD[i], entry->name))
            return entry->set ? keywords | 1u << i : keywords & ~(1u << i);
    }
    fail_msg("nobody set the keyword %s", entry->name);
    return 0;
}

static void end_entry(Server *server, const StoreEntry *entry, Answer answer, uint32_t uid)
{
    if (answer <= ANSWER_UNTOLD)
        settle(server, entry->id, SETTLE_DONE, 0, answer == ANSWER_DONE ? uid : 0);
    else if (answer == ANSWER_LATER)
        settle(server, entry->id, SETTLE_LATER, 0, 0);
    else if (answer == ANSWER_REFUSED)
        settle(server, entry->id, SETTLE_REFUSED, 0, 0);
}

/* What changes a message where it stands. A UID that is not there is no mistake in IMAP. */
static void play_in_place(Server *server, const StoreEntry *entry, ServerFolder *folder, Answer answer)
{
    ServerMail *mail = server_find(folder, entry->uid);

    if (mail)
        check_meant(entry, mail);
    if (mail && answer <= ANSWER_LOST_DONE) {
        if (entry->verb == STORE_VERB_FLAGS)
            server_touch(folder, mail, (mail->flags | entry->set) & ~entry->clear, mail->keywords);
        else if (entry->verb == STORE_VERB_KEYWORD)
            server_touch(folder, mail, mail->flags, with_keyword(mail->keywords, entry));
        else
            server_remove(folder, entry->uid);
    }
    if (entry->verb == STORE_VERB_EXPUNGE && answer <= ANSWER_UNTOLD && server->expunged)
        server->expunged(entry->message, server->data);
    end_entry(server, entry, answer, 0);
}

static void play_to_folder(Server *server, const StoreEntry *entry, ServerFolder *folder, Answer answer)
{
    ServerFolder *to = folder_of(server, entry->folder);
    uint32_t uid = 0;

    settle(server, entry->id, SETTLE_SENT, to->uid_validity, to->uid_next);
    between(server);
    const ServerMail *mail = server_find(folder, entry->uid);
    if (mail)
        check_meant(entry, mail);
    else if (answer <= ANSWER_LOST_DONE)
        answer = ANSWER_REFUSED;
    if (mail && answer <= ANSWER_LOST_DONE) {
        uid = server_copy(folder, entry->uid, to);
        if (entry->verb == STORE_VERB_MOVE)
            server_remove(folder, entry->uid);
    }
    end_entry(server, entry, answer, uid);
}

static int64_t row_with_uid(Server *server, const ServerFolder *folder, uint32_t uid)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT id FROM message WHERE server_folder = %" G_GINT64_FORMAT " AND uid = %u", folder->id, uid);

    return fixture_query(server->fixture, sql);
}

/* Where a command whose answer was lost has put the message: its own row's UID, else one that no row has,
 * else a younger row's. 0: nowhere. */
static uint32_t find_sent(Server *server, const StoreEntry *entry, const ServerFolder *to)
{
    const int64_t row = entry->verb == STORE_VERB_COPY ? entry->copy : entry->message;
    const uint32_t from_uid = to->uid_validity == entry->uid_validity ? entry->uid_next : 1;
    uint32_t free_uid = 0, younger_uid = 0;

    for (guint i = 0; i < to->mails->len; i++) {
        const ServerMail *mail = mail_at(to->mails, i);
        if (mail->uid < from_uid || mail->n + 1000 != entry->size_bytes)
            continue;
        const int64_t holder = row_with_uid(server, to, mail->uid);
        if (holder == row)
            return mail->uid;
        if (holder < 0 && !free_uid)
            free_uid = mail->uid;
        if (holder > row && !younger_uid)
            younger_uid = mail->uid;
    }
    return free_uid ? free_uid : younger_uid;
}

/* After a lost answer: a message that still stands where it stood was not moved. */
static void play_sent(Server *server, const StoreEntry *entry)
{
    const gboolean is_move = entry->verb == STORE_VERB_MOVE;
    const uint32_t old_uid = is_move ? entry->old_uid : entry->uid;
    ServerFolder *old = folder_of(server, is_move ? entry->old_folder : entry->server_folder),
                 *to = folder_of(server, entry->folder);

    if (old->uid_validity != old->seen_validity || to->uid_validity != to->seen_validity)
        return;
    const ServerMail *mail = old_uid ? server_find(old, old_uid) : NULL;
    if (mail)
        check_meant(entry, mail);
    const uint32_t uid = mail && is_move ? 0 : find_sent(server, entry, to);
    if (uid)
        settle(server, entry->id, SETTLE_DONE, 0, uid);
    else
        settle(server, entry->id, mail ? SETTLE_LATER : SETTLE_REFUSED, 0, 0);
}

static void play_entry(Server *server, const StoreEntry *entry, Answer answer)
{
    if (g_getenv("TERN_TEST_SEED"))
        print_message("entry %d, %s %s, row %d (m%d) in folder %d, UID %u, to %d: answer %d\n",
                      (int)entry->id, store_entry_state_name(entry->state), store_verb_name(entry->verb),
                      (int)entry->message, (int)entry->size_bytes - 1000, (int)entry->server_folder,
                      entry->uid, (int)entry->folder, answer);
    if (entry->state == STORE_ENTRY_SENT) {
        play_sent(server, entry);
        return;
    }
    if (!entry->uid)
        return;
    ServerFolder *folder = folder_of(server, entry->server_folder);
    if (folder->uid_validity != folder->seen_validity)
        return;
    if (entry->verb == STORE_VERB_MOVE || entry->verb == STORE_VERB_COPY)
        play_to_folder(server, entry, folder, answer);
    else
        play_in_place(server, entry, folder, answer);
}

/* The entry as it is now: what was played before it may have changed it. */
static StoreEntry *read_again(Server *server, int64_t id)
{
    g_autoptr(GPtrArray) entries = store_read_journal(server->fixture->reader, NULL, FALSE, NULL);

    for (guint i = 0; i < entries->len; i++) {
        StoreEntry *entry = entries->pdata[i];
        if (entry->id == id)
            return g_ptr_array_steal_index(entries, i);
    }
    return NULL;
}

int server_play(Server *server, int limit, ServerAnswer answer, void *data)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) due = store_read_journal_due(server->fixture->reader, "work", limit, NULL, &error);
    g_autoptr(GHashTable) stopped = g_hash_table_new(g_int64_hash, g_int64_equal);
    int settled = 0;

    fixture_ok(due, error);
    for (guint i = 0; i < due->len; i++) {
        StoreEntry *first = due->pdata[i];
        g_autoptr(StoreEntry) entry = read_again(server, first->id);
        if (!entry || g_hash_table_contains(stopped, &first->message))
            continue;
        play_entry(server, entry, answer(entry, data));
        /* What is not settled stops what comes after it for the same row. */
        g_autoptr(StoreEntry) after = read_again(server, first->id);
        settled += !after;
        if (after)
            g_hash_table_add(stopped, &first->message);
    }
    return settled;
}

static Answer always_done(const StoreEntry *entry, void *data)
{
    (void)entry;
    (void)data;
    return ANSWER_DONE;
}

void server_settle(Server *server)
{
    void (*const hook)(void *data) = server->between;

    server->between = NULL;
    for (int round = 0; round < 30; round++) {
        for (int i = 0; i < SERVER_FOLDERS; i++)
            server_sync(server, &server->folders[i]);
        server_play(server, 10000, always_done, NULL);
        if (!fixture_query(server->fixture, "SELECT count(*) FROM journal WHERE state < 3"))
            break;
    }
    for (int i = 0; i < SERVER_FOLDERS; i++)
        server_sync(server, &server->folders[i]);
    server->between = hook;
    const int64_t left = fixture_query(server->fixture, "SELECT count(*) FROM journal WHERE state < 3");
    if (left)
        fail_msg("%" G_GINT64_FORMAT " entries never settle", left);
}

/* ---- checks ---- */

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    return statement;
}

int64_t server_query(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = prepare(db, sql);
    const int64_t value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;

    sqlite3_finalize(statement);
    return value;
}

typedef struct {
    int64_t id, folder, server_folder;
    uint32_t flags, server_flags, uid;
    uint32_t keywords, server_keywords;
} Row;

static int keyword_number(const char *name)
{
    for (int i = 0; i < SERVER_KEYWORDS; i++) {
        if (!strcmp(SERVER_KEYWORD[i], name))
            return i;
    }
    fail_msg("there is a keyword %s", name);
    return 0;
}

static void read_keywords(sqlite3_stmt *keywords, Row *row)
{
    sqlite3_reset(keywords);
    sqlite3_bind_int64(keywords, 1, row->id);
    while (sqlite3_step(keywords) == SQLITE_ROW) {
        const uint32_t bit = 1u << keyword_number((const char *)sqlite3_column_text(keywords, 0));
        const int half = sqlite3_column_int(keywords, 1);
        row->server_keywords |= half & 1 ? bit : 0;
        row->keywords |= half & 2 ? bit : 0;
    }
    sqlite3_reset(keywords);
}

static uint32_t keyword_bits(uint32_t keywords)
{
    return (keywords ? STORE_HAS_KEYWORDS : 0) | (keywords & 1 ? STORE_FORWARDED : 0);
}

static void lay_over(sqlite3_stmt *entries, Row *expected)
{
    sqlite3_reset(entries);
    sqlite3_bind_int64(entries, 1, expected->id);
    while (sqlite3_step(entries) == SQLITE_ROW) {
        const char *verb = (const char *)sqlite3_column_text(entries, 0);
        const uint32_t set = (uint32_t)sqlite3_column_int64(entries, 2);
        if (!strcmp(verb, "flags")) {
            expected->flags = (expected->flags | set) & ~(uint32_t)sqlite3_column_int64(entries, 3);
        } else if (!strcmp(verb, "keyword")) {
            const uint32_t bit = 1u << keyword_number((const char *)sqlite3_column_text(entries, 4));
            expected->keywords = set ? expected->keywords | bit : expected->keywords & ~bit;
        } else if (!strcmp(verb, "move")) {
            expected->folder = sqlite3_column_int64(entries, 1);
        } else if (!strcmp(verb, "expunge")) {
            expected->folder = 0;
        }
    }
    sqlite3_reset(entries);
}

#define ROWS "SELECT id, folder, server_folder, flags, server_flags, uid FROM message WHERE server_folder > 0"

static Row row_at(sqlite3_stmt *rows, sqlite3_stmt *keywords)
{
    Row row = {.id = sqlite3_column_int64(rows, 0),
               .folder = sqlite3_column_int64(rows, 1),
               .server_folder = sqlite3_column_int64(rows, 2),
               .flags = (uint32_t)sqlite3_column_int64(rows, 3),
               .server_flags = (uint32_t)sqlite3_column_int64(rows, 4),
               .uid = (uint32_t)sqlite3_column_int64(rows, 5)};

    read_keywords(keywords, &row);
    return row;
}

static void check_row(const Row *row, sqlite3_stmt *entries, const char *when)
{
    Row expected = {.id = row->id,
                    .folder = row->server_folder,
                    .flags = row->server_flags & PLAIN_FLAGS,
                    .keywords = row->server_keywords};

    lay_over(entries, &expected);
    if (row->folder != expected.folder)
        fail_msg("%s: row %" G_GINT64_FORMAT " is shown in %" G_GINT64_FORMAT " and not in %" G_GINT64_FORMAT,
                 when, row->id, row->folder, expected.folder);
    if (row->keywords != expected.keywords)
        fail_msg("%s: row %" G_GINT64_FORMAT " shows keywords %x and not %x", when, row->id, row->keywords,
                 expected.keywords);
    if (row->flags != (expected.flags | keyword_bits(expected.keywords)))
        fail_msg("%s: row %" G_GINT64_FORMAT " shows flags %x and not %x", when, row->id, row->flags,
                 expected.flags | keyword_bits(expected.keywords));
    if ((row->server_flags & ~(uint32_t)PLAIN_FLAGS) != keyword_bits(row->server_keywords))
        fail_msg("%s: row %" G_GINT64_FORMAT " has server flags %x with keywords %x", when, row->id,
                 row->server_flags, row->server_keywords);
}

void server_check_shown(Server *server, sqlite3 *db, const char *when)
{
    sqlite3_stmt *rows = prepare(db, ROWS),
                 *keywords = prepare(db, "SELECT name, half FROM keyword WHERE message = ?1"),
                 *entries = prepare(db, "SELECT verb, folder, set_flags, clear_flags, name FROM journal "
                                        "WHERE message = ?1 AND state < 3 ORDER BY id");

    (void)server;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const Row row = row_at(rows, keywords);
        check_row(&row, entries, when);
    }
    sqlite3_finalize(rows);
    sqlite3_finalize(keywords);
    sqlite3_finalize(entries);
    if (server_query(db, "SELECT count(*) FROM journal WHERE state < 3 AND message > 0 AND message NOT IN "
                         "(SELECT id FROM message)"))
        fail_msg("%s: an entry waits for a message that is gone", when);
    if (server_query(db, "SELECT count(*) FROM journal WHERE state < 3 AND copy > 0 AND copy NOT IN "
                         "(SELECT id FROM message)"))
        fail_msg("%s: an entry makes a copy that is gone", when);
}

void server_check_same(Server *server, sqlite3 *db, const char *when)
{
    sqlite3_stmt *rows = prepare(db, ROWS),
                 *keywords = prepare(db, "SELECT name, half FROM keyword WHERE message = ?1");
    guint n = 0, n_server = 0;

    while (sqlite3_step(rows) == SQLITE_ROW) {
        const Row row = row_at(rows, keywords);
        const ServerMail *mail = server_find(folder_of(server, row.server_folder), row.uid);
        n++;
        if (!mail)
            fail_msg("%s: row %" G_GINT64_FORMAT " (folder %" G_GINT64_FORMAT
                     ", UID %u) is not on the server",
                     when, row.id, row.server_folder, row.uid);
        if (row.folder != row.server_folder)
            fail_msg("%s: row %" G_GINT64_FORMAT " is shown in another folder than it is in", when, row.id);
        if (row.flags != row.server_flags || (row.flags & PLAIN_FLAGS) != mail->flags)
            fail_msg("%s: row %" G_GINT64_FORMAT " (UID %u) has flags %x, shows %x, and the server has %x",
                     when, row.id, row.uid, row.server_flags, row.flags, mail->flags);
        if (row.keywords != row.server_keywords || row.keywords != mail->keywords)
            fail_msg("%s: row %" G_GINT64_FORMAT " has keywords %x, shows %x, and the server has %x", when,
                     row.id, row.server_keywords, row.keywords, mail->keywords);
    }
    sqlite3_finalize(rows);
    sqlite3_finalize(keywords);
    for (int i = 0; i < SERVER_FOLDERS; i++)
        n_server += server->folders[i].mails->len;
    if (n != n_server)
        fail_msg("%s: there are %u rows and %u messages on the server", when, n, n_server);
}
