/* receipt.c - see receipt.h. */
#include "compose/receipt.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "compose/address.h"
#include "compose/identity.h"
#include "maildir/outbox.h"
#include "mime/address.h"
#include "mime/field.h"
#include "mime/message.h"
#include "mime/write_body.h"
#include "store/change.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void receipt_asked_free(ReceiptAsked *asked)
{
    g_free(asked->name);
    g_free(asked->address);
    g_free(asked);
}

/* ---- what the header says ---- */

/* The message's header as a message of its own; NULL: it cannot be read. */
static MimeMessage *read_header(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autofree char *bytes = fd >= 0 ? g_malloc(LIMIT_HEADER_BYTES) : NULL;
    MimeRawField field;
    gsize size = 0;
    ssize_t got = 1;

    while (fd >= 0 && size < LIMIT_HEADER_BYTES && got > 0) {
        got = read(fd, bytes + size, LIMIT_HEADER_BYTES - size);
        size += got > 0 ? (gsize)got : 0;
        got = got < 0 && errno == EINTR ? 1 : got;
    }
    if (fd < 0)
        return NULL;
    close(fd);
    const char *cursor = bytes;
    while (mime_field_next(&cursor, bytes + size, &field))
        ;
    return mime_message_parse(bytes, (gsize)(cursor - bytes));
}

static gboolean begins_with(const MimeMessage *message, const char *name, const char *word)
{
    const char *value = mime_message_field(message, name);

    return value && !g_ascii_strncasecmp(value + strspn(value, " \t"), word, strlen(word));
}

/* From a list or a program: whoever asked there gets no answer from a person (RFC 8098, 2.1; RFC 3834). */
static gboolean is_from_no_person(const MimeMessage *message)
{
    static const char *const LISTS[] = {"List-Id", "List-Post", "List-Unsubscribe", "Resent-From", NULL};
    const gboolean is_automatic =
        mime_message_field(message, "Auto-Submitted") && !begins_with(message, "Auto-Submitted", "no");

    for (int i = 0; LISTS[i]; i++)
        if (mime_message_field(message, LISTS[i]))
            return TRUE;
    return is_automatic || begins_with(message, "Precedence", "list") ||
           begins_with(message, "Precedence", "bulk") || begins_with(message, "Precedence", "junk") ||
           begins_with(message, "Content-Type", "multipart/report") ||
           begins_with(message, "Return-Path", "<>");
}

/* An option that has to be understood is one that is not (RFC 8098, 2.2). */
static gboolean has_required_option(const MimeMessage *message)
{
    const char *options = mime_message_field(message, "Disposition-Notification-Options");
    g_autofree char *lower = options ? g_ascii_strdown(options, -1) : NULL;

    return lower && strstr(lower, "required");
}

static gboolean is_sender(const MimeMessage *message, const char *address)
{
    const GPtrArray *from = mime_message_envelope(message)->from;

    return from->len == 1 && compose_address_equal(((const MimeAddress *)from->pdata[0])->address, address);
}

static ReceiptAsked *asked_of(const MimeMessage *message, const Config *config)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);
    const GPtrArray *from = mime_message_envelope(message)->from;
    const char *value = mime_message_field(message, "Disposition-Notification-To");

    if (!value || is_from_no_person(message) || has_required_option(message))
        return NULL;
    mime_address_parse(value, strlen(value), NULL, list, NULL);
    const MimeAddress *to = list->len == 1 ? list->pdata[0] : NULL;
    if (!to || !compose_address_check(to->address, NULL) || identity_is_own(config, to->address) ||
        (from->len && identity_is_own(config, ((const MimeAddress *)from->pdata[0])->address)))
        return NULL;
    ReceiptAsked *asked = g_new0(ReceiptAsked, 1);
    *asked = (ReceiptAsked){g_strdup(to->name), g_strdup(to->address), !is_sender(message, to->address)};
    return asked;
}

ReceiptAsked *receipt_asked(const char *path, const Config *config)
{
    g_autoptr(MimeMessage) message = read_header(path);

    return message ? asked_of(message, config) : NULL;
}

gboolean receipt_is_settled(const StoreMessage *message)
{
    for (char **keyword = message->keywords; *keyword; keyword++)
        if (!g_ascii_strcasecmp(*keyword, RECEIPT_KEYWORD))
            return TRUE;
    return FALSE;
}

/* ---- the receipt ---- */

