/* problem.c - see problem.h. */
#include "config/problem.h"

#include "base/sanitise.h"

#include <stdarg.h>
#include <string.h>

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

static void add(ConfigProblems *problems, const char *file, int line, const char *text)
{
    ConfigProblem *problem = g_new0(ConfigProblem, 1);

    problem->file = g_strdup(file);
    problem->line = line;
    problem->text = sanitise(text, -1, SANITISE_LINE);
    g_ptr_array_add(problems->list, problem);
}

void config_problem_add(ConfigProblems *problems, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    add(problems, problems->file, line, text);
}

void config_problem_add_in(ConfigProblems *problems, const char *file, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    add(problems, file, line, text);
}

static int by_place(const void *a, const void *b, void *file)
{
    const ConfigProblem *first = *(ConfigProblem *const *)a, *second = *(ConfigProblem *const *)b;
    gboolean is_own = g_str_equal(first->file, file);

    if (is_own != g_str_equal(second->file, file))
        return is_own ? -1 : 1;
    int order = strcmp(first->file, second->file);
    return order ? order : first->line - second->line;
}

void config_problems_sort(ConfigProblems *problems)
{
    /* GLib's sort is stable */
    g_ptr_array_sort_with_data(problems->list, by_place, problems->file);
}
