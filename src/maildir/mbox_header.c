/* mbox_header.c - see mbox_lines.h: what a message's separator line and header say of it. */
#include "base/limits.h"
#include "maildir/mbox_lines.h"

#include <string.h>
#include <time.h>

/* Of a header field that is looked at; marks and lengths are short. */
#define FIELD_BYTES 8192

const char *mbox_field(const char *line, gsize size, const char *name)
{
    const gsize n = strlen(name);

    return size > n && line[n] == ':' && g_ascii_strncasecmp(line, name, n) == 0 ? line + n + 1 : NULL;
}

gboolean mbox_is_mark(const char *line, gsize size)
{
    return mbox_field(line, size, "Status") || mbox_field(line, size, "X-Status") ||
           mbox_field(line, size, "X-Keywords");
}

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

void mbox_take_field(MboxMessage *message, MboxHeader *header, const MboxLine *line)
{
    g_autofree char *text = g_strndup(line->text, MIN(line->size, FIELD_BYTES));
    const gsize size = strlen(text);
    const char *value;

    if ((value = mbox_field(text, size, "Content-Length"))) {
        guint64 length;
        g_autofree char *digits = g_strstrip(g_strdup(value));
        if (g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64 / 4, &length, NULL))
            header->length = (int64_t)length;
    } else if ((value = mbox_field(text, size, "Status")) || (value = mbox_field(text, size, "X-Status"))) {
        take_letters(message, value);
    } else if ((value = mbox_field(text, size, "X-Keywords"))) {
        take_keywords(message, value);
    } else if ((value = mbox_field(text, size, "Subject"))) {
        header->has_subject_of_data = strstr(value, "FOLDER INTERNAL DATA") != NULL;
    } else if (mbox_field(text, size, "X-IMAP") || mbox_field(text, size, "X-IMAPbase")) {
        header->has_base = TRUE;
    }
}

void mbox_take_from_line(MboxMessage *message, const MboxLine *line)
{
    g_autofree char *text = g_strndup(line->text + 5, MIN(line->size - 5, 1000));
    const char *space = strchr(text, ' ');
    struct tm tm = {0};

    message->sender = g_strndup(text, space ? (gsize)(space - text) : strcspn(text, "\r\n"));
    if (space && strptime(space + 1, "%a %b %d %H:%M:%S %Y", &tm))
        message->date_s = MAX((int64_t)timegm(&tm), 0);
}
