/* test-render-link.c - links in text, and which of them deceive. */
#include "render/host.h"
#include "render/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void test_find(void **state)
{
    (void)state;
    static const struct {
        const char *text, *link; /* NULL: none */
    } ROWS[] = {
        {"see https://example.org/a.", "https://example.org/a"},
        {"(https://example.org/a)", "https://example.org/a"},
        {"https://example.org/a_(b)", "https://example.org/a_(b)"},
        {"(see https://example.org/a_(b))", "https://example.org/a_(b)"},
        {"<https://example.org/a>", "https://example.org/a"},
        {"\"http://example.org/?a=1&b=[2]\",", "http://example.org/?a=1&b=[2]"},
        {"HTTP://EXAMPLE.ORG/X!?", "HTTP://EXAMPLE.ORG/X"},
        {"www.example.org, and", "www.example.org"},
        {"mailto:ada@example.org;", "mailto:ada@example.org"},
        {"詳細はhttps://example.org/a。", "https://example.org/a"},
        {"（https://example.org/a）。", "https://example.org/a"},
        {"https://example.org/日本、と", "https://example.org/日本"},
        {"ftp://ftp.example.org/x", "ftp://ftp.example.org/x"},
        {"javascript:alert(1) file:///etc/passwd", NULL},
        {"xhttp://example.org", NULL},
        {"http://", NULL},
        {"http:// www. mailto:", NULL},
        {"wwww.", NULL},
        {"", NULL},
        {"http://(((((", NULL},
        {"http://x http://y.example", "http://x"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        gsize start = 0, length = 0;
        gboolean found = render_link_find(ROWS[i].text, strlen(ROWS[i].text), &start, &length);
        g_autofree char *link = found ? g_strndup(ROWS[i].text + start, length) : NULL;
        if (g_strcmp0(link, ROWS[i].link) != 0)
            fail_msg("'%s': found '%s', expected '%s'", ROWS[i].text, link, ROWS[i].link);
    }
}

static void test_suspicious(void **state)
{
    (void)state;
    static const struct {
        const char *text, *url, *shown_url;
        gboolean is_suspicious;
    } ROWS[] = {
        {"here", "https://example.org/", "https://example.org/", FALSE},
        {"example.org", "https://www.example.org/x", "https://www.example.org/x", FALSE},
        {"https://example.org/a", "https://example.org/b", "https://example.org/b", FALSE},
        {"https://bank.example", "https://evil.example/", "https://evil.example/", TRUE},
        {"www.bank.example", "http://bank.example.evil.example/", "http://bank.example.evil.example/", TRUE},
        {"bank.example/login", "https://evil.example/", "https://evil.example/", TRUE},
        {"ada@example.org", "mailto:ada@example.org", "mailto:ada@example.org", FALSE},
        {"ada@example.org", "mailto:thief@evil.example", "mailto:thief@evil.example", TRUE},
        {"readme.txt, e.g.", "https://example.org/", "https://example.org/", FALSE},
        {"version 3.5", "https://example.org/", "https://example.org/", FALSE},
        {"login", "https://bank.example@evil.example/", "https://bank.example@evil.example/", TRUE},
        {"login", "https://bank.example\\@evil.example/", "https://bank.example\\@evil.example/", FALSE},
        {"bank.example", "https:evil.example/?u=https://bank.example/",
         "https:evil.example/?u=https://bank.example/", TRUE},
        {"Log in at https://bank.example now", "https://evil.example/", "https://evil.example/", TRUE},
        {"see www.bank.example", "https://evil.example/", "https://evil.example/", TRUE},
        {"see www.bank.example", "https://bank.example/x", "https://bank.example/x", FALSE},
        {"the Node.js notes", "https://example.org/", "https://example.org/", FALSE},
        {"x", "https://b\u0430nk.example/a", "https://xn--bnk-6cd.example/a", TRUE},
        {"x", "https://xn--bnk-6cd.example/a", "https://xn--bnk-6cd.example/a", TRUE},
        {"x", "https://\u0430\u0440\u0440\u04CF\u0435.com/", "https://xn--80ak6aa92e.com/", TRUE},
        {"x", "https://münchen.example/", "https://münchen.example/", FALSE},
        {"x", "https://пример.рф/", "https://пример.рф/", FALSE},
        {"x", "https://日本語テキスト.jp/", "https://日本語テキスト.jp/", FALSE},
        {"x", "https://example.org/\u202Egnp", "https://example.org/%E2%80%AEgnp", FALSE},
        {"x", "https://example.org/\033[2J a", "https://example.org/%1B[2J%20a", FALSE},
        {"\033x", "", "", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        RenderLink *link = render_link_new(ROWS[i].text, ROWS[i].url);
        if (link->is_suspicious != ROWS[i].is_suspicious || strcmp(link->url, ROWS[i].shown_url) != 0)
            fail_msg("'%s' to '%s': '%s', %d", ROWS[i].text, ROWS[i].url, link->url, link->is_suspicious);
        render_link_free(link);
    }
}

static void test_host(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
        gboolean has_user;
    } ROWS[] = {
        {"https://Example.ORG:8080/x", "example.org", FALSE},
        {"http://u:p@example.org./", "example.org", TRUE},
        {"http://[::1]:80/", "[::1]", FALSE},
        {"mailto:a@b.example?subject=x@y", "b.example", FALSE},
        {"http://a/@b", "a", FALSE},
        {"http://a?@b", "a", FALSE},
        {"http://", "", FALSE},
        {"https:evil.example/?https://bank.example", "evil.example", FALSE},
        {"https:/evil.example/", "evil.example", FALSE},
        {"https:\\\\evil.example\\x", "evil.example", FALSE},
        {"https:///evil.example/", "evil.example", FALSE},
        {"news:x@news.example", "", FALSE},
        {"gemini://example.org/x", "example.org", FALSE},
        {"mailto:?to=a@b.example", "", FALSE},
        {"/x?y=http://a.example", "", FALSE},
        {"nothing", "", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        gboolean has_user;
        g_autofree char *host = render_host_of_url(ROWS[i].url, &has_user);
        assert_string_equal(host, ROWS[i].host);
        assert_int_equal(has_user, ROWS[i].has_user);
    }
    assert_true(render_host_matches("example.org", "www.example.org"));
    assert_true(render_host_matches("example.org", "mail.example.org"));
    assert_false(render_host_matches("example.org", "badexample.org"));
    assert_false(render_host_matches("example.org", "example.org.evil.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_suspicious),
        cmocka_unit_test(test_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
