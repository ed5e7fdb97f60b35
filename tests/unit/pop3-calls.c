/* pop3-calls.c - see pop3-calls.h. */
#include "tests/unit/pop3-calls.h"

#include "base/error.h"
#include "pop3/retrieve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#define MOST_OCTETS 4096

static void add_line(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add_line(GString *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_string_append_vprintf(out, format, args);
    va_end(args);
    g_string_append_c(out, '\n');
}

/* ---- what a script can ask for; each appends lines, and FALSE with an error ---- */

typedef gboolean (*CallFunc)(Pop3Session *session, char **words, GString *out, GError **error);

static gboolean call_greet(Pop3Session *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return pop3_greet(session, error);
}

static gboolean call_login(Pop3Session *session, char **words, GString *out, GError **error)
{
    g_autofree char *password = g_strjoinv(" ", words + 2);

    if (!pop3_login(session, words[1], password, !strcmp(words[0], "login"), error))
        return FALSE;
    add_line(out, "by %s", pop3_session_mechanism(session));
    return TRUE;
}

/* "expect scram": the server offered SCRAM before. */
static gboolean call_expect(Pop3Session *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out, (void)error;
    pop3_session_expect(session, AUTH_PROVES);
    return TRUE;
}

static gboolean call_about(Pop3Session *session, char **words, GString *out, GError **error)
{
    const char *server = pop3_session_server(session);

    (void)words, (void)error;
    add_line(out, "%s: expire %d, delay %d%s%s", server ? server : "?", pop3_session_expire_days(session),
             pop3_session_login_delay_s(session),
             pop3_session_can(session, POP3_CAN_PIPELINING) ? ", pipelining" : "",
             pop3_session_can(session, POP3_CAN_TOP) ? ", top" : "");
    return TRUE;
}

static gboolean call_survey(Pop3Session *session, char **words, GString *out, GError **error)
{
    g_autoptr(Pop3List) list = pop3_survey(session, error);

    (void)words;
    if (!list)
        return FALSE;
    for (guint i = 0; i < MIN(list->n, 20); i++)
        add_line(out, "%u %" G_GUINT64_FORMAT " %s", list->messages[i].number, list->messages[i].octets,
                 list->messages[i].uidl ? list->messages[i].uidl : "-");
    add_line(out, "%u%s", list->n, list->has_uidls ? "" : ", no UIDLs");
    return TRUE;
}

static gboolean call_stat(Pop3Session *session, char **words, GString *out, GError **error)
{
    guint messages;
    uint64_t octets;

    (void)words;
    if (!pop3_stat(session, &messages, &octets, error))
        return FALSE;
    add_line(out, "%u %" G_GUINT64_FORMAT, messages, octets);
    return TRUE;
}

static gboolean call_plain(Pop3Session *session, char **words, GString *out, GError **error)
{
    (void)out;
    if (!strcmp(words[0], "noop"))
        return pop3_noop(session, error);
    return !strcmp(words[0], "reset") ? pop3_reset(session, error) : pop3_quit(session, error);
}

/* ---- messages ---- */

typedef struct {
    int fd;
    GString *out;
    gboolean is_full; /* the disk */
} Taking;

static int open_message(guint number, Pop3Part part, void *data, GError **error)
{
    Taking *taking = data;

    (void)number, (void)part;
    if (taking->is_full)
        tern_error_set(error, TERN_ERROR_STORE, "the disk is full");
    return taking->fd = taking->is_full ? -1 : memfd_create("message", MFD_CLOEXEC);
}

static gboolean close_message(const Pop3Retrieved *message, void *data, GError **error)
{
    Taking *taking = data;
    char bytes[MOST_OCTETS + 1] = "";

    (void)error;
    if (message->failed) {
        add_line(taking->out, "%u failed, %s: %s", message->number,
                 tern_error_kind_name(tern_error_kind(message->failed)), message->failed->message);
    } else {
        assert_int_equal(pread(taking->fd, bytes, sizeof bytes - 1, 0), message->bytes);
        g_autofree char *escaped = g_strescape(bytes, NULL);
        add_line(taking->out, "%u%s %d %d %06x: %s", message->number,
                 message->part == POP3_HEADERS ? "h" : "", (int)message->octets, (int)message->bytes,
                 (guint)(message->headers >> 40), escaped);
    }
    if (taking->fd >= 0)
        close(taking->fd);
    taking->fd = -1;
    return TRUE;
}

static void hear_deleted(guint number, const GError *refused, void *data)
{
    add_line(((Taking *)data)->out, "%u %s", number, refused ? refused->message : "deleted");
}

static gboolean ask(Pop3Retrieval *retrieval, const char *word, GError **error)
{
    const guint number = (guint)atoi(word + 1);

    if (*word == 'd')
        return pop3_retrieval_delete(retrieval, number, error);
    return pop3_retrieval_send(retrieval, number, *word == 't' ? POP3_HEADERS : POP3_WHOLE, MOST_OCTETS,
                               error);
}

/* "take r1 t2 d3": RETR, TOP, DELE as far as there is room, then the answers. "take-full": on a full disk. */
static gboolean call_take(Pop3Session *session, char **words, GString *out, GError **error)
{
    Taking taking = {.fd = -1, .out = out, .is_full = !strcmp(words[0], "take-full")};
    const Pop3Taker taker = {open_message, close_message, NULL, hear_deleted, &taking};
    g_autoptr(Pop3Retrieval) retrieval = pop3_retrieval_new(session, &taker);

    for (char **word = words + 1; *word || pop3_retrieval_under_way(retrieval) > 0;) {
        const gboolean sends = *word && pop3_retrieval_has_room(retrieval);
        if (sends ? !ask(retrieval, *word++, error) : !pop3_retrieval_wait(retrieval, error))
            return FALSE;
    }
    return TRUE;
}

/* "flood 1000": so many RETR of message 1, all as large. */
static gboolean call_flood(Pop3Session *session, char **words, GString *out, GError **error)
{
    g_autoptr(GString) own = g_string_new(NULL);
    Taking taking = {.fd = -1, .out = own};
    const Pop3Taker taker = {open_message, close_message, NULL, hear_deleted, &taking};
    g_autoptr(Pop3Retrieval) retrieval = pop3_retrieval_new(session, &taker);
    guint most = 0;

    for (int left = atoi(words[1]); left > 0 || pop3_retrieval_under_way(retrieval) > 0;) {
        const gboolean sends = left > 0 && pop3_retrieval_has_room(retrieval);
        if (sends ? !ask(retrieval, "r1", error) : !pop3_retrieval_wait(retrieval, error))
            return FALSE;
        left -= sends;
        most = MAX(most, pop3_retrieval_under_way(retrieval));
    }
    add_line(out, "at most %u", most);
    return TRUE;
}

/* ---- the table ---- */

static const struct {
    const char *word;
    CallFunc call;
    gboolean is_pure;
} CALLS[] = {
    {"greet", call_greet, FALSE},  {"login", call_login, FALSE}, {"login-safely", call_login, FALSE},
    {"expect", call_expect, TRUE}, {"about", call_about, TRUE},  {"survey", call_survey, FALSE},
    {"stat", call_stat, FALSE},    {"noop", call_plain, FALSE},  {"reset", call_plain, FALSE},
    {"quit", call_plain, FALSE},   {"take", call_take, FALSE},   {"take-full", call_take, FALSE},
    {"flood", call_flood, FALSE},
};

static gsize find_call(const char *line)
{
    const gsize bytes = strcspn(line, " ");

    for (gsize i = 0; i < G_N_ELEMENTS(CALLS); i++)
        if (strlen(CALLS[i].word) == bytes && !strncmp(line, CALLS[i].word, bytes))
            return i;
    g_error("there is no call \"%s\"", line);
}

static gboolean calls_is_pure(const char *line)
{
    return CALLS[find_call(line)].is_pure;
}

static void calls_do(void *session, const char *line, int64_t patience_us, GString *out)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autoptr(GError) error = NULL;

    (void)patience_us;
    if (CALLS[find_call(line)].call(session, words, out, &error)) {
        assert_null(error);
        add_line(out, "ok");
        return;
    }
    assert_non_null(error);
    const char *refusal = pop3_session_is_alive(session) ? pop3_session_refusal(session) : NULL;
    g_string_append_printf(out, "error %s", tern_error_kind_name(tern_error_kind(error)));
    if (refusal)
        g_string_append_printf(out, " %s (wait %d s)", refusal, pop3_session_wait_s(session));
    add_line(out, ": %s", error->message);
}

static void *calls_open(NetStream *stream, GString *out)
{
    (void)out;
    return pop3_session_new(stream);
}

static void calls_close(void *session)
{
    pop3_session_free(session);
}

const ScriptClient POP3_CLIENT = {calls_open, calls_do, calls_is_pure, calls_close};
