/* test-config.c - the configuration as a whole: what it means, and what is told about a wrong one. */
#include "temp-folder.h"

#include "base/error.h"
#include "config/config.h"
#include "config/suggest.h"
#include "config/units.h"
#include "config/value.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define HOME "[account home]\naddress=a@b.example\nincoming=imaps://a@h\n"

static Config *parse(const char *text)
{
    return config_parse(text, strlen(text), "tern.conf", 0600);
}

static const char *const WHOLE =
    "[tern]\n"
    "text-width = 72\n"
    "hints = off\n"
    "symbols=ascii\n"
    "start = home/Archive\n"
    "\n"
    "[account work]\n"
    "name = Ada Example\n"
    "address = ada@example.org\n"
    "incoming = imaps://ada@imap.example.org\n"
    "outgoing = smtp+starttls://ada@smtp.example.org\n"
    "password-command = pass show mail/work\n"
    "watch = INBOX; Projects/tern;a\\;b\n"
    "keep-offline = all 30d 500M\n"
    "pin = AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:"
    "01:23:45:67:89\n"
    "max-connections = 5\n"
    "trash = Deleted Items\n"
    "[account home]\n"
    "address = ada@example.net\n"
    "incoming = pop3s://ada@pop.example.net\n"
    "password = a\\\\b = \\s\n"
    "keep-on-server = 14d\n"
    "max-size = 2M\n"
    "poll = 5m\n"
    "offline = yes\n"
    "[keys]\n"
    "j = next\n"
    "x =\n"
    "[colours]\n"
    "red = from:ada\n";

static void test_whole(void **state G_GNUC_UNUSED)
{
    g_autoptr(Config) config = parse(WHOLE);
    const ConfigAccount *work = config_account(config, "work"), *home = config_account(config, "home");

    for (guint i = 0; i < config_problems(config)->len; i++)
        fail_msg("%s", ((const ConfigProblem *)config_problems(config)->pdata[i])->text);
    assert_int_equal(config_accounts(config)->len, 2);
    assert_ptr_equal(config_accounts(config)->pdata[0], work);
    assert_true(work->is_usable && home->is_usable);

    assert_int_equal(config_int(config, "text-width"), 72);
    assert_false(config_bool(config, "hints"));
    assert_string_equal(config_string(config, "hints"), "no");
    assert_string_equal(config_string(config, "symbols"), "ascii");
    assert_string_equal(config_string(config, "start"), "home/Archive");
    assert_string_equal(config_string(config, "theme"), "dark");
    assert_true(config_is_set(config, "hints"));
    assert_false(config_is_set(config, "theme"));

    assert_string_equal(work->name, "Ada Example");
    assert_string_equal(work->password_command, "pass show mail/work");
    assert_int_equal(work->incoming.protocol, CONFIG_IMAP);
    assert_int_equal(work->outgoing.port, 587);
    assert_int_equal(g_strv_length(work->watch), 3);
    assert_string_equal(work->watch[1], "Projects/tern");
    assert_string_equal(work->watch[2], "a;b");
    assert_int_equal(work->keep_offline.rest.what, CONFIG_KEEP_ALL);
    assert_int_equal(work->keep_offline.rest.age_s, 30 * 86400);
    assert_int_equal(work->keep_offline.rest.size_bytes, 500 << 20);
    assert_string_equal(work->pin, "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789");
    assert_int_equal(work->max_connections, 5);
    assert_string_equal(work->trash, "Deleted Items");
    assert_int_equal(work->cache_size_bytes, 1 << 30);
    assert_int_equal(work->line, 7);

    assert_string_equal(home->password, "a\\b =  ");
    assert_int_equal(home->keep_on_server.what, CONFIG_SERVER_DAYS);
    assert_int_equal(home->keep_on_server.age_s, 14 * 86400);
    assert_int_equal(home->max_size_bytes, 2 << 20);
    assert_int_equal(home->poll_s, 300);
    assert_true(home->offline);
    assert_int_equal(home->outgoing.protocol, CONFIG_NONE);
    assert_string_equal(home->watch[0], "INBOX");
    assert_int_equal(home->keep_offline.rest.what, CONFIG_KEEP_TEXT);

    const GPtrArray *keys = config_entries(config, "keys");
    assert_int_equal(keys->len, 2);
    assert_string_equal(((const ConfigEntry *)keys->pdata[0])->value, "next");
    assert_int_equal(((const ConfigEntry *)keys->pdata[1])->line, 28);
    assert_int_equal(config_entries(config, "colours")->len, 1);
}

