/* mailbox.c - see mailbox.h. */
#include "mailbox.h"

#include "base/error.h"

#include <string.h>

#define RING 4096 /* messages kept: those handed out, and those that can be answered */
#define BATCH 1000
#define SPAN_S (INT64_C(8) * 365 * 86400)
#define BEGIN_S INT64_C(1540000000)
#define REFERENCES_MAX 12

typedef struct {
    char message_id[48];
    char subject[120];
    const char *references[REFERENCES_MAX + 1];
    guint n_references;
    StoreAddress from, to[2];
} Made;

struct Mailbox {
    guint n;
    uint32_t seed;
    Made made[RING];
};

static const StoreAddress PEOPLE[] = {
    {"Ada Lovelace", "ada@example.org"},
    {"Łukasz Żółć", "lukasz@example.net"},
    {"Zoë Brontë", "zoe@example.com"},
    {"田中 太郎", "tanaka@example.jp"},
    {"O'Neill, Pat", "pat@example.com"},
    {"Nguyễn Văn A", "nva@example.vn"},
    {"", "old@example.net"},
    {"dev-list", "dev@lists.example.org"},
    {"Grace Hopper", "grace@example.mil"},
    {"Иван Петров", "ivan@example.ru"},
    {"فاطمة علي", "fatima@example.eg"},
    {"Build Robot", "noreply@ci.example.org"},
    {"José García", "jose@example.es"},
    {"Anna-Lena Müller-Schmidt", "alms@example.de"},
    {"Support", "support@shop.example"},
    {"Δημήτρης Παπαδόπουλος", "dimitris@example.gr"},
};
static const char *const WHAT[] = {"Budget meeting",
                                   "Release",
                                   "Invoice",
                                   "[PATCH] pager: fold quotes",
                                   "Lunch?",
                                   "Your receipt",
                                   "Chào bạn",
                                   "Minutes of",
                                   "Holiday plans",
                                   "会議の件",
                                   "Question about the build",
                                   "Server maintenance on"};
static const char *const MORE[] = {"for Thursday",       "2.1 is out", "4711",         "and other news",
                                   "next week",          "at ten",     "(second try)", "with attachments",
                                   "for the whole team", "in Zürich"};

static uint32_t next_random(Mailbox *mailbox)
{
    mailbox->seed ^= mailbox->seed << 13;
    mailbox->seed ^= mailbox->seed >> 17;
    mailbox->seed ^= mailbox->seed << 5;
    return mailbox->seed;
}

#define PICK(mailbox, array) ((array)[next_random(mailbox) % G_N_ELEMENTS(array)])

Mailbox *mailbox_new(guint n)
{
    Mailbox *mailbox = g_new0(Mailbox, 1);

    mailbox->n = n;
    mailbox->seed = 20261124;
    return mailbox;
}

void mailbox_free(Mailbox *mailbox)
{
    g_free(mailbox);
}

/* The References of an answer: the parent's, with the parent; of long ones the first and the newest. */
static void answer(Made *made, const Made *parent)
{
    guint from = parent->n_references >= REFERENCES_MAX ? 1 : 0;

    made->n_references = 0;
    if (from)
        made->references[made->n_references++] = parent->references[0];
    for (guint i = from ? 2 : 0; i < parent->n_references; i++)
        made->references[made->n_references++] = parent->references[i];
    made->references[made->n_references++] = parent->message_id;
    g_snprintf(made->subject, sizeof made->subject, "%s%s",
               g_str_has_prefix(parent->subject, "Re: ") ? "" : "Re: ", parent->subject);
}

