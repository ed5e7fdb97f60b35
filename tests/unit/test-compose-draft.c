/* test-compose-draft.c - drafts kept and read again, identities, flowing text, answers and what goes on to
 * others. */
#include "temp-folder.h"

#include "compose/address.h"
#include "compose/flow.h"
#include "compose/identity_change.h"
#include "compose/message.h"
#include "compose/quote.h"
#include "compose/reply.h"
#include "base/error.h"
#include "mime/outgoing.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char *data; /* a folder of this run */

static const char CONFIG[] =
    "[account work]\nname = Ada Lovelace\naddress = ada@example.org\nincoming = imaps://h\n"
    "addresses = Ada at home <ada@home.example>; *@lists.example\n"
    "use-address = dev@example.org Lists/*; ada@home.example *@friends.example\n"
    "headers = Organization: Grün & Co; Subject: evil; bad name: x\n"
    "[account other]\naddress = other@example.net\nincoming = imaps://h\nbcc-self = yes\n"
    "reply-to = Ada <answers@example.net>\n";

static Config *config(void)
{
    Config *read = config_parse(CONFIG, strlen(CONFIG), "tern.conf", 0);

    assert_int_equal(config_problems(read)->len, 0);
    return read;
}

static char *write_file(const char *name, const char *text)
{
    char *path = g_build_filename(data, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* ---- drafts ---- */

/* Too long for a line of a header: it is written as encoded words. */
#define LONG_WORD                                                                                            \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaa"                                                                                                   \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" \
    "bbbb"

static void test_kept(void **state)
{
    static const char *const BODIES[] = {
        "", "\n", "one", "one\n", "two\n\n\n", "Grüße 田中 ❤️\n> q\n-- \nAda", " \n", NULL};
    static const char *const TOS[] = {"ada@",
                                      "Zoë <zoe@bücher.example>, \"a, b\" <x@y.example>",
                                      "Team: a@x.org;",
                                      "\"é, f\" <x@y.example>",
                                      "a@x.org,",
                                      "\"=?utf-8?q?a=2C_eve=40x.org?=\" <x@y.example>",
                                      "\"=?utf-8?q?Zo=C3=AB?= b, eve@x.org\" <x@y.example>",
                                      "=?utf-8?q?eve=40x.org=2C?= <x@y.example>",
                                      "\"" LONG_WORD ", eve@x.org, b\" <x@y.example>",
                                      "",
                                      NULL};
    g_autofree char *path = write_file("Über %41.txt", "text");

    (void)state;
    for (int i = 0; BODIES[i]; i++) {
        for (int k = 0; TOS[k]; k++) {
            g_autoptr(Draft) draft = draft_new(NULL);
            g_autoptr(GError) error = NULL;
            draft_set(draft, DRAFT_TO, TOS[k]);
            draft_set(draft, DRAFT_SUBJECT, "Grüße  an\nalle");
            draft_set_body(draft, BODIES[i], strlen(BODIES[i]));
            draft->cursor = strlen(draft->body) / 2;
            while (!g_utf8_validate(draft->body + draft->cursor, -1, NULL))
                draft->cursor--;
            draft->kind = DRAFT_REPLY;
            draft->original = 4711;
            draft->asks = DRAFT_ASKS_RECEIPT | DRAFT_ASKS_TLS;
            draft->account = g_strdup("work; x=y");
            draft->is_from_chosen = k % 2;
            draft->home = k % 2 ? g_strdup("Ada; \"L\" <ada@example.org>") : NULL;
            draft->is_template = i % 2;
            draft_note_signature(draft, k % 2 ? "Zoë" : "");
            draft->in_reply_to = g_strdup("id@x.org");
            draft->original_id = g_strdup("odd; \"id\"%@x.org");
            assert_true(draft_attach(draft, path, NULL, NULL, NULL));
            assert_true(draft_save(draft, data, &error));
            assert_true(draft_save(draft, data, &error));
            g_autoptr(Draft) again = draft_load(data, draft->id, &error);
            assert_non_null(again);
            assert_string_equal(again->fields[DRAFT_TO], TOS[k]);
            assert_string_equal(again->fields[DRAFT_SUBJECT], "Grüße  an alle");
            assert_string_equal(again->body, BODIES[i]);
            assert_int_equal(again->cursor, draft->cursor);
            assert_int_equal(again->kind, DRAFT_REPLY);
            assert_int_equal(again->original, 4711);
            assert_int_equal(again->asks, DRAFT_ASKS_RECEIPT | DRAFT_ASKS_TLS);
            assert_string_equal(again->account, "work; x=y");
            assert_int_equal(again->is_from_chosen, k % 2);
            assert_int_equal(g_strcmp0(again->home, draft->home), 0);
            assert_int_equal(again->is_template, i % 2);
            assert_int_equal(again->signature != NULL, k % 2);
            if (again->signature)
                assert_string_equal(again->signature, draft->signature);
            assert_string_equal(again->in_reply_to, "id@x.org");
            assert_string_equal(again->original_id, draft->original_id);
            assert_int_equal(again->attachments->len, 1);
            assert_string_equal(((DraftAttachment *)again->attachments->pdata[0])->path, path);
            assert_string_equal(((DraftAttachment *)again->attachments->pdata[0])->name, "Über %41.txt");
            assert_string_equal(((DraftAttachment *)again->attachments->pdata[0])->type, "text/plain");
            g_autoptr(GPtrArray) all = draft_list(data, NULL);
            assert_int_equal(all->len, 1);
            draft_remove(again, data);
            assert_null(draft_load(data, draft->id, NULL));
        }
    }
}

static void test_checked(void **state)
{
    g_autoptr(Draft) draft = draft_new(NULL);
    DraftField field;
    gsize where = 0;

    (void)state;
    draft_set(draft, DRAFT_FROM, "ada@example.org");
    assert_null(draft_check(draft, TRUE, &field, &where, NULL));
    assert_int_equal(field, DRAFT_TO);
    g_autoptr(DraftAddresses) any = draft_check(draft, FALSE, NULL, NULL, NULL);
    assert_non_null(any);
    draft_set(draft, DRAFT_CC, "a@x.org, b@");
    assert_null(draft_check(draft, TRUE, &field, &where, NULL));
    assert_int_equal(field, DRAFT_CC);
    assert_int_equal(where, 9);
    draft_set(draft, DRAFT_CC, "G: a@bücher.example, A@xn--bcher-kva.example;, b@x.org");
    draft_set(draft, DRAFT_BCC, "B@x.org, c@x.org");
    g_autoptr(DraftAddresses) addresses = draft_check(draft, TRUE, NULL, NULL, NULL);
    g_autoptr(GPtrArray) all = draft_recipients(addresses, NULL);
    assert_int_equal(all->len, 3);
    assert_string_equal(all->pdata[0], "a@xn--bcher-kva.example");
    assert_string_equal(all->pdata[2], "c@x.org");
}

static const struct {
    const char *body;
    gboolean is_empty, misses;
} TEXTS[] = {
    {"", TRUE, FALSE},
    {"\n-- \nAda, attached to nothing\n", TRUE, FALSE},
    {"\nOn Monday, Zoë wrote:\n> it is attached\n", TRUE, FALSE},
    {"See the Attachment.\n", FALSE, TRUE},
    {"Hi\n", FALSE, FALSE},
    {"Hallo,\n\nANBEI die Rechnung.\n", FALSE, TRUE},
    {"Die Liste ist beigefu\xCC\x88gt.\n", FALSE, TRUE}, /* a u and its dots apart */
    {"Ci-joint le contrat\n", FALSE, TRUE},
    {"Voir la pièce jointe.\n", FALSE, TRUE},
    {"Te adjunto la factura\n", FALSE, TRUE},
    {"In allegato il verbale\n", FALSE, TRUE},
    {"Segue em anexo\n", FALSE, TRUE},
    {"Zie bijlage.\n", FALSE, TRUE},
    {"W Załączniku faktura\n", FALSE, TRUE},
    {"Договор во вложении\n", FALSE, TRUE},
    {"> Договор во вложении\nHi\n-- \nanbei\n", FALSE, FALSE}, /* quoted, and in the signature */
    {"Der Anhänger und der Zusammenhang, allegations, an annex\n", FALSE, FALSE},
};

static void test_texts(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autoptr(Draft) draft = draft_new(NULL);
        draft_set_body(draft, TEXTS[i].body, strlen(TEXTS[i].body));
        assert_int_equal(draft_is_empty(draft), TEXTS[i].is_empty);
        assert_int_equal(draft_misses_attachment(draft), TEXTS[i].misses);
        draft_set(draft, DRAFT_FROM, "Ada <ada@example.org>");
        draft_set(draft, DRAFT_BCC, "ADA@example.org"); /* bcc-self */
        assert_int_equal(draft_is_empty(draft), TEXTS[i].is_empty);
        draft_set(draft, DRAFT_BCC, i % 2 ? "ada@example.org, eve@x.org" : "unfinished@");
        assert_false(draft_is_empty(draft));
    }
}

/* ---- identities ---- */

static void test_identities(void **state)
{
    static const struct {
        const char *account, *folder, *received, *recipient, *address, *name;
    } ROWS[] = {
        {NULL, NULL, NULL, NULL, "ada@example.org", "Ada Lovelace"},
        {"other", NULL, NULL, NULL, "other@example.net", ""},
        {"work", "Lists/tern", NULL, NULL, "dev@example.org", "Ada Lovelace"},
        {"work", "Lists/tern", "ada@home.example", NULL, "ada@home.example", "Ada at home"},
        {"work", "INBOX", NULL, "zoe@friends.example", "ada@home.example", "Ada at home"},
        {"work", "INBOX", "ada+shop@example.org", NULL, "ada+shop@example.org", "Ada Lovelace"},
        {"work", "INBOX", "anything@lists.example", NULL, "anything@lists.example", "Ada Lovelace"},
        {"work", "INBOX", "other@example.net", NULL, "other@example.net", ""},
        {"work", "INBOX", "nobody@x.org", NULL, "ada@example.org", "Ada Lovelace"},
    };
    g_autoptr(Config) read = config();

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        MimeAddress address = {(char *)"", (char *)ROWS[i].received};
        g_autoptr(GPtrArray) received = g_ptr_array_new();
        if (ROWS[i].received)
            g_ptr_array_add(received, &address);
        const IdentityHints hints = {ROWS[i].account, ROWS[i].folder, received, ROWS[i].recipient, NULL};
        g_autoptr(Identity) identity = identity_choose(read, &hints);
        assert_string_equal(identity->address, ROWS[i].address);
        assert_string_equal(identity->name, ROWS[i].name);
    }
    g_autoptr(GPtrArray) fields = identity_fields(&(Identity){.account = config_account(read, "work")});
    assert_int_equal(fields->len, 1);
    assert_string_equal(((MimeField *)fields->pdata[0])->value, "Grün & Co");
    assert_true(identity_is_own(read, "ADA+x@Example.org"));
    assert_false(identity_is_own(read, "zoe@example.org"));
}

