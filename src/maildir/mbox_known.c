/* mbox_known.c - see mbox_known.h. */
#include "maildir/mbox_known.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BEGIN "tern-mbox 1"
#define SETTLED_S 2
#define PIECE_BYTES 4096
#define HASH_DIGITS 40

static int64_t to_ns(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

MboxState mbox_state(const struct stat *is)
{
    return (MboxState){.dev = (guint64)is->st_dev,
                       .ino = (guint64)is->st_ino,
                       .size = (int64_t)is->st_size,
                       .mtime_ns = to_ns(&is->st_mtim),
                       .ctime_ns = to_ns(&is->st_ctim),
                       .is_settled = (int64_t)is->st_ctim.tv_sec < clock_wall_s() - SETTLED_S};
}

/* ---- what is in it ---- */

gssize mbox_read_at(void *data, int64_t offset, char *buffer, gsize size)
{
    return file_read_at(*(const int *)data, buffer, size, offset);
}

typedef struct {
    int fd;
    int64_t from;
} Stretch;

static gssize read_stretch(void *data, int64_t offset, char *buffer, gsize size)
{
    Stretch *stretch = data;

    return file_read_at(stretch->fd, buffer, size, stretch->from + offset);
}

gboolean mbox_stands(int fd, const MboxMessage *message)
{
    const int64_t from = message->from;
    Stretch stretch = {fd, from};
    g_autoptr(MboxIndex) index = mbox_scan(read_stretch, &stretch, message->next - from);

    if (!index || index->messages->len != 1)
        return FALSE;
    const MboxMessage *there = index->messages->pdata[0];
    /* The number of one of several that are the same is not told by itself. */
    return there->header == message->header - from && there->body == message->body - from &&
           there->end == message->end - from &&
           strncmp(there->name, message->name, strcspn(message->name, "-")) == 0;
}

static gboolean check_range(int fd, int64_t at, int64_t end, guint32 *check)
{
    char bytes[PIECE_BYTES];

    while (at < end) {
        const gssize n = file_read_at(fd, bytes, (gsize)MIN((int64_t)sizeof bytes, end - at), at);
        if (n <= 0)
            return FALSE;
        *check = mbox_check(*check, bytes, (gsize)n);
        at += n;
    }
    return TRUE;
}

static gboolean has_only_grown(int fd, const MboxIndex *index)
{
    const guint n = index->messages->len;

    for (guint i = 0; i < n; i++) {
        const MboxMessage *message = index->messages->pdata[i];
        guint32 check = MBOX_CHECK_START;
        if (!check_range(fd, message->from, message->header, &check) ||
            !check_range(fd, message->marks, message->marks_end, &check) || check != message->check)
            return FALSE;
    }
    return n > 0 && mbox_stands(fd, index->messages->pdata[0]);
}

MboxIndex *mbox_known_recall(const char *path, int fd, const MboxState *now, gboolean *is_kept_out)
{
    g_autofree char *text = fd >= 0 ? file_read(path, LIMIT_MBOX_KNOWN_BYTES, NULL, NULL) : NULL;
    MboxState as;
    g_autoptr(MboxIndex) index = text ? mbox_known_parse(text, &as) : NULL;

    *is_kept_out = FALSE;
    if (!index || as.dev != now->dev || as.ino != now->ino)
        return NULL;
    *is_kept_out =
        as.is_settled && as.size == now->size && as.mtime_ns == now->mtime_ns && as.ctime_ns == now->ctime_ns;
    if (*is_kept_out)
        return g_steal_pointer(&index);
    return now->size > as.size && has_only_grown(fd, index) &&
                   mbox_scan_more(index, mbox_read_at, &fd, now->size)
               ? g_steal_pointer(&index)
               : NULL;
}

void mbox_known_keep(const char *path, const MboxIndex *index, const MboxState *as)
{
    g_autofree char *folder = g_path_get_dirname(path), *text = mbox_known_format(index, as);
    const gsize size = strlen(text);

    if (size > LIMIT_MBOX_KNOWN_BYTES || !file_make_folder(folder, NULL) ||
        !file_write_atomic(path, text, size, NULL))
        mbox_known_forget(path);
}

void mbox_known_forget(const char *path)
{
    unlink(path);
}

/* ---- as text ---- */

static void format_message(GString *text, const MboxMessage *message)
{
    const int64_t numbers[] = {message->from,      message->header, message->body,     message->end,
                               message->next,      message->date_s, message->flags,    message->marks,
                               message->marks_end, message->check,  message->is_hidden};
    g_autofree char *sender = g_strescape(message->sender, NULL);

    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        g_string_append_printf(text, "%" G_GINT64_FORMAT " ", numbers[i]);
    /* Quoted, since it may be empty. */
    g_string_append_printf(text, "%s \"%s\"", message->name, sender);
    for (char **word = message->keywords; word && *word; word++)
        g_string_append_printf(text, " %s", *word);
    g_string_append_c(text, '\n');
}

char *mbox_known_format(const MboxIndex *index, const MboxState *as)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text,
                    BEGIN " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT
                          " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d %d %d\n",
                    as->dev, as->ino, as->size, as->mtime_ns, as->ctime_ns, as->is_settled,
                    index->is_unquoted, index->has_lengths);
    for (guint i = 0; i < index->messages->len; i++)
        format_message(text, index->messages->pdata[i]);
    return g_string_free(text, FALSE);
}

