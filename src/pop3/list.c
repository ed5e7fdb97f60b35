/* list.c - what there is on the server: STAT, LIST and UIDL. */
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "pop3/private.h"

#include <string.h>

void pop3_list_free(Pop3List *list)
{
    if (!list)
        return;
    g_free(list->messages);
    g_string_chunk_free(list->texts);
    g_free(list);
}

/* A listing while it comes. Numbers ascend (RFC 1939 says no such thing, all servers do); others make no
 * sense. */
typedef struct {
    GArray *messages; /* Pop3Message */
    GStringChunk *texts;
    guint at;    /* UIDL: where in `messages` the last line was */
    guint lines; /* UIDL: so far */
} Listing;

static gboolean nonsense(const char *command, GError **error)
{
    tern_error_set(error, TERN_ERROR_PROTOCOL, _("the POP3 server's answer to %s makes no sense"), command);
    return FALSE;
}

static gboolean too_many(GError **error)
{
    tern_error_set(error, TERN_ERROR_LIMIT, _("there are more messages on the server than tern takes (%d)"),
                   LIMIT_POP3_MESSAGES);
    return FALSE;
}

static gboolean take_size(const char *text, gsize bytes, void *data, GError **error)
{
    GArray *messages = ((Listing *)data)->messages;
    const guint last = messages->len ? g_array_index(messages, Pop3Message, messages->len - 1).number : 0;
    Pop3Message message = {0};
    uint64_t number;

    if (!pop3_read_numbers(text, bytes, &number, &message.octets) || number <= last || number > INT32_MAX)
        return nonsense("LIST", error);
    if (messages->len == LIMIT_POP3_MESSAGES) {
        tern_error_set(error, TERN_ERROR_LIMIT,
                       _("there are more messages on the server than tern takes (%d)"), LIMIT_POP3_MESSAGES);
        return FALSE;
    }
    message.number = (guint)number;
    g_array_append_val(messages, message);
    return TRUE;
}

/* A line about a message that LIST did not name is passed over: it came in between. */
static gboolean take_uidl(const char *text, gsize bytes, void *data, GError **error)
{
    Listing *listing = data;
    uint64_t number;
    const char *uidl;
    gsize uidl_bytes;

    if (!pop3_read_uidl(text, bytes, &number, &uidl, &uidl_bytes))
        return nonsense("UIDL", error);
    if (++listing->lines > LIMIT_POP3_MESSAGES)
        return too_many(error);
    while (listing->at < listing->messages->len) {
        Pop3Message *message = &g_array_index(listing->messages, Pop3Message, listing->at);
        if (message->number > number)
            break;
        if (message->number == number && message->uidl)
            return nonsense("UIDL", error);
        if (message->number == number) {
            message->uidl =
                uidl_bytes ? g_string_chunk_insert_len(listing->texts, uidl, (gssize)uidl_bytes) : NULL;
            break;
        }
        listing->at++;
    }
    return TRUE;
}

/* Sends one more, in the same flight where the server takes that; else the one before it is waited for first.
 * */
static Pop3Pending *send_next(Pop3Session *session, Pop3Pending *before, const char *command,
                              Pop3ItemFunc item, Listing *listing, GError **error)
{
    if (before && !pop3_session_can(session, POP3_CAN_PIPELINING) && !pop3_await(session, before, error))
        return NULL;
    Pop3Pending *pending = pop3_send(session, POP3_LINES, command, error);
    if (pending) {
        pending->item = item;
        pending->data = listing;
    }
    return pending;
}

/* The answers, in order; *has_uidls_out as UIDL says. */
static gboolean hear_survey(Pop3Session *session, Pop3Pending *capa, Pop3Pending *list, Pop3Pending *uidl,
                            gboolean *has_uidls_out, GError **error)
{
    if (capa) {
        if (!pop3_await(session, capa, error))
            return FALSE;
        pop3_conclude_capa(session, capa);
        session->wants_capa = FALSE;
    }
    if (!pop3_await(session, list, error) || !pop3_await(session, uidl, error))
        return FALSE;
    *has_uidls_out = uidl->status == POP3_PARSE_OK;
    const gboolean is_listed = pop3_conclude(session, list, error);
    pop3_conclude(session, uidl, NULL);
    return is_listed;
}

static gboolean survey(Pop3Session *session, Listing *listing, gboolean *has_uidls_out, GError **error)
{
    Pop3Pending *capa = session->wants_capa ? pop3_send_capa(session, error) : NULL;

    if (session->wants_capa && !capa)
        return FALSE;
    Pop3Pending *list = send_next(session, capa, "LIST", take_size, listing, error);
    Pop3Pending *uidl = list ? send_next(session, list, "UIDL", take_uidl, listing, error) : NULL;
    return uidl && hear_survey(session, capa, list, uidl, has_uidls_out, error);
}

Pop3List *pop3_survey(Pop3Session *session, GError **error)
{
    Listing listing = {.messages = g_array_new(FALSE, FALSE, sizeof(Pop3Message)),
                       .texts = g_string_chunk_new(4096)};
    Pop3List *list = g_new0(Pop3List, 1);
    const gboolean is_ok = survey(session, &listing, &list->has_uidls, error);

    list->n = listing.messages->len;
    list->messages = (Pop3Message *)g_array_free(listing.messages, FALSE);
    list->texts = listing.texts;
    if (is_ok)
        return list;
    pop3_list_free(list);
    return NULL;
}

static gboolean read_stat(const Pop3Pending *stat, guint *messages_out, uint64_t *octets_out, GError **error)
{
    uint64_t messages;

    if (!pop3_read_numbers(stat->text, strlen(stat->text), &messages, octets_out) || messages > INT32_MAX)
        return nonsense("STAT", error);
    *messages_out = (guint)messages;
    return TRUE;
}

gboolean pop3_stat(Pop3Session *session, guint *messages_out, uint64_t *octets_out, GError **error)
{
    GError *failure = NULL;
    Pop3Pending *stat = pop3_send(session, POP3_LINE, "STAT", error);

    *messages_out = 0;
    if (!stat || !pop3_await(session, stat, error))
        return FALSE;
    if (stat->status == POP3_PARSE_OK && !read_stat(stat, messages_out, octets_out, &failure))
        return pop3_die(session, &failure, error);
    return pop3_conclude(session, stat, error);
}
