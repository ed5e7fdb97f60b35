/* outgoing_fields.c - see outgoing.h: who speaks in a header and for whom it is, and what it lacks. */
#include "mime/outgoing_private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "mime/address.h"
#include "mime/encode.h"
#include "mime/field.h"

#include <string.h>
#include <sys/random.h>

/* ---- addresses ---- */

/* Adds those of a field, as they stand in SMTP. */
static gboolean add_field(const MimeRawField *field, GPtrArray *addresses, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);
    gboolean is_cut;
    gsize size;
    g_autofree char *value = mime_field_unfold(field, &size);

    mime_address_parse(value, size, NULL, list, &is_cut);
    if (is_cut)
        outgoing_fail_addresses(error);
    for (guint i = 0; i < list->len; i++) {
        const MimeAddress *address = list->pdata[i];
        g_ptr_array_add(addresses, mime_ascii_domain(*address->address ? address->address : address->name));
    }
    return !is_cut;
}

static gboolean is_resent(const MimeRawField *field)
{
    static const char PREFIX[] = "Resent-";

    return field->name_bytes >= strlen(PREFIX) && !g_ascii_strncasecmp(field->name, PREFIX, strlen(PREFIX));
}

/* Where the fields end that count. Each time that a message is sent on, a block of Resent- fields is put before those that
 * are there (RFC 5322, 3.6.6): the first one is meant, which ends with another field, or with a name that was there. */
static const char *end_of(const MimeOutgoing *message, gboolean of_resent)
{
    const char *cursor = message->header->str, *end = cursor + message->header->len;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    MimeRawField field;

    while (of_resent && mime_field_next(&cursor, end, &field)) {
        g_autofree char *name = g_ascii_strdown(field.name, (gssize)field.name_bytes);
        if (is_resent(&field) ? !g_hash_table_add(seen, g_steal_pointer(&name)) : g_hash_table_size(seen) > 0)
            return field.name;
    }
    return end;
}

/* Adds those of all fields of these names, which are Resent- ones or not. */
static gboolean add_fields(const MimeOutgoing *message, const char *const *names, GPtrArray *addresses,
                           GError **error)
{
    const char *cursor = message->header->str;
    const char *end = end_of(message, g_str_has_prefix(*names, "Resent-"));
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field))
        for (guint i = 0; names[i]; i++)
            if (mime_field_is(&field, names[i]) && !add_field(&field, addresses, error))
                return FALSE;
    return TRUE;
}

static const char *const RESENT[] = {"Resent-To", "Resent-Cc", "Resent-Bcc", NULL};
static const char *const PLAIN[] = {"To", "Cc", "Bcc", NULL};

char **mime_outgoing_recipients(const MimeOutgoing *message, GError **error)
{
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);

    if (!add_fields(message, RESENT, addresses, error) ||
        (addresses->len == 0 && !add_fields(message, PLAIN, addresses, error)))
        return NULL;
    g_ptr_array_add(addresses, NULL);
    return (char **)g_ptr_array_steal(addresses, NULL);
}

/* Some that are told, or only those that are not to be. */
static gboolean names_recipients(const char *line, const char *end, gboolean only_hidden)
{
    const char *cursor = line;
    MimeRawField field;

    if (!mime_field_next(&cursor, end, &field))
        return FALSE;
    for (guint i = 0; PLAIN[i]; i++)
        if ((mime_field_is(&field, PLAIN[i]) || mime_field_is(&field, RESENT[i])) &&
            (!only_hidden || g_str_equal(PLAIN[i], "Bcc")))
            return TRUE;
    return FALSE;
}

static void fail_line(const MimeOutgoing *message, GError **error)
{
    g_autofree char *line = g_strndup(message->rest->str, strcspn(message->rest->str, "\n"));
    g_autofree char *clean = sanitise(line, -1, SANITISE_LINE), *safe = text_ellipsize(clean, 60, FALSE);
    tern_error_set(error, TERN_ERROR_INPUT,
                   _("line %u of the message, “%s”, is no header field, but recipients follow it; put it "
                     "right, or an empty line before it"),
                   message->cut_line, safe);
}

