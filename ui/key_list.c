/* key_list.c - see key_list.h. */
#include "ui/key_list.h"

#include "base/text.h"
#include "ui/command.h"
#include "ui/keymap.h"

#define KEYS_COLS 22
#define NAME_COLS 18

/* The keys that the command has, in the first view where it has some. */
static char *keys_of(const Keymap *keymap, const Command *command)
{
    static const unsigned CONTEXTS[] = {CONTEXT_FOLDERS, CONTEXT_LIST,   CONTEXT_MESSAGE, CONTEXT_HELP,
                                        CONTEXT_COMPOSE, CONTEXT_OUTBOX, CONTEXT_CONTACTS};

    for (gsize i = 0; i < G_N_ELEMENTS(CONTEXTS); i++) {
        char *keys = command->contexts & CONTEXTS[i]
                         ? keymap_keys_of(keymap, CONTEXTS[i], command->name, FALSE)
                         : NULL;
        if (keys)
            return keys;
    }
    return g_strdup_printf(":%s", command->name);
}

char *key_list(const Config *config)
{
    g_autoptr(Keymap) keymap = keymap_new();
    GString *out = g_string_new(NULL);
    const char *group = NULL;

    keymap_configure(keymap, config, NULL); /* what is right in it is bound; the screen tells the rest */
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = command_get(i);
        if (!group || !g_str_equal(group, command->group))
            g_string_append_printf(out, "%s%s\n", group ? "\n" : "", _(command->group));
        group = command->group;
        g_autofree char *keys = keys_of(keymap, command);
        g_autofree char *first = text_pad(keys, KEYS_COLS, FALSE),
                        *second = text_pad(command->name, NAME_COLS, FALSE);
        g_string_append_printf(out, "  %s %s %s\n", first, second, _(command->help));
    }
    return g_string_free(out, FALSE);
}
