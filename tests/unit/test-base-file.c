/* Files, paths, the trace and the message cache: file.h, paths.h, log.h, maildir/cache.h. */
#include "temp-folder.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char *folder; /* of this run */

static char *inside(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static unsigned mode_of(const char *path)
{
    struct stat is;

    assert_int_equal(stat(path, &is), 0);
    return is.st_mode & 07777;
}

static void test_read(void **state)
{
    (void)state;
    g_autofree char *path = inside("read");
    g_autofree char *missing = inside("missing");
    g_autoptr(GError) error = NULL;
    gsize size = 0;

    assert_true(file_write_atomic(path, "a\0b", 3, NULL));
    g_autofree char *text = file_read(path, 3, &size, NULL);
    assert_int_equal(size, 3);
    assert_memory_equal(text, "a\0b", 4);
    assert_null(file_read(path, 2, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_LIMIT));
    g_clear_error(&error);
    assert_null(file_read(missing, 100, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    assert_non_null(strstr(error->message, missing));
    /* What an editor may leave in its file's place: nobody waits for its other end. */
    g_autofree char *fifo = inside("fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    g_clear_error(&error);
    assert_null(file_read(fifo, 100, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
}

static guint piecemeal; /* 0: as it is; else every second call is interrupted, the others give two bytes */

ssize_t pread(int fd, void *data, size_t size, off_t at)
{
    if (piecemeal && piecemeal++ % 2) {
        errno = EINTR;
        return -1;
    }
    return syscall(SYS_pread64, fd, data, piecemeal ? MIN(size, 2) : size, at);
}

static void test_read_at(void **state)
{
    (void)state;
    g_autofree char *path = inside("read-at");
    char bytes[8] = "";

    assert_true(file_write_atomic(path, "abcdefg", 7, NULL));
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    piecemeal = 1;
    assert_int_equal(file_read_at(fd, bytes, 3, 2), 3);
    assert_string_equal(bytes, "cde");
    assert_int_equal(file_read_at(fd, bytes, sizeof bytes, 0), 7);
    assert_string_equal(bytes, "abcdefg");
    assert_int_equal(file_read_at(fd, bytes, sizeof bytes, 5), 2);
    assert_int_equal(file_read_at(fd, bytes, sizeof bytes, 7), 0);
    piecemeal = 0;
    close(fd);
    assert_int_equal(file_read_at(fd, bytes, sizeof bytes, 0), -1);
    assert_int_equal(errno, EBADF);
}

static void test_write(void **state)
{
    (void)state;
    g_autofree char *path = inside("write");
    g_autofree char *nowhere = inside("no/where");
    g_autoptr(GError) error = NULL;

    umask(0);
    assert_true(file_write_atomic(path, "old", 3, NULL));
    assert_true(file_write_atomic(path, "new", 3, NULL));
    umask(022);
    assert_int_equal(mode_of(path), 0600);
    g_autofree char *text = file_read(path, 10, NULL, NULL);
    assert_string_equal(text, "new");
    assert_false(file_write_atomic(nowhere, "x", 1, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
}

/* Nothing is left of a write that fails half way. */
static void test_write_fails(void **state)
{
    (void)state;
    g_autofree char *path = inside("limited");
    g_autofree char *big = g_malloc0(1 << 20);
    int status;

    assert_true(file_write_atomic(path, "old", 3, NULL));
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096});
        _exit(file_write_atomic(path, big, 1 << 20, NULL) ? 1 : 0);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    g_autofree char *text = file_read(path, 10, NULL, NULL);
    assert_string_equal(text, "old");
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));)
        assert_false(g_str_has_prefix(name, "limited."));
}

/* Which folders were synced, by their numbers. */
static GArray *synced;

int fsync(int fd)
{
    struct stat is;

    if (synced && fstat(fd, &is) == 0)
        g_array_append_val(synced, is.st_ino);
    return (int)syscall(SYS_fsync, fd);
}

static gboolean was_synced(const char *path)
{
    struct stat is;
    gboolean found = FALSE;

    assert_int_equal(stat(path, &is), 0);
    for (guint i = 0; i < synced->len; i++)
        found |= g_array_index(synced, ino_t, i) == is.st_ino;
    return found;
}

static void test_new_folders_are_durable(void **state)
{
    g_autofree char *deep = inside("new/one/two"), *above = inside("new/one"), *top = inside("new");

    (void)state;
    synced = g_array_new(FALSE, FALSE, sizeof(ino_t));
    assert_true(file_make_folder(deep, NULL));
    assert_true(was_synced(folder) && was_synced(top) && was_synced(above));
    g_array_set_size(synced, 0);
    assert_true(file_make_folder(deep, NULL));
    assert_int_equal(synced->len, 0);
    g_clear_pointer(&synced, g_array_unref);
}

static void test_folder(void **state)
{
    (void)state;
    g_autofree char *deep = inside("a/b/c");
    g_autofree char *above = inside("a");
    g_autofree char *file = inside("file");
    g_autofree char *below_file = inside("file/x");
    g_autoptr(GError) error = NULL;

    assert_true(file_make_folder(deep, NULL));
    assert_true(file_make_folder(deep, NULL));
    assert_int_equal(mode_of(deep), 0700);
    assert_int_equal(mode_of(above), 0700);
    assert_true(file_write_atomic(file, "", 0, NULL));
    assert_false(file_make_folder(file, NULL));
    assert_false(file_make_folder(below_file, &error));
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
}

static void test_lock(void **state)
{
    (void)state;
    g_autofree char *path = inside("lock");
    g_autoptr(GError) error = NULL;

    const int one = file_lock(path, FALSE, FALSE, NULL), two = file_lock(path, FALSE, FALSE, NULL);
    assert_true(one >= 0 && two >= 0);
    assert_int_equal(file_lock(path, TRUE, FALSE, &error), -1);
    assert_null(error);
    close(one);
    close(two);
    const int three = file_lock(path, TRUE, FALSE, &error);
    assert_true(three >= 0);
    assert_int_equal(file_lock(path, FALSE, FALSE, &error), -1);
    close(three);
    assert_int_equal(file_lock("/nowhere/lock", TRUE, FALSE, &error), -1);
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
}

static void test_paths(void **state)
{
    (void)state;
    g_unsetenv("XDG_RUNTIME_DIR");
    g_autoptr(Paths) own = paths_new("/some/./profile");
    assert_string_equal(own->config, "/some/profile/tern.conf");
    assert_string_equal(own->data, "/some/profile/data");
    assert_string_equal(own->cache, "/some/profile/cache");
    assert_string_equal(own->run, own->data);
    g_setenv("XDG_RUNTIME_DIR", folder, TRUE);
    g_autoptr(Paths) one = paths_new("/a"), other = paths_new("/b");
    assert_true(g_str_has_prefix(one->run, folder));
    assert_string_not_equal(one->run, other->run);
    g_unsetenv("XDG_RUNTIME_DIR");
}

static void test_log(void **state)
{
    (void)state;
    g_autofree char *path = inside("trace");
    g_autofree char *long_one = g_strnfill(5000, 'x');

    assert_false(log_is_on());
    log_line("nobody", "reads this");
    assert_true(log_open(path, NULL));
    assert_true(log_is_on());
    log_bytes("imap work/1", '<', "* OK \x1b[31m\xff\r\n", 13);
    log_bytes("imap work/1", '<', long_one, 5000);
    log_line("engine", "%s", "tab\there");
    log_close();
    assert_false(log_is_on());
    assert_int_equal(mode_of(path), 0600);
    g_autofree char *text = file_read(path, 1 << 20, NULL, NULL);
    assert_non_null(strstr(text, "imap work/1 < * OK \\x1b[31m\\xff\\r\\n"));
    assert_non_null(strstr(text, "5000 bytes in all"));
    assert_non_null(strstr(text, "engine - tab\\x09here"));
    assert_true(strlen(text) < 4000);
    /* Date and time of this place, so that it can be laid beside a server's log. */
    assert_true(g_regex_match_simple("^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} imap work/1 < ",
                                     text, 0, 0));
}

static void test_empty_folder(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *top = g_build_filename(folder, "full", NULL), *deep = g_build_filename(top, "a/b", NULL),
                    *file = g_build_filename(deep, "file", NULL),
                    *link = g_build_filename(folder, "to-full", NULL),
                    *outside = g_build_filename(folder, "outside", NULL),
                    *kept = g_build_filename(outside, "kept", NULL),
                    *out = g_build_filename(top, "a/out", NULL);

    assert_true(file_empty_folder(top, &error));
    assert_false(g_file_test(top, G_FILE_TEST_EXISTS));
    assert_true(file_make_folder(deep, NULL) && file_make_folder(outside, NULL));
    assert_true(file_write_atomic(file, "x", 1, NULL));
    assert_int_equal(symlink(outside, out), 0);
    assert_int_equal(symlink(top, link), 0);
    assert_true(file_write_atomic(kept, "x", 1, NULL));
    assert_false(file_empty_folder(link, &error)); /* whose folder it leads to is not known */
    assert_true(tern_error_is(error, TERN_ERROR_STORE) && g_file_test(file, G_FILE_TEST_EXISTS));
    g_clear_error(&error);
    assert_false(file_empty_folder(file, NULL));
    assert_true(file_empty_folder(top, &error));
    assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK) && g_file_test(top, G_FILE_TEST_IS_DIR));
    assert_int_equal(rmdir(top), 0);
    assert_true(g_file_test(kept, G_FILE_TEST_EXISTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),         cmocka_unit_test(test_write),
        cmocka_unit_test(test_write_fails),  cmocka_unit_test(test_new_folders_are_durable),
        cmocka_unit_test(test_folder),       cmocka_unit_test(test_lock),
        cmocka_unit_test(test_paths),        cmocka_unit_test(test_log),
        cmocka_unit_test(test_empty_folder), cmocka_unit_test(test_read_at),
    };
    folder = temp_folder_new();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temp_folder_free(folder);
    return failed;
}
