/* main.c - tern: a command without a screen, or the screen. */
#include "cli/cli.h"
#include "ui/configured.h"
#include "ui/key_list.h"
#include "ui/ui.h"

#include <locale.h>

static const CliScreen SCREEN = {.keys = key_list, .check = configured_check};

int main(int argc, char **argv)
{
    int status = 0;

    setlocale(LC_ALL, "");
    g_autoptr(CliContext) context = cli_context_new(argc, argv, &status);
    if (!context)
        return status;
    cli_set_screen(&SCREEN);
    return context->arguments && context->arguments[0] ? cli_run(context) : ui_run(context);
}