/* Whose address it was sent to, and so who answers. */
static Identity *reader_of(const MimeMessage *message, const StoreMessage *stored, const Config *config,
                           GError **error)
{
    const MimeEnvelope *envelope = mime_message_envelope(message);
    g_autoptr(GPtrArray) received = g_ptr_array_new();

    for (guint i = 0; i < envelope->to->len; i++)
        g_ptr_array_add(received, envelope->to->pdata[i]);
    for (guint i = 0; i < envelope->cc->len; i++)
        g_ptr_array_add(received, envelope->cc->pdata[i]);
    const IdentityHints hints = {stored->account, stored->folder, received, NULL, NULL};
    Identity *reader = identity_choose(config, &hints);
    if (reader && reader->account->outgoing.protocol != CONFIG_NONE && g_str_is_ascii(reader->address))
        return reader;
    tern_error_set(error, TERN_ERROR_CONFIG, "%s",
                   reader ? _("the account that got the message cannot send a receipt")
                          : _("there is no account to send a receipt by"));
    if (reader)
        identity_free(reader);
    return NULL;
}

/* What the sender's server called the address (RFC 8098, 3.2.3), if it can stand in a field. */
static void add_original_recipient(GString *out, const MimeMessage *message)
{
    const char *value = mime_message_field(message, "Original-Recipient");

    for (const char *at = value; at && *at; at++)
        if (*at < ' ' || *at >= 0x7f)
            return;
    if (value && strchr(value, ';') && strlen(value) < 500)
        g_string_append_printf(out, "Original-Recipient: %s\n", value + strspn(value, " "));
}

/* On one line: what came in encoded words may be anything. */
static char *subject_of(const MimeMessage *message)
{
    char *subject = g_strdup(mime_message_envelope(message)->subject);

    for (char *at = subject; *at; at++)
        if ((guchar)*at < ' ' || *at == 0x7f)
            *at = ' ';
    return subject;
}

static char *words_of(const MimeMessage *message, const Identity *reader)
{
    g_autofree char *subject = subject_of(message);

    return g_strdup_printf(
        _("Your message “%s” to %s was shown on the reader's screen.\n\nThat does not say that "
          "it was understood, or that anybody agrees.\n"),
        subject, reader->address);
}

static gboolean add_header(GString *out, const MimeMessage *message, const Identity *reader,
                           const ReceiptAsked *asked, const char *message_id, const char *boundary,
                           GError **error)
{
    const MimeEnvelope *envelope = mime_message_envelope(message);
    const char *id[] = {message_id, NULL}, *original[] = {envelope->message_id, NULL};
    const char *type[] = {"report-type", "disposition-notification", "boundary", boundary, NULL};
    g_autoptr(GPtrArray) from = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free),
                         to = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
    g_autofree char *of = subject_of(message), *subject = g_strdup_printf(_("Read: %s"), of);

    g_ptr_array_add(from, mime_mailbox_new(NULL, reader->name, reader->address));
    g_ptr_array_add(to, mime_mailbox_new(NULL, NULL, asked->address));
    mime_write_date(out, "Date", clock_wall_s(), 0);
    if (!mime_write_addresses(out, "From", from, error) || !mime_write_addresses(out, "To", to, error) ||
        !mime_write_text(out, "Subject", subject, error))
        return FALSE;
    mime_write_ids(out, "Message-ID", id);
    mime_write_ids(out, "In-Reply-To", original);
    mime_write_ids(out, "References", original);
    g_string_append(out, "MIME-Version: 1.0\n");
    return mime_write_value(out, "Content-Type", "multipart/report", type, error);
}

static void add_parts(MimeWriter *writer, const MimeMessage *message, const Identity *reader,
                      const char *boundary)
{
    const char *original[] = {mime_message_envelope(message)->message_id, NULL};
    g_autofree char *words = words_of(message, reader), *begin = g_strdup_printf("\n--%s\n", boundary),
                    *end = g_strdup_printf("\n--%s--\n", boundary);
    g_autoptr(GString) report = g_string_new("Content-Type: message/disposition-notification\n\n");

    g_string_append_printf(report, "Final-Recipient: rfc822; %s\n", reader->address);
    add_original_recipient(report, message);
    mime_write_ids(report, "Original-Message-ID", original);
    g_string_append(report, "Disposition: manual-action/MDN-sent-manually; displayed\n");
    mime_writer_add(writer, begin, -1);
    mime_write_text_part(writer, words, (MimeTextWants){.subtype = "plain"});
    mime_writer_add(writer, begin, -1);
    mime_writer_add(writer, report->str, (gssize)report->len);
    mime_writer_add(writer, end, -1);
}

