/*
 * disk_play.c - see disk.h: the journal, played to folders on this disk.
 *
 *      due entries, in order ── done to files ── flushed, where messages went first ── settled in one durable job
 *
 * After a kill at any point the entries are due again, and each finds done what was done (maildir.h). A row
 * whose place has changed in this round is left for the next one, which reads where it is.
 */
#include "engine/across.h"
#include "engine/disk_box.h"
#include "engine/disk_folder.h"
#include "engine/sync_pop3.h"

#include "base/error.h"
#include "base/i18n.h"
#include "maildir/unwanted.h"
#include "store/files.h"
#include "store/journal.h"

/* Entries that are played, and so share their fsyncs, at once. */
#define ENTRIES_AT_ONCE 1000
#define ROUNDS 10000

typedef enum {
    END_DONE,
    END_MOVED,
    END_FOLDER,
    END_WAS_THERE,
    END_REFUSED,
    END_LATER,
    END_UNFETCHED,
    END_GONE
} EndKind;

/* What became of an entry. */
typedef struct {
    EndKind kind;
    const StoreEntry *entry;
    char *text; /* a name, or why */
} End;

typedef struct {
    Disk *disk;
    char *root;
    GHashTable *boxes;   /* raw name -> DiskBox * */
    GPtrArray *received; /* DiskBox * that messages went into, in that order; borrowed */
    GHashTable *moved;   /* rows, in a set: what comes later for them waits for the next round */
    GArray *ends;        /* End */
    Across *across;      /* messages of other accounts */
    GPtrArray *unwanted; /* char *: files that were deleted for good */
} Play;

static void clear_end(void *data)
{
    g_free(((End *)data)->text);
}

static void add_end(Play *play, EndKind kind, const StoreEntry *entry, const char *text)
{
    const End end = {kind, entry, g_strdup(text)};

    g_array_append_val(play->ends, end);
}

/* ---- settling ---- */

static gboolean end_moved(StoreTxn *txn, const StoreEntry *entry, const char *name, GError **error)
{
    uint32_t uid;

    return store_txn_take_uids(txn, entry->folder, 1, &uid, error) &&
           (entry->verb != STORE_VERB_MOVE || entry->is_across || /* there its file is still */
            store_txn_drop_file(txn, entry->server_folder, entry->uid, error)) &&
           store_journal_done(txn, entry->id, uid, error) &&
           store_txn_set_file(txn, entry->folder, uid, name, error);
}

/* Back to where it stood, and gone from there. */
static gboolean end_gone(StoreTxn *txn, const StoreEntry *entry, GError **error)
{
    const uint32_t uid = entry->uid;

    return store_journal_refused(txn, entry->id, _("the message is not in its folder any more"), error) &&
           (!uid || store_txn_expunge(txn, entry->server_folder, &uid, 1, NULL, error));
}

static gboolean end_one(StoreTxn *txn, const End *end, GError **error)
{
    const StoreEntry *entry = end->entry;

    switch (end->kind) {
    case END_DONE:
        return store_journal_done(txn, entry->id, 0, error);
    case END_MOVED:
        return end_moved(txn, entry, end->text, error);
    case END_WAS_THERE:
        if (!store_journal_was_there(txn, entry->id, error))
            return FALSE;
        /* fall through */
    case END_FOLDER:
        return store_journal_done_folder(txn, entry->id, end->text, '.', error);
    case END_REFUSED:
        return store_journal_refused(txn, entry->id, end->text, error);
    case END_LATER:
        return store_journal_later(txn, entry->id, end->text, across_later_s(entry->tries), error);
    case END_UNFETCHED:
        return store_journal_fetch_again(txn, entry->id, across_later_s(entry->tries), error) &&
               store_journal_later(txn, entry->id, end->text, across_later_s(entry->tries), error);
    case END_GONE:
        return end_gone(txn, entry, error);
    }
    return TRUE;
}

static gboolean end_all(StoreTxn *txn, void *data, GError **error)
{
    const GArray *ends = data;

    for (guint i = 0; i < ends->len; i++)
        if (!end_one(txn, &g_array_index(ends, End, i), error))
            return FALSE;
    return TRUE;
}

static void tell(const Play *play, const char *what, const char *why)
{
    g_autofree char *sentence = g_strdup_printf("%s: %s", what, why);

    if (play->disk->refused)
        play->disk->refused(sentence, play->disk->data);
}

