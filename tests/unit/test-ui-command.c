/* test-ui-command.c - command lines: names, beginnings of names, arguments, and what is said about wrong
 * ones. */
#include "ui/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *line;
    unsigned context;
    int command; /* -1: refused */
    const char *argument;
} LINES[] = {
    {"next", CONTEXT_LIST, COMMAND_NEXT, NULL},
    {"  next  ", CONTEXT_LIST, COMMAND_NEXT, NULL},
    {"next-unread", CONTEXT_LIST, COMMAND_NEXT_UNREAD, NULL},
    {"pal", CONTEXT_LIST, COMMAND_PALETTE, NULL},
    {"folder", CONTEXT_LIST, COMMAND_FOLDER, NULL},
    {"folder  Projects/tern  ", CONTEXT_LIST, COMMAND_FOLDER, "Projects/tern"},
    {"folder My Mail", CONTEXT_LIST, COMMAND_FOLDER, "My Mail"},
    {"set hints=no", CONTEXT_HELP, COMMAND_SET, "hints=no"},
    {"search Żółć", CONTEXT_MESSAGE, COMMAND_SEARCH, "Żółć"},
    {"", CONTEXT_LIST, -1, NULL},
    {"   ", CONTEXT_LIST, -1, NULL},
    {"nosuch", CONTEXT_LIST, -1, NULL},
    {"next 3", CONTEXT_LIST, -1, NULL},
    {"set", CONTEXT_LIST, -1, NULL},
    {"s", CONTEXT_LIST, -1, NULL},
    {"headers", CONTEXT_LIST, -1, NULL},
    {"head", CONTEXT_LIST, -1, NULL},
    {"open", CONTEXT_MESSAGE, -1, NULL},
    {"next\tx", CONTEXT_LIST, -1, NULL},
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++) {
        g_autofree char *argument = NULL, *why = NULL;
        int command = -2;
        gboolean good = command_parse(LINES[i].line, LINES[i].context, &command, &argument, &why);
        if (good != (LINES[i].command >= 0))
            fail_msg("“%s” was %s", LINES[i].line, good ? "taken" : why);
        if (!good) {
            assert_true(why && *why);
            continue;
        }
        assert_int_equal(command, LINES[i].command);
        if (LINES[i].argument)
            assert_string_equal(argument, LINES[i].argument);
        else
            assert_null(argument);
    }
}

/* What the help page, the palette and the manual are made of. */
static void test_table(void **state)
{
    (void)state;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = command_get(i);
        assert_true(*command->name && *command->help && *command->group && command->contexts);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(command->name, command_get(j)->name);
    }
    assert_null(command_get(-1));
    assert_null(command_get(COMMAND_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_table)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
