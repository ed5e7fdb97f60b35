/* read.c - see private.h: what comes back from the server, and whom it is for. */
#include "imap/private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <string.h>

/* More in one session are noise. */
#define MOST_ALERTS 100

/* How fast a response comes: what was read of it, and the time for which that was waited. */
typedef struct {
    gboolean has_begun; /* before, any wait is one for the server to think */
    int64_t waited_us, bytes;
} Pace;

static gboolean keeps_pace(const ImapSession *session, Pace *pace, int64_t waited_us, int64_t bytes,
                           GError **error)
{
    const int64_t bears_us = net_stream_timeout(session->stream);

    pace->waited_us += waited_us;
    pace->bytes += bytes;
    if (!pace->has_begun || pace->waited_us < bears_us)
        return TRUE;
    if (pace->bytes < bears_us * LIMIT_IMAP_LEAST_PACE / SECOND_US) {
        tern_error_set(error, TERN_ERROR_NETWORK,
                       _("the IMAP server sends next to nothing: %d bytes in %d s"), (int)pace->bytes,
                       (int)(pace->waited_us / SECOND_US));
        return FALSE;
    }
    pace->waited_us = pace->bytes = 0;
    return TRUE;
}

static gboolean fill(ImapSession *session, Pace *pace, GError **error)
{
    const int64_t since_us = clock_now_us();
    gssize got = net_stream_read(session->stream, session->in, sizeof session->in, error);

    if (got == 0)
        tern_error_set(error, TERN_ERROR_NETWORK, _("the IMAP server closed the connection"));
    session->in_at = 0;
    session->in_end = got > 0 ? (gsize)got : 0;
    return got > 0 && keeps_pace(session, pace, clock_now_us() - since_us, got, error);
}

static gboolean bear_one_more(ImapSession *session, GError **error)
{
    if (++session->unsolicited <= LIMIT_IMAP_UNSOLICITED)
        return TRUE;
    tern_error_set(error, TERN_ERROR_PROTOCOL, _("the IMAP server talks without end"));
    return FALSE;
}

gboolean imap_skip(ImapSession *session, GError **problem, GError **error)
{
    if (problem)
        g_clear_error(problem);
    session->skipped++;
    return bear_one_more(session, error);
}

gboolean imap_skip_folder(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                          GError **problem, GError **error)
{
    g_clear_error(problem);
    if (session->odd_folders++ == 0) {
        g_autofree char *name = imap_response_folder(tree, response);
        session->odd_folder = imap_for_people(name);
    }
    return bear_one_more(session, error);
}

static void warn(ImapSession *session, const char *text)
{
    if (!session->listener.warning || session->warnings == MOST_ALERTS)
        return;
    session->warnings++;
    session->listener.warning(text, session->listener.data);
}

static void tell_odd_folders(ImapSession *session)
{
    const guint others = session->odd_folders - 1;
    g_autofree char *name = g_steal_pointer(&session->odd_folder);
    g_autofree char *text =
        others == 0
            ? g_strdup_printf(
                  _("what the IMAP server says of the folder “%s” makes no sense; that is passed over"), name)
            : g_strdup_printf(
                  ngettext_(
                      "what the IMAP server says of the folder “%s” and %u other makes no sense; that is "
                      "passed over",
                      "what the IMAP server says of the folder “%s” and %u others makes no sense; that is "
                      "passed over",
                      others),
                  name, others);

    session->odd_folders = 0;
    warn(session, text);
}

void imap_tell_skipped(ImapSession *session)
{
    const guint n = session->skipped - session->skipped_told;

    if (session->odd_folders)
        tell_odd_folders(session);
    session->skipped_told = session->skipped;
    if (n == 0)
        return;
    g_autofree char *text = g_strdup_printf(
        ngettext_("the IMAP server said something of a message that makes no sense; it was passed over",
                  "the IMAP server said %u things of messages that make no sense; they were passed over", n),
        n);
    warn(session, text);
}

/* The next response in session->in that is one, or what came instead. */
static ImapParse parse_next(ImapSession *session, ImapTree *tree_out, GError **error)
{
    ImapParse parse = IMAP_PARSE_MORE;
    Pace pace = {0};

    while (parse == IMAP_PARSE_MORE) {
        gsize used;
        if (session->in_at == session->in_end && !fill(session, &pace, error))
            return IMAP_PARSE_FAILED;
        if (!pace.has_begun)
            pace = (Pace){.has_begun = TRUE};
        parse = imap_parser_feed(session->parser, session->in + session->in_at,
                                 session->in_end - session->in_at, &used, tree_out, error);
        session->in_at += used;
        if (parse == IMAP_PARSE_SKIPPED) {
            parse = imap_skip(session, NULL, error) ? IMAP_PARSE_MORE : IMAP_PARSE_FAILED;
            pace = (Pace){0};
        }
    }
    return parse;
}

