/* uidl.c - see uidl.h. */
#include "maildir/uidl_private.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "maildir/name.h"
#include "maildir/word.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lines of messages that are gone, before the log is written anew: then, and when they are more than the
 * others. */
#define GARBAGE_LINES 1000

/* ---- what is in it ---- */

static void free_entry(void *data)
{
    UidlEntry *entry = data;

    g_free((char *)entry->uidl);
    g_free((char *)entry->base);
    g_free(entry);
}

static UidlLog *new_log(void)
{
    UidlLog *log = g_new0(UidlLog, 1);

    log->fd = log->lock_fd = -1;
    log->by_uidl = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_entry);
    log->by_hash = g_hash_table_new(g_int64_hash, g_int64_equal);
    log->by_base = g_hash_table_new(g_str_hash, g_str_equal);
    log->decided = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    log->waiting = g_string_new(NULL);
    return log;
}

void uidl_log_close(UidlLog *log)
{
    if (!log)
        return;
    g_hash_table_unref(log->by_hash);
    g_hash_table_unref(log->by_base);
    g_hash_table_unref(log->by_uidl);
    g_hash_table_unref(log->decided);
    g_string_free(log->waiting, TRUE);
    if (log->fd >= 0)
        close(log->fd);
    if (log->lock_fd >= 0)
        close(log->lock_fd);
    g_free(log->in_marks);
    g_free(log->mailbox);
    g_free(log->path);
    g_free(log);
}

const UidlEntry *uidl_log_find(const UidlLog *log, const char *uidl)
{
    return g_hash_table_lookup(log->by_uidl, uidl);
}

const UidlEntry *uidl_log_find_hash(const UidlLog *log, guint64 header_hash)
{
    return header_hash ? g_hash_table_lookup(log->by_hash, &header_hash) : NULL;
}

const UidlEntry *uidl_log_find_base(const UidlLog *log, const char *base)
{
    return g_hash_table_lookup(log->by_base, base);
}

guint uidl_log_count(const UidlLog *log)
{
    return g_hash_table_size(log->by_uidl);
}

GPtrArray *uidl_log_entries(const UidlLog *log)
{
    GPtrArray *entries = g_ptr_array_sized_new(uidl_log_count(log));
    GHashTableIter iter;
    void *entry;

    g_hash_table_iter_init(&iter, log->by_uidl);
    while (g_hash_table_iter_next(&iter, NULL, &entry))
        g_ptr_array_add(entries, entry);
    return entries;
}

gboolean uidl_log_is_decided(const UidlLog *log, const char *word)
{
    return g_hash_table_contains(log->decided, word);
}

/* What another entry has taken over meanwhile stays its own. */
static void forget(UidlLog *log, const char *uidl)
{
    const UidlEntry *entry = uidl_log_find(log, uidl);

    if (!entry)
        return;
    if (g_hash_table_lookup(log->by_hash, &entry->header_hash) == entry)
        g_hash_table_remove(log->by_hash, &entry->header_hash);
    if (g_hash_table_lookup(log->by_base, entry->base) == entry)
        g_hash_table_remove(log->by_base, entry->base);
    g_hash_table_remove(log->by_uidl, entry->uidl);
}

void uidl_log_remember(UidlLog *log, const UidlEntry *from)
{
    UidlEntry *entry = g_new(UidlEntry, 1);

    *entry = *from;
    entry->uidl = g_strdup(from->uidl);
    entry->base = g_strdup(from->base ? from->base : "");
    forget(log, entry->uidl);
    g_hash_table_replace(log->by_uidl, (void *)entry->uidl, entry);
    if (entry->header_hash)
        g_hash_table_replace(log->by_hash, &entry->header_hash, entry);
    if (*entry->base)
        g_hash_table_replace(log->by_base, (void *)entry->base, entry);
}

static void mark_unwanted(UidlLog *log, const char *uidl)
{
    UidlEntry *entry = g_hash_table_lookup(log->by_uidl, uidl);

    if (entry)
        entry->is_unwanted = TRUE;
}

/* ---- lines ---- */

/* FNV-1a: against torn and mixed-up blocks, not against people. */
static guint32 check_of(const char *text, gsize size)
{
    guint32 check = 2166136261u;

    for (gsize i = 0; i < size; i++)
        check = (check ^ (guchar)text[i]) * 16777619u;
    return check;
}

static void end_line(GString *text, gsize from)
{
    g_string_append_printf(text, " %08x\n", check_of(text->str + from, text->len - from));
}

static void write_entry(GString *text, const UidlEntry *entry)
{
    const gsize from = text->len;

    g_string_append(text, entry->is_stub ? "~ " : entry->is_doubtful ? "% " : "+ ");
    word_append(text, entry->uidl);
    g_string_append_printf(text, " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_MODIFIER "x ",
                           entry->size_bytes, entry->fetched_s, entry->header_hash);
    word_append(text, entry->base && *entry->base ? entry->base : "-");
    end_line(text, from);
}

