/* keymap.c - see keymap.h. */
#include "ui/keymap.h"

#include "base/error.h"
#include "base/i18n.h"
#include "config/suggest.h"
#include "ui/command.h"

#include <string.h>

typedef struct {
    unsigned contexts;
    Key keys[KEYS_MAX];
    guint n;
    char *line; /* NULL: taken away */
    gboolean is_default;
    const ConfigEntry *entry; /* where it stands in the configuration, while that is taken over; else NULL */
} Binding;

struct Keymap {
    GArray *bindings; /* Binding */
};

static const struct {
    const char *name;
    unsigned context;
} VIEWS[] = {{"folders", CONTEXT_FOLDERS},  {"list", CONTEXT_LIST},       {"message", CONTEXT_MESSAGE},
             {"help", CONTEXT_HELP},        {"compose", CONTEXT_COMPOSE}, {"outbox", CONTEXT_OUTBOX},
             {"contacts", CONTEXT_CONTACTS}};

static void clear_binding(void *data)
{
    g_free(((Binding *)data)->line);
}

/* A command of another view: where it has a meaning. */
static char *why_not_here(int command, unsigned contexts)
{
    GString *here = g_string_new(NULL), *there = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(VIEWS); i++) {
        if (contexts & VIEWS[i].context)
            g_string_append_printf(here, "%s%s", here->len ? ", " : "", VIEWS[i].name);
        if (command_get(command)->contexts & VIEWS[i].context)
            g_string_append_printf(there, "%s%s", there->len ? ", " : "", VIEWS[i].name);
    }
    char *why = g_strdup_printf(_("“%s” does nothing in %s; it belongs to %s"), command_get(command)->name,
                                here->str, there->str);
    g_string_free(here, TRUE);
    g_string_free(there, TRUE);
    return why;
}

/* Whether the line is a command of one of the contexts, which then are its own too; else why not. */
static gboolean takes_line(const char *line, unsigned *contexts, char **why_out)
{
    g_autofree char *argument = NULL, *ignored = NULL;
    int command;

    if (!*line)
        *why_out = g_strdup(_("a command is missing; “none” takes the key away"));
    else if (command_parse(line, *contexts, &command, &argument, why_out))
        *contexts &= command_get(command)->contexts;
    else if (command_parse(line, CONTEXT_ANY, &command, &argument, &ignored)) {
        g_free(*why_out);
        *why_out = why_not_here(command, *contexts);
    }
    return *why_out == NULL;
}

/* The binding that was added, or NULL and *why_out. */
static Binding *bind(Keymap *keymap, unsigned contexts, const char *keys, const char *line,
                     gboolean is_default, char **why_out)
{
    Binding binding = {.contexts = contexts, .is_default = is_default};
    gboolean is_away = g_str_equal(line, "none");

    binding.n = keys_parse(keys, binding.keys, why_out);
    if (!binding.n || (!is_away && !takes_line(line, &binding.contexts, why_out)))
        return NULL;
    binding.line = is_away ? NULL : g_strdup(line);
    g_array_append_val(keymap->bindings, binding);
    /* cppcheck-suppress memleak ; the array has taken over the line */
    return &g_array_index(keymap->bindings, Binding, keymap->bindings->len - 1);
}

gboolean keymap_bind(Keymap *keymap, unsigned contexts, const char *keys, const char *line, GError **error)
{
    g_autofree char *why = NULL;

    if (bind(keymap, contexts, keys, line, FALSE, &why))
        return TRUE;
    tern_error_set(error, TERN_ERROR_CONFIG, "%s", why);
    return FALSE;
}

static void bind_defaults(Keymap *keymap, unsigned contexts, const char *alternatives, const char *line)
{
    g_auto(GStrv) words = g_strsplit(alternatives, " ", -1);

    for (char **word = words; *word; word++) {
        g_autofree char *why = NULL;
        if (**word && !bind(keymap, contexts, *word, line, TRUE, &why))
            g_error("command.def: %s: %s", *word, why);
    }
}

