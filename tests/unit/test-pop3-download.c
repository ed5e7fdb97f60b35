/* Whole sessions against a mailbox, and against one that ends at each line that it says: afterwards, over all
 * sessions, each message is here once, none was deleted before it was safe, and none was fetched twice that
 * was. */
#include "base/error.h"
#include "pop3/download.h"
#include "tests/unit/pop3-mailbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#define NOW_S 1000000

/* What is here: a log and files, as far as they are durable. */
typedef struct {
    char *key, *text;
    uint64_t octets;
    guint64 headers;
    gboolean is_stub, is_doubtful, is_gone; /* is_gone: no longer in the log; the file stays */
} Kept;

typedef struct {
    pthread_mutex_t lock; /* the server's thread looks, too */
    GPtrArray *kept;      /* Kept *: durable */
    GPtrArray *closed;    /* Kept *: not yet */
    int fd;
    guint commits, commits_left; /* until the disk is full */
    gboolean is_open_full;
} Disk;

static void kept_free(gpointer data)
{
    Kept *kept = data;

    g_free(kept->key);
    g_free(kept->text);
    g_free(kept);
}

/* Of a key the newest is in the log. */
static Kept *find_in(const GPtrArray *all, const char *key)
{
    for (guint i = all->len; i > 0; i--) {
        Kept *kept = all->pdata[i - 1];
        if (!kept->is_gone && !strcmp(kept->key, key))
            return kept;
    }
    return NULL;
}

static Kept *find_kept(const Disk *disk, const char *key)
{
    return find_in(disk->kept, key);
}

/* ---- the keeper ---- */

/* What is here has its line: there is no power cut here between the two. */
static gboolean find_none(const GPtrArray *items, GHashTable *found, void *data, GError **error)
{
    (void)found, (void)data, (void)error;
    assert_true(items->len > 0);
    return TRUE;
}

static int open_file(const Pop3Item *item, void *data, GError **error)
{
    Disk *disk = data;

    assert_non_null(item->key);
    assert_int_equal(disk->fd, -1);
    if (disk->is_open_full) {
        tern_error_set(error, TERN_ERROR_STORE, "the disk is full");
        return -1;
    }
    return disk->fd = memfd_create("message", MFD_CLOEXEC);
}

static gboolean close_file(const Pop3Item *item, uint64_t octets, int64_t bytes, guint64 headers,
                           const GError *failed, void *data, GError **error)
{
    Disk *disk = data;

    (void)error;
    if (!failed) {
        Kept *kept = g_new0(Kept, 1);
        kept->key = g_strdup(item->key);
        kept->text = g_malloc0((gsize)bytes + 1);
        kept->octets = octets;
        kept->headers = headers;
        kept->is_stub = item->step == POP3_FETCH_HEADERS;
        kept->is_doubtful = item->is_doubtful;
        assert_int_equal(pread(disk->fd, kept->text, (size_t)bytes + 1, 0), bytes);
        g_ptr_array_add(disk->closed, kept);
    }
    if (disk->fd >= 0)
        close(disk->fd);
    disk->fd = -1;
    return TRUE;
}

static gboolean commit(void *data, GError **error)
{
    Disk *disk = data;

    if (disk->commits_left-- == 0) {
        disk->commits_left = 0;
        tern_error_set(error, TERN_ERROR_STORE, "the disk is full");
        return FALSE;
    }
    disk->commits++;
    pthread_mutex_lock(&disk->lock);
    while (disk->closed->len > 0) {
        Kept *kept = g_ptr_array_steal_index(disk->closed, 0), *before = find_kept(disk, kept->key);
        if (before) /* its line is another now */
            before->is_gone = TRUE;
        g_ptr_array_add(disk->kept, kept);
    }
    pthread_mutex_unlock(&disk->lock);
    return TRUE;
}

static void rename_key(const Pop3Item *item, void *data)
{
    Kept *kept = find_kept(data, item->known->uidl);

    assert_non_null(kept);
    g_free(kept->key);
    kept->key = g_strdup(item->key);
}

static void doubt(const char *key, gboolean is_doubtful, void *data)
{
    const Disk *disk = data;
    Kept *closed = find_in(disk->closed, key), *kept = closed ? closed : find_kept(disk, key);

    assert_non_null(kept);
    kept->is_doubtful = is_doubtful;
}

