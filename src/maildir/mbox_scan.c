/* mbox_scan.c - see mbox_scan.h. */
#include "maildir/mbox_scan.h"
#include "base/limits.h"

#include <string.h>
#include <time.h>

#define BUFFER_BYTES (64 << 10)
/* Of a header field that is looked at; marks and lengths are short. */
#define FIELD_BYTES 8192

/* A window of the file; a line longer than it comes in pieces. */
typedef struct {
    MboxRead read;
    void *data;
    int64_t size, start;
    gsize held;
    char *buffer;
    gboolean failed;
} Source;

typedef struct {
    const char *text;
    gsize size; /* with its newline */
    gboolean is_start;
} Line;

typedef struct {
    Source source;
    MboxIndex *index;
    GHashTable *seen; /* hash -> how many have it */
    int64_t at;
    gboolean was_whole; /* the last piece ended a line */
} Scan;

/* ---- lines ---- */

static gboolean refill(Source *source, int64_t at)
{
    const gsize wanted = (gsize)MIN((int64_t)BUFFER_BYTES, source->size - at);
    gsize held = 0;

    while (held < wanted) {
        const gssize n = source->read(source->data, at + (int64_t)held, source->buffer + held, wanted - held);
        source->failed |= n < 0;
        if (n <= 0)
            break;
        held += (gsize)n;
    }
    source->start = at;
    source->held = held;
    return held > 0;
}

/* The piece at that offset, up to the end of its line as far as the window goes. FALSE: the end. */
static gboolean piece_at(Source *source, int64_t at, Line *line)
{
    if (at >= source->size)
        return FALSE;
    const gboolean is_held = at >= source->start && at < source->start + (int64_t)source->held;
    gsize from = is_held ? (gsize)(at - source->start) : 0;
    const char *newline = is_held ? memchr(source->buffer + from, '\n', source->held - from) : NULL;
    if (!newline && (!is_held || from > 0)) {
        if (!refill(source, at))
            return FALSE;
        from = 0;
        newline = memchr(source->buffer, '\n', source->held);
    }
    line->text = source->buffer + from;
    line->size = newline ? (gsize)(newline + 1 - line->text) : source->held - from;
    return line->size > 0;
}

static gboolean next_line(Scan *scan, Line *line)
{
    if (!piece_at(&scan->source, scan->at, line))
        return FALSE;
    line->is_start = scan->was_whole;
    scan->was_whole = line->text[line->size - 1] == '\n';
    scan->at += (int64_t)line->size;
    return TRUE;
}

static gboolean is_blank(const Line *line)
{
    return line->is_start && (line->size == 1 || (line->size == 2 && line->text[0] == '\r')) &&
           line->text[line->size - 1] == '\n';
}

/* "From ", somebody, and a time of day: a sentence that begins so has none. */
static gboolean is_separator(const char *text, gsize size)
{
    if (size < 6 || memcmp(text, "From ", 5) != 0)
        return FALSE;
    for (gsize i = 6; i + 2 < size; i++)
        if (text[i] == ':' && g_ascii_isdigit(text[i - 1]) && g_ascii_isdigit(text[i + 1]) &&
            g_ascii_isdigit(text[i + 2]))
            return TRUE;
    return FALSE;
}

/* ---- what a header says ---- */

static const char *value_of(const char *line, gsize size, const char *name)
{
    const gsize n = strlen(name);

    return size > n && line[n] == ':' && g_ascii_strncasecmp(line, name, n) == 0 ? line + n + 1 : NULL;
}

gboolean mbox_is_mark(const char *line, gsize size)
{
    return value_of(line, size, "Status") || value_of(line, size, "X-Status") ||
           value_of(line, size, "X-Keywords");
}

typedef struct {
    int64_t length; /* Content-Length; -1: none */
    gboolean has_subject_of_data, has_base;
} Header;

static void take_letters(MboxMessage *message, const char *value)
{
    static const struct {
        char letter;
        MaildirFlag flag;
    } LETTERS[] = {{'R', MAILDIR_SEEN},
                   {'A', MAILDIR_ANSWERED},
                   {'F', MAILDIR_FLAGGED},
                   {'D', MAILDIR_DELETED},
                   {'T', MAILDIR_DRAFT}};

    for (guint i = 0; i < G_N_ELEMENTS(LETTERS); i++)
        if (strchr(value, LETTERS[i].letter))
            message->flags |= LETTERS[i].flag;
}

