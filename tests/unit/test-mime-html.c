/* test-mime-html.c - HTML as mail has it, and as an enemy writes it. */
#include "base/limits.h"
#include "mime/html.h"
#include "mime/html_wash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

typedef struct {
    const char *html, *expected;
} Row;

/*
 * The model as text: a line for each block, an empty one where it has a gap. The block's kind: P, H1 to H6,
 * "-" a bullet and "3." a number, PRE, ROW (cells after '|'), RULE; after '+' the lists around it, after '>'
 * the quotes. Then its text, line breaks as '/', runs with style as {b:text} (b i u s c, a for alt), links as
 * [n:text].
 */
static const Row ROWS[] = {
    {"plain text", "P plain text"},
    {"", ""},
    {"  a \n b\t&amp;\r\n<b>c</b> ", "P a b & {b:c}"},
    {"a<br>b<br><br>c<br><br><br><br>d<br>", "P a/b//c//d"},
    {"<p>a<p>b</p><div>c</div>d", "P a||P b||P c|P d"},
    {"<div>a</div><div><br></div><div>b</div>", "P a||P b"},
    {"<p>a</p><p>&nbsp;</p><p>b</p>", "P a||P b"},
    {"<b>a <i>b</i></b> <u>c</u><s>d</s><code>e</code>", "P {b:a }{bi:b} {u:c}{s:d}{c:e}"},
    {"<strong>a</strong><em>b</em><del>c</del><tt>d</tt>", "P {b:a}{i:b}{s:c}{c:d}"},
    {"<h1>a</h1>b<h6>c</h6>", "H1 a||P b||H6 c"},
    {"<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "-+1 a|-+1 b|-+2 c|-+1 d||P e"},
    {"<ol start=3><li>a</li><li>b<p>c</p></li><li value=9>d</ol>", "3.+1 a|4.+1 b||P+1 c||9.+1 d"},
    {"<dl><dt>a<dd>b<dt>c</dl>", "P a|P b|P c"},
    {"<pre>\n a\n  b</pre>c", "PRE  a/  b||P c"},
    {"<div style='white-space: pre-wrap'>a  b\nc</div>", "P a  b/c"},
    {"<blockquote>a<blockquote type=cite>b</blockquote></blockquote>c", "P> a||P>> b||P c"},
    {"a<hr>b", "P a|RULE|P b"},
    {"<table border=1><tr><td>a<td>b<tr><td>c<td>d</table>", "ROW|a|b|ROW|c|d"},
    {"<table><tr><th>a<th>b<tr><td>c<td></table>x", "ROW|a|b|ROW|c|||P x"},
    {"<table><tr><td>one<p>two</table>", "P one||P two"},
    {"<table><tr><td>a</td><td>b</td></tr></table>", "P a|P b"},
    {"<table role=presentation border=1><tr><td>a<td>b<tr><td>c<td>d</table>", "P a|P b|P c|P d"},
    {"<table border=1><tr><td>a<td><table><tr><td>b</table></table>", "P a|P b"},
    {"<a href='https://x.example/?a=1&amp;b'>a <b>b</b></a> c",
     "P [0:a ]{b[0:b]} c||0 https://x.example/?a=1&b a b"},
    {"<a href=' mailto:a@b.example\n'>x</a>", "P [0:x]||0 mailto:a@b.example x"},
    {"<a href='javascript:alert(1)'>x</a><a href='/y'>y</a><a href='file:///z'>z</a>", "P xyz"},
    {"<a href='\f\t \f'>x</a>", "P x"},
    {"<a href=\"java&#10;script:x\">x</a><a href='HTTP:'>y</a>", "P xy"},
    {"<a href=http://x.example/><img src=http://x.example/i.png></a>",
     "P {a[0:[x.example]]}||0 http://x.example/ [x.example]"},
    {"<a href=http://a.example>x<a href=http://b.example>y</a>z",
     "P [0:x][1:y]z||0 http://a.example x|1 http://b.example y"},
    {"<img alt='A &lt; B' src=http://x.example/y><img src=cid:x alt=Logo><img src=cid:y>",
     "P {a:A < B[picture: Logo][picture]}"},
    {"<title>t</title><style>s</style><script>if(a<b)'</p>'</script><template>x</template>y", "P y"},
    {"a<!-- b -- c -->d<!-->e<!--->f<!-- g --!>h<![if x]>i<?j?>k", "P adefhik"},
    {"<!--[if mso]><table><tr><td>outlook</td></tr></table><![endif]-->a", "P a"},
    {"<div style='display:none'>a<div>b</div></div>c<span hidden>d</span><p style='VISIBILITY : Hidden'>e",
     "P c"},
    {"<div style='max-height:0;overflow:hidden'>a</div><div style='opacity:0.0'>b</div>c", "P c"},
    {"<table><tr><td style='font-size:0px'>a<div style='font-size:12px'>b</div></td></table>", "P b"},
    {"<custom-x style='display:none'>a<o:p>b</o:p></custom-x>c", "P c"},
    {"a&zwnj;b&shy;c&#847;&#8203;d", "P a\u200c"
                                     "bcd"},
    {"1 < 2 && 3 > 2 <3 <", "P 1 < 2 && 3 > 2 <3 <"},
    {"a</p></div></b></nonsense></ >b<p/>c", "P ab||P c"},
    {"a<b", "P a"},
    {"<p title=\"a>b\" title='x'>c<p title='>d", "P c"},
    {"&#0;&#x202e;&copy;&notanentity;", "P \uFFFD\u202e©¬anentity;"},
    {"<div class=gmail_quote>On Mon Ada wrote:<br><blockquote class=gmail_quote>x</blockquote></div>",
     "P On Mon Ada wrote:||P> x"},
    {"<center>a</center><form>b<input value=c><button>d</button></form>", "P a|P bd"},
    {"<svg><style><p>x</style></svg>y<math>z</math>", "P y"},
    {"<svg>not closed", "P not closed"},
};

static void put_run(GString *out, const HtmlCell *cell, const HtmlRun *run)
{
    static const char letters[] = "biusca";

    if (run->style)
        g_string_append_c(out, '{');
    for (guint i = 0; letters[i]; i++)
        if (run->style & (1 << i))
            g_string_append_c(out, letters[i]);
    if (run->style && run->link < 0)
        g_string_append_c(out, ':');
    if (run->link >= 0)
        g_string_append_printf(out, "[%d:", run->link);
    for (guint i = 0; i < run->length; i++)
        g_string_append_c(out, cell->text[run->start + i] == '\n' ? '/' : cell->text[run->start + i]);
    if (run->link >= 0)
        g_string_append_c(out, ']');
    if (run->style)
        g_string_append_c(out, '}');
}

static void put_block(GString *out, const HtmlBlock *block)
{
    static const char *const kinds[] = {"P", "H", "", "PRE", "ROW", "RULE"};

    if (out->len)
        g_string_append(out, block->has_gap ? "||" : "|");
    g_string_append(out, kinds[block->kind]);
    if (block->kind == HTML_HEADING)
        g_string_append_printf(out, "%d", block->level);
    if (block->kind == HTML_ITEM && block->number)
        g_string_append_printf(out, "%d.", block->number);
    else if (block->kind == HTML_ITEM)
        g_string_append_c(out, '-');
    if (block->list_depth)
        g_string_append_printf(out, "+%d", block->list_depth);
    for (guint i = 0; i < block->quote_depth; i++)
        g_string_append_c(out, '>');
    for (guint i = 0; i < block->n_cells; i++) {
        g_string_append_c(out, block->kind == HTML_ROW ? '|' : ' ');
        for (guint k = 0; k < block->cells[i].n_runs; k++)
            put_run(out, &block->cells[i], &block->cells[i].runs[k]);
    }
}

static char *as_text(const Html *html)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < html->blocks->len; i++)
        put_block(out, html->blocks->pdata[i]);
    for (guint i = 0; i < html->links->len; i++) {
        const HtmlLink *link = html->links->pdata[i];
        g_string_append_printf(out, "%s%u %s %s", i ? "|" : "||", i, link->url, link->text);
    }
    return g_string_free(out, FALSE);
}

