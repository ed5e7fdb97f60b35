/* smtp-calls.c - see smtp-calls.h. */
#include "tests/unit/smtp-calls.h"

#include "base/error.h"
#include "base/file.h"
#include "smtp/send.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void add_line(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add_line(GString *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_string_append_vprintf(out, format, args);
    va_end(args);
    g_string_append_c(out, '\n');
}

static gboolean call_greet(SmtpSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return smtp_greet(session, error);
}

static gboolean call_login(SmtpSession *session, char **words, GString *out, GError **error)
{
    if (!smtp_login(session, words[1], words[2], !strcmp(words[0], "login"), error))
        return FALSE;
    add_line(out, "by %s", smtp_session_mechanism(session));
    return TRUE;
}

static gboolean call_can(SmtpSession *session, char **words, GString *out, GError **error)
{
    static const char *const NAMES[] = {"pipelining", "chunking",   "8bitmime", "smtputf8", "size",
                                        "dsn",        "requiretls", "starttls", "auth"};
    g_autoptr(GString) line = g_string_new("can");

    (void)words, (void)error;
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (smtp_session_can(session, i))
            g_string_append_printf(line, " %s", NAMES[i]);
    add_line(out, "%s, at most %" G_GUINT64_FORMAT "%s%s", line->str, smtp_session_size_limit(session),
             smtp_session_offers_login(session) ? ", login" : "",
             smtp_session_needs_password(session) ? " with password" : "");
    return TRUE;
}

/* ---- send ---- */

/* A message, and what its callbacks say. */
typedef struct {
    SmtpMessage message;
    char **words, **recipients;
    GString *out;
    gboolean mark_fails;
} Mail;

static Mail *then; /* of the call "then", until it is sent or there is another */

static const SmtpMessage *next(void *data)
{
    const Mail *mail = data;

    if (!then || then == mail)
        return NULL;
    add_line(mail->out, "next");
    return &then->message;
}

static gboolean before_end(void *data, GError **error)
{
    const Mail *mail = data;

    add_line(mail->out, "mark");
    if (mail->mark_fails)
        tern_error_set(error, TERN_ERROR_STORE, "the disk is full");
    return !mail->mark_fails;
}

static int text_file(const char *text, guint lines)
{
    const int fd = memfd_create("message", MFD_CLOEXEC);
    GString *bytes = g_string_new(NULL);

    for (; *text; text++) {
        if (text[0] == '\\' && strchr("nr0", text[1])) {
            g_string_append_c(bytes, text[1] == 'n' ? '\n' : text[1] == 'r' ? '\r' : '\0');
            text++;
        } else {
            g_string_append_c(bytes, *text == '_' ? ' ' : *text);
        }
    }
    for (guint i = 0; i < lines; i++)
        g_string_append(bytes, "x\n");
    file_write_all(fd, bytes->str, bytes->len, NULL);
    g_string_free(bytes, TRUE);
    return fd;
}

static void tell_result(const SmtpResult *result, char **recipients, GString *out)
{
    static const char *const FATES[] = {"not tried", "taken", "later", "refused"};

    for (guint i = 0; i < result->n; i++) {
        const SmtpOutcome *outcome = &result->recipients[i];
        add_line(out, "%s: %s%s%s", recipients[i], FATES[outcome->fate], outcome->reason ? ": " : "",
                 outcome->reason ? outcome->reason : "");
    }
    if (result->is_unknown)
        add_line(out, "unknown");
    if (result->is_notified)
        add_line(out, "notified");
}

/* An option; how many lines it adds to the text. */
static guint take_option(Mail *mail, const char *option)
{
    SmtpMessage *message = &mail->message;

    message->requires_tls |= !strcmp(option, "tls");
    message->notify |= !strcmp(option, "notify") ? SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_FAILURE : 0;
    message->returns |= !strcmp(option, "full") ? SMTP_RETURN_ALL : 0;
    mail->mark_fails |= !strcmp(option, "mark-fails");
    if (g_str_has_prefix(option, "id="))
        message->envelope_id = option + 3;
    return g_str_has_prefix(option, "big=") ? (guint)atoi(option + 4) : 0;
}

