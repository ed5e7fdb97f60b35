/* url.c - see url.h. */
#include "config/url.h"

#include "base/i18n.h"
#include "base/paths.h"
#include "config/suggest.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct {
    const char *name;
    UrlKind kind;
    ConfigProtocol protocol;
    ConfigSecurity security;
    uint16_t port; /* registered; 0: no host but a path or command follows */
} Scheme;

static const Scheme SCHEMES[] = {
    {"imaps", URL_INCOMING, CONFIG_IMAP, CONFIG_TLS, 993},
    {"imap+starttls", URL_INCOMING, CONFIG_IMAP, CONFIG_STARTTLS, 143},
    {"imap", URL_INCOMING, CONFIG_IMAP, CONFIG_PLAIN, 143},
    {"pop3s", URL_INCOMING, CONFIG_POP3, CONFIG_TLS, 995},
    {"pop3+starttls", URL_INCOMING, CONFIG_POP3, CONFIG_STARTTLS, 110},
    {"pop3", URL_INCOMING, CONFIG_POP3, CONFIG_PLAIN, 110},
    {"maildir", URL_INCOMING, CONFIG_MAILDIR, CONFIG_PLAIN, 0},
    {"mbox", URL_INCOMING, CONFIG_MBOX, CONFIG_PLAIN, 0},
    {"smtps", URL_OUTGOING, CONFIG_SMTP, CONFIG_TLS, 465},
    {"smtp+starttls", URL_OUTGOING, CONFIG_SMTP, CONFIG_STARTTLS, 587},
    {"smtp", URL_OUTGOING, CONFIG_SMTP, CONFIG_PLAIN, 25},
    {"sendmail", URL_OUTGOING, CONFIG_SENDMAIL, CONFIG_PLAIN, 0},
};

#define EXAMPLE_INCOMING "imaps://ada@imap.example.org"
#define EXAMPLE_OUTGOING "smtp+starttls://ada@smtp.example.org"
#define EXAMPLE_PROXY "socks5://localhost:1080"
#define PROXY_SCHEME "socks5://"
#define PROXY_PORT 1080

static const char *example_of(UrlKind kind)
{
    return kind == URL_INCOMING ? EXAMPLE_INCOMING : EXAMPLE_OUTGOING;
}

/* What is cut off the front of a URL after its scheme. */
typedef struct {
    char *user, *host;
    guint port; /* 0: not given */
} Authority;

static void authority_clear(Authority *authority)
{
    g_free(authority->user);
    g_free(authority->host);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Authority, authority_clear)

/* Sets *why_out to what is wrong and what would be right. */
static gboolean wrong(char **why_out, const char *example, const char *what)
{
    *why_out = g_strdup_printf(_("%s; write for example %s"), what, example);
    return FALSE;
}

static gboolean has_control(const char *text)
{
    for (; *text; text++)
        if ((guchar)*text < 0x20 || *text == 0x7F)
            return TRUE;
    return FALSE;
}

static gboolean parse_user(const char *text, gsize size, const char *example, char **user_out, char **why_out)
{
    if (size == 0)
        return wrong(why_out, example, _("there is no user in front of the \"@\""));
    if (memchr(text, ':', size))
        return wrong(
            why_out, example,
            _("a password (or a \":\", which is written %3A) has no place in front of the \"@\": passwords "
              "go into password or password-command"));
    g_autofree char *user = g_uri_unescape_segment(text, text + size, NULL);
    if (!user || !g_utf8_validate(user, -1, NULL) || has_control(user))
        return wrong(why_out, example,
                     _("the user in front of the \"@\" is not well written (a \"%\" is written %25)"));
    *user_out = g_steal_pointer(&user);
    return TRUE;
}

static gboolean parse_port(const char *text, const char *example, guint *port_out, char **why_out)
{
    guint64 port = 0;

    if (!g_ascii_string_to_unsigned(text, 10, 1, 65535, &port, NULL))
        return wrong(why_out, example, _("the port after the \":\" must be a number from 1 to 65535"));
    *port_out = (guint)port;
    return TRUE;
}

