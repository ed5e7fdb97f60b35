/* contact_commands.c - see contact_commands.h. */
#include "ui/contact_commands.h"

#include "base/error.h"
#include "base/i18n.h"
#include "compose/address.h"
#include "compose/book.h"
#include "compose/identity.h"
#include "compose/people.h"
#include "compose/vcard.h"
#include "store/read.h"
#include "ui/command.h"
#include "ui/compose_private.h"
#include "ui/prompt.h"
#include "ui/state.h"

#include <string.h>

/* What becomes of a card; either may be NULL. */
typedef struct {
    char *old, *card;
    char *name; /* whom it is about, for words */
} Change;

static void change_free(void *data)
{
    Change *change = data;

    g_free(change->old);
    g_free(change->card);
    g_free(change->name);
    g_free(change);
}

GPtrArray *contact_changes_new(void)
{
    return g_ptr_array_new_with_free_func(change_free);
}

const Contacts *ui_contacts(Ui *ui, guint *number_out)
{
    if (number_out)
        *number_out = ui->composing->contacts_number;
    return ui->composing->contacts;
}

/* ---- onto the disk ---- */

typedef struct {
    char *data;
    Change *change;
    gboolean is_undo;
    GError *error;
} PutJob;

static void put_job_free(void *data)
{
    PutJob *job = data;

    g_free(job->data);
    if (job->change)
        change_free(job->change);
    g_clear_error(&job->error);
    g_free(job);
}

static void work_put(void *data)
{
    PutJob *job = data;

    book_put(job->data, job->change->old, job->change->card, &job->error);
}

static void tell(Ui *ui, const PutJob *job)
{
    const Change *change = job->change;

    if (job->is_undo)
        ui_news(ui, _("Taken back: %s is as before."), change->name);
    else if (ui_context(ui) != CONTEXT_CONTACTS)
        ui_news(ui, _("%s is among your contacts now. Q shows them."), change->name);
    else
        ui_news(ui,
                !change->old    ? _("Added %s. u takes it back.")
                : !change->card ? _("Removed %s. u takes it back.")
                                : _("Changed %s. u takes it back."),
                change->name);
}

/* What was done, and what takes it back. */
static void swap(Change *change)
{
    char *old = change->old;

    change->old = change->card;
    change->card = old;
}

static void was_put(Ui *ui, void *data)
{
    PutJob *job = data;

    if (job->error) {
        ui_error(ui, job->error->message);
        if (job->is_undo && !tern_error_is(job->error, TERN_ERROR_INPUT)) { /* it can still be taken back */
            swap(job->change);
            g_ptr_array_add(ui->composing->contact_changes, g_steal_pointer(&job->change));
        }
        return;
    }
    tell(ui, job);
    if (!job->is_undo)
        g_ptr_array_add(ui->composing->contact_changes, g_steal_pointer(&job->change));
    compose_read_contacts(ui, TRUE);
}

static void put(Ui *ui, Change *change, gboolean is_undo)
{
    PutJob *job = g_new0(PutJob, 1);

    *job = (PutJob){.data = g_strdup(ui->context->paths->data), .change = change, .is_undo = is_undo};
    if (!is_undo) /* this is what u takes back now; what is sent until it is on the disk, u takes back after it */
        compose_forget_undo(ui);
    background_run(compose_people(ui), work_put, was_put, job, put_job_free);
}

static void change_card(Ui *ui, const char *old, const char *card, const char *name)
{
    Change *change = g_new0(Change, 1);

    *change = (Change){g_strdup(old), g_strdup(card), g_strdup(name)};
    put(ui, change, FALSE);
}

void contact_undo(Ui *ui)
{
    GPtrArray *changes = ui->composing->contact_changes;

    if (!changes->len) {
        ui_news(ui, "%s", _("Nothing was changed here that could be taken back"));
        return;
    }
    Change *change = g_ptr_array_steal_index(changes, changes->len - 1);
    swap(change);
    put(ui, change, TRUE);
}

/* ---- asking ---- */

/* The card that is to be changed; "": a new one. */
static char *card_of(const char *name, const char *const *addresses, const char *old)
{
    return old && *old ? vcard_change(old, strlen(old), name, addresses) : vcard_new(name, addresses);
}

/* The first name that is given, and all addresses. NULL: nobody is there, or a group. */
static char **take_people(const GPtrArray *list, const char **name_out)
{
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);

    *name_out = "";
    for (guint i = 0; i < list->len; i++) {
        const MimeMailbox *mailbox = list->pdata[i];
        if (mailbox->group || !mailbox->address)
            return NULL;
        if (!**name_out && mailbox->name)
            *name_out = mailbox->name;
        g_ptr_array_add(addresses, g_strdup(mailbox->address));
    }
    if (!addresses->len)
        return NULL;
    g_ptr_array_add(addresses, NULL);
    return (char **)g_ptr_array_steal(addresses, NULL);
}

