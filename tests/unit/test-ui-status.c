/* test-ui-status.c - a connection's words in each state, and when they change by themselves. */
#include "base/clock.h"
#include "base/error.h"
#include "ui/status.h"
#include "ui/theme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void tell(Status *status, const char *account, EngineState state, double left_s, TernErrorKind kind)
{
    /* With its certificate, as net tells of one that is not trusted. */
    const char *words = kind == TERN_ERROR_TLS ? "failed\nsubject: CN = x" : "failed";
    g_autoptr(GError) error = kind ? g_error_new_literal(TERN_ERROR, (int)kind, words) : NULL;
    EngineEvent event = {.kind = ENGINE_EVENT_STATE,
                         .account = (char *)account,
                         .state = state,
                         .retry_at_us = clock_now_us() + (gint64)(left_s * SECOND_US),
                         .error = error};

    status_event(status, &event);
}

static void test_words(void **state)
{
    static const struct {
        EngineState state;
        double left_s;
        TernErrorKind kind;
        const char *words;
        int slot;
    } ROWS[] = {
        {ENGINE_OFFLINE, 0, 0, "offline", SLOT_STATUS},
        {ENGINE_CONNECTING, 0, 0, "connecting", SLOT_STATUS_BUSY},
        {ENGINE_WORKING, 0, 0, "syncing", SLOT_STATUS_BUSY},
        {ENGINE_WAITING, 7.5, 0, "again in 8 s", SLOT_STATUS},
        {ENGINE_WAITING, 89.5, 0, "again in 90 s", SLOT_STATUS},
        {ENGINE_WAITING, 90.5, 0, "again in 2 min", SLOT_STATUS},
        {ENGINE_WAITING, 299.5, 0, "again in 5 min", SLOT_STATUS},
        {ENGINE_WAITING, -3, 0, "again now", SLOT_STATUS},
        {ENGINE_ATTENTION, 0, TERN_ERROR_AUTH, "password?", SLOT_STATUS_ERROR},
        {ENGINE_ATTENTION, 0, TERN_ERROR_STORE, "mailbox?", SLOT_STATUS_ERROR},
        {ENGINE_ATTENTION, 0, TERN_ERROR_TLS, "certificate?", SLOT_STATUS_ERROR},
        {ENGINE_ATTENTION, 0, TERN_ERROR_CONFIG, "configuration?", SLOT_STATUS_ERROR},
    };
    Status *status = status_new();
    int slot = 0;

    (void)state;
    assert_null(status_account(status, "work", &slot));
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        tell(status, "work", ROWS[i].state, ROWS[i].left_s, ROWS[i].kind);
        g_autofree char *words = status_account(status, "work", &slot);
        assert_non_null(words);
        assert_string_equal(strchr(words, ' ') + 1, ROWS[i].words);
        assert_int_equal(slot, ROWS[i].slot);
    }
    status_free(status);
}

/* What was told of a change that failed goes; what was told since of another one stays. */
static void test_withdrawn(void **state)
{
    Status *status = status_new();

    (void)state;
    const guint64 first = status_news(status, "Deleted 1 message.");
    const guint64 second = status_news(status, "Archived 1 message.");
    status_withdraw(status, first);
    assert_true(status_news_left_ms(status) > 0);
    status_withdraw(status, second);
    assert_int_equal(status_news_left_ms(status), 0);
    status_withdraw(status, second);
    status_news(status, "Flagged.");
    assert_true(status_news_left_ms(status) > 0);
    status_cover_news(status);
    assert_int_equal(status_news_left_ms(status), 0);
    status_free(status);
}

