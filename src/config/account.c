/* account.c - see account.h. */
#include "config/account.h"

#include "base/i18n.h"
#include "config/suggest.h"
#include "config/units.h"
#include "config/url.h"
#include "config/value.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const ConfigOption KEYS[] = {
#define KEY(name, type, field, value, choices, help) {name, type, value, choices, help},
#include "config/account_keys.def"
#undef KEY
    {NULL, OPTION_STRING, NULL, NULL, NULL},
};

static const gsize FIELDS[] = {
#define KEY(name, type, field, value, choices, help) offsetof(ConfigAccount, field),
#include "config/account_keys.def"
#undef KEY
};

/* Unless `poll` says otherwise; a visit of POP3 is a login each time. */
#define POLL_S (5 * 60)
#define POLL_POP3_S (10 * 60)

#define N_KEYS G_N_ELEMENTS(FIELDS)

const ConfigOption *config_account_keys(void)
{
    return KEYS;
}

static int find_key(const char *name)
{
    for (int i = 0; i < (int)N_KEYS; i++)
        if (strcmp(KEYS[i].name, name) == 0)
            return i;
    return -1;
}

static void *field_of(ConfigAccount *account, int key)
{
    return (char *)account + FIELDS[key];
}

int64_t config_account_poll_s(const ConfigAccount *account)
{
    return account->poll_s > 0                         ? account->poll_s
           : account->incoming.protocol == CONFIG_POP3 ? POLL_POP3_S
                                                       : POLL_S;
}

char *config_account_format(const ConfigAccount *account, const ConfigOption *key)
{
    if (strcmp(key->name, "poll") == 0) /* what is on this disk is watched, and not polled by it */
        return account->incoming.host ? units_format_duration(config_account_poll_s(account)) : NULL;
    g_autofree char *text = config_value_format(key, (const char *)account + FIELDS[key - KEYS]);

    return text && key->type != OPTION_LIST ? ini_escape(text, FALSE) : g_steal_pointer(&text);
}

void config_account_free(ConfigAccount *account)
{
    if (!account)
        return;
    for (int i = 0; i < (int)N_KEYS; i++)
        config_value_clear(&KEYS[i], field_of(account, i));
    g_free(account->id);
    g_free(account->key_lines);
    g_free(account);
}

int config_account_line(const ConfigAccount *account, const char *key)
{
    const int found = find_key(key);

    return found >= 0 && account->key_lines ? account->key_lines[found] : 0;
}

/* Names of keys as other programs have them, and what they are here. */
static const struct {
    const char *theirs, *ours;
} TRANSLATIONS[] = {
    {"email", "address"},   {"from", "address"},    {"realname", "name"},
    {"host", "incoming"},   {"server", "incoming"}, {"imap", "incoming"},
    {"source", "incoming"}, {"user", "incoming"},   {"username", "incoming"},
    {"smtp", "outgoing"},   {"pass", "password"},   {"passwordeval", "password-command"},
};

void config_unknown_key(const IniEntry *entry, const char *what, const ConfigOption *options,
                        ConfigProblems *problems)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    const char *near = NULL;

    for (const ConfigOption *option = options; option->name; option++)
        g_ptr_array_add(known, (char *)option->name);
    g_ptr_array_add(known, NULL);
    for (gsize i = 0; options == KEYS && i < G_N_ELEMENTS(TRANSLATIONS); i++)
        if (g_ascii_strcasecmp(TRANSLATIONS[i].theirs, entry->key) == 0)
            near = TRANSLATIONS[i].ours;
    if (!near)
        near = suggest_nearest(entry->key, (const char *const *)known->pdata);
    if (near) {
        config_problem_add(problems, entry->line, _("“%s” is no key of %s; did you mean %s?"), entry->key,
                           what, near);
    } else {
        g_ptr_array_set_size(known, (int)known->len - 1);
        g_ptr_array_add(known, NULL);
        g_autofree char *all = g_strjoinv(", ", (char **)known->pdata);
        config_problem_add(problems, entry->line, _("“%s” is no key of %s; there are %s"), entry->key, what,
                           all);
    }
}

/* An id is a folder's name on disk and the first component of [ACCOUNT/]FOLDER. */
static gboolean check_id(const char *id, int line, ConfigProblems *problems)
{
    if (!*id) {
        config_problem_add(problems, line, _("the account has no name; write for example [account work]"));
        return FALSE;
    }
    if (*id == '.' || *id == '-' || strchr(id, '/') || strlen(id) > 64) {
        config_problem_add(
            problems, line,
            _("an account's name has no \"/\" in it, does not begin with \".\" or \"-\", and is at most 64 "
              "bytes long; write for example [account work]"));
        return FALSE;
    }
    for (const char *c = id; *c; c++)
        if ((guchar)*c < 0x20 || *c == 0x7F) {
            config_problem_add(problems, line,
                               _("there is a control character in the account's name; take it out"));
            return FALSE;
        }
    return TRUE;
}

