/* test-auth-refusal.c - what somebody is told whom a server does not let in. */
#include "auth/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *words, *host;
    const char *advice; /* a part of it; NULL: none */
} ADVICE[] = {
    {"Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
     "imap.gmail.com", "make a password for tern alone"},
    {"5.7.9 Application-specific password required", "mail.example.org", "make a password for tern alone"},
    {"Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
     "imap.gmail.com", "web browser"},
    {"Web login required.", "imap.gmail.com", "web browser"},
    {"Invalid credentials (Failure)", "imap.gmail.com", "own password is not taken"},
    {"Invalid credentials (Failure)", "IMAP.GMAIL.COM", "own password is not taken"},
    {"Invalid credentials", "imap.example.org", NULL},
    {"Invalid credentials", "imap.notgmail.com", NULL},
    {"Your account is not enabled for IMAP use.", "imap.gmail.com", "switch IMAP on"},
    {"LOGIN Invalid credentials", "imap.mail.yahoo.com", "own password is not taken"},
    {"Basic authentication is disabled.", "outlook.office365.com", "OAuth 2"},
    {"LOGIN failed.", "outlook.office365.com", "OAuth 2"},
    {"AUTHENTICATE failed.", "imap-mail.outlook.com", "OAuth 2"},
    {"LOGIN failed.", "mail.example.org", NULL},
    {"Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
     "smtp.office365.com", "switched sending by SMTP off"},
    {"LOGIN invalid credentials or IMAP is disabled", "imap.yandex.com", "that IMAP is switched on"},
    {"", "", NULL},
};

static void test_advice(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ADVICE); i++) {
        const char *advice = auth_refusal_advice(ADVICE[i].words, ADVICE[i].host);
        if (ADVICE[i].advice ? !advice || !strstr(advice, ADVICE[i].advice) : advice != NULL)
            fail_msg("%s at %s: %s", ADVICE[i].words, ADVICE[i].host, advice);
    }
}

static void test_crowded(void **state G_GNUC_UNUSED)
{
    assert_true(auth_refusal_is_crowded("Too many simultaneous connections. (Failure)"));
    assert_true(auth_refusal_is_crowded("Request is throttled. Suggested Backoff Time: 4000 milliseconds"));
    assert_false(auth_refusal_is_crowded("Invalid credentials (Failure)"));
    assert_false(auth_refusal_is_crowded(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_crowded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
