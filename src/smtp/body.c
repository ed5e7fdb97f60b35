/* body.c - see send_private.h: a message's bytes, by DATA (RFC 5321, 4.1.1.4) or in chunks (BDAT, RFC
 * 3030). */
#include "smtp/send_private.h"

#include "base/i18n.h"

#include <string.h>

/* Bytes of one BDAT; what is doubtful after a cut is the last one only. */
#define CHUNK_BYTES (UINT64_C(256) << 10)
/* The end of the last one, which the mark comes before. */
#define HELD_BYTES UINT64_C(2)
/* Chunks whose answers are still to come. */
#define MOST_AHEAD 8

static void tell(const Sending *sending, uint64_t sent)
{
    if (sending->message->progress)
        sending->message->progress(sent, sending->measure.size_bytes, sending->message->data);
}

/* The caller's mark, once it is known what goes out with the end. What it did not agree to is not sent: the
 * connection ends in the middle of the message, which no server takes for one. */
static gboolean mark(Sending *sending, GError **error)
{
    GError *failure = NULL;

    smtp_ahead_look(sending);
    if (sending->message->before_end && !sending->message->before_end(sending->message->data, &failure))
        return smtp_die(sending->session, &failure, error);
    sending->is_marked = TRUE;
    return TRUE;
}

static gboolean is_changed(Sending *sending, GError **error)
{
    return smtp_fail(sending->session, TERN_ERROR_STORE, _("a message was changed while it was sent"), error);
}

static gssize next_piece(Sending *sending, SmtpSource *source, GError **error)
{
    GError *failure = NULL;
    gssize size = smtp_source_next(source, &failure);

    if (failure)
        smtp_die(sending->session, &failure, error);
    return size;
}

/* The end is written: the last answer, for which a server may take its time. */
static gboolean await_end(Sending *sending, SmtpReply *reply_out, GError **error)
{
    NetStream *stream = sending->session->stream;

    if (!smtp_ahead_write(sending->session, error))
        return FALSE;
    net_stream_set_timeout(stream, sending->session->message_us);
    gboolean ok = smtp_read(sending->session, reply_out, error);
    net_stream_set_timeout(stream, sending->session->command_us);
    return ok;
}

/* ---- DATA ---- */

/* Something said in the middle of a message can only be its refusal, and no place for commands is left
 * after it. */
static gboolean hear_refusal(Sending *sending, gboolean *is_refused, SmtpReply *reply_out, GError **error)
{
    if (!smtp_has_said(sending->session, is_refused, error) ||
        (*is_refused && !smtp_read(sending->session, reply_out, error)))
        return FALSE;
    if (*is_refused)
        sending->session->is_leaving = TRUE;
    return TRUE;
}

static gboolean send_data(Sending *sending, SmtpReply *reply_out, GError **error)
{
    g_autofree SmtpSource *source = smtp_source_new(sending->message->fd, TRUE);
    uint64_t sent = 0;
    gssize size;

    while ((size = next_piece(sending, source, error)) > 0) {
        gboolean is_refused;
        if (!smtp_write_bytes(sending->session, source->out, (gsize)size, FALSE, error) ||
            !hear_refusal(sending, &is_refused, reply_out, error) || is_refused)
            return FALSE;
        sent += (uint64_t)size;
        tell(sending, MIN(sent, sending->measure.size_bytes));
    }
    if (size < 0)
        return FALSE;
    if (sent < sending->measure.size_bytes)
        return is_changed(sending, error);
    return mark(sending, error) && smtp_write(sending->session, ".", error) &&
           await_end(sending, reply_out, error);
}

/* ---- BDAT ---- */

/* The source in chunks: what is left of its last piece. */
typedef struct {
    SmtpSource *source;
    gsize at, end;
} Rest;

static gboolean send_chunk(Sending *sending, Rest *rest, uint64_t size, GError **error)
{
    while (size > 0) {
        if (rest->at == rest->end) {
            const gssize got = next_piece(sending, rest->source, error);
            if (got <= 0)
                return got < 0 ? FALSE : is_changed(sending, error);
            rest->at = 0;
            rest->end = (gsize)got;
        }
        const gsize piece = (gsize)MIN(size, rest->end - rest->at);
        if (!smtp_write_bytes(sending->session, rest->source->out + rest->at, piece, FALSE, error))
            return FALSE;
        rest->at += piece;
        size -= piece;
    }
    return TRUE;
}

/* Reads answers until at most `most` are still to come. FALSE: the session is dead, or one is a refusal;
 * the answers to what was sent after it are read too, so that the next command's is the next one. */
static gboolean hear_chunks(Sending *sending, guint *ahead, guint most, SmtpReply *reply_out, GError **error)
{
    while (*ahead > most) {
        (*ahead)--;
        if (!smtp_read(sending->session, reply_out, error))
            return FALSE;
        if (smtp_reply_is_yes(reply_out))
            continue;
        /* The parser's, until it reads on. */
        g_free(sending->refusal);
        reply_out->text = sending->refusal = g_strdup(reply_out->text);
        for (SmtpReply passed; *ahead > 0 && smtp_session_is_alive(sending->session); (*ahead)--)
            if (!smtp_read(sending->session, &passed, NULL))
                break;
        return FALSE;
    }
    return TRUE;
}

static gboolean announce_chunk(Sending *sending, uint64_t size, gboolean is_last, GError **error)
{
    g_autofree char *line = g_strdup_printf("BDAT %" G_GUINT64_FORMAT "%s", size, is_last ? " LAST" : "");

    return smtp_write(sending->session, line, error);
}

/* All but its last bytes, the mark, and those: without them the server has no message. */
static gboolean send_last_chunk(Sending *sending, Rest *rest, uint64_t size, SmtpReply *reply_out,
                                GError **error)
{
    const uint64_t held = MIN(size, HELD_BYTES);
    gboolean is_refused = FALSE;

    return send_chunk(sending, rest, size - held, error) &&
           hear_refusal(sending, &is_refused, reply_out, error) && !is_refused && mark(sending, error) &&
           send_chunk(sending, rest, held, error);
}

static gboolean send_chunks(Sending *sending, SmtpReply *reply_out, GError **error)
{
    g_autofree SmtpSource *source = smtp_source_new(sending->message->fd, FALSE);
    const uint64_t total = sending->measure.size_bytes;
    const guint most_ahead = smtp_session_can(sending->session, SMTP_CAN_PIPELINING) ? MOST_AHEAD : 0;
    Rest rest = {.source = source};
    uint64_t sent = 0;
    guint ahead = 0;

    while (total - sent > CHUNK_BYTES) {
        if (!announce_chunk(sending, CHUNK_BYTES, FALSE, error) ||
            !send_chunk(sending, &rest, CHUNK_BYTES, error))
            return FALSE;
        ahead++;
        if (!hear_chunks(sending, &ahead, most_ahead, reply_out, error))
            return FALSE;
        sent += CHUNK_BYTES;
        tell(sending, sent);
    }
    /* What was refused needs no mark, and no end. */
    if (!hear_chunks(sending, &ahead, 0, reply_out, error) ||
        !announce_chunk(sending, total - sent, TRUE, error) ||
        !send_last_chunk(sending, &rest, total - sent, reply_out, error))
        return FALSE;
    tell(sending, total);
    return await_end(sending, reply_out, error);
}

gboolean smtp_send_body(Sending *sending, SmtpReply *reply_out, GError **error)
{
    reply_out->code = 0;
    return smtp_session_can(sending->session, SMTP_CAN_CHUNKING) ? send_chunks(sending, reply_out, error)
                                                                 : send_data(sending, reply_out, error);
}
