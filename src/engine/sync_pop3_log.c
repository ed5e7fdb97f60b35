/* sync_pop3_log.c - see sync_pop3_private.h: whose log of UIDLs a visit has, and the question of the first one.
 *
 *      the log is of     of what LIST has, it knows by UIDL and size     the visit has
 *      this mailbox      –                                               the log
 *      another one       half or more, and more than the one that was    the log, all of it in doubt; as it was it is
 *                        put aside for this mailbox                      put aside for the other one, too
 *                        less                                            the one that was put aside, or a new one
 */
#include "engine/sync_pop3_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "engine/mailbox.h"
#include "maildir/folders.h"
#include "maildir/maildir.h"

#include <poll.h>

/* Between two tries for the log, and how long an answer waits for it. */
#define LOG_POLL_MS 100
#define LOG_US (60 * SECOND_US)

char *sync_pop3_log_path(const ConfigAccount *account, const Paths *paths)
{
    return g_build_filename(paths->data, "uidl", account->id, NULL);
}

/* ---- whose it is ---- */

/* Of what the mailbox has. */
static guint count_known(const UidlLog *log, const Pop3List *list)
{
    guint known = 0;

    for (guint i = 0; i < list->n; i++) {
        const Pop3Message *message = &list->messages[i];
        const UidlEntry *entry = message->uidl ? uidl_log_find(log, message->uidl) : NULL;
        known += entry && !entry->is_doubtful && entry->size_bytes == (int64_t)message->octets;
    }
    return known;
}

/* A provider's new name for the same mailbox: what is there is for the most part what was, and is better
 * known here than in the log that was put aside for it. That opens no message to deletion and hides none: each
 * is looked at before it counts as known (uidl_log_adopt()). */
static gboolean is_likely_the_same(const UidlLog *log, const UidlLog *aside, const Pop3List *list)
{
    const guint known = count_known(log, list);

    return known > 0 && known >= list->n - known && (!aside || known > count_known(aside, list));
}

/* The bases of all files, in a set. NULL and STORE. */
static GHashTable *list_files(const char *root, GError **error)
{
    g_autoptr(GHashTable) bases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) folders = maildir_folders(root, error);

    for (guint i = 0; folders && i < folders->len; i++) {
        g_autoptr(MaildirFolder) folder = maildir_open(root, folders->pdata[i], error);
        const GPtrArray *files = folder ? maildir_list(folder, error) : NULL;
        if (!files)
            return NULL;
        for (guint k = 0; k < files->len; k++)
            g_hash_table_add(bases, g_strdup(((const MaildirFile *)files->pdata[k])->base));
    }
    return folders ? g_steal_pointer(&bases) : NULL;
}

static UidlLog *find_own(const SyncPop3 *sync, UidlLog *taken, const char *mailbox, const Pop3List *list,
                         GError **error)
{
    g_autoptr(UidlLog) log = taken, aside = NULL;

    if (!uidl_log_is_of(log, mailbox) && !uidl_log_read_aside(log, mailbox, &aside, error))
        return NULL;
    if (uidl_log_is_of(log, mailbox) || !is_likely_the_same(log, aside, list))
        return uidl_log_turn_to(g_steal_pointer(&log), mailbox, error);
    g_autoptr(GHashTable) here = list_files(sync->root, error);
    return here && uidl_log_adopt(log, mailbox, here, error) ? g_steal_pointer(&log) : NULL;
}

/* ---- what is decided ---- */

/* Of a mailbox that has no log in its place yet the answer stands in the one that is there. */
static char *answer_for(const UidlLog *log, const char *mailbox)
{
    return uidl_log_is_of(log, mailbox) ? g_strdup(SYNC_POP3_MAY_DELETE)
                                        : g_strdup_printf("%s %s", SYNC_POP3_MAY_DELETE, mailbox);
}

static gboolean decide(UidlLog *log, const char *word, GError **error)
{
    uidl_log_decide(log, word);
    return uidl_log_sync(log, error);
}

UidlLog *sync_pop3_own_log(const SyncPop3 *sync, UidlLog *taken, const Pop3List *list, GError **error)
{
    g_autofree char *mailbox = mailbox_name(sync->account), *answer = answer_for(taken, mailbox);
    const gboolean is_answered = uidl_log_is_decided(taken, answer);
    g_autoptr(UidlLog) log = find_own(sync, taken, mailbox, list, error);

    if (!log)
        return NULL;
    /* A mailbox that was empty at the first visit holds nothing that anybody could miss. */
    const gboolean was_empty = list->n == 0 && uidl_log_count(log) == 0;
    return (!is_answered && !was_empty) || decide(log, SYNC_POP3_MAY_DELETE, error) ? g_steal_pointer(&log)
                                                                                    : NULL;
}

gboolean sync_pop3_allow_deleting(const ConfigAccount *account, const Paths *paths, GError **error)
{
    const int64_t deadline_us = clock_now_us() + LOG_US;
    g_autofree char *path = sync_pop3_log_path(account, paths), *mailbox = mailbox_name(account);
    UidlLog *log = NULL;
    GError *failed = NULL;

    while (!(log = uidl_log_open(path, &failed)) && !failed && clock_now_us() < deadline_us)
        poll(NULL, 0, LOG_POLL_MS);
    if (!log && !failed)
        tern_error_set(&failed, TERN_ERROR_STORE, _("another tern is still fetching the mail of “%s”"),
                       account->id);
    g_autoptr(UidlLog) held = log;
    g_autofree char *answer = held ? answer_for(held, mailbox) : NULL;
    if (held)
        decide(held, answer, &failed);
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}
