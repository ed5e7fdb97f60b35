/* fetch.c - UID FETCH (RFC 3501, 6.4.5): rows for the list, many commands under way at once; and whole
 * messages, streamed to a file. */
#include "imap/fetch.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
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

    return parsed              ? MIN(imap_uid_set_count(parsed), session->exists)
           : !strcmp(set, "$") ? session->exists
                               : 0;
}

/* A set of UIDs or numbers, "*", or "$", which is what the last SEARCH saved. */
static gboolean is_set(const char *set)
{
    return !strcmp(set, "$") || (*set && !set[strspn(set, "0123456789:,*")]);
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
        {IMAP_FETCH_IDS, IMAP_CAN_OBJECTID, " EMAILID THREADID"},
        {IMAP_FETCH_IDS, IMAP_CAN_GMAIL, " X-GM-MSGID X-GM-THRID"},
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

/* Sends a FETCH; `modifiers` (NULL: none) stand behind the items, with their parentheses. */
static gboolean send_fetch(ImapSession *session, gboolean by_uid, const char *set, ImapFetchItems items,
                           const char *modifiers, GError **error)
{
    g_autoptr(GString) command = g_string_new(by_uid ? "UID FETCH " : "FETCH ");
    ImapPending *pending;

    if (!imap_check_alive(session, error))
        return FALSE;
    if (!session->selected || !is_set(set)) {
        tern_error_set(error, TERN_ERROR_BUG, "FETCH of \"%s\" with %s selected", set,
                       session->selected ? session->selected : "nothing");
        return FALSE;
    }
    g_string_append_printf(command, "%s (UID", set);
    add_items(session, items, command);
    g_string_append_c(command, ')');
    if (modifiers)
        g_string_append_printf(command, " %s", modifiers);
    if (!(pending = imap_begin(session, take_fetched, NULL, error)))
        return FALSE;
    pending->items = items;
    pending->expected = most_answers(session, set);
    return imap_write(session, command->str, error) && imap_send(session, error) &&
           imap_flush(session, error);
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
    return imap_drain(session, error) && send_fetch(session, TRUE, set, IMAP_FETCH_FLAGS, modifiers, error) &&
           imap_fetch_wait(session, handle, data, error);
}

/* ---- a whole message ---- */

/* Bytes on their way to a file, CRLF made LF; a CR alone stays. */
typedef struct {
    uint32_t uid;
    int fd;
    gboolean is_begun, is_found;
    gboolean held_cr;
    char out[32 << 10];
    gsize used;
    int64_t written;
    GError *failure; /* of the disk; the rest is read and dropped */
} Body;

static void put_out(Body *body)
{
    if (!body->failure && body->used > 0 && file_write_all(body->fd, body->out, body->used, &body->failure))
        body->written += (int64_t)body->used;
    body->used = 0;
}

static void put_bytes(Body *body, const char *bytes, gsize size)
{
    while (size > 0) {
        gsize room = MIN(sizeof body->out - body->used, size);
        memcpy(body->out + body->used, bytes, room);
        body->used += room;
        bytes += room;
        size -= room;
        if (body->used == sizeof body->out)
            put_out(body);
    }
}

static void take_body_bytes(const char *bytes, gsize size, void *data)
{
    Body *body = data;

    if (body->held_cr && size > 0 && *bytes != '\n')
        put_bytes(body, "\r", 1);
    if (size > 0)
        body->held_cr = FALSE;
    for (gsize at = 0; at < size;) {
        const char *cr = memchr(bytes + at, '\r', size - at);
        gsize run = cr ? (gsize)(cr - bytes) - at : size - at;

        put_bytes(body, bytes + at, run);
        at += run + (cr ? 1 : 0);
        if (cr && at == size)
            body->held_cr = TRUE;
        else if (cr && bytes[at] != '\n')
            put_bytes(body, "\r", 1);
    }
}

static void end_body(Body *body)
{
    if (body->held_cr)
        put_bytes(body, "\r", 1);
    put_out(body);
}

/* The first BODY[] only; a second one would run on in the same file. */
static gboolean wants_body(const ImapTree *so_far, uint64_t size_bytes, void *data)
{
    Body *body = data;

    (void)size_bytes;
    if (body->is_begun || !imap_tree_is(so_far, so_far->n - 1, "BODY[]"))
        return FALSE;
    return body->is_begun = TRUE;
}

static gboolean take_body(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                          void *data, GError **error)
{
    Body *body = data;
    g_autoptr(GError) problem = NULL;
    ImapFetchLine line;

    if (response->kind != IMAP_FETCH || !session->selected)
        return FALSE;
    if (!imap_response_fetch(tree, response, session->texts, &line, &problem))
        return imap_skip(session, &problem, error);
    if (line.body == 0)
        return FALSE;
    if (body->is_found || line.message.uid != body->uid)
        return imap_nonsense(error, "FETCH");
    if (imap_tree_is_kind(tree, line.body, IMAP_NIL))
        return TRUE; /* gone meanwhile */
    /* A short message may come as a quoted string. */
    if (!imap_tree_is_kind(tree, line.body, IMAP_STREAMED))
        take_body_bytes(imap_tree_text(tree, line.body), tree->values[line.body].bytes, body);
    body->is_found = TRUE;
    return TRUE;
}

/* NO that only says that the message is gone. */
static gboolean is_gone(const ImapSession *session)
{
    const char *code = session->refusal;

    return code && (!strcmp(code, "NONEXISTENT") || !strcmp(code, "EXPUNGEISSUED"));
}

gboolean imap_fetch_body(ImapSession *session, uint32_t uid, int fd, gboolean *found_out, int64_t *bytes_out,
                         GError **error)
{
    g_autofree char *command = g_strdup_printf("UID FETCH %u (UID BODY.PEEK[])", uid);
    g_autofree Body *body = g_new0(Body, 1);
    g_autoptr(GError) failure = NULL;

    *found_out = FALSE;
    *bytes_out = 0;
    if (!imap_drain(session, error))
        return FALSE;
    const guint skipped = session->skipped;
    body->uid = uid;
    body->fd = fd;
    imap_parser_set_sink(session->parser, &(ImapSink){wants_body, take_body_bytes, body});
    gboolean is_ok = imap_command(session, command, take_body, body, &failure);
    imap_parser_set_sink(session->parser, NULL);
    end_body(body);

    if (is_ok && !body->is_found && session->skipped > skipped) {
        g_clear_error(&body->failure);
        tern_error_set(error, TERN_ERROR_REFUSED,
                       _("the server sends this message in a way that makes no sense"));
        return FALSE;
    }
    g_autoptr(GError) disk = g_steal_pointer(&body->failure);
    if (!is_ok && (session->death || !is_gone(session))) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (disk) {
        g_propagate_error(error, g_steal_pointer(&disk));
        return FALSE;
    }
    *found_out = body->is_found;
    *bytes_out = body->written;
    return TRUE;
}
