/*
 * keep.c - see keep.h.
 *
 *      keep-offline = text 1y 500M; Archive = headers; Lists/kernel = all 30d
 */
#include "config/keep.h"

#include "base/i18n.h"
#include "config/units.h"

#include <string.h>

static const char *const WORDS[] = {"headers", "text", "all"};

static void free_folder(void *data)
{
    ConfigKeepFolder *folder = data;

    g_free(folder->name);
    g_free(folder);
}

/* What, and then how long and how much in any order, each once. */
static gboolean parse_one(const char *text, ConfigKeep *keep)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
    int what = -1;

    *keep = (ConfigKeep){0};
    for (int i = 0; i < (int)G_N_ELEMENTS(WORDS); i++)
        if (words[0] && g_str_equal(words[0], WORDS[i]))
            what = i;
    if (what < 0)
        return FALSE;
    keep->what = (unsigned)what;
    for (char **word = words + 1; *word; word++)
        if (**word && (keep->age_s || !units_parse_duration(*word, &keep->age_s)) &&
            (keep->size_bytes || !units_parse_size(*word, &keep->size_bytes)))
            return FALSE;
    return TRUE;
}

static gboolean is_named(const ConfigKeeping *keeping, const char *name)
{
    for (guint i = 0; keeping->folders && i < keeping->folders->len; i++)
        if (g_str_equal(((ConfigKeepFolder *)keeping->folders->pdata[i])->name, name))
            return TRUE;
    return FALSE;
}

/* "FOLDER = all 30d": a folder's name may hold "=", what is kept does not. */
static gboolean parse_folder(char *text, ConfigKeeping *keeping)
{
    char *equals = strrchr(text, '=');
    ConfigKeep keep;

    if (!equals)
        return FALSE;
    *equals = '\0';
    g_strchomp(text);
    if (!*text || is_named(keeping, text) || !parse_one(g_strchug(equals + 1), &keep))
        return FALSE;
    ConfigKeepFolder *folder = g_new(ConfigKeepFolder, 1);
    *folder = (ConfigKeepFolder){g_strdup(text), keep};
    if (!keeping->folders)
        keeping->folders = g_ptr_array_new_with_free_func(free_folder);
    g_ptr_array_add(keeping->folders, folder);
    return TRUE;
}

gboolean keep_parse(const ConfigOption *option G_GNUC_UNUSED, const char *text, void *field, char **why_out)
{
    g_auto(GStrv) pieces = g_strsplit(text, ";", -1);
    ConfigKeeping *keeping = field;

    for (char **piece = pieces; *piece; piece++) {
        g_strstrip(*piece);
        g_autofree char *shown = g_strdup(*piece);
        if (piece == pieces ? parse_one(*piece, &keeping->rest) : !**piece || parse_folder(*piece, keeping))
            continue;
        *why_out = g_strdup_printf(
            _("“%s” does not say what to keep; write headers, text or all, then if you like "
              "how long and how much, as in \"all 30d 500M\", and single folders after it, each "
              "once, as in \"text; Archive = headers\""),
            shown);
        return FALSE;
    }
    return TRUE;
}

static void format_one(GString *out, const ConfigKeep *keep)
{
    g_string_append(out, WORDS[keep->what]);
    if (keep->age_s) {
        g_autofree char *age = units_format_duration(keep->age_s);
        g_string_append_printf(out, " %s", age);
    }
    if (keep->size_bytes) {
        g_autofree char *size = units_format_size(keep->size_bytes);
        g_string_append_printf(out, " %s", size);
    }
}

char *keep_format(const void *field)
{
    const ConfigKeeping *keeping = field;
    g_autoptr(GString) out = g_string_new(NULL);

    format_one(out, &keeping->rest);
    for (guint i = 0; keeping->folders && i < keeping->folders->len; i++) {
        const ConfigKeepFolder *folder = keeping->folders->pdata[i];
        g_string_append_printf(out, "; %s = ", folder->name);
        format_one(out, &folder->keep);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

void keep_clear(void *field)
{
    g_clear_pointer(&((ConfigKeeping *)field)->folders, g_ptr_array_unref);
}

/* Whether the one is the other, or stands above it; INBOX is one in any case. */
static gboolean covers(const char *name, const char *folder)
{
    const gsize size = strlen(name);
    const gboolean is_inbox = size == 5 && !g_ascii_strncasecmp(name, "INBOX", 5);

    return (is_inbox ? !g_ascii_strncasecmp(name, folder, size) : !strncmp(name, folder, size)) &&
           (!folder[size] || folder[size] == '/');
}

ConfigKeep config_account_keep(const ConfigAccount *account, const char *folder)
{
    const ConfigKeeping *keeping = &account->keep_offline;
    const ConfigKeepFolder *nearest = NULL;

    for (guint i = 0; keeping->folders && i < keeping->folders->len; i++) {
        const ConfigKeepFolder *one = keeping->folders->pdata[i];
        if (covers(one->name, folder) && (!nearest || strlen(one->name) > strlen(nearest->name)))
            nearest = one;
    }
    return nearest ? nearest->keep : keeping->rest;
}
