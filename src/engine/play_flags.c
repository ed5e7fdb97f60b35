/*
 * play_flags.c - flags and keywords of a stretch of the journal (play_imap.h).
 *
 * What several entries do to one message is summed up first; then messages of one folder with the same sum
 * share one STORE that sets and one that clears, and likewise for labels. A thousand \Seen are one command.
 *
 * Another client may have moved a message meanwhile: then its flags are changed where it is found again.
 */
#include "engine/play_private.h"

#include "base/error.h"
#include "base/i18n.h"
#include "engine/find.h"
#include "engine/link.h"
#include "imap/change.h"
#include "store/change.h"
#include "store/label.h"
#include "store/types.h"

#include <string.h>

static const struct {
    StoreFlag flag;
    const char *name;
} FLAGS[] = {{STORE_SEEN, "\\Seen"},
             {STORE_FLAGGED, "\\Flagged"},
             {STORE_ANSWERED, "\\Answered"},
             {STORE_DRAFT, "\\Draft"},
             {STORE_DELETED, "\\Deleted"}};

GPtrArray *play_flag_words(uint32_t flags, char *const *keywords)
{
    GPtrArray *words = g_ptr_array_new();

    for (guint i = 0; i < G_N_ELEMENTS(FLAGS); i++)
        if (flags & FLAGS[i].flag)
            g_ptr_array_add(words, (void *)FLAGS[i].name);
    for (; keywords && *keywords; keywords++)
        if (store_is_keyword(*keywords)) /* a file may say anything */
            g_ptr_array_add(words, *keywords);
    g_ptr_array_add(words, NULL);
    return words;
}

/* What is done to a message in the end. */
typedef struct {
    const StoreEntry *first; /* of its entries: where it stands */
    GTree *flags;            /* name -> "+" or "-" */
    GPtrArray *entries;
} Sum;

/* Messages of a folder to which the same is done. */
typedef struct {
    const StoreEntry *first;
    GPtrArray *set, *clear;               /* const char *, NULL-terminated */
    GPtrArray *set_labels, *clear_labels; /* likewise, as people see them */
    ImapUidSet *uids;
    GPtrArray *entries; /* const StoreEntry * */
} Batch;

static int compare(const void *a, const void *b, void *data)
{
    (void)data;
    return g_ascii_strcasecmp(a, b);
}

static void free_sum(void *data)
{
    Sum *sum = data;

    g_tree_unref(sum->flags);
    g_ptr_array_unref(sum->entries);
    g_free(sum);
}

static Sum *new_sum(const StoreEntry *first)
{
    Sum *sum = g_new0(Sum, 1);

    sum->first = first;
    sum->flags = g_tree_new_full(compare, NULL, g_free, NULL);
    sum->entries = g_ptr_array_new();
    return sum;
}

static void add_entry(Sum *sum, const StoreEntry *entry)
{
    g_ptr_array_add(sum->entries, (void *)entry);
    if (entry->verb == STORE_VERB_KEYWORD)
        g_tree_replace(sum->flags, g_strdup(entry->name), entry->set ? "+" : "-");
    for (guint i = 0; entry->verb == STORE_VERB_FLAGS && i < G_N_ELEMENTS(FLAGS); i++) {
        if ((entry->set | entry->clear) & FLAGS[i].flag)
            g_tree_replace(sum->flags, g_strdup(FLAGS[i].name), entry->set & FLAGS[i].flag ? "+" : "-");
    }
}

/* Sum * of each message, in the order of their first entries. */
static GPtrArray *sum_up(const PlayRun *run)
{
    g_autoptr(GHashTable) by_row = g_hash_table_new(g_int64_hash, g_int64_equal);
    GPtrArray *sums = g_ptr_array_new_with_free_func(free_sum);

    for (guint i = 0; i < run->n; i++) {
        StoreEntry *entry = run->entries[i];
        Sum *sum = g_hash_table_lookup(by_row, &entry->message);
        if (!sum) {
            sum = new_sum(entry);
            g_ptr_array_add(sums, sum);
            g_hash_table_insert(by_row, &entry->message, sum);
        }
        add_entry(sum, entry);
    }
    return sums;
}

