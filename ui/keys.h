/*
 * keys.h - from bytes of the terminal to keys; keys as text.
 *
 * A Key is a character, or a special key (Up, F1 …), with Alt as a bit. As text a key is its character or its
 * name (Up, Down, PgDn, Enter, Tab, S-Tab, Space, Esc, BS, Del, F1 …), with C- for Ctrl and M- or Esc- for
 * Alt; a sequence of keys is written one after the other ("ot") or with blanks ("C-x C-s"). Angle brackets
 * say where a name begins and ends: "<C-x>", "g<Enter>". What keys do is a Keymap's (keymap.h).
 *
 * Ui thread only.
 */
#ifndef TERN_UI_KEYS_H
#define TERN_UI_KEYS_H

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

/* Reads a sequence: its length; 0 and *why_out (newly allocated; NULL: nobody asks) for one that makes no
 * sense. */
guint keys_parse(const char *text, Key keys_out[KEYS_MAX], char **why_out);
/* As text, to be freed. */
char *keys_format(const Key *keys, guint n);
/* Whether a key types a character, and which. */
gboolean key_is_text(Key key, gunichar *character_out);
/* Whether it is one of these, parted by blanks ("Left C-b"). */
gboolean key_is_among(Key key, const char *names);
/* A special key by its name ("Up"). */
Key key_named(const char *name);

#endif
