/* The control socket's frames: whatever comes, a request, an event or nothing; and what was understood says
 * the same when it is said again. */
#include "engine/event.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(GBytes *frame)
{
    g_autoptr(EngineRequest) request = engine_request_decode(frame);
    g_autoptr(GByteArray) wire = g_byte_array_new();
    g_autoptr(GBytes) again = NULL;

    if (!request)
        return;
    engine_request_encode(request, wire);
    if (!engine_frame_take(wire, &again) || !again || wire->len)
        abort();
    g_autoptr(EngineRequest) back = engine_request_decode(again);
    if (!back || back->id != request->id || g_strcmp0(back->folder, request->folder) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GByteArray) wire = g_byte_array_new();
    g_autoptr(GBytes) whole = g_bytes_new(data, size);
    GBytes *frame;

    check_request(whole);
    engine_event_free(engine_event_decode(whole));
    g_byte_array_append(wire, data, (guint)size);
    while (engine_frame_take(wire, &frame) && frame) {
        check_request(frame);
        engine_event_free(engine_event_decode(frame));
        g_bytes_unref(frame);
    }
    return 0;
}
