/* What terns say to each other through the control socket: event.h, peer.h, doorway.h. */
#include "temp-folder.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/paths.h"
#include "engine/doorway.h"
#include "engine/event.h"
#include "engine/peer.h"
#include "store/locks.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Verbs and kinds cross the socket as numbers. Who finds these changed raises the protocol's, and mends
 * this. */
static void test_protocol_is_raised(void **state)
{
    (void)state;
    assert_string_equal(STORE_ENGINE_PROTOCOL, "2");
    assert_int_equal(ENGINE_VERB_LAST, 12);
    assert_int_equal(ENGINE_VERB_CHECK_SENDING, 6);
    assert_int_equal(ENGINE_EVENT_OUTBOX, 6);
    assert_int_equal(TERN_ERROR_BUG, 11);
}

static void test_request(void **state)
{
    static const EngineRequest ROWS[] = {
        {ENGINE_VERB_SYNC, 1, NULL, NULL, 0, NULL},
        {ENGINE_VERB_SYNC, G_MAXUINT64, "work", "Größe/子", 0, NULL},
        {ENGINE_VERB_FETCH, 7, NULL, NULL, G_MAXINT64, NULL},
        {ENGINE_VERB_CANCEL, 8, "", "", -1, NULL},
        {ENGINE_VERB_PASSWORD, 0, "work", NULL, 0, "pass wörd"},
    };

    (void)state;
    g_autoptr(GByteArray) wire = g_byte_array_new();
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++)
        engine_request_encode(&ROWS[i], wire);
    const guint whole = wire->len;
    for (guint i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        g_autoptr(GBytes) frame = NULL;
        assert_true(engine_frame_take(wire, &frame));
        g_autoptr(EngineRequest) back = engine_request_decode(frame);
        assert_non_null(back);
        assert_int_equal(back->verb, ROWS[i].verb);
        assert_true(back->id == ROWS[i].id);
        assert_true(g_strcmp0(back->account, ROWS[i].account) == 0);
        assert_true(g_strcmp0(back->folder, ROWS[i].folder) == 0);
        assert_true(back->number == ROWS[i].number);
        assert_true(g_strcmp0(back->secret, ROWS[i].secret) == 0);
    }
    assert_int_equal(wire->len, 0);
    assert_null(memmem(wire->data, whole, "pass", 4)); /* what has crossed is not left in the buffer */
}

static EngineEvent *example_event(void)
{
    EngineEvent *event = engine_event_new(ENGINE_EVENT_FOLDER, 12, "work");

    event->folder = g_strdup("INBOX");
    event->state = ENGINE_WORKING;
    event->what = g_strdup("syncing");
    event->done = 1;
    event->total = 2;
    event->retry_at_us = 3;
    event->message_id = 4;
    event->new_messages = 5;
    event->changed = 6;
    event->removed = 7;
    event->messages = 8;
    event->bytes = 9;
    event->bytes_total = 10;
    event->withheld = 11;
    event->seconds = 10.5;
    tern_error_set(&event->error, TERN_ERROR_AUTH, "the password of “%s” was refused", "work");
    return event;
}

static void test_event(void **state)
{
    (void)state;
    g_autoptr(EngineEvent) event = example_event();
    g_autoptr(EngineEvent) copy = engine_event_copy(event);
    g_autoptr(GByteArray) wire = g_byte_array_new();
    g_autoptr(GBytes) frame = NULL;

    engine_event_encode(copy, wire);
    assert_true(engine_frame_take(wire, &frame));
    g_autoptr(EngineEvent) back = engine_event_decode(frame);
    assert_non_null(back);
    assert_string_equal(back->account, "work");
    assert_string_equal(back->folder, "INBOX");
    assert_string_equal(back->what, "syncing");
    assert_int_equal(back->state, ENGINE_WORKING);
    assert_int_equal(back->done + back->total + back->retry_at_us + back->message_id, 1 + 2 + 3 + 4);
    assert_int_equal(back->new_messages + back->changed + back->removed + back->messages, 5 + 6 + 7 + 8);
    assert_int_equal(back->bytes, 9);
    assert_true(back->bytes_total == 10 && back->withheld == 11);
    assert_true(back->seconds > 10.4 && back->seconds < 10.6);
    assert_true(tern_error_is(back->error, TERN_ERROR_AUTH));
    assert_string_equal(back->error->message, event->error->message);
}

