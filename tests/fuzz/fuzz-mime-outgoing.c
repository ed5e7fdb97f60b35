/* Whatever a program hands over: what goes out has no line over 998 bytes in its header, no NUL and no bare
 * CR (but in signed parts, which are left alone), no Bcc, and is the same when it goes through once more. */
#include "base/file.h"
#include "mime/outgoing.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static GString *pass(const char *bytes, gsize size, gboolean dot_ends)
{
    const int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
    GString *result = NULL;

    file_write_all(in, bytes, size, NULL);
    lseek(in, 0, SEEK_SET);
    g_autoptr(MimeOutgoing) message = mime_outgoing_read(in, dot_ends, NULL);
    if (message)
        mime_outgoing_check(message, TRUE, NULL);
    if (message && mime_outgoing_write(message, out, NULL)) {
        const off_t length = lseek(out, 0, SEEK_END);
        result = g_string_sized_new((gsize)length + 1);
        if (pread(out, result->str, (gsize)length, 0) != length)
            g_error("it cannot be read again");
        g_string_set_size(result, (gsize)length);
        g_strfreev(mime_outgoing_recipients(message, NULL));
        g_strfreev(mime_outgoing_senders(message, NULL));
        mime_outgoing_complete(message, "Ada", "ada@example.org", 0);
    }
    close(in);
    close(out);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > (1 << 18))
        return 0;
    g_autoptr(GString) once = pass((const char *)data + 1, size - 1, data[0] & 1);
    if (!once)
        return 0;
    const char *body = *once->str == '\n' ? once->str : strstr(once->str, "\n\n");
    const gsize header = body ? (gsize)(body - once->str) : once->len;
    g_autofree char *top = g_ascii_strdown(once->str, (gssize)header);
    if (g_str_has_prefix(top, "bcc:") || strstr(top, "\nbcc:"))
        g_error("a Bcc is told: %s", top);
    if (memchr(once->str, '\0', header) || memchr(once->str, '\r', header))
        g_error("a header with bytes that cannot be sent");
    if (!g_strstr_len(once->str, (gssize)once->len, "signed") &&
        (memchr(once->str, '\0', once->len) || memchr(once->str, '\r', once->len)))
        g_error("bytes that cannot be sent");
    return 0;
}
