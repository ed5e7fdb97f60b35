/* test-compose-identity.c - who writes, and what goes with it: accounts, [identity …], and changing from one
 * to another. */
#include "base/file.h"
#include "compose/identity_change.h"
#include "mime/message.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char CONFIG[] =
    "[identity lists]\naccount = work\naddress = dev@example.org\nname = Ada (dev)\nuse-for = Lists/*; "
    "*@lists.example\n"
    "signature-command = printf 'for the lists'\nreply-to = list@example.org\nbcc-self = yes\nheaders = "
    "X-Role: dev\n"
    "[identity bare]\naccount = home\naddress = shop@home.example\n"
    "[account work]\naddress = ada@example.org\nname = Ada\nincoming = imaps://h\nuse-address = "
    "boss@example.org Boss\n"
    "addresses = boss@example.org\nsignature-command = printf 'from work'\nheaders = Organization: Example\n"
    "[account home]\naddress = ada@home.example\nincoming = imaps://h2\nbcc-self = yes\n";

static Config *read_config(const char *text)
{
    return config_parse(text, strlen(text), "tern.conf", 0);
}

static void test_choose(void **state)
{
    static const struct {
        const char *account, *folder, *received_by, *recipient, *address, *section;
    } ROWS[] = {
        {"work", "INBOX", NULL, NULL, "ada@example.org", NULL},
        {"work", "Lists/tern", NULL, NULL, "dev@example.org", "lists"},
        {"work", "lists/TERN", NULL, NULL, "dev@example.org", "lists"},
        {"home", "Lists/tern", NULL, NULL, "ada@home.example", NULL}, /* a folder of the other account */
        {"home", "INBOX", NULL, "tern@lists.example", "dev@example.org", "lists"},
        {"work", "Boss", NULL, NULL, "boss@example.org", NULL},
        {"work", "Lists/tern", "boss@example.org", NULL, "boss@example.org", NULL},
        {"work", "INBOX", "dev+tern@example.org", NULL, "dev+tern@example.org", "lists"},
        {"work", "INBOX", "SHOP@home.example", NULL, "SHOP@home.example", "bare"},
        {NULL, NULL, NULL, NULL, "ada@example.org", NULL},
    };
    g_autoptr(Config) config = read_config(CONFIG);

    (void)state;
    assert_int_equal(config_problems(config)->len, 0);
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        MimeAddress received = {(char *)"", (char *)ROWS[i].received_by};
        g_autoptr(GPtrArray) by = g_ptr_array_new();
        if (ROWS[i].received_by)
            g_ptr_array_add(by, &received);
        const IdentityHints hints = {ROWS[i].account, ROWS[i].folder, by, ROWS[i].recipient, NULL};
        g_autoptr(Identity) identity = identity_choose(config, &hints);
        assert_string_equal(identity->address, ROWS[i].address);
        assert_string_equal(identity->own ? identity->own->id : "", ROWS[i].section ? ROWS[i].section : "");
    }
}

static void test_all_and_own(void **state)
{
    g_autoptr(Config) config = read_config(CONFIG);
    g_autoptr(GPtrArray) all = identity_all(config);
    g_autoptr(GString) addresses = g_string_new(NULL);

    (void)state;
    for (guint i = 0; i < all->len; i++)
        g_string_append_printf(addresses, "%s ", ((Identity *)all->pdata[i])->address);
    assert_string_equal(addresses->str, "ada@example.org boss@example.org dev@example.org ada@home.example "
                                        "shop@home.example ");
    assert_true(identity_is_own(config, "dev+x@example.org"));
    assert_false(identity_is_own(config, "eve@example.org"));
}

static Identity *of(const Config *config, const char *address)
{
    const MimeMailbox from = {.name = (char *)"", .address = (char *)address};

    return identity_of(config, &from);
}

