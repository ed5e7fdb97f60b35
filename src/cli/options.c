/* options.c - see options.h. */
#include "cli/options.h"

#include "base/error.h"
#include "base/i18n.h"
#include "cli/output.h"
#include "config/suggest.h"

#include <string.h>

static const CliOption *find(const CliOption *options, const char *name, gsize length)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

static const CliOption *find_letter(const CliOption *options, char letter)
{
    for (; letter && options && options->name; options++)
        if (options->letter == letter)
            return options;
    return NULL;
}

static gboolean set_value(const CliOption *option, const char *value, char **why_out)
{
    guint64 number = 0;

    if (option->kind == CLI_NUMBER) {
        if (!g_ascii_string_to_unsigned(value, 10, 1, G_MAXINT64, &number, NULL)) {
            *why_out = g_strdup_printf(_("--%s takes a number from 1, not “%s”"), option->name, value);
            return FALSE;
        }
        *(int64_t *)option->value_out = (int64_t)number;
        return TRUE;
    }
    if (option->kind == CLI_LIST) {
        g_ptr_array_add(option->value_out, g_strdup(value));
        return TRUE;
    }
    g_free(*(char **)option->value_out);
    *(char **)option->value_out = g_strdup(value);
    return TRUE;
}

static gboolean unknown(const CliOption *options, const char *word, char **why_out)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *name = g_strndup(word, strcspn(word, "="));

    for (; options && options->name; options++)
        g_ptr_array_add(known, (char *)options->name);
    g_ptr_array_add(known, NULL);
    const char *near = suggest_nearest(name + strspn(name, "-"), (const char *const *)known->pdata);
    *why_out = near ? g_strdup_printf(_("there is no option %s; did you mean --%s?"), name, near)
                    : g_strdup_printf(_("there is no option %s"), name);
    return FALSE;
}

/* One word that begins with '-'. *words may be moved on to the value. */
static gboolean take(const CliOption *option, const char *value, char ***words, char **why_out)
{
    if (option->kind == CLI_FLAG) {
        if (value) {
            *why_out = g_strdup_printf(_("--%s takes no value"), option->name);
            return FALSE;
        }
        *(gboolean *)option->value_out = TRUE;
        return TRUE;
    }
    if (!value) {
        if (!(*words)[1]) {
            *why_out = g_strdup_printf(_("--%s needs a value"), option->name);
            return FALSE;
        }
        value = *++*words;
    }
    return set_value(option, value, why_out);
}

/* "-ti" is "-t -i": sets all but the last of letters that stand together, and that is what comes back. */
static const char *last_of_flags(const CliOption *options, const char *letters)
{
    const CliOption *option;

    while ((option = find_letter(options, *letters)) && option->kind == CLI_FLAG &&
           find_letter(options, letters[1])) {
        *(gboolean *)option->value_out = TRUE;
        letters++;
    }
    return letters;
}

char **cli_options_take(const CliOption *options, char **words, gboolean others_too, char **why_out)
{
    g_autoptr(GPtrArray) left = g_ptr_array_new();

    for (; *words; words++) {
        char *word = *words;
        const CliOption *option = NULL;
        const char *value = NULL;
        if (word[0] != '-' || !word[1]) {
            g_ptr_array_add(left, word);
            continue;
        }
        if (strcmp(word, "--") == 0) {
            for (words += others_too ? 0 : 1; *words; words++)
                g_ptr_array_add(left, *words);
            break;
        }
        if (word[1] == '-') {
            gsize length = strcspn(word + 2, "=");
            option = find(options, word + 2, length);
            value = word[2 + length] ? word + 2 + length + 1 : NULL;
        } else {
            const char *letter = last_of_flags(options, word + 1);
            option = find_letter(options, *letter);
            value = letter[1] ? letter + 1 : NULL;
        }
        if (option ? !take(option, value, &words, why_out) : !others_too && !unknown(options, word, why_out))
            return NULL;
        if (!option)
            g_ptr_array_add(left, word);
    }
    g_ptr_array_add(left, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&left), FALSE);
}

int cli_usage(const CliContext *context, const char *command, const char *why)
{
    g_autoptr(GError) error = NULL;
    const CliCommand *row = command ? cli_command(command) : NULL;

    tern_error_set(&error, TERN_ERROR_INPUT, "%s", why);
    if (row)
        g_prefix_error(&error, "%s: ", command);
    cli_fail(context, error);
    if (!context->json && row)
        cli_note(_("Usage: tern %s %s"), row->name, row->arguments);
    else if (!context->json)
        cli_note(_("tern --help tells more."));
    return CLI_USAGE;
}

char **cli_arguments(const CliContext *context, const CliOption *options, char **argv, int least, int most)
{
    g_autofree char *why = NULL;
    g_autofree char **words = cli_options_take(options, argv + 1, FALSE, &why);
    int n = words ? (int)g_strv_length(words) : 0;

    if (words && n < least)
        why = g_strdup(_("something is missing"));
    else if (words && most >= 0 && n > most)
        why = g_strdup_printf(_("“%s” is too much"), words[most]);
    if (!why)
        return g_steal_pointer(&words);
    cli_usage(context, argv[0], why);
    return NULL;
}
