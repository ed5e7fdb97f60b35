/* Visits to a mailbox that end in a real Maildir and a real log: each message there once, byte for byte; a
 * line of the log that a crash took is found again by the file's name; the question of the first visit; what
 * is left in tmp/. */
#include "temp-folder.h"

#include "base/error.h"
#include "engine/pop3_keeper.h"
#include "engine/stubs.h"
#include "engine/sync_pop3.h"
#include "maildir/folders.h"
#include "maildir/maildir.h"
#include "maildir/unwanted.h"
#include "tests/unit/pop3-mailbox.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    char *folder, *root;
    Paths paths;
    ConfigAccount account;
    MailboxMessage messages[5];
    Mailbox *mailbox;
    guint arrivals; /* how often rows were to be made */
    gboolean arrival_fails;
    const char *asked_for; /* the base of a stub */
    char *
        marks; /* the base of a stub that another one marks before the folders are let go to us; NULL: none */
    guint begun, ended;
} Home;

static const MailboxMessage FOUR[] = {
    {.uidl = "a", .text = "Subject: 1\n\none\n"},
    {.uidl = "b/../..", .text = "Subject: 2\n\n.\n..\n.two\n"},
    {.uidl = "c", .text = "Subject: 3\n\n"},
    {.uidl = "d", .text = "Subject: 4\n\nfour\nlines\n"},
    {0},
};

static void hear_delete(const MailboxMessage *message, void *data)
{
    (void)message, (void)data;
}

static int set_up(void **state)
{
    Home *home = g_new0(Home, 1);

    home->folder = temp_folder_new();
    home->root = g_build_filename(home->folder, "mail", "home", NULL);
    home->paths.data = home->folder;
    home->account.id = (char *)"home";
    memcpy(home->messages, FOUR, sizeof FOUR);
    home->mailbox = mailbox_start(home->messages, "PIPELINING\r\n", hear_delete, home);
    assert_true(maildir_make_folder(home->root, MAILDIR_INBOX, NULL));
    *state = home;
    return 0;
}

static int tear_down(void **state)
{
    Home *home = *state;

    mailbox_end(home->mailbox);
    temp_folder_free(home->folder);
    g_free(home->root);
    g_free(home);
    return 0;
}

static gboolean hear_arrival(void *data, GError **error)
{
    Home *home = data;

    home->arrivals++;
    if (home->arrival_fails)
        tern_error_set(error, TERN_ERROR_STORE, "no room for rows");
    return !home->arrival_fails;
}

/* As the account's other worker does it. */
static void mark_stub(const Home *home, const char *keyword)
{
    g_autofree char *stubs = stubs_root("home", &home->paths);
    g_autoptr(MaildirFolder) folder = stubs_open(stubs, FALSE, NULL);
    const char *const add[] = {keyword, NULL};

    assert_int_equal(maildir_change(folder, home->marks, 0, 0, 0, add, NULL, NULL), 1);
    assert_true(maildir_flush(folder, NULL));
}

static gboolean begin_folders(void *data, GError **error)
{
    Home *home = data;

    (void)error;
    assert_int_equal(home->begun++, home->ended);
    if (home->marks)
        mark_stub(home, home->begun == 1 ? "first" : "later");
    return TRUE;
}

static void end_folders(void *data)
{
    ((Home *)data)->ended++;
}

static gboolean visit(Home *home, SyncPop3Result *result, GError **error)
{
    const SyncPop3 sync = {.account = &home->account,
                           .paths = &home->paths,
                           .root = home->root,
                           .arrived = hear_arrival,
                           .begin = begin_folders,
                           .end = end_folders,
                           .data = home,
                           .asked_for = home->asked_for};
    g_autoptr(Pop3Session) session = pop3_session_new(mailbox_connect(home->mailbox));

    *result = (SyncPop3Result){0};
    return pop3_greet(session, error) && pop3_login(session, "ada", "secret", TRUE, error) &&
           sync_pop3(&sync, session, result, error);
}

