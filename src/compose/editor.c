/* editor.c - see editor.h. */
#include "compose/editor.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long what an editor left is kept when its draft is gone. */
#define KEPT_S (7 * 86400)

/* Fields that stand in the file, also when they are empty. */
static const DraftField SHOWN[] = {DRAFT_FROM, DRAFT_TO, DRAFT_CC, DRAFT_BCC, DRAFT_SUBJECT};

static gboolean is_builtin(const char *option)
{
    return !*option || g_str_equal(option, "external") || g_str_equal(option, "builtin");
}

char **editor_argv(const char *option, const char *path)
{
    const char *visual = g_getenv("VISUAL"), *editor = g_getenv("EDITOR");
    const char *command = !is_builtin(option)                ? option
                          : visual && *visual                ? visual
                          : editor && *editor                ? editor
                          : g_find_program_in_path("editor") ? "editor"
                                                             : "vi";
    /* The command is the user's, words and all; the file's name never becomes part of it. */
    g_autofree char *line = g_strconcat(command, " \"$@\"", NULL);
    const char *const argv[] = {"sh", "-c", line, "sh", path, NULL};

    return g_strdupv((char **)argv);
}

static char *file_of(const Draft *draft, const char *data)
{
    g_autofree char *name = g_strconcat(draft->id, ".eml", NULL);

    return g_build_filename(data, "drafts", "edit", name, NULL);
}

/* What an editor left that failed, and that nobody took over, gets a name of its own: ID-1.eml … */
static gboolean keep_left(const char *path, const GString *text, GError **error)
{
    gsize size = 0;
    g_autofree char *left = file_read(path, LIMIT_DRAFT_BYTES, &size, NULL);
    g_autofree char *other = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS) ||
        (left && (size == 0 || (size == text->len && memcmp(left, text->str, size) == 0))))
        return TRUE;
    for (guint n = 1; !other || g_file_test(other, G_FILE_TEST_EXISTS); n++) {
        g_free(other);
        other = g_strdup_printf("%.*s-%u.eml", (int)(strlen(path) - strlen(".eml")), path, n);
    }
    if (rename(path, other) == 0)
        return TRUE;
    tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("what an editor left in %s cannot be kept"), path);
    return FALSE;
}

char *editor_write(const Draft *draft, const char *data, gboolean with_headers, GError **error)
{
    g_autofree char *path = file_of(draft, data);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GString) text = g_string_new(NULL);

    for (gsize i = 0; with_headers && i < G_N_ELEMENTS(SHOWN); i++)
        g_string_append_printf(text, "%s: %s\n", draft_field_name(SHOWN[i]), draft->fields[SHOWN[i]]);
    if (with_headers)
        g_string_append_c(text, '\n');
    g_string_append(text, draft->body);
    if (!file_make_folder(folder, error) || !keep_left(path, text, error) ||
        !file_write_atomic(path, text->str, text->len, error))
        return NULL;
    return g_steal_pointer(&path);
}

/* The field that a line of the file begins; -1: none. */
static int field_of(const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, ":", 2);

    for (int i = 0; i < DRAFT_FIELDS && parts[0] && parts[1]; i++)
        if (g_ascii_strcasecmp(g_strstrip(parts[0]), draft_field_name((DraftField)i)) == 0)
            return i;
    return -1;
}

/* Takes the fields off the top of the text; where it has none of them it is all body, which also begins at
 * the first line that is neither a field nor more of one. *found_out has a bit for each that was there. */
static const char *take_headers(Draft *draft, const char *text, guint *found_out)
{
    const char *at = text;
    int last = -1;

    *found_out = 0;
    while (*at && *at != '\n') {
        gsize n = strcspn(at, "\n");
        g_autofree char *line = g_strndup(at, n);
        int field = field_of(line);
        if (field < 0 && last >= 0 && g_ascii_isspace(*line)) { /* folded */
            g_autofree char *all = g_strconcat(draft->fields[last], " ", g_strstrip(line), NULL);
            draft_set(draft, (DraftField)last, all);
        } else if (field >= 0) {
            draft_set(draft, (DraftField)field, strchr(line, ':') + 1);
            *found_out |= 1U << field;
            last = field;
        } else {
            return at;
        }
        at += n + (at[n] ? 1 : 0);
    }
    return *at ? at + 1 : at;
}

const char *editor_take_headers(Draft *draft, const char *text)
{
    guint found;

    return take_headers(draft, text, &found);
}

/* Whoever deletes the line "Bcc: eve@x" wants eve to get nothing. From alone stays: a message has one. */
static void clear_missing(Draft *draft, guint found)
{
    for (gsize i = 0; found && i < G_N_ELEMENTS(SHOWN); i++)
        if (SHOWN[i] != DRAFT_FROM && !(found & 1U << SHOWN[i]))
            draft_set(draft, SHOWN[i], "");
}