/* What a person is asked for, and reads by `why`. */
static void test_needs(void **state)
{
    Status *status = status_new();
    const char *account;
    int slot;

    (void)state;
    assert_int_equal(status_need(status, &account), STATUS_NEEDS_NOTHING);
    assert_null(status_why(status, "work"));
    tell(status, "work", ENGINE_IDLE, 0, 0);
    tell(status, "home", ENGINE_ATTENTION, 0, TERN_ERROR_AUTH);
    assert_int_equal(status_need(status, &account), STATUS_NEEDS_PASSWORD);
    assert_string_equal(account, "home");
    assert_true(status_needs_password(status, "home"));
    assert_false(status_needs_password(status, "work"));
    assert_string_equal(status_why(status, "home"), "failed");
    tell(status, "home", ENGINE_ATTENTION, 0, TERN_ERROR_TLS);
    assert_int_equal(status_need(status, &account), STATUS_NEEDS_EYES);
    assert_string_equal(status_why(status, "home"), "failed\nsubject: CN = x");
    /* TLS that fails without a certificate to look at. */
    g_autoptr(GError) error = g_error_new_literal(TERN_ERROR, TERN_ERROR_TLS, "no STARTTLS");
    EngineEvent event = {
        .kind = ENGINE_EVENT_STATE, .account = (char *)"home", .state = ENGINE_ATTENTION, .error = error};
    status_event(status, &event);
    g_autofree char *words = status_account(status, "home", &slot);
    assert_true(g_str_has_suffix(words, " encryption?"));
    tell(status, "home", ENGINE_IDLE, 0, 0);
    assert_int_equal(status_need(status, &account), STATUS_NEEDS_NOTHING);
    assert_null(status_why(status, "home"));
    status_free(status);
}

/* The words stand still for as long as they stay true, and no longer; nobody is woken for what is not
 * shown. */
static void test_changes(void **state)
{
    static const struct {
        double left_s;
        guint change_ms;
    } ROWS[] = {{7.5, 500}, {8, 1000},   {0.25, 250},  {-1, 0},      {89.25, 250},
                {95, 5000}, {121, 1000}, {150, 30000}, {300, 60000}, {90.5, 500}};
    Status *status = status_new();

    (void)state;
    assert_int_equal(status_change_ms(status, TRUE), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        tell(status, "work", ENGINE_WAITING, ROWS[i].left_s, 0);
        guint change_ms = status_change_ms(status, FALSE);
        assert_true(change_ms <= ROWS[i].change_ms + 2 && 2 * change_ms + 400 >= ROWS[i].change_ms);
    }
    tell(status, "work", ENGINE_WAITING, 8, 0);
    tell(status, "home", ENGINE_ATTENTION, 0, TERN_ERROR_AUTH); /* the worse one is shown */
    assert_int_equal(status_change_ms(status, FALSE), 0);
    assert_true(status_change_ms(status, TRUE) > 0);
    tell(status, "work", ENGINE_IDLE, 0, 0);
    assert_int_equal(status_change_ms(status, TRUE), 0);
    status_free(status);
}

/* What was told is kept for a while: what was told twice in a row once, what was not so not at all. */
static void test_told(void **state)
{
    Status *status = status_new();
    const GPtrArray *told = status_told(status);

    (void)state;
    status_news(status, "one");
    status_error(status, "two");
    status_error(status, "two");
    assert_int_equal(told->len, 2);
    const guint64 news = status_news(status, "three");
    status_news(status, "four");
    status_withdraw(status, news);
    assert_int_equal(told->len, 3);
    assert_string_equal(((const StatusTold *)told->pdata[1])->text, "two");
    assert_int_equal(((const StatusTold *)told->pdata[1])->news, 0);
    assert_string_equal(((const StatusTold *)told->pdata[2])->text, "four");
    for (int i = 0; i < STATUS_TOLD; i++) {
        g_autofree char *text = g_strdup_printf("%d", i);
        status_news(status, text);
    }
    assert_int_equal(told->len, STATUS_TOLD);
    assert_string_equal(((const StatusTold *)told->pdata[0])->text, "0");
    status_free(status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_withdrawn),
                                       cmocka_unit_test(test_told), cmocka_unit_test(test_needs),
                                       cmocka_unit_test(test_changes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
