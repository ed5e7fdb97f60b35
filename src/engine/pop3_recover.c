/* pop3_recover.c - see pop3_keeper.h: files and lines of the log that visits which were cut off have left
 * without each other. */
#include "engine/pop3_keeper_private.h"

#include "base/file.h"
#include "maildir/folders.h"
#include "pop3/headers.h"

#include <unistd.h>

/* ---- files without a line ---- */

/* What is known of a message on the server that may be here: without a line, by its mark. */
typedef struct {
    const char *key;
    const Pop3Item *item; /* seen there; NULL: only its UIDL is known */
} Sought;

/* What a file says of its message. */
typedef struct {
    guint64 headers; /* 0: it has none, or cannot be read */
    int64_t octets;  /* on the wire, where lines end with CRLF */
    int64_t mtime_s; /* when it arrived */
} Seen;

static int64_t count_lines(const char *bytes, gsize size)
{
    int64_t n = 0;

    for (gsize i = 0; i < size; i++)
        n += bytes[i] == '\n';
    return n;
}

static Seen see(MaildirFolder *folder, const MaildirFile *file)
{
    g_autoptr(Pop3Headers) headers = pop3_headers_new();
    g_autofree char *bytes = g_malloc(16 << 10);
    Seen seen = {0};
    int64_t size;
    const int fd = maildir_read(folder, file, &size, &seen.mtime_s, NULL);
    ssize_t n;

    if (fd < 0)
        return seen;
    pop3_headers_begin(headers);
    while ((n = read(fd, bytes, 16 << 10)) > 0) {
        pop3_headers_take(headers, bytes, (gsize)n);
        seen.octets += (int64_t)n + count_lines(bytes, (gsize)n);
    }
    close(fd);
    seen.headers = pop3_headers_end(headers);
    return seen;
}

static void seek(const Keeper *keeper, GHashTable *marks, const char *key, const Pop3Item *item)
{
    Sought *sought = g_new(Sought, 1);

    *sought = (Sought){key, item};
    g_hash_table_insert(marks, uidl_mark(keeper->account, key), sought);
}

/* The files themselves were durable before they had their names; the names may not be. */
static gboolean sync_places(const Keeper *keeper, const char *raw_name, GError **error)
{
    static const char *const PLACES[] = {"new", "cur"};

    for (guint i = 0; i < G_N_ELEMENTS(PLACES); i++) {
        g_autofree char *path = g_build_filename(keeper->root, raw_name, PLACES[i], NULL);
        if (!file_sync_folder(path, error))
            return FALSE;
    }
    return TRUE;
}

/* With the file's own size, and in doubt if nobody has compared headers: a server that uses a UIDL again has
 * another message by that name, or has sent one for another, which a look is to show. */
static void add_line(Keeper *keeper, const char *key, const MaildirFile *file, const Seen *seen,
                     gboolean is_doubtful)
{
    const UidlEntry entry = {.uidl = key,
                             .size_bytes = seen->octets,
                             .header_hash = seen->headers,
                             .fetched_s = seen->mtime_s,
                             .base = file->base,
                             .is_doubtful = is_doubtful};

    uidl_log_add(keeper->log, &entry);
}

/* `found`: a set that gets the items that were; NULL: there are only UIDLs. */
static gboolean recover_folder(Keeper *keeper, GHashTable *marks, const char *raw_name, GHashTable *found,
                               GError **error)
{
    g_autoptr(MaildirFolder) folder = maildir_open(keeper->root, raw_name, error);
    const GPtrArray *files = folder ? maildir_list(folder, error) : NULL;
    gboolean is_any = FALSE;

    for (guint i = 0; files && i < files->len; i++) {
        const MaildirFile *file = files->pdata[i];
        g_autofree char *mark = uidl_mark_of(file->base);
        const Sought *sought = mark ? g_hash_table_lookup(marks, mark) : NULL;
        if (!sought)
            continue;
        const Seen seen = see(folder, file);
        const Pop3Item *item = sought->item;
        if (item && (seen.headers != item->headers || seen.octets != (int64_t)item->message->octets))
            continue;
        add_line(keeper, sought->key, file, &seen, !item);
        if (item)
            g_hash_table_add(found, (gpointer)item);
        is_any = TRUE;
    }
    return files && (!is_any || sync_places(keeper, raw_name, error));
}

static gboolean recover(Keeper *keeper, GHashTable *marks, GHashTable *found, GError **error)
{
    if (g_hash_table_size(marks) == 0)
        return TRUE;
    g_autoptr(GPtrArray) folders = maildir_folders(keeper->root, error);
    if (!folders)
        return FALSE;
    for (guint i = 0; i < folders->len; i++)
        if (!recover_folder(keeper, marks, folders->pdata[i], found, error))
            return FALSE;
    return uidl_log_sync(keeper->log, error);
}

gboolean keeper_recover(Keeper *keeper, const Pop3List *list, GError **error)
{
    g_autoptr(GHashTable) marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (guint i = 0; i < list->n; i++) {
        const char *uidl = list->messages[i].uidl;
        if (uidl && !uidl_log_find(keeper->log, uidl))
            seek(keeper, marks, uidl, NULL);
    }
    return recover(keeper, marks, NULL, error);
}

