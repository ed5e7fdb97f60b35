/* The outbox as files: what is queued is there whole and in order, an envelope comes back as it was, and
 * what a process that is no more had begun is brought to where it says so. */
#include "temp-folder.h"

#include "maildir/outbox.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char *folder;

static int setup(void **state)
{
    (void)state;
    folder = temp_folder_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temp_folder_free(folder);
    return 0;
}

static OutboxEnvelope *queue(Outbox *outbox, const char *text)
{
    g_autoptr(OutboxFile) file = outbox_begin(outbox, NULL);
    OutboxEnvelope *envelope = outbox_envelope_new("work", "ada@example.org");

    assert_non_null(file);
    assert_true(file_write_all(outbox_file_fd(file), text, strlen(text), NULL));
    outbox_envelope_add(envelope, "bob@example.org");
    outbox_envelope_add(envelope, "Eve@example.org");
    outbox_envelope_add(envelope, "BOB@example.org");
    assert_true(outbox_queue(outbox, file, envelope, NULL));
    return envelope;
}

static guint count(Outbox *outbox)
{
    g_autoptr(GPtrArray) all = outbox_list(outbox, NULL, NULL);
    return all->len;
}

static void test_queue(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) first = queue(outbox, "one"), second = queue(outbox, "two");
    char text[10] = "";
    struct stat about;

    (void)state;
    assert_int_equal(first->id, 1);
    assert_int_equal(second->id, 2);
    assert_int_equal(first->recipients->len, 2);
    g_autoptr(GPtrArray) all = outbox_list(outbox, "work", NULL);
    assert_int_equal(all->len, 2);
    assert_int_equal(((OutboxEnvelope *)all->pdata[1])->id, 2);
    const int fd = outbox_open_message(outbox, 2, NULL);
    assert_int_equal(read(fd, text, sizeof text), 3);
    assert_string_equal(text, "two");
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    close(fd);
    g_autoptr(GPtrArray) others = outbox_list(outbox, "home", NULL);
    assert_int_equal(others->len, 0);

    /* A number is not given twice, also when nothing is left of it. */
    assert_true(outbox_remove(outbox, 2, NULL, NULL, NULL));
    assert_true(outbox_remove(outbox, 1, NULL, NULL, NULL));
    assert_int_equal(count(outbox), 0);
    g_autoptr(OutboxEnvelope) third = queue(outbox, "three");
    assert_int_equal(third->id, 3);
    g_autofree char *last = g_build_filename(folder, "outbox", "last", NULL);
    unlink(last);
    g_autoptr(OutboxEnvelope) fourth = queue(outbox, "four");
    assert_int_equal(fourth->id, 4);
}

static void test_not_queued(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autofree char *tmp = g_build_filename(folder, "outbox", "tmp", NULL);

    (void)state;
    outbox_file_free(outbox_begin(outbox, NULL));
    assert_int_equal(count(outbox), 0);
    g_autoptr(GDir) dir = g_dir_open(tmp, 0, NULL);
    assert_null(g_dir_read_name(dir));
}

static gboolean fill(OutboxEnvelope *envelope, void *data, GError **error)
{
    OutboxRecipient *bob = envelope->recipients->pdata[0];

    (void)data, (void)error;
    bob->fate = OUTBOX_REFUSED;
    bob->reason = g_strdup("no; [x] = y\n# \xf0\x9f\x98\x80\\s");
    envelope->state = OUTBOX_HELD;
    envelope->tries = 3;
    envelope->not_before_s = 1234567890123;
    envelope->error = g_strdup(" leading, trailing \n");
    envelope->subject = g_strdup("caf\xc3\xa9; \xff");
    envelope->message_id = g_strdup("a@b");
    envelope->notify = 6;
    envelope->requires_tls = envelope->wants_copy = TRUE;
    envelope->copy_to = g_strdup("Sent/2026");
    envelope->answers = 5;
    return TRUE;
}