static void forget(const char *key, void *data)
{
    Kept *kept = find_kept(data, key);

    assert_non_null(kept);
    kept->is_gone = TRUE;
}

/* The law: what is to be deleted is durable here, whole. */
static void check_delete(const MailboxMessage *message, void *data)
{
    Disk *disk = data;
    gboolean is_here = FALSE;

    pthread_mutex_lock(&disk->lock);
    for (guint i = 0; i < disk->kept->len; i++)
        is_here |= !strcmp(((Kept *)disk->kept->pdata[i])->text, message->text);
    pthread_mutex_unlock(&disk->lock);
    if (!is_here)
        g_error("\"%s\" is to be deleted and is not safe", message->text);
}

/* ---- a session ---- */

static void disk_init(Disk *disk)
{
    *disk = (Disk){.fd = -1, .commits_left = G_MAXUINT};
    pthread_mutex_init(&disk->lock, NULL);
    disk->kept = g_ptr_array_new_with_free_func(kept_free);
    disk->closed = g_ptr_array_new_with_free_func(kept_free);
}

static void disk_clear(Disk *disk)
{
    g_ptr_array_unref(disk->kept);
    g_ptr_array_unref(disk->closed);
    pthread_mutex_destroy(&disk->lock);
}

static GArray *known_of(const Disk *disk)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(Pop3Known));

    for (guint i = 0; i < disk->kept->len; i++) {
        const Kept *kept = disk->kept->pdata[i];
        const Pop3Known known = {.uidl = kept->key,
                                 .octets = kept->octets,
                                 .headers = kept->headers,
                                 .fetched_s = NOW_S,
                                 .is_stub = kept->is_stub,
                                 .is_doubtful = kept->is_doubtful};
        if (!kept->is_gone)
            g_array_append_val(all, known);
    }
    return all;
}

static Pop3List *log_in_and_survey(Pop3Session *session, GError **error)
{
    return pop3_greet(session, error) && pop3_login(session, "ada", "secret", TRUE, error)
               ? pop3_survey(session, error)
               : NULL;
}

/* One session; FALSE when it ended before its QUIT was answered. What was closed and not committed is lost
 * with it. */
static gboolean run(Mailbox *mailbox, Disk *disk, Pop3Policy policy, Pop3Outcome *outcome_out, GError **error)
{
    const Pop3Keeper keeper = {.find = find_none,
                               .open = open_file,
                               .close = close_file,
                               .commit = commit,
                               .renamed = rename_key,
                               .doubt = doubt,
                               .gone = forget,
                               .data = disk};
    g_autoptr(Pop3Session) session = pop3_session_new(mailbox_connect(mailbox));
    Pop3List *list = log_in_and_survey(session, error);
    const char *stuck;

    *outcome_out = (Pop3Outcome){0};
    if (!list)
        return FALSE;
    g_autoptr(GArray) known = known_of(disk);
    policy.now_s = NOW_S;
    policy.can_top = pop3_session_can(session, POP3_CAN_TOP);
    g_autoptr(Pop3Plan) plan = pop3_plan_new(list, (Pop3Known *)(gpointer)known->data, known->len, &policy);
    const gboolean is_ok = pop3_download(session, plan, &keeper, outcome_out, &stuck, error);
    assert_int_equal(disk->fd, -1);
    g_ptr_array_set_size(disk->closed, 0);
    return is_ok;
}

static void run_well(Mailbox *mailbox, Disk *disk, Pop3Policy policy, Pop3Outcome *outcome_out)
{
    g_autoptr(GError) error = NULL;

    if (!run(mailbox, disk, policy, outcome_out, &error))
        fail_msg("%s", error->message);
}

static guint count_here(const Disk *disk, const char *text)
{
    guint n = 0;

    for (guint i = 0; i < disk->kept->len; i++)
        n += !strcmp(((Kept *)disk->kept->pdata[i])->text, text);
    return n;
}

static const Pop3Policy DELETES = {.keep = POP3_KEEP_NOT, .may_delete = TRUE};
static const Pop3Policy KEEPS = {.keep = POP3_KEEP_ALWAYS, .may_delete = TRUE};