void uidl_write_word(GString *text, char sign, const char *word)
{
    const gsize from = text->len;

    g_string_append_printf(text, "%c ", sign);
    word_append(text, word);
    end_line(text, from);
}

static gboolean read_entry(UidlLog *log, char **words)
{
    UidlEntry entry = {.is_stub = *words[0] == '~', .is_doubtful = *words[0] == '%'};

    if (g_strv_length(words) != 6)
        return FALSE;
    entry.uidl = word_decode(words[1]);
    entry.base = g_str_equal(words[5], "-") ? "" : word_decode(words[5]);
    if (!*entry.uidl || !g_ascii_string_to_signed(words[2], 10, 0, G_MAXINT64, &entry.size_bytes, NULL) ||
        !g_ascii_string_to_signed(words[3], 10, 0, G_MAXINT64, &entry.fetched_s, NULL) ||
        !g_ascii_string_to_unsigned(words[4], 16, 0, G_MAXUINT64, &entry.header_hash, NULL))
        return FALSE;
    uidl_log_remember(log, &entry);
    return TRUE;
}

void uidl_log_take_mailbox(UidlLog *log, const char *mailbox)
{
    g_free(log->mailbox);
    log->mailbox = g_strdup(mailbox);
}

/* The line without its check. */
static gboolean read_words(UidlLog *log, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 7);

    if (words[0] && strlen(words[0]) == 1 && strchr("+%~", *words[0]))
        return read_entry(log, words);
    if (g_strv_length(words) != 2 || !*word_decode(words[1]))
        return FALSE;
    if (g_str_equal(words[0], "-"))
        forget(log, words[1]);
    else if (g_str_equal(words[0], "!"))
        mark_unwanted(log, words[1]);
    else if (g_str_equal(words[0], "?"))
        g_hash_table_add(log->decided, g_strdup(words[1]));
    else if (g_str_equal(words[0], "=") || g_str_equal(words[0], "*"))
        uidl_log_take_mailbox(log, words[1]);
    if (g_str_equal(words[0], "*")) {
        g_free(log->in_marks);
        log->in_marks = g_strdup(words[1]);
    }
    return TRUE;
}

/* FALSE: it was not written whole. */
static gboolean read_line(UidlLog *log, const char *line, gsize size)
{
    const char *check = size > 9 ? line + size - 9 : NULL;
    guint64 number;

    if (!check || *check != ' ' || memchr(line, '\0', size))
        return FALSE;
    g_autofree char *digits = g_strndup(check + 1, 8), *text = g_strndup(line, size - 9);
    return g_ascii_string_to_unsigned(digits, 16, 0, G_MAXUINT32, &number, NULL) &&
           number == check_of(text, size - 9) && read_words(log, text);
}

UidlLog *uidl_log_parse(const char *text, gsize size, gsize *good_bytes_out)
{
    UidlLog *log = new_log();
    const char *at = text, *end = text + size;

    *good_bytes_out = 0;
    if (size < strlen(UIDL_FIRST_LINE) || memcmp(text, UIDL_FIRST_LINE, strlen(UIDL_FIRST_LINE)) != 0)
        return log;
    at += strlen(UIDL_FIRST_LINE);
    *good_bytes_out = strlen(UIDL_FIRST_LINE);
    for (const char *newline; at < end && (newline = memchr(at, '\n', (gsize)(end - at))); at = newline + 1) {
        log->lines++;
        /* A torn line in the middle is passed over: what follows it was written after it, and is whole. */
        if (read_line(log, at, (gsize)(newline - at)))
            *good_bytes_out = (gsize)(newline + 1 - text);
    }
    return log;
}

GString *uidl_log_format(const UidlLog *log)
{
    g_autoptr(GPtrArray) entries = uidl_log_entries(log);
    GString *text = g_string_new(UIDL_FIRST_LINE);
    GHashTableIter iter;
    void *word;

    if (log->in_marks)
        uidl_write_word(text, '*', log->in_marks);
    if (log->mailbox && g_strcmp0(log->mailbox, log->in_marks) != 0)
        uidl_write_word(text, '=', log->mailbox);
    g_hash_table_iter_init(&iter, log->decided);
    while (g_hash_table_iter_next(&iter, &word, NULL))
        uidl_write_word(text, '?', word);
    for (guint i = 0; i < entries->len; i++) {
        const UidlEntry *entry = entries->pdata[i];
        write_entry(text, entry);
        if (entry->is_unwanted)
            uidl_write_word(text, '!', entry->uidl);
    }
    return text;
}

/* ---- the file ---- */

gboolean uidl_log_fail(const UidlLog *log, const char *sentence, GError **error)
{
    const int saved = errno;
    g_autofree char *shown = g_filename_display_name(log->path);

    tern_error_set_errno(error, TERN_ERROR_STORE, saved, "%s %s", sentence, shown);
    return FALSE;
}

