/* config.c - see config.h: the file as a whole. */
#include "config/config.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "config/account.h"
#include "config/identity.h"
#include "config/ini.h"
#include "config/suggest.h"
#include "config/value.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

struct Config {
    gatomicrefcount references;
    char *path;
    gboolean exists;
    ConfigProblems problems;
    GPtrArray *accounts;                 /* ConfigAccount * */
    GPtrArray *identities;               /* ConfigIdentity * */
    GHashTable *by_id;                   /* id -> ConfigAccount */
    GHashTable *options;                 /* name -> SetOption; only those that are set */
    GPtrArray *keys, *colours, *aliases; /* ConfigEntry * */
};

/* An option that stands in the file. */
typedef struct {
    char *value; /* in the one form of its type */
    int line;
} SetOption;

static void set_option_free(void *data)
{
    SetOption *set = data;

    g_free(set->value);
    g_free(set);
}

static void config_entry_free(void *data)
{
    ConfigEntry *entry = data;

    g_free(entry->key);
    g_free(entry->value);
    g_free(entry);
}

static Config *config_new(const char *path)
{
    Config *config = g_new0(Config, 1);

    g_atomic_ref_count_init(&config->references);
    config->path = g_strdup(path);
    config_problems_init(&config->problems, path);
    config->accounts = g_ptr_array_new_with_free_func((GDestroyNotify)config_account_free);
    config->identities = g_ptr_array_new_with_free_func((GDestroyNotify)config_identity_free);
    config->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    config->options = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, set_option_free);
    config->keys = g_ptr_array_new_with_free_func(config_entry_free);
    config->colours = g_ptr_array_new_with_free_func(config_entry_free);
    config->aliases = g_ptr_array_new_with_free_func(config_entry_free);
    return config;
}

Config *config_ref(Config *config)
{
    g_atomic_ref_count_inc(&config->references);
    return config;
}

void config_unref(Config *config)
{
    if (!config || !g_atomic_ref_count_dec(&config->references))
        return;
    g_free(config->path);
    config_problems_clear(&config->problems);
    g_hash_table_unref(config->by_id);
    g_ptr_array_unref(config->accounts);
    g_ptr_array_unref(config->identities);
    g_hash_table_unref(config->options);
    g_ptr_array_unref(config->keys);
    g_ptr_array_unref(config->colours);
    g_ptr_array_unref(config->aliases);
    g_free(config);
}

/* An option's value in one form for its type, so that "on" and "yes" are the same afterwards. */
static char *canonical(const ConfigOption *option, const char *value, char **why_out)
{
    union {
        char *string;
        int number;
        int64_t big;
        char **list;
    } field = {0};

    if (!config_value_parse(option, value, &field, why_out))
        return NULL;
    char *text = config_value_format(option, &field);
    config_value_clear(option, &field);
    return text;
}

static void read_options(Config *config, const IniSection *section)
{
    for (guint i = 0; i < section->entries->len; i++) {
        const IniEntry *entry = section->entries->pdata[i];
        const ConfigOption *option = config_option(entry->key);
        g_autofree char *why = NULL;
        if (!option) {
            config_unknown_key(entry, "[tern]", config_options(), &config->problems);
            continue;
        }
        char *value = canonical(option, entry->value, &why);
        if (!value) {
            config_problem_add(&config->problems, entry->line, "%s: %s", entry->key, why);
            continue;
        }
        SetOption *set = g_new0(SetOption, 1);
        *set = (SetOption){value, entry->line};
        g_hash_table_insert(config->options, (char *)option->name, set);
    }
}

/* Sections whose keys are free: whoever uses them checks them. */
static void read_entries(Config *config, const IniSection *section, GPtrArray *entries)
{
    for (guint i = 0; i < section->entries->len; i++) {
        const IniEntry *entry = section->entries->pdata[i];
        g_autofree char *why = NULL;
        char *value = ini_unescape(entry->value, &why);
        if (!value) {
            config_problem_add(&config->problems, entry->line, "%s: %s", entry->key, why);
            continue;
        }
        ConfigEntry *copy = g_new0(ConfigEntry, 1);
        *copy = (ConfigEntry){g_strdup(entry->key), value, entry->line};
        g_ptr_array_add(entries, copy);
    }
}

/* What follows "account" or "identity" in a section's name, or NULL when it is none's. */
static const char *id_of(const char *section, const char *kind)
{
    const gsize bytes = strlen(kind);

    if (!g_str_has_prefix(section, kind) || (section[bytes] && !g_ascii_isspace(section[bytes])))
        return NULL;
    for (section += bytes; g_ascii_isspace(*section); section++)
        ;
    return section;
}

static void unknown_section(Config *config, const IniSection *section)
{
    static const char *const KNOWN[] = {"tern", "account", "identity", "keys", "colours", "aliases", NULL};
    g_auto(GStrv) words = g_strsplit(section->name, " ", 2);
    const char *near = suggest_nearest(words[0], KNOWN);

    if (near && (strcmp(near, "account") == 0 || strcmp(near, "identity") == 0))
        config_problem_add(&config->problems, section->line,
                           _("[%s] is no known section; did you mean [%s %s]?"), section->name, near,
                           words[1] ? words[1] : "NAME");
    else if (near)
        config_problem_add(&config->problems, section->line,
                           _("[%s] is no known section; did you mean [%s]?"), section->name, near);
    else
        config_problem_add(&config->problems, section->line,
                           _("[%s] is no known section; there are [tern], [account NAME], [identity NAME], "
                             "[keys], [colours] and [aliases]"),
                           section->name);
}

