/*
 * keys.h - from bytes of the terminal to keys, and from keys to command lines.
 *
 * A Key is a character, or a special key (Up, F1 …), with Alt as a bit. As text a key is its character or its
 * name (Up, Down, PgDn, Enter, Tab, S-Tab, Space, Esc, BS, Del, F1 …), with C- for Ctrl and M- or Esc- for
 * Alt; a sequence of keys is written one after the other ("ot") or with blanks ("C-x C-s"). A Keymap binds
 * sequences to command lines, by context.
 *
 * Ui thread only.
 */
#ifndef TERN_UI_KEYS_H
#define TERN_UI_KEYS_H

#include "config/config.h"

#include <glib.h>

typedef guint32 Key;

#define KEY_SPECIAL_BIT 0x200000u /* with curses' code */
#define KEY_META_BIT 0x400000u
#define KEY_CODE_BITS 0x3fffffu

#define KEY_TAB_CHAR 9u
#define KEY_ENTER_CHAR 13u
#define KEY_ESCAPE_CHAR 27u
#define KEY_CONTROL(letter) ((Key)((letter)&31))

/* Text was pasted: paste_take() (paste.h). No sequence holds it. */
#define KEY_PASTE (KEY_SPECIAL_BIT | 0x3ffu)

#define KEYS_MAX 4 /* the longest sequence */

/* The next whole key that was typed; 0: none is waiting. UTF-8 is put together, sequences that nobody knows
 * are passed over. */
Key keys_read(void);

/* Reads a sequence: its length, 0 for one that makes no sense. */
guint keys_parse(const char *text, Key keys_out[KEYS_MAX]);
/* As text, to be freed. */
char *keys_format(const Key *keys, guint n);
/* Whether a key types a character, and which. */
gboolean key_is_text(Key key, gunichar *character_out);
/* A special key by its name ("Up"). */
Key key_named(const char *name);

typedef struct Keymap Keymap;

/* The default keys (command.def). */
Keymap *keymap_new(void);
void keymap_free(Keymap *keymap);

/* Binds a sequence to a command line in these contexts (ViewContext bits), as far as the command has them;
 * "none" takes it away. FALSE and CONFIG when the keys or the line make no sense. */
gboolean keymap_bind(Keymap *keymap, unsigned contexts, const char *keys, const char *line, GError **error);
/* The configuration's [keys]: `KEYS = line`, or `CONTEXT:KEYS = line` with folders, list, message or help.
 * The first mistake comes as an error with file and line; what is right is bound all the same. */
gboolean keymap_configure(Keymap *keymap, const Config *config, GError **error);

typedef enum { KEYS_UNBOUND, KEYS_UNFINISHED, KEYS_BOUND } KeysMatch;

/* What a sequence stands for in a context; of several bindings that fit, the user's counts, then the one for
 * fewer contexts. *line_out stays the keymap's. */
KeysMatch keymap_find(const Keymap *keymap, unsigned context, const Key *keys, guint n,
                      const char **line_out);

/* Which keys may follow an unfinished sequence: "t sort · d …" as pairs key, line; ended by NULL; to be freed
 * by g_strfreev(). */
char **keymap_next(const Keymap *keymap, unsigned context, const Key *keys, guint n);

/* The keys that are bound to exactly this line, "j, Down"; to be freed; NULL: none. `only_first`: the first
 * of them. */
char *keymap_keys_of(const Keymap *keymap, unsigned context, const char *line, gboolean only_first);

#endif
