/* view_help.c - the keys of a view, by group, out of the table of commands. */
#include "ui/views.h"

#include "base/i18n.h"
#include "ui/command.h"
#include "ui/ui.h"

static const char *context_name(unsigned context)
{
    return context == CONTEXT_FOLDERS    ? _("Keys in the list of folders")
           : context == CONTEXT_LIST     ? _("Keys in the list of messages")
           : context == CONTEXT_MESSAGE  ? _("Keys in a message")
           : context == CONTEXT_COMPOSE  ? _("Keys where a message is written")
           : context == CONTEXT_OUTBOX   ? _("Keys in the outbox")
           : context == CONTEXT_CONTACTS ? _("Keys among the contacts")
                                         : _("Keys in a text");
}

static void add(GPtrArray *lines, const TextLine *line)
{
    g_ptr_array_add(lines, (gpointer)line);
}

View *view_help_new(Ui *ui, unsigned context)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)text_line_free);
    const char *group = NULL;

    for (int i = 0; i < COMMAND_COUNT; i++) {
        const Command *command = command_get(i);
        if (!(command->contexts & context))
            continue;
        if (!group || !g_str_equal(group, command->group)) {
            if (group)
                add(lines, text_line_new(FALSE, NULL, NULL, ""));
            group = command->group;
            add(lines, text_line_new(TRUE, NULL, NULL, _(group)));
        }
        g_autofree char *keys = keymap_keys_of(ui_keymap(ui), context, command->name, FALSE);
        g_autofree char *typed = keys ? NULL : g_strdup_printf(":%s", command->name);
        add(lines, text_line_new(FALSE, keys ? keys : typed, command->name, _(command->help)));
    }
    add(lines, text_line_new(FALSE, NULL, NULL, ""));
    add(lines,
        text_line_new(
            FALSE, NULL, NULL,
            _("Every command can be typed after “:”, and bound to other keys in [keys] of tern.conf.")));
    return view_text_new(ui, context_name(context), lines);
}
