/* show.c - tern show: a message as the pager shows it, or one side of it. */
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/opened.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/save.h"
#include "cli/show_json.h"

#include <stdio.h>
#include <string.h>

/* What of the message is asked for. */
typedef struct {
    gboolean raw, headers, text, html;
    char *part, *save;
} Show;

static int show_raw(const CliOpened *opened, GError **error)
{
    gsize size = 0;
    g_autofree char *bytes = file_read(opened->path, LIMIT_MESSAGE_BYTES, &size, error);

    if (!bytes)
        return CLI_FAILED;
    cli_write(bytes, size);
    return CLI_DONE;
}

static int show_headers(const MimeMessage *message)
{
    const GPtrArray *fields = mime_message_fields(message);

    for (guint i = 0; i < fields->len; i++) {
        const MimeField *field = fields->pdata[i];
        g_autofree char *value = cli_one_line(field->value);
        cli_print("%s: %s\n", field->name, value);
    }
    return CLI_DONE;
}

static int show_text(const CliOpened *opened, const MimeMessage *message)
{
    RenderOptions options = cli_render_options(opened, FALSE);
    g_autoptr(RenderDocument) document = render_message(message, &options);
    g_autofree char *text = render_document_text(document);

    cli_print("%s", text);
    return CLI_DONE;
}

static void find_html(const MimePart *part, void *data)
{
    const MimePart **found = data;

    if (!*found && strcmp(part->type, "text/html") == 0)
        *found = part;
}

static int show_html(const MimeMessage *message, GError **error)
{
    const MimePart *html = NULL;
    gboolean is_cut = FALSE;
    gsize size = 0;

    cli_each_part(mime_message_root(message), find_html, &html);
    if (!html) {
        tern_error_set(error, TERN_ERROR_INPUT, _("this message has no HTML"));
        return CLI_FAILED;
    }
    g_autofree char *text = mime_part_text(message, html, NULL, &size, &is_cut);
    cli_write(text, size);
    if (is_cut)
        cli_note(_("the rest is left out; --part %s gives all of it"), html->number);
    return CLI_DONE;
}

static const MimePart *find_part(const MimeMessage *message, const char *number, GError **error)
{
    const MimePart *part = mime_message_part(message, number);

    if (part && !g_str_has_prefix(part->type, "multipart/"))
        return part;
    tern_error_set(error, TERN_ERROR_INPUT,
                   part ? _("this part only holds other parts; tern show ID --json lists them")
                        : _("this message has no such part; tern show ID --json lists them"));
    return NULL;
}

static gboolean write_part(const char *bytes, gsize size, G_GNUC_UNUSED void *data)
{
    cli_write(bytes, size);
    return cli_is_read();
}

static int show_part(const MimeMessage *message, const char *number, GError **error)
{
    const MimePart *part = find_part(message, number, error);
    gsize size = 0;

    if (!part)
        return CLI_FAILED;
    if (!cli_is_terminal()) {
        mime_part_decode(message, part, write_part, NULL); /* what fails is told at the end */
        return CLI_DONE;
    }
    if (!g_str_has_prefix(part->type, "text/")) {
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("part %s is %s, nothing for a terminal; send it to a file, or use --save DIR"),
                       number, part->type);
        return CLI_FAILED;
    }
    g_autofree char *text = mime_part_text(message, part, NULL, &size, NULL);
    cli_write(text, size);
    return CLI_DONE;
}

static gboolean save_one(const CliOpened *opened, const MimeMessage *message, const MimePart *part,
                         const char *folder, GError **error)
{
    g_autofree char *path = cli_save_part(message, part, folder, error);
    g_auto(CliJson) json = {0};

    if (!path)
        return FALSE;
    if (!opened->context->json) {
        cli_print("%s\n", path);
        return TRUE;
    }
    cli_json_begin(&json, NULL);
    cli_json_string(&json, "part", part->number);
    cli_json_string(&json, "file", path);
    cli_json_end(&json);
    cli_json_print(&json);
    return TRUE;
}

/* The part that is named, else all attachments. */
static int save(const CliOpened *opened, const MimeMessage *message, const Show *show, GError **error)
{
    g_autoptr(GPtrArray) parts = show->part ? g_ptr_array_new() : mime_message_attachments(message);

    if (show->part) {
        const MimePart *part = find_part(message, show->part, error);
        if (!part)
            return CLI_FAILED;
        g_ptr_array_add(parts, (void *)part);
    }
    if (!file_make_folder(show->save, error))
        return CLI_FAILED;
    for (guint i = 0; i < parts->len; i++)
        if (!save_one(opened, message, parts->pdata[i], show->save, error))
            return CLI_FAILED;
    if (!parts->len)
        cli_note(_("this message has no attachments"));
    return CLI_DONE;
}

static int show_all(const CliOpened *opened, const MimeMessage *message)
{
    RenderOptions options = cli_render_options(opened, TRUE);
    g_autoptr(RenderDocument) document = render_message(message, &options);

    for (guint i = 0; i < render_document_lines(document); i++)
        cli_print("%s\n", render_document_line(document, i)->text);
    return CLI_DONE;
}

static int show_opened(const CliOpened *opened, void *data, GError **error)
{
    const Show *show = data;
    gboolean json = opened->context->json;

    if (show->raw && !json)
        return show_raw(opened, error);
    g_autoptr(MimeMessage) message = mime_message_read(opened->path, error);
    if (!message)
        return CLI_FAILED;
    if (show->save)
        return save(opened, message, show, error);
    if (json) {
        cli_show_json(opened, message);
        return CLI_DONE;
    }
    if (show->headers)
        return show_headers(message);
    if (show->text)
        return show_text(opened, message);
    if (show->html)
        return show_html(message, error);
    return show->part ? show_part(message, show->part, error) : show_all(opened, message);
}

int cli_command_show(CliContext *context, int argc G_GNUC_UNUSED, char **argv)
{
    Show show = {.raw = FALSE};
    const CliOption options[] = {
        {"raw", '\0', CLI_FLAG, &show.raw},   {"headers", '\0', CLI_FLAG, &show.headers},
        {"text", '\0', CLI_FLAG, &show.text}, {"html", '\0', CLI_FLAG, &show.html},
        {"part", '\0', CLI_TEXT, &show.part}, {"save", '\0', CLI_TEXT, &show.save},
        {NULL, '\0', CLI_FLAG, NULL},
    };
    g_autofree char **words = cli_arguments(context, options, argv, 1, 1);
    int status = CLI_USAGE;

    if (words && show.raw + show.headers + show.text + show.html + (show.part != NULL) > 1)
        status =
            cli_usage(context, argv[0], _("--raw, --headers, --text, --html and --part exclude each other"));
    else if (words)
        status = cli_with_message(context, words[0], show_opened, &show);
    g_free(show.part);
    g_free(show.save);
    return status;
}