static const MailboxMessage FOUR[] = {
    {.uidl = "a", .text = "Subject: 1\n\none\n"},
    {.uidl = "b", .text = "Subject: 2\n\n.\n..\n.two\n"},
    {.uidl = "c", .text = "Subject: 3\n\n"},
    {.uidl = "d", .text = "Subject: 4\n\nfour\nlines\nof\ntext\n"},
    {0},
};

/* ---- tests ---- */

static void test_policies(void **state)
{
    MailboxMessage messages[5];
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    memcpy(messages, FOUR, sizeof FOUR);
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);

    Pop3Policy asks = DELETES;
    asks.may_delete = FALSE;
    run_well(mailbox, &disk, asks, &outcome);
    assert_int_equal(outcome.fetched, 4);
    assert_int_equal(outcome.withheld, 4);
    assert_int_equal(outcome.deleted, 0);
    run_well(mailbox, &disk, KEEPS, &outcome);
    assert_int_equal(outcome.fetched, 0);
    for (guint i = 0; FOUR[i].text; i++) {
        assert_string_equal(find_kept(&disk, FOUR[i].uidl)->text, FOUR[i].text);
        assert_false(messages[i].is_gone);
    }
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, 0);
    assert_int_equal(outcome.deleted, 4);
    for (guint i = 0; FOUR[i].text; i++) {
        assert_true(messages[i].is_gone && messages[i].retrieved == 1);
        assert_null(find_kept(&disk, FOUR[i].uidl));
    }
    mailbox_end(mailbox);
    disk_clear(&disk);
}

static guint count_whole(const Disk *disk)
{
    guint n = 0;

    for (guint i = 0; i < disk->kept->len; i++)
        n += !((Kept *)disk->kept->pdata[i])->is_stub;
    return n;
}

/* The session ends after each line in turn; then another one finishes what it left. `like`: four. */
static void check_cuts(const char *can, const MailboxMessage *like, Pop3Policy policy)
{
    gboolean was_cut = TRUE;

    for (guint lines = 0; was_cut; lines++) {
        MailboxMessage messages[5];
        Pop3Outcome outcome;
        Disk disk;

        memcpy(messages, like, sizeof messages);
        disk_init(&disk);
        Mailbox *mailbox = mailbox_start(messages, can, check_delete, &disk);
        mailbox_cut_after(mailbox, lines);
        g_autoptr(GError) error = NULL;
        const gboolean is_ok = run(mailbox, &disk, policy, &outcome, &error);
        was_cut = mailbox_was_cut(mailbox);
        assert_int_equal(is_ok, !was_cut);
        assert_true(is_ok || tern_error_is(error, TERN_ERROR_NETWORK));

        guint durable = count_whole(&disk);
        mailbox_cut_after(mailbox, G_MAXUINT);
        run_well(mailbox, &disk, policy, &outcome);
        assert_int_equal(outcome.fetched, 4 - durable);
        assert_int_equal(outcome.stubs, 0);
        for (guint i = 0; messages[i].text; i++) {
            assert_true(messages[i].is_gone);
            assert_int_equal(count_here(&disk, messages[i].text), 1);
        }
        mailbox_end(mailbox);
        disk_clear(&disk);
    }
}

static void test_cuts(void **state)
{
    (void)state;
    check_cuts("PIPELINING\r\n", FOUR, DELETES);
    check_cuts("", FOUR, DELETES);
}

/* Four that are so large that their headers come first, where that takes too long. */
static void make_large(MailboxMessage messages[5])
{
    static const char *const UIDLS[] = {"a", "b", "c", "d"};

    memset(messages, 0, 5 * sizeof *messages);
    for (guint i = 0; i < 4; i++) {
        g_autofree char *body = g_strnfill(66000, (char)('p' + i));
        messages[i].uidl = UIDLS[i];
        messages[i].text = g_strdup_printf("Subject: %u\n\n%s\n", i, body);
    }
}

static void free_large(MailboxMessage *messages)
{
    for (; messages->text; messages++)
        g_free((char *)messages->text);
}

