/* play_imap.c - see play_imap.h. */
#include "engine/play_imap.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/link.h"
#include "engine/play_private.h"
#include "engine/play_refused.h"
#include "imap/search.h"

/* Entries that are read, and so merged, at once. */
#define ENTRIES_AT_ONCE 5000
/* Of reading what is due and playing it: a server whose UIDs change each time is left for the next time. */
#define ROUNDS 200

/* ---- what became of entries ---- */

typedef enum {
    END_DONE,
    END_ARRIVED,
    END_COPIED,
    END_DONE_FOLDER,
    END_REFUSED,
    END_LATER,
    END_UNFETCHED,
    END_LEFT,
    END_GONE
} EndKind;

typedef struct {
    EndKind kind;
    int64_t entry, not_before_s, old_folder, bytes;
    uint32_t uid, old_uid;
    char delimiter;
    gboolean was_there; /* of a folder that was to be made */
    char *text;         /* why, or a raw name */
} End;

struct PlayEnd {
    GArray *ends;       /* End */
    GPtrArray *told;    /* char *: sentences for people, each once */
    GPtrArray *refused; /* PlayRefused * */
};

static void clear_end(void *data)
{
    g_free(((End *)data)->text);
}

PlayEnd *play_end_new(void)
{
    PlayEnd *end = g_new0(PlayEnd, 1);

    end->ends = g_array_new(FALSE, FALSE, sizeof(End));
    g_array_set_clear_func(end->ends, clear_end);
    end->told = g_ptr_array_new_with_free_func(g_free);
    end->refused = play_refused_new();
    return end;
}

static void add_end(PlayEnd *end, End one)
{
    g_array_append_val(end->ends, one);
}

void play_end_done(PlayEnd *end, const StoreEntry *entry, uint32_t uid)
{
    add_end(end, (End){.kind = END_DONE, .entry = entry->id, .uid = uid});
}

void play_end_arrived(PlayEnd *end, const StoreEntry *entry, uint32_t uid, int64_t bytes)
{
    add_end(end, (End){.kind = END_ARRIVED, .entry = entry->id, .uid = uid, .bytes = bytes});
}

void play_end_copied(PlayEnd *end, const StoreEntry *entry, uint32_t uid)
{
    add_end(end, (End){.kind = END_COPIED, .entry = entry->id, .uid = uid});
}

void play_end_done_folder(PlayEnd *end, const StoreEntry *entry, const char *raw_name, char delimiter,
                          gboolean was_there)
{
    add_end(end, (End){.kind = END_DONE_FOLDER,
                       .entry = entry->id,
                       .delimiter = delimiter,
                       .was_there = was_there,
                       .text = g_strdup(raw_name)});
}

void play_end_later(PlayEnd *end, const StoreEntry *entry, const char *why)
{
    add_end(end, (End){.kind = END_LATER,
                       .entry = entry->id,
                       .not_before_s = across_later_s(entry->tries),
                       .text = g_strdup(why)});
}

void play_end_kept(PlayEnd *end, const StoreEntry *entry, const char *why)
{
    add_end(end, (End){.kind = END_REFUSED, .entry = entry->id, .text = g_strdup(why)});
    play_end_tell(end, g_strdup(why));
}

void play_end_unfetched(PlayEnd *end, const StoreEntry *entry)
{
    const char *why = _("the text of a message could not be fetched, so it stays where it is");

    if (entry->tries + 1 >= ACROSS_TRIES)
        play_end_kept(end, entry, why);
    else
        add_end(end, (End){.kind = END_UNFETCHED,
                           .entry = entry->id,
                           .not_before_s = across_later_s(entry->tries),
                           .text = g_strdup(why)});
}

void play_end_again(PlayEnd *end, const StoreEntry *entry)
{
    add_end(end, (End){.kind = END_LATER, .entry = entry->id});
}

void play_end_gone(PlayEnd *end, const StoreEntry *entry)
{
    const gboolean was_sent = play_is_recovered(entry);

    if (entry->verb == STORE_VERB_MOVE || entry->verb == STORE_VERB_COPY || entry->verb == STORE_VERB_FETCH)
        play_end_tell(end,
                      g_strdup(_("a message that was to be moved or copied is not on the server any more")));
    add_end(end, (End){.kind = END_GONE,
                       .entry = entry->id,
                       .old_folder = was_sent ? entry->old_folder : entry->server_folder,
                       .old_uid = was_sent ? entry->old_uid : entry->uid});
}

