/* output.c - see output.h. */
#include "cli/output.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "base/text.h"
#include "cli/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int write_errno;       /* of the first write to stdout that failed */
static gboolean has_progress; /* a line stands on stderr that the next one overwrites */

gboolean cli_is_terminal(void)
{
    static int is_terminal = -1;

    if (is_terminal < 0)
        is_terminal = isatty(STDOUT_FILENO);
    return is_terminal;
}

int cli_columns(int otherwise)
{
    struct winsize size;

    if (!cli_is_terminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return otherwise;
    return size.ws_col;
}

/* The text as that stream may have it, to be freed. */
static char *for_stream(const char *text, gsize size, gboolean is_terminal)
{
    if (!is_terminal)
        return g_strndup(text, size);
    g_autofree char *safe = sanitise(text, (gssize)size, SANITISE_TEXT);
    return charset_locale_is_utf8() ? g_steal_pointer(&safe) : charset_to_locale(safe);
}

static void put(const void *bytes, gsize size)
{
    if (!write_errno && size && fwrite(bytes, 1, size, stdout) != size)
        write_errno = errno ? errno : EIO;
}

void cli_print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *out = for_stream(text, strlen(text), cli_is_terminal());
    put(out, strlen(out));
}

char *cli_one_line(const char *text)
{
    static const char *const ENDS[] = {"\r\n", "\n", "\r", "\v", "\f", "\xC2\x85", "\u2028", "\u2029"};
    GString *line = g_string_new(text);

    for (gsize i = 0; i < G_N_ELEMENTS(ENDS); i++)
        g_string_replace(line, ENDS[i], " ", 0);
    return g_string_free(line, FALSE);
}

char *cli_folder_path(const char *account, const char *folder)
{
    g_autofree char *path = g_strconcat(account, "/", folder, NULL);

    return sanitise(path, -1, SANITISE_LINE);
}

void cli_write(const void *bytes, gsize size)
{
    if (!cli_is_terminal()) {
        put(bytes, size);
        return;
    }
    g_autofree char *out = for_stream(bytes, size, TRUE);
    put(out, strlen(out));
}

gboolean cli_is_read(void)
{
    return write_errno == 0;
}

void cli_progress(const char *line)
{
    if (!isatty(STDERR_FILENO) || (!line && !has_progress))
        return;
    g_autofree char *cut = line ? text_ellipsize(line, 78, !charset_locale_is_utf8()) : g_strdup("");
    g_autofree char *out = for_stream(cut, strlen(cut), TRUE);
    fprintf(stderr, "\r%s\033[K", out);
    fflush(stderr);
    has_progress = line != NULL;
}

void cli_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    cli_progress(NULL);
    fflush(stdout); /* so that both come in order on a terminal */
    g_autofree char *out = for_stream(text, strlen(text), isatty(STDERR_FILENO));
    fprintf(stderr, "%s\n", out);
}

gboolean cli_ask(const char *question)
{
    char line[64];

    cli_note("%s (y/n)", question);
    return fgets(line, sizeof line, stdin) && g_ascii_tolower(*line) == 'y';
}

int cli_fail(const CliContext *context, const GError *error)
{
    if (context->json) {
        g_auto(CliJson) json = {0};
        cli_json_begin(&json, NULL);
        cli_json_error(&json, "error", error);
        cli_json_end(&json);
        cli_note("%s", json.text->str);
    } else {
        cli_note("tern: %s", error->message);
    }
    return tern_error_is(error, TERN_ERROR_CONFIG) ? CLI_USAGE : CLI_FAILED;
}

void cli_name_account(const char *account, GError **error)
{
    g_autofree char *quoted = g_strdup_printf("“%s”", account ? account : "");

    if (account && *error && !strstr((*error)->message, quoted))
        g_prefix_error(error, "%s: ", account);
}

int cli_finish(const CliContext *context, int status)
{
    g_autoptr(GError) error = NULL;

    cli_progress(NULL);
    if (fflush(stdout) != 0 && !write_errno)
        write_errno = errno;
    if (!write_errno || write_errno == EPIPE)
        return status;
    tern_error_set_errno(&error, TERN_ERROR_STORE, write_errno, _("not all of the output could be written"));
    cli_fail(context, error);
    return status ? status : CLI_FAILED;
}

char *cli_number(int64_t number)
{
    g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, number);
    gsize length = strlen(digits);
    GString *out = g_string_new(NULL);

    for (gsize i = 0; i < length; i++) {
        g_string_append_c(out, digits[i]);
        if (i + 1 < length && (length - i - 1) % 3 == 0 && g_ascii_isdigit(digits[i]))
            g_string_append_c(out, ',');
    }
    return g_string_free(out, FALSE);
}

char *cli_size(int64_t bytes)
{
    static const char *const UNITS[] = {"B", "KB", "MB", "GB"};
    double size = (double)bytes;
    gsize unit = 0;

    while (size >= 1000 && unit + 1 < G_N_ELEMENTS(UNITS)) {
        size /= 1024;
        unit++;
    }
    return g_strdup_printf("%.*f %s", unit == 0 || size >= 10 ? 0 : 1, size, UNITS[unit]);
}