static void test_envelope(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) queued = queue(outbox, "x");
    g_autoptr(OutboxEnvelope) changed = NULL;

    (void)state;
    assert_true(outbox_change(outbox, queued->id, fill, NULL, &changed, NULL));
    g_autoptr(OutboxEnvelope) read = outbox_read(outbox, queued->id, NULL);
    const OutboxRecipient *bob = read->recipients->pdata[0], *eve = read->recipients->pdata[1];
    assert_string_equal(bob->reason, "no; [x] = y\n# \xf0\x9f\x98\x80\\s");
    assert_int_equal(bob->fate, OUTBOX_REFUSED);
    assert_string_equal(eve->address, "Eve@example.org");
    assert_int_equal(eve->fate, OUTBOX_WAITING);
    assert_null(eve->reason);
    assert_string_equal(outbox_state_name(read->state), "held");
    assert_int_equal(read->tries, 3);
    assert_int_equal(read->not_before_s, 1234567890123);
    assert_string_equal(read->error, " leading, trailing \n");
    assert_string_equal(read->subject, "caf\xc3\xa9; \xef\xbf\xbd");
    assert_string_equal(read->message_id, "a@b");
    assert_string_equal(read->copy_to, "Sent/2026");
    assert_true(read->requires_tls && read->wants_copy && !read->is_copying && !read->is_marked);
    assert_int_equal(read->notify, 6);
    assert_int_equal(read->answers, 5);
    assert_int_equal(read->forwards, 0);
    assert_true(read->queued_s > 0);
    assert_int_equal(outbox_envelope_count(read, OUTBOX_WAITING), 1);
    assert_true(outbox_envelope_equals(read, changed));
    assert_false(outbox_envelope_equals(read, queued));
    outbox_wait(changed, 100);
    assert_true(outbox_envelope_equals(read, changed));
    OutboxRecipient *last = changed->recipients->pdata[1];
    last->fate = OUTBOX_TAKEN;
    assert_false(outbox_envelope_equals(read, changed));
    OutboxEnvelope *none = queued;
    assert_true(outbox_change(outbox, 999, fill, NULL, &none, NULL));
    assert_null(none);
}

#define DAY_S (24 * 60 * 60)

/* Waits for 10 s, by a clock that is set back by a day right after. */
static gboolean wait_10_s(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)error;
    envelope->state = *(OutboxState *)data;
    envelope->is_undoable = TRUE;
    outbox_wait(envelope, 10);
    envelope->not_before_s += DAY_S;
    return TRUE;
}

static gboolean name_time(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)error;
    envelope->state = OUTBOX_HELD;
    envelope->is_undoable = FALSE;
    envelope->not_before_s = *(int64_t *)data;
    return TRUE;
}

/* What waits for so long waits no longer, whatever the clock on the wall says by then. */
static void test_clock_set_back(void **state)
{
    static OutboxState states[] = {OUTBOX_HELD, OUTBOX_QUEUED};
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
        g_autoptr(OutboxEnvelope) queued = queue(outbox, "x");
        assert_true(outbox_change(outbox, queued->id, wait_10_s, &states[i], NULL, NULL));
        g_autoptr(OutboxEnvelope) read = outbox_read(outbox, queued->id, NULL);
        assert_true(read->not_before_s <= clock_wall_s() + 10);
        clock_shift_boot_us(11 * SECOND_US);
        g_autoptr(OutboxEnvelope) due = outbox_read(outbox, queued->id, NULL);
        assert_true(due->not_before_s <= clock_wall_s());
        int64_t named_s = clock_wall_s() + DAY_S; /* a time of day is the wall's */
        assert_true(outbox_change(outbox, queued->id, name_time, &named_s, NULL, NULL));
        g_autoptr(OutboxEnvelope) later = outbox_read(outbox, queued->id, NULL);
        assert_int_equal(later->not_before_s, named_s);
        assert_true(outbox_remove(outbox, queued->id, NULL, NULL, NULL));
    }
}

static gboolean begin(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)error;
    envelope->state = OUTBOX_SENDING;
    envelope->is_marked = data != NULL;
    return TRUE;
}

static void test_recovery(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) before = queue(outbox, "1"), after = queue(outbox, "2");

    (void)state;
    assert_true(outbox_change(outbox, before->id, begin, NULL, NULL, NULL));
    assert_true(outbox_change(outbox, after->id, begin, &folder, NULL, NULL));
    const int fd = outbox_begin_sending(outbox, NULL);
    assert_true(fd >= 0);
    g_autoptr(OutboxEnvelope) first = outbox_read(outbox, before->id, NULL);
    g_autoptr(OutboxEnvelope) second = outbox_read(outbox, after->id, NULL);
    assert_int_equal(first->state, OUTBOX_QUEUED);
    assert_int_equal(second->state, OUTBOX_UNKNOWN);
    assert_non_null(second->error);

    /* While one sends nobody else does, nor is what it does taken for left over. */
    assert_true(outbox_change(outbox, before->id, begin, NULL, NULL, NULL));
    g_autoptr(Outbox) other = outbox_open(folder, NULL);
    assert_int_equal(outbox_begin_sending(other, NULL), -1);
    g_autoptr(OutboxEnvelope) still = outbox_read(outbox, before->id, NULL);
    assert_int_equal(still->state, OUTBOX_SENDING);
    close(fd);
    close(outbox_begin_sending(other, NULL));
    g_autoptr(OutboxEnvelope) again = outbox_read(outbox, before->id, NULL);
    assert_int_equal(again->state, OUTBOX_QUEUED);
}

