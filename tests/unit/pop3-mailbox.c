/* pop3-mailbox.c - see pop3-mailbox.h. */
#include "tests/unit/pop3-mailbox.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct Mailbox {
    TestServer *server;
    MailboxMessage *messages;
    const char *can;
    void (*hear_delete)(const MailboxMessage *message, void *data);
    void *data;
    pthread_mutex_t lock; /* of what follows */
    guint cut_after;
    gboolean was_cut;
};

/* One session. */
typedef struct {
    Mailbox *mailbox;
    TestPeer *peer;
    guint lines_left;
    gboolean is_over;
} Session;

static void say(Session *session, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(Session *session, const char *format, ...)
{
    va_list args;

    if (session->is_over)
        return;
    if (session->lines_left-- == 0) {
        session->is_over = TRUE;
        pthread_mutex_lock(&session->mailbox->lock);
        session->mailbox->was_cut = TRUE;
        pthread_mutex_unlock(&session->mailbox->lock);
        return;
    }
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *line = g_strconcat(text, "\r\n", NULL);
    session->is_over = !test_peer_say(session->peer, line);
}

/* ---- commands ---- */

static guint octets_of(const char *text)
{
    guint octets = 0;

    for (; *text; text++)
        octets += *text == '\n' ? 2 : 1;
    return octets;
}

static void say_text(Session *session, const char *text, gboolean is_top)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    say(session, "+OK");
    for (guint i = 0; lines[i] && lines[i + 1]; i++) {
        say(session, "%s%s", *lines[i] == '.' ? "." : "", lines[i]);
        if (is_top && !*lines[i])
            break;
    }
    say(session, ".");
}

static void say_list(Session *session, gboolean with_uidls)
{
    const MailboxMessage *messages = session->mailbox->messages;

    say(session, "+OK");
    for (guint i = 0; messages[i].text; i++) {
        if (messages[i].is_gone)
            continue;
        if (!with_uidls)
            say(session, "%u %d", i + 1, (int)octets_of(messages[i].text) + messages[i].octets_off);
        else if (messages[i].uidl)
            say(session, "%u %s", i + 1, messages[i].uidl);
    }
    say(session, ".");
}

static void take_message_command(Session *session, const char *line)
{
    MailboxMessage *message = &session->mailbox->messages[atoi(line + 4) - 1];

    if (message->is_gone || message->is_marked || (message->refuses && *line != 'D') ||
        (message->refuses_top && *line == 'T')) {
        say(session, "-ERR no");
    } else if (*line == 'D') {
        session->mailbox->hear_delete(message, session->mailbox->data);
        message->is_marked = TRUE;
        say(session, "+OK");
    } else {
        message->retrieved += *line == 'R';
        say_text(session, *line == 'R' && message->instead ? message->instead : message->text, *line == 'T');
    }
}

static void quit(Session *session)
{
    MailboxMessage *messages = session->mailbox->messages;

    for (guint i = 0; messages[i].text; i++)
        messages[i].is_gone |= messages[i].is_marked;
    say(session, "+OK");
    session->is_over = TRUE;
}

static void reset(Session *session)
{
    MailboxMessage *messages = session->mailbox->messages;

    for (guint i = 0; messages[i].text; i++)
        messages[i].is_marked = FALSE;
    say(session, "+OK");
}

static void take_command(Session *session, const char *line)
{
    if (!strcmp(line, "CAPA") && !session->mailbox->can)
        say(session, "-ERR what?");
    else if (!strcmp(line, "CAPA"))
        say(session, "+OK\r\n%sTOP\r\nUSER\r\n.", session->mailbox->can);
    else if (g_str_has_prefix(line, "USER") || g_str_has_prefix(line, "PASS"))
        say(session, "+OK");
    else if (!strcmp(line, "LIST") || !strcmp(line, "UIDL"))
        say_list(session, *line == 'U');
    else if (!strcmp(line, "QUIT"))
        quit(session);
    else if (!strcmp(line, "RSET"))
        reset(session);
    else if (g_str_has_prefix(line, "RETR") || g_str_has_prefix(line, "DELE") ||
             g_str_has_prefix(line, "TOP "))
        take_message_command(session, line);
    else
        test_peer_trouble(session->peer, "what is \"%s\"?", line);
}

static void serve(TestPeer *peer)
{
    Session session = {.mailbox = peer->data, .peer = peer};
    const int yes = 1;

    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* it says many short lines */
    pthread_mutex_lock(&session.mailbox->lock);
    session.lines_left = session.mailbox->cut_after;
    session.mailbox->was_cut = FALSE;
    pthread_mutex_unlock(&session.mailbox->lock);
    for (guint i = 0; session.mailbox->messages[i].text; i++)
        session.mailbox->messages[i].is_marked = FALSE;
    say(&session, "+OK");
    while (!session.is_over) {
        g_autofree char *line = test_peer_read_line(peer);
        if (!line)
            return;
        take_command(&session, line);
    }
}

/* ---- its life ---- */

Mailbox *mailbox_start(MailboxMessage *messages, const char *can,
                       void (*hear_delete)(const MailboxMessage *message, void *data), void *data)
{
    Mailbox *mailbox = g_new0(Mailbox, 1);

    mailbox->messages = messages;
    mailbox->can = can;
    mailbox->hear_delete = hear_delete;
    mailbox->data = data;
    mailbox->cut_after = G_MAXUINT;
    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->server = test_server_start("127.0.0.1", serve, mailbox);
    return mailbox;
}

void mailbox_end(Mailbox *mailbox)
{
    test_server_end(mailbox->server);
    pthread_mutex_destroy(&mailbox->lock);
    g_free(mailbox);
}

void mailbox_cut_after(Mailbox *mailbox, guint lines)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->cut_after = lines;
    pthread_mutex_unlock(&mailbox->lock);
}

gboolean mailbox_was_cut(Mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    const gboolean was_cut = mailbox->was_cut;
    pthread_mutex_unlock(&mailbox->lock);
    return was_cut;
}

NetStream *mailbox_connect(Mailbox *mailbox)
{
    return test_stream_open(mailbox->server, NULL);
}
