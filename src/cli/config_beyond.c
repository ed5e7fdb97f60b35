/* config_beyond.c - see config_beyond.h. */
#include "cli/config_beyond.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/paths.h"
#include "base/spawn.h"
#include "compose/address.h"
#include "compose/identity.h"
#include "compose/message.h"
#include "config/suggest.h"
#include "config/value.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The shell only reads the line. */
#define SHELL_US (5 * SECOND_US)
#define UNDO_SEND_MOST_S (24 * 60 * 60)

/* Where a value stands: its key and line, in an account's section or an identity's. */
typedef struct {
    ConfigProblems *problems;
    const char *key;
    int line;
} Place;

/* ---- files ---- */

static gboolean is_there(const Place *place, const char *path, struct stat *status)
{
    if (stat(path, status) == 0 && access(path, R_OK) == 0)
        return TRUE;
    config_problem_add(place->problems, place->line, _("%s: cannot read %s: %s"), place->key, path,
                       g_strerror(errno));
    return FALSE;
}

static void check_file(const Place *place, const char *path)
{
    struct stat status;

    if (path && is_there(place, path, &status) && !S_ISREG(status.st_mode))
        config_problem_add(place->problems, place->line, _("%s: %s is no plain file; name one"), place->key,
                           path);
}

/* vCards: a file, or a folder of them. */
static void check_contacts(const Place *place, const char *configured)
{
    g_autofree char *path = paths_whole(configured);
    struct stat status;

    if (is_there(place, path, &status) && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        config_problem_add(place->problems, place->line,
                           _("%s: %s is neither a file of vCards nor a folder of them"), place->key, path);
}

/* A mailbox on this disk is one file, or a folder; tern makes it where there is none. */
static void check_mailbox(const Place *place, const ConfigServer *incoming)
{
    struct stat status;

    if (!incoming->path || stat(incoming->path, &status) != 0)
        return;
    if (incoming->protocol == CONFIG_MBOX && !S_ISREG(status.st_mode))
        config_problem_add(
            place->problems, place->line,
            S_ISDIR(status.st_mode)
                ? _("%s: %s is a folder, and an mbox is a file; write maildir:%s if it is a Maildir")
                : _("%s: %s is no plain file, which an mbox is"),
            place->key, incoming->path, incoming->path);
    else if (incoming->protocol == CONFIG_MAILDIR && !S_ISDIR(status.st_mode))
        config_problem_add(place->problems, place->line,
                           _("%s: %s is no folder, and a Maildir is one; write mbox:%s if it is an mbox"),
                           place->key, incoming->path, incoming->path);
}

/* Mail that is shown twice, and changed from two sides. */
static void check_alone(const Place *place, const Config *config, const ConfigAccount *account)
{
    const GPtrArray *accounts = config_accounts(config);
    const char *path = account->incoming.path;
    struct stat one, other;

    if (!path)
        return;
    for (guint i = 0; i < accounts->len && accounts->pdata[i] != account; i++) {
        const ConfigAccount *before = accounts->pdata[i];
        if (!before->incoming.path)
            continue;
        if (strcmp(before->incoming.path, path) != 0 &&
            (stat(before->incoming.path, &one) != 0 || stat(path, &other) != 0 ||
             one.st_dev != other.st_dev || one.st_ino != other.st_ino))
            continue;
        config_problem_add(place->problems, place->line, _("%s: %s is the mail of the account “%s” already"),
                           place->key, path, before->id);
        return;
    }
}

/* tern makes the folder where there is none. */
static void check_data_dir(const Place *place, const char *path)
{
    struct stat status;

    if (place->line && stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
        config_problem_add(place->problems, place->line, _("%s: %s is no folder; name one"), place->key,
                           path);
}

/* ---- command lines ---- */

/* One that the shell gets. */
static void check_shell(const Place *place, const char *command)
{
    const char *const argv[] = {"sh", "-n", "-c", command, NULL};

    if (command && !spawn_argv(argv, NULL, clock_now_us() + SHELL_US, NULL, NULL))
        config_problem_add(place->problems, place->line,
                           _("%s: the shell cannot read this command; is a quote or bracket not closed?"),
                           place->key);
}

/* One that is run by its words. */
static void check_words(const Place *place, const char *command)
{
    g_autoptr(GError) failed = NULL;

    if (command && *command && !g_shell_parse_argv(command, NULL, NULL, &failed))
        config_problem_add(place->problems, place->line, _("%s: this cannot be read as words: %s"),
                           place->key, failed->message);
}

/* ---- addresses and header fields ---- */

static void check_list(const Place *place, char *const *list)
{
    if (place->line && list && !*list)
        config_problem_add(place->problems, place->line,
                           _("%s: there is no value; write one, or take the line out"), place->key);
}

/* "ada@x.org", "Ada <ada@x.org>", "*@x.org": as compose/identity.c reads them. */
static void check_own_address(const Place *place, const char *item)
{
    const char *open = strrchr(item, '<');
    g_autofree char *address = open ? g_strndup(open + 1, strcspn(open + 1, ">")) : g_strdup(item);
    g_autofree char *why = NULL;

    if (strpbrk(address, "*?") ? strchr(address, '@') != NULL : compose_address_check(address, &why))
        return;
    config_problem_add(place->problems, place->line, "%s: “%s”: %s", place->key, item,
                       why ? why : _("this fits no address; write for example *@example.org"));
}

static void check_field(const Place *place, const char *item)
{
    g_auto(GStrv) parts = g_strsplit(item, ":", 2);

    if (!parts[0] || !parts[1] || !*g_strstrip(parts[1]))
        config_problem_add(place->problems, place->line,
                           _("%s: “%s” is no header field; write for example Organization: Example Ltd"),
                           place->key, item);
    else if (!identity_field_is_free(g_strstrip(parts[0])))
        config_problem_add(
            place->problems, place->line,
            _("%s: “%s” cannot be set here: tern writes that field itself, or it is no name of one"),
            place->key, parts[0]);
}

static void check_language(const Place *place, const char *text)
{
    if (text && !compose_is_language(text))
        config_problem_add(place->problems, place->line,
                           _("%s: “%s” is no language; write a tag as en or pt-BR, or several with commas"),
                           place->key, text);
}

static void check_reply_to(const Place *place, const char *text)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(GPtrArray) list = text ? compose_addresses_parse(text, NULL, &failed) : NULL;

    if (failed)
        config_problem_add(place->problems, place->line, _("%s: “%s”: %s"), place->key, text,
                           failed->message);
}

/* As compose/quote.h reads it. */
static void check_attribution(const Place *place, const char *format)
{
    for (const char *at = strchr(format, '%'); at && at[1]; at = strchr(at + 2, '%')) {
        if (strchr("dnas%", at[1]))
            continue;
        g_autofree char *unknown = g_utf8_substring(at, 0, 2);
        config_problem_add(place->problems, place->line,
                           _("%s: “%s” stands for nothing; %%d is the date, %%n the name, %%a the address, "
                             "%%s the subject, %%%% a %%"),
                           place->key, unknown);
        return;
    }
}

/* Its unit is mistyped rather than meant. */
static void check_undo_send(const Place *place, const char *text)
{
    int64_t seconds = 0;

    if (config_value_parse(config_option("undo-send"), text, &seconds, NULL) && seconds > UNDO_SEND_MOST_S)
        config_problem_add(place->problems, place->line,
                           _("%s: each message would wait for %s before it is sent; write at most 1d"),
                           place->key, text);
}

/* ---- sections ---- */

static void check_account(ConfigProblems *problems, const Config *config, const ConfigAccount *account)
{
#define AT(name) (&(Place){problems, name, config_account_line(account, name)})
    char **item;

    check_file(AT("signature"), account->signature);
    check_file(AT("ca-file"), account->ca_file);
    check_mailbox(AT("incoming"), &account->incoming);
    check_alone(AT("incoming"), config, account);
    check_shell(AT("password-command"), account->password_command);
    check_shell(AT("signature-command"), account->signature_command);
    check_shell(AT("tunnel"), account->tunnel);
    check_list(AT("addresses"), account->addresses);
    check_list(AT("use-address"), account->use_address);
    check_language(AT("language"), account->language);
    check_list(AT("headers"), account->headers);
    check_list(AT("copy-to"), account->copy_to);
    check_list(AT("watch"), account->watch);
    for (item = account->addresses; item && *item; item++)
        check_own_address(AT("addresses"), *item);
    for (item = account->headers; item && *item; item++)
        check_field(AT("headers"), *item);
    check_reply_to(AT("reply-to"), account->reply_to);
#undef AT
}

static void check_identity(ConfigProblems *problems, const ConfigIdentity *identity)
{
#define AT(name) (&(Place){problems, name, config_identity_line(identity, name)})
    check_file(AT("signature"), identity->signature);
    check_shell(AT("signature-command"), identity->signature_command);
    check_list(AT("headers"), identity->headers);
    check_list(AT("use-for"), identity->use_for);
    for (char **item = identity->headers; item && *item; item++)
        check_field(AT("headers"), *item);
    check_reply_to(AT("reply-to"), identity->reply_to);
#undef AT
}

/* "work/INBOX" where there is no account "work": the first account may have a folder of that name, but for
 * what looks like an account's name, or like its Inbox. */
static void check_start(const Place *place, const Config *config)
{
    const char *start = config_string(config, "start"), *slash = strchr(start, '/');
    const GPtrArray *accounts = config_accounts(config);
    g_autofree char *first = g_strndup(start, slash ? (gsize)(slash - start) : 0);
    g_autoptr(GPtrArray) known = g_ptr_array_new();

    if (!slash || config_account(config, first))
        return;
    for (guint i = 0; i < accounts->len; i++)
        g_ptr_array_add(known, ((const ConfigAccount *)accounts->pdata[i])->id);
    g_ptr_array_add(known, NULL);
    const char *near = suggest_nearest(first, (const char *const *)known->pdata);
    if (near)
        config_problem_add(place->problems, place->line,
                           _("%s: there is no account “%s”; did you mean %s%s?"), place->key, first, near,
                           slash);
    else if (g_ascii_strcasecmp(slash + 1, "INBOX") == 0)
        config_problem_add(
            place->problems, place->line,
            _("%s: there is no account “%s”; write [ACCOUNT/]FOLDER, with an account of this file"),
            place->key, first);
}

static void check_options(ConfigProblems *problems, const Config *config)
{
#define AT(name) (&(Place){problems, name, config_line(config, name)})
    static const char *const EDITORS[] = {"", "builtin", "external", NULL};
    const char *editor = config_string(config, "editor");
    g_auto(GStrv) contacts = NULL;

    if (!g_strv_contains(EDITORS, editor))
        check_shell(AT("editor"), editor);
    check_words(AT("notify-command"), config_string(config, "notify-command"));
    check_words(AT("query-command"), config_string(config, "query-command"));
    if (config_is_set(config, "contacts"))
        config_value_parse(config_option("contacts"), config_string(config, "contacts"), &contacts, NULL);
    for (char **path = contacts; path && *path; path++)
        check_contacts(AT("contacts"), *path);
    check_start(AT("start"), config);
    check_data_dir(AT("data-dir"), config_string(config, "data-dir"));
    check_attribution(AT("attribution"), config_string(config, "attribution"));
    check_undo_send(AT("undo-send"), config_string(config, "undo-send"));
#undef AT
}

GPtrArray *cli_problems_beyond(const Config *config)
{
    g_autoptr(GPtrArray) plain = cli_problems(config);
    const GPtrArray *accounts = config_accounts(config), *identities = config_identities(config);
    ConfigProblems all;

    config_problems_init(&all, config_path(config));
    for (guint i = 0; i < plain->len; i++) {
        const ConfigProblem *problem = plain->pdata[i];
        config_problem_add_in(&all, problem->file, problem->line, "%s", problem->text);
    }
    check_options(&all, config);
    for (guint i = 0; i < accounts->len; i++)
        check_account(&all, config, accounts->pdata[i]);
    for (guint i = 0; i < identities->len; i++)
        check_identity(&all, identities->pdata[i]);
    config_problems_sort(&all);
    GPtrArray *list = g_ptr_array_ref(all.list);
    config_problems_clear(&all);
    return list;
}
