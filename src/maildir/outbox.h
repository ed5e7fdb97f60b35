/*
 * outbox.h - mail that is to be sent, as files: the only truth about it, which a lost database does not
 * touch.
 *
 *     outbox/tmp/                 a message that is being written
 *     outbox/cur/17.tern:2,S      message 17, whole: durable before its envelope is there
 *     outbox/envelopes/17         from whom, for whom, how far it is: replaced as a whole at each change
 *     outbox/last  lock  sender   the last number given; locks
 *
 * A message is in the outbox once its envelope is. To queue one, from anywhere:
 *
 *     g_autoptr(OutboxFile) file = outbox_begin(outbox, &error);         write the message to file's descriptor
 *     OutboxEnvelope *envelope = outbox_envelope_new("work", "ada@example.org");
 *     outbox_envelope_add(envelope, "bob@example.org");                  … and what else it says
 *     outbox_queue(outbox, file, envelope, &error)                       durable: envelope->id is its number
 *
 * then ask the engine to send (engine_send()), or leave it to the next tern. Its states:
 *
 *     HELD ── not_before ──> QUEUED ──> SENDING ──> SENT ── copy filed, flags set ──> gone from here
 *                              ^           │ ├────> FAILED    a person reads why, and retries or cancels
 *                              └─ later ───┘ └────> UNKNOWN   it may be sent: only a person says what to do
 *
 * Files that are damaged, or a message without an envelope, are FAILED and say so: nothing goes that nobody
 * took away. A crash while SENDING: back to QUEUED, or UNKNOWN after the mark that precedes the message's
 * end (is_marked).
 *
 * Any process, any thread; a handle is one thread's. Errors are STORE and name the path. Blocks on the
 * disk.
 */
#ifndef TERN_MAILDIR_OUTBOX_H
#define TERN_MAILDIR_OUTBOX_H

#include <glib.h>
#include <stdint.h>

typedef struct Outbox Outbox;

typedef enum {
    OUTBOX_HELD,
    OUTBOX_QUEUED,
    OUTBOX_SENDING,
    OUTBOX_SENT,
    OUTBOX_FAILED,
    OUTBOX_UNKNOWN,
} OutboxState;
/* "held", "queued" … as in JSON. Static. */
const char *outbox_state_name(OutboxState state);

typedef enum { OUTBOX_WAITING, OUTBOX_TAKEN, OUTBOX_REFUSED } OutboxFate;

/* When the mail servers are to tell the sender what became of it; the values are SmtpNotify's. */
typedef enum {
    OUTBOX_NOTIFY_NEVER = 1,
    OUTBOX_NOTIFY_SUCCESS = 2,
    OUTBOX_NOTIFY_FAILURE = 4,
    OUTBOX_NOTIFY_DELAY = 8,
} OutboxNotify;

/* What of it they return when they tell that it did not arrive; the values are SmtpReturn's. */
typedef enum { OUTBOX_RETURN_HEADER = 1, OUTBOX_RETURN_ALL = 2 } OutboxReturn;

typedef struct {
    char *address;
    OutboxFate fate;
    char *reason; /* why it was refused, or is to be tried again; NULL */
} OutboxRecipient;

/* The message that is answered or forwarded is in a row that has to be looked for. */
#define OUTBOX_ROW_UNKNOWN (-1)

typedef struct {
    int64_t id;
    char *account;         /* whose server sends it */
    char *sender;          /* of the envelope; "": none */
    GPtrArray *recipients; /* OutboxRecipient * */
    OutboxState state;
    gboolean is_marked; /* SENDING: its end may have gone out */
    guint tries;
    int64_t not_before_s; /* wall clock; 0: at once. HELD with 0: until a person says so */
    int64_t
        wait_boot_us; /* the same by the clock since boot, where it was so long and no time of day; 0: not known */
    gboolean is_undoable; /* held only so that it can be taken back for a moment: nobody wants it to wait */
    int64_t queued_s;
    char *error;                /* what the last try came to; NULL */
    char *subject, *message_id; /* as people and JSON see them; NULL: none */
    guint notify;               /* OutboxNotify; 0: as they do by themselves */
    guint returned;             /* OutboxReturn; 0: likewise */
    gboolean requires_tls;
    gboolean wants_copy; /* in the account's folder for sent mail, or in `copy_to` */
    char *copy_to;       /* NULL: that folder */
    char *
        bcc; /* a header field, with its line end, that the copy has before all others, and nobody else sees; NULL */
    gboolean is_copying;       /* the copy may be there already: to be looked for by its Message-ID */
    int64_t answers, forwards; /* row that gets the flag once it is sent; 0: none; OUTBOX_ROW_UNKNOWN */
    char *
        original_id; /* that row's Message-ID, "": it has none; a store that was made anew has other rows. NULL: not known */
    gboolean is_gone; /* being removed: nobody but the outbox sees it */
} OutboxEnvelope;