/* ---- stubs ---- */

/* As maildir_find(). */
static int is_here(MaildirFolder *folder, const char *base, MaildirFile *file_out, GError **error)
{
    return folder && *base ? maildir_find(folder, base, 0, file_out, error) : 0;
}

/* The keys of stubs that are not there, or whole: char *. NULL and STORE. */
static GPtrArray *lost_lines(Keeper *keeper, GError **error)
{
    g_autoptr(GPtrArray) entries = uidl_log_entries(keeper->log);
    g_autoptr(GPtrArray) lost = g_ptr_array_new_with_free_func(g_free);
    MaildirFile file;

    for (guint i = 0; i < entries->len; i++) {
        const UidlEntry *entry = entries->pdata[i];
        const int found = entry->is_stub ? is_here(keeper->stubs, entry->base, &file, error) : 1;
        if (found < 0)
            return NULL;
        if (entry->is_stub && (!found || maildir_is_likely(keeper->inbox, entry->base, 0)))
            g_ptr_array_add(lost, g_strdup(entry->uidl));
    }
    return g_steal_pointer(&lost);
}

/* It may be whole in the Inbox under its base, which keeps the mark of the UIDL that it had at first; else it
 * is sought. */
static gboolean recover_line(Keeper *keeper, GHashTable *marks, const char *key, GError **error)
{
    g_autofree char *base = g_strdup(uidl_log_find(keeper->log, key)->base);
    MaildirFile file;
    const int found = is_here(keeper->inbox, base, &file, error);

    if (found == 0)
        seek(keeper, marks, key, NULL);
    if (found < 1)
        return found == 0;
    const Seen seen = see(keeper->inbox, &file);
    add_line(keeper, key, &file, &seen, TRUE);
    return sync_places(keeper, MAILDIR_INBOX, error);
}

/* What the log says of a stub, put right. One that is whole, wherever it was moved, becomes a line of a
 * message. */
static gboolean recover_lines(Keeper *keeper, GError **error)
{
    g_autoptr(GHashTable) marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) lost = lost_lines(keeper, error);

    if (!lost)
        return FALSE;
    for (guint i = 0; i < lost->len; i++)
        if (!recover_line(keeper, marks, lost->pdata[i], error))
            return FALSE;
    if (!recover(keeper, marks, NULL, error))
        return FALSE;
    for (guint i = 0; i < lost->len; i++) {
        const UidlEntry *entry = uidl_log_find(keeper->log, lost->pdata[i]);
        if (entry && entry->is_stub)
            uidl_log_gone(keeper->log, lost->pdata[i]);
    }
    return uidl_log_sync(keeper->log, error);
}

/* Others have them open too: the folder is listed anew, so that what they have written of keywords is not
 * undone. */
static gboolean remove_listed(const Keeper *keeper, const GPtrArray *bases, GError **error)
{
    if (!maildir_list(keeper->stubs, error))
        return FALSE;
    for (guint i = 0; i < bases->len; i++)
        if (maildir_remove(keeper->stubs, bases->pdata[i], 0, error) < 0)
            return FALSE;
    return maildir_flush(keeper->stubs, error);
}

gboolean keeper_remove_stubs(const Keeper *keeper, const GPtrArray *bases, GError **error)
{
    const KeeperOwner *owner = &keeper->owner;

    if (!keeper->stubs || !bases->len)
        return TRUE;
    if (owner->begin && !owner->begin(owner->data, error))
        return FALSE;
    const gboolean ok = remove_listed(keeper, bases, error);
    if (owner->begin)
        owner->end(owner->data);
    return ok;
}

/* Not one whose message is whole: what it was marked with is still to be passed on (disk_box.h). */
static gboolean sweep_stubs(const Keeper *keeper, GError **error)
{
    const GPtrArray *files = keeper->stubs ? maildir_list(keeper->stubs, error) : NULL;
    g_autoptr(GPtrArray) lost = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; files && i < files->len; i++) {
        const MaildirFile *file = files->pdata[i];
        if (!uidl_log_find_base(keeper->log, file->base) &&
            !maildir_is_likely(keeper->inbox, file->base, file->flags))
            g_ptr_array_add(lost, g_strdup(file->base));
    }
    return !keeper->stubs || (files && keeper_remove_stubs(keeper, lost, error));
}

gboolean keeper_recover_stubs(Keeper *keeper, GError **error)
{
    return recover_lines(keeper, error) && sweep_stubs(keeper, error);
}

gboolean keeper_find_items(const GPtrArray *items, GHashTable *found, void *data, GError **error)
{
    g_autoptr(GHashTable) marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (guint i = 0; i < items->len; i++) {
        const Pop3Item *item = items->pdata[i];
        seek(data, marks, item->key, item);
    }
    return recover(data, marks, found, error);
}

static void sweep_unfinished(const char *root)
{
    g_autofree char *path = g_build_filename(root, "tmp", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *mark = uidl_mark_of(name), *file = g_build_filename(path, name, NULL);
        if (mark)
            unlink(file);
    }
}

void keeper_sweep(const Keeper *keeper)
{
    sweep_unfinished(keeper->root);
    if (keeper->stubs)
        sweep_unfinished(keeper->stubs_root);
}