/* Numbers, each with a blank behind it. FALSE: there is something else, or nothing. */
static gboolean take_numbers(const char **at, int64_t *numbers, guint n)
{
    for (guint i = 0; i < n; i++) {
        char *after;
        if (!g_ascii_isdigit(**at))
            return FALSE;
        errno = 0;
        numbers[i] = g_ascii_strtoll(*at, &after, 10);
        if (errno != 0 || *after != ' ')
            return FALSE;
        *at = after + 1;
    }
    return TRUE;
}

/* "DATE.HASH" or "DATE.HASH-N". */
static gboolean is_name(const char *name)
{
    const gsize date = strspn(name, "0123456789");
    const char *hash = name + date + 1;

    if (date == 0 || name[date] != '.' || strspn(hash, "0123456789abcdef") != HASH_DIGITS)
        return FALSE;
    const char *number = hash + HASH_DIGITS;
    return !*number || (*number == '-' && number[1] && number[1 + strspn(number + 1, "0123456789")] == '\0');
}

/* The words of a line; they are taken over. FALSE: they cannot be. */
static gboolean take_words(MboxMessage *message, char **words)
{
    const char *sender = words[0] ? words[1] : NULL;
    const gsize size = sender ? strlen(sender) : 0;

    if (size < 2 || sender[0] != '"' || sender[size - 1] != '"' || !is_name(words[0]))
        return FALSE;
    g_autofree char *escaped = g_strndup(sender + 1, size - 2);
    message->name = g_strdup(words[0]);
    message->sender = g_strcompress(escaped);
    message->keywords = words[2] ? g_strdupv(words + 2) : NULL;
    for (char **word = message->keywords; word && *word; word++)
        if (!**word || !g_utf8_validate(*word, -1, NULL))
            return FALSE;
    return TRUE;
}

/* Behind `at`; within the file. */
static gboolean is_possible(const MboxMessage *message, int64_t at, const MboxState *as)
{
    const gboolean has_marks = message->marks > 0;

    return at <= message->from && message->from < message->header && message->header <= message->body &&
           message->body <= message->end && message->end <= message->next && message->next <= as->size &&
           (has_marks ? message->header <= message->marks && message->marks <= message->marks_end &&
                            message->marks_end <= message->body
                      : message->marks_end == 0);
}

static gboolean parse_message(MboxIndex *index, const char *line, const char *end, const MboxState *as)
{
    const MboxMessage *last = index->messages->len ? index->messages->pdata[index->messages->len - 1] : NULL;
    MboxMessage *message = g_new0(MboxMessage, 1);
    int64_t numbers[11];

    mbox_index_add(index, message);
    if (!take_numbers(&line, numbers, G_N_ELEMENTS(numbers)) || line > end)
        return FALSE;
    message->from = numbers[0];
    message->header = numbers[1];
    message->body = numbers[2];
    message->end = numbers[3];
    message->next = numbers[4];
    message->date_s = numbers[5];
    message->flags = (uint32_t)numbers[6];
    message->marks = numbers[7];
    message->marks_end = numbers[8];
    message->check = (guint32)numbers[9];
    message->is_hidden = numbers[10] != 0;
    g_autofree char *rest = g_strndup(line, (gsize)(end - line));
    g_auto(GStrv) words = g_strsplit(rest, " ", LIMIT_KEYWORDS + 2);
    return take_words(message, words) && is_possible(message, last ? last->next : 0, as);
}

static gboolean parse_state(const char **at, MboxIndex *index, MboxState *as)
{
    int64_t numbers[5];
    char *after;

    if (!g_str_has_prefix(*at, BEGIN " "))
        return FALSE;
    *at += strlen(BEGIN " ");
    as->dev = g_ascii_strtoull(*at, &after, 10); /* may be past what is signed */
    as->ino = *after == ' ' ? g_ascii_strtoull(after + 1, &after, 10) : 0;
    *at = *after == ' ' ? after + 1 : after;
    if (!take_numbers(at, numbers, 5) || (**at != '0' && **at != '1') || (*at)[1] != '\n')
        return FALSE;
    as->size = numbers[0];
    as->mtime_ns = numbers[1];
    as->ctime_ns = numbers[2];
    as->is_settled = numbers[3] != 0;
    index->is_unquoted = numbers[4] != 0;
    index->has_lengths = **at == '1';
    *at += 2;
    return TRUE;
}

MboxIndex *mbox_known_parse(const char *text, MboxState *as_out)
{
    g_autoptr(MboxIndex) index = mbox_index_new();
    const char *at = text, *end;

    if (!parse_state(&at, index, as_out))
        return NULL;
    for (; *at; at = end + 1) {
        end = strchr(at, '\n');
        if (!end || !parse_message(index, at, end, as_out))
            return NULL;
    }
    return g_steal_pointer(&index);
}
