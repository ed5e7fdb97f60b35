/* envelope.c - see send_private.h: the commands that say from whom and for whom a message is. */
#include "smtp/send_private.h"

#include "base/i18n.h"

#include <string.h>

/* ---- addresses ---- */

/* RFC 5321, 4.5.3.1: a path has 256 bytes; a little more is left to the server to refuse. */
#define MOST_ADDRESS_BYTES 500

static gsize quoted_length(const char *text)
{
    const char *at = text + 1;

    while (*at && *at != '"')
        at += *at == '\\' && at[1] ? 2 : 1;
    return *at == '"' ? (gsize)(at + 1 - text) : 0;
}

static gboolean is_atom_char(char c)
{
    return (guchar)c > ' ' && c != 0x7f && !strchr("\"(),:;<>@[\\]", c);
}

/* How much of `text` is the part before '@', 0: none. */
static gsize local_length(const char *text)
{
    gsize n = 0;

    if (*text == '"')
        return quoted_length(text);
    while (is_atom_char(text[n]))
        n++;
    return n;
}

gboolean smtp_address_is_valid(const char *address)
{
    const gsize bytes = strlen(address), local = local_length(address);
    const char *domain = address + local + 1;

    if (bytes > MOST_ADDRESS_BYTES || local == 0 || address[local] != '@' ||
        !g_utf8_validate(address, -1, NULL))
        return FALSE;
    for (const char *at = address; *at; at++)
        if ((guchar)*at < ' ' || *at == 0x7f)
            return FALSE;
    if (*domain == '[')
        return strspn(domain + 1, "0123456789abcdefABCDEFIPv:.") == strlen(domain) - 2 &&
               g_str_has_suffix(domain, "]");
    for (const char *at = domain; *at; at++)
        if (!is_atom_char(*at) || strchr("!#$%&'*+/=?^`{|}~", *at))
            return FALSE;
    return *domain && *domain != '.' && !g_str_has_suffix(domain, ".") && !strstr(domain, "..");
}

static gboolean is_ascii(const char *text)
{
    return g_str_is_ascii(text);
}

static gboolean needs_utf8(const Sending *sending)
{
    const SmtpMessage *message = sending->message;
    gboolean is_plain = is_ascii(message->sender) && !sending->measure.has_8bit_header;

    for (guint i = 0; message->recipients[i]; i++)
        is_plain = is_plain && is_ascii(message->recipients[i]);
    return !is_plain;
}

/* ---- what would be refused anyway ---- */

static gboolean check_addresses(const SmtpMessage *message, GError **error)
{
    const char *wrong = *message->sender && !smtp_address_is_valid(message->sender) ? message->sender : NULL;

    for (guint i = 0; message->recipients[i] && !wrong; i++)
        if (!smtp_address_is_valid(message->recipients[i]))
            wrong = message->recipients[i];
    if (!wrong && message->recipients[0])
        return TRUE;
    if (!wrong) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the message has no recipient"));
        return FALSE;
    }
    g_autofree char *safe = g_strescape(wrong, NULL);
    tern_error_set(error, TERN_ERROR_INPUT, _("%s is no mail address"), safe);
    return FALSE;
}

static gboolean refuse(GError **error, const char *sentence)
{
    tern_error_set(error, TERN_ERROR_REFUSED, "%s", sentence);
    return FALSE;
}

static gboolean check_size(const Sending *sending, GError **error)
{
    const uint64_t limit = sending->session->size_limit;

    if (limit == 0 || sending->measure.size_bytes <= limit)
        return TRUE;
    g_autofree char *size = g_format_size(sending->measure.size_bytes), *most = g_format_size(limit);
    tern_error_set(error, TERN_ERROR_REFUSED, _("the message has %s, and the mail server takes at most %s"),
                   size, most);
    return FALSE;
}

