/* command.c - see command.h. */
#include "ui/command.h"

#include "config/suggest.h"

#include <string.h>

static const Command COMMANDS[] = {
#define COMMAND(symbol, name, contexts, argument, group, help, keys)                                         \
    {name, (unsigned)(contexts), (unsigned)(argument), group, help, keys},
#include "ui/command.def"
#undef COMMAND
};

const Command *command_get(int command)
{
    return command >= 0 && command < COMMAND_COUNT ? &COMMANDS[command] : NULL;
}

/* A name that no command has: the nearest one. */
static char *unknown(const char *name)
{
    const char *known[COMMAND_COUNT + 1] = {NULL};

    for (int i = 0; i < COMMAND_COUNT; i++)
        known[i] = COMMANDS[i].name;
    const char *near = suggest_nearest(name, known);
    return near ? g_strdup_printf(_("there is no command “%s”; did you mean %s?"), name, near)
                : g_strdup_printf(_("there is no command “%s”; ? lists them"), name);
}

int command_find(const char *name, unsigned contexts, char **why_out)
{
    int found = -1, n_found = 0;
    gboolean is_elsewhere = FALSE;

    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (!g_str_has_prefix(COMMANDS[i].name, name))
            continue;
        gboolean is_here = (COMMANDS[i].contexts & contexts) != 0;
        if (g_str_equal(COMMANDS[i].name, name)) {
            if (is_here)
                return i;
            *why_out = g_strdup_printf(_("“%s” does nothing in this view"), name);
            return -1;
        }
        is_elsewhere |= !is_here;
        if (is_here) {
            found = i;
            n_found++;
        }
    }
    if (n_found == 1 && *name)
        return found;
    if (n_found > 1)
        *why_out = g_strdup_printf(_("“%s” begins several commands; Tab shows them"), name);
    else if (is_elsewhere)
        *why_out = g_strdup_printf(_("“%s” does nothing in this view"), name);
    else
        *why_out = unknown(name);
    return -1;
}

gboolean command_parse(const char *line, unsigned contexts, int *command_out, char **argument_out,
                       char **why_out)
{
    g_autofree char *copy = g_strstrip(g_strdup(line));
    char *argument = strpbrk(copy, " \t");

    if (argument) {
        *argument++ = '\0';
        argument = g_strchug(argument);
    }
    int command = command_find(copy, contexts, why_out);
    if (command < 0)
        return FALSE;
    unsigned kind = COMMANDS[command].argument;
    if (argument && kind == ARGUMENT_NONE) {
        *why_out = g_strdup_printf(_("“%s” takes no argument"), COMMANDS[command].name);
        return FALSE;
    }
    if (!argument && kind != ARGUMENT_NONE && !(kind & ARGUMENT_OPTIONAL)) {
        *why_out = g_strdup_printf(_("“%s” needs an argument"), COMMANDS[command].name);
        return FALSE;
    }
    if ((kind & ~(unsigned)ARGUMENT_OPTIONAL) == ARGUMENT_NUMBER && argument &&
        strspn(argument, "0123456789") != strlen(argument)) {
        *why_out = g_strdup_printf(_("“%s” takes a number"), COMMANDS[command].name);
        return FALSE;
    }
    *command_out = command;
    *argument_out = g_strdup(argument);
    return TRUE;
}
