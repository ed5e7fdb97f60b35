/* A Maildir in a real folder: names, flags, keywords, delivery, moves that go on after a cut, folders, and
 * hearing of changes. */
#include "temp-folder.h"

#include "base/error.h"
#include "base/file.h"
#include "maildir/deliver_many.h"
#include "maildir/folders.h"
#include "maildir/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

/* A file system without links, in this program; there, if asked for, another one deletes the file
 * meanwhile. */
static gboolean links_fail, vanishes;

int linkat(int from, const char *path, int to, const char *new_path, int flags)
{
    if (!links_fail)
        return (int)syscall(SYS_linkat, from, path, to, new_path, flags);
    if (vanishes)
        unlinkat(from, path, 0);
    errno = EXDEV;
    return -1;
}

static int make_root(void **state)
{
    g_autofree char *root = temp_folder_new();

    *state = g_build_filename(root, "mail", NULL);
    return maildir_make_folder(*state, ".", NULL) && maildir_make_folder(*state, ".Work", NULL) ? 0 : -1;
}

static int remove_root(void **state)
{
    temp_folder_free(g_path_get_dirname(*state));
    g_free(*state);
    return 0;
}

/* A file of another program's. */
static void put(const char *root, const char *path, const char *text)
{
    g_autofree char *at = g_build_filename(root, path, NULL);

    assert_true(g_file_set_contents(at, text, -1, NULL));
}

static gboolean has(const char *root, const char *path)
{
    g_autofree char *at = g_build_filename(root, path, NULL);

    return access(at, F_OK) == 0;
}

static MaildirFolder *open_folder(const char *root, const char *raw)
{
    g_autoptr(GError) error = NULL;
    MaildirFolder *folder = maildir_open(root, raw, &error);

    assert_null(error);
    assert_non_null(folder);
    return folder;
}

/* "base:flags base:flags …", new ones with '!' */
static char *listed(MaildirFolder *folder)
{
    const GPtrArray *files = maildir_list(folder, NULL);
    GString *all = g_string_new(NULL);

    assert_non_null(files);
    for (guint i = 0; i < files->len; i++) {
        const MaildirFile *file = files->pdata[i];
        g_string_append_printf(all, "%s%s%s=%x", i ? " " : "", file->is_new ? "!" : "", file->base,
                               file->flags);
    }
    return g_string_free(all, FALSE);
}

static void check_list(MaildirFolder *folder, const char *expected)
{
    g_autofree char *all = listed(folder);

    assert_string_equal(all, expected);
}

static void test_names(void **state)
{
    static const struct {
        const char *name, *base;
        uint32_t flags, letters;
    } ROWS[] = {{"1.a.h", "1.a.h", 0, 0},
                {"1.a.h:2,", "1.a.h", 0, 0},
                {"1.a.h:2,FS", "1.a.h", MAILDIR_FLAGGED | MAILDIR_SEEN, 0},
                {"1.a.h:2,DFPRST", "1.a.h", 0x3f, 0},
                {"1.a.h:2,Sac", "1.a.h", MAILDIR_SEEN, 5},
                {"1.a.h:2,S,extra", "1.a.h", MAILDIR_SEEN, 0},
                {"1.a.h:1,S", "1.a.h", 0, 0},
                {"", "", 0, 0},
                {":2,S", "", MAILDIR_SEEN, 0}};
    (void)state;

    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const MaildirNamed named = maildir_name_parse(ROWS[i].name);
        g_autofree char *base = g_strndup(ROWS[i].name, named.base_bytes);
        assert_string_equal(base, ROWS[i].base);
        assert_int_equal(named.flags, ROWS[i].flags);
        assert_int_equal(named.letters, ROWS[i].letters);
    }
    g_autofree char *bare = maildir_name_make("x", 0, 0, NULL), *was = maildir_name_make("x", 0, 0, "x:2,S"),
                    *all = maildir_name_make("x", MAILDIR_SEEN | MAILDIR_DRAFT, 3, "x:2,FXZ");
    assert_string_equal(bare, "x");
    assert_string_equal(was, "x:2,");
    assert_string_equal(all, "x:2,DSXZab"); /* letters that nobody here knows stay */
    g_autofree char *one = maildir_new_base(), *other = maildir_new_base();
    assert_string_not_equal(one, other);
    assert_null(strpbrk(one, "/:"));
}