static char *fields_of(const Draft *draft)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < draft->own_fields->len; i++) {
        const MimeField *field = draft->own_fields->pdata[i];
        g_string_append_printf(text, "%s: %s\n", field->name, field->value);
    }
    return g_string_free(text, FALSE);
}

/* What is not set is the account's; what the one before brought goes, what was typed stays. */
static void test_change(void **state)
{
    static const char BODY[] = "Hi\n\n-- \nfrom work\n";
    g_autoptr(Config) config = read_config(CONFIG);
    g_autoptr(Identity) work = of(config, "ada@example.org"), lists = of(config, "dev@example.org"),
                        shop = of(config, "shop@home.example");
    g_autofree char *one = identity_signature(work, NULL), *two = identity_signature(lists, NULL);
    g_autoptr(Draft) draft = draft_new(work);

    (void)state;
    assert_string_equal(two, "for the lists");
    assert_true(identity_bcc_self(shop));
    assert_null(identity_reply_to(shop));
    draft_set(draft, DRAFT_BCC, "eve@x.org");
    draft_set_body(draft, BODY, strlen(BODY));
    draft->copy_to = g_strdup("Projects");
    draft_note_signature(draft, one);
    draft_change_identity(draft, work, lists);
    assert_true(draft_change_signature(draft, two));
    g_autofree char *fields = fields_of(draft);
    assert_string_equal(fields, "X-Role: dev\n");
    assert_string_equal(draft->fields[DRAFT_FROM], "\"Ada (dev)\" <dev@example.org>");
    assert_string_equal(draft->fields[DRAFT_REPLY_TO], "list@example.org");
    assert_string_equal(draft->fields[DRAFT_BCC], "eve@x.org, dev@example.org");
    assert_string_equal(draft->body, "Hi\n\n-- \nfor the lists\n");
    assert_string_equal(draft->copy_to, "Projects");
    draft_set(draft, DRAFT_REPLY_TO, "typed@example.org");
    draft_set_body(draft, "Hi\n\n-- \nby hand\n", strlen("Hi\n\n-- \nby hand\n"));
    draft_change_identity(draft, lists, shop);
    assert_false(draft_change_signature(draft, ""));
    assert_string_equal(draft->fields[DRAFT_REPLY_TO], "typed@example.org");
    assert_string_equal(draft->fields[DRAFT_BCC], "eve@x.org, shop@home.example");
    assert_string_equal(draft->body, "Hi\n\n-- \nby hand\n");
    assert_string_equal(draft->account, "home");
    assert_null(draft->copy_to); /* a folder of the other account */
}

/* Where it stands as tern put it there, whatever its command would print now; never two of them. */
static void test_signature(void **state)
{
    static const struct {
        const char *noted, *body, *new_, *expected; /* expected NULL: it stays as it is */
        gsize cursor, moved;
    } ROWS[] = {
        {"old", "Hi\n\n-- \nold\n", "a\nnew one", "Hi\n\n-- \na\nnew one\n", 3, 3},
        {"old", "Hi\n\n-- \nold\n", "", "Hi\n\n", 12, 4},
        {"old", "Hi\n\n-- \nold\n", NULL, "Hi\n\n", 0,
         0}, /* it could not be had: not that of the other one */
        {"old", "\n-- \nold\n\nFwd:\n-- \nold\n", "n", "\n-- \nn\n\nFwd:\n-- \nold\n", 11, 9},
        {"old", "Hi\n\n-- \nolder\n", "new", NULL, 0, 0},
        {"old", "Hi\n\n-- \nold", "new", NULL, 0, 0},
        {"old", "Hi\n", "new", NULL, 0, 0},
        {NULL, "Hi", "new", "Hi\n\n-- \nnew\n", 2, 2},
        {NULL, "", "new", "\n-- \nnew\n", 0, 0},
        {NULL, "Hi\n\n", "new", "Hi\n\n-- \nnew\n", 4, 4},
        {NULL, "Hi\n-- \nmine\n", "new", NULL, 0, 0},
        {NULL, "Hi\n-- \nmine\n", "", "Hi\n-- \nmine\n", 0, 0},
        {NULL, "x-- \nmine\n", "new", "x-- \nmine\n\n-- \nnew\n", 0, 0},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(Draft) draft = draft_new(NULL);
        draft_set_body(draft, ROWS[i].body, strlen(ROWS[i].body));
        draft->cursor = ROWS[i].cursor;
        draft_note_signature(draft, ROWS[i].noted);
        assert_int_equal(draft_change_signature(draft, ROWS[i].new_), ROWS[i].expected != NULL);
        assert_string_equal(draft->body, ROWS[i].expected ? ROWS[i].expected : ROWS[i].body);
        assert_int_equal(draft->cursor, ROWS[i].moved);
        if (ROWS[i].expected && ROWS[i].new_ && *ROWS[i].new_) /* and the next one takes its place */
            assert_true(draft_change_signature(draft, "third"));
    }
}