/* Each reason once. */
static void tell_ends(const Play *play)
{
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < play->ends->len; i++) {
        const End *end = &g_array_index(play->ends, End, i);
        if ((end->kind != END_REFUSED && end->kind != END_LATER) || !g_hash_table_add(told, end->text))
            continue;
        if (end->kind == END_REFUSED)
            tell(play, _("taken back"), end->text);
        else if (!end->entry->tries)
            tell(play, _("tried again later"), end->text);
    }
}

static gboolean flush_boxes(const Play *play, GError **error)
{
    GHashTableIter iter;
    void *box;

    for (guint i = 0; i < play->received->len; i++) {
        DiskBox *to = play->received->pdata[i];
        if (!to->ops->flush(to->of, error))
            return FALSE;
    }
    g_hash_table_iter_init(&iter, play->boxes);
    while (g_hash_table_iter_next(&iter, NULL, &box))
        if (!((DiskBox *)box)->ops->flush(((DiskBox *)box)->of, error))
            return FALSE;
    return TRUE;
}

/* What could not be made durable was not done: it is due again, and finds itself done. */
static void put_off(Play *play, const GError *failed)
{
    for (guint i = 0; i < play->ends->len; i++) {
        End *end = &g_array_index(play->ends, End, i);
        if (end->kind == END_REFUSED || end->kind == END_LATER || end->kind == END_UNFETCHED)
            continue;
        end->kind = END_LATER;
        g_free(end->text);
        end->text = g_strdup(failed->message);
    }
}

/* What came by POP3 may be deleted on its server then, too. */
static gboolean note_unwanted(const Play *play, GError **error)
{
    const Disk *disk = play->disk;

    if (disk->account->incoming.protocol != CONFIG_POP3)
        return TRUE;
    g_autofree char *path = sync_pop3_unwanted_path(disk->account, disk->paths);
    return unwanted_add(path, play->unwanted, error);
}

static gboolean settle(Play *play, GError **error)
{
    g_autoptr(GError) failed = NULL;

    if (!flush_boxes(play, &failed) || !note_unwanted(play, &failed))
        put_off(play, failed);
    if (!store_run(play->disk->store, STORE_LANE_USER, TRUE, end_all, play->ends, error))
        return FALSE;
    for (guint i = 0; i < play->ends->len; i++) {
        const End *end = &g_array_index(play->ends, End, i);
        if (end->kind == END_MOVED)
            across_end(play->across, end->entry);
    }
    tell_ends(play);
    return TRUE;
}

/* ---- messages ---- */

static DiskBox *box_of(Play *play, const char *raw_name, GError **error)
{
    DiskBox *box = g_hash_table_lookup(play->boxes, raw_name);

    if (box)
        return box;
    box = disk_box_open(play->disk, raw_name, error);
    if (box)
        g_hash_table_insert(play->boxes, g_strdup(raw_name), box);
    return box;
}

static DiskBox *box_to(Play *play, const StoreEntry *entry, GError **error)
{
    DiskBox *box = box_of(play, entry->folder_raw, error);

    if (box && !g_ptr_array_find(play->received, box, NULL))
        g_ptr_array_add(play->received, box);
    return box;
}

/* The flags that its file has most likely, so that it is found without reading the folder. */
static uint32_t flags_of(const Play *play, const StoreEntry *entry)
{
    g_autoptr(GArray) rows =
        store_read_uids(play->disk->reader, entry->server_folder, entry->uid, entry->uid, NULL);

    return rows && rows->len ? g_array_index(rows, StoreUid, 0).flags : 0;
}

static int change_message(const StoreEntry *entry, DiskBox *box, const char *name, uint32_t like_flags,
                          GError **error)
{
    g_autoptr(GPtrArray) word = g_ptr_array_new();
    DiskChange change = {0};

    if (entry->verb == STORE_VERB_FLAGS) {
        change.set = entry->set;
        change.clear = entry->clear;
    } else {
        g_ptr_array_add(word, entry->name);
        change.add = entry->set ? word : NULL;
        change.remove = entry->set ? NULL : word;
    }
    return box->ops->change(box->of, name, like_flags, &change, error);
}

/* The same for this entry each time that it is played, and for no other. */
static char *mark_of(const StoreEntry *entry, const char *name)
{
    return g_strdup_printf("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s", name, entry->id, entry->copy,
                           entry->folder_raw);
}