static void test_folder_names(void **state)
{
    static const struct {
        const char *name, *raw;
    } ROWS[] = {{"INBOX", "."},
                {"Work", ".Work"},
                {"Work/2026", ".Work.2026"},
                {"Work/v1.2", ".Work.v1&AC4-2"},
                {"Äpfel & Birnen", ".&AMQ-pfel &- Birnen"},
                {"..", ".&AC4ALg-"},
                {"日本", ".&ZeVnLA-"}};
    (void)state;

    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *raw = maildir_raw_name(ROWS[i].name, NULL), *name = maildir_show_name(ROWS[i].raw);
        assert_string_equal(raw, ROWS[i].raw);
        assert_string_equal(name, ROWS[i].name);
        assert_true(i == 0 || maildir_is_raw_name(raw));
    }
    /* What others have spelled strangely is shown as it stands, so that no two folders have one name. */
    static const char *const STRANGE[] = {".a&AC8-b", ".a&AC4", ".&-&", ".a&ZeU-&ZyE-", ".inbox"};
    for (guint i = 0; i < G_N_ELEMENTS(STRANGE); i++) {
        g_autofree char *name = maildir_show_name(STRANGE[i]);
        assert_string_equal(name, STRANGE[i]);
    }
    g_autofree char *long_name = g_strnfill(300, 'x');
    g_autoptr(GError) error = NULL;
    assert_null(maildir_raw_name(long_name, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    assert_null(maildir_raw_name("a//b", NULL));
    assert_null(maildir_raw_name("", NULL));
    assert_false(maildir_is_raw_name(".."));
    assert_false(maildir_is_raw_name(".a."));
}

static void test_what_is_there(void **state)
{
    put(*state, "new/1.a.h", "x");
    put(*state, "cur/2.b.h:2,S", "x");
    put(*state, "new/3.c.h", "x");
    put(*state, "cur/3.c.h:2,RS", "x"); /* caught on its way from new/ to cur/ */
    put(*state, "cur/.hidden", "x");
    put(*state, "tmp/9.z.h", "x");
    g_autofree char *folder_path = g_build_filename(*state, "cur", "4.d.h:2,", NULL);
    assert_int_equal(mkdir(folder_path, 0700), 0);
    g_autoptr(MaildirFolder) folder = open_folder(*state, ".");
    check_list(folder, "!1.a.h=0 2.b.h=10 3.c.h=18");
}

static void test_flags_go_into_names(void **state)
{
    g_autoptr(MaildirFolder) folder = open_folder(*state, ".");
    MaildirFile file;

    put(*state, "new/1.a.h", "x");
    assert_int_equal(maildir_change(folder, "1.a.h", 0, MAILDIR_SEEN, 0, NULL, NULL, NULL), 1);
    assert_true(has(*state, "cur/1.a.h:2,S"));
    /* Another program renames it: it is looked for. */
    g_autofree char *from = g_build_filename(*state, "cur/1.a.h:2,S", NULL),
                    *to = g_build_filename(*state, "cur/1.a.h:2,FSX", NULL);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(
        maildir_change(folder, "1.a.h", MAILDIR_SEEN, MAILDIR_ANSWERED, MAILDIR_SEEN, NULL, NULL, NULL), 1);
    assert_true(has(*state, "cur/1.a.h:2,FRX"));
    assert_int_equal(maildir_find(folder, "1.a.h", 0, &file, NULL), 1);
    assert_int_equal(file.flags, MAILDIR_FLAGGED | MAILDIR_ANSWERED);
    assert_int_equal(maildir_change(folder, "2.gone", 0, MAILDIR_SEEN, 0, NULL, NULL, NULL), 0);
    assert_int_equal(maildir_change(folder, "../cur/1.a.h", 0, MAILDIR_SEEN, 0, NULL, NULL, NULL), 0);
    assert_int_equal(maildir_remove(folder, "1.a.h", 0, NULL), 1);
    assert_int_equal(maildir_remove(folder, "1.a.h", 0, NULL), 0);
    check_list(folder, "");
}

static char *keywords_of(MaildirFolder *folder, const char *base)
{
    MaildirFile file;

    assert_int_equal(maildir_find(folder, base, 0, &file, NULL), 1);
    g_auto(GStrv) words = maildir_keywords(folder, &file);
    return words ? g_strjoinv(" ", words) : g_strdup("");
}

static void check_keywords(const char *root, const char *raw, const char *base, const char *expected)
{
    g_autoptr(MaildirFolder) folder = open_folder(root, raw);
    g_autofree char *words = keywords_of(folder, base);

    assert_string_equal(words, expected);
}

static void test_keywords(void **state)
{
    static const char *const ADD[] = {"todo", "$Label1", NULL}, *const REMOVE[] = {"TODO", NULL};
    g_autoptr(MaildirFolder) folder = open_folder(*state, ".");

    put(*state, "cur/1.a.h:2,S", "x");
    put(*state, "cur/2 %b.h:2,", "x"); /* a name that others may give */
    assert_int_equal(maildir_change(folder, "1.a.h", 0, 0, 0, ADD, NULL, NULL), 1);
    assert_int_equal(maildir_change(folder, "2 %b.h", 0, 0, 0, ADD, NULL, NULL), 1);
    assert_true(maildir_flush(folder, NULL));
    check_keywords(*state, ".", "1.a.h", "todo $Label1");
    check_keywords(*state, ".", "2 %b.h", "todo $Label1");
    assert_int_equal(maildir_change(folder, "1.a.h", 0, 0, 0, NULL, REMOVE, NULL), 1);
    assert_true(maildir_flush(folder, NULL));
    check_keywords(*state, ".", "1.a.h", "$Label1");
    /* More than Dovecot has letters for. */
    for (int i = 0; i < 60; i++) {
        g_autofree char *word = g_strdup_printf("k%d", i);
        const char *const one[] = {word, NULL};
        assert_int_equal(maildir_change(folder, "1.a.h", 0, 0, 0, one, NULL, NULL), 1);
    }
    assert_true(maildir_flush(folder, NULL));
    g_autoptr(MaildirFolder) again = open_folder(*state, ".");
    g_autofree char *all = keywords_of(again, "1.a.h");
    assert_true(g_str_has_prefix(all, "$Label1 k0 k1 ") && g_str_has_suffix(all, " k59"));
}

static void test_keywords_of_dovecot(void **state)
{
    static const char *const ADD[] = {"$Junk", "own", NULL}, *const REMOVE[] = {"$Forwarded", NULL};
    g_autoptr(MaildirFolder) folder = open_folder(*state, ".");

    put(*state, "dovecot-keywords", "0 $Forwarded\n1 $Junk\nnonsense\n99 x\n");
    put(*state, "cur/1.a.h:2,Sa", "x");
    check_keywords(*state, ".", "1.a.h", "$Forwarded");
    assert_int_equal(maildir_change(folder, "1.a.h", 0, 0, 0, ADD, REMOVE, NULL), 1);
    assert_true(maildir_flush(folder, NULL));
    assert_true(has(*state, "cur/1.a.h:2,Sb"));
    check_keywords(*state, ".", "1.a.h", "own $Junk");
    /* Into a folder where letters mean nothing. */
    g_autoptr(MaildirFolder) work = open_folder(*state, ".Work");
    g_autofree char *base = NULL;
    assert_int_equal(maildir_move(folder, "1.a.h", 0, work, &base, NULL), 1);
    assert_true(maildir_flush(work, NULL) && maildir_flush(folder, NULL));
    assert_true(has(*state, ".Work/cur/1.a.h:2,S"));
    check_keywords(*state, ".Work", "1.a.h", "own $Junk");
}

static void test_a_damaged_list_of_keywords(void **state)
{
    put(*state, "cur/1.a.h:2,", "x");
    put(*state, "tern-keywords",
        "\n \n1.a.h one two\n1.a.h two three\nbroken\n%zz %41 \x01\x02\nlast one without an end");
    check_keywords(*state, ".", "1.a.h", "one two three");
}

static void test_moving(void **state)
{
    static const char *const TODO[] = {"todo", NULL};
    g_autoptr(MaildirFolder) inbox = open_folder(*state, "."), work = open_folder(*state, ".Work");
    g_autofree char *base = NULL, *again = NULL, *third = NULL, *gone = NULL;

    put(*state, "cur/1.a.h:2,FS", "one");
    assert_int_equal(maildir_change(inbox, "1.a.h", 0, 0, 0, TODO, NULL, NULL), 1);
    assert_int_equal(maildir_move(inbox, "1.a.h", 0, work, &base, NULL), 1);
    assert_string_equal(base, "1.a.h");
    assert_true(has(*state, ".Work/cur/1.a.h:2,FS"));
    assert_true(maildir_flush(work, NULL) && maildir_flush(inbox, NULL));
    check_keywords(*state, ".Work", "1.a.h", "todo");
    /* Once more, after a cut: it is there. */
    assert_int_equal(maildir_move(inbox, "1.a.h", 0, work, &again, NULL), 1);
    assert_string_equal(again, "1.a.h");
    /* Another message of that name is not written over. */
    put(*state, "new/1.a.h", "other");
    assert_int_equal(maildir_move(inbox, "1.a.h", 0, work, &third, NULL), 1);
    assert_string_not_equal(third, "1.a.h");
    g_autofree char *list = listed(work);
    assert_non_null(strstr(list, "1.a.h=12"));
    assert_non_null(strstr(list, third));
    assert_int_equal(maildir_move(inbox, "nothing", 0, work, &gone, NULL), 0);
}

static void test_copying(void **state)
{
    g_autoptr(MaildirFolder) inbox = open_folder(*state, "."), work = open_folder(*state, ".Work");

    put(*state, "cur/1.a.h:2,S", "one");
    assert_int_equal(maildir_copy(inbox, "1.a.h", 0, work, "copy", NULL), 1);
    assert_int_equal(maildir_copy(inbox, "1.a.h", 0, work, "copy", NULL), 1); /* after a cut */
    check_list(work, "copy=10");
    check_list(inbox, "1.a.h=10");
    assert_int_equal(maildir_change(work, "copy", 0, MAILDIR_FLAGGED, 0, NULL, NULL, NULL), 1);
    check_list(inbox, "1.a.h=10");
    assert_int_equal(maildir_copy(inbox, "nothing", 0, work, "other", NULL), 0);
}

/* Across file systems there are no links: the bytes, and the letters that the keywords have there. */
static void test_copying_without_links(void **state)
{
    g_autoptr(MaildirFolder) inbox = open_folder(*state, "."), work = open_folder(*state, ".Work");
    g_autoptr(GError) error = NULL;

    put(*state, "dovecot-keywords", "0 todo\n");
    put(*state, ".Work/dovecot-keywords", "0 other\n1 todo\n");
    put(*state, "cur/1.a.h:2,Sa", "one");
    put(*state, "cur/2.b.h:2,S", "two");
    links_fail = TRUE;
    assert_int_equal(maildir_copy(inbox, "1.a.h", 0, work, "copy", NULL), 1);
    assert_true(has(*state, ".Work/cur/copy:2,Sb") && has(*state, "cur/1.a.h:2,Sa"));
    check_keywords(*state, ".Work", "copy", "todo");
    /* Deleted by another program between the two. */
    assert_int_equal(maildir_find(inbox, "2.b.h", MAILDIR_SEEN, &(MaildirFile){0}, NULL), 1);
    vanishes = TRUE;
    assert_int_equal(maildir_copy(inbox, "2.b.h", MAILDIR_SEEN, work, "gone", &error), 0);
    links_fail = vanishes = FALSE;
    assert_null(error);
    check_list(work, "copy=10");
}

/* What another program renames while the folder is being read may be missing in that reading. */
static void test_missed_by_a_reading(void **state)
{
    g_autoptr(MaildirFolder) inbox = open_folder(*state, ".");
    MaildirFile file;

    put(*state, "cur/1.a.h:2,S", "one");
    check_list(inbox, "1.a.h=10");
    put(*state, "cur/2.b.h:2,FST", "two"); /* the listing has not got it, nor is its name guessed */
    assert_int_equal(maildir_remove(inbox, "3.c.h", 0, NULL), 0);
    assert_int_equal(maildir_change(inbox, "2.b.h", 0, MAILDIR_ANSWERED, 0, NULL, NULL, NULL), 1);
    assert_true(has(*state, "cur/2.b.h:2,FRST"));
    check_list(inbox, "1.a.h=10 2.b.h=3a");
    put(*state, "cur/4.d.h:2,FST", "four");
    assert_int_equal(maildir_remove(inbox, "4.d.h", 0, NULL), 1);
    assert_false(has(*state, "cur/4.d.h:2,FST"));
    assert_int_equal(maildir_find(inbox, "1.a.h", 0, &file, NULL), 1);
}

static void test_delivery(void **state)
{
    static const char *const TODO[] = {"todo", NULL};
    g_autoptr(MaildirFolder) folder = open_folder(*state, ".");
    g_autofree char *base = NULL;
    MaildirFile file;
    int64_t size, mtime_s;

    MaildirDelivery *delivery = maildir_deliver(folder, NULL, NULL);
    assert_true(file_write_all(maildir_delivery_fd(delivery), "Subject: x\n\n", 12, NULL));
    check_list(folder, "");
    assert_true(maildir_delivery_commit(delivery, MAILDIR_SEEN, TODO, 1000000000, &base, NULL));
    assert_true(maildir_flush(folder, NULL));
    assert_int_equal(maildir_find(folder, base, MAILDIR_SEEN, &file, NULL), 1);
    const int fd = maildir_read(folder, &file, &size, &mtime_s, NULL);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(size, 12);
    assert_int_equal(mtime_s, 1000000000);
    check_keywords(*state, ".", base, "todo");
    delivery = maildir_deliver(folder, "given", NULL);
    assert_true(maildir_delivery_commit(delivery, 0, NULL, 0, NULL, NULL));
    assert_true(has(*state, "new/given"));
    /* Synced ahead of its commit: many that wait for theirs hold no file open. */
    delivery = maildir_deliver(folder, "ahead", NULL);
    assert_true(maildir_delivery_sync(delivery, NULL));
    assert_int_equal(maildir_delivery_fd(delivery), -1);
    assert_true(maildir_delivery_commit(delivery, 0, NULL, 1000000000, NULL, NULL));
    assert_true(has(*state, "new/ahead"));
    maildir_delivery_discard(maildir_deliver(folder, "thrown-away", NULL));
    assert_false(has(*state, "tmp/thrown-away"));
    g_autofree char *path = maildir_path(*state, ".", base, 0), *none = maildir_path(*state, ".", "none", 0);
    assert_true(g_str_has_suffix(path, ":2,S"));
    assert_null(none);
    /* Without reading the folder: only as it is thought to be named. */
    g_autofree char *unlikely = maildir_likely_path(*state, ".", base, 0),
                    *likely = maildir_likely_path(*state, ".", base, MAILDIR_SEEN);
    assert_null(unlikely);
    assert_string_equal(likely, path);
    assert_null(maildir_likely_path(*state, ".", "../cur/x", 0));
}

/* All of them are on the disk at the end, however many threads there were; one that fails is told of, and the
 * others can still be committed or thrown away. */
static void check_many(const char *root, guint n, guint bad)
{
    g_autoptr(MaildirFolder) folder = open_folder(root, ".");
    g_autoptr(GPtrArray) deliveries = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    int ends[2] = {-1, -1};

    for (guint i = 0; i < n; i++)
        g_ptr_array_add(deliveries, maildir_deliver(folder, NULL, NULL));
    if (bad < n) { /* a pipe cannot be synced */
        assert_int_equal(pipe(ends), 0);
        assert_true(dup2(ends[1], maildir_delivery_fd(deliveries->pdata[bad])) >= 0);
    }
    MaildirSyncing *syncing =
        maildir_sync_begin((MaildirDelivery *const *)deliveries->pdata, deliveries->len, &error);
    assert_non_null(syncing);
    assert_int_equal(maildir_sync_end(syncing, &error), bad >= n);
    assert_true(bad >= n ? !error : tern_error_is(error, TERN_ERROR_STORE));
    for (guint i = 0; i < n; i++) {
        if (bad >= n)
            assert_int_equal(maildir_delivery_fd(deliveries->pdata[i]), -1);
        else if (i == bad)
            assert_true(maildir_delivery_fd(deliveries->pdata[i]) >= 0);
        maildir_delivery_discard(deliveries->pdata[i]);
    }
    close(ends[0]);
    close(ends[1]);
}

static void test_many_deliveries(void **state)
{
    check_many(*state, 0, 1);
    check_many(*state, 1, 1);
    check_many(*state, 1, 0);
    check_many(*state, 100, 100);
    check_many(*state, 100, 40);
}

/* Neither a link to somewhere else nor a pipe is read as a message. */
static void test_no_plain_files(void **state)
{
    g_autoptr(MaildirFolder) folder = open_folder(*state, ".");
    g_autofree char *link = g_build_filename(*state, "cur", "link", NULL),
                    *fifo = g_build_filename(*state, "cur", "pipe", NULL);
    int64_t size, mtime_s;

    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const GPtrArray *files = maildir_list(folder, NULL);
    assert_int_equal(files->len, 2);
    for (guint i = 0; i < files->len; i++) {
        g_autoptr(GError) error = NULL;
        assert_int_equal(maildir_read(folder, files->pdata[i], &size, &mtime_s, &error), -1);
        assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    }
}

static void age(const char *root, const char *path)
{
    const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    g_autofree char *at = g_build_filename(root, path, NULL);

    assert_int_equal(utimensat(AT_FDCWD, at, long_ago, 0), 0);
}

static void test_stamp(void **state)
{
    g_autoptr(MaildirFolder) folder = open_folder(*state, ".");

    assert_true(maildir_stamp(folder) == 0); /* just made */
    age(*state, "new");
    age(*state, "cur");
    const guint64 before = maildir_stamp(folder);
    assert_true(before != 0);
    assert_true(maildir_stamp(folder) == before);
    put(*state, "dovecot-keywords", "0 x\n");
    age(*state, "dovecot-keywords");
    const guint64 after = maildir_stamp(folder);
    assert_true(after != 0 && after != before);
    put(*state, "cur/1.a.h:2,", "x");
    assert_true(maildir_stamp(folder) == 0);
}

static void check_folders(const char *root, const char *expected)
{
    g_autoptr(GPtrArray) names = maildir_folders(root, NULL);

    assert_non_null(names);
    g_ptr_array_add(names, NULL);
    g_autofree char *all = g_strjoinv(" ", (char **)names->pdata);
    assert_string_equal(all, expected);
}

static void test_folders(void **state)
{
    const char *root = *state;
    g_autoptr(GError) error = NULL;

    assert_int_equal(maildir_root_is_there(root, NULL), 1);
    assert_true(maildir_make_folder(root, ".Work.2026", NULL));
    assert_true(maildir_make_folder(root, ".Work-not", NULL));
    put(root, ".Work.2026/cur/1.a.h:2,S", "x");
    check_folders(root, ". .Work .Work-not .Work.2026");
    assert_true(has(root, ".Work/maildirfolder"));
    assert_true(maildir_rename_folder(root, ".Work", ".Done", NULL));
    check_folders(root, ". .Done .Done.2026 .Work-not");
    assert_true(has(root, ".Done.2026/cur/1.a.h:2,S"));
    assert_true(maildir_rename_folder(root, ".Work", ".Done", NULL)); /* after a cut */
    assert_false(maildir_rename_folder(root, ".Done", ".Work-not", &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    assert_true(maildir_subscribe(root, ".Done", FALSE, NULL));
    g_autoptr(GHashTable) unsubscribed = maildir_unsubscribed(root, NULL);
    assert_true(g_hash_table_contains(unsubscribed, ".Done") && g_hash_table_size(unsubscribed) == 1);
    assert_true(maildir_delete_folder(root, ".Done", NULL));
    assert_true(maildir_delete_folder(root, ".Done", NULL));
    check_folders(root, ". .Done.2026 .Work-not");
    assert_false(maildir_delete_folder(root, ".", NULL));
}

static void put_link(const char *root, const char *name, const char *target)
{
    g_autofree char *to = g_build_filename(root, target, NULL), *at = g_build_filename(root, name, NULL);

    assert_int_equal(symlink(to, at), 0);
}

static void test_deletion_cut(void **state)
{
    const char *root = *state;

    assert_true(maildir_make_folder(root, "tern-deleted-x", NULL));
    put(root, "tern-deleted-x/cur/1.a.h:2,S", "x");
    put(root, "tern-deleted-notes", "not ours");
    check_folders(root, ". .Work"); /* reading changes nothing: it may be somebody else's Maildir */
    assert_true(has(root, "tern-deleted-x/cur/1.a.h:2,S"));
    maildir_finish_deletions(root);
    assert_false(has(root, "tern-deleted-x"));
    assert_true(has(root, "tern-deleted-notes"));
}

/* An unpacked archive can hold links of any name to anywhere. */
static void test_deletion_links(void **state)
{
    const char *root = *state;

    put(root, ".Work/cur/1.a.h:2,S", "x");
    put_link(root, "tern-deleted-link", ".Work");
    put_link(root, "tern-deleted-none", "nowhere");
    assert_true(maildir_make_folder(root, "tern-deleted-x", NULL));
    put_link(root, "tern-deleted-x/cur/link", ".Work");
    check_folders(root, ". .Work");
    assert_true(has(root, ".Work/cur/1.a.h:2,S"));
    maildir_finish_deletions(root);
    assert_false(has(root, "tern-deleted-link") || has(root, "tern-deleted-x"));
    assert_true(has(root, ".Work/cur/1.a.h:2,S"));
    put_link(root, ".Linked", ".Work");
    check_folders(root, ". .Linked .Work");
    assert_true(maildir_delete_folder(root, ".Linked", NULL));
    check_folders(root, ". .Work");
    assert_true(has(root, ".Work/cur/1.a.h:2,S"));
}

static void test_no_maildir(void **state)
{
    g_autofree char *none = g_strconcat(*state, "-none", NULL), *file = g_strconcat(*state, "-file", NULL);
    g_autoptr(GError) error = NULL;

    assert_int_equal(maildir_root_is_there(none, NULL), 0);
    assert_null(maildir_folders(none, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    assert_true(g_file_set_contents(file, "x", 1, NULL));
    assert_int_equal(maildir_root_is_there(file, NULL), -1);
    /* What a kill has left of the making of one is gone on with; anything else in it is somebody's. */
    g_autofree char *tmp = g_build_filename(none, "tmp", NULL), *new = g_build_filename(none, "new", NULL);
    assert_int_equal(g_mkdir_with_parents(tmp, 0700), 0);
    assert_int_equal(maildir_root_is_there(none, NULL), 0);
    assert_int_equal(g_mkdir_with_parents(new, 0700), 0);
    assert_int_equal(maildir_root_is_there(none, NULL), 0);
    put(none, "new/1.a.h", "x");
    assert_int_equal(maildir_root_is_there(none, NULL), -1);
    /* A folder that goes while it is open is an error, not empty. */
    g_autoptr(MaildirFolder) folder = open_folder(*state, ".Work");
    assert_true(maildir_delete_folder(*state, ".Work", NULL));
    assert_null(maildir_list(folder, NULL));
}

static GHashTable *wait_for_change(MaildirWatch *watch, gboolean *is_list_changed)
{
    struct pollfd fd = {maildir_watch_fd(watch), POLLIN, 0};

    assert_int_equal(poll(&fd, 1, 60000), 1);
    return maildir_watch_take(watch, is_list_changed);
}

static void test_hearing_of_changes(void **state)
{
    MaildirWatch *watch = maildir_watch_new(*state);
    gboolean is_list_changed;

    if (!watch)
        skip(); /* the kernel's limit of watches */
    assert_true(maildir_watch_folder(watch, ".") && maildir_watch_folder(watch, ".Work"));
    put(*state, ".Work/new/1.a.h", "x");
    g_autoptr(GHashTable) changed = wait_for_change(watch, &is_list_changed);
    assert_true(g_hash_table_contains(changed, ".Work") && !g_hash_table_contains(changed, "."));
    assert_false(is_list_changed);
    assert_true(maildir_rename_folder(*state, ".Work", ".Done", NULL));
    g_autoptr(GHashTable) renamed = wait_for_change(watch, &is_list_changed);
    assert_true(is_list_changed);
    assert_true(maildir_watch_folder(watch, ".Done"));
    put(*state, ".Done/new/2.a.h", "x");
    g_autoptr(GHashTable) done = wait_for_change(watch, &is_list_changed);
    assert_true(g_hash_table_contains(done, ".Done") && !g_hash_table_contains(done, ".Work"));
    /* A folder comes in pieces: it counts when the last one is there. */
    g_autofree char *slow = g_build_filename(*state, ".Slow", NULL),
                    *cur = g_build_filename(slow, "cur", NULL);
    assert_int_equal(mkdir(slow, 0700), 0);
    g_hash_table_unref(wait_for_change(watch, &is_list_changed));
    assert_true(is_list_changed);
    assert_int_equal(mkdir(cur, 0700), 0);
    g_hash_table_unref(wait_for_change(watch, &is_list_changed));
    assert_true(is_list_changed);
    maildir_watch_free(watch);
}

int main(void)
{
#define WITH_ROOT(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_folder_names),
        WITH_ROOT(test_what_is_there),
        WITH_ROOT(test_flags_go_into_names),
        WITH_ROOT(test_keywords),
        WITH_ROOT(test_keywords_of_dovecot),
        WITH_ROOT(test_a_damaged_list_of_keywords),
        WITH_ROOT(test_moving),
        WITH_ROOT(test_copying),
        WITH_ROOT(test_copying_without_links),
        WITH_ROOT(test_missed_by_a_reading),
        WITH_ROOT(test_delivery),
        WITH_ROOT(test_many_deliveries),
        WITH_ROOT(test_no_plain_files),
        WITH_ROOT(test_stamp),
        WITH_ROOT(test_folders),
        WITH_ROOT(test_deletion_cut),
        WITH_ROOT(test_deletion_links),
        WITH_ROOT(test_no_maildir),
        WITH_ROOT(test_hearing_of_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
