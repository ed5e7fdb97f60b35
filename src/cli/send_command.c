/* send_command.c - tern send: a message from standard input into the outbox, durably, and one attempt to
 * send it. */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"
#include "cli/send.h"
#include "compose/send.h"
#include "compose/waiting.h"
#include "compose/when.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void clear(CliSend *send)
{
    g_free(send->sender);
    g_free(send->identity);
    g_free(send->file);
    g_free(send->name);
    g_free(send->sendmail);
    g_free(send->body);
    g_ptr_array_unref(send->attach);
    g_free(send->at);
    g_free(send->notify);
    g_free(send->returns);
    g_free(send->mode);
    g_free(send->addresses);
}

/* ---- into the outbox ---- */

/* With the files of --attach, their types found as the composer finds them. */
static gboolean write_message(const CliSend *send, MimeOutgoing *message, int fd, GError **error)
{
    g_autoptr(Draft) draft = draft_new(NULL);
    g_autofree MimeFileWants *files = g_new0(MimeFileWants, send->attach->len + 1);

    for (guint i = 0; i < send->attach->len; i++) {
        if (!draft_attach(draft, send->attach->pdata[i], NULL, NULL, error))
            return FALSE;
        const DraftAttachment *attachment = draft->attachments->pdata[i];
        files[i] =
            (MimeFileWants){.path = attachment->path, .name = attachment->name, .type = attachment->type};
    }
    return mime_outgoing_write_with(message, files, send->attach->len, fd, error);
}

static gboolean put(const CliSend *send, Outbox *outbox, int fd, OutboxEnvelope **envelope_out,
                    GError **error)
{
    const gboolean dot_ends = !send->file && !send->ignores_dots;
    g_autoptr(MimeOutgoing) message = mime_outgoing_read(fd, dot_ends, error);
    g_autoptr(Identity) identity = message ? cli_send_identity(send, message, error) : NULL;

    if (!identity || !send_check_tls(identity->account, send->requires_tls, error))
        return FALSE;
    mime_outgoing_complete(message, send->name ? send->name : identity->name, identity->address,
                           clock_wall_s());
    *envelope_out = cli_send_envelope(send, identity, message, error);
    g_autoptr(OutboxFile) file = *envelope_out ? outbox_begin(outbox, error) : NULL;
    return file && write_message(send, message, outbox_file_fd(file), error) &&
           outbox_queue(outbox, file, *envelope_out, error);
}

/* What a shell hands over, <(command) or /dev/stdin, is a pipe without a name: it has another end. */
static gboolean is_handed_over(const char *path, const struct stat *is)
{
    g_autofree char *name = realpath(path, NULL);

    return S_ISFIFO(is->st_mode) && !name;
}

/* A file; a named pipe would be waited for, and a device need have no end. */
static int open_file(const char *path, GError **error)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat is;

    if (fd < 0 || fstat(fd, &is) != 0 || S_ISREG(is.st_mode) || S_ISDIR(is.st_mode))
        return fd;
    if (is_handed_over(path, &is) && fcntl(fd, F_SETFL, 0) == 0)
        return fd;
    tern_error_set(error, TERN_ERROR_INPUT,
                   _("%s cannot be read: it is no file; standard input takes a pipe"), path);
    close(fd);
    return -1;
}

static int open_input(const CliSend *send, GError **error)
{
    g_autoptr(GError) failed = NULL;
    const int fd = send->file ? open_file(send->file, &failed) : dup(STDIN_FILENO);

    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    else if (fd < 0)
        tern_error_set_errno(error, TERN_ERROR_INPUT, errno, _("%s cannot be read"),
                             send->file ? send->file : _("standard input"));
    return fd;
}

/* ---- what became of it ---- */

static void tell(const CliSend *send, Outbox *outbox, const OutboxEnvelope *queued, gboolean is_told)
{
    g_autoptr(GError) unread = NULL;
    g_autoptr(OutboxEnvelope) now = outbox_read(outbox, queued->id, &unread);

    if (unread) { /* it is there, and may have been sent or not */
        cli_note(_("what became of message %" G_GINT64_FORMAT " in the outbox is not known: %s"), queued->id,
                 unread->message);
        return;
    }
    if (send->context->json)
        cli_outbox_print(send->context, now ? now : queued);
    else
        cli_outbox_tell_kept(now, is_told);
}

/* "never", or any of the others, parted by commas (RFC 3461, 4.1). INPUT. */
static gboolean read_notices(CliSend *send, GError **error)
{
    static const char *const NAMES[] = {"never", "success", "failure", "delay"};
    g_auto(GStrv) words = g_strsplit(send->notify ? send->notify : "", ",", -1);

    for (char **word = words; *word; word++) {
        guint i = 0;
        while (i < G_N_ELEMENTS(NAMES) && g_ascii_strcasecmp(*word, NAMES[i]) != 0)
            i++;
        send->notices |= 1u << i;
    }
    if (send->notices >> G_N_ELEMENTS(NAMES) == 0 &&
        (!(send->notices & OUTBOX_NOTIFY_NEVER) || send->notices == OUTBOX_NOTIFY_NEVER))
        return TRUE;
    tern_error_set(error, TERN_ERROR_INPUT, "%s",
                   _("-N is never, or one or more of success, failure, delay, parted by commas"));
    return FALSE;
}

