/* contacts.c - see contacts.h. */
#include "ui/contacts.h"

#include "base/sanitise.h"
#include "base/text.h"
#include "compose/address.h"

#include <string.h>

#define WEIGHT_SENT 10.0
#define WEIGHT_RECEIVED 1.0
/* Being written down is worth three received messages of today. */
#define WEIGHT_CARD 3.0
#define WEIGHT_FOUND 0.01
/* A short name is made to be typed. */
#define WEIGHT_ALIAS 1e6
/* After so long a message counts half. */
#define HALF_S (120.0 * 86400)

struct Contacts {
    GHashTable *by_key; /* the folded address, or for a list its place and name -> Contact */
};

static void contact_free(void *data)
{
    Contact *contact = data;

    g_free(contact->name);
    g_free(contact->address);
    g_free(contact->list);
    g_free(contact->place);
    g_free(contact->card);
    g_free(contact->folded);
    g_free(contact);
}

Contacts *contacts_new(void)
{
    Contacts *contacts = g_new0(Contacts, 1);

    contacts->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, contact_free);
    return contacts;
}

void contacts_free(Contacts *contacts)
{
    if (!contacts)
        return;
    g_hash_table_unref(contacts->by_key);
    g_free(contacts);
}

double contacts_weight(gboolean is_sent, int64_t age_s)
{
    return (is_sent ? WEIGHT_SENT : WEIGHT_RECEIVED) * HALF_S / (HALF_S + (double)MAX(age_s, 0));
}

static gboolean is_read_by_nobody(const char *folded)
{
    static const char *const MARKS[] = {"noreply",       "no-reply", "donotreply", "do-not-reply",
                                        "mailer-daemon", "bounce",   NULL};

    for (int i = 0; MARKS[i]; i++)
        if (strstr(folded, MARKS[i]))
            return TRUE;
    return FALSE;
}

/* What it is found by; taken over. */
static void set_folded(Contact *contact, char *folded)
{
    g_free(contact->folded);
    contact->folded = folded;
    contact->is_nobody = is_read_by_nobody(folded);
}

static Contact *contact_of(Contacts *contacts, const char *address)
{
    g_autofree char *key = g_utf8_casefold(address, -1);
    Contact *contact = g_hash_table_lookup(contacts->by_key, key);

    if (contact || !compose_address_check(address, NULL))
        return contact;
    contact = g_new0(Contact, 1);
    *contact = (Contact){.source = CONTACT_MAIL, .address = g_strdup(address), .name = g_strdup("")};
    set_folded(contact, g_strdup(key));
    g_hash_table_insert(contacts->by_key, g_steal_pointer(&key), contact);
    return contact;
}

/* A name as it can be typed, and what the contact is found by from now on. */
static void set_name(Contact *contact, const char *name, const char *nickname)
{
    g_autofree char *safe = sanitise(name, -1, SANITISE_OPEN);
    g_autofree char *all =
        g_strdup_printf("%s %s %s", g_strstrip(g_strdelimit(safe, "\n\t", ' ')), nickname, contact->address);

    g_free(contact->name);
    contact->name = g_strdup(safe);
    set_folded(contact, text_fold(all));
}

void contacts_add(Contacts *contacts, const char *name, const char *address, double weight)
{
    Contact *contact = contact_of(contacts, address);

    if (!contact)
        return;
    contact->weight += weight;
    if (!*contact->name && name && *name)
        set_name(contact, name, "");
}

void contacts_mark_list(Contacts *contacts, const char *address)
{
    g_autofree char *key = g_utf8_casefold(address, -1);
    Contact *contact = g_hash_table_lookup(contacts->by_key, key);

    if (contact)
        contact->is_list = TRUE;
}

/* Whether the text stands at the beginning of a word. */
static gboolean begins_word(const char *words, const char *text)
{
    for (const char *at = strstr(words, text); at; at = strstr(at + 1, text))
        if (at == words || strchr(" @.<\"'-_(", at[-1]))
            return TRUE;
    return FALSE;
}

