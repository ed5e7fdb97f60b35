/* link.c - see link.h. */
#include "render/link.h"

#include "base/sanitise.h"
#include "render/host.h"

#include <string.h>

/* A longer one is no link that anybody would follow. */
#define URL_MAX_BYTES 8192

/* ---- telling ---- */

/* The url as it can be shown and still be followed: what is not seen becomes %XX. */
static char *safe_url(const char *url)
{
    gboolean keeps_unicode = sanitise_is_safe(url, -1, SANITISE_OPEN);
    GString *safe = g_string_new(NULL);

    for (const guchar *p = (const guchar *)url; *p; p++)
        if (*p <= ' ' || *p == 0x7F || (*p >= 0x80 && !keeps_unicode))
            g_string_append_printf(safe, "%%%02X", *p);
        else
            g_string_append_c(safe, (char)*p);
    return g_string_free(safe, FALSE);
}

/* The host that a link's text names, if it looks like a URL, a host or an address: "" when it does not. */
static char *host_in_text(const char *text)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    gsize length = strlen(trimmed);

    if (length < 4 || length > URL_MAX_BYTES)
        return g_strdup("");
    if (strchr(trimmed, ' ')) { /* among other words only what can be nothing else counts */
        gsize start = 0, found = 0;
        if (!render_link_find(trimmed, length, &start, &found))
            return g_strdup("");
        memmove(trimmed, trimmed + start, found);
        trimmed[found] = '\0';
    }
    if (strstr(trimmed, "://") || g_ascii_strncasecmp(trimmed, "mailto:", 7) == 0)
        return render_host_of_url(trimmed, NULL);
    const char *at = strchr(trimmed, '@');
    g_autofree char *as_url = g_strconcat("http://", at ? at + 1 : trimmed, NULL);
    char *host = render_host_of_url(as_url, NULL);
    /* "example.org", but not "readme.txt.", "3.5" or "e.g." */
    const char *dot = strrchr(host, '.');
    gsize top = dot ? strlen(dot + 1) : 0;
    gboolean is_host = dot && dot > host && top >= 2 && strspn(dot + 1, "0123456789") != top &&
                       (at || g_str_has_prefix(host, "www.") || trimmed[strlen(host)] == '/' ||
                        trimmed[strlen(host)] == '\0');
    for (const char *p = host; *p && is_host; p++)
        is_host = g_ascii_isalnum(*p) || *p == '.' || *p == '-' || (guchar)*p >= 0x80;
    if (!is_host)
        *host = '\0';
    return host;
}

RenderLink *render_link_new(const char *text, const char *url)
{
    RenderLink *link = g_new0(RenderLink, 1);
    gboolean has_user = FALSE;
    g_autofree char *safe = safe_url(url);
    g_autofree char *host = render_host_of_url(safe, &has_user);
    g_autofree char *shown = host_in_text(text);
    gboolean imitates = render_host_imitates(host);

    link->text = sanitise(text, -1, SANITISE_LINE);
    link->is_suspicious = imitates || has_user || (*shown && !render_host_matches(shown, host));
    const char *place = imitates ? strstr(safe, host) : NULL;
    if (place) {
        g_autofree char *ascii = render_host_ascii(host);
        g_autofree char *shown_url =
            g_strdup_printf("%.*s%s%s", (int)(place - safe), safe, ascii, place + strlen(host));
        link->url = sanitise(shown_url, -1, SANITISE_LINE);
    } else {
        link->url = sanitise(safe, -1, SANITISE_LINE);
    }
    return link;
}

void render_link_free(gpointer data)
{
    RenderLink *link = data;

    if (!link)
        return;
    g_free(link->text);
    g_free(link->url);
    g_free(link);
}

char *render_link_host(const char *url)
{
    g_autofree char *host = render_host_of_url(url, NULL);
    g_autofree char *ascii = render_host_imitates(host) ? render_host_ascii(host) : g_strdup(host);

    return sanitise(ascii, -1, SANITISE_OPEN);
}

/* ---- finding ---- */

static const char *const SCHEMES[] = {"https", "http", "ftp", "ftps", "news", "gemini", "irc", "ircs"};

/* What a link cannot follow at once; East Asian text has no spaces before one. */
static gboolean is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
}

/* The first letters of the schemes, of "www." and "mailto:": asked for every byte. */
static gboolean may_begin_link(char c)
{
    switch (c | 0x20) {
    case 'f':
    case 'g':
    case 'h':
    case 'i':
    case 'm':
    case 'n':
    case 'w':
        return TRUE;
    default:
        return FALSE;
    }
}

