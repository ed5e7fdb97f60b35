/* identity.c - see identity.h. */
#include "compose/identity.h"

#include "base/charset.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/spawn.h"
#include "compose/address.h"
#include "mime/message.h"

#include <string.h>

#define SIGNATURE_S 5

static Identity *identity_new(const ConfigAccount *account, const char *name, const char *address)
{
    Identity *identity = g_new0(Identity, 1);

    *identity = (Identity){account, NULL,
                           g_strdup(name && *name   ? name
                                    : account->name ? account->name
                                                    : ""),
                           g_strdup(address)};
    return identity;
}

Identity *identity_copy(const Identity *identity)
{
    Identity *copy = identity_new(identity->account, identity->name, identity->address);

    copy->own = identity->own;
    return copy;
}

/* Of a section; the address may be another one that fits it (a plus part). */
static Identity *of_section(const Config *config, const ConfigIdentity *own, const char *address)
{
    const ConfigAccount *account = config_account(config, own->account);
    Identity *identity = identity_new(account, own->name, address);

    identity->own = own;
    return identity;
}

void identity_free(Identity *identity)
{
    if (!identity)
        return;
    g_free(identity->name);
    g_free(identity->address);
    g_free(identity);
}

char *identity_format(const Identity *identity)
{
    const MimeMailbox from = {.name = identity->name, .address = identity->address};

    return mime_mailbox_format(&from);
}

/* One item of `addresses`: "ada@x.org", "Ada <ada@x.org>", "*@x.org". */
static void split_item(const char *item, char **name_out, char **address_out)
{
    const char *open = strrchr(item, '<');

    if (!open) {
        *name_out = g_strdup("");
        *address_out = g_strdup(item);
        return;
    }
    *name_out = g_strstrip(g_strndup(item, (gsize)(open - item)));
    *address_out = g_strndup(open + 1, strcspn(open + 1, ">"));
}

/* The address without what follows a '+' in its local part. */
static char *without_plus(const char *address)
{
    const char *at = strrchr(address, '@');
    const char *plus = at ? memchr(address, '+', (gsize)(at - address)) : NULL;

    return plus && plus > address ? g_strdup_printf("%.*s%s", (int)(plus - address), address, at)
                                  : g_strdup(address);
}

static gboolean fits(const char *own, const char *address)
{
    if (strpbrk(own, "*?")) {
        g_autofree char *pattern = g_utf8_casefold(own, -1), *folded = g_utf8_casefold(address, -1);
        return g_pattern_match_simple(pattern, folded);
    }
    g_autofree char *plain = without_plus(address);
    return compose_address_equal(own, address) || compose_address_equal(own, plain);
}

/* The identity of an account that an address belongs to; NULL: none. */
static Identity *of_account(const ConfigAccount *account, const char *address)
{
    if (account->address && fits(account->address, address))
        return identity_new(account, NULL, address);
    for (char **item = account->addresses; item && *item; item++) {
        g_autofree char *name = NULL, *own = NULL;
        split_item(*item, &name, &own);
        if (fits(own, address))
            return identity_new(account, name, address);
    }
    return NULL;
}

/* The section of an account (NULL: of any) that an address belongs to; NULL: none. */
static Identity *of_sections(const Config *config, const ConfigAccount *account, const char *address)
{
    const GPtrArray *sections = config_identities(config);

    for (guint i = 0; i < sections->len; i++) {
        const ConfigIdentity *own = sections->pdata[i];
        if ((!account || g_str_equal(own->account, account->id)) && fits(own->address, address))
            return of_section(config, own, address);
    }
    return NULL;
}

static Identity *of_any(const Config *config, const char *address)
{
    const GPtrArray *accounts = config_accounts(config);
    Identity *found = *address ? of_sections(config, NULL, address) : NULL;

    for (guint i = 0; i < accounts->len && !found && *address; i++)
        found = of_account(accounts->pdata[i], address);
    return found;
}

gboolean identity_is_own(const Config *config, const char *address)
{
    g_autoptr(Identity) found = of_any(config, address);

    return found != NULL;
}

static void add_sections(GPtrArray *all, const Config *config, const ConfigAccount *account)
{
    const GPtrArray *sections = config_identities(config);

    for (guint i = 0; i < sections->len; i++) {
        const ConfigIdentity *own = sections->pdata[i];
        if (g_str_equal(own->account, account->id))
            g_ptr_array_add(all, of_section(config, own, own->address));
    }
}

GPtrArray *identity_all(const Config *config)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)identity_free);
    const GPtrArray *accounts = config_accounts(config);

    for (guint i = 0; i < accounts->len; i++) {
        const ConfigAccount *account = accounts->pdata[i];
        if (account->address)
            g_ptr_array_add(all, identity_new(account, NULL, account->address));
        for (char **item = account->addresses; item && *item; item++) {
            g_autofree char *name = NULL, *own = NULL;
            split_item(*item, &name, &own);
            if (!strpbrk(own, "*?"))
                g_ptr_array_add(all, identity_new(account, name, own));
        }
        add_sections(all, config, account);
    }
    return all;
}

