/* test-auth-password.c - passwords from the configuration, from a command, from a prompt. */
#include "auth/auth.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static const struct {
    const char *label;
    const char *password, *command;
    const char *expected; /* NULL: an error … */
    TernErrorKind kind;
    const char *words;
} ROWS[] = {
    {"as written", " pass word ", NULL, " pass word ", 0, NULL},
    {"as written before the command", "written", "echo command", "written", 0, NULL},
    {"the command's first line", NULL, "printf 'secret\\nlogin: ada\\n'", "secret", 0, NULL},
    {"without a line end", NULL, "printf secret", "secret", 0, NULL},
    {"with CR LF", NULL, "printf 'secret\\r\\n'", "secret", 0, NULL},
    {"UTF-8", NULL, "printf 'p\\303\\244ss'", "p\303\244ss", 0, NULL},
    {"nothing set", NULL, NULL, NULL, TERN_ERROR_AUTH, "the account “work” has no password"},
    {"command prints nothing", NULL, "true", NULL, TERN_ERROR_AUTH, "printed no password"},
    {"an empty first line", NULL, "printf '\\nsecret\\n'", NULL, TERN_ERROR_AUTH, "printed no password"},
    {"command fails", NULL, "echo gpg: no key >&2; echo half; exit 2", NULL, TERN_ERROR_AUTH, "gpg: no key"},
    {"no such command", NULL, "/nonexistent/pass", NULL, TERN_ERROR_AUTH,
     "the password-command of the account “work” failed with status 127: "},
    {"what to do then", NULL, "exit 1", NULL, TERN_ERROR_AUTH, "status 1; run it in a terminal"},
    {"command prints for ever", NULL, "yes secret | tr -d '\\n'", NULL, TERN_ERROR_AUTH, "wrote more than"},
};

static void test_sources(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        ConfigAccount account = {
            .id = "work", .password = (char *)ROWS[i].password, .password_command = (char *)ROWS[i].command};
        g_autoptr(GError) error = NULL;
        char *password = auth_password_get(&account, NULL, &error);
        print_message("%s\n", ROWS[i].label);
        if (ROWS[i].expected) {
            assert_non_null(password);
            assert_string_equal(password, ROWS[i].expected);
        } else {
            assert_null(password);
            assert_int_equal(tern_error_kind(error), ROWS[i].kind);
            if (!strstr(error->message, ROWS[i].words))
                fail_msg("“%s” does not say “%s”", error->message, ROWS[i].words);
            assert_null(strstr(error->message, "half"));
        }
        auth_secret_free(password);
    }
}

static void test_given_for_this_run(void **state G_GNUC_UNUSED)
{
    ConfigAccount account = {.id = "work", .password = "written"},
                  other = {.id = "home", .password = "other"};

    const guint before = auth_password_version();
    auth_password_set("work", "typed");
    assert_int_not_equal(auth_password_version(), before);
    char *password = auth_password_get(&account, NULL, NULL);
    assert_string_equal(password, "typed");
    auth_secret_free(password);
    password = auth_password_get(&other, NULL, NULL);
    assert_string_equal(password, "other");
    auth_secret_free(password);
    auth_password_set("work", NULL);
    password = auth_password_get(&account, NULL, NULL);
    assert_string_equal(password, "written");
    auth_secret_free(password);
}

/* The same on the terminal: the command's first line, and how it failed. */
static void test_asked(void **state G_GNUC_UNUSED)
{
    ConfigAccount account = {.id = "work", .password_command = "printf 'secret\\nlogin: ada\\n'"};
    g_autoptr(GError) error = NULL;

    char *password = auth_password_ask(&account, &error);
    assert_string_equal(password, "secret");
    auth_secret_free(password);
    account.password_command = "exit 3";
    assert_null(auth_password_ask(&account, &error));
    assert_true(tern_error_is(error, TERN_ERROR_AUTH));
    assert_string_equal(error->message, "the password-command of the account “work” failed with status 3");
}

static void test_cancelled(void **state G_GNUC_UNUSED)
{
    ConfigAccount account = {.id = "work", .password_command = "sleep 60"};
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;

    cancel_trigger(cancel);
    assert_null(auth_password_get(&account, cancel, &error));
    assert_true(tern_error_is(error, TERN_ERROR_CANCELLED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_given_for_this_run),
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
