/* screen.c - what commands need of the screen, as main() has handed it over; see cli.h. */
#include "cli/commands.h"
#include "compose/alias.h"

static const CliScreen *screen;

void cli_set_screen(const CliScreen *handed)
{
    screen = handed;
}

void cli_screen_keys(const Config *config, CliKeyFunc func, void *data)
{
    if (screen)
        screen->keys(config, func, data);
}

GPtrArray *cli_problems(const Config *config)
{
    const GPtrArray *own = config_problems(config);
    ConfigProblems all;

    config_problems_init(&all, config_path(config));
    for (guint i = 0; i < own->len; i++) {
        const ConfigProblem *problem = own->pdata[i];
        config_problem_add(&all, problem->line, "%s", problem->text);
    }
    alias_check(config, &all);
    if (screen)
        screen->check(config, &all);
    config_problems_sort(&all);
    GPtrArray *list = g_ptr_array_ref(all.list);
    config_problems_clear(&all);
    return list;
}