void play_end_left(PlayEnd *end, const Play *play, const StoreEntry *entry)
{
    if (!entry->message_id) {
        play_refused_note(end->refused, play->with->reader, entry,
                          _("the message is not on the server any more"));
        play_end_gone(end, entry);
        return;
    }
    g_autoptr(StoreMessage) message =
        entry->message ? store_read_message(play->with->reader, entry->message, NULL) : NULL;
    if (message && message->folder_id != entry->server_folder) /* its move was to be played next */
        play_end_tell(end,
                      g_strdup(_("a message that was to be moved or copied is not on the server any more")));
    add_end(end, (End){.kind = END_LEFT, .old_folder = entry->server_folder, .old_uid = entry->uid});
}

/* A move that was only on the way: another one, which is played next, has taken the message elsewhere since.
 * Where it is shown is not where this one would have put it. */
static gboolean has_moved_on(const Play *play, const StoreEntry *entry)
{
    if (entry->verb != STORE_VERB_MOVE || !entry->message)
        return FALSE;
    g_autoptr(StoreMessage) message = store_read_message(play->with->reader, entry->message, NULL);
    return message && message->folder_id != entry->folder;
}

void play_end_refused(PlayEnd *end, const Play *play, const StoreEntry *entry, const GError *failed)
{
    if (across_is_saved(entry)) {
        play_end_later(end, entry, failed->message);
        play_end_tell(
            end, g_strdup_printf(_("a message that is nowhere else cannot be put into “%s”, which is tried "
                                   "again: %s"),
                                 entry->folder_name ? entry->folder_name : "", failed->message));
        return;
    }
    if (tern_error_is(failed, TERN_ERROR_REFUSED) && imap_session_refusal_may_pass(play->with->session)) {
        play_end_later(end, entry, failed->message);
        return;
    }
    add_end(end, (End){.kind = END_REFUSED, .entry = entry->id, .text = g_strdup(failed->message)});
    if (!has_moved_on(play, entry)) /* nothing of it is to be seen */
        play_refused_note(end->refused, play->with->reader, entry, failed->message);
}

void play_end_tell(PlayEnd *end, char *sentence)
{
    if (g_ptr_array_find_with_equal_func(end->told, sentence, g_str_equal, NULL))
        g_free(sentence);
    else
        g_ptr_array_add(end->told, sentence);
}

/* Back to where it stood, and gone from there. */
static gboolean end_gone(StoreTxn *txn, const End *end, GError **error)
{
    return store_journal_refused(txn, end->entry, _("the message is not on the server any more"), error) &&
           (!end->old_uid || store_txn_expunge(txn, end->old_folder, &end->old_uid, 1, NULL, error));
}

static gboolean end_one(StoreTxn *txn, const End *end, GError **error)
{
    switch (end->kind) {
    case END_DONE:
        return store_journal_done(txn, end->entry, end->uid, error);
    case END_ARRIVED:
        return store_journal_set_size(txn, end->entry, end->bytes, error) &&
               store_journal_done(txn, end->entry, end->uid, error);
    case END_UNFETCHED:
        return store_journal_fetch_again(txn, end->entry, end->not_before_s, error) &&
               store_journal_later(txn, end->entry, end->text, end->not_before_s, error);
    case END_COPIED:
        return store_journal_left_behind(txn, end->entry, error) &&
               store_journal_done(txn, end->entry, end->uid, error);
    case END_DONE_FOLDER:
        return (!end->was_there || store_journal_was_there(txn, end->entry, error)) &&
               store_journal_done_folder(txn, end->entry, end->text, end->delimiter, error);
    case END_REFUSED:
        return store_journal_refused(txn, end->entry, end->text, error);
    case END_LATER:
        return store_journal_later(txn, end->entry, end->text, end->not_before_s, error);
    case END_LEFT:
        return store_txn_expunge(txn, end->old_folder, &end->old_uid, 1, NULL, error);
    case END_GONE:
        return end_gone(txn, end, error);
    }
    return TRUE;
}

static gboolean end_all(StoreTxn *txn, void *data, GError **error)
{
    const PlayEnd *end = data;

    for (guint i = 0; i < end->ends->len; i++) {
        if (!end_one(txn, &g_array_index(end->ends, End, i), error))
            return FALSE;
    }
    return TRUE;
}