/* What `config show` prints can be put into a file again, but for the password, which is stars. */
static void test_format(void **state G_GNUC_UNUSED)
{
    g_autoptr(Config) config = parse(WHOLE);
    g_autoptr(GString) text = g_string_new("[account home]\n");

    for (const ConfigOption *key = config_account_keys(); key->name; key++) {
        g_autofree char *value = config_account_format(config_account(config, "home"), key);
        if (value)
            g_string_append_printf(text, "%s = %s\n", key->name, value);
    }
    assert_null(strstr(text->str, "a\\\\b"));
    assert_non_null(strstr(text->str, "password = ********\n"));
    g_autoptr(Config) again = parse(text->str);
    assert_int_equal(config_problems(again)->len, 0);
    assert_int_equal(config_account(again, "home")->keep_on_server.age_s, 14 * 86400);
}

typedef struct {
    const char *text;
    int line;
    const char *says;
} Wrong;

/* Each has exactly one mistake. */
static const Wrong WRONG[] = {
    {"[trn]\nx=1\n", 1, "[trn] is no known section; did you mean [tern]?"},
    {"[colors]\n", 1, "did you mean [colours]?"},
    {"[acount work]\n", 1, "did you mean [account work]?"},
    {"[something]\n", 1,
     "there are [tern], [account NAME], [identity NAME], [keys], [colours] and [aliases]"},
    {"[account]\n", 1, "has no name"},
    {"[account a/b]\n", 1, "no \"/\""},
    {"[account ..]\n", 1, "does not begin"},
    {"[account -x]\n", 1, "does not begin"},
    {"[tern]\nhint=yes\n", 2, "did you mean hints?"},
    {"[tern]\nqqqqqq=yes\n", 2, "there are start, data-dir"},
    {"[tern]\nhints=maybe\n", 2, "hints: “maybe” is neither yes nor no"},
    {"[tern]\nsymbols=asci\n", 2, "did you mean ascii?"},
    {"[tern]\nsymbols=x\n", 2, "choose one of auto, utf8, ascii"},
    {"[tern]\ntext-width=19\n", 2, "number from 20 to 500"},
    {"[tern]\ntext-width=72 # wide\n", 2, "a comment needs a line of its own"},
    {"[tern]\ntext-width=\n", 2, "there is no value"},
    {"[tern]\ntext-width=99999999999999999999\n", 2, "number from 20 to 500"},
    {"[tern]\ndata-dir=data\n", 2, "must begin with / or ~/"},
    {"[tern]\ntheme=a\\d\n", 2, "a backslash begins an escape"},
    {"[keys]\nj=a\\d\n", 2, "a backslash begins an escape"},
    {"[tern]\nhints=yes\nhints=no\n", 3, "second time (first in line 2)"},
    {"[tern]\n[tern]\n", 2, "second time (first in line 1)"},
    {"[account x]\nincoming=imaps://h\n", 1, "has no address"},
    {"[account x]\naddress=a@b\n", 1, "has no incoming"},
    {"[account x]\nincoming=imaps://h\naddress=Ada <a@b>\n", 3, "write it bare"},
    {"[account x]\nincoming=imaps://h\naddress=ada\n", 3, "no mail address"},
    {"[account x]\nincoming=imaps://h\naddress=a@b.c\n[identity y]\naddress=*@b.c\n", 5, "no mail address"},
    {HOME "email=a@b\n", 4, "did you mean address?"},
    {HOME "user=a\n", 4, "did you mean incoming?"},
    {HOME "pasword=secret\n", 4, "did you mean password?"},
    {HOME "cache-size=1 GB\n", 4, "500M or 1G"},
    {HOME "cache-size=99999999999T\n", 4, "500M or 1G"},
    {HOME "poll=10\n", 4, "10m, 12h or 14d, at most 100y"},
    {HOME "keep-offline=everything\n", 4, "headers, text or all"},
    {HOME "keep-offline=all 3d 4d\n", 4, "headers, text or all"},
    {HOME "keep-offline=Archive = all\n", 4, "headers, text or all"},
    {HOME "keep-offline=text; Archive\n", 4, "“Archive” does not say"},
    {HOME "keep-offline=text; Archive = some\n", 4, "“Archive = some” does not say"},
    {HOME "keep-offline=text; = all\n", 4, "headers, text or all"},
    {HOME "keep-offline=text; A = all; A = text\n", 4, "each once"},
    {HOME "keep-on-server=never\n", 4, "no, yes, until-deleted"},
    {HOME "pin=1234\n", 4, "64 hexadecimal digits"},
    {HOME "proxy=http://h\n", 4, "socks5"},
    {HOME "tunnel=ssh h imapd\nproxy=socks5://h\n", 5, "the other in line 4"},
    {"[account x]\naddress=a@b\npassword=secret\nproxy=socks5://h\nincoming=imap://localhost\n", 5,
     "imaps://"},
    {HOME "client-key=/dev/null\n", 4, "client-cert"},
    {HOME "client-cert=/nowhere/cert.pem\n", 4, "cannot read /nowhere/cert.pem"},
    {HOME "client-cert=/dev/null\n", 4, "others on this machine can read this private key"},
    {HOME "client-cert=/dev/null\nclient-key=/dev/null\n", 5, "others on this machine"},
    {HOME "ca-file=ca.pem\n", 4, "must begin with"},
    {HOME "max-connections=0\n", 4, "number from 1 to 20"},
    {HOME "password=secret\\d\n", 4, "a backslash"},
    {HOME "password=secret\npassword-command=secret\n", 5, "the other in line 4"},
    {HOME "password-command=secret\noutgoing=smtp://h.example\n", 5, "smtps://"},
    {"[account x]\naddress=a@b\npassword=secret\nincoming=imap://h.example\n", 4, "imaps://"},
    {"[account x]\naddress=a@b\npassword=secret\nincoming=pop3://h.example\n", 4, "pop3s://"},
    {"[account x]\naddress=a@b\nincoming=imaps://a:secret@h\n", 3, "password-command"},
    {HOME "[account  home]\naddress=a@b\nincoming=imaps://h\n", 4, "second time (first in line 1)"},
    {"[tern]\ntheme=\xFF\n", 2, "UTF-8"},
    {"[tern]\nhints=\x1B[31m\n", 2, "neither yes nor no"},
};

