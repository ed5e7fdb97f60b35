/* problem.c - see problem.h. */
#include "config/problem.h"

#include "base/sanitise.h"

#include <stdarg.h>

static void problem_free(void *data)
{
    ConfigProblem *problem = data;

    g_free(problem->file);
    g_free(problem->text);
    g_free(problem);
}

void config_problems_init(ConfigProblems *problems, const char *file)
{
    problems->file = g_strdup(file);
    problems->list = g_ptr_array_new_with_free_func(problem_free);
}

void config_problems_clear(ConfigProblems *problems)
{
    g_clear_pointer(&problems->file, g_free);
    g_clear_pointer(&problems->list, g_ptr_array_unref);
}

void config_problem_add(ConfigProblems *problems, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    ConfigProblem *problem = g_new0(ConfigProblem, 1);
    problem->file = g_strdup(problems->file);
    problem->line = line;
    problem->text = sanitise(text, -1, SANITISE_LINE);
    g_ptr_array_add(problems->list, problem);
}

static int by_line(const void *a, const void *b)
{
    const ConfigProblem *first = *(ConfigProblem *const *)a, *second = *(ConfigProblem *const *)b;

    return first->line - second->line;
}

void config_problems_sort(ConfigProblems *problems)
{
    g_ptr_array_sort(problems->list, by_line); /* GLib's sort is stable */
}
