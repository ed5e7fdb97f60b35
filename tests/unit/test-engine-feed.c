/* What waits between the engine and whoever reads its events: feed.h; and what a connection has to do:
 * tasks.h. */
#include "base/thread.h"
#include "engine/feed.h"
#include "engine/event.h"
#include "engine/tasks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* ---- feed ---- */

static EngineEvent *event_of(EngineEventKind kind, guint64 request, const char *account, const char *folder,
                             int number)
{
    EngineEvent *event = engine_event_new(kind, request, account);

    event->folder = g_strdup(folder);
    event->new_messages = number;
    event->done = number;
    return event;
}

typedef struct {
    EngineEventKind kind;
    guint64 request;
    const char *account, *folder;
    int number;
} Row;

static void test_newest_of_each(void **state)
{
    static const Row IN[] = {
        {ENGINE_EVENT_STATE, 0, "a", NULL, 1},    {ENGINE_EVENT_STATE, 0, "b", NULL, 2},
        {ENGINE_EVENT_FOLDER, 7, "a", "In", 10},  {ENGINE_EVENT_STATE, 0, "a", NULL, 3},
        {ENGINE_EVENT_FOLDER, 7, "a", "In", 20},  {ENGINE_EVENT_FOLDER, 0, "a", "In", 40},
        {ENGINE_EVENT_FOLDER, 7, "b", "In", 80},  {ENGINE_EVENT_DONE, 7, "a", NULL, 0},
        {ENGINE_EVENT_FETCHED, 8, "a", NULL, 0},  {ENGINE_EVENT_FETCHED, 8, "a", NULL, 0},
        {ENGINE_EVENT_FOLDER, 7, "a", "Out", 99},
    };
    static const Row OUT[] = {
        {ENGINE_EVENT_STATE, 0, "a", NULL, 3},    {ENGINE_EVENT_STATE, 0, "b", NULL, 2},
        {ENGINE_EVENT_FOLDER, 7, "a", "In", 30},  {ENGINE_EVENT_FOLDER, 0, "a", "In", 40},
        {ENGINE_EVENT_FOLDER, 7, "b", "In", 80},  {ENGINE_EVENT_DONE, 7, "a", NULL, 0},
        {ENGINE_EVENT_FETCHED, 8, "a", NULL, 0},  {ENGINE_EVENT_FETCHED, 8, "a", NULL, 0},
        {ENGINE_EVENT_FOLDER, 7, "a", "Out", 99},
    };
    Feed *feed = feed_new();

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (guint i = 0; i < G_N_ELEMENTS(IN); i++)
            feed_push(feed, event_of(IN[i].kind, IN[i].request, IN[i].account, IN[i].folder, IN[i].number));
        assert_true(wake_clear(feed_wake(feed)));
        for (guint i = 0; i < G_N_ELEMENTS(OUT); i++) {
            g_autoptr(EngineEvent) event = feed_pop(feed);
            assert_non_null(event);
            assert_int_equal(event->kind, OUT[i].kind);
            assert_true(event->request == OUT[i].request);
            assert_string_equal(event->account, OUT[i].account);
            assert_true(g_strcmp0(event->folder, OUT[i].folder) == 0);
            assert_int_equal(event->new_messages, OUT[i].number);
        }
        assert_null(feed_pop(feed));
    }
    feed_free(feed);
}

static void test_bounded(void **state)
{
    Feed *feed = feed_new();
    guint alerts = 0, states = 0;
    EngineEvent *event;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        feed_push(feed, event_of(ENGINE_EVENT_ALERT, 0, "a", NULL, i));
        feed_push(feed, event_of(ENGINE_EVENT_STATE, 0, i % 2 ? "a" : "b", NULL, i));
    }
    while ((event = feed_pop(feed))) {
        alerts += event->kind == ENGINE_EVENT_ALERT;
        states += event->kind == ENGINE_EVENT_STATE;
        if (event->kind == ENGINE_EVENT_ALERT) /* the newest ones */
            assert_true(event->new_messages >= 100000 - FEED_ALERTS);
        engine_event_free(event);
    }
    assert_int_equal(alerts, FEED_ALERTS);
    assert_int_equal(states, 2);
    feed_free(feed);
}

static void push_many(void *data)
{
    for (int i = 0; i < 10000; i++)
        feed_push(data, event_of(i % 3 ? ENGINE_EVENT_STATE : ENGINE_EVENT_FOLDER, 0, "a", "In", 1));
}

