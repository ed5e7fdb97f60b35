/* book.c - see book.h. */
#include "compose/book.h"

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/paths.h"
#include "base/sanitise.h"
#include "compose/address.h"
#include "compose/alias.h"
#include "compose/vcard.h"
#include "config/value.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* khard has a folder for each book, vdirsyncer for each account and collection. */
#define FOLDER_DEPTH 4

typedef struct {
    GPtrArray *entries;
    GHashTable *by_uid; /* uid -> BookEntry of a person, for groups; of what is in `entries` */
    GPtrArray *groups;  /* Group * */
    guint cards;
    char *notice;
} Reading;

/* A card that stands for others, until all are read. */
typedef struct {
    BookSource source;
    char *name, *nickname, *place;
    char **members;
} Group;

static void group_free(void *data)
{
    Group *group = data;

    g_free(group->name);
    g_free(group->nickname);
    g_free(group->place);
    g_strfreev(group->members);
    g_free(group);
}

void book_entry_free(BookEntry *entry)
{
    g_free(entry->name);
    g_free(entry->nickname);
    g_strfreev(entry->addresses);
    g_free(entry->list);
    g_free(entry->place);
    g_free(entry->card);
    g_free(entry);
}

static void note(Reading *reading, const GError *why)
{
    if (!reading->notice && why)
        reading->notice = g_strdup_printf(_("contacts: %s"), why->message);
}

/* ---- cards ---- */

/* A name as it can be typed and seen. */
static char *clean(const char *name)
{
    g_autofree char *safe = sanitise(name, -1, SANITISE_OPEN);

    return g_strdup(g_strstrip(g_strdelimit(safe, "\n\t", ' ')));
}

static char **usable(char **addresses)
{
    GPtrArray *list = g_ptr_array_new();

    for (; *addresses; addresses++)
        if (compose_address_check(*addresses, NULL))
            g_ptr_array_add(list, g_strdup(*addresses));
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(list, FALSE);
}

static void add_group(Reading *reading, const VCard *card, BookSource source, const char *place)
{
    Group *group = g_new0(Group, 1);

    *group =
        (Group){source, clean(card->name), clean(card->nickname), g_strdup(place), g_strdupv(card->members)};
    g_ptr_array_add(reading->groups, group);
}

static void add_card(Reading *reading, const VCard *card, const char *text, BookSource source,
                     const char *place)
{
    g_auto(GStrv) addresses = usable(card->addresses);

    if (reading->cards++ >= LIMIT_VCARDS)
        return;
    if (card->is_group) {
        add_group(reading, card, source, place);
        return;
    }
    if (!*addresses)
        return;
    BookEntry *entry = g_new0(BookEntry, 1);
    *entry = (BookEntry){.source = source,
                         .name = clean(card->name),
                         .nickname = clean(card->nickname),
                         .addresses = g_steal_pointer(&addresses),
                         .place = g_strdup(place)};
    if (source == BOOK_OWN)
        entry->card = g_strndup(text + card->from, card->bytes);
    g_ptr_array_add(reading->entries, entry);
    if (*card->uid)
        g_hash_table_insert(reading->by_uid, g_strdup(card->uid), entry);
}

static void read_file(Reading *reading, const char *path, BookSource source, const char *place)
{
    g_autoptr(GError) why = NULL;
    gsize size = 0;
    g_autofree char *text = file_read(path, LIMIT_VCARD_FILE_BYTES, &size, &why);

    note(reading, why);
    if (!text)
        return;
    g_autoptr(GPtrArray) cards = vcard_parse(text, size);
    for (guint i = 0; i < cards->len; i++)
        add_card(reading, cards->pdata[i], text, source, place);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_folder(Reading *reading, const char *path, const char *place, int depth)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(path, 0, NULL);

    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name && names->len < LIMIT_VCARDS;
         name = g_dir_read_name(dir))
        if (*name != '.')
            g_ptr_array_add(names, g_build_filename(path, name, NULL));
    if (dir)
        g_dir_close(dir);
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len && reading->cards < LIMIT_VCARDS; i++) {
        const char *name = names->pdata[i];
        if (g_str_has_suffix(name, ".vcf") && g_file_test(name, G_FILE_TEST_IS_REGULAR))
            read_file(reading, name, BOOK_FILE, place);
        else if (depth > 1 && g_file_test(name, G_FILE_TEST_IS_DIR))
            read_folder(reading, name, place, depth - 1);
    }
}

/* A file or a folder of the configuration. */
static void read_path(Reading *reading, const char *configured)
{
    g_autofree char *path = paths_whole(configured);
    g_autofree char *name = g_path_get_basename(path), *place = clean(name);

    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        read_folder(reading, path, place, FOLDER_DEPTH);
    else
        read_file(reading, path, BOOK_FILE, place); /* which says so where it is not there */
}

/* ---- groups and aliases ---- */

static void add_list(Reading *reading, BookSource source, const char *name, const char *nickname, char *list,
                     const char *place)
{
    BookEntry *entry = g_new0(BookEntry, 1);

    *entry = (BookEntry){.source = source,
                         .name = g_strdup(name),
                         .nickname = g_strdup(nickname),
                         .addresses = g_new0(char *, 1),
                         .list = list,
                         .place = g_strdup(place)};
    g_ptr_array_add(reading->entries, entry);
}

