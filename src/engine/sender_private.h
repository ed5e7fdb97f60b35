/*
 * sender_private.h - what the files of a sender share.
 *
 *      sender.c           the thread: what is due, and when; what may break it off
 *      sender_lock.c      the outbox's lock
 *      sender_link.c      the connection
 *      sender_requests.c  what is asked of it, and the answers
 *      sender_mail.c      one message on its way, and the look ahead to the next
 *      sender_note.c      what its result means for its envelope, and for people
 *      sender_after.c     flags and copy of what was sent
 *      sender_command.c   the same by a command (sendmail:)
 *
 * All on the sender's thread, but for what is said of `mutex`.
 */
#ifndef TERN_ENGINE_SENDER_PRIVATE_H
#define TERN_ENGINE_SENDER_PRIVATE_H

#include "base/queue.h"
#include "base/thread.h"
#include "engine/sender.h"
#include "maildir/outbox.h"
#include "smtp/send.h"
#include "store/read.h"

#include <pthread.h>
#include <stdatomic.h>

/* A message whose turn has come, or comes next. What is told to the server is what it was made of; where that
 * is not the outbox's any more when its turn begins, it is not sent. */
typedef struct {
    Sender *sender;
    OutboxEnvelope *plan;     /* what it was made of: as it was in the outbox then */
    OutboxEnvelope *envelope; /* as it is there, once it is SENDING; NULL before */
    GArray *asked;            /* guint: the index in the envelope of each recipient that is asked for */
    const char **addresses;   /* theirs; NULL-terminated */
    int fd;                   /* the message; -1: not opened */
    OutboxFile *copy;         /* what goes out in its stead, to a server that takes 7 bits only; NULL */
    GError *unready;          /* why it cannot be read; NULL */
    SmtpMessage message;
    SmtpResult result;
    gboolean is_begun;    /* it is SENDING */
    gboolean is_unmarked; /* the disk did not take the second mark: it may, the next time */
    const GError *failed; /* NULL: taken for at least one */
    int64_t progress_us;
} SenderMail;

struct Sender {
    SenderContext context;
    Thread *thread;
    Queue *inbox; /* EngineRequest */
    atomic_bool has_ended, is_live;
    atomic_uint nudges; /* bits 1 << LinkNudge */

    pthread_mutex_t mutex;
    gboolean is_stopping;
    gboolean is_busy;   /* connecting or sending: there is something to break off */
    gboolean is_marked; /* the end of the message under way may have gone out: it is not broken off */
    Cancel *breaker;    /* of the connection; NULL: none */
    GArray *cancelled;  /* guint64: requests that are to end */

    Outbox *outbox; /* NULL until the first use */
    gboolean has_caught_up;
    int watch_fd; /* of the outbox, while live: others put messages in too; -1: none */
    StoreReader *reader;
    SmtpSession *session;
    Link link;
    GQueue asked;            /* EngineRequest, not answered yet */
    GError *failed;          /* what they will be told */
    int64_t linger_until_us; /* the connection stays so long for the next message */
    int64_t due_s;           /* when the next message is; 0: none is */
    SenderMail *ahead;       /* whose turn is next: the server was told of it already; NULL: none */
};

/* The lock of the outbox, which is open; NETWORK where another process has it. */
gboolean sender_take_lock(Sender *sender, GError **error);

/* sender->reader; FALSE and STORE. */
gboolean sender_open_reader(Sender *sender, GError **error);
/* Connected and logged in, or (sendmail:) the program is there. FALSE without a try where it is not yet time
 * for one; `is_asked`: a person waits for it. */
gboolean sender_connect(Sender *sender, gboolean is_asked, GError **error);
/* `politely`: with QUIT, which takes a moment. What the server was told of ahead is as if it had not been. */
void sender_hang_up(Sender *sender, gboolean politely);

/* Takes what was asked, and ends what of it was cancelled. A person who asks is a reason to try at once, and
 * may have said of a message that it was sent. */
void sender_take_requests(Sender *sender);
/* Answers those who asked whether mail could be sent. */
void sender_check_all(Sender *sender);
/* Tells all others what became of it: sender->failed, which is cleared. */
void sender_answer_all(Sender *sender);

/* The oldest message that is due, or NULL; and in sender->due_s when the next one will be. */
OutboxEnvelope *sender_next_due(Sender *sender, GError **error);

/* Takes the envelope over; touches nothing. */
SenderMail *sender_mail_new(Sender *sender, OutboxEnvelope *plan);
void sender_mail_free(SenderMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SenderMail, sender_mail_free)
/* One message: marks it, sends it, notes what came of it, and tells. Before its end goes out it looks for the
 * one after it (sender->ahead). FALSE: it was not noted, or the connection is lost or could not be had;
 * *error says why. TRUE also when the message was refused, or is not to go any more. */
gboolean sender_mail_send(SenderMail *mail, GError **error);
/* Tells of its state, and of how far it is (SmtpMessage). */
void sender_mail_tell(SenderMail *mail);
void sender_mail_progress(uint64_t sent_bytes, uint64_t total_bytes, void *data);
/* What came of it (`result`, `failed`), into its envelope and to people; and what it leaves to do. */
gboolean sender_mail_note(SenderMail *mail, GError **error);

/* What keeps all that is due from being tried, into their envelopes: of the first ones, since each is a file. */
void sender_note_kept(Sender *sender, const GError *failed);

/* What one that was sent for somebody leaves to do; the envelope as it is now. */
gboolean sender_after(Sender *sender, const OutboxEnvelope *envelope, GError **error);
/* The same for what a process that is no more has left. */
void sender_catch_up(Sender *sender);

/* Whether the program of `outgoing = sendmail:COMMAND` is there. CONFIG. */
gboolean sender_has_command(const Sender *sender, GError **error);
/* By `outgoing = sendmail:COMMAND`; as smtp_send(), with all recipients sharing one fate. */
gboolean sender_run_command(Sender *sender, const SmtpMessage *message, SmtpResult *result_out,
                            GError **error);

/* The breaker for what begins now, the caller's; a stop or cancellation triggers it while nothing is
 * marked. */
Cancel *sender_new_breaker(Sender *sender);
gboolean sender_is_stopping(Sender *sender);
/* Connecting or sending: there is something to break off. */
void sender_set_busy(Sender *sender, gboolean is_busy);
/* From now on the message under way is not broken off; FALSE and CANCELLED: it is to be, already. */
gboolean sender_mark(Sender *sender, GError **error);
void sender_unmark(Sender *sender);

#endif