gboolean smtp_check_message(const Sending *sending, GError **error)
{
    const SmtpSession *session = sending->session;

    if (!check_addresses(sending->message, error) || !check_size(sending, error))
        return FALSE;
    if (sending->measure.has_nul || sending->measure.has_bare_cr)
        return refuse(error, _("the message holds bytes that cannot be sent as they are (NUL, or CR alone)"));
    if (needs_utf8(sending) && !smtp_session_can(session, SMTP_CAN_SMTPUTF8))
        return refuse(
            error,
            _("the mail server takes only plain letters in addresses and headers (it has no SMTPUTF8)"));
    if (sending->measure.has_8bit && !smtp_session_can(session, SMTP_CAN_8BITMIME))
        return refuse(error, _("the mail server takes only 7-bit text (it has no 8BITMIME)"));
    if (sending->message->requires_tls &&
        !(smtp_session_can(session, SMTP_CAN_REQUIRETLS) && net_stream_is_tls(session->stream)))
        return refuse(error, _("the mail server cannot promise that the message stays encrypted on its way "
                               "(it has no REQUIRETLS)"));
    return TRUE;
}

/* ---- commands ---- */

/* RFC 3461, 4: '+', '=' and all but printable ASCII as "+3D". */
static void append_xtext(GString *into, const char *text)
{
    for (; *text; text++) {
        if ((guchar)*text > ' ' && (guchar)*text < 0x7f && *text != '+' && *text != '=')
            g_string_append_c(into, *text);
        else
            g_string_append_printf(into, "+%02X", (guchar)*text);
    }
}

static gboolean asks_notices(const Sending *sending)
{
    return sending->message->notify != 0 && smtp_session_can(sending->session, SMTP_CAN_DSN);
}

/* Also where nothing is said of when. */
static gboolean asks_return(const Sending *sending)
{
    return sending->message->returns != 0 && smtp_session_can(sending->session, SMTP_CAN_DSN);
}

char *smtp_mail_command(const Sending *sending)
{
    const SmtpSession *session = sending->session;
    const SmtpMessage *message = sending->message;
    GString *line = g_string_new(NULL);

    g_string_printf(line, "MAIL FROM:<%s>", message->sender);
    if (smtp_session_can(session, SMTP_CAN_SIZE))
        g_string_append_printf(line, " SIZE=%" G_GUINT64_FORMAT, sending->measure.size_bytes);
    if (sending->measure.has_8bit)
        g_string_append(line, " BODY=8BITMIME");
    if (needs_utf8(sending))
        g_string_append(line, " SMTPUTF8");
    if (message->requires_tls)
        g_string_append(line, " REQUIRETLS");
    if (asks_notices(sending) || asks_return(sending))
        g_string_append(line, message->returns == SMTP_RETURN_ALL ? " RET=FULL" : " RET=HDRS");
    if (asks_notices(sending) && message->envelope_id) {
        g_string_append(line, " ENVID=");
        append_xtext(line, message->envelope_id);
    }
    return g_string_free(line, FALSE);
}

char *smtp_rcpt_command(const Sending *sending, const char *address)
{
    static const struct {
        SmtpNotify notify;
        const char *name;
    } NOTICES[] = {{SMTP_NOTIFY_NEVER, "NEVER"},
                   {SMTP_NOTIFY_SUCCESS, "SUCCESS"},
                   {SMTP_NOTIFY_FAILURE, "FAILURE"},
                   {SMTP_NOTIFY_DELAY, "DELAY"}};
    GString *line = g_string_new(NULL);
    const char *before = " NOTIFY=";

    g_string_printf(line, "RCPT TO:<%s>", address);
    for (gsize i = 0; asks_notices(sending) && i < G_N_ELEMENTS(NOTICES); i++)
        if (sending->message->notify & NOTICES[i].notify) {
            g_string_append_printf(line, "%s%s", before, NOTICES[i].name);
            before = ",";
        }
    if (asks_notices(sending) &&
        is_ascii(address)) { /* RFC 6533 has another form for the others; it may be left out */
        g_string_append(line, " ORCPT=rfc822;");
        append_xtext(line, address);
    }
    return g_string_free(line, FALSE);
}
