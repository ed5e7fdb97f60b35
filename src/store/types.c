/* types.c - see types.h. */
#include "store/types.h"

static const char *const ROLE_NAMES[] = {
    [STORE_ROLE_NONE] = "none",       [STORE_ROLE_INBOX] = "inbox", [STORE_ROLE_SENT] = "sent",
    [STORE_ROLE_DRAFTS] = "drafts",   [STORE_ROLE_TRASH] = "trash", [STORE_ROLE_JUNK] = "junk",
    [STORE_ROLE_ARCHIVE] = "archive", [STORE_ROLE_ALL] = "all",     [STORE_ROLE_FLAGGED] = "flagged",
};

const char *store_role_name(StoreRole role)
{
    return (guint)role < G_N_ELEMENTS(ROLE_NAMES) ? ROLE_NAMES[role] : "none";
}

void store_folder_free(StoreFolder *folder)
{
    if (!folder)
        return;
    g_free(folder->account);
    g_free(folder->name);
    g_free(folder->raw_name);
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
    g_free(message->file_folder);
    g_free(message->file_name);
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
