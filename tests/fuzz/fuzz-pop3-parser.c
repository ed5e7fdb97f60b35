/* However the bytes of a server are cut into pieces, the same comes out: answers of all shapes, lines of
 * lists, and the hash of a header. The first byte chooses the shapes, the second the pieces. */
#include "pop3/headers.h"
#include "pop3/syntax.h"
#include "tests/unit/pop3-dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(char *one, char *other)
{
    if (g_strcmp0(one, other) != 0)
        g_error("not the same: %s / %s", one, other);
    g_free(one);
    g_free(other);
}

static guint64 hash(const char *bytes, gsize size, gsize piece)
{
    g_autoptr(Pop3Headers) headers = pop3_headers_new();

    pop3_headers_begin(headers);
    for (gsize at = 0; at < size; at += piece)
        pop3_headers_take(headers, bytes + at, MIN(piece, size - at));
    return pop3_headers_end(headers);
}

static void read_lines(const char *bytes, gsize size)
{
    g_autofree char *text = g_strndup(bytes, size);
    const char *uidl, *after;
    gsize uidl_bytes;
    uint64_t first, second;

    g_free(pop3_read_timestamp(text));
    g_free(pop3_read_code(text, &after));
    if (after < text || after > text + strlen(text))
        g_error("beyond the text");
    pop3_read_capability(text, &after);
    if (pop3_read_expire(after) < POP3_EXPIRE_UNKNOWN || pop3_read_login_delay(after) < 0)
        g_error("no number");
    if (pop3_read_numbers(bytes, size, &first, &second) && (first > INT64_MAX || second > INT64_MAX))
        g_error("too large");
    if (pop3_read_uidl(bytes, size, &first, &uidl, &uidl_bytes) &&
        (uidl < bytes || uidl + uidl_bytes > bytes + size))
        g_error("beyond the line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const SHAPES[] = {"l", "s", "b", "lslb"};

    if (size < 2)
        return 0;
    const char *shapes = SHAPES[data[0] % G_N_ELEMENTS(SHAPES)], *bytes = (const char *)data + 2;
    const gsize n = size - 2, piece = data[1] % 31 + 2;

    same(dump_all(shapes, 4096, bytes, n, 0, n ? n : 1, NULL), dump_all(shapes, 4096, bytes, n, 0, 1, NULL));
    same(dump_all(shapes, 4096, bytes, n, 0, 1, NULL),
         dump_all(shapes, 4096, bytes, n, MIN(piece, n), piece, NULL));
    if (hash(bytes, n, n ? n : 1) != hash(bytes, n, piece))
        g_error("two hashes of one header");
    read_lines(bytes, n);
    return 0;
}