/* A name that DNS can carry: letters, digits, '-' and '_' between dots, each label 1 to 63 bytes. */
static gboolean is_host_name(const char *host)
{
    gsize label = 0, length = strlen(host);

    if (length == 0 || length > 253)
        return FALSE;
    for (; *host; host++) {
        if (*host == '.') {
            if (label == 0)
                return FALSE;
            label = 0;
        } else if ((!g_ascii_isalnum(*host) && *host != '-' && *host != '_') || ++label > 63) {
            return FALSE;
        }
    }
    return label > 0;
}

static gboolean is_ipv6(const char *text)
{
    struct in6_addr address;
    g_autofree char *copy = g_strdup(text);
    char *zone = strchr(copy, '%');

    if (zone)
        *zone = '\0';
    return inet_pton(AF_INET6, copy, &address) == 1 && !(zone && !zone[1]);
}

/* "[::1]", with the zone of a link-local address as RFC 6874 writes it ("%25eth0"). *rest_out: what
 * follows. */
static gboolean parse_bracketed(const char *text, const char *example, char **host_out, const char **rest_out,
                                char **why_out)
{
    const char *end = strchr(text, ']');

    if (!end)
        return wrong(why_out, example, _("the \"[\" in front of the address is not closed by a \"]\""));
    g_autofree char *host = g_uri_unescape_segment(text + 1, end, NULL);
    if (!host || !is_ipv6(host))
        return wrong(why_out, example, _("what stands between \"[\" and \"]\" is no IPv6 address"));
    *host_out = g_steal_pointer(&host);
    *rest_out = end + 1;
    return TRUE;
}

static gboolean parse_name(const char *text, const char *example, char **host_out, const char **rest_out,
                           char **why_out)
{
    gsize size = strcspn(text, ":");

    if (is_ipv6(text))
        return wrong(why_out, example,
                     _("an IPv6 address stands in brackets, as in imaps://ada@[2001:db8::1]"));
    g_autofree char *name = g_strndup(text, size);
    if (g_str_has_suffix(name, "."))
        name[strlen(name) - 1] = '\0';
    g_autofree char *host = g_hostname_to_ascii(name);
    if (size == 0)
        return wrong(why_out, example, _("the host is missing"));
    if (!host || !is_host_name(host)) {
        g_autofree char *what = g_strdup_printf(_("“%s” cannot be a host's name"), name);
        return wrong(why_out, example, what);
    }
    *host_out = g_steal_pointer(&host);
    *rest_out = text + size;
    return TRUE;
}

/* [USER@]HOST[:PORT], and a lone "/" after it, which many write. */
static gboolean parse_authority(const char *text, const char *example, Authority *out, char **why_out)
{
    g_autofree char *copy = g_strdup(text);
    gsize size = strlen(copy);

    if (size > 0 && copy[size - 1] == '/')
        copy[size - 1] = '\0';
    char *at = strrchr(copy, '@');
    const char *host = at ? at + 1 : copy, *rest = NULL;
    if (at && !parse_user(copy, (gsize)(at - copy), example, &out->user, why_out))
        return FALSE;
    if (strpbrk(host, "/?#"))
        return wrong(why_out, example, _("nothing may follow the host and port (folders are no part of it)"));
    if (*host == '[' ? !parse_bracketed(host, example, &out->host, &rest, why_out)
                     : !parse_name(host, example, &out->host, &rest, why_out))
        return FALSE;
    if (*rest == '\0')
        return TRUE;
    if (*rest != ':')
        return wrong(why_out, example, _("after the \"]\" only \":\" and a port may follow"));
    return parse_port(rest + 1, example, &out->port, why_out);
}

static const Scheme *find_scheme(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(SCHEMES); i++)
        if (g_ascii_strcasecmp(SCHEMES[i].name, name) == 0)
            return &SCHEMES[i];
    return NULL;
}

static gboolean unknown_scheme(const char *name, UrlKind kind, char **why_out)
{
    const char *known[G_N_ELEMENTS(SCHEMES) + 1] = {NULL};
    gsize n = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(SCHEMES); i++)
        if (SCHEMES[i].kind == kind)
            known[n++] = SCHEMES[i].name;
    /* "imap+tls" and "imap+ssl" are what others call imaps. */
    gboolean is_tls = g_str_has_suffix(name, "+tls") || g_str_has_suffix(name, "+ssl");
    g_autofree char *word = is_tls ? g_strdup_printf("%.*ss", (int)(strlen(name) - 4), name) : g_strdup(name);
    const char *near = suggest_nearest(word, known);
    g_autofree char *all = g_strjoinv(", ", (char **)known);
    *why_out = near ? g_strdup_printf(_("“%s” is no protocol that tern knows; did you mean %s?"), name, near)
                    : g_strdup_printf(_("“%s” is no protocol that tern knows; it knows %s"), name, all);
    return FALSE;
}

