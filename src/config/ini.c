/* ini.c - see ini.h. */
#include "config/ini.h"

#include "base/i18n.h"

#include <string.h>

/* The state of one pass over a file. */
typedef struct {
    GPtrArray *sections;
    GHashTable *by_name; /* name -> IniSection */
    GHashTable *keys;    /* "section\nkey" -> IniEntry, to find the first of two */
    IniSection *section; /* where keys go; NULL: nowhere */
    gboolean skipping;   /* after a header that could not be read, whose keys cannot be judged */
    ConfigProblems *problems;
} IniReader;

static void entry_free(void *data)
{
    IniEntry *entry = data;

    g_free(entry->key);
    g_free(entry->value);
    g_free(entry);
}

static void section_free(void *data)
{
    IniSection *section = data;

    g_free(section->name);
    g_ptr_array_unref(section->entries);
    g_free(section);
}

static void enter_section(IniReader *reader, const char *name, int line)
{
    IniSection *section = g_hash_table_lookup(reader->by_name, name);

    reader->skipping = FALSE;
    if (section) {
        config_problem_add(
            reader->problems, line,
            _("the section [%s] stands here a second time (first in line %d); put its keys together there"),
            name, section->line);
        section->has_mistakes = TRUE;
    } else {
        section = g_new0(IniSection, 1);
        section->name = g_strdup(name);
        section->line = line;
        section->entries = g_ptr_array_new_with_free_func(entry_free);
        g_ptr_array_add(reader->sections, section);
        g_hash_table_insert(reader->by_name, section->name, section);
    }
    reader->section = section;
}

static void section_mistaken(IniReader *reader)
{
    if (reader->section)
        reader->section->has_mistakes = TRUE;
}

static void read_header(IniReader *reader, char *line, int number)
{
    char *end = strchr(line, ']');

    reader->section = NULL;
    reader->skipping = TRUE;
    if (!end) {
        config_problem_add(reader->problems, number, _("the section's name has no end; write [name]"));
        return;
    }
    if (end[1]) {
        config_problem_add(reader->problems, number,
                           _("something follows the section's name; a comment needs a line of its own"));
        return;
    }
    *end = '\0';
    char *name = g_strstrip(line + 1);
    if (!*name || strchr(name, '[')) {
        config_problem_add(reader->problems, number,
                           _("this is no name of a section; write for example [tern]"));
        return;
    }
    enter_section(reader, name, number);
}

static void add_entry(IniReader *reader, const char *key, const char *value, int number)
{
    g_autofree char *id = g_strdup_printf("%s\n%s", reader->section->name, key);
    const IniEntry *first = g_hash_table_lookup(reader->keys, id);

    if (first) {
        config_problem_add(reader->problems, number,
                           _("“%s” stands here a second time (first in line %d); keep one of them"), key,
                           first->line);
        section_mistaken(reader);
        return;
    }
    IniEntry *entry = g_new0(IniEntry, 1);
    entry->key = g_strdup(key);
    entry->value = g_strdup(value);
    entry->line = number;
    g_ptr_array_add(reader->section->entries, entry);
    g_hash_table_insert(reader->keys, g_steal_pointer(&id), entry);
}

static void read_entry(IniReader *reader, char *line, int number)
{
    char *equals = strchr(line, '=');

    /* The line is not quoted: it may be the rest of a password. */
    if (!equals || equals == line) {
        config_problem_add(
            reader->problems, number,
            _("this line is no section, no comment, and no \"key = value\"; it needs one \"=\" after a "
              "key, or a \"#\" in front"));
        section_mistaken(reader);
        return;
    }
    *equals = '\0';
    char *key = g_strchomp(line);
    if (!reader->section) {
        config_problem_add(reader->problems, number,
                           _("“%s” stands before the first section; write [tern] or [account NAME] above it"),
                           key);
        return;
    }
    add_entry(reader, key, g_strchug(equals + 1), number);
}

static void read_line(IniReader *reader, const char *bytes, gsize size, int number)
{
    if (memchr(bytes, '\0', size)) {
        config_problem_add(reader->problems, number, _("there is a NUL byte in this line; take it out"));
        section_mistaken(reader);
        return;
    }
    if (!g_utf8_validate(bytes, (gssize)size, NULL)) {
        config_problem_add(reader->problems, number,
                           _("this line is not valid UTF-8; save the file in that encoding"));
        section_mistaken(reader);
        return;
    }
    g_autofree char *copy = g_strndup(bytes, size);
    char *line = g_strstrip(copy);
    if (*line == '\0' || *line == '#')
        return;
    if (*line == '[')
        read_header(reader, line, number);
    else if (!reader->skipping)
        read_entry(reader, line, number);
}

GPtrArray *ini_parse(const char *text, gsize size, ConfigProblems *problems)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    IniReader reader = {.sections = g_ptr_array_new_with_free_func(section_free),
                        .by_name = by_name,
                        .keys = keys,
                        .problems = problems};
    const char *end = text + size;
    int number = 0;

    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    while (text < end) {
        const char *newline = memchr(text, '\n', (gsize)(end - text));
        gsize length = (gsize)((newline ? newline : end) - text);
        read_line(&reader, text, length, ++number);
        text += length + (newline ? 1 : 0);
    }
    return reader.sections;
}

/* What a backslash and this letter stand for; '\0': nothing. */
static char escape_meaning(char letter)
{
    switch (letter) {
    case 's':
        return ' ';
    case 't':
        return '\t';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case '\\':
        return '\\';
    default:
        return '\0';
    }
}

/* Up to `stop` or the end of the value; *value is moved there. */
static char *unescape_until(const char **value, char stop, char **why_out)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *at = *value;

    for (; *at && *at != stop; at++) {
        char c = *at;
        if (c == '\\') {
            at++;
            c = stop && *at == stop ? stop : escape_meaning(*at);
            if (!c) {
                *why_out =
                    g_strdup(_("a backslash begins an escape (\\s \\t \\n \\r \\\\); write two for one"));
                return NULL;
            }
        }
        g_string_append_c(out, c);
    }
    *value = at;
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *ini_unescape(const char *value, char **why_out)
{
    return unescape_until(&value, '\0', why_out);
}

char **ini_unescape_list(const char *value, char **why_out)
{
    g_autoptr(GStrvBuilder) items = g_strv_builder_new();

    while (*value) {
        g_autofree char *item = unescape_until(&value, ';', why_out);
        if (!item)
            return NULL;
        if (*g_strstrip(item))
            g_strv_builder_add(items, item);
        if (*value)
            value++;
    }
    return g_strv_builder_end(items);
}

char *ini_escape(const char *plain, gboolean in_list)
{
    static const char LETTERS[] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\'};
    GString *out = g_string_new(NULL);

    for (const char *at = plain; *at; at++) {
        guchar c = (guchar)*at;
        gboolean at_end = at == plain || !at[1];
        if (c == ' ' && at_end)
            g_string_append(out, "\\s");
        else if (c < sizeof LETTERS && LETTERS[c])
            g_string_append_printf(out, "\\%c", LETTERS[c]);
        else if (c == ';' && in_list)
            g_string_append(out, "\\;");
        else
            g_string_append_c(out, *at);
    }
    return g_string_free(out, FALSE);
}
