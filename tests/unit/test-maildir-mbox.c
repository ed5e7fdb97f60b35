/* Mailboxes of one file: the four dialects, marks both ways, and what others do meanwhile. */
#include "temp-folder.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "maildir/mbox.h"
#include "maildir/mbox_dotlock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define DATE "Mon Nov 30 10:00:00 2026"

static char *path_of(const char *folder, const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void put(const char *folder, const char *text)
{
    g_autofree char *path = path_of(folder, "box");

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *get(const char *folder)
{
    g_autofree char *path = path_of(folder, "box");
    char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static Mbox *open_box(const char *folder)
{
    g_autofree char *path = path_of(folder, "box"), *journal = path_of(folder, "journal");
    g_autoptr(GError) error = NULL;
    Mbox *mbox = mbox_open(path, journal, &error);

    if (!mbox)
        fail_msg("%s", error ? error->message : "no error");
    return mbox;
}

static char *text_of(Mbox *mbox, const char *folder, const MboxMessage *message)
{
    g_autofree char *path = path_of(folder, "out");
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char *text = NULL;

    assert_true(mbox_write(mbox, message, -1, fd, NULL));
    close(fd);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* All messages by themselves, parted by "|". */
static void check_texts(const char *folder, const char *expected)
{
    g_autoptr(Mbox) mbox = open_box(folder);
    const GPtrArray *messages = mbox_list(mbox, NULL);
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < messages->len; i++) {
        g_autofree char *text = text_of(mbox, folder, messages->pdata[i]);
        g_string_append_printf(all, "%s%s", i ? "|" : "", text);
    }
    assert_string_equal(all->str, expected);
}

static void test_dialects(void **state)
{
    static const struct {
        const char *file, *messages;
    } ROWS[] = {
        {"", ""},
        {"\n\n", ""},
        {"From a " DATE "\nSubject: x\n\ntext\n", "Subject: x\n\ntext\n"},
        {"From a " DATE "\nSubject: x\n\ntext", "Subject: x\n\ntext"},
        /* mboxo, mboxrd */
        {"From a " DATE "\nA: 1\n\n>From here\n\nFrom b " DATE "\nA: 2\n\ntwo\n\n",
         "A: 1\n\nFrom here\n|A: 2\n\ntwo\n"},
        {"From a " DATE "\nA: 1\n\n>>From here\n>From x\n\n", "A: 1\n\n>From here\nFrom x\n"},
        /* A sentence that begins with From is none. */
        {"From a " DATE "\nA: 1\n\none\n\nFrom here on\n\nFrom b " DATE "\nA: 2\n\n",
         "A: 1\n\none\n\nFrom here on\n|A: 2\n\n"},
        {"From a " DATE "\nA: 1\n\nno empty line\nFrom b " DATE "\n",
         "A: 1\n\nno empty line\nFrom b " DATE "\n"},
        /* mboxcl: as mboxo, with lengths */
        {"From a " DATE "\nContent-Length: 11\n\n>From here\n\nFrom b " DATE "\nA: 2\n\n",
         "Content-Length: 11\n\nFrom here\n|A: 2\n\n"},
        /* A length that is a lie is none. */
        {"From a " DATE "\nContent-Length: 3\n\nlonger than that\n\nFrom b " DATE "\nA: 2\n\n",
         "Content-Length: 3\n\nlonger than that\n|A: 2\n\n"},
        {"From a " DATE "\nContent-Length: 99999999999\n\nx\n\nFrom b " DATE "\nA: 2\n\n",
         "Content-Length: 99999999999\n\nx\n|A: 2\n\n"},
        /* No body, no header. */
        {"From a " DATE "\nA: 1\n\nFrom b " DATE "\n\nFrom c " DATE "\n", "A: 1\n\n|\n|"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        put(*state, ROWS[i].file);
        check_texts(*state, ROWS[i].messages);
    }
}

static void test_lengths_without_quotes(void **state)
{
    static const char BODY[] = "x\n\nFrom c " DATE "\n>From is as it was\n";
    g_autofree char *file = g_strdup_printf(
        "From a " DATE "\nContent-Length: %d\n\n%s\nFrom b " DATE "\nA: 2\n\n", (int)strlen(BODY), BODY);
    g_autofree char *expected = g_strdup_printf("Content-Length: %d\n\n%s|A: 2\n\n", (int)strlen(BODY), BODY);

    put(*state, file);
    check_texts(*state, expected);
}

static void test_no_mbox(void **state)
{
    g_autofree char *path = path_of(*state, "box");
    g_autoptr(GError) error = NULL;

    put(*state, "something else\n");
    assert_null(mbox_open(path, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    g_autofree char *none = path_of(*state, "none");
    g_autoptr(Mbox) empty = mbox_open(none, NULL, NULL);
    assert_int_equal(mbox_list(empty, NULL)->len, 0);
}

static const char THREE[] =
    "From a " DATE "\nSubject: 1\nStatus: RO\nX-Status: F\nX-Keywords: todo\n\none\n\n"
    "From b " DATE "\nSubject: 2\n\ntwo\n\n"
    "From c " DATE "\nSubject: 3\nX-Status:\n A\n\nthree\n\n";

static void test_marks_are_read(void **state)
{
    put(*state, THREE);
    g_autoptr(Mbox) mbox = open_box(*state);
    const GPtrArray *messages = mbox_list(mbox, NULL);
    const MboxMessage *one = messages->pdata[0], *two = messages->pdata[1];

    assert_int_equal(one->flags, MAILDIR_SEEN | MAILDIR_FLAGGED);
    assert_string_equal(one->keywords[0], "todo");
    assert_int_equal(two->flags, 0);
    assert_null(two->keywords);
    assert_int_equal(one->date_s, 1796032800);
    g_autofree char *text = text_of(mbox, *state, one);
    assert_string_equal(text, "Subject: 1\n\none\n");
}

static char *name_at(Mbox *mbox, guint n)
{
    const GPtrArray *messages = mbox_list(mbox, NULL);

    assert_true(n < messages->len);
    return g_strdup(((MboxMessage *)messages->pdata[n])->name);
}

static void test_marks_are_written(void **state)
{
    static const char *const ADD[] = {"new", NULL}, *const REMOVE[] = {"todo", NULL};

    put(*state, THREE);
    g_autoptr(Mbox) mbox = open_box(*state);
    g_autofree char *one = name_at(mbox, 0), *two = name_at(mbox, 1), *three = name_at(mbox, 2);
    assert_int_equal(mbox_change(mbox, one, MAILDIR_ANSWERED, MAILDIR_SEEN, ADD, REMOVE, NULL), 1);
    assert_int_equal(mbox_change(mbox, two, MAILDIR_SEEN, 0, NULL, NULL, NULL), 1);
    assert_int_equal(mbox_change(mbox, "gone", MAILDIR_SEEN, 0, NULL, NULL, NULL), 0);
    /* Somebody delivers before it is written. */
    g_autofree char *path = path_of(*state, "box");
    FILE *other = fopen(path, "a");
    fputs("From d " DATE "\nSubject: 4\n\nfour\n\n", other);
    fclose(other);
    assert_true(mbox_flush(mbox, NULL));
    g_autofree char *text = get(*state);
    assert_string_equal(text, "From a " DATE "\nSubject: 1\nX-Status: AF\nX-Keywords: new\n\none\n\n"
                              "From b " DATE "\nSubject: 2\nStatus: RO\n\ntwo\n\n"
                              "From c " DATE "\nSubject: 3\nX-Status:\n A\n\nthree\n\n"
                              "From d " DATE "\nSubject: 4\n\nfour\n\n");
    /* They are known by the same names. */
    g_autofree char *again = name_at(mbox, 0), *last = name_at(mbox, 2);
    assert_string_equal(again, one);
    assert_string_equal(last, three);
    g_autofree char *journal = path_of(*state, "journal");
    assert_false(g_file_test(journal, G_FILE_TEST_EXISTS));
}

static gboolean add(Mbox *mbox, const char *folder, const char *text, const char *sender, char **name_out)
{
    g_autofree char *path = path_of(folder, "in");
    g_file_set_contents(path, text, -1, NULL);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const gboolean ok = mbox_add(mbox, fd, sender, 1796032800, MAILDIR_SEEN, NULL, name_out, NULL);

    close(fd);
    return ok;
}

static void test_removing_and_adding(void **state)
{
    put(*state, THREE);
    g_autoptr(Mbox) mbox = open_box(*state);
    g_autofree char *two = name_at(mbox, 1), *name = NULL, *again = NULL;
    assert_int_equal(mbox_remove(mbox, two, NULL), 1);
    assert_true(add(mbox, *state, "Subject: n\nStatus: U\n\n>From x\nFrom y\nlast", "mark1", &name));
    assert_true(mbox_flush(mbox, NULL));
    check_texts(*state, "Subject: 1\n\none\n|Subject: 3\n\nthree\n|Subject: n\n\n>From x\nFrom y\nlast\n");
    g_autofree char *last = name_at(mbox, 2);
    assert_string_equal(last, name);
    /* A second time, after a cut: it is there. */
    assert_true(add(mbox, *state, "Subject: n\n\nx", "mark1", &again));
    assert_string_equal(again, name);
    assert_true(mbox_flush(mbox, NULL));
    assert_int_equal(mbox_list(mbox, NULL)->len, 3);
}

/* What comes with CRLF is quoted in its body too; a NUL is a byte as any other. */
static void test_adding_any_bytes(void **state)
{
    static const char TEXT[] =
        "Subject: n\r\nStatus: RO\r\n\r\na\0b\nFrom x " DATE "\r\n\r\nFrom y " DATE "\r\n";
    static const char EXPECTED[] = "Subject: n\r\n\r\na\0b\nFrom x " DATE "\r\n\r\nFrom y " DATE "\r\n";
    g_autofree char *in = path_of(*state, "in"), *out = path_of(*state, "out"), *name = NULL, *text = NULL;
    gsize size;

    put(*state, THREE);
    g_autoptr(Mbox) mbox = open_box(*state);
    assert_true(g_file_set_contents(in, TEXT, sizeof TEXT - 1, NULL));
    const int fd = open(in, O_RDONLY | O_CLOEXEC);
    assert_true(mbox_add(mbox, fd, "m", 1796032800, 0, NULL, &name, NULL));
    close(fd);
    assert_true(mbox_flush(mbox, NULL));
    assert_int_equal(mbox_list(mbox, NULL)->len, 4);
    g_free(text_of(mbox, *state, mbox_list(mbox, NULL)->pdata[3]));
    assert_true(g_file_get_contents(out, &text, &size, NULL));
    assert_int_equal(size, sizeof EXPECTED - 1);
    assert_memory_equal(text, EXPECTED, size);
}

/* Longer than what is read at once, with a separator across the border; in mboxcl2 it is measured. */
static void test_adding_long_lines(void **state)
{
    static const char UNQUOTED[] = "From a " DATE "\nContent-Length: 39\n\nx\n\nFrom c " DATE "\nyy\n\n";

    for (int i = 0; i < 12; i++) {
        g_autofree char *fill = g_strnfill((64 << 10) - 12 - 6 + i, 'x'), *name = NULL;
        g_autofree char *text = g_strdup_printf("Subject: n\n\n%s\n\nFrom x " DATE "\nlast", fill);
        g_autofree char *expected = g_strconcat(text, "\n", NULL);
        put(*state, i % 2 ? UNQUOTED : THREE);
        g_autoptr(Mbox) mbox = open_box(*state);
        const guint count = mbox_list(mbox, NULL)->len;
        assert_true(add(mbox, *state, text, "m", &name));
        assert_true(mbox_flush(mbox, NULL));
        assert_int_equal(mbox_list(mbox, NULL)->len, count + 1);
        g_autofree char *is = text_of(mbox, *state, mbox_list(mbox, NULL)->pdata[count]);
        assert_non_null(strstr(is, fill));
        assert_true(g_str_has_suffix(is, strstr(expected, "\n\nFrom x")));
    }
}

/* A message that could not be read to its end is not added, neither at once nor with the next one. */
static void test_half_a_message_is_none(void **state)
{
    g_autofree char *name = NULL, *none = NULL;
    g_autoptr(GError) error = NULL;

    put(*state, THREE);
    g_autoptr(Mbox) mbox = open_box(*state);
    const int folder = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* reading it fails */
    assert_false(mbox_add(mbox, folder, "m1", 1796032800, MAILDIR_SEEN, NULL, &none, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    assert_true(mbox_flush(mbox, NULL));
    g_autofree char *same = get(*state);
    assert_string_equal(same, THREE);
    assert_true(add(mbox, *state, "Subject: n\n\nx\n", "m2", &name));
    g_clear_error(&error);
    assert_false(mbox_add(mbox, folder, "m1", 1796032800, MAILDIR_SEEN, NULL, &none, &error));
    close(folder);
    assert_true(mbox_flush(mbox, NULL));
    g_autofree char *text = get(*state);
    g_autofree char *expected = g_strconcat(THREE, "From m2 " DATE "\nStatus: RO\nSubject: n\n\nx\n\n", NULL);
    assert_string_equal(text, expected);
}

/* Between the listing and the reading others write the file. */
static void test_changed_while_it_is_read(void **state)
{
    g_autofree char *path = path_of(*state, "box"), *other = path_of(*state, "other");
    g_autofree char *more = g_strconcat(THREE, "From d " DATE "\nSubject: 4\n\nfour\n\n", NULL);
    const char *without_one = strstr(THREE, "From b ");
    g_autoptr(GError) error = NULL;

    put(*state, THREE);
    g_autoptr(Mbox) mbox = open_box(*state);
    const MboxMessage *two = mbox_list(mbox, NULL)->pdata[1];
    /* Another file with one more behind: it is where it was. */
    assert_true(g_file_set_contents(other, more, -1, NULL));
    assert_int_equal(rename(other, path), 0);
    g_autofree char *text = text_of(mbox, *state, two);
    assert_string_equal(text, "Subject: 2\n\ntwo\n");
    /* The first one is gone; all are gone. */
    for (int i = 0; i < 2; i++) {
        g_autofree char *out = path_of(*state, "out");
        put(*state, i ? "" : without_one);
        const int fd = open(out, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        assert_false(mbox_write(mbox, two, -1, fd, &error));
        assert_true(tern_error_is(error, TERN_ERROR_STORE));
        assert_int_equal(lseek(fd, 0, SEEK_END), 0);
        close(fd);
        g_clear_error(&error);
    }
    put(*state, without_one);
    g_autofree char *again = text_of(mbox, *state, mbox_list(mbox, NULL)->pdata[0]);
    assert_string_equal(again, text);
}

static void test_adding_to_nothing(void **state)
{
    g_autoptr(Mbox) mbox = open_box(*state);
    g_autofree char *name = NULL;

    assert_true(add(mbox, *state, "Subject: n\n\nx\n", "m", &name));
    assert_true(mbox_flush(mbox, NULL));
    check_texts(*state, "Subject: n\n\nx\n");
}

/* What a program keeps for itself is no message, and stays. */
static void test_internal_data(void **state)
{
    static const char INTERNAL[] =
        "From MAILER-DAEMON " DATE "\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
        "X-IMAP: 1 2\n\nkeep\n\n";
    g_autofree char *file = g_strconcat(INTERNAL, THREE, NULL);

    put(*state, file);
    g_autoptr(Mbox) mbox = open_box(*state);
    assert_int_equal(mbox_list(mbox, NULL)->len, 3);
    g_autofree char *one = name_at(mbox, 0);
    assert_int_equal(mbox_remove(mbox, one, NULL), 1);
    assert_true(mbox_flush(mbox, NULL));
    g_autofree char *text = get(*state);
    assert_true(g_str_has_prefix(text, INTERNAL) && !strstr(text, "Subject: 1"));
}

static void test_locks(void **state)
{
    g_autofree char *path = path_of(*state, "box"), *lock = path_of(*state, "box.lock");
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

    put(*state, THREE);
    /* A dotlock that was left long ago is taken away. */
    assert_true(g_file_set_contents(lock, "1\n", -1, NULL));
    assert_int_equal(utimensat(AT_FDCWD, lock, old, 0), 0);
    mbox_close(open_box(*state));
    assert_int_equal(access(lock, F_OK), -1);
    assert_int_equal(access(path, F_OK), 0);
}

static MboxDotlockOwner owner_of(const char *text, gsize size, const char *host, gboolean is_own_disk)
{
    const MboxDotlockHere here = {host, "pid:[1]", is_own_disk};

    return mbox_dotlock_owner(text, size, &here);
}

static void test_dotlock_owners(void **state)
{
    static const struct {
        const char *text;
        gboolean is_own_disk;
        pid_t pid;
    } CASES[] = {
        {"4711\n", TRUE, 4711},
        {"4711", TRUE, 4711},
        {"  4711\n", TRUE, 0},
        {"4711\n", FALSE, 0}, /* of some machine */
        {"4711 here\n", FALSE, 4711},
        {"4711 here pid:[1] 99\n", FALSE, 4711},
        {"4711 here pid:[2] 99\n", TRUE, 0}, /* of another world of numbers */
        {"4711 here pid:[1]\n", TRUE, 0},
        {"4711 here pid:[1] 0\n", TRUE, 0},
        {"4711 here pid:[1] 99 and more\n", TRUE, 0},
        {"4711 there pid:[1] 99\n", TRUE, 0},
        {"4711:HERE", FALSE, 4711},
        {"4711 there\n", TRUE, 0},
        {"4711:there", TRUE, 0},
        {"4711here", TRUE, 0},
        {"0", TRUE, 0}, /* procmail */
        {"", TRUE, 0},
        {"-1\n", TRUE, 0},
        {"99999999999999999999\n", TRUE, 0},
        {"2147483648\n", TRUE, 0},
        {"pid 4711\n", TRUE, 0},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++)
        assert_int_equal(owner_of(CASES[i].text, strlen(CASES[i].text), "here", CASES[i].is_own_disk).pid,
                         CASES[i].pid);
    assert_int_equal(owner_of("4711 here pid:[1] 99\n", 21, "here", TRUE).ticks, 99);
    assert_int_equal(owner_of("4711 here\n", 10, "here", TRUE).ticks, 0);
    assert_int_equal(owner_of("4711\0\n", 6, "here", TRUE).pid, 0);
    assert_int_equal(owner_of("4711 \n", 6, "", TRUE).pid, 4711);
    g_autofree char *long_one = g_strnfill(4096, ' ');
    memcpy(long_one, "4711", 4);
    assert_int_equal(owner_of(long_one, 4096, "here", TRUE).pid, 0);
}

static pid_t ended_process(void)
{
    const pid_t child = fork();

    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return child;
}

/* A lock of that age, in seconds. */
static void put_lock(const char *lock, const char *text, int64_t age_s)
{
    const struct timespec at = {.tv_sec = (time_t)(clock_wall_s() - age_s)}, both[2] = {at, at};

    assert_true(g_file_set_contents(lock, text, -1, NULL));
    assert_int_equal(utimensat(AT_FDCWD, lock, both, 0), 0);
}

/* By one who has waited for it as long as it takes. */
static int take_at_last(const char *lock)
{
    MboxDotlockSeen seen = {0};
    const int taken = mbox_dotlock_take(lock, &seen);

    if (taken != 0)
        return taken;
    seen.since_us -= 10 * SECOND_US;
    return mbox_dotlock_take(lock, &seen);
}

/* At once. */
static int take_now(const char *lock)
{
    MboxDotlockSeen seen = {0};

    return mbox_dotlock_take(lock, &seen);
}

/* That of a dead process goes at once, that of a living one never, and nobody's after five minutes. */
static void test_dotlocks_of_the_dead(void **state)
{
    g_autofree char *lock = path_of(*state, "box.lock"), *made = NULL;
    char host[256] = "";
    assert_int_equal(gethostname(host, sizeof host - 1), 0);
    g_autofree char *dead = g_strdup_printf("%d %s\n", (int)ended_process(), host);
    g_autofree char *there = g_strdup_printf("%d another.host.of.the.test\n", atoi(dead));
    g_autofree char *own = g_strdup_printf("%d %s\n", (int)getpid(), host);

    put_lock(lock, dead, 0);
    assert_int_equal(take_now(lock), 1);
    assert_true(g_file_get_contents(lock, &made, NULL, NULL));
    assert_int_equal(atoi(made), getpid());
    assert_int_equal(take_at_last(lock), 0); /* its own, which lives */
    for (guint i = 0; i < 2; i++) {
        put_lock(lock, i ? there : "", 100);
        assert_int_equal(take_at_last(lock), 0);
        put_lock(lock, i ? there : "", 400);
        assert_int_equal(take_now(lock), 0); /* the clock may have jumped */
        assert_int_equal(take_at_last(lock), 1);
    }
    put_lock(lock, own, 400); /* this process is younger than that: its number was another's */
    assert_int_equal(take_at_last(lock), 1);
    clock_shift_boot_us(100000 * SECOND_US); /* now it began long before */
    put_lock(lock, own, 400);
    assert_int_equal(take_at_last(lock), 0);
    clock_shift_boot_us(-100000 * SECOND_US);
}

/* A tern's own says who it is, whatever the clock does: one with the same number that began at another time is
 * another process. */
static void test_dotlocks_of_terns(void **state)
{
    g_autofree char *lock = path_of(*state, "box.lock"), *made = NULL;

    assert_int_equal(take_now(lock), 1);
    assert_true(g_file_get_contents(lock, &made, NULL, NULL));
    put_lock(lock, made, 100000); /* or the clock was put forward by a day */
    assert_int_equal(take_at_last(lock), 0);
    g_auto(GStrv) words = g_strsplit(made, " ", -1);
    assert_int_equal(g_strv_length(words), 4);
    g_autofree char *other = g_strdup_printf("%s %s %s 1\n", words[0], words[1], words[2]);
    put_lock(lock, other, 0);
    assert_int_equal(take_now(lock), 1);
    g_autofree char *world = g_strdup_printf("%d %s pid:[1] 1\n", (int)ended_process(), words[1]);
    put_lock(lock, world, 0); /* nobody here knows whether that one lives */
    assert_int_equal(take_at_last(lock), 0);
}

/* Nobody takes away what another is just looking at. */
static void test_dotlock_is_looked_at_by_one(void **state)
{
    g_autofree char *lock = path_of(*state, "box.lock");

    put_lock(lock, "", 400);
    const int fd = file_lock(lock, TRUE, FALSE, NULL);
    assert_true(fd >= 0);
    assert_int_equal(take_at_last(lock), 0);
    close(fd);
    assert_int_equal(take_at_last(lock), 1);
}

static ino_t looked_for;
static guint synced;

int fsync(int fd)
{
    struct stat is;

    synced += fstat(fd, &is) == 0 && is.st_ino == looked_for;
    return (int)syscall(SYS_fsync, fd);
}

/* What is added to a file that has no durable name is lost with it in a power cut. */
static void test_a_new_file_is_durable(void **state)
{
    g_autofree char *folder = path_of(*state, "spool"), *path = path_of(folder, "box"),
                    *journal = path_of(*state, "journal"), *name = NULL;
    struct stat is;

    assert_true(file_make_folder(folder, NULL) && stat(folder, &is) == 0);
    looked_for = is.st_ino;
    g_autoptr(Mbox) mbox = mbox_open(path, journal, NULL);
    assert_int_equal(synced, 0);
    assert_true(add(mbox, *state, "Subject: 1\n\none\n", "m", &name) && mbox_flush(mbox, NULL));
    g_clear_pointer(&name, g_free);
    assert_int_equal(synced, 1);
    assert_true(add(mbox, *state, "Subject: 2\n\ntwo\n", "n", &name) && mbox_flush(mbox, NULL));
    assert_int_equal(synced, 1);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, temp_folder_make, temp_folder_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_dialects),
        IN_FOLDER(test_lengths_without_quotes),
        IN_FOLDER(test_no_mbox),
        IN_FOLDER(test_marks_are_read),
        IN_FOLDER(test_marks_are_written),
        IN_FOLDER(test_removing_and_adding),
        IN_FOLDER(test_adding_any_bytes),
        IN_FOLDER(test_adding_long_lines),
        IN_FOLDER(test_half_a_message_is_none),
        IN_FOLDER(test_changed_while_it_is_read),
        IN_FOLDER(test_adding_to_nothing),
        IN_FOLDER(test_a_new_file_is_durable),
        IN_FOLDER(test_internal_data),
        IN_FOLDER(test_locks),
        IN_FOLDER(test_dotlocks_of_the_dead),
        IN_FOLDER(test_dotlocks_of_terns),
        IN_FOLDER(test_dotlock_is_looked_at_by_one),
        cmocka_unit_test(test_dotlock_owners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