static gboolean open_file(UidlLog *log, GError **error)
{
    log->fd = open(log->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    return log->fd >= 0 || uidl_log_fail(log, _("cannot open the log of fetched messages"), error);
}

/* Nothing of a half-written line stays in front of the next one. */
static gboolean cut_off(UidlLog *log, GError **error)
{
    if (ftruncate(log->fd, log->size_bytes) == 0 &&
        lseek(log->fd, log->size_bytes, SEEK_SET) == log->size_bytes)
        return TRUE;
    return uidl_log_fail(log, _("cannot repair the log of fetched messages"), error);
}

gboolean uidl_log_rewrite(UidlLog *log, GError **error)
{
    GString *text = uidl_log_format(log);
    const gboolean ok = file_write_atomic(log->path, text->str, text->len, error);

    if (ok) {
        log->size_bytes = (int64_t)text->len;
        log->lines = uidl_log_count(log);
        if (log->fd >= 0)
            close(log->fd);
    }
    g_string_free(text, TRUE);
    return ok && open_file(log, error) && cut_off(log, error);
}

/* NULL and an error, or the log as the file has it. */
static UidlLog *read_log(const char *path, GError **error)
{
    gsize size = 0, good;
    g_autofree char *text = NULL;

    if (g_file_test(path, G_FILE_TEST_EXISTS) &&
        !(text = file_read(path, LIMIT_UIDL_LOG_BYTES, &size, error)))
        return NULL;
    UidlLog *log = uidl_log_parse(text ? text : "", size, &good);
    log->path = g_strdup(path);
    log->size_bytes = (int64_t)good;
    if (good || !size || g_str_has_prefix(UIDL_FIRST_LINE, text))
        return log;
    tern_error_set(
        error, TERN_ERROR_STORE,
        _("%s is no log of fetched messages that this tern knows; move it away and all is fetched again"),
        path);
    uidl_log_close(log);
    return NULL;
}

/* A file beside it, since the log itself may be replaced. -1 without an error: another has it. */
static int lock_log(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path), *lock = g_strconcat(path, ".lock", NULL);

    return file_make_folder(folder, error) ? file_lock(lock, TRUE, FALSE, error) : -1;
}

UidlLog *uidl_log_open_locked(const char *path, GError **error)
{
    g_autoptr(UidlLog) log = read_log(path, error);
    if (!log)
        return NULL;
    const guint alive = uidl_log_count(log);
    const gboolean is_mostly_gone = log->lines > GARBAGE_LINES && log->lines > 2 * alive;
    const gboolean ok = !log->size_bytes || is_mostly_gone ? uidl_log_rewrite(log, error)
                                                           : open_file(log, error) && cut_off(log, error);
    return ok ? g_steal_pointer(&log) : NULL;
}

/* Takes the lock over. */
static UidlLog *own(UidlLog *log, int lock_fd)
{
    if (log)
        log->lock_fd = lock_fd;
    else
        close(lock_fd);
    return log;
}

UidlLog *uidl_log_open(const char *path, GError **error)
{
    const int lock_fd = lock_log(path, error);

    return lock_fd < 0 ? NULL : own(uidl_log_open_locked(path, error), lock_fd);
}

/* ---- what is appended ---- */

void uidl_log_add(UidlLog *log, const UidlEntry *entry)
{
    write_entry(log->waiting, entry);
    if (entry->is_unwanted)
        uidl_write_word(log->waiting, '!', entry->uidl);
    uidl_log_remember(log, entry);
}

void uidl_log_gone(UidlLog *log, const char *uidl)
{
    g_autofree char *kept = g_strdup(uidl); /* it may be the entry's own */

    if (!uidl_log_find(log, kept))
        return;
    uidl_write_word(log->waiting, '-', kept);
    forget(log, kept);
}

void uidl_log_unwanted(UidlLog *log, const char *uidl)
{
    const UidlEntry *entry = uidl_log_find(log, uidl);

    if (!entry || entry->is_unwanted)
        return;
    uidl_write_word(log->waiting, '!', uidl);
    mark_unwanted(log, uidl);
}

gboolean uidl_log_unwanted_base(UidlLog *log, const char *base)
{
    const UidlEntry *entry = uidl_log_find_base(log, base);

    if (!entry || entry->is_unwanted)
        return FALSE;
    uidl_log_unwanted(log, entry->uidl);
    return TRUE;
}

void uidl_log_decide(UidlLog *log, const char *word)
{
    if (g_hash_table_add(log->decided, g_strdup(word)))
        uidl_write_word(log->waiting, '?', word);
}

gboolean uidl_log_sync(UidlLog *log, GError **error)
{
    if (!log->waiting->len)
        return TRUE;
    /* Where an earlier try ended in the middle. */
    if (!cut_off(log, error) || !file_write_all(log->fd, log->waiting->str, log->waiting->len, error))
        return FALSE;
    if (fdatasync(log->fd) < 0)
        return uidl_log_fail(log, _("cannot write the log of fetched messages"), error);
    log->size_bytes += (int64_t)log->waiting->len;
    log->lines++;
    g_string_truncate(log->waiting, 0);
    return TRUE;
}
