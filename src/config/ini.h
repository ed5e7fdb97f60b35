/*
 * ini.h - files in GKeyFile's syntax, read so that every value knows its line.
 *
 *    # a comment has a line of its own
 *    [section]
 *    key = value          spaces round both are no part of them; \s \t \n \r \\ are escapes, \; too in a list
 *
 * GKeyFile itself (GLib 2.74) has no line numbers and takes the last of two equal keys without a word. LF or
 * CRLF, and a byte order mark at the start. Values are kept as written; whoever knows their type takes the
 * escapes out. Mistakes are gathered, and what is right around them is read all the same. Any thread.
 */
#ifndef TERN_CONFIG_INI_H
#define TERN_CONFIG_INI_H

#include "config/problem.h"

#include <glib.h>

typedef struct {
    char *key, *value;
    int line;
} IniEntry;

typedef struct {
    char *name;
    int line;           /* of its header */
    GPtrArray *entries; /* IniEntry *, each key once */
    gboolean has_mistakes;
} IniSection;

/* IniSection * in the file's order, each name once, with a free function; to be unreffed. Two sections of one
 * name are told as a mistake and become one; of two equal keys the first counts. Never NULL. */
GPtrArray *ini_parse(const char *text, gsize size, ConfigProblems *problems);

/* A value without its escapes, to be freed; NULL and what is wrong (newly allocated; does not quote the
 * value). */
char *ini_unescape(const char *value, char **why_out);

/* A list parted by ';', each item stripped and without its escapes, empty ones left out; to be freed by
 * g_strfreev(). */
char **ini_unescape_list(const char *value, char **why_out);

/* The value as it has to be written to be read as `plain`, to be freed; `in_list`: as an item of a list. */
char *ini_escape(const char *plain, gboolean in_list);

#endif