gboolean mime_outgoing_check(MimeOutgoing *message, gboolean only_hidden, GError **error)
{
    if (!message->cut_line)
        return TRUE;
    if (!outgoing_read_on(message, error))
        return FALSE;
    const char *end = message->rest->str + message->rest->len, *line = message->rest->str;
    for (const char *newline; line < end && *line != '\n'; line = newline ? newline + 1 : end) {
        newline = memchr(line, '\n', (gsize)(end - line));
        if (names_recipients(line, newline ? newline + 1 : end, only_hidden)) {
            fail_line(message, error);
            return FALSE;
        }
    }
    return TRUE;
}

char **mime_outgoing_senders(const MimeOutgoing *message, GError **error)
{
    static const char *const NAMES[] = {"Resent-Sender", "Resent-From", "Sender", "From"};
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (!add_fields(message, (const char *const[]){NAMES[i], NULL}, addresses, error))
            return NULL;
    g_ptr_array_add(addresses, NULL);
    return (char **)g_ptr_array_steal(addresses, NULL);
}

/* ---- what is missing ---- */

static gboolean has_field(const MimeOutgoing *message, const char *name)
{
    const char *cursor = message->header->str;
    const char *end = end_of(message, g_str_has_prefix(name, "Resent-"));
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field))
        if (mime_field_is(&field, name))
            return TRUE;
    return FALSE;
}

static void add_date(GString *header, const char *name, int64_t now_s)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_s);
    static const char DAYS[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char MONTHS[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    g_string_append_printf(
        header, "%s: %s, %d %s %d %02d:%02d:%02d +0000\n", name, DAYS[g_date_time_get_day_of_week(now) - 1],
        g_date_time_get_day_of_month(now), MONTHS[g_date_time_get_month(now) - 1], g_date_time_get_year(now),
        g_date_time_get_hour(now), g_date_time_get_minute(now), g_date_time_get_second(now));
}

/* Of chance alone: nothing of the machine, and not the time. To be freed. */
static char *new_message_id(const char *address)
{
    g_autofree char *wired = mime_ascii_domain(address);
    const char *at = strrchr(wired, '@');
    const char *domain = at && at[1] && g_str_is_ascii(at) ? at + 1 : "localhost";
    guint64 random[2] = {0};

    if (getentropy(random, sizeof random) != 0)
        g_error("no randomness"); /* only for wrong arguments */
    return g_strdup_printf("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x@%s", random[0], random[1],
                           domain);
}

static void add_from(GString *header, const char *field, const char *name, const char *address)
{
    g_autofree char *from = mime_encode_address(name, address);

    mime_fold_field(header, field, from);
}

/* Where the first Resent- field stands in the header; -1: there is none. */
static gssize resent_at(const MimeOutgoing *message)
{
    const char *cursor = message->header->str, *end = cursor + message->header->len;
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field))
        if (is_resent(&field))
            return field.name - message->header->str;
    return -1;
}

gboolean mime_outgoing_is_resent(const MimeOutgoing *message)
{
    return resent_at(message) >= 0;
}

/* RFC 5322, 3.6.6: whoever sends it on, and when, has to be told; what belongs together stands together. */
static void complete_resent(MimeOutgoing *message, const char *name, const char *address, int64_t now_s)
{
    g_autoptr(GString) added = g_string_new(NULL);

    if (!has_field(message, "Resent-From"))
        add_from(added, "Resent-From", name, address);
    if (!has_field(message, "Resent-Date"))
        add_date(added, "Resent-Date", now_s);
    if (!has_field(message, "Resent-Message-ID")) {
        g_autofree char *id = new_message_id(address);
        g_string_append_printf(added, "Resent-Message-ID: <%s>\n", id);
    }
    g_string_insert_len(message->header, resent_at(message), added->str, (gssize)added->len);
}

void mime_outgoing_complete(MimeOutgoing *message, const char *name, const char *address, int64_t now_s)
{
    if (mime_outgoing_is_resent(message))
        complete_resent(message, name, address, now_s);
    if (!has_field(message, "From"))
        add_from(message->header, "From", name, address);
    if (!has_field(message, "Date"))
        add_date(message->header, "Date", now_s);
    if (!message->message_id) {
        message->message_id = new_message_id(address);
        g_string_append_printf(message->header, "Message-ID: <%s>\n", message->message_id);
    }
}
