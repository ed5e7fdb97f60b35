/* repair.c - see damage.h: the old file is set aside, and a new one comes into its place. */
#include "store/damage.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "store/promise.h"
#include "store/rescue.h"
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESCUED ".rescued"
/* Another name of the old file, beside which its log can be mended while the old one's stays as it was. */
#define SEEN ".rescued-from"
#define ASIDE ".damaged"
/* Names that are tried for the file that is set aside: one for each time of a day. */
#define ASIDE_MAX 1000

static const char *const PARTS[] = {"", "-wal", "-shm"};

/* What is still to be done when the new file is whole; kept in the mark, a line each. */
typedef struct {
    char *aside; /* the old file's new name */
    char *told;
} Plan;

static void plan_clear(Plan *plan)
{
    g_free(plan->aside);
    g_free(plan->told);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

static gboolean is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static void remove_parts(const char *path, const char *suffix)
{
    for (guint i = 0; i < G_N_ELEMENTS(PARTS); i++) {
        g_autofree char *name = g_strconcat(path, suffix, PARTS[i], NULL);
        unlink(name);
    }
}

/* ---- the plan ---- */

/* A name that nothing has yet. */
static char *aside_name(const char *path)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(clock_wall_s());
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%d");

    for (int i = 1; i < ASIDE_MAX; i++) {
        g_autofree char *name = i == 1 ? g_strdup_printf("%s" ASIDE "-%s", path, date)
                                       : g_strdup_printf("%s" ASIDE "-%s-%d", path, date, i);
        if (!is_there(name))
            return g_steal_pointer(&name);
    }
    return g_strdup_printf("%s" ASIDE, path);
}

char *store_damage_tell(const char *aside, const StoreRescued *rescued)
{
    g_autoptr(GString) told = g_string_new(NULL);

    g_string_printf(
        told, _("the mail store was damaged; what was there is now %s, and mail is fetched anew."), aside);
    if (rescued->n_kept)
        g_string_append_printf(told,
                               ngettext_(" %d change that was not sent yet is kept.",
                                         " %d changes that were not sent yet are kept.", rescued->n_kept),
                               rescued->n_kept);
    if (rescued->n_lost && rescued->n_kept)
        g_string_append_printf(told, ngettext_(" %d is lost: %s.", " %d are lost: %s.", rescued->n_lost),
                               rescued->n_lost, rescued->lost->str);
    else if (rescued->n_lost)
        g_string_append_printf(told,
                               ngettext_(" %d change that was not sent yet is lost: %s.",
                                         " %d changes that were not sent yet are lost: %s.", rescued->n_lost),
                               rescued->n_lost, rescued->lost->str);
    if (!rescued->is_whole && (rescued->n_kept || rescued->n_lost))
        g_string_append(told,
                        _(" More changes that were not sent may be lost: not all of them could be read."));
    else if (!rescued->is_whole)
        g_string_append(told, _(" Changes that were not sent yet may be lost: they could not be read."));
    return g_string_free(g_steal_pointer(&told), FALSE);
}

/* FALSE: there is none, or it is of no use. */
static gboolean plan_read(const char *path, Plan *plan)
{
    g_autofree char *mark = g_strconcat(path, STORE_DAMAGE_MARK, NULL),
                    *begin = g_strconcat(path, ASIDE, NULL), *rescued = g_strconcat(path, RESCUED, NULL);
    g_autofree char *text = file_read(mark, LIMIT_DAMAGE_PLAN_BYTES, NULL, NULL);
    g_auto(GStrv) lines = text ? g_strsplit(text, "\n", 3) : NULL;

    if (!lines || g_strv_length(lines) < 3 || !g_str_has_prefix(lines[0], begin) ||
        strchr(lines[0] + strlen(begin), '/'))
        return FALSE;
    /* Somebody took the new file away, but not the old one. */
    if (!is_there(rescued) && is_there(path) && !is_there(lines[0]))
        return FALSE;
    *plan = (Plan){g_strdup(lines[0]), g_strdup(lines[1])};
    return TRUE;
}

static gboolean plan_write(const char *path, const Plan *plan, GError **error)
{
    g_autofree char *mark = g_strconcat(path, STORE_DAMAGE_MARK, NULL), *folder = g_path_get_dirname(path);
    g_autofree char *text = g_strdup_printf("%s\n%s\n", plan->aside, plan->told);

    return file_sync_folder(folder, error) && file_write_atomic(mark, text, strlen(text), error);
}

