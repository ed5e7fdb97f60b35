/* fuzz-maildir-uidl.c - any bytes as the log of fetched messages: what is read of it is written and read
 * again the same. */
#include "maildir/uidl.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gsize good, again_good;
    UidlLog *log = uidl_log_parse((const char *)data, size, &good);
    GString *text = uidl_log_format(log);
    UidlLog *again = uidl_log_parse(text->str, text->len, &again_good);

    if (good > size || again_good != text->len || uidl_log_count(log) != uidl_log_count(again))
        abort();
    g_string_free(text, TRUE);
    uidl_log_close(log);
    uidl_log_close(again);
    return 0;
}