/* One that has to succeed. */
static Pop3Outcome visit_well(Home *home)
{
    g_autoptr(GError) error = NULL;
    SyncPop3Result result;

    if (!visit(home, &result, &error))
        fail_msg("%s", error->message);
    sync_pop3_result_clear(&result);
    return result.outcome;
}

/* How many files of a folder hold this text. */
static guint count_files(const Home *home, const char *raw_name, const char *text)
{
    g_autoptr(MaildirFolder) folder = maildir_open(home->root, raw_name, NULL);
    const GPtrArray *files = maildir_list(folder, NULL);
    guint n = 0;

    for (guint i = 0; i < files->len; i++) {
        const MaildirFile *file = files->pdata[i];
        g_autofree char *path = maildir_path(home->root, raw_name, file->base, 0), *bytes = NULL;
        assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
        n += !strcmp(bytes, text);
    }
    return n;
}

static void assert_all_here(const Home *home, gboolean are_gone)
{
    for (guint i = 0; FOUR[i].text; i++) {
        assert_int_equal(count_files(home, MAILDIR_INBOX, FOUR[i].text), 1);
        assert_int_equal(home->messages[i].retrieved, 1);
        assert_int_equal(home->messages[i].is_gone, are_gone);
    }
}

static char *log_path(const Home *home)
{
    return g_build_filename(home->folder, "uidl", "home", NULL);
}

/* ---- tests ---- */

static void test_question(void **state)
{
    Home *home = *state;
    Pop3Outcome outcome = visit_well(home);

    assert_int_equal(outcome.fetched, 4);
    assert_int_equal(outcome.withheld, 4);
    assert_int_equal(home->arrivals, 1);
    assert_all_here(home, FALSE);
    const SyncPop3Result result = {.outcome = outcome};
    g_autofree char *notice = sync_pop3_notice(&home->account, &result);
    assert_non_null(strstr(notice, "4 messages are here"));
    assert_non_null(strstr(notice, "tern sync --yes home"));

    outcome = visit_well(home);
    assert_int_equal(outcome.fetched, 0);
    assert_int_equal(home->arrivals, 1);
    assert_true(sync_pop3_allow_deleting(&home->account, &home->paths, NULL));
    outcome = visit_well(home);
    assert_int_equal(outcome.fetched, 0);
    assert_int_equal(outcome.deleted, 4);
    assert_all_here(home, TRUE);
    assert_int_equal(visit_well(home).withheld, 0);
}

/* A message that came short, deleted here: there it is the only whole one. */
static void test_short_stays(void **state)
{
    Home *home = *state;
    g_autofree char *unwanted = sync_pop3_unwanted_path(&home->account, &home->paths);
    g_autoptr(GPtrArray) bases = g_ptr_array_new_with_free_func(g_free);

    home->account.keep_on_server.what = CONFIG_SERVER_UNTIL_DELETED;
    home->messages[1].octets_off = 7;
    assert_true(sync_pop3_allow_deleting(&home->account, &home->paths, NULL));
    visit_well(home);
    g_autoptr(MaildirFolder) inbox = maildir_open(home->root, MAILDIR_INBOX, NULL);
    const GPtrArray *files = maildir_list(inbox, NULL);
    for (guint i = 0; i < files->len; i++)
        g_ptr_array_add(bases, g_strdup(((MaildirFile *)files->pdata[i])->base));
    assert_true(unwanted_add(unwanted, bases, NULL));
    const Pop3Outcome outcome = visit_well(home);
    assert_int_equal(outcome.deleted, 3);
    assert_int_equal(outcome.stays[POP3_STAYS_SIZE], 1);
    assert_false(home->messages[1].is_gone);
    assert_int_equal(visit_well(home).fetched, 0);
    assert_false(home->messages[1].is_gone);
}

/* Nothing to lose: what comes later is deleted without a question. */
static void test_empty_at_first(void **state)
{
    Home *home = *state;

    for (guint i = 0; FOUR[i].text; i++)
        home->messages[i].is_gone = TRUE;
    assert_int_equal(visit_well(home).fetched, 0);
    home->messages[1].is_gone = FALSE;
    const Pop3Outcome outcome = visit_well(home);
    assert_int_equal(outcome.fetched, 1);
    assert_int_equal(outcome.deleted, 1);
    assert_int_equal(outcome.withheld, 0);
}

