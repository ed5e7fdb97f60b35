/* test-cli.c - the command line's options, and JSON that is always valid and always harmless. */
#include "cli/json.h"
#include "cli/options.h"
#include "cli/output.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

typedef struct {
    const char *line; /* words parted by spaces */
    const char *left; /* what stays; NULL: a mistake */
    gboolean flag;
    const char *text; /* the option's value, or what is said about the mistake */
    int64_t number;
    gboolean others_too;
} Row;

static const Row ROWS[] = {
    {"", "", FALSE, NULL, 0, FALSE},
    {"a b", "a b", FALSE, NULL, 0, FALSE},
    {"--flag a", "a", TRUE, NULL, 0, FALSE},
    {"a --flag b", "a b", TRUE, NULL, 0, FALSE},
    {"-g a", "a", TRUE, NULL, 0, FALSE},
    {"--text x a", "a", FALSE, "x", 0, FALSE},
    {"--text=x a", "a", FALSE, "x", 0, FALSE},
    {"--text= a", "a", FALSE, "", 0, FALSE},
    {"--text --flag", "", FALSE, "--flag", 0, FALSE},
    {"--text a --text b", "", FALSE, "b", 0, FALSE},
    {"-n 5", "", FALSE, NULL, 5, FALSE},
    {"-gn5 a", "a", TRUE, NULL, 5, FALSE},
    {"-gn 5 a", "a", TRUE, NULL, 5, FALSE},
    {"-gg", "", TRUE, NULL, 0, FALSE},
    {"-gx", NULL, TRUE, "--flag takes no value", 0, FALSE},
    {"-ng", NULL, FALSE, "--number takes a number from 1, not “g”", 0, FALSE},
    {"-n5 a", "a", FALSE, NULL, 5, FALSE},
    {"--number=9223372036854775807", "", FALSE, NULL, G_MAXINT64, FALSE},
    {"a -- --flag -x", "a --flag -x", FALSE, NULL, 0, FALSE},
    {"- a", "- a", FALSE, NULL, 0, FALSE},
    {"--other --flag -x", "--other -x", TRUE, NULL, 0, TRUE},
    {"a -- --flag", "a -- --flag", FALSE, NULL, 0, TRUE},
    {"--flg", NULL, FALSE, "there is no option --flg; did you mean --flag?", 0, FALSE},
    {"--zzzzz=1", NULL, FALSE, "there is no option --zzzzz", 0, FALSE},
    {"-x", NULL, FALSE, "there is no option -x", 0, FALSE},
    {"--flag=1", NULL, FALSE, "--flag takes no value", 0, FALSE},
    {"--text", NULL, FALSE, "--text needs a value", 0, FALSE},
    {"-n 0", NULL, FALSE, "--number takes a number from 1, not “0”", 0, FALSE},
    {"-n -3", NULL, FALSE, "--number takes a number from 1, not “-3”", 0, FALSE},
    {"-n 9223372036854775808", NULL, FALSE, "--number takes a number", 0, FALSE},
};

static void test_options(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const Row *row = &ROWS[i];
        gboolean flag = FALSE;
        g_autofree char *text = NULL, *why = NULL;
        int64_t number = 0;
        const CliOption options[] = {{"flag", 'g', CLI_FLAG, &flag},
                                     {"text", '\0', CLI_TEXT, &text},
                                     {"number", 'n', CLI_NUMBER, &number},
                                     {NULL, '\0', CLI_FLAG, NULL}};
        g_auto(GStrv) words = g_strsplit(row->line, " ", *row->line ? -1 : 0);
        g_autofree char **left = cli_options_take(options, words, row->others_too, &why);
        if (!row->left) {
            if (left || !g_str_has_prefix(why, row->text))
                fail_msg("%s: %s", row->line, why);
            continue;
        }
        if (!left)
            fail_msg("%s: %s", row->line, why);
        g_autofree char *joined = g_strjoinv(" ", left);
        if (strcmp(joined, row->left) != 0 || flag != row->flag || number != row->number ||
            g_strcmp0(text, row->text) != 0)
            fail_msg("%s: left <%s> flag %d text %s", row->line, joined, flag, text);
    }
}

static void test_json(void **state G_GNUC_UNUSED)
{
    g_auto(CliJson) json = {0};

    cli_json_begin(&json, NULL);
    cli_json_string(&json, "a", "x");
    cli_json_string(&json, "absent", NULL);
    cli_json_int(&json, "b", INT64_MIN);
    cli_json_begin_array(&json, "c");
    cli_json_end(&json);
    cli_json_begin_array(&json, "d");
    cli_json_begin(&json, NULL);
    cli_json_bool(&json, "e", TRUE);
    cli_json_end(&json);
    cli_json_string(&json, NULL, "y");
    cli_json_end(&json);
    cli_json_real(&json, "f", 1.25);
    cli_json_error(&json, "g", NULL);
    cli_json_time(&json, "h", 0, 60);
    cli_json_end(&json);
    assert_string_equal(json.text->str,
                        "{\"a\":\"x\",\"b\":-9223372036854775808,\"c\":[],\"d\":[{\"e\":true},\"y\"],"
                        "\"f\":1.250,\"h\":\"1970-01-01T01:00:00+01:00\"}");
}

static const struct {
    const char *value, *json;
} STRINGS[] = {
    {"", "\"\""},
    {"\"\\/", "\"\\\"\\\\/\""},
    {"\n\r\t\b\x1B", "\"\\n\\r\\t\\u0008\\u001b\""},
    {"\x7F\xC2\x9B", "\"\\u007f\\u009b\""},
    {"é田🐦", "\"é田🐦\""},
    {"\xE2\x80\xAE\xE2\x80\xA8", "\"\\u202e\\u2028\""},           /* an override, a line separator */
    {"\xF3\xA0\x81\x81", "\"\\udb40\\udc41\""},                   /* a Tag letter */
    {"a\xFF\xC3", "\"a\xEF\xBF\xBD\xEF\xBF\xBD\""},               /* not UTF-8 */
    {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* half a surrogate pair */
};

static void test_strings(void **state G_GNUC_UNUSED)
{
    for (gsize i = 0; i < G_N_ELEMENTS(STRINGS); i++) {
        g_auto(CliJson) json = {0};
        cli_json_string(&json, NULL, STRINGS[i].value);
        assert_string_equal(json.text->str, STRINGS[i].json);
    }
}

static void test_numbers(void **state G_GNUC_UNUSED)
{
    static const struct {
        int64_t number;
        const char *text, *size;
    } NUMBERS[] = {{0, "0", "0 B"},
                   {999, "999", "999 B"},
                   {1000, "1,000", "1.0 KB"},
                   {2048, "2,048", "2.0 KB"},
                   {49152, "49,152", "48 KB"},
                   {1234567, "1,234,567", "1.2 MB"},
                   {-1234, "-1,234", NULL},
                   {INT64_C(3) << 40, "3,298,534,883,328", "3072 GB"}};

    for (gsize i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
        g_autofree char *text = cli_number(NUMBERS[i].number), *size = cli_size(NUMBERS[i].number);
        assert_string_equal(text, NUMBERS[i].text);
        if (NUMBERS[i].size)
            assert_string_equal(size, NUMBERS[i].size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
