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

/* What one sending-on has put before what was there (RFC 5322, 3.6.6). */
typedef struct {
    const char *begin, *end;
    gboolean is_whole; /* it says who, or when: then it is not the rest of another one */
} Block;

static gboolean begins_block(GHashTable *seen, const char *name, const char *previous)
{
    return !previous || (g_hash_table_contains(seen, name) && strcmp(name, previous) != 0);
}

/* Of fields that stand together, and none twice, but for one directly behind its like: the newest first. Block; to be
 * unreffed. */
static GArray *resent_blocks(const MimeOutgoing *message)
{
    const char *cursor = message->header->str, *end = cursor + message->header->len;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *previous = NULL;
    GArray *blocks = g_array_new(FALSE, TRUE, sizeof(Block));
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field)) {
        g_autofree char *name =
            is_resent(&field) ? g_ascii_strdown(field.name, (gssize)field.name_bytes) : NULL;
        if (name && begins_block(seen, name, previous)) {
            const Block begun = {field.name, NULL, FALSE};
            g_array_append_val(blocks, begun);
            g_hash_table_remove_all(seen);
        }
        if (name) {
            Block *block = &g_array_index(blocks, Block, blocks->len - 1);
            block->end = cursor;
            block->is_whole |= !strcmp(name, "resent-from") || !strcmp(name, "resent-date");
            g_hash_table_add(seen, g_strdup(name));
        }
        g_free(previous);
        previous = g_steal_pointer(&name);
    }
    return blocks;
}

/* Adds those of all fields of these names in a part of the header. How many fields there were; -1. */
static int add_fields(const char *begin, const char *end, const char *const *names, GPtrArray *addresses,
                      GError **error)
{
    const char *cursor = begin;
    MimeRawField field;
    int n = 0;

    while (mime_field_next(&cursor, end, &field))
        for (guint i = 0; names[i]; i++) {
            if (!mime_field_is(&field, names[i]))
                continue;
            n++;
            if (!add_field(&field, addresses, error))
                return -1;
        }
    return n;
}

static const char *const RESENT[] = {"Resent-To", "Resent-Cc", "Resent-Bcc", NULL};
static const char *const PLAIN[] = {"To", "Cc", "Bcc", NULL};

/* Of the newest block that names any, and of what stands elsewhere and belongs to no other. */
static int add_resent(const MimeOutgoing *message, GPtrArray *addresses, GError **error)
{
    g_autoptr(GArray) blocks = resent_blocks(message);
    int all = 0;

    for (guint i = 0; i < blocks->len; i++) {
        const Block *block = &g_array_index(blocks, Block, i);
        const int n =
            all && block->is_whole ? 0 : add_fields(block->begin, block->end, RESENT, addresses, error);
        if (n < 0)
            return -1;
        all += n;
    }
    return all;
}

static int add_plain(const MimeOutgoing *message, const char *const *names, GPtrArray *addresses,
                     GError **error)
{
    return add_fields(message->header->str, message->header->str + message->header->len, names, addresses,
                      error);
}

char **mime_outgoing_recipients(const MimeOutgoing *message, GError **error)
{
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    const int resent = add_resent(message, addresses, error);

    if (resent < 0 || (resent == 0 && add_plain(message, PLAIN, addresses, error) < 0))
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
    static const char *const FIRST[] = {"Resent-Sender", "Resent-From"}, *const THEN[] = {"Sender", "From"};
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) blocks = resent_blocks(message);
    const Block *newest = blocks->len ? &g_array_index(blocks, Block, 0) : NULL;

    for (guint i = 0; newest && i < G_N_ELEMENTS(FIRST); i++)
        if (add_fields(newest->begin, newest->end, (const char *const[]){FIRST[i], NULL}, addresses, error) <
            0)
            return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(THEN); i++)
        if (add_plain(message, (const char *const[]){THEN[i], NULL}, addresses, error) < 0)
            return NULL;
    g_ptr_array_add(addresses, NULL);
    return (char **)g_ptr_array_steal(addresses, NULL);
}

/* ---- what is missing ---- */

static gboolean has_in(const char *begin, const char *end, const char *name)
{
    const char *cursor = begin;
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field))
        if (mime_field_is(&field, name))
            return TRUE;
    return FALSE;
}

static gboolean has_field(const MimeOutgoing *message, const char *name)
{
    return has_in(message->header->str, message->header->str + message->header->len, name);
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

gboolean mime_outgoing_is_resent(const MimeOutgoing *message)
{
    g_autoptr(GArray) blocks = resent_blocks(message);

    return blocks->len > 0;
}

/* RFC 5322, 3.6.6: whoever sends it on, and when, has to be told; what belongs together stands together. */
static void complete_resent(MimeOutgoing *message, const char *name, const char *address, int64_t now_s)
{
    g_autoptr(GArray) blocks = resent_blocks(message);
    g_autoptr(GString) added = g_string_new(NULL);

    if (!blocks->len)
        return;
    const Block *newest = &g_array_index(blocks, Block, 0);
    if (!has_in(newest->begin, newest->end, "Resent-From"))
        add_from(added, "Resent-From", name, address);
    if (!has_in(newest->begin, newest->end, "Resent-Date"))
        add_date(added, "Resent-Date", now_s);
    if (!has_in(newest->begin, newest->end, "Resent-Message-ID")) {
        g_autofree char *id = new_message_id(address);
        g_string_append_printf(added, "Resent-Message-ID: <%s>\n", id);
    }
    g_string_insert_len(message->header, newest->begin - message->header->str, added->str,
                        (gssize)added->len);
}

void mime_outgoing_complete(MimeOutgoing *message, const char *name, const char *address, int64_t now_s)
{
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
