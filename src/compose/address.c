/* address.c - see address.h. */
#include "compose/address.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sanitise.h"

#include <string.h>

#define LOCAL_BYTES 64 /* RFC 5321 4.5.3.1.1 */
#define DOMAIN_BYTES 253

/* ---- one address ---- */

static gboolean is_atom_char(guchar c)
{
    return g_ascii_isalnum(c) || c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Bytes of a local part at `text`, up to the '@': a dot-atom or a quoted string; 0 when it is neither. */
static gsize local_bytes(const char *text)
{
    gsize n = 0;

    if (*text == '"') {
        for (n = 1; text[n] && text[n] != '"'; n++)
            if (text[n] == '\\' && text[n + 1])
                n++;
        return text[n] == '"' && n > 1 ? n + 1 : 0;
    }
    while (is_atom_char((guchar)text[n]) || (text[n] == '.' && n > 0 && text[n - 1] != '.'))
        n++;
    return n > 0 && text[n - 1] == '.' ? 0 : n;
}

static gboolean is_literal(const char *domain)
{
    gsize n = strlen(domain);

    if (n < 4 || domain[n - 1] != ']')
        return FALSE;
    g_autofree char *inside = g_strndup(domain + 1, n - 2);
    return g_hostname_is_ip_address(g_ascii_strncasecmp(inside, "IPv6:", 5) == 0 ? inside + 5 : inside);
}

static gboolean is_domain(const char *domain)
{
    if (*domain == '[')
        return is_literal(domain);
    g_autofree char *ascii = g_hostname_is_non_ascii(domain) ? g_hostname_to_ascii(domain) : g_strdup(domain);
    if (!ascii || strlen(ascii) > DOMAIN_BYTES)
        return FALSE;
    g_auto(GStrv) labels = g_strsplit(ascii, ".", -1);
    for (int i = 0; labels[i]; i++) {
        gsize n = strlen(labels[i]);
        if (n == 0 || n > 63 || labels[i][0] == '-' || labels[i][n - 1] == '-')
            return FALSE;
        for (gsize k = 0; k < n; k++)
            if (!g_ascii_isalnum(labels[i][k]) && labels[i][k] != '-' && labels[i][k] != '_')
                return FALSE;
    }
    return TRUE;
}

/* Whether a reader would see all of it. SANITISE_OPEN, since the line modes isolate what runs from right to
 * left. */
static gboolean is_visible(const char *text)
{
    return g_utf8_validate(text, -1, NULL) && !strpbrk(text, "\t\r\n") &&
           sanitise_is_safe(text, -1, SANITISE_OPEN);
}

static char *why_not(const char *address)
{
    if (!is_visible(address))
        return g_strdup(_("it holds characters that cannot be seen"));
    gsize n = local_bytes(address);
    if (!strchr(address, '@'))
        return g_strdup_printf(_("“%s” has no “@”"), address);
    if (n == 0 || n > LOCAL_BYTES || address[n] != '@')
        return g_strdup_printf(_("what stands before the “@” of “%s” is no name of a mailbox"), address);
    if (!address[n + 1])
        return g_strdup_printf(_("“%s” has no domain"), address);
    if (!is_domain(address + n + 1))
        return g_strdup_printf(_("“%s” is no domain"), address + n + 1);
    return NULL;
}

gboolean compose_address_check(const char *address, char **why_out)
{
    char *why = why_not(address);

    if (why_out)
        *why_out = why;
    else
        g_free(why);
    return why == NULL;
}

gboolean compose_address_needs_utf8(const char *address)
{
    const char *at = strrchr(address, '@');

    for (const char *c = address; c < at; c++)
        if ((guchar)*c >= 0x80)
            return TRUE;
    return FALSE;
}

gboolean compose_address_equal(const char *a, const char *b)
{
    g_autofree char *first = mime_address_ascii_domain(a, NULL), *second = mime_address_ascii_domain(b, NULL);

    return g_ascii_strcasecmp(first ? first : a, second ? second : b) == 0;
}

/* ---- a list ---- */

typedef struct {
    const char *text, *at;
    const char *wrong; /* where the mistake is */
    char *group;
    GPtrArray *list;
    GError *error;
} Parser;

static gboolean fail(Parser *parser, const char *where, const char *sentence)
{
    parser->wrong = where;
    tern_error_set(&parser->error, TERN_ERROR_INPUT, "%s", sentence);
    return FALSE;
}

static void skip_blanks(Parser *parser)
{
    while (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n' || *parser->at == '\r')
        parser->at++;
}

/* Past a quoted string or a comment, its text to `into` (may be NULL). FALSE: it does not end. */
static gboolean take_quoted(Parser *parser, char close, GString *into)
{
    const char *begin = parser->at++;
    int depth = 1;

    for (; *parser->at; parser->at++) {
        if (*parser->at == '\\' && parser->at[1])
            parser->at++;
        else if (close == ')' && *parser->at == '(')
            depth++;
        else if (*parser->at == close && --depth == 0)
            break;
        if (into)
            g_string_append_c(into, *parser->at);
    }
    if (!*parser->at)
        return fail(parser, begin,
                    close == ')' ? _("a bracket “(” is not closed") : _("quotes are not closed"));
    parser->at++;
    return TRUE;
}

/* What comes up to the next separator: words (a name or an address), what stands in angle brackets, a
 * comment. */
typedef struct {
    GString *words, *comment;
    char *raw;   /* the words as typed: an address keeps its quotes */
    char *angle; /* NULL: there are none */
    gboolean has_quotes;
    const char *begin, *angle_at;
} Element;

static void element_clear(Element *element)
{
    g_string_free(element->words, TRUE);
    g_string_free(element->comment, TRUE);
    g_free(element->raw);
    g_free(element->angle);
}

static gboolean take_angle(Parser *parser, Element *element)
{
    const char *begin = parser->at + 1, *end = begin + strcspn(begin, "<>,;\n");

    if (*begin == '"') { /* a quoted local part may hold any of these */
        gsize n = local_bytes(begin);
        end = begin + n + strcspn(begin + n, "<>,;\n");
    }
    if (element->angle)
        return fail(parser, parser->at, _("there are two addresses without a comma between them"));
    if (*end != '>')
        return fail(parser, parser->at, _("“<” is not closed by “>”"));
    element->angle = g_strstrip(g_strndup(begin, (gsize)(end - begin)));
    element->angle_at = begin;
    parser->at = end + 1;
    return TRUE;
}

static gboolean take_element(Parser *parser, Element *element)
{
    const char *words_end;

    element->begin = words_end = parser->at;
    while (*parser->at && !strchr(",;:", *parser->at)) {
        const char *from = parser->at;
        gboolean ok = TRUE;
        if (*from == '"') {
            ok = take_quoted(parser, '"', element->words);
            element->has_quotes = TRUE;
        } else if (*from == '(') {
            ok = take_quoted(parser, ')', element->comment);
        } else if (*from == '<') {
            ok = take_angle(parser, element);
        } else if (*from == '[') { /* a literal domain, with its colons */
            parser->at += strcspn(from, "],; \t");
            g_string_append_len(element->words, from, parser->at - from);
        } else if (element->angle && !g_ascii_isspace(*from)) {
            ok = fail(parser, from, _("something follows an address; a comma parts it from the next one"));
        } else {
            g_string_append_c(element->words, g_ascii_isspace(*from) ? ' ' : *from);
            parser->at++;
        }
        if (!ok)
            return FALSE;
        if (*from != '(' && *from != '<')
            words_end = parser->at;
        else if (*from == '(' && strspn(element->words->str, " ") == element->words->len && !element->angle)
            element->begin = words_end = parser->at;
    }
    element->raw = g_strstrip(g_strndup(element->begin, (gsize)(words_end - element->begin)));
    g_autofree char *words = g_strstrip(g_strdup(element->words->str));
    g_autofree char *comment = g_strstrip(g_strdup(element->comment->str));
    g_string_assign(element->words, words);
    g_string_assign(element->comment, comment);
    return TRUE;
}

/* A group that was closed empty, and is opened again. */
static void drop_empty_group(Parser *parser)
{
    const MimeMailbox *last = parser->list->len ? parser->list->pdata[parser->list->len - 1] : NULL;

    if (last && !last->address && g_strcmp0(last->group, parser->group) == 0)
        g_ptr_array_set_size(parser->list, (gint)parser->list->len - 1);
}

static gboolean add_mailbox(Parser *parser, const Element *element)
{
    const char *address = element->angle ? element->angle : element->raw;
    const char *where = element->angle ? element->angle_at : element->begin;
    const char *name = element->angle ? element->words->str : element->comment->str;
    g_autofree char *why = NULL;

    if (!compose_address_check(address, &why))
        return fail(parser, where, why);
    if (element->angle && !element->has_quotes && strchr(element->words->str, '@'))
        return fail(parser, element->begin, _("an address stands where a name belongs; put it in quotes"));
    if (!is_visible(name))
        return fail(parser, element->begin, _("the name holds characters that cannot be seen"));
    if (parser->list->len >= LIMIT_ADDRESSES) {
        parser->wrong = where;
        tern_error_set(&parser->error, TERN_ERROR_LIMIT, _("these are more than %d addresses"),
                       LIMIT_ADDRESSES);
        return FALSE;
    }
    drop_empty_group(parser);
    g_ptr_array_add(parser->list, mime_mailbox_new(parser->group, name, address));
    return TRUE;
}

/* ':' after a name. */
static gboolean begin_group(Parser *parser, const Element *element)
{
    if (parser->group)
        return fail(parser, element->begin, _("a group within a group"));
    if (!*element->words->str || element->angle)
        return fail(parser, element->begin, _("a group begins with its name and a colon"));
    if (!is_visible(element->words->str))
        return fail(parser, element->begin, _("the name holds characters that cannot be seen"));
    parser->group = g_strdup(element->words->str);
    return TRUE;
}

static void end_group(Parser *parser)
{
    const MimeMailbox *last = parser->list->len ? parser->list->pdata[parser->list->len - 1] : NULL;

    if (!last || g_strcmp0(last->group, parser->group) != 0)
        g_ptr_array_add(parser->list, mime_mailbox_new(parser->group, NULL, NULL));
    g_clear_pointer(&parser->group, g_free);
}

static gboolean parse_one(Parser *parser)
{
    Element element = {.words = g_string_new(NULL), .comment = g_string_new(NULL)};
    gboolean ok = take_element(parser, &element);
    char separator = *parser->at;

    if (ok && separator)
        parser->at++;
    if (ok && separator == ':')
        ok = begin_group(parser, &element);
    else if (ok && (element.angle || *element.raw))
        ok = add_mailbox(parser, &element);
    if (ok && separator == ';' && parser->group)
        end_group(parser);
    element_clear(&element);
    return ok;
}

GPtrArray *compose_addresses_parse(const char *text, gsize *where_out, GError **error)
{
    Parser parser = {.text = text, .at = text};

    parser.list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
    gboolean ok = TRUE;
    for (skip_blanks(&parser); ok && *parser.at; skip_blanks(&parser))
        ok = parse_one(&parser);
    if (ok && parser.group)
        ok = fail(&parser, parser.at, _("a group is not closed by “;”"));
    g_free(parser.group);
    if (ok)
        return parser.list;
    if (where_out)
        *where_out = (gsize)(parser.wrong - text);
    g_ptr_array_unref(parser.list);
    g_propagate_error(error, parser.error);
    return NULL;
}

char *compose_address_first(const char *text)
{
    g_autoptr(GPtrArray) list = compose_addresses_parse(text, NULL, NULL);

    for (guint i = 0; list && i < list->len; i++) {
        const MimeMailbox *one = list->pdata[i];
        if (one->address) /* an empty group has none */
            return g_strdup(one->address);
    }
    return NULL;
}

char *compose_addresses_format(const GPtrArray *mailboxes)
{
    GString *out = g_string_new(NULL);
    const char *group = NULL;

    for (guint i = 0; i < mailboxes->len; i++) {
        const MimeMailbox *mailbox = mailboxes->pdata[i];
        if (group && g_strcmp0(group, mailbox->group) != 0)
            g_string_append_c(out, ';');
        if (i > 0)
            g_string_append(out, ", ");
        if (mailbox->group && g_strcmp0(group, mailbox->group) != 0) {
            const MimeMailbox name = {.name = mailbox->group};
            g_autofree char *quoted = mime_mailbox_format(&name);
            g_string_append_len(out, quoted, (gssize)strlen(quoted) - 3); /* without its " <>" */
            g_string_append(out, mailbox->address ? ": " : ":");
        }
        group = mailbox->group;
        if (mailbox->address) {
            g_autofree char *one = mime_mailbox_format(mailbox);
            g_string_append(out, one);
        }
    }
    if (group)
        g_string_append_c(out, ';');
    return g_string_free(out, FALSE);
}

gsize compose_address_word(const char *text, gsize cursor)
{
    gsize word = 0;
    gboolean is_quoted = FALSE;

    for (gsize i = 0; i < cursor && text[i]; i++) {
        if (text[i] == '\\' && i + 1 < cursor)
            i++;
        else if (text[i] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && strchr(",;:", text[i]))
            word = i + 1;
    }
    while (word < cursor && text[word] == ' ')
        word++;
    return word;
}