/* ---- text that flows ---- */

#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A68 "aaaaaaaaaaaaaaaaaaaaaaaaaaaa" A40
static const struct {
    const char *text, *flowed;
} FLOWS[] = {
    {"", ""},
    {"short\n", "short\n"},
    {"trailing  \n", "trailing\n"},
    {" stuffed\nFrom me\n", "  stuffed\n From me\n"},
    {"-- \nAda", "-- \nAda\n"},
    {A40 " " A40 "\n", A40 " \n" A40 "\n"},
    {"> > " A40 " " A40 "\n", ">> " A40 " \n>> " A40 "\n"},
    {">\n> \n", ">\n>\n"},
    {A40 A40 A40 "\n", A40 A40 A40 "\n"},
    {A40 " From " A40 "\n", A40 " From \n" A40 "\n"},
    /* No break makes a quote, a signature or a "From " line. */
    {A40 " until " A40 " > y\n", A40 " until \n" A40 " > y\n"},
    {A68 " it > y here\n", A68 " \nit > y here\n"},
    {A68 " it -- " A40 "\n", A68 " \nit -- " A40 "\n"},
    {A68 " it From him\n", A68 " \nit From him\n"},
    {A68 " it >>= y > z\n", A68 " \nit >>= y > z\n"},
    {"-- " A68 " it is so\n", "-- " A68 " \nit is so\n"},
    {A68 " it --x From: y\n", A68 " it \n--x From: y\n"},
    {"> " A68 " it > y here\n", "> " A68 " \n> it > y here\n"},
    {A40 "   " A40 "\n", A40 "   \n" A40 "\n"},
};