static void take_keywords(MboxMessage *message, const char *value)
{
    g_auto(GStrv) words = g_strsplit_set(value, " \t\r\n", LIMIT_KEYWORDS);
    GPtrArray *kept = g_ptr_array_new();

    for (char **word = words; *word; word++)
        if (**word && g_utf8_validate(*word, -1, NULL) && !strpbrk(*word, " \t\r\n"))
            g_ptr_array_add(kept, g_strdup(*word));
    g_strfreev(message->keywords);
    g_ptr_array_add(kept, NULL);
    message->keywords = kept->len > 1 ? (char **)g_ptr_array_free(kept, FALSE) : NULL;
    if (!message->keywords)
        g_ptr_array_unref(kept);
}

/* One line, which begins a field. */
static void take_field(MboxMessage *message, Header *header, const Line *line)
{
    g_autofree char *text = g_strndup(line->text, MIN(line->size, FIELD_BYTES));
    const gsize size = strlen(text);
    const char *value;

    if ((value = value_of(text, size, "Content-Length"))) {
        guint64 length;
        g_autofree char *digits = g_strstrip(g_strdup(value));
        if (g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64 / 4, &length, NULL))
            header->length = (int64_t)length;
    } else if ((value = value_of(text, size, "Status")) || (value = value_of(text, size, "X-Status"))) {
        take_letters(message, value);
    } else if ((value = value_of(text, size, "X-Keywords"))) {
        take_keywords(message, value);
    } else if ((value = value_of(text, size, "Subject"))) {
        header->has_subject_of_data = strstr(value, "FOLDER INTERNAL DATA") != NULL;
    } else if (value_of(text, size, "X-IMAP") || value_of(text, size, "X-IMAPbase")) {
        header->has_base = TRUE;
    }
}

static void take_from_line(MboxMessage *message, const Line *line)
{
    g_autofree char *text = g_strndup(line->text + 5, MIN(line->size - 5, 1000));
    const char *space = strchr(text, ' ');
    struct tm tm = {0};

    message->sender = g_strndup(text, space ? (gsize)(space - text) : strcspn(text, "\r\n"));
    if (space && strptime(space + 1, "%a %b %d %H:%M:%S %Y", &tm))
        message->date_s = MAX((int64_t)timegm(&tm), 0);
}

/* ---- one message ---- */

/* Whether a separator, or the end, comes where the length says that the body ends. */
static gboolean is_right_length(Scan *scan, int64_t end)
{
    char after[8];
    Line line;

    if (end > scan->source.size)
        return FALSE;
    if (end == scan->source.size)
        return TRUE;
    const gssize n = scan->source.read(scan->source.data, end, after, 1);
    if (n == 1 && after[0] == '\n')
        end++;
    if (end == scan->source.size)
        return TRUE;
    return piece_at(&scan->source, end, &line) && is_separator(line.text, line.size);
}

/* `check`: of all that was read up to here. */
static void note_mark(MboxMessage *message, const Scan *scan, const Line *line, guint32 check)
{
    if (!message->marks)
        message->marks = scan->at - (int64_t)line->size;
    message->marks_end = scan->at;
    message->check = check;
}

static void read_header(Scan *scan, MboxMessage *message, Header *header, GChecksum *sum)
{
    guint32 check = message->check;
    gboolean is_mark = FALSE;
    Line line;

    message->header = message->body = scan->at;
    while (next_line(scan, &line)) {
        message->body = scan->at;
        if (is_blank(&line))
            break;
        if (line.is_start && !g_ascii_isspace(line.text[0])) {
            is_mark = mbox_is_mark(line.text, line.size);
            take_field(message, header, &line);
        }
        if (is_mark || message->marks)
            check = mbox_check(check, line.text, line.size);
        if (is_mark)
            note_mark(message, scan, &line, check);
        if (!is_mark && !value_of(line.text, line.size, "Content-Length"))
            g_checksum_update(sum, (const guchar *)line.text, (gssize)line.size);
    }
}