static gboolean is_own_already(Ui *ui, const char *const *addresses, const char *old)
{
    const Contacts *contacts = ui_contacts(ui, NULL);

    for (; contacts && !*old && *addresses; addresses++) {
        const Contact *contact = contacts_get(contacts, *addresses);
        if (!contact || contact->source != CONTACT_OWN)
            continue;
        ui_news(ui, _("%s is among your contacts already. Q shows them."), *addresses);
        return TRUE;
    }
    return FALSE;
}

static void typed(Ui *ui, void *data, const char *text)
{
    const char *old = data, *name;
    g_autoptr(GError) error = NULL;

    if (!text || !*text)
        return;
    g_autoptr(GPtrArray) list = compose_addresses_parse(text, NULL, &error);
    g_auto(GStrv) addresses = list ? take_people(list, &name) : NULL;
    if (!list) {
        ui_error(ui, error->message);
    } else if (!addresses) {
        ui_error(ui, _("a contact is a name and addresses: Zoë <zoe@example.com>; groups go into [aliases]"));
    } else if (!is_own_already(ui, (const char *const *)addresses, old)) {
        g_autofree char *card = card_of(name, (const char *const *)addresses, old);
        if (!g_str_equal(card, old))
            change_card(ui, *old ? old : NULL, card, *name ? name : addresses[0]);
    }
}

static void ask(Ui *ui, const char *text, const char *old)
{
    prompt_open(ui, &(PromptWants){.label = _("Contact: "),
                                   .text = text,
                                   .history = "contact",
                                   .is_whole = TRUE,
                                   .done = typed,
                                   .data = g_strdup(old),
                                   .free_data = g_free});
}

void contact_add(Ui *ui, const char *text)
{
    ask(ui, text, "");
}

void contact_add_from(Ui *ui, gint64 message_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreMessage) message = store_read_message(ui->reader, message_id, &error);

    ui_read_failed(ui, &error);
    if (!message)
        return;
    const StoreAddress *from = message->from->len ? message->from->pdata[0] : NULL;
    const gboolean is_mine = from && identity_is_own(ui->context->config, from->address);
    const GPtrArray *people = is_mine ? message->to : message->from;
    if (!people->len) {
        ui_news(ui, "%s", _("The message names nobody"));
        return;
    }
    const StoreAddress *who = people->pdata[0];
    MimeMailbox *mailbox = people_mailbox_new(&(MimeAddress){.name = who->name, .address = who->address});
    g_autofree char *text = mime_mailbox_format(mailbox);
    mime_mailbox_free(mailbox);
    contact_add(ui, text);
}

/* Name and all addresses of a card as one line. */
static char *whole_line(const char *card)
{
    g_autoptr(GPtrArray) cards = vcard_parse(card, strlen(card));
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
    const VCard *read = cards->len ? cards->pdata[0] : NULL;

    for (char **address = read ? read->addresses : NULL; address && *address; address++)
        g_ptr_array_add(list, mime_mailbox_new(NULL, list->len ? "" : read->name, *address));
    return compose_addresses_format(list);
}

void contact_edit(Ui *ui, const Contact *contact)
{
    g_autofree char *line = contact->card ? whole_line(contact->card) : contact_format(contact);

    if (contact->source == CONTACT_ALIAS)
        ui_error(ui, _("short names stand in the configuration, in [aliases]"));
    else if (contact->list)
        ui_error(ui, _("groups are changed by the program that made them; your own go into [aliases]"));
    else
        ask(ui, line, contact->card ? contact->card : "");
}

void contact_remove(Ui *ui, const Contact *contact)
{
    if (contact->card)
        change_card(ui, contact->card, NULL, *contact->name ? contact->name : contact->address);
    else if (contact->source == CONTACT_ALIAS)
        ui_error(ui, _("short names stand in the configuration, in [aliases]"));
    else if (contact->source == CONTACT_FILE)
        ui_error(ui, _("this contact belongs to another program; tern only reads it"));
    else
        ui_error(ui, _("this address is known from your mail; only contacts of your own can be removed"));
}

void contact_write_to(Ui *ui, const Contact *contact)
{
    g_autofree char *text = contact_format(contact);

    compose_command(ui, COMMAND_COMPOSE, NULL, 0, text);
}