static void test_flow(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(FLOWS); i++) {
        g_autofree char *flowed = flow_text(FLOWS[i].text);
        assert_string_equal(flowed, FLOWS[i].flowed);
    }
}

/* What a reader of the format sees (RFC 3676 4.1 to 4.4), who finds no quote and no signature. */
static char *unflowed(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *out = g_string_new(NULL);

    for (char **line = lines; *line && (line[1] || **line); line++) {
        assert_true(**line != '>' && !g_str_equal(*line, "-- ") && !g_str_has_prefix(*line, "From "));
        g_string_append(out, **line == ' ' ? *line + 1 : *line);
        if (!g_str_has_suffix(*line, " "))
            g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

/* Whatever words a text has, it is read as it was written. */
static void test_flow_is_undone(void **state)
{
    static const char *const WORDS[] = {"--", ">",  ">>=", "From", "--x", "a", "Über", "ab,", "wordword",
                                        A40,  "--", ">",   "From", " ",   "b", "語",   "it",  "e-mail"};
    g_autoptr(GRand) chance = g_rand_new_with_seed(3676);

    (void)state;
    for (int i = 0; i < 2000; i++) {
        g_autoptr(GString) text = g_string_new(i % 3 ? "x" : i % 2 ? " x" : "From");
        for (int n = g_rand_int_range(chance, 0, 60); n > 0; n--)
            g_string_append_printf(text, "%s%s", g_rand_int_range(chance, 0, 5) ? " " : "  ",
                                   WORDS[g_rand_int_range(chance, 0, G_N_ELEMENTS(WORDS))]);
        g_string_append(text, " end\n");
        g_autofree char *flowed = flow_text(text->str);
        g_autofree char *read = unflowed(flowed);
        assert_string_equal(read, text->str);
    }
}

static void test_reflow(void **state)
{
    static const char TEXT[] = "one\n\n> a b\n> c\n>> d\ne f\n";
    gsize from = 0, bytes = 0;

    (void)state;
    g_autofree char *quote = flow_reflow(TEXT, 12, 72, &from, &bytes);
    assert_string_equal(quote, "> a b c\n");
    assert_int_equal(from, 5);
    assert_int_equal(bytes, 10);
    g_autofree char *narrow = flow_reflow("a b c d e f g h i j k l", 3, 10, &from, &bytes);
    assert_string_equal(narrow, "a b c d e\nf g h i j\nk l");
    g_autofree char *signs = flow_reflow("> " A68 " it > y -- z\n> From", 3, 72, &from, &bytes);
    assert_string_equal(signs, "> " A68 "\n> it > y -- z From");
    g_autofree char *none = flow_reflow(TEXT, 4, 72, &from, &bytes);
    assert_string_equal(none, "");
    assert_int_equal(bytes, 0);
}

/* ---- answers ---- */

#define TO_ME                                                                                                \
    "From: Zoë <zoe@x.org>\nTo: Ada <ada@example.org>, Bob <bob@x.org>\nCc: carl@x.org, ADA@home.example\n"
#define TO_LIST "From: zoe@x.org\nTo: dev@x.org\n"
static const struct {
    const char *header;
    PeopleWho who;
    const char *from, *to, *cc; /* to NULL: nobody can be answered */
    gboolean has_notice;
} ANSWERS[] = {
    {TO_ME, PEOPLE_SENDER, "Ada Lovelace <ada@example.org>", "Zoë <zoe@x.org>", "", FALSE},
    {TO_ME, PEOPLE_ALL, "Ada Lovelace <ada@example.org>", "Zoë <zoe@x.org>, Bob <bob@x.org>", "carl@x.org",
     FALSE},
    {TO_ME "Reply-To: zoe@work.x.org\n", PEOPLE_SENDER, "Ada Lovelace <ada@example.org>", "zoe@work.x.org",
     "", TRUE},
    {TO_ME "Reply-To: zoe2@x.org\n", PEOPLE_ALL, "Ada Lovelace <ada@example.org>",
     "zoe2@x.org, Bob <bob@x.org>", "carl@x.org", FALSE},
    {TO_ME "Mail-Followup-To: list@x.org, ada@example.org\n", PEOPLE_ALL, "Ada Lovelace <ada@example.org>",
     "list@x.org", "", FALSE},
    {TO_ME "List-Post: <mailto:list@x.org?subject=x&bcc=y@x.org> (it)\n", PEOPLE_LIST,
     "Ada Lovelace <ada@example.org>", "list@x.org", "", FALSE},
    {TO_ME "List-Post: NO\n", PEOPLE_LIST, NULL, NULL, NULL, FALSE},
    {TO_ME, PEOPLE_LIST, NULL, NULL, NULL, FALSE},
    {"From: ada@example.org\nTo: bob@x.org\nCc: carl@x.org\n", PEOPLE_SENDER,
     "Ada Lovelace <ada@example.org>", "bob@x.org", "", FALSE},
    {"From: ada@example.org\nTo: bob@x.org\nCc: carl@x.org\n", PEOPLE_ALL, "Ada Lovelace <ada@example.org>",
     "bob@x.org", "carl@x.org", FALSE},
    {"From: ada@example.org\nTo: ada@example.org\n", PEOPLE_ALL, "Ada Lovelace <ada@example.org>",
     "ada@example.org", "", FALSE},
    {"From: zoe@x.org\nTo: ada+news@example.org\n", PEOPLE_SENDER, "Ada Lovelace <ada+news@example.org>",
     "zoe@x.org", "", FALSE},
    {"From: zoe@x.org\nTo: other@example.net\n", PEOPLE_SENDER, "other@example.net", "zoe@x.org", "", FALSE},
    /* What came by a list, an alias or a blind copy: servers say where it went, those above the later ones. */
    {TO_LIST "Delivered-To: ada+dev@example.org\n", PEOPLE_SENDER, "Ada Lovelace <ada+dev@example.org>",
     "zoe@x.org", "", FALSE},
    {TO_LIST "Delivered-To: <ada@example.org>\nDelivered-To: ada@home.example\n", PEOPLE_SENDER,
     "Ada at home <ada@home.example>", "zoe@x.org", "", FALSE},
    {"Delivered-To: ada@example.org\nX-Original-To: shop@lists.example\n" TO_LIST, PEOPLE_SENDER,
     "Ada Lovelace <shop@lists.example>", "zoe@x.org", "", FALSE},
    {"envelope-to: ADA@home.example\nDelivered-To: ada@example.org\n" TO_LIST, PEOPLE_SENDER,
     "Ada at home <ADA@home.example>", "zoe@x.org", "", FALSE},
    /* One's own only; what To says and what the configuration says comes before. */
    {TO_LIST "Delivered-To: mailing list dev@x.org\nX-Original-To: eve@evil.example, @,<\n", PEOPLE_SENDER,
     "Ada Lovelace <ada@example.org>", "zoe@x.org", "", FALSE},
    {"From: zoe@x.org\nTo: other@example.net\nDelivered-To: ada@home.example\n", PEOPLE_SENDER,
     "other@example.net", "zoe@x.org", "", FALSE},
    {"From: zoe@friends.example\nTo: dev@x.org\nDelivered-To: ada+dev@example.org\n", PEOPLE_SENDER,
     "Ada at home <ada@home.example>", "zoe@friends.example", "", FALSE},
    /* THREATS.md 3: what a hostile sender would slip in stays in one field, as text. */
    {"From: =?utf-8?q?Zo=0D=0ABcc=3A_evil=40x.org?= <zoe@x.org>\nTo: ada@example.org\n", PEOPLE_SENDER,
     "Ada Lovelace <ada@example.org>", NULL, "", FALSE},
    {"From: zoe@x.org\nReply-To: =?utf-8?q?zoe=40x=2Eorg?= <evil@y.org>\nTo: ada@example.org\n",
     PEOPLE_SENDER, "Ada Lovelace <ada@example.org>", "\"zoe@x.org\" <evil@y.org>", "", TRUE},
};

static void test_people(void **state)
{
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = "%n wrote:", .quotes = TRUE};

    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(ANSWERS); i++) {
        g_autofree char *text = g_strconcat(ANSWERS[i].header,
                                            "Subject: Re: [dev] AW: x\nMessage-ID: <m@x.org>\n"
                                            "References: <r@x.org>\n\nHi\n-- \nZ\n",
                                            NULL);
        g_autofree char *path = write_file("message", text);
        const ReplySource source = {path, 7, "work", "INBOX"};
        g_autofree char *notice = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(Draft) draft = reply_new(&source, 1, ANSWERS[i].who, &wants, &notice, &error);
        if (!ANSWERS[i].from) {
            assert_null(draft);
            assert_true(tern_error_is(error, TERN_ERROR_INPUT));
            continue;
        }
        assert_string_equal(draft->fields[DRAFT_FROM], ANSWERS[i].from);
        if (ANSWERS[i].to)
            assert_string_equal(draft->fields[DRAFT_TO], ANSWERS[i].to);
        assert_string_equal(draft->fields[DRAFT_CC], ANSWERS[i].cc);
        assert_false(strpbrk(draft->fields[DRAFT_TO], "\r\n") != NULL);
        g_autoptr(DraftAddresses) people = draft_check(draft, TRUE, NULL, NULL, &error);
        assert_non_null(people);
        assert_int_equal(notice != NULL, ANSWERS[i].has_notice);
        assert_string_equal(draft->in_reply_to, "m@x.org");
        assert_int_equal(g_strv_length(draft->references), 2);
        assert_int_equal(draft->original, 7);
    }
}