static void test_wrong(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autoptr(Config) config = parse(WRONG[i].text);
        const GPtrArray *problems = config_problems(config);
        if (problems->len != 1)
            fail_msg("%s: %u mistakes", WRONG[i].text, problems->len);
        const ConfigProblem *problem = problems->pdata[0];
        assert_string_equal(problem->file, "tern.conf");
        if (problem->line != WRONG[i].line || !strstr(problem->text, WRONG[i].says))
            fail_msg("%s: line %d: %s", WRONG[i].text, problem->line, problem->text);
        if (strstr(problem->text, "secret") || strchr(problem->text, '\x1B'))
            fail_msg("%s: tells what it should not: %s", WRONG[i].text, problem->text);
    }
}

/* With a mistyped pin or keep-on-server tern would do what nobody asked for. */
static void test_unusable(void **state G_GNUC_UNUSED)
{
    static const char *const LINES[] = {
        "pin=1\n",   "keep-on-sever=yes\n", "keep-on-server=14\n", "poll=5m\npoll=6m\n",
        "rubbish\n", "proxy=x\n",           "name=\xFF\n"};

    for (gsize i = 0; i < G_N_ELEMENTS(LINES); i++) {
        g_autofree char *text =
            g_strconcat(HOME, LINES[i], "[account other]\naddress=a@b\nincoming=imaps://h\n", NULL);
        g_autoptr(Config) config = parse(text);
        assert_false(config_account(config, "home")->is_usable);
        assert_true(config_account(config, "other")->is_usable);
    }
}

