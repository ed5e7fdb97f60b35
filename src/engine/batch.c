/* batch.c - see batch.h. */
#include "engine/batch.h"
#include "base/error.h"
#include "base/utf7.h"
#include "mime/envelope.h"
#include "store/files.h"
#include "store/label.h"

#include <pthread.h>
#include <stdatomic.h>

/* Header bytes in one transaction: headers may be a megabyte each. */
#define BATCH_BYTES (4 << 20)

struct Tally {
    atomic_int references;
    pthread_mutex_t lock;
    StoreChanges changes;
    GError *error; /* the first one */
};

typedef struct {
    MimeEnvelope *envelope;
    uint32_t uid, flags;
    char **keywords;
    int64_t arrival_s, size_bytes;
    int attachments;
    char *file;     /* NULL: of a server */
    char *email_id; /* NULL: not told */
} Arrival;

typedef struct {
    uint32_t uid, flags;
    char **keywords;
} FlagChange;

struct Batch {
    int64_t folder_id;
    GArray *arrivals; /* Arrival */
    GArray *flags;    /* FlagChange */
    GArray *gone;     /* uint32_t */
    gsize bytes;
    gboolean has_mark;
    StoreSync mark;
    Store *store;
    Tally *tally;
};

Tally *tally_new(void)
{
    Tally *tally = g_new0(Tally, 1);

    atomic_init(&tally->references, 1);
    pthread_mutex_init(&tally->lock, NULL);
    return tally;
}

Tally *tally_ref(Tally *tally)
{
    atomic_fetch_add(&tally->references, 1);
    return tally;
}

void tally_unref(Tally *tally)
{
    if (!tally || atomic_fetch_sub(&tally->references, 1) != 1)
        return;
    pthread_mutex_destroy(&tally->lock);
    g_clear_error(&tally->error);
    g_free(tally);
}

gboolean tally_check(Tally *tally, GError **error)
{
    pthread_mutex_lock(&tally->lock);
    GError *failed = tally->error ? g_error_copy(tally->error) : NULL;
    pthread_mutex_unlock(&tally->lock);
    if (failed)
        g_propagate_error(error, failed);
    return !failed;
}

StoreChanges tally_changes(Tally *tally)
{
    pthread_mutex_lock(&tally->lock);
    StoreChanges changes = tally->changes;
    pthread_mutex_unlock(&tally->lock);
    return changes;
}

static void clear_arrival(void *item)
{
    Arrival *arrival = item;

    mime_envelope_free(arrival->envelope);
    g_strfreev(arrival->keywords);
    g_free(arrival->file);
    g_free(arrival->email_id);
}

static void clear_flag_change(void *item)
{
    g_strfreev(((FlagChange *)item)->keywords);
}

Batch *batch_new(int64_t folder_id)
{
    Batch *batch = g_new0(Batch, 1);

    batch->folder_id = folder_id;
    batch->arrivals = g_array_new(FALSE, FALSE, sizeof(Arrival));
    batch->flags = g_array_new(FALSE, FALSE, sizeof(FlagChange));
    batch->gone = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_array_set_clear_func(batch->arrivals, clear_arrival);
    g_array_set_clear_func(batch->flags, clear_flag_change);
    return batch;
}

void batch_free(Batch *batch)
{
    if (!batch)
        return;
    g_array_unref(batch->arrivals);
    g_array_unref(batch->flags);
    g_array_unref(batch->gone);
    tally_unref(batch->tally);
    g_free(batch);
}

uint32_t batch_flags(const char *const *flags, const char ***keywords_out)
{
    static const struct {
        const char *name;
        uint32_t bit;
        gboolean is_keyword;
    } KNOWN[] = {{"\\Seen", STORE_SEEN, FALSE},         {"\\Flagged", STORE_FLAGGED, FALSE},
                 {"\\Answered", STORE_ANSWERED, FALSE}, {"\\Draft", STORE_DRAFT, FALSE},
                 {"\\Deleted", STORE_DELETED, FALSE},   {"$Forwarded", STORE_FORWARDED, TRUE}};
    GPtrArray *keywords = NULL;
    uint32_t bits = 0;

    for (; flags && *flags; flags++) {
        gboolean is_keyword = **flags != '\\' && !label_is(*flags);
        for (guint i = 0; i < G_N_ELEMENTS(KNOWN); i++)
            if (g_ascii_strcasecmp(*flags, KNOWN[i].name) == 0)
                bits |= KNOWN[i].bit;
        if (is_keyword) {
            if (!keywords)
                keywords = g_ptr_array_new();
            g_ptr_array_add(keywords, (char *)*flags);
        }
    }
    if (keywords)
        g_ptr_array_add(keywords, NULL);
    *keywords_out = keywords ? (const char **)g_ptr_array_free(keywords, FALSE) : NULL;
    return bits;
}