/* Whether a link begins at `at`; *head_out its scheme's bytes. `text` is there to look at what is before. */
static gboolean begins_link(const char *text, gsize bytes, gsize at, gsize *head_out)
{
    gsize left = bytes - at;

    if (at > 0 && is_word(text[at - 1]))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(SCHEMES); i++) {
        gsize n = strlen(SCHEMES[i]);
        if (left > n + 3 && memcmp(text + at + n, "://", 3) == 0 &&
            g_ascii_strncasecmp(text + at, SCHEMES[i], n) == 0) {
            *head_out = n + 3;
            return TRUE;
        }
    }
    if (left > 4 && g_ascii_strncasecmp(text + at, "www.", 4) == 0 && g_ascii_isalnum(text[at + 4])) {
        *head_out = 4;
        return TRUE;
    }
    if (left > 9 && g_ascii_strncasecmp(text + at, "mailto:", 7) == 0) {
        *head_out = 7;
        return TRUE;
    }
    return FALSE;
}

/* Characters beyond ASCII at which a URL ends: spaces, and the brackets and stops of East Asian sentences. */
static gboolean ends_url(gunichar c)
{
    static const char ENDS[] = "、。〈〉《》「」『』【】〔〕（），．：；！？“”‘’«»…·\u2068\u2069";

    return g_unichar_isspace(c) || g_utf8_strchr(ENDS, -1, c) != NULL;
}

/* Bytes of the URL at `url`, without what only ends the sentence around it. */
static gsize url_length(const char *url, gsize bytes)
{
    gsize n = 0;
    int open[3] = {0, 0, 0};
    static const char OPEN[] = "([{", CLOSE[] = ")]}";

    while (n < bytes) {
        guchar c = (guchar)url[n];
        const char *bracket;
        if (c <= ' ' || strchr("<>\"`|\\^", c))
            break;
        if (c >= 0x80) {
            if (ends_url(g_utf8_get_char(url + n)))
                break;
            n += (gsize)(g_utf8_next_char(url + n) - (url + n));
            continue;
        }
        if ((bracket = strchr(OPEN, c)))
            open[bracket - OPEN]++;
        else if ((bracket = strchr(CLOSE, c)))
            open[bracket - CLOSE]--;
        n++;
    }
    for (; n > 0; n--) {
        char c = url[n - 1];
        const char *bracket = strchr(CLOSE, c);
        if (bracket && open[bracket - CLOSE] < 0)
            open[bracket - CLOSE]++;
        else if (!strchr(".,;:!?'*_~([{", c))
            break;
    }
    return n;
}

gboolean render_link_find(const char *text, gsize bytes, gsize *start_out, gsize *length_out)
{
    for (gsize at = 0; at < bytes; at++) {
        gsize head;
        if (!may_begin_link(text[at]) || !begins_link(text, bytes, at, &head))
            continue;
        gsize length = url_length(text + at, bytes - at);
        if (length > head && length <= URL_MAX_BYTES) {
            *start_out = at;
            *length_out = length;
            return TRUE;
        }
        at += length > 0 ? length - 1 : 0;
    }
    return FALSE;
}

void render_text_add_linked(RenderText *text, RenderDocument *document, const char *safe, gsize bytes,
                            RenderStyle style)
{
    gsize start, length;

    while (render_link_find(safe, bytes, &start, &length)) {
        g_autofree char *shown = g_strndup(safe + start, length);
        gboolean is_bare = g_ascii_strncasecmp(shown, "www.", 4) == 0;
        g_autofree char *url = g_strconcat(is_bare ? "http://" : "", shown, NULL);
        int link = render_document_add_link(document, shown, url);
        render_text_add(text, safe, (gssize)start, style);
        guint mark = (guint)text->text->len;
        render_text_add(text, shown, -1, RENDER_LINK);
        render_text_mark_link(text, mark, link);
        render_text_add_link_warning(text, document, link);
        safe += start + length;
        bytes -= start + length;
    }
    render_text_add(text, safe, (gssize)bytes, style);
}

void render_text_add_link_warning(RenderText *text, const RenderDocument *document, int link)
{
    const RenderLink *found = render_document_link(document, link);

    if (!found || !found->is_suspicious)
        return;
    g_autofree char *host = render_link_host(found->url);
    g_autofree char *warning =
        g_strconcat(render_document_is_ascii(document) ? " [-> " : " [→ ", host, "]", NULL);
    render_text_add(text, warning, -1, RENDER_SECURITY_WARN);
}
