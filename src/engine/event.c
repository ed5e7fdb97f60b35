/* event.c - see event.h. */
#include "engine/event.h"
#include "base/error.h"
#include "base/limits.h"

#include <stddef.h>
#include <string.h>

/* verb, id, account, folder, number, secret (empty: none) */
#define REQUEST_TYPE "(utmsmsxay)"
/* kind, request, account, folder, state, live, what, done, total, retry, message, new, changed, removed,
 * messages, bytes, bytes in all, withheld, seconds, error kind or -1, sentence */
#define EVENT_TYPE "(utmsmsubmsxxxxiiiixxxdims)"

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
    EngineRequest *copy =
        engine_request_new(request->verb, request->id, request->account, request->folder, request->number);

    copy->secret = g_strdup(request->secret);
    return copy;
}

static void wipe_and_free(void *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

void engine_request_free(EngineRequest *request)
{
    if (!request)
        return;
    g_free(request->account);
    g_free(request->folder);
    wipe_and_free(request->secret);
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

/* By a buffer of its own, which is wiped: GVariant's stays as it is when it is freed. */
static void append_frame(GVariant *value, GByteArray *into)
{
    g_autoptr(GVariant) sunk = g_variant_ref_sink(value);
    const gsize size = g_variant_get_size(sunk);
    const guint32 length = GUINT32_TO_LE((guint32)size);
    void *bytes = g_malloc(size);

    g_variant_store(sunk, bytes);
    g_byte_array_append(into, (const guint8 *)&length, sizeof length);
    g_byte_array_append(into, bytes, (guint)size);
    explicit_bzero(bytes, size);
    g_free(bytes);
}

void engine_request_encode(const EngineRequest *request, GByteArray *into)
{
    /* Borrowed, not copied: it is the frame alone that holds it, and that is wiped. */
    GVariant *secret =
        g_variant_new_from_data(G_VARIANT_TYPE_BYTESTRING, request->secret ? request->secret : "",
                                request->secret ? strlen(request->secret) : 0, TRUE, NULL, NULL);

    append_frame(g_variant_new("(utmsmsx@ay)", (guint32)request->verb, request->id, request->account,
                               request->folder, request->number, secret),
                 into);
}

void engine_event_encode(const EngineEvent *event, GByteArray *into)
{
    append_frame(g_variant_new(EVENT_TYPE, (guint32)event->kind, event->request, event->account,
                               event->folder, (guint32)event->state, event->is_live, event->what, event->done,
                               event->total, event->retry_at_us, event->message_id, event->new_messages,
                               event->changed, event->removed, event->messages, event->bytes,
                               event->bytes_total, event->withheld, event->seconds,
                               event->error ? (int)tern_error_kind(event->error) : -1,
                               event->error ? event->error->message : NULL),
                 into);
}

void engine_frame_drop(GByteArray *from, gsize n_bytes)
{
    const gsize left = from->len - n_bytes;

    memmove(from->data, from->data + n_bytes, left);
    explicit_bzero(from->data + left, n_bytes);
    g_byte_array_set_size(from, (guint)left);
}

/* A frame's bytes behind their number. */
typedef struct {
    gsize n_bytes;
    _Alignas(max_align_t) guint8 bytes[];
} Framed;

static void wipe_framed(void *data)
{
    Framed *framed = data;

    explicit_bzero(framed->bytes, framed->n_bytes);
    g_free(framed);
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
    Framed *framed = g_malloc(sizeof *framed + length);
    framed->n_bytes = length;
    memcpy(framed->bytes, from->data + sizeof length, length);
    *frame_out = g_bytes_new_with_free_func(framed->bytes, length, wipe_framed, framed);
    engine_frame_drop(from, sizeof length + length);
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
    g_autoptr(GVariant) secret = NULL;
    guint32 verb;
    guint64 id;
    gint64 number;
    gsize length;

    if (!value)
        return NULL;
    g_variant_get(value, "(utmsmsx@ay)", &verb, &id, &account, &folder, &number, &secret);
    if (verb > ENGINE_VERB_LAST)
        return NULL;
    EngineRequest *request = engine_request_new((EngineVerb)verb, id, account, folder, number);
    const char *bytes = g_variant_get_fixed_array(secret, &length, 1);
    request->secret = length ? g_strndup(bytes, length) : NULL;
    return request;
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
                  &event->messages, &event->bytes, &event->bytes_total, &event->withheld, &event->seconds,
                  &error_kind, &sentence);
    if (kind > ENGINE_EVENT_OUTBOX || state > ENGINE_ATTENTION || error_kind > (int)TERN_ERROR_BUG)
        return NULL;
    event->kind = (EngineEventKind)kind;
    event->state = (EngineState)state;
    if (error_kind >= 0)
        tern_error_set(&event->error, (TernErrorKind)error_kind, "%s", sentence ? sentence : "");
    return g_steal_pointer(&event);
}
