/*
 * json.h - JSON as CONTRACT.md has it: one object a line, snake_case names, what is unknown left out.
 *
 *     g_auto(CliJson) json = {0};
 *     cli_json_begin(&json, NULL);                     {
 *     cli_json_string(&json, "folder", "INBOX");           "folder":"INBOX"
 *     cli_json_end(&json);                             }
 *     cli_json_print(&json);                           to stdout, with a newline; empty again
 *
 * Every string comes out as valid UTF-8. Characters that could do something to a terminal are escaped
 * (\u001b), which means the same and is harmless to look at. A `name` is NULL within arrays.
 */
#ifndef TERN_CLI_JSON_H
#define TERN_CLI_JSON_H

#include <glib.h>
#include <stdint.h>

typedef struct {
    GString *text;
    gboolean wants_comma;
    GString *closers; /* what closes the open objects and arrays */
} CliJson;
void cli_json_clear(CliJson *json);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliJson, cli_json_clear)

void cli_json_begin(CliJson *json, const char *name);
void cli_json_begin_array(CliJson *json, const char *name);
/* Closes what was opened last. */
void cli_json_end(CliJson *json);

/* NULL: left out. */
void cli_json_string(CliJson *json, const char *name, const char *value);
void cli_json_int(CliJson *json, const char *name, int64_t value);
void cli_json_bool(CliJson *json, const char *name, gboolean value);
/* With at most three digits after the point, and a point in every locale. */
void cli_json_real(CliJson *json, const char *name, double value);
/* A time with its offset, RFC 3339. */
void cli_json_time(CliJson *json, const char *name, int64_t time_s, int offset_min);
/* {"kind","message"}; NULL: left out. */
void cli_json_error(CliJson *json, const char *name, const GError *error);

void cli_json_print(CliJson *json);

#endif
