/* test-config-url.c - servers' URLs: what they mean, how they are written back, and what is said about wrong
 * ones. */
#include "config/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    UrlKind kind;
    const char *url;
    ConfigProtocol protocol;
    ConfigSecurity security;
    const char *user, *host;
    int port;
    const char *path;
    const char *back; /* how it is written; NULL: as it was */
} Right;

static const Right RIGHT[] = {
    {URL_INCOMING, "imaps://ada@imap.example.org", CONFIG_IMAP, CONFIG_TLS, "ada", "imap.example.org", 993,
     NULL, NULL},
    {URL_INCOMING, "imap+starttls://h", CONFIG_IMAP, CONFIG_STARTTLS, NULL, "h", 143, NULL, NULL},
    {URL_INCOMING, "imap://h:1143", CONFIG_IMAP, CONFIG_PLAIN, NULL, "h", 1143, NULL, NULL},
    {URL_INCOMING, "pop3s://h", CONFIG_POP3, CONFIG_TLS, NULL, "h", 995, NULL, NULL},
    {URL_INCOMING, "pop3+starttls://h", CONFIG_POP3, CONFIG_STARTTLS, NULL, "h", 110, NULL, NULL},
    {URL_INCOMING, "pop3://h", CONFIG_POP3, CONFIG_PLAIN, NULL, "h", 110, NULL, NULL},
    {URL_OUTGOING, "smtps://h", CONFIG_SMTP, CONFIG_TLS, NULL, "h", 465, NULL, NULL},
    {URL_OUTGOING, "smtp+starttls://h", CONFIG_SMTP, CONFIG_STARTTLS, NULL, "h", 587, NULL, NULL},
    {URL_OUTGOING, "smtp://h", CONFIG_SMTP, CONFIG_PLAIN, NULL, "h", 25, NULL, NULL},
    {URL_INCOMING, "IMAPS://h", CONFIG_IMAP, CONFIG_TLS, NULL, "h", 993, NULL, "imaps://h"},
    {URL_INCOMING, "imaps://h:993/", CONFIG_IMAP, CONFIG_TLS, NULL, "h", 993, NULL, "imaps://h"},
    {URL_INCOMING, "imaps://h.example.", CONFIG_IMAP, CONFIG_TLS, NULL, "h.example", 993, NULL,
     "imaps://h.example"},
    {URL_INCOMING, "imaps://ada%40example.org@h", CONFIG_IMAP, CONFIG_TLS, "ada@example.org", "h", 993, NULL,
     NULL},
    {URL_INCOMING, "imaps://ada@example.org@h", CONFIG_IMAP, CONFIG_TLS, "ada@example.org", "h", 993, NULL,
     "imaps://ada%40example.org@h"},
    {URL_INCOMING, "imaps://a%2Fb%3Ac@h", CONFIG_IMAP, CONFIG_TLS, "a/b:c", "h", 993, NULL, NULL},
    {URL_INCOMING, "imaps://%C3%A9@h", CONFIG_IMAP, CONFIG_TLS, "é", "h", 993, NULL, "imaps://é@h"},
    {URL_INCOMING, "imaps://127.0.0.1:10993", CONFIG_IMAP, CONFIG_TLS, NULL, "127.0.0.1", 10993, NULL, NULL},
    {URL_INCOMING, "imaps://[::1]", CONFIG_IMAP, CONFIG_TLS, NULL, "::1", 993, NULL, NULL},
    {URL_INCOMING, "imaps://a@[2001:db8::1]:1", CONFIG_IMAP, CONFIG_TLS, "a", "2001:db8::1", 1, NULL, NULL},
    {URL_INCOMING, "imaps://[fe80::1%25eth0]", CONFIG_IMAP, CONFIG_TLS, NULL, "fe80::1%eth0", 993, NULL,
     NULL},
    {URL_INCOMING, "imaps://bücher.example", CONFIG_IMAP, CONFIG_TLS, NULL, "xn--bcher-kva.example", 993,
     NULL, "imaps://xn--bcher-kva.example"},
    {URL_INCOMING, "maildir:/var/mail/ada", CONFIG_MAILDIR, CONFIG_PLAIN, NULL, NULL, 0, "/var/mail/ada",
     NULL},
    {URL_INCOMING, "mbox:/m", CONFIG_MBOX, CONFIG_PLAIN, NULL, NULL, 0, "/m", NULL},
    {URL_OUTGOING, "sendmail:/usr/sbin/sendmail -oi", CONFIG_SENDMAIL, CONFIG_PLAIN, NULL, NULL, 0,
     "/usr/sbin/sendmail -oi", NULL},
};

