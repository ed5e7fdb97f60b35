/* test-engine-link.c - a connection's states, its waits, what its history says, and how many there may be. */
#include "auth/auth.h"
#include "base/clock.h"
#include "base/error.h"
#include "engine/crowd.h"
#include "engine/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define S SECOND_US
#define MINUTE (60 * SECOND_US)

static void lose(Link *link, TernErrorKind kind, int64_t now_us)
{
    g_autoptr(GError) error = g_error_new_literal(TERN_ERROR, (gint)kind, "it was lost");

    link_lost(link, error, 0, now_us);
}

/* ---- another connection could be had ---- */

/* What this one waited for is over, but only once: it has not proven itself, and the next failure counts
 * on. */
static void test_prompted(void **state)
{
    Link link;

    (void)state;
    link_init(&link, 7);
    for (int i = 0; i < 20; i++) {
        link_begin(&link);
        lose(&link, TERN_ERROR_NETWORK, i * S);
    }
    assert_true(link_due_us(&link) > 100 * S);
    link_prompt(&link, 30 * S);
    assert_true(link.is_prompted);
    assert_int_equal(link_due_us(&link), 30 * S);
    link_begin(&link);
    lose(&link, TERN_ERROR_NETWORK, 31 * S);
    assert_false(link.is_prompted);
    assert_true(link_due_us(&link) > 130 * S);
    link_clear(&link);
}

/* Neither the time that a server wants, nor a person, can be gone round so. */
static void test_prompted_in_vain(void **state)
{
    g_autoptr(GError) error = g_error_new_literal(TERN_ERROR, TERN_ERROR_NETWORK, "too many");
    Link link;

    (void)state;
    link_init(&link, 7);
    link_begin(&link);
    link_lost(&link, error, 60 * S, 1 * S);
    link_prompt(&link, 2 * S);
    assert_int_equal(link_due_us(&link), 61 * S);
    link_begin(&link);
    lose(&link, TERN_ERROR_AUTH, 70 * S);
    link_prompt(&link, 71 * S); /* the other one has the same password */
    assert_int_equal(link.state, ENGINE_WAITING);
    assert_int_equal(link_due_us(&link), 71 * S);
    link_begin(&link);
    lose(&link, TERN_ERROR_TLS, 80 * S);
    link_prompt(&link, 81 * S);
    assert_int_equal(link.state, ENGINE_ATTENTION);
    assert_int_equal(link_due_us(&link), DEADLINE_NONE);
    link_clear(&link);
}

/* Servers refuse logins while they are started: what was right before is tried again, a few times. */
static void test_a_password_that_was_right(void **state)
{
    static const int AFTER_S[] = {120, 480, 1920};
    Link link;

    (void)state;
    link_init(&link, 7);
    for (int round = 0; round < 2; round++) {
        link_begin(&link);
        link_up(&link, 1 * S);
        lose(&link, TERN_ERROR_NETWORK, 50 * S);
        for (gsize i = 0; i < G_N_ELEMENTS(AFTER_S); i++) {
            const int64_t now_us = 100 * S;
            link_begin(&link);
            lose(&link, TERN_ERROR_AUTH, now_us);
            assert_int_equal(link.state, ENGINE_ATTENTION);
            assert_int_equal(link_due_us(&link), now_us + AFTER_S[i] * S);
            assert_false(link_may_begin(&link, TRUE, now_us + AFTER_S[i] * S - 1, NULL));
            assert_true(link_may_begin(&link, FALSE, now_us + AFTER_S[i] * S, NULL));
        }
        lose(&link, TERN_ERROR_AUTH, 9 * S);
        assert_int_equal(link_due_us(&link), DEADLINE_NONE);
        assert_false(link_may_begin(&link, TRUE, 99999 * S, NULL));
    }
    /* Another connection got in by it meanwhile. */
    link_up(&link, 1 * S);
    lose(&link, TERN_ERROR_NETWORK, 1 * S);
    link_begin(&link);
    lose(&link, TERN_ERROR_AUTH, 2 * S);
    link_prompt(&link, 3 * S);
    assert_true(link_may_begin(&link, FALSE, 3 * S, NULL));
    /* Let in without any, and asked for one then: it was not right before. */
    link_up(&link, 4 * S);
    lose(&link, TERN_ERROR_AUTH, 5 * S);
    assert_int_equal(link_due_us(&link), DEADLINE_NONE);
    /* Another one than that. */
    auth_password_set("somebody", "another");
    link_begin(&link);
    lose(&link, TERN_ERROR_AUTH, 7 * S);
    assert_int_equal(link_due_us(&link), DEADLINE_NONE);
    /* A certificate is looked at by a person. */
    lose(&link, TERN_ERROR_TLS, 2 * S);
    assert_int_equal(link_due_us(&link), DEADLINE_NONE);
    link_clear(&link);
}