static const char HOSTILE[] = "From: Zoe <zoe@x.org>\nTo: ada@example.org\nSubject: Lunch\nMIME-Version: "
                              "1.0\nContent-Type: text/html\n\n"
                              "<p>Seen &amp; said.<blockquote>old</blockquote><div "
                              "style=\"display:none\">secret</div><!-- more --></p>\n";
static const char PLAIN[] =
    "From: Zoe <zoe@x.org>\nTo: ada@example.org\nSubject: Lunch\nDate: Tue, 24 Nov 2026 11:58:00 +0100\n\n"
    "\nHi Ada,\n\n> noon?\nYes.\n| a table\n-- \nZoe, Lunch Ltd\n";

/* A message that is passed on is written by the address that it was delivered to, too. */
static void test_forward_from(void **state)
{
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = "%n wrote:", .quotes = TRUE};
    g_autofree char *path = write_file("delivered", "Delivered-To: ada+dev@example.org\n" TO_LIST "\nHi\n");
    const ReplySource source = {path, 7, "work", "INBOX"};

    (void)state;
    g_autoptr(Draft) draft = forward_inline(&source, &wants, NULL, NULL);
    assert_string_equal(draft->fields[DRAFT_FROM], "Ada Lovelace <ada+dev@example.org>");
}

