/* send_command.c - tern send: a message from standard input into the outbox, durably, and one attempt to
 * send it. */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"
#include "compose/send.h"
#include "compose/waiting.h"
#include "compose/when.h"
#include "mime/outgoing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    CliContext *context;
    gboolean takes_recipients, ignores_dots, no_copy; /* -t, -i, --no-copy */
    char *sender, *identity, *file, *name;            /* -f, --identity, --file, -F */
    char *sendmail; /* -o…: "i" is -i, others are taken and mean nothing here */
    char *body;     /* -B…: likewise; what is 8-bit is found out */
    char *at;       /* --at */
    char *notify;   /* -N success,delay: when the servers are to tell; sendmail's */
    gboolean requires_tls;
    guint notices;     /* OutboxNotify */
    int64_t at_s;      /* 0: now */
    GPtrArray *attach; /* --attach, paths */
    char **addresses;
} Send;

static void clear(Send *send)
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
    g_free(send->addresses);
}

/* ---- who sends ---- */

static const ConfigAccount *account_of_address(const CliContext *context, const char *address)
{
    const GPtrArray *accounts = config_accounts(context->config);

    for (guint i = 0; address && i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        if (account->address && !g_ascii_strcasecmp(account->address, address))
            return account;
    }
    return NULL;
}

static const ConfigAccount *first_that_sends(const CliContext *context)
{
    const GPtrArray *accounts = config_accounts(context->config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        if (account->outgoing.protocol != CONFIG_NONE)
            return account;
    }
    return NULL;
}

static const char *first_address(const GPtrArray *list)
{
    return list->len > 0 ? ((const MimeAddress *)list->pdata[0])->address : NULL;
}

/* By --identity (an account or its address), else -f, else From, else the first account that can send. */
static const ConfigAccount *choose_account(const Send *send, const MimeOutgoing *message, GError **error)
{
    const CliContext *context = send->context;
    const MimeEnvelope *envelope = mime_outgoing_envelope(message);
    const ConfigAccount *account = NULL;

    if (send->identity) {
        account = config_account(context->config, send->identity);
        account = account ? account : account_of_address(context, send->identity);
        if (!account)
            tern_error_set(error, TERN_ERROR_INPUT, _("no account is called “%s” or has that address"),
                           send->identity);
    } else {
        account = account_of_address(context, send->sender);
        account = account ? account : account_of_address(context, first_address(envelope->from));
        account = account ? account : first_that_sends(context);
        if (!account)
            tern_error_set(error, TERN_ERROR_CONFIG, _("no account in %s can send: outgoing = … is missing"),
                           config_path(context->config));
    }
    if (account && account->outgoing.protocol == CONFIG_NONE) {
        tern_error_set(error, TERN_ERROR_CONFIG,
                       _("the account “%s” cannot send: it has no outgoing = … in %s"), account->id,
                       config_path(context->config));
        account = NULL;
    }
    return account;
}

/* ---- the envelope ---- */

static gboolean add(OutboxEnvelope *envelope, const char *address, GError **error)
{
    if (engine_address_is_valid(address)) {
        outbox_envelope_add(envelope, address);
        return TRUE;
    }
    g_autofree char *safe = g_strescape(address, NULL);
    tern_error_set(error, TERN_ERROR_INPUT, _("%s is no mail address"), safe);
    return FALSE;
}

static gboolean add_all(const Send *send, const MimeOutgoing *message, OutboxEnvelope *envelope,
                        GError **error)
{
    g_auto(GStrv) told = send->takes_recipients ? mime_outgoing_recipients(message, error) : NULL;

    if (send->takes_recipients && !told)
        return FALSE;
    for (char **address = send->addresses; *address; address++)
        if (!add(envelope, *address, error))
            return FALSE;
    for (char **address = told; address && *address; address++)
        if (!add(envelope, *address, error))
            return FALSE;
    if (envelope->recipients->len > 0)
        return TRUE;
    tern_error_set(error, TERN_ERROR_INPUT,
                   send->takes_recipients
                       ? _("the message has no recipient: no To, Cc or Bcc names one")
                       : _("whom is it for? Name the addresses, or take them from the message with -t"));
    return FALSE;
}

