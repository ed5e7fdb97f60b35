/* charset_names.c - see charset_names.h. */
#include "base/charset_names.h"

#include <string.h>

/* What mail calls charsets, where that is not what glibc 2.36 calls them, or is not all that senders mean by
 * it. */
static const CharsetName CHARSETS[] = {
    {"utf-8", "UTF-8", NULL, CHARSET_UTF8},
    {"utf8", "UTF-8", NULL, CHARSET_UTF8},
    {"unicode-1-1-utf-8", "UTF-8", NULL, CHARSET_UTF8},
    {"x-utf-8", "UTF-8", NULL, CHARSET_UTF8},
    {"iso-8859-1", "ISO-8859-1", NULL, CHARSET_LATIN1},
    {"iso8859-1", "ISO-8859-1", NULL, CHARSET_LATIN1},
    {"iso_8859-1", "ISO-8859-1", NULL, CHARSET_LATIN1},
    {"iso_8859-1:1987", "ISO-8859-1", NULL, CHARSET_LATIN1},
    {"latin1", "ISO-8859-1", NULL, CHARSET_LATIN1},
    {"latin-1", "ISO-8859-1", NULL, CHARSET_LATIN1},
    {"l1", "ISO-8859-1", NULL, CHARSET_LATIN1},
    {"iso-8859-8-i", "ISO-8859-8", "CP1255", CHARSET_ASCII},
    {"iso-8859-8-e", "ISO-8859-8", "CP1255", CHARSET_ASCII},
    {"logical", "ISO-8859-8", "CP1255", CHARSET_ASCII},
    {"visual", "ISO-8859-8", "CP1255", CHARSET_ASCII},
    {"iso-8859-6-i", "ISO-8859-6", "CP1256", CHARSET_ASCII},
    {"iso-8859-6-e", "ISO-8859-6", "CP1256", CHARSET_ASCII},
    {"iso-8859-9", "ISO-8859-9", "CP1254", CHARSET_ASCII},
    {"iso-8859-11", "CP874", NULL, CHARSET_ASCII},
    {"tis-620", "CP874", NULL, CHARSET_ASCII},
    {"x-cp1250", "CP1250", NULL, CHARSET_ASCII},
    {"x-cp1251", "CP1251", NULL, CHARSET_ASCII},
    {"x-cp1252", "CP1252", NULL, CHARSET_ASCII},
    {"x-ansi", "CP1252", NULL, CHARSET_ASCII},
    {"ansi", "CP1252", NULL, CHARSET_ASCII},
    {"x-mac-roman", "MACINTOSH", NULL, CHARSET_ASCII},
    {"macroman", "MACINTOSH", NULL, CHARSET_ASCII},
    {"x-mac-cyrillic", "MAC-CYRILLIC", NULL, CHARSET_ASCII},
    {"x-mac-ukrainian", "MAC-UK", NULL, CHARSET_ASCII},
    {"x-mac-ce", "MAC-CENTRALEUROPE", NULL, CHARSET_ASCII},
    {"x-mac-centraleurroman", "MAC-CENTRALEUROPE", NULL, CHARSET_ASCII},
    {"koi", "KOI8-R", NULL, CHARSET_ASCII},
    {"koi8", "KOI8-R", NULL, CHARSET_ASCII},
    {"koi8-ru", "KOI8-U", NULL, CHARSET_ASCII},
    {"cp-850", "CP850", NULL, CHARSET_ASCII},
    {"x-viet-tcvn5712", "TCVN", NULL, CHARSET_OTHER},
    {"gb2312", "EUC-CN", "GB18030", CHARSET_ASCII},
    {"gb_2312-80", "EUC-CN", "GB18030", CHARSET_ASCII},
    {"euc-cn", "EUC-CN", "GB18030", CHARSET_ASCII},
    {"x-euc-cn", "EUC-CN", "GB18030", CHARSET_ASCII},
    {"gbk", "GBK", "GB18030", CHARSET_ASCII},
    {"x-gbk", "GBK", "GB18030", CHARSET_ASCII},
    {"cp936", "GBK", "GB18030", CHARSET_ASCII},
    {"ms936", "GBK", "GB18030", CHARSET_ASCII},
    {"windows-936", "GBK", "GB18030", CHARSET_ASCII},
    {"chinese", "EUC-CN", "GB18030", CHARSET_ASCII},
    {"hz-gb-2312", "EUC-CN", "GB18030", CHARSET_HZ},
    {"hz", "EUC-CN", "GB18030", CHARSET_HZ},
    {"big5", "BIG5", "BIG5-HKSCS", CHARSET_ASCII},
    {"big-5", "BIG5", "BIG5-HKSCS", CHARSET_ASCII},
    {"x-x-big5", "BIG5", "BIG5-HKSCS", CHARSET_ASCII},
    {"cn-big5", "BIG5", "BIG5-HKSCS", CHARSET_ASCII},
    {"x-euc-tw", "EUC-TW", NULL, CHARSET_ASCII},
    {"shift_jis", "CP932", NULL, CHARSET_ASCII},
    {"shift-jis", "CP932", NULL, CHARSET_ASCII},
    {"sjis", "CP932", NULL, CHARSET_ASCII},
    {"x-sjis", "CP932", NULL, CHARSET_ASCII},
    {"ms_kanji", "CP932", NULL, CHARSET_ASCII},
    {"windows-31j", "CP932", NULL, CHARSET_ASCII},
    {"x-ms-cp932", "CP932", NULL, CHARSET_ASCII},
    {"euc-jp", "EUC-JP", "EUC-JP-MS", CHARSET_ASCII},
    {"x-euc-jp", "EUC-JP", "EUC-JP-MS", CHARSET_ASCII},
    {"x-euc", "EUC-JP", "EUC-JP-MS", CHARSET_ASCII},
    {"cp51932", "EUC-JP-MS", NULL, CHARSET_ASCII},
    {"iso-2022-jp", "EUC-JP", "EUC-JP-MS", CHARSET_ISO2022JP},
    {"iso-2022-jp-1", "EUC-JP", "EUC-JP-MS", CHARSET_ISO2022JP},
    {"csiso2022jp", "EUC-JP", "EUC-JP-MS", CHARSET_ISO2022JP},
    {"cp50220", "EUC-JP", "EUC-JP-MS", CHARSET_ISO2022JP},
    {"cp50221", "EUC-JP", "EUC-JP-MS", CHARSET_ISO2022JP},
    {"x-iso-2022-jp", "EUC-JP", "EUC-JP-MS", CHARSET_ISO2022JP},
    {"euc-kr", "CP949", NULL, CHARSET_ASCII},
    {"euckr", "CP949", NULL, CHARSET_ASCII},
    {"korean", "CP949", NULL, CHARSET_ASCII},
    {"ks_c_5601-1987", "CP949", NULL, CHARSET_ASCII},
    {"ks_c_5601-1989", "CP949", NULL, CHARSET_ASCII},
    {"ks_c_5601", "CP949", NULL, CHARSET_ASCII},
    {"ks-c-5601-1987", "CP949", NULL, CHARSET_ASCII},
    {"ksc5601", "CP949", NULL, CHARSET_ASCII},
    {"ksc_5601", "CP949", NULL, CHARSET_ASCII},
    {"x-windows-949", "CP949", NULL, CHARSET_ASCII},
    {"windows-949", "CP949", NULL, CHARSET_ASCII},
    {"unicode-1-1-utf-7", "UTF-7", NULL, CHARSET_OTHER},
    {"x-unicode-2-0-utf-7", "UTF-7", NULL, CHARSET_OTHER},
    {"utf-16", "UTF-16", NULL, CHARSET_UTF16},
    {"unicode", "UTF-16", NULL, CHARSET_UTF16},
};

