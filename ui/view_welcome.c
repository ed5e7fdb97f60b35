/* view_welcome.c - no account is configured: what to write, and where. */
#include "ui/views.h"

#include "base/i18n.h"
#include "ui/ui.h"

static const char *const EXAMPLE[] = {
    "[account work]",
    "name = Ada Example",
    "address = ada@example.org",
    "incoming = imaps://ada@imap.example.org",
    "outgoing = smtp+starttls://ada@smtp.example.org",
    "password-command = pass show mail/work",
};

static void say(GPtrArray *lines, const char *text)
{
    g_ptr_array_add(lines, text_line_new(FALSE, NULL, NULL, text));
}

View *view_welcome_new(Ui *ui)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)text_line_free);
    const char *path = config_path(ui_config(ui));
    g_autofree char *where =
        config_exists(ui_config(ui))
            ? g_strdup_printf(_("The file %s names no account. It wants a section like this:"), path)
            : g_strdup_printf(_("Write the file %s with a section like this:"), path);

    g_ptr_array_add(lines, text_line_new(TRUE, NULL, NULL, _("Welcome to tern")));
    say(lines, "");
    say(lines, _("There is no account to read mail from yet."));
    say(lines, where);
    say(lines, "");
    for (guint i = 0; i < G_N_ELEMENTS(EXAMPLE); i++)
        g_ptr_array_add(lines, text_line_new(FALSE, "  ", NULL, EXAMPLE[i]));
    say(lines, "");
    say(lines, _("Instead of password-command there may be `password = …`; the file must then be yours alone "
                 "(chmod 600)."));
    say(lines, _("tern config check tells every mistake, tern account check tries the login, and "
                 "tern.conf(5) lists all keys."));
    say(lines, _("Then start tern again. q quits."));
    return view_text_new(ui, "tern", lines);
}