/* ---- states ---- */

typedef enum { BEGIN, UP, WORK, REST, LOSE, DOWN, PERSON, NETWORK, SLEPT, END } Verb;

typedef struct {
    Verb verb;
    int at_s;
    TernErrorKind kind; /* of LOSE */
    EngineState state;  /* afterwards */
    gboolean probes;    /* of a nudge */
} Step;

static const Step LIFE[] = {{BEGIN, 0, 0, ENGINE_CONNECTING, FALSE}, {UP, 1, 0, ENGINE_IDLE, FALSE},
                            {WORK, 2, 0, ENGINE_WORKING, FALSE},     {REST, 3, 0, ENGINE_IDLE, FALSE},
                            {DOWN, 4, 0, ENGINE_OFFLINE, FALSE},     {END, 0, 0, 0, FALSE}};
/* Working and resting mean nothing where there is no connection. */
static const Step NOT_UP[] = {
    {WORK, 0, 0, ENGINE_OFFLINE, FALSE},    {BEGIN, 0, 0, ENGINE_CONNECTING, FALSE},
    {WORK, 0, 0, ENGINE_CONNECTING, FALSE}, {LOSE, 1, TERN_ERROR_NETWORK, ENGINE_WAITING, FALSE},
    {REST, 1, 0, ENGINE_WAITING, FALSE},    {END, 0, 0, 0, FALSE}};
static const Step PASSWORD[] = {{BEGIN, 0, 0, ENGINE_CONNECTING, FALSE},
                                {LOSE, 1, TERN_ERROR_AUTH, ENGINE_ATTENTION, FALSE},
                                {NETWORK, 2, 0, ENGINE_ATTENTION, FALSE}, /* no better password there */
                                {SLEPT, 3, 0, ENGINE_ATTENTION, FALSE},
                                {PERSON, 4, 0, ENGINE_WAITING, FALSE},
                                {BEGIN, 4, 0, ENGINE_CONNECTING, FALSE},
                                {UP, 5, 0, ENGINE_IDLE, FALSE},
                                {END, 0, 0, 0, FALSE}};
static const Step CERTIFICATE[] = {{BEGIN, 0, 0, ENGINE_CONNECTING, FALSE},
                                   {LOSE, 1, TERN_ERROR_TLS, ENGINE_ATTENTION, FALSE},
                                   {NETWORK, 2, 0, ENGINE_WAITING, FALSE}, /* out of the hotel */
                                   {END, 0, 0, 0, FALSE}};
static const Step CONFIGURATION[] = {{BEGIN, 0, 0, ENGINE_CONNECTING, FALSE},
                                     {LOSE, 1, TERN_ERROR_CONFIG, ENGINE_ATTENTION, FALSE},
                                     {NETWORK, 2, 0, ENGINE_ATTENTION, FALSE},
                                     {END, 0, 0, 0, FALSE}};
static const Step PROBES[] = {
    {BEGIN, 0, 0, ENGINE_CONNECTING, FALSE}, {NETWORK, 0, 0, ENGINE_CONNECTING, FALSE},
    {UP, 1, 0, ENGINE_IDLE, FALSE},          {PERSON, 2, 0, ENGINE_IDLE, FALSE},
    {NETWORK, 2, 0, ENGINE_IDLE, TRUE},      {WORK, 3, 0, ENGINE_WORKING, FALSE},
    {SLEPT, 4, 0, ENGINE_WORKING, TRUE},     {END, 0, 0, 0, FALSE}};
