/* keys.c - see keys.h. */
#include "ui/keys.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/i18n.h"
#include "ui/command.h"
#include "ui/paste.h"
#include "ui/screen.h"

#include <string.h>

typedef struct {
    unsigned contexts;
    Key keys[KEYS_MAX];
    guint n;
    char *line; /* NULL: taken away */
    gboolean is_default;
} Binding;

struct Keymap {
    GArray *bindings; /* Binding */
};

static const struct {
    const char *name;
    Key key;
} CHARACTERS[] = {{"Enter", KEY_ENTER_CHAR},
                  {"Tab", KEY_TAB_CHAR},
                  {"Esc", KEY_ESCAPE_CHAR},
                  {"Space", ' '},
                  {"Equal", '='},
                  {"Hash", '#'}};

static const struct {
    const char *name;
    unsigned context;
} CONTEXTS[] = {{"folders", CONTEXT_FOLDERS},
                {"list", CONTEXT_LIST},
                {"message", CONTEXT_MESSAGE},
                {"help", CONTEXT_HELP},
                {"compose", CONTEXT_COMPOSE}};

/* ---- reading ---- */

/* After Esc [ : up to the final byte, which nobody asked for (a mouse report, a modified arrow); it must not
 * type letters. */
static void skip_sequence(void)
{
    for (int i = 0; i < 32; i++) {
        int byte = screen_read_key();
        if (byte < 0 || (byte >= 0x40 && byte <= 0x7e))
            return;
    }
}

/* The rest of a UTF-8 character; its bytes come together, since a terminal sends them so. */
static Key read_character(int first)
{
    char bytes[8] = {(char)first};
    int need = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;

    if (!charset_locale_is_utf8())
        need = 1;
    for (int i = 1; i < need; i++) {
        int next = screen_read_key();
        if (next < 0x80 || next > 0xbf)
            return 0xfffd;
        bytes[i] = (char)next;
    }
    if (!charset_locale_is_utf8()) {
        g_autofree char *utf8 = g_locale_to_utf8(bytes, 1, NULL, NULL, NULL);
        return utf8 ? g_utf8_get_char(utf8) : 0xfffd;
    }
    gunichar character = g_utf8_get_char_validated(bytes, need);
    return character >= (gunichar)-2 ? 0xfffd : character;
}

static Key to_key(int code)
{
    if (code > 0xff) {
        const char *name = screen_key_name(code);
        return name ? KEY_SPECIAL_BIT | (Key)code : 0;
    }
    if (code == 0)
        return 0;
    if (code == '\n')
        return KEY_ENTER_CHAR;
    if (code == 0x7f || code == 8)
        return key_named("BS");
    return code < 0x80 ? (Key)code : read_character(code);
}

/* Esc, Alt with a key (which terminals send as Esc and the key), or a sequence that curses did not know. */
static Key read_after_escape(void)
{
    int next = screen_read_key();

    if (next < 0)
        return KEY_ESCAPE_CHAR;
    if (next == '[' || next == 'O') {
        int after = screen_read_key();
        if (after < 0)
            return KEY_META_BIT | (Key)next;
        if (next == '[' && (after < 0x40 || after > 0x7e))
            skip_sequence();
        return 0;
    }
    Key key = to_key(next);
    return key && key != KEY_ESCAPE_CHAR ? KEY_META_BIT | key : KEY_ESCAPE_CHAR;
}

Key keys_read(void)
{
    if (paste_is_abandoned())
        return KEY_PASTE;
    for (;;) {
        int code = screen_read_key();
        if (code < 0)
            return 0;
        if (code == SCREEN_PASTE_BEGIN)
            paste_begin();
        else if (paste_is_open() && paste_add(code))
            return KEY_PASTE;
        if (code == SCREEN_PASTE_BEGIN || paste_is_open())
            continue;
        Key key = code == (int)KEY_ESCAPE_CHAR ? read_after_escape() : to_key(code);
        if (key)
            return key;
    }
}

/* ---- as text ---- */

gboolean key_is_text(Key key, gunichar *character_out)
{
    if (key < 32 || key == 0x7f || (key & (KEY_SPECIAL_BIT | KEY_META_BIT)))
        return FALSE;
    *character_out = key;
    return TRUE;
}

Key key_named(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(CHARACTERS); i++)
        if (g_str_equal(name, CHARACTERS[i].name))
            return CHARACTERS[i].key;
    int code = screen_key_code(name);
    return code < 0 ? 0 : KEY_SPECIAL_BIT | (Key)code;
}

