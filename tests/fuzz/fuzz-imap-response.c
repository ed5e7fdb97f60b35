/* Any bytes of a server, parsed and read as every kind of response that there is: nothing crashes, and what
 * is told is within what the RFC allows. */
#include "imap/response.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_fetch(const ImapTree *tree, const ImapResponse *response, GPtrArray *flags)
{
    ImapFetchLine line;

    if (!imap_response_fetch(tree, response, flags, &line, NULL))
        return;
    const ImapFetched *message = &line.message;
    if (message->seq == 0 || message->size_bytes < 0 || message->attachments < 0 || line.body >= tree->n)
        g_error("seq %u, size %" G_GINT64_FORMAT ", attachments %d, body %u of %u", message->seq,
                message->size_bytes, message->attachments, line.body, tree->n);
    if (message->header)
        g_free(g_memdup2(message->header, message->header_bytes)); /* all of it is there */
    g_free(g_strjoinv(" ", (char **)message->flags));
    g_free(g_strjoinv(" ", (char **)message->labels));
}

static void try_folder(const ImapTree *tree, const ImapResponse *response)
{
    ImapListed listed;
    ImapFolder folder = {0};
    const char *name;

    if (imap_response_list(tree, response, &listed, NULL) && (guchar)listed.delimiter >= 0x80)
        g_error("delimiter %d", listed.delimiter);
    if (imap_response_status(tree, response, &name, &folder, NULL) && !folder.has_status)
        g_error("status of %s without a status", name);
}

static void try_code(const char *code)
{
    g_autofree char *name = imap_code_name(code);
    uint64_t number;

    if (name && !imap_code_is(code, name))
        g_error("%s is not %s", code, name);
    if (imap_code_number(code, "UIDNEXT", UINT32_MAX, &number) && number > UINT32_MAX)
        g_error("%s is too large", code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(ImapParser) parser = imap_parser_new();
    g_autoptr(GPtrArray) flags = g_ptr_array_new();
    ImapTree tree;
    ImapResponse response;
    gsize used;

    while (size > 0) {
        ImapParse parse = imap_parser_feed(parser, (const char *)data, size, &used, &tree, NULL);
        data += used;
        size -= used;
        if (parse == IMAP_PARSE_SKIPPED)
            continue;
        if (parse != IMAP_PARSE_DONE)
            return 0;
        if (!imap_response_read(&tree, &response, NULL))
            continue;
        try_code(response.code);
        if (response.kind == IMAP_FETCH)
            try_fetch(&tree, &response, flags);
        else
            try_folder(&tree, &response);
    }
    return 0;
}
