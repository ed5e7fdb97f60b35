/* body.c - see body.h. */
#include "imap/body.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "imap/private.h"

#include <string.h>

#define OUT_BYTES (32 << 10)

struct ImapBodies {
    ImapSession *session;
    ImapBodyTaker taker;
    guint skipped; /* of the session, as last looked at */

    /* The one that comes just now. */
    gboolean is_open;
    int fd;
    gboolean held_cr;
    gsize used;
    int64_t written;
    GError *failure; /* of the disk; the rest is read and dropped */
    char out[OUT_BYTES];
};

/* ---- bytes on their way to a file, CRLF made LF; a CR alone stays ---- */

static void put_out(ImapBodies *bodies)
{
    if (!bodies->failure && bodies->used > 0 &&
        file_write_all(bodies->fd, bodies->out, bodies->used, &bodies->failure))
        bodies->written += (int64_t)bodies->used;
    bodies->used = 0;
}

static void put_bytes(ImapBodies *bodies, const char *bytes, gsize size)
{
    while (size > 0) {
        const gsize room = MIN(OUT_BYTES - bodies->used, size);
        memcpy(bodies->out + bodies->used, bytes, room);
        bodies->used += room;
        bytes += room;
        size -= room;
        if (bodies->used == OUT_BYTES)
            put_out(bodies);
    }
}

static void take_bytes(const char *bytes, gsize size, void *data)
{
    ImapBodies *bodies = data;

    if (bodies->held_cr && size > 0 && *bytes != '\n')
        put_bytes(bodies, "\r", 1);
    if (size > 0)
        bodies->held_cr = FALSE;
    for (gsize at = 0; at < size;) {
        const char *cr = memchr(bytes + at, '\r', size - at);
        const gsize run = cr ? (gsize)(cr - bytes) - at : size - at;

        put_bytes(bodies, bytes + at, run);
        at += run + (cr ? 1 : 0);
        if (cr && at == size)
            bodies->held_cr = TRUE;
        else if (cr && bytes[at] != '\n')
            put_bytes(bodies, "\r", 1);
    }
}

/* ---- one message ---- */

static void open_body(ImapBodies *bodies)
{
    bodies->is_open = TRUE;
    bodies->held_cr = FALSE;
    bodies->used = 0;
    bodies->written = 0;
    g_clear_error(&bodies->failure);
    bodies->fd = bodies->taker.open(bodies->taker.data, &bodies->failure);
}

static gboolean close_body(ImapBodies *bodies, uint32_t uid, GError **error)
{
    if (bodies->held_cr)
        put_bytes(bodies, "\r", 1);
    put_out(bodies);
    bodies->is_open = bodies->held_cr = FALSE;
    return bodies->taker.close(uid, bodies->written, bodies->failure, bodies->taker.data, error);
}

static void abandon(ImapBodies *bodies)
{
    if (bodies->is_open)
        close_body(bodies, 0, NULL);
}

/* The first BODY[] of a response only; a second one would run on in the same file. A response that the parser
 * gave up left its message open. */
static gboolean wants_body(const ImapTree *so_far, uint64_t size_bytes, void *data)
{
    ImapBodies *bodies = data;

    (void)size_bytes;
    if (bodies->session->skipped != bodies->skipped)
        abandon(bodies);
    bodies->skipped = bodies->session->skipped;
    if (bodies->is_open || !imap_tree_is(so_far, so_far->n - 1, "BODY[]"))
        return FALSE;
    open_body(bodies);
    return TRUE;
}

static gboolean take_body(ImapSession *session, const ImapTree *tree, const ImapResponse *response,
                          void *data, GError **error)
{
    ImapBodies *bodies = data;
    g_autoptr(GError) problem = NULL;
    ImapFetchLine line;

    if (response->kind != IMAP_FETCH || !session->selected) {
        abandon(bodies);
        return FALSE;
    }
    if (!imap_response_fetch(tree, response, session->texts, &line, &problem)) {
        abandon(bodies);
        return imap_skip(session, &problem, error);
    }
    const gboolean is_streamed = line.body && imap_tree_is_kind(tree, line.body, IMAP_STREAMED);
    /* NIL: gone meanwhile. And which of two texts would be the message's? */
    if (line.body == 0 || imap_tree_is_kind(tree, line.body, IMAP_NIL) || (bodies->is_open && !is_streamed)) {
        abandon(bodies);
        return line.body != 0;
    }
    /* A short message may come as a quoted string. */
    if (!is_streamed) {
        open_body(bodies);
        take_bytes(imap_tree_text(tree, line.body), tree->values[line.body].bytes, bodies);
    }
    if (!line.message.uid) {
        abandon(bodies);
        return imap_nonsense(error, "FETCH");
    }
    return close_body(bodies, line.message.uid, error);
}

