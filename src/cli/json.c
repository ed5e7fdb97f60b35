/* json.c - see json.h. */
#include "cli/json.h"

#include "base/date.h"
#include "base/error.h"
#include "cli/output.h"

void cli_json_clear(CliJson *json)
{
    if (json->text)
        g_string_free(json->text, TRUE);
    if (json->closers)
        g_string_free(json->closers, TRUE);
    *json = (CliJson){0};
}

/* Characters that are shown as they are: everything but controls, formats, line ends and what no font
 * knows. */
static gboolean is_harmless(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
        return FALSE;
    default:
        return TRUE;
    }
}

static void append_escaped(GString *out, gunichar c)
{
    switch (c) {
    case '\n':
        g_string_append(out, "\\n");
        return;
    case '\r':
        g_string_append(out, "\\r");
        return;
    case '\t':
        g_string_append(out, "\\t");
        return;
    default:
        break;
    }
    if (c >= 0x10000)
        g_string_append_printf(out, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
                               0xDC00 + ((c - 0x10000) & 0x3FF));
    else
        g_string_append_printf(out, "\\u%04x", c);
}

static void append_quoted(GString *out, const char *value)
{
    g_autofree char *fixed = g_utf8_validate(value, -1, NULL) ? NULL : g_utf8_make_valid(value, -1);

    g_string_append_c(out, '"');
    for (const char *at = fixed ? fixed : value; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", (char)c);
        else if ((c >= 0x20 && c < 0x7F) || (c >= 0x7F && is_harmless(c)))
            g_string_append_unichar(out, c);
        else
            append_escaped(out, c);
    }
    g_string_append_c(out, '"');
}

/* What stands in front of a value: a comma after another one, its name. */
static void begin_value(CliJson *json, const char *name)
{
    if (!json->text) {
        json->text = g_string_new(NULL);
        json->closers = g_string_new(NULL);
    }
    if (json->wants_comma)
        g_string_append_c(json->text, ',');
    json->wants_comma = TRUE;
    if (name) {
        append_quoted(json->text, name);
        g_string_append_c(json->text, ':');
    }
}

static void open_value(CliJson *json, const char *name, char opener, char closer)
{
    begin_value(json, name);
    g_string_append_c(json->text, opener);
    g_string_append_c(json->closers, closer);
    json->wants_comma = FALSE;
}

void cli_json_begin(CliJson *json, const char *name)
{
    open_value(json, name, '{', '}');
}

void cli_json_begin_array(CliJson *json, const char *name)
{
    open_value(json, name, '[', ']');
}

void cli_json_end(CliJson *json)
{
    gsize last = json->closers->len - 1;

    g_string_append_c(json->text, json->closers->str[last]);
    g_string_truncate(json->closers, last);
    json->wants_comma = TRUE;
}

void cli_json_string(CliJson *json, const char *name, const char *value)
{
    if (!value)
        return;
    begin_value(json, name);
    append_quoted(json->text, value);
}

void cli_json_int(CliJson *json, const char *name, int64_t value)
{
    begin_value(json, name);
    g_string_append_printf(json->text, "%" G_GINT64_FORMAT, value);
}

void cli_json_bool(CliJson *json, const char *name, gboolean value)
{
    begin_value(json, name);
    g_string_append(json->text, value ? "true" : "false");
}

void cli_json_real(CliJson *json, const char *name, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    begin_value(json, name);
    g_string_append(json->text, g_ascii_formatd(digits, sizeof digits, "%.3f", value));
}

void cli_json_time(CliJson *json, const char *name, int64_t time_s, int offset_min)
{
    g_autofree char *text = date_rfc3339(time_s, offset_min);

    cli_json_string(json, name, text);
}

void cli_json_error(CliJson *json, const char *name, const GError *error)
{
    if (!error)
        return;
    cli_json_begin(json, name);
    cli_json_string(json, "kind", tern_error_kind_name(tern_error_kind(error)));
    cli_json_string(json, "message", error->message);
    cli_json_end(json);
}

void cli_json_print(CliJson *json)
{
    g_string_append_c(json->text, '\n');
    cli_write(json->text->str, json->text->len);
    cli_json_clear(json);
}
