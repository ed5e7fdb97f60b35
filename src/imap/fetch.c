/* fetch.c - see fetch.h. */
#include "imap/fetch.h"

#include "base/error.h"
#include "base/i18n.h"
#include "imap/private.h"

#include <string.h>

/* The fields that make a row: those of MIME_ENVELOPE_FIELDS in mime/envelope.h, which reads them. */
#define ENVELOPE_FIELDS "DATE FROM TO CC REPLY-TO SUBJECT MESSAGE-ID REFERENCES IN-REPLY-TO LIST-ID"

/* Who waits for FETCH responses. */
struct ImapFetching {
    ImapPending *pending;
    ImapFetchFunc handle;
    void *data;
    GError *failure; /* the handler's; the rest is read and dropped */
    uint64_t answered;
};

/* Whether a response brings what was asked for, rather than news of somebody's flags. */
static gboolean answers(ImapFetchItems items, const ImapFetched *message)
{
    if (items & IMAP_FETCH_ENVELOPE)
        return message->header || message->has_size;
    if (items & IMAP_FETCH_STRUCTURE)
        return message->has_attachments_count;
    if (items & IMAP_FETCH_FLAGS)
        return message->has_flags;
    return message->email_id || message->has_labels || !message->has_flags;
}

static gboolean take_fetched(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                             void *data, GError **error)
{
    struct ImapFetching *fetching = session->fetching;
    g_autoptr(GError) problem = NULL;
    ImapFetchLine line;

    (void)data;
    if (response->kind != IMAP_FETCH || !fetching || !session->selected)
        return FALSE;
    if (!imap_response_fetch(tree, response, session->texts, &line, &problem))
        return imap_skip(session, &problem, error);
    if (session->map && line.message.uid)
        imap_uid_map_learn(session->map, line.message.seq, line.message.uid);
    if (!answers(fetching->pending->items, &line.message))
        return FALSE;
    if (fetching->answered++ < fetching->pending->expected)
        session->unsolicited = 0;
    if (!fetching->failure && !fetching->handle(&line.message, fetching->data, &fetching->failure) &&
        !fetching->failure)
        tern_error_set(&fetching->failure, TERN_ERROR_BUG, "a handler failed without an error");
    return TRUE;
}

/* How many answers a set can have: "*" is the last one. */
static uint64_t most_answers(const ImapSession *session, const char *set)
{
    g_autoptr(ImapUidSet) parsed = imap_uid_set_parse(set, UINT32_MAX);

    return parsed ? MIN(imap_uid_set_count(parsed), session->exists) : 0;
}

/* A set of UIDs or numbers, or "*". */
static gboolean is_set(const char *set)
{
    return *set && !set[strspn(set, "0123456789:,*")];
}