static char *envelope_path(int64_t id)
{
    return g_strdup_printf("%s/outbox/envelopes/%d", folder, (int)id);
}

/* Nothing that is damaged is sent, lost or silent. */
static void test_damage(void **state)
{
    static const char *const TEXTS[] = {
        "",
        "[envelope]\nstate=queued\naccount=a\nsender=b\n",
        "[envelope]\nstate=queued\naccount=a\nsender=b\n[recipient 0]\naddress=c\nfate=odd\n",
        "[envelope]\nstate=odd\naccount=a\nsender=b\n[recipient 0]\naddress=c\nfate=waiting\n",
        "[envelope]\nstate=queued\nsender=b\n[recipient 0]\naddress=c\nfate=waiting\n",
        "\x01\x02",
    };
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) queued = queue(outbox, "x");
    g_autofree char *path = envelope_path(queued->id);

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        assert_true(g_file_set_contents(path, TEXTS[i], -1, NULL));
        g_autoptr(OutboxEnvelope) read = outbox_read(outbox, queued->id, NULL);
        assert_int_equal(read->state, OUTBOX_FAILED);
        assert_non_null(strstr(read->error, "damaged"));
    }
    unlink(path);
    g_autoptr(GPtrArray) all = outbox_list(outbox, NULL, NULL);
    assert_int_equal(all->len, 1);
    assert_int_equal(((OutboxEnvelope *)all->pdata[0])->state, OUTBOX_FAILED);
    close(outbox_begin_sending(outbox, NULL));
    assert_int_equal(count(outbox), 1);
    assert_true(outbox_remove(outbox, queued->id, NULL, NULL, NULL));
    assert_int_equal(count(outbox), 0);
}

static gboolean vanish(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    envelope->is_gone = TRUE;
    return TRUE;
}

static gboolean refuse(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)envelope, (void)data, (void)error;
    return FALSE;
}

/* Its files cannot be taken away; it is gone all the same, and nothing else waits for that. */
static void test_removal_that_leaves_files(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) queued = queue(outbox, "x");
    g_autofree char *message = outbox_message_path(outbox, queued->id), *path = envelope_path(queued->id);

    (void)state;
    unlink(message);
    assert_int_equal(g_mkdir(message, 0700), 0);
    assert_true(outbox_remove(outbox, queued->id, NULL, NULL, NULL));
    assert_int_equal(count(outbox), 0);
    const int fd = outbox_begin_sending(outbox, NULL);
    assert_true(fd >= 0);
    close(fd);
    g_rmdir(message);
    close(outbox_begin_sending(outbox, NULL));
    assert_int_not_equal(access(path, F_OK), 0);
}

static void test_removal(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) queued = queue(outbox, "x");
    g_autofree char *path = envelope_path(queued->id);

    (void)state;
    assert_true(outbox_remove(outbox, queued->id, refuse, NULL, NULL));
    assert_int_equal(count(outbox), 1);
    /* Cut off in the middle, it is taken to its end. */
    assert_true(outbox_change(outbox, queued->id, vanish, NULL, NULL, NULL));
    assert_int_equal(count(outbox), 0);
    assert_int_equal(access(path, F_OK), 0);
    close(outbox_begin_sending(outbox, NULL));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(outbox_open_message(outbox, queued->id, NULL), -1);
}

static gboolean finish(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    envelope->state = OUTBOX_SENT;
    envelope->wants_copy = FALSE;
    envelope->answers = envelope->forwards = 0;
    return TRUE;
}

static gboolean want_copy(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)data, (void)error;
    envelope->state = OUTBOX_SENT;
    envelope->wants_copy = TRUE;
    return TRUE;
}

/* Of one that was sent, with nothing left to do, no write says that it is being removed: that its message is
 * gone does. */
