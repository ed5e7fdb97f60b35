/* attach_output.c - see attach_output.h. */
#include "compose/attach_output.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sanitise.h"
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMAND_US (60 * SECOND_US)
/* Of its own output, which goes into the file, nothing comes back. */
#define BACK_BYTES 1024
/* So much a command may print on whatever disk. */
#define LEAST_BYTES (64 << 10)

/* "pdftotext" of "/usr/bin/pdftotext report.pdf -", as a file name. */
static char *name_of(const char *command, const char *type)
{
    g_auto(GStrv) words = NULL;

    if (!g_shell_parse_argv(command, NULL, &words, NULL))
        words = g_strsplit_set(command, " \t", 2);
    g_autofree char *safe = sanitise_file_name(words[0] ? words[0] : "");
    return g_strconcat(safe, g_str_equal(type, "text/plain") ? ".txt" : "", NULL);
}

/* As much as a message may have, or a small disk leaves to others: of what never ends it is not filled. */
static int64_t room_for(const char *path)
{
    int64_t bytes = LIMIT_MESSAGE_BYTES;

    while (bytes > LEAST_BYTES && !file_leaves_reserve(path, bytes))
        bytes /= 2;
    return bytes;
}

static gboolean run_into(const char *path, const char *command, Cancel *cancel, GError **error)
{
    g_autofree char *quoted = g_shell_quote(path);
    /* Blocks of 512 bytes (POSIX). */
    g_autofree char *line = g_strdup_printf("ulimit -f %" G_GINT64_FORMAT "; exec >%s || exit 1\n%s",
                                            room_for(path) / 512, quoted, command);
    g_autoptr(GError) why = NULL;
    g_autofree char *back = spawn_capture(line, BACK_BYTES, clock_now_us() + COMMAND_US, cancel, &why);
    struct stat is;

    if (!back && tern_error_is(why, TERN_ERROR_CANCELLED)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
    if (!back) {
        /* The sentence quotes what was run, of which the first lines are tern's. */
        g_autofree char *safe = sanitise(command, -1, SANITISE_LINE);
        const char *rest = strstr(why->message, "” ");
        tern_error_set(error, TERN_ERROR_INPUT, _("nothing was attached: “%s” %s"), safe,
                       rest ? rest + strlen("” ") : why->message);
        return FALSE;
    }
    if (stat(path, &is) == 0 && is.st_size > 0)
        return TRUE;
    g_autofree char *safe = sanitise(command, -1, SANITISE_LINE);
    tern_error_set(error, TERN_ERROR_INPUT, _("nothing was attached: “%s” printed nothing"), safe);
    return FALSE;
}

gboolean attach_output(Draft *draft, const char *data, const char *command, Cancel *cancel, GError **error)
{
    g_autofree char *folder = draft_files_folder(draft, data, TRUE, error);
    g_autofree char *path = folder ? g_build_filename(folder, "output-XXXXXX", NULL) : NULL;
    const int fd = path ? mkostemp(path, O_CLOEXEC) : -1;

    if (fd < 0) {
        if (path)
            tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("cannot write %s"), path);
        return FALSE;
    }
    close(fd);
    if (run_into(path, command, cancel, error)) {
        g_autofree char *type = draft_file_type(path), *name = name_of(command, type);
        if (draft_attach(draft, path, name, type, error)) {
            ((DraftAttachment *)draft->attachments->pdata[draft->attachments->len - 1])->is_own = TRUE;
            return TRUE;
        }
    }
    unlink(path);
    return FALSE;
}