static void test_quotes(void **state)
{
    g_autoptr(Config) read = config();
    ReplyWants wants = {.config = read, .data = data, .attribution = "%n <%a> wrote:", .quotes = TRUE};
    g_autofree char *plain = write_file("plain", PLAIN), *html = write_file("html", HOSTILE);
    const ReplySource first = {plain, 1, "work", "INBOX"}, second = {html, 2, "work", "INBOX"};

    (void)state;
    g_autoptr(Draft) above = reply_new(&first, 1, PEOPLE_SENDER, &wants, NULL, NULL);
    assert_string_equal(above->body,
                        "\n\nZoe <zoe@x.org> wrote:\n> Hi Ada,\n>\n>> noon?\n> Yes.\n> | a table\n");
    assert_int_equal(above->cursor, 0);
    assert_string_equal(above->fields[DRAFT_SUBJECT], "Re: Lunch");
    wants.is_below = TRUE;
    g_autoptr(Draft) below = reply_new(&second, 1, PEOPLE_SENDER, &wants, NULL, NULL);
    assert_non_null(strstr(below->body, "> Seen & said."));
    assert_null(strstr(below->body, "secret"));
    assert_null(strstr(below->body, "more"));
    assert_string_equal(below->body + below->cursor, "\n");
    g_autoptr(MimeMessage) message = mime_message_read(plain, NULL);
    g_autofree char *line = quote_attribution("On %d, %n:", mime_message_envelope(message));
    assert_string_equal(line, "On Tue 24 Nov 2026 at 11:58, Zoe:");
}

static const char PARTS[] =
    "From: zoe@x.org\nTo: ada@example.org, bob@x.org\nBcc: hidden@x.org\nResent-Bcc: "
    "hidden@x.org\nReturn-Path: <zoe@x.org>\nSubject: "
    "Plans\n"
    "Message-ID: <p@x.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; "
    "boundary=b\n\n--b\n\ntext\n--b\n"
    "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"../../plan.pdf\"\n"
    "Content-Transfer-Encoding: base64\n\nJVBERg==\n--b--\n";

static char *written(Draft *draft)
{
    g_autoptr(GError) error = NULL;
    const ComposeOptions options = {.now_s = 1795608000};
    g_autoptr(DraftAddresses) addresses = draft_check(draft, TRUE, NULL, NULL, &error);
    g_autofree char *path = g_build_filename(data, "written", NULL);
    char *bytes = NULL;

    assert_non_null(addresses);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(compose_message_write(draft, addresses, &options, fd, &error));
    close(fd);
    assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
    return bytes;
}

static void test_forward(void **state)
{
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autofree char *path = write_file("parts", PARTS);
    const ReplySource sources[] = {{path, 1, "work", "INBOX"}, {path, 2, "work", "INBOX"}};

    (void)state;
    g_autoptr(Draft) inside = forward_inline(&sources[0], &wants, NULL, NULL);
    assert_int_equal(inside->attachments->len, 1);
    const DraftAttachment *part = inside->attachments->pdata[0];
    g_autofree char *bytes = NULL;
    assert_true(g_file_get_contents(part->path, &bytes, NULL, NULL));
    assert_string_equal(bytes, "%PDF");
    assert_string_equal(part->name, "plan.pdf");
    assert_string_equal(inside->fields[DRAFT_SUBJECT], "Fwd: Plans");
    assert_string_equal(inside->original_id,
                        "p@x.org"); /* the row alone may be another one when it is sent */
    assert_non_null(strstr(inside->body, "Subject: Plans\n"));
    assert_null(strstr(inside->body, "hidden"));
    g_autofree char *own = g_strdup(part->path);
    draft_remove(inside, data);
    assert_false(g_file_test(own, G_FILE_TEST_EXISTS));

    g_autoptr(Draft) attached = forward_attached(sources, 2, &wants, NULL, NULL);
    assert_int_equal(attached->attachments->len, 2);
    assert_null(attached->original_id); /* of several no one is the original */
    draft_set(attached, DRAFT_TO, "zoe@x.org");
    g_autofree char *sent = written(attached);
    assert_non_null(
        strstr(sent, "Content-Type: message/rfc822\nContent-Disposition: attachment; filename=Plans.eml"));
    assert_null(strstr(sent, "multipart/digest"));
    draft_remove(attached, data);

    g_autoptr(Draft) again = edit_as_new(&sources[0], &wants, NULL, NULL);
    assert_string_equal(again->fields[DRAFT_TO], "ada@example.org, bob@x.org");
    assert_int_equal(again->attachments->len, 1);
    draft_remove(again, data);
}

