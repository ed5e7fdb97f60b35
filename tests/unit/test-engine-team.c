/* What the connections of one account share: who tries a password, who hears that another could log in, and
 * who does what takes long in a folder that is watched (team.h). */
#include "base/clock.h"
#include "base/error.h"
#include "engine/team.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define S SECOND_US
#define MEMBERS 3

typedef struct {
    ConfigAccount account;
    Team *team;
    Tasks *tasks[MEMBERS];
} Fixture;

static void drop_event(EngineEvent *event, guint crew, void *data)
{
    (void)crew, (void)data;
    engine_event_free(event);
}

static int setup(void **state)
{
    static char *watch[] = {"INBOX", "Lists", NULL};
    const TeamContext context = {drop_event, NULL, 0};
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->account.max_connections = MEMBERS;
    fixture->account.watch = watch;
    fixture->team = team_new(&fixture->account, &context);
    for (guint i = 0; i < MEMBERS; i++) {
        fixture->tasks[i] = tasks_new();
        assert_int_equal(team_join(fixture->team, fixture->tasks[i]), i);
    }
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    for (guint i = 0; i < MEMBERS; i++) {
        team_leave(fixture->team, i);
        tasks_free(fixture->tasks[i]);
    }
    team_unref(fixture->team);
    g_free(fixture);
    return 0;
}

static TeamTurn turn(const Fixture *fixture, guint member, guint version, int64_t now_us)
{
    g_autoptr(GError) error = NULL;
    const TeamTurn turn = team_turn(fixture->team, member, version, now_us, &error);

    assert_int_equal(error != NULL, turn == TEAM_REFUSED);
    return turn;
}

static void test_one_tries_and_all_know(void **state)
{
    const Fixture *fixture = *state;
    Team *team = fixture->team;
    g_autoptr(GError) refused = g_error_new_literal(TERN_ERROR, TERN_ERROR_AUTH, "check user and password");

    for (guint i = 0; i < MEMBERS; i++)
        team_dial(team, i, S);
    assert_int_equal(turn(fixture, 1, 5, S), TEAM_WAIT); /* the one that works goes first */
    assert_int_equal(turn(fixture, 0, 5, S), TEAM_GO);
    assert_int_equal(turn(fixture, 0, 5, S), TEAM_GO); /* asked again, it is still its own */
    assert_int_equal(turn(fixture, 2, 5, 9 * S), TEAM_WAIT);
    wake_clear(tasks_wake(fixture->tasks[1]));
    team_dialled(team, 0, 5, FALSE, refused);
    assert_true(wake_clear(tasks_wake(fixture->tasks[1])));
    assert_int_equal(turn(fixture, 1, 5, 2 * S), TEAM_REFUSED);
    assert_int_equal(turn(fixture, 2, 5, 2 * S), TEAM_REFUSED);
    assert_int_equal(turn(fixture, 1, 6, 2 * S), TEAM_GO); /* another password */
    assert_int_equal(turn(fixture, 2, 6, 2 * S), TEAM_WAIT);
    team_dialled(team, 1, 6, TRUE, NULL);
    assert_int_equal(turn(fixture, 2, 6, 2 * S), TEAM_GO);
    assert_int_equal(turn(fixture, 0, 6, 2 * S),
                     TEAM_GO); /* both at once: one that stands shows that it is right */
}

static void test_a_person_wants_it_tried(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) refused = g_error_new_literal(TERN_ERROR, TERN_ERROR_AUTH, "check user and password");

    assert_int_equal(turn(fixture, 2, 5, S), TEAM_GO);
    team_dialled(fixture->team, 2, 5, FALSE, refused);
    assert_int_equal(turn(fixture, 0, 5, S), TEAM_REFUSED);
    team_forget_refusal(fixture->team);
    assert_int_equal(turn(fixture, 0, 5, S), TEAM_GO);
}

/* Of several whose time has come to try a password again, one does. */
static void test_one_tries_it_again(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) refused = g_error_new_literal(TERN_ERROR, TERN_ERROR_AUTH, "check user and password");

    assert_int_equal(turn(fixture, 1, 5, S), TEAM_GO);
    team_dialled(fixture->team, 1, 5, FALSE, refused);
    team_forget_old_refusal(fixture->team, clock_now_us() - S); /* who was refused before that */
    assert_int_equal(turn(fixture, 2, 5, S), TEAM_REFUSED);
    team_forget_old_refusal(fixture->team, clock_now_us());
    assert_int_equal(turn(fixture, 2, 5, S), TEAM_GO);
}