static gboolean write_receipt(int fd, const MimeMessage *message, const Identity *reader,
                              const ReceiptAsked *asked, const char *message_id, GError **error)
{
    g_autofree char *boundary = mime_boundary_new();
    g_autoptr(GString) header = g_string_new(NULL);
    MimeWriter *writer;

    if (!add_header(header, message, reader, asked, message_id, boundary, error))
        return FALSE;
    writer = mime_writer_new(fd);
    mime_writer_add(writer, header->str, (gssize)header->len);
    add_parts(writer, message, reader, boundary);
    return mime_writer_close(writer, error);
}

/* From nobody, so that nobody answers it (RFC 8098, 3). */
static gboolean queue(const MimeMessage *message, const Identity *reader, const ReceiptAsked *asked,
                      const char *data, GError **error)
{
    g_autoptr(Outbox) outbox = outbox_open(data, error);
    g_autoptr(OutboxFile) file = outbox ? outbox_begin(outbox, error) : NULL;
    g_autoptr(OutboxEnvelope) envelope = outbox_envelope_new(reader->account->id, "");
    g_autofree char *of = subject_of(message), *chance = mime_boundary_new(),
                    *to = mime_address_ascii_domain(asked->address, error),
                    *domain = to ? mime_address_ascii_domain(reader->address, error) : NULL;

    if (!file || !domain)
        return FALSE;
    envelope->message_id = g_strconcat(chance + 2, strrchr(domain, '@'), NULL);
    envelope->subject = g_strdup_printf(_("Read: %s"), of);
    outbox_envelope_add(envelope, to);
    return write_receipt(outbox_file_fd(file), message, reader, asked, envelope->message_id, error) &&
           outbox_queue(outbox, file, envelope, error);
}

/* ---- $MDNSent ---- */

typedef struct {
    int64_t id;
    gboolean on;
    gboolean was_on; /* before: somebody has answered already */
} Keyword;

static gboolean set_keyword(StoreTxn *txn, void *data, GError **error)
{
    Keyword *keyword = data;
    const int has = store_change_has_keyword(txn, keyword->id, RECEIPT_KEYWORD, error);

    keyword->was_on = has > 0;
    if (has < 0 || has == keyword->on)
        return has >= 0;
    if (!store_change_begin(txn, STORE_CHANGE_FLAGS, NULL, error))
        return FALSE;
    store_change_aside(txn);
    return store_change_keyword(txn, keyword->id, RECEIPT_KEYWORD, keyword->on, error);
}

static gboolean was_settled(GError **error)
{
    tern_error_set(error, TERN_ERROR_INPUT, "%s", _("its receipt was sent or refused before"));
    return FALSE;
}

/* Looked at and set at once: of two who say yes at the same time one sends it. */
static gboolean claim(Store *store, int64_t message_id, GError **error)
{
    Keyword keyword = {message_id, TRUE, FALSE};

    return store_run(store, STORE_LANE_USER, TRUE, set_keyword, &keyword, error) &&
           (!keyword.was_on || was_settled(error));
}

gboolean receipt_settle(Store *store, int64_t message_id, GError **error)
{
    Keyword keyword = {message_id, TRUE, FALSE};

    return store_run(store, STORE_LANE_USER, TRUE, set_keyword, &keyword, error);
}

gboolean receipt_send(Store *store, const StoreMessage *stored, const char *path, const Config *config,
                      const char *data, char **account_out, GError **error)
{
    g_autoptr(MimeMessage) message = read_header(path);
    g_autoptr(ReceiptAsked) asked = message ? asked_of(message, config) : NULL;
    Keyword undone = {stored->id, FALSE, FALSE};

    if (!asked) {
        tern_error_set(error, TERN_ERROR_INPUT, "%s", _("the message asks for no receipt that tern sends"));
        return FALSE;
    }
    g_autoptr(Identity) reader = reader_of(message, stored, config, error);
    if (!reader || !claim(store, stored->id, error))
        return FALSE;
    if (!queue(message, reader, asked, data, error)) {
        store_run(store, STORE_LANE_USER, TRUE, set_keyword, &undone, NULL);
        return FALSE;
    }
    if (account_out)
        *account_out = g_strdup(reader->account->id);
    return TRUE;
}
