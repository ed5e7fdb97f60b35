/* types.c - see types.h. */
#include "store/types.h"

#include "base/i18n.h"
#include "base/sanitise.h"

static const char *const ROLE_NAMES[] = {
    [STORE_ROLE_NONE] = "none",       [STORE_ROLE_INBOX] = "inbox", [STORE_ROLE_SENT] = "sent",
    [STORE_ROLE_DRAFTS] = "drafts",   [STORE_ROLE_TRASH] = "trash", [STORE_ROLE_JUNK] = "junk",
    [STORE_ROLE_ARCHIVE] = "archive", [STORE_ROLE_ALL] = "all",     [STORE_ROLE_FLAGGED] = "flagged",
};

const char *store_role_name(StoreRole role)
{
    return (guint)role < G_N_ELEMENTS(ROLE_NAMES) ? ROLE_NAMES[role] : "none";
}

char *store_rights_problem(const char *folder, guint rights, guint needed)
{
    static const struct {
        StoreRight right;
        const char *problem;
    } PROBLEMS[] = {
        {STORE_MAY_READ, N_("you may not read “%s”; the server gives no right to")},
        {STORE_MAY_MARK_SEEN, N_("you may not mark mail read in “%s”; the server gives no right to")},
        {STORE_MAY_FLAG, N_("you may not mark mail in “%s”; the server gives no right to")},
        {STORE_MAY_INSERT, N_("you may not put mail into “%s”; the server gives no right to")},
        {STORE_MAY_DELETE, N_("you may not remove mail from “%s”; the server gives no right to")},
        {STORE_MAY_CREATE, N_("you may not make folders below “%s”; the server gives no right to")},
        {STORE_MAY_REMOVE, N_("you may not rename or delete “%s”; the server gives no right to")},
    };

    for (guint i = 0; i < G_N_ELEMENTS(PROBLEMS); i++) {
        if (!(needed & PROBLEMS[i].right) || rights & PROBLEMS[i].right)
            continue;
        g_autofree char *safe = sanitise(folder, -1, SANITISE_LINE);
        g_auto(GStrv) parts = g_strsplit(_(PROBLEMS[i].problem), "%s", 2);
        return g_strjoinv(safe, parts);
    }
    return NULL;
}

void store_folder_free(StoreFolder *folder)
{
    if (!folder)
        return;
    g_free(folder->account);
    g_free(folder->name);
    g_free(folder->raw_name);
    g_free(folder->mailbox_id);
    g_free(folder);
}

void store_message_free(StoreMessage *message)
{
    if (!message)
        return;
    GPtrArray *lists[] = {message->from, message->to, message->cc};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        if (lists[i])
            g_ptr_array_unref(lists[i]);
    }
    g_strfreev(message->keywords);
    g_strfreev(message->references);
    g_free(message->subject);
    g_free(message->message_id);
    g_free(message->account);
    g_free(message->folder);
    g_free(message->list_id);
    g_free(message->server_account);
    g_free(message->file_folder);
    g_free(message->file_name);
    g_free(message->import_account);
    g_free(message->import_file);
    g_free(message);
}

static int told(int64_t number)
{
    return (int)CLAMP(number, -1, G_MAXINT);
}

int store_folder_messages(const StoreFolder *folder)
{
    return folder->sync.uid_validity ? folder->messages : told(folder->server_messages);
}

int store_folder_unread(const StoreFolder *folder)
{
    return folder->sync.uid_validity ? folder->unread : told(folder->server_unseen);
}