static int transfer(Play *play, const StoreEntry *entry, DiskBox *from, const char *name, uint32_t like_flags,
                    char **name_out, GError **error)
{
    DiskBox *to = box_to(play, entry, error);
    g_autofree char *mark = mark_of(entry, name);

    if (!to)
        return -1;
    return entry->verb == STORE_VERB_MOVE ? disk_box_move(from, name, like_flags, to, mark, name_out, error)
                                          : disk_box_copy(from, name, like_flags, to, mark, name_out, error);
}

static void end_message(Play *play, const StoreEntry *entry, int done, const char *new_name,
                        const GError *failed)
{
    if (done < 0)
        add_end(play,
                tern_error_is(failed, TERN_ERROR_INPUT) && !across_is_saved(entry) ? END_REFUSED : END_LATER,
                entry, failed->message);
    else if (done == 0 && entry->verb != STORE_VERB_EXPUNGE)
        add_end(play, END_GONE, entry, NULL);
    else
        add_end(play, new_name ? END_MOVED : END_DONE, entry, new_name);
}

static void play_message(Play *play, const StoreEntry *entry)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *name =
        entry->uid ? store_read_file_name(play->disk->reader, entry->server_folder, entry->uid, &failed)
                   : NULL;
    g_autofree char *new_name = NULL;
    DiskBox *box = name ? box_of(play, entry->server_raw, &failed) : NULL;
    const uint32_t like_flags = box ? flags_of(play, entry) : 0;
    int done = failed ? -1 : 0;

    if (box && entry->verb == STORE_VERB_EXPUNGE)
        done = box->ops->remove(box->of, name, like_flags, &failed);
    else if (box && (entry->verb == STORE_VERB_FLAGS || entry->verb == STORE_VERB_KEYWORD))
        done = change_message(entry, box, name, like_flags, &failed);
    else if (box)
        done = transfer(play, entry, box, name, like_flags, &new_name, &failed);
    if (name && done >= 0 && entry->verb == STORE_VERB_EXPUNGE)
        g_ptr_array_add(play->unwanted, g_strdup(name));
    end_message(play, entry, done, done == 1 ? new_name : NULL, failed);
}

/* ---- from other accounts ---- */

/* Into this account's folder; what stands where it came from has an entry of its own then. 1, 0: its bytes
 * are not here, -1. */
static int take_over(Play *play, const StoreEntry *entry, char **name_out, GError **error)
{
    g_auto(AcrossMessage) message = {.fd = -1};
    const int found = across_open(play->across, entry, &message, error);
    DiskBox *to = found == 1 ? box_to(play, entry, error) : NULL;

    if (!to)
        return found == 1 ? -1 : found;
    g_autofree char *start = g_strdup_printf("%" G_GINT64_FORMAT, MAX(message.arrival_s, 0));
    g_autofree char *mark = mark_of(entry, start);
    return to->ops->take_in(to->of, message.fd, mark, message.flags, message.keywords, message.arrival_s,
                            name_out, error)
               ? 1
               : -1;
}

static void play_across(Play *play, const StoreEntry *entry)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *name = NULL;
    const int done = take_over(play, entry, &name, &failed);

    if (done != 0)
        end_message(play, entry, done, name, failed);
    else
        add_end(play, entry->tries + 1 < ACROSS_TRIES ? END_UNFETCHED : END_REFUSED, entry,
                _("the text of a message could not be fetched, so it stays where it is"));
}

/* ---- folders ---- */

static void play_folder(Play *play, const StoreEntry *entry)
{
    g_autoptr(GError) failed = NULL;
    g_autofree char *raw = NULL;
    gboolean was_there = FALSE;
    const gboolean is_known = entry->folder_raw && (*entry->folder_raw || entry->verb == STORE_VERB_CREATE);

    g_hash_table_remove_all(play->boxes); /* their paths may be others afterwards */
    g_ptr_array_set_size(play->received, 0);
    if (!is_known)
        add_end(play, END_REFUSED, entry, _("the folder is not there any more"));
    else if (!disk_change_folder(play->disk, entry, &raw, &was_there, &failed))
        add_end(play, tern_error_is(failed, TERN_ERROR_INPUT) ? END_REFUSED : END_LATER, entry,
                failed->message);
    else
        add_end(play, !raw ? END_DONE : was_there ? END_WAS_THERE : END_FOLDER, entry, raw);
}