/* The data items that a FETCH asks for, as far as the server and the folder have them. */
static void add_items(const ImapSession *session, ImapFetchItems items, GString *command)
{
    static const struct {
        ImapFetchItems item;
        ImapCapability capability; /* IMAP_CAN_ANYWAY: every server can */
        const char *words;
    } WORDS[] = {
        {IMAP_FETCH_FLAGS, IMAP_CAN_ANYWAY, " FLAGS"},
        {IMAP_FETCH_FLAGS, IMAP_CAN_CONDSTORE, " MODSEQ"},
        {IMAP_FETCH_ENVELOPE, IMAP_CAN_ANYWAY,
         " INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" ENVELOPE_FIELDS ")]"},
        {IMAP_FETCH_STRUCTURE, IMAP_CAN_ANYWAY, " BODYSTRUCTURE"},
        {IMAP_FETCH_IDS, IMAP_CAN_OBJECTID, " EMAILID"},
        {IMAP_FETCH_THREADS, IMAP_CAN_OBJECTID, " THREADID"},
        {IMAP_FETCH_IDS, IMAP_CAN_GMAIL, " X-GM-MSGID"},
        {IMAP_FETCH_THREADS, IMAP_CAN_GMAIL, " X-GM-THRID"},
        {IMAP_FETCH_LABELS, IMAP_CAN_GMAIL, " X-GM-LABELS"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        if (!(items & WORDS[i].item) || !imap_session_can(session, WORDS[i].capability))
            continue;
        /* A folder that keeps no MODSEQ refuses the item (RFC 7162, 3.1.2.2). */
        if (WORDS[i].capability != IMAP_CAN_CONDSTORE || session->highest_modseq > 0)
            g_string_append(command, WORDS[i].words);
    }
}

char *imap_fetch_command(const ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                         const char *modifiers)
{
    GString *command = g_string_new(by_uid ? "UID FETCH " : "FETCH ");

    g_string_append_printf(command, "%s (UID", set);
    add_items(session, items, command);
    g_string_append_c(command, ')');
    if (modifiers)
        g_string_append_printf(command, " %s", modifiers);
    return g_string_free(command, FALSE);
}

/* `modifiers` as of imap_fetch_command(). */
static gboolean send_fetch(ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                           const char *modifiers, GError **error)
{
    ImapPending *pending;

    if (!imap_check_alive(session, error))
        return FALSE;
    if (!session->selected || !is_set(set)) {
        tern_error_set(error, TERN_ERROR_BUG, "FETCH of \"%s\" with %s selected", set,
                       session->selected ? session->selected : "nothing");
        return FALSE;
    }
    g_autofree char *command = imap_fetch_command(session, by_uid, set, items, modifiers);
    if (!(pending = imap_begin(session, take_fetched, NULL, error)))
        return FALSE;
    pending->items = items;
    pending->expected = most_answers(session, set);
    return imap_write(session, command, error) && imap_send(session, error) && imap_flush(session, error);
}

gboolean imap_page_claim(ImapSession *session)
{
    ImapPending *page = session->page;

    if (!page)
        return FALSE;
    page->is_page = TRUE;
    page->is_unawaited = FALSE;
    page->expected = MIN(page->expected, session->exists);
    session->page = NULL;
    session->handler = take_fetched;
    session->handler_data = NULL;
    return TRUE;
}

gboolean imap_fetch_send(ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                         GError **error)
{
    return send_fetch(session, by_uid, set, items, NULL, error);
}

gboolean imap_fetch_wait(ImapSession *session, ImapFetchFunc handle, void *data, GError **error)
{
    struct ImapFetching fetching = {.handle = handle, .data = data};
    g_autoptr(GError) failure = NULL;

    if (!imap_check_alive(session, error))
        return FALSE;
    fetching.pending = imap_first_awaited(session);
    if (!fetching.pending || session->handler != take_fetched) {
        tern_error_set(error, TERN_ERROR_BUG, "no FETCH is under way");
        return FALSE;
    }
    session->fetching = &fetching;
    gboolean is_ok = imap_wait(session, fetching.pending, &failure);
    session->fetching = NULL;

    /* A dead session matters more than what a handler thought of a row. */
    if (!session->death && fetching.failure) {
        g_propagate_error(error, fetching.failure);
        return FALSE;
    }
    g_clear_error(&fetching.failure);
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    return is_ok;
}

gboolean imap_fetch(ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                    ImapFetchFunc handle, void *data, GError **error)
{
    /* Those sent ahead and not waited for are over: this one's answers must not be taken for theirs. */
    return imap_drain(session, error) && imap_fetch_send(session, by_uid, set, items, error) &&
           imap_fetch_wait(session, handle, data, error);
}

gboolean imap_fetch_changes(ImapSession *session, const char *set, uint64_t modseq, ImapFetchFunc handle,
                            void *data, GError **error)
{
    g_autofree char *modifiers =
        g_strdup_printf("(CHANGEDSINCE %" G_GUINT64_FORMAT "%s)", modseq,
                        imap_session_is_enabled(session, IMAP_CAN_QRESYNC) ? " VANISHED" : "");

    if (!imap_check_alive(session, error))
        return FALSE;
    if (session->highest_modseq == 0 || modseq == 0) {
        tern_error_set(error, TERN_ERROR_REFUSED, _("the folder does not keep what changed when"));
        return FALSE;
    }
    return imap_drain(session, error) &&
           send_fetch(session, TRUE, set, IMAP_FETCH_FLAGS | IMAP_FETCH_LABELS, modifiers, error) &&
           imap_fetch_wait(session, handle, data, error);
}
