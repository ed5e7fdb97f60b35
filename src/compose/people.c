/* people.c - see people.h. */
#include "compose/people.h"

#include "base/error.h"
#include "base/i18n.h"
#include "base/sanitise.h"
#include "compose/address.h"
#include "compose/identity.h"
#include "compose/mailto.h"
#include "mime/address.h"

#include <string.h>

void people_clear(People *people)
{
    g_clear_pointer(&people->to, g_ptr_array_unref);
    g_clear_pointer(&people->cc, g_ptr_array_unref);
}

/* The addresses of a field that the envelope does not have: MimeAddress *; to be unreffed. */
static GPtrArray *addresses_of(const MimeMessage *message, const char *name)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);
    const char *value = mime_message_field(message, name);

    if (value)
        mime_address_parse(value, strlen(value), NULL, list, NULL);
    return list;
}

static gboolean has(const GPtrArray *list, const char *address)
{
    for (guint i = 0; i < list->len; i++)
        if (compose_address_equal(((const MimeMailbox *)list->pdata[i])->address, address))
            return TRUE;
    return FALSE;
}

MimeMailbox *people_mailbox_new(const MimeAddress *address)
{
    g_autofree char *name = sanitise(address->name, -1, SANITISE_OPEN);

    return mime_mailbox_new(NULL, g_strstrip(g_strdelimit(name, "\n\t", ' ')), address->address);
}

/* Those who are nobody's yet: not in either list, and not oneself. */
static void add(People *people, GPtrArray *to, const GPtrArray *from, const Config *config)
{
    for (guint i = 0; i < from->len; i++) {
        const MimeAddress *one = from->pdata[i];
        if (!*one->address || has(people->to, one->address) || has(people->cc, one->address) ||
            (config && identity_is_own(config, one->address)))
            continue;
        g_ptr_array_add(to, people_mailbox_new(one));
    }
}

static const char *domain(const MimeAddress *address)
{
    const char *at = strrchr(address->address, '@');

    return at ? at + 1 : "";
}

/* Whether some answer goes to a domain that none of the authors is at. */
static gboolean is_elsewhere(const GPtrArray *reply_to, const GPtrArray *from)
{
    for (guint i = 0; i < reply_to->len; i++) {
        gboolean is_known = FALSE;
        for (guint k = 0; k < from->len && !is_known; k++)
            is_known = g_ascii_strcasecmp(domain(reply_to->pdata[i]), domain(from->pdata[k])) == 0;
        if (!is_known)
            return from->len > 0;
    }
    return FALSE;
}

static gboolean is_own_message(const Config *config, const MimeEnvelope *envelope)
{
    const MimeAddress *from = envelope->from->len ? envelope->from->pdata[0] : NULL;

    return from && *from->address && identity_is_own(config, from->address);
}

char *people_list_post(const MimeMessage *message)
{
    const char *value = mime_message_field(message, "List-Post");
    const char *link = value ? strstr(value, "<mailto:") : NULL;

    if (!link)
        return NULL;
    g_autofree char *whole = g_strndup(link + 1, strcspn(link + 1, ">"));
    g_autoptr(Mailto) mailto = mailto_parse(whole, NULL);
    return mailto && compose_address_check(mailto->to, NULL) ? g_strdup(mailto->to) : NULL;
}

static gboolean to_list(People *people, const MimeMessage *message, GError **error)
{
    g_autofree char *post = people_list_post(message);
    g_autoptr(GPtrArray) followup = addresses_of(message, "Mail-Followup-To");
    const char *said = mime_message_field(message, "List-Post");

    if (post) {
        g_ptr_array_add(people->to, mime_mailbox_new(NULL, NULL, post));
        return TRUE;
    }
    if (said && g_ascii_strncasecmp(said, "NO", 2) == 0) {
        tern_error_set(error, TERN_ERROR_INPUT, _("this list takes no mail; r answers whom it came from"));
        return FALSE;
    }
    add(people, people->to, followup, NULL);
    if (!people->to->len)
        tern_error_set(error, TERN_ERROR_INPUT, _("this message came from no list; r or g answers it"));
    return people->to->len > 0;
}

static void to_sender(People *people, const Config *config, const MimeEnvelope *envelope)
{
    gboolean is_mine = is_own_message(config, envelope);

    add(people, people->to,
        is_mine                   ? envelope->to
        : envelope->reply_to->len ? envelope->reply_to
                                  : envelope->from,
        NULL);
    people->is_redirected = !is_mine && is_elsewhere(envelope->reply_to, envelope->from);
}

static void to_all(People *people, const Config *config, const MimeMessage *message)
{
    const MimeEnvelope *envelope = mime_message_envelope(message);
    g_autoptr(GPtrArray) followup = addresses_of(message, "Mail-Followup-To");

    if (followup->len) {
        add(people, people->to, followup, config);
    } else if (is_own_message(config, envelope)) {
        add(people, people->to, envelope->to, config);
        add(people, people->cc, envelope->cc, config);
    } else {
        gboolean has_reply_to = envelope->reply_to->len > 0;
        add(people, people->to, has_reply_to ? envelope->reply_to : envelope->from, config);
        people->is_redirected = is_elsewhere(envelope->reply_to, envelope->from);
        add(people, people->to, envelope->to, config);
        add(people, people->cc, envelope->cc, config);
    }
    if (!people->to->len && !people->cc->len) /* one wrote to oneself alone */
        to_sender(people, config, envelope);
}

gboolean people_of_reply(People *people, const Config *config, const MimeMessage *message, PeopleWho who,
                         GError **error)
{
    people->to = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
    people->cc = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
    people->is_redirected = FALSE;
    if (who == PEOPLE_LIST)
        return to_list(people, message, error);
    if (who == PEOPLE_ALL)
        to_all(people, config, message);
    else
        to_sender(people, config, mime_message_envelope(message));
    return TRUE;
}