static void test_keeping_by_folder(void **state G_GNUC_UNUSED)
{
    static const char TEXT[] =
        HOME "keep-offline = text 1y; Archive = headers ;Archive/2024 = all 10M;  inbox=all; a=b = headers\n";
    static const struct {
        const char *folder;
        int what;
        int64_t age_s, size_bytes;
    } ROWS[] = {
        {"Sent", CONFIG_KEEP_TEXT, 365 * 86400, 0},
        {"Archive", CONFIG_KEEP_HEADERS, 0, 0},
        {"Archive/2023", CONFIG_KEEP_HEADERS, 0, 0},
        {"Archive/2024", CONFIG_KEEP_ALL, 0, 10 << 20},
        {"Archive/2024/May", CONFIG_KEEP_ALL, 0, 10 << 20},
        {"Archives", CONFIG_KEEP_TEXT, 365 * 86400, 0},
        {"archive", CONFIG_KEEP_TEXT, 365 * 86400, 0},
        {"INBOX", CONFIG_KEEP_ALL, 0, 0},
        {"INBOX/x", CONFIG_KEEP_ALL, 0, 0},
        {"a=b", CONFIG_KEEP_HEADERS, 0, 0},
    };
    g_autoptr(Config) config = parse(TEXT);
    const ConfigAccount *home = config_account(config, "home");

    assert_true(home->is_usable);
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const ConfigKeep keep = config_account_keep(home, ROWS[i].folder);
        assert_int_equal(keep.what, ROWS[i].what);
        assert_int_equal(keep.age_s, ROWS[i].age_s);
        assert_int_equal(keep.size_bytes, ROWS[i].size_bytes);
    }
    for (const ConfigOption *key = config_account_keys(); key->name; key++) {
        g_autofree char *shown = strcmp(key->name, "keep-offline") ? NULL : config_account_format(home, key);
        if (shown)
            assert_string_equal(
                shown, "text 1y; Archive = headers; Archive/2024 = all 10M; inbox = all; a=b = headers");
    }
}

static const char *const FINE[] = {
    "",
    "# nothing\n",
    HOME,
    HOME "password=x\n",
    HOME "insecure=yes\npassword=x\noutgoing=smtp://h.example\n",
    "[account x]\naddress=a@b\npassword=x\nincoming=imap://localhost\n",
    "[account x]\naddress=a@b\npassword=x\nincoming=imap://127.0.0.1:1143\n",
    "[account x]\naddress=a@b\npassword=x\nincoming=imap://h.example\ntunnel=ssh h imapd\n",
    "[account x]\naddress=a@b\nincoming=imap://h.example\n",
    "[account x]\naddress=a@b\nincoming=maildir:/m\noutgoing=sendmail:sendmail\n",
    HOME "proxy=socks5://h.example:9050\n",
    HOME "proxy=socks5://ada:secret@h.example\n",
    HOME "keep-on-server=until-deleted\n",
    HOME "keep-on-server=no\n",
    HOME "keep-offline=all\n",
    HOME "keep-offline=text 500M\n",
    HOME "keep-offline=text; Archive = headers; Lists/a=b = all 30d 500M;\n",
    "[account Größe]\naddress=a@b\nincoming=imaps://h\n",
};