/* The log's lines are lost (a crash between a file's name and its line, or somebody's hand): the files have
 * their marks. One was moved by its reader meanwhile. */
static void test_lost_log(void **state)
{
    Home *home = *state;
    g_autofree char *path = log_path(home), *base = NULL;

    visit_well(home);
    assert_int_equal(g_unlink(path), 0);
    assert_true(maildir_make_folder(home->root, ".Work", NULL));
    g_autoptr(MaildirFolder) inbox = maildir_open(home->root, MAILDIR_INBOX, NULL);
    g_autoptr(MaildirFolder) work = maildir_open(home->root, ".Work", NULL);
    const GPtrArray *files = maildir_list(inbox, NULL);
    g_autofree char *first = g_strdup(((MaildirFile *)files->pdata[0])->base);
    assert_int_equal(maildir_move(inbox, first, 0, work, &base, NULL), 1);

    assert_true(sync_pop3_allow_deleting(&home->account, &home->paths, NULL));
    const Pop3Outcome outcome = visit_well(home);
    assert_int_equal(outcome.fetched, 0);
    assert_int_equal(outcome.deleted, 4);
    for (guint i = 0; FOUR[i].text; i++) {
        assert_int_equal(
            count_files(home, MAILDIR_INBOX, FOUR[i].text) + count_files(home, ".Work", FOUR[i].text), 1);
        assert_true(home->messages[i].is_gone && home->messages[i].retrieved == 1);
    }
}

/* A file that has the mark of another message's UIDL, which no crash makes, does not let that message be
 * deleted. */
static void test_false_mark(void **state)
{
    Home *home = *state;
    g_autofree char *mark = uidl_mark("home", "c");
    g_autofree char *base = uidl_new_base(mark), *path = g_build_filename(home->root, "new", base, NULL);

    assert_true(g_file_set_contents(path, "Subject: of no consequence\n\n", -1, NULL));
    assert_true(sync_pop3_allow_deleting(&home->account, &home->paths, NULL));
    const Pop3Outcome outcome = visit_well(home);
    assert_int_equal(outcome.fetched, 4);
    assert_all_here(home, TRUE);
}

/* The server has given an old message's UIDL to a new one: that comes, whatever the policy. */
static void test_uidl_used_again(void **state)
{
    Home *home = *state;

    home->account.keep_on_server.what = CONFIG_SERVER_KEEP;
    home->messages[3].is_gone = TRUE;
    assert_int_equal(visit_well(home).fetched, 3);
    home->messages[0].is_gone = TRUE;
    assert_int_equal(visit_well(home).fetched, 0); /* the log forgets it, the file stays */
    home->messages[3].uidl = home->messages[0].uidl;
    home->messages[3].is_gone = FALSE;
    assert_int_equal(visit_well(home).fetched, 1);
    for (guint i = 0; FOUR[i].text; i++)
        assert_int_equal(count_files(home, MAILDIR_INBOX, FOUR[i].text), 1);
    assert_int_equal(visit_well(home).fetched, 0);
}

/* The same where both have one size: what a file's name says is looked at. */
static void test_uidl_used_again_by_one_of_its_size(void **state)
{
    Home *home = *state;
    static const char OTHER[] = "Subject: 5\n\nsix\n";

    home->account.keep_on_server.what = CONFIG_SERVER_KEEP;
    home->messages[3].text = OTHER;
    home->messages[3].is_gone = TRUE;
    assert_int_equal(visit_well(home).fetched, 3);
    home->messages[0].is_gone = TRUE;
    assert_int_equal(visit_well(home).fetched, 0);
    home->messages[3].uidl = home->messages[0].uidl;
    home->messages[3].is_gone = FALSE;
    assert_int_equal(visit_well(home).fetched, 1);
    assert_int_equal(count_files(home, MAILDIR_INBOX, OTHER), 1);
    assert_int_equal(count_files(home, MAILDIR_INBOX, FOUR[0].text), 1);
    assert_int_equal(visit_well(home).fetched, 0);
}

