/* template.c - see template.h. */
#include "compose/template.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "compose/address.h"
#include "compose/editor.h"

#include <string.h>

/* Longer than any field's name. */
#define NAME_BYTES 16

char *template_folder(const char *config_path)
{
    g_autofree char *folder = g_path_get_dirname(config_path);

    return g_build_filename(folder, "templates", NULL);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *template_list(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir))
        if (*name != '.' && !g_str_has_suffix(name, "~") && g_utf8_validate(name, -1, NULL))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    return names;
}

/* ---- fields ---- */

/* The first one of a list; NULL: there is none. The list is to be unreffed. */
static const MimeMailbox *first_of(const char *text, GPtrArray **list)
{
    *list = compose_addresses_parse(text, NULL, NULL);
    const MimeMailbox *first = *list && (*list)->len ? (*list)->pdata[0] : NULL;
    return first && first->address ? first : NULL;
}

/* What has braces itself is put in nowhere: it would be filled in again. */
static gboolean is_plain(const char *text)
{
    return text && *text && !strchr(text, '{');
}

static char *plain(const char *text)
{
    return is_plain(text) ? g_strdup(text) : NULL;
}

static char *name_of(const MimeMailbox *mailbox)
{
    return plain(is_plain(mailbox->name) ? mailbox->name : mailbox->address);
}

/* "Lovelace, Ada" is Ada, "Ada Lovelace" too; of an address alone what stands before the @. */
static char *first_name_of(const MimeMailbox *mailbox)
{
    const char *name = is_plain(mailbox->name) ? mailbox->name : NULL;
    const char *comma = name ? strchr(name, ',') : NULL;

    if (!name)
        return is_plain(mailbox->address) ? g_strndup(mailbox->address, strcspn(mailbox->address, "@."))
                                          : NULL;
    name = comma ? comma + 1 : name;
    name += strspn(name, " ");
    return g_strndup(name, strcspn(name, " "));
}

static char *today(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(clock_wall_s());

    /* Translators: a date in the text of a message. */
    return g_date_time_format(now, _("%-d %B %Y"));
}

/* What stands for a field, to be freed; NULL: it is none, or nobody knows yet. */
static char *value_of(const Draft *draft, const char *field)
{
    g_autoptr(GPtrArray) to_list = NULL, from_list = NULL;
    const MimeMailbox *to = first_of(draft->fields[DRAFT_TO], &to_list),
                      *from = first_of(draft->fields[DRAFT_FROM], &from_list);

    if (g_str_equal(field, "name"))
        return to ? name_of(to) : NULL;
    if (g_str_equal(field, "first-name"))
        return to ? first_name_of(to) : NULL;
    if (g_str_equal(field, "address"))
        return to ? plain(to->address) : NULL;
    if (g_str_equal(field, "my-name"))
        return from ? name_of(from) : NULL;
    if (g_str_equal(field, "my-address"))
        return from ? plain(from->address) : NULL;
    if (g_str_equal(field, "subject"))
        return plain(draft->fields[DRAFT_SUBJECT]);
    return g_str_equal(field, "date") ? today() : NULL;
}

/* The text with what is known put in; to be freed. *cursor_out: where {cursor} stood (it goes), else where
 * what stood at the given place stands now. */
static char *filled(const Draft *draft, const char *text, gsize *cursor)
{
    GString *out = g_string_new(NULL);
    gsize place = *cursor;

    *cursor = 0;
    for (const char *at = text; *at;) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        g_autofree char *field =
            end && end - at - 1 < NAME_BYTES ? g_strndup(at + 1, (gsize)(end - at - 1)) : NULL;
        const gboolean is_cursor = field && g_str_equal(field, "cursor");
        g_autofree char *value = field && !is_cursor ? value_of(draft, field) : NULL;
        if ((gsize)(at - text) == place)
            *cursor = out->len;
        if (is_cursor) {
            place = G_MAXSIZE;
            *cursor = out->len;
        }
        if (value)
            g_string_append(out, value);
        else if (!is_cursor)
            g_string_append_c(out, *at);
        at = value || is_cursor ? end + 1 : at + 1;
    }
    if (strlen(text) == place)
        *cursor = out->len;
    return g_string_free(out, FALSE);
}

gboolean template_fill(Draft *draft)
{
    gsize cursor = draft->cursor, none = 0;
    g_autofree char *subject = filled(draft, draft->fields[DRAFT_SUBJECT], &none);

    gboolean is_other = !g_str_equal(subject, draft->fields[DRAFT_SUBJECT]);
    draft_set(draft, DRAFT_SUBJECT, subject);
    g_autofree char *body = filled(draft, draft->body, &cursor);
    is_other |= !g_str_equal(body, draft->body);
    draft_set_body(draft, body, strlen(body));
    draft->cursor = MIN(cursor, strlen(draft->body));
    return is_other;
}

/* The first field in braces that template_fill() would fill in if it were known; NULL: none. */
static char *left_in(const char *text)
{
    static const char *const FIELDS[] = {"{name}",    "{first-name}", "{address}",
                                         "{my-name}", "{my-address}", "{subject}"};
    const char *first = NULL;
    guint which = 0;

    for (guint i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
        const char *at = strstr(text, FIELDS[i]);
        if (!at || (first && at > first))
            continue;
        first = at;
        which = i;
    }
    return first ? g_strdup(FIELDS[which]) : NULL;
}

char *template_left(const Draft *draft)
{
    if (!draft->is_template)
        return NULL;
    char *left = left_in(draft->fields[DRAFT_SUBJECT]);
    return left ? left : left_in(draft->body);
}

gboolean template_apply(Draft *draft, const char *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) why = NULL;
    gsize size = 0;
    g_autofree char *bytes = strchr(name, '/') || *name == '.' || !*name
                                 ? NULL
                                 : file_read(path, LIMIT_SIGNATURE_BYTES, &size, &why);

    if (!bytes) {
        tern_error_set(error, TERN_ERROR_INPUT, _("there is no template “%s” in %s%s%s"), name, folder,
                       why ? ": " : "", why ? why->message : "");
        return FALSE;
    }
    g_autofree char *utf8 = charset_to_utf8(bytes, size, NULL, LIMIT_SIGNATURE_BYTES, NULL);
    g_autoptr(GString) text = g_string_new(utf8);
    g_string_replace(text, "\r\n", "\n", 0);
    g_autoptr(GString) body = g_string_new(editor_take_headers(draft, text->str));
    g_string_append(body, draft->body);
    draft_set_body(draft, body->str, body->len);
    draft->cursor = 0;
    draft->is_template = TRUE;
    template_fill(draft);
    return TRUE;
}
