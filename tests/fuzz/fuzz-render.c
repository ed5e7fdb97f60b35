/* fuzz-render.c - a whole message, from bytes to lines: each line safe and not wider than asked. */
#include "render/render.h"
#include "tests/unit/render-check.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const guint UNFOLDED[] = {1, 3, 0};
    if (size < 2)
        return 0;
    RenderOptions options = {
        .width_cols = 1 + data[0] % 120,
        .headers = TRUE,
        .all_headers = data[1] & 1,
        .fold_quotes = (data[1] & 2) != 0,
        .unfolded = data[1] & 4 ? UNFOLDED : NULL,
        .prefer_html = (data[1] & 8) != 0,
        .is_ascii = (data[1] & 16) != 0,
        .charset = data[1] & 32 ? "iso-2022-jp" : NULL,
        .own_address = "ada@example.org",
        .now_s = 1795521600,
    };
    g_autoptr(MimeMessage) message = mime_message_parse((const char *)data + 2, size - 2);
    g_autoptr(RenderDocument) document = render_message(message, &options);
    render_check(document, &options);
    g_autofree char *text = render_document_text(document);
    if (!g_utf8_validate(text, -1, NULL))
        abort();

    const char *bytes = (const char *)data + 2;
    g_autofree char *field = g_strndup(bytes, MIN(size - 2, 400));
    RenderEnvelope envelope = {field, field, field, TRUE, data[0] * INT64_C(100000000), data[1] * 8 - 1000};
    g_autoptr(RenderDocument) from_store = render_envelope(&envelope, field, &options);
    render_check(from_store, &options);
    return 0;
}