/* Whether a folder, or (with an @) a recipient, is what a pattern says. */
static gboolean is_where(const char *where, const IdentityHints *hints)
{
    const char *what = strchr(where, '@') ? hints->recipient : hints->folder;

    if (!*where || !what)
        return FALSE;
    g_autofree char *pattern = g_utf8_casefold(where, -1), *folded = g_utf8_casefold(what, -1);
    return g_pattern_match_simple(pattern, folded);
}

/* The section whose use-for fits. A recipient counts in any account, a folder in the section's own. */
static Identity *by_section(const Config *config, const ConfigAccount *account, const IdentityHints *hints)
{
    const GPtrArray *sections = config_identities(config);

    for (guint i = 0; i < sections->len; i++) {
        const ConfigIdentity *own = sections->pdata[i];
        for (char **where = own->use_for; where && *where; where++)
            if ((strchr(*where, '@') || g_str_equal(own->account, account->id)) && is_where(*where, hints))
                return of_section(config, own, own->address);
    }
    return NULL;
}

/* The rule of use-address that fits: an address, blanks, and a folder or a recipient. */
static Identity *by_rule(const Config *config, const ConfigAccount *account, const IdentityHints *hints)
{
    for (char **rule = account->use_address; rule && *rule; rule++) {
        gsize n = strcspn(*rule, " \t");
        g_autofree char *address = g_strndup(*rule, n);
        if (!is_where(*rule + n + strspn(*rule + n, " \t"), hints))
            continue;
        Identity *identity = of_sections(config, account, address);
        if (!identity)
            identity = of_account(account, address);
        return identity ? identity : identity_new(account, NULL, address);
    }
    return NULL;
}

/* The account's own address that is among the receivers. */
static Identity *of_receivers(const Config *config, const ConfigAccount *account,
                              const GPtrArray *received_by)
{
    Identity *found = NULL;

    for (guint i = 0; received_by && i < received_by->len && !found; i++) {
        const MimeAddress *address = received_by->pdata[i];
        found = *address->address ? of_sections(config, account, address->address) : NULL;
        if (!found && *address->address)
            found = of_account(account, address->address);
    }
    return found;
}

/* The same, of this account rather than of another. */
static Identity *by_receiver(const Config *config, const ConfigAccount *account, const GPtrArray *received_by)
{
    const GPtrArray *accounts = config_accounts(config);
    Identity *found = of_receivers(config, account, received_by);

    for (guint i = 0; i < accounts->len && !found; i++)
        found = of_receivers(config, accounts->pdata[i], received_by);
    return found;
}

/* The first one of an account, else of any; NULL: none has an address. */
static Identity *first_of(const Config *config, const ConfigAccount *account)
{
    g_autoptr(GPtrArray) all = identity_all(config);
    const Identity *first = all->len ? all->pdata[0] : NULL;

    for (guint i = all->len; i > 0; i--) {
        const Identity *one = all->pdata[i - 1];
        if (one->account == account)
            first = one;
    }
    return first ? identity_copy(first) : NULL;
}

Identity *identity_choose(const Config *config, const IdentityHints *hints)
{
    const ConfigAccount *account = hints->account ? config_account(config, hints->account) : NULL;
    g_autoptr(Identity) first = first_of(config, account);

    if (!first)
        return NULL;
    if (!account)
        account = first->account;
    Identity *found = by_receiver(config, account, hints->received_by);
    if (!found)
        found = by_section(config, account, hints);
    if (!found)
        found = by_rule(config, account, hints);
    if (!found)
        found = by_receiver(config, account, hints->delivered);
    return found ? found : g_steal_pointer(&first);
}

Identity *identity_for_recipient(const Config *config, const char *account, const char *recipient)
{
    const ConfigAccount *known = account ? config_account(config, account) : NULL;
    const IdentityHints hints = {.account = account, .recipient = recipient};
    Identity *found = known ? by_section(config, known, &hints) : NULL;

    return found || !known ? found : by_rule(config, known, &hints);
}

Identity *identity_of(const Config *config, const MimeMailbox *from)
{
    Identity *found = from->address ? of_any(config, from->address) : NULL;

    if (found && from->name && *from->name) {
        g_free(found->name);
        found->name = g_strdup(from->name);
    }
    return found;
}

Identity *identity_named(const Config *config, const char *word)
{
    const ConfigAccount *account = config_account(config, word);
    const GPtrArray *sections = config_identities(config);

    if (account)
        return identity_new(account, NULL, account->address);
    for (guint i = 0; i < sections->len; i++) {
        const ConfigIdentity *own = sections->pdata[i];
        if (g_str_equal(own->id, word))
            return of_section(config, own, own->address);
    }
    return of_any(config, word);
}