/* ---- making the new file ---- */

/* The old file with all that can be read of its log, under another name, in *seen_out; its own where it can
 * have no other (no links there). FALSE and STORE: the mended log cannot be written. */
static gboolean see_whole(const char *path, char **seen_out, gboolean *is_log_whole_out, GError **error)
{
    g_autofree char *seen = g_strconcat(path, SEEN, NULL), *log = g_strconcat(path, "-wal", NULL),
                    *mended = g_strconcat(seen, "-wal", NULL);

    remove_parts(path, SEEN);
    if (link(path, seen) != 0) {
        *seen_out = g_strdup(path);
        return TRUE;
    }
    *seen_out = g_steal_pointer(&seen);
    return !is_there(log) || store_wal_mend(log, mended, is_log_whole_out, error);
}

static gboolean rescue_into(const char *path, const char *rescued_path, StoreRescued *rescued, GError **error)
{
    g_autofree char *seen = NULL, *log = g_strconcat(path, "-wal", NULL);
    gboolean is_log_whole = TRUE;
    StorePromise promise;

    store_promise_read(path, &promise);
    const gboolean is_done = schema_make(rescued_path, error) &&
                             see_whole(path, &seen, &is_log_whole, error) &&
                             store_rescue(seen, rescued_path, rescued, error);
    if (!is_log_whole || store_wal_is_cut(log, &promise.log) || rescued->last_entry < promise.last_entry)
        rescued->is_whole = FALSE;
    remove_parts(path, SEEN);
    return is_done;
}

/* The new file, whole and durable, and the plan. FALSE with neither. */
static gboolean prepare(const char *path, Plan *plan, GError **error)
{
    g_autofree char *rescued_path = g_strconcat(path, RESCUED, NULL);
    g_auto(StoreRescued) rescued = {0};

    remove_parts(path, RESCUED);
    if (!rescue_into(path, rescued_path, &rescued, error))
        return FALSE;
    plan->aside = aside_name(path);
    plan->told = store_damage_tell(plan->aside, &rescued);
    return plan_write(path, plan, error);
}

/* ---- putting it in place ---- */

static gboolean rename_file(const char *from, const char *to, GError **error)
{
    if (rename(from, to) == 0 || errno == ENOENT)
        return TRUE;
    tern_error_set_errno(error, TERN_ERROR_STORE, errno, _("the damaged mail store %s cannot be set aside"),
                         from);
    return FALSE;
}

static gboolean set_aside(const char *path, const char *aside, GError **error)
{
    for (guint i = G_N_ELEMENTS(PARTS); i > 0; i--) {
        g_autofree char *from = g_strconcat(path, PARTS[i - 1], NULL),
                        *to = g_strconcat(aside, PARTS[i - 1], NULL);
        if (!rename_file(from, to, error))
            return FALSE;
    }
    return TRUE;
}

/* As long as the new file has its first name, what stands at `path` is the old one. */
static gboolean carry_out(const char *path, const Plan *plan, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path), *rescued = g_strconcat(path, RESCUED, NULL);
    const StorePromise nothing = {0};

    if (!is_there(rescued))
        return TRUE;
    if (!set_aside(path, plan->aside, error) || !file_sync_folder(folder, error))
        return FALSE;
    store_promise_write(path, &nothing);
    return rename_file(rescued, path, error) && file_sync_folder(folder, error);
}

static void remove_mark(const char *path)
{
    g_autofree char *mark = g_strconcat(path, STORE_DAMAGE_MARK, NULL), *folder = g_path_get_dirname(path);

    remove_parts(path, SEEN);
    remove_parts(path, RESCUED);
    unlink(mark);
    file_sync_folder(folder, NULL);
}

gboolean store_damage_repair(const char *path, char **told_out, GError **error)
{
    g_auto(Plan) plan = {0};

    g_clear_pointer(told_out, g_free);
    store_damage_note(path);
    if (!plan_read(path, &plan)) {
        /* Somebody has taken the file away: there is nothing to set aside. */
        if (!is_there(path)) {
            remove_mark(path);
            return TRUE;
        }
        if (!prepare(path, &plan, error))
            return FALSE;
    }
    if (!carry_out(path, &plan, error))
        return FALSE;
    remove_mark(path);
    *told_out = g_steal_pointer(&plan.told);
    return TRUE;
}
