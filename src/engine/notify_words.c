/* notify_words.c - see notify.h: from new mail to a command's words and environment. No thread, no I/O. */
#include "engine/notify.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

typedef enum { TEXT, FROM, SUBJECT, ACCOUNT, FOLDER, COUNT, ID, FIELDS } Field;

static const struct {
    const char *placeholder, *variable;
} NAMES[FIELDS] = {
    [TEXT] = {"{text}", "TERN_TEXT"},
    [FROM] = {"{from}", "TERN_FROM"},
    [SUBJECT] = {"{subject}", "TERN_SUBJECT"},
    [ACCOUNT] = {"{account}", "TERN_ACCOUNT"},
    [FOLDER] = {"{folder}", "TERN_FOLDER"},
    [COUNT] = {"{count}", "TERN_COUNT"},
    [ID] = {"{id}", "TERN_ID"},
};

char *notify_sentence(const NotifyNews *news)
{
    const char *subject = *news->subject ? news->subject : _("(no subject)");

    if (news->count == 1)
        return *news->from ? g_strdup_printf("%s: %s", news->from, subject) : g_strdup(subject);
    return g_strdup_printf(ngettext_("%d new message in %s/%s", "%d new messages in %s/%s", news->count),
                           news->count, news->account, news->folder);
}

/* All fields as text, to be freed; indexed by Field. */
static GStrv make_values(const NotifyNews *news)
{
    char **values = g_new0(char *, FIELDS + 1);

    values[TEXT] = notify_sentence(news);
    values[FROM] = g_strdup(news->from);
    values[SUBJECT] = g_strdup(news->subject);
    values[ACCOUNT] = g_strdup(news->account);
    values[FOLDER] = g_strdup(news->folder);
    values[COUNT] = g_strdup_printf("%d", news->count);
    values[ID] = g_strdup_printf("%" G_GINT64_FORMAT, news->id);
    return values;
}

/* Notification daemons take a markup of their own (images and links among it) from the text that they are
 * given. */
static void append_plain(GString *word, const char *value)
{
    for (const char *at = value; *at; at++)
        if (*at == '<')
            g_string_append(word, "\xe2\x80\xb9");
        else if (*at == '>')
            g_string_append(word, "\xe2\x80\xba");
        else
            g_string_append_c(word, *at);
}

/* The field whose placeholder stands there, or FIELDS. */
static Field field_at(const char *at)
{
    for (Field field = 0; *at == '{' && field < FIELDS; field++)
        if (g_str_has_prefix(at, NAMES[field].placeholder))
            return field;
    return FIELDS;
}

/* What is put in is not looked through for placeholders again. */
static char *fill_word(const char *word, const GStrv values)
{
    GString *filled = g_string_new(NULL);

    for (const char *at = word; *at;) {
        const Field field = field_at(at);
        if (field == FIELDS) {
            g_string_append_c(filled, *at++);
            continue;
        }
        append_plain(filled, values[field]);
        at += strlen(NAMES[field].placeholder);
    }
    if (*filled->str == '-' && *word != '-') { /* what looks like an option was the mail's */
        g_string_erase(filled, 0, 1);
        g_string_prepend(filled, "\xe2\x80\x90");
    }
    return g_string_free(filled, FALSE);
}

GStrv notify_words(const char *command, const NotifyNews *news, GError **error)
{
    g_auto(GStrv) values = make_values(news);
    g_autoptr(GError) failed = NULL;
    char **words;

    if (!g_shell_parse_argv(command, NULL, &words, &failed)) {
        tern_error_set(error, TERN_ERROR_CONFIG, _("notify-command: “%s” cannot be read as words: %s"),
                       command, failed->message);
        return NULL;
    }
    for (guint i = 1; words[i]; i++) { /* the program itself is never the mail's */
        char *filled = fill_word(words[i], values);
        g_free(words[i]);
        words[i] = filled;
    }
    return words;
}

GStrv notify_environment(const NotifyNews *news)
{
    g_auto(GStrv) values = make_values(news);
    char **environment = g_get_environ();

    for (Field field = 0; field < FIELDS; field++)
        environment = g_environ_setenv(environment, NAMES[field].variable, values[field], TRUE);
    return environment;
}