static void test_two_threads(void **state)
{
    Feed *feed = feed_new();
    Thread *thread = thread_start("pusher", 0, push_many, feed, NULL);
    int found = 0;
    EngineEvent *event;

    (void)state;
    for (gboolean is_over = FALSE; !is_over || found < 3334;) {
        while ((event = feed_pop(feed))) {
            found += event->kind == ENGINE_EVENT_FOLDER ? event->new_messages : 0;
            engine_event_free(event);
        }
        if (!is_over && found >= 1000) {
            thread_join(thread);
            is_over = TRUE;
        }
    }
    assert_int_equal(found, 3334);
    feed_free(feed);
}

/* ---- tasks ---- */

static void push(Tasks *tasks, TaskKind kind, Urgency urgency, guint64 request, int64_t number, gboolean once)
{
    Task *task = task_new(kind, urgency, engine_request_new(ENGINE_VERB_SYNC, request, "a", NULL, number));

    if (once)
        tasks_push_once(tasks, task);
    else
        tasks_push(tasks, task);
}

static guint64 pop_and_end(Tasks *tasks, Urgency than)
{
    Task *task = tasks_pop(tasks, than);
    const guint64 request = task ? task->request->id : 0;

    if (task) {
        tasks_end(tasks, task);
        task_free(task);
    }
    return request;
}

static void test_urgency(void **state)
{
    Tasks *tasks = tasks_new();

    (void)state;
    push(tasks, TASK_FILL, URGENCY_BEHIND, 1, 5, FALSE);
    push(tasks, TASK_SYNC, URGENCY_ASKED, 2, 0, FALSE);
    push(tasks, TASK_FETCH, URGENCY_FETCH, 3, 9, FALSE);
    push(tasks, TASK_SYNC, URGENCY_ASKED, 4, 0, FALSE);
    push(tasks, TASK_OPEN, URGENCY_OPEN, 5, 5, FALSE);
    assert_true(wake_clear(tasks_wake(tasks)));
    assert_false(tasks_has(tasks, URGENCY_FETCH));
    assert_true(tasks_has(tasks, URGENCY_OPEN));
    assert_true(pop_and_end(tasks, URGENCY_OPEN) == 3);
    assert_true(pop_and_end(tasks, URGENCY_OPEN) == 0);
    assert_true(pop_and_end(tasks, URGENCIES) == 5);
    assert_true(pop_and_end(tasks, URGENCIES) == 2);
    assert_true(pop_and_end(tasks, URGENCIES) == 4);
    assert_true(pop_and_end(tasks, URGENCIES) == 1);
    assert_true(pop_and_end(tasks, URGENCIES) == 0);
    push(tasks, TASK_FILL, URGENCY_BEHIND, 0, 5, TRUE);
    push(tasks, TASK_FILL, URGENCY_BEHIND, 0, 5, TRUE);
    push(tasks, TASK_FILL, URGENCY_BEHIND, 0, 6, TRUE);
    Task *first = tasks_pop(tasks, URGENCIES), *second = NULL;
    push(tasks, TASK_FILL, URGENCY_BEHIND, 0, 5, TRUE); /* the one that runs may be past what is new */
    tasks_end(tasks, first);
    task_free(first);
    for (int i = 0; i < 2; i++) {
        second = tasks_pop(tasks, URGENCIES);
        assert_non_null(second);
        tasks_end(tasks, second);
        task_free(second);
    }
    assert_null(tasks_pop(tasks, URGENCIES));
    push(tasks, TASK_SYNC, URGENCY_ASKED, 9, 0, FALSE); /* freed with the rest */
    tasks_free(tasks);
}

static void test_cancelled(void **state)
{
    Tasks *tasks = tasks_new();
    g_autoptr(Cancel) breaker = cancel_new();

    (void)state;
    push(tasks, TASK_SYNC, URGENCY_ASKED, 1, 0, FALSE);
    push(tasks, TASK_SYNC, URGENCY_ASKED, 1, 0, FALSE);
    push(tasks, TASK_FETCH, URGENCY_FETCH, 2, 0, FALSE);
    Task *sync = tasks_pop(tasks, URGENCIES);
    assert_true(sync->request->id == 2);
    tasks_end(tasks, sync);
    task_free(sync);
    sync = tasks_pop(tasks, URGENCIES);
    tasks_set_breaker(tasks, breaker);
    GQueue none = tasks_cancel(tasks, 3);
    assert_int_equal(none.length, 0);
    assert_false(cancel_is_triggered(breaker));
    GQueue taken = tasks_cancel(tasks, 1);
    assert_int_equal(taken.length, 1);
    assert_true(cancel_is_triggered(breaker));
    assert_true(tasks_is_cancelled(tasks, sync));
    task_free(g_queue_pop_head(&taken));
    tasks_end(tasks, sync);
    task_free(sync);
    assert_false(tasks_has(tasks, URGENCIES));
    tasks_free(tasks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newest_of_each), cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_two_threads),    cmocka_unit_test(test_urgency),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