/* A digest's message that asks to be read in its place is text; the others go along as they are. */
static void test_digest_in_place(void **state)
{
    static const char MAIL[] =
        "From: a@x.org\nSubject: Two\nMIME-Version: 1.0\nContent-Type: multipart/digest; boundary=d\n\n--d\n"
        "Content-Type: message/rfc822\nContent-Disposition: inline\n\nSubject: one\n\nRead in place.\n--d\n\n"
        "Subject: two\n\nGoes along.\n--d--\n";
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autofree char *path = write_file("in-place", MAIL);
    const ReplySource source = {path, 1, "work", "INBOX"};

    (void)state;
    g_autoptr(Draft) draft = forward_inline(&source, &wants, NULL, NULL);
    assert_non_null(strstr(draft->body, "Read in place."));
    assert_null(strstr(draft->body, "Goes along."));
    assert_int_equal(draft->attachments->len, 1);
    draft_remove(draft, data);
}

/* What is no attachment and no text goes along all the same: pictures of HTML, and an invitation beside its
 * text. */
static void test_beside_text(void **state)
{
    static const char MAIL[] =
        "From: a@x.org\nSubject: Meet\nMIME-Version: 1.0\nContent-Type: multipart/alternative; "
        "boundary=o\n\n--o\nContent-Type: text/plain\n\nhi\n--o\nContent-Type: multipart/related; "
        "boundary=i\n\n--i\nContent-Type: text/html\n\n<p>hi<img src=cid:p>\n--i\nContent-Type: "
        "image/png\nContent-ID: <p>\n\nPNG\n--i--\n--o\nContent-Type: text/calendar; "
        "method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--o--\n";
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autofree char *path = write_file("meet", MAIL);
    const ReplySource source = {path, 1, "work", "INBOX"};

    (void)state;
    g_autoptr(Draft) forwarded = forward_inline(&source, &wants, NULL, NULL);
    g_autoptr(Draft) again = edit_as_new(&source, &wants, NULL, NULL);
    Draft *const drafts[] = {forwarded, again};
    for (gsize i = 0; i < G_N_ELEMENTS(drafts); i++) {
        assert_int_equal(drafts[i]->attachments->len, 2);
        assert_string_equal(((DraftAttachment *)drafts[i]->attachments->pdata[0])->type, "image/png");
        assert_string_equal(((DraftAttachment *)drafts[i]->attachments->pdata[1])->type, "text/calendar");
        assert_false(drafts[i]->is_markdown);
        draft_remove(drafts[i], data);
    }
}

/* All there is, and no text: a fax, say. */
static void test_only_a_part(void **state)
{
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autofree char *path = write_file(
        "fax", "From: a@x.org\nSubject: Fax\nMIME-Version: 1.0\nContent-Type: image/tiff\n\nII*\n");
    const ReplySource source = {path, 1, "work", "INBOX"};

    (void)state;
    g_autoptr(Draft) forwarded = forward_inline(&source, &wants, NULL, NULL);
    assert_int_equal(forwarded->attachments->len, 1);
    assert_string_equal(((DraftAttachment *)forwarded->attachments->pdata[0])->type, "image/tiff");
    draft_remove(forwarded, data);
}