static void test_headers_first(void **state)
{
    Pop3Policy slow = DELETES;
    MailboxMessage messages[5];
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    slow.patience_us = 1;
    make_large(messages);
    check_cuts("PIPELINING\r\n", messages, slow);
    check_cuts("", messages, slow);
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
    run_well(mailbox, &disk, slow, &outcome);
    assert_int_equal(outcome.fetched, 4);
    assert_int_equal(outcome.deleted, 4);
    assert_int_equal(disk.kept->len, 8);
    for (guint i = 0; i < 8; i++) {
        const Kept *kept = disk.kept->pdata[i];
        assert_int_equal(kept->is_stub, i < 4);
        assert_int_equal(strlen(kept->text) < 20, kept->is_stub);
    }
    for (guint i = 0; i < 4; i++)
        assert_int_equal(messages[i].retrieved, 1);
    mailbox_end(mailbox);
    disk_clear(&disk);
    free_large(messages);
}

/* A server without CAPA that gives the header of one and refuses that of another: of the first only the header
 * is here when the rest is asked for in another way. */
static void test_headers_first_are_refused(void **state)
{
    Pop3Policy slow = DELETES;
    MailboxMessage messages[5];
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    slow.patience_us = 1;
    for (guint refused = 0; refused < 4; refused++) {
        make_large(messages);
        messages[refused].refuses_top = TRUE;
        disk_init(&disk);
        Mailbox *mailbox = mailbox_start(messages, NULL, check_delete, &disk);
        run_well(mailbox, &disk, slow, &outcome);
        for (guint i = 0; i < 4; i++) {
            assert_true(messages[i].is_gone);
            assert_int_equal(count_here(&disk, messages[i].text), 1);
        }
        mailbox_end(mailbox);
        disk_clear(&disk);
        free_large(messages);
    }
}

/* The disk is full as each file is opened, or at each commit: what is there stays, nothing is deleted that is
 * not here. */
static void test_full_disk(void **state)
{
    (void)state;
    for (guint most = 0; most < 3; most++) {
        MailboxMessage messages[5];
        Pop3Outcome outcome;
        Disk disk;
        g_autoptr(GError) error = NULL;

        memcpy(messages, FOUR, sizeof FOUR);
        disk_init(&disk);
        disk.commits_left = most;
        disk.is_open_full = most == 2;
        Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
        assert_false(run(mailbox, &disk, DELETES, &outcome, &error));
        assert_true(tern_error_is(error, TERN_ERROR_STORE));
        disk.commits_left = G_MAXUINT;
        disk.is_open_full = FALSE;
        run_well(mailbox, &disk, DELETES, &outcome);
        for (guint i = 0; messages[i].text; i++) {
            assert_true(messages[i].is_gone);
            assert_int_equal(count_here(&disk, messages[i].text), 1);
        }
        mailbox_end(mailbox);
        disk_clear(&disk);
    }
}

/* RETR that is refused, a message that is shorter than announced, one UIDL twice, no UIDL. */
static void test_misbehaviour(void **state)
{
    MailboxMessage messages[] = {
        {.uidl = "a", .text = "Subject: 1\n\none\n", .refuses = TRUE},
        {.uidl = "b", .text = "Subject: 2\n\ntwo\n", .octets_off = 5},
        {.uidl = "c", .text = "Subject: 3\n\nthree\n"},
        {.uidl = "c", .text = "Subject: 4\n\nfour\n"},
        {.text = "Subject: 5\n\nfive\n"},
        {.uidl = "f", .text = "Subject: 6\n\nsix\n", .octets_off = -5},
        {0},
    };
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, 5);
    assert_int_equal(outcome.deleted, 2);
    assert_int_equal(outcome.stays[POP3_STAYS_REFUSED], 1);
    assert_int_equal(outcome.stays[POP3_STAYS_SHORT], 1);
    assert_int_equal(outcome.stays[POP3_STAYS_AMBIGUOUS], 2);
    assert_string_equal(outcome.not_given, "the POP3 server refused: no");
    assert_null(outcome.not_deleted);
    assert_true(messages[4].is_gone && messages[5].is_gone);
    pop3_outcome_clear(&outcome);

    messages[0].refuses = FALSE;
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, 1);
    assert_int_equal(outcome.stays[POP3_STAYS_AMBIGUOUS], 2);
    assert_int_equal(outcome.stays[POP3_STAYS_SIZE], 1);
    assert_false(messages[1].is_gone);
    for (guint i = 0; messages[i].text; i++)
        assert_int_equal(messages[i].retrieved, 1);
    mailbox_end(mailbox);
    disk_clear(&disk);
}

