/* event.c - see event.h. */
#include "engine/event.h"
#include "base/error.h"
#include "base/limits.h"

/* verb, id, account, folder, number */
#define REQUEST_TYPE "(utmsmsx)"
/* kind, request, account, folder, state, live, what, done, total, retry, message, new, changed, removed, messages, bytes,
 * seconds, error kind or -1, sentence */
#define EVENT_TYPE "(utmsmsubmsxxxxiiiixdims)"

EngineRequest *engine_request_new(EngineVerb verb, guint64 id, const char *account, const char *folder,
                                  int64_t number)
{
    EngineRequest *request = g_new0(EngineRequest, 1);

    request->verb = verb;
    request->id = id;
    request->account = g_strdup(account);
    request->folder = g_strdup(folder);
    request->number = number;
    return request;
}

EngineRequest *engine_request_copy(const EngineRequest *request)
{
    return engine_request_new(request->verb, request->id, request->account, request->folder, request->number);
}

void engine_request_free(EngineRequest *request)
{
    if (!request)
        return;
    g_free(request->account);
    g_free(request->folder);
    g_free(request);
}

EngineEvent *engine_event_new(EngineEventKind kind, guint64 request, const char *account)
{
    EngineEvent *event = g_new0(EngineEvent, 1);

    event->kind = kind;
    event->request = request;
    event->account = g_strdup(account);
    return event;
}

EngineEvent *engine_event_copy(const EngineEvent *event)
{
    EngineEvent *copy = g_memdup2(event, sizeof *event);

    copy->account = g_strdup(event->account);
    copy->folder = g_strdup(event->folder);
    copy->what = g_strdup(event->what);
    copy->error = event->error ? g_error_copy(event->error) : NULL;
    return copy;
}

void engine_event_free(EngineEvent *event)
{
    if (!event)
        return;
    g_free(event->account);
    g_free(event->folder);
    g_free(event->what);
    g_clear_error(&event->error);
    g_free(event);
}

static void append_frame(GVariant *value, GByteArray *into)
{
    g_autoptr(GVariant) sunk = g_variant_ref_sink(value);
    guint32 length = GUINT32_TO_LE((guint32)g_variant_get_size(sunk));

    g_byte_array_append(into, (const guint8 *)&length, sizeof length);
    g_byte_array_append(into, g_variant_get_data(sunk), (guint)g_variant_get_size(sunk));
}

void engine_request_encode(const EngineRequest *request, GByteArray *into)
{
    append_frame(g_variant_new(REQUEST_TYPE, (guint32)request->verb, request->id, request->account,
                               request->folder, request->number),
                 into);
}

void engine_event_encode(const EngineEvent *event, GByteArray *into)
{
    append_frame(g_variant_new(EVENT_TYPE, (guint32)event->kind, event->request, event->account,
                               event->folder, (guint32)event->state, event->is_live, event->what, event->done,
                               event->total, event->retry_at_us, event->message_id, event->new_messages,
                               event->changed, event->removed, event->messages, event->bytes, event->seconds,
                               event->error ? (int)tern_error_kind(event->error) : -1,
                               event->error ? event->error->message : NULL),
                 into);
}

gboolean engine_frame_take(GByteArray *from, GBytes **frame_out)
{
    guint32 length;

    *frame_out = NULL;
    if (from->len < sizeof length)
        return TRUE;
    memcpy(&length, from->data, sizeof length);
    length = GUINT32_FROM_LE(length);
    if (length > LIMIT_CONTROL_BYTES)
        return FALSE;
    if (from->len < sizeof length + length)
        return TRUE;
    *frame_out = g_bytes_new(from->data + sizeof length, length);
    g_byte_array_remove_range(from, 0, (guint)sizeof length + length);
    return TRUE;
}

/* A checked, aligned copy of what a frame says, or NULL. */
static GVariant *decode(GBytes *frame, const char *type)
{
    g_autoptr(GVariant) value =
        g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(type), frame, FALSE));

    return g_variant_is_normal_form(value) ? g_steal_pointer(&value) : NULL;
}

EngineRequest *engine_request_decode(GBytes *frame)
{
    g_autoptr(GVariant) value = decode(frame, REQUEST_TYPE);
    g_autofree char *account = NULL, *folder = NULL;
    guint32 verb;
    guint64 id;
    gint64 number;

    if (!value)
        return NULL;
    g_variant_get(value, REQUEST_TYPE, &verb, &id, &account, &folder, &number);
    if (verb > ENGINE_VERB_LAST)
        return NULL;
    return engine_request_new((EngineVerb)verb, id, account, folder, number);
}

EngineEvent *engine_event_decode(GBytes *frame)
{
    g_autoptr(GVariant) value = decode(frame, EVENT_TYPE);
    g_autoptr(EngineEvent) event = g_new0(EngineEvent, 1);
    g_autofree char *sentence = NULL;
    guint32 kind, state;
    int error_kind;

    if (!value)
        return NULL;
    g_variant_get(value, EVENT_TYPE, &kind, &event->request, &event->account, &event->folder, &state,
                  &event->is_live, &event->what, &event->done, &event->total, &event->retry_at_us,
                  &event->message_id, &event->new_messages, &event->changed, &event->removed,
                  &event->messages, &event->bytes, &event->seconds, &error_kind, &sentence);
    if (kind > ENGINE_EVENT_ALERT || state > ENGINE_ATTENTION || error_kind > (int)TERN_ERROR_BUG)
        return NULL;
    event->kind = (EngineEventKind)kind;
    event->state = (EngineState)state;
    if (error_kind >= 0)
        tern_error_set(&event->error, (TernErrorKind)error_kind, "%s", sentence ? sentence : "");
    return g_steal_pointer(&event);
}
