/* imap-script.c - see imap-script.h. */
#include "tests/unit/imap-script.h"

#include "base/thread.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- reading ---- */

static GString *unescape(const char *text, gboolean with_crlf)
{
    GString *out = g_string_new(NULL);

    for (; *text; text++) {
        if (*text != '\\') {
            g_string_append_c(out, *text);
            continue;
        }
        switch (*++text) {
        case 'r':
            g_string_append_c(out, '\r');
            break;
        case 'n':
            g_string_append_c(out, '\n');
            break;
        case '0':
            g_string_append_c(out, '\0');
            break;
        case 'x':
            g_string_append_c(out,
                              (char)(g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2])));
            text += 2;
            break;
        case '\\':
            g_string_append_c(out, '\\');
            break;
        default:
            g_error("unknown escape \\%c", *text);
        }
    }
    return with_crlf ? g_string_append(out, "\r\n") : out;
}

/* What is to be heard is compared whole. */
static void repeat(ScriptStep *step)
{
    g_autofree char *once = g_memdup2(step->bytes->str, step->bytes->len);
    const gsize size = step->bytes->len;

    for (; step->times > 1; step->times--)
        g_string_append_len(step->bytes, once, (gssize)size);
}

static void add_step(Script *script, char kind, const char *line, gboolean with_crlf)
{
    ScriptStep *step = g_new0(ScriptStep, 1);
    const char *text = strchr(line, ':');

    step->kind = kind;
    step->times = 1;
    if (kind == '>' || kind == '=') {
        step->bytes = g_string_new(line + strspn(line, ">= "));
    } else {
        step->is_open = line[1] == '~';
        if (line[1] == '*')
            step->times = (guint)atoi(line + 2);
        step->bytes = unescape(text + (text[1] == ' ' ? 2 : 1), with_crlf && !step->is_open);
        if (kind == 'C')
            repeat(step);
    }
    script->n_calls += kind == '>';
    script->n_said += kind == 'S';
    script->is_whole |= step->times > 100;
    g_assert(script->n_calls > 0);
    step->call = script->n_calls - 1;
    g_ptr_array_add(script->steps, step);
}

static void step_free(gpointer data)
{
    ScriptStep *step = data;

    g_string_free(step->bytes, TRUE);
    g_free(step);
}

Script *script_read(const char *path)
{
    g_autofree char *text = NULL;
    Script *script = g_new0(Script, 1);

    if (!g_file_get_contents(path, &text, NULL, NULL))
        g_error("cannot read %s", path);
    script->name = g_path_get_basename(path);
    script->steps = g_ptr_array_new_with_free_func(step_free);

    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (!**line || **line == '#')
            continue;
        if (!strcmp(*line, "starttls"))
            script->wants_starttls = TRUE;
        else if (!strcmp(*line, "whole"))
            script->is_whole = TRUE;
        else if (!strcmp(*line, "open"))
            script->stays_open = TRUE;
        else if (strchr(">=SCsc", **line))
            add_step(script, g_ascii_toupper(**line), *line, g_ascii_isupper(**line));
        else
            g_error("%s: what is \"%s\"?", path, *line);
    }
    return script;
}

void script_free(Script *script)
{
    g_ptr_array_unref(script->steps);
    g_free(script->name);
    g_free(script);
}

/* ---- the server ---- */

struct ScriptServer {
    const Script *script;
    ScriptMode mode;
    int fd;
    Thread *thread;
    GString *heard;
    char *complaint;
};

/* More of what the client says; FALSE at its end. A client that says nothing for 5 s is given up. */
static gboolean hear(ScriptServer *server)
{
    static const gsize MOST = 256 << 10;
    g_autofree char *bytes = g_malloc(MOST);
    struct pollfd wait = {.fd = server->fd, .events = POLLIN};

    if (poll(&wait, 1, 5000) <= 0)
        return FALSE;
    gssize got = recv(server->fd, bytes, MOST, 0);
    if (got > 0)
        g_string_append_len(server->heard, bytes, got);
    return got > 0;
}

static gboolean say(ScriptServer *server, const char *bytes, gsize size)
{
    gsize piece = server->mode.by_byte ? 1 : size;

    for (gsize at = 0; at < size; at += piece)
        if (send(server->fd, bytes + at, piece, MSG_NOSIGNAL) != (gssize)piece)
            return FALSE;
    return TRUE;
}

static gboolean expect(ScriptServer *server, const ScriptStep *step)
{
    GString *heard = server->heard;
    gsize size = step->bytes->len;
    const char *end = NULL;

    while (heard->len < size || (step->is_open && !(end = memchr(heard->str, '\n', heard->len)))) {
        if (hear(server))
            continue;
        /* A client that gave up is fine where the server was to be cut or silent. */
        if (!server->mode.is_cut && !server->mode.is_silent)
            server->complaint = g_strdup_printf("expected \"%s\", got \"%s\"", step->bytes->str, heard->str);
        return FALSE;
    }
    if (memcmp(heard->str, step->bytes->str, size) != 0) {
        server->complaint = g_strdup_printf("expected \"%s\", got \"%s\"", step->bytes->str, heard->str);
        return FALSE;
    }
    g_string_erase(heard, 0, step->is_open ? end + 1 - heard->str : (gssize)size);
    return TRUE;
}

static gboolean play_step(ScriptServer *server, const ScriptStep *step)
{
    if (step->kind == 'C')
        return expect(server, step);
    g_autoptr(GString) bytes = g_string_sized_new(step->bytes->len * step->times);
    for (guint i = 0; i < step->times; i++)
        g_string_append_len(bytes, step->bytes->str, (gssize)step->bytes->len);
    return say(server, bytes->str, bytes->len);
}

static void play(void *data)
{
    ScriptServer *server = data;
    const GPtrArray *steps = server->script->steps;
    gboolean goes_on = TRUE;
    guint said = 0;

    for (guint i = 0; i < steps->len && goes_on; i++) {
        const ScriptStep *step = g_ptr_array_index(steps, i);
        if (step->kind != 'C' && step->kind != 'S')
            continue;
        if (step->kind == 'S' && said++ == server->mode.most_said) {
            if (server->mode.is_cut)
                say(server, step->bytes->str, step->bytes->len / 2);
            break;
        }
        goes_on = play_step(server, step);
    }
    if (!(server->mode.is_silent || server->script->stays_open) || server->complaint)
        shutdown(server->fd, SHUT_WR);
    while (hear(server))
        ;
    if (!server->complaint && !server->mode.is_cut && !server->mode.is_silent && server->heard->len > 0)
        server->complaint = g_strdup_printf("said too much: \"%s\"", server->heard->str);
}

ScriptServer *script_server_start(const Script *script, ScriptMode mode, int *client_fd_out)
{
    ScriptServer *server = g_new0(ScriptServer, 1);
    int fds[2];

    /* Packets, so that what is sent as one byte is read as one byte. */
    if (socketpair(AF_UNIX, mode.by_byte ? SOCK_SEQPACKET : SOCK_STREAM, 0, fds) != 0)
        g_error("no socket pair");
    server->script = script;
    server->mode = mode;
    server->fd = fds[0];
    server->heard = g_string_new(NULL);
    *client_fd_out = fds[1];
    if (!(server->thread = thread_start("script", 0, play, server, NULL)))
        g_error("no thread");
    return server;
}

char *script_server_end(ScriptServer *server)
{
    thread_join(server->thread);
    char *complaint = server->complaint;
    close(server->fd);
    g_string_free(server->heard, TRUE);
    g_free(server);
    return complaint;
}