static void test_right(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(RIGHT); i++) {
        const Right *row = &RIGHT[i];
        g_autofree char *why = NULL;
        ConfigServer server = {0};
        if (!url_parse_server(row->url, row->kind, &server, &why))
            fail_msg("%s: %s", row->url, why);
        g_autofree char *back = url_format_server(&server);
        if (server.protocol != row->protocol || server.security != row->security ||
            server.port != row->port || g_strcmp0(server.user, row->user) != 0 ||
            g_strcmp0(server.host, row->host) != 0 || g_strcmp0(server.path, row->path) != 0 ||
            strcmp(back, row->back ? row->back : row->url) != 0)
            fail_msg("%s: user %s host %s port %d path %s back %s", row->url, server.user, server.host,
                     server.port, server.path, back);
        url_server_clear(&server);
    }
}

static void test_home(void **state G_GNUC_UNUSED)
{
    g_autofree char *why = NULL, *expected = g_build_filename(g_get_home_dir(), "Maildir", NULL);
    ConfigServer server = {0};

    assert_true(url_parse_server("maildir:~/Maildir", URL_INCOMING, &server, &why));
    assert_string_equal(server.path, expected);
    url_server_clear(&server);
}

typedef struct {
    UrlKind kind;
    const char *url, *says; /* a piece of what is said */
} Wrong;

static const Wrong WRONG[] = {
    {URL_INCOMING, "", "no server's URL"},
    {URL_INCOMING, "imap.example.org", "no server's URL; write for example imaps://"},
    {URL_INCOMING, "imap.example.org:993", "no server's URL"},
    {URL_INCOMING, "ada@example.org", "no server's URL"},
    {URL_INCOMING, "imap+tls://h", "did you mean imaps?"},
    {URL_INCOMING, "impas://h", "did you mean imaps?"},
    {URL_INCOMING, "https://h", "it knows imaps, imap+starttls"},
    {URL_INCOMING, "imaps:h", "\"//\" is missing"},
    {URL_INCOMING, "imaps:///", "host is missing"},
    {URL_INCOMING, "imaps://", "host is missing"},
    {URL_INCOMING, "imaps://ada@", "host is missing"},
    {URL_INCOMING, "imaps://@h", "no user"},
    {URL_INCOMING, "imaps://ada:secret@h", "password-command"},
    {URL_INCOMING, "imaps://a%@h", "%25"},
    {URL_INCOMING, "imaps://a%00b@h", "user"},
    {URL_INCOMING, "imaps://a%0D%0Ab@h", "user"},
    {URL_INCOMING, "imaps://a%FF@h", "user"},
    {URL_INCOMING, "imaps://h:0", "1 to 65535"},
    {URL_INCOMING, "imaps://h:65536", "1 to 65535"},
    {URL_INCOMING, "imaps://h:", "1 to 65535"},
    {URL_INCOMING, "imaps://h:99x", "1 to 65535"},
    {URL_INCOMING, "imaps://h:-1", "1 to 65535"},
    {URL_INCOMING, "imaps://h/INBOX", "nothing may follow"},
    {URL_INCOMING, "imaps://h?x", "nothing may follow"},
    {URL_INCOMING, "imaps://h#x", "nothing may follow"},
    {URL_INCOMING, "imaps://a b", "cannot be a host"},
    {URL_INCOMING, "imaps://a..b", "cannot be a host"},
    {URL_INCOMING, "imaps://.", "cannot be a host"},
    {URL_INCOMING, "imaps://2001:db8::1", "brackets"},
    {URL_INCOMING, "imaps://[::1", "not closed"},
    {URL_INCOMING, "imaps://[::g]", "no IPv6"},
    {URL_INCOMING, "imaps://[127.0.0.1]", "no IPv6"},
    {URL_INCOMING, "imaps://[fe80::1%25]", "no IPv6"},
    {URL_INCOMING, "imaps://[::1]x", "only \":\""},
    {URL_INCOMING, "maildir:Maildir", "must begin with / or ~/"},
    {URL_INCOMING, "mbox:", "must begin with / or ~/; write for example mbox:"},
    {URL_INCOMING, "smtps://h", "belongs to outgoing"},
    {URL_OUTGOING, "imaps://h", "belongs to incoming"},
    {URL_OUTGOING, "sendmail:", "command is missing"},
    {URL_OUTGOING, "sendmail:msmtp -a 'x", "quotes do not match"},
    {URL_OUTGOING, "sendmail: ", "there is none"},
    {URL_OUTGOING, "smtp+tls://h", "did you mean"},
};