/* A server that lets no more in, and says so as if the password were wrong. */
static void test_one_that_stands_shows_that_it_is_right(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) refused = g_error_new_literal(TERN_ERROR, TERN_ERROR_AUTH, "check user and password");

    assert_int_equal(turn(fixture, 0, 5, S), TEAM_GO);
    team_dialled(fixture->team, 0, 5, TRUE, NULL);
    assert_int_equal(turn(fixture, 1, 5, S), TEAM_GO);
    team_dialled(fixture->team, 1, 5, FALSE, refused);
    assert_int_equal(turn(fixture, 2, 5, S), TEAM_GO);
    /* Also when that one has fallen. */
    team_dialled(fixture->team, 0, 5, FALSE, NULL);
    assert_int_equal(turn(fixture, 0, 5, 2 * S), TEAM_GO);
}

/* Something else than the password: the next one tries. */
static void test_a_try_that_says_nothing(void **state)
{
    const Fixture *fixture = *state;

    assert_int_equal(turn(fixture, 0, 5, S), TEAM_GO);
    team_dialled(fixture->team, 0, 5, FALSE, NULL);
    assert_int_equal(turn(fixture, 1, 5, S), TEAM_GO);
}

/* The one that works may hang in a connection that others could make. */
static void test_the_first_hangs(void **state)
{
    const Fixture *fixture = *state;

    team_dial(fixture->team, 0, S);
    assert_int_equal(turn(fixture, 1, 5, 2 * S), TEAM_WAIT);
    assert_int_equal(turn(fixture, 1, 5, 10 * S), TEAM_GO);
    assert_int_equal(turn(fixture, 0, 5, 10 * S), TEAM_WAIT);
}

static void test_who_leaves_stops_nobody(void **state)
{
    const Fixture *fixture = *state;

    team_dial(fixture->team, 0, S);
    assert_int_equal(turn(fixture, 0, 5, S), TEAM_GO);
    team_leave(fixture->team, 0);
    assert_int_equal(turn(fixture, 1, 5, S), TEAM_GO);
}

static void test_a_login_is_told(void **state)
{
    const Fixture *fixture = *state;
    const guint before = team_logins(fixture->team);

    wake_clear(tasks_wake(fixture->tasks[0]));
    team_count_login(fixture->team, 1);
    assert_true(wake_clear(tasks_wake(fixture->tasks[0])));
    assert_int_equal(team_logins(fixture->team), before + 1);
}

static Task *promised(Promise *promise)
{
    Task *task = task_new(TASK_SYNC, URGENCY_ASKED, engine_request_new(ENGINE_VERB_SYNC, 7, "a", "INBOX", 0));

    task_promise(task, promise);
    return task;
}

static void test_the_watcher_is_given_what_takes_long(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Promise) promise = promise_new(tasks_wake(fixture->tasks[0]));
    Task *task = promised(promise);

    assert_false(team_has_watcher(fixture->team, 0, "INBOX", S));
    team_dialled(fixture->team, 1, 5, TRUE, NULL);
    assert_true(team_has_watcher(fixture->team, 0, "INBOX", S));
    assert_false(team_has_watcher(fixture->team, 1, "INBOX", S)); /* it is that one itself */
    assert_true(team_give_watcher(fixture->team, 0, "INBOX", S, task));
    assert_ptr_equal(tasks_pop(fixture->tasks[1], URGENCIES), task);
    assert_false(promise_is_kept(promise));
    tasks_end(fixture->tasks[1], task);
    task_free(task);
    assert_true(promise_is_kept(promise));
}

/* Two that were to watch one folder would give its sync to each other for ever. */
static void test_a_folder_named_twice_has_one_watcher(void **state)
{
    Fixture *fixture = *state;
    char *twice[] = {"INBOX", "inbox", NULL};

    fixture->account.watch = twice;
    team_set_watch(fixture->team, TEAM_WATCH_FOLDERS);
    for (guint i = 0; i < MEMBERS; i++)
        team_dialled(fixture->team, i, 5, TRUE, NULL);
    assert_string_equal(team_watched_by(fixture->team, 1, S), "INBOX");
    assert_null(team_watched_by(fixture->team, 2, S));
    assert_false(team_has_watcher(fixture->team, 1, "INBOX", S));
}