/* What follows "maildir:", "mbox:" or "sendmail:". */
static gboolean parse_local(const Scheme *scheme, const char *rest, ConfigServer *out, char **why_out)
{
    if (scheme->protocol == CONFIG_SENDMAIL) {
        if (!*rest)
            return wrong(why_out, "sendmail:/usr/sbin/sendmail", _("the command is missing"));
        if (!g_shell_parse_argv(rest, NULL, NULL, NULL))
            return wrong(why_out, "sendmail:msmtp -a work",
                         _("the command's quotes do not match, or there is none"));
        out->path = g_strdup(rest);
        return TRUE;
    }
    if (rest[0] != '/' && !g_str_has_prefix(rest, "~/"))
        return wrong(why_out, scheme->protocol == CONFIG_MBOX ? "mbox:~/mbox" : "maildir:~/Maildir",
                     _("the path must begin with / or ~/"));
    out->path = paths_whole(rest);
    return TRUE;
}

/* The scheme of a URL and what follows its ':'. */
static const Scheme *parse_scheme(const char *text, UrlKind kind, const char **rest_out, char **why_out)
{
    gsize size = strcspn(text, ":");
    g_autofree char *name = g_strndup(text, size);

    /* Without "://" it may be HOST:PORT, and then the first part is no protocol. */
    if (!text[size] || (!g_str_has_prefix(text + size, "://") && !find_scheme(name))) {
        wrong(why_out, example_of(kind), _("this is no server's URL"));
        return NULL;
    }
    const Scheme *scheme = find_scheme(name);
    if (!scheme) {
        unknown_scheme(name, kind, why_out);
        return NULL;
    }
    if (scheme->kind != kind) {
        g_autofree char *what =
            kind == URL_INCOMING
                ? g_strdup_printf(_("%s sends mail and belongs to outgoing"), scheme->name)
                : g_strdup_printf(_("%s receives mail and belongs to incoming"), scheme->name);
        wrong(why_out, example_of(kind), what);
        return NULL;
    }
    *rest_out = text + size + 1;
    return scheme;
}

gboolean url_parse_server(const char *text, UrlKind kind, ConfigServer *server_out, char **why_out)
{
    g_auto(Authority) authority = {0};
    const char *rest = NULL;
    const Scheme *scheme = parse_scheme(text, kind, &rest, why_out);

    if (!scheme)
        return FALSE;
    *server_out =
        (ConfigServer){.protocol = scheme->protocol, .security = scheme->security, .port = scheme->port};
    if (!scheme->port)
        return parse_local(scheme, rest, server_out, why_out);
    if (!g_str_has_prefix(rest, "//"))
        return wrong(why_out, example_of(kind), _("\"//\" is missing after the \":\""));
    if (!parse_authority(rest + 2, example_of(kind), &authority, why_out))
        return FALSE;
    server_out->user = g_steal_pointer(&authority.user);
    server_out->host = g_steal_pointer(&authority.host);
    if (authority.port)
        server_out->port = (uint16_t)authority.port;
    return TRUE;
}

void url_server_clear(ConfigServer *server)
{
    g_free(server->user);
    g_free(server->host);
    g_free(server->path);
    *server = (ConfigServer){.protocol = CONFIG_NONE};
}

static const Scheme *scheme_of(const ConfigServer *server)
{
    for (gsize i = 0; i < G_N_ELEMENTS(SCHEMES); i++)
        if (SCHEMES[i].protocol == server->protocol && SCHEMES[i].security == server->security)
            return &SCHEMES[i];
    return NULL;
}

/* An IPv6 address in its brackets. */
static void append_host(GString *url, const char *host)
{
    g_auto(GStrv) halves = g_strsplit(host, "%", 2);

    if (!strchr(host, ':'))
        g_string_append(url, host);
    else
        g_string_append_printf(url, halves[1] ? "[%s%%25%s]" : "[%s]", halves[0], halves[1]);
}

