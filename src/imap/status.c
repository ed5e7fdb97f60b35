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

typedef struct {
    ImapFolder *const *folders;
    guint n, next; /* the one whose answer comes next */
} Statuses;

static gboolean is_same(const ImapFolder *folder, const char *raw_name)
{
    return !strcmp(folder->raw_name, raw_name) ||
           (imap_is_inbox(folder->raw_name) && imap_is_inbox(raw_name));
}

/* Answers come in the order of the commands, but for those that were refused. */
static gboolean take_one_status(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                                void *data, GError **error)
{
    Statuses *statuses = data;
    const char *raw_name;

    (void)session;
    if (response->kind != IMAP_STATUS_LINE)
        return FALSE;
    if (!imap_response_status(tree, response, &raw_name, NULL, error))
        return FALSE;
    for (guint i = 0; i < statuses->n; i++) {
        guint at = (statuses->next + i) % statuses->n;
        if (!is_same(statuses->folders[at], raw_name))
            continue;
        statuses->next = at + 1;
        return imap_response_status(tree, response, &raw_name, statuses->folders[at], error);
    }
    return TRUE;
}

gboolean imap_status(ImapSession *session, ImapFolder *const *folders, guint n, GError **error)
{
    Statuses statuses = {folders, n, 0};
    ImapPending *sent[IMAP_WINDOW];
    g_autofree char *items = imap_status_items(session);

    for (guint from = 0; from < n; from += IMAP_WINDOW) {
        guint size = MIN(IMAP_WINDOW, n - from);
        for (guint i = 0; i < size; i++) {
            sent[i] = imap_begin(session, take_one_status, &statuses, error);
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