uint32_t batch_told(const ImapFetched *message, char ***keywords_out)
{
    g_autofree const char **keywords = NULL;
    const uint32_t flags = batch_flags(message->flags, &keywords);

    *keywords_out = NULL;
    if (!message->has_labels) {
        *keywords_out = g_strdupv((char **)keywords);
        return flags;
    }
    GPtrArray *all = g_ptr_array_new();
    for (const char **keyword = keywords; keyword && *keyword; keyword++)
        g_ptr_array_add(all, g_strdup(*keyword));
    for (const char *const *label = message->labels; *label; label++) {
        /* In UTF-8 where that is enabled (RFC 6855), as folders' names are; what is no UTF-7 is that. */
        g_autofree char *text = utf7_decode(*label, "");
        char *name = label_keyword(text ? text : *label);
        if (name)
            g_ptr_array_add(all, name);
    }
    if (all->len > 0) {
        g_ptr_array_add(all, NULL);
        *keywords_out = (char **)g_ptr_array_free(all, FALSE);
    } else {
        g_ptr_array_free(all, TRUE);
    }
    return flags | STORE_WITH_LABELS;
}

void batch_add(Batch *batch, const ImapFetched *message)
{
    if (!message->uid || !message->header)
        return;
    Arrival arrival = {.envelope = mime_envelope_parse(message->header, message->header_bytes),
                       .uid = message->uid,
                       .arrival_s = message->internal_date_s,
                       .size_bytes = message->size_bytes,
                       .email_id = g_strdup(message->email_id),
                       .attachments = message->has_attachments_count ? message->attachments : -1};
    arrival.flags = batch_told(message, &arrival.keywords);
    g_array_append_val(batch->arrivals, arrival);
    batch->bytes += message->header_bytes;
    /* cppcheck-suppress memleak ; the array has taken over what `arrival` holds */
}

