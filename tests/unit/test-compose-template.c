/* test-compose-template.c - templates: their fields, what is filled in when, and what is none. */
#include "temp-folder.h"

#include "base/error.h"
#include "compose/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static char *folder;

static int setup(void **state)
{
    (void)state;
    folder = temp_folder_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temp_folder_free(folder);
    return 0;
}

static void write_template(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static Draft *begun(void)
{
    Draft *draft = draft_new(NULL);

    draft_set(draft, DRAFT_FROM, "Ada Lovelace <ada@example.org>");
    draft_set_body(draft, "\n-- \nAda\n", 9);
    return draft;
}

static void test_fields(void **state)
{
    static const struct {
        const char *to, *text, *body;
        gsize cursor;
    } ROWS[] = {
        {"Zoë Brontë <zoe@x.org>", "Dear {first-name},\n\n{cursor}\n", "Dear Zoë,\n\n\n", 12},
        {"\"Brontë, Zoë\" <zoe@x.org>", "{first-name}/{name}", "Zoë/Brontë, Zoë", 0},
        {"zoe.b@x.org, bob@x.org", "{first-name} {name} {address}", "zoe zoe.b@x.org zoe.b@x.org", 0},
        {"", "Dear {first-name}, {my-name} {my-address}", "Dear {first-name}, Ada Lovelace ada@example.org",
         0},
        {"a@x.org", "{cursor}{subject} {unknown} { {name", "Lunch {unknown} { {name", 0},
        {"a@x.org", "{}{{name}}", "{}{a@x.org}", 0},
        /* What has braces itself is not filled in, again and again. */
        {"\"{name}{name}\" <a@x.org>", "{name} {first-name}", "a@x.org a", 0},
        {"{name}@x.org", "{name} {first-name} {address}", "{name} {first-name} {address}", 0},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(Draft) draft = begun();
        g_autofree char *expected = g_strconcat(ROWS[i].body, "\n-- \nAda\n", NULL);
        write_template("t", ROWS[i].text);
        draft_set(draft, DRAFT_TO, ROWS[i].to);
        draft_set(draft, DRAFT_SUBJECT, "Lunch");
        assert_true(template_apply(draft, folder, "t", NULL));
        assert_string_equal(draft->body, expected);
        assert_int_equal(draft->cursor, ROWS[i].cursor);
    }
}

/* The one it goes to is known later; the cursor stays where it was to be. */
static void test_filled_later(void **state)
{
    g_autoptr(Draft) draft = begun();

    (void)state;
    write_template("invoice", "Subject: For {name}\r\nCc: books@x.org\r\n\r\nDear {name},\r\n{cursor}!\r\n");
    assert_true(template_apply(draft, folder, "invoice", NULL));
    assert_string_equal(draft->fields[DRAFT_SUBJECT], "For {name}");
    assert_string_equal(draft->fields[DRAFT_CC], "books@x.org");
    assert_string_equal(draft->body, "Dear {name},\n!\n\n-- \nAda\n");
    assert_true(draft->is_template);
    g_autofree char *left = template_left(draft);
    assert_string_equal(left, "{name}");
    draft_set(draft, DRAFT_TO, "Somebody with a long name <bob@x.org>");
    assert_true(template_fill(draft));
    assert_null(template_left(draft));
    assert_string_equal(draft->fields[DRAFT_SUBJECT], "For Somebody with a long name");
    assert_int_equal(draft->body[draft->cursor], '!');
    assert_false(template_fill(draft));
}

/* The subject is not put into itself, and not elsewhere before it is whole. */
static void test_subject_in_subject(void **state)
{
    g_autoptr(Draft) draft = begun();

    (void)state;
    write_template("t", "Subject: Re {subject}{subject} {name}\n\nOf {subject}:\n");
    assert_true(template_apply(draft, folder, "t", NULL));
    for (guint i = 0; i < 40; i++) {
        g_autofree char *to = g_strdup_printf("u%u@x.org", i);
        draft_set(draft, DRAFT_TO, to);
        template_fill(draft);
    }
    assert_string_equal(draft->fields[DRAFT_SUBJECT], "Re {subject}{subject} u0@x.org");
    assert_string_equal(draft->body, "Of {subject}:\n\n-- \nAda\n");
    g_autofree char *left = template_left(draft);
    assert_string_equal(left, "{subject}");
    draft_set(draft, DRAFT_SUBJECT, "Lunch");
    assert_true(template_fill(draft));
    assert_string_equal(draft->body, "Of Lunch:\n\n-- \nAda\n");
}

static void test_names(void **state)
{
    g_autoptr(Draft) draft = begun();
    g_autoptr(GPtrArray) names = NULL, none = template_list("/no/such");
    g_autoptr(GError) error = NULL;

    (void)state;
    write_template("b", "");
    write_template("a b", "");
    write_template(".hidden", "");
    write_template("a~", "");
    names = template_list(folder);
    assert_int_equal(none->len, 0);
    assert_int_equal(names->len, 2);
    assert_string_equal(names->pdata[0], "a b");
    assert_false(template_apply(draft, folder, "../a", NULL)); /* a name, no path */
    assert_false(template_apply(draft, folder, "c", &error));
    assert_true(tern_error_is(error, TERN_ERROR_INPUT));
    assert_string_equal(draft->body, "\n-- \nAda\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(test_filled_later, setup, teardown),
        cmocka_unit_test_setup_teardown(test_subject_in_subject, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
