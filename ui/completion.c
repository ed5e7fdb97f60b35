/* completion.c - see completion.h. */
#include "ui/completion.h"

#include "config/config.h"
#include "ui/command.h"
#include "ui/fuzzy.h"
#include "ui/ui.h"

#include <string.h>

GPtrArray *completion_commands(const char *line, unsigned contexts)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

    for (int i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = command_get(i);
        if ((command->contexts & contexts) && g_str_has_prefix(command->name, line))
            g_ptr_array_add(found, g_strdup(command->name));
    }
    return found;
}

/* Adds head and word where the word goes on from what is typed, whatever the case. */
static void add(GPtrArray *found, const char *head, const char *typed, const char *word)
{
    g_autofree char *folded_typed = g_utf8_casefold(typed, -1), *folded = g_utf8_casefold(word, -1);

    if (g_str_has_prefix(folded, folded_typed))
        g_ptr_array_add(found, g_strconcat(head, word, NULL));
}

static void add_values(GPtrArray *found, const char *head, const char *typed, const ConfigOption *option)
{
    g_auto(GStrv) values = g_strsplit(option->type == OPTION_BOOL ? "yes no"
                                      : option->choices           ? option->choices
                                                                  : "",
                                      " ", -1);
    g_autofree char *whole = g_strdup_printf("%s%s=", head, option->name);

    if (option->type != OPTION_BOOL && option->type != OPTION_CHOICE)
        return;
    for (char **value = values; *value; value++)
        add(found, whole, typed, *value);
}

static void add_options(GPtrArray *found, const char *head, const char *typed)
{
    const char *equals = strchr(typed, '=');

    for (const ConfigOption *option = config_options(); option->name; option++) {
        if (equals) {
            if (strlen(option->name) == (gsize)(equals - typed) && g_str_has_prefix(typed, option->name))
                add_values(found, head, equals + 1, option);
            continue;
        }
        g_autofree char *word = g_strconcat(option->name, "=", NULL);
        add(found, head, typed, word);
    }
}

typedef struct {
    const char *name;
    int score;
} Scored;

static int compare_scores(const void *a, const void *b)
{
    const Scored *first = a, *second = b;

    return second->score - first->score ? second->score - first->score : strcmp(first->name, second->name);
}

/* Those that go on from what is typed, then those that it fits otherwise, the best first. */
static void add_folders(Ui *ui, GPtrArray *found, const char *head, const char *typed)
{
    g_autoptr(GPtrArray) names = ui_folder_names(ui);
    g_autoptr(GArray) others = g_array_new(FALSE, FALSE, sizeof(Scored));

    for (guint i = 0; i < names->len; i++) {
        guint before = found->len;
        Scored scored = {names->pdata[i], fuzzy_score(typed, names->pdata[i])};
        add(found, head, typed, names->pdata[i]);
        if (found->len == before && scored.score >= 0)
            g_array_append_val(others, scored);
    }
    g_array_sort(others, compare_scores);
    for (guint i = 0; i < others->len; i++)
        g_ptr_array_add(found, g_strconcat(head, g_array_index(others, Scored, i).name, NULL));
}

GPtrArray *completion_find(Ui *ui, const char *line, gsize *shown_from_out)
{
    const char *space = strchr(line, ' ');
    g_autofree char *why = NULL;

    *shown_from_out = 0;
    if (!space)
        return completion_commands(line, ui_context(ui));
    g_autofree char *name = g_strndup(line, (gsize)(space - line));
    const char *typed = space + strspn(space, " ");
    g_autofree char *head = g_strndup(line, (gsize)(typed - line));
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    int command = command_find(name, ui_context(ui), &why);
    unsigned kind =
        command < 0 ? ARGUMENT_NONE : command_get(command)->argument & ~(unsigned)ARGUMENT_OPTIONAL;

    *shown_from_out = (gsize)(typed - line);
    if (kind == ARGUMENT_FOLDER)
        add_folders(ui, found, head, typed);
    else if (kind == ARGUMENT_OPTION)
        add_options(found, head, typed);
    else if (command == COMMAND_SORT) {
        add(found, head, typed, "threads");
        add(found, head, typed, "flat");
    }
    return found;
}
