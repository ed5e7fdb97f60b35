/* message.c - see message.h. The choice of parts is in body.c. */
#include "mime/message.h"

#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "mime/decode.h"
#include "mime/field.h"
#include "mime/structure.h"
#include "mime/word.h"

#include <string.h>

struct MimeMessage {
    char *bytes;
    gsize size;
    MimeStructure structure;
    MimeEnvelope *envelope;
    GPtrArray *fields;
};

typedef struct {
    int fd;
    GError **error;
} Output;

static const char GROUPS_TOO_DEEP[] = N_("its address groups are nested too deeply");

static void field_free(MimeField *field)
{
    g_free(field->name);
    g_free(field->value);
    g_free(field);
}

static const MimeNode *root_node(const MimeMessage *message)
{
    return message->structure.nodes->pdata[0];
}

/* Of a message over the caps the header goes only as far as they do. */
static gsize header_bytes(const MimeMessage *message)
{
    return message->structure.problem ? MIN(message->size, LIMIT_MIME_HEADER_BYTES)
                                      : root_node(message)->body;
}

static void read_fields(MimeMessage *message)
{
    const char *cursor = message->bytes, *end = message->bytes + header_bytes(message);
    const char *charset = root_node(message)->part.charset;
    MimeRawField raw;

    message->fields = g_ptr_array_new_with_free_func((GDestroyNotify)field_free);
    while (message->fields->len < LIMIT_MIME_HEADER_FIELDS && mime_field_next(&cursor, end, &raw)) {
        MimeField *field = g_new(MimeField, 1);
        gsize size = 0;
        g_autofree char *value = mime_field_unfold(&raw, &size);
        field->name = mime_word_decode(raw.name, raw.name_bytes, NULL, LIMIT_SUBJECT_BYTES);
        field->value = mime_word_decode(value, size, charset, LIMIT_MIME_HEADER_BYTES);
        g_ptr_array_add(message->fields, field);
    }
}

static void measure(MimeMessage *message)
{
    const GPtrArray *nodes = message->structure.nodes;

    for (guint i = 0; i < nodes->len; i++) {
        MimeNode *node = nodes->pdata[i];
        gboolean is_leaf = !node->children;
        node->part.size_bytes =
            is_leaf ? mime_decoded_size(message->bytes + node->body, node->end - node->body, node->encoding)
                    : node->end - node->body;
    }
}

/* Takes `bytes`, which have a NUL after them. */
static MimeMessage *message_new(char *bytes, gsize size)
{
    MimeMessage *message = g_new0(MimeMessage, 1);

    message->bytes = bytes;
    message->size = size;
    mime_structure_scan(&message->structure, bytes, size);
    message->envelope = mime_envelope_parse(bytes, header_bytes(message));
    if (!message->structure.problem && message->envelope->group_depth > LIMIT_MIME_GROUP_DEPTH)
        mime_structure_make_raw(&message->structure, size, GROUPS_TOO_DEEP);
    read_fields(message);
    measure(message);
    return message;
}

MimeMessage *mime_message_read(const char *path, GError **error)
{
    gsize size = 0;
    char *bytes = file_read(path, LIMIT_MESSAGE_BYTES, &size, error);

    return bytes ? message_new(bytes, size) : NULL;
}

MimeMessage *mime_message_parse(const char *bytes, gsize size)
{
    char *copy = g_malloc(size + 1);

    if (size)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    return message_new(copy, size);
}

void mime_message_free(MimeMessage *message)
{
    if (!message)
        return;
    g_ptr_array_unref(message->fields);
    mime_envelope_free(message->envelope);
    mime_structure_clear(&message->structure);
    g_free(message->bytes);
    g_free(message);
}

const MimePart *mime_message_root(const MimeMessage *message)
{
    return &root_node(message)->part;
}

const MimeEnvelope *mime_message_envelope(const MimeMessage *message)
{
    return message->envelope;
}

const char *mime_message_problem(const MimeMessage *message)
{
    return message->structure.problem ? _(message->structure.problem) : NULL;
}

const GPtrArray *mime_message_fields(const MimeMessage *message)
{
    return message->fields;
}

const char *mime_message_field(const MimeMessage *message, const char *name)
{
    for (guint i = 0; i < message->fields->len; i++) {
        const MimeField *field = message->fields->pdata[i];
        if (g_ascii_strcasecmp(field->name, name) == 0)
            return field->value;
    }
    return NULL;
}

char *mime_message_field_all(const MimeMessage *message, const char *name)
{
    GString *all = NULL;

    for (guint i = 0; i < message->fields->len; i++) {
        const MimeField *field = message->fields->pdata[i];
        if (g_ascii_strcasecmp(field->name, name) != 0)
            continue;
        if (all)
            g_string_append_printf(all, ", %s", field->value);
        else
            all = g_string_new(field->value);
    }
    return all ? g_string_free(all, FALSE) : NULL;
}

GPtrArray *mime_message_parts(const MimeMessage *message)
{
    const GPtrArray *nodes = message->structure.nodes;
    GPtrArray *parts = g_ptr_array_new();

    for (guint i = 0; i < nodes->len; i++)
        g_ptr_array_add(parts, nodes->pdata[i]);
    return parts;
}

const MimePart *mime_message_part(const MimeMessage *message, const char *number)
{
    const GPtrArray *nodes = message->structure.nodes;

    for (guint i = 0; *number && i < nodes->len; i++) {
        const MimePart *part = nodes->pdata[i];
        if (strcmp(part->number, number) == 0)
            return part;
    }
    return NULL;
}

MimeEnvelope *mime_part_envelope(const MimeMessage *message, const MimePart *part)
{
    const MimeNode *node = (const MimeNode *)part;

    if (!node->is_message || !node->children)
        return NULL;
    return mime_envelope_parse(message->bytes + node->body, node->end - node->body);
}

static gboolean write_out(const char *bytes, gsize size, void *data)
{
    const Output *output = data;

    return file_write_all(output->fd, bytes, size, output->error);
}

gboolean mime_part_write(const MimeMessage *message, const MimePart *part, int fd, GError **error)
{
    Output output = {fd, error};

    return mime_part_decode(message, part, write_out, &output);
}

gboolean mime_part_decode(const MimeMessage *message, const MimePart *part, MimeSink sink, void *data)
{
    const MimeNode *node = (const MimeNode *)part;
    GMimeContentEncoding encoding = node->children ? GMIME_CONTENT_ENCODING_DEFAULT : node->encoding;

    return mime_decode(message->bytes + node->body, node->end - node->body, encoding, sink, data);
}
