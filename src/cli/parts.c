/* parts.c - tern attachments, tern links. */
#include "base/i18n.h"
#include "cli/commands.h"
#include "cli/opened.h"
#include "cli/options.h"
#include "cli/output.h"

static void print_attachment(const CliOpened *opened, const MimePart *part)
{
    g_autofree char *size = cli_size((int64_t)part->size_bytes);

    if (opened->context->json) {
        g_auto(CliJson) json = {0};
        cli_json_part(&json, NULL, part);
        cli_json_print(&json);
    } else {
        g_autofree char *name = cli_one_line(part->filename ? part->filename : "");
        cli_print("%-6s %9s  %-28s %s\n", part->number, size, part->type, name);
    }
}

static int attachments(const CliOpened *opened, void *data G_GNUC_UNUSED, GError **error)
{
    g_autoptr(MimeMessage) message = mime_message_read(opened->path, error);

    if (!message)
        return CLI_FAILED;
    g_autoptr(GPtrArray) parts = mime_message_attachments(message);
    for (guint i = 0; i < parts->len; i++)
        print_attachment(opened, parts->pdata[i]);
    return CLI_DONE;
}

static void print_link(const CliOpened *opened, guint number, const RenderLink *link)
{
    g_auto(CliJson) json = {0};

    if (!opened->context->json) {
        cli_print("%3u  %s\n     %s\n", number, link->url, link->text);
        return;
    }
    cli_json_begin(&json, NULL);
    cli_json_string(&json, "text", link->text);
    cli_json_string(&json, "url", link->url);
    cli_json_end(&json);
    cli_json_print(&json);
}

static int links(const CliOpened *opened, void *data G_GNUC_UNUSED, GError **error)
{
    RenderOptions options = cli_render_options(opened, FALSE);
    g_autoptr(MimeMessage) message = mime_message_read(opened->path, error);

    if (!message)
        return CLI_FAILED;
    g_autoptr(RenderDocument) document = render_message(message, &options);
    const GPtrArray *all = render_document_links(document);
    for (guint i = 0; i < all->len; i++)
        print_link(opened, i + 1, all->pdata[i]);
    return CLI_DONE;
}

int cli_command_attachments(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 1, 1);

    return words ? cli_with_message(context, words[0], attachments, NULL) : CLI_USAGE;
}

int cli_command_links(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    g_autofree char **words = cli_arguments(context, NULL, argv, 1, 1);

    return words ? cli_with_message(context, words[0], links, NULL) : CLI_USAGE;
}
