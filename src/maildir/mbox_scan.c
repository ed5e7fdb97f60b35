/* mbox_scan.c - see mbox_scan.h. */
#include "base/sum.h"
#include "maildir/mbox_lines.h"

#include <string.h>

typedef struct {
    MboxSource source;
    MboxIndex *index;
    GHashTable *seen; /* hash -> how many have it */
    Sum *sum;         /* of the message that is being read */
    int64_t at;
    gboolean was_whole; /* the last piece ended a line */
    gboolean is_cut;    /* the file ended within the header */
} Scan;

static gboolean next_line(Scan *scan, MboxLine *line)
{
    if (!mbox_piece_at(&scan->source, scan->at, line))
        return FALSE;
    line->is_start = scan->was_whole;
    scan->was_whole = line->text[line->size - 1] == '\n';
    scan->at += (int64_t)line->size;
    return TRUE;
}

/* ---- one message ---- */

/* Whether a separator, or the end, comes where the length says that the body ends. */
static gboolean is_right_length(Scan *scan, int64_t end)
{
    char after[8];
    MboxLine line;

    if (end > scan->source.size)
        return FALSE;
    if (end == scan->source.size)
        return TRUE;
    const gssize n = scan->source.read(scan->source.data, end, after, 1);
    if (n == 1 && after[0] == '\n')
        end++;
    if (end == scan->source.size)
        return TRUE;
    return mbox_piece_at(&scan->source, end, &line) && mbox_is_separator(line.text, line.size);
}

/* `check`: of all that was read up to here. */
static void note_mark(MboxMessage *message, const Scan *scan, const MboxLine *line, guint32 check)
{
    if (!message->marks)
        message->marks = scan->at - (int64_t)line->size;
    message->marks_end = scan->at;
    message->check = check;
}

static void read_header(Scan *scan, MboxMessage *message, MboxHeader *header)
{
    guint32 check = message->check;
    gboolean is_mark = FALSE;
    MboxLine line;

    message->header = message->body = scan->at;
    scan->is_cut = TRUE;
    while (next_line(scan, &line)) {
        message->body = scan->at;
        scan->is_cut = !mbox_is_blank(&line);
        if (!scan->is_cut)
            break;
        if (line.is_start && !g_ascii_isspace(line.text[0])) {
            is_mark = mbox_is_mark(line.text, line.size);
            mbox_take_field(message, header, &line);
        }
        if (is_mark || message->marks)
            check = mbox_check(check, line.text, line.size);
        if (is_mark)
            note_mark(message, scan, &line, check);
        if (!is_mark && !mbox_field(line.text, line.size, "Content-Length"))
            sum_add(scan->sum, line.text, line.size);
    }
}

/* A body whose end is known; in doubt where the file ends within the header that says so, or in its last line. */
static void read_measured(Scan *scan, MboxMessage *message, int64_t end)
{
    gboolean was_blank = TRUE;
    MboxLine line;

    while (scan->at < end && next_line(scan, &line)) {
        const gsize over = scan->at > end ? (gsize)(scan->at - end) : 0;
        if (line.is_start && was_blank && mbox_is_separator(line.text, line.size))
            scan->index->is_unquoted = TRUE;
        was_blank = mbox_is_blank(&line);
        sum_add(scan->sum, line.text, line.size - over);
    }
    scan->index->is_doubtful |= scan->is_cut || !scan->was_whole;
    message->end = end;
    scan->at = end;
    scan->was_whole = TRUE;
    scan->index->has_lengths = TRUE;
    while (next_line(scan, &line)) { /* what stands between */
        if (mbox_is_blank(&line))
            continue;
        scan->at -= (int64_t)line.size;
        scan->was_whole = TRUE;
        break;
    }
}

/* A body that ends before the empty line and the separator. */
static void read_body(Scan *scan, MboxMessage *message)
{
    int64_t blank =
        message->body == message->header ? -1 : message->body; /* where an empty line begins; -1: none */
    gboolean was_blank = blank >= 0;
    MboxLine line;

    blank = -1;
    while (next_line(scan, &line)) {
        const int64_t begins = scan->at - (int64_t)line.size;
        if (line.is_start && was_blank && mbox_is_separator(line.text, line.size)) {
            scan->at = begins;
            scan->was_whole = TRUE;
            break;
        }
        if (blank >= 0) /* it was not the last one */
            sum_add(scan->sum, "\n", 1);
        was_blank = mbox_is_blank(&line);
        blank = was_blank ? begins : -1;
        if (!was_blank)
            sum_add(scan->sum, line.text, line.size);
    }
    message->end = blank >= 0 ? blank : scan->at;
}

static void name_message(Scan *scan, MboxMessage *message)
{
    char digits[SUM_DIGITS + 1];

    sum_end(scan->sum, digits);
    g_autofree char *hash = g_strndup(digits, 40);
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
    MboxHeader header = {.length = -1};
    MboxLine line;

    sum_begin(scan->sum);
    message->from = scan->at;
    next_line(scan, &line);
    mbox_take_from_line(message, &line);
    sum_add(scan->sum, line.text, line.size);
    message->check = mbox_check(MBOX_CHECK_START, line.text, line.size);
    while (!scan->was_whole && next_line(scan, &line)) /* a separator of many kilobytes */
        message->check = mbox_check(message->check, line.text, line.size);
    read_header(scan, message, &header);
    if (header.length >= 0 && is_right_length(scan, message->body + header.length))
        read_measured(scan, message, message->body + header.length);
    else
        read_body(scan, message);
    scan->index->is_doubtful |=
        message->end != message->body + header.length &&
        header.length >= MAX(scan->source.size - message->body, MBOX_BUFFER_BYTES) - MBOX_BUFFER_BYTES;
    message->next = scan->at;
    message->is_hidden = header.has_base && header.has_subject_of_data;
    name_message(scan, message);
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
    MboxLine line;

    while (next_line(scan, &line)) {
        if (mbox_is_blank(&line))
            continue;
        scan->at -= (int64_t)line.size;
        scan->was_whole = TRUE;
        if (!mbox_is_separator(line.text, line.size)) {
            scan->index->is_mbox = FALSE;
            break;
        }
        read_message(scan);
    }
}

/* From an offset on, behind what the index has. FALSE and errno. */
static gboolean scan_from(MboxIndex *index, int64_t at, MboxRead read, void *data, int64_t size)
{
    g_autofree char *buffer = g_malloc(MBOX_BUFFER_BYTES);
    Scan scan = {.source = {.read = read, .data = data, .size = size, .buffer = buffer},
                 .index = index,
                 .at = at,
                 .was_whole = TRUE};

    scan.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    scan.sum = sum_new();
    learn_names(&scan);
    read_messages(&scan);
    sum_free(scan.sum);
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