static void test_fine(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(FINE); i++) {
        g_autoptr(Config) config = parse(FINE[i]);
        if (config_problems(config)->len)
            fail_msg("%s: %s", FINE[i], ((const ConfigProblem *)config_problems(config)->pdata[0])->text);
    }
}

/* A proxy's password is one too. */
static void test_proxy_password_for_all_to_read(void **state G_GNUC_UNUSED)
{
    static const char TEXT[] = HOME "proxy=socks5://ada:secret@h.example\n";
    g_autoptr(Config) safe = config_parse(TEXT, strlen(TEXT), "tern.conf", 0100600);
    g_autoptr(Config) open = config_parse(TEXT, strlen(TEXT), "tern.conf", 0100640);

    assert_int_equal(config_problems(safe)->len, 0);
    assert_int_equal(config_problems(open)->len, 1);
    const ConfigProblem *problem = config_problems(open)->pdata[0];
    assert_int_equal(problem->line, 4);
    assert_non_null(strstr(problem->text, "chmod 600"));
    assert_null(strstr(problem->text, "secret"));
}

/* All at once, in the order of lines. */
static void test_ten(void **state G_GNUC_UNUSED)
{
    static const char TEXT[] = "text-width = 1\n"        /* 1 before any section */
                               "[tern]\n"                /* 2 */
                               "text-width = 1000\n"     /* 3 too large */
                               "simbols = ascii\n"       /* 4 unknown key */
                               "[account one]\n"         /* 5 no address */
                               "incoming = imaps//h\n"   /* 6 no URL */
                               "poll = often\n"          /* 7 no duration */
                               "poll = 5m\n"             /* 8 twice */
                               "what is this\n"          /* 9 nothing */
                               "[account two]\n"         /* 10 no incoming */
                               "address = a@b.example\n" /* 11 */
                               "password = secret\n"     /* 12 readable by others */
                               "[ziffern]\n";            /* 13 unknown section */
    static const int LINES[] = {1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13};
    g_autoptr(Config) config = config_parse(TEXT, strlen(TEXT), "/home/ada/tern.conf", 0100644);
    const GPtrArray *problems = config_problems(config);

    assert_int_equal(problems->len, G_N_ELEMENTS(LINES));
    for (guint i = 0; i < problems->len; i++) {
        const ConfigProblem *problem = problems->pdata[i];
        assert_int_equal(problem->line, LINES[i]);
        assert_null(strstr(problem->text, "secret"));
        if (problem->line == 12)
            assert_non_null(strstr(problem->text, "0644); run: chmod 600 /home/ada/tern.conf"));
    }
    for (guint i = 0; i < config_accounts(config)->len; i++)
        assert_false(((const ConfigAccount *)config_accounts(config)->pdata[i])->is_usable);
}