char *url_format_server(const ConfigServer *server)
{
    const Scheme *scheme = scheme_of(server);

    if (!scheme)
        return NULL;
    if (!scheme->port)
        return g_strconcat(scheme->name, ":", server->path, NULL);
    g_autofree char *user = server->user ? g_uri_escape_string(server->user, NULL, TRUE) : NULL;
    g_autoptr(GString) url = g_string_new(scheme->name);
    g_string_append_printf(url, "://%s%s", user ? user : "", user ? "@" : "");
    append_host(url, server->host);
    if (server->port != scheme->port)
        g_string_append_printf(url, ":%u", server->port);
    return g_string_free(g_steal_pointer(&url), FALSE);
}

/* One half of USER:PASSWORD, which RFC 1929 sends as 1 to 255 bytes. Neither is quoted: either may be a
 * secret. */
static gboolean parse_proxy_word(const char *text, gsize size, char **word_out, char **why_out)
{
    g_autofree char *word = g_uri_unescape_segment(text, text + size, NULL);

    if (!word || has_control(word))
        return wrong(
            why_out, EXAMPLE_PROXY,
            _("user or password in front of the \"@\" are not well written (a \"%\" is written %25)"));
    if (!*word || strlen(word) > 255)
        return wrong(why_out, EXAMPLE_PROXY,
                     _("a proxy's user and password have 1 to 255 bytes each, as in USER:PASSWORD@"));
    *word_out = g_steal_pointer(&word);
    return TRUE;
}

static gboolean parse_proxy_login(const char *text, gsize size, ConfigProxy *out, char **why_out)
{
    const char *colon = memchr(text, ':', size);

    if (!colon)
        return wrong(why_out, EXAMPLE_PROXY,
                     _("the password is missing: a proxy asks for both, as in USER:PASSWORD@"));
    return parse_proxy_word(text, (gsize)(colon - text), &out->user, why_out) &&
           parse_proxy_word(colon + 1, size - (gsize)(colon + 1 - text), &out->password, why_out);
}

gboolean url_parse_proxy(const char *text, ConfigProxy *proxy_out, char **why_out)
{
    g_auto(Authority) authority = {0};

    *proxy_out = (ConfigProxy){.port = PROXY_PORT};
    if (g_ascii_strncasecmp(text, PROXY_SCHEME, strlen(PROXY_SCHEME)) != 0)
        return wrong(why_out, EXAMPLE_PROXY, _("a proxy is named by a socks5 URL"));
    text += strlen(PROXY_SCHEME);
    const char *at = strrchr(text, '@');
    if (at && !parse_proxy_login(text, (gsize)(at - text), proxy_out, why_out))
        return FALSE;
    if (!parse_authority(at ? at + 1 : text, EXAMPLE_PROXY, &authority, why_out))
        return FALSE;
    proxy_out->host = g_steal_pointer(&authority.host);
    if (authority.port)
        proxy_out->port = (uint16_t)authority.port;
    return TRUE;
}

void url_proxy_clear(ConfigProxy *proxy)
{
    g_free(proxy->user);
    if (proxy->password)
        explicit_bzero(proxy->password, strlen(proxy->password));
    g_free(proxy->password);
    g_free(proxy->host);
    *proxy = (ConfigProxy){0};
}

char *url_format_proxy(const ConfigProxy *proxy)
{
    if (!proxy->host)
        return NULL;
    g_autofree char *user = proxy->user ? g_uri_escape_string(proxy->user, NULL, TRUE) : NULL;
    g_autoptr(GString) url = g_string_new(PROXY_SCHEME);
    if (user)
        g_string_append_printf(url, "%s:********@", user);
    append_host(url, proxy->host);
    if (proxy->port != PROXY_PORT)
        g_string_append_printf(url, ":%u", proxy->port);
    return g_string_free(g_steal_pointer(&url), FALSE);
}

gboolean url_is_loopback(const char *host)
{
    struct in6_addr six;
    struct in_addr four;

    if (g_ascii_strcasecmp(host, "localhost") == 0 || g_str_has_suffix(host, ".localhost"))
        return TRUE;
    if (inet_pton(AF_INET, host, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}
