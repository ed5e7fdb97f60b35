/* A whole session with a server that says any bytes: nothing crashes or leaks, each recipient has a fate, a
 * message is taken only after the mark, also one that was begun in the flight of the one before, and a
 * session that is dead stays so. */
#include "base/clock.h"
#include "smtp/send.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* What fits into a socket at once: nobody reads and writes at the same time here. */
#define MOST_BYTES (32 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A message, and the one that is sent after it. */
typedef struct Mail Mail;
struct Mail {
    SmtpMessage message;
    const Mail *after;
    gboolean is_marked;
};

static const SmtpMessage *next(void *data)
{
    const Mail *mail = data;

    return mail->after ? &mail->after->message : NULL;
}

static gboolean before_end(void *data, GError **error)
{
    Mail *mail = data;

    (void)error;
    mail->is_marked = TRUE;
    return TRUE;
}

static void fill(Mail *mail, int fd, const Mail *after)
{
    static const char *const RECIPIENTS[] = {"bob@example.org", "eve@example.org", NULL};

    mail->after = after;
    mail->message = (SmtpMessage){.sender = "ada@example.org",
                                  .recipients = RECIPIENTS,
                                  .fd = fd,
                                  .notify = SMTP_NOTIFY_FAILURE,
                                  .next = next,
                                  .before_end = before_end,
                                  .data = mail};
}

static void send_one(SmtpSession *session, const Mail *mail)
{
    g_auto(SmtpResult) result = {0};
    g_autoptr(GError) error = NULL;
    const gboolean ok = smtp_send(session, &mail->message, &result, &error);
    const gboolean is_marked = mail->is_marked;
    guint taken = 0;

    for (guint i = 0; i < result.n; i++) {
        const SmtpOutcome *outcome = &result.recipients[i];
        taken += outcome->fate == SMTP_TAKEN;
        if ((outcome->fate == SMTP_LATER || outcome->fate == SMTP_REFUSED) != (outcome->reason != NULL))
            g_error("a fate without a reason, or the other way round");
    }
    if (result.n != 2 || ok != (taken > 0) || ok == (error != NULL) || (ok && !is_marked) ||
        (result.is_unknown && (ok || !is_marked)))
        g_error("%d: %u taken, %s", ok, taken, error ? error->message : "no error");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const NetTarget TARGET = {.host = "fuzz", .port = 25, .security = NET_PLAIN, .label = "fuzz"};
    static const char TEXT[] = "Subject: x\n\n.\ncaf\xc3\xa9\n";
    const int room = 1 << 20;
    int fds[2];

    if (size < 1 || size > MOST_BYTES || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return 0;
    for (int i = 0; i < 2; i++)
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (send(fds[0], data, size, 0) < 0)
        g_error("the socket is too small");
    shutdown(fds[0], SHUT_WR);

    const int fd = memfd_create("message", MFD_CLOEXEC);
    if (write(fd, TEXT, strlen(TEXT)) < 0)
        g_error("no message");
    g_autoptr(SmtpSession) session = smtp_session_new(net_stream_from_fds(fds[1], fds[1], &TARGET, NULL));
    if (smtp_greet(session, NULL) && smtp_session_offers_login(session))
        smtp_login(session, "ada", "x", TRUE, NULL);
    Mail mails[3] = {0};
    for (guint i = 0; i < G_N_ELEMENTS(mails); i++)
        fill(&mails[i], fd, i + 1 < G_N_ELEMENTS(mails) ? &mails[i + 1] : NULL);
    for (guint i = 0; i < G_N_ELEMENTS(mails); i++)
        send_one(session, &mails[i]);
    const gboolean was_alive = smtp_session_is_alive(session);
    if (smtp_noop(session, NULL) && !was_alive)
        g_error("it came back to life");
    smtp_quit(session, clock_now_us() + SECOND_US);
    if (smtp_session_is_alive(session))
        g_error("it lives on");
    close(fd);
    close(fds[0]);
    return 0;
}
