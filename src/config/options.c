/* options.c - the one table of the options of [tern]; help, man page, `:set` and `tern config show` are made
 * from it. */
#include "config/config.h"

#include "base/i18n.h"
#include "config/value.h"

#include <string.h>

static const ConfigOption OPTIONS[] = {
    {"start", OPTION_STRING, "", NULL,
     N_("The folder to begin in, as [ACCOUNT/]FOLDER; else the first account's Inbox")},
    {"data-dir", OPTION_PATH, "", NULL,
     N_("The folder for what exists only here (store, journal, outbox); must not be on a network file "
        "system")},
    {"theme", OPTION_STRING, "dark", NULL,
     N_("The colours: dark, light, or the name or path of a theme of your own")},
    {"symbols", OPTION_CHOICE, "auto", "auto utf8 ascii",
     N_("What lists and trees are drawn with; auto follows the locale")},
    {"hints", OPTION_BOOL, "yes", NULL, N_("Whether the last line shows the most useful keys")},
    {"sidebar", OPTION_CHOICE, "auto", "auto yes no",
     N_("Whether folders stand beside the messages; auto: where the screen is wide enough")},
    {"mark-read", OPTION_BOOL, "yes", NULL, N_("Whether opening a message marks it read")},
    {"after-move", OPTION_CHOICE, "next", "next previous list",
     N_("What is shown after the message that was read is deleted or moved: the next one, the previous one, "
        "or the list")},
    {"text-width", OPTION_INT, "100", "20 500", N_("The most columns that a message's text takes")},
    {"prefer-html", OPTION_BOOL, "no", NULL, N_("Whether HTML is shown where a message also has plain text")},
    {"editor", OPTION_STRING, "", NULL,
     N_("What messages are written with: builtin, external ($VISUAL or $EDITOR), or a command; asked at the "
        "first message unless given")},
    {"edit-headers", OPTION_BOOL, "no", NULL,
     N_("Whether From, To, Cc, Bcc and Subject stand above the text in an external editor")},
    {"attribution", OPTION_STRING, "On %d, %n wrote:", NULL,
     N_("The line before a quote; %d the date, %n the name, %a the address, %s the subject")},
    {"reply-quote", OPTION_BOOL, "yes", NULL, N_("Whether a reply begins with the quoted text")},
    {"copy-beside", OPTION_BOOL, "no", NULL,
     N_("Whether the copy of an answer goes to the folder of what it answers, instead of that for sent "
        "mail")},
    {"text-flowed", OPTION_BOOL, "yes", NULL,
     N_("Whether long lines of what you write flow into the reader's width (format=flowed)")},
    {"markdown", OPTION_BOOL, "no", NULL,
     N_("Whether HTML is made of what you write, as Markdown, and goes beside it")},
    {"contacts", OPTION_LIST, "", NULL,
     N_("vCard files, or folders of them, of other programs (khard, vdirsyncer, abook's export), parted by "
        ";, "
        "whose people are completed and shown")},
    {"query-command", OPTION_STRING, "", NULL,
     N_("A program that looks people up, as mutt's query_command; %s is what was typed")},
    {"undo-send", OPTION_DURATION, "10s", NULL,
     N_("How long a message that was sent from the screen can be taken back")},
    {"upload-drafts", OPTION_DURATION, "1m", NULL,
     N_("How long a draft rests before a copy goes to the account's folder for drafts, which closing it does "
        "at once; "
        "0s: never")},
    {"notify-command", OPTION_STRING, "", NULL,
     N_("A program that is run when new mail comes, by its words (no shell): {text} {from} {subject} "
        "{account} {folder} {count} {id} are put in")},
    {"notify-bell", OPTION_BOOL, "no", NULL, N_("Whether the terminal's bell rings when new mail comes")},
    {"notify-osc", OPTION_CHOICE, "no", "no 9 777",
     N_("Whether the terminal is told of new mail, by OSC 9 or OSC 777, for a notification of its own")},
    {NULL, OPTION_STRING, NULL, NULL, NULL},
};

const ConfigOption *config_options(void)
{
    return OPTIONS;
}

const ConfigOption *config_option(const char *name)
{
    for (const ConfigOption *option = OPTIONS; option->name; option++)
        if (strcmp(option->name, name) == 0)
            return option;
    return NULL;
}

gboolean config_option_check(const ConfigOption *option, const char *value, char **why_out)
{
    return config_value_parse(option, value, NULL, why_out);
}