static void test_load(void **state G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(TempFolder) dir = temp_folder_new();
    g_autofree char *path = g_build_filename(dir, "tern.conf", NULL);
    static const char TEXT[] = HOME "password=secret\n";

    g_autoptr(Config) missing = config_load(path, &error);
    assert_non_null(missing);
    assert_false(config_exists(missing));
    assert_int_equal(config_problems(missing)->len + config_accounts(missing)->len, 0);

    assert_true(g_file_set_contents_full(path, TEXT, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    g_autoptr(Config) good = config_load(path, &error);
    assert_int_equal(config_problems(good)->len, 0);
    assert_true(config_exists(good));

    assert_int_equal(g_chmod(path, 0640), 0);
    g_autoptr(Config) open_file = config_load(path, &error);
    assert_int_equal(config_problems(open_file)->len, 1);

    assert_null(config_load(dir, &error));
    assert_true(tern_error_is(error, TERN_ERROR_CONFIG));
}

static void test_suggest(void **state G_GNUC_UNUSED)
{
    static const char *const KNOWN[] = {"password", "password-command", "incoming", "name", "pin", NULL};
    static const struct {
        const char *word, *near;
    } ROWS[] = {
        {"pasword", "password"},
        {"passwrod", "password"},
        {"Password", "password"},
        {"password-comand", "password-command"},
        {"inc", "incoming"},
        {"nmae", "name"},
        {"pni", "pin"},
        {"zebra", NULL},
        {"", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++)
        if (g_strcmp0(suggest_nearest(ROWS[i].word, KNOWN), ROWS[i].near) != 0)
            fail_msg("%s: %s", ROWS[i].word, suggest_nearest(ROWS[i].word, KNOWN));
    assert_int_equal(suggest_distance("kitten", "sitting"), 3);
    assert_int_equal(suggest_distance("ab", "ba"), 1);
    assert_int_equal(suggest_distance("", "abc"), 3);
    g_autofree char *longest = g_strnfill(1000, 'x');
    assert_int_equal(suggest_distance(longest, "x"), G_MAXUINT);
    assert_null(suggest_nearest(longest, KNOWN));
}

static void test_units(void **state G_GNUC_UNUSED)
{
    static const char *const NO_SIZES[] = {"",  "M", "1m", "1MB", "-1", "1.5G", " 1", "9223372036854775808",
                                           NULL};
    static const char *const NO_DURATIONS[] = {
        "", "d", "1", "1D", "1dd", "-1d", "99999999999999999y", "101y", "9999999999999h", NULL};
    int64_t value = 0;

    assert_true(units_parse_size("500M", &value) && value == 500 << 20);
    assert_true(units_parse_size("12", &value) && value == 12);
    assert_true(units_parse_size("0", &value) && value == 0);
    assert_true(units_parse_duration("4w", &value) && value == 28 * 86400);
    for (gsize i = 0; NO_SIZES[i]; i++)
        assert_false(units_parse_size(NO_SIZES[i], &value));
    for (gsize i = 0; NO_DURATIONS[i]; i++)
        assert_false(units_parse_duration(NO_DURATIONS[i], &value));
    static const char *const SIZES[] = {"0", "1", "1K", "1025", "500M", "3G", "2T", NULL};
    for (gsize i = 0; SIZES[i]; i++) {
        assert_true(units_parse_size(SIZES[i], &value));
        g_autofree char *text = units_format_size(value);
        assert_string_equal(text, SIZES[i]);
    }
}

/* Each account costs the same, however many there are. */
static void test_many_accounts(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    clock_t start = clock();

    (void)state;
    for (int i = 0; i < 20000; i++)
        g_string_append_printf(text, "[account an-account-%d]\noffline = yes\n", i);
    g_autoptr(Config) config = config_parse(text->str, text->len, "tern.conf", 0600);
    assert_int_equal(config_accounts(config)->len, 20000);
    assert_int_equal(config_account(config, "an-account-19999")->line, 39999);
    assert_null(config_account(config, "an-account-20000"));
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5); /* under sanitizers, where it was 7 */
}

/* Nobody asks why: it is wrong all the same. */
static void test_wrong_and_nobody_asks(void **state)
{
    static const char *const TEXTS[] = {"", "soon", "5m\\q"};
    const ConfigOption *option = config_option("undo-send");
    int64_t seconds = 7;

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        assert_false(config_value_parse(option, TEXTS[i], &seconds, NULL));
    assert_int_equal(seconds, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_wrong_and_nobody_asks),
        cmocka_unit_test(test_unusable),
        cmocka_unit_test(test_fine),
        cmocka_unit_test(test_keeping_by_folder),
        cmocka_unit_test(test_proxy_password_for_all_to_read),
        cmocka_unit_test(test_ten),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_suggest),
        cmocka_unit_test(test_many_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
