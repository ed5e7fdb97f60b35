/* status.c - STATUS (RFC 3501, 6.3.10; 7162, 8438, 7889). Not MAILBOXID (8474), which SELECT
 * tells: Cyrus 3.6.1 sends bytes of something else, line ends too, in STATUS and LIST-STATUS. */
#include "imap/folder.h"
#include "imap/private.h"

#include <string.h>

char *imap_status_items(const ImapSession *session)
{
    static const struct {
        ImapCapability capability;
        const char *words;
    } MORE[] = {
        {IMAP_CAN_CONDSTORE, " HIGHESTMODSEQ"},
        {IMAP_CAN_STATUS_SIZE, " SIZE"},
    };
    GString *items = g_string_new("(MESSAGES UNSEEN UIDNEXT UIDVALIDITY");

    for (gsize i = 0; i < G_N_ELEMENTS(MORE); i++)
        if (imap_session_can(session, MORE[i].capability))
            g_string_append(items, MORE[i].words);
    if (imap_session_can(session, IMAP_CAN_APPENDLIMIT) && session->append_limit == 0)
        g_string_append(items, " APPENDLIMIT"); /* each folder has its own (RFC 7889) */
    return g_string_free(g_string_append_c(items, ')'), FALSE);
}

/* What is told of a folder that was asked about; of others it is news. */
static gboolean take_one_status(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                                void *data, GError **error)
{
    g_autoptr(GError) problem = NULL;
    const char *raw_name;

    if (response->kind != IMAP_STATUS_LINE)
        return FALSE;
    if (!imap_response_status(tree, response, &raw_name, NULL, &problem))
        return imap_skip_folder(session, tree, response, &problem, error);
    g_autofree char *made = NULL;
    ImapFolder *folder = g_hash_table_lookup(data, imap_name_key(imap_name_told(session, raw_name, &made)));
    if (!folder)
        return FALSE;
    if (!imap_response_status(tree, response, &raw_name, folder, &problem))
        return imap_skip_folder(session, tree, response, &problem, error);
    imap_learn_folders_limit(session, folder);
    return TRUE;
}

gboolean imap_status(ImapSession *session, ImapFolder *const *folders, guint n, GError **error)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    ImapPending *sent[IMAP_WINDOW];
    g_autofree char *items = imap_status_items(session);

    for (guint i = 0; i < n; i++)
        g_hash_table_insert(by_name, (gpointer)imap_name_key(folders[i]->raw_name), folders[i]);
    for (guint from = 0; from < n; from += IMAP_WINDOW) {
        guint size = MIN(IMAP_WINDOW, n - from);
        for (guint i = 0; i < size; i++) {
            sent[i] = imap_begin(session, take_one_status, by_name, error);
            if (!sent[i] || !imap_write(session, "STATUS ", error) ||
                !imap_write_string(session, sent[i], folders[from + i]->raw_name, FALSE, error) ||
                !imap_write(session, " ", error) || !imap_write(session, items, error) ||
                !imap_send(session, error))
                return FALSE;
        }
        for (guint i = 0; i < size; i++)
            if (!imap_wait(session, sent[i], NULL) && session->death)
                return imap_check_alive(session, error);
    }
    return TRUE;
}
