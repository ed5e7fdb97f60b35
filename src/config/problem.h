/*
 * problem.h - mistakes in a file that people write, gathered so that all can be told at once.
 *
 * The texts are made safe to show (base/sanitise.h), since they quote the file. Any thread.
 */
#ifndef TERN_CONFIG_PROBLEM_H
#define TERN_CONFIG_PROBLEM_H

#include "config/config.h"

#include <glib.h>

/* Where the mistakes of one file go. */
typedef struct {
    char *file;
    GPtrArray *list; /* ConfigProblem *, with a free function */
} ConfigProblems;

void config_problems_init(ConfigProblems *problems, const char *file);
void config_problems_clear(ConfigProblems *problems);

/* "what is wrong; what would be right", on that line (0: the file as a whole). */
void config_problem_add(ConfigProblems *problems, int line, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The same in another file: one that the first names. */
void config_problem_add_in(ConfigProblems *problems, const char *file, int line, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* The file's own by line, then those of others by file and line; mistakes on one line stay in the order in
 * which they were found. */
void config_problems_sort(ConfigProblems *problems);

#endif
