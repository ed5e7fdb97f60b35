/* mbox_text.c - see mbox_scan.h: what stands in an mbox besides messages: separators, marks, quoting. */
#include "maildir/mbox_scan.h"

#include <string.h>
#include <time.h>

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
    const gsize before = marks->len;
    for (; keywords && *keywords; keywords++) {
        if (strpbrk(*keywords, " \t\r\n")) /* it would be read back as several */
            continue;
        g_string_append_printf(marks, "%s %s", marks->len == before ? "X-Keywords:" : "", *keywords);
    }
    if (marks->len > before)
        g_string_append_c(marks, '\n');
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
