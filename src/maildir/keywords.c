/* keywords.c - see keywords.h. */
#include "maildir/keywords.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "maildir/word.h"

#include <string.h>

#define FILE_NAME "tern-keywords"
#define DOVECOT_NAME "dovecot-keywords"
#define LETTERS 26

struct Keywords {
    char *path;
    char *letters[LETTERS]; /* Dovecot's; NULL: none */
    GHashTable *messages;   /* base -> GPtrArray of char * */
    gboolean is_changed;
};

static void unref_array(void *array)
{
    g_ptr_array_unref(array);
}

static GPtrArray *words_of(Keywords *keywords, const char *base)
{
    GPtrArray *words = g_hash_table_lookup(keywords->messages, base);

    if (!words) {
        words = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(keywords->messages, g_strdup(base), words);
    }
    return words;
}

static int find_word(const GPtrArray *words, const char *keyword)
{
    for (guint i = 0; words && i < words->len; i++)
        if (g_ascii_strcasecmp(words->pdata[i], keyword) == 0)
            return (int)i;
    return -1;
}

static void read_line(Keywords *keywords, char *line)
{
    char *rest = NULL, *word = strtok_r(line, " ", &rest);

    if (!word || !*word_decode(word))
        return;
    const char *base = word;
    GPtrArray *words = words_of(keywords, base);
    while ((word = strtok_r(NULL, " ", &rest)) && words->len < LIMIT_KEYWORDS) {
        if (*word_decode(word) && find_word(words, word) < 0)
            g_ptr_array_add(words, g_strdup(word));
    }
    if (!words->len)
        g_hash_table_remove(keywords->messages, base);
}

static void read_letters(Keywords *keywords, const char *dovecot)
{
    g_auto(GStrv) lines = g_strsplit(dovecot, "\n", LETTERS + 1);

    for (char **line = lines; *line; line++) {
        char *name = strchr(*line, ' ');
        guint64 number;
        if (!name || !name[1])
            continue;
        *name = '\0';
        if (g_ascii_string_to_unsigned(*line, 10, 0, LETTERS - 1, &number, NULL)) {
            g_free(keywords->letters[number]);
            keywords->letters[number] = g_utf8_make_valid(name + 1, (gssize)strcspn(name + 1, "\r\n"));
        }
    }
}

Keywords *keywords_parse(const char *text, gsize size, const char *dovecot)
{
    Keywords *keywords = g_new0(Keywords, 1);

    keywords->messages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_array);
    for (const char *at = text, *end = text + size; at < end;) {
        const char *newline = memchr(at, '\n', (gsize)(end - at));
        const char *next = newline ? newline : end;
        g_autofree char *line = g_strndup(at, (gsize)(next - at));
        read_line(keywords, line);
        at = next + 1;
    }
    if (dovecot)
        read_letters(keywords, dovecot);
    return keywords;
}

/* NULL: it is not there, or (*failed) cannot be read. One that is too large is none of ours. */
static char *read_file(const char *folder, const char *name, gsize *size_out, gboolean *failed,
                       GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    GError *why = NULL;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return NULL;
    char *text = file_read(path, LIMIT_KEYWORDS_BYTES, size_out, &why);
    *failed |= why != NULL;
    if (why)
        g_propagate_error(error, why);
    return text;
}

Keywords *keywords_read(const char *path, GError **error)
{
    gsize size = 0, dovecot_size = 0;
    gboolean failed = FALSE;
    g_autofree char *text = read_file(path, FILE_NAME, &size, &failed, error);
    if (failed)
        return NULL;
    g_autofree char *dovecot = read_file(path, DOVECOT_NAME, &dovecot_size, &failed, NULL);
    Keywords *keywords = keywords_parse(text ? text : "", size, dovecot);

    keywords->path = g_build_filename(path, FILE_NAME, NULL);
    return keywords;
}

void keywords_free(Keywords *keywords)
{
    if (!keywords)
        return;
    for (int i = 0; i < LETTERS; i++)
        g_free(keywords->letters[i]);
    g_hash_table_unref(keywords->messages);
    g_free(keywords->path);
    g_free(keywords);
}

char **keywords_of(const Keywords *keywords, const char *base, uint32_t letters)
{
    const GPtrArray *words = g_hash_table_lookup(keywords->messages, base);
    GPtrArray *all = NULL;

    if (!words && !letters)
        return NULL;
    all = g_ptr_array_new();
    for (guint i = 0; words && i < words->len; i++)
        g_ptr_array_add(all, g_strdup(words->pdata[i]));
    for (int i = 0; i < LETTERS; i++)
        if (letters >> i & 1 && keywords->letters[i] && find_word(all, keywords->letters[i]) < 0)
            g_ptr_array_add(all, g_strdup(keywords->letters[i]));
    if (!all->len) {
        g_ptr_array_unref(all);
        return NULL;
    }
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

static int letter_of(const Keywords *keywords, const char *keyword)
{
    for (int i = 0; i < LETTERS; i++)
        if (keywords->letters[i] && g_ascii_strcasecmp(keywords->letters[i], keyword) == 0)
            return i;
    return -1;
}

void keywords_set(Keywords *keywords, const char *base, const char *keyword, gboolean set, uint32_t *letters)
{
    const int letter = letter_of(keywords, keyword);
    GPtrArray *words = g_hash_table_lookup(keywords->messages, base);
    const int at = find_word(words, keyword);

    if (letter >= 0)
        *letters = set ? *letters | 1u << letter : *letters & ~(1u << letter);
    if (set && letter < 0 && at < 0) {
        g_ptr_array_add(words_of(keywords, base), g_strdup(keyword));
        keywords->is_changed = TRUE;
    } else if (!set && at >= 0) {
        g_ptr_array_remove_index(words, (guint)at);
        if (!words->len)
            g_hash_table_remove(keywords->messages, base);
        keywords->is_changed = TRUE;
    }
}

void keywords_forget(Keywords *keywords, const char *base)
{
    keywords->is_changed |= g_hash_table_remove(keywords->messages, base);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GString *keywords_format(const Keywords *keywords)
{
    guint n;
    g_autofree const char **bases = (const char **)g_hash_table_get_keys_as_array(keywords->messages, &n);
    GString *text = g_string_new(NULL);

    qsort(bases, n, sizeof *bases, compare);
    for (guint i = 0; i < n; i++) {
        const GPtrArray *words = g_hash_table_lookup(keywords->messages, bases[i]);
        word_append(text, bases[i]);
        for (guint k = 0; k < words->len; k++) {
            g_string_append_c(text, ' ');
            word_append(text, words->pdata[k]);
        }
        g_string_append_c(text, '\n');
    }
    return text;
}

gboolean keywords_write(Keywords *keywords, GError **error)
{
    if (!keywords->is_changed)
        return TRUE;
    GString *text = keywords_format(keywords);
    const gboolean ok = file_write_atomic(keywords->path, text->str, text->len, error);
    g_string_free(text, TRUE);
    keywords->is_changed = !ok;
    return ok;
}
