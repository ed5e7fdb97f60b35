/* identity.c - see identity.h. */
#include "config/identity.h"

#include "base/i18n.h"
#include "config/account.h"
#include "config/value.h"

#include <string.h>

static const ConfigOption KEYS[] = {
#define KEY(name, type, field, value, choices, help) {name, type, value, choices, help},
#include "config/identity_keys.def"
#undef KEY
    {NULL, OPTION_STRING, NULL, NULL, NULL},
};

static const gsize FIELDS[] = {
#define KEY(name, type, field, value, choices, help) offsetof(ConfigIdentity, field),
#include "config/identity_keys.def"
#undef KEY
};

const ConfigOption *config_identity_keys(void)
{
    return KEYS;
}

static void *field_of(ConfigIdentity *identity, guint key)
{
    return (char *)identity + FIELDS[key];
}

char *config_identity_format(const ConfigIdentity *identity, const ConfigOption *key)
{
    const guint n = (guint)(key - KEYS);
    g_autofree char *text = config_value_format(key, (const char *)identity + FIELDS[n]);

    if (!(identity->set & 1U << n))
        return NULL;
    return text && key->type != OPTION_LIST ? ini_escape(text, FALSE) : g_steal_pointer(&text);
}

void config_identity_free(ConfigIdentity *identity)
{
    if (!identity)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(FIELDS); i++)
        config_value_clear(&KEYS[i], field_of(identity, i));
    g_free(identity->id);
    g_free(identity->key_lines);
    g_free(identity);
}

static guint find_key(const char *name)
{
    guint key = 0;

    while (key < G_N_ELEMENTS(FIELDS) && strcmp(KEYS[key].name, name) != 0)
        key++;
    return key;
}

int config_identity_line(const ConfigIdentity *identity, const char *key)
{
    const guint found = find_key(key);

    return found < G_N_ELEMENTS(FIELDS) && identity->key_lines ? identity->key_lines[found] : 0;
}

gboolean config_identity_has(const ConfigIdentity *identity, const char *key)
{
    const guint found = find_key(key);

    g_assert(found < G_N_ELEMENTS(FIELDS));
    return (identity->set & 1U << found) != 0;
}

static void read_key(ConfigIdentity *identity, const IniEntry *entry, ConfigProblems *problems)
{
    g_autofree char *why = NULL;
    const guint key = find_key(entry->key);

    if (key == G_N_ELEMENTS(FIELDS)) {
        config_unknown_key(entry, _("an identity"), KEYS, problems);
        return;
    }
    identity->key_lines[key] = entry->line;
    identity->set |= 1U << key; /* also where it is wrong: then it is not the account's instead */
    if (!config_value_parse(&KEYS[key], entry->value, field_of(identity, key), &why))
        config_problem_add(problems, entry->line, "%s: %s", entry->key, why);
}

ConfigIdentity *config_identity_parse(const IniSection *section, const char *id, ConfigProblems *problems)
{
    ConfigIdentity *identity = g_new0(ConfigIdentity, 1);

    identity->id = g_strdup(id);
    identity->line = section->line;
    identity->key_lines = g_new0(int, G_N_ELEMENTS(FIELDS));
    for (guint i = 0; i < section->entries->len; i++)
        read_key(identity, section->entries->pdata[i], problems);
    if (!*id)
        config_problem_add(problems, section->line,
                           _("the identity has no name; write for example [identity lists]"));
    else if (!config_identity_has(identity, "address"))
        config_problem_add(problems, section->line,
                           _("the identity “%s” has no address; add for example address = ada@example.org"),
                           id);
    else if (identity->address)
        return identity;
    config_identity_free(identity);
    return NULL;
}

gboolean config_identity_find_account(ConfigIdentity *identity, const GPtrArray *accounts,
                                      ConfigProblems *problems)
{
    const char *wanted = identity->account;

    for (guint i = 0; wanted && i < accounts->len; i++)
        if (strcmp(((const ConfigAccount *)accounts->pdata[i])->id, wanted) == 0)
            return TRUE;
    if (!wanted && accounts->len == 1) {
        identity->account = g_strdup(((const ConfigAccount *)accounts->pdata[0])->id);
        return TRUE;
    }
    if (wanted)
        config_problem_add(problems, identity->line,
                           _("identity %s: there is no [account %s]; name one that stands in this file"),
                           identity->id, wanted);
    else
        config_problem_add(problems, identity->line,
                           _("identity %s: which account does it write by? Add for example account = work"),
                           identity->id);
    return FALSE;
}