/* Whatever stands in the frame: a request, or nothing; never one of the verbs that are for a process
 * alone. */
static void test_nonsense(void **state)
{
    (void)state;
    g_autoptr(GByteArray) wire = g_byte_array_new();
    GBytes *frame = NULL;
    const guint32 too_long = GUINT32_TO_LE(LIMIT_CONTROL_BYTES + 1);

    for (int verb = ENGINE_VERB_LAST + 1; verb <= ENGINE_VERB_STOP; verb++) {
        const EngineRequest stop = {(EngineVerb)verb, 1, NULL, NULL, 0, NULL};
        engine_request_encode(&stop, wire);
        assert_true(engine_frame_take(wire, &frame));
        assert_null(engine_request_decode(frame));
        g_clear_pointer(&frame, g_bytes_unref);
    }
    const EngineRequest fine = {ENGINE_VERB_SYNC, 1, "work", "INBOX", 0, NULL};
    engine_request_encode(&fine, wire);
    g_autofree guint8 *bytes = g_memdup2(wire->data, wire->len);
    const guint size = wire->len;
    for (guint cut = 0; cut < size; cut++) {
        g_byte_array_set_size(wire, 0);
        g_byte_array_append(wire, bytes, cut);
        assert_true(engine_frame_take(wire, &frame));
        assert_null(frame);
        g_autoptr(GBytes) short_frame = g_bytes_new(bytes + 4, cut < 4 ? 0 : cut - 4);
        g_autoptr(EngineRequest) request = engine_request_decode(short_frame);
        g_autoptr(EngineEvent) event = engine_event_decode(short_frame);
        assert_null(event);
    }
    g_byte_array_set_size(wire, 0);
    g_byte_array_append(wire, (const guint8 *)&too_long, sizeof too_long);
    assert_false(engine_frame_take(wire, &frame));
}

static void test_peer(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    Peer *one = peer_new(fds[0]), *other = peer_new(fds[1]);
    g_autoptr(EngineEvent) event = example_event();
    guint sent = 0, received = 0;

    /* Until the other side's buffers are full; then it is told to be slow, and nothing is lost. */
    for (; !peer_is_slow(one); sent++) {
        engine_event_encode(event, peer_out(one));
        assert_true(peer_flush(one));
    }
    while (received < sent) {
        GBytes *frame;
        assert_true(peer_read(other));
        while ((frame = peer_take_frame(other))) {
            g_bytes_unref(frame);
            received++;
        }
        assert_true(peer_flush(one));
    }
    assert_false(peer_is_slow(one));
    peer_free(one);
    assert_false(peer_read(other));
    engine_event_encode(event, peer_out(other));
    assert_false(peer_flush(other));
    peer_free(other);
}

static void test_doorway(void **state)
{
    (void)state;
    g_autoptr(TempFolder) folder = temp_folder_new();
    g_autofree char *long_name = g_strnfill(120, 'p');
    g_autofree char *profile = g_build_filename(folder, long_name, NULL);
    g_autoptr(Paths) paths = paths_new(profile);
    g_autoptr(GError) error = NULL;

    assert_int_equal(doorway_connect(paths), -1);
    const int door = doorway_open(paths, &error);
    assert_true(door >= 0);
    gboolean is_full;
    assert_int_equal(doorway_accept(door, &is_full), -1);
    assert_false(is_full);
    const int knocking = doorway_connect(paths);
    assert_true(knocking >= 0);
    /* Without a free descriptor he goes on knocking, and is let in later. */
    struct rlimit few, before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const int lowest_free = dup(door);
    close(lowest_free);
    few = (struct rlimit){(rlim_t)lowest_free, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    const int refused = doorway_accept(door, &is_full);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(refused, -1);
    assert_true(is_full);
    const int inside = doorway_accept(door, &is_full);
    assert_true(inside >= 0);
    assert_false(is_full);
    close(inside);
    close(knocking);
    doorway_close(door);
    assert_int_equal(doorway_connect(paths), -1);
    /* What a killed one left behind is no hindrance. */
    const int again = doorway_open(paths, &error);
    assert_true(again >= 0);
    doorway_close(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocol_is_raised),
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_event),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_peer),
        cmocka_unit_test(test_doorway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