static void test_removal_of_what_is_done(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) cut = queue(outbox, "cut off"), stuck = queue(outbox, "stuck"),
                              damaged = queue(outbox, "its copy is still to be filed");
    g_autofree char *message = outbox_message_path(outbox, cut->id), *path = envelope_path(cut->id);
    g_autofree char *stuck_message = outbox_message_path(outbox, stuck->id);
    g_autofree char *damaged_message = outbox_message_path(outbox, damaged->id);

    (void)state;
    assert_true(outbox_change(outbox, cut->id, finish, NULL, NULL, NULL));
    assert_true(outbox_change(outbox, stuck->id, finish, NULL, NULL, NULL));
    assert_true(outbox_change(outbox, damaged->id, want_copy, NULL, NULL, NULL));
    assert_int_equal(count(outbox), 3);
    unlink(message);
    unlink(damaged_message);
    assert_int_equal(count(outbox), 2);
    unlink(stuck_message);
    assert_int_equal(g_mkdir(stuck_message, 0700), 0);
    assert_true(outbox_remove(outbox, stuck->id, NULL, NULL, NULL));
    assert_int_equal(count(outbox), 1);
    close(outbox_begin_sending(outbox, NULL));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(count(outbox), 1); /* what is left to do is told of */
    g_rmdir(stuck_message);
}

static gboolean put_off(OutboxEnvelope *envelope, void *data, GError **error)
{
    (void)error;
    envelope->state = OUTBOX_HELD;
    envelope->not_before_s = *(int64_t *)data;
    return TRUE;
}

/* The number of the first that is due at that time, 0: none; and when the next one will be. */
static int64_t next_due(Outbox *outbox, int64_t now_s, int64_t *next_s_out)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(OutboxEnvelope) due = outbox_next_due(outbox, "work", now_s, next_s_out, &error);

    assert_null(error);
    return due ? due->id : 0;
}

static void test_what_is_due(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) held = queue(outbox, "1"), late = queue(outbox, "2"),
                              early = queue(outbox, "3"), last = queue(outbox, "4");
    int64_t next_s, never_s = 0, late_s = 2000, early_s = 1000;

    (void)state;
    assert_int_equal(next_due(outbox, 500, &next_s), held->id);
    assert_int_equal(next_s, 0);
    assert_true(outbox_change(outbox, held->id, put_off, &never_s, NULL, NULL));
    assert_true(outbox_change(outbox, late->id, put_off, &late_s, NULL, NULL));
    assert_true(outbox_change(outbox, early->id, put_off, &early_s, NULL, NULL));
    assert_int_equal(next_due(outbox, 500, &next_s), last->id);
    assert_true(outbox_change(outbox, last->id, begin, NULL, NULL, NULL));
    assert_int_equal(next_due(outbox, 500, &next_s), 0);
    assert_int_equal(next_s, early_s);
    assert_int_equal(next_due(outbox, 1000, &next_s), early->id);
    assert_int_equal(next_due(outbox, 2000, &next_s), late->id);
    g_autoptr(OutboxEnvelope) other = outbox_next_due(outbox, "home", 2000, &next_s, NULL);
    assert_null(other);
    assert_int_equal(next_s, 0);
}

/* What cannot be read is an error only for those that come after it. */
static void test_what_is_due_before_damage(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) first = queue(outbox, "1"), second = queue(outbox, "2");
    g_autofree char *path = envelope_path(second->id);
    g_autoptr(GError) error = NULL;
    int64_t next_s;

    (void)state;
    unlink(path);
    assert_int_equal(g_mkdir(path, 0700), 0);
    assert_int_equal(next_due(outbox, 500, &next_s), first->id);
    assert_true(outbox_remove(outbox, first->id, NULL, NULL, NULL));
    g_autoptr(OutboxEnvelope) due = outbox_next_due(outbox, "work", 500, &next_s, &error);
    assert_null(due);
    assert_true(tern_error_is(error, TERN_ERROR_STORE));
    g_rmdir(path);
}

/* A counter that is lost, as by a power cut, gives no number again that a message has. */
static void test_the_counter_is_lost(void **state)
{
    g_autoptr(Outbox) outbox = outbox_open(folder, NULL);
    g_autoptr(OutboxEnvelope) first = queue(outbox, "1"), second = queue(outbox, "2");
    g_autofree char *last = g_build_filename(folder, "outbox", "last", NULL);

    (void)state;
    assert_int_equal(second->id, first->id + 1);
    assert_true(g_file_set_contents(last, "", 0, NULL));
    g_autoptr(OutboxEnvelope) third = queue(outbox, "3");
    assert_int_equal(third->id, second->id + 1);
    assert_true(outbox_remove(outbox, third->id, NULL, NULL, NULL));
    g_autoptr(OutboxEnvelope) fourth = queue(outbox, "4");
    assert_int_equal(fourth->id, third->id + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_queue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_queued, setup, teardown),
        cmocka_unit_test_setup_teardown(test_envelope, setup, teardown),
        cmocka_unit_test_setup_teardown(test_clock_set_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recovery, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_removal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_removal_that_leaves_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_removal_of_what_is_done, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_due, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_due_before_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_counter_is_lost, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