/* As test_lost_log() where the server has no UIDLs; and one file holds another message with the same
 * header. */
static void test_lost_log_nameless(void **state)
{
    Home *home = *state;
    g_autofree char *path = log_path(home);
    static const char SAME_HEADER[] = "Subject: 4\n\nanother\n";

    for (guint i = 0; FOUR[i].text; i++)
        home->messages[i].uidl = NULL;
    assert_int_equal(visit_well(home).fetched, 4);
    assert_all_here(home, FALSE);
    assert_int_equal(g_unlink(path), 0);
    home->messages[3].text = SAME_HEADER;
    assert_int_equal(visit_well(home).fetched, 1);
    assert_int_equal(count_files(home, MAILDIR_INBOX, SAME_HEADER), 1);
    assert_int_equal(visit_well(home).fetched, 0);
    for (guint i = 0; FOUR[i].text; i++) {
        assert_int_equal(count_files(home, MAILDIR_INBOX, FOUR[i].text), 1);
        assert_int_equal(home->messages[i].retrieved, i < 3 ? 1 : 2);
    }
}

/* The connection ends at each line: nothing is lost, nothing is here twice, nothing is left in tmp/. */
static void test_cuts(void **state)
{
    Home *home = *state;
    g_autofree char *tmp = g_build_filename(home->root, "tmp", NULL);
    SyncPop3Result result;

    assert_true(sync_pop3_allow_deleting(&home->account, &home->paths, NULL));
    for (guint lines = 0; lines < 60; lines += 3) {
        mailbox_cut_after(home->mailbox, lines);
        visit(home, &result, NULL);
        sync_pop3_result_clear(&result);
    }
    mailbox_cut_after(home->mailbox, G_MAXUINT);
    visit_well(home);
    for (guint i = 0; FOUR[i].text; i++) {
        assert_int_equal(count_files(home, MAILDIR_INBOX, FOUR[i].text), 1);
        assert_true(home->messages[i].is_gone);
    }
    g_autoptr(GDir) dir = g_dir_open(tmp, 0, NULL);
    assert_null(g_dir_read_name(dir));
}

/* A killed session's file in tmp/ goes; another program's stays. */
static void test_tmp(void **state)
{
    Home *home = *state;
    g_autofree char *mark = uidl_mark("home", "x");
    g_autofree char *base = uidl_new_base(mark), *ours = g_build_filename(home->root, "tmp", base, NULL),
                    *others = g_build_filename(home->root, "tmp", "1764500000.M1P2.host", NULL);

    assert_true(g_file_set_contents(ours, "half", -1, NULL));
    assert_true(g_file_set_contents(others, "half", -1, NULL));
    visit_well(home);
    assert_int_equal(g_access(ours, F_OK), -1);
    assert_int_equal(g_access(others, F_OK), 0);
}

/* A stub came whole, and its UIDL was another one than at first: the kill before its line leaves a file whose
 * mark is that of the first. Its base says what it is. And what a kill left half of a stub goes. */
static void test_whole_under_a_new_uidl(void **state)
{
    Home *home = *state;
    g_autofree char *mark = uidl_mark("home", "as-it-was"), *stubs = stubs_root("home", &home->paths);
    g_autofree char *first = uidl_new_base(mark), *second = uidl_new_base(mark), *log_at = log_path(home);
    g_autofree char *base = stubs_base(first, 20), *path = g_build_filename(home->root, "new", base, NULL),
                    *half = g_build_filename(stubs, "tmp", second, NULL);
    UidlLog *log = uidl_log_open(log_at, NULL);

    assert_non_null(log);
    uidl_log_add(log, &(UidlEntry){.uidl = "a", .size_bytes = 20, .base = base, .is_stub = TRUE});
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    assert_true(maildir_make_folder(stubs, MAILDIR_INBOX, NULL));
    assert_true(g_file_set_contents(path, FOUR[0].text, -1, NULL));
    assert_true(g_file_set_contents(half, "half", -1, NULL));
    assert_int_equal(visit_well(home).fetched, 3);
    assert_int_equal(count_files(home, MAILDIR_INBOX, FOUR[0].text), 1);
    assert_int_equal(g_access(half, F_OK), -1);
}