/* A body whose end is known. */
static void read_measured(Scan *scan, MboxMessage *message, int64_t end, GChecksum *sum)
{
    gboolean was_blank = TRUE;
    Line line;

    while (scan->at < end && next_line(scan, &line)) {
        const gsize over = scan->at > end ? (gsize)(scan->at - end) : 0;
        if (line.is_start && was_blank && is_separator(line.text, line.size))
            scan->index->is_unquoted = TRUE;
        was_blank = is_blank(&line);
        g_checksum_update(sum, (const guchar *)line.text, (gssize)(line.size - over));
    }
    message->end = end;
    scan->at = end;
    scan->was_whole = TRUE;
    scan->index->has_lengths = TRUE;
    while (next_line(scan, &line)) { /* what stands between */
        if (is_blank(&line))
            continue;
        scan->at -= (int64_t)line.size;
        scan->was_whole = TRUE;
        break;
    }
}

/* A body that ends before the empty line and the separator. */
static void read_body(Scan *scan, MboxMessage *message, GChecksum *sum)
{
    int64_t blank =
        message->body == message->header ? -1 : message->body; /* where an empty line begins; -1: none */
    gboolean was_blank = blank >= 0;
    Line line;

    blank = -1;
    while (next_line(scan, &line)) {
        const int64_t begins = scan->at - (int64_t)line.size;
        if (line.is_start && was_blank && is_separator(line.text, line.size)) {
            scan->at = begins;
            scan->was_whole = TRUE;
            break;
        }
        if (blank >= 0) /* it was not the last one */
            g_checksum_update(sum, (const guchar *)"\n", 1);
        was_blank = is_blank(&line);
        blank = was_blank ? begins : -1;
        if (!was_blank)
            g_checksum_update(sum, (const guchar *)line.text, (gssize)line.size);
    }
    message->end = blank >= 0 ? blank : scan->at;
}

static void name_message(Scan *scan, MboxMessage *message, GChecksum *sum)
{
    g_autofree char *hash = g_strndup(g_checksum_get_string(sum), 40);
    const int n = GPOINTER_TO_INT(g_hash_table_lookup(scan->seen, hash));

    message->name = n ? g_strdup_printf("%" G_GINT64_FORMAT ".%s-%d", message->date_s, hash, n)
                      : g_strdup_printf("%" G_GINT64_FORMAT ".%s", message->date_s, hash);
    g_hash_table_replace(scan->seen, g_steal_pointer(&hash), GINT_TO_POINTER(n + 1));
}

static void free_message(void *data)
{
    MboxMessage *message = data;

    g_free(message->name);
    g_free(message->sender);
    g_strfreev(message->keywords);
    g_free(message);
}

/* From its separator line, which is there. */
static void read_message(Scan *scan)
{
    MboxMessage *message = g_new0(MboxMessage, 1);
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    Header header = {.length = -1};
    Line line;

    message->from = scan->at;
    next_line(scan, &line);
    take_from_line(message, &line);
    g_checksum_update(sum, (const guchar *)line.text, (gssize)line.size);
    message->check = mbox_check(MBOX_CHECK_START, line.text, line.size);
    while (!scan->was_whole && next_line(scan, &line)) /* a separator of many kilobytes */
        message->check = mbox_check(message->check, line.text, line.size);
    read_header(scan, message, &header, sum);
    if (header.length >= 0 && is_right_length(scan, message->body + header.length))
        read_measured(scan, message, message->body + header.length, sum);
    else
        read_body(scan, message, sum);
    scan->index->is_doubtful |=
        message->end != message->body + header.length &&
        header.length >= MAX(scan->source.size - message->body, BUFFER_BYTES) - BUFFER_BYTES;
    message->next = scan->at;
    message->is_hidden = header.has_base && header.has_subject_of_data;
    name_message(scan, message, sum);
    g_checksum_free(sum);
    g_ptr_array_add(scan->index->messages, message);
}

/* ---- the file ---- */

void mbox_index_free(MboxIndex *index)
{
    if (!index)
        return;
    g_ptr_array_unref(index->messages);
    g_free(index);
}

MboxIndex *mbox_index_new(void)
{
    MboxIndex *index = g_new0(MboxIndex, 1);

    index->messages = g_ptr_array_new_with_free_func(free_message);
    index->is_mbox = TRUE;
    return index;
}

void mbox_index_add(MboxIndex *index, MboxMessage *message)
{
    g_ptr_array_add(index->messages, message);
}

/* How many have each hash, of what was read before. */
static void learn_names(Scan *scan)
{
    for (guint i = 0; i < scan->index->messages->len; i++) {
        const MboxMessage *message = scan->index->messages->pdata[i];
        const char *after_date = strchr(message->name, '.');
        char *hash = g_strndup(after_date ? after_date + 1 : message->name, 40);
        const int n = GPOINTER_TO_INT(g_hash_table_lookup(scan->seen, hash));
        g_hash_table_replace(scan->seen, hash, GINT_TO_POINTER(n + 1));
    }
}

