/* sync_pop3.c - see sync_pop3.h. */
#include "engine/sync_pop3.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/pop3_keeper.h"
#include "engine/stubs.h"
#include "engine/sync_pop3_private.h"
#include "maildir/maildir.h"
#include "maildir/unwanted.h"

/* What takes longer is worth to have its headers first. */
#define PATIENCE_US (20 * SECOND_US)

void sync_pop3_result_clear(SyncPop3Result *result)
{
    g_clear_pointer(&result->stuck_uidl, g_free);
    pop3_outcome_clear(&result->outcome);
}

/* ---- policy ---- */

static Pop3Policy policy_of(const SyncPop3 *sync, const Pop3Session *session, const UidlLog *log)
{
    static const Pop3Keep KEEPS[] = {[CONFIG_SERVER_DELETE] = POP3_KEEP_NOT,
                                     [CONFIG_SERVER_KEEP] = POP3_KEEP_ALWAYS,
                                     [CONFIG_SERVER_DAYS] = POP3_KEEP_FOR,
                                     [CONFIG_SERVER_UNTIL_DELETED] = POP3_KEEP_UNTIL_DELETED};
    const ConfigServerKeep *keep = &sync->account->keep_on_server;

    return (Pop3Policy){.keep = KEEPS[keep->what],
                        .age_s = keep->age_s,
                        .max_octets = (uint64_t)sync->account->max_size_bytes,
                        .only_asked = sync->asked_for != NULL,
                        .now_s = clock_wall_s(),
                        .may_delete = uidl_log_is_decided(log, SYNC_POP3_MAY_DELETE),
                        .can_top = pop3_session_can(session, POP3_CAN_TOP),
                        .patience_us = pop3_session_can_look_ahead(session) ? PATIENCE_US : 0};
}

/* ---- what was deleted here ---- */

char *sync_pop3_unwanted_path(const ConfigAccount *account, const Paths *paths)
{
    g_autofree char *name = g_strdup_printf("%s.unwanted", account->id);

    return g_build_filename(paths->data, "uidl", name, NULL);
}

typedef struct {
    UidlLog *log;
    const char *path; /* of it */
} Taker;

/* The list is of the account, whose folders may hold mail of several mailboxes. */
static gboolean take_unwanted(const GPtrArray *bases, void *data, GError **error)
{
    const Taker *taker = data;

    for (guint i = 0; i < bases->len; i++)
        uidl_log_unwanted_base(taker->log, bases->pdata[i]);
    return uidl_log_sync(taker->log, error) && uidl_aside_unwanted(taker->path, bases, error);
}

/* Deleted for good, or in the Trash, from where it may come back: it is here in any case. */
static gboolean learn_deletions(const SyncPop3 *sync, UidlLog *log, GError **error)
{
    g_autofree char *path = sync_pop3_unwanted_path(sync->account, sync->paths),
                    *of_log = sync_pop3_log_path(sync->account, sync->paths);
    Taker taker = {log, of_log};

    if (!unwanted_take(path, take_unwanted, &taker, error))
        return FALSE;
    if (!sync->raw_trash || sync->account->keep_on_server.what != CONFIG_SERVER_UNTIL_DELETED)
        return TRUE;
    g_autoptr(MaildirFolder) trash = maildir_open(sync->root, sync->raw_trash, error);
    const GPtrArray *files = trash ? maildir_list(trash, error) : NULL;
    for (guint i = 0; files && i < files->len; i++)
        uidl_log_unwanted_base(log, ((const MaildirFile *)files->pdata[i])->base);
    return files && uidl_log_sync(log, error);
}

/* ---- a visit ---- */

static gboolean download(const SyncPop3 *sync, Pop3Session *session, UidlLog *log, Keeper *keeper,
                         Pop3List *list, SyncPop3Result *result, GError **error)
{
    const Pop3Policy policy = policy_of(sync, session, log);
    g_autoptr(GArray) known = keeper_known(log, sync->asked_for);
    g_autoptr(Pop3Plan) plan = pop3_plan_new(list, (Pop3Known *)(gpointer)known->data, known->len, &policy);
    const Pop3Keeper as_pop3 = keeper_as_pop3(keeper, sync->progress);
    const char *stuck;

    if (sync->stuck_uidl)
        pop3_plan_postpone(plan, sync->stuck_uidl);
    const gboolean ok = pop3_download(session, plan, &as_pop3, &result->outcome, &stuck, error);
    result->stuck_uidl = g_strdup(stuck);
    return ok;
}

/* Takes the list. */
static gboolean visit(const SyncPop3 *sync, Pop3Session *session, UidlLog *log, Pop3List **list,
                      SyncPop3Result *result, GError **error)
{
    g_autofree char *stubs = stubs_root(sync->account->id, sync->paths);
    const KeeperOwner owner = {sync->arrived, sync->show, sync->begin, sync->end, sync->data};
    g_autofree char *marks = uidl_log_marks(log, sync->account->id);
    g_autoptr(Keeper) keeper = keeper_new(marks, sync->root, stubs, log, &owner, error);

    if (!keeper)
        return FALSE;
    keeper_sweep(keeper);
    return keeper_recover_stubs(keeper, error) && keeper_recover(keeper, *list, error) &&
           learn_deletions(sync, log, error) &&
           download(sync, session, log, keeper, g_steal_pointer(list), result, error);
}