static const Step OTHERS[] = {
    {BEGIN, 0, 0, ENGINE_CONNECTING, FALSE}, {LOSE, 1, TERN_ERROR_PROTOCOL, ENGINE_WAITING, FALSE},
    {BEGIN, 2, 0, ENGINE_CONNECTING, FALSE}, {LOSE, 3, TERN_ERROR_LIMIT, ENGINE_WAITING, FALSE},
    {BEGIN, 4, 0, ENGINE_CONNECTING, FALSE}, {LOSE, 5, TERN_ERROR_CANCELLED, ENGINE_WAITING, FALSE},
    {NETWORK, 6, 0, ENGINE_WAITING, FALSE},  {END, 0, 0, 0, FALSE}};

static gboolean step(Link *link, const Step *step)
{
    const int64_t now_us = step->at_s * S;

    switch (step->verb) {
    case BEGIN:
        link_begin(link);
        break;
    case UP:
        link_up(link, now_us);
        break;
    case WORK:
    case REST:
        link_set_working(link, step->verb == WORK);
        break;
    case LOSE:
        lose(link, step->kind, now_us);
        break;
    case DOWN:
        link_down(link);
        break;
    default:
        return link_nudge(link, (LinkNudge)(step->verb - PERSON), now_us);
    }
    return FALSE;
}

static void test_states(void **state G_GNUC_UNUSED)
{
    static const Step *const LIVES[] = {LIFE, NOT_UP, PASSWORD, CERTIFICATE, CONFIGURATION, PROBES, OTHERS};

    for (gsize i = 0; i < G_N_ELEMENTS(LIVES); i++) {
        Link link;
        link_init(&link, 1);
        assert_int_equal(link.state, ENGINE_OFFLINE);
        for (const Step *at = LIVES[i]; at->verb != END; at++) {
            const gboolean probes = step(&link, at);
            if (link.state != at->state || probes != at->probes)
                fail_msg("life %zu, step %d: state %d, probes %d", i, (int)(at - LIVES[i]), link.state,
                         probes);
            /* By itself it begins only out of WAITING. */
            assert_int_equal(link_due_us(&link) == DEADLINE_NONE, link.state != ENGINE_WAITING);
        }
        link_clear(&link);
    }
}

/* ---- waiting ---- */

static void test_backoff(void **state G_GNUC_UNUSED)
{
    static const int LEAST_MS[] = {1000,  1500,  2250,  3375,  5062,   7593,   11390,  17085,
                                   25628, 38443, 57665, 86497, 129746, 194619, 200000, 200000};

    for (guint64 seed = 0; seed < 50; seed++) {
        Link link;
        int64_t now_us = 0;
        link_init(&link, seed);
        for (gsize i = 0; i < G_N_ELEMENTS(LEAST_MS); i++) {
            link_begin(&link);
            lose(&link, TERN_ERROR_NETWORK, now_us);
            const int64_t wait_us = link_due_us(&link) - now_us;
            assert_in_range(wait_us, LEAST_MS[i] * 1000, LEAST_MS[i] * 1500 + 2000);
            assert_true(wait_us <= 5 * MINUTE);
            now_us += wait_us;
        }
        link_clear(&link);
    }
}

/* Those that were lost together do not come back together. */
static void test_jitter(void **state G_GNUC_UNUSED)
{
    int64_t least_us = INT64_MAX, most_us = 0;

    for (guint64 seed = 0; seed < 100; seed++) {
        Link link;
        link_init(&link, seed);
        lose(&link, TERN_ERROR_NETWORK, 0);
        least_us = MIN(least_us, link_due_us(&link));
        most_us = MAX(most_us, link_due_us(&link));
        link_clear(&link);
    }
    assert_in_range(least_us, 1 * S, S + S / 20);
    assert_in_range(most_us, S + S / 2 - S / 20, S + S / 2);
}