/* Between the look for it and the gift: nobody does it then but the one that wanted to give it. */
static void test_a_watcher_that_has_gone_takes_nothing(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Promise) promise = promise_new(tasks_wake(fixture->tasks[0]));
    Task *task = promised(promise);

    team_dialled(fixture->team, 1, 5, TRUE, NULL);
    assert_true(team_has_watcher(fixture->team, 0, "INBOX", S));
    team_set_up(fixture->team, 1, FALSE);
    assert_false(team_give_watcher(fixture->team, 0, "INBOX", S, task));
    assert_false(promise_is_kept(promise)); /* whoever asked would take it for done */
    assert_null(tasks_pop(fixture->tasks[1], URGENCIES));
    team_set_up(fixture->team, 1, TRUE);
    assert_true(team_give_watcher(fixture->team, 0, "INBOX", S, task));
    assert_ptr_equal(tasks_pop(fixture->tasks[1], URGENCIES), task);
    tasks_end(fixture->tasks[1], task);
    task_free(task);
}

/* Of two that were asked for at once the second to come does not count: it may be the older one. */
static void test_a_list_that_was_overtaken(void **state)
{
    const Fixture *fixture = *state;
    guint one = team_lists(fixture->team), other = team_lists(fixture->team);

    assert_true(team_list_counts(fixture->team, &other));
    assert_false(team_list_counts(fixture->team, &one));
    assert_true(team_list_counts(fixture->team, &other)); /* a part of it, after all was too much */
    one = team_lists(fixture->team);
    assert_true(team_list_counts(fixture->team, &one));
}

/* A part that failed, or that nobody got to, is not done; and none was cancelled by who asked. */
static void test_what_became_of_the_parts(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Promise) promise = promise_new(tasks_wake(fixture->tasks[0]));
    g_autoptr(GError) refused = g_error_new_literal(TERN_ERROR, TERN_ERROR_REFUSED, "no rights");
    g_autoptr(GError) lost = g_error_new_literal(TERN_ERROR, TERN_ERROR_NETWORK, "lost");
    g_autoptr(GError) error = NULL;
    Task *parts[] = {promised(promise), promised(promise), promised(promise), promised(promise)};

    task_settle(parts[0], NULL);
    task_free(parts[0]);
    assert_true(promise_check(promise, NULL));
    task_settle(parts[1], refused);
    task_settle(parts[2], lost);
    for (gsize i = 1; i < G_N_ELEMENTS(parts); i++) {
        assert_false(promise_is_kept(promise));
        task_free(parts[i]);
    }
    assert_true(promise_is_kept(promise));
    assert_false(promise_check(promise, &error));
    assert_string_equal(error->message, "no rights"); /* the first that failed */
    assert_false(promise_check(promise, NULL));
}

static void test_a_part_that_was_given_up(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) ended = g_error_new_literal(TERN_ERROR, TERN_ERROR_CANCELLED, "cancelled");

    for (int is_told = 0; is_told < 2; is_told++) {
        g_autoptr(Promise) promise = promise_new(tasks_wake(fixture->tasks[0]));
        g_autoptr(GError) error = NULL;
        Task *part = promised(promise);
        if (is_told)
            task_settle(part, ended);
        task_free(part);
        assert_false(promise_check(promise, &error));
        assert_true(tern_error_is(error, TERN_ERROR_NETWORK));
    }
}

/* What a server says again and again is told once a day, whichever connection hears it. */
static void test_a_sentence_is_told_once(void **state)
{
    const int64_t day_us = 24 * 3600 * S;
    Team *team = ((const Fixture *)*state)->team;

    assert_true(team_tells(team, "the disk is full", S));
    assert_false(team_tells(team, "the disk is full", S));
    assert_true(team_tells(team, "another one", 2 * S));
    assert_false(team_tells(team, "the disk is full", day_us));
    assert_true(team_tells(team, "the disk is full", day_us + S));
    assert_false(team_tells(team, "the disk is full", day_us + 2 * S));
    /* Not all are remembered: the one told longest ago goes. */
    for (int i = 0; i < 199; i++) {
        g_autofree char *sentence = g_strdup_printf("sentence %d", i);
        assert_true(team_tells(team, sentence, day_us + (3 + i) * S));
    }
    assert_false(team_tells(team, "the disk is full", day_us + 300 * S));
    assert_true(team_tells(team, "another one", day_us + 300 * S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_tries_and_all_know, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_person_wants_it_tried, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_tries_it_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_stands_shows_that_it_is_right, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_try_that_says_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_first_hangs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_leaves_stops_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_login_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_watcher_is_given_what_takes_long, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_watcher_that_has_gone_takes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_folder_named_twice_has_one_watcher, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_list_that_was_overtaken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_became_of_the_parts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_sentence_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_part_that_was_given_up, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