/* ---- the loop ---- */

static void add_moved(Play *play, int64_t row)
{
    if (row)
        g_hash_table_add(play->moved, g_memdup2(&row, sizeof row));
}

static gboolean transfers(const StoreEntry *entry)
{
    return entry->verb == STORE_VERB_MOVE || entry->verb == STORE_VERB_COPY ||
           entry->verb == STORE_VERB_APPEND;
}

/* Whether the entry has to wait for what was done in this round. */
static gboolean has_to_wait(const Play *play, const StoreEntry *entry)
{
    const gboolean goes_to_new = transfers(entry) && entry->folder_raw && !*entry->folder_raw;

    return entry->message && (g_hash_table_contains(play->moved, &entry->message) || goes_to_new);
}

static void play_entry(Play *play, const StoreEntry *entry)
{
    if (has_to_wait(play, entry)) {
        add_moved(play, entry->message);
        add_moved(play, entry->copy);
        return;
    }
    if (!entry->message) {
        play_folder(play, entry);
        return;
    }
    if (entry->is_across && !transfers(entry) && entry->verb != STORE_VERB_FETCH) {
        add_moved(play, entry->message); /* after the move that brings it here */
        return;
    }
    if (entry->verb == STORE_VERB_FETCH) /* it is on this disk */
        add_end(play, END_DONE, entry, NULL);
    else if (!entry->server_folder)
        add_end(play, END_GONE, entry, NULL);
    else if (transfers(entry) && !entry->folder_raw)
        add_end(play, END_REFUSED, entry, _("the folder is not there any more"));
    else if (entry->is_across || entry->verb == STORE_VERB_APPEND)
        play_across(play, entry);
    else
        play_message(play, entry);
    if (transfers(entry) || entry->verb == STORE_VERB_EXPUNGE) {
        add_moved(play, entry->message);
        add_moved(play, entry->copy);
    }
}

/* Up to the first entry about a folder, which changes what names mean, and that one by itself. */
static guint stretch(const GPtrArray *due)
{
    guint n = 0;

    while (n < due->len && ((const StoreEntry *)due->pdata[n])->message)
        n++;
    return n ? n : MIN(due->len, 1);
}

static void free_box(void *box)
{
    disk_box_free(box);
}

static gboolean play_round(Disk *disk, const GPtrArray *due, guint n, gboolean *has_played_out,
                           GError **error)
{
    g_autoptr(GHashTable) boxes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_box);
    g_autoptr(GHashTable) moved = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GPtrArray) received = g_ptr_array_new();
    g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(End));
    g_autofree char *root = disk_root(disk->account, disk->paths);
    g_autoptr(GPtrArray) unwanted = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Across) across =
        across_new(disk->config, disk->paths, disk->store, disk->reader, ACROSS_LOCK_WAIT_US, disk->cancel);
    Play play = {disk, root, boxes, received, moved, ends, across, unwanted};

    g_array_set_clear_func(ends, clear_end);
    for (guint i = 0; i < n; i++)
        play_entry(&play, due->pdata[i]);
    across_release(across);
    *has_played_out = ends->len > 0;
    return settle(&play, error);
}

gboolean disk_play(Disk *disk, GError **error)
{
    g_autofree char *root = disk_root(disk->account, disk->paths);
    gboolean has_played = TRUE;

    for (int round = 0; has_played && round < ROUNDS; round++) {
        g_autoptr(GPtrArray) due =
            store_read_journal_due(disk->reader, disk->account->id, ENTRIES_AT_ONCE, NULL, error);
        if (!due)
            return FALSE;
        if (!due->len)
            return TRUE;
        /* While the Maildir is away (a disk that is not mounted) nothing is tried, and so nothing put off. */
        if ((disk->cancel && cancel_check(disk->cancel, error)) || !disk_make_root(disk, root, error) ||
            !play_round(disk, due, stretch(due), &has_played, error))
            return FALSE;
    }
    return TRUE;
}

gboolean disk_begin_played(Disk *disk, GError **error)
{
    if (!disk_begin(disk, DEADLINE_NONE, error))
        return FALSE;
    if (disk_play(disk, error))
        return TRUE;
    disk_end(disk);
    return FALSE;
}