static OutboxEnvelope *new_envelope(const Send *send, const ConfigAccount *account,
                                    const MimeOutgoing *message, GError **error)
{
    const MimeEnvelope *header = mime_outgoing_envelope(message);
    const char *from = first_address(header->from);
    const char *sender = send->sender ? send->sender : from && *from ? from : account->address;
    const gboolean is_null = !strcmp(sender, "<>") || !*sender;
    g_autoptr(OutboxEnvelope) envelope = outbox_envelope_new(account->id, is_null ? "" : sender);

    if (!is_null && !engine_address_is_valid(sender)) {
        g_autofree char *safe = g_strescape(sender, NULL);
        tern_error_set(error, TERN_ERROR_INPUT, _("%s is no mail address"), safe);
        return NULL;
    }
    if (!add_all(send, message, envelope, error))
        return NULL;
    envelope->subject = g_strdup(header->subject);
    envelope->message_id = g_strdup(mime_outgoing_message_id(message));
    envelope->wants_copy = !send->no_copy;
    envelope->notify = send->notices;
    envelope->requires_tls = send->requires_tls;
    if (send->at_s > 0) {
        envelope->state = OUTBOX_HELD;
        envelope->not_before_s = send->at_s;
    }
    return g_steal_pointer(&envelope);
}

/* ---- into the outbox ---- */

/* With the files of --attach, their types found as the composer finds them. */
static gboolean write_message(const Send *send, MimeOutgoing *message, int fd, GError **error)
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

static gboolean put(const Send *send, Outbox *outbox, int fd, OutboxEnvelope **envelope_out, GError **error)
{
    const gboolean dot_ends = !send->file && !send->ignores_dots;
    g_autoptr(MimeOutgoing) message = mime_outgoing_read(fd, dot_ends, error);
    const ConfigAccount *account = message ? choose_account(send, message, error) : NULL;

    if (!account || !send_check_tls(account, send->requires_tls, error))
        return FALSE;
    mime_outgoing_complete(message, send->name ? send->name : account->name, account->address,
                           clock_wall_s());
    *envelope_out = new_envelope(send, account, message, error);
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

static int open_input(const Send *send, GError **error)
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

static void tell(const Send *send, Outbox *outbox, const OutboxEnvelope *queued)
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
        cli_outbox_tell_kept(now);
}

/* "never", or any of the others, parted by commas (RFC 3461, 4.1). INPUT. */
static gboolean read_notices(Send *send, GError **error)
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

static gboolean read_options(Send *send, GError **error)
{
    return read_notices(send, error) &&
           (!send->at || when_parse(send->at, clock_wall_s(), &send->at_s, error));
}

static int run(Send *send)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(OutboxEnvelope) envelope = NULL;
    const gboolean is_read = read_options(send, &error);
    g_autoptr(Outbox) outbox = is_read ? outbox_open(send->context->paths->data, &error) : NULL;
    const int fd = outbox ? open_input(send, &error) : -1;
    const gboolean ok = fd >= 0 && put(send, outbox, fd, &envelope, &error);

    if (fd >= 0)
        close(fd);
    if (!ok)
        return cli_fail(send->context, error);
    if (send->at_s == 0 && !send->context->offline &&
        !config_account(send->context->config, envelope->account)->offline)
        cli_outbox_try(send->context, envelope->account);
    envelope->state = OUTBOX_SENT; /* what is no more in the outbox is */
    tell(send, outbox, envelope);
    return CLI_DONE;
}

int cli_command_send(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    Send send = {.context = context, .attach = g_ptr_array_new_with_free_func(g_free)};
    const CliOption options[] = {{"to-from-message", 't', CLI_FLAG, &send.takes_recipients},
                                 {"ignore-dots", 'i', CLI_FLAG, &send.ignores_dots},
                                 {"sendmail-option", 'o', CLI_TEXT, &send.sendmail},
                                 {"body", 'B', CLI_TEXT, &send.body},
                                 {"from", 'f', CLI_TEXT, &send.sender},
                                 {"full-name", 'F', CLI_TEXT, &send.name},
                                 {"identity", '\0', CLI_TEXT, &send.identity},
                                 {"file", '\0', CLI_TEXT, &send.file},
                                 {"attach", '\0', CLI_LIST, send.attach},
                                 {"at", '\0', CLI_TEXT, &send.at},
                                 {"notify", 'N', CLI_TEXT, &send.notify},
                                 {"require-tls", '\0', CLI_FLAG, &send.requires_tls},
                                 {"no-copy", '\0', CLI_FLAG, &send.no_copy},
                                 {NULL, '\0', CLI_FLAG, NULL}};

    for (char **word = argv + 1; *word && strcmp(*word, "--") != 0; word++)
        send.ignores_dots |= !strcmp(*word, "-oi");
    send.addresses = cli_arguments(context, options, argv, 0, -1);
    const int status = send.addresses ? run(&send) : CLI_USAGE;
    clear(&send);
    return status;
}
