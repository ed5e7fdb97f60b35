/* contacts_read.c - see contacts.h: people out of the store's newest mail, and out of the book. */
#include "ui/contacts.h"

#include "base/clock.h"
#include "store/read.h"

#include <string.h>

/* Messages that are looked at of a folder: who matters is among them. */
#define MESSAGES_OF_FOLDER 400
#define FOLDERS_MAX 20
/* A reader here waits for another process's short transaction. */
#define BUSY_MS 2000

static void add_list(Contacts *contacts, const GPtrArray *addresses, double weight)
{
    for (guint i = 0; i < addresses->len; i++) {
        const StoreAddress *address = addresses->pdata[i];
        contacts_add(contacts, address->name, address->address, weight);
    }
}

/* dev@lists.example.org of the list "dev.lists.example.org" (RFC 2919 asks for that form of no one, but it is
 * what lists have). */
static gboolean is_address_of_list(const char *address, const char *list_id)
{
    const char *at = strrchr(address, '@');
    const gsize local = at ? (gsize)(at - address) : 0;

    return at && strlen(list_id) == strlen(address) && !g_ascii_strncasecmp(address, list_id, local) &&
           list_id[local] == '.' && !g_ascii_strcasecmp(at + 1, list_id + local + 1);
}

static void mark_lists(Contacts *contacts, const StoreMessage *message)
{
    const GPtrArray *lists[] = {message->from, message->to, message->cc};

    for (guint n = 0; message->list_id && n < G_N_ELEMENTS(lists); n++)
        for (guint i = 0; i < lists[n]->len; i++) {
            const StoreAddress *address = lists[n]->pdata[i];
            if (!is_address_of_list(address->address, message->list_id))
                continue;
            contacts_add(contacts, address->name, address->address, 0);
            contacts_mark_list(contacts, address->address);
        }
}

static gboolean read_folder(Contacts *contacts, StoreReader *reader, const StoreFolder *folder,
                            GError **error)
{
    g_autoptr(GArray) bodies = store_read_bodies(reader, folder->id, INT64_MAX, MESSAGES_OF_FOLDER, error);
    const gboolean is_sent = folder->role == STORE_ROLE_SENT;

    for (guint i = 0; bodies && i < bodies->len; i++) {
        const StoreBody *body = &g_array_index(bodies, StoreBody, i);
        g_autoptr(StoreMessage) message = store_read_message(reader, body->id, NULL);
        const double weight = contacts_weight(is_sent, clock_wall_s() - body->sorted_s);
        if (message && is_sent) {
            add_list(contacts, message->to, weight);
            add_list(contacts, message->cc, weight);
        } else if (message) {
            add_list(contacts, message->from, weight);
            mark_lists(contacts, message);
        }
    }
    return bodies != NULL;
}

static void add_book(Contacts *contacts, const Config *config, const char *data, char **notice_out)
{
    g_autoptr(GPtrArray) entries = book_read(config, data, notice_out);

    for (guint i = 0; i < entries->len; i++)
        contacts_add_entry(contacts, entries->pdata[i]);
}

Contacts *contacts_read(Store *store, const Config *config, const char *data, char **notice_out,
                        GError **error)
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
    if (contacts)
        add_book(contacts, config, data, notice_out);
    return contacts;
}