/* ---- what is the same for many ---- */

static gboolean write_flag(void *name, void *sign, void *data)
{
    g_string_append_printf(data, "\n%s%s", (const char *)sign, (const char *)name); /* in no name */
    return FALSE;
}

static gboolean list_flag(void *name, void *sign, void *data)
{
    Batch *batch = data;

    const gboolean is_set = *(const char *)sign == '+';

    if (label_is(name))
        g_ptr_array_add(is_set ? batch->set_labels : batch->clear_labels, (void *)label_shown(name));
    else
        g_ptr_array_add(is_set ? batch->set : batch->clear, name);
    return FALSE;
}

static void free_batch(void *data)
{
    Batch *batch = data;

    g_ptr_array_unref(batch->set);
    g_ptr_array_unref(batch->clear);
    g_ptr_array_unref(batch->set_labels);
    g_ptr_array_unref(batch->clear_labels);
    g_ptr_array_unref(batch->entries);
    imap_uid_set_free(batch->uids);
    g_free(batch);
}

static Batch *new_batch(const Sum *sum)
{
    Batch *batch = g_new0(Batch, 1);

    batch->first = sum->first;
    batch->set = g_ptr_array_new();
    batch->clear = g_ptr_array_new();
    batch->set_labels = g_ptr_array_new();
    batch->clear_labels = g_ptr_array_new();
    batch->entries = g_ptr_array_new();
    batch->uids = imap_uid_set_new();
    g_tree_foreach(sum->flags, list_flag, batch);
    g_ptr_array_add(batch->set, NULL);
    g_ptr_array_add(batch->clear, NULL);
    g_ptr_array_add(batch->set_labels, NULL);
    g_ptr_array_add(batch->clear_labels, NULL);
    return batch;
}

/* Batch *, those of one folder together. The names in them are the sums'. */
static GPtrArray *make_batches(const GPtrArray *sums)
{
    g_autoptr(GHashTable) by_text = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *batches = g_ptr_array_new_with_free_func(free_batch);

    for (guint i = 0; i < sums->len; i++) {
        const Sum *sum = sums->pdata[i];
        g_autoptr(GString) text = g_string_new(NULL);
        g_string_printf(text, "%" G_GINT64_FORMAT, sum->first->server_folder);
        g_tree_foreach(sum->flags, write_flag, text);
        Batch *batch = g_hash_table_lookup(by_text, text->str);
        if (!batch) {
            batch = new_batch(sum);
            g_ptr_array_add(batches, batch);
            g_hash_table_insert(by_text, g_strdup(text->str), batch);
        }
        imap_uid_set_add(batch->uids, sum->first->uid);
        for (guint j = 0; j < sum->entries->len; j++)
            g_ptr_array_add(batch->entries, sum->entries->pdata[j]);
    }
    return batches;
}

static int by_folder(const void *a, const void *b)
{
    const Batch *one = *(const Batch *const *)a, *other = *(const Batch *const *)b;

    return (one->first->server_folder > other->first->server_folder) -
           (one->first->server_folder < other->first->server_folder);
}

/* ---- sending ---- */

/* The STOREs of a batch, of which those are sent that have something to say. */
static gboolean send_stores(Play *play, const Batch *batch, guint *n_sent, GError **error)
{
    const struct {
        const GPtrArray *words;
        ImapStore how;
        gboolean is_label;
    } STORES[] = {{batch->set, IMAP_STORE_ADD, FALSE},
                  {batch->clear, IMAP_STORE_REMOVE, FALSE},
                  {batch->set_labels, IMAP_STORE_ADD, TRUE},
                  {batch->clear_labels, IMAP_STORE_REMOVE, TRUE}};
    ImapSession *session = play->with->session;

    for (guint i = 0; i < G_N_ELEMENTS(STORES); i++) {
        const char *const *words = (const char *const *)STORES[i].words->pdata;
        if (!*words)
            continue;
        if (!(STORES[i].is_label ? imap_labels_send(session, batch->uids, STORES[i].how, words, error)
                                 : imap_store_send(session, batch->uids, STORES[i].how, words, 0, error)))
            return FALSE;
        ++*n_sent;
    }
    return TRUE;
}

