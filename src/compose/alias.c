/* alias.c - see alias.h. */
#include "compose/alias.h"

#include "base/i18n.h"
#include "base/limits.h"
#include "compose/address.h"

#include <string.h>

/* Aliases within aliases. */
#define DEPTH 16

typedef struct {
    const GPtrArray *entries; /* ConfigEntry * */
    GString *out;
    const ConfigEntry *within[DEPTH]; /* those that are being expanded */
    guint depth;
} Expanding;

static const ConfigEntry *find(const Expanding *expanding, const char *word)
{
    g_autofree char *folded = g_utf8_casefold(word, -1);

    for (guint i = 0; i < expanding->entries->len; i++) {
        const ConfigEntry *entry = expanding->entries->pdata[i];
        g_autofree char *key = g_utf8_casefold(entry->key, -1);
        if (g_str_equal(folded, key))
            return entry;
    }
    return NULL;
}

static gboolean may_expand(const Expanding *expanding, const ConfigEntry *entry)
{
    for (guint i = 0; i < expanding->depth; i++)
        if (expanding->within[i] == entry)
            return FALSE;
    return expanding->depth < DEPTH && expanding->out->len + strlen(entry->value) <= LIMIT_ALIAS_BYTES;
}

/* Up to what parts addresses and groups, outside of quotes and brackets. */
static gsize item_bytes(const char *text)
{
    gboolean is_quoted = FALSE, is_inside = FALSE;
    gsize n;

    for (n = 0; text[n] && (is_quoted || is_inside || !strchr(",;:", text[n])); n++) {
        if (text[n] == '\\' && text[n + 1])
            n++;
        else if (text[n] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && strchr("<[", text[n]))
            is_inside = TRUE;
        else if (!is_quoted && strchr(">]", text[n]))
            is_inside = FALSE;
    }
    return n;
}

static void expand(Expanding *expanding, const char *text)
{
    for (gsize n; *text; text += n) {
        n = item_bytes(text);
        g_autofree char *item = g_strndup(text, n);
        const gsize blanks = strspn(item, " \t");
        g_autofree char *word = g_strdup(g_strchomp(item + blanks));
        const ConfigEntry *entry = *word ? find(expanding, word) : NULL;
        if (entry && may_expand(expanding, entry)) {
            g_string_append_len(expanding->out, text, (gssize)blanks);
            expanding->within[expanding->depth++] = entry;
            expand(expanding, entry->value);
            expanding->depth--;
        } else {
            g_string_append_len(expanding->out, text, (gssize)n);
        }
        if (text[n])
            g_string_append_c(expanding->out, text[n++]);
    }
}

char *alias_expand(const Config *config, const char *typed)
{
    Expanding expanding = {.entries = config_entries(config, "aliases"), .out = g_string_new(NULL)};

    expand(&expanding, typed);
    return g_string_free(expanding.out, FALSE);
}

void alias_expand_draft(const Config *config, const Draft *before, Draft *draft)
{
    static const DraftField FIELDS[] = {DRAFT_TO, DRAFT_CC, DRAFT_BCC, DRAFT_REPLY_TO};

    for (gsize i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
        if (g_str_equal(draft->fields[FIELDS[i]], before->fields[FIELDS[i]]))
            continue;
        g_autofree char *whole = alias_expand(config, draft->fields[FIELDS[i]]);
        draft_set(draft, FIELDS[i], whole);
    }
}

void alias_check(const Config *config, ConfigProblems *problems)
{
    const GPtrArray *entries = config_entries(config, "aliases");
    g_autoptr(GHashTable) by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < entries->len; i++) {
        const ConfigEntry *entry = entries->pdata[i];
        g_autofree char *name = g_utf8_casefold(entry->key, -1);
        const ConfigEntry *same = g_hash_table_lookup(by_name, name);
        g_autofree char *whole = alias_expand(config, entry->key);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = compose_addresses_parse(whole, NULL, &error);
        if (same)
            config_problem_add(
                problems, entry->line,
                _("%s: it is the same as %s in line %d, since capitals do not count; keep one"), entry->key,
                same->key, same->line);
        else if (strpbrk(entry->key, ",;:<>\"@"))
            config_problem_add(problems, entry->line, _("%s: a short name is made without , ; : < > \" @"),
                               entry->key);
        else if (!*entry->value)
            config_problem_add(problems, entry->line,
                               _("%s: there is no value; write an address, or take the line out"),
                               entry->key);
        else if (!list)
            config_problem_add(problems, entry->line, "%s: %s", entry->key, error->message);
        if (!same)
            g_hash_table_insert(by_name, g_steal_pointer(&name), (gpointer)entry);
    }
}