StoreNewMessage mailbox_message(Mailbox *mailbox, guint i)
{
    Made *made = &mailbox->made[i % RING];
    int64_t date_s = BEGIN_S + SPAN_S * i / MAX(mailbox->n, 1) + next_random(mailbox) % 60;
    gboolean is_answer = i > 200 && next_random(mailbox) % 5 < 2;

    memset(made, 0, sizeof *made);
    g_snprintf(made->message_id, sizeof made->message_id, "%u.%08x@mail.example.org", i,
               next_random(mailbox));
    made->from = PICK(mailbox, PEOPLE);
    made->to[0] = PICK(mailbox, PEOPLE);
    made->to[1] = PICK(mailbox, PEOPLE);
    if (is_answer)
        answer(made, &mailbox->made[(i - 1 - next_random(mailbox) % 100) % RING]);
    else
        g_snprintf(made->subject, sizeof made->subject, "%s %s", PICK(mailbox, WHAT), PICK(mailbox, MORE));
    made->references[made->n_references] = NULL;
    uint32_t dice = next_random(mailbox) % 100;
    uint32_t flags = (dice < 92 ? STORE_SEEN : 0) | (dice % 20 == 3 ? STORE_FLAGGED : 0) |
                     (dice % 7 == 1 ? STORE_ANSWERED : 0) | (dice % 33 == 5 ? STORE_FORWARDED : 0) |
                     (dice == 77 ? STORE_DELETED : 0) | (dice == 78 ? STORE_DRAFT : 0);
    return (StoreNewMessage){.uid = i + 1,
                             .flags = flags,
                             .arrival_s = date_s + 5,
                             .has_date = TRUE,
                             .date_s = date_s,
                             .date_offset_min = 60,
                             .size_bytes = 1500 + next_random(mailbox) % 60000,
                             .attachments = dice % 11 == 0,
                             .from = &made->from,
                             .n_from = 1,
                             .to = made->to,
                             .n_to = 1 + dice % 2,
                             .subject = made->subject,
                             .message_id = made->message_id,
                             .references = made->n_references ? made->references : NULL};
}

gboolean mailbox_folders(StoreTxn *txn, int64_t *inbox_out, GError **error)
{
    static const StoreListed LISTED[] = {
        {.name = "INBOX",
         .raw_name = "INBOX",
         .delimiter = '/',
         .role = STORE_ROLE_INBOX,
         .selectable = TRUE,
         .subscribed = TRUE},
        {.name = "Drafts",
         .raw_name = "Drafts",
         .delimiter = '/',
         .role = STORE_ROLE_DRAFTS,
         .selectable = TRUE,
         .subscribed = TRUE},
        {.name = "Sent",
         .raw_name = "Sent",
         .delimiter = '/',
         .role = STORE_ROLE_SENT,
         .selectable = TRUE,
         .subscribed = TRUE},
        {.name = "Projects/tern",
         .raw_name = "Projects/tern",
         .delimiter = '/',
         .selectable = TRUE,
         .subscribed = TRUE},
    };
    int64_t account;

    *inbox_out = 1; /* folders are numbered from 1 in a new store */
    return store_txn_account(txn, "work", &account, error) &&
           store_txn_folders(txn, account, LISTED, G_N_ELEMENTS(LISTED), error);
}

typedef struct {
    const StoreNewMessage *messages;
    guint n;
    int64_t folder;
    StoreSync sync;
} Batch;

static gboolean add_batch(StoreTxn *txn, void *data, GError **error)
{
    Batch *batch = data;

    return store_txn_add(txn, batch->folder, batch->messages, batch->n, NULL, error) &&
           store_txn_set_sync(txn, batch->folder, &batch->sync, error);
}

gboolean mailbox_fill(Mailbox *mailbox, Store *store, int64_t folder, void (*progress)(guint done),
                      GError **error)
{
    g_autofree StoreNewMessage *messages = g_new(StoreNewMessage, BATCH);

    for (guint i = 0; i < mailbox->n; i += BATCH) {
        guint n = MIN(BATCH, mailbox->n - i);
        for (guint j = 0; j < n; j++)
            messages[j] = mailbox_message(mailbox, i + j);
        Batch batch = {messages,
                       n,
                       folder,
                       {.uid_validity = 1,
                        .uid_next = i + n + 1,
                        .backfill_uid = 1,
                        .highest_modseq = 1,
                        .synced_s = BEGIN_S + SPAN_S}};
        if (!store_run(store, STORE_LANE_BULK, FALSE, add_batch, &batch, error))
            return FALSE;
        if (progress)
            progress(i + n);
    }
    return TRUE;
}