/* Gives every key its default, then the section's values; lines[key] is where it stands (0: nowhere). */
static void read_keys(ConfigAccount *account, const IniSection *section, int *lines, ConfigProblems *problems)
{
    account->incoming.protocol = account->outgoing.protocol = CONFIG_NONE;
    for (int i = 0; i < (int)N_KEYS; i++) {
        g_autofree char *why = NULL;
        if (*KEYS[i].default_value)
            config_value_parse(&KEYS[i], KEYS[i].default_value, field_of(account, i), &why);
    }
    for (guint i = 0; i < section->entries->len; i++) {
        const IniEntry *entry = section->entries->pdata[i];
        g_autofree char *why = NULL;
        int key = find_key(entry->key);
        if (key < 0) {
            config_unknown_key(entry, _("an account"), KEYS, problems);
            continue;
        }
        lines[key] = entry->line;
        if (!config_value_parse(&KEYS[key], entry->value, field_of(account, key), &why))
            config_problem_add(problems, entry->line, "%s: %s", entry->key, why);
    }
}

/* A plain connection that would carry a password off this machine. */
static void check_plain(const ConfigAccount *account, const ConfigServer *server, const char *key,
                        const char *secure, int line, ConfigProblems *problems)
{
    gboolean has_password = account->password || account->password_command;

    if (!server->host || server->security != CONFIG_PLAIN || account->insecure || account->tunnel ||
        !has_password || (url_is_loopback(server->host) && !account->proxy.host))
        return;
    config_problem_add(
        problems, line,
        _("%s: the password would go to %s unencrypted; use %s:// (or write insecure = yes, if the way "
          "there is safe)"),
        key, server->host, secure);
}

/* What concerns passwords: one source only, and a file that nobody else can read. */
static void check_passwords(const ConfigAccount *account, const int *lines, unsigned mode,
                            ConfigProblems *problems)
{
    int password = lines[find_key("password")], command = lines[find_key("password-command")];

    if (password && command)
        config_problem_add(
            problems, MAX(password, command),
            _("password and password-command stand both in this account (the other in line %d); keep "
              "one of them"),
            MIN(password, command));
    if (!password && account->proxy.password)
        password = lines[find_key("proxy")];
    if (password && (mode & 077))
        config_problem_add(
            problems, password,
            _("others on this machine can read this password (the file's mode is %04o); run: chmod "
              "600 %s"),
            mode & 07777, problems->file);
}

/* A certificate of one's own: it is shown only over TLS, and whoever reads its key is you. */
static void check_client(const ConfigAccount *account, const int *lines, ConfigProblems *problems)
{
    int cert = lines[find_key("client-cert")], key = lines[find_key("client-key")];
    const char *path = account->client_key ? account->client_key : account->client_cert;
    struct stat status;

    if (!cert) {
        if (key)
            config_problem_add(problems, key,
                               _("client-key is the key of a certificate; name that too, with client-cert"));
        return;
    }
    if (account->incoming.host && account->incoming.security == CONFIG_PLAIN)
        config_problem_add(problems, cert,
                           _("client-cert: certificates are shown over TLS only; use %s:// or +starttls"),
                           account->incoming.protocol == CONFIG_POP3 ? "pop3s" : "imaps");
    if (path && stat(path, &status) < 0)
        config_problem_add(problems, key ? key : cert, _("cannot read %s: %s"), path, g_strerror(errno));
    else if (path && (status.st_mode & 077))
        config_problem_add(problems, key ? key : cert,
                           _("others on this machine can read this private key (the file's mode is %04o); "
                             "run: chmod 600 %s"),
                           status.st_mode & 07777, path);
}

/* The ways to the server. */
static void check_way(const ConfigAccount *account, const int *lines, ConfigProblems *problems)
{
    int tunnel = lines[find_key("tunnel")], proxy = lines[find_key("proxy")];

    if (account->tunnel && account->proxy.host)
        config_problem_add(
            problems, MAX(tunnel, proxy),
            _("tunnel and proxy stand both in this account (the other in line %d); keep one of them"),
            MIN(tunnel, proxy));
}

/* What only the keys together can get wrong. */
static void check_account(const ConfigAccount *account, const int *lines, unsigned mode,
                          ConfigProblems *problems)
{
    int incoming = lines[find_key("incoming")], outgoing = lines[find_key("outgoing")];
    const char *secure = account->incoming.protocol == CONFIG_POP3 ? "pop3s" : "imaps";

    if (!lines[find_key("address")])
        config_problem_add(problems, account->line,
                           _("the account “%s” has no address; add for example address = ada@example.org"),
                           account->id);
    if (!incoming)
        config_problem_add(problems, account->line,
                           _("the account “%s” has no incoming; add for example incoming = "
                             "imaps://ada@imap.example.org"),
                           account->id);
    check_plain(account, &account->incoming, "incoming", secure, incoming, problems);
    check_plain(account, &account->outgoing, "outgoing", "smtps", outgoing, problems);
    check_passwords(account, lines, mode, problems);
    check_client(account, lines, problems);
    check_way(account, lines, problems);
}

ConfigAccount *config_account_parse(const IniSection *section, const char *id, unsigned mode,
                                    ConfigProblems *problems)
{
    guint mistakes = problems->list->len;

    if (!check_id(id, section->line, problems))
        return NULL;
    ConfigAccount *account = g_new0(ConfigAccount, 1);
    account->id = g_strdup(id);
    account->line = section->line;
    account->key_lines = g_new0(int, N_KEYS);
    read_keys(account, section, account->key_lines, problems);
    check_account(account, account->key_lines, mode, problems);
    /* A mistake of whatever kind: with a mistyped pin or keep-on-server tern would do what nobody asked
     * for. */
    account->is_usable = problems->list->len == mistakes && !section->has_mistakes;
    return account;
}