static void read_identity(Config *config, const IniSection *section, const char *id)
{
    ConfigIdentity *identity = config_identity_parse(section, id, &config->problems);

    for (guint i = 0; identity && i < config->identities->len; i++) {
        const ConfigIdentity *first = config->identities->pdata[i];
        if (strcmp(first->id, id) == 0) {
            config_problem_add(
                &config->problems, section->line,
                _("the identity “%s” stands here a second time (first in line %d); keep one of them"), id,
                first->line);
            g_clear_pointer(&identity, config_identity_free);
        }
    }
    if (identity)
        g_ptr_array_add(config->identities, identity);
}

/* The accounts that they write by may stand below them. */
static void find_accounts(Config *config)
{
    for (guint i = config->identities->len; i > 0; i--)
        if (!config_identity_find_account(config->identities->pdata[i - 1], config->accounts,
                                          &config->problems))
            g_ptr_array_remove_index(config->identities, i - 1);
}

static void read_section(Config *config, const IniSection *section, unsigned mode)
{
    const char *id = id_of(section->name, "account"), *identity = id_of(section->name, "identity");

    if (identity) {
        read_identity(config, section, identity);
    } else if (id) {
        ConfigAccount *account = config_account_parse(section, id, mode, &config->problems);
        const ConfigAccount *first = account ? config_account(config, id) : NULL;
        if (first) /* "[account  work]" is the same account as "[account work]" */
            config_problem_add(
                &config->problems, section->line,
                _("the account “%s” stands here a second time (first in line %d); keep one of them"), id,
                first->line);
        if (first) {
            config_account_free(account);
        } else if (account) {
            g_ptr_array_add(config->accounts, account);
            g_hash_table_insert(config->by_id, account->id, account);
        }
    } else if (strcmp(section->name, "tern") == 0) {
        read_options(config, section);
    } else if (strcmp(section->name, "keys") == 0) {
        read_entries(config, section, config->keys);
    } else if (strcmp(section->name, "colours") == 0) {
        read_entries(config, section, config->colours);
    } else if (strcmp(section->name, "aliases") == 0) {
        read_entries(config, section, config->aliases);
    } else {
        unknown_section(config, section);
    }
}

Config *config_parse(const char *text, gsize size, const char *path, unsigned mode)
{
    Config *config = config_new(path);
    g_autoptr(GPtrArray) sections = ini_parse(text, size, &config->problems);

    config->exists = TRUE;
    for (guint i = 0; i < sections->len; i++)
        read_section(config, sections->pdata[i], mode);
    find_accounts(config);
    config_problems_sort(&config->problems);
    return config;
}

Config *config_load(const char *path, GError **error)
{
    g_autoptr(GError) why = NULL;
    GStatBuf status;
    gsize size = 0;

    if (g_stat(path, &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return config_new(path);
        tern_error_set_errno(error, TERN_ERROR_CONFIG, errno, _("cannot look at the configuration %s"), path);
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        tern_error_set(error, TERN_ERROR_CONFIG, _("the configuration %s is no file"), path);
        return NULL;
    }
    g_autofree char *text = file_read(path, LIMIT_CONFIG_BYTES, &size, &why);
    if (!text) {
        tern_error_set(error, TERN_ERROR_CONFIG, _("the configuration cannot be read: %s"), why->message);
        return NULL;
    }
    return config_parse(text, size, path, status.st_mode);
}

const char *config_path(const Config *config)
{
    return config->path;
}

gboolean config_exists(const Config *config)
{
    return config->exists;
}

const GPtrArray *config_problems(const Config *config)
{
    return config->problems.list;
}

const GPtrArray *config_accounts(const Config *config)
{
    return config->accounts;
}

const GPtrArray *config_identities(const Config *config)
{
    return config->identities;
}

const ConfigAccount *config_account(const Config *config, const char *id)
{
    return g_hash_table_lookup(config->by_id, id);
}

const char *config_string(const Config *config, const char *name)
{
    const ConfigOption *option = config_option(name);

    if (!option)
        g_error("config_string: there is no option %s", name);
    const SetOption *set = g_hash_table_lookup(config->options, option->name);
    return set ? set->value : option->default_value;
}

int64_t config_int(const Config *config, const char *name)
{
    return g_ascii_strtoll(config_string(config, name), NULL, 10);
}

gboolean config_bool(const Config *config, const char *name)
{
    return strcmp(config_string(config, name), "yes") == 0;
}

gboolean config_is_set(const Config *config, const char *name)
{
    return g_hash_table_contains(config->options, name);
}

int config_line(const Config *config, const char *name)
{
    const SetOption *set = g_hash_table_lookup(config->options, name);

    return set ? set->line : 0;
}

const GPtrArray *config_entries(const Config *config, const char *section)
{
    return strcmp(section, "keys") == 0      ? config->keys
           : strcmp(section, "aliases") == 0 ? config->aliases
                                             : config->colours;
}