/* It goes on as it is, or not at all: its text would be empty. */
static void test_encrypted(void **state)
{
    static const char MAIL[] =
        "From: a@x.org\nSubject: Secret\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=o; "
        "protocol=\"application/pgp-encrypted\"\n\n--o\nContent-Type: application/pgp-encrypted\n\n"
        "Version: 1\n--o\nContent-Type: application/octet-stream\n\nciphertext\n--o--\n";
    g_autoptr(Config) read = config();
    g_autoptr(GError) error = NULL;
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autofree char *path = write_file("secret", MAIL), *notice = NULL;
    const ReplySource source = {path, 1, "work", "INBOX"};

    (void)state;
    g_autoptr(Draft) forwarded = forward_inline(&source, &wants, &notice, NULL);
    assert_int_equal(forwarded->attachments->len, 1);
    assert_string_equal(((DraftAttachment *)forwarded->attachments->pdata[0])->type, "message/rfc822");
    assert_non_null(strstr(notice, "encrypted"));
    draft_remove(forwarded, data);
    assert_null(edit_as_new(&source, &wants, NULL, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
}

/* The types of all parts, "multipart/mixed text/plain …"; to be freed. */
static char *types_of(const char *bytes)
{
    g_autoptr(MimeMessage) message = mime_message_parse(bytes, strlen(bytes));
    g_autoptr(GPtrArray) parts = mime_message_parts(message);
    GString *types = g_string_new(NULL);

    for (guint i = 0; i < parts->len; i++)
        g_string_append_printf(types, "%s%s", i ? " " : "", ((const MimePart *)parts->pdata[i])->type);
    return g_string_free(types, FALSE);
}

/* Messages that are passed on together are one multipart/digest, beside what else is attached; what is made
 * of that again is the same, and their texts are not in its own. */
static void test_digest(void **state)
{
    static const char TYPES[] = "multipart/mixed text/plain multipart/digest message/rfc822 text/plain "
                                "message/rfc822 text/plain text/x-patch";
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autofree char *one = write_file("one", "From: a@x.org\nSubject: One\n\nfirst text\n");
    g_autofree char *two = write_file("two", "From: b@x.org\nSubject: Two\n\nsecond text\n");
    g_autofree char *patch = write_file("x.patch", "--- a\n+++ b\n");
    const ReplySource sources[] = {{one, 1, "work", "INBOX"}, {two, 2, "work", "INBOX"}};

    (void)state;
    g_autoptr(Draft) digest = forward_digest(sources, 2, &wants, NULL, NULL);
    draft_set(digest, DRAFT_TO, "zoe@x.org");
    draft_set_body(digest, "See these.\n", 11);
    assert_true(draft_attach(digest, patch, NULL, "text/x-patch", NULL));
    assert_true(draft_save(digest, data, NULL));
    g_autoptr(Draft) kept = draft_load(data, digest->id, NULL);
    assert_true(kept->is_digest);
    g_autofree char *sent = written(kept), *types = types_of(sent);
    assert_string_equal(types, TYPES);

    g_autofree char *path = write_file("sent", sent);
    const ReplySource source = {path, 3, "work", "Sent"};
    g_autoptr(Draft) again = edit_as_new(&source, &wants, NULL, NULL);
    assert_string_equal(again->body, "See these.\n");
    assert_int_equal(again->attachments->len, 3);
    g_autofree char *sent_again = written(again), *types_again = types_of(sent_again);
    assert_string_equal(types_again, TYPES);
    g_autoptr(Draft) answer =
        reply_new(&source, 1, PEOPLE_SENDER, &(ReplyWants){read, data, "", TRUE, FALSE, FALSE}, NULL, NULL);
    assert_non_null(strstr(answer->body, "second text")); /* it is what a reader sees */

    draft_detach(kept, 0);
    draft_detach(kept, 0);
    g_autofree char *rest = written(kept), *types_rest = types_of(rest);
    assert_string_equal(types_rest, "multipart/mixed text/plain text/x-patch");
    draft_remove(kept, data);
    draft_remove(again, data);
}

/* A message in a message, for a server that takes 7-bit text only: its lines stay lines. */
static void test_seven_bit(void **state)
{
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autofree char *path = write_file("8bit", "From: zoe@x.org\nSubject: x\nMIME-Version: 1.0\n"
                                               "Content-Type: text/plain; charset=utf-8\n"
                                               "Content-Transfer-Encoding: 8bit\n\nGrüße\naus Köln\n");
    const ReplySource source = {path, 1, "work", "INBOX"};
    g_autoptr(Draft) draft = forward_attached(&source, 1, &wants, NULL, NULL);
    g_autofree char *bytes = NULL, *out = g_build_filename(data, "written", NULL);

    (void)state;
    draft_set(draft, DRAFT_TO, "zoe@x.org");
    draft_set_body(draft, "Hi\n", 3);
    g_free(written(draft));
    int fd = open(out, O_RDWR);
    assert_true(mime_outgoing_has_8bit(fd));
    assert_true(mime_outgoing_to_7bit(fd, NULL));
    close(fd);
    assert_true(g_file_get_contents(out, &bytes, NULL, NULL));
    assert_null(strstr(bytes, "=0D"));
    assert_non_null(strstr(bytes, "\n\nHi\n"));
    assert_non_null(strstr(bytes, "\nGr=C3=BC=C3=9Fe\naus K=C3=B6ln\n"));
    draft_remove(draft, data);
}

/* What goes on to others names nobody in Bcc and tells nothing of this machine; the rest is as it was. */
static void test_private_fields(void **state)
{
    static const char LONG[] = "X-Long: ";
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autoptr(GString) kept = g_string_new(">From zoe Mon Nov 23 10:00:00 2026\nFrom: ada@example.org\r\n");
    g_autoptr(GString) whole = g_string_new(kept->str);
    g_autofree char *fill = g_strnfill(2 << 20, 'x');

    (void)state;
    g_string_append(whole,
                    "bcc : hidden@x.org,\r\n\thidden2@x.org\r\nX-tern-Bcc: hidden@\nX-Tern-Attachment: a/b;\n"
                    " path=/home/hidden\n");
    for (int i = 0; i < 2; i++) /* a header longer than is looked at anywhere else */
        g_string_append_printf(i ? kept : whole, "%s%s\nBccs: b\nX-Tern: c\n", LONG, fill);
    g_string_append_printf(whole, "Resent-Bcc: hidden%s\n hidden\nBCC:hidden@x.org\n", fill);
    for (int i = 0; i < 2; i++)
        g_string_append(i ? kept : whole, "To: bob@x.org\n\nBcc: a word of the text\r\nend, open");
    g_autofree char *path = write_file("private", whole->str);
    const ReplySource source = {path, 1, "work", "Sent"};
    g_autoptr(Draft) attached = forward_attached(&source, 1, &wants, NULL, NULL);
    g_autoptr(Draft) resent = resend_new(&source, &wants, NULL, NULL);
    const char *const paths[] = {((const DraftAttachment *)attached->attachments->pdata[0])->path,
                                 resent->resent};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *bytes = NULL;
        assert_true(g_file_get_contents(paths[i], &bytes, NULL, NULL));
        assert_null(strstr(bytes, "hidden"));
        assert_true(g_str_equal(bytes, kept->str));
    }
    draft_remove(attached, data);
    draft_remove(resent, data);
}

static void test_resend(void **state)
{
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = ""};
    g_autofree char *path = write_file("parts", PARTS);
    const ReplySource source = {path, 1, "work", "INBOX"};
    g_autoptr(Draft) draft = resend_new(&source, &wants, NULL, NULL);

    (void)state;
    draft_set(draft, DRAFT_TO, "new@x.org");
    assert_true(draft_save(draft, data, NULL));
    g_autoptr(Draft) loaded = draft_load(data, draft->id, NULL);
    g_autofree char *sent = written(loaded);
    assert_true(g_str_has_prefix(sent,
                                 "Resent-Date: Wed, 25 Nov 2026 12:00:00 +0000\nResent-From: Ada Lovelace "
                                 "<ada@example.org>\nResent-To: new@x.org\nResent-Message-ID: <"));
    assert_null(strstr(sent, "hidden"));
    assert_null(strstr(sent, "Return-Path"));
    assert_non_null(
        strstr(sent, "\nTo: ada@example.org, bob@x.org\nSubject: Plans\nMessage-ID: <p@x.org>\n"));
    assert_true(g_str_has_suffix(sent, "\n\nJVBERg==\n--b--\n"));
    draft_remove(loaded, data);
}

