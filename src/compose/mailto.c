/* mailto.c - see mailto.h. */
#include "compose/mailto.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sanitise.h"

#include <string.h>

/* Percent-decoded, as UTF-8; what cannot be decoded stays as it is. '+' is a plus here (RFC 6068 5). */
static char *decode(const char *text, gsize size)
{
    g_autoptr(GString) out = g_string_sized_new(size);

    for (gsize i = 0; i < size; i++) {
        if (text[i] == '%' && i + 2 < size && g_ascii_isxdigit(text[i + 1]) &&
            g_ascii_isxdigit(text[i + 2])) {
            g_string_append_c(
                out, (char)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2])));
            i += 2;
        } else {
            g_string_append_c(out, text[i]);
        }
    }
    return charset_to_utf8(out->str, out->len, "utf-8", LIMIT_MAILTO_BYTES, NULL);
}

/* One line, without anything that could end a header field. */
static char *one_line(char *text)
{
    for (char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c < ' ' || c == 0x7f)
            *at = ' ';
        else if ((c >= 0x80 && c < 0xa0) || c == 0x2028 || c == 0x2029)
            memset(at, ' ', (gsize)(g_utf8_next_char(at) - at));
    }
    return g_strstrip(text);
}

/* Line ends of any kind to LF; other controls go. */
static char *several_lines(char *text)
{
    char *to = text;

    for (const char *at = text; *at; at++) {
        if (*at == '\r' && at[1] == '\n')
            continue;
        if (*at == '\r')
            *to++ = '\n';
        else if ((guchar)*at >= ' ' || *at == '\n' || *at == '\t')
            *to++ = *at;
    }
    *to = '\0';
    return text;
}

static void add_addresses(char **field, const char *more)
{
    if (!*more)
        return;
    char *joined = **field ? g_strconcat(*field, ", ", more, NULL) : g_strdup(more);
    g_free(*field);
    *field = joined;
}

static void refuse(Mailto *mailto, const char *name)
{
    g_autofree char *safe = sanitise(name, (gssize)MIN(strlen(name), 40), SANITISE_LINE);
    char *all = mailto->refused ? g_strconcat(mailto->refused, ", ", safe, NULL) : g_strdup(safe);

    if (strlen(all) > 400 || (mailto->refused && strstr(mailto->refused, safe))) {
        g_free(all);
        return;
    }
    g_free(mailto->refused);
    mailto->refused = all;
}

static void take_id(Mailto *mailto, char *value)
{
    g_autofree char *id = g_strdup(value[0] == '<' ? value + 1 : value);

    id[strcspn(id, "> ")] = '\0';
    g_free(mailto->in_reply_to);
    mailto->in_reply_to = *id && strlen(id) <= LIMIT_MESSAGE_ID_BYTES ? g_steal_pointer(&id) : NULL;
}

/* One `name=value` of what follows the '?'. */
static void take_field(Mailto *mailto, const char *field, gsize size)
{
    const char *equals = memchr(field, '=', size);
    gsize name_bytes = equals ? (gsize)(equals - field) : size;
    g_autofree char *name = one_line(decode(field, name_bytes));
    g_autofree char *value = equals ? decode(equals + 1, size - name_bytes - 1) : g_strdup("");

    if (g_ascii_strcasecmp(name, "to") == 0) {
        add_addresses(&mailto->to, one_line(value));
    } else if (g_ascii_strcasecmp(name, "cc") == 0) {
        add_addresses(&mailto->cc, one_line(value));
    } else if (g_ascii_strcasecmp(name, "subject") == 0) {
        g_free(mailto->subject);
        mailto->subject = g_strdup(one_line(value));
    } else if (g_ascii_strcasecmp(name, "body") == 0) {
        char *all = *mailto->body ? g_strconcat(mailto->body, "\n", several_lines(value), NULL)
                                  : g_strdup(several_lines(value));
        g_free(mailto->body);
        mailto->body = all;
    } else if (g_ascii_strcasecmp(name, "in-reply-to") == 0) {
        take_id(mailto, one_line(value));
    } else if (*name) {
        refuse(mailto, name);
    }
}

Mailto *mailto_parse(const char *link, GError **error)
{
    if (g_ascii_strncasecmp(link, "mailto:", 7) != 0) {
        tern_error_set(error, TERN_ERROR_INPUT, _("this is no mailto: link"));
        return NULL;
    }
    const char *at = link + 7, *end = at + strlen(at);
    Mailto *mailto = g_new0(Mailto, 1);
    *mailto = (Mailto){g_strdup(""), g_strdup(""), g_strdup(""), g_strdup(""), NULL, NULL, FALSE};
    if (end - at > LIMIT_MAILTO_BYTES) {
        mailto->is_cut = TRUE;
        end = at + LIMIT_MAILTO_BYTES;
    }
    const char *question = memchr(at, '?', (gsize)(end - at));
    const char *to_end = question ? question : end;
    g_autofree char *to = one_line(decode(at, (gsize)(to_end - at)));
    add_addresses(&mailto->to, to);
    for (at = question ? question + 1 : end; at < end;) {
        const char *next = memchr(at, '&', (gsize)(end - at));
        gsize size = (gsize)((next ? next : end) - at);
        take_field(mailto, at, size);
        at += size + 1;
    }
    return mailto;
}

void mailto_free(Mailto *mailto)
{
    g_free(mailto->to);
    g_free(mailto->cc);
    g_free(mailto->subject);
    g_free(mailto->body);
    g_free(mailto->in_reply_to);
    g_free(mailto->refused);
    g_free(mailto);
}