static const MailboxMessage EQUALS[] = {{.uidl = "a", .text = "Subject: 1\n\none\n"},
                                        {.uidl = "b", .text = "Subject: 2\n\ntwo\n"},
                                        {.uidl = "c", .text = "Subject: 3\n\nsix\n"},
                                        {.uidl = "d", .text = "Subject: 4\n\nten\n"},
                                        {0}};

/* A server that is out of step sends one message for two: neither is deleted before they were compared, however
 * often it does so, and nothing is lost. */
static void test_sent_for_another(void **state)
{
    for (guint which = 0; which < 2; which++) {
        MailboxMessage messages[5];
        Pop3Outcome outcome;
        Disk disk;

        (void)state;
        memcpy(messages, EQUALS, sizeof EQUALS);
        messages[which ? 3 : 0].instead = messages[which ? 0 : 3].text;
        disk_init(&disk);
        Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
        run_well(mailbox, &disk, DELETES, &outcome);
        assert_int_equal(outcome.stays[POP3_STAYS_TWICE], 2);
        assert_int_equal(outcome.deleted, 2);
        run_well(mailbox, &disk, DELETES, &outcome);
        run_well(mailbox, &disk, DELETES, &outcome);
        assert_int_equal(outcome.stays[POP3_STAYS_TWICE], 1);
        assert_false(messages[which ? 3 : 0].is_gone);
        messages[which ? 3 : 0].instead = NULL;
        run_well(mailbox, &disk, DELETES, &outcome);
        for (guint i = 0; messages[i].text; i++) {
            assert_true(messages[i].is_gone);
            assert_true(count_here(&disk, messages[i].text) > 0);
        }
        mailbox_end(mailbox);
        disk_clear(&disk);
    }
}

/* The same where mail is kept there, of a text that is as long as what it was sent for: that is fetched when the
 * server is well again, and before that nothing comes again and again. `first`: which of the two is fetched
 * in a visit of its own, before the other has come to the mailbox; 4: none. */
static void check_sent_for_another_and_kept(guint wrong, guint right, guint first)
{
    MailboxMessage messages[5];
    Pop3Outcome outcome;
    Disk disk;

    memcpy(messages, EQUALS, sizeof EQUALS);
    messages[wrong].instead = EQUALS[right].text;
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
    messages[wrong].is_gone = first == right;
    messages[right].is_gone = first == wrong;
    run_well(mailbox, &disk, KEEPS, &outcome);
    messages[wrong].is_gone = messages[right].is_gone = FALSE;
    for (guint visit = 0; visit < 3; visit++)
        run_well(mailbox, &disk, KEEPS, &outcome);
    assert_int_equal(count_here(&disk, EQUALS[right].text), 2);
    assert_int_equal(count_here(&disk, EQUALS[wrong].text), 0);
    messages[wrong].instead = NULL;
    run_well(mailbox, &disk, KEEPS, &outcome);
    assert_int_equal(outcome.fetched, 1);
    run_well(mailbox, &disk, KEEPS, &outcome);
    assert_int_equal(outcome.fetched, 0);
    for (guint i = 0; messages[i].text; i++) {
        assert_int_equal(count_here(&disk, messages[i].text), i == right ? 2 : 1);
        assert_string_equal(find_kept(&disk, messages[i].uidl)->text, messages[i].text);
        assert_false(find_kept(&disk, messages[i].uidl)->is_doubtful);
    }
    mailbox_end(mailbox);
    disk_clear(&disk);
}

static void test_sent_for_another_and_kept(void **state)
{
    static const guint PAIRS[][3] = {{0, 3, 4}, {3, 0, 4}, {0, 3, 0}, {0, 3, 3}, {3, 0, 0}, {3, 0, 3}};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(PAIRS); i++)
        check_sent_for_another_and_kept(PAIRS[i][0], PAIRS[i][1], PAIRS[i][2]);
}

/* Two that are the same in all are deleted by the next visit. */
static void test_two_that_are_the_same(void **state)
{
    MailboxMessage messages[5];
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    memcpy(messages, FOUR, sizeof FOUR);
    messages[2].text = messages[1].text;
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, 4);
    assert_int_equal(outcome.deleted, 2);
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, 0);
    assert_int_equal(outcome.deleted, 2);
    assert_int_equal(count_here(&disk, messages[1].text), 2);
    mailbox_end(mailbox);
    disk_clear(&disk);
}