static Mail *mail_new(char **words, GString *out)
{
    Mail *mail = g_new0(Mail, 1);
    guint lines = 0;

    mail->words = g_strdupv(words);
    mail->recipients = g_strsplit(words[2], ",", -1);
    mail->out = out;
    mail->message = (SmtpMessage){.sender = strcmp(words[1], "-") ? mail->words[1] : "",
                                  .recipients = (const char *const *)mail->recipients,
                                  .next = next,
                                  .before_end = before_end,
                                  .data = mail};
    for (char **option = mail->words + 4; words[3] && *option; option++)
        lines += take_option(mail, *option);
    mail->message.fd = text_file(words[3], lines);
    return mail;
}

static void mail_free(Mail *mail)
{
    if (!mail)
        return;
    close(mail->message.fd);
    g_strfreev(mail->recipients);
    g_strfreev(mail->words);
    g_free(mail);
}

/* Takes it over. */
static gboolean send_mail(SmtpSession *session, Mail *mail, GString *out, GError **error)
{
    g_auto(SmtpResult) result = {0};
    const gboolean ok = smtp_send(session, &mail->message, &result, error);

    tell_result(&result, mail->recipients, out);
    mail_free(mail);
    return ok;
}

static gboolean call_send(SmtpSession *session, char **words, GString *out, GError **error)
{
    return send_mail(session, mail_new(words, out), out, error);
}

static gboolean call_then(SmtpSession *session, char **words, GString *out, GError **error)
{
    (void)session, (void)error;
    mail_free(then);
    then = mail_new(words, out);
    return TRUE;
}

static gboolean call_go_on(SmtpSession *session, char **words, GString *out, GError **error)
{
    (void)words;
    return send_mail(session, g_steal_pointer(&then), out, error);
}

static gboolean call_noop(SmtpSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out;
    return smtp_noop(session, error);
}

static int64_t patience;

static gboolean call_quit(SmtpSession *session, char **words, GString *out, GError **error)
{
    (void)words, (void)out, (void)error;
    smtp_quit(session, clock_now_us() + patience);
    return TRUE;
}

static const struct {
    const char *name;
    gboolean (*call)(SmtpSession *session, char **words, GString *out, GError **error);
    gboolean is_pure;
} CALLS[] = {
    {"greet", call_greet, FALSE}, {"login", call_login, FALSE}, {"login-safely", call_login, FALSE},
    {"can", call_can, TRUE},      {"send", call_send, FALSE},   {"noop", call_noop, FALSE},
    {"quit", call_quit, TRUE},    {"then", call_then, TRUE},    {"go-on", call_go_on, FALSE},
};

static gssize find_call(const char *line)
{
    const gsize bytes = strcspn(line, " ");

    for (gsize i = 0; i < G_N_ELEMENTS(CALLS); i++)
        if (strlen(CALLS[i].name) == bytes && !strncmp(line, CALLS[i].name, bytes))
            return (gssize)i;
    return -1;
}

gboolean smtp_calls_is_pure(const char *line)
{
    const gssize i = find_call(line);

    return i >= 0 && CALLS[i].is_pure;
}

gboolean smtp_calls_do(SmtpSession *session, const char *line, int64_t patience_us, GString *out)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autoptr(GError) error = NULL;
    const gssize i = find_call(line);

    if (i < 0)
        return FALSE;
    patience = patience_us;
    smtp_session_set_patience(session, patience_us, patience_us);
    if (CALLS[i].call(session, words, out, &error) && !error)
        add_line(out, "ok");
    else if (error)
        add_line(out, "error %s: %s", tern_error_kind_name(tern_error_kind(error)), error->message);
    else
        add_line(out, "failed without an error");
    return TRUE;
}