static void test_rows(void **state)
{
    guint wrong = 0;

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(Html) html = html_parse(ROWS[i].html, strlen(ROWS[i].html));
        g_autofree char *got = as_text(html);
        if (strcmp(got, ROWS[i].expected) == 0)
            continue;
        print_error("%s\n  gives  %s\n  not    %s\n", ROWS[i].html, got, ROWS[i].expected);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void test_pictures_are_counted(void **state)
{
    static const char text[] =
        "<img src=http://a/1><img src='HTTPS://b/2' width=1 height=1><img src=//c/3 style='display:none'>"
        "<img src=cid:x><img src='data:image/png;base64,xx'><img><div style='width:1px'><img "
        "src=http://d></div>";
    g_autoptr(Html) html = html_parse(text, sizeof text - 1);

    (void)state;
    assert_int_equal(html->remote_images, 4);
    assert_int_equal(html->trackers, 2);
}

typedef struct {
    const char *name, *start, *piece; /* %d: its number */
    int times;
} HostileRow;

static const HostileRow HOSTILE[] = {
    {"deep", "", "<div>", 400000},
    {"deep lists", "", "<ul><li>", 100000},
    {"deep tables", "", "<table><tr><td>", 100000},
    {"tables in no cell", "", "<table>x", 100000},
    {"formatting that is opened again", "", "<p><b a=%d>x</p>", 20000},
    {"many fonts, then paragraphs", "<b a=1><b a=2><i a=3><b a=4><font a=5><u a=6>", "<p>x", 60000},
    {"misnested", "", "<a href=http://x><b><i><p></a></b>x</i>", 40000},
    {"attributes", "<p ", "a%d=b ", 150000},
    {"attributes of one letter", "<p", " a", 900000},
    {"end tags", "<b><div>", "</b></i></p>", 150000},
    {"end tags for a wall", "<b><table><tr><td><div><div>", "</b>", 400000},
    {"comments", "", "<!--", 100000},
    {"comments that do not end", "<!--", "--!", 100000},
    {"raw elements", "", "<script>", 250000},
    {"raw elements of all kinds", "", "<svg><math><style>", 100000},
    {"angles", "", "<", 2000000},
    {"end of tag only", "", "</", 1000000},
    {"entities", "", "&am", 600000},
    {"numbers", "", "&#", 1000000},
    {"text that is foster-parented", "<table>", "x<tr>", 100000},
    {"links", "", "<a href=http://x>", 40000},
    {"list items", "<ol>", "<li>x", 60000},
    {"styles", "", "<p style='a:b;c:d;display:block'>x", 60000},
    {"one long style", "<p style='", "a:b;", 500000},
    {"more than two megabytes", "", "<p>Some text &amp; <b>more</b>", 75000},
    {"breaks", "", "<br>", 190000},
    {"breaks after a million lines", "<pre>", "\n<br>", 190000},
    {"spans", "", "<span style=x>", 140000},
    {"blockquotes", "", "<blockquote>x", 150000},
    {"headings", "", "<h1>x<h2>", 150000},
    {"frames and selects", "", "<select><option><frameset>", 80000},
    {"plain text for ever", "<plaintext>", "<p>", 220000},
};

/* What came in at `depth` is still well-formed: no more open elements than allowed, each closed. */
static void check_washed(const char *name, const char *text, gsize size)
{
    gboolean is_stripped = FALSE;
    GString *washed = html_wash(text, size, &is_stripped);
    int depth = 0, deepest = 0;

    for (const char *p = washed->str; (p = strchr(p, '<')); p++) {
        gboolean is_void =
            g_str_has_prefix(p, "<br") || g_str_has_prefix(p, "<hr") || g_str_has_prefix(p, "<img");
        depth += p[1] == '/' ? -1 : !is_void;
        deepest = MAX(deepest, depth);
        if (depth < 0)
            fail_msg("%s: unbalanced", name);
    }
    if (deepest > LIMIT_HTML_DEPTH)
        fail_msg("%s: %d deep", name, deepest);
    g_string_free(washed, TRUE);
}

static void test_hostile(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(HOSTILE); i++) {
        const HostileRow *row = &HOSTILE[i];
        g_autoptr(GString) text = g_string_new(row->start);
        const char *mark = strstr(row->piece, "%d");
        for (int k = 0; k < row->times; k++) {
            if (mark)
                g_string_append_printf(text, "%.*s%d%s", (int)(mark - row->piece), row->piece, k, mark + 2);
            else
                g_string_append(text, row->piece);
        }
        check_washed(row->name, text->str, text->len);
        clock_t start = clock();
        g_autoptr(Html) html = html_parse(text->str, text->len);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > 5) /* under sanitizers; a fifth of it without */
            fail_msg("%s: %.1f s", row->name, seconds);
        gboolean is_over = text->len > LIMIT_HTML_BYTES;
        if (is_over && !mark && strchr("<x", *row->start) == NULL)
            assert_true(html->is_stripped);
    }
}

/* Past the limits nothing of the text is lost, and lines stay lines. */
static void test_stripped_text_is_whole(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)state;
    for (int i = 0; i < LIMIT_HTML_TAGS + 10; i++)
        g_string_append(text, "<b></b>");
    g_string_append(text, "one &amp; <b>two</b><p>three\n<script>x</script>four");
    g_autoptr(Html) html = html_parse(text->str, text->len);
    assert_true(html->is_stripped);
    g_autofree char *got = as_text(html);
    assert_string_equal(got, "P one & two/three four");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_pictures_are_counted),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_stripped_text_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
