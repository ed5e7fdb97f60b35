/*
 * keymap.h - which command line a sequence of keys stands for.
 *
 *     contexts        keys       line
 *     list, message   a          archive                from command.def
 *     list            C-k        folder Archive         from [keys]: `list:C-k = folder Archive`
 *     message         N          -                      from [keys]: `message:N = none`
 *
 * Of several bindings of the same keys in a context the user's counts, then the one for fewer contexts, then
 * the later one. A binding hides longer ones that begin with it. Ui thread only.
 */
#ifndef TERN_UI_KEYMAP_H
#define TERN_UI_KEYMAP_H

#include "config/problem.h"
#include "ui/keys.h"

typedef struct Keymap Keymap;

/* The default keys (command.def). */
Keymap *keymap_new(void);
void keymap_free(Keymap *keymap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keymap, keymap_free)

/* Binds a sequence to a command line in these contexts (ViewContext bits), as far as the command has them;
 * "none" takes it away. FALSE and CONFIG when the keys or the line make no sense. */
gboolean keymap_bind(Keymap *keymap, unsigned contexts, const char *keys, const char *line, GError **error);

/* The configuration's [keys]: `KEYS = line`, or `VIEW:KEYS = line` with folders, list, message, help or
 * compose. What is wrong (no key, no such command, the same keys twice, keys that can never be typed since
 * their beginning is bound) goes to `problems` (NULL: nobody asks); what is right is bound all the same. */
void keymap_configure(Keymap *keymap, const Config *config, ConfigProblems *problems);

typedef enum { KEYS_UNBOUND, KEYS_UNFINISHED, KEYS_BOUND } KeysMatch;

/* What a sequence stands for in a context. *line_out stays the keymap's. */
KeysMatch keymap_find(const Keymap *keymap, unsigned context, const Key *keys, guint n,
                      const char **line_out);

/* Which keys may follow an unfinished sequence: "t sort · d …" as pairs key, line; ended by NULL; to be freed
 * by g_strfreev(). */
char **keymap_next(const Keymap *keymap, unsigned context, const Key *keys, guint n);

/* The keys that are bound to exactly this line, "j, Down"; to be freed; NULL: none. `only_first`: the first
 * of them. */
char *keymap_keys_of(const Keymap *keymap, unsigned context, const char *line, gboolean only_first);

#endif
