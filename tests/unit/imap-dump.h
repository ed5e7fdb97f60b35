/* imap-dump.h - a parsed response as one line of text, for comparing: 'a' atoms as they are, "quoted",
 * #number, ~literal, ^streamed, NIL, (lists), [code], text after '|'. Bytes that are not printable come out
 * as \xNN. */
#ifndef TERN_TESTS_IMAP_DUMP_H
#define TERN_TESTS_IMAP_DUMP_H

#include "imap/parser.h"

static inline void dump_bytes(GString *out, const char *bytes, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (g_ascii_isprint(bytes[i]))
            g_string_append_c(out, bytes[i]);
        else
            g_string_append_printf(out, "\\x%02x", (guchar)bytes[i]);
    }
}

static inline void dump_value(const ImapTree *tree, guint i, GString *out)
{
    static const char *const BEFORE[] = {
        [IMAP_ATOM] = "",     [IMAP_NUMBER] = "#",   [IMAP_QUOTED] = "\"",
        [IMAP_LITERAL] = "~", [IMAP_STREAMED] = "^", [IMAP_NIL] = "NIL:",
        [IMAP_LIST] = "(",    [IMAP_CODE] = "[",     [IMAP_TEXT] = "|",
    };
    const ImapValue *value = &tree->values[i];

    g_string_append(out, BEFORE[value->kind]);
    if (value->kind != IMAP_LIST)
        dump_bytes(out, imap_tree_text(tree, i), value->bytes);
    if (value->kind == IMAP_QUOTED)
        g_string_append_c(out, '"');
    if (value->kind == IMAP_CODE)
        g_string_append_c(out, ']');
}

static inline void dump_tree(const ImapTree *tree, GString *out)
{
    g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0; i < tree->n; i++) {
        while (ends->len > 0 && g_array_index(ends, guint, ends->len - 1) == i) {
            g_string_append_c(out, ')');
            g_array_set_size(ends, ends->len - 1);
        }
        if (out->len > 0 && out->str[out->len - 1] != '(' && out->str[out->len - 1] != '\n')
            g_string_append_c(out, ' ');
        dump_value(tree, i, out);
        if (tree->values[i].kind != IMAP_LIST)
            continue;
        if (tree->values[i].end == i + 1)
            g_string_append_c(out, ')');
        else
            g_array_append_val(ends, tree->values[i].end);
    }
    for (guint i = 0; i < ends->len; i++)
        g_string_append_c(out, ')');
}

#endif