/* Charsets of iconv in which ASCII bytes are ASCII, by the beginning of the name: text of such bytes needs no
 * iconv. */
static const char *const ASCII_FAMILIES[] = {"iso-8859-", "windows-125", "cp125",
                                             "koi8-",     "gb18030",     "windows-874"};

/* Charsets that say nothing: the text itself has to tell. */
static const char *const UNKNOWN_NAMES[] = {
    "unknown",        "unknown-8bit", "x-unknown", "default", "_autodetect_all",
    "x-user-defined", "8bit",         "binary",    "none",
};
static const char *const ASCII_NAMES[] = {"us-ascii", "ascii", "ansi_x3.4-1968", "iso-ir-6", "iso646-us"};

static gboolean name_is_in(const char *name, const char *const *names, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return TRUE;
    return FALSE;
}

gboolean charset_name_normalise(const char *charset, char name_out[CHARSET_NAME_BYTES + 1])
{
    gsize n = 0;

    for (const char *p = charset; *p; p++) {
        if (*p == ' ' || *p == '"' || *p == '\'' || *p == '\t')
            continue;
        if (n == CHARSET_NAME_BYTES || (!g_ascii_isalnum(*p) && !strchr("-_:.+", *p)))
            return FALSE;
        name_out[n++] = g_ascii_tolower(*p);
    }
    name_out[n] = '\0';
    return n > 0;
}

const CharsetName *charset_name_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(CHARSETS); i++)
        if (strcmp(CHARSETS[i].name, name) == 0)
            return &CHARSETS[i];
    return NULL;
}

gboolean charset_name_is_ascii(const char *name)
{
    return name_is_in(name, ASCII_NAMES, G_N_ELEMENTS(ASCII_NAMES));
}

gboolean charset_name_is_unknown(const char *name)
{
    return name_is_in(name, UNKNOWN_NAMES, G_N_ELEMENTS(UNKNOWN_NAMES));
}

gboolean charset_name_contains_ascii(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ASCII_FAMILIES); i++)
        if (g_str_has_prefix(name, ASCII_FAMILIES[i]))
            return TRUE;
    return FALSE;
}