gboolean play_end_commit(PlayEnd *end, const Play *play, GError **error)
{
    const gboolean ok =
        !end->ends->len || store_run(play->with->store, STORE_LANE_USER, TRUE, end_all, end, error);

    for (guint i = 0; i < end->refused->len; i++)
        play_end_tell(end, play_refused_sentence(end->refused->pdata[i]));
    for (guint i = 0; ok && i < end->told->len; i++)
        play->with->refused(end->told->pdata[i], play->with->data);
    g_array_unref(end->ends);
    g_ptr_array_unref(end->refused);
    g_ptr_array_unref(end->told);
    g_free(end);
    return ok;
}

/* ---- what all kinds need ---- */

gboolean play_select(Play *play, int64_t folder_id, const char *raw_name, gboolean *is_renewed_out,
                     GError **error)
{
    const PlayImap *with = play->with;
    ImapSelected selected;

    if (!with->checkpoint(with->data, error))
        return FALSE;
    /* A sync within the checkpoint may have opened it anew, for reading only. */
    if (play->selected && g_str_equal(play->selected, raw_name) &&
        !g_strcmp0(imap_session_selected(with->session), raw_name) &&
        !imap_session_is_read_only(with->session))
        return TRUE;
    g_clear_pointer(&play->selected, g_free);
    g_autoptr(StoreFolder) folder = store_read_folder_by_id(with->reader, folder_id, error);
    if (!folder || !imap_select(with->session, raw_name, FALSE, &selected, error)) {
        if (!folder && error && !*error)
            tern_error_set(error, TERN_ERROR_INPUT, _("the folder is not there any more"));
        return FALSE;
    }
    if (selected.uid_validity != folder->sync.uid_validity) {
        *is_renewed_out = TRUE;
        return with->sync(folder_id, with->data, error);
    }
    play->selected = g_strdup(raw_name);
    return TRUE;
}

/* ---- the loop ---- */

static gboolean is_about_flags(const StoreEntry *entry)
{
    return entry->verb == STORE_VERB_FLAGS || entry->verb == STORE_VERB_KEYWORD;
}

/* Whether an entry can be played together with the first of a run. */
static gboolean belongs_to(const StoreEntry *first, const StoreEntry *entry)
{
    if (is_about_flags(first))
        return is_about_flags(entry);
    return entry->verb == first->verb && entry->state == first->state && entry->message &&
           entry->is_across == first->is_across &&
           (entry->server_folder == first->server_folder || first->is_across) &&
           (entry->folder == first->folder || first->verb == STORE_VERB_EXPUNGE);
}

/* What cannot be sent yet: its row is gone, or waits for a UID, which a sync of its folder brings. */
typedef struct {
    GPtrArray *entries;   /* StoreEntry *, borrowed: what can be played */
    GHashTable *stuck;    /* rows, in a set: what comes later for them waits too */
    GHashTable *unsynced; /* folders, in a set: to be synced for that */
} Sorted;

static void add_number(GHashTable *set, int64_t number)
{
    if (number)
        g_hash_table_add(set, g_memdup2(&number, sizeof number));
}

static gboolean is_transfer(const StoreEntry *entry)
{
    return entry->verb == STORE_VERB_MOVE || entry->verb == STORE_VERB_COPY;
}

static gboolean is_there_already(const StoreEntry *entry)
{
    return entry->verb == STORE_VERB_MOVE && !play_is_recovered(entry) && !entry->is_across && entry->uid &&
           entry->server_folder == entry->folder;
}

static void sort_entry(Sorted *sorted, PlayEnd *end, StoreEntry *entry)
{
    const gboolean is_sent = play_is_recovered(entry);

    if (entry->is_across && !is_transfer(entry)) { /* after the move that brings it here */
        if (entry->verb == STORE_VERB_FETCH)
            play_end_done(end, entry, 0);
        add_number(sorted->stuck, entry->message);
    } else if (entry->message && (!entry->server_folder || (!entry->server_raw && !is_sent))) {
        play_end_gone(end, entry);
    } else if (g_hash_table_contains(sorted->stuck, &entry->message) && entry->message) {
        return;
    } else if (is_there_already(entry)) {
        play_end_done(end, entry, entry->uid); /* another client was quicker, and the row has followed */
    } else if (entry->message && !entry->uid && !is_sent && !entry->is_across &&
               entry->verb != STORE_VERB_APPEND) {
        add_number(sorted->stuck, entry->message);
        add_number(sorted->unsynced, entry->server_folder);
    } else {
        g_ptr_array_add(sorted->entries, entry);
        /* A row that moves has no UID before its move is settled; and a copy that was lost is made again
         * before anything else is done to the message. */
        if (entry->verb == STORE_VERB_MOVE || entry->verb == STORE_VERB_APPEND || is_sent)
            add_number(sorted->stuck, entry->message);
        if (entry->verb == STORE_VERB_COPY)
            add_number(sorted->stuck, entry->copy);
    }
}