/* ---- many ---- */

ImapBodies *imap_bodies_new(ImapSession *session, const ImapBodyTaker *taker)
{
    ImapBodies *bodies = g_new0(ImapBodies, 1);

    bodies->session = session;
    bodies->taker = *taker;
    bodies->skipped = session->skipped;
    return bodies;
}

void imap_bodies_free(ImapBodies *bodies)
{
    if (!bodies)
        return;
    abandon(bodies);
    imap_parser_set_sink(bodies->session->parser, NULL);
    g_clear_error(&bodies->failure);
    g_free(bodies);
}

gboolean imap_bodies_send(ImapBodies *bodies, const char *set, GError **error)
{
    ImapSession *session = bodies->session;
    g_autofree char *command = g_strdup_printf("UID FETCH %s (UID BODY.PEEK[])", set);

    /* Answers to others that nobody waits for are read before the sink is there for them to fall into. */
    if (session->handler != take_body && !imap_drain(session, error))
        return FALSE;
    imap_parser_set_sink(session->parser, &(ImapSink){wants_body, take_bytes, bodies});
    return imap_begin(session, take_body, bodies, error) && imap_write(session, command, error) &&
           imap_send(session, error) && imap_flush(session, error);
}

/* NO that only says that the message is gone. */
static gboolean is_gone(const ImapSession *session)
{
    const char *code = session->refusal;

    return code && (!strcmp(code, "NONEXISTENT") || !strcmp(code, "EXPUNGEISSUED"));
}

gboolean imap_bodies_wait(ImapBodies *bodies, GError **error)
{
    ImapSession *session = bodies->session;
    g_autoptr(GError) failure = NULL;
    ImapPending *pending = imap_first_awaited(session);

    if (!imap_check_alive(session, error))
        return FALSE;
    if (!pending || session->handler != take_body) {
        tern_error_set(error, TERN_ERROR_BUG, "no FETCH of messages is under way");
        return FALSE;
    }
    if (imap_wait(session, pending, &failure) || (!session->death && is_gone(session)))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* ---- one ---- */

typedef struct {
    uint32_t uid;
    int fd;
    gboolean is_found;
    int64_t bytes;
    GError *failure;
} One;

static int open_one(void *data, GError **error)
{
    (void)error;
    return ((One *)data)->fd;
}

static gboolean close_one(uint32_t uid, int64_t bytes, const GError *failed, void *data, GError **error)
{
    One *one = data;

    if (!uid) /* made no sense, which is told when nothing better comes */
        return TRUE;
    if (one->is_found || uid != one->uid)
        return imap_nonsense(error, "FETCH");
    one->is_found = TRUE;
    one->bytes = bytes;
    one->failure = failed ? g_error_copy(failed) : NULL;
    return TRUE;
}

gboolean imap_fetch_body(ImapSession *session, uint32_t uid, int fd, gboolean *found_out, int64_t *bytes_out,
                         GError **error)
{
    g_autofree char *set = g_strdup_printf("%u", uid);
    One one = {.uid = uid, .fd = fd};
    const guint skipped = session->skipped;
    g_autoptr(ImapBodies) bodies = imap_bodies_new(session, &(ImapBodyTaker){open_one, close_one, &one});

    *found_out = FALSE;
    *bytes_out = 0;
    const gboolean is_ok = imap_bodies_send(bodies, set, error) && imap_bodies_wait(bodies, error);
    g_autoptr(GError) disk = one.failure;
    if (!is_ok)
        return FALSE;
    if (!one.is_found && session->skipped > skipped) {
        tern_error_set(error, TERN_ERROR_REFUSED,
                       _("the server sends this message in a way that makes no sense"));
        return FALSE;
    }
    if (disk) {
        g_propagate_error(error, g_steal_pointer(&disk));
        return FALSE;
    }
    *found_out = one.is_found;
    *bytes_out = one.bytes;
    return TRUE;
}