gboolean imap_read(ImapSession *session, ImapTree *tree_out, ImapResponse *response_out, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (!imap_check_alive(session, error))
        return FALSE;
    if (parse_next(session, tree_out, &failure) == IMAP_PARSE_DONE &&
        imap_response_read(tree_out, response_out, &failure))
        return TRUE;
    return imap_die(session, &failure, error);
}

/* A status with [ALERT] is for people, once they know who speaks. */
static void look_for_alert(ImapSession *session, const ImapResponse *response)
{
    if (!session->is_in || !session->listener.alert || !imap_code_is(response->code, "ALERT") ||
        session->alerts == MOST_ALERTS)
        return;
    session->alerts++;
    g_autofree char *text = imap_for_people(response->text);
    session->listener.alert(text, session->listener.data);
}

static void take_capabilities(ImapSession *session, const ImapTree *tree, const ImapResponse *response)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = response->first; i < tree->n; i++)
        if (imap_tree_is_astring(tree, i))
            g_ptr_array_add(names, (gpointer)imap_tree_text(tree, i));
    g_ptr_array_add(names, NULL);
    imap_learn_capabilities(session, (char **)names->pdata);
}

/* What no handler took. Before login nothing but capabilities is believed (THREATS.md 1). */
static gboolean take_untagged(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                              GError **error)
{
    if (response->kind == IMAP_BYE)
        return imap_say_bye(response, error);
    if (response->kind == IMAP_CAPABILITY)
        take_capabilities(session, tree, response);
    if (!session->is_in)
        return TRUE;
    look_for_alert(session, response);
    imap_take_introduction(session, tree, response);
    return imap_take_account_news(session, tree, response, error) &&
           (!session->selected || (imap_check_validity(session, response, error) &&
                                   imap_take_folder_news(session, tree, response, error)));
}

gboolean imap_hand_on(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                      GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (!bear_one_more(session, &failure))
        return imap_die(session, &failure, error);
    if (imap_ahead_takes(session, response))
        return TRUE;
    if (session->handler && session->handler(session, tree, response, session->handler_data, &failure))
        return TRUE;
    if (!failure && take_untagged(session, tree, response, &failure))
        return TRUE;
    return imap_die(session, &failure, error);
}

/* A tagged answer goes to its command, which need not be the oldest. */
gboolean imap_settle(ImapSession *session, const ImapResponse *response, GError **error)
{
    g_autoptr(GError) failure = NULL;
    uint64_t tag = 0;

    session->unsolicited = 0;
    if (*response->tag == 'A')
        imap_digits(response->tag + 1, strlen(response->tag + 1), G_MAXUINT, &tag);
    for (GList *at = session->pending.head; at; at = at->next) {
        ImapPending *pending = at->data;
        if (pending->tag != tag || pending->result != IMAP_OTHER || response->kind < IMAP_OK ||
            response->kind > IMAP_BAD)
            continue;
        pending->result = response->kind;
        pending->code = g_strdup(response->code);
        pending->text = g_strdup(response->text);
        look_for_alert(session, response);
        const gboolean ok = imap_take_compress(session, pending, error);
        imap_ahead_answered(session, pending);
        if (pending == session->page)
            session->page = NULL;
        if (pending->is_unawaited) {
            g_queue_delete_link(&session->pending, at);
            imap_pending_free(pending);
        }
        return ok;
    }
    tern_error_set(&failure, TERN_ERROR_PROTOCOL, _("the IMAP server answered a command that was not sent"));
    return imap_die(session, &failure, error);
}

gboolean imap_wait_continue(ImapSession *session, ImapPending *pending, char **text_out, GError **error)
{
    *text_out = NULL;
    while (pending->result == IMAP_OTHER) {
        ImapTree tree;
        ImapResponse response;

        if (!imap_read(session, &tree, &response, error))
            return FALSE;
        if (response.kind == IMAP_CONTINUE) {
            *text_out = g_strdup(response.text);
            return TRUE;
        }
        if (response.tag ? !imap_settle(session, &response, error)
                         : !imap_hand_on(session, &tree, &response, error))
            return FALSE;
    }
    return TRUE;
}
