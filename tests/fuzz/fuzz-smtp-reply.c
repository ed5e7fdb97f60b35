/* However the bytes of a server are cut into pieces, the same replies come out, and what is said of them is
 * safe. */
#include "smtp/reply.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *parse(const char *bytes, gsize size, gsize piece)
{
    g_autoptr(SmtpParser) parser = smtp_parser_new();
    GString *out = g_string_new(NULL);

    for (gsize at = 0; at < size;) {
        gboolean is_whole;
        SmtpReply reply;
        gssize used = smtp_parser_feed(parser, bytes + at, MIN(piece, size - at), &reply, &is_whole, NULL);
        if (used < 0) {
            g_string_append(out, "refused");
            break;
        }
        at += (gsize)used;
        if (!is_whole)
            continue;
        g_autofree char *meaning = smtp_reply_meaning(&reply);
        if (!g_utf8_validate(meaning, -1, NULL) || strpbrk(meaning, "\n\r\x1b") || reply.code < 200 ||
            reply.code > 599)
            g_error("not safe: %u %s", reply.code, meaning);
        g_string_append_printf(out, "%u %s %s\n", reply.code, reply.status, reply.text);
    }
    return g_string_free(out, FALSE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *bytes = (const char *)data + 1;
    g_autofree char *whole = parse(bytes, size - 1, size);
    g_autofree char *single = parse(bytes, size - 1, 1);
    g_autofree char *pieces = parse(bytes, size - 1, (gsize)data[0] % 31 + 2);

    if (strcmp(whole, single) != 0 || strcmp(whole, pieces) != 0)
        g_error("not the same: %s / %s / %s", whole, single, pieces);
    return 0;
}