/* ---- who has the file ---- */

static char *lock_of(const char *path)
{
    return g_strconcat(path, ".lock", NULL);
}

int editor_hold(const char *path)
{
    g_autofree char *lock = lock_of(path);

    return file_lock(lock, TRUE, FALSE, NULL);
}

static void remove_file(const char *path)
{
    g_autofree char *lock = lock_of(path);

    unlink(path);
    unlink(lock);
}

static gboolean check_status(int status, const char *path, GError **error)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return TRUE;
    /* The shell between says it with 128 and the signal. */
    int signal = WIFSIGNALED(status)         ? WTERMSIG(status)
                 : WEXITSTATUS(status) > 128 ? WEXITSTATUS(status) - 128
                                             : 0;
    if (!signal)
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("the editor ended with status %d: the text is as before; what it left is in %s"),
                       WEXITSTATUS(status), path);
    else
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("the editor was ended by signal %d: the text is as before; what it left is in %s"),
                       signal, path);
    return FALSE;
}

gboolean editor_read(Draft *draft, const char *path, gboolean with_headers, int status, GError **error)
{
    gsize size = 0;

    if (!check_status(status, path, error))
        return FALSE;
    g_autofree char *bytes = file_read(path, LIMIT_DRAFT_BYTES, &size, error);
    if (!bytes)
        return FALSE;
    g_autofree char *text = charset_to_utf8(bytes, size, NULL, LIMIT_DRAFT_BYTES, NULL);
    if (!*text && (*draft->body || with_headers)) {
        tern_error_set(error, TERN_ERROR_INPUT, _("the editor left an empty file: the text is as before"));
        remove_file(path);
        return FALSE;
    }
    g_autoptr(GString) lines = g_string_new(text);
    g_string_replace(lines, "\r\n", "\n", 0);
    guint found = 0;
    const char *body = with_headers ? take_headers(draft, lines->str, &found) : lines->str;
    clear_missing(draft, found);
    draft_set_body(draft, body, strlen(body));
    remove_file(path);
    return TRUE;
}

static gboolean is_another(const Draft *draft, const Draft *before)
{
    for (int i = 0; i < DRAFT_FIELDS; i++)
        if (!g_str_equal(draft->fields[i], before->fields[i]))
            return TRUE;
    return !g_str_equal(draft->body, before->body);
}

/* With or without header fields: they are looked for, and what was not found is not known to be deleted. */
static gboolean take_over(Draft *draft, const char *bytes, gsize size)
{
    g_autoptr(Draft) before = draft_copy(draft);
    g_autofree char *utf8 = charset_to_utf8(bytes, size, NULL, LIMIT_DRAFT_BYTES, NULL);
    g_autoptr(GString) text = g_string_new(utf8);
    guint found;

    g_string_replace(text, "\r\n", "\n", 0);
    const char *body = take_headers(draft, text->str, &found);
    if (text->len)
        draft_set_body(draft, body, strlen(body));
    return is_another(draft, before);
}

gboolean editor_recover(Draft *draft, const char *data)
{
    g_autofree char *path = file_of(draft, data);
    gsize size = 0;
    const int lock = g_file_test(path, G_FILE_TEST_EXISTS) ? editor_hold(path) : -1;
    g_autofree char *bytes = lock >= 0 ? file_read(path, LIMIT_DRAFT_BYTES, &size, NULL) : NULL;
    const gboolean is_other = bytes && take_over(draft, bytes, size);

    if (bytes && (!is_other || draft_save(draft, data, NULL)))
        remove_file(path);
    if (lock >= 0)
        close(lock);
    return is_other;
}

/* ---- cleaning up ---- */

/* "ID-3.eml", "ID.eml", "ID.eml.lock": of the draft ID, which has one point and no hyphen; to be freed. */
static char *draft_of(const char *name)
{
    const char *point = strchr(name, '.');
    const gsize tail = point ? strcspn(point + 1, "-.") : 0;

    return point ? g_strndup(name, (gsize)(point - name) + 1 + tail) : g_strdup(name);
}

/* What has lain in drafts/… for long, but for what belongs to one of those drafts (NULL: of none). */
static void clean_folder(const char *data, const char *part, const GPtrArray *ids)
{
    g_autofree char *folder = g_build_filename(data, "drafts", part, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *id = draft_of(name);
        struct stat is;
        if (ids && g_ptr_array_find_with_equal_func((GPtrArray *)ids, id, g_str_equal, NULL))
            continue;
        if (lstat(path, &is) == 0 && S_ISREG(is.st_mode) && is.st_mtime < clock_wall_s() - KEPT_S)
            unlink(path);
    }
}

void editor_clean(const char *data)
{
    g_autoptr(GPtrArray) ids = draft_list(data, NULL);

    if (ids)
        clean_folder(data, "edit", ids);
    clean_folder(data, "tmp", NULL);
}
