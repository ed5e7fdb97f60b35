/* list_empty.c - the message list without messages: that they are coming, why they are not, that there are
 * none, or that the folder is gone. */
#include "base/i18n.h"
#include "ui/screen.h"
#include "ui/ui.h"
#include "ui/view_list_private.h"
#include "ui/wrapped.h"

/* The account whose mail is awaited; on a first start that with which tern begins. */
static const char *account_of(const ViewList *list)
{
    const GPtrArray *accounts = config_accounts(ui_config(list->view.ui));

    if (list->folder)
        return list->folder->account;
    return accounts->len ? ((const ConfigAccount *)accounts->pdata[0])->id : NULL;
}

/* "… are being fetched", unless that cannot be, or has just failed; to be freed. */
static char *awaited(const ViewList *list, const char *coming)
{
    const char *account = account_of(list);
    char *why_not = account ? ui_not_coming(list->view.ui, account) : NULL;

    if (why_not)
        return why_not;
    return list->failure ? g_strdup_printf(_("Nothing can be fetched: %s."), list->failure)
                         : g_strdup(coming);
}

static char *words_of(const ViewList *list)
{
    const StoreFolder *folder = list->folder;

    if (!list->store_view)
        return awaited(list, _("The folders are being fetched."));
    if (list->is_gone)
        return g_strdup(_("This folder is no longer there. c opens another one."));
    if (!list->page)
        return g_strdup("");
    if (folder && !folder->sync.uid_validity && (folder->server_messages > 0 || list->failure))
        return awaited(list, _("The messages are being fetched."));
    return g_strdup(_("No messages here."));
}

void list_draw_empty(const ViewList *list, ViewRect rect)
{
    g_autofree char *text = words_of(list);
    const int above = rect.rows > 4 ? 1 : 0;

    wrapped_draw_in((ViewRect){rect.row + above, rect.column, rect.rows - above, rect.columns}, SLOT_DIM,
                    text);
}