/* "hdrs" or "full" (RFC 3461, 4.3). INPUT. */
static gboolean read_returns(CliSend *send, GError **error)
{
    const char *word = send->returns;

    if (!word)
        return TRUE;
    send->returned = !g_ascii_strcasecmp(word, "full")   ? OUTBOX_RETURN_ALL
                     : !g_ascii_strcasecmp(word, "hdrs") ? OUTBOX_RETURN_HEADER
                                                         : 0;
    if (!send->returned)
        tern_error_set(error, TERN_ERROR_INPUT, "%s", _("-R is hdrs or full"));
    return send->returned != 0;
}

static gboolean read_time(CliSend *send, GError **error)
{
    return !send->at || when_parse(send->at, clock_wall_s(), &send->at_s, error);
}

static int run(CliSend *send)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(OutboxEnvelope) envelope = NULL;
    const gboolean is_read = read_time(send, &error);
    g_autoptr(Outbox) outbox = is_read ? outbox_open(send->context->paths->data, &error) : NULL;
    const int fd = outbox ? open_input(send, &error) : -1;
    const gboolean ok = fd >= 0 && put(send, outbox, fd, &envelope, &error);

    if (fd >= 0)
        close(fd);
    if (!ok)
        return cli_fail(send->context, error);
    const gboolean is_told = send->at_s == 0 && !send->context->offline &&
                             !config_account(send->context->config, envelope->account)->offline &&
                             !cli_outbox_try(send->context, envelope->account);
    envelope->state = OUTBOX_SENT; /* what is no more in the outbox is */
    tell(send, outbox, envelope, is_told);
    return CLI_DONE;
}

/* sendmail is other programs too, by its -b. */
static gboolean check_mode(const CliSend *send)
{
    g_autofree char *why = NULL;

    if (!send->mode || !strcmp(send->mode, "m"))
        return TRUE;
    if (!strcmp(send->mode, "p"))
        why = g_strdup(_("-bp is not known here; tern outbox lists what waits"));
    else if (!strcmp(send->mode, "s"))
        why = g_strdup(_("-bs is not known here: it reads a message and speaks no SMTP"));
    else
        why = g_strdup_printf(_("-b%s is not known here, only -bm: it reads a message"), send->mode);
    cli_usage(send->context, "send", why);
    return FALSE;
}

static gboolean check_words(CliSend *send)
{
    g_autoptr(GError) error = NULL;

    if (read_notices(send, &error) && read_returns(send, &error))
        return TRUE;
    cli_usage(send->context, "send", error->message);
    return FALSE;
}

int cli_command_send(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    CliSend send = {.context = context, .attach = g_ptr_array_new_with_free_func(g_free)};
    gboolean means_nothing = FALSE; /* sendmail's; here they are so anyway */
    const CliOption options[] = {{"to-from-message", 't', CLI_FLAG, &send.takes_recipients},
                                 {"ignore-dots", 'i', CLI_FLAG, &send.ignores_dots},
                                 {"sendmail-option", 'o', CLI_TEXT, &send.sendmail},
                                 {"body", 'B', CLI_TEXT, &send.body},
                                 {"mode", 'b', CLI_TEXT, &send.mode},
                                 {"verbose", 'v', CLI_FLAG, &means_nothing},
                                 {"gateway", 'G', CLI_FLAG, &means_nothing},
                                 {"submission", 'U', CLI_FLAG, &means_nothing},
                                 {"no-aliases", 'n', CLI_FLAG, &send.is_literal},
                                 {"from", 'f', CLI_TEXT, &send.sender},
                                 {"sender", 'r', CLI_TEXT, &send.sender},
                                 {"full-name", 'F', CLI_TEXT, &send.name},
                                 {"identity", '\0', CLI_TEXT, &send.identity},
                                 {"file", '\0', CLI_TEXT, &send.file},
                                 {"attach", '\0', CLI_LIST, send.attach},
                                 {"at", '\0', CLI_TEXT, &send.at},
                                 {"notify", 'N', CLI_TEXT, &send.notify},
                                 {"return", 'R', CLI_TEXT, &send.returns},
                                 {"require-tls", '\0', CLI_FLAG, &send.requires_tls},
                                 {"no-copy", '\0', CLI_FLAG, &send.no_copy},
                                 {NULL, '\0', CLI_FLAG, NULL}};

    for (char **word = argv + 1; *word && strcmp(*word, "--") != 0; word++)
        send.ignores_dots |= !strcmp(*word, "-oi");
    send.addresses = cli_arguments(context, options, argv, 0, -1);
    const int status = send.addresses && check_mode(&send) && check_words(&send) ? run(&send) : CLI_USAGE;
    clear(&send);
    return status;
}
