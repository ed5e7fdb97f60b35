/* value.c - see value.h. */
#include "config/value.h"

#include "base/i18n.h"
#include "base/paths.h"
#include "config/ini.h"
#include "config/keep.h"
#include "config/suggest.h"
#include "config/units.h"
#include "config/url.h"

#include <string.h>

/* Longer values are cut when they are quoted in a sentence. */
#define QUOTED_CHARS 60

/* One type of value. Parsers get the text without escapes (LIST as it stands); `out` is never NULL and holds
 * nothing yet. */
typedef struct {
    gboolean (*parse)(const ConfigOption *option, const char *text, void *out, char **why_out);
    char *(*format)(const void *field);
    void (*clear)(void *field);
    gsize size_bytes;
} ValueType;

static char *quoted(const char *text)
{
    if (g_utf8_strlen(text, -1) <= QUOTED_CHARS)
        return g_strdup_printf("“%s”", text);
    g_autofree char *head = g_utf8_substring(text, 0, QUOTED_CHARS - 1);
    return g_strdup_printf("“%s…”", head);
}

/* "VALUE is no WHAT", and the most frequent reason where it is one. */
static gboolean is_no(const char *text, const char *what, char **why_out)
{
    g_autofree char *value = quoted(text);
    const char *hint = strstr(text, " #") ? _(" (a comment needs a line of its own)") : "";

    *why_out = g_strdup_printf(_("%s is no %s%s"), value, what, hint);
    return FALSE;
}

static gboolean parse_string(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                             char **why_out G_GNUC_UNUSED)
{
    *(char **)out = g_strdup(text);
    return TRUE;
}

static char *format_string(const void *field)
{
    return g_strdup(*(char *const *)field);
}

static void clear_string(void *field)
{
    g_clear_pointer((char **)field, g_free);
}

static char *format_secret(const void *field)
{
    return *(char *const *)field ? g_strdup("********") : NULL;
}

