/* key_list.c - see key_list.h. */
#include "ui/key_list.h"

#include "base/i18n.h"
#include "ui/command.h"
#include "ui/keymap.h"

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

void key_list(const Config *config, CliKeyFunc func, void *data)
{
    g_autoptr(Keymap) keymap = keymap_new();

    keymap_configure(keymap, config, NULL); /* what is right in it is bound; the screen tells the rest */
    for (int i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = command_get(i);
        g_autofree char *keys = keys_of(keymap, command);
        const CliKey row = {
            .group = _(command->group), .keys = keys, .command = command->name, .help = _(command->help)};
        func(&row, data);
    }
}
