/* Who listens to what a server says by itself, while syncs run within syncs: hearing.h. */
#include "engine/hearing.h"
#include "imap/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void tell_nobody(const char *text, void *data)
{
    (void)text, (void)data;
}

static void setup(Hearing *hearing)
{
    hearing_init(hearing, tell_nobody, NULL);
}

/* A sync of the watched folder within a sync of any other: the ear that was kept before is freed, and the
 * outer one must not give the word back to it. */
static void test_a_kept_ear_is_replaced_within_a_sync(void **state)
{
    Hearing hearing;
    Ear *kept = ear_new("INBOX", NULL), *outer = ear_new("Lists", NULL), *inner = ear_new("INBOX", NULL);

    (void)state;
    setup(&hearing);
    hearing_push(&hearing, kept);
    hearing_push(&hearing, outer);
    hearing_push(&hearing, inner);
    hearing_replace(&hearing, inner, NULL); /* it has ended, and is kept */
    assert_ptr_equal(hearing.on, outer);
    hearing_replace(&hearing, kept, inner);
    ear_free(kept);
    hearing_replace(&hearing, outer, NULL);
    ear_free(outer);
    assert_ptr_equal(hearing.on, inner);
    hearing_replace(&hearing, inner, NULL);
    assert_null(hearing.on);
    ear_free(inner);
    hearing_clear(&hearing);
}

static void test_a_kept_ear_goes_within_a_sync(void **state)
{
    Hearing hearing;
    Ear *kept = ear_new("INBOX", NULL), *outer = ear_new("INBOX", NULL);

    (void)state;
    setup(&hearing);
    hearing_push(&hearing, kept);
    hearing_push(&hearing, outer);
    hearing_replace(&hearing, kept, NULL);
    ear_free(kept);
    assert_ptr_equal(hearing.on, outer);
    hearing_begin(&hearing, NULL); /* the connection was lost within it */
    hearing_replace(&hearing, outer, NULL);
    hearing_replace(&hearing, NULL, outer);
    assert_null(hearing.on);
    ear_free(outer);
    hearing_clear(&hearing);
}

/* Whoever works with an ear keeps it, though another has taken its place. */
static void test_an_ear_that_is_held(void **state)
{
    Ear *ear = ear_new("INBOX", NULL), *held = ear_ref(ear);

    (void)state;
    ear_free(ear);
    held->has_new = TRUE;
    assert_string_equal(held->raw_name, "INBOX");
    ear_free(held);
}

/* What was missed of a folder takes the place of numbers that were told before. */
static void test_what_was_missed(void **state)
{
    Hearing hearing;

    (void)state;
    setup(&hearing);
    const ImapListener listener = hearing_listener(&hearing);
    const ImapFolder told = {.raw_name = "Lists", .name = "Lists", .messages = 4};
    listener.status(&told, &hearing);
    hearing_missed(&hearing, "Lists");
    hearing_missed(&hearing, "Lists");
    g_autoptr(GHashTable) others = hearing_take_others(&hearing);
    assert_int_equal(g_hash_table_size(others), 1);
    assert_false(((ImapFolder *)g_hash_table_lookup(others, "Lists"))->has_status);
    assert_int_equal(g_hash_table_size(hearing.others), 0);
    hearing_clear(&hearing);
}

/* However many there are said to be, so many are kept, and that there were more is known. */
static void test_more_than_can_be_kept(void **state)
{
    Hearing hearing;

    (void)state;
    setup(&hearing);
    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("folder %d", i);
        hearing_missed(&hearing, name);
    }
    assert_false(hearing.is_lost);
    hearing_missed(&hearing, "folder 7");
    assert_false(hearing.is_lost);
    hearing_missed(&hearing, "one more");
    assert_true(hearing.is_lost);
    assert_int_equal(g_hash_table_size(hearing.others), 1000);
    hearing_clear(&hearing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_kept_ear_is_replaced_within_a_sync),
        cmocka_unit_test(test_a_kept_ear_goes_within_a_sync),
        cmocka_unit_test(test_an_ear_that_is_held),
        cmocka_unit_test(test_what_was_missed),
        cmocka_unit_test(test_more_than_can_be_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