/* Where they are kept, they are looked at once. */
static void test_two_that_are_the_same_and_kept(void **state)
{
    MailboxMessage messages[5];
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    memcpy(messages, FOUR, sizeof FOUR);
    messages[2].text = messages[1].text;
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
    run_well(mailbox, &disk, KEEPS, &outcome);
    assert_true(find_kept(&disk, "b")->is_doubtful && find_kept(&disk, "c")->is_doubtful);
    const guint commits = disk.commits;
    for (guint visit = 0; visit < 2; visit++) {
        run_well(mailbox, &disk, KEEPS, &outcome);
        assert_int_equal(outcome.fetched, 0);
        assert_int_equal(disk.commits, commits + 1); /* of what the look has shown, and nothing after it */
        assert_false(find_kept(&disk, "b")->is_doubtful || find_kept(&disk, "c")->is_doubtful);
    }
    assert_int_equal(disk.kept->len, 4);
    mailbox_end(mailbox);
    disk_clear(&disk);
}

static void allow_delete(const MailboxMessage *message, void *data)
{
    (void)message, (void)data;
}

/* So many, whose bodies are of so many digits: far more than a window and a group, say. To be freed; their words
 * are in `texts`. */
static MailboxMessage *make_many(guint n, int digits, GStringChunk *texts)
{
    MailboxMessage *messages = g_new0(MailboxMessage, n + 1);

    for (guint i = 0; i < n; i++) {
        g_autofree char *uidl = g_strdup_printf("uidl-%u", i),
                        *text = g_strdup_printf("Subject: %03u\n\n%0*u\n", i, digits, i);
        messages[i].uidl = g_string_chunk_insert(texts, uidl);
        messages[i].text = g_string_chunk_insert(texts, text);
    }
    return messages;
}

/* So late that the DELE of the first has gone out: at QUIT nothing is deleted. */
static void test_sent_for_another_late(void **state)
{
    enum { N = 450 };
    GStringChunk *texts = g_string_chunk_new(4096);
    g_autofree MailboxMessage *messages = make_many(N, 3, texts);
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    disk_init(&disk);
    messages[N - 1].instead = messages[0].text;
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", allow_delete, &disk);
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, N);
    assert_int_equal(outcome.deleted, 0);
    for (guint i = 0; i < N; i++)
        assert_false(messages[i].is_gone);
    messages[N - 1].instead = NULL;
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, 1);
    assert_int_equal(outcome.deleted, N);
    for (guint i = 0; i < N; i++)
        assert_true(messages[i].is_gone && count_here(&disk, messages[i].text) > 0);
    mailbox_end(mailbox);
    disk_clear(&disk);
    g_string_chunk_free(texts);
}

/* Of a message that came short the rest may be had nowhere else: it stays on the server whatever the
 * policy. */
static void test_short_stays(void **state)
{
    const Pop3Policy old = {.keep = POP3_KEEP_FOR, .age_s = 0, .may_delete = TRUE}, *const LATER[] = {
                                                                                        &DELETES, &old};

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(LATER); i++) {
        MailboxMessage messages[] = {{.uidl = "a", .text = "Subject: 1\n\none\n"},
                                     {.uidl = "b", .text = "Subject: 2\n\ntwo\n", .octets_off = 5},
                                     {0}};
        Pop3Outcome outcome;
        Disk disk;
        disk_init(&disk);
        Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
        run_well(mailbox, &disk, KEEPS, &outcome);
        assert_int_equal(outcome.fetched, 2);
        for (guint visit = 0; visit < 2; visit++)
            run_well(mailbox, &disk, *LATER[i], &outcome);
        assert_int_equal(outcome.stays[POP3_STAYS_SIZE], 1);
        assert_true(messages[0].is_gone && !messages[1].is_gone);
        assert_int_equal(messages[1].retrieved, 1);
        mailbox_end(mailbox);
        disk_clear(&disk);
    }
}