/* "urn:uuid:…" of the card, or "mailto:…". NULL: it is nobody's. */
static MimeMailbox *member_of(const Reading *reading, const char *member)
{
    const BookEntry *entry = g_hash_table_lookup(reading->by_uid, member);

    if (!entry && g_str_has_prefix(member, "urn:uuid:"))
        entry = g_hash_table_lookup(reading->by_uid, member + strlen("urn:uuid:"));
    if (entry)
        return mime_mailbox_new(NULL, entry->name, entry->addresses[0]);
    if (!g_ascii_strncasecmp(member, "mailto:", 7) && compose_address_check(member + 7, NULL))
        return mime_mailbox_new(NULL, "", member + 7);
    return NULL;
}

static void add_groups(Reading *reading)
{
    for (guint i = 0; i < reading->groups->len; i++) {
        const Group *group = reading->groups->pdata[i];
        g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mime_mailbox_free);
        for (char **member = group->members; *member; member++) {
            MimeMailbox *mailbox = member_of(reading, *member);
            if (mailbox)
                g_ptr_array_add(list, mailbox);
        }
        if (list->len)
            add_list(reading, group->source, group->name, group->nickname, compose_addresses_format(list),
                     group->place);
    }
}

static void add_aliases(Reading *reading, const Config *config)
{
    const GPtrArray *entries = config_entries(config, "aliases");

    for (guint i = 0; i < entries->len; i++) {
        const ConfigEntry *entry = entries->pdata[i];
        char *list = alias_expand(config, entry->key);
        g_autoptr(GPtrArray) parsed = compose_addresses_parse(list, NULL, NULL);
        if (parsed && parsed->len) /* else `config check` says what is wrong */
            add_list(reading, BOOK_ALIAS, entry->key, entry->key, list, "tern.conf");
        else
            g_free(list);
    }
}

/* ---- the whole ---- */

static char *own_path(const char *data)
{
    return g_build_filename(data, "contacts.vcf", NULL);
}

GPtrArray *book_read(const Config *config, const char *data, char **notice_out)
{
    Reading reading = {.entries = g_ptr_array_new_with_free_func((GDestroyNotify)book_entry_free),
                       .by_uid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                       .groups = g_ptr_array_new_with_free_func(group_free)};
    g_autofree char *own = own_path(data);
    g_autofree char *why = NULL;
    g_auto(GStrv) paths = NULL;

    if (g_file_test(own, G_FILE_TEST_EXISTS))
        read_file(&reading, own, BOOK_OWN, "tern");
    if (config_is_set(config, "contacts"))
        config_value_parse(config_option("contacts"), config_string(config, "contacts"), &paths, &why);
    for (char **path = paths; path && *path; path++)
        read_path(&reading, *path);
    add_groups(&reading);
    add_aliases(&reading, config);
    g_hash_table_unref(reading.by_uid);
    g_ptr_array_unref(reading.groups);
    if (notice_out)
        *notice_out = reading.notice;
    else
        g_free(reading.notice);
    return reading.entries;
}

/* ---- changing ---- */

/* Where the card stands in the file. */
static gboolean find_card(const char *text, gsize size, const char *card, gsize *from_out, gsize *bytes_out)
{
    g_autoptr(GPtrArray) cards = vcard_parse(text, size);

    for (guint i = 0; i < cards->len; i++) {
        const VCard *one = cards->pdata[i];
        if (strlen(card) != one->bytes || memcmp(text + one->from, card, one->bytes) != 0)
            continue;
        *from_out = one->from;
        *bytes_out = one->bytes;
        return TRUE;
    }
    return FALSE;
}

static gboolean put(const char *path, const char *old, const char *card, GError **error)
{
    gsize size = 0, from, bytes = 0;
    g_autofree char *text = g_file_test(path, G_FILE_TEST_EXISTS)
                                ? file_read(path, LIMIT_VCARD_FILE_BYTES, &size, error)
                                : g_strdup("");

    if (!text)
        return FALSE;
    from = size;
    if (old && !find_card(text, size, old, &from, &bytes)) {
        tern_error_set(error, TERN_ERROR_INPUT,
                       _("the contact was changed meanwhile, or is gone; look at it again"));
        return FALSE;
    }
    g_autoptr(GString) all = g_string_new_len(text, (gssize)from);
    if (!old && all->len && all->str[all->len - 1] != '\n')
        g_string_append(all, "\r\n");
    g_string_append(all, card ? card : "");
    g_string_append_len(all, text + from + bytes, (gssize)(size - from - bytes));
    return file_write_atomic(path, all->str, all->len, error);
}

/* The file itself, to be freed, where the path is a link to it (as in a folder of dotfiles), which stays one.
 * NULL and STORE: it leads nowhere. */
static char *behind_links(const char *path, GError **error)
{
    char real[PATH_MAX];

    if (realpath(path, real))
        return g_strdup(real);
    if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        return g_strdup(path);
    tern_error_set(error, TERN_ERROR_STORE, _("%s is a link that leads nowhere; mend it or take it away"),
                   path);
    return NULL;
}

gboolean book_put(const char *data, const char *old, const char *card, GError **error)
{
    g_autofree char *path = own_path(data), *lock_path = g_strconcat(path, ".lock", NULL);
    const int lock = file_make_folder(data, error) ? file_lock(lock_path, TRUE, TRUE, error) : -1;
    g_autofree char *real = lock >= 0 ? behind_links(path, error) : NULL;
    const gboolean ok = real && put(real, old, card, error);

    if (lock >= 0)
        close(lock);
    return ok;
}
