/* log.c - see log.h. */
#include "base/log.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What one log_bytes() shows: a body's literal is no news. */
#define SHOWN_BYTES 2000

static atomic_int log_fd = -1;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

gboolean log_open(const char *path, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        int saved = errno;
        tern_error_set_errno(error, TERN_ERROR_INPUT, saved, _("cannot open the trace file %s"), path);
        return FALSE;
    }
    int before = atomic_exchange(&log_fd, fd);
    if (before >= 0)
        close(before);
    return TRUE;
}

void log_close(void)
{
    pthread_mutex_lock(&log_lock);
    int fd = atomic_exchange(&log_fd, -1);
    if (fd >= 0)
        close(fd);
    pthread_mutex_unlock(&log_lock);
}

gboolean log_is_on(void)
{
    return atomic_load(&log_fd) >= 0;
}

static void append_escaped(GString *line, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        switch (bytes[i]) {
        case '\r':
            g_string_append(line, "\\r");
            break;
        case '\n':
            g_string_append(line, "\\n");
            break;
        case '\\':
            g_string_append(line, "\\\\");
            break;
        default:
            if (bytes[i] < 0x20 || bytes[i] >= 0x7f)
                g_string_append_printf(line, "\\x%02x", bytes[i]);
            else
                g_string_append_c(line, (char)bytes[i]);
        }
    }
}

/* "2026-11-30 21:05:12.345 ", as the clock on the wall has it, to be laid beside a server's log. */
static void append_time(GString *line)
{
    const gint64 now_us = g_get_real_time();
    const time_t now_s = (time_t)(now_us / G_USEC_PER_SEC);
    char text[sizeof "2026-11-30 21:05:12"] = "";
    struct tm tm;

    if (localtime_r(&now_s, &tm))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    g_string_append_printf(line, "%s.%03d ", text, (int)(now_us % G_USEC_PER_SEC / 1000));
}

static GString *begin_line(const char *source, char mark)
{
    GString *line = g_string_sized_new(256);

    append_time(line);
    append_escaped(line, (const unsigned char *)source, strlen(source));
    g_string_append_printf(line, " %c ", mark);
    return line;
}

static void end_line(GString *line)
{
    g_string_append_c(line, '\n');
    pthread_mutex_lock(&log_lock);
    int fd = atomic_load(&log_fd);
    if (fd >= 0)
        file_write_all(fd, line->str, line->len, NULL); /* a full disk must not end a mail program's work */
    pthread_mutex_unlock(&log_lock);
    g_string_free(line, TRUE);
}

void log_line(const char *source, const char *format, ...)
{
    va_list args;

    if (!log_is_on())
        return;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    GString *line = begin_line(source, '-');
    append_escaped(line, (const unsigned char *)text, strlen(text));
    end_line(line);
}

void log_bytes(const char *source, char direction, const void *data, size_t size)
{
    if (!log_is_on())
        return;
    GString *line = begin_line(source, direction);
    append_escaped(line, data, MIN(size, SHOWN_BYTES));
    if (size > SHOWN_BYTES)
        g_string_append_printf(line, " [… %zu bytes in all]", size);
    end_line(line);
}