/* One key by itself: a name, a character, or those with C-, M-, Esc-. 0: it is none. */
static Key parse_key(const char *word)
{
    if (g_str_has_prefix(word, "M-") && word[2])
        return parse_key(word + 2) ? parse_key(word + 2) | KEY_META_BIT : 0;
    if (g_str_has_prefix(word, "Esc-") && word[4])
        return parse_key(word + 4) ? parse_key(word + 4) | KEY_META_BIT : 0;
    if (g_str_has_prefix(word, "C-") && word[2] && !word[3])
        return g_ascii_isalpha(word[2]) || strchr("@[\\]^_", word[2]) ? KEY_CONTROL(word[2]) : 0;
    if (*word && !*g_utf8_next_char(word))
        return g_utf8_get_char(word);
    return key_named(word);
}

guint keys_parse(const char *text, Key keys_out[KEYS_MAX])
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    guint n = 0;

    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        Key whole = parse_key(*word);
        if (whole && n < KEYS_MAX) {
            keys_out[n++] = whole;
            continue;
        }
        if (whole || strchr(*word, '-') || g_utf8_strlen(*word, -1) > KEYS_MAX)
            return 0;
        for (const char *p = *word; *p; p = g_utf8_next_char(p)) {
            if (n == KEYS_MAX)
                return 0;
            keys_out[n++] = g_utf8_get_char(p);
        }
    }
    return n;
}

static void format_key(GString *text, Key key)
{
    Key bare = key & ~KEY_META_BIT;

    if (key & KEY_META_BIT)
        g_string_append(text, "M-");
    if (bare & KEY_SPECIAL_BIT) {
        const char *name = screen_key_name((int)(bare & ~KEY_SPECIAL_BIT));
        g_string_append(text, name ? name : "?");
        return;
    }
    for (guint i = 0; i < 4; i++) {
        if (CHARACTERS[i].key == bare) {
            g_string_append(text, CHARACTERS[i].name);
            return;
        }
    }
    if (bare < 32)
        g_string_append_printf(text, "C-%c", g_ascii_tolower((char)(bare + 64)));
    else
        g_string_append_unichar(text, bare);
}

char *keys_format(const Key *keys, guint n)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < n; i++) {
        if (i)
            g_string_append_c(text, ' ');
        format_key(text, keys[i]);
    }
    return g_string_free(text, FALSE);
}

/* ---- bindings ---- */

static void clear_binding(void *data)
{
    g_free(((Binding *)data)->line);
}

static gboolean bind(Keymap *keymap, unsigned contexts, const char *keys, const char *line,
                     gboolean is_default, GError **error)
{
    Binding binding = {.contexts = contexts, .is_default = is_default};
    g_autofree char *argument = NULL, *why = NULL;
    int command;

    binding.n = keys_parse(keys, binding.keys);
    if (!binding.n) {
        tern_error_set(error, TERN_ERROR_CONFIG, _("“%s” is no key (j, C-d, M-v, F1, PgDn, or several: ot)"),
                       keys);
        return FALSE;
    }
    if (!g_str_equal(line, "none")) {
        if (!command_parse(line, contexts, &command, &argument, &why)) {
            tern_error_set(error, TERN_ERROR_CONFIG, "%s", why);
            return FALSE;
        }
        binding.contexts &= command_get(command)->contexts;
        binding.line = g_strdup(line);
    }
    g_array_append_val(keymap->bindings, binding);
    /* cppcheck-suppress memleak ; the array has taken over the line */
    return TRUE;
}

gboolean keymap_bind(Keymap *keymap, unsigned contexts, const char *keys, const char *line, GError **error)
{
    return bind(keymap, contexts, keys, line, FALSE, error);
}

static void bind_defaults(Keymap *keymap, unsigned contexts, const char *alternatives, const char *line)
{
    g_auto(GStrv) words = g_strsplit(alternatives, " ", -1);

    for (char **word = words; *word; word++) {
        g_autoptr(GError) error = NULL;
        if (**word && !bind(keymap, contexts, *word, line, TRUE, &error))
            g_error("command.def: %s: %s", *word, error->message);
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

gboolean keymap_configure(Keymap *keymap, const Config *config, GError **error)
{
    const GPtrArray *entries = config_entries(config, "keys");
    gboolean good = TRUE;

    for (guint i = 0; entries && i < entries->len; i++) {
        const ConfigEntry *entry = entries->pdata[i];
        const char *keys = entry->key;
        unsigned contexts = CONTEXT_ANY;
        g_autoptr(GError) mistake = NULL;
        for (guint c = 0; c < G_N_ELEMENTS(CONTEXTS); c++) {
            gsize length = strlen(CONTEXTS[c].name);
            if (g_str_has_prefix(keys, CONTEXTS[c].name) && keys[length] == ':' && keys[length + 1]) {
                contexts = CONTEXTS[c].context;
                keys += length + 1;
                break;
            }
        }
        if (keymap_bind(keymap, contexts, keys, entry->value, &mistake))
            continue;
        if (good)
            tern_error_set(error, TERN_ERROR_CONFIG, "%s:%d: %s", config_path(config), entry->line,
                           mistake->message);
        good = FALSE;
    }
    return good;
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
