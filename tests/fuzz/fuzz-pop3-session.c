/* A whole session with a server that says any bytes: each command meets them, nothing crashes or leaks, and a
 * session that is dead stays so. The first byte chooses the commands, and whether the server can pipeline. */
#include "pop3/retrieve.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* What fits into a socket at once: nobody reads and writes at the same time here. */
#define MOST_BYTES (32 << 10)
#define MOST_OCTETS 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int open_message(guint number, Pop3Part part, void *data, GError **error)
{
    (void)part, (void)error;
    return number == 3 ? -1 : *(int *)data;
}

static gboolean close_message(const Pop3Retrieved *message, void *data, GError **error)
{
    (void)data, (void)error;
    if (!message->failed && message->bytes > (int64_t)message->octets)
        g_error("%d bytes of %d octets", (int)message->bytes, (int)message->octets);
    if (!message->failed && message->octets > MOST_OCTETS)
        g_error("%d octets", (int)message->octets);
    return TRUE;
}

static void hear_deleted(guint number, const GError *refused, void *data)
{
    (void)number, (void)data;
    if (refused && (!g_utf8_validate(refused->message, -1, NULL) || strpbrk(refused->message, "\n\r\x1b")))
        g_error("not safe: %s", refused->message);
}

static void take_messages(Pop3Session *session)
{
    int fd = memfd_create("messages", MFD_CLOEXEC);
    const Pop3Taker taker = {open_message, close_message, NULL, hear_deleted, &fd};
    g_autoptr(Pop3Retrieval) retrieval = pop3_retrieval_new(session, &taker);
    gboolean is_ok = TRUE;

    for (guint number = 1; is_ok && (number < 6 || pop3_retrieval_under_way(retrieval) > 0);) {
        if (number >= 6 || !pop3_retrieval_has_room(retrieval))
            is_ok = pop3_retrieval_wait(retrieval, NULL);
        else if (number == 5)
            is_ok = pop3_retrieval_delete(retrieval, number++, NULL);
        else
            is_ok = pop3_retrieval_send(retrieval, number, number == 2 ? POP3_HEADERS : POP3_WHOLE,
                                        MOST_OCTETS, NULL),
            number++;
    }
    close(fd);
}

static void look(Pop3Session *session)
{
    g_autoptr(Pop3List) list = pop3_survey(session, NULL);
    guint messages;
    uint64_t octets;

    for (guint i = 0; list && i < list->n; i++)
        if (list->messages[i].number == 0 || (list->messages[i].uidl && !*list->messages[i].uidl))
            g_error("message %u", list->messages[i].number);
    pop3_stat(session, &messages, &octets, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const NetTarget TARGET = {.host = "fuzz", .port = 110, .security = NET_PLAIN, .label = "fuzz"};
    static const char *const GREETINGS[] = {
        "+OK <1@b>\r\n+OK\r\nPIPELINING\r\nTOP\r\nSASL SCRAM-SHA-256\r\n.\r\n",
        "+OK\r\n+OK\r\nUSER\r\n.\r\n+OK\r\n+OK\r\n+OK\r\nPIPELINING\r\n.\r\n",
        "+OK\r\n-ERR\r\n+OK\r\n+OK\r\n",
        "",
    };
    const int room = 1 << 20;
    int fds[2];

    if (size < 1 || size > MOST_BYTES || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return 0;
    for (int i = 0; i < 2; i++)
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    /* A packet for each line, so that nothing is there before it was asked for. */
    g_autofree char *said = g_strconcat(GREETINGS[data[0] % G_N_ELEMENTS(GREETINGS)], NULL);
    for (const char *at = said; *at; at = strchr(at, '\n') + 1)
        if (send(fds[0], at, (size_t)(strchr(at, '\n') + 1 - at), 0) < 0)
            g_error("the socket is too small");
    for (size_t at = 1; at < size; at += 200)
        if (send(fds[0], data + at, MIN(200, size - at), 0) < 0)
            g_error("the socket is too small");
    shutdown(fds[0], SHUT_WR);

    g_autoptr(Pop3Session) session = pop3_session_new(net_stream_from_fds(fds[1], fds[1], &TARGET, NULL));
    pop3_greet(session, NULL);
    pop3_login(session, "ada", "x", TRUE, NULL);
    if (data[0] & 4)
        look(session);
    if (data[0] & 8)
        take_messages(session);
    const gboolean was_alive = pop3_session_is_alive(session);
    if (!was_alive && pop3_noop(session, NULL))
        g_error("it came back to life");
    pop3_reset(session, NULL);
    pop3_quit(session, NULL);
    if (pop3_session_is_alive(session))
        g_error("it lives on");
    close(fds[0]);
    return 0;
}