/* ---- stubs ---- */

#define LARGE(subject) "Subject: " subject "\n\nthis is larger than is wanted here, whatever it is about\n"

/* The bases of all stubs: char *. */
static GPtrArray *stub_bases(const Home *home)
{
    g_autofree char *stubs = stubs_root("home", &home->paths);
    g_autoptr(MaildirFolder) folder = stubs_open(stubs, FALSE, NULL);
    const GPtrArray *files = maildir_list(folder, NULL);
    GPtrArray *bases = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < files->len; i++)
        g_ptr_array_add(bases, g_strdup(((const MaildirFile *)files->pdata[i])->base));
    return bases;
}

static char *stub_keywords(const Home *home, const char *base)
{
    g_autofree char *stubs = stubs_root("home", &home->paths);
    g_autoptr(MaildirFolder) folder = stubs_open(stubs, FALSE, NULL);
    MaildirFile file;

    assert_int_equal(maildir_find(folder, base, 0, &file, NULL), 1);
    g_auto(GStrv) keywords = maildir_keywords(folder, &file);
    return g_strjoinv(" ", keywords ? keywords : (char *[]){NULL});
}

/* Two large messages, of which the headers are here. */
static GPtrArray *get_two_stubs(Home *home)
{
    home->account.max_size_bytes = 40;
    home->account.keep_on_server.what = CONFIG_SERVER_KEEP;
    home->messages[0].text = LARGE("1");
    home->messages[1].text = LARGE("2");
    assert_int_equal(visit_well(home).stubs, 2);
    GPtrArray *bases = stub_bases(home);
    assert_int_equal(bases->len, 2);
    return bases;
}

static gboolean is_in_inbox(const Home *home, const char *base)
{
    g_autoptr(MaildirFolder) folder = maildir_open(home->root, MAILDIR_INBOX, NULL);

    return maildir_is_likely(folder, base, 0);
}

/* The base of the stub that has this in its header, to be freed; NULL: none. */
static char *stub_of(const Home *home, const char *subject)
{
    g_autoptr(GPtrArray) bases = stub_bases(home);
    g_autofree char *stubs = stubs_root("home", &home->paths);

    for (guint i = 0; i < bases->len; i++) {
        g_autofree char *path = maildir_path(stubs, MAILDIR_INBOX, bases->pdata[i], 0), *text = NULL;
        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        if (strstr(text, subject))
            return g_strdup(bases->pdata[i]);
    }
    return NULL;
}

/* By UIDL and size it is what is asked for, and it is another message: nothing becomes of the stub, and the
 * other one is new. */
static void test_another_message_for_a_stub(void **state)
{
    Home *home = *state;
    g_autoptr(GPtrArray) bases = get_two_stubs(home);
    g_autofree char *one = stub_of(home, "Subject: 1");
    SyncPop3Result result;

    home->messages[0].text = LARGE("X");
    home->asked_for = one;
    assert_true(visit(home, &result, NULL));
    sync_pop3_result_clear(&result);
    assert_int_equal(result.outcome.fetched + result.outcome.stubs, 0);
    assert_false(is_in_inbox(home, one));
    home->asked_for = NULL;
    assert_int_equal(visit_well(home).stubs, 1);
    g_autofree char *other = stub_of(home, "Subject: X"), *gone = stub_of(home, "Subject: 1");
    assert_true(other && strcmp(other, one) != 0 && !gone);
    home->asked_for = other;
    assert_int_equal(visit_well(home).fetched, 1);
    assert_true(is_in_inbox(home, other));
    assert_int_equal(count_files(home, MAILDIR_INBOX, LARGE("X")), 1);
}

