/* show_json.c - see show_json.h. */
#include "cli/show_json.h"

#include "base/i18n.h"
#include "cli/message_json.h"

#include <string.h>

static void add_fields(CliJson *json, const MimeMessage *message)
{
    const GPtrArray *fields = mime_message_fields(message);

    cli_json_begin_array(json, "headers");
    for (guint i = 0; i < fields->len; i++) {
        const MimeField *field = fields->pdata[i];
        cli_json_begin(json, NULL);
        cli_json_string(json, "name", field->name);
        cli_json_string(json, "value", field->value);
        cli_json_end(json);
    }
    cli_json_end(json);
}

static void add_part(const MimePart *part, void *data)
{
    cli_json_part(data, NULL, part);
}

static void add_links(CliJson *json, const RenderDocument *document)
{
    const GPtrArray *links = render_document_links(document);

    cli_json_begin_array(json, "links");
    for (guint i = 0; i < links->len; i++) {
        const RenderLink *link = links->pdata[i];
        cli_json_begin(json, NULL);
        cli_json_string(json, "text", link->text);
        cli_json_string(json, "url", link->url);
        cli_json_end(json);
    }
    cli_json_end(json);
}

/* How the message is protected, by its structure: the types of its parts. */
typedef struct {
    gboolean is_encrypted, is_signed;
} Protection;

static void look_at(const MimePart *part, const char *content_type, Protection *found)
{
    if (strcmp(part->type, "multipart/encrypted") == 0)
        found->is_encrypted = TRUE;
    if (strcmp(part->type, "multipart/signed") == 0)
        found->is_signed = TRUE;
    if (strcmp(part->type, "application/pkcs7-mime") == 0 ||
        strcmp(part->type, "application/x-pkcs7-mime") == 0) {
        gboolean is_signed = content_type && strstr(content_type, "signed-data");
        found->is_signed |= is_signed;
        found->is_encrypted |= !is_signed;
    }
    for (const MimePart *const *child = part->children; child && *child; child++)
        look_at(*child, NULL, found);
}

static void add_security(CliJson *json, const MimeMessage *message)
{
    const char *value = mime_message_field(message, "Content-Type");
    g_autofree char *content_type = value ? g_ascii_strdown(value, -1) : NULL;
    Protection found = {FALSE, FALSE};

    look_at(mime_message_root(message), content_type, &found);
    cli_json_begin(json, "security");
    cli_json_bool(json, "encrypted", found.is_encrypted);
    cli_json_string(json, "signature", found.is_signed ? "error" : "none");
    cli_json_begin_array(json, "signers");
    cli_json_end(json);
    if (found.is_signed)
        cli_json_string(json, "note", _("the signature was not checked: this tern cannot check signatures"));
    cli_json_end(json);
}

void cli_show_json(const CliOpened *opened, const MimeMessage *message)
{
    RenderOptions options = cli_render_options(opened, FALSE);
    g_autoptr(RenderDocument) document = render_message(message, &options);
    g_autofree char *text = render_document_text(document);
    g_auto(CliJson) json = {0};

    cli_json_begin(&json, NULL);
    cli_json_message(&json, opened->row);
    add_fields(&json, message);
    cli_json_begin_array(&json, "parts");
    cli_each_part(mime_message_root(message), add_part, &json);
    cli_json_end(&json);
    cli_json_string(&json, "text", text);
    add_links(&json, document);
    add_security(&json, message);
    cli_json_end(&json);
    cli_json_print(&json);
}