gboolean sync_pop3(const SyncPop3 *sync, Pop3Session *session, SyncPop3Result *result_out, GError **error)
{
    g_autofree char *path = sync_pop3_log_path(sync->account, sync->paths);
    GError *failed = NULL;
    g_autoptr(UidlLog) log = uidl_log_open(path, &failed);

    *result_out = (SyncPop3Result){.expire_days = pop3_session_expire_days(session)};
    result_out->is_done_elsewhere = !log && !failed;
    if (failed)
        g_propagate_error(error, failed);
    if (!log)
        return result_out->is_done_elsewhere && pop3_quit(session, error);
    g_autoptr(Pop3List) list = pop3_survey(session, error);
    if (!list || !(log = sync_pop3_own_log(sync, g_steal_pointer(&log), list, error)))
        return FALSE;
    return visit(sync, session, log, &list, result_out, error);
}

/* ---- what people should know ---- */

static const char *const REASONS[POP3_N_STAYS] = {
    [POP3_STAYS_SIZE] = N_("the size there is not that of what came here"),
    [POP3_STAYS_AMBIGUOUS] = N_("the same UIDL stands on several"),
    [POP3_STAYS_NAMELESS] = N_("the server gives no UIDL"),
    [POP3_STAYS_UNSEEN] = N_("no comparison with what is here was possible"),
    [POP3_STAYS_SHORT] = N_("the server sent less than it had announced"),
    [POP3_STAYS_TWICE] = N_("what came is another one's text; the next visit compares them"),
    [POP3_STAYS_LARGE] =
        N_("larger than max-size in the configuration, and the server gives no headers alone"),
    [POP3_STAYS_HUGE] = N_("too large to be fetched"),
};

char *sync_pop3_notice(const ConfigAccount *account, const SyncPop3Result *result)
{
    const Pop3Outcome *outcome = &result->outcome;
    g_autoptr(GString) text = g_string_new(NULL);

    if (result->is_done_elsewhere)
        g_string_append(text, _("another tern is fetching this mail just now"));
    if (outcome->withheld > 0)
        g_string_append_printf(
            text,
            ngettext_(
                "%u message is here now and was also left on the server. tern sync --yes %s, or D on the "
                "screen, deletes from there, now and from now on, what is safe here; keep-on-server = yes "
                "leaves it "
                "there",
                "%u messages are here now and were also left on the server. tern sync --yes %s, or D on the "
                "screen, deletes from there, now and from now on, what is safe here; keep-on-server = yes "
                "leaves it "
                "there",
                outcome->withheld),
            outcome->withheld, account->id);
    if (outcome->stubs > 0)
        g_string_append_printf(
            text,
            ngettext_(
                "%s%u message is larger than max-size: only its header is here, and it stays on the server "
                "until it is fetched whole, by w on the screen or by tern show",
                "%s%u messages are larger than max-size: only their headers are here, and they stay on the "
                "server until they are fetched whole, by w on the screen or by tern show",
                outcome->stubs),
            text->len ? ". " : "", outcome->stubs);
    if (result->expire_days >= 0 && account->keep_on_server.what != CONFIG_SERVER_DELETE)
        g_string_append_printf(
            text,
            ngettext_("%sthe server itself deletes mail that was fetched after %d day, whatever "
                      "keep-on-server says",
                      "%sthe server itself deletes mail that was fetched after %d days, whatever "
                      "keep-on-server says",
                      result->expire_days),
            text->len ? ". " : "", result->expire_days);
    for (Pop3Stays why = 0; why < POP3_N_STAYS; why++)
        if (REASONS[why] && outcome->stays[why] > 0)
            g_string_append_printf(text,
                                   ngettext_("%s%u message stays on the server: %s",
                                             "%s%u messages stay on the server: %s", outcome->stays[why]),
                                   text->len ? ". " : "", outcome->stays[why], _(REASONS[why]));
    return text->len ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

gboolean sync_pop3_check(const SyncPop3Result *result, GError **error)
{
    const Pop3Outcome *outcome = &result->outcome;
    const guint not_given = outcome->stays[POP3_STAYS_REFUSED],
                not_deleted = outcome->stays[POP3_STAYS_UNDELETED];
    g_autoptr(GString) text = g_string_new(NULL);

    if (not_given > 0)
        g_string_append_printf(text,
                               ngettext_("%u message could not be fetched, and stays on the server: %s",
                                         "%u messages could not be fetched, and stay on the server: %s",
                                         not_given),
                               not_given, outcome->not_given);
    if (not_deleted > 0)
        g_string_append_printf(
            text,
            ngettext_("%s%u message is here now and could not be deleted on the server: %s",
                      "%s%u messages are here now and could not be deleted on the server: %s", not_deleted),
            text->len ? ". " : "", not_deleted, outcome->not_deleted);
    if (!text->len)
        return TRUE;
    tern_error_set(error, TERN_ERROR_REFUSED, _("%s. The next visit tries again"), text->str);
    return FALSE;
}