static void test_what_resets_it(void **state G_GNUC_UNUSED)
{
    Link link;

    link_init(&link, 7);
    for (int i = 0; i < 10; i++)
        lose(&link, TERN_ERROR_NETWORK, 0);
    assert_true(link_due_us(&link) > 30 * S);
    /* Thrown out again right after the login: no. */
    link_begin(&link);
    link_up(&link, 100 * S);
    lose(&link, TERN_ERROR_NETWORK, 101 * S);
    assert_true(link_due_us(&link) > 131 * S);
    /* A connection that lived: yes. */
    link_begin(&link);
    link_up(&link, 200 * S);
    lose(&link, TERN_ERROR_NETWORK, 231 * S);
    assert_true(link_due_us(&link) <= 233 * S);
    /* Another network, and a person. */
    for (LinkNudge nudge = LINK_NUDGE_PERSON; nudge <= LINK_NUDGE_SLEPT; nudge++) {
        for (int i = 0; i < 10; i++)
            lose(&link, TERN_ERROR_NETWORK, 300 * S);
        link_nudge(&link, nudge, 301 * S);
        assert_int_equal(link_due_us(&link), 301 * S);
        lose(&link, TERN_ERROR_NETWORK, 302 * S);
        assert_true(link_due_us(&link) <= 304 * S);
    }
    link_clear(&link);
}

static void test_least_wait(void **state G_GNUC_UNUSED)
{
    g_autoptr(GError) error = g_error_new_literal(TERN_ERROR, TERN_ERROR_NETWORK, "too many");
    Link link;

    link_init(&link, 7);
    link_lost(&link, error, 60 * S, 10 * S);
    assert_int_equal(link_due_us(&link), 70 * S);
    /* Also in the way of a person who opens a folder: no, since the server may have room again. */
    assert_true(link_may_begin(&link, TRUE, 20 * S, NULL));
    assert_false(link_may_begin(&link, FALSE, 20 * S, NULL));
    link_clear(&link);
}

static void test_may_begin(void **state G_GNUC_UNUSED)
{
    GError *error = NULL;
    Link link;

    link_init(&link, 7);
    assert_true(link_may_begin(&link, FALSE, 0, &error));
    lose(&link, TERN_ERROR_NETWORK, 0);
    assert_false(link_may_begin(&link, FALSE, S / 2, &error));
    assert_string_equal(error->message, "it was lost");
    g_clear_error(&error);
    assert_false(link_may_begin(&link, TRUE, S / 2, NULL));
    assert_true(link_may_begin(&link, FALSE, link_due_us(&link), &error));
    for (int i = 0; i < 9; i++)
        lose(&link, TERN_ERROR_NETWORK, 0);
    assert_false(link_may_begin(&link, FALSE, 3 * S, NULL));
    assert_true(link_may_begin(&link, TRUE, 3 * S, &error));
    /* A wrong password is not tried again by opening folders. */
    lose(&link, TERN_ERROR_AUTH, 10 * S);
    assert_false(link_may_begin(&link, TRUE, 1000 * S, &error));
    assert_true(tern_error_is(error, TERN_ERROR_AUTH));
    g_clear_error(&error);
    /* Nudged, but without a reason to tell. */
    lose(&link, TERN_ERROR_CANCELLED, 10 * S);
    assert_true(link_may_begin(&link, FALSE, 10 * S, &error));
    link_clear(&link);
}

/* ---- history ---- */

static const struct {
    const char *label;
    int quiet_s[4]; /* negative: survived; 0: no more */
    int renew_s;
} HISTORIES[] = {
    {"nothing is known", {0}, 24 * 60},
    {"once is chance", {300, 0}, 24 * 60},
    {"twice the same", {300, 310, 0}, 225},
    {"twice, but not the same", {300, 600, 0}, 24 * 60},
    {"two of three", {900, 600, 610, 0}, 450},
    {"never polling", {65, 61, 0}, 60},
    {"too short to be quiet", {20, 21, 0}, 24 * 60},
    {"longer than anybody waits", {3000, 3000, 0}, 24 * 60},
    {"what was survived is no limit", {300, 310, -400, 0}, 24 * 60},
    {"what was survived before the limit", {300, 310, -225, 0}, 225},
    {"a limit that came back", {300, -400, 310, 300}, 225},
};

