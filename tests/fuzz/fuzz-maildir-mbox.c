/* fuzz-maildir-mbox.c - any bytes as an mbox: messages follow each other without gap or overlap, each with a name of its own;
 * and as a dotlock: whoever it names is a process. */
#include "maildir/mbox_dotlock.h"
#include "maildir/mbox_scan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    const uint8_t *data;
    size_t size;
} Bytes;

/* Seven at most at once, so that each window ends somewhere else. */
static gssize read_bytes(void *data, int64_t offset, char *buffer, gsize size)
{
    const Bytes *bytes = data;
    const gsize n = MIN(MIN(size, 7), bytes->size - MIN((gsize)offset, bytes->size));

    memcpy(buffer, bytes->data + offset, n);
    return (gssize)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Bytes bytes = {data, size};
    g_autoptr(MboxIndex) index = mbox_scan(read_bytes, &bytes, (int64_t)size);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    int64_t at = 0;

    if (!index || mbox_dotlock_owner((const char *)data, size, "host", size % 2) < 0)
        abort();
    for (guint i = 0; i < index->messages->len; i++) {
        const MboxMessage *message = index->messages->pdata[i];
        if (message->from < at || message->header < message->from || message->body < message->header ||
            message->end < message->body || message->next < message->end || message->next > (int64_t)size ||
            !g_hash_table_add(names, message->name))
            abort();
        at = message->next;
    }
    return 0;
}
