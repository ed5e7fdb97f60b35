/* Folder names: decoding and encoding again gives the same bytes, and what is shown is valid UTF-8. Sets:
 * reading what was written gives the same set. Body structures: any tree is counted without harm. */
#include "imap/bodystructure.h"
#include "imap/uidset.h"
#include "base/utf7.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_name(const char *text)
{
    g_autofree char *shown = utf7_show(text), *name = utf7_decode(text, "");

    if (!g_utf8_validate(shown, -1, NULL))
        g_error("not UTF-8: %s", shown);
    if (name) {
        g_autofree char *raw = utf7_encode(name, "");
        if (strcmp(raw, text) != 0)
            g_error("%s became %s", text, raw);
    }
    if (g_utf8_validate(text, -1, NULL))
        g_free(utf7_encode(text, ""));
}

static void try_set(const char *text)
{
    g_autoptr(ImapUidSet) set = imap_uid_set_parse(text, 1000);
    if (!set)
        return;

    g_autofree char *written = imap_uid_set_text(set);
    g_autoptr(ImapUidSet) again = imap_uid_set_parse(written, 0);
    g_autofree char *twice = again ? imap_uid_set_text(again) : NULL;
    if (!twice || strcmp(written, twice) != 0 || imap_uid_set_count(set) != imap_uid_set_count(again))
        g_error("%s became %s", written, twice);
}

static void try_structure(const char *text)
{
    g_autoptr(ImapParser) parser = imap_parser_new();
    g_autofree char *line = g_strdup_printf("* (%s)\r\n", text);
    ImapTree tree;
    gsize used;

    if (imap_parser_feed(parser, line, strlen(line), &used, &tree, NULL) != IMAP_PARSE_DONE)
        return;
    int count = imap_bodystructure_attachments(&tree, 1);
    if (count < -1 || count > (int)tree.n)
        g_error("%d attachments of %u values", count, tree.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);

    try_name(text);
    try_set(text);
    try_structure(text);
    return 0;
}
