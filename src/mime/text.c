/* text.c - the text of a part: see mime_part_text() in message.h. */
#include "mime/message.h"

#include "base/charset.h"
#include "base/limits.h"
#include "mime/decode.h"

#include <string.h>

/* As far into HTML as browsers look for a charset, and some: mailers put comments before it. */
#define META_BYTES 4096

typedef struct {
    GByteArray *bytes;
    gboolean is_cut;
} Collected;

static gboolean collect(const char *bytes, gsize size, void *data)
{
    Collected *to = data;
    gsize room = LIMIT_MIME_TEXT_BYTES - to->bytes->len;

    to->is_cut = size > room;
    g_byte_array_append(to->bytes, (const guint8 *)bytes, (guint)MIN(size, room));
    return !to->is_cut;
}

/* Where `word` (lower case) begins in p, in any case, or NULL. */
static const char *find(const char *p, const char *end, const char *word)
{
    gsize length = strlen(word);

    for (; (gsize)(end - p) >= length; p++)
        if (g_ascii_strncasecmp(p, word, length) == 0)
            return p;
    return NULL;
}

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && g_ascii_isspace(*p))
        p++;
    return p;
}

/* <meta charset=…> or <meta … content="text/html; charset=…">; NULL: none. To be freed. */
static char *meta_charset(const GByteArray *bytes)
{
    const char *p = bytes->len ? (const char *)bytes->data : "", *end = p + MIN(bytes->len, META_BYTES);

    for (p = find(p, end, "<meta"); p; p = find(p, end, "<meta")) {
        const char *close = memchr(p, '>', (gsize)(end - p));
        const char *stop = close ? close : end;
        const char *name = find(p, stop, "charset");
        p = stop;
        if (!name)
            continue;
        name = skip_space(name + strlen("charset"), stop);
        if (name == stop || *name != '=')
            continue;
        name = skip_space(name + 1, stop);
        if (name < stop && (*name == '"' || *name == '\''))
            name++;
        const char *name_end = name;
        while (name_end < stop && (g_ascii_isalnum(*name_end) || (*name_end && strchr("-_.:+", *name_end))))
            name_end++;
        if (name_end == name)
            continue;
        /* What could be read as ASCII so far is no UTF-16. */
        return g_ascii_strncasecmp(name, "utf-16", 6) == 0 ? g_strdup("utf-8")
                                                           : g_strndup(name, (gsize)(name_end - name));
    }
    return NULL;
}

/* What the sender declared, unless that says nothing and the HTML says more. To be freed; NULL: unknown. */
static char *choose_charset(const MimePart *part, const GByteArray *bytes)
{
    gboolean is_good = part->charset && charset_is_known(part->charset) &&
                       g_ascii_strcasecmp(part->charset, "us-ascii") != 0;

    if (!is_good && strcmp(part->type, "text/html") == 0) {
        g_autofree char *meta = meta_charset(bytes);
        if (meta && charset_is_known(meta))
            return g_steal_pointer(&meta);
    }
    return g_strdup(part->charset);
}

/* CR LF, and the CR CR LF of broken gateways, become LF. */
static gsize unify_line_ends(char *text, gsize size)
{
    const char *cr = memchr(text, '\r', size);
    if (!cr)
        return size;

    const char *from = cr, *end = text + size;
    char *to = text + (cr - text);
    while (from < end) {
        const char *p = from;
        while (p < end && *p == '\r')
            p++;
        if (p < end && *p == '\n')
            from = p;
        else
            for (; from < p; from++)
                *to++ = '\r';
        if (from < end)
            *to++ = *from++;
    }
    *to = '\0';
    return (gsize)(to - text);
}

char *mime_part_text(const MimeMessage *message, const MimePart *part, const char *charset, gsize *size_out,
                     gboolean *cut_out)
{
    Collected collected = {g_byte_array_new(), FALSE};
    gsize size = 0;

    mime_part_decode(message, part, collect, &collected);
    g_autofree char *chosen = charset ? g_strdup(charset) : choose_charset(part, collected.bytes);
    const char *bytes = collected.bytes->len ? (const char *)collected.bytes->data : "";
    char *text = charset_to_utf8(bytes, collected.bytes->len, chosen, LIMIT_MIME_TEXT_BYTES, &size);
    if (cut_out) /* the conversion cuts at a character */
        *cut_out = collected.is_cut || size > LIMIT_MIME_TEXT_BYTES - 4;
    size = unify_line_ends(text, size);
    if (size_out)
        *size_out = size;
    g_byte_array_free(collected.bytes, TRUE);
    return text;
}
