/* host.c - see host.h. */
#include "render/host.h"

#include <gio/gio.h>
#include <string.h>
#include <unictype.h>

/* Where the host begins, with what stands before an '@' in front of it; the end of the url when it has
 * none. */
static const char *host_start(const char *url)
{
    gsize scheme = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    const char *rest = url + scheme;

    if (*rest != ':')
        return rest + strlen(rest);
    rest++;
    if (g_ascii_strncasecmp(url, "mailto:", 7) == 0) {
        const char *at = memchr(rest, '@', strcspn(rest, "?"));
        return at ? at + 1 : rest + strlen(rest);
    }
    /* "https:example.org" and "https:\\example.org" go where "https://example.org" goes, says every
     * browser. */
    if (g_ascii_strncasecmp(url, "http:", 5) == 0 || g_ascii_strncasecmp(url, "https:", 6) == 0 ||
        g_ascii_strncasecmp(url, "ftp:", 4) == 0)
        return rest + strspn(rest, "/\\");
    return g_str_has_prefix(rest, "//") ? rest + 2 : rest + strlen(rest);
}

char *render_host_of_url(const char *url, gboolean *has_user_out)
{
    const char *host = host_start(url);
    gboolean has_user = FALSE;

    /* Browsers read '\' as '/'. */
    gsize length = strcspn(host, "/\\?#, ");
    const char *at = g_strrstr_len(host, (gssize)length, "@");
    if (at) {
        has_user = TRUE;
        length -= (gsize)(at + 1 - host);
        host = at + 1;
    }
    if (host[0] == '[')
        length = MIN(length, strcspn(host, "]") + 1);
    else
        length = MIN(length, strcspn(host, ":"));
    while (length > 0 && host[length - 1] == '.')
        length--;
    if (has_user_out)
        *has_user_out = has_user;
    return g_utf8_strdown(host, (gssize)length);
}

char *render_host_ascii(const char *host)
{
    char *ascii = g_str_is_ascii(host) ? NULL : g_hostname_to_ascii(host);

    return ascii ? ascii : g_strdup(host);
}

/* Scripts by bits, as far as languages write them together. */
enum {
    SCRIPT_LATIN = 1 << 0,
    SCRIPT_HAN = 1 << 1,
    SCRIPT_KANA = 1 << 2,
    SCRIPT_HANGUL = 1 << 3,
    SCRIPT_BOPOMOFO = 1 << 4,
    SCRIPT_OTHER = 1 << 5,
};

static guint script_bit(const uc_script_t *script)
{
    static const struct {
        const char *name;
        guint bit;
    } SCRIPTS[] = {
        {"Common", 0},
        {"Inherited", 0},
        {"Latin", SCRIPT_LATIN},
        {"Han", SCRIPT_HAN},
        {"Hiragana", SCRIPT_KANA},
        {"Katakana", SCRIPT_KANA},
        {"Hangul", SCRIPT_HANGUL},
        {"Bopomofo", SCRIPT_BOPOMOFO},
    };
    for (gsize i = 0; script && i < G_N_ELEMENTS(SCRIPTS); i++)
        if (strcmp(script->name, SCRIPTS[i].name) == 0)
            return SCRIPTS[i].bit;
    return SCRIPT_OTHER;
}

static gboolean is_together(guint scripts)
{
    static const guint TOGETHER[] = {
        SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_KANA,
        SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_HANGUL,
        SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_BOPOMOFO,
        SCRIPT_OTHER,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(TOGETHER); i++)
        if ((scripts & ~TOGETHER[i]) == 0)
            return TRUE;
    return FALSE;
}

/* Cyrillic, Greek and Armenian letters that pass for Latin ones. */
static gboolean looks_latin(gunichar c)
{
    static const char LOOKALIKES[] = "асԁеһіјӏорԛѕԝхуъЬҽпгѵѡѐёїүɡɩοαινυρτκωχօոսցեհյզ";

    return c < 0x80 || g_utf8_strchr(LOOKALIKES, -1, c) != NULL;
}

static gboolean label_imitates(const char *label)
{
    const uc_script_t *other = NULL;
    guint scripts = 0;
    gboolean all_look_latin = TRUE, has_letters = FALSE;

    for (const char *p = label; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        const uc_script_t *script = uc_script(c);
        guint bit = script_bit(script);
        scripts |= bit;
        if (bit == SCRIPT_OTHER) {
            if (other && other != script)
                return TRUE;
            other = script;
        }
        all_look_latin &= looks_latin(c);
        has_letters |= c >= 0x80;
    }
    return has_letters && (!is_together(scripts) || (all_look_latin && (scripts & SCRIPT_OTHER)));
}

gboolean render_host_imitates(const char *host)
{
    g_autofree char *decoded = strstr(host, "xn--") ? g_hostname_to_unicode(host) : NULL;
    const char *name = decoded ? decoded : host;

    if (g_str_is_ascii(name))
        return FALSE;
    g_auto(GStrv) labels = g_strsplit(name, ".", 0);
    for (guint i = 0; labels[i]; i++)
        if (label_imitates(labels[i]))
            return TRUE;
    return FALSE;
}

static gboolean is_within(const char *host, const char *domain)
{
    gsize host_size = strlen(host), domain_size = strlen(domain);

    return host_size > domain_size && host[host_size - domain_size - 1] == '.' &&
           strcmp(host + host_size - domain_size, domain) == 0;
}

gboolean render_host_matches(const char *shown, const char *real)
{
    g_autofree char *a = render_host_ascii(g_str_has_prefix(shown, "www.") ? shown + 4 : shown);
    g_autofree char *b = render_host_ascii(g_str_has_prefix(real, "www.") ? real + 4 : real);

    return strcmp(a, b) == 0 || is_within(a, b) || is_within(b, a);
}