/* ---- what goes with it ---- */

static char *read_signature(const char *file, const char *command, gsize *size_out, GError **error)
{
    if (file)
        return file_read(file, LIMIT_SIGNATURE_BYTES, size_out, error);
    char *text =
        spawn_capture(command, LIMIT_SIGNATURE_BYTES, clock_now_us() + SIGNATURE_S * SECOND_US, NULL, error);
    *size_out = text ? strlen(text) : 0;
    return text;
}

char *identity_signature(const Identity *identity, GError **error)
{
    const ConfigAccount *account = identity->account;
    const ConfigIdentity *own = identity->own;
    /* One of the two, of the section or else of the account. */
    const gboolean is_own =
        own && (config_identity_has(own, "signature") || config_identity_has(own, "signature-command"));
    const char *file = is_own ? own->signature : account->signature;
    const char *command = is_own ? own->signature_command : account->signature_command;
    g_autoptr(GError) why = NULL;
    gsize size = 0;

    if (!file && !command)
        return g_strdup("");
    g_autofree char *raw = read_signature(file, command, &size, &why);
    if (!raw) {
        tern_error_set(error, TERN_ERROR_INPUT,
                       is_own ? _("the signature of the identity %s: %s")
                              : _("the signature of the account %s: %s"),
                       is_own ? own->id : account->id, why->message);
        return NULL;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *utf8 = charset_to_utf8(raw, size, NULL, LIMIT_SIGNATURE_BYTES, NULL);
    const char *from = g_str_has_prefix(utf8, "-- \n") ? utf8 + 4 : utf8; /* some files begin with it */
    g_string_append(text, from);
    g_string_replace(text, "\r", "", 0);
    while (text->len && g_ascii_isspace(text->str[text->len - 1]))
        g_string_truncate(text, text->len - 1);
    return g_strdup(text->str);
}

static void field_free(void *data)
{
    MimeField *field = data;

    g_free(field->name);
    g_free(field->value);
    g_free(field);
}

/* Fields that mean something to tern or to a server are not for free hands. */
gboolean identity_field_is_free(const char *name)
{
    static const char *const TAKEN[] = {
        "From",           "To",          "Cc",     "Bcc",      "Subject",  "Date",        "Message-ID",
        "References",     "In-Reply-To", "Sender", "Reply-To", "Received", "Return-Path", "MIME-Version",
        "DKIM-Signature", NULL};

    for (const char *at = name; *at; at++)
        if (!g_ascii_isalnum(*at) && *at != '-')
            return FALSE;
    for (int i = 0; TAKEN[i]; i++)
        if (g_ascii_strcasecmp(TAKEN[i], name) == 0)
            return FALSE;
    return *name && g_ascii_strncasecmp(name, "Content-", 8) != 0 &&
           g_ascii_strncasecmp(name, "Resent-", 7) != 0 && g_ascii_strncasecmp(name, "X-Tern-", 7) != 0;
}

const char *identity_reply_to(const Identity *identity)
{
    return identity->own && config_identity_has(identity->own, "reply-to") ? identity->own->reply_to
                                                                           : identity->account->reply_to;
}

gboolean identity_bcc_self(const Identity *identity)
{
    return identity->own && config_identity_has(identity->own, "bcc-self") ? identity->own->bcc_self
                                                                           : identity->account->bcc_self;
}

GPtrArray *identity_fields(const Identity *identity)
{
    GPtrArray *fields = g_ptr_array_new_with_free_func(field_free);
    const gboolean is_own = identity->own && config_identity_has(identity->own, "headers");

    for (char **item = is_own ? identity->own->headers : identity->account->headers; item && *item; item++) {
        g_auto(GStrv) parts = g_strsplit(*item, ":", 2);
        if (!parts[0] || !parts[1])
            continue;
        g_strstrip(parts[0]);
        g_strstrip(parts[1]);
        if (!identity_field_is_free(parts[0]) || !*parts[1])
            continue;
        MimeField *field = g_new0(MimeField, 1);
        *field = (MimeField){g_strdup(parts[0]), g_strdup(parts[1])};
        g_ptr_array_add(fields, field);
    }
    return fields;
}

char *identity_copy_to(const ConfigAccount *account, const char *folder, gboolean is_beside)
{
    g_autofree char *folded = g_utf8_casefold(folder ? folder : "", -1);

    for (char **rule = account->copy_to; folder && rule && *rule; rule++) {
        g_auto(GStrv) words = g_strsplit(*rule, "->", 2);
        if (!words[0] || !words[1])
            continue;
        g_autofree char *pattern = g_utf8_casefold(g_strstrip(words[0]), -1);
        if (*g_strstrip(words[1]) && g_pattern_match_simple(pattern, folded))
            return g_strdup(words[1]);
    }
    return is_beside && folder ? g_strdup(folder) : NULL;
}