static gboolean parse_int(const ConfigOption *option, const char *text, void *out, char **why_out)
{
    gint64 least = 0, most = 0, value = 0;
    g_auto(GStrv) range = g_strsplit(option->choices, " ", 2);

    least = g_ascii_strtoll(range[0], NULL, 10);
    most = g_ascii_strtoll(range[1], NULL, 10);
    if (!g_ascii_string_to_signed(text, 10, least, most, &value, NULL)) {
        g_autofree char *what =
            g_strdup_printf(_("number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT), least, most);
        return is_no(text, what, why_out);
    }
    *(int *)out = (int)value;
    return TRUE;
}

static char *format_int(const void *field)
{
    return g_strdup_printf("%d", *(const int *)field);
}

static gboolean parse_bool(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                           char **why_out)
{
    static const char *const YES[] = {"yes", "true", "on", "1", NULL};
    static const char *const NO[] = {"no", "false", "off", "0", NULL};
    g_autofree char *lower = g_ascii_strdown(text, -1);

    if (!g_strv_contains(YES, lower) && !g_strv_contains(NO, lower)) {
        g_autofree char *value = quoted(text);
        *why_out = g_strdup_printf(_("%s is neither yes nor no"), value);
        return FALSE;
    }
    *(gboolean *)out = g_strv_contains(YES, lower);
    return TRUE;
}

static char *format_bool(const void *field)
{
    return g_strdup(*(const gboolean *)field ? "yes" : "no");
}

static gboolean parse_choice(const ConfigOption *option, const char *text, void *out, char **why_out)
{
    g_auto(GStrv) choices = g_strsplit(option->choices, " ", -1);

    if (!g_strv_contains((const char *const *)choices, text)) {
        const char *near = suggest_nearest(text, (const char *const *)choices);
        g_autofree char *value = quoted(text), *all = g_strjoinv(", ", choices);
        *why_out = near ? g_strdup_printf(_("%s cannot be chosen; did you mean %s?"), value, near)
                        : g_strdup_printf(_("%s cannot be chosen; choose one of %s"), value, all);
        return FALSE;
    }
    *(char **)out = g_strdup(text);
    return TRUE;
}

static gboolean parse_path(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                           char **why_out)
{
    if (text[0] != '/' && !g_str_has_prefix(text, "~/")) {
        g_autofree char *value = quoted(text);
        *why_out = g_strdup_printf(_("the path %s must begin with / or ~/"), value);
        return FALSE;
    }
    *(char **)out = paths_whole(text);
    return TRUE;
}

static gboolean parse_list(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                           char **why_out)
{
    *(char ***)out = ini_unescape_list(text, why_out);
    return *(char ***)out != NULL;
}

/* In the file's form, since an item may hold a ";". */
static char *format_list(const void *field)
{
    char *const *item = *(char *const *const *)field;
    g_autoptr(GString) out = g_string_new(NULL);

    if (!item)
        return NULL;
    for (; *item; item++) {
        g_autofree char *escaped = ini_escape(*item, TRUE);
        g_string_append_printf(out, "%s%s", out->len ? ";" : "", escaped);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void clear_list(void *field)
{
    g_clear_pointer((char ***)field, g_strfreev);
}

static gboolean parse_size(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                           char **why_out)
{
    return units_parse_size(text, out) || is_no(text, _("size; write for example 500M or 1G"), why_out);
}

static char *format_size(const void *field)
{
    return units_format_size(*(const int64_t *)field);
}

static gboolean parse_duration(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                               char **why_out)
{
    return units_parse_duration(text, out) ||
           is_no(text, _("length of time; write for example 10m, 12h or 14d, at most 100y"), why_out);
}

static char *format_duration(const void *field)
{
    return units_format_duration(*(const int64_t *)field);
}

static gboolean parse_address(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                              char **why_out)
{
    const char *at = strrchr(text, '@');

    if (!at || at == text || !at[1] || strpbrk(text, " \t\r\n<>,;\"()*"))
        return is_no(text, _("mail address; write it bare, as in ada@example.org"), why_out);
    *(char **)out = g_strdup(text);
    return TRUE;
}

static gboolean parse_incoming(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                               char **why_out)
{
    return url_parse_server(text, URL_INCOMING, out, why_out);
}

static gboolean parse_outgoing(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                               char **why_out)
{
    return url_parse_server(text, URL_OUTGOING, out, why_out);
}

static char *format_server(const void *field)
{
    return url_format_server(field);
}

static void clear_server(void *field)
{
    url_server_clear(field);
}

static gboolean parse_proxy(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                            char **why_out)
{
    return url_parse_proxy(text, out, why_out);
}

static char *format_proxy(const void *field)
{
    return url_format_proxy(field);
}

static void clear_proxy(void *field)
{
    url_proxy_clear(field);
}

/* As `openssl x509 -fingerprint -sha256` prints it, or bare. */
static gboolean parse_pin(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                          char **why_out)
{
    g_autoptr(GString) hex = g_string_new(NULL);

    for (; *text && (g_ascii_isxdigit(*text) || *text == ':'); text++)
        if (*text != ':')
            g_string_append_c(hex, g_ascii_tolower(*text));
    if (*text || hex->len != 64) {
        *why_out =
            g_strdup(_("a pin is a certificate's SHA-256 fingerprint: 64 hexadecimal digits, with or without "
                       "colons (tern account check shows it)"));
        return FALSE;
    }
    *(char **)out = g_string_free(g_steal_pointer(&hex), FALSE);
    return TRUE;
}

static gboolean parse_server_keep(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *out,
                                  char **why_out)
{
    ConfigServerKeep keep = {CONFIG_SERVER_DELETE, 0};

    if (g_str_equal(text, "yes"))
        keep.what = CONFIG_SERVER_KEEP;
    else if (g_str_equal(text, "until-deleted"))
        keep.what = CONFIG_SERVER_UNTIL_DELETED;
    else if (units_parse_duration(text, &keep.age_s))
        keep.what = CONFIG_SERVER_DAYS;
    else if (!g_str_equal(text, "no"))
        return is_no(text, _("answer here; write no, yes, until-deleted, or how long, as in 14d"), why_out);
    *(ConfigServerKeep *)out = keep;
    return TRUE;
}

static char *format_server_keep(const void *field)
{
    const ConfigServerKeep *keep = field;

    switch (keep->what) {
    case CONFIG_SERVER_DELETE:
        return g_strdup("no");
    case CONFIG_SERVER_KEEP:
        return g_strdup("yes");
    case CONFIG_SERVER_UNTIL_DELETED:
        return g_strdup("until-deleted");
    case CONFIG_SERVER_DAYS:
        break;
    }
    return units_format_duration(keep->age_s);
}

static const ValueType TYPES[] = {
    [OPTION_STRING] = {parse_string, format_string, clear_string, sizeof(char *)},
    [OPTION_INT] = {parse_int, format_int, NULL, sizeof(int)},
    [OPTION_BOOL] = {parse_bool, format_bool, NULL, sizeof(gboolean)},
    [OPTION_CHOICE] = {parse_choice, format_string, clear_string, sizeof(char *)},
    [OPTION_PATH] = {parse_path, format_string, clear_string, sizeof(char *)},
    [OPTION_LIST] = {parse_list, format_list, clear_list, sizeof(char **)},
    [OPTION_SECRET] = {parse_string, format_secret, clear_string, sizeof(char *)},
    [OPTION_SIZE] = {parse_size, format_size, NULL, sizeof(int64_t)},
    [OPTION_DURATION] = {parse_duration, format_duration, NULL, sizeof(int64_t)},
    [OPTION_ADDRESS] = {parse_address, format_string, clear_string, sizeof(char *)},
    [OPTION_INCOMING] = {parse_incoming, format_server, clear_server, sizeof(ConfigServer)},
    [OPTION_OUTGOING] = {parse_outgoing, format_server, clear_server, sizeof(ConfigServer)},
    [OPTION_PROXY] = {parse_proxy, format_proxy, clear_proxy, sizeof(ConfigProxy)},
    [OPTION_PIN] = {parse_pin, format_string, clear_string, sizeof(char *)},
    [OPTION_KEEP] = {keep_parse, keep_format, keep_clear, sizeof(ConfigKeeping)},
    [OPTION_SERVER_KEEP] = {parse_server_keep, format_server_keep, NULL, sizeof(ConfigServerKeep)},
};

/* Room for a value of any type. */
typedef union {
    char *string;
    char **list;
    int number;
    int64_t big;
    ConfigServer server;
    ConfigProxy proxy;
    ConfigKeeping keeping;
    ConfigServerKeep server_keep;
} AnyValue;

gboolean config_value_parse(const ConfigOption *option, const char *text, void *field, char **why_out)
{
    const ValueType *type = &TYPES[option->type];
    AnyValue value = {0};
    g_autofree char *unheard = NULL;
    why_out = why_out ? why_out : &unheard;
    g_autofree char *plain = option->type == OPTION_LIST ? g_strdup(text) : ini_unescape(text, why_out);

    if (!plain)
        return FALSE;
    if (!*plain) {
        *why_out = g_strdup(_("there is no value; write one, or take the line out"));
        return FALSE;
    }
    if (!type->parse(option, plain, &value, why_out)) {
        config_value_clear(option, &value);
        return FALSE;
    }
    if (!field) {
        config_value_clear(option, &value);
        return TRUE;
    }
    config_value_clear(option, field);
    memcpy(field, &value, type->size_bytes);
    return TRUE;
}

char *config_value_format(const ConfigOption *option, const void *field)
{
    return TYPES[option->type].format(field);
}

void config_value_clear(const ConfigOption *option, void *field)
{
    if (TYPES[option->type].clear)
        TYPES[option->type].clear(field);
}