/* Which of those that a look in the same flight did not find are gone indeed (find.h). */
static gboolean check_absent(Play *play, ImapUidSet *absent, GError **error)
{
    g_auto(GStrv) sets = imap_uid_set_texts(absent, IMAP_SET_BYTES);

    for (char **set = sets; *set; set++) {
        g_autoptr(ImapUidSet) found = find_uids(play->with->session, *set, error);
        guint n;
        if (!found)
            return FALSE;
        const ImapUidRange *ranges = imap_uid_set_ranges(found, &n);
        for (guint i = 0; i < n; i++)
            imap_uid_set_remove_range(absent, ranges[i].first, ranges[i].last);
    }
    return TRUE;
}

/* All STOREs at once, and a look at whether there is anything to store to: a server says OK either way. FALSE
 * and REFUSED: one of them was; all answers were read. *absent_out: those that are gone; to be freed. */
static gboolean store_batch(Play *play, const Batch *batch, ImapUidSet **absent_out, GError **error)
{
    ImapSession *session = play->with->session;
    g_autoptr(ImapUidSet) absent = imap_uid_set_new();
    guint n_sent = 0;
    gboolean ok = send_stores(play, batch, &n_sent, error);
    const gboolean looks = ok && imap_look_send(session, batch->uids, error);

    ok = ok && looks;
    for (guint i = 0; i < n_sent; i++) {
        g_auto(ImapChanged) changed = {0};
        if (!imap_change_wait(session, &changed, ok ? error : NULL))
            ok = FALSE;
    }
    if (looks) {
        g_auto(ImapChanged) changed = {0};
        g_autoptr(GError) failed = NULL;
        if (imap_change_wait(session, &changed, &failed))
            imap_uid_set_add_all(absent, changed.absent);
        else if (ok && !link_survives(failed)) { /* one that refuses to search has stored all the same */
            g_propagate_error(error, g_steal_pointer(&failed));
            ok = FALSE;
        }
    }
    if (!ok || !check_absent(play, absent, error))
        return FALSE;
    *absent_out = g_steal_pointer(&absent);
    return TRUE;
}

static gboolean play_batch(Play *play, const Batch *batch, gboolean *is_renewed_out, GError **error)
{
    const PlayRun run = {(StoreEntry *const *)batch->entries->pdata, batch->entries->len};
    g_autoptr(ImapUidSet) absent = NULL;
    GError *failed = NULL;
    gboolean ok =
        play_select(play, batch->first->server_folder, batch->first->server_raw, is_renewed_out, &failed);

    ok = ok && (*is_renewed_out || play_begin(play, &run, 0, 0, is_renewed_out, &failed));
    if (ok && *is_renewed_out)
        return TRUE;
    if (!ok || !store_batch(play, batch, &absent, &failed))
        return play_end_run_failed(play, &run, failed, error);
    PlayEnd *end = play_end_new();
    for (guint i = 0; i < run.n; i++) {
        if (imap_uid_set_contains(absent, run.entries[i]->uid))
            play_end_left(end, play, run.entries[i]);
        else
            play_end_done(end, run.entries[i], 0);
    }
    return play_end_commit(end, play, error);
}

gboolean play_flags(Play *play, const PlayRun *run, gboolean *is_renewed_out, GError **error)
{
    g_autoptr(GPtrArray) sums = sum_up(run);
    g_autoptr(GPtrArray) batches = make_batches(sums);

    g_ptr_array_sort(batches, by_folder);
    for (guint i = 0; i < batches->len && !*is_renewed_out; i++) {
        if (!play_batch(play, batches->pdata[i], is_renewed_out, error))
            return FALSE;
    }
    return TRUE;
}