static void read_messages(Scan *scan)
{
    Line line;

    while (next_line(scan, &line)) {
        if (is_blank(&line))
            continue;
        scan->at -= (int64_t)line.size;
        scan->was_whole = TRUE;
        if (!is_separator(line.text, line.size)) {
            scan->index->is_mbox = FALSE;
            break;
        }
        read_message(scan);
    }
}

/* From an offset on, behind what the index has. FALSE and errno. */
static gboolean scan_from(MboxIndex *index, int64_t at, MboxRead read, void *data, int64_t size)
{
    g_autofree char *buffer = g_malloc(BUFFER_BYTES);
    Scan scan = {.source = {.read = read, .data = data, .size = size, .buffer = buffer},
                 .index = index,
                 .at = at,
                 .was_whole = TRUE};

    scan.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    learn_names(&scan);
    read_messages(&scan);
    g_hash_table_unref(scan.seen);
    return !scan.source.failed;
}

MboxIndex *mbox_scan(MboxRead read, void *data, int64_t size)
{
    g_autoptr(MboxIndex) index = mbox_index_new();

    return scan_from(index, 0, read, data, size) ? g_steal_pointer(&index) : NULL;
}

gboolean mbox_scan_more(MboxIndex *index, MboxRead read, void *data, int64_t size)
{
    const guint n = index->messages->len;

    if (n == 0)
        return FALSE;
    MboxMessage *last = g_ptr_array_steal_index(index->messages, n - 1);
    const gboolean is_same =
        scan_from(index, last->from, read, data, size) && index->is_mbox && index->messages->len >= n &&
        g_str_equal(((const MboxMessage *)index->messages->pdata[n - 1])->name, last->name);
    free_message(last);
    return is_same;
}

/* ---- writing ---- */

char *mbox_marks(uint32_t flags, char *const *keywords)
{
    GString *marks = g_string_new(NULL);
    const struct {
        MaildirFlag flag;
        char letter;
    } X[] = {{MAILDIR_ANSWERED, 'A'}, {MAILDIR_DELETED, 'D'}, {MAILDIR_FLAGGED, 'F'}, {MAILDIR_DRAFT, 'T'}};

    if (flags & MAILDIR_SEEN)
        g_string_append(marks, "Status: RO\n");
    if (flags & (MAILDIR_ANSWERED | MAILDIR_DELETED | MAILDIR_FLAGGED | MAILDIR_DRAFT)) {
        g_string_append(marks, "X-Status: ");
        for (guint i = 0; i < G_N_ELEMENTS(X); i++)
            if (flags & X[i].flag)
                g_string_append_c(marks, X[i].letter);
        g_string_append_c(marks, '\n');
    }
    if (keywords && *keywords) {
        g_autofree char *words = g_strjoinv(" ", (char **)keywords);
        g_string_append_printf(marks, "X-Keywords: %s\n", words);
    }
    return g_string_free(marks, FALSE);
}

char *mbox_from_line(const char *sender, int64_t date_s)
{
    /* Not strftime(): the words are the same in all languages. */
    static const char DAYS[] = "SunMonTueWedThuFriSat", MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const time_t date = (time_t)CLAMP(date_s, 0, G_GINT64_CONSTANT(253402300799));
    struct tm tm;

    gmtime_r(&date, &tm);
    return g_strdup_printf("From %s %.3s %.3s %2d %02d:%02d:%02d %d\n", sender, DAYS + 3 * tm.tm_wday,
                           MONTHS + 3 * tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                           tm.tm_year + 1900);
}

static gsize arrows(const char *line, gsize size)
{
    gsize n = 0;

    while (n < size && line[n] == '>')
        n++;
    return n + 5 <= size && memcmp(line + n, "From ", 5) == 0 ? n : G_MAXSIZE;
}

gsize mbox_quoted(const MboxIndex *index, const char *line, gsize size)
{
    const gsize n = index->is_unquoted ? G_MAXSIZE : arrows(line, size);

    return n != G_MAXSIZE && n > 0 ? 1 : 0;
}

gboolean mbox_needs_quote(const char *line, gsize size)
{
    return arrows(line, size) != G_MAXSIZE;
}