/* The same where all that are stubs are wanted whole: what comes is no stub's, and the next visit looks. */
static void test_another_message_at_a_higher_limit(void **state)
{
    Home *home = *state;
    g_autoptr(GPtrArray) bases = get_two_stubs(home);
    g_autofree char *one = stub_of(home, "Subject: 1"), *two = stub_of(home, "Subject: 2");

    home->messages[0].text = LARGE("X");
    home->account.max_size_bytes = 0;
    const Pop3Outcome outcome = visit_well(home);
    assert_true(outcome.fetched == 1 && outcome.stays[POP3_STAYS_TWICE] == 1);
    assert_true(is_in_inbox(home, two) && !is_in_inbox(home, one));
    assert_int_equal(visit_well(home).fetched, 1);
    assert_true(is_in_inbox(home, two) && !is_in_inbox(home, one));
    assert_int_equal(count_files(home, MAILDIR_INBOX, LARGE("X")), 1);
    assert_int_equal(count_files(home, MAILDIR_INBOX, LARGE("2")), 1);
}

/* Stubs go only while the folders are ours, and what others have marked until then stays. */
static void test_stubs_go_under_the_lock(void **state)
{
    Home *home = *state;
    g_autoptr(GPtrArray) bases = get_two_stubs(home);
    g_autofree char *one = stub_of(home, "Subject: 1"), *two = stub_of(home, "Subject: 2"),
                    *at = log_path(home);
    g_autofree char *words = NULL, *words_then = NULL;
    UidlLog *log = uidl_log_open(at, NULL);

    home->marks = one;
    mark_stub(home, "own");
    uidl_log_gone(log, "a"); /* the first has lost its line */
    assert_true(uidl_log_sync(log, NULL));
    uidl_log_close(log);
    home->marks = two;
    home->begun = home->ended = 0;
    home->messages[0].is_gone = TRUE;
    visit_well(home);
    assert_int_equal(home->begun, 1);
    assert_int_equal(home->ended, 1);
    g_autofree char *lost = stub_of(home, "Subject: 1");
    assert_null(lost);
    words = stub_keywords(home, two);
    assert_string_equal(words, "first");

    /* And when one is not on the server any more, which is known at the end. */
    home->messages[0].is_gone = FALSE;
    home->messages[0].uidl = "e";
    home->marks = NULL;
    assert_int_equal(visit_well(home).stubs, 1);
    home->messages[0].is_gone = TRUE;
    home->marks = two;
    visit_well(home);
    assert_int_equal(home->begun, home->ended);
    g_autofree char *gone = stub_of(home, "Subject: 1");
    assert_null(gone);
    words_then = stub_keywords(home, two);
    assert_string_equal(words_then, "first later");
}

/* Rows cannot be made: the mail is safe all the same, and stays on the server until the next visit. */
static void test_arrival_fails(void **state)
{
    Home *home = *state;
    g_autoptr(GError) error = NULL;
    SyncPop3Result result;

    assert_true(sync_pop3_allow_deleting(&home->account, &home->paths, NULL));
    home->arrival_fails = TRUE;
    assert_false(visit(home, &result, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    sync_pop3_result_clear(&result);
    assert_all_here(home, FALSE);
    home->arrival_fails = FALSE;
    assert_int_equal(visit_well(home).deleted, 4);
    assert_all_here(home, TRUE);
}

static void test_another_process(void **state)
{
    Home *home = *state;
    g_autofree char *path = log_path(home);
    g_autoptr(UidlLog) log = uidl_log_open(path, NULL);
    SyncPop3Result result;

    assert_non_null(log);
    assert_true(visit(home, &result, NULL));
    assert_true(result.is_done_elsewhere);
    assert_int_equal(result.outcome.fetched, 0);
    g_autofree char *notice = sync_pop3_notice(&home->account, &result);
    assert_non_null(strstr(notice, "another tern"));
    sync_pop3_result_clear(&result);
}

int main(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test_setup_teardown(test_question, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_empty_at_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_false_mark, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_uidl_used_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_uidl_used_again_by_one_of_its_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_log_nameless, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cuts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tmp, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_whole_under_a_new_uidl, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_message_for_a_stub, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_message_at_a_higher_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stubs_go_under_the_lock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_arrival_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_process, set_up, tear_down),
    };

    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
