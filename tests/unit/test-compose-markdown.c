/* test-compose-markdown.c - what is made of Markdown, with the words of others in it; and a message with it,
 * whole. */
#include "compose/markdown.h"

#include "base/error.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define BEGIN "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"></head>\n<body>\n"
#define END "</body>\n</html>\n"

static char *picture(const char *name, void *data)
{
    (void)data;
    return strcmp(name, "a plan.png") == 0 ? g_strdup("cid:1@x") : NULL;
}

static const struct {
    const char *text, *html;
} ROWS[] = {
    {"*Hi* Zoë\n", "<p><em>Hi</em> Zoë</p>\n"},
    {"", ""},
    {"> quoted\n", "<blockquote>\n<p>quoted</p>\n</blockquote>\n"},
    /* pictures: attached ones stand there, others are links */
    {"![the plan](a%20plan.png)\n", "<p><img src=\"cid:1@x\" alt=\"the plan\" /></p>\n"},
    {"![the plan](<a plan.png>)\n", "<p><img src=\"cid:1@x\" alt=\"the plan\" /></p>\n"},
    {"![x *y*](http://evil.example/track.png)\n",
     "<p><a href=\"http://evil.example/track.png\">x <em>y</em></a></p>\n"},
    {"![](http://evil.example/t.png)\n",
     "<p><a href=\"http://evil.example/t.png\">http://evil.example/t.png</a></p>\n"},
    {"![a ![b](http://x/) c](http://y/)\n", NULL},
    /* HTML is what was typed */
    {"<script>alert(1)</script>\n", "<p>&lt;script&gt;alert(1)&lt;/script&gt;\n</p>\n"},
    {"a <img src=\"http://x/\"> b\n", "<p>a &lt;img src=&quot;http://x/&quot;&gt; b</p>\n"},
    {"> <b>bold</b>\n", "<blockquote>\n<p>&lt;b&gt;bold&lt;/b&gt;</p>\n</blockquote>\n"},
    {"[x](javascript:alert(1))\n", "<p><a href=\"\">x</a></p>\n"},
    {"[x](file:///etc/passwd)\n", "<p><a href=\"\">x</a></p>\n"},
    /* others' definitions of links define nothing; one's own do */
    {"[1]\n\n[1]: http://a/\n", "<p><a href=\"http://a/\">1</a></p>\n"},
    {"> [1]: http://evil/\n\n[1]\n", "<blockquote>\n<p>[1]: http://evil/</p>\n</blockquote>\n<p>[1]</p>\n"},
    {"> [1]: http://evil/\n\n[1]\n\n[1]: http://a/\n",
     "<blockquote>\n<p><a href=\"http://a/\">1</a>: http://evil/</p>\n</blockquote>\n<p><a "
     "href=\"http://a/\">1</a></p>\n"},
    {"> > [1]: http://evil/\n\n[1]\n",
     "<blockquote>\n<blockquote>\n<p>[1]: http://evil/</p>\n</blockquote>\n</blockquote>\n<p>[1]</p>\n"},
    {">   - [1]: http://evil/\n\n[1]\n",
     "<blockquote>\n<ul>\n<li>[1]: http://evil/</li>\n</ul>\n</blockquote>\n<p>[1]</p>\n"},
    {"- > [1]: http://evil/\n\n[1]\n",
     "<ul>\n<li>\n<blockquote>\n<p>[1]: http://evil/</p>\n</blockquote>\n</li>\n</ul>\n<p>[1]</p>\n"},
    {"> [^1]: http://evil/\n\n[^1]\n",
     "<blockquote>\n<p>[^1]: http://evil/</p>\n</blockquote>\n<p>[^1]</p>\n"},
    {"> [a\n> b]:\n> http://evil/\n> \"t\"\n\n[a b]\n",
     "<blockquote>\n<p>[a\nb]:\nhttp://evil/\n&quot;t&quot;</p>\n</blockquote>\n<p>[a b]</p>\n"},
    {"> [2]: http://x/\n> [1]: http://evil/\n\n[1] [2]\n",
     "<blockquote>\n<p>[2]: http://x/\n[1]: http://evil/</p>\n</blockquote>\n<p>[1] [2]</p>\n"},
    {">     if a[1]:\n> `b[2]:` <http://[::1]:80/>\n",
     "<blockquote>\n<pre><code>if a[1]:\n</code></pre>\n<p><code>b[2]:</code> <a "
     "href=\"http://%5B::1%5D:80/\">http://[::1]:80/</a></p>\n</blockquote>\n"},
    {"> [x](java\xef\xb7\x90script:alert(1))\n", "<blockquote>\n<p><a href=\"\">x</a></p>\n</blockquote>\n"},
    {"[1]\n\n-------- Forwarded message --------\nFrom: x\n\n[1]: http://evil/\n",
     "<p>[1]</p>\n<p>-------- Forwarded message --------\nFrom: x</p>\n<p>[1]: http://evil/</p>\n"},
    /* a signature makes no heading, and keeps its lines */
    {"Bye\n-- \nAda\n# 1 hacker\n", "<p>Bye</p>\n<p>--<br />\nAda<br />\n# 1 hacker</p>\n"},
    {"Bye\n\n-- \nAda\n\nOn Mon, Zoë wrote:\n> *x*\n",
     "<p>Bye</p>\n<p>--<br />\nAda</p>\n<p>On Mon, Zoë "
     "wrote:</p>\n<blockquote>\n<p><em>x</em></p>\n</blockquote>\n"},
};

static void test_rows(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autofree char *html = markdown_to_html(ROWS[i].text, picture, NULL, NULL);
        g_autofree char *wanted = g_strconcat(BEGIN, ROWS[i].html ? ROWS[i].html : "", END, NULL);
        if (ROWS[i].html)
            assert_string_equal(html, wanted);
        assert_null(strstr(html, "<img src=\"http"));
    }
}

/* What makes cmark slow takes no time to speak of at the longest that is taken. */
static void test_limit(void **state)
{
    static const char *const SLOW[] = {"> ",   "*a_ ", "[",  "![[]()", "<a",       "`` ` ",
                                       "&#1;", "1. ",  "\\", "~~~ ",   "a\n===\n", "**x [a*b**c*](d"};
    g_autoptr(GError) error = NULL;
    gint64 begin_us = g_get_monotonic_time();

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(SLOW); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        while (text->len + strlen(SLOW[i]) <= LIMIT_MARKDOWN_BYTES)
            g_string_append(text, SLOW[i]);
        g_autofree char *html = markdown_to_html(text->str, NULL, NULL, NULL);
        assert_non_null(html);
        print_message("%s: %d ms\n", SLOW[i], (int)((g_get_monotonic_time() - begin_us) / 1000));
        begin_us = g_get_monotonic_time();
    }
    g_autofree char *much = g_strnfill(LIMIT_MARKDOWN_BYTES + 1, 'a');
    assert_null(markdown_to_html(much, NULL, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_LIMIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_limit)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
