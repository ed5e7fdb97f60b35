/* describe.c - see describe.h. */
#include "mime/describe.h"

#include "base/limits.h"
#include "mime/field.h"
#include "mime/param.h"
#include "mime/word.h"

#include <string.h>

typedef enum {
    FIELD_TYPE,
    FIELD_DISPOSITION,
    FIELD_ENCODING,
    FIELD_ID,
    FIELD_DESCRIPTION,
    FIELDS
} FieldIndex;

static const char *const FIELD_NAMES[FIELDS] = {
    [FIELD_TYPE] = "Content-Type",
    [FIELD_DISPOSITION] = "Content-Disposition",
    [FIELD_ENCODING] = "Content-Transfer-Encoding",
    [FIELD_ID] = "Content-ID",
    [FIELD_DESCRIPTION] = "Content-Description",
};

static const struct {
    const char *name;
    GMimeContentEncoding encoding;
} ENCODINGS[] = {
    {"base64", GMIME_CONTENT_ENCODING_BASE64},
    {"quoted-printable", GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE},
    {"x-uuencode", GMIME_CONTENT_ENCODING_UUENCODE},
    {"uuencode", GMIME_CONTENT_ENCODING_UUENCODE},
    {"x-uue", GMIME_CONTENT_ENCODING_UUENCODE},
    {"7bit", GMIME_CONTENT_ENCODING_7BIT},
    {"8bit", GMIME_CONTENT_ENCODING_8BIT},
    {"binary", GMIME_CONTENT_ENCODING_BINARY},
};

/* Messages that are opened up; other kinds of message/ are leaves. */
static const char *const MESSAGE_TYPES[] = {"message/rfc822", "message/rfc2822", "message/global",
                                            "message/news", NULL};

/* Copies into the chunk; NULL stays NULL. */
static const char *keep(GStringChunk *strings, const char *text)
{
    return text ? g_string_chunk_insert(strings, text) : NULL;
}

static GMimeContentEncoding encoding_of(const char *value)
{
    g_autofree char *name = value ? mime_param_main(value) : NULL;

    for (guint i = 0; name && i < G_N_ELEMENTS(ENCODINGS); i++)
        if (strcmp(name, ENCODINGS[i].name) == 0)
            return ENCODINGS[i].encoding;
    return GMIME_CONTENT_ENCODING_DEFAULT;
}

static gboolean is_token(const char *p)
{
    if (!*p)
        return FALSE;
    for (; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || strchr("()<>@,;:\\\"/[]?=", *p))
            return FALSE;
    return TRUE;
}

/* What a part without a readable type is: text where it has none, bytes where it is nonsense. */
static char *type_of(const MimeNode *node, const char *value)
{
    const char *parent = node->parent ? node->parent->part.type : "";

    if (!value)
        return g_strdup(strcmp(parent, "multipart/digest") == 0 ? "message/rfc822" : "text/plain");
    g_autofree char *type = mime_param_main(value);
    char *slash = strchr(type, '/');
    if (!slash)
        return g_strdup(strcmp(type, "text") == 0 || !*type ? "text/plain" : "application/octet-stream");
    *slash = '\0';
    gboolean is_good = is_token(type) && is_token(slash + 1);
    *slash = '/';
    return is_good ? g_steal_pointer(&type) : g_strdup("application/octet-stream");
}

static char *without_brackets(char *text)
{
    g_strstrip(text);
    gsize length = strlen(text);
    if (length >= 2 && text[0] == '<' && text[length - 1] == '>') {
        memmove(text, text + 1, length - 2);
        text[length - 2] = '\0';
    }
    return text;
}

static void read_type(MimeNode *node, const char *value, GStringChunk *strings)
{
    MimePart *part = &node->part;
    g_autofree char *type = type_of(node, value);

    part->type = keep(strings, type);
    if (!value)
        value = "";
    g_autofree char *charset = mime_param_get(value, "charset", FALSE);
    part->charset = keep(strings, charset);
    if (g_str_has_prefix(type, "multipart/")) {
        node->boundary = mime_param_get(value, "boundary", FALSE);
        node->boundary_bytes = node->boundary ? strlen(g_strchomp(node->boundary)) : 0;
        node->is_multipart = node->boundary_bytes > 0;
        if (!node->is_multipart)
            part->type = "text/plain"; /* cannot be taken apart: shown as it is */
        g_autofree char *start = mime_param_get(value, "start", FALSE);
        node->start = start ? keep(strings, without_brackets(start)) : NULL;
    } else if (strcmp(type, "text/plain") == 0) {
        g_autofree char *format = mime_param_get(value, "format", FALSE);
        g_autofree char *delsp = mime_param_get(value, "delsp", FALSE);
        part->is_flowed = format && g_ascii_strcasecmp(format, "flowed") == 0;
        part->is_delsp = part->is_flowed && delsp && g_ascii_strcasecmp(delsp, "yes") == 0;
    }
}

/* RFC 2183 2.8: an unknown disposition is an attachment. */
static void read_disposition(MimeNode *node, const char *value)
{
    g_autofree char *kind = value ? mime_param_main(value) : NULL;

    if (!kind || !*kind)
        node->part.disposition = MIME_NO_DISPOSITION;
    else
        node->part.disposition = strcmp(kind, "inline") == 0 ? MIME_INLINE : MIME_ATTACHMENT;
}

static void read_filename(MimeNode *node, const char *disposition, const char *type, GStringChunk *strings)
{
    g_autofree char *name = disposition ? mime_param_get(disposition, "filename", TRUE) : NULL;

    if (!name && type)
        name = mime_param_get(type, "name", TRUE);
    node->part.filename = keep(strings, name);
}

static void collect(const MimeNode *node, const char *bytes, char **values)
{
    const char *cursor = bytes + node->header, *end = bytes + node->body;
    MimeRawField field;

    while (mime_field_next(&cursor, end, &field))
        for (guint i = 0; i < FIELDS; i++)
            if (!values[i] && mime_field_is(&field, FIELD_NAMES[i]))
                values[i] = mime_field_unfold(&field, NULL);
}

void mime_describe(MimeNode *node, const char *bytes, GStringChunk *strings)
{
    char *values[FIELDS] = {NULL};

    collect(node, bytes, values);
    node->encoding = encoding_of(values[FIELD_ENCODING]);
    read_type(node, values[FIELD_TYPE], strings);
    read_disposition(node, values[FIELD_DISPOSITION]);
    read_filename(node, values[FIELD_DISPOSITION], values[FIELD_TYPE], strings);
    if (values[FIELD_ID])
        node->part.content_id = keep(strings, without_brackets(values[FIELD_ID]));
    if (node->part.content_id && !*node->part.content_id)
        node->part.content_id = NULL;
    if (values[FIELD_DESCRIPTION]) {
        g_autofree char *text = mime_word_decode(values[FIELD_DESCRIPTION], strlen(values[FIELD_DESCRIPTION]),
                                                 node->part.charset, LIMIT_SUBJECT_BYTES);
        node->part.description = keep(strings, text);
    }
    gboolean is_plain = node->encoding < GMIME_CONTENT_ENCODING_BASE64;
    node->is_message = is_plain && g_strv_contains(MESSAGE_TYPES, node->part.type);
    for (guint i = 0; i < FIELDS; i++)
        g_free(values[i]);
}