static const char EVIL[] =
    "From: =?utf-8?q?Zo=1B=5B2J=0AX-Evil=3A_1?= <zoe@x.org>\nTo: ada@example.org\n"
    "Subject: =?utf-8?q?x=0D=0ABcc=3A_evil=40x.org=1B=5B2J?=\nMessage-ID: <a b\x01@x.org>\n"
    "References: <good@x.org> <b\xff"
    "d@x.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; "
    "boundary=b\n\n"
    "--b\n\ntext\n--b\nContent-Type: x/y\x01z\nContent-Disposition: attachment;\n"
    " filename*=utf-8''a%0d%0aX-Evil%3a%201.pdf\n\nbytes\n--b--\n";

/* A hostile message can be answered and passed on, and nothing of it gets out of its place. */
static void test_hostile(void **state)
{
    g_autoptr(Config) read = config();
    const ReplyWants wants = {.config = read, .data = data, .attribution = "%n, %s:", .quotes = TRUE};
    g_autofree char *path = write_file("evil", EVIL);
    const ReplySource source = {path, 1, "work", "INBOX"};
    g_autoptr(Draft) answer = reply_new(&source, 1, PEOPLE_SENDER, &wants, NULL, NULL);
    g_autoptr(Draft) passed = forward_inline(&source, &wants, NULL, NULL);

    (void)state;
    assert_string_equal(answer->fields[DRAFT_SUBJECT], "Re: x  Bcc: evil@x.org [2J");
    draft_set(passed, DRAFT_TO, "zoe@x.org");
    g_autofree char *first = written(answer), *second = written(passed);
    const char *const all[] = {first, second};
    for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
        assert_null(strstr(all[i], "\nX-Evil"));
        assert_null(strstr(all[i], "\nBcc"));
        assert_null(strchr(all[i], '\x1b'));
        assert_null(strchr(all[i], '\x01'));
    }
    assert_int_equal(passed->attachments->len, 1);
    draft_remove(passed, data);
}

/* As a word: a short name may stand within an id that is made at random. */
static gboolean has_word(const char *text, const char *word)
{
    const gsize bytes = strlen(word);

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || !g_ascii_isalnum(at[-1])) && !g_ascii_isalnum(at[bytes]))
            return TRUE;
    return FALSE;
}

/* Nothing that says where the message was made, and nobody who is not to be seen. */
static void test_leaks(void **state)
{
    g_autoptr(Draft) draft = draft_new(NULL);

    (void)state;
    draft_set(draft, DRAFT_FROM, "ada@example.org");
    draft_set(draft, DRAFT_TO, "zoe@x.org");
    draft_set(draft, DRAFT_BCC, "hidden@x.org");
    draft_set(draft, DRAFT_SUBJECT, "x");
    draft_set_body(draft, "Hi\n", 3);
    g_autofree char *sent = written(draft);
    assert_false(has_word(sent, g_get_host_name()));
    assert_null(strstr(sent, "hidden"));
    assert_non_null(strstr(sent, "+0000\n"));
    assert_true(g_str_has_suffix(draft->message_id, "@example.org"));
    /* What vanished since it was attached is told, and nothing is sent without it. */
    g_autofree char *path = write_file("gone", "x");
    assert_true(draft_attach(draft, path, NULL, NULL, NULL));
    assert_int_equal(g_unlink(path), 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(DraftAddresses) addresses = draft_check(draft, TRUE, NULL, NULL, NULL);
    const ComposeOptions options = {0};
    int fd = open("/dev/null", O_WRONLY);
    assert_false(compose_message_write(draft, addresses, &options, fd, &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    close(fd);
    assert_false(draft_attach(draft, data, NULL, NULL, NULL)); /* a folder */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_checked),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_flow),
        cmocka_unit_test(test_flow_is_undone),
        cmocka_unit_test(test_reflow),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_people),
        cmocka_unit_test(test_forward_from),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_digest_in_place),
        cmocka_unit_test(test_private_fields),
        cmocka_unit_test(test_resend),
        cmocka_unit_test(test_leaks),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_seven_bit),
        cmocka_unit_test(test_beside_text),
        cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_only_a_part),
    };

    data = temp_folder_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temp_folder_free(data);
    return failed;
}