/* Without what would be taken for labels; to be freed. */
static char **plain(const char *const *keywords)
{
    GPtrArray *names;

    if (!keywords)
        return NULL;
    names = g_ptr_array_new();
    for (; *keywords; keywords++)
        if (!label_is(*keywords))
            g_ptr_array_add(names, g_strdup(*keywords));
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

void batch_add_local(Batch *batch, const BatchLocal *message)
{
    const Arrival arrival = {.envelope = mime_envelope_parse(message->header, message->header_bytes),
                             .uid = message->uid,
                             .flags = message->flags,
                             .keywords = plain(message->keywords),
                             .arrival_s = message->arrival_s,
                             .size_bytes = message->size_bytes,
                             .attachments = message->attachments,
                             .file = g_strdup(message->file)};

    g_array_append_val(batch->arrivals, arrival);
    batch->bytes += message->header_bytes;
    /* cppcheck-suppress memleak ; the array has taken over what `arrival` holds */
}

void batch_add_flags(Batch *batch, uint32_t uid, uint32_t flags, const char *const *keywords)
{
    const FlagChange change = {uid, flags, g_strdupv((char **)keywords)};

    g_array_append_val(batch->flags, change);
}

void batch_add_gone(Batch *batch, uint32_t uid)
{
    g_array_append_val(batch->gone, uid);
}

void batch_set_mark(Batch *batch, const StoreSync *mark)
{
    batch->has_mark = TRUE;
    batch->mark = *mark;
}

gboolean batch_is_full(const Batch *batch)
{
    return batch->arrivals->len + batch->flags->len + batch->gone->len >= BATCH_MESSAGES ||
           batch->bytes >= BATCH_BYTES;
}

gboolean batch_is_empty(const Batch *batch)
{
    return batch->arrivals->len + batch->flags->len + batch->gone->len == 0;
}

/* ---- on the writer thread ---- */

/* The addresses of all fields of all messages, one after another in `pool`, since StoreNewMessage points into
 * arrays. */
static guint append_addresses(GArray *pool, const GPtrArray *addresses)
{
    for (guint i = 0; i < addresses->len; i++) {
        const MimeAddress *from = g_ptr_array_index(addresses, i);
        const StoreAddress to = {from->name, from->address};
        g_array_append_val(pool, to);
    }
    return addresses->len;
}

static void fill_message(StoreNewMessage *to, const Arrival *from, GArray *pool)
{
    const MimeEnvelope *envelope = from->envelope;

    *to = (StoreNewMessage){.uid = from->uid,
                            .flags = from->flags,
                            .keywords = (const char *const *)from->keywords,
                            .arrival_s = from->arrival_s,
                            .has_date = envelope->has_date,
                            .date_s = envelope->date_s,
                            .date_offset_min = envelope->date_offset_min,
                            .size_bytes = from->size_bytes,
                            .attachments = from->attachments,
                            .subject = envelope->subject,
                            .message_id = envelope->message_id,
                            .references = (const char *const *)envelope->references,
                            .list_id = envelope->list_id,
                            .email_id = from->email_id};
    to->n_from = append_addresses(pool, envelope->from);
    to->n_to = append_addresses(pool, envelope->to);
    to->n_cc = append_addresses(pool, envelope->cc);
}

/* The pool stands still now, so pointers into it can be given out. */
static void point_into_pool(GArray *messages, const GArray *pool)
{
    const StoreAddress *at = (const StoreAddress *)(const void *)pool->data;

    for (guint i = 0; i < messages->len; i++) {
        StoreNewMessage *message = &g_array_index(messages, StoreNewMessage, i);
        message->from = at;
        message->to = at + message->n_from;
        message->cc = message->to + message->n_to;
        at = message->cc + message->n_cc;
    }
}

/* StoreNewMessage, whose addresses are in `pool`. */
static GArray *messages_of(const Batch *batch, GArray *pool)
{
    GArray *messages = g_array_sized_new(FALSE, TRUE, sizeof(StoreNewMessage), batch->arrivals->len);

    g_array_set_size(messages, batch->arrivals->len);
    for (guint i = 0; i < batch->arrivals->len; i++)
        fill_message(&g_array_index(messages, StoreNewMessage, i),
                     &g_array_index(batch->arrivals, Arrival, i), pool);
    point_into_pool(messages, pool);
    return messages;
}

gboolean batch_each(const Batch *batch,
                    gboolean (*take)(const StoreNewMessage *message, guint n, void *data, GError **error),
                    void *data, GError **error)
{
    g_autoptr(GArray) pool = g_array_new(FALSE, FALSE, sizeof(StoreAddress));
    g_autoptr(GArray) messages = messages_of(batch, pool);

    for (guint i = 0; i < messages->len; i++)
        if (!take(&g_array_index(messages, StoreNewMessage, i), i, data, error))
            return FALSE;
    return TRUE;
}

static gboolean write_arrivals(StoreTxn *txn, const Batch *batch, StoreChanges *changes, GError **error)
{
    if (!batch->arrivals->len)
        return TRUE;
    g_autoptr(GArray) pool = g_array_new(FALSE, FALSE, sizeof(StoreAddress));
    g_autoptr(GArray) messages = messages_of(batch, pool);
    return store_txn_add(txn, batch->folder_id, (const StoreNewMessage *)(const void *)messages->data,
                         messages->len, changes, error);
}

static gboolean write_files(StoreTxn *txn, const Batch *batch, GError **error)
{
    for (guint i = 0; i < batch->arrivals->len; i++) {
        const Arrival *arrival = &g_array_index(batch->arrivals, Arrival, i);
        if (arrival->file && !store_txn_set_file(txn, batch->folder_id, arrival->uid, arrival->file, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_batch(StoreTxn *txn, void *data, GError **error)
{
    Batch *batch = data;
    StoreChanges changes = {0};

    if (!tally_check(batch->tally, error))
        return FALSE;
    if (!write_arrivals(txn, batch, &changes, error) || !write_files(txn, batch, error))
        return FALSE;
    for (guint i = 0; i < batch->flags->len; i++) {
        const FlagChange *change = &g_array_index(batch->flags, FlagChange, i);
        if (!store_txn_flags(txn, batch->folder_id, change->uid, change->flags,
                             (const char *const *)change->keywords, &changes, error))
            return FALSE;
    }
    if (batch->gone->len &&
        !store_txn_expunge(txn, batch->folder_id, (const uint32_t *)(const void *)batch->gone->data,
                           batch->gone->len, &changes, error))
        return FALSE;
    if (batch->has_mark && !store_txn_set_sync(txn, batch->folder_id, &batch->mark, error))
        return FALSE;
    pthread_mutex_lock(&batch->tally->lock);
    batch->tally->changes.added += changes.added;
    batch->tally->changes.changed += changes.changed;
    batch->tally->changes.removed += changes.removed;
    pthread_mutex_unlock(&batch->tally->lock);
    return TRUE;
}

static void batch_done(void *data, const GError *error)
{
    Tally *tally = ((Batch *)data)->tally;

    if (!error)
        return;
    pthread_mutex_lock(&tally->lock);
    if (!tally->error)
        tally->error = g_error_copy(error);
    pthread_mutex_unlock(&tally->lock);
}

void batch_submit(Batch *batch, Store *store, Tally *tally)
{
    batch->tally = tally_ref(tally);
    store_submit(store, STORE_LANE_BULK, FALSE, write_batch, batch_done, batch, (GDestroyNotify)batch_free);
}
