/* fuzz-base-charset.c - whatever the bytes and the name: valid UTF-8 comes out, without NUL, within the
 * limit. */
#include "base/charset.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const NAMES[] = {
        "utf-8",       "us-ascii",  "iso-8859-1",    "windows-1252",  "gb2312",      "gb18030",
        "hz-gb-2312",  "big5",      "euc-jp",        "shift_jis",     "iso-2022-jp", "iso-2022-kr",
        "iso-2022-cn", "euc-kr",    "euc-tw",        "johab",         "utf-7",       "utf-16",
        "utf-32",      "cp1258",    "tcvn",          "viscii",        "koi8-r",      "x-mac-roman",
        "cp037",       "armscii-8", "iso-2022-jp-2", "iso-2022-jp-3", "big5-hkscs",  "ibm1364",
        "ibm937",      "no-such",
    };
    if (size < 2)
        return 0;
    const char *bytes = (const char *)data + 2;
    gsize limit = (gsize)data[1] * 16, out_size;
    const char *end = memchr(bytes, '\n', size - 2);
    g_autofree char *own_name = end ? g_strndup(bytes, (gsize)(end - bytes)) : NULL;
    const char *name = data[0] < G_N_ELEMENTS(NAMES) ? NAMES[data[0]] : own_name;

    g_autofree char *text = charset_to_utf8(bytes, size - 2, name, limit, &out_size);
    if (out_size > limit || strlen(text) != out_size || !g_utf8_validate(text, (gssize)out_size, NULL))
        abort();
    g_autofree char *again = charset_to_utf8(text, out_size, "utf-8", limit, NULL);
    if (strcmp(text, again) != 0 && !g_str_has_prefix(text, "\xEF\xBB\xBF"))
        abort();
    return 0;
}
