/* envelope.c - see envelope.h. */
#include "mime/envelope.h"

#include "base/charset.h"
#include "base/date.h"
#include "base/limits.h"
#include "mime/address.h"
#include "mime/field.h"
#include "mime/param.h"
#include "mime/word.h"

#include <string.h>

typedef enum {
    FIELD_DATE,
    FIELD_FROM,
    FIELD_TO,
    FIELD_CC,
    FIELD_REPLY_TO,
    FIELD_SUBJECT,
    FIELD_MESSAGE_ID,
    FIELD_REFERENCES,
    FIELD_IN_REPLY_TO,
    FIELD_LIST_ID,
    FIELD_CONTENT_TYPE, /* its charset is what raw 8-bit text is in, when it is no UTF-8 */
    FIELDS
} FieldIndex;

static const char *const FIELD_NAMES[FIELDS] = {
    [FIELD_DATE] = "Date",
    [FIELD_FROM] = "From",
    [FIELD_TO] = "To",
    [FIELD_CC] = "Cc",
    [FIELD_REPLY_TO] = "Reply-To",
    [FIELD_SUBJECT] = "Subject",
    [FIELD_MESSAGE_ID] = "Message-ID",
    [FIELD_REFERENCES] = "References",
    [FIELD_IN_REPLY_TO] = "In-Reply-To",
    [FIELD_LIST_ID] = "List-Id",
    [FIELD_CONTENT_TYPE] = "Content-Type",
};

typedef struct {
    char *text; /* unfolded; NULL: not there */
    gsize size;
} Value;

static gboolean is_list(guint field)
{
    return field == FIELD_TO || field == FIELD_CC;
}

/* RFC 5322 (3.6.3) has one To and one Cc; there are programs that write one for each recipient. Those are
 * lines of the value then. */
static void add_list(Value *value, const MimeRawField *field)
{
    gsize size;
    g_autofree char *more = mime_field_unfold(field, &size);

    value->text = g_realloc(value->text, value->size + 1 + size + 1);
    value->text[value->size] = '\n';
    memcpy(value->text + value->size + 1, more, size + 1);
    value->size += 1 + size;
}

/* Of other fields the first of each name counts. */
static void collect(const char *header, gsize size, Value *values)
{
    const char *end = header + MIN(size, LIMIT_HEADER_BYTES);
    MimeRawField field;

    while (mime_field_next(&header, end, &field)) {
        for (guint i = 0; i < FIELDS; i++) {
            if (!mime_field_is(&field, FIELD_NAMES[i]))
                continue;
            if (!values[i].text)
                values[i].text = mime_field_unfold(&field, &values[i].size);
            else if (is_list(i))
                add_list(&values[i], &field);
            break;
        }
    }
}

/* One Message-ID as kept everywhere, so that they can be compared: UTF-8, no white space around it, cut. */
static char *message_id(const char *text, gsize size)
{
    while (size && g_ascii_isspace(*text))
        text++, size--;
    while (size && g_ascii_isspace(text[size - 1]))
        size--;
    return mime_word_decode(text, size, NULL, LIMIT_MESSAGE_ID_BYTES);
}

/* Between the first angle brackets, or all there is when there are none. */
static char *bracketed(const Value *value)
{
    const char *text = value->text, *end = value->text + value->size;
    const char *open = memchr(text, '<', value->size);
    const char *close = open ? memchr(open, '>', (gsize)(end - open)) : NULL;

    if (open)
        text = open + 1;
    g_autofree char *id = message_id(text, (gsize)((close ? close : end) - text));
    if (!open && g_str_has_prefix(
                     id, "<")) /* brackets inside an encoded word: Python's email writes such for long ones */
        return g_strndup(id + 1, strcspn(id + 1, ">"));
    return *id ? g_steal_pointer(&id) : NULL;
}

/* The oldest and the newest are what threads are made by. */
static void add_id(GPtrArray *ids, GHashTable *seen, const char *text, gsize size)
{
    g_autofree char *id = message_id(text, size);

    if (!*id || g_hash_table_contains(seen, id))
        return;
    if (ids->len >= LIMIT_REFERENCES) {
        g_hash_table_remove(seen, ids->pdata[LIMIT_REFERENCES / 2]);
        g_ptr_array_remove_index(ids, LIMIT_REFERENCES / 2);
    }
    g_hash_table_add(seen, id);
    g_ptr_array_add(ids, g_steal_pointer(&id));
}

