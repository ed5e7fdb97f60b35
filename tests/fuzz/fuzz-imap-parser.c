/* However the bytes of a server are cut into pieces, the same responses come out; and what is allocated stays
 * in proportion to what arrived. */
#include "imap/parser.h"
#include "tests/unit/imap-dump.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean sink_wants(const ImapTree *so_far, uint64_t size_bytes, void *data)
{
    (void)size_bytes;
    (void)data;
    return imap_tree_is(so_far, so_far->n - 1, "BODY[]");
}

static void sink_take(const char *bytes, gsize size, void *data)
{
    dump_bytes(data, bytes, size);
}

/* All responses of `bytes` fed `piece` at a time. */
static char *parse(const char *bytes, gsize size, gsize piece)
{
    g_autoptr(ImapParser) parser = imap_parser_new();
    g_autoptr(GString) sunk = g_string_new(NULL);
    GString *out = g_string_new(NULL);
    gsize fresh = imap_parser_memory_bytes(parser);

    imap_parser_set_sink(parser, &(ImapSink){sink_wants, sink_take, sunk});
    for (gsize at = 0; at < size;) {
        gsize used;
        ImapTree tree;
        ImapParse result = imap_parser_feed(parser, bytes + at, MIN(piece, size - at), &used, &tree, NULL);

        at += used;
        if (imap_parser_memory_bytes(parser) > fresh + 4096 + at * 64)
            g_error("%zu bytes allocated for %zu", imap_parser_memory_bytes(parser), at);
        if (result == IMAP_PARSE_FAILED) {
            g_string_append(out, "refused");
            break;
        }
        if (result == IMAP_PARSE_SKIPPED)
            g_string_append(out, "skipped\n");
        if (result == IMAP_PARSE_DONE) {
            dump_tree(&tree, out);
            g_string_append_c(out, '\n');
        }
    }
    g_string_append_printf(out, "|%s", sunk->str);
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