Keymap *keymap_new(void)
{
    Keymap *keymap = g_new0(Keymap, 1);

    keymap->bindings = g_array_new(FALSE, TRUE, sizeof(Binding));
    g_array_set_clear_func(keymap->bindings, clear_binding);
#define COMMAND(symbol, name, contexts, argument, group, help, keys)                                         \
    bind_defaults(keymap, (unsigned)(contexts), keys, name);
#define DEFAULT_KEY(contexts, keys, line) bind_defaults(keymap, (unsigned)(contexts), keys, line);
#include "ui/command.def"
#undef COMMAND
    return keymap;
}

void keymap_free(Keymap *keymap)
{
    if (!keymap)
        return;
    g_array_unref(keymap->bindings);
    g_free(keymap);
}

static guint count_bits(unsigned bits)
{
    return (guint)__builtin_popcount(bits);
}

/* The user's bindings come before the default ones, those for fewer contexts before others, later ones before
 * earlier ones. */
static gboolean is_before(const Binding *a, const Binding *b)
{
    if (a->is_default != b->is_default)
        return b->is_default;
    return count_bits(a->contexts) <= count_bits(b->contexts);
}

/* The binding that counts for a whole sequence. */
static const Binding *find(const Keymap *keymap, unsigned context, const Key *keys, guint n)
{
    const Binding *best = NULL;

    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *binding = &g_array_index(keymap->bindings, Binding, i);
        if ((binding->contexts & context) && binding->n == n &&
            memcmp(binding->keys, keys, n * sizeof(Key)) == 0 && (!best || is_before(binding, best)))
            best = binding;
    }
    return best;
}

/* ---- the configuration's [keys] ---- */

/* The contexts that stand before the keys, which *keys then points at. */
static unsigned take_view(const char **keys)
{
    for (guint i = 0; i < G_N_ELEMENTS(VIEWS); i++) {
        gsize length = strlen(VIEWS[i].name);
        if (g_str_has_prefix(*keys, VIEWS[i].name) && (*keys)[length] == ':' && (*keys)[length + 1]) {
            *keys += length + 1;
            return VIEWS[i].context;
        }
    }
    return CONTEXT_ANY;
}

/* "lst:x = …": a view that there is not, rather than keys. */
static gboolean is_unknown_view(const char *keys, ConfigProblems *problems, int line)
{
    const char *known[G_N_ELEMENTS(VIEWS) + 1] = {NULL};
    const char *colon = strchr(keys, ':');

    if (!colon || colon - keys < 2 || !colon[1])
        return FALSE;
    g_autofree char *name = g_strndup(keys, (gsize)(colon - keys));
    for (guint i = 0; i < G_N_ELEMENTS(VIEWS); i++)
        known[i] = VIEWS[i].name;
    const char *near = suggest_nearest(name, known);
    if (near)
        config_problem_add(problems, line, _("there is no view “%s”; did you mean %s?"), name, near);
    else
        config_problem_add(problems, line,
                           _("there is no view “%s”; views are folders, list, message, help, compose"), name);
    return TRUE;
}

/* The same keys in the same view, spelt in another way, are said twice. */
static gboolean is_said_again(const Keymap *keymap, const Binding *binding, ConfigProblems *problems)
{
    const char *keys = binding->entry->key;
    unsigned view = take_view(&keys);

    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *other = &g_array_index(keymap->bindings, Binding, i);
        if (other == binding || !other->entry || other->n != binding->n ||
            memcmp(other->keys, binding->keys, binding->n * sizeof(Key)) != 0)
            continue;
        const char *others = other->entry->key;
        if (take_view(&others) != view || other->entry->line >= binding->entry->line)
            continue;
        config_problem_add(problems, binding->entry->line,
                           _("“%s” is the same as “%s” in line %d; keep one of them"), binding->entry->key,
                           other->entry->key, other->entry->line);
        return TRUE;
    }
    return FALSE;
}

/* The binding that is found before all keys of this one were typed in that context; NULL: none. */
static const Binding *find_hiding(const Keymap *keymap, const Binding *binding, unsigned context)
{
    for (guint n = 1; n < binding->n; n++) {
        const Binding *shorter = find(keymap, context, binding->keys, n);
        if (shorter && shorter->line)
            return shorter;
    }
    return NULL;
}