/* Without brackets, whatever looks like a Message-ID between white space. */
static void add_bare_ids(GPtrArray *ids, GHashTable *seen, const Value *value)
{
    const char *p = value->text, *end = value->text + value->size;

    while (p < end) {
        const char *start = p;
        while (p < end && !g_ascii_isspace(*p) && *p != ',')
            p++;
        if (memchr(start, '@', (gsize)(p - start)))
            add_id(ids, seen, start, (gsize)(p - start));
        p++;
    }
}

static void add_ids(GPtrArray *ids, GHashTable *seen, const Value *value)
{
    if (!value->text)
        return;
    const char *p = value->text, *end = value->text + value->size;
    const char *open = memchr(p, '<', value->size);
    if (!open) {
        add_bare_ids(ids, seen, value);
        return;
    }
    for (; open; open = memchr(p, '<', (gsize)(end - p))) {
        const char *close = memchr(open, '>', (gsize)(end - open));
        if (!close)
            return;
        const char *again = memrchr(open, '<', (gsize)(close - open)); /* "<a@b <c@d>": the inner one */
        add_id(ids, seen, again + 1, (gsize)(close - again - 1));
        p = close + 1;
    }
}

static char **references(const Value *values)
{
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    add_ids(ids, seen, &values[FIELD_REFERENCES]);
    add_ids(ids, seen, &values[FIELD_IN_REPLY_TO]);
    g_ptr_array_set_free_func(ids, NULL);
    g_ptr_array_add(ids, NULL);
    return (char **)g_ptr_array_free(ids, FALSE);
}

static GPtrArray *addresses(const Value *value, const char *charset, guint *group_depth)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);

    const char *line = value->text, *end = value->text ? value->text + value->size : NULL;
    while (line && line <= end) {
        const char *stop = memchr(line, '\n', (gsize)(end - line));
        stop = stop ? stop : end;
        guint depth = mime_address_parse(line, (gsize)(stop - line), charset, list, NULL);
        *group_depth = MAX(*group_depth, depth);
        line = stop + 1;
    }
    return list;
}

MimeEnvelope *mime_envelope_parse(const char *header, gsize size)
{
    Value values[FIELDS] = {0};
    MimeEnvelope *envelope = g_new0(MimeEnvelope, 1);

    collect(header, size, values);
    const Value *subject = &values[FIELD_SUBJECT];
    const char *type = values[FIELD_CONTENT_TYPE].text;
    g_autofree char *charset = type ? mime_param_get(type, "charset", FALSE) : NULL;

    envelope->from = addresses(&values[FIELD_FROM], charset, &envelope->group_depth);
    envelope->to = addresses(&values[FIELD_TO], charset, &envelope->group_depth);
    envelope->cc = addresses(&values[FIELD_CC], charset, &envelope->group_depth);
    envelope->reply_to = addresses(&values[FIELD_REPLY_TO], charset, &envelope->group_depth);
    envelope->subject = subject->text
                            ? mime_word_decode(subject->text, subject->size, charset, LIMIT_SUBJECT_BYTES)
                            : g_strdup("");
    envelope->message_id = values[FIELD_MESSAGE_ID].text ? bracketed(&values[FIELD_MESSAGE_ID]) : NULL;
    envelope->list_id = values[FIELD_LIST_ID].text ? bracketed(&values[FIELD_LIST_ID]) : NULL;
    envelope->references = references(values);
    if (values[FIELD_DATE].text)
        envelope->has_date =
            date_parse_rfc5322(values[FIELD_DATE].text, &envelope->date_s, &envelope->date_offset_min);

    for (guint i = 0; i < FIELDS; i++)
        g_free(values[i].text);
    return envelope;
}

void mime_envelope_free(MimeEnvelope *envelope)
{
    if (!envelope)
        return;
    g_ptr_array_unref(envelope->from);
    g_ptr_array_unref(envelope->to);
    g_ptr_array_unref(envelope->cc);
    g_ptr_array_unref(envelope->reply_to);
    g_free(envelope->subject);
    g_free(envelope->message_id);
    g_strfreev(envelope->references);
    g_free(envelope->list_id);
    g_free(envelope);
}