static gboolean play_run(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error)
{
    const StoreEntry *first = run->entries[0];

    if (play_is_recovered(first))
        return play_recover(play, first, error);
    switch (first->verb) {
    case STORE_VERB_FLAGS:
    case STORE_VERB_KEYWORD:
        return play_flags(play, run, is_renewed_out, error);
    case STORE_VERB_MOVE:
    case STORE_VERB_COPY:
        return first->is_across ? play_append(play, run, is_renewed_out, error)
                                : play_transfer(play, run, is_renewed_out, error);
    case STORE_VERB_APPEND:
        return play_append(play, run, is_renewed_out, error);
    case STORE_VERB_FETCH:
        return play_fetch(play, run, is_renewed_out, error);
    case STORE_VERB_EXPUNGE:
        return play_expunge(play, run, is_renewed_out, error);
    default:
        *is_renewed_out = TRUE; /* what follows may name the folder by another name than before */
        return play_folder(play, first, error);
    }
}

/* How many entries from the first on are played together. A message that is copied twice to one folder is so
 * by two commands: a set of UIDs names it once. */
static guint run_length(StoreEntry *const *first, guint n_entries)
{
    g_autoptr(GHashTable) copied = g_hash_table_new(NULL, NULL);
    const gboolean is_copy = (*first)->verb == STORE_VERB_COPY && !(*first)->is_across;
    guint n = 1;

    if (!(*first)->message || play_is_recovered(*first))
        return 1;
    for (; n < n_entries && belongs_to(*first, first[n]); n++) {
        if (!is_copy)
            continue;
        g_hash_table_add(copied, GUINT_TO_POINTER(first[n - 1]->uid));
        if (g_hash_table_contains(copied, GUINT_TO_POINTER(first[n]->uid)))
            break;
    }
    return n;
}

static gboolean play_sorted(Play *play, const GPtrArray *entries, GError **error)
{
    gboolean is_renewed = FALSE;

    for (guint at = 0, n; at < entries->len && !is_renewed; at += n) {
        StoreEntry *const *first = (StoreEntry *const *)&entries->pdata[at];
        n = run_length(first, entries->len - at);
        if (!play_run(play, &(PlayRun){first, n}, &is_renewed, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean sync_unsynced(const Play *play, GHashTable *folders, GError **error)
{
    GHashTableIter iter;
    void *folder;

    g_hash_table_iter_init(&iter, folders);
    while (g_hash_table_iter_next(&iter, &folder, NULL)) {
        if (!play->with->sync(*(int64_t *)folder, play->with->data, error))
            return FALSE;
    }
    return TRUE;
}

/* Plays what is due now. *may_sync: whether rows that wait for a UID may be looked for; not twice without
 * anything played in between. */
static gboolean play_due(Play *play, gboolean *may_sync, gboolean *has_played_out, GError **error)
{
    g_autoptr(GPtrArray) due =
        store_read_journal_due(play->with->reader, play->with->account, ENTRIES_AT_ONCE, NULL, error);
    g_autoptr(GHashTable) stuck = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                          unsynced = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GPtrArray) entries = g_ptr_array_new();
    Sorted sorted = {entries, stuck, unsynced};

    if (!due)
        return FALSE;
    PlayEnd *end = play_end_new();
    for (guint i = 0; i < due->len; i++)
        sort_entry(&sorted, end, due->pdata[i]);
    *has_played_out = entries->len > 0;
    if (!play_end_commit(end, play, error) || !play_sorted(play, entries, error))
        return FALSE;
    if (entries->len)
        *may_sync = TRUE;
    if (entries->len || !g_hash_table_size(unsynced) || !*may_sync)
        return TRUE;
    *may_sync = FALSE;
    *has_played_out = TRUE; /* the sync may have brought the UIDs */
    g_clear_pointer(&play->selected, g_free);
    return sync_unsynced(play, unsynced, error);
}

gboolean play_imap(const PlayImap *with, GError **error)
{
    Play play = {.with = with};
    gboolean ok, has_played, may_sync = TRUE;
    int rounds = 0;

    do {
        has_played = FALSE;
        ok = play_due(&play, &may_sync, &has_played, error);
    } while (ok && has_played && ++rounds < ROUNDS);
    g_free(play.selected);
    return ok;
}