/* Keys that can be typed nowhere, since their beginning does something by itself. */
static void check_reach(const Keymap *keymap, const Binding *binding, ConfigProblems *problems)
{
    const Binding *hiding = NULL;

    if (!binding->line)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(VIEWS); i++) {
        if (!(binding->contexts & VIEWS[i].context))
            continue;
        hiding = find_hiding(keymap, binding, VIEWS[i].context);
        if (!hiding)
            return;
    }
    g_autofree char *keys = keys_format(hiding->keys, hiding->n);
    config_problem_add(
        problems, binding->entry->line,
        _("“%s” can never be typed, since “%s” alone is “%s”; choose other keys, or add “%s = none”"),
        binding->entry->key, keys, hiding->line, keys);
}

static void configure_key(Keymap *keymap, const ConfigEntry *entry, ConfigProblems *problems)
{
    g_autofree char *why = NULL;
    const char *keys = entry->key;
    unsigned contexts = take_view(&keys);
    Binding *binding = bind(keymap, contexts, keys, entry->value, FALSE, &why);

    if (binding)
        binding->entry = entry;
    else if (!problems)
        return;
    else if (contexts != CONTEXT_ANY || keys_parse(keys, (Key[KEYS_MAX]){0}, NULL) ||
             !is_unknown_view(keys, problems, entry->line))
        config_problem_add(problems, entry->line, "%s: %s", entry->key, why);
}

void keymap_configure(Keymap *keymap, const Config *config, ConfigProblems *problems)
{
    const GPtrArray *entries = config_entries(config, "keys");

    for (guint i = 0; i < entries->len; i++)
        configure_key(keymap, entries->pdata[i], problems);
    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *binding = &g_array_index(keymap->bindings, Binding, i);
        if (problems && binding->entry && !is_said_again(keymap, binding, problems))
            check_reach(keymap, binding, problems);
    }
    for (guint i = 0; i < keymap->bindings->len; i++)
        g_array_index(keymap->bindings, Binding, i).entry = NULL;
}

/* ---- asking ---- */

/* Whether a binding goes on where the sequence ends, and is the one that counts. */
static gboolean continues(const Keymap *keymap, const Binding *binding, unsigned context, const Key *keys,
                          guint n)
{
    return (binding->contexts & context) && binding->n > n && binding->line &&
           memcmp(binding->keys, keys, n * sizeof(Key)) == 0 &&
           find(keymap, context, binding->keys, binding->n) == binding;
}

KeysMatch keymap_find(const Keymap *keymap, unsigned context, const Key *keys, guint n, const char **line_out)
{
    const Binding *binding = find(keymap, context, keys, n);

    if (binding && binding->line) {
        *line_out = binding->line;
        return KEYS_BOUND;
    }
    for (guint i = 0; i < keymap->bindings->len; i++)
        if (continues(keymap, &g_array_index(keymap->bindings, Binding, i), context, keys, n))
            return KEYS_UNFINISHED;
    return KEYS_UNBOUND;
}

char **keymap_next(const Keymap *keymap, unsigned context, const Key *keys, guint n)
{
    GPtrArray *pairs = g_ptr_array_new();

    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *binding = &g_array_index(keymap->bindings, Binding, i);
        if (!continues(keymap, binding, context, keys, n))
            continue;
        g_ptr_array_add(pairs, keys_format(binding->keys + n, binding->n - n));
        g_ptr_array_add(pairs, g_strdup(binding->line));
    }
    g_ptr_array_add(pairs, NULL);
    return (char **)g_ptr_array_free(pairs, FALSE);
}

char *keymap_keys_of(const Keymap *keymap, unsigned context, const char *line, gboolean only_first)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < keymap->bindings->len; i++) {
        const Binding *binding = &g_array_index(keymap->bindings, Binding, i);
        if (!(binding->contexts & context) || !binding->line || !g_str_equal(binding->line, line) ||
            find(keymap, context, binding->keys, binding->n) != binding)
            continue;
        g_autofree char *keys = keys_format(binding->keys, binding->n);
        g_string_append_printf(text, "%s%s", text->len ? ", " : "", keys);
        if (only_first)
            break;
    }
    if (text->len)
        return g_string_free(text, FALSE);
    g_string_free(text, TRUE);
    return NULL;
}
