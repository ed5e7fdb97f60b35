/*
 * dump-mime.c - what src/mime makes of message files, for tests that compare it with another reader.
 *
 * Paths on standard input, one a line; for each a JSON object a line on standard output. With --bench N
 * instead: the envelope of each is parsed N times, and the rate is printed.
 */
#include "base/file.h"
#include "base/limits.h"
#include "mime/decode.h"
#include "mime/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void put_string(GString *out, const char *text)
{
    if (!text) {
        g_string_append(out, "null");
        return;
    }
    g_string_append_c(out, '"');
    for (; *text; text++) {
        if ((guchar)*text < ' ' || *text == '"' || *text == '\\' || *text == 0x7f)
            g_string_append_printf(out, "\\u%04x", (guchar)*text);
        else
            g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

static void put_addresses(GString *out, const char *name, const GPtrArray *list)
{
    g_string_append_printf(out, ",\"%s\":[", name);
    for (guint i = 0; i < list->len; i++) {
        const MimeAddress *address = list->pdata[i];
        g_string_append(out, i ? ",[" : "[");
        put_string(out, address->name);
        g_string_append_c(out, ',');
        put_string(out, address->address);
        g_string_append_c(out, ']');
    }
    g_string_append_c(out, ']');
}

static void put_envelope(GString *out, const MimeEnvelope *envelope)
{
    g_string_append(out, "\"subject\":");
    put_string(out, envelope->subject);
    g_string_append(out, ",\"message_id\":");
    put_string(out, envelope->message_id);
    g_string_append(out, ",\"list_id\":");
    put_string(out, envelope->list_id);
    put_addresses(out, "from", envelope->from);
    put_addresses(out, "to", envelope->to);
    put_addresses(out, "cc", envelope->cc);
    if (envelope->has_date)
        g_string_append_printf(out, ",\"date\":%" PRId64 ",\"offset\":%d", envelope->date_s,
                               envelope->date_offset_min);
    g_string_append(out, ",\"references\":[");
    for (guint i = 0; envelope->references[i]; i++) {
        g_string_append(out, i ? "," : "");
        put_string(out, envelope->references[i]);
    }
    g_string_append_c(out, ']');
}

static gboolean add_checksum(const char *bytes, gsize size, void *data)
{
    g_checksum_update(data, (const guchar *)bytes, (gssize)size);
    return TRUE;
}

static void put_part(GString *out, const MimeMessage *message, const MimePart *part)
{
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);

    mime_part_decode(message, part, add_checksum, checksum);
    g_string_append(out, "{\"part\":");
    put_string(out, part->number);
    g_string_append(out, ",\"type\":");
    put_string(out, part->type);
    g_string_append(out, ",\"filename\":");
    put_string(out, part->filename);
    g_string_append(out, ",\"text\":");
    if (!part->children && g_str_has_prefix(part->type, "text/")) {
        g_autofree char *text = mime_part_text(message, part, NULL, NULL, NULL);
        put_string(out, text);
    } else {
        put_string(out, NULL);
    }
    g_string_append_printf(out, ",\"is_leaf\":%s,\"size\":%zu,\"sha256\":\"%s\"}",
                           part->children ? "false" : "true", part->size_bytes,
                           g_checksum_get_string(checksum));
    g_checksum_free(checksum);
}

static void put_numbers(GString *out, const char *name, GPtrArray *parts)
{
    g_string_append_printf(out, ",\"%s\":[", name);
    for (guint i = 0; i < parts->len; i++) {
        g_string_append(out, i ? "," : "");
        put_string(out, ((const MimePart *)parts->pdata[i])->number);
    }
    g_string_append_c(out, ']');
    g_ptr_array_unref(parts);
}

static void dump(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MimeMessage) message = mime_message_read(path, &error);
    g_autoptr(GString) out = g_string_new("{");

    if (!message) {
        fprintf(stderr, "%s\n", error->message);
        exit(1);
    }
    g_autoptr(GPtrArray) parts = mime_message_parts(message);
    put_envelope(out, mime_message_envelope(message));
    g_string_append(out, ",\"problem\":");
    put_string(out, mime_message_problem(message));
    g_string_append(out, ",\"parts\":[");
    for (guint i = 0; i < parts->len; i++) {
        g_string_append(out, i ? "," : "");
        put_part(out, message, parts->pdata[i]);
    }
    g_string_append_c(out, ']');
    put_numbers(out, "attachments", mime_message_attachments(message));
    put_numbers(out, "body", mime_message_body_parts(message, FALSE));
    printf("%s}\n", out->str);
}

typedef struct {
    char *bytes;
    gsize size;
} File;

static void bench(GPtrArray *paths, int rounds)
{
    g_autofree File *files = g_new0(File, paths->len);
    for (guint i = 0; i < paths->len; i++) {
        files[i].bytes = file_read(paths->pdata[i], LIMIT_MESSAGE_BYTES, &files[i].size, NULL);
        char *body = files[i].bytes ? strstr(files[i].bytes, "\n\n") : NULL;
        files[i].size = body ? (gsize)(body - files[i].bytes) : files[i].size;
    }
    clock_t start = clock(); /* of this process: the machine may be busy */
    for (int round = 0; round < rounds; round++)
        for (guint i = 0; i < paths->len; i++)
            mime_envelope_free(mime_envelope_parse(files[i].bytes, files[i].size));
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("{\"envelopes_per_s\":%.0f}\n", rounds * paths->len / seconds);
    for (guint i = 0; i < paths->len; i++)
        g_free(files[i].bytes);
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0)
        g_ptr_array_add(paths, g_strdup(g_strchomp(line)));
    if (argc == 3 && strcmp(argv[1], "--bench") == 0) {
        bench(paths, atoi(argv[2]));
        return 0;
    }
    for (guint i = 0; i < paths->len; i++)
        dump(paths->pdata[i]);
    return 0;
}