void contacts_add_found(Contacts *contacts, const char *asked, const char *name, const char *address)
{
    const gboolean is_known = contacts_get(contacts, address) != NULL;
    g_autofree char *folded = text_fold(asked);

    contacts_add(contacts, name, address, is_known ? 0 : WEIGHT_FOUND);
    Contact *contact = contact_of(contacts, address);
    if (!contact)
        return;
    if (!is_known)
        contact->source = CONTACT_FOUND;
    if (!begins_word(contact->folded, folded)) {
        g_autofree char *before = g_steal_pointer(&contact->folded);
        contact->folded = g_strdup_printf("%s %s", before, folded);
    }
}

/* ---- who is written down ---- */

static void add_list(Contacts *contacts, const BookEntry *entry)
{
    Contact *contact = g_new0(Contact, 1);

    *contact = (Contact){.source = entry->source == BOOK_ALIAS ? CONTACT_ALIAS : CONTACT_FILE,
                         .name = g_strdup(""),
                         .address = g_strdup(""),
                         .list = g_strdup(entry->list),
                         .place = g_strdup(entry->place),
                         .weight = entry->source == BOOK_ALIAS ? WEIGHT_ALIAS : WEIGHT_CARD};
    set_name(contact, entry->name, entry->nickname);
    g_hash_table_insert(contacts->by_key, g_strdup_printf("%s\n%s", entry->place, entry->name), contact);
}

static void add_address(Contacts *contacts, const BookEntry *entry, const char *address)
{
    Contact *contact = contact_of(contacts, address);

    /* Own ones come first in the book, and are the ones that can be changed. */
    if (!contact || contact->source == CONTACT_OWN || contact->source == CONTACT_FILE)
        return;
    contact->source = entry->source == BOOK_OWN ? CONTACT_OWN : CONTACT_FILE;
    contact->place = g_strdup(entry->place);
    contact->card = g_strdup(entry->card);
    contact->weight += WEIGHT_CARD;
    set_name(contact, *entry->name ? entry->name : contact->name, entry->nickname);
}

void contacts_add_entry(Contacts *contacts, const BookEntry *entry)
{
    if (entry->list)
        add_list(contacts, entry);
    for (char **address = entry->addresses; *address; address++)
        add_address(contacts, entry, *address);
}

/* ---- finding ---- */

static int by_use(const void *a, const void *b)
{
    const Contact *first = *(Contact *const *)a, *second = *(Contact *const *)b;
    const int last = (first->is_list || first->is_nobody) - (second->is_list || second->is_nobody);

    if (last)
        return last;
    if (first->weight != second->weight)
        return first->weight > second->weight ? -1 : 1;
    return strcmp(first->folded, second->folded);
}

GPtrArray *contacts_list(const Contacts *contacts, const char *text)
{
    GPtrArray *fitting = g_ptr_array_new();
    g_autofree char *folded = text_fold(text);
    GHashTableIter iter;
    void *contact;

    g_hash_table_iter_init(&iter, contacts->by_key);
    while (g_hash_table_iter_next(&iter, NULL, &contact))
        if (!*folded || begins_word(((Contact *)contact)->folded, folded))
            g_ptr_array_add(fitting, contact);
    g_ptr_array_sort(fitting, by_use);
    return fitting;
}

char *contact_format(const Contact *contact)
{
    const MimeMailbox mailbox = {.name = contact->name, .address = contact->address};

    return contact->list ? g_strdup(contact->list) : mime_mailbox_format(&mailbox);
}

GPtrArray *contacts_find(const Contacts *contacts, const char *text, guint most)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) fitting = *text ? contacts_list(contacts, text) : g_ptr_array_new();

    for (guint i = 0; i < fitting->len && i < most; i++)
        g_ptr_array_add(found, contact_format(fitting->pdata[i]));
    return found;
}

const Contact *contacts_get(const Contacts *contacts, const char *address)
{
    g_autofree char *key = g_utf8_casefold(address, -1);

    return g_hash_table_lookup(contacts->by_key, key);
}
