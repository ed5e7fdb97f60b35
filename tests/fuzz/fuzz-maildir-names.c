/* fuzz-maildir-names.c - any bytes as names in a Maildir and as its lists of keywords: what is written is
 * read again the same. */
#include "maildir/keywords.h"
#include "maildir/name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_file_name(const char *name)
{
    const MaildirNamed named = maildir_name_parse(name);
    g_autofree char *base = g_strndup(name, named.base_bytes);
    g_autofree char *made = maildir_name_make(base, named.flags, named.letters, name);
    const MaildirNamed again = maildir_name_parse(made);

    if (again.base_bytes != named.base_bytes || again.flags != named.flags || again.letters != named.letters)
        abort();
}

static void check_folder_name(const char *name)
{
    g_autofree char *shown = maildir_is_raw_name(name) ? maildir_show_name(name) : NULL;
    g_autofree char *raw = g_utf8_validate(name, -1, NULL) ? maildir_raw_name(name, NULL) : NULL;

    if (shown && !g_utf8_validate(shown, -1, NULL))
        abort();
    if (raw && (strchr(raw, '/') || (strcmp(raw, MAILDIR_INBOX) != 0 && !maildir_is_raw_name(raw))))
        abort();
    g_autofree char *back = raw ? maildir_show_name(raw) : NULL;
    if (back && strcmp(back, name) != 0 && strcmp(raw, MAILDIR_INBOX) != 0)
        abort();
}

static void check_keywords(const char *text, size_t size)
{
    Keywords *keywords = keywords_parse(text, size, text);
    GString *once = keywords_format(keywords);
    Keywords *again = keywords_parse(once->str, once->len, NULL);
    GString *twice = keywords_format(again);

    if (!g_string_equal(once, twice))
        abort();
    g_string_free(once, TRUE);
    g_string_free(twice, TRUE);
    keywords_free(keywords);
    keywords_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);

    check_file_name(text);
    check_folder_name(text);
    check_keywords(text, strlen(text));
    return 0;
}
