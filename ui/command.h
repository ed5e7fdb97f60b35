/*
 * command.h - the one table of commands: keys, the `:` line, menus, help, man page and completion all come
 * from it.
 *
 * A command has a name as typed (`:next-unread`), the contexts it makes sense in, the kind of its argument,
 * and a help text. A key is bound to a command line ("next", "folder Archive"). A view gets commands by
 * number; those that need no view have a function in actions.c.
 */
#ifndef TERN_UI_COMMAND_H
#define TERN_UI_COMMAND_H

#include "base/i18n.h"
#include "ui/view.h"

#include <glib.h>

typedef enum {
    ARGUMENT_NONE,
    ARGUMENT_TEXT,
    ARGUMENT_NUMBER,
    ARGUMENT_FOLDER,
    ARGUMENT_OPTION,
    ARGUMENT_COMMAND,
    ARGUMENT_OPTIONAL = 0x10, /* a bit */
} ArgumentKind;

typedef struct {
    const char *name;
    unsigned contexts; /* ViewContext bits */
    unsigned argument; /* ArgumentKind, with its bit */
    const char *group; /* heading on the help page, N_() */
    const char *help;  /* one line, N_() */
    const char *keys;  /* by default: alternatives, parted by blanks */
} Command;

/* The table is an X-macro (command.def): COMMAND(NEXT, "next", CONTEXT_ANY, ARGUMENT_NONE, "Moving", "…", "j
 * Down"). */
enum {
#define COMMAND(symbol, name, contexts, argument, group, help, keys) COMMAND_##symbol,
#include "ui/command.def"
#undef COMMAND
    COMMAND_COUNT
};

const Command *command_get(int command);
/* By exact name, or a unique beginning of one; -1 and *why_out (newly allocated) otherwise. */
int command_find(const char *name, unsigned contexts, char **why_out);
/* Parts "folder Archive" into the command and its argument (newly allocated, NULL: none). FALSE and *why_out
 * when it makes no sense. */
gboolean command_parse(const char *line, unsigned contexts, int *command_out, char **argument_out,
                       char **why_out);

#endif