/* An account without an address: with an identity of its own, or else as the first account. */
static void test_without_address(void **state)
{
    static const struct {
        const char *text, *account, *address; /* NULL: nobody */
    } ROWS[] = {
        {"[account feed]\nincoming = imaps://h\n[account work]\naddress = a@x.org\nincoming = imaps://h\n",
         "feed", "a@x.org"},
        {"[account feed]\nincoming = imaps://h\n[account work]\naddress = a@x.org\nincoming = imaps://h\n"
         "[identity i]\naccount = feed\naddress = i@x.org\n",
         "feed", "i@x.org"},
        {"[account feed]\nincoming = imaps://h\n[account work]\naddress = a@x.org\nincoming = imaps://h\n",
         NULL, "a@x.org"},
        {"[account feed]\nincoming = imaps://h\n", "feed", NULL},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(Config) config = read_config(ROWS[i].text);
        const IdentityHints hints = {.account = ROWS[i].account};
        g_autoptr(Identity) identity = identity_choose(config, &hints);
        assert_string_equal(identity ? identity->address : "", ROWS[i].address ? ROWS[i].address : "");
    }
}

/* Each mistake with its line, and what would be right. */
static void test_mistakes(void **state)
{
#define ACCOUNTS                                                                                             \
    "[account a]\naddress=a@x.org\nincoming=imaps://h\n[account b]\naddress=b@x.org\nincoming=imaps://h\n"
    static const struct {
        const char *text, *said;
        int line;
    } ROWS[] = {
        {ACCOUNTS "[identity]\naddress = a@x.org\n", "write for example [identity lists]", 7},
        {ACCOUNTS "[identity i]\naccount = a\n", "add for example address = ada@example.org", 7},
        {ACCOUNTS "[identity i]\naccount = c\naddress = i@x.org\n", "there is no [account c]", 7},
        {ACCOUNTS "[identity i]\naddress = i@x.org\n", "Add for example account = work", 7},
        {ACCOUNTS "[identity i]\naccount = a\naddress = i@x.org\nsignatur = ~/x\n", "did you mean signature?",
         10},
        {ACCOUNTS "[identity i]\naccount = a\naddress = nobody\n", "address: ", 9},
        {ACCOUNTS "[identity i]\naccount=a\naddress=i@x.org\n[identity  i]\naccount=a\naddress=k@x.org\n",
         "a second time (first in line 7)", 10},
        {"[identities i]\n", "did you mean [identity i]?", 1},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(Config) config = read_config(ROWS[i].text);
        const GPtrArray *problems = config_problems(config);
        const ConfigProblem *first = problems->len ? problems->pdata[0] : NULL;
        assert_non_null(first);
        assert_int_equal(first->line, ROWS[i].line);
        assert_non_null(strstr(first->text, ROWS[i].said));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choose),          cmocka_unit_test(test_all_and_own),
        cmocka_unit_test(test_change),          cmocka_unit_test(test_signature),
        cmocka_unit_test(test_without_address), cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