OutboxEnvelope *outbox_envelope_new(const char *account, const char *sender);
/* Once, whatever its case. */
void outbox_envelope_add(OutboxEnvelope *envelope, const char *address);
void outbox_envelope_free(OutboxEnvelope *envelope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutboxEnvelope, outbox_envelope_free)
guint outbox_envelope_count(const OutboxEnvelope *envelope, OutboxFate fate);
/* What people know it by: its subject, or words that say that it has none. Borrowed; not safe to show. */
const char *outbox_envelope_subject(const OutboxEnvelope *envelope);
/* It waits for so long from now on: not_before_s, which people see, is never further away than that when it is
 * read again, whatever was done to the clock on the wall meanwhile. */
void outbox_wait(OutboxEnvelope *envelope, int64_t seconds);
/* Whether two of one message say the same, but for when it goes: that is a matter of the clock. */
gboolean outbox_envelope_equals(const OutboxEnvelope *one, const OutboxEnvelope *other);
/* Whether it goes by itself, now or at its time (not_before_s): queued, or held until then. */
gboolean outbox_may_go(const OutboxEnvelope *envelope);

/* `data`: the profile's folder (Paths). Makes what is missing. */
Outbox *outbox_open(const char *data, GError **error);
void outbox_free(Outbox *outbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outbox, outbox_free)

/* ---- putting a message in ---- */

typedef struct OutboxFile OutboxFile;
OutboxFile *outbox_begin(Outbox *outbox, GError **error);
/* Of a new, empty file, to read and write. */
int outbox_file_fd(const OutboxFile *file);
/* Takes away what was not queued. */
void outbox_file_free(OutboxFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutboxFile, outbox_file_free)

/* Makes file and envelope durable, in this order, and gives them their number, which is higher than any
 * before (after a power loss: than any that is there): they go out in the order of their numbers. FALSE:
 * nothing is in the outbox. */
gboolean outbox_queue(Outbox *outbox, OutboxFile *file, OutboxEnvelope *envelope, GError **error);

/* ---- what is there ---- */

/* OutboxEnvelope *, by number; with a free function. `account` NULL: of all, and those that nobody knows
 * the account of. */
GPtrArray *outbox_list(Outbox *outbox, const char *account, GError **error);
/* The first whose time has come (outbox_may_go()); NULL without an error: there is none. *next_s_out: when the
 * one after those before it will be, 0: there is none; of all where NULL is given back. As cheap with
 * thousands of messages as with one, as long as the first is due. */
OutboxEnvelope *outbox_next_due(Outbox *outbox, const char *account, int64_t now_s, int64_t *next_s_out,
                                GError **error);
/* NULL without an error: there is none of that number. */
OutboxEnvelope *outbox_read(Outbox *outbox, int64_t id, GError **error);
/* The message itself, opened for reading; -1 and STORE. */
int outbox_open_message(Outbox *outbox, int64_t id, GError **error);
/* The copy of it, likewise: with the envelope's `bcc`, in a file without a name. */
int outbox_open_copy(Outbox *outbox, const OutboxEnvelope *envelope, GError **error);
/* Where it stands, to be freed. */
char *outbox_message_path(const Outbox *outbox, int64_t id);

/* ---- changing it ---- */

/* Looks at the envelope as it is now, with the outbox locked: TRUE and changed, to be written; FALSE: it
 * stays. An error that it sets is handed on. */
typedef gboolean (*OutboxChange)(OutboxEnvelope *envelope, void *data, GError **error);
/* TRUE and *envelope_out (may be NULL; NULL: it is gone) as it is afterwards. FALSE and the error. */
gboolean outbox_change(Outbox *outbox, int64_t id, OutboxChange change, void *data,
                       OutboxEnvelope **envelope_out, GError **error);
/* The message goes for good; the same with a last look: FALSE of `may` (may be NULL) keeps it. */
gboolean outbox_remove(Outbox *outbox, int64_t id, OutboxChange may, void *data, GError **error);

/* ---- for who sends ---- */

/* The lock of the one process that sends, until its descriptor is closed; -1 without an error: another one
 * does. With it, what a process that is no more had begun is brought to a state that says so (see above). */
int outbox_begin_sending(Outbox *outbox, GError **error);

/* An inotify descriptor, non-blocking, that is readable when an envelope came or changed, by whichever
 * process; -1: it cannot be had. outbox_watch_clear() takes what is there. */
int outbox_watch(const Outbox *outbox);
void outbox_watch_clear(int fd);

#endif