static void test_history(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(HISTORIES); i++) {
        LinkHistory history = {0};
        for (int n = 0; n < 4 && HISTORIES[i].quiet_s[n]; n++)
            link_history_note(&history, ABS(HISTORIES[i].quiet_s[n]) * S, HISTORIES[i].quiet_s[n] > 0);
        if (link_history_renew_us(&history) != HISTORIES[i].renew_s * S)
            fail_msg("%s: renewed after %d s", HISTORIES[i].label,
                     (int)(link_history_renew_us(&history) / S));
    }
}

/* ---- crowds ---- */

static const struct {
    const char *code, *text;
    gboolean is_crowded;
} REFUSALS[] = {
    {NULL, "[ALERT] Too many simultaneous connections. (Failure)", TRUE},
    {NULL, "Account exceeded command or bandwidth limits. (Failure)", TRUE},
    {"UNAVAILABLE", "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
     TRUE},
    {"UNAVAILABLE", "Internal error occurred. Refer to server log for more information.", FALSE},
    {"LIMIT", "LOGIN Rate limit hit.", TRUE},
    {"limit", "anything", TRUE},
    {"INUSE", "LOGIN Mailbox in use", TRUE},
    {NULL, "the server ends the connection: Too many connections from your IP", TRUE},
    {NULL, "Request is throttled. Suggested Backoff Time: 4000 milliseconds", TRUE},
    {"AUTHENTICATIONFAILED", "Authentication failed.", FALSE},
    {NULL, "Invalid credentials (Failure)", FALSE},
    {NULL, NULL, FALSE},
};

static void test_refusals(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(REFUSALS); i++)
        if (crowd_is_refusal(REFUSALS[i].code, REFUSALS[i].text) != REFUSALS[i].is_crowded)
            fail_msg("%s %s", REFUSALS[i].code, REFUSALS[i].text);
}

static void test_fewer_connections_for_a_time(void **state G_GNUC_UNUSED)
{
    Crowd crowd;

    crowd_init(&crowd, 5);
    assert_int_equal(crowd_allowed(&crowd, 0), 5);
    assert_true(crowd_refused(&crowd, 2, 0) >= 10 * MINUTE);
    assert_int_equal(crowd_allowed(&crowd, 14 * MINUTE), 2);
    /* One more at a time. */
    assert_int_equal(crowd_allowed(&crowd, 15 * MINUTE), 3);
    assert_int_equal(crowd_allowed(&crowd, 16 * MINUTE), 3);
    assert_int_equal(crowd_allowed(&crowd, 30 * MINUTE), 4);
    assert_int_equal(crowd_allowed(&crowd, 45 * MINUTE), 5);
    assert_int_equal(crowd_allowed(&crowd, 500 * MINUTE), 5);
    /* The only one is never given up, and tried again sooner. */
    assert_int_equal(crowd_refused(&crowd, 0, 500 * MINUTE), MINUTE);
    assert_int_equal(crowd_allowed(&crowd, 501 * MINUTE), 1);
    crowd_init(&crowd, 1);
    crowd_refused(&crowd, 0, 0);
    assert_int_equal(crowd_allowed(&crowd, 500 * MINUTE), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_password_that_was_right),
        cmocka_unit_test(test_prompted),
        cmocka_unit_test(test_prompted_in_vain),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_backoff),
        cmocka_unit_test(test_jitter),
        cmocka_unit_test(test_what_resets_it),
        cmocka_unit_test(test_least_wait),
        cmocka_unit_test(test_may_begin),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_fewer_connections_for_a_time),
    };

    return cmocka_run_group_tests_name("engine-link", tests, NULL, NULL);
}