/* The server gives all messages new UIDLs, and has one more; later another message comes under an old one. */
static void test_new_uidls(void **state)
{
    MailboxMessage messages[5];
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    memcpy(messages, FOUR, sizeof FOUR);
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "", check_delete, &disk);
    messages[3].is_gone = TRUE;
    run_well(mailbox, &disk, KEEPS, &outcome);
    assert_int_equal(outcome.fetched, 3);

    messages[0].uidl = "x", messages[1].uidl = "y", messages[2].uidl = "z";
    messages[3].is_gone = FALSE;
    run_well(mailbox, &disk, KEEPS, &outcome);
    assert_int_equal(outcome.renamed, 3);
    assert_int_equal(outcome.fetched, 1);
    run_well(mailbox, &disk, KEEPS, &outcome);
    assert_int_equal(outcome.renamed + outcome.fetched, 0);

    messages[0].text = "Subject: another\n\nunder an old name\n";
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, 1);
    assert_int_equal(outcome.deleted, 4);
    assert_int_equal(count_here(&disk, messages[0].text), 1);
    mailbox_end(mailbox);
    disk_clear(&disk);
}

/* A server whose UIDLs are the messages' numbers: nothing comes twice as others are deleted and new ones
 * come. */
static void test_shifted_uidls(void **state)
{
    static const char *const NUMBERS[] = {"1", "2", "3", "4"};
    MailboxMessage messages[5];
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    memcpy(messages, FOUR, sizeof FOUR);
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
    messages[3].is_gone = TRUE;
    for (guint first = 0; first < 3; first++) {
        for (guint i = first; i < 4; i++)
            messages[i].uidl = NUMBERS[i - first];
        run_well(mailbox, &disk, KEEPS, &outcome);
        messages[first].is_gone = TRUE; /* by another program */
        messages[3].is_gone = FALSE;
    }
    run_well(mailbox, &disk, KEEPS, &outcome);
    for (guint i = 0; messages[i].text; i++)
        assert_true(messages[i].retrieved == 1 && count_here(&disk, messages[i].text) == 1);
    mailbox_end(mailbox);
    disk_clear(&disk);
}

/* Larger ones come as headers, and whole once the limit is higher. */
static void test_stubs(void **state)
{
    MailboxMessage messages[5];
    Pop3Policy small = DELETES;
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    memcpy(messages, FOUR, sizeof FOUR);
    disk_init(&disk);
    small.max_octets = 30;
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
    run_well(mailbox, &disk, small, &outcome);
    assert_int_equal(outcome.fetched, 3);
    assert_int_equal(outcome.stubs, 1);
    assert_int_equal(outcome.deleted, 3);
    assert_string_equal(find_kept(&disk, "d")->text, "Subject: 4\n\n");
    run_well(mailbox, &disk, small, &outcome);
    assert_int_equal(outcome.stubs + outcome.fetched + outcome.deleted, 0);
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, 1);
    assert_true(messages[3].is_gone);
    mailbox_end(mailbox);
    disk_clear(&disk);
}

/* Far more than a window and a group: newest first, and what is committed is deleted while others still
 * come. */
static void test_many(void **state)
{
    enum { N = 450 };
    GStringChunk *texts = g_string_chunk_new(4096);
    g_autofree MailboxMessage *messages = make_many(N, 2000, texts);
    Pop3Outcome outcome;
    Disk disk;

    (void)state;
    disk_init(&disk);
    Mailbox *mailbox = mailbox_start(messages, "PIPELINING\r\n", check_delete, &disk);
    run_well(mailbox, &disk, DELETES, &outcome);
    assert_int_equal(outcome.fetched, N);
    assert_int_equal(outcome.deleted, N);
    assert_true(disk.commits >= N / 100);
    assert_string_equal(((Kept *)disk.kept->pdata[0])->text, messages[N - 1].text);
    mailbox_end(mailbox);
    disk_clear(&disk);
    g_string_chunk_free(texts);
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_misbehaviour),
        cmocka_unit_test(test_headers_first),
        cmocka_unit_test(test_headers_first_are_refused),
        cmocka_unit_test(test_short_stays),
        cmocka_unit_test(test_new_uidls),
        cmocka_unit_test(test_shifted_uidls),
        cmocka_unit_test(test_stubs),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_sent_for_another),
        cmocka_unit_test(test_sent_for_another_late),
        cmocka_unit_test(test_sent_for_another_and_kept),
        cmocka_unit_test(test_two_that_are_the_same),
        cmocka_unit_test(test_two_that_are_the_same_and_kept),
    };

    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