static void test_wrong(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autofree char *why = NULL;
        ConfigServer server = {0};
        if (url_parse_server(WRONG[i].url, WRONG[i].kind, &server, &why))
            fail_msg("%s: taken", WRONG[i].url);
        if (!strstr(why, WRONG[i].says) || strstr(why, "secret"))
            fail_msg("%s: %s", WRONG[i].url, why);
        url_server_clear(&server);
    }
}

static void test_long_host(void **state G_GNUC_UNUSED)
{
    g_autofree char *label = g_strnfill(64, 'a');
    g_autofree char *url = g_strconcat("imaps://", label, NULL), *why = NULL;
    ConfigServer server = {0};

    assert_false(url_parse_server(url, URL_INCOMING, &server, &why));
}

static const struct {
    const char *url, *user, *password, *host;
    guint port;
    const char *shown; /* NULL: as `url` */
} PROXIES[] = {
    {"socks5://localhost", NULL, NULL, "localhost", 1080, NULL},
    {"socks5://[::1]:1081", NULL, NULL, "::1", 1081, NULL},
    {"SOCKS5://h:1080", NULL, NULL, "h", 1080, "socks5://h"},
    {"socks5://ada:secret@h:9050", "ada", "secret", "h", 9050, "socks5://ada:********@h:9050"},
    {"socks5://a%3Ab:s%40%2F@[2001:db8::1]", "a:b", "s@/", "2001:db8::1", 1080,
     "socks5://a%3Ab:********@[2001:db8::1]"},
    /* What is in the password is the password's: the last "@" ends it. */
    {"socks5://ada:a:b@c@h/", "ada", "a:b@c", "h", 1080, "socks5://ada:********@h"},
};

static void test_proxy(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(PROXIES); i++) {
        g_autofree char *why = NULL;
        ConfigProxy proxy;
        if (!url_parse_proxy(PROXIES[i].url, &proxy, &why))
            fail_msg("%s: %s", PROXIES[i].url, why);
        if (g_strcmp0(proxy.user, PROXIES[i].user) || g_strcmp0(proxy.password, PROXIES[i].password))
            fail_msg("%s: read as %s and %s", PROXIES[i].url, proxy.user, proxy.password);
        assert_string_equal(proxy.host, PROXIES[i].host);
        assert_int_equal(proxy.port, PROXIES[i].port);
        g_autofree char *shown = url_format_proxy(&proxy);
        assert_string_equal(shown, PROXIES[i].shown ? PROXIES[i].shown : PROXIES[i].url);
        url_proxy_clear(&proxy);
        assert_null(url_format_proxy(&proxy));
    }
}

static void test_wrong_proxy(void **state G_GNUC_UNUSED)
{
    g_autofree char *long_word = g_strnfill(256, 'x');
    g_autofree char *long_url = g_strconcat("socks5://ada:", long_word, "@h", NULL);
    const struct {
        const char *url, *says;
    } bad[] = {
        {"", "socks5 URL"},
        {"http://h", "socks5 URL"},
        {"socks4://h", "socks5 URL"},
        {"socks5://", "host is missing"},
        {"socks5://h:x", "port"},
        {"socks5://h/path", "nothing may follow"},
        {"socks5://secret@h", "password is missing"},
        {"socks5://:secret@h", "1 to 255"},
        {"socks5://secret:@h", "1 to 255"},
        {"socks5://a%0A:secret@h", "well written"},
        {"socks5://a%00:secret@h", "well written"},
        {"socks5://ada:secret%@h", "well written"},
        {long_url, "1 to 255"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *why = NULL;
        ConfigProxy proxy;
        if (url_parse_proxy(bad[i].url, &proxy, &why))
            fail_msg("%s: taken", bad[i].url);
        if (!strstr(why, bad[i].says) || strstr(why, "secret"))
            fail_msg("%s: %s", bad[i].url, why);
        url_proxy_clear(&proxy);
    }
}

static void test_loopback(void **state G_GNUC_UNUSED)
{
    static const char *const INSIDE[] = {"localhost", "LOCALHOST", "a.localhost", "127.0.0.1",
                                         "127.9.9.9", "::1",       NULL};
    static const char *const OUTSIDE[] = {
        "127.0.0.1.example.org", "localhost.example.org", "128.0.0.1", "::2", "h", NULL};

    for (gsize i = 0; INSIDE[i]; i++)
        assert_true(url_is_loopback(INSIDE[i]));
    for (gsize i = 0; OUTSIDE[i]; i++)
        assert_false(url_is_loopback(OUTSIDE[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),     cmocka_unit_test(test_home),  cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_long_host), cmocka_unit_test(test_proxy), cmocka_unit_test(test_wrong_proxy),
        cmocka_unit_test(test_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
