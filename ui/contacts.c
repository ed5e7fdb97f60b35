/* contacts.c - see contacts.h. */
#include "ui/contacts.h"

#include "base/sanitise.h"
#include "base/text.h"
#include "compose/address.h"
#include "store/read.h"

#include <string.h>

/* Messages that are looked at of a folder: who matters is among them. */
#define MESSAGES_OF_FOLDER 400
#define FOLDERS_MAX 20
#define WEIGHT_SENT 10
#define WEIGHT_RECEIVED 1
/* A reader here waits for another process's short transaction. */
#define BUSY_MS 2000

typedef struct {
    char *name, *address;
    char *folded; /* both, for comparing */
    guint weight;
} Contact;

struct Contacts {
    GHashTable *by_address; /* the folded address -> Contact */
};

static void contact_free(void *data)
{
    Contact *contact = data;

    g_free(contact->name);
    g_free(contact->address);
    g_free(contact->folded);
    g_free(contact);
}

Contacts *contacts_new(void)
{
    Contacts *contacts = g_new0(Contacts, 1);

    contacts->by_address = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, contact_free);
    return contacts;
}

void contacts_free(Contacts *contacts)
{
    if (!contacts)
        return;
    g_hash_table_unref(contacts->by_address);
    g_free(contacts);
}

void contacts_add(Contacts *contacts, const char *name, const char *address, guint weight)
{
    g_autofree char *key = g_utf8_casefold(address, -1);
    Contact *contact = g_hash_table_lookup(contacts->by_address, key);

    if (!contact) {
        if (!compose_address_check(address, NULL))
            return;
        contact = g_new0(Contact, 1);
        contact->address = g_strdup(address);
        contact->name = g_strdup("");
        contact->folded = g_strdup(key);
        g_hash_table_insert(contacts->by_address, g_steal_pointer(&key), contact);
    }
    contact->weight += weight;
    if (*contact->name || !name || !*name)
        return;
    g_autofree char *safe = sanitise(name, -1, SANITISE_OPEN);
    g_autofree char *both =
        g_strdup_printf("%s %s", g_strstrip(g_strdelimit(safe, "\n\t", ' ')), contact->address);
    g_free(contact->name);
    g_free(contact->folded);
    contact->name = g_strdup(safe);
    contact->folded = text_fold(both);
}

/* ---- finding ---- */

/* Whether the text stands at the beginning of a word. */
static gboolean begins_word(const char *words, const char *text)
{
    for (const char *at = strstr(words, text); at; at = strstr(at + 1, text))
        if (at == words || strchr(" @.<\"'-_(", at[-1]))
            return TRUE;
    return FALSE;
}

static gboolean is_read_by_nobody(const Contact *contact)
{
    static const char *const MARKS[] = {"noreply",       "no-reply", "donotreply", "do-not-reply",
                                        "mailer-daemon", "bounce",   NULL};

    for (int i = 0; MARKS[i]; i++)
        if (strstr(contact->folded, MARKS[i]))
            return TRUE;
    return FALSE;
}

static int by_use(const void *a, const void *b)
{
    const Contact *first = *(Contact *const *)a, *second = *(Contact *const *)b;
    int nobody = is_read_by_nobody(first) - is_read_by_nobody(second);

    if (nobody)
        return nobody;
    if (first->weight != second->weight)
        return first->weight > second->weight ? -1 : 1;
    return strcmp(first->folded, second->folded);
}

GPtrArray *contacts_find(const Contacts *contacts, const char *text, guint most)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) fitting = g_ptr_array_new();
    g_autofree char *folded = text_fold(text);
    GHashTableIter iter;
    void *contact;

    g_hash_table_iter_init(&iter, contacts->by_address);
    while (*folded && g_hash_table_iter_next(&iter, NULL, &contact))
        if (begins_word(((Contact *)contact)->folded, folded))
            g_ptr_array_add(fitting, contact);
    g_ptr_array_sort(fitting, by_use);
    for (guint i = 0; i < fitting->len && i < most; i++) {
        const Contact *one = fitting->pdata[i];
        const MimeMailbox mailbox = {.name = one->name, .address = one->address};
        g_ptr_array_add(found, mime_mailbox_format(&mailbox));
    }
    return found;
}

/* ---- reading ---- */

static void add_list(Contacts *contacts, const GPtrArray *addresses, guint weight)
{
    for (guint i = 0; i < addresses->len; i++) {
        const StoreAddress *address = addresses->pdata[i];
        contacts_add(contacts, address->name, address->address, weight);
    }
}

static gboolean read_folder(Contacts *contacts, StoreReader *reader, const StoreFolder *folder,
                            GError **error)
{
    g_autoptr(GArray) bodies = store_read_bodies(reader, folder->id, INT64_MAX, MESSAGES_OF_FOLDER, error);

    for (guint i = 0; bodies && i < bodies->len; i++) {
        const StoreBody *body = &g_array_index(bodies, StoreBody, i);
        g_autoptr(StoreMessage) message = store_read_message(reader, body->id, NULL);
        if (message && folder->role == STORE_ROLE_SENT) {
            add_list(contacts, message->to, WEIGHT_SENT);
            add_list(contacts, message->cc, WEIGHT_SENT);
        } else if (message) {
            add_list(contacts, message->from, WEIGHT_RECEIVED);
        }
    }
    return bodies != NULL;
}

Contacts *contacts_read(Store *store, GError **error)
{
    StoreReader *reader = store_reader_new(store, BUSY_MS, error);
    g_autoptr(GPtrArray) folders = reader ? store_read_folders(reader, NULL, error) : NULL;
    Contacts *contacts = folders ? contacts_new() : NULL;
    guint looked_at = 0;

    for (guint i = 0; contacts && i < folders->len && looked_at < FOLDERS_MAX; i++) {
        const StoreFolder *folder = folders->pdata[i];
        if (folder->role != STORE_ROLE_SENT && folder->role != STORE_ROLE_INBOX)
            continue;
        looked_at++;
        if (!read_folder(contacts, reader, folder, error))
            g_clear_pointer(&contacts, contacts_free);
    }
    if (reader)
        store_reader_free(reader);
    return contacts;
}
