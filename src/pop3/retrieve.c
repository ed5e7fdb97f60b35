/* retrieve.c - see retrieve.h. */
#include "pop3/retrieve.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "pop3/headers.h"
#include "pop3/private.h"

#include <string.h>

#define OUT_BYTES (32 << 10)
/* Commands under way: 4 KB of them, which is room in any socket's buffer, and one and a half megabytes of usual
 * mail: what a link of 300 Mbit/s brings in 40 ms, there and back. */
#define WINDOW 300

/* A command of the pipeline. */
typedef struct {
    Pop3Pending *pending;
    guint number;
    Pop3Part part;
    gboolean is_delete;
} Asked;

struct Pop3Retrieval {
    Pop3Session *session;
    Pop3Taker taker;
    GQueue asked;      /* Asked *, oldest first */
    gboolean is_ample; /* the window is filled when half of it is empty: many commands in one write */
    Pop3Headers *headers;

    /* The one that comes just now. */
    const Asked *open;
    int fd;
    gsize used;
    int64_t written;
    GError *failure; /* of the disk; the rest is read and dropped */
    char out[OUT_BYTES];
};

/* ---- bytes on their way to a file ---- */

static void put_out(Pop3Retrieval *retrieval)
{
    if (retrieval->fd >= 0 && !retrieval->failure && retrieval->used > 0 &&
        file_write_all(retrieval->fd, retrieval->out, retrieval->used, &retrieval->failure))
        retrieval->written += (int64_t)retrieval->used;
    retrieval->used = 0;
}

static void take_bytes(const char *bytes, gsize size, void *data)
{
    Pop3Retrieval *retrieval = data;

    pop3_headers_take(retrieval->headers, bytes, size);
    while (size > 0) {
        const gsize room = MIN(OUT_BYTES - retrieval->used, size);
        memcpy(retrieval->out + retrieval->used, bytes, room);
        retrieval->used += room;
        bytes += room;
        size -= room;
        if (retrieval->used == OUT_BYTES)
            put_out(retrieval);
    }
}

static void tell_came(uint64_t octets, void *data)
{
    Pop3Retrieval *retrieval = data;

    if (retrieval->taker.came)
        retrieval->taker.came(octets, retrieval->taker.data);
}

static void begin_body(Pop3Pending *pending)
{
    Pop3Retrieval *retrieval = pending->sink.data;
    const Asked *asked = g_queue_peek_head(&retrieval->asked);

    retrieval->open = asked;
    retrieval->used = 0;
    retrieval->written = 0;
    g_clear_error(&retrieval->failure);
    pop3_headers_begin(retrieval->headers);
    retrieval->fd =
        retrieval->taker.open(asked->number, asked->part, retrieval->taker.data, &retrieval->failure);
}

/* ---- many ---- */

Pop3Retrieval *pop3_retrieval_new(Pop3Session *session, const Pop3Taker *taker)
{
    Pop3Retrieval *retrieval = g_new0(Pop3Retrieval, 1);

    retrieval->session = session;
    retrieval->taker = *taker;
    retrieval->headers = pop3_headers_new();
    g_queue_init(&retrieval->asked);
    return retrieval;
}

void pop3_retrieval_free(Pop3Retrieval *retrieval)
{
    if (!retrieval)
        return;
    g_queue_clear_full(&retrieval->asked, g_free);
    pop3_headers_free(retrieval->headers);
    g_clear_error(&retrieval->failure);
    g_free(retrieval);
}

guint pop3_retrieval_under_way(const Pop3Retrieval *retrieval)
{
    return retrieval->asked.length;
}

gboolean pop3_retrieval_has_room(const Pop3Retrieval *retrieval)
{
    if (!pop3_session_can(retrieval->session, POP3_CAN_PIPELINING))
        return retrieval->asked.length == 0;
    return !retrieval->is_ample && retrieval->asked.length < WINDOW;
}

static Asked *ask(Pop3Retrieval *retrieval, Pop3Shape shape, const char *format, guint number, GError **error)
{
    g_autofree char *command =
        g_strdup_printf("%s %u%s", format, number, strcmp(format, "TOP") == 0 ? " 0" : "");
    Pop3Pending *pending = pop3_send(retrieval->session, shape, command, error);

    if (!pending)
        return NULL;
    Asked *asked = g_new0(Asked, 1);
    asked->pending = pending;
    asked->number = number;
    g_queue_push_tail(&retrieval->asked, asked);
    retrieval->is_ample |= retrieval->asked.length >= WINDOW;
    return asked;
}

gboolean pop3_retrieval_send(Pop3Retrieval *retrieval, guint number, Pop3Part part, uint64_t most_octets,
                             GError **error)
{
    Asked *asked = ask(retrieval, POP3_BODY, part == POP3_WHOLE ? "RETR" : "TOP", number, error);

    if (!asked)
        return FALSE;
    asked->part = part;
    asked->pending->sink = (Pop3Sink){take_bytes, tell_came, retrieval, most_octets};
    asked->pending->begin = begin_body;
    return TRUE;
}

gboolean pop3_retrieval_delete(Pop3Retrieval *retrieval, guint number, GError **error)
{
    Asked *asked = ask(retrieval, POP3_LINE, "DELE", number, error);

    if (asked)
        asked->is_delete = TRUE;
    return asked != NULL;
}

/* Tells of a message how it came: whole, refused, or cut off (`failed`). */
static gboolean tell(Pop3Retrieval *retrieval, const Asked *asked, uint64_t octets, const GError *failed,
                     gboolean is_refused, GError **error)
{
    guint64 headers = 0;

    if (retrieval->open) {
        put_out(retrieval);
        headers = pop3_headers_end(retrieval->headers);
    }
    const Pop3Retrieved message = {
        .number = asked->number,
        .part = asked->part,
        .octets = octets,
        .bytes = retrieval->open ? retrieval->written : 0,
        .headers = failed ? 0 : headers,
        .failed = failed            ? failed
                  : retrieval->open ? retrieval->failure
                                    : NULL,
        .is_refused = is_refused,
    };
    retrieval->open = NULL;
    return retrieval->taker.close(&message, retrieval->taker.data, error);
}

static gboolean conclude(Pop3Retrieval *retrieval, const Asked *asked, GError **error)
{
    const uint64_t octets = asked->pending->octets;
    g_autoptr(GError) refused = NULL;

    pop3_conclude(retrieval->session, asked->pending, &refused);
    if (!asked->is_delete)
        return tell(retrieval, asked, octets, refused, refused != NULL, error);
    retrieval->taker.deleted(asked->number, refused, retrieval->taker.data);
    return TRUE;
}

gboolean pop3_retrieval_wait(Pop3Retrieval *retrieval, GError **error)
{
    g_autofree Asked *asked = g_queue_peek_head(&retrieval->asked);
    g_autoptr(GError) failure = NULL;

    if (!asked) {
        tern_error_set(error, TERN_ERROR_BUG, "nothing is under way");
        return FALSE;
    }
    const gboolean is_there = pop3_await(retrieval->session, asked->pending, &failure);
    g_queue_pop_head(&retrieval->asked);
    retrieval->is_ample &= retrieval->asked.length > WINDOW / 2;
    if (is_there)
        return conclude(retrieval, asked, error);
    if (retrieval->open)
        tell(retrieval, asked, 0, failure, FALSE, NULL);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
