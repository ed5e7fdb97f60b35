/* keys.c - see keys.h. */
#include "ui/keys.h"

#include "base/charset.h"
#include "base/i18n.h"
#include "ui/paste.h"
#include "ui/screen.h"

#include <string.h>

static const struct {
    const char *name;
    Key key;
} CHARACTERS[] = {{"Enter", KEY_ENTER_CHAR},
                  {"Tab", KEY_TAB_CHAR},
                  {"Esc", KEY_ESCAPE_CHAR},
                  {"Space", ' '},
                  {"Equal", '='},
                  {"Hash", '#'}};

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

/* The keys that were read so far, and what is wrong. */
typedef struct {
    Key *keys;
    guint n;
    char **why_out;
} Sequence;

static gboolean add_key(Sequence *sequence, Key key)
{
    if (sequence->n < KEYS_MAX) {
        sequence->keys[sequence->n++] = key;
        return TRUE;
    }
    if (sequence->why_out)
        *sequence->why_out = g_strdup_printf(_("a sequence has %d keys at most"), KEYS_MAX);
    return FALSE;
}

static gboolean no_key(Sequence *sequence, const char *word)
{
    if (sequence->why_out)
        *sequence->why_out =
            g_strdup_printf(_("“%s” is no key; keys are characters, and names such as Enter, Tab, "
                              "Space, Up, PgDn, F1, with C- for Ctrl and M- for Alt"),
                            word);
    return FALSE;
}

/* From a "<" to behind its ">"; NULL: what is between is no key. A ">" between them is one: "<>>". */
static const char *add_bracketed(Sequence *sequence, const char *word)
{
    const char *end = word[1] ? strchr(word + 2, '>') : NULL;

    if (!end) {
        if (sequence->why_out)
            *sequence->why_out =
                g_strdup_printf(_("“%s” lacks its “>”; the key “<” itself stands alone, or as “<<>”"), word);
        return NULL;
    }
    g_autofree char *name = g_strndup(word + 1, (gsize)(end - word - 1));
    Key key = parse_key(name);
    if (!key) {
        no_key(sequence, name);
        return NULL;
    }
    return add_key(sequence, key) ? end + 1 : NULL;
}

/* What stands between blanks: a key, or several in a row. */
static gboolean add_word(Sequence *sequence, const char *word)
{
    Key whole = parse_key(word);

    if (whole)
        return add_key(sequence, whole);
    gboolean has_names = strchr(word, '<') != NULL;
    if (!has_names && (strchr(word, '-') || g_utf8_strlen(word, -1) > KEYS_MAX))
        return no_key(sequence, word);
    while (word && *word) {
        if (*word == '<')
            word = add_bracketed(sequence, word);
        else
            word = add_key(sequence, g_utf8_get_char(word)) ? g_utf8_next_char(word) : NULL;
    }
    return word != NULL;
}

guint keys_parse(const char *text, Key keys_out[KEYS_MAX], char **why_out)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    Sequence sequence = {keys_out, 0, why_out};

    for (char **word = words; *word; word++)
        if (**word && !add_word(&sequence, *word))
            return 0;
    if (!sequence.n && why_out)
        *why_out = g_strdup(_("there is no key before the “=”"));
    return sequence.n;
}

gboolean key_is_among(Key key, const char *names)
{
    g_auto(GStrv) words = g_strsplit(names, " ", -1);
    Key keys[KEYS_MAX];

    for (char **word = words; *word; word++)
        if (keys_parse(*word, keys, NULL) == 1 && keys[0] == key)
            return TRUE;
    return FALSE;
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
