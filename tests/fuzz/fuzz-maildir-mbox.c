/* fuzz-maildir-mbox.c - any bytes as an mbox: messages follow each other without gap or overlap, each with a
 * name of its own, whatever was read of it before; as a dotlock: whoever it names is a process; and as what
 * is kept of a mailbox. */
#include "maildir/mbox_dotlock.h"
#include "maildir/mbox_known.h"
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

/* As what is kept of it says it; to be freed. */
static char *kept(const MboxIndex *index, size_t size)
{
    const MboxState as = {.size = (int64_t)size};
    char *text = mbox_known_format(index, &as);
    MboxState read_as;
    g_autoptr(MboxIndex) again = mbox_known_parse(text, &read_as);
    g_autofree char *text_again = again ? mbox_known_format(again, &read_as) : NULL;

    if (!again || strcmp(text, text_again) != 0)
        abort();
    return text;
}

/* What is read of a part, and gone on with, is what is read at once, or is refused. */
static void check_more(Bytes *bytes, const char *expected)
{
    g_autoptr(MboxIndex) index = mbox_scan(read_bytes, bytes, (int64_t)(bytes->size / 3 * 2));

    if (!index || !index->is_mbox || index->is_doubtful ||
        !mbox_scan_more(index, read_bytes, bytes, (int64_t)bytes->size))
        return;
    g_autofree char *is = kept(index, bytes->size);
    if (strcmp(is, expected) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Bytes bytes = {data, size};
    g_autoptr(MboxIndex) index = mbox_scan(read_bytes, &bytes, (int64_t)size);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    int64_t at = 0;

    const MboxDotlockHere here = {"host", "pid:[1]", size % 2};
    if (!index || mbox_dotlock_owner((const char *)data, size, &here).pid < 0)
        abort();
    for (guint i = 0; i < index->messages->len; i++) {
        const MboxMessage *message = index->messages->pdata[i];
        if (message->from < at || message->header < message->from || message->body < message->header ||
            message->end < message->body || message->next < message->end || message->next > (int64_t)size ||
            !g_hash_table_add(names, message->name))
            abort();
        at = message->next;
    }
    g_autofree char *text = kept(index, size), *own = g_strndup((const char *)data, size);
    check_more(&bytes, text);
    MboxState as;
    g_autoptr(MboxIndex) none = mbox_known_parse(own, &as);
    return 0;
}
